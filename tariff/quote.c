/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/quote.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "tariff/argument.h"

/* rate, mrp, rounding, budget, beneficiary, eligibility, exemption, agreement */
enum { QUOTE_ROWS_MAX = 8 };

_Static_assert(QUOTE_ROWS_MAX *ROW_ID_SIZE <= QUOTE_ROWS_SIZE,
	"an id and its comma, for each row a quote may use");

enum quote_result quote_refuse(struct quote_refusal *refusal, enum quote_result result,
	const char *field, const char *format, ...)
{
	va_list args;

	assert(result != QUOTE_DONE);
	assert(refusal != NULL);

	(void)snprintf(refusal->field, sizeof(refusal->field), "%s", field);
	va_start(args, format);
	(void)vsnprintf(refusal->detail, sizeof(refusal->detail), format, args);
	va_end(args);
	return result;
}

/* Checked when the set was loaded: codes and ids fit. */
static void quote_copy(struct text t, char *out, size_t size)
{
	bool fits = text_copy(t, out, size);

	assert(fits);
}

/* Copies the id behind `used` bytes, after a comma if there are any; returns the bytes used then.
 */
static size_t quote_add_row(const struct row *row, char rows[QUOTE_ROWS_SIZE], size_t used)
{
	struct text id = row->id;

	assert(id.size < ROW_ID_SIZE);
	assert(used + 1 + id.size < QUOTE_ROWS_SIZE);

	if (used > 0) {
		rows[used++] = ',';
	}
	memcpy(rows + used, id.bytes, id.size);
	used += id.size;
	rows[used] = '\0';
	return used;
}

static void quote_list_rows(const struct argument *a, char rows[QUOTE_ROWS_SIZE])
{
	const struct exemption_decision *d = a->relieved_by;
	size_t used = quote_add_row(&a->segment->rate->row, rows, 0);

	if (a->segment->mrp != NULL) {
		used = quote_add_row(&a->segment->mrp->row, rows, used);
	}
	used = quote_add_row(&a->segment->rounding->row, rows, used);
	if (a->budget != NULL) {
		used = quote_add_row(&a->budget->row, rows, used);
	}
	if (a->beneficiary != NULL) {
		used = quote_add_row(&a->beneficiary->row, rows, used);
	}
	if (a->eligibility != NULL) {
		used = quote_add_row(&a->eligibility->row, rows, used);
	}
	if (d != NULL) {
		used = quote_add_row(&d->exemption->row, rows, used);
	}
	if (d != NULL && d->agreement != NULL) {
		used = quote_add_row(&d->agreement->row, rows, used);
	}
	assert(used < QUOTE_ROWS_SIZE);
}

enum quote_result quote_compute(const struct quote_basis *basis,
	const struct quote_request *request, struct quote *quote, struct quote_refusal *refusal)
{
	struct argument a;
	enum quote_result result;

	assert(quote != NULL);
	assert(refusal != NULL);

	result = argument_make(basis, request, &a, refusal);
	if (result != QUOTE_DONE) {
		return result;
	}
	quote->version = basis->version;
	quote->day = basis->day;
	quote->gross = a.gross;
	quote->relief = a.relief;
	quote->due = a.due;
	quote->rate =
		a.exchange_rate != NULL ? *a.exchange_rate : (struct exchange_rate){ .quant = 0 };
	quote->own_gross = a.own_gross;
	quote->valid_from = a.valid.from;
	quote->valid_until = a.valid.until;
	quote->unverified = a.unverified;
	quote->beneficiary_unknown = argument_lacks_account(&a);
	quote->personal = a.personal;
	quote_copy(a.service->code, quote->service, sizeof(quote->service));
	quote_copy(a.relieved_by != NULL ? a.relieved_by->ground->code : TEXT(""), quote->ground,
		sizeof(quote->ground));
	quote_copy(a.budget != NULL ? a.budget->kbk : TEXT(""), quote->kbk, sizeof(quote->kbk));
	quote_list_rows(&a, quote->rows);
	assert(span_has(a.valid, basis->day));
	return QUOTE_DONE;
}

struct quote_request quote_essence(const struct quote_request *request, const struct quote *quote)
{
	struct quote_request essence;

	assert(request != NULL);
	assert(quote != NULL);

	essence = *request;
	if (!quote->personal) {
		essence.nationality = TEXT("");
		essence.birth_date = DATE_NONE;
	}
	return essence;
}
