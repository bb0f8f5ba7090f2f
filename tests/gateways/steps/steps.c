/* SPDX-License-Identifier: Apache-2.0 */

/*
 * steps - a gateway for tests: takes any step of the ABI on demand, the forbidden ones too.
 *
 * Which one is told by the order's description, or by the first word of a message; steps_orders
 * and steps_messages below are the lists.  What has no entry is done at once (operations) or
 * answered with 404 (messages).
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plugins/gateway.h"
#include "plugins/scratch.h"

enum { STEPS_ENDPOINT_MAX = 256, STEPS_WAIT_MS = 10, STEPS_REMEMBERED = 3072 };

struct alym_gateway_state {
	char endpoint[STEPS_ENDPOINT_MAX];
	uint64_t key; /* of the toy signature */
};

struct steps_session {
	int steps;
	char word[16]; /* the message's first */
	char remembered[STEPS_REMEMBERED];
};

static const struct alym_key steps_keys[] = {
	{ "endpoint", true, "the bank's address" },
	{ "token_endpoint", false, "another address of the bank's" },
	{ "key", false, "digits: the key of the toy signature" },
	{ 0 },
};

/* ---- operations ---- */

typedef void steps_order_step(const struct alym_gateway_state *, struct steps_session *,
	const struct alym_event *, struct alym_action *);

static void steps_end(struct alym_action *action, enum alym_verdict_kind kind, const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict.kind = kind;
	action->verdict.reason = text_of(reason);
}

static void steps_done(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	steps_end(action, ALYM_DONE, "as asked");
	action->verdict.amount = event->order->amount;
	action->verdict.operation =
		scratch_printf(action->scratch, "steps-%.*s", TEXT_ARGS(event->order->number));
	if (event->operation == ALYM_OPERATION_REFUND) {
		action->verdict.amount = event->order->refund;
		action->verdict.operation = scratch_printf(action->scratch, "steps-%.*s",
			TEXT_ARGS(event->order->refund_id));
	}
}

/* A token first, then the request that carries it. */
static void steps_token(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct alym_request *request = &action->request;

	action->kind = ALYM_ACTION_SEND;
	if (event->kind == ALYM_EVENT_FAILURE) {
		bool first = session->steps == 2;

		steps_end(action,
			first || event->failure == ALYM_FAILURE_NOT_SENT ? ALYM_NOT_ATTEMPTED
									 : ALYM_UNKNOWN,
			first ? "no token" : "no answer");
	} else if (event->kind == ALYM_EVENT_START) {
		request->method = TEXT("GET");
		request->url = scratch_printf(action->scratch, "%s/token", state->endpoint);
	} else if (session->steps == 2) {
		request->method = TEXT("POST");
		request->url = scratch_printf(action->scratch, "%s/pay", state->endpoint);
		action->scratch->headers[0] = (struct alym_header){ TEXT("Authorization"),
			scratch_printf(action->scratch, "Bearer %.*s",
				TEXT_ARGS(event->message->body)) };
		request->headers = action->scratch->headers;
		request->header_count = 1;
		request->body = scratch_printf(action->scratch, "order=%.*s",
			TEXT_ARGS(event->order->number));
	} else if (event->message->status == 200) {
		steps_done(state, session, event, action);
	} else {
		steps_end(action, ALYM_DECLINED, "the bank said no");
	}
}

static void steps_wait(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->kind == ALYM_EVENT_TIME) {
		steps_done(state, session, event, action);
	} else {
		action->kind = ALYM_ACTION_WAIT;
		action->wait_ms = STEPS_WAIT_MS;
	}
}

static void steps_form(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct alym_form_field *fields = action->scratch->fields;
	char nonce[2 * sizeof(event->random) + 1];

	(void)session;
	text_hex(event->random, sizeof(event->random), nonce);
	steps_end(action, ALYM_PENDING, "");
	fields[0] = (struct alym_form_field){ TEXT("ORDER"), event->order->number };
	fields[1] = (struct alym_form_field){ TEXT("DESC"), TEXT("\"<&'> \xD0\xB6") };
	fields[2] = (struct alym_form_field){ TEXT("TIMESTAMP"),
		scratch_printf(action->scratch, "%" PRId64, event->now) };
	fields[3] = (struct alym_form_field){ TEXT("NONCE"),
		scratch_copy(action->scratch, text_of(nonce)) };
	fields[4] = (struct alym_form_field){ TEXT("CLIENT_IP"), event->order->payer_address };
	action->verdict.form_url = scratch_printf(action->scratch, "%s/form", state->endpoint);
	action->verdict.fields = fields;
	action->verdict.field_count = 5;
}

static void steps_redirect(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)session;
	(void)event;
	steps_end(action, ALYM_PENDING, "");
	action->verdict.handle = TEXT("handle-1");
	action->verdict.pay_url = scratch_printf(action->scratch, "%s/page", state->endpoint);
}

