/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/operation.h"

#include <assert.h>
#include <string.h>

#include "gateways/epay1/currency.h"
#include "gateways/epay1/document.h"
#include "gateways/epay1/letter.h"
#include "plugins/scratch.h"

static const char *const operation_commands[] = {
	[ALYM_OPERATION_CAPTURE] = "complete",
	[ALYM_OPERATION_RELEASE] = "reverse",
	[ALYM_OPERATION_REFUND] = "refund",
};

static void operation_end(struct alym_action *action, enum alym_verdict_kind kind,
	const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = text_of(reason) };
}

static struct money operation_amount(const struct alym_event *event)
{
	return event->operation == ALYM_OPERATION_REFUND ? event->order->refund
							 : event->order->amount;
}

/* ---- the form ---- */

static const char *operation_language(struct text language)
{
	if (text_is(language, "kk")) {
		return "kaz";
	}
	return text_is(language, "en") ? "eng" : "rus";
}

static void operation_add_field(struct alym_action *action, const char *name, struct text value)
{
	if (value.size > 0) {
		action->scratch->fields[action->verdict.field_count++] =
			(struct alym_form_field){ text_of(name), value };
	}
}

/* Each browser's form is the same: the bank knows the order by its number, not by a time. */
static void operation_pay(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;
	struct text document = document_order(state, order, action->scratch);

	operation_end(action, ALYM_PENDING, "");
	action->verdict.form_url = scratch_printf(action->scratch, "%s/jsp/process/logon.jsp",
		state->endpoint.address);
	action->verdict.fields = action->scratch->fields;
	operation_add_field(action, "Signed_Order_B64", document);
	operation_add_field(action, "email", text_of(state->email));
	operation_add_field(action, "BackLink", order->return_url);
	operation_add_field(action, "FailureBackLink", order->return_url);
	operation_add_field(action, "PostLink", order->callback_url);
	operation_add_field(action, "FailurePostLink", order->callback_url);
	operation_add_field(action, "Language", text_of(operation_language(order->language)));
}

/* ---- requests ---- */

static void operation_send(const struct alym_gateway_state *state, struct epay1_session *session,
	enum epay1_stage stage, struct text document, struct alym_action *action)
{
	const char *page = stage == EPAY1_STATUS ? "checkOrdern.jsp" : "control.jsp";

	session->stage = stage;
	action->kind = ALYM_ACTION_SEND;
	action->request.method = TEXT("GET");
	action->request.url = scratch_printf(action->scratch, "%s/jsp/remote/%s?%.*s",
		state->endpoint.address, page, TEXT_ARGS(document));
}

static void operation_send_status(const struct alym_gateway_state *state,
	struct epay1_session *session, const struct alym_event *event, struct alym_action *action)
{
	operation_send(state, session, EPAY1_STATUS,
		document_question(state, event->order->number, action->scratch), action);
}

static void operation_send_command(const struct alym_gateway_state *state,
	struct epay1_session *session, const struct alym_event *event, struct alym_action *action)
{
	const struct document_command command = {
		.type = operation_commands[event->operation],
		.number = event->order->number,
		.reference = session->reference,
		.approval = session->approval,
		.amount = operation_amount(event),
	};

	operation_send(state, session, EPAY1_COMMAND,
		document_command(state, &command, action->scratch), action);
}

/* "reference approval_code", as a verdict of ours wrote it. */
static bool operation_read_handle(struct text handle, struct epay1_session *session)
{
	const char *space = handle.size > 0 ? memchr(handle.bytes, ' ', handle.size) : NULL;
	struct text reference;
	struct text approval;

	if (space == NULL) {
		return false;
	}
	reference = (struct text){ handle.bytes, (size_t)(space - handle.bytes) };
	approval = (struct text){ space + 1, handle.size - reference.size - 1 };
	return text_is_made_of(reference, "") && text_is_made_of(approval, "") &&
	       text_copy(reference, session->reference, sizeof(session->reference)) &&
	       text_copy(approval, session->approval, sizeof(session->approval));
}

