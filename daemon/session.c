/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/carry.h"
#include "daemon/origin.h"
#include "plugins/action.h"

enum { SESSION_MAGIC = 0x5E55104E };

/* Steps are taken one at a time, so that one scratch serves all sessions. */
struct sessions {
	struct alym_scratch scratch;
	struct session *waiting; /* for their time */
};

struct session {
	unsigned magic;
	struct engine *engine;
	struct session_plan plan;
	struct alym_order order; /* its texts in `carry` */
	struct alym_list list;   /* so too */
	struct carry carry;
	void *memory; /* the gateway's */
	int steps;
	void (*answered)(struct exchange *exchange); /* session_answered */
	bool sending;
	struct exchange exchange;
	struct alym_header headers[ALYM_HEADERS_MAX]; /* of the exchange, texts in `request` */
	struct carry request;
	const struct exchange *answer; /* while a step is taken upon it */
	int64_t wake_ms;
	bool waits;
	struct session *next; /* in sessions.waiting */
};

struct sessions *sessions_new(void)
{
	struct sessions *sessions = mem_new(1, sizeof(*sessions));

	sessions->scratch.bytes = mem_new(1, ALYM_SCRATCH_SIZE);
	return sessions;
}

void sessions_free(struct sessions **sessions)
{
	assert(sessions != NULL);

	if (*sessions != NULL) {
		free((*sessions)->scratch.bytes);
		free(*sessions);
		*sessions = NULL;
	}
}

static void session_copy_order(struct session *s, const struct alym_order *order)
{
	struct text *const texts[] = { &s->order.number, &s->order.code, &s->order.description,
		&s->order.language, &s->order.return_url, &s->order.payer_address,
		&s->order.callback_url, &s->order.handle, &s->order.refund_id };

	s->order = *order;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = carry_text(&s->carry, *texts[i]);
	}
	s->plan.order = &s->order;
}

/* The gateway can not go on: an operation's outcome is unknown, a message has no answer. */
static void session_break(struct session *s, const char *why)
{
	struct alym_action action = { .kind = ALYM_ACTION_VERDICT };
	const struct ports_field fields[] = {
		{ "gateway", text_of(s->plan.gateway->name) },
		{ "order", s->order.number },
		{ "why", text_of(why) },
	};

	engine_log(s->engine, PORTS_WARNING, "gateway.fault", fields,
		sizeof(fields) / sizeof(*fields));
	if (s->plan.order == NULL) {
		s->plan.act(s, NULL, s->plan.context);
		return;
	}
	action.verdict.kind = ALYM_UNKNOWN;
	action.verdict.reason = text_of(why);
	s->plan.act(s, &action, s->plan.context);
}

static const char *session_failure_name(enum exchange_result result)
{
	return result == EXCHANGE_NOT_SENT ? "not_sent" : "perhaps_sent";
}

static void session_log_failure(struct session *s, const struct exchange *x)
{
	const struct ports_field fields[] = {
		{ "gateway", text_of(s->plan.gateway->name) },
		{ "order", s->order.number },
		{ "result", text_of(session_failure_name(x->result)) },
		{ "why", text_of(x->why) },
	};

	engine_log(s->engine, PORTS_WARNING, "gateway.exchange_failed", fields,
		sizeof(fields) / sizeof(*fields));
}

static void session_prepare(struct session *s, const struct alym_request *request)
{
	carry_done(&s->request);
	for (size_t i = 0; i < request->header_count; i++) {
		s->headers[i].name = carry_text(&s->request, request->headers[i].name);
		s->headers[i].value = carry_text(&s->request, request->headers[i].value);
	}
	memset(&s->exchange, 0, sizeof(s->exchange));
	s->exchange.gateway = engine_gateway_index(s->engine, s->plan.gateway);
	s->exchange.method = carry_text(&s->request, request->method);
	s->exchange.url = carry_text(&s->request, request->url);
	s->exchange.headers = s->headers;
	s->exchange.header_count = request->header_count;
	s->exchange.body = carry_text(&s->request, request->body);
	s->exchange.timeout_ms = s->plan.gateway->timeout_ms;
	s->exchange.answer_max = SESSION_ANSWER_MAX;
	s->exchange.done = s->answered;
	s->exchange.context = s;
}

