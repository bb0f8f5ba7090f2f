/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/halyk/operation.h"

#include <assert.h>

#include "base/date.h"
#include "base/json.h"
#include "gateways/halyk/request.h"
#include "gateways/halyk/transaction.h"
#include "plugins/scratch.h"

enum {
	OPERATION_REFUND_MIN = 1000 /* tiyn: the bank gives back no less */,
	OPERATION_TOKEN_MAX = 4096
};

static void operation_end(struct alym_action *action, enum alym_verdict_kind kind,
	const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = text_of(reason) };
}

/* The bank has nothing of what this operation wanted, unless an earlier one brought it there. */
static void operation_not_left(const struct halyk_session *session, const struct alym_event *event,
	const char *reason, struct alym_action *action)
{
	bool asks = event->operation == ALYM_OPERATION_STATUS;

	operation_end(action, asks || session->again ? ALYM_UNKNOWN : ALYM_NOT_ATTEMPTED, reason);
}

/* ---- requests ---- */

static void operation_send_token(const struct alym_gateway_state *state,
	struct halyk_session *session, const struct alym_event *event, enum halyk_stage wanted,
	struct alym_action *action)
{
	session->stage = HALYK_TOKEN;
	session->wanted = wanted;
	request_token(state, session, event, action);
}

static bool operation_is_movement(enum alym_operation operation)
{
	return operation == ALYM_OPERATION_CAPTURE || operation == ALYM_OPERATION_RELEASE ||
	       operation == ALYM_OPERATION_REFUND;
}

static bool operation_is_too_small(const struct alym_event *event)
{
	return event->operation == ALYM_OPERATION_REFUND &&
	       event->order->refund.minor < OPERATION_REFUND_MIN;
}

/* What is done to money begins with the question how it stands: the bank's refusals do not say. */
static void operation_start(const struct alym_gateway_state *state, struct halyk_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	bool pay = event->operation == ALYM_OPERATION_PAY && !event->again;

	session->again = event->again;
	if (operation_is_too_small(event)) {
		operation_end(action, ALYM_DECLINED, "the bank gives back no less than 10 tenge");
		return;
	}
	operation_send_token(state, session, event, pay ? HALYK_INVOICE : HALYK_STATUS, action);
}

/* ---- answers ---- */

static struct json_value *operation_parse(const struct alym_event *event)
{
	struct text body = event->message->body;

	return body.size > 0 ? json_parse(body, NULL) : NULL;
}

/* RFC 6750: what a token is made of.  Anything else could end the header it goes into. */
static bool operation_is_token(struct text token)
{
	return token.size <= OPERATION_TOKEN_MAX && text_is_made_of(token, "-._~+/=");
}

static void operation_use_token(const struct alym_gateway_state *state,
	struct halyk_session *session, const struct alym_event *event, struct text token,
	struct alym_action *action)
{
	session->stage = session->wanted;
	switch (session->wanted) {
	case HALYK_INVOICE:
		request_invoice(state, token, event, action);
		break;
	case HALYK_MOVEMENT:
		request_movement(state, token, session->id, event, action);
		break;
	case HALYK_STATUS:
	case HALYK_TOKEN:
	case HALYK_NOTHING:
		assert(session->wanted == HALYK_STATUS);
		request_status(state, token, event, action);
		break;
	}
}

static void operation_token(const struct alym_gateway_state *state, struct halyk_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct json_value *root = operation_parse(event);
	const struct json_value *token = json_find(root, "access_token");

	if (event->message->status != 200) {
		operation_not_left(session, event, "the bank gave no token", action);
	} else if (token == NULL || token->kind != JSON_KIND_TEXT ||
		   !operation_is_token(token->text)) {
		operation_not_left(session, event, "the token can not be read", action);
	} else {
		operation_use_token(state, session, event, token->text, action);
	}
	json_free(&root);
}

static bool operation_is_link(struct text url)
{
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			return false;
		}
	}
	return text_starts(url, TEXT("https://")) && url.size > sizeof("https://") - 1 &&
	       url.size <= ALYM_URL_MAX;
}

/* The link, if it is for that order and that sum. */
static bool operation_read_invoice(const struct json_value *root, const struct alym_order *order,
	struct text *url)
{
	const struct json_value *link = json_find(root, "invoice_url");
	struct text number = transaction_code(json_find(root, "invoice_id"));
	int64_t minor;

	if (link == NULL || link->kind != JSON_KIND_TEXT || !operation_is_link(link->text) ||
		!text_equal(number, order->number) ||
		!transaction_amount(json_find(root, "amount"), &minor)) {
		return false;
	}
	*url = link->text;
	return minor == order->amount.minor;
}

/* A link that was refused is one that nobody has, and without it nobody can pay. */
static bool operation_was_refused(int status)
{
	return status == 400 || status == 401 || status == 403 || status == 404 || status == 422;
}

