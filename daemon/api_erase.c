/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/payments/{id}/erase: what the book keeps of the payer goes, by a legal order.
 *
 * The payment is read first, for its id names the generation too; then the job, then the view of
 * what is left.
 */
#include <assert.h>

#include "daemon/api.h"

struct api_erase {
	struct api_payment answer; /* first */
	struct job job;
	struct api_key key;
	struct json_value *body;
};

static struct api_erase *api_erase_of(struct api_query *query)
{
	return (struct api_erase *)(void *)query;
}

static void api_erase_release(struct api_query *query)
{
	json_free(&api_erase_of(query)->body);
}

/* On the reader's thread. */
static void api_erase_look(struct reader *reader, struct api_query *query)
{
	struct api_erase *a = api_erase_of(query);
	struct payment_view view;
	enum reader_result result;

	payment_view_init(&view);
	result = reader_payment(reader, a->answer.number, READER_LATEST, &view, &query->err);
	if (result == READER_FOUND && !api_payment_is_theirs(&a->answer, &view)) {
		result = READER_ABSENT;
	}
	payment_view_done(&view);
	if (!api_query_found(query, result, "payment")) {
		assert(query->problem.code != PROBLEM_NONE);
	}
}

static void api_erase_submit(struct api_query *query)
{
	if (query->problem.code != PROBLEM_NONE) {
		api_query_answer(query);
		return;
	}
	engine_submit(query->engine, &api_erase_of(query)->job);
}

static void api_erase_refuse(struct api_erase *a)
{
	static const char *const details[] = {
		[ERASE_OPEN] = "it can still be paid: cancel it, or wait until it expires",
		[ERASE_LIVE] =
			"an attempt may still bring money: wait until the gateway has said what "
			"became of it",
		[ERASE_REFUNDABLE] =
			"the duty was not used and can be claimed back for three years: "
			"\"force\": true erases it all the same",
		[ERASE_GONE] = "it was erased before, nothing is left",
	};
	struct problem *problem = &a->answer.query.problem;

	api_problem_of_job(&a->job, problem);
	if (a->job.outcome == JOB_ILLEGAL) {
		assert(a->job.u.erase.refusal != ERASE_ALLOWED);
		problem_set(problem, PROBLEM_ILLEGAL_STATE,
			a->job.u.erase.refusal == ERASE_REFUNDABLE ? "force" : "", "%s",
			details[a->job.u.erase.refusal]);
	}
	api_query_answer(&a->answer.query);
}

static void api_erase_done(struct job *job)
{
	struct api_erase *a = job->context;
	struct engine *engine = a->answer.query.engine;
	char record[ENGINE_NUMBER_SIZE];
	char uid[ENGINE_NUMBER_SIZE];

	engine_job_done(engine, job);
	if (job->outcome == JOB_DONE) {
		const struct ports_field fields[] = {
			{ "record", engine_number(job->record, record) },
			{ "uid", engine_number(job->u.erase.actor.uid, uid) },
		};

		engine->counts.erased += job->u.erase.rows;
		engine_log(engine, PORTS_INFO, "payment.erased", fields,
			sizeof(fields) / sizeof(*fields));
	}
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		api_payment_of_job(&a->answer, job);
	} else {
		api_erase_refuse(a);
	}
}

/* Body and key; false: the problem says why. */
static bool api_erase_read(struct api_request *r, struct api_erase *a)
{
	struct job_erase *erase = &a->job.u.erase;
	struct problem *problem = &a->answer.query.problem;
	struct json_problem complaint = { 0 };
	struct json_reader body;
	struct api_key_body said;

	if (!api_payment_named(r, &a->answer, problem) ||
		!api_body_read(r, false, &a->body, problem) ||
		!api_key_take(r, ROUTE_ERASE, &a->key, &erase->request, problem)) {
		return false;
	}
	json_reader_init(&body, a->body, "", &complaint);
	json_take_boolean(&body, "force", JSON_OPTIONAL, &erase->force);
	json_take_text(&body, "order", JSON_REQUIRED, JOB_ORDER_TEXT_MAX, &erase->order);
	json_take_text(&body, "reason", JSON_REQUIRED, JOB_REASON_MAX, &erase->reason);
	if (!json_reader_end(&body)) {
		problem_of_json(problem, &complaint);
		return false;
	}
	erase->actor = (struct job_actor){ .uid = r->call->uid, .client = r->client };
	if (erase->actor.uid == CALL_NO_UID || r->client == 0) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "nobody knows who you are");
		return false;
	}
	api_key_body_init(&said);
	json_true_or_false(&said.w, "force", erase->force);
	json_text(&said.w, "order", erase->order);
	json_text(&said.w, "reason", erase->reason);
	api_key_bind(r, &said, &erase->request);
	return true;
}

void api_erase_post(struct api_request *r)
{
	struct api_erase *a = api_query_new(r, sizeof(*a), api_erase_look);

	a->answer.query.release = api_erase_release;
	a->answer.query.then = api_erase_submit;
	a->job.kind = JOB_ERASE;
	a->job.context = a;
	a->job.done = api_erase_done;
	if (api_erase_read(r, a)) {
		a->job.payment = a->answer.number;
		api_query_start(&a->answer.query);
	} else {
		api_query_answer(&a->answer.query);
	}
}
