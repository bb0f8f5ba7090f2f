/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/errand.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/booking.h"
#include "daemon/failover.h"
#include "daemon/lookup.h"
#include "daemon/router.h"
#include "daemon/session.h"

enum { ERRAND_MAGIC = 0x644A4D00 };

static const int64_t errand_delays_s[] = { 60, 300, 900, 3600, 21600, 86400 };

enum { ERRAND_DELAYS = sizeof(errand_delays_s) / sizeof(*errand_delays_s) };

struct errand {
	unsigned magic;
	struct engine *engine;
	struct engine_gateway *gateway;
	struct schedule_entry *entry;
	bool sent; /* it left the outbox just now */
	struct job job;
	struct lookup *lookup;
	char order[JOB_ORDER_SIZE]; /* the attempt's, and how it stood */
	enum attempt_state state;
	enum alym_operation operation;
	bool again; /* the operation was begun before, or may have been */
	struct session *session;
	struct failover *failover; /* where to go from here; or NULL */
	struct booking *booking;
	struct buffer evidence;
};

int64_t errand_delay_s(int32_t tries)
{
	assert(tries >= 0);

	return errand_delays_s[tries < ERRAND_DELAYS ? tries : ERRAND_DELAYS - 1];
}

static void errand_end(struct errand *e, int64_t next)
{
	struct engine *engine = e->engine;
	struct engine_gateway *gateway = e->gateway;
	struct schedule_entry *entry = e->entry;

	assert(e->session == NULL);

	e->magic = 0;
	lookup_free(&e->lookup);
	booking_free(&e->booking);
	failover_free(&e->failover);
	buffer_done(&e->evidence);
	free(e);
	engine->under_way--;
	dispatch_over(engine, gateway, entry, next);
}

/* A final attempt that was asked about on a hint stays known for a while: hints come in swarms. */
static void errand_end_final(struct errand *e)
{
	bool forced = e->entry->forced;

	e->entry->forced = false;
	errand_end(e, forced ? e->entry->seen_at + ERRAND_GAP_S : 0);
}

static void errand_end_later(struct errand *e)
{
	e->entry->tries++;
	errand_end(e, engine_now(e->engine) + errand_delay_s(e->entry->tries));
}

static void errand_booked(struct booking *booking)
{
	struct errand *e = booking->context;
	const struct job *job = &booking->job;

	assert(e->magic == ERRAND_MAGIC);

	if (job->outcome == JOB_DONE && job->u.verdict.next_attempt > 0) {
		failover_go(e->failover, e->engine, job->u.verdict.next_attempt);
	}
	if (job->outcome != JOB_DONE && job->outcome != JOB_REPEATED) {
		errand_end_later(e);
	} else if (!attempt_is_final(job->attempt_state)) {
		e->entry->forced = false;
		errand_end(e, job->u.verdict.next_at);
	} else if (booking->kind == ALYM_UNKNOWN && e->entry->forced &&
		   e->entry->tries < ERRAND_DELAYS) {
		/* A hint about a final attempt is worth another question: nobody answered. */
		errand_end(e, job->u.verdict.next_at);
	} else {
		errand_end_final(e);
	}
}

/* A hold that the gateway neither takes nor gives up goes round between these two. */
static bool errand_is_held(enum attempt_state state)
{
	return state == ATTEMPT_AUTHORIZED || state == ATTEMPT_UNKNOWN;
}

/* When to ask next.  A new state begins the schedule anew, a round with a hold does not. */
static int64_t errand_next(struct errand *e, enum attempt_event event)
{
	struct attempt_step step = attempt_step(e->state, event);
	bool moves = step.verdict == ATTEMPT_MOVE && step.next != e->state;
	bool held = moves && step.next == ATTEMPT_AUTHORIZED;
	int64_t now = engine_now(e->engine);

	if (moves && !(errand_is_held(e->state) && errand_is_held(step.next))) {
		e->entry->tries = 0;
	} else if (!moves || held) {
		e->entry->tries++;
	}
	return held ? now : now + errand_delay_s(e->entry->tries);
}

