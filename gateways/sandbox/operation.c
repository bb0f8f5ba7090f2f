/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/operation.h"

#include <assert.h>

#include "plugins/scratch.h"

enum { OPERATION_BODY_MAX = 16384 };

static const char *const operation_movements[] = {
	[ALYM_OPERATION_CAPTURE] = "/capture",
	[ALYM_OPERATION_RELEASE] = "/release",
	[ALYM_OPERATION_REFUND] = "/refunds",
};

static void operation_end(struct alym_action *action, enum alym_verdict_kind kind,
	const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = text_of(reason) };
}

/* ---- requests ---- */

/* Sends what stands in action->request; `rest` is the end of its address. */
static void operation_send(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, enum sandbox_stage stage, struct alym_action *action)
{
	action->kind = ALYM_ACTION_SEND;
	seal_request(&state->seal, event->now, state->endpoint.origin_size, action,
		session->signature);
	session->stage = stage;
}

static void operation_text(struct json_writer *w, const char *name, struct text value)
{
	if (value.size > 0) {
		json_text(w, name, value);
	}
}

static void operation_send_order(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct buffer body;
	struct json_writer w;

	buffer_init(&body, OPERATION_BODY_MAX);
	json_writer_init(&w, &body);
	json_open_object(&w, NULL);
	json_number(&w, "amount", order->amount.minor);
	json_text(&w, "callback_url", order->callback_url);
	json_cstring(&w, "currency", order->amount.currency);
	operation_text(&w, "description", order->description);
	json_time(&w, "expires_at", order->expires_at);
	json_text(&w, "language", order->language);
	json_cstring(&w, "merchant", state->merchant);
	json_text(&w, "order", order->number);
	operation_text(&w, "return_url", order->return_url);
	json_close_object(&w);

	action->request.method = TEXT("POST");
	action->request.url =
		scratch_printf(action->scratch, "%s/v1/orders", state->endpoint.address);
	action->request.body = scratch_take(action->scratch, &body);
	operation_send(state, session, event, SANDBOX_ORDER, action);
}

static void operation_send_status(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	action->request.method = TEXT("GET");
	action->request.url = scratch_printf(action->scratch, "%s/v1/orders/%.*s?merchant=%s",
		state->endpoint.address, TEXT_ARGS(event->order->number), state->merchant);
	operation_send(state, session, event, SANDBOX_STATUS, action);
}

static void operation_send_movement(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	bool refund = event->operation == ALYM_OPERATION_REFUND;
	struct money amount = refund ? event->order->refund : event->order->amount;
	struct buffer body;
	struct json_writer w;

	buffer_init(&body, OPERATION_BODY_MAX);
	json_writer_init(&w, &body);
	json_open_object(&w, NULL);
	json_number(&w, "amount", amount.minor);
	json_cstring(&w, "currency", amount.currency);
	json_cstring(&w, "merchant", state->merchant);
	if (refund) {
		json_text(&w, "refund_id", event->order->refund_id);
	}
	json_close_object(&w);

	action->request.method = TEXT("POST");
	action->request.url =
		scratch_printf(action->scratch, "%s/v1/orders/%.*s%s", state->endpoint.address,
			TEXT_ARGS(event->order->number), operation_movements[event->operation]);
	action->request.body = scratch_take(action->scratch, &body);
	operation_send(state, session, event, SANDBOX_MOVEMENT, action);
}

static void operation_start(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	session->again = event->again;
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		operation_send_order(state, session, event, action);
		break;
	case ALYM_OPERATION_STATUS:
		operation_send_status(state, session, event, action);
		break;
	case ALYM_OPERATION_CAPTURE:
	case ALYM_OPERATION_RELEASE:
	case ALYM_OPERATION_REFUND:
		operation_send_movement(state, session, event, action);
		break;
	case ALYM_OPERATION_LIST:
	default:
		operation_end(action, ALYM_UNKNOWN, "an operation about no order");
	}
}

/* ---- answers ---- */

/* Reads `order`, which must be the one we asked about. */
static void operation_take_order(struct json_reader *r, const struct alym_event *event)
{
	struct text number = TEXT("");

	sandbox_take_number(r, "order", JSON_REQUIRED, 1, &number);
	if (!text_equal(number, event->order->number)) {
		json_complain(r, JSON_WRONG, "order", "is not the one asked about");
	}
}

