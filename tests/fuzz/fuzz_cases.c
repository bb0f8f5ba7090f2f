/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Cases that somebody sent, to be run over the tariff: what is read can be run, every case that
 * fails says what came instead, and no case fails when it expects what came.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tariff/cases.h"
#include "tests/tariff/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tariff *good_set(void)
{
	static struct tariff *tariff;
	struct fixture f;

	if (tariff == NULL) {
		fixture_open(TARIFF_DATA, &f);
		tariff = fixture_load(&f, NULL);
		fixture_close(&f);
	}
	assert(tariff != NULL);
	return tariff;
}

static void look_at(const struct cases *cases, const struct cases_report *report)
{
	assert(report->case_count == cases_count(cases));
	assert(report->fault_count <= report->case_count);
	assert(report->unhit_count <= report->row_count);
	for (size_t i = 0; i < report->fault_count; i++) {
		const struct cases_fault *fault = &report->faults[i];

		assert(fault->line > 0);
		assert(fault->expected[0] != '\0' && fault->came[0] != '\0');
	}
	for (size_t i = 0; i < cases_count(cases); i++) {
		assert(strcmp(cases_question(cases, i).file, "input.xml") == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tariff_file file = { "input.xml", { (const char *)data, size } };
	struct cases_report report;
	struct cases *cases = NULL;
	struct err err = { 0 };
	bool ok = cases_read(&file, 1, &cases, &err);

	assert(ok == (err.kind == ERR_NONE));
	assert(ok == (cases != NULL));
	if (ok) {
		cases_run(cases, good_set(), &report);
		look_at(cases, &report);
		cases_report_done(&report);
	}
	cases_free(&cases);
	return 0;
}
