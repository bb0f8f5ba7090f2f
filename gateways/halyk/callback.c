/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/halyk/callback.h"

#include <assert.h>

#include "base/json.h"
#include "plugins/scratch.h"

enum { CALLBACK_BODY_MAX = 16384 };

static void callback_answer(struct alym_action *action, int status)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = status;
}

static struct text callback_text(const struct json_value *root, const char *name)
{
	const struct json_value *value = json_find(root, name);

	return value != NULL && value->kind == JSON_KIND_TEXT ? value->text : TEXT("");
}

static bool callback_is_ours(const struct alym_gateway_state *state, struct text number,
	struct text hash)
{
	unsigned char theirs[HALYK_HASH_SIZE];

	return text_unhex(hash, theirs, sizeof(theirs)) &&
	       mac_matches(&state->mac, &number, 1, theirs);
}

/* Whatever else it says - code, amount, reason - is not looked at: the hash covers none of it. */
static void callback_arrived(const struct alym_gateway_state *state,
	const struct alym_message *message, struct alym_action *action)
{
	struct json_value *root = NULL;
	struct text number;

	if (!text_is(message->method, "POST")) {
		callback_answer(action, 405);
		return;
	}
	if (message->body.size > 0 && message->body.size <= CALLBACK_BODY_MAX) {
		root = json_parse(message->body, NULL);
	}
	number = callback_text(root, "invoiceId");
	if (!text_is_digits(number) || number.size < HALYK_NUMBER_MIN ||
		number.size > HALYK_NUMBER_MAX) {
		callback_answer(action, 400);
	} else if (!callback_is_ours(state, number, callback_text(root, "secret_hash"))) {
		callback_answer(action, 403);
	} else {
		action->kind = ALYM_ACTION_CHECK;
		action->about_order = scratch_copy(action->scratch, number);
	}
	json_free(&root);
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
