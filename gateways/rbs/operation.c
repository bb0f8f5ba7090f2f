/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/operation.h"

#include <assert.h>
#include <inttypes.h>

#include "gateways/rbs/answer.h"
#include "gateways/rbs/request.h"
#include "plugins/scratch.h"

enum { OPERATION_TIME_IS_UP = -2007 /* an actionCode: nobody paid in time */ };

/* What an orderStatus comes to. */
enum operation_place {
	OPERATION_NOWHERE, /* one that is not known */
	OPERATION_WAITING, /* for the payer */
	OPERATION_HELD,
	OPERATION_TAKEN, /* wholly, in part, or given back since */
	OPERATION_REVERSED,
	OPERATION_REFUSED,
};

static const enum operation_place operation_places[] = {
	[0] = OPERATION_WAITING,
	[1] = OPERATION_HELD,
	[2] = OPERATION_TAKEN,
	[3] = OPERATION_REVERSED,
	[4] = OPERATION_TAKEN,
	[5] = OPERATION_WAITING,
	[6] = OPERATION_REFUSED,
	[7] = OPERATION_WAITING,
	[8] = OPERATION_TAKEN,
};

enum {
	OPERATION_PLACES = sizeof(operation_places) / sizeof(*operation_places),
	OPERATION_REGISTERED = 0, /* orderStatus: nobody has begun to pay */
	OPERATION_REFUNDED = 4,   /* orderStatus */
};

static void operation_end(struct alym_action *action, enum alym_verdict_kind kind,
	const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = text_of(reason) };
}

static void operation_end_code(struct alym_action *action, enum alym_verdict_kind kind,
	const char *what, int64_t code)
{
	operation_end(action, kind, "");
	action->verdict.reason = scratch_printf(action->scratch, "%s %" PRId64, what, code);
}

/* ---- questions ---- */

static void operation_ask(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct text md_order = text_of(session->md_order);

	session->stage = RBS_STATUS;
	request_status(state, event->order, md_order.size > 0 ? md_order : event->order->handle,
		action);
}

static void operation_register(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct text way = event->order->return_url;

	if (way.size == 0) {
		way = text_of(state->return_url);
	}
	if (way.size == 0) {
		operation_end(action, event->again ? ALYM_UNKNOWN : ALYM_NOT_ATTEMPTED,
			"the bank needs an address to return to, and there is none");
		return;
	}
	session->stage = RBS_REGISTER;
	request_register(state, event->order, way, action);
}

/* The sum of what is left tells the bank a repeat from a second refund, besides its number. */
static void operation_refund(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct money left = { .minor = 0 };

	if (!rbs_is_id(order->handle) || order->refund_id.size == 0 ||
		!money_same_currency(order->captured, order->refund) ||
		(order->refunded.minor > 0 &&
			!money_same_currency(order->captured, order->refunded))) {
		operation_end(action, ALYM_UNKNOWN, "the refund is of nothing that was taken");
		return;
	}
	left = order->captured;
	if (order->refunded.minor > 0 && !money_subtract(left, order->refunded, &left)) {
		left.minor = 0;
	}
	if (left.minor < order->refund.minor) {
		operation_end(action, event->again ? ALYM_UNKNOWN : ALYM_DECLINED,
			"the refund is of more than is left");
		return;
	}
	session->stage = RBS_REFUND;
	request_refund(state, order, left.minor, action);
}

static void operation_start(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		operation_register(state, session, event, action);
		break;
	case ALYM_OPERATION_STATUS:
	case ALYM_OPERATION_CAPTURE:
	case ALYM_OPERATION_RELEASE:
		operation_ask(state, session, event, action);
		break;
	case ALYM_OPERATION_REFUND:
		operation_refund(state, session, event, action);
		break;
	case ALYM_OPERATION_LIST:
	default:
		operation_end(action, ALYM_UNKNOWN, "an operation that the bank does not have");
	}
}

/* ---- what the bank says of the order ---- */

/*
 * All that was ever taken.  Banks differ in whether depositedAmount goes down with a refund, so
 * once there is one, only a sum that we know from elsewhere tells which it is.
 */
static bool operation_total(const struct alym_order *order, const struct answer_status *s,
	int64_t *total)
{
	int64_t known = order->captured.minor > 0 ? order->captured.minor : order->amount.minor;

	if (s->deposited == ANSWER_NOT_STATED ||
		(s->refunded == ANSWER_NOT_STATED && s->status == OPERATION_REFUNDED)) {
		return false;
	}
	*total = s->deposited;
	if (s->refunded > 0 && s->deposited != known) {
		*total = s->deposited + s->refunded;
		return *total == known;
	}
	return *total > 0;
}

