/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/payments/{id}/attempts, /cancel, /fulfilment.
 *
 * The payment is read first: an id names the generation too, which a job does not carry, and an
 * attempt needs to know what the payment was quoted by.  Then the job, then the view of it.
 */
#include <string.h>

#include "daemon/api.h"
#include "daemon/api_order.h"
#include "daemon/carry.h"
#include "daemon/rates.h"

struct api_act {
	struct api_payment answer; /* first */
	struct job job;
	struct api_key key;
	struct json_value *body;
	job_done_fn *done;
	/* of an attempt */
	struct api_order order;
	struct job_calculation stored; /* no texts: they were the view's */
	struct router_payment payment; /* for its router; its texts in `texts` */
	struct carry texts;
	struct buffer request; /* the stored quote request */
	struct quote quote;
	struct problem refusal;
};

static struct api_act *api_act_of(struct api_query *query)
{
	return (struct api_act *)(void *)query;
}

static void api_act_release(struct api_query *query)
{
	struct api_act *a = api_act_of(query);

	json_free(&a->body);
	carry_done(&a->texts);
	buffer_done(&a->request);
}

/* On the reader's thread: is it theirs, and what was it quoted by? */
static void api_act_look(struct reader *reader, struct api_query *query)
{
	struct api_act *a = api_act_of(query);
	struct payment_view view;
	enum reader_result result;

	payment_view_init(&view);
	result = reader_payment(reader, a->answer.number, READER_LATEST, &view, &query->err);
	if (result == READER_FOUND && !api_payment_is_theirs(&a->answer, &view)) {
		result = READER_ABSENT;
	}
	if (api_query_found(query, result, "payment")) {
		a->stored.valid_from = view.calculation.valid_from;
		a->stored.valid_until = view.calculation.valid_until;
		a->stored.due = view.calculation.due;
		a->stored.conversion = view.calculation.conversion;
		buffer_add(&a->request, view.quote_request);
		router_payment_of(&view, &a->payment);
		a->payment.reference = carry_text(&a->texts, a->payment.reference);
		a->payment.service = carry_text(&a->texts, a->payment.service);
	}
	payment_view_done(&view);
}

static void api_act_submit(struct api_query *query)
{
	struct api_act *a = api_act_of(query);

	if (query->problem.code != PROBLEM_NONE) {
		api_query_answer(query);
		return;
	}
	engine_submit(query->engine, &a->job);
}

static void api_act_done(struct job *job)
{
	struct api_act *a = job->context;
	struct engine *engine = a->answer.query.engine;

	engine_job_done(engine, job);
	if (job->outcome == JOB_DONE && job->kind == JOB_ATTEMPT) {
		dispatch_send(engine, job->attempt, job->u.attempt.order.gateway);
	}
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		api_payment_of_job(&a->answer, job);
		return;
	}
	api_problem_of_job(job, &a->answer.query.problem);
	api_query_answer(&a->answer.query);
}

/* Reads id, body and key; NULL when it was answered already. */
static struct api_act *api_act_new(struct api_request *r, enum job_route route, bool may_be_empty,
	struct job_request *request)
{
	struct api_act *a = api_query_new(r, sizeof(*a), api_act_look);
	struct problem *problem = &a->answer.query.problem;

	a->answer.query.release = api_act_release;
	a->answer.query.then = api_act_submit;
	a->answer.client = r->client;
	a->job.context = a;
	a->job.done = api_act_done;
	buffer_init(&a->request, QUOTE_REQUEST_SIZE_MAX);
	if (!api_payment_named(r, &a->answer, problem) ||
		!api_body_read(r, may_be_empty, &a->body, problem) ||
		!api_key_take(r, route, &a->key, request, problem)) {
		api_query_answer(&a->answer.query);
		return NULL;
	}
	a->job.payment = a->answer.number;
	return a;
}

/* Ends reading the body; false when it was answered. */
static bool api_act_read(struct api_act *a, struct json_reader *body)
{
	if (json_reader_end(body)) {
		return true;
	}
	problem_of_json(&a->answer.query.problem, body->problem);
	api_query_answer(&a->answer.query);
	return false;
}

/* ---- cancel ---- */

void api_cancel_post(struct api_request *r)
{
	struct json_problem complaint = { 0 };
	struct job_request request = { 0 };
	struct job_cancel *cancel;
	struct json_reader body;
	struct api_act *a = api_act_new(r, ROUTE_CANCEL, true, &request);

	if (a == NULL) {
		return;
	}
	cancel = &a->job.u.cancel;
	cancel->request = request;
	json_reader_init(&body, a->body, "", &complaint);
	json_take_text(&body, "reason", JSON_OPTIONAL, JOB_REASON_MAX, &cancel->reason);
	if (api_act_read(a, &body)) {
		struct api_key_body said;

		api_key_body_init(&said);
		json_text_said(&said.w, "reason", cancel->reason);
		api_key_bind(r, &said, &cancel->request);
		a->job.kind = JOB_CANCEL;
		api_query_start(&a->answer.query);
	}
}

