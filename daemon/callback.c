/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/callback.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/booking.h"
#include "daemon/carry.h"
#include "daemon/decision.h"
#include "daemon/errand.h"
#include "daemon/lookup.h"
#include "daemon/message.h"
#include "daemon/problem.h"
#include "daemon/question.h"
#include "daemon/session.h"

enum {
	CALLBACK_MAGIC = 0x4A11BAC4,
	CALLBACK_TYPE_SIZE = 128,
};

struct callback {
	unsigned magic;
	struct engine *engine;
	struct callback_origin origin;
	struct carry carry; /* the message's bytes, what it asks about */
	struct message message;
	struct session *session;
	struct job job; /* JOB_KEEP, JOB_EVIDENCE */
	struct booking *booking;
	struct question *question;
	struct lookup *lookup;
};

static void callback_end(struct callback *c)
{
	struct engine *engine = c->engine;
	callback_over_fn *over = c->origin.over;

	c->magic = 0;
	session_free(&c->session);
	booking_free(&c->booking);
	question_free(&c->question);
	lookup_free(&c->lookup);
	carry_done(&c->carry);
	free(c);
	engine->under_way--;
	over(engine);
}

static void callback_log(struct callback *c, enum ports_level level, const char *event,
	struct text what)
{
	char inbox[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(c->origin.gateway->name) },
		{ "message", engine_number(c->origin.inbox, inbox) },
		{ "what", what },
	};

	engine_log(c->engine, level, event, fields, sizeof(fields) / sizeof(*fields));
}

/* The engine's own no: the gateway has not spoken. */
static void callback_end_problem(struct callback *c, enum problem_code code, const char *detail)
{
	struct problem problem = { 0 };

	c->engine->counts.callbacks_refused++;
	callback_log(c, PORTS_WARNING, "callback.refused", text_of(detail));
	if (c->origin.call != NULL) {
		problem_set(&problem, code, "", "%s", detail);
		problem_answer(&problem, c->origin.call);
	}
	callback_end(c);
}

/* The headers but for the type, which goes a way of its own. */
static size_t callback_headers(const struct alym_reply *reply,
	struct call_header headers[ALYM_HEADERS_MAX], char type[CALLBACK_TYPE_SIZE])
{
	size_t count = 0;

	(void)snprintf(type, CALLBACK_TYPE_SIZE, "application/octet-stream");
	for (size_t i = 0; i < reply->header_count; i++) {
		const struct alym_header *header = &reply->headers[i];

		if (text_is_any_case(header->name, "Content-Type") &&
			header->value.size < CALLBACK_TYPE_SIZE) {
			(void)snprintf(type, CALLBACK_TYPE_SIZE, "%.*s", TEXT_ARGS(header->value));
		} else {
			headers[count++] = (struct call_header){ header->name, header->value };
		}
	}
	return count;
}

static void callback_reply(struct callback *c, const struct alym_reply *reply)
{
	struct call_header headers[ALYM_HEADERS_MAX];
	char type[CALLBACK_TYPE_SIZE];
	char status[ENGINE_NUMBER_SIZE];
	bool refused = reply->status >= 400 && reply->status < 500;
	size_t count = callback_headers(reply, headers, type);

	c->engine->counts.callbacks_refused += refused ? 1 : 0;
	callback_log(c, refused ? PORTS_WARNING : PORTS_DEBUG,
		refused ? "callback.refused" : "callback.answered",
		engine_number(reply->status, status));
	if (c->origin.call != NULL) {
		call_answer_with(c->origin.call, reply->status, type, headers, count, reply->body);
	}
	callback_end(c);
}

static void callback_decide(struct callback *c, struct alym_decision decision)
{
	session_decide(c->session, &decision);
}

/* ---- VERDICT ---- */