static void operation_invoice(const struct alym_event *event, struct alym_action *action)
{
	struct json_value *root = operation_parse(event);
	int status = event->message->status;
	struct text url;

	if (operation_was_refused(status)) {
		operation_end(action, ALYM_DECLINED, "the bank made no link");
	} else if (status != 200 && status != 201) {
		operation_end(action, ALYM_UNKNOWN,
			"the bank does not say whether there is a link");
	} else if (!operation_read_invoice(root, event->order, &url)) {
		operation_end(action, ALYM_UNKNOWN, "the link is malformed, or for something else");
	} else {
		operation_end(action, ALYM_PENDING, "");
		action->verdict.pay_url = scratch_copy(action->scratch, url);
	}
	json_free(&root);
}

/* ---- the status, and what follows ---- */

/* Nobody has begun to pay, and once the link is dead nobody will. */
static void operation_none(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	int64_t dead_at = event->order->created_at + (state->link_days + 1) * DATE_DAY_S;

	if (event->now < dead_at) {
		operation_end(action, ALYM_PENDING, "nobody has begun to pay");
		return;
	}
	operation_end(action, ALYM_DECLINED, "the link is dead, and nobody has paid by it");
	action->verdict.expired = true;
}

/* Some was given back in the bank's cabinet.  The book may hear of the whole, and of nothing else.
 */
static void operation_returned(const struct transaction *t, const struct alym_event *event,
	struct alym_action *action)
{
	if (t->amount.minor == event->order->amount.minor &&
		money_same_currency(t->amount, event->order->amount)) {
		operation_end(action, ALYM_DONE, "taken, and since then given back, or some of it");
	} else {
		operation_end(action, ALYM_UNKNOWN, "given back, or some of it: sums differ");
	}
}

static void operation_judge(const struct alym_gateway_state *state, const struct transaction *t,
	const struct alym_event *event, struct alym_action *action)
{
	switch (t->state) {
	case TRANSACTION_NONE:
		operation_none(state, event, action);
		break;
	case TRANSACTION_OPEN:
		operation_end(action, ALYM_PENDING, "the payer is at it");
		break;
	case TRANSACTION_VERIFIED:
		operation_end(action, ALYM_PENDING, "a card was verified, no money was taken");
		break;
	case TRANSACTION_HELD:
		operation_end(action, ALYM_PENDING, "the money is held");
		action->verdict.authorized = true;
		break;
	case TRANSACTION_TAKEN:
		operation_end(action, ALYM_DONE, "");
		break;
	case TRANSACTION_RETURNED:
		operation_returned(t, event, action);
		break;
	case TRANSACTION_GIVEN_UP:
		operation_end(action, ALYM_DECLINED, "cancelled");
		break;
	case TRANSACTION_REFUSED:
		operation_end(action, ALYM_DECLINED, t->reason);
		break;
	case TRANSACTION_IN_DOUBT:
	case TRANSACTION_STRANGE:
		operation_end(action, ALYM_UNKNOWN, t->reason);
		break;
	}
	if (action->verdict.kind == ALYM_DONE || action->verdict.authorized) {
		action->verdict.amount = t->amount;
		action->verdict.handle = scratch_copy(action->scratch, t->id);
	}
	if (action->verdict.kind == ALYM_DONE) {
		action->verdict.operation = action->verdict.handle;
	}
}

/* A lower sum, or another currency, is held than was ordered: that hold can not be used. */
static bool operation_is_short(const struct transaction *t, const struct alym_order *order)
{
	return !money_same_currency(t->amount, order->amount) ||
	       t->amount.minor < order->amount.minor;
}

/*
 * Whether the refund is certainly not made yet.  The bank shows no refunds one by one: asked anew,
 * only a whole one can be told from others.
 */
static bool operation_may_refund(const struct halyk_session *session, const struct transaction *t,
	const struct alym_order *order)
{
	bool whole = order->refunded.minor == 0 && order->refund.minor == t->amount.minor;

	if (!session->again) {
		return t->state == TRANSACTION_TAKEN || t->state == TRANSACTION_RETURNED;
	}
	return t->state == TRANSACTION_TAKEN && whole;
}

static void operation_refunded(const struct alym_event *event, struct text id,
	struct alym_action *action)
{
	operation_end(action, ALYM_DONE, "");
	action->verdict.amount = event->order->refund;
	action->verdict.operation = scratch_printf(action->scratch, "%.*s:%.*s", TEXT_ARGS(id),
		TEXT_ARGS(event->order->refund_id));
}

