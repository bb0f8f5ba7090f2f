/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/reports/trial-balance: what each account had, was debited and credited, and has.
 *
 * Each of the two days is read as of one record, so each balances; the opening is read first, so
 * that no turnover can be negative whatever is booked meanwhile.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/view.h"

enum {
	API_REPORT_ACCOUNTS_MAX = 5000,
	API_REPORT_TRIES_MAX = 8,
	API_REPORT_CURRENCIES_MAX = 8,
};

struct api_report {
	struct api_query query; /* first */
	int32_t from;           /* DATE_NONE: from the beginning */
	int32_t to;             /* DATE_NONE: until now */
	enum reader_axis axis;
};

/* All accounts as of the end of a day; ascending by number. */
struct api_sums {
	struct account_row *rows;
	size_t count;
	int64_t as_of_record;
};

struct api_totals {
	size_t count;
	struct money debit[API_REPORT_CURRENCIES_MAX];
	struct money credit[API_REPORT_CURRENCIES_MAX];
};

static struct api_report *api_report_of(struct api_query *query)
{
	return (struct api_report *)(void *)query;
}

/* Reads page after page; *torn when something was booked between two of them. */
static bool api_report_read_once(struct reader *reader, struct api_report *report, int32_t day,
	struct api_sums *sums, bool *torn)
{
	struct reader_page page = { .limit = READER_ROWS_MAX, .count = READER_ROWS_MAX };

	*torn = false;
	sums->count = 0;
	while (page.count == READER_ROWS_MAX && !*torn) {
		page.after = sums->count > 0 ? sums->rows[sums->count - 1].account : 0;
		if (sums->count + READER_ROWS_MAX > API_REPORT_ACCOUNTS_MAX) {
			return err_set(&report->query.err, ERR_LIMIT,
				"report: more than %d accounts", API_REPORT_ACCOUNTS_MAX);
		}
		sums->rows =
			mem_grow(sums->rows, sums->count + READER_ROWS_MAX, sizeof(*sums->rows));
		if (!reader_accounts(reader, day, report->axis, &page, sums->rows + sums->count,
			    &report->query.err)) {
			return false;
		}
		*torn = sums->count > 0 && page.as_of != sums->as_of_record;
		sums->as_of_record = page.as_of;
		sums->count += page.count;
	}
	return true;
}

static bool api_report_read(struct reader *reader, struct api_report *report, int32_t day,
	struct api_sums *sums)
{
	bool torn = true;

	for (int i = 0; torn && i < API_REPORT_TRIES_MAX; i++) {
		if (!api_report_read_once(reader, report, day, sums, &torn)) {
			return false;
		}
	}
	return !torn ||
	       err_set(&report->query.err, ERR_DATABASE, "report: the book is too busy to be read");
}

/* The account's row of the day before, or nothing on it. */
static struct account_row api_report_opening(const struct api_sums *opening, size_t *at,
	const struct account_row *row)
{
	struct account_row none = *row;

	while (*at < opening->count && opening->rows[*at].account < row->account) {
		(*at)++;
	}
	if (*at < opening->count && opening->rows[*at].account == row->account) {
		return opening->rows[*at];
	}
	none.debit = 0;
	none.credit = 0;
	return none;
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

static void api_report_write_day(struct json_writer *w, const char *name, int32_t day)
{
	if (day != DATE_NONE) {
		json_day(w, name, day);
	} else {
		json_nothing(w, name);
	}
}

static bool api_report_write(struct api_report *report, const struct api_sums *opening,
	const struct api_sums *closing)
{
	struct api_totals totals = { 0 };
	struct json_writer w;
	bool fits = true;
	size_t at = 0;

	json_writer_init(&w, &report->query.out);
	json_open_object(&w, NULL);
	json_number(&w, "as_of_record", closing->as_of_record);
	json_cstring(&w, "axis", report->axis == READER_VALUE ? "value" : "booked");
	api_report_write_day(&w, "from", report->from);
	json_open_array(&w, "items");
	for (size_t i = 0; fits && i < closing->count; i++) {
		struct account_row before = api_report_opening(opening, &at, &closing->rows[i]);

		fits = api_report_write_row(&w, &before, &closing->rows[i], &totals);
	}
	json_close_array(&w);
	api_report_write_day(&w, "to", report->to);
	api_report_write_totals(&w, &totals);
	json_close_object(&w);
	return fits;
}

static void api_report_run(struct reader *reader, struct api_query *query)
{
	struct api_report *report = api_report_of(query);
	struct api_sums opening = { 0 };
	struct api_sums closing = { 0 };

	if ((report->from != DATE_NONE &&
		    !api_report_read(reader, report, report->from - 1, &opening)) ||
		!api_report_read(reader, report, report->to, &closing)) {
		api_query_fail(query);
	} else if (!api_report_write(report, &opening, &closing)) {
		problem_set(&query->problem, PROBLEM_OUT_OF_RANGE, "",
			"a total is too large to be written");
	}
	free(opening.rows);
	free(closing.rows);
}

void api_trial_balance_get(struct api_request *r)
{
	struct api_report *report = api_query_new(r, sizeof(*report), api_report_run);
	struct parameters p;

	report->from = DATE_NONE;
	report->to = DATE_NONE;
	parameters_init(&p, r->call, &report->query.problem);
	(void)parameters_day(&p, "from", &report->from);
	(void)parameters_day(&p, "to", &report->to);
	report->axis = api_axis_take(&p);
	if (report->from != DATE_NONE && report->to != DATE_NONE && report->from > report->to) {
		problem_set(p.problem, PROBLEM_INVALID_FIELD, "from", "from is later than to");
	}
	if (parameters_end(&p)) {
		api_query_start(&report->query);
	} else {
		api_query_answer(&report->query);
	}
}
