/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/operation.h"

#include <assert.h>
#include <string.h>

#include "gateways/freedompay/payment.h"
#include "gateways/freedompay/request.h"
#include "plugins/scratch.h"

enum {
	OPERATION_REFUND_ID_MAX = 40,
	OPERATION_CODE_WRONG_STATE = 120,
	OPERATION_CODE_NOT_FOUND = 340,
	OPERATION_CODE_LOCKED = 350,
	OPERATION_CODE_EXPIRED = 360,
	OPERATION_CODE_CANCELLED = 400,
	OPERATION_CODE_LIMIT = 420,
	OPERATION_CODE_NOT_CANCELLABLE = 490,
	OPERATION_CODE_GENERAL = 600,
	OPERATION_CODE_INTERNAL = 1000,
};

static void operation_end(struct alym_action *action, enum alym_verdict_kind kind,
	const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict.kind = kind;
	action->verdict.reason = text_of(reason);
}

/* ---- the handle: the payment's id at the bank, and the refund that it accepted last ---- */

static struct text operation_handle_id(struct text handle)
{
	const char *blank = handle.size > 0 ? memchr(handle.bytes, ' ', handle.size) : NULL;

	return (struct text){ handle.bytes,
		blank != NULL ? (size_t)(blank - handle.bytes) : handle.size };
}

/* It is never sent twice: the list of refunds may show it later. */
static bool operation_is_accepted(const struct alym_order *order)
{
	struct text id = operation_handle_id(order->handle);

	return order->handle.size > id.size + 1 &&
	       text_equal((struct text){ order->handle.bytes + id.size + 1,
				  order->handle.size - id.size - 1 },
		       order->refund_id);
}

static void operation_remember_refund(const struct freedompay_session *session,
	const struct alym_order *order, struct alym_action *action)
{
	action->verdict.handle = scratch_printf(action->scratch, "%s %.*s", session->id,
		TEXT_ARGS(order->refund_id));
}

static void operation_remember_id(const struct alym_order *order, struct text id,
	struct alym_action *action)
{
	if (order->handle.size == 0) {
		action->verdict.handle = scratch_copy(action->scratch, id);
	}
}

/* ---- requests ---- */

static void operation_look(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	enum freedompay_stage stage, struct alym_action *action)
{
	request_status(state, session->id, event, action);
	session->stage = stage;
}

static void operation_init(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	if (event->order->expires_at <= event->now) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "there is no time left to pay");
	} else if (request_init(state, event, action)) {
		session->stage = FREEDOMPAY_INIT;
	} else {
		operation_end(action, ALYM_NOT_ATTEMPTED,
			"an address with a semicolon can not be signed");
	}
}

static void operation_move(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	request_move(state, session->id, event, action);
	session->stage = FREEDOMPAY_MOVE;
}

static void operation_start(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct text id = operation_handle_id(event->order->handle);

	if ((id.size > 0 && !text_is_digits(id)) ||
		!text_copy(id, session->id, sizeof(session->id))) {
		operation_end(action, ALYM_UNKNOWN, "the handle is none of ours");
	} else if (event->operation == ALYM_OPERATION_REFUND &&
		   event->order->refund_id.size > OPERATION_REFUND_ID_MAX) {
		operation_end(action, ALYM_UNKNOWN, "the refund's number is too long");
	} else if (event->operation == ALYM_OPERATION_PAY && !event->again) {
		operation_init(state, session, event, action);
	} else {
		operation_look(state, session, event, FREEDOMPAY_LOOK, action);
	}
}

/* ---- init_payment.php ---- */

/* Errors that leave open whether there is a payment. */
static bool operation_is_vague(int code)
{
	return code == 0 || code == OPERATION_CODE_LOCKED || code == OPERATION_CODE_GENERAL ||
	       code == OPERATION_CODE_INTERNAL;
}

static void operation_init_refused(const struct reply *reply, const struct alym_event *event,
	struct alym_action *action)
{
	enum alym_verdict_kind kind = ALYM_DECLINED;

	if (operation_is_vague(reply->code) || (event->again && reply_is_stranger(reply->code))) {
		kind = ALYM_UNKNOWN;
	} else if (reply_is_stranger(reply->code)) {
		kind = ALYM_NOT_ATTEMPTED;
	}
	operation_end(action, kind, "");
	action->verdict.reason =
		scratch_printf(action->scratch, "init_payment.php: error %d", reply->code);
}