static void callback_booked(struct booking *booking)
{
	struct callback *c = booking->context;
	const struct job *job = &booking->job;

	assert(c->magic == CALLBACK_MAGIC);

	if (job->outcome == JOB_REPEATED) {
		callback_log(c, PORTS_INFO, "callback.duplicate", job->u.verdict.operation);
	}
	if (job->outcome == JOB_DONE && job->attempt != 0 &&
		!attempt_is_final(job->attempt_state)) {
		dispatch_ask(c->engine, job->attempt, job->u.verdict.gateway,
			job->u.verdict.next_at);
	}
	callback_decide(c, decision_of_verdict(job));
}

static void callback_verdict(struct callback *c, const struct alym_verdict *said)
{
	struct job_verdict *booked;
	int64_t now = engine_now(c->engine);

	if (said->refusable && c->origin.call == NULL) {
		callback_end(c);
		return;
	}
	if (said->code.size > 0 && said->kind != ALYM_DONE) {
		callback_decide(c, decision_of(ALYM_ANSWER_NOTED)); /* no order: nothing moves */
		return;
	}
	c->booking = booking_new(c->engine, c->origin.gateway, ALYM_OPERATION_STATUS, said,
		c->origin.at);
	c->booking->done = callback_booked;
	c->booking->context = c;
	booked = &c->booking->job.u.verdict;
	booked->inbox = c->origin.inbox;
	booked->next_at = now + (said->authorized ? 0 : errand_delay_s(0));
	booking_submit(c->booking);
}

/* ---- ASK and CHECK ---- */

/* The gateway is asked about each of the payment's orders there, or about the one that was named.
 */
static void callback_checked(struct lookup *lookup)
{
	struct callback *c = lookup->context;
	const struct payment_view *payment = &lookup->payment_view;
	int64_t now = engine_now(c->engine);

	assert(c->magic == CALLBACK_MAGIC);

	if (lookup->result != READER_FOUND) {
		callback_decide(c, decision_of(ALYM_ANSWER_BUSY));
		return;
	}
	for (size_t i = 0; i < payment->attempt_count; i++) {
		const struct attempt_view *attempt = &payment->attempts[i];

		if (attempt->gateway_number == c->origin.gateway->number &&
			(c->question->order.size == 0 ||
				text_is(c->question->order, attempt->order))) {
			dispatch_ask(c->engine, attempt->number, attempt->gateway_number, now);
		}
	}
	callback_decide(c, decision_of(ALYM_ANSWER_NOTED));
}

static void callback_found(struct question *question)
{
	struct callback *c = question->context;
	const struct job *job = &question->job;
	struct alym_decision decision = decision_of_ask(job);

	assert(c->magic == CALLBACK_MAGIC);

	if (job->outcome != JOB_STALE &&
		(decision.kind == ALYM_ANSWER_UNKNOWN || decision.kind == ALYM_ANSWER_BUSY)) {
		callback_decide(c, decision);
		return;
	}
	c->lookup = lookup_new(c->engine);
	c->lookup->payment = job->payment;
	c->lookup->done = callback_checked;
	c->lookup->context = c;
	lookup_start(c->lookup);
}

static void callback_asked(struct question *question)
{
	struct callback *c = question->context;

	assert(c->magic == CALLBACK_MAGIC);

	callback_decide(c, decision_of_ask(&question->job));
}

static void callback_ask(struct callback *c, const struct alym_action *action)
{
	bool check = action->kind == ALYM_ACTION_CHECK;

	if (!check && c->origin.call == NULL) {
		callback_end(c);
		return;
	}
	c->question = question_new(c->engine, c->origin.gateway);
	c->question->order = carry_text(&c->carry, action->about_order);
	c->question->code = carry_text(&c->carry, action->about_code);
	c->question->as_it_stands = check;
	c->question->done = check ? callback_found : callback_asked;
	c->question->context = c;
	question_start(c->question);
}

/* ---- KEEP ---- */

static void callback_proven(struct job *job)
{
	struct callback *c = job->context;
	bool noted = job->outcome == JOB_DONE || job->outcome == JOB_NOT_FOUND;

	assert(c->magic == CALLBACK_MAGIC);

	engine_job_done(c->engine, job);
	callback_log(c, PORTS_INFO, noted ? "callback.proven" : "callback.not_proven",
		job->u.evidence.what);
	callback_decide(c, decision_of(noted ? ALYM_ANSWER_NOTED : ALYM_ANSWER_BUSY));
}

