/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/callback.h"

#include <assert.h>
#include <string.h>

#include "plugins/scratch.h"

enum { CALLBACK_ANSWER_MAX = 1024, CALLBACK_WORD_MAX = 16, CALLBACK_CODE_DIGITS_MIN = 12 };

/* ---- answers ---- */

/* What an answer says; its members are those that are not NULL, empty or zero. */
struct callback_answer {
	int status;
	const char *flag; /* "accepted" or "payable" */
	bool yes;
	const char *reason;
	int64_t record;
	struct money due;
	struct text service;
};

static void callback_say(const struct alym_gateway_state *state, const char *signature,
	const struct callback_answer *answer, int64_t now, struct alym_action *action)
{
	struct buffer body;
	struct json_writer w;

	buffer_init(&body, CALLBACK_ANSWER_MAX);
	json_writer_init(&w, &body);
	json_open_object(&w, NULL);
	if (strcmp(answer->flag, "accepted") == 0) {
		json_true_or_false(&w, "accepted", answer->yes);
	}
	if (answer->due.currency[0] != '\0') {
		json_money(&w, "due", answer->due);
	}
	if (strcmp(answer->flag, "payable") == 0) {
		json_true_or_false(&w, "payable", answer->yes);
	}
	if (answer->reason != NULL) {
		json_cstring(&w, "reason", answer->reason);
	}
	if (answer->record > 0) {
		json_decimal(&w, "record", answer->record);
	}
	if (answer->service.size > 0) {
		json_text(&w, "service", answer->service);
	}
	json_close_object(&w);

	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = answer->status;
	action->answer.body = scratch_take(action->scratch, &body);
	seal_answer(&state->seal, now, signature, action);
}

/* 5.4 */
static void callback_refuse(const struct alym_gateway_state *state, const char *signature,
	int status, const char *reason, int64_t now, struct alym_action *action)
{
	struct callback_answer answer = { .status = status, .flag = "accepted", .reason = reason };

	callback_say(state, signature, &answer, now, action);
}

/*
 * What we say to each decision of the book.  The zero cell is a decision that does not belong to
 * that question; it is answered as if the book could not be asked.
 */
struct callback_form {
	const char *flag;
	bool yes;
	const char *reason;
	bool due;
};

static const struct callback_form
	callback_forms[SANDBOX_HINT + 1][ALYM_ANSWER_BUSY + 1] = {
	[SANDBOX_PAYMENT] = {
		[ALYM_ANSWER_BOOKED] = { .flag = "accepted", .yes = true },
		[ALYM_ANSWER_NOTED] = { .flag = "accepted", .yes = true },
		[ALYM_ANSWER_UNKNOWN] = { .flag = "accepted", .reason = "unknown" },
		[ALYM_ANSWER_PAID] = { .flag = "accepted", .reason = "paid" },
		[ALYM_ANSWER_CLOSED] = { .flag = "accepted", .reason = "closed" },
		[ALYM_ANSWER_WRONG_AMOUNT] = { .flag = "accepted",
			.reason = "wrong_amount",
			.due = true },
	},
	[SANDBOX_CHECK] = {
		[ALYM_ANSWER_PAYABLE] = { .flag = "payable", .yes = true, .due = true },
		[ALYM_ANSWER_UNKNOWN] = { .flag = "payable", .reason = "unknown" },
		[ALYM_ANSWER_PAID] = { .flag = "payable", .reason = "paid" },
		[ALYM_ANSWER_CLOSED] = { .flag = "payable", .reason = "closed" },
	},
	[SANDBOX_HINT] = {
		[ALYM_ANSWER_BOOKED] = { .flag = "accepted", .yes = true },
		[ALYM_ANSWER_NOTED] = { .flag = "accepted", .yes = true },
		[ALYM_ANSWER_UNKNOWN] = { .flag = "accepted", .reason = "unknown" },
		[ALYM_ANSWER_PAID] = { .flag = "accepted", .yes = true },
		[ALYM_ANSWER_CLOSED] = { .flag = "accepted", .yes = true },
	},
};

static void callback_decided(const struct alym_gateway_state *state,
	const struct sandbox_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_decision *decision = event->decision;
	const struct callback_form *form;
	struct callback_answer answer = { .status = 200 };

	assert(decision != NULL);
	assert(decision->kind <= ALYM_ANSWER_BUSY);
	assert(session->stage <= SANDBOX_HINT);

	form = &callback_forms[session->stage][decision->kind];
	if (form->flag == NULL) {
		callback_refuse(state, session->signature, 503, "busy", event->now, action);
		return;
	}
	answer.flag = form->flag;
	answer.yes = form->yes;
	answer.reason = form->reason;
	if (form->due) {
		answer.due = decision->due;
	}
	if (session->stage == SANDBOX_CHECK && form->yes) {
		answer.service = decision->service;
	}
	if (session->stage == SANDBOX_PAYMENT && form->yes) {
		answer.record = decision->record;
	}
	callback_say(state, session->signature, &answer, event->now, action);
}

/* ---- messages ---- */

