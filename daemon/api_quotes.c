/* SPDX-License-Identifier: Apache-2.0 */

/* Quotes and services: the tariff in use, asked at once; nothing is written and no query made. */
#include <assert.h>
#include <stdio.h>

#include "daemon/api.h"
#include "daemon/quotes.h"
#include "daemon/rates.h"

/* ---- a quote by the daemon's rules ---- */

/* What the tariff refused, in the API's words. */
static void api_quote_refused(enum quote_result result, const struct quote_refusal *refusal,
	const char *prefix, struct problem *problem)
{
	static const enum problem_code codes[QUOTE_OUT_OF_RANGE + 1] = {
		[QUOTE_UNKNOWN_SERVICE] = PROBLEM_UNKNOWN_SERVICE,
		[QUOTE_INVALID_FIELD] = PROBLEM_INVALID_FIELD,
		[QUOTE_TARIFF_MISSING] = PROBLEM_TARIFF_MISSING,
		[QUOTE_RATE_MISSING] = PROBLEM_RATE_MISSING,
		[QUOTE_NOT_ELIGIBLE] = PROBLEM_NOT_ELIGIBLE,
		[QUOTE_OUT_OF_RANGE] = PROBLEM_OUT_OF_RANGE,
	};
	/* A payment's day is the daemon's: no field of its request is to blame. */
	bool of_day = result == QUOTE_TARIFF_MISSING || result == QUOTE_RATE_MISSING;
	bool named = refusal->field[0] != '\0' && !(of_day && prefix[0] != '\0');
	char field[JSON_PATH_SIZE];

	assert(result > QUOTE_DONE);
	assert(result <= QUOTE_OUT_OF_RANGE);

	(void)snprintf(field, sizeof(field), "%s%s", named ? prefix : "",
		named ? refusal->field : "");
	problem_set(problem, codes[result], field, "%s", refusal->detail);
}

/* What the configuration refuses though the tariff has a figure. */
static bool api_quote_is_allowed(const struct engine_settings *settings, const struct quote *quote,
	struct problem *problem)
{
	if (settings->refuse_unverified && quote->unverified) {
		problem_set(problem, PROBLEM_TARIFF_UNVERIFIED, "",
			"a value of %s is not confirmed by its source", quote->service);
	} else if (settings->refuse_beneficiary && quote->beneficiary_unknown) {
		problem_set(problem, PROBLEM_BENEFICIARY_UNKNOWN, "",
			"the tariff does not know who receives %s, or to which account",
			quote->service);
	}
	return problem->code == PROBLEM_NONE;
}

bool api_quote_make(struct engine *engine, int32_t day, const char *prefix, struct api_quote *q,
	struct problem *problem)
{
	struct quote_basis basis = { .version = QUOTE_VERSION, .day = day };
	struct quote_refusal refusal = { 0 };
	enum quote_result result;

	assert(engine != NULL);
	assert(prefix != NULL);
	assert(q->quoted == NULL);

	basis.tariff = tariffs_current(engine->tariffs);
	if (basis.tariff == NULL) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "no tariff is in use");
		return false;
	}
	basis.exchange = rates_of_day(engine->rates, day);
	result = quotes_make(engine->quotes, &basis, &q->request, &q->quoted, &refusal);
	if (result != QUOTE_DONE) {
		api_quote_refused(result, &refusal, prefix, problem);
		return false;
	}
	assert(q->quoted != NULL);
	return api_quote_is_allowed(&engine->settings, &q->quoted->quote, problem);
}

/* ---- POST /v1/quotes ---- */

static int32_t api_quotes_day(void *context, int64_t seconds)
{
	const struct engine *engine = context;

	return zone_day(engine->almaty, seconds);
}

/* Reads the body; its texts live as long as *body. */
static bool api_quotes_read(struct api_request *r, struct json_value **body,
	struct quote_request *request, int32_t *day, struct problem *problem)
{
	struct json_problem complaint = { 0 };
	struct json_reader reader;

	if (!api_body_read(r, false, body, problem)) {
		return false;
	}
	json_reader_init(&reader, *body, "", &complaint);
	quote_read(&reader, true, api_quotes_day, r->engine, request, day);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	}
	return problem->code == PROBLEM_NONE;
}

static void api_quotes_answer(struct call *call, const struct quoted *quoted)
{
	struct buffer out;

	if (quoted->part_count == 1) {
		call_answer(call, 200, API_JSON, quoted->parts[0]);
		return;
	}
	buffer_init(&out, QUOTES_BYTES_MAX);
	quotes_write(quoted, &out);
	assert(!out.overflowed);
	call_answer(call, 200, API_JSON, buffer_text(&out));
	buffer_done(&out);
}

void api_quotes_post(struct api_request *r)
{
	struct api_quote q = { 0 };
	struct problem problem = { 0 };
	int32_t day = engine_today(r->engine);
	struct json_value *body = NULL;

	if (api_quotes_read(r, &body, &q.request, &day, &problem) &&
		api_quote_make(r->engine, day, "", &q, &problem)) {
		r->engine->counts.quotes++;
		api_quotes_answer(r->call, q.quoted);
	} else {
		api_refuse(r->engine, r->call, &problem);
	}
	quotes_drop(r->engine->quotes, &q.quoted);
	json_free(&body);
}

/* ---- GET /v1/services ---- */

static void api_services_write(const struct tariff *tariff, struct buffer *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	json_open_array(&w, "items");
	for (size_t i = 0; i < tariff_service_count(tariff); i++) {
		tariff_write_service(tariff, text_of(tariff_service_code(tariff, i)), &w, NULL);
	}
	json_close_array(&w);
	json_nothing(&w, "next");
	json_close_object(&w);
}

/* Parameters: none.  The set in use, or NULL with the problem. */
static const struct tariff *api_services_tariff(const struct api_request *r,
	struct problem *problem)
{
	const struct tariff *tariff = tariffs_current(r->engine->tariffs);
	struct parameters p;

	parameters_init(&p, r->call, problem);
	if (!parameters_end(&p)) {
		return NULL;
	}
	if (tariff == NULL) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "no tariff is in use");
	}
	return tariff;
}

static void api_services_answer(struct api_request *r, const struct problem *problem,
	struct buffer *out)
{
	if (problem->code != PROBLEM_NONE) {
		api_refuse(r->engine, r->call, problem);
	} else {
		assert(!out->overflowed);
		call_answer(r->call, 200, API_JSON, buffer_text(out));
	}
	buffer_done(out);
}

void api_services_get(struct api_request *r)
{
	struct problem problem = { 0 };
	const struct tariff *tariff = api_services_tariff(r, &problem);
	struct buffer out;

	buffer_init(&out, CALL_ANSWER_MAX);
	if (tariff != NULL) {
		api_services_write(tariff, &out);
	}
	api_services_answer(r, &problem, &out);
}

void api_service_get(struct api_request *r)
{
	struct problem problem = { 0 };
	const struct tariff *tariff = api_services_tariff(r, &problem);
	struct json_writer w;
	struct buffer out;

	buffer_init(&out, CALL_ANSWER_MAX);
	json_writer_init(&w, &out);
	if (tariff != NULL && tariff_has_service(tariff, text_of(r->name))) {
		tariff_write_service(tariff, text_of(r->name), &w, NULL);
	} else if (tariff != NULL) {
		problem_set(&problem, PROBLEM_NOT_FOUND, "code", "there is no such service");
	}
	api_services_answer(r, &problem, &out);
}
