/* SPDX-License-Identifier: Apache-2.0 */

/* What reports have in common, and GET /v1/reports/trial-balance: what each account had, was
 * debited and credited, and has. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "daemon/api.h"
#include "daemon/view.h"
#include "ledger/period.h"
#include "ledger/sums.h"

enum { API_REPORT_CURRENCIES_MAX = 8 };

struct api_report {
	struct api_query query; /* first */
	struct movements asked;
	struct sums closing;
	struct sums opening; /* as of the same record; where there is a first day */
	bool is_closed;      /* `closing` is complete, and says the record */
};

struct api_totals {
	size_t count;
	struct money debit[API_REPORT_CURRENCIES_MAX];
	struct money credit[API_REPORT_CURRENCIES_MAX];
};

bool api_report_take(struct api_request *r, struct api_query *query, struct movements *asked)
{
	struct parameters p;
	struct api_days days;

	assert(asked != NULL);

	query->query.is_long = true;
	parameters_init(&p, r->call, &query->problem);
	days = api_days_take(&p);
	*asked = (struct movements){ .from = days.from,
		.to = days.to,
		.axis = api_axis_take(&p),
		.as_of = api_as_of_take(&p) };
	return parameters_end(&p);
}

bool api_report_found(struct api_query *query, enum reader_result result)
{
	if (result == READER_FAILED && query->err.kind == ERR_LIMIT) {
		problem_set(&query->problem, PROBLEM_TOO_LARGE, "from", "%s", query->err.message);
		query->err = (struct err){ 0 };
		return false;
	}
	return api_as_of_found(query, result);
}

void api_report_write_day(struct json_writer *w, const char *name, int32_t day)
{
	if (day != DATE_NONE) {
		json_day(w, name, day);
	} else {
		json_nothing(w, name);
	}
}

void api_final_write(struct reader *reader, struct api_query *query, struct json_writer *w,
	const struct movements *asked, int64_t as_of)
{
	bool final = false;

	if (!period_is_final(reader, asked->to, asked->axis, as_of, &final, &query->err)) {
		api_query_fail(query);
	}
	json_true_or_false(w, "final", final);
}

void api_report_open(struct reader *reader, struct api_query *query, struct json_writer *w,
	const struct movements *asked, int64_t as_of)
{
	assert(asked != NULL);

	json_open_object(w, NULL);
	json_number(w, "as_of_record", as_of);
	json_cstring(w, "axis", asked->axis == READER_VALUE ? "value" : "booked");
	api_final_write(reader, query, w, asked, as_of);
	api_report_write_day(w, "from", asked->from);
}

static struct api_report *api_report_of(struct api_query *query)
{
	return (struct api_report *)(void *)query;
}

/* What the account had: nothing, where it came later or the report begins with the book. */
static struct account_row api_report_opening(const struct sums *opening, size_t i,
	const struct account_row *row)
{
	struct account_row before = *row;

	before.debit = i < opening->count ? opening->rows[i].debit : 0;
	before.credit = i < opening->count ? opening->rows[i].credit : 0;
	return before;
}

static bool api_report_add(struct api_totals *totals, struct money debit, struct money credit)
{
	size_t i = 0;

	while (i < totals->count && !money_same_currency(totals->debit[i], debit)) {
		i++;
	}
	assert(i < API_REPORT_CURRENCIES_MAX);
	if (i == totals->count) {
		totals->debit[i] = money_of(0, debit.currency);
		totals->credit[i] = money_of(0, debit.currency);
		totals->count++;
	}
	return money_add(totals->debit[i], debit, &totals->debit[i]) &&
	       money_add(totals->credit[i], credit, &totals->credit[i]);
}

static bool api_report_write_row(struct json_writer *w, const struct account_row *before,
	const struct account_row *row, struct api_totals *totals)
{
	struct money debit = money_of(row->debit, row->currency);
	struct money credit = money_of(row->credit, row->currency);

	if (!money_subtract(debit, money_of(before->debit, row->currency), &debit) ||
		!money_subtract(credit, money_of(before->credit, row->currency), &credit) ||
		!api_report_add(totals, debit, credit)) {
		return false;
	}
	json_open_object(w, NULL);
	json_cstring(w, "account", row->name);
	view_money(w, "closing", api_account_balance(row));
	view_money(w, "credit", credit);
	view_money(w, "debit", debit);
	view_money(w, "opening", api_account_balance(before));
	json_cstring(w, "type", row->type);
	json_close_object(w);
	return true;
}

static void api_report_write_totals(struct json_writer *w, const struct api_totals *totals)
{
	json_open_array(w, "totals");
	for (size_t i = 0; i < totals->count; i++) {
		json_open_object(w, NULL);
		json_true_or_false(w, "balanced",
			totals->debit[i].minor == totals->credit[i].minor);
		view_money(w, "credit", totals->credit[i]);
		view_money(w, "debit", totals->debit[i]);
		json_close_object(w);
	}
	json_close_array(w);
}

static bool api_report_write(struct reader *reader, struct api_report *report)
{
	const struct sums *closing = &report->closing;
	struct api_totals totals = { 0 };
	struct json_writer w;
	bool fits = true;

	json_writer_init(&w, &report->query.out);
	api_report_open(reader, &report->query, &w, &report->asked, closing->as_of);
	json_open_array(&w, "items");
	for (size_t i = 0; fits && i < closing->count; i++) {
		const struct account_row *row = &closing->rows[i];
		struct account_row before = api_report_opening(&report->opening, i, row);

		if (row->debit != 0 || row->credit != 0) {
			fits = api_report_write_row(&w, &before, row, &totals);
		}
	}
	json_close_array(&w);
	api_report_write_day(&w, "to", report->asked.to);
	api_report_write_totals(&w, &totals);
	json_close_object(&w);
	return fits;
}

/* The closing sums say as of which record; then the opening ones. */
static void api_report_run(struct reader *reader, struct api_query *query)
{
	struct api_report *report = api_report_of(query);
	struct sums *sums = report->is_closed ? &report->opening : &report->closing;
	bool more = false;

	if (!api_report_found(query, sums_step(reader, sums, &more, &query->err))) {
		return;
	}
	if (!more && !report->is_closed && report->asked.from != DATE_NONE) {
		report->is_closed = true;
		sums_init(&report->opening, report->asked.from - 1, report->asked.axis,
			report->closing.as_of);
		more = true;
	}
	query->query.again = more;
	if (!more && !api_report_write(reader, report)) {
		problem_set(&query->problem, PROBLEM_OUT_OF_RANGE, "",
			"a total is too large to be written");
	}
}

static void api_report_release(struct api_query *query)
{
	sums_done(&api_report_of(query)->closing);
	sums_done(&api_report_of(query)->opening);
}

void api_trial_balance_get(struct api_request *r)
{
	struct api_report *report = api_query_new(r, sizeof(*report), api_report_run);
	bool fine = api_report_take(r, &report->query, &report->asked);

	report->query.release = api_report_release;
	sums_init(&report->closing, report->asked.to, report->asked.axis, report->asked.as_of);
	if (fine) {
		api_query_start(&report->query);
	} else {
		api_query_answer(&report->query);
	}
}
