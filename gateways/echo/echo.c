/* SPDX-License-Identifier: Apache-2.0 */

/*
 * echo - approves at once whatever it is asked, up to a limit; the smallest gateway.
 *
 * There is no bank behind it.  It is the tutorial of docs/GATEWAYS.md: settings, operations that
 * end in a verdict, and messages that are answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plugins/gateway.h"
#include "plugins/scratch.h"

struct alym_gateway_state {
	int64_t limit_minor;
};

static const struct alym_key echo_keys[] = {
	{ "limit", false, "the largest amount that is approved, in minor units" },
	{ 0 },
};

/* The loader has seen to it that each setting is one of echo_keys, once. */
static struct alym_gateway_state *echo_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));

	state->limit_minor = MONEY_API_MAX;
	if (count > 0 && !text_parse_integer(settings[0].value, &state->limit_minor)) {
		(void)snprintf(why, why_size, "%s must be digits", settings[0].name);
		free(state);
		return NULL;
	}
	return state;
}

static void echo_close(struct alym_gateway_state *state)
{
	free(state);
}

/* An operation: a real gateway would SEND here and give its verdict after the RESPONSE. */
static void echo_operate(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_order *order = event->order;
	bool refund = event->operation == ALYM_OPERATION_REFUND;
	struct alym_verdict *verdict = &action->verdict;

	action->kind = ALYM_ACTION_VERDICT;
	verdict->amount = refund ? order->refund : order->amount;
	if (verdict->amount.minor > state->limit_minor) {
		verdict->kind = ALYM_DECLINED;
		verdict->reason = TEXT("more than the limit");
		return;
	}
	verdict->kind = ALYM_DONE;
	verdict->paid = ALYM_PAID_INSTANT;
	verdict->paid_at = event->now;
	verdict->operation = scratch_printf(action->scratch, "echo-%.*s%s%.*s",
		TEXT_ARGS(order->number), refund ? "-" : "",
		refund ? (int)order->refund_id.size : 0, refund ? order->refund_id.bytes : "");
}

/* A message is an order's number, and proves nothing: alymd is to ask for the status. */
static void echo_receive(const struct alym_event *event, struct alym_action *action)
{
	if (text_is_digits(event->message->body) && event->message->body.size <= 15) {
		action->kind = ALYM_ACTION_CHECK;
		action->about_order = event->message->body;
	} else {
		action->kind = ALYM_ACTION_ANSWER;
		action->answer.status = 400;
		action->answer.body = TEXT("an order's number, please\n");
	}
}

static void echo_answer(const struct alym_event *event, struct alym_action *action)
{
	bool noted = event->decision->kind == ALYM_ANSWER_NOTED;

	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = noted ? 200 : 503;
	action->answer.body = noted ? TEXT("noted\n") : TEXT("later, please\n");
}

static void echo_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)session; /* no operation takes more than one step */
	if (event->order != NULL) {
		echo_operate(state, event, action);
	} else if (event->kind == ALYM_EVENT_CALLBACK) {
		echo_receive(event, action);
	} else {
		echo_answer(event, action);
	}
}

ALYM_GATEWAY(.name = "echo", .keys = echo_keys, .order = { .digits_min = 1, .digits_max = 15 },
	.open = echo_open, .close = echo_close, .step = echo_step);
