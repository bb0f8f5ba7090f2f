/* SPDX-License-Identifier: Apache-2.0 */

/* POST and GET /v1/rates: the official exchange rates of a day. */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "daemon/api.h"
#include "daemon/rates.h"

#define API_RATES_SOURCE "imported"

/* ---- POST ---- */

static void api_rates_write_taken(const struct rates_taken *taken, struct buffer *out)
{
	const struct job *job = taken->job;
	bool repeated = job->outcome == JOB_REPEATED;
	struct json_writer w;

	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	json_number(&w, "count", (int64_t)taken->now->count);
	json_day(&w, "day", taken->now->day);
	json_cstring(&w, "outcome",
		repeated                ? "repeated"
		: taken->before != NULL ? "replaced"
					: "taken");
	rates_write(taken->now, &w, "rates");
	json_number(&w, "record", job->record);
	json_hex(&w, "sha256", taken->now->digest, sizeof(taken->now->digest));
	if (taken->before != NULL) {
		rates_write(taken->before, &w, "was");
	} else {
		json_nothing(&w, "was");
	}
	json_close_object(&w);
	assert(!out->overflowed);
}

static void api_rates_taken(void *context, const struct rates_taken *taken)
{
	struct api_query *q = context;
	char day[DATE_TEXT_SIZE];

	if (taken->job->outcome == JOB_DONE || taken->job->outcome == JOB_REPEATED) {
		q->status = taken->job->outcome == JOB_DONE ? 201 : 200;
		api_rates_write_taken(taken, &q->out);
	} else if (taken->job->outcome == JOB_TAKEN) {
		problem_set(&q->problem, PROBLEM_RATES_DIFFER, "replace",
			"%s has other rates by record %lld: compare them, and say replace if "
			"these are right",
			date_format(taken->now->day, day), (long long)taken->job->record);
	} else {
		problem_set(&q->problem, PROBLEM_UNAVAILABLE, "", "nothing was written");
	}
	api_query_answer(q);
}

static bool api_rates_read(const struct api_request *r, struct json_value **body,
	struct rates_order *order, struct problem *problem)
{
	struct json_problem complaint = { 0 };
	struct json_reader reader;

	if (!api_body_read(r, false, body, problem)) {
		return false;
	}
	json_reader_init(&reader, *body, "", &complaint);
	json_take_file(&reader, "feed", JSON_REQUIRED, FEED_SIZE_MAX, &order->feed);
	json_take_text(&reader, "reason", JSON_REQUIRED, JOB_REASON_MAX, &order->reason);
	json_take_boolean(&reader, "replace", JSON_OPTIONAL, &order->replace);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	}
	return problem->code == PROBLEM_NONE;
}

void api_rates_post(struct api_request *r)
{
	struct api_query *q = api_query_new(r, sizeof(*q), NULL);
	struct rates_order order = { .name = "feed",
		.day = DATE_NONE,
		.source = TEXT(API_RATES_SOURCE) };
	enum feed_result result = FEED_REFUSED;
	struct json_value *body = NULL;
	struct err err = { 0 };

	if (api_rates_read(r, &body, &order, &q->problem)) {
		result = rates_take(r->engine, &order, api_rates_taken, q, &err);
		if (result == FEED_EMPTY) {
			problem_set(&q->problem, PROBLEM_RATE_MISSING, "feed", "%s", err.message);
		} else if (result == FEED_REFUSED) {
			problem_set(&q->problem, PROBLEM_INVALID_FIELD, "feed", "%.*s",
				PROBLEM_DETAIL_SIZE - 1, err.message);
		}
	}
	json_free(&body);
	if (result != FEED_READ) {
		api_query_answer(q);
	}
}

/* ---- GET ---- */

struct api_rates {
	struct api_query query; /* first */
	int32_t day;
};

static void api_rates_write(const struct rates_row *row, struct buffer *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	json_time(&w, "booked_at", row->booked_at);
	json_day(&w, "day", row->day);
	json_raw(&w, "rates", text_of(row->rates));
	json_cstring(&w, "reason", row->reason);
	json_number(&w, "record", row->record);
	if (row->replaces > 0) {
		json_number(&w, "replaces", row->replaces);
	} else {
		json_nothing(&w, "replaces");
	}
	json_hex(&w, "sha256", row->digest, sizeof(row->digest));
	json_cstring(&w, "source", row->source);
	json_close_object(&w);
}

static void api_rates_run(struct reader *reader, struct api_query *query)
{
	struct api_rates *rates = (struct api_rates *)(void *)query;
	struct rates_row row;
	enum reader_result result = reader_rates_of_day(reader, rates->day, &row, &query->err);
	char day[DATE_TEXT_SIZE];

	if (result == READER_FOUND) {
		api_rates_write(&row, &query->out);
	} else if (result == READER_ABSENT) {
		problem_set(&query->problem, PROBLEM_NOT_FOUND, "date", "there are no rates for %s",
			date_format(rates->day, day));
	} else {
		api_query_fail(query);
	}
}

void api_rates_get(struct api_request *r)
{
	struct api_rates *rates = api_query_new(r, sizeof(*rates), api_rates_run);
	struct parameters p;

	rates->day = engine_today(r->engine);
	parameters_init(&p, r->call, &rates->query.problem);
	(void)parameters_day(&p, "date", &rates->day);
	if (parameters_end(&p)) {
		api_query_start(&rates->query);
	} else {
		api_query_answer(&rates->query);
	}
}
