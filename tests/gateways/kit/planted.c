/* SPDX-License-Identifier: Apache-2.0 */

/*
 * planted - the sandbox's gateway with one bug, named by the setting `bug`: what the kit is for.
 *
 * Most of them change what the gateway sees, signed anew, or what it said.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plugins/kit/message.h"
#include "plugins/scratch.h"
#include "tests/gateways/sandbox/bank.h"

enum { PLANTED_LARGE = 100 * 1024, PLANTED_HALF = 32, PLANTED_DAY_S = 86400 };

/* The sandbox's own constant, renamed where its sources are compiled. */
extern const struct alym_gateway planted_sandbox;

struct planted_session {
	struct text held;                    /* the bug itself: what a later step may not look at */
	char signature[BANK_SIGNATURE_SIZE]; /* of the request that was sent last */
	_Alignas(max_align_t) char sandbox[];
};

/* What the sandbox sees instead of a step's own.  Only good until the next step. */
struct planted_view {
	struct alym_event event;
	struct alym_order order;
	struct alym_decision decision;
	struct bank_message message;
	struct kit_message text;
	char method[16];
};

struct alym_gateway_state {
	struct alym_gateway_state *sandbox;
	struct planted_view *view; /* one session at a time is enough for a test */
	char bug[32];
};

static bool planted_is(const struct alym_gateway_state *state, const char *bug)
{
	return strcmp(state->bug, bug) == 0;
}

/* ---- before the sandbox's step ---- */

static struct text planted_header(const struct alym_message *message, const char *name)
{
	for (size_t i = 0; i < message->header_count; i++) {
		if (text_is_any_case(message->headers[i].name, name)) {
			return message->headers[i].value;
		}
	}
	return TEXT("");
}

/* The message as it stands in view->text, signed by the bank's own key. */
static void planted_sign(const struct planted_session *session, struct planted_view *view)
{
	struct bank_message *m = &view->message;

	m->message = (struct alym_message){
		.status = view->text.status,
		.method = text_of(view->text.method),
		.path = buffer_text(&view->text.path),
		.body = buffer_text(&view->text.body),
	};
	if (view->event.kind == ALYM_EVENT_CALLBACK) {
		bank_sign_request(BANK_SECRET, view->event.now, m);
	} else {
		bank_sign_answer(BANK_SECRET, view->event.now, text_of(session->signature), m);
	}
	view->event.message = &m->message;
}

static bool planted_half(const struct alym_message *message, const struct planted_session *session,
	struct planted_view *view)
{
	struct text theirs = planted_header(message, "X-Sandbox-Signature");

	planted_sign(session, view);
	return theirs.size >= PLANTED_HALF &&
	       memcmp(theirs.bytes, view->message.signature, PLANTED_HALF) == 0;
}

/* Puts `member` where an object that has no such member begins. */
static void planted_insert(struct buffer *body, const char *name, const char *member)
{
	if (body->size > 1 && strstr(body->bytes, name) == NULL &&
		strstr(body->bytes, "\"currency\"") != NULL) {
		kit_message_splice(body, 1, 0, text_of(member));
	}
}

/* Spoils view->text as the bug has it; true when there was anything to do. */
static bool planted_mend(const struct alym_gateway_state *state, const struct alym_message *message,
	const struct planted_session *session, struct planted_view *view)
{
	struct kit_message *text = &view->text;
	bool answer = view->event.kind == ALYM_EVENT_RESPONSE;

	if (planted_is(state, "trusts") || planted_is(state, "replays")) {
		return true;
	}
	if (planted_is(state, "half")) {
		return planted_half(message, session, view);
	}
	if (planted_is(state, "status_blind") && answer && text->body.size > 0) {
		text->status = view->event.operation == ALYM_OPERATION_PAY ? 201 : 200;
		return text->body.bytes[0] == '{';
	}
	if (planted_is(state, "order") && answer) {
		kit_message_replace(text, TEXT("12345639"), view->event.order->number);
		return true;
	}
	if (planted_is(state, "merchant")) {
		kit_message_replace(text, TEXT("\"other\""), TEXT("\"shop\""));
		return true;
	}
	if (planted_is(state, "default") && answer && text->body.size > 0) {
		planted_insert(&text->body, "\"amount\"", "\"amount\":12975000,");
		return true;
	}
	return false;
}