static void steps_authorized(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->operation == ALYM_OPERATION_CAPTURE ||
		event->operation == ALYM_OPERATION_RELEASE) {
		steps_done(state, session, event, action);
	} else {
		steps_end(action, ALYM_PENDING, "");
		action->verdict.authorized = true;
		action->verdict.amount = event->order->amount;
	}
}

static void steps_declined(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	steps_end(action, ALYM_DECLINED, "as asked");
	action->verdict.expired = text_is(event->order->description, "expired");
}

static void steps_not_attempted(const struct alym_gateway_state *state,
	struct steps_session *session, const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	steps_end(action, ALYM_NOT_ATTEMPTED, "as asked");
}

/* Unknown at first; known when asked for the status. */
static void steps_unknown(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->operation == ALYM_OPERATION_STATUS || event->again) {
		steps_done(state, session, event, action);
	} else {
		steps_end(action, ALYM_UNKNOWN, "as asked");
	}
}

/* Whether what was remembered in one step is there in the next. */
static void steps_memory(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (event->kind == ALYM_EVENT_START) {
		memset(session->remembered, 'm', sizeof(session->remembered));
		action->kind = ALYM_ACTION_WAIT;
		action->wait_ms = 1;
		return;
	}
	for (size_t i = 0; i < sizeof(session->remembered); i++) {
		if (session->remembered[i] != 'm') {
			steps_end(action, ALYM_DECLINED, "forgot");
			return;
		}
	}
	steps_done(state, session, event, action);
}

static void steps_endless(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	action->kind = ALYM_ACTION_WAIT;
	action->wait_ms = 1;
}

static void steps_wait_long(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	action->kind = ALYM_ACTION_WAIT;
	action->wait_ms = INT64_C(60001);
}

static void steps_flood(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct text piece = TEXT("0123456789abcdef");

	steps_done(state, session, event, action);
	while (!scratch_overflowed(action->scratch)) {
		action->verdict.handle = scratch_copy(action->scratch, piece);
	}
}

static void steps_plain(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	action->kind = ALYM_ACTION_SEND;
	action->request.method = TEXT("GET");
	action->request.url = TEXT("http://127.0.0.1/");
}

static void steps_elsewhere(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	steps_plain(state, session, event, action);
	action->request.url = TEXT("https://elsewhere.example/");
}

static void steps_out_of_turn(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = 200;
}

static const struct {
	const char *description;
	steps_order_step *step;
} steps_orders[] = {
	{ "token", steps_token },
	{ "wait", steps_wait },
	{ "form", steps_form },
	{ "redirect", steps_redirect },
	{ "authorized", steps_authorized },
	{ "declined", steps_declined },
	{ "expired", steps_declined },
	{ "not-attempted", steps_not_attempted },
	{ "unknown", steps_unknown },
	{ "memory", steps_memory },
	{ "endless", steps_endless },
	{ "wait-long", steps_wait_long },
	{ "flood", steps_flood },
	{ "plain", steps_plain },
	{ "elsewhere", steps_elsewhere },
	{ "out-of-turn", steps_out_of_turn },
};

static void steps_operate(const struct alym_gateway_state *state, struct steps_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	steps_order_step *step = steps_done;

	for (size_t i = 0; i < sizeof(steps_orders) / sizeof(*steps_orders); i++) {
		if (text_is(event->order->description, steps_orders[i].description)) {
			step = steps_orders[i].step;
		}
	}
	step(state, session, event, action);
}

/* ---- messages ---- */

/* "WORD ARGUMENT AMOUNT": what a message may say. */
struct steps_message {
	struct text word;
	struct text argument;
	int64_t minor;
};

typedef void steps_message_step(const struct steps_message *, struct alym_action *);

static void steps_check(const struct steps_message *message, struct alym_action *action)
{
	action->kind = ALYM_ACTION_CHECK;
	action->about_order = message->argument;
}

static void steps_ask(const struct steps_message *message, struct alym_action *action)
{
	action->kind = ALYM_ACTION_ASK;
	action->about_code = message->argument;
	if (message->minor > 0) {
		action->about_amount = money_of(message->minor, "KZT");
	}
}

static void steps_keep(const struct steps_message *message, struct alym_action *action)
{
	action->kind = ALYM_ACTION_KEEP;
	action->keep = message->argument;
}

static void steps_paid(const struct steps_message *message, struct alym_action *action)
{
	steps_end(action, ALYM_DONE, "a message says so");
	action->verdict.order = message->argument;
	action->verdict.amount = money_of(message->minor, "KZT");
	action->verdict.operation =
		scratch_printf(action->scratch, "message-%.*s", TEXT_ARGS(message->argument));
}

