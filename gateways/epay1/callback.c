/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/callback.h"

#include <assert.h>
#include <string.h>

#include "gateways/epay1/letter.h"
#include "plugins/form.h"
#include "plugins/scratch.h"

enum { CALLBACK_BODY_MAX = 3 * LETTER_SIZE_MAX };

static void callback_answer(struct alym_action *action, int status)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = status;
	if (status == 200) {
		action->answer.body = TEXT("0"); /* as shops are seen to answer */
	}
}

static void callback_check(struct text number, struct alym_action *action)
{
	action->kind = ALYM_ACTION_CHECK;
	action->about_order = scratch_copy(action->scratch, number);
}

/* The money is held: the signature covers the order, the shop and the sum.  What codes other than
 * 00 mean is not published, so the bank is asked. */
static void callback_paid(const struct alym_gateway_state *state, const struct letter *letter,
	struct alym_action *action)
{
	struct text number = text_of(letter->order);

	if (strcmp(letter->merchant_id, state->merchant_id) != 0) {
		callback_answer(action, 403); /* the bank's one key signs every shop's letters */
	} else if (strcmp(letter->code, "00") != 0) {
		callback_check(number, action);
	} else {
		action->kind = ALYM_ACTION_VERDICT;
		action->verdict.kind = ALYM_PENDING;
		action->verdict.authorized = true;
		action->verdict.order = scratch_copy(action->scratch, number);
		action->verdict.amount = letter->amount;
		action->verdict.handle = scratch_printf(action->scratch, "%s %s", letter->reference,
			letter->approval);
		action->verdict.reason = TEXT("the money is held");
	}
}

static void callback_letter(const struct alym_gateway_state *state, struct text document,
	struct alym_action *action)
{
	struct text number = letter_error_order(document);
	struct letter letter;

	if (number.size > 0) { /* nobody signs errors: they are a reason to ask */
		callback_check(number, action);
		return;
	}
	switch (letter_read_payment(&state->sign, document, &letter)) {
	case LETTER_GOOD:
		callback_paid(state, &letter, action);
		break;
	case LETTER_FORGED:
		callback_answer(action, 403);
		break;
	case LETTER_MALFORMED:
	case LETTER_STRANGE:
		callback_answer(action, 400);
		break;
	}
}

static void callback_arrived(const struct alym_gateway_state *state,
	const struct alym_message *message, struct alym_action *action)
{
	struct form form;
	struct text document;

	if (!text_is(message->method, "POST")) {
		callback_answer(action, 405);
		return;
	}
	if (message->body.size > CALLBACK_BODY_MAX || !form_parse(message->body, &form)) {
		callback_answer(action, 400);
		return;
	}
	if (form_find(&form, "response", &document)) {
		callback_letter(state, document, action);
	} else {
		callback_answer(action, 400);
	}
	form_free(&form);
}

void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	assert(state != NULL);
	assert(event != NULL);
	assert(action != NULL);

	if (event->kind == ALYM_EVENT_CALLBACK) {
		callback_arrived(state, event->message, action);
	} else if (event->kind == ALYM_EVENT_DECISION &&
		   event->decision->kind != ALYM_ANSWER_BUSY) {
		callback_answer(action, 200); /* of an unknown order too: it is not to come again */
	} else {
		callback_answer(action, 503);
	}
}