static bool operation_is_page(struct text url)
{
	if (!text_starts(url, TEXT("https://")) || url.size > ALYM_URL_MAX || url.size == 8) {
		return false;
	}
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			return false;
		}
	}
	return true;
}

static void operation_init_answered(const struct alym_gateway_state *state,
	const struct alym_event *event, struct alym_action *action)
{
	struct reply reply;
	struct text url;
	struct text id;

	reply_read(state, request_init_script(), event->message, &reply);
	url = reply_find(&reply, "pg_redirect_url");
	id = reply_find(&reply, "pg_payment_id");
	if (reply.status == REPLY_ERROR) {
		operation_init_refused(&reply, event, action);
	} else if (reply.status == REPLY_UNREADABLE) {
		operation_end(action, ALYM_UNKNOWN, "the answer can not be read or believed");
	} else if (!text_is_digits(id) || id.size > FREEDOMPAY_ID_MAX || !operation_is_page(url)) {
		operation_end(action, ALYM_UNKNOWN, "the answer names no payment or no page");
	} else {
		operation_end(action, ALYM_PENDING, "");
		action->verdict.pay_url = scratch_copy(action->scratch, url);
		action->verdict.handle = scratch_copy(action->scratch, id);
	}
	reply_free(&reply);
}

/* ---- what a payment is ---- */

/* "YYYY-MM-DD HH:MM:SS" by the bank's clock; what is not that is no time. */
static void operation_date(struct text t, struct alym_verdict *verdict)
{
	int64_t hour = 0;
	int64_t minute = 0;
	int64_t second = 0;
	int32_t day = 0;

	if (t.size == 19 && t.bytes[10] == ' ' && t.bytes[13] == ':' && t.bytes[16] == ':' &&
		date_parse((struct text){ t.bytes, 10 }, &day) && day > 0 &&
		text_parse_integer((struct text){ t.bytes + 11, 2 }, &hour) && hour < 24 &&
		text_parse_integer((struct text){ t.bytes + 14, 2 }, &minute) && minute < 60 &&
		text_parse_integer((struct text){ t.bytes + 17, 2 }, &second) && second < 60) {
		verdict->paid = ALYM_PAID_LOCAL;
		verdict->paid_day = day;
		verdict->paid_second = (int32_t)(hour * 3600 + minute * 60 + second);
	}
}

static void operation_taken(const struct payment *payment, struct alym_action *action)
{
	operation_end(action, ALYM_DONE, payment->refunded > 0 ? "some of it was given back" : "");
	action->verdict.amount = payment->taken;
	action->verdict.operation = scratch_copy(action->scratch, payment->id);
	operation_date(payment->paid, &action->verdict);
}

/* STATUS, and a PAY that was sent before. */
static void operation_tell(const struct payment *payment, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;

	switch (payment->state) {
	case PAYMENT_PENDING:
		operation_end(action, ALYM_PENDING, "");
		break;
	case PAYMENT_HELD:
		operation_end(action, ALYM_PENDING, "");
		action->verdict.authorized = true;
		action->verdict.amount = payment->ordered;
		break;
	case PAYMENT_TAKEN:
		operation_taken(payment, action);
		break;
	case PAYMENT_FAILED:
		operation_end(action, ALYM_DECLINED, "the payment failed");
		break;
	case PAYMENT_RETURNED:
		if (order->captured.minor > 0) { /* booked before: the same once more */
			operation_taken(payment, action);
		} else {
			operation_end(action, ALYM_UNKNOWN, "it was paid and given back");
		}
		break;
	case PAYMENT_ODD:
		operation_end(action, ALYM_UNKNOWN, "the status can not be understood");
		break;
	}
	operation_remember_id(order, payment->id, action);
}

/* ---- capture and release ---- */

static void operation_capture_seen(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	const struct payment *payment, struct alym_action *action)
{
	struct money amount = event->order->amount;
	bool fits = money_same_currency(payment->ordered, amount) &&
		    payment->ordered.minor >= amount.minor;

	if (payment->state == PAYMENT_TAKEN) {
		operation_taken(payment, action);
	} else if (payment->state == PAYMENT_FAILED) {
		operation_end(action, ALYM_DECLINED, "nothing is held");
	} else if (payment->state != PAYMENT_HELD) {
		operation_end(action, ALYM_UNKNOWN, "the status can not be understood");
	} else if (!fits) {
		operation_end(action, ALYM_DECLINED, "another sum or currency is held");
	} else if (session->stage == FREEDOMPAY_LOOK) {
		operation_move(state, session, event, action);
	} else if (session->said == FREEDOMPAY_REFUSED) {
		operation_end(action, ALYM_DECLINED, "the bank does not take what it holds");
	} else {
		operation_end(action, ALYM_UNKNOWN, "it is held still");
	}
}