static void operation_start(const struct alym_gateway_state *state, struct epay1_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	bool known = operation_read_handle(event->order->handle, session);

	session->again = event->again;
	if (currency_number(operation_amount(event).currency) == NULL) {
		operation_end(action, ALYM_NOT_ATTEMPTED, "the bank takes no such currency");
		return;
	}
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		operation_pay(state, event, action);
		break;
	case ALYM_OPERATION_STATUS:
		operation_send_status(state, session, event, action);
		break;
	case ALYM_OPERATION_CAPTURE:
	case ALYM_OPERATION_RELEASE:
	case ALYM_OPERATION_REFUND:
		if (known && !event->again) {
			operation_send_command(state, session, event, action);
		} else if (event->operation == ALYM_OPERATION_REFUND && event->again) {
			operation_end(action, ALYM_UNKNOWN,
				"whether it was given back is to be seen in the bank's cabinet");
		} else {
			operation_send_status(state, session, event, action);
		}
		break;
	case ALYM_OPERATION_LIST:
	default:
		operation_end(action, ALYM_UNKNOWN, "an operation about no order");
	}
}

/* ---- the status ---- */

enum operation_money { OPERATION_NONE, OPERATION_HELD, OPERATION_TAKEN, OPERATION_STRANGE };

/* payment="true" status="0" result="0" is what a hold was seen to be; `taken_status` is a setting,
 * because what a completed one is was not. */
static enum operation_money operation_money(const struct alym_gateway_state *state,
	const struct letter *letter)
{
	if (strcmp(letter->payment, "false") == 0) {
		return OPERATION_NONE;
	}
	if (strcmp(letter->payment, "true") != 0 || strcmp(letter->result, "0") != 0) {
		return OPERATION_STRANGE;
	}
	if (strcmp(letter->status, "0") == 0) {
		return OPERATION_HELD;
	}
	return state->taken_status[0] != '\0' && strcmp(letter->status, state->taken_status) == 0
		       ? OPERATION_TAKEN
		       : OPERATION_STRANGE;
}

static void operation_judge(enum operation_money money, const struct letter *letter,
	const struct alym_event *event, struct alym_action *action)
{
	switch (money) {
	case OPERATION_NONE:
		if (event->now < event->order->expires_at) {
			operation_end(action, ALYM_PENDING, "nobody has paid yet");
		} else {
			operation_end(action, ALYM_DECLINED, "nobody has paid in time");
			action->verdict.expired = true;
		}
		return;
	case OPERATION_HELD:
		operation_end(action, ALYM_PENDING, "the money is held");
		action->verdict.authorized = true;
		break;
	case OPERATION_TAKEN:
		operation_end(action, ALYM_DONE, "");
		action->verdict.operation =
			scratch_copy(action->scratch, text_of(letter->reference));
		break;
	case OPERATION_STRANGE:
		operation_end(action, ALYM_UNKNOWN, "the bank gave a status that we do not know");
		return;
	}
	action->verdict.amount = letter->amount;
	action->verdict.handle =
		scratch_printf(action->scratch, "%s %s", letter->reference, letter->approval);
}

static bool operation_is_short(const struct letter *letter, const struct alym_order *order)
{
	return !money_same_currency(letter->amount, order->amount) ||
	       letter->amount.minor < order->amount.minor;
}

/* How the money stands, for an operation that would move it. */
static void operation_move(const struct alym_gateway_state *state, struct epay1_session *session,
	const struct alym_event *event, const struct letter *letter, struct alym_action *action)
{
	enum operation_money money = operation_money(state, letter);
	bool capture = event->operation == ALYM_OPERATION_CAPTURE;
	enum operation_money wanted =
		event->operation == ALYM_OPERATION_REFUND ? OPERATION_TAKEN : OPERATION_HELD;

	if (capture && money == OPERATION_TAKEN) {
		operation_judge(money, letter, event, action);
	} else if (money != wanted) {
		operation_end(action, ALYM_UNKNOWN, "the money does not stand as it should");
	} else if (capture && operation_is_short(letter, event->order)) {
		operation_end(action, ALYM_DECLINED, "less is held than was ordered");
	} else {
		memcpy(session->reference, letter->reference, sizeof(session->reference));
		memcpy(session->approval, letter->approval, sizeof(session->approval));
		operation_send_command(state, session, event, action);
	}
}