static void session_send(struct session *s, const struct alym_request *request)
{
	if (!origin_allows(s->plan.gateway, request->url)) {
		session_break(s, "sends to a host that is none of its endpoints");
		return;
	}
	session_prepare(s, request);
	s->sending = true;
	s->engine->counts.exchanges++;
	s->engine->under_way++;
	s->engine->ports.exchange(s->engine->ports.world, &s->exchange);
}

static void session_wait(struct session *s, int64_t wait_ms)
{
	struct engine *engine = s->engine;

	s->wake_ms = engine->ports.now_ms(engine->ports.world) + wait_ms;
	s->waits = true;
	s->next = engine->sessions->waiting;
	engine->sessions->waiting = s;
	engine->under_way++;
}

/* Completes the event, lets the gateway act upon it, and says what is wrong with the action. */
static const char *session_act(struct session *s, struct alym_event *event,
	struct alym_action *action)
{
	struct engine *engine = s->engine;
	struct alym_scratch *scratch = &engine->sessions->scratch;

	if (engine->failed) {
		return "is stopped: nothing more can be booked";
	}
	if (s->steps == ALYM_STEPS_MAX) {
		return "takes too many steps";
	}
	s->steps++;
	event->now = s->plan.now > 0 ? s->plan.now : engine_now(engine);
	engine->ports.random(engine->ports.world, event->random, sizeof(event->random));
	event->operation = s->plan.operation;
	event->again = s->plan.again;
	event->order = s->plan.order;
	event->list = s->plan.list;
	scratch->size = 0;
	action->scratch = scratch;
	s->plan.gateway->plugin->step(s->plan.gateway->state, s->memory, event, action);
	return action->scratch == scratch ? action_fault(action, event) : "loses its scratch";
}

static void session_step(struct session *s, struct alym_event *event)
{
	struct alym_action action = { 0 };
	const char *fault = session_act(s, event, &action);

	if (fault != NULL) {
		session_break(s, fault);
	} else if (action.kind == ALYM_ACTION_SEND) {
		session_send(s, &action.request);
	} else if (action.kind == ALYM_ACTION_WAIT) {
		session_wait(s, action.wait_ms);
	} else {
		s->plan.act(s, &action, s->plan.context);
	}
}

static void session_answered(struct exchange *x)
{
	struct session *s = x->context;
	struct alym_event event = { 0 };
	struct alym_message message = { 0 };
	struct exchange answer;

	assert(s->magic == SESSION_MAGIC);
	assert(s->sending);
	assert(x == &s->exchange);

	s->sending = false;
	s->engine->under_way--;
	answer = *x; /* the next request is written over it */
	if (answer.result == EXCHANGE_ANSWERED) {
		assert(answer.answer.size <= SESSION_ANSWER_MAX);
		message.status = answer.status;
		message.headers = answer.answer_headers;
		message.header_count = answer.answer_header_count;
		message.body = answer.answer;
		event.kind = ALYM_EVENT_RESPONSE;
		event.message = &message;
		s->answer = &answer;
	} else {
		s->answer = NULL;
		s->engine->counts.exchange_failures++;
		session_log_failure(s, &answer);
		event.kind = ALYM_EVENT_FAILURE;
		event.failure = answer.result == EXCHANGE_NOT_SENT ? ALYM_FAILURE_NOT_SENT
								   : ALYM_FAILURE_PERHAPS_SENT;
	}
	session_step(s, &event);
}

struct session *session_new(struct engine *engine, const struct session_plan *plan)
{
	struct session *s = mem_new(1, sizeof(*s));