static void operation_release_seen(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	const struct payment *payment, struct alym_action *action)
{
	if (payment->state == PAYMENT_FAILED) {
		operation_end(action, ALYM_DONE, "");
	} else if (payment->state == PAYMENT_TAKEN) {
		operation_end(action, ALYM_DECLINED, "somebody took it");
	} else if (payment->state != PAYMENT_HELD) {
		operation_end(action, ALYM_UNKNOWN, "the status can not be understood");
	} else if (session->stage == FREEDOMPAY_LOOK) {
		operation_move(state, session, event, action);
	} else if (session->said == FREEDOMPAY_REFUSED) {
		operation_end(action, ALYM_DECLINED, "the bank does not release it");
	} else {
		operation_end(action, ALYM_UNKNOWN, "it is held still");
	}
}

/* ---- refund ---- */

static void operation_refund_done(const struct freedompay_session *session,
	const struct alym_order *order, struct alym_action *action)
{
	operation_end(action, ALYM_DONE, "");
	action->verdict.amount = order->refund;
	action->verdict.operation = scratch_printf(action->scratch, "%s-%.*s", session->id,
		TEXT_ARGS(order->refund_id));
}

/* The bank shows nothing of this refund. */
static void operation_refund_unseen(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	const struct payment *payment, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	bool accepted = session->said == FREEDOMPAY_ACCEPTED || operation_is_accepted(order);

	if (accepted) {
		operation_end(action, ALYM_PENDING,
			"the bank accepted it and does not show it yet");
		operation_remember_refund(session, order, action);
	} else if (order->refund.minor > payment->taken.minor - payment->refunded) {
		operation_end(action, ALYM_DECLINED, "there is less left than that");
	} else if (session->stage == FREEDOMPAY_LOOK) {
		operation_move(state, session, event, action);
	} else if (session->said == FREEDOMPAY_REFUSED) {
		operation_end(action, ALYM_DECLINED, "the bank refused it");
	} else {
		operation_end(action, ALYM_UNKNOWN, "the bank shows nothing of it");
	}
}

/*
 * revoke.php has no key that would make it safe to repeat: what was given back, by the bank's own
 * list, says whether this refund is among it.
 */
static void operation_refund_seen(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	const struct payment *payment, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	bool sent = session->stage == FREEDOMPAY_REVIEW || event->again;
	int64_t before = order->refunded.minor;
	int64_t more = payment->refunded - before;

	if (payment->state == PAYMENT_HELD || payment->state == PAYMENT_FAILED) {
		operation_end(action, ALYM_DECLINED, "nothing was taken");
	} else if (payment->state != PAYMENT_TAKEN && payment->state != PAYMENT_RETURNED) {
		operation_end(action, ALYM_UNKNOWN, "the status can not be understood");
	} else if (!money_same_currency(payment->taken, order->refund)) {
		operation_end(action, ALYM_UNKNOWN, "it was taken in another currency");
	} else if (more == 0 && payment->refunding == 0) {
		operation_refund_unseen(state, session, event, payment, action);
	} else if (sent && more == order->refund.minor && payment->refunding == 0) {
		operation_refund_done(session, order, action);
	} else if (sent && more == 0 && payment->refunding == order->refund.minor) {
		operation_end(action, ALYM_PENDING, "");
		operation_remember_refund(session, order, action);
	} else {
		operation_end(action, ALYM_UNKNOWN,
			"the bank gave back another sum than the book knows of");
	}
}

/* ---- get_status3.php ---- */

static void operation_seen(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	const struct payment *payment, struct alym_action *action)
{
	if (event->operation == ALYM_OPERATION_CAPTURE) {
		operation_capture_seen(state, session, event, payment, action);
	} else if (event->operation == ALYM_OPERATION_RELEASE) {
		operation_release_seen(state, session, event, payment, action);
	} else if (event->operation == ALYM_OPERATION_REFUND) {
		operation_refund_seen(state, session, event, payment, action);
	} else {
		operation_tell(payment, event, action);
	}
}