static void operation_take_pay_url(struct json_reader *r, enum json_need need,
	struct alym_verdict *verdict)
{
	struct text url = TEXT("");

	json_take_text(r, "pay_url", need, ALYM_URL_MAX, &url);
	if (url.size > 0 && (!text_starts(url, TEXT("https://")) || url.size == 8)) {
		json_complain(r, JSON_WRONG, "pay_url", "must be an https address");
	}
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			json_complain(r, JSON_WRONG, "pay_url", "must be an https address");
		}
	}
	verdict->pay_url = url;
}

/* 4.1, 201 */
static void operation_read_order(struct json_reader *r, const struct alym_event *event,
	struct alym_verdict *verdict)
{
	struct text status = TEXT("");

	verdict->kind = ALYM_PENDING;
	operation_take_order(r, event);
	operation_take_pay_url(r, JSON_REQUIRED, verdict);
	json_take_text(r, "session", JSON_REQUIRED, ALYM_HANDLE_MAX, &verdict->handle);
	json_take_text(r, "status", JSON_REQUIRED, ALYM_REASON_MAX, &status);
	if (!text_is(status, "pending")) {
		json_complain(r, JSON_WRONG, "status", "must be pending");
	}
}

/* 4.2, 200 */
static void operation_read_status(struct json_reader *r, const struct alym_event *event,
	struct alym_verdict *verdict)
{
	struct text status = TEXT("");

	operation_take_order(r, event);
	sandbox_take_money(r, JSON_REQUIRED, &verdict->amount);
	json_take_text(r, "status", JSON_REQUIRED, ALYM_REASON_MAX, &status);
	if (text_is(status, "pending")) {
		verdict->kind = ALYM_PENDING;
		operation_take_pay_url(r, JSON_OPTIONAL, verdict);
	} else if (text_is(status, "authorized")) {
		verdict->kind = ALYM_PENDING;
		verdict->authorized = true;
	} else if (text_is(status, "paid")) {
		verdict->kind = ALYM_DONE;
		json_take_text(r, "operation", JSON_REQUIRED, ALYM_OPERATION_MAX,
			&verdict->operation);
		sandbox_take_paid(r, verdict);
	} else if (text_is(status, "declined") || text_is(status, "expired")) {
		verdict->kind = ALYM_DECLINED;
		verdict->expired = text_is(status, "expired");
	} else {
		json_complain(r, JSON_WRONG, "status", "is none that we know");
	}
}

/* 4.3, 200 */
static void operation_read_movement(struct json_reader *r, const struct alym_event *event,
	struct alym_verdict *verdict)
{
	bool refund = event->operation == ALYM_OPERATION_REFUND;
	struct text status = TEXT("");

	verdict->amount = refund ? event->order->refund : event->order->amount;
	json_take_text(r, "operation", JSON_REQUIRED, ALYM_OPERATION_MAX, &verdict->operation);
	json_take_text(r, "status", JSON_REQUIRED, ALYM_REASON_MAX, &status);
	if (text_is(status, "done")) {
		verdict->kind = ALYM_DONE;
	} else if (text_is(status, "pending")) {
		verdict->kind = ALYM_PENDING;
	} else if (text_is(status, "declined")) {
		verdict->kind = ALYM_DECLINED;
	} else {
		json_complain(r, JSON_WRONG, "status", "is none that we know");
	}
}

/* A refusal's `reason`, if it gives one we can keep. */
static void operation_read_refusal(struct json_reader *r, const struct alym_event *event,
	struct alym_verdict *verdict)
{
	(void)event;
	verdict->kind = ALYM_DECLINED;
	json_take_text(r, "reason", JSON_REQUIRED, ALYM_REASON_MAX, &verdict->reason);
}

typedef void operation_reader(struct json_reader *, const struct alym_event *,
	struct alym_verdict *);

/* Lets `read` make a verdict of the answer's body; false when the body is malformed. */
static bool operation_read(operation_reader *read, const struct alym_event *event,
	struct alym_action *action)
{
	struct text body = event->message->body;
	struct alym_verdict verdict = { .kind = ALYM_UNKNOWN };
	struct json_problem problem = { .fault = JSON_FINE };
	struct json_reader r;
	struct json_value *value = NULL;
	bool fine = false;

