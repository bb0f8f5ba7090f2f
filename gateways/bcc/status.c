/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/status.h"

#include <assert.h>

#include "base/date.h"
#include "gateways/bcc/code.h"
#include "gateways/bcc/outgoing.h"
#include "gateways/bcc/reference.h"
#include "plugins/scratch.h"

enum {
	STATUS_OPEN_S = 86400, /* for so long the bank tells it */
	STATUS_GUARD_S = 3600, /* a form opened in time may be posted that much later */
};

/* ---- questions ---- */

/* About money that was held: was it taken, was it given back, is it held still?  Else only about
 * the purchase.  NULL: there is no such question. */
static const char *status_question(const struct alym_gateway_state *state,
	const struct alym_order *order, size_t number)
{
	static const char *const after_a_hold[] = { "21", "22" };
	const size_t count = sizeof(after_a_hold) / sizeof(*after_a_hold);
	struct reference reference;

	if (!reference_parse(order->handle, &reference) || reference.hold.size == 0) {
		return number == 0 ? state->trtype : NULL;
	}
	if (number < count) {
		return after_a_hold[number];
	}
	return number > count ? NULL : text_is(reference.hold, "0") ? "0" : "12";
}

static void status_ask(const struct alym_gateway_state *state, const struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	const char *about = status_question(state, event->order, session->question);
	struct outgoing out = { .scratch = action->scratch };

	assert(about != NULL);

	outgoing_add(&out, "ORDER", event->order->number);
	outgoing_seal(&out, state, event, "90");
	outgoing_add(&out, "TRAN_TRTYPE", text_of(about));
	outgoing_add(&out, "NOTIFY_URL",
		outgoing_notify_url(action->scratch, event->order->callback_url));
	outgoing_send(&out, state, action);
}

void status_start(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	int64_t since = event->order->created_at;
	char day[DATE_TEXT_SIZE];

	if (event->now - since <= STATUS_OPEN_S) {
		status_ask(state, session, event, action);
		return;
	}
	bcc_end(action, ALYM_UNKNOWN,
		scratch_printf(action->scratch,
			"the bank tells a status for 24 hours only: look for order %.*s in its "
			"statement of %s and the day after",
			TEXT_ARGS(event->order->number),
			date_format((int32_t)(since / DATE_DAY_S), day)));
}

/* ---- answers ---- */

static bool status_read_money(const struct answer *answer, struct money *money)
{
	int64_t minor = 0;

	if (!money_parse_amount(answer_get(answer, ANSWER_AMOUNT), &minor) || minor == 0 ||
		minor > MONEY_API_MAX ||
		!text_is(answer_get(answer, ANSWER_CURRENCY), BCC_CURRENCY_CODE)) {
		return false;
	}
	*money = money_of(minor, BCC_CURRENCY);
	return true;
}

/* The money was taken, or is held by a transaction of TRTYPE `hold`. */
static void status_moved(const struct alym_event *event, const struct answer *answer,
	struct text hold, struct alym_action *action)
{
	bool held = hold.size > 0;
	struct reference first;
	struct reference said = { answer_get(answer, ANSWER_RRN),
		answer_get(answer, ANSWER_INT_REF), hold };
	struct alym_verdict verdict = { .kind = held ? ALYM_PENDING : ALYM_DONE,
		.authorized = held };

	if (!reference_is_fine(&said) || !status_read_money(answer, &verdict.amount)) {
		bcc_end(action, ALYM_UNKNOWN,
			TEXT("approved, but RRN, INT_REF, AMOUNT or CURRENCY is not as it should be"));
		return;
	}
	if (!reference_parse(event->order->handle, &first)) {
		first = said;
		verdict.handle =
			scratch_printf(action->scratch, "%.*s %.*s%s%.*s", TEXT_ARGS(said.rrn),
				TEXT_ARGS(said.int_ref), held ? " " : "", TEXT_ARGS(said.hold));
	}
	if (!held) { /* a capture is known by the RRN of its hold: it has but one */
		verdict.operation = scratch_copy(action->scratch, first.rrn);
	}
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = verdict;
}

