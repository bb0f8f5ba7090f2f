/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/operation.h"

#include <assert.h>

#include "gateways/bcc/code.h"
#include "gateways/bcc/outgoing.h"
#include "gateways/bcc/purchase.h"
#include "gateways/bcc/reference.h"
#include "gateways/bcc/status.h"
#include "plugins/scratch.h"

static struct money operation_amount(const struct alym_event *event)
{
	return event->operation == ALYM_OPERATION_REFUND ? event->order->refund
							 : event->order->amount;
}

/* ---- requests ---- */

static const char *operation_trtype(enum alym_operation operation)
{
	if (operation == ALYM_OPERATION_CAPTURE) {
		return "21";
	}
	return operation == ALYM_OPERATION_RELEASE ? "22" : "14";
}

static void operation_send(const struct alym_gateway_state *state, const struct alym_event *event,
	const struct reference *reference, struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct money taken = order->captured.minor > 0 ? order->captured : order->amount;
	struct outgoing out = { .scratch = action->scratch };

	outgoing_add(&out, "ORDER", order->number);
	if (event->operation != ALYM_OPERATION_CAPTURE) {
		outgoing_add(&out, "ORG_AMOUNT", outgoing_amount(action->scratch, taken));
	}
	outgoing_add(&out, "AMOUNT", outgoing_amount(action->scratch, operation_amount(event)));
	outgoing_add(&out, "CURRENCY", TEXT(BCC_CURRENCY_CODE));
	outgoing_add(&out, "RRN", reference->rrn);
	outgoing_add(&out, "INT_REF", reference->int_ref);
	outgoing_seal(&out, state, event, operation_trtype(event->operation));
	outgoing_add(&out, "NOTIFY_URL", outgoing_notify_url(action->scratch, order->callback_url));
	outgoing_send(&out, state, action);
}

/* None of the three is safe to send twice: the bank has no key by which it would know a repeat. */
static void operation_move(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	bool refund = event->operation == ALYM_OPERATION_REFUND;
	struct reference reference;

	if (event->again) {
		bcc_end(action, ALYM_UNKNOWN,
			refund ? TEXT("this refund was perhaps sent before, and the bank would not "
				      "know a repeat: look at its statement")
			       : TEXT("perhaps sent before: the status decides"));
	} else if (!reference_parse(event->order->handle, &reference)) {
		bcc_end(action, refund ? ALYM_NOT_ATTEMPTED : ALYM_UNKNOWN,
			TEXT("RRN and INT_REF of the payment are not known"));
	} else if (!refund && reference.hold.size == 0) {
		bcc_end(action, ALYM_UNKNOWN, TEXT("nothing is held: it was taken at once"));
	} else if (!text_is(text_of(operation_amount(event).currency), BCC_CURRENCY)) {
		bcc_end(action, refund ? ALYM_NOT_ATTEMPTED : ALYM_UNKNOWN,
			TEXT("the bank is asked in tenge only"));
	} else {
		operation_send(state, event, &reference, action);
	}
}

static void operation_start(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		purchase_start(state, event, action);
		break;
	case ALYM_OPERATION_STATUS:
		status_start(state, session, event, action);
		break;
	case ALYM_OPERATION_CAPTURE:
	case ALYM_OPERATION_RELEASE:
	case ALYM_OPERATION_REFUND:
		operation_move(state, event, action);
		break;
	case ALYM_OPERATION_LIST:
	default:
		bcc_end(action, ALYM_UNKNOWN, TEXT("an operation about no order"));
	}
}

/* ---- answers ---- */

static bool operation_same_amount(const struct answer *answer, struct money asked)
{
	int64_t minor = 0;

	return !answer->there[ANSWER_AMOUNT] ||
	       (money_parse_amount(answer_get(answer, ANSWER_AMOUNT), &minor) &&
		       minor == asked.minor);
}

/* A capture has the name that the status has for it; refunds of one payment differ by our number,
 * whatever RRN the bank gives them. */
static struct text operation_name(const struct alym_event *event, const struct answer *answer,
	struct alym_scratch *scratch)
{
	struct reference said = { .rrn = answer_get(answer, ANSWER_RRN), .int_ref = TEXT("0") };
	struct reference first = { .rrn = TEXT("") };

	if (!reference_parse(event->order->handle, &first)) {
		return TEXT("");
	}
	if (event->operation != ALYM_OPERATION_REFUND) {
		return scratch_copy(scratch, first.rrn);
	}
	return scratch_printf(scratch, "14 %.*s %.*s",
		TEXT_ARGS(reference_is_fine(&said) ? said.rrn : first.rrn),
		TEXT_ARGS(event->order->refund_id));
}

