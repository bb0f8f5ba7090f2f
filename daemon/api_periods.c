/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/periods/{month}/close, GET /v1/periods and /v1/periods/{month}. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/api_operator.h"
#include "daemon/view.h"
#include "ledger/period.h"

enum { API_PERIOD_WARNINGS_MAX = 100, API_PERIOD_PATH_SIZE = 96 };

struct api_period {
	struct api_query query; /* first */
	struct job job;
	struct api_operator act;
	struct api_page page;
	int32_t month;
	bool listed; /* with its balances */
};

static struct api_period *api_period_of(struct api_query *query)
{
	return (struct api_period *)(void *)query;
}

/* The month a path names; false, and answered, when it is none. */
static bool api_period_named(const struct api_request *r, struct api_period *p)
{
	if (date_month_parse(text_of(r->name), &p->month)) {
		return true;
	}
	problem_set(&p->query.problem, PROBLEM_INVALID_FIELD, "month",
		"month must be YYYY-MM, as 2026-10");
	api_query_answer(&p->query);
	return false;
}

/* ---- writing ---- */

static void api_period_write_checkpoint(struct json_writer *w, const struct period_row *row)
{
	char path[API_PERIOD_PATH_SIZE];

	(void)snprintf(path, sizeof(path),
		"/v1/ledger/proofs/inclusion?record=%" PRId64 "&size=%" PRId64, row->record,
		row->checkpoint_size);
	json_open_object(w, "checkpoint");
	json_cstring(w, "proof", path);
	json_number(w, "record", row->checkpoint);
	json_number(w, "size", row->checkpoint_size);
	json_close_object(w);
}

static void api_period_write_items(struct json_writer *w, const struct account_row *rows,
	size_t count)
{
	json_open_array(w, "items");
	for (size_t i = 0; i < count; i++) {
		json_open_object(w, NULL);
		json_cstring(w, "account", rows[i].name);
		view_money(w, "balance", api_account_balance(&rows[i]));
		view_money(w, "credit", money_of(rows[i].credit, rows[i].currency));
		view_money(w, "debit", money_of(rows[i].debit, rows[i].currency));
		json_cstring(w, "type", rows[i].type);
		json_close_object(w);
	}
	json_close_array(w);
}

static void api_period_write_totals(struct json_writer *w, const struct period_row *row)
{
	json_open_array(w, "totals");
	for (size_t i = 0; i < row->total_count; i++) {
		const struct period_total *t = &row->totals[i];

		json_open_object(w, NULL);
		view_money(w, "credit", money_of(t->credit, t->currency));
		view_money(w, "debit", money_of(t->debit, t->currency));
		json_close_object(w);
	}
	json_close_array(w);
}

/* What was not as a month's end should be; it hinders nothing. */
static void api_period_write_warnings(struct json_writer *w, const struct account_row *rows,
	size_t count)
{
	json_open_array(w, "warnings");
	for (size_t i = 0; i < count; i++) {
		bool suspense = text_starts(text_of(rows[i].name), TEXT("suspense:"));

		json_open_object(w, NULL);
		json_cstring(w, "account", rows[i].name);
		view_money(w, "balance", api_account_balance(&rows[i]));
		json_cstring(w, "code", suspense ? "in_suspense" : "not_settled");
		json_close_object(w);
	}
	json_close_array(w);
}

/* The members before "items". */
static void api_period_open(struct json_writer *w, const struct period_row *row)
{
	json_open_object(w, NULL);
	json_number(w, "accounts", row->accounts);
	json_time(w, "booked_at", row->booked_at);
	api_period_write_checkpoint(w, row);
	api_operator_write(w, "closed_by", &row->actor);
}

/* ... and those behind it, but for warnings. */
static void api_period_write_rest(struct json_writer *w, const struct period_row *row,
	const struct api_page *page, int64_t next)
{
	char month[DATE_MONTH_TEXT_SIZE];

	json_number(w, "last_entry", row->last_entry);
	json_cstring(w, "month", date_month_format(row->month, month));
	if (page != NULL) {
		api_page_next(w, page, next);
	}
	json_cstring(w, "reason", row->reason);
	json_number(w, "record", row->record);
	json_hex(w, "sha256", row->digest, sizeof(row->digest));
	api_period_write_totals(w, row);
}

/* ---- one month ---- */

static void api_period_tell(struct reader *reader, struct api_period *p,
	const struct period_row *row, struct account_row *rows)
{
	struct reader_page items = { .after = p->page.after, .limit = (size_t)p->page.limit };
	struct reader_page warned = { .limit = API_PERIOD_WARNINGS_MAX };
	struct json_writer w;

	json_writer_init(&w, &p->query.out);
	api_period_open(&w, row);
	if (p->listed) {
		if (!period_balances(reader, p->month, &items, rows, &p->query.err)) {
			api_query_fail(&p->query);
			return;
		}
		api_period_write_items(&w, rows, items.count);
	}
	api_period_write_rest(&w, row, p->listed ? &p->page : NULL, items.next);
	if (!period_unsettled(reader, p->month, &warned, rows, &p->query.err)) {
		api_query_fail(&p->query);
		return;
	}
	api_period_write_warnings(&w, rows, warned.count);
	json_close_object(&w);
}