static void planted_see_message(const struct alym_gateway_state *state,
	struct planted_session *session, const struct alym_event *event, struct planted_view *view)
{
	const struct alym_message *message = event->message;

	kit_message_reset(&view->text);
	if (!text_copy(message->method, view->method, sizeof(view->method))) {
		view->method[0] = '\0';
	}
	view->text.status = message->status;
	view->text.method = view->method;
	buffer_add(&view->text.path, message->path);
	buffer_add(&view->text.body, message->body);
	if (planted_mend(state, message, session, view)) {
		planted_sign(session, view);
	} else {
		view->event.message = message;
	}
	session->held = message->body;
}

static void planted_see(const struct alym_gateway_state *state, struct planted_session *session,
	const struct alym_event *event, struct planted_view *view)
{
	view->event = *event;
	if (event->order != NULL) {
		view->order = *event->order;
		view->event.order = &view->order;
		if (planted_is(state, "refunds_again") && event->again) {
			view->order.refund_id = TEXT("r2");
		}
	}
	if (event->decision != NULL) {
		view->decision = *event->decision;
		view->event.decision = &view->decision;
		view->decision.kind =
			planted_is(state, "yes") ? ALYM_ANSWER_BOOKED : view->decision.kind;
	}
	if (event->message != NULL) {
		planted_see_message(state, session, event, view);
	}
}

/* ---- after it ---- */

/* Another name for the same movement, by what it should not depend on. */
static void planted_rename(struct alym_action *action, int64_t by)
{
	if (action->verdict.operation.size > 0) {
		action->verdict.operation = scratch_printf(action->scratch, "%.*s-%" PRId64,
			TEXT_ARGS(action->verdict.operation), by);
	}
}

static void planted_end(struct alym_action *action, enum alym_verdict_kind kind)
{
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = TEXT("a bug") };
}

static void planted_say_failure(const struct alym_gateway_state *state,
	const struct alym_event *event, struct alym_action *action)
{
	if (planted_is(state, "gives_up")) {
		planted_end(action, ALYM_DECLINED);
	} else if (planted_is(state, "not_attempted") &&
		   event->failure == ALYM_FAILURE_PERHAPS_SENT) {
		planted_end(action, ALYM_NOT_ATTEMPTED);
	}
}

static bool planted_has(struct text t, char c)
{
	return t.size > 0 && memchr(t.bytes, c, t.size) != NULL;
}

static void planted_say_unknown(const struct alym_gateway_state *state,
	const struct alym_event *event, struct alym_action *action)
{
	struct text body = event->message != NULL ? event->message->body : TEXT("");

	if ((planted_is(state, "hasty") && text_starts(body, TEXT("{"))) ||
		(planted_is(state, "large") && body.size > PLANTED_LARGE) ||
		(planted_is(state, "bytes") && planted_has(body, '\xFF'))) {
		planted_end(action, ALYM_DECLINED);
	}
}