/* 5.1 */
static void callback_read_payment(struct json_reader *r, struct alym_action *action)
{
	struct alym_verdict *verdict = &action->verdict;
	struct text status = TEXT("");

	action->kind = ALYM_ACTION_VERDICT;
	verdict->kind = ALYM_DECLINED;
	sandbox_take_money(r, JSON_REQUIRED, &verdict->amount);
	sandbox_take_number(r, "order", JSON_OPTIONAL, 1, &verdict->order);
	sandbox_take_number(r, "code", JSON_OPTIONAL, CALLBACK_CODE_DIGITS_MIN, &verdict->code);
	if ((verdict->order.size > 0) == (verdict->code.size > 0)) {
		json_complain(r, JSON_WRONG, "order", "or code: one of the two");
	}
	json_take_text(r, "status", JSON_REQUIRED, CALLBACK_WORD_MAX, &status);
	if (text_is(status, "paid")) {
		verdict->kind = ALYM_DONE;
		json_take_text(r, "operation", JSON_REQUIRED, ALYM_OPERATION_MAX,
			&verdict->operation);
		sandbox_take_paid(r, verdict);
		json_take_boolean(r, "refusable", JSON_OPTIONAL, &verdict->refusable);
	} else if (text_is(status, "expired")) {
		verdict->expired = true;
	} else if (!text_is(status, "declined")) {
		json_complain(r, JSON_WRONG, "status", "is none that we know");
	}
}

/* 5.2 */
static void callback_read_check(struct json_reader *r, struct alym_action *action)
{
	bool stated =
		json_find(r->object, "amount") != NULL || json_find(r->object, "currency") != NULL;

	action->kind = ALYM_ACTION_ASK;
	sandbox_take_number(r, "code", JSON_REQUIRED, 1, &action->about_code);
	if (stated) {
		sandbox_take_money(r, JSON_REQUIRED, &action->about_amount);
	}
}

/* 5.3 */
static void callback_read_hint(struct json_reader *r, struct alym_action *action)
{
	action->kind = ALYM_ACTION_CHECK;
	sandbox_take_number(r, "order", JSON_REQUIRED, 1, &action->about_order);
}

static enum sandbox_stage callback_read_kind(struct json_reader *r, struct alym_action *action)
{
	struct text kind = TEXT("");

	json_take_text(r, "kind", JSON_REQUIRED, CALLBACK_WORD_MAX, &kind);
	if (text_is(kind, "payment")) {
		callback_read_payment(r, action);
		return SANDBOX_PAYMENT;
	}
	if (text_is(kind, "check")) {
		callback_read_check(r, action);
		return SANDBOX_CHECK;
	}
	if (text_is(kind, "hint")) {
		callback_read_hint(r, action);
		return SANDBOX_HINT;
	}
	json_complain(r, JSON_WRONG, "kind", "is none that we know");
	return SANDBOX_NOTHING;
}

/* What is signed comes apart in one way only as long as there is no brace in the path. */
static bool callback_path_fits(struct text path)
{
	return text_starts(path, TEXT("/")) && memchr(path.bytes, '{', path.size) == NULL;
}

/* The texts go with the JSON value: they move to the scratch. */
static void callback_copy(struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;

	action->about_code = scratch_copy(scratch, action->about_code);
	action->about_order = scratch_copy(scratch, action->about_order);
	action->verdict.order = scratch_copy(scratch, action->verdict.order);
	action->verdict.code = scratch_copy(scratch, action->verdict.code);
	action->verdict.operation = scratch_copy(scratch, action->verdict.operation);
}

/* Fills `action` with what is to be done about the message.  False when it is malformed;
 * `merchant` is whose it is. */
static bool callback_read(struct text body, struct sandbox_session *session,
	struct alym_action *action, char merchant[SANDBOX_MERCHANT_MAX + 1])
{
	struct json_problem problem = { .fault = JSON_FINE };
	struct json_reader r;
	struct text name = TEXT("");
	struct json_value *value = NULL;
	bool fine;

	if (text_starts(body, TEXT("{"))) {
		value = json_parse(body, NULL);
	}
	if (value == NULL) {
		return false;
	}
	json_reader_init(&r, value, "", &problem);
	json_take_text(&r, "merchant", JSON_REQUIRED, SANDBOX_MERCHANT_MAX, &name);
	session->stage = callback_read_kind(&r, action);
	fine = json_reader_end(&r) && text_copy(name, merchant, SANDBOX_MERCHANT_MAX + 1);
	callback_copy(action);
	json_free(&value);
	return fine;
}

static void callback_arrived(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	const struct alym_message *message = event->message;
	struct alym_action read = { .scratch = action->scratch };
	char merchant[SANDBOX_MERCHANT_MAX + 1];
	enum seal_check check;

	assert(message != NULL);

	check = seal_check_request(&state->seal, message, event->now);
	if (check == SEAL_FORGED) {
		callback_refuse(state, NULL, 401, "signature", event->now, action);
		return;
	}
	seal_read(message, session->signature);
	if (check == SEAL_STALE) {
		callback_refuse(state, session->signature, 401, "stale", event->now, action);
	} else if (!text_is(message->method, "POST")) {
		callback_refuse(state, session->signature, 400, "method", event->now, action);
	} else if (!callback_path_fits(message->path) ||
		   !callback_read(message->body, session, &read, merchant)) {
		callback_refuse(state, session->signature, 400, "malformed", event->now, action);
	} else if (strcmp(merchant, state->merchant) != 0) {
		callback_refuse(state, session->signature, 403, "merchant", event->now, action);
	} else {
		*action = read;
	}
}

void callback_step(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	assert(state != NULL);
	assert(session != NULL);
	assert(event != NULL);
	assert(action != NULL);

	if (event->kind == ALYM_EVENT_CALLBACK) {
		callback_arrived(state, session, event, action);
	} else if (event->kind == ALYM_EVENT_DECISION) {
		callback_decided(state, session, event, action);
	} else {
		callback_refuse(state, NULL, 503, "busy", event->now, action);
	}
}