	if (text_starts(body, TEXT("{"))) {
		value = json_parse(body, NULL);
	}
	if (value == NULL) {
		return false;
	}
	json_reader_init(&r, value, "", &problem);
	read(&r, event, &verdict);
	if (json_reader_end(&r)) { /* the texts go with `value`: they move to the scratch */
		verdict.handle = scratch_copy(action->scratch, verdict.handle);
		verdict.operation = scratch_copy(action->scratch, verdict.operation);
		verdict.pay_url = scratch_copy(action->scratch, verdict.pay_url);
		verdict.reason = scratch_copy(action->scratch, verdict.reason);
		action->kind = ALYM_ACTION_VERDICT;
		action->verdict = verdict;
		fine = true;
	}
	json_free(&value);
	return fine;
}

/* Refused before anybody looked for the order: nothing is said about an earlier request, nor about
 * what the bank holds or took. */
static bool operation_overlooked(int status)
{
	return status == 400 || status == 401 || status == 403 || status == 429;
}

static void operation_refused(const struct sandbox_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	bool first = session->stage == SANDBOX_ORDER && !session->again;

	if (!first && operation_overlooked(event->message->status)) {
		operation_end(action, ALYM_UNKNOWN, "the bank did not look at it");
	} else if (!operation_read(operation_read_refusal, event, action)) {
		operation_end(action, ALYM_DECLINED, "refused without a reason");
	}
}

static void operation_malformed(operation_reader *read, const struct alym_event *event,
	struct alym_action *action)
{
	if (!operation_read(read, event, action)) {
		operation_end(action, ALYM_UNKNOWN, "the answer is malformed");
	}
}

static void operation_answered(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	int status = event->message->status;
	bool asked = session->stage == SANDBOX_STATUS;

	if (session->stage == SANDBOX_ORDER && status == 201) {
		operation_malformed(operation_read_order, event, action);
	} else if (session->stage == SANDBOX_ORDER && status == 409) {
		session->conflict = true;
		operation_send_status(state, session, event, action);
	} else if (asked && status == 200) {
		operation_malformed(operation_read_status, event, action);
	} else if (asked && status == 404 && !session->conflict) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "the bank does not know the order");
	} else if (session->stage == SANDBOX_MOVEMENT && status == 200) {
		operation_malformed(operation_read_movement, event, action);
	} else if (!asked && status >= 400 && status <= 499) {
		operation_refused(session, event, action);
	} else {
		operation_end(action, ALYM_UNKNOWN, "the answer's status tells nothing");
	}
}

static void operation_response(const struct alym_gateway_state *state,
	struct sandbox_session *session, const struct alym_event *event, struct alym_action *action)
{
	assert(event->message != NULL);

	switch (seal_check_answer(&state->seal, event->message, session->signature, event->now)) {
	case SEAL_FORGED:
		operation_end(action, ALYM_UNKNOWN, "the answer is not signed");
		break;
	case SEAL_STALE:
		operation_end(action, ALYM_UNKNOWN, "the answer's time is out of the window");
		break;
	case SEAL_GOOD:
		operation_answered(state, session, event, action);
		break;
	}
}

/* That a question about the status was not put says nothing about the order. */
static void operation_failure(const struct sandbox_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	if (event->failure == ALYM_FAILURE_NOT_SENT && session->stage != SANDBOX_STATUS &&
		!session->again) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "no connection to the bank");
	} else {
		operation_end(action, ALYM_UNKNOWN, "no answer from the bank");
	}
}

void operation_step(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	assert(state != NULL);
	assert(session != NULL);
	assert(event != NULL);
	assert(event->order != NULL);
	assert(action != NULL);

	switch (event->kind) {
	case ALYM_EVENT_START:
		operation_start(state, session, event, action);
		break;
	case ALYM_EVENT_RESPONSE:
		operation_response(state, session, event, action);
		break;
	case ALYM_EVENT_FAILURE:
		operation_failure(session, event, action);
		break;
	case ALYM_EVENT_CALLBACK:
	case ALYM_EVENT_DECISION:
	case ALYM_EVENT_TIME:
		operation_end(action, ALYM_UNKNOWN, "an event that was not asked for");
		break;
	}
}