/* A register of payments, say: evidence for reconciliation. */
static void callback_prove(struct callback *c, struct text what)
{
	struct job_evidence *evidence = &c->job.u.evidence;

	c->job = (struct job){ .kind = JOB_EVIDENCE, .done = callback_proven, .context = c };
	evidence->gateway = c->origin.gateway->number;
	evidence->inbox = c->origin.inbox;
	evidence->what = carry_text(&c->carry, what);
	c->engine->ports.random(c->engine->ports.world, evidence->salt, sizeof(evidence->salt));
	engine_submit(c->engine, &c->job);
}

static void callback_act(struct session *session, const struct alym_action *action, void *context)
{
	struct callback *c = context;

	assert(c->magic == CALLBACK_MAGIC);
	assert(session == c->session);

	if (action == NULL) {
		callback_end_problem(c, c->engine->failed ? PROBLEM_UNAVAILABLE : PROBLEM_INTERNAL,
			"the gateway has no answer");
		return;
	}
	switch (action->kind) {
	case ALYM_ACTION_VERDICT:
		callback_verdict(c, &action->verdict);
		break;
	case ALYM_ACTION_ASK:
	case ALYM_ACTION_CHECK:
		callback_ask(c, action);
		break;
	case ALYM_ACTION_KEEP:
		callback_prove(c, action->keep);
		break;
	case ALYM_ACTION_ANSWER:
		callback_reply(c, &action->answer);
		break;
	case ALYM_ACTION_SEND:
	case ALYM_ACTION_WAIT:
	case ALYM_ACTION_LISTED:
	default:
		assert(false); /* action_fault() lets neither through */
	}
}

/* ---- the message ---- */

static void callback_interpret(struct callback *c)
{
	struct session_plan plan = {
		.gateway = c->origin.gateway,
		.message = &c->message.message,
		.now = c->origin.at,
		.act = callback_act,
		.context = c,
	};

	if (!message_read(c->origin.head, c->origin.body, c->origin.peer, &c->message)) {
		callback_end_problem(c, PROBLEM_INTERNAL, "the kept message can not be read");
		return;
	}
	c->session = session_new(c->engine, &plan);
	session_start(c->session);
}

static void callback_kept(struct job *job)
{
	struct callback *c = job->context;

	assert(c->magic == CALLBACK_MAGIC);

	engine_job_done(c->engine, job);
	if (job->outcome != JOB_DONE) {
		callback_end_problem(c, PROBLEM_UNAVAILABLE, "the message can not be kept");
		return;
	}
	c->origin.inbox = job->u.keep.inbox;
	inbox_kept(c->engine);
	callback_interpret(c);
}

static void callback_keep(struct callback *c)
{
	c->job.kind = JOB_KEEP;
	c->job.done = callback_kept;
	c->job.context = c;
	c->job.u.keep.gateway = c->origin.gateway->number;
	c->job.u.keep.peer = c->origin.peer;
	c->job.u.keep.head = c->origin.head;
	c->job.u.keep.body = c->origin.body;
	engine_submit(c->engine, &c->job);
}

void callback_start(struct engine *engine, const struct callback_origin *origin)
{
	struct callback *c = mem_new(1, sizeof(*c));

	assert(engine != NULL);
	assert(origin->gateway->number > 0);
	assert((origin->inbox == 0) == (origin->call != NULL));

	c->magic = CALLBACK_MAGIC;
	c->engine = engine;
	c->origin = *origin;
	c->origin.head = carry_text(&c->carry, origin->head);
	c->origin.body = carry_text(&c->carry, origin->body);
	c->origin.peer = carry_text(&c->carry, origin->peer);
	engine->under_way++;
	if (origin->inbox == 0) {
		callback_keep(c);
	} else {
		callback_interpret(c);
	}
}