/* True when the money stands so that the movement is to be sent; else a verdict was given. */
static bool operation_may_move(const struct halyk_session *session, const struct transaction *t,
	const struct alym_event *event, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	bool whole = order->refunded.minor == 0 && order->refund.minor == t->amount.minor;

	if (event->operation == ALYM_OPERATION_REFUND) {
		if (operation_may_refund(session, t, order)) {
			return true;
		}
		if (session->again && t->state == TRANSACTION_RETURNED && whole) {
			operation_refunded(event, t->id, action);
		} else {
			operation_end(action, ALYM_UNKNOWN,
				"whether it was given back is to be seen "
				"in the bank's cabinet");
		}
		return false;
	}
	if (t->state == TRANSACTION_HELD) {
		if (event->operation == ALYM_OPERATION_RELEASE || !operation_is_short(t, order)) {
			return true;
		}
		operation_end(action, ALYM_DECLINED, "less is held than was ordered");
	} else if (event->operation == ALYM_OPERATION_RELEASE && t->state == TRANSACTION_GIVEN_UP) {
		operation_end(action, ALYM_DONE, "cancelled");
	}
	return false;
}

/* A capture that finds the money taken is done; a release that does is refused. */
static void operation_stands(const struct alym_gateway_state *state, const struct transaction *t,
	const struct alym_event *event, struct alym_action *action)
{
	bool release = event->operation == ALYM_OPERATION_RELEASE;

	if (release && (t->state == TRANSACTION_TAKEN || t->state == TRANSACTION_RETURNED)) {
		operation_end(action, ALYM_DECLINED, "the money was taken");
		return;
	}
	operation_judge(state, t, event, action);
	if (action->verdict.kind == ALYM_PENDING) {
		operation_end(action, ALYM_UNKNOWN, "nothing is held, or not yet");
	}
}

static void operation_status(const struct alym_gateway_state *state, struct halyk_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct json_value *root = operation_parse(event);
	struct transaction t;
	bool fits;

	transaction_read(state, root, event->order->number, &t);
	if (event->message->status != 200) {
		operation_end(action, ALYM_UNKNOWN, "the bank did not say how it stands");
	} else if (!operation_is_movement(event->operation)) {
		operation_judge(state, &t, event, action);
	} else if (operation_may_move(session, &t, event, action)) {
		fits = text_copy(t.id, session->id, sizeof(session->id));
		assert(fits); /* transaction_read() saw to it */
		operation_send_token(state, session, event, HALYK_MOVEMENT, action);
	} else if (action->kind != ALYM_ACTION_VERDICT) {
		operation_stands(state, &t, event, action);
	}
	json_free(&root);
}

/* ---- movements ---- */

static void operation_moved(const struct halyk_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct text id = text_of(session->id);

	if (event->operation == ALYM_OPERATION_REFUND) {
		operation_refunded(event, id, action);
		return;
	}
	operation_end(action, ALYM_DONE, "");
	action->verdict.amount = event->order->amount;
	action->verdict.operation = scratch_copy(action->scratch, id);
}

/*
 * The codes of a 400 are not published but for a few, and how the money stands is read before
 * every movement: so a hold is judged by that, never by a refusal.
 */
static void operation_movement(const struct halyk_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct json_value *root = operation_parse(event);
	struct text code = transaction_code(json_find(root, "code"));
	bool refund = event->operation == ALYM_OPERATION_REFUND;

	if (event->message->status == 200) {
		operation_moved(session, event, action);
	} else if (event->message->status == 400 && refund && !session->again &&
		   text_is_digits(code) && !transaction_is_doubtful(code)) {
		operation_end(action, ALYM_DECLINED, "the bank refused to give it back");
	} else {
		operation_end(action, ALYM_UNKNOWN, "the bank did not do it, or not yet");
	}
	json_free(&root);
}

/* ---- events ---- */

static void operation_response(const struct alym_gateway_state *state,
	struct halyk_session *session, const struct alym_event *event, struct alym_action *action)
{
	assert(event->message != NULL);

	switch (session->stage) {
	case HALYK_TOKEN:
		operation_token(state, session, event, action);
		break;
	case HALYK_INVOICE:
		operation_invoice(event, action);
		break;
	case HALYK_STATUS:
		operation_status(state, session, event, action);
		break;
	case HALYK_MOVEMENT:
		operation_movement(session, event, action);
		break;
	case HALYK_NOTHING:
		operation_end(action, ALYM_UNKNOWN, "an answer to nothing");
		break;
	}
}

/* A token and a question change nothing at the bank, whether they came there or not. */
static void operation_failure(const struct halyk_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	bool harmless = session->stage == HALYK_TOKEN || session->stage == HALYK_STATUS;

	if (harmless || event->failure == ALYM_FAILURE_NOT_SENT) {
		operation_not_left(session, event, "no connection to the bank", action);
	} else {
		operation_end(action, ALYM_UNKNOWN, "no answer from the bank");
	}
}

void operation_step(const struct alym_gateway_state *state, struct halyk_session *session,
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
