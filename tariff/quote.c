/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/quote.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tariff/argument.h"

enum { QUOTE_ROWS_MAX = 6 }; /* rate, mrp, rounding, budget, exemption, agreement */

_Static_assert(QUOTE_ROWS_MAX *ROW_ID_SIZE <= QUOTE_ROWS_SIZE,
	"an id and its comma, for each row a quote may use");
_Static_assert(QUOTE_VERSION == 1, "quote_compute() knows one calculation");

/* Checked when the set was loaded: codes and ids fit. */
static void quote_copy(struct text t, char *out, size_t size)
{
	bool fits = text_copy(t, out, size);

	assert(fits);
}

static void quote_add_row(const struct row *row, char rows[QUOTE_ROWS_SIZE])
{
	size_t used = strlen(rows);
	int size;

	size = snprintf(rows + used, QUOTE_ROWS_SIZE - used, "%s%s", used > 0 ? "," : "",
		row->id.bytes);
	assert(size > 0 && (size_t)size < QUOTE_ROWS_SIZE - used);
}

static void quote_list_rows(const struct argument *a, char rows[QUOTE_ROWS_SIZE])
{
	rows[0] = '\0';
	quote_add_row(&a->segment->rate->row, rows);
	if (a->segment->mrp != NULL) {
		quote_add_row(&a->segment->mrp->row, rows);
	}
	quote_add_row(&a->segment->rounding->row, rows);
	if (a->budget != NULL) {
		quote_add_row(&a->budget->row, rows);
	}
	if (a->relieved_by != NULL) {
		quote_add_row(&a->relieved_by->exemption->row, rows);
	}
	if (a->relieved_by != NULL && a->relieved_by->agreement != NULL) {
		quote_add_row(&a->relieved_by->agreement->row, rows);
	}
}

enum quote_result quote_compute(const struct tariff *tariff, int version,
	const struct quote_request *request, int32_t day, struct quote *quote,
	struct quote_refusal *refusal)
{
	struct argument a;
	struct quote q = { .version = version, .day = day };
	enum quote_result result;

	assert(version == QUOTE_VERSION);
	assert(quote != NULL);
	assert(refusal != NULL);

	result = argument_make(tariff, request, day, &a, refusal);
	if (result != QUOTE_DONE) {
		return result;
	}
	q.gross = a.gross;
	q.relief = a.relief;
	q.due = a.due;
	q.valid_from = a.valid.from;
	q.valid_until = a.valid.until;
	q.unverified = a.unverified;
	q.beneficiary_unknown = a.due.minor > 0; /* no table of recipients exists yet */
	quote_copy(a.service->code, q.service, sizeof(q.service));
	if (a.relieved_by != NULL) {
		quote_copy(a.relieved_by->ground->code, q.ground, sizeof(q.ground));
	}
	if (a.budget != NULL) {
		quote_copy(a.budget->kbk, q.kbk, sizeof(q.kbk));
	}
	quote_list_rows(&a, q.rows);
	assert(span_has(a.valid, day));
	*quote = q;
	return QUOTE_DONE;
}
