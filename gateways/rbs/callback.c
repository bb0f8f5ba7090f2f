/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/callback.h"

#include <assert.h>

#include "plugins/incoming.h"
#include "plugins/scratch.h"

enum { CALLBACK_NUMBER_MAX = 15 }; /* digits of our own order numbers */

static void callback_answer(struct alym_action *action, int status)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = status;
}

/*
 * The checksum says who speaks, but not all of what is true: the sum need not be in it, and an old
 * message can come again.  So whatever is said, the bank is asked.  What names no order of ours (a
 * card bound, an order made in the bank's cabinet) is kept for reconciliation.
 */
static void callback_act(const struct form *form, struct alym_action *action)
{
	struct text number = TEXT("");
	struct text operation = TEXT("");
	struct text md_order = TEXT("");

	if (!form_find(form, "mdOrder", &md_order) || !form_find(form, "operation", &operation)) {
		callback_answer(action, 400);
		return;
	}
	if (form_find(form, "orderNumber", &number) && text_is_digits(number) &&
		number.size <= CALLBACK_NUMBER_MAX && !text_starts(operation, TEXT("binding"))) {
		action->kind = ALYM_ACTION_CHECK;
		action->about_order = scratch_copy(action->scratch, number);
		return;
	}
	action->kind = ALYM_ACTION_KEEP;
	action->keep = scratch_printf(action->scratch,
		"callback about mdOrder %.*s, no order of ours", TEXT_ARGS(md_order));
}

/* The members without which it is no callback, each once and of its form. */
static bool callback_is_whole(const struct form *form, struct text *checksum)
{
	struct text md_order = TEXT("");
	struct text operation = TEXT("");
	struct text status = TEXT("");

	return form_find(form, "mdOrder", &md_order) && rbs_is_id(md_order) &&
	       form_find(form, "operation", &operation) && operation.size > 0 &&
	       form_find(form, "status", &status) &&
	       (text_is(status, "0") || text_is(status, "1")) &&
	       form_find(form, "checksum", checksum);
}

static void callback_judge(const struct alym_gateway_state *state, const struct form *form,
	struct alym_action *action)
{
	struct text checksum = TEXT("");

	if (!checksum_is_plain(form) || !callback_is_whole(form, &checksum)) {
		callback_answer(action, 400);
	} else if (!checksum_matches(&state->checksum, form, checksum)) {
		callback_answer(action, 403);
	} else {
		callback_act(form, action);
	}
}

static void callback_arrived(const struct alym_gateway_state *state,
	const struct alym_message *message, struct alym_action *action)
{
	bool post = text_is(message->method, "POST");
	struct form form;

	if (!post && !text_is(message->method, "GET")) {
		callback_answer(action, 405);
	} else if (!form_parse(post ? message->body : incoming_query(message), &form)) {
		callback_answer(action, 400);
	} else {
		callback_judge(state, &form, action);
		form_free(&form);
	}
}

void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	assert(state != NULL);
	assert(event != NULL);
	assert(action != NULL);

	if (event->kind == ALYM_EVENT_CALLBACK) {
		assert(event->message != NULL);
		callback_arrived(state, event->message, action);
	} else if (event->kind == ALYM_EVENT_DECISION &&
		   event->decision->kind != ALYM_ANSWER_BUSY) {
		callback_answer(action, 200);
	} else {
		callback_answer(action, 503); /* the bank calls again, three times */
	}
}