	assert(engine != NULL);
	assert(plan->gateway != NULL);
	assert(plan->act != NULL);
	assert((plan->order != NULL) + (plan->message != NULL) + (plan->list != NULL) == 1);
	assert(plan->gateway->plugin->session_size <= ALYM_SESSION_MAX);

	s->magic = SESSION_MAGIC;
	s->engine = engine;
	s->plan = *plan;
	s->answered = session_answered;
	if (plan->order != NULL) {
		session_copy_order(s, plan->order);
	}
	if (plan->list != NULL) {
		s->list = *plan->list;
		s->list.after = carry_text(&s->carry, plan->list->after);
		s->plan.list = &s->list;
	}
	s->memory = mem_new(1, plan->gateway->plugin->session_size + 1);
	return s;
}

void session_free(struct session **session)
{
	assert(session != NULL);

	if (*session == NULL) {
		return;
	}
	assert((*session)->magic == SESSION_MAGIC);
	assert(!(*session)->sending);
	assert(!(*session)->waits);
	(*session)->magic = 0;
	mem_wipe((*session)->memory, (*session)->plan.gateway->plugin->session_size);
	free((*session)->memory);
	carry_done(&(*session)->carry);
	carry_done(&(*session)->request);
	free(*session);
	*session = NULL;
}

void session_start(struct session *s)
{
	struct alym_event event = { 0 };

	assert(s->magic == SESSION_MAGIC);
	assert(s->steps == 0);

	event.kind = s->plan.message == NULL ? ALYM_EVENT_START : ALYM_EVENT_CALLBACK;
	event.message = s->plan.message;
	session_step(s, &event);
}

void session_decide(struct session *s, const struct alym_decision *decision)
{
	struct alym_event event = { .kind = ALYM_EVENT_DECISION, .decision = decision };

	assert(s->magic == SESSION_MAGIC);
	assert(s->plan.order == NULL);

	session_step(s, &event);
}

bool session_evidence(const struct session *s, struct buffer *out)
{
	const struct exchange *x;

	assert(s->magic == SESSION_MAGIC);
	assert(out->size == 0);

	x = s->answer;
	if (x == NULL) {
		return false;
	}
	buffer_printf(out, "%d\n", x->status);
	for (size_t i = 0; i < x->answer_header_count; i++) {
		buffer_add(out, x->answer_headers[i].name);
		buffer_add_string(out, ": ");
		buffer_add(out, x->answer_headers[i].value);
		buffer_add_char(out, '\n');
	}
	buffer_add_char(out, '\n');
	buffer_add(out, x->answer);
	if (out->overflowed) { /* then the body alone: it is bounded */
		buffer_reset(out);
		buffer_add(out, x->answer);
	}
	return true;
}

/* Takes the first session whose time has come out of the list; NULL: none. */
static struct session *sessions_take(struct sessions *sessions, int64_t now_ms)
{
	for (struct session **at = &sessions->waiting; *at != NULL; at = &(*at)->next) {
		struct session *s = *at;

		assert(s->magic == SESSION_MAGIC);
		if (s->wake_ms <= now_ms) {
			*at = s->next;
			s->next = NULL;
			return s;
		}
	}
	return NULL;
}

static void sessions_wake(struct engine *engine, int64_t now_ms)
{
	struct session *s;

	while ((s = sessions_take(engine->sessions, now_ms)) != NULL) {
		struct alym_event event = { .kind = ALYM_EVENT_TIME };

		s->waits = false;
		s->answer = NULL;
		engine->under_way--;
		session_step(s, &event);
	}
}

int64_t sessions_tick(struct engine *engine)
{
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);
	int64_t next = INT64_MAX;

	sessions_wake(engine, now_ms);
	for (const struct session *s = engine->sessions->waiting; s != NULL; s = s->next) {
		next = s->wake_ms - now_ms < next ? s->wake_ms - now_ms : next;
	}
	return next > 0 ? next : 0;
}

void sessions_fail(struct engine *engine)
{
	assert(engine->failed);

	sessions_wake(engine, INT64_MAX);
}