/* An operation's verdict. */
static void planted_say(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	struct alym_verdict *v = &action->verdict;
	bool done = v->kind == ALYM_DONE;

	if (event->kind == ALYM_EVENT_FAILURE) {
		planted_say_failure(state, event, action);
	} else if (v->kind == ALYM_UNKNOWN) {
		planted_say_unknown(state, event, action);
	} else if (planted_is(state, "twice")) {
		planted_rename(action, event->order->captured.minor);
	} else if (planted_is(state, "never_declines") && v->kind == ALYM_DECLINED) {
		planted_end(action, ALYM_UNKNOWN);
	} else if (planted_is(state, "impatient") && v->kind == ALYM_PENDING) {
		planted_end(action, ALYM_DONE);
		v->amount = event->order->amount;
		v->operation = TEXT("at-once");
	} else if (planted_is(state, "forgets") && event->order->handle.size == 0 &&
		   event->operation == ALYM_OPERATION_STATUS) {
		planted_end(action, ALYM_NOT_ATTEMPTED);
	} else if (planted_is(state, "amount") && done) {
		v->amount.minor = event->order->amount.minor;
	} else if (planted_is(state, "currency") && done) {
		v->amount = money_of(v->amount.minor, "KZT");
	}
}

static void planted_answer(const struct alym_gateway_state *state,
	const struct planted_session *session, struct alym_action *action)
{
	static int answers; /* a bug: gateways remember nothing */

	answers++;
	if (planted_is(state, "counts")) {
		action->answer.body = scratch_printf(action->scratch, "%d", answers);
	} else if (planted_is(state, "holds")) {
		action->answer.body = scratch_copy(action->scratch, session->held);
	}
}

static void planted_speak(const struct alym_gateway_state *state, struct planted_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	if (action->kind == ALYM_ACTION_SEND && action->request.header_count > 1) {
		bool fits = text_copy(action->request.headers[1].value, session->signature,
			sizeof(session->signature));

		assert(fits);
	} else if (action->kind == ALYM_ACTION_VERDICT && event->order != NULL) {
		planted_say(state, event, action);
	} else if (action->kind == ALYM_ACTION_VERDICT && planted_is(state, "replays") &&
		   event->now > BANK_NOW) {
		planted_rename(action, event->now / PLANTED_DAY_S);
	} else if (action->kind == ALYM_ACTION_VERDICT && planted_is(state, "expires") &&
		   event->now > BANK_NOW + PLANTED_DAY_S) {
		action->kind = ALYM_ACTION_ANSWER;
		action->answer.status = 410;
	} else if (event->kind == ALYM_EVENT_DECISION) {
		planted_answer(state, session, action);
	}
}

static void planted_step(const struct alym_gateway_state *state, void *memory,
	const struct alym_event *event, struct alym_action *action)
{
	struct planted_view *view = state->view;
	struct planted_session *session = memory;

	if (planted_is(state, "endless") && event->order != NULL) {
		action->kind = ALYM_ACTION_WAIT;
		action->wait_ms = 1;
		return;
	}
	planted_see(state, session, event, view);
	planted_sandbox.step(state->sandbox, session->sandbox, &view->event, action);
	planted_speak(state, session, event, action);
}

/* ---- settings ---- */

static const struct alym_key planted_keys[] = {
	{ "bug", true, "which" },
	{ "endpoint", true, "as of the sandbox" },
	{ "merchant", true, "as of the sandbox" },
	{ "secret_file", true, "as of the sandbox" },
	{ "secret_next_file", false, "as of the sandbox" },
	{ 0 },
};

/* `bug` is the first. */
static struct alym_gateway_state *planted_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));

	if (count > 0 && text_copy(settings[0].value, state->bug, sizeof(state->bug))) {
		state->sandbox = planted_sandbox.open(settings + 1, count - 1, why, why_size);
	}
	if (state->sandbox == NULL) {
		free(state);
		return NULL;
	}
	state->view = mem_new(1, sizeof(*state->view));
	kit_message_init(&state->view->text);
	return state;
}

static void planted_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		planted_sandbox.close(state->sandbox);
		kit_message_done(&state->view->text);
		free(state->view);
		free(state);
	}
}

ALYM_GATEWAY(.name = "planted", .keys = planted_keys,
	.order = { .digits_min = 8, .digits_max = 15 }, .session_size = ALYM_SESSION_MAX,
	.open = planted_open, .close = planted_close, .step = planted_step);