static void operation_taken(const struct alym_event *event, const struct answer_status *s,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;
	int64_t total = 0;

	if (event->operation == ALYM_OPERATION_RELEASE) {
		operation_end(action, ALYM_DECLINED, "the money was taken");
	} else if (!operation_total(order, s, &total)) {
		operation_end(action, ALYM_UNKNOWN, "the bank does not say how much it took");
	} else if (s->refunded == total && order->captured.minor == 0) {
		operation_end(action, ALYM_DECLINED, "taken, and given back at the bank");
	} else {
		operation_end(action, ALYM_DONE, "");
		action->verdict.cumulative = true;
		action->verdict.amount = money_of(total, s->amount.currency);
	}
}

/* That a hold is of less is the bank's own word about it; of more, a part is deposited. */
static void operation_held(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, const struct answer_status *s, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct text md_order = text_of(session->md_order);
	bool capture = event->operation == ALYM_OPERATION_CAPTURE;

	if (!capture && event->operation != ALYM_OPERATION_RELEASE) {
		operation_end(action, ALYM_PENDING, "");
		action->verdict.authorized = true;
	} else if (session->acted) {
		operation_end_code(action, ALYM_UNKNOWN, "still held, errorCode", session->error);
	} else if (capture && s->approved != ANSWER_NOT_STATED &&
		   s->approved < order->amount.minor) {
		operation_end(action, ALYM_DECLINED, "less is held than was ordered");
	} else if (md_order.size == 0) {
		operation_end(action, ALYM_UNKNOWN, "the bank does not name its order");
	} else {
		session->stage = RBS_MOVEMENT;
		request_movement(state, capture ? "deposit.do" : "reverse.do", md_order,
			capture ? order->amount.minor : REQUEST_NO_AMOUNT, action);
	}
}

/*
 * An order whose page we never heard of, or whose time is up, can be paid by nobody whom we would
 * want to: it is closed, and asked about again, because a payer may have been faster.
 */
static void operation_waiting(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, const struct answer_status *s, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	bool lost = order->handle.size == 0;
	bool late = event->now >= order->expires_at;

	if (event->operation != ALYM_OPERATION_PAY && event->operation != ALYM_OPERATION_STATUS) {
		operation_end(action, ALYM_UNKNOWN, "nothing is held");
	} else if (session->acted || s->status != OPERATION_REGISTERED || !(lost || late) ||
		   session->md_order[0] == '\0') {
		operation_end(action, ALYM_PENDING, "");
	} else {
		session->stage = RBS_MOVEMENT;
		request_movement(state, "decline.do", text_of(session->md_order), REQUEST_NO_AMOUNT,
			action);
	}
}

static void operation_reversed(const struct alym_event *event, struct alym_action *action)
{
	bool release = event->operation == ALYM_OPERATION_RELEASE;

	operation_end(action, release ? ALYM_DONE : ALYM_DECLINED, release ? "" : "reversed");
}

static void operation_refused(const struct rbs_session *session, const struct alym_event *event,
	const struct answer_status *s, struct alym_action *action)
{
	bool late = session->acted && event->now >= event->order->expires_at;

	operation_end_code(action, ALYM_DECLINED, "declined, actionCode", s->action_code);
	action->verdict.expired = s->action_code == OPERATION_TIME_IS_UP || late;
}

/* Whether it is about our order, and what the bank calls it, for the session. */
static bool operation_is_ours(struct rbs_session *session, const struct alym_order *order,
	const struct answer_status *s)
{
	struct text known =
		session->md_order[0] != '\0' ? text_of(session->md_order) : order->handle;
	struct text id = s->md_order.size > 0 ? s->md_order : known;

	if (!text_equal(s->number, order->number) ||
		!money_same_currency(s->amount, order->amount) ||
		s->amount.minor != order->amount.minor) {
		return false;
	}
	if (known.size > 0 && !text_equal(id, known)) {
		return false;
	}
	return id.size == 0 || text_equal(id, text_of(session->md_order)) ||
	       text_copy(id, session->md_order, sizeof(session->md_order));
}

static void operation_judge(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, const struct answer_status *s, struct alym_action *action)
{
	bool known = s->status >= 0 && s->status < OPERATION_PLACES;

	switch (known ? operation_places[s->status] : OPERATION_NOWHERE) {
	case OPERATION_WAITING:
		operation_waiting(state, session, event, s, action);
		break;
	case OPERATION_HELD:
		operation_held(state, session, event, s, action);
		break;
	case OPERATION_TAKEN:
		operation_taken(event, s, action);
		break;
	case OPERATION_REVERSED:
		operation_reversed(event, action);
		break;
	case OPERATION_REFUSED:
		operation_refused(session, event, s, action);
		break;
	case OPERATION_NOWHERE:
		operation_end(action, ALYM_UNKNOWN, "an orderStatus that is none");
		break;
	}
	if (action->kind == ALYM_ACTION_VERDICT) {
		action->verdict.handle = text_of(session->md_order);
	}
}