/* ---- fulfilment ---- */

void api_fulfilment_post(struct api_request *r)
{
	struct json_problem complaint = { 0 };
	struct job_request request = { 0 };
	struct text outcome = TEXT("");
	struct job_fulfil *fulfil;
	struct json_reader body;
	struct api_act *a = api_act_new(r, ROUTE_FULFIL, false, &request);

	if (a == NULL) {
		return;
	}
	fulfil = &a->job.u.fulfil;
	fulfil->request = request;
	fulfil->document = TEXT("");
	json_reader_init(&body, a->body, "", &complaint);
	json_take_text(&body, "outcome", JSON_REQUIRED, JOB_NAME_MAX, &outcome);
	json_take_text(&body, "document", JSON_OPTIONAL, QUOTE_DOCUMENT_MAX, &fulfil->document);
	fulfil->performed = text_is(outcome, "performed");
	if (!fulfil->performed && !text_is(outcome, "not_performed")) {
		json_complain(&body, JSON_WRONG, "outcome", "must be performed or not_performed");
	}
	if (api_act_read(a, &body)) {
		struct api_key_body said;

		api_key_body_init(&said);
		json_text_said(&said.w, "document", fulfil->document);
		json_text(&said.w, "outcome", outcome);
		api_key_bind(r, &said, &fulfil->request);
		r->engine->ports.random(r->engine->ports.world, fulfil->salt, sizeof(fulfil->salt));
		a->job.kind = JOB_FULFIL;
		api_query_start(&a->answer.query);
	}
}

/* ---- attempts ---- */

/* The payment's calculation for today: the stored one while it is valid, else a new one. */
static bool api_attempt_calculate(struct engine *engine, struct api_act *a)
{
	struct job_attempt *attempt = &a->job.u.attempt;
	int32_t today = engine_today(engine);
	struct err err = { 0 };

	if (today >= a->stored.valid_from && today < a->stored.valid_until) {
		return true;
	}
	if (a->request.size == 0) {
		problem_set(&a->refusal, PROBLEM_ILLEGAL_STATE, "",
			"the tariff has changed and what was quoted is erased; make a new payment");
		return false;
	}
	if (!quoting_again(engine, buffer_text(&a->request), today, &a->quote,
		    &attempt->calculation, &err)) {
		bool rateless = a->stored.conversion.quant > 0 &&
				rates_of_day(engine->rates, today) == NULL;

		problem_set(&a->refusal, rateless ? PROBLEM_RATE_MISSING : PROBLEM_TARIFF_MISSING,
			"", "%.*s", PROBLEM_DETAIL_SIZE - 1, err.message);
		return false;
	}
	if (!money_same_currency(a->quote.due, a->stored.due)) {
		problem_set(&a->refusal, PROBLEM_ILLEGAL_STATE, "",
			"the fee is in another currency since; make a new payment");
		return false;
	}
	attempt->has_calculation = true;
	a->stored.valid_until = attempt->calculation.valid_until;
	a->payment.amount.minor += a->quote.due.minor - a->stored.due.minor;
	return true;
}

static void api_attempt_probed(struct job *job)
{
	struct api_act *a = job->context;

	engine_job_done(a->answer.query.engine, job);
	api_probe_answer(&a->answer, job, &a->refusal);
}

static void api_attempt_submit(struct api_query *query)
{
	struct api_act *a = api_act_of(query);
	struct engine *engine = query->engine;

	if (query->problem.code == PROBLEM_NONE &&
		(!api_attempt_calculate(engine, a) ||
			!api_order_make(engine, &a->order, &a->payment, a->stored.valid_until,
				&a->job.u.attempt.order, &a->refusal))) {
		api_probe(&a->job, &a->job.u.attempt.request);
		a->job.done = api_attempt_probed;
	}
	api_act_submit(query);
}

void api_attempts_post(struct api_request *r)
{
	struct json_problem complaint = { 0 };
	struct job_request request = { 0 };
	struct json_reader body;
	struct api_act *a = api_act_new(r, ROUTE_ATTEMPT, false, &request);

	if (a == NULL) {
		return;
	}
	a->job.u.attempt.request = request;
	json_reader_init(&body, a->body, "", &complaint);
	api_order_read(&body, JSON_REQUIRED, &a->order);
	if (api_act_read(a, &body)) {
		struct api_key_body said;

		api_key_body_init(&said);
		json_text_said(&said.w, "gateway", a->order.gateway);
		json_text_said(&said.w, "method", a->order.method);
		json_text_said(&said.w, "return_url", a->order.return_url);
		api_key_bind(r, &said, &a->job.u.attempt.request);
		a->order.language = api_order_language(r->call);
		a->job.kind = JOB_ATTEMPT;
		a->answer.query.status = 201;
		a->answer.query.then = api_attempt_submit;
		api_query_start(&a->answer.query);
	}
}