/* The transaction that the answer is about. */
static struct text status_trtype(const struct answer *answer)
{
	struct text trtype = answer_get(answer, ANSWER_TRTYPE);

	return text_is(trtype, "90") ? answer_get(answer, ANSWER_TRAN_TRTYPE) : trtype;
}

static bool status_is_hold(struct text trtype)
{
	return text_is(trtype, "0") || text_is(trtype, "12");
}

static void status_approved(const struct alym_event *event, const struct answer *answer,
	struct alym_action *action)
{
	struct text trtype = status_trtype(answer);

	if (text_is(trtype, "1") || text_is(trtype, "21")) {
		status_moved(event, answer, TEXT(""), action);
	} else if (status_is_hold(trtype)) {
		status_moved(event, answer, trtype, action);
	} else if (text_is(trtype, "22")) {
		bcc_end(action, ALYM_DECLINED,
			TEXT("the bank gave the whole sum back the same day"));
	} else {
		bcc_end(action, ALYM_UNKNOWN,
			TEXT("approved, but TRTYPE is none that takes money: look at the bank's "
			     "statement"));
	}
}

static bool status_is_absent(const struct alym_gateway_state *state, struct text rc)
{
	for (size_t i = 0; i < state->absent_count; i++) {
		if (text_is(rc, state->absent[i])) {
			return true;
		}
	}
	return false;
}

/* The payer has not posted the form: he still may, until it is too old. */
static void status_absent(const struct alym_event *event, struct alym_action *action)
{
	if (event->now <= event->order->expires_at + STATUS_GUARD_S) {
		bcc_end(action, ALYM_PENDING, TEXT("the bank does not have the order yet"));
		return;
	}
	bcc_end(action, ALYM_DECLINED, TEXT("the payer never came to the bank"));
	action->verdict.expired = true;
}

/*
 * ACTION 3 declines only with an RC that we know: which one the bank has for an order that it never
 * saw is not published, and the payer's form may still be on its way.
 */
static bool status_is_declined(struct text action, enum code_kind kind)
{
	if (text_is(action, "2")) {
		return kind == CODE_JUDGED || kind == CODE_PASSING || kind == CODE_UNKNOWN;
	}
	return text_is(action, "3") && (kind == CODE_JUDGED || kind == CODE_PASSING);
}

static bool status_is_under_way(struct text action)
{
	return text_is(action, "1") || text_is(action, "4") || text_is(action, "5");
}

void status_answered(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, const struct answer *answer, struct alym_action *action)
{
	struct text said = answer_get(answer, ANSWER_ACTION);
	struct text rc = answer_get(answer, ANSWER_RC);
	enum code_kind kind = code_find(rc)->kind;
	struct text reason = code_reason(action->scratch, said, rc);
	bool approved = text_is(said, "0") && kind == CODE_APPROVED;
	bool absent = !text_is(said, "0") && status_is_absent(state, rc);
	bool declined = status_is_declined(said, kind);
	bool last = status_question(state, event->order, session->question + 1) == NULL;

	if (!last && (absent || declined || (approved && status_is_hold(status_trtype(answer))))) {
		session->question++;
		status_ask(state, session, event, action);
	} else if (approved) {
		status_approved(event, answer, action);
	} else if (absent) {
		status_absent(event, action);
	} else if (declined) {
		bcc_end(action, ALYM_DECLINED, reason);
	} else if (last && kind != CODE_APPROVED && kind != CODE_CLOCK && kind != CODE_REFUSED &&
		   status_is_under_way(said)) {
		bcc_end(action, ALYM_PENDING, reason);
	} else {
		bcc_end(action, ALYM_UNKNOWN, reason);
	}
}