static void operation_approved(const struct alym_event *event, const struct answer *answer,
	struct alym_action *action)
{
	struct money asked = operation_amount(event);
	bool tenge = !answer->there[ANSWER_CURRENCY] ||
		     text_is(answer_get(answer, ANSWER_CURRENCY), BCC_CURRENCY_CODE);

	if (!text_is(answer_get(answer, ANSWER_TRTYPE), operation_trtype(event->operation)) ||
		!tenge || !operation_same_amount(answer, asked)) {
		bcc_end(action, ALYM_UNKNOWN,
			TEXT("approved, but TRTYPE, AMOUNT or CURRENCY is not what was asked for"));
		return;
	}
	bcc_end(action, ALYM_DONE, TEXT(""));
	action->verdict.amount = asked;
	action->verdict.operation = operation_name(event, answer, action->scratch);
}

static enum alym_verdict_kind operation_refused(const struct alym_event *event, struct text said,
	enum code_kind kind)
{
	bool refund = event->operation == ALYM_OPERATION_REFUND;
	bool declined = text_is(said, "2");

	if (refund && (declined || text_is(said, "3")) &&
		(kind == CODE_CLOCK || kind == CODE_REFUSED)) {
		return ALYM_NOT_ATTEMPTED;
	}
	/* Of a hold only the card's judgement ends it; a refund is declined by any. */
	if (declined && (kind == CODE_JUDGED ||
				(refund && (kind == CODE_PASSING || kind == CODE_UNKNOWN)))) {
		return ALYM_DECLINED;
	}
	return ALYM_UNKNOWN;
}

static void operation_moved(const struct alym_event *event, const struct answer *answer,
	struct alym_action *action)
{
	struct text said = answer_get(answer, ANSWER_ACTION);
	struct text rc = answer_get(answer, ANSWER_RC);
	enum code_kind kind = code_find(rc)->kind;

	if (text_is(said, "0") && kind == CODE_APPROVED) {
		operation_approved(event, answer, action);
	} else {
		bcc_end(action, operation_refused(event, said, kind),
			code_reason(action->scratch, said, rc));
	}
}

/* NULL when the answer is about the order and says something; else why it says nothing. */
static const char *operation_fault(const struct alym_gateway_state *state,
	const struct alym_event *event, const struct answer *answer)
{
	struct text said = answer_get(answer, ANSWER_ACTION);
	struct text rc = answer_get(answer, ANSWER_RC);

	if (said.size != 1 || !text_is_digits(said) || rc.size == 0 || rc.size > CODE_SIZE_MAX) {
		return "the answer has no ACTION and RC";
	}
	if (!text_equal(answer_get(answer, ANSWER_ORDER), event->order->number)) {
		return "the answer is not about the order";
	}
	if (!text_is(answer_get(answer, ANSWER_TERMINAL), state->terminal) ||
		(answer->there[ANSWER_MERCHANT] &&
			!text_is(answer_get(answer, ANSWER_MERCHANT), state->merchant))) {
		return "the answer is of another terminal or merchant";
	}
	return NULL;
}

static void operation_response(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	const char *fault;
	struct answer answer;

	assert(event->message != NULL);

	if (event->message->status != 200) {
		bcc_end(action, ALYM_UNKNOWN, TEXT("the answer's status tells nothing"));
		return;
	}
	if (!answer_read(event->message->body, &answer)) {
		bcc_end(action, ALYM_UNKNOWN, TEXT("the answer can not be read"));
		return;
	}
	fault = operation_fault(state, event, &answer);
	if (fault != NULL) {
		/* That the clocks differ is worth saying, whatever else is not said. */
		bool clock = code_find(answer_get(&answer, ANSWER_RC))->kind == CODE_CLOCK;

		bcc_end(action, ALYM_UNKNOWN,
			text_of(clock ? code_find(TEXT("-20"))->means : fault));
	} else if (event->operation == ALYM_OPERATION_STATUS) {
		status_answered(state, session, event, &answer, action);
	} else {
		operation_moved(event, &answer, action);
	}
}

/* That a question about the status was not put says nothing about the order. */
static void operation_failure(const struct alym_event *event, struct alym_action *action)
{
	if (event->failure == ALYM_FAILURE_NOT_SENT && event->operation != ALYM_OPERATION_STATUS) {
		bcc_end(action, ALYM_NOT_ATTEMPTED, TEXT("no connection to the bank"));
	} else {
		bcc_end(action, ALYM_UNKNOWN, TEXT("no answer from the bank"));
	}
}

void operation_step(const struct alym_gateway_state *state, struct bcc_session *session,
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
		operation_failure(event, action);
		break;
	case ALYM_EVENT_CALLBACK:
	case ALYM_EVENT_DECISION:
	case ALYM_EVENT_TIME:
		bcc_end(action, ALYM_UNKNOWN, TEXT("an event that was not asked for"));
		break;
	}
}
