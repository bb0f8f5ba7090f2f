/* SPDX-License-Identifier: Apache-2.0 */

/*
 * judge - holds a tariff against cases and says what fails and which rows no case hits.
 *
 *     judge [--whole] FOLDER CASES...     --whole: a row that no case hits is a failure too
 */
#include <stdio.h>
#include <string.h>

#include "tariff/cases.h"
#include "tests/tariff/fixture.h"

enum { JUDGE_FINE, JUDGE_FAILED, JUDGE_USAGE };

static struct tariff *judge_load(const char *folder)
{
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;

	fixture_open_whole(folder, &f);
	tariff = fixture_load(&f, &err);
	fixture_close(&f);
	if (tariff == NULL) {
		(void)fprintf(stderr, "%s\n", err.message);
	}
	return tariff;
}

static struct cases *judge_read(char *const *paths, size_t count)
{
	struct fixture f = { .count = 0 };
	struct cases *cases = NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < count; i++) {
		fixture_add_file(&f, paths[i]);
	}
	if (!cases_read(f.files, f.count, &cases, &err)) {
		(void)fprintf(stderr, "%s\n", err.message);
	}
	fixture_close(&f);
	return cases;
}

static int judge_say(const struct cases_report *report, bool whole)
{
	size_t hit = report->row_count - report->unhit_count;

	for (size_t i = 0; i < report->fault_count; i++) {
		const struct cases_fault *fault = &report->faults[i];

		(void)printf("%s:%ld: expected %s, came %s\n", fault->file, fault->line,
			fault->expected, fault->came);
	}
	for (size_t i = 0; whole && i < report->unhit_count; i++) {
		(void)printf("%s:%ld: no case hits the row %s\n", report->unhit[i].file,
			report->unhit[i].line, report->unhit[i].row);
	}
	(void)printf("%zu cases, %zu failed; %zu of %zu rows hit", report->case_count,
		report->fault_count, hit, report->row_count);
	(void)printf(" (%zu.%zu %%)\n", hit * 100 / report->row_count,
		hit * 1000 / report->row_count % 10);
	return report->fault_count > 0 || (whole && report->unhit_count > 0) ? JUDGE_FAILED
									     : JUDGE_FINE;
}

int main(int argc, char **argv)
{
	int first = argc > 1 && strcmp(argv[1], "--whole") == 0 ? 2 : 1;
	struct tariff *tariff = NULL;
	struct cases *cases = NULL;
	struct cases_report report;
	int rc = JUDGE_FAILED;

	if (argc - first < 2 || argc - first - 1 > TARIFF_FILES_MAX) {
		(void)fprintf(stderr, "usage: judge [--whole] FOLDER CASES...\n");
		return JUDGE_USAGE;
	}
	tariff = judge_load(argv[first]);
	cases = judge_read(argv + first + 1, (size_t)(argc - first - 1));
	if (tariff != NULL && cases != NULL) {
		cases_run(cases, tariff, &report);
		rc = judge_say(&report, first == 2);
		cases_report_done(&report);
	}
	cases_free(&cases);
	tariff_free(&tariff);
	return rc;
}