static void api_period_run(struct reader *reader, struct api_query *query)
{
	struct api_period *p = api_period_of(query);
	struct account_row *rows = mem_new(API_LIMIT_MAX, sizeof(*rows));
	char month[DATE_MONTH_TEXT_SIZE];
	struct period_row row;
	enum reader_result result = period_read(reader, p->month, &row, &query->err);

	if (result == READER_FOUND) {
		api_period_tell(reader, p, &row, rows);
	} else if (result == READER_ABSENT) {
		problem_set(&query->problem, PROBLEM_NOT_FOUND, "month", "%s is not closed",
			date_month_format(p->month, month));
	} else {
		api_query_fail(query);
	}
	free(rows);
}

void api_period_get(struct api_request *r)
{
	struct api_period *p = api_query_new(r, sizeof(*p), api_period_run);
	struct parameters parameters;

	if (!api_period_named(r, p)) {
		return;
	}
	p->listed = true;
	parameters_init(&parameters, r->call, &p->query.problem);
	(void)snprintf(p->page.list, sizeof(p->page.list), "period %" PRId32, p->month);
	api_page_take(&parameters, &p->page);
	if (parameters_end(&parameters)) {
		api_query_start(&p->query);
	} else {
		api_query_answer(&p->query);
	}
}

/* ---- all of them ---- */

static void api_periods_run(struct reader *reader, struct api_query *query)
{
	struct api_period *p = api_period_of(query);
	struct reader_page page = { .after = p->page.after, .limit = (size_t)p->page.limit };
	int32_t months[API_LIMIT_MAX];
	struct json_writer w;

	if (!period_list(reader, &page, months, &query->err)) {
		api_query_fail(query);
		return;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_open_array(&w, "items");
	for (size_t i = 0; i < page.count; i++) {
		struct period_row row;

		if (!api_query_found(query, period_read(reader, months[i], &row, &query->err),
			    "month")) {
			return;
		}
		api_period_open(&w, &row);
		api_period_write_rest(&w, &row, NULL, 0);
		json_close_object(&w);
	}
	api_page_close(&w, &p->page, page.next);
}

void api_periods_get(struct api_request *r)
{
	struct api_period *p = api_query_new(r, sizeof(*p), api_periods_run);
	struct parameters parameters;

	parameters_init(&parameters, r->call, &p->query.problem);
	(void)snprintf(p->page.list, sizeof(p->page.list), "periods");
	api_page_take(&parameters, &p->page);
	if (parameters_end(&parameters)) {
		api_query_start(&p->query);
	} else {
		api_query_answer(&p->query);
	}
}

/* ---- closing ---- */

static void api_close_refuse(struct api_period *p)
{
	const struct job *job = &p->job;
	struct problem *problem = &p->query.problem;
	char month[DATE_MONTH_TEXT_SIZE];
	char other[DATE_MONTH_TEXT_SIZE];
	char day[DATE_TEXT_SIZE];

	(void)date_month_format(p->month, month);
	if (job->outcome == JOB_TAKEN && date_month_of(job->day) == p->month) {
		problem_set(problem, PROBLEM_PERIOD_CLOSED, "month", "%s is closed", month);
	} else if (job->outcome == JOB_TAKEN) {
		problem_set(problem, PROBLEM_PERIOD_CLOSED, "month",
			"%s is closed, and with it all months before",
			date_month_format(date_month_of(job->day), other));
	} else if (job->outcome == JOB_ILLEGAL) {
		problem_set(problem, PROBLEM_PERIOD_OPEN, "month",
			"%s is not over in Almaty: it can be closed after %s", month,
			date_format(date_month_last(p->month), day));
	} else if (job->outcome == JOB_BLOCKED) {
		problem_set(problem, PROBLEM_PERIOD_OPEN, "month",
			"%s has entries and is open: close it first",
			date_month_format(date_month_of(job->day), other));
	} else if (job->outcome == JOB_NOT_FOUND) {
		problem_set(problem, PROBLEM_NOT_FOUND, "month",
			"nothing was booked until the end of %s", month);
	} else {
		api_problem_of_job(job, problem);
	}
	api_query_answer(&p->query);
}

static void api_close_log(struct api_period *p)
{
	char month[DATE_MONTH_TEXT_SIZE];
	char record[ENGINE_NUMBER_SIZE];
	char uid[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "month", text_of(date_month_format(p->month, month)) },
		{ "record", engine_number(p->job.record, record) },
		{ "uid", engine_number(p->act.actor.uid, uid) },
		{ "reason", text_of(p->act.reason) },
	};

	engine_log(p->query.engine, PORTS_INFO, "period.closed", fields,
		sizeof(fields) / sizeof(*fields));
}

static void api_close_done(struct job *job)
{
	struct api_period *p = job->context;

	if (!api_operator_done(&p->query, job)) {
		api_close_refuse(p);
		return;
	}
	if (!p->query.replayed) {
		api_close_log(p);
	}
	api_query_start(&p->query);
}

void api_close_post(struct api_request *r)
{
	struct api_period *p = api_query_new(r, sizeof(*p), api_period_run);

	if (!api_period_named(r, p)) {
		return;
	}
	if (!api_operator_read(r, ROUTE_CLOSE, &p->act, &p->query.problem)) {
		api_query_answer(&p->query);
		return;
	}
	p->job.kind = JOB_CLOSE;
	p->job.u.close = (struct job_close){ .request = p->act.request,
		.actor = p->act.actor,
		.reason = text_of(p->act.reason),
		.month = p->month };
	p->job.context = p;
	p->job.done = api_close_done;
	engine_submit(r->engine, &p->job);
}