static void operation_status(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, const struct answer *answer, struct alym_action *action)
{
	struct answer_status status;
	bool unknown = answer->error == ANSWER_NOT_FOUND && !session->exists && !session->acted;

	if (unknown && event->operation == ALYM_OPERATION_STATUS &&
		event->order->handle.size == 0) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "the bank does not know the order");
	} else if (answer->error != ANSWER_FINE) {
		operation_end_code(action, ALYM_UNKNOWN, "no status, errorCode", answer->error);
	} else if (!answer_read_status(answer, &status)) {
		operation_end(action, ALYM_UNKNOWN, "the answer is malformed");
	} else if (!operation_is_ours(session, event->order, &status)) {
		operation_end(action, ALYM_UNKNOWN, "the answer is about another order");
	} else {
		operation_judge(state, session, event, &status, action);
	}
}

/* ---- other answers ---- */

static void operation_registered(const struct alym_gateway_state *state,
	struct rbs_session *session, const struct alym_event *event, const struct answer *answer,
	struct alym_action *action)
{
	struct text md_order = TEXT("");
	struct text page = TEXT("");

	if (answer->error == ANSWER_DUPLICATE) {
		session->exists = true;
		operation_ask(state, session, event, action);
	} else if (answer->error != ANSWER_FINE) {
		operation_end_code(action, event->again ? ALYM_UNKNOWN : ALYM_DECLINED,
			"refused, errorCode", answer->error);
	} else if (!answer_read_page(answer, &md_order, &page)) {
		operation_end(action, ALYM_UNKNOWN, "the answer is malformed");
	} else {
		operation_end(action, ALYM_PENDING, "");
		action->verdict.handle = scratch_copy(action->scratch, md_order);
		action->verdict.pay_url = scratch_copy(action->scratch, page);
	}
}

static void operation_refunded(const struct alym_event *event, const struct answer *answer,
	struct alym_action *action)
{
	bool refused = answer->error == ANSWER_IMPOSSIBLE && !event->again;

	if (answer->error != ANSWER_FINE) {
		operation_end_code(action, refused ? ALYM_DECLINED : ALYM_UNKNOWN,
			"no refund, errorCode", answer->error);
		return;
	}
	operation_end(action, ALYM_DONE, "");
	action->verdict.amount = event->order->refund;
	action->verdict.operation =
		scratch_printf(action->scratch, "refund-%.*s", TEXT_ARGS(event->order->refund_id));
}

static void operation_answered(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, const struct answer *answer, struct alym_action *action)
{
	bool moving = session->stage == RBS_MOVEMENT || session->stage == RBS_REFUND;

	if (moving && !answer->stated) {
		operation_end(action, ALYM_UNKNOWN, "the answer is malformed");
		return;
	}
	switch (session->stage) {
	case RBS_REGISTER:
		operation_registered(state, session, event, answer, action);
		break;
	case RBS_STATUS:
		operation_status(state, session, event, answer, action);
		break;
	case RBS_MOVEMENT: /* whatever it said, what came of it is asked */
		session->acted = true;
		session->error = answer->error;
		operation_ask(state, session, event, action);
		break;
	case RBS_REFUND:
		operation_refunded(event, answer, action);
		break;
	case RBS_NOTHING:
		operation_end(action, ALYM_UNKNOWN, "an answer that was not asked for");
		break;
	}
}

static void operation_response(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct answer answer;

	assert(event->message != NULL);

	if (event->message->status != 200) {
		operation_end(action, ALYM_UNKNOWN, "the answer's status tells nothing");
	} else if (!answer_parse(event->message->body, &answer)) {
		operation_end(action, ALYM_UNKNOWN, "the answer is malformed");
	} else {
		operation_answered(state, session, event, &answer, action);
		answer_free(&answer);
	}
}

/* That nothing of this request was sent says something only of an order that it was to make. */
static void operation_failure(const struct rbs_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	if (event->failure == ALYM_FAILURE_NOT_SENT && session->stage == RBS_REGISTER &&
		!event->again) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "no connection to the bank");
	} else {
		operation_end(action, ALYM_UNKNOWN, "no answer from the bank");
	}
}

void operation_step(const struct alym_gateway_state *state, struct rbs_session *session,
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