/* What proves an outcome is kept; that there is none yet is not worth keeping. */
static void errand_add_evidence(struct errand *e, const struct session *session,
	enum alym_verdict_kind kind)
{
	if ((kind == ALYM_DONE || kind == ALYM_DECLINED || kind == ALYM_NOT_ATTEMPTED) &&
		session_evidence(session, &e->evidence)) {
		e->booking->job.u.verdict.evidence = buffer_text(&e->evidence);
	}
}

static void errand_log(const struct errand *e, enum ports_level level, const char *event,
	struct text reason)
{
	char attempt[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(e->gateway->name) },
		{ "order", text_of(e->order) },
		{ "attempt", engine_number(e->entry->attempt, attempt) },
		{ "reason", reason },
	};

	engine_log(e->engine, level, event, fields, sizeof(fields) / sizeof(*fields));
}

/* Whether that operation upon the hold was never begun; NULL: it is no such operation. */
static bool *errand_first(struct errand *e)
{
	if (e->operation == ALYM_OPERATION_CAPTURE) {
		return &e->entry->first_capture;
	}
	return e->operation == ALYM_OPERATION_RELEASE ? &e->entry->first_release : NULL;
}

/* What certainly never left was not begun. */
static void errand_take_back(struct errand *e, enum alym_verdict_kind kind)
{
	bool *first = errand_first(e);

	if (first != NULL && !e->again && kind == ALYM_NOT_ATTEMPTED) {
		*first = true;
	}
}

/* Whether that verdict upon an order says that the gateway takes orders; what it made of this one
 * is another matter. */
static bool errand_arrived(enum alym_verdict_kind kind)
{
	return kind == ALYM_DONE || kind == ALYM_PENDING || kind == ALYM_DECLINED;
}

static void errand_act(struct session *session, const struct alym_action *action, void *context)
{
	struct errand *e = context;
	bool declined = action->verdict.kind == ALYM_DECLINED;
	struct job_verdict *said;

	assert(e->magic == ERRAND_MAGIC);
	assert(action->kind == ALYM_ACTION_VERDICT);

	if (e->operation == ALYM_OPERATION_CAPTURE && declined) {
		/* Another sum or currency is held than was ordered, say: nobody is to hold on to
		 * it. */
		errand_log(e, PORTS_WARNING, "gateway.capture_declined", action->verdict.reason);
		session_free(&e->session);
		e->entry->refused = true;
		errand_end(e, engine_now(e->engine));
		return;
	}
	if (e->operation == ALYM_OPERATION_RELEASE && declined) {
		/* Perhaps it is held no more, perhaps it was taken: booked as unknown, asked. */
		errand_log(e, PORTS_WARNING, "gateway.release_declined", action->verdict.reason);
	}
	errand_take_back(e, action->verdict.kind);
	if (e->operation == ALYM_OPERATION_PAY) {
		router_learn(e->engine, e->gateway, errand_arrived(action->verdict.kind));
	}
	e->booking = booking_new(e->engine, e->gateway, e->operation, &action->verdict,
		engine_now(e->engine));
	e->booking->done = errand_booked;
	e->booking->context = e;
	said = &e->booking->job.u.verdict;
	said->order = text_of(e->order);
	said->next_at = errand_next(e, said->event);
	errand_add_evidence(e, session, action->verdict.kind);
	said->has_next = said->event == ATTEMPT_MISS && e->failover != NULL &&
			 failover_next(e->failover, e->engine, &said->next);
	session_free(&e->session);
	booking_submit(e->booking);
}