static bool operation_is_about(const struct alym_gateway_state *state, const struct letter *letter,
	const struct alym_event *event)
{
	return strcmp(letter->merchant_id, state->merchant_id) == 0 &&
	       text_is(event->order->number, letter->order);
}

static void operation_status(const struct alym_gateway_state *state, struct epay1_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	struct letter letter;

	if (letter_read_status(&state->sign, event->message->body, &letter) != LETTER_GOOD) {
		operation_end(action, ALYM_UNKNOWN, "no status that the bank signed");
	} else if (!operation_is_about(state, &letter, event)) {
		operation_end(action, ALYM_UNKNOWN, "a status of another order or shop");
	} else if (event->operation == ALYM_OPERATION_STATUS) {
		operation_judge(operation_money(state, &letter), &letter, event, action);
	} else {
		operation_move(state, session, event, &letter, action);
	}
}

/* ---- commands ---- */

/* The bank repeats the command it was given: an answer to another one is none to ours. */
static bool operation_is_echo(const struct epay1_session *session, const struct letter *letter,
	const struct alym_event *event)
{
	struct money amount = operation_amount(event);

	return strcmp(letter->command, operation_commands[event->operation]) == 0 &&
	       strcmp(letter->reference, session->reference) == 0 &&
	       strcmp(letter->approval, session->approval) == 0 &&
	       money_same_currency(letter->amount, amount) && letter->amount.minor == amount.minor;
}

static void operation_done(const struct letter *letter, const struct alym_event *event,
	struct alym_action *action)
{
	operation_end(action, ALYM_DONE, "");
	action->verdict.amount = letter->amount;
	if (event->operation == ALYM_OPERATION_REFUND) {
		action->verdict.operation = scratch_printf(action->scratch, "%s:%.*s",
			letter->reference, TEXT_ARGS(event->order->refund_id));
	} else {
		action->verdict.operation =
			scratch_copy(action->scratch, text_of(letter->reference));
	}
}

static void operation_command(const struct alym_gateway_state *state,
	const struct epay1_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	struct letter letter;

	if (letter_read_command(&state->sign, event->message->body, &letter) != LETTER_GOOD) {
		operation_end(action, ALYM_UNKNOWN, "no answer that the bank signed");
	} else if (!operation_is_about(state, &letter, event) ||
		   !operation_is_echo(session, &letter, event)) {
		operation_end(action, ALYM_UNKNOWN, "an answer to another command");
	} else if (strcmp(letter.code, "00") == 0) {
		operation_done(&letter, event, action);
	} else if (event->operation == ALYM_OPERATION_REFUND) {
		operation_end(action, ALYM_DECLINED, "the bank refused to give it back");
	} else {
		operation_end(action, ALYM_UNKNOWN, "the bank did not do it");
	}
}

/* ---- events ---- */

static void operation_response(const struct alym_gateway_state *state,
	struct epay1_session *session, const struct alym_event *event, struct alym_action *action)
{
	assert(event->message != NULL);

	if (event->message->status != 200) {
		operation_end(action, ALYM_UNKNOWN, "the answer's status tells nothing");
	} else if (session->stage == EPAY1_STATUS) {
		operation_status(state, session, event, action);
	} else if (session->stage == EPAY1_COMMAND) {
		operation_command(state, session, event, action);
	} else {
		operation_end(action, ALYM_UNKNOWN, "an answer to nothing");
	}
}

/* A question changes nothing at the bank, whether it came there or not. */
static void operation_failure(const struct epay1_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	bool asks = event->operation == ALYM_OPERATION_STATUS;
	bool left = session->stage == EPAY1_COMMAND && event->failure == ALYM_FAILURE_PERHAPS_SENT;

	if (asks || left || session->again) {
		operation_end(action, ALYM_UNKNOWN, "no answer from the bank");
	} else {
		operation_end(action, ALYM_NOT_ATTEMPTED, "no connection to the bank");
	}
}

void operation_step(const struct alym_gateway_state *state, struct epay1_session *session,
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