static void steps_refusable(const struct steps_message *message, struct alym_action *action)
{
	steps_paid(message, action);
	action->verdict.order = TEXT("");
	action->verdict.code = message->argument;
	action->verdict.refusable = true;
	action->verdict.paid = ALYM_PAID_LOCAL;
	action->verdict.paid_day = 20454; /* 2026-01-01 */
	action->verdict.paid_second = 3600;
}

/* Forbidden: says money moved, but not whose. */
static void steps_nobody(const struct steps_message *message, struct alym_action *action)
{
	steps_paid(message, action);
	action->verdict.order = TEXT("");
}

static const struct {
	const char *word;
	steps_message_step *step;
} steps_messages[] = {
	{ "check", steps_check },
	{ "ask", steps_ask },
	{ "keep", steps_keep },
	{ "paid", steps_paid },
	{ "refusable", steps_refusable },
	{ "nobody", steps_nobody },
};

/* What stands before the first blank; the rest stays in `t`. */
static struct text steps_word(struct text *t)
{
	const char *blank = t->size > 0 ? memchr(t->bytes, ' ', t->size) : NULL;
	size_t size = blank != NULL ? (size_t)(blank - t->bytes) : t->size;
	struct text word = { t->bytes, size };

	size += blank != NULL ? 1 : 0;
	t->bytes = size > 0 ? t->bytes + size : t->bytes;
	t->size -= size;
	return word;
}

static void steps_receive(struct steps_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct text rest = event->message->body;
	struct steps_message message = { 0 };
	steps_message_step *step = NULL;

	message.word = steps_word(&rest);
	message.argument = steps_word(&rest);
	if (!text_parse_integer(rest, &message.minor)) {
		message.minor = 0;
	}
	for (size_t i = 0; i < sizeof(steps_messages) / sizeof(*steps_messages); i++) {
		if (text_is(message.word, steps_messages[i].word)) {
			step = steps_messages[i].step;
		}
	}
	if (step == NULL || !text_copy(message.word, session->word, sizeof(session->word))) {
		action->kind = ALYM_ACTION_ANSWER;
		action->answer.status = 404;
		action->answer.body = TEXT("what?");
		return;
	}
	step(&message, action);
}

/* FNV-1a over key and text: shows that an answer can be signed over the decision, no more. */
static uint64_t steps_signature(const struct alym_gateway_state *state, struct text t)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ state->key;

	for (size_t i = 0; i < t.size; i++) {
		hash = (hash ^ (unsigned char)t.bytes[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* "WORD KIND RECORD DUE CURRENCY SERVICE", signed. */
static void steps_answer(const struct alym_gateway_state *state,
	const struct steps_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_decision *decision = event->decision;
	struct alym_header *header = action->scratch->headers;

	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = decision->kind == ALYM_ANSWER_BUSY ? 503 : 200;
	action->answer.body =
		scratch_printf(action->scratch, "%s %d %" PRId64 " %" PRId64 " %s %.*s",
			session->word, (int)decision->kind, decision->record, decision->due.minor,
			decision->due.currency, TEXT_ARGS(decision->service));
	header[0] = (struct alym_header){ TEXT("X-Steps-Signature"),
		scratch_printf(action->scratch, "%016" PRIx64,
			steps_signature(state, action->answer.body)) };
	action->answer.headers = header;
	action->answer.header_count = 1;
}

/* ---- the gateway ---- */

static struct alym_gateway_state *steps_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));

	for (size_t i = 0; i < count; i++) {
		int64_t key = 0;

		if (strcmp(settings[i].name, "endpoint") == 0 &&
			!text_copy(settings[i].value, state->endpoint, sizeof(state->endpoint))) {
			(void)snprintf(why, why_size, "endpoint is too long");
			free(state);
			return NULL;
		}
		if (strcmp(settings[i].name, "key") == 0 &&
			!text_parse_integer(settings[i].value, &key)) {
			(void)snprintf(why, why_size, "key must be digits");
			free(state);
			return NULL;
		}
		state->key ^= (uint64_t)key;
	}
	return state;
}

static void steps_close(struct alym_gateway_state *state)
{
	free(state);
}

static void steps_step(const struct alym_gateway_state *state, void *memory,
	const struct alym_event *event, struct alym_action *action)
{
	struct steps_session *session = memory;

	assert(session->steps < ALYM_STEPS_MAX); /* alymd would have ended it */
	session->steps++;
	if (event->order != NULL) {
		steps_operate(state, session, event, action);
	} else if (event->kind == ALYM_EVENT_CALLBACK) {
		steps_receive(session, event, action);
	} else {
		steps_answer(state, session, event, action);
	}
}

ALYM_GATEWAY(.name = "steps", .keys = steps_keys,
	.order = { .digits_min = 6, .digits_max = 15, .suffix_daily = 6 },
	.session_size = sizeof(struct steps_session), .open = steps_open, .close = steps_close,
	.step = steps_step);