/* What is to be said about an attempt in that state; false: nothing. */
static bool errand_choose(struct errand *e)
{
	enum attempt_state state = e->lookup->attempt_view.state;
	enum payment_state payment = e->lookup->payment_view.state;
	bool wanted = payment == PAYMENT_OPEN || payment == PAYMENT_PARTLY_PAID;

	e->operation = ALYM_OPERATION_STATUS;
	if (attempt_is_final(state)) {
		return e->entry->forced;
	}
	if (state == ATTEMPT_AUTHORIZED) {
		e->operation = wanted && !e->entry->refused ? ALYM_OPERATION_CAPTURE
							    : ALYM_OPERATION_RELEASE;
	} else if (state == ATTEMPT_SENT && e->sent) {
		e->operation = ALYM_OPERATION_PAY;
	}
	return true;
}

/* An operation upon a hold is begun again until it is known what came of it, whatever was asked in
 * between. */
static bool errand_begins_again(struct errand *e)
{
	bool *first = errand_first(e);
	bool again = first != NULL && !*first;

	if (first != NULL) {
		*first = false;
	}
	return again;
}

static void errand_talk(struct errand *e)
{
	struct lookup_order order;
	struct session_plan plan = {
		.gateway = e->gateway,
		.operation = e->operation,
		.act = errand_act,
		.context = e,
	};

	lookup_order(e->lookup, e->gateway, &order);
	plan.order = &order.order;
	e->again = errand_begins_again(e);
	plan.again = e->again;
	if (!attempt_is_final(e->lookup->attempt_view.state)) {
		e->failover = failover_new(e->lookup);
	}
	if (e->operation == ALYM_OPERATION_PAY) {
		router_sent(e->engine, e->gateway);
	}
	e->state = e->lookup->attempt_view.state;
	memcpy(e->order, e->lookup->attempt_view.order, sizeof(e->order));
	e->session = session_new(e->engine, &plan);
	lookup_free(&e->lookup); /* a view is large, and the bank may be slow */
	session_start(e->session);
}

static void errand_read(struct lookup *lookup)
{
	struct errand *e = lookup->context;

	assert(e->magic == ERRAND_MAGIC);

	if (lookup->result == READER_FAILED) {
		errand_end_later(e);
	} else if (lookup->result == READER_ABSENT) {
		errand_end(e, 0);
	} else if (lookup->attempt_view.state == ATTEMPT_CREATED) { /* a hint came first */
		e->entry->send = true;
		errand_end(e, engine_now(e->engine));
	} else if (errand_choose(e)) {
		errand_talk(e);
	} else {
		errand_end_final(e);
	}
}

static void errand_look(struct errand *e)
{
	e->lookup = lookup_new(e->engine);
	e->lookup->attempt = e->entry->attempt;
	e->lookup->done = errand_read;
	e->lookup->context = e;
	lookup_start(e->lookup);
}

static void errand_sent(struct job *job)
{
	struct errand *e = job->context;

	assert(e->magic == ERRAND_MAGIC);

	engine_job_done(e->engine, job);
	if (job->outcome == JOB_DONE || job->outcome == JOB_ILLEGAL) {
		e->entry->send = false;
		e->sent = job->outcome == JOB_DONE;
		errand_look(e);
	} else if (job->outcome == JOB_NOT_FOUND) {
		errand_end(e, 0);
	} else {
		errand_end_later(e);
	}
}

void errand_start(struct engine *engine, struct engine_gateway *gateway,
	struct schedule_entry *entry)
{
	struct errand *e = mem_new(1, sizeof(*e));

	assert(entry->place == SCHEDULE_TAKEN);

	e->magic = ERRAND_MAGIC;
	e->engine = engine;
	e->gateway = gateway;
	e->entry = entry;
	buffer_init(&e->evidence, JOB_EVIDENCE_MAX);
	entry->seen_at = engine_now(engine);
	engine->under_way++;
	if (!entry->send) {
		errand_look(e);
		return;
	}
	e->job.kind = JOB_SEND;
	e->job.attempt = entry->attempt;
	e->job.done = errand_sent;
	e->job.context = e;
	engine_submit(engine, &e->job);
}
