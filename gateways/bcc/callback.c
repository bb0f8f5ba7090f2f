/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/callback.h"

#include <assert.h>

#include "base/mem.h"
#include "plugins/form.h"
#include "plugins/incoming.h"
#include "plugins/scratch.h"

enum { CALLBACK_BODY_MAX = 32768, CALLBACK_ORDER_MAX = 15 };

static void callback_answer(struct alym_action *action, int status)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = status;
	if (status == 401) {
		action->scratch->headers[0] = (struct alym_header){ TEXT("WWW-Authenticate"),
			TEXT("Basic realm=\"alym\"") };
		action->answer.headers = action->scratch->headers;
		action->answer.header_count = 1;
	}
}

/* Both are always compared: the time says nothing about which it was. */
static bool callback_is_admitted(const struct alym_gateway_state *state,
	const struct alym_message *message)
{
	struct text said = incoming_header(message, "Authorization");
	bool admitted = state->basic[0][0] == '\0';

	for (size_t i = 0; i < BCC_BASICS; i++) {
		struct text wanted = text_of(state->basic[i]);

		admitted |= wanted.size > 0 && said.size == wanted.size &&
			    mem_same(said.bytes, wanted.bytes, wanted.size);
	}
	return admitted;
}

static bool callback_is(const struct form *form, const char *name, const char *ours)
{
	struct text value;

	return form_times(form, name) == 0 ||
	       (form_find(form, name, &value) && text_is(value, ours));
}

/* Whether P_SIGN is right for what it covers: the order, not what became of it. */
static bool callback_is_signed(const struct alym_gateway_state *state, const struct form *form)
{
	const char *const *names = NULL;
	struct text values[SIGN_FIELDS_MAX];
	struct text trtype;
	struct text sign;
	size_t count = 0;

	if (!form_find(form, "TRTYPE", &trtype) || !form_find(form, "P_SIGN", &sign)) {
		return false;
	}
	names = sign_fields(trtype);
	if (names == NULL) {
		return false;
	}
	for (; names[count] != NULL; count++) {
		if (!form_find(form, names[count], &values[count])) {
			return false;
		}
	}
	return sign_matches(&state->mac, values, count, sign);
}

/* ORDER if all is well, else empty. */
static struct text callback_order(const struct alym_gateway_state *state, const struct form *form)
{
	struct text order;

	if (!callback_is_signed(state, form) || !callback_is(form, "TERMINAL", state->terminal) ||
		!callback_is(form, "MERCHANT", state->merchant) ||
		!form_find(form, "ORDER", &order) || !text_is_digits(order) ||
		order.size > CALLBACK_ORDER_MAX) {
		return TEXT("");
	}
	return order;
}

static void callback_read(const struct alym_gateway_state *state,
	const struct alym_message *message, struct alym_action *action)
{
	struct text order;
	struct form form;

	if (message->body.size > CALLBACK_BODY_MAX) {
		callback_answer(action, 413);
		return;
	}
	if (!form_parse(message->body, &form)) {
		callback_answer(action, 400);
		return;
	}
	order = callback_order(state, &form);
	if (order.size == 0) {
		callback_answer(action, 403);
	} else {
		action->kind = ALYM_ACTION_CHECK;
		action->about_order = scratch_copy(action->scratch, order);
	}
	form_free(&form);
}

void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	assert(state != NULL);
	assert(event != NULL);
	assert(action != NULL);

	if (event->kind == ALYM_EVENT_DECISION) {
		callback_answer(action, event->decision->kind == ALYM_ANSWER_BUSY ? 503 : 200);
	} else if (!text_is(event->message->method, "POST")) {
		callback_answer(action, 405);
	} else if (!callback_is_admitted(state, event->message)) {
		callback_answer(action, 401);
	} else {
		callback_read(state, event->message, action);
	}
}