/* While the status is not known; what was accepted is not to be sent again. */
static void operation_blind(const struct freedompay_session *session,
	const struct alym_event *event, const char *why, struct alym_action *action)
{
	operation_end(action, ALYM_UNKNOWN, why);
	if (event->operation == ALYM_OPERATION_REFUND && session->said == FREEDOMPAY_ACCEPTED) {
		operation_remember_refund(session, event->order, action);
	}
}

static void operation_status_refused(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event, int code,
	struct alym_action *action)
{
	bool absent = code == OPERATION_CODE_NOT_FOUND && session->id[0] == '\0';

	if (absent && event->operation == ALYM_OPERATION_PAY) {
		operation_init(state, session, event, action);
	} else if (absent && event->operation == ALYM_OPERATION_STATUS) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "the bank does not know the order");
	} else {
		operation_blind(session, event, "the bank refuses to tell the status", action);
	}
}

static void operation_status_answered(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct payment payment;
	struct reply reply;

	reply_read(state, request_status_script(), event->message, &reply);
	if (reply.status == REPLY_ERROR) {
		operation_status_refused(state, session, event, reply.code, action);
	} else if (reply.status != REPLY_OK) {
		operation_blind(session, event, "the status can not be read or believed", action);
	} else {
		payment_read(&reply, state, event->order->number, &payment);
		if (payment.state == PAYMENT_ODD) {
			operation_blind(session, event, "the status can not be understood", action);
		} else if (session->id[0] != '\0' && !text_is(payment.id, session->id)) {
			operation_blind(session, event, "the status is another payment's", action);
		} else if (text_copy(payment.id, session->id, sizeof(session->id))) {
			operation_seen(state, session, event, &payment, action);
		}
	}
	reply_free(&reply);
}

/* ---- do_capture.php, cancel.php, revoke.php ---- */

/* A judgement of this payment, and not of the request alone. */
static bool operation_is_refusal(int code)
{
	return code == OPERATION_CODE_WRONG_STATE || code == OPERATION_CODE_EXPIRED ||
	       code == OPERATION_CODE_CANCELLED || code == OPERATION_CODE_LIMIT ||
	       code == OPERATION_CODE_NOT_CANCELLABLE;
}

static enum freedompay_said operation_said(const struct reply *reply)
{
	switch (reply->status) {
	case REPLY_OK:
	case REPLY_PENDING:
		return FREEDOMPAY_ACCEPTED;
	case REPLY_ERROR:
		return operation_is_refusal(reply->code) ? FREEDOMPAY_REFUSED : FREEDOMPAY_NOT_NOW;
	case REPLY_UNREADABLE:
	default:
		return FREEDOMPAY_SILENT;
	}
}

static void operation_move_answered(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct reply reply;
	bool done;

	reply_read(state, request_move_script(event->operation), event->message, &reply);
	session->said = operation_said(&reply);
	done = event->operation == ALYM_OPERATION_RELEASE && reply.status == REPLY_OK;
	reply_free(&reply);
	if (done) { /* what the status of a released hold is called, is not written anywhere */
		operation_end(action, ALYM_DONE, "");
	} else {
		operation_look(state, session, event, FREEDOMPAY_REVIEW, action);
	}
}

/* ---- events ---- */

static void operation_response(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	assert(event->message != NULL);

	switch (session->stage) {
	case FREEDOMPAY_INIT:
		operation_init_answered(state, event, action);
		break;
	case FREEDOMPAY_LOOK:
	case FREEDOMPAY_REVIEW:
		operation_status_answered(state, session, event, action);
		break;
	case FREEDOMPAY_MOVE:
		operation_move_answered(state, session, event, action);
		break;
	case FREEDOMPAY_NOTHING:
		operation_end(action, ALYM_UNKNOWN, "an answer that was not asked for");
		break;
	}
}

static void operation_failure(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	bool sent = event->failure != ALYM_FAILURE_NOT_SENT;

	if (session->stage == FREEDOMPAY_INIT && !sent && !event->again) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "no connection to the bank");
	} else if (session->stage == FREEDOMPAY_MOVE && sent) {
		operation_look(state, session, event, FREEDOMPAY_REVIEW, action);
	} else {
		operation_blind(session, event, "no answer from the bank", action);
	}
}

void operation_step(const struct alym_gateway_state *state, struct freedompay_session *session,
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
		operation_failure(state, session, event, action);
		break;
	case ALYM_EVENT_CALLBACK:
	case ALYM_EVENT_DECISION:
	case ALYM_EVENT_TIME:
		operation_end(action, ALYM_UNKNOWN, "an event that was not asked for");
		break;
	}
}
