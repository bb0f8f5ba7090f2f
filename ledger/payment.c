/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/payment.h"

#include <assert.h>
#include <stddef.h>

/* clang-format off */
#define MOVE(state, entry) { PAYMENT_MOVE, PAYMENT_##state, PAYMENT_ENTRY_##entry }
#define SAME(state)        { PAYMENT_REPEAT, PAYMENT_##state, PAYMENT_ENTRY_NONE }

static const struct payment_step steps[PAYMENT_STATE_COUNT][PAYMENT_EVENT_COUNT] = {
	[PAYMENT_OPEN] = {
		[PAYMENT_ATTEMPT] = MOVE(OPEN, NONE),
		[PAYMENT_REQUOTE] = MOVE(OPEN, NONE),
		[PAYMENT_PART]    = MOVE(PARTLY_PAID, HOLD),
		[PAYMENT_FULL]    = MOVE(PAID, PAY),
		[PAYMENT_CANCEL]  = MOVE(CANCELLED, NONE),
		[PAYMENT_EXPIRE]  = MOVE(EXPIRED, NONE),
	},
	/* Money lies here: it can neither be cancelled nor run out; the rest may still come. */
	[PAYMENT_PARTLY_PAID] = {
		[PAYMENT_ATTEMPT] = MOVE(PARTLY_PAID, NONE),
		[PAYMENT_REQUOTE] = MOVE(PARTLY_PAID, NONE),
		[PAYMENT_PART]    = MOVE(PARTLY_PAID, HOLD),
		[PAYMENT_FULL]    = MOVE(PAID, PAY),
		[PAYMENT_REVERSE_PART] = MOVE(PARTLY_PAID, NONE),
		[PAYMENT_REVERSE_FULL] = MOVE(OPEN, NONE),
	},
	[PAYMENT_PAID] = {
		[PAYMENT_PART]    = MOVE(PAID, SUSPEND),
		[PAYMENT_FULL]    = MOVE(PAID, SUSPEND),
		[PAYMENT_FULFIL]  = MOVE(PAID, NONE),
		[PAYMENT_REVERSE_PART] = MOVE(PARTLY_PAID, NONE),
		[PAYMENT_REVERSE_FULL] = MOVE(OPEN, NONE),
	},
	[PAYMENT_EXEMPT] = {
		[PAYMENT_PART]    = MOVE(EXEMPT, SUSPEND),
		[PAYMENT_FULL]    = MOVE(EXEMPT, SUSPEND),
		[PAYMENT_FULFIL]  = MOVE(EXEMPT, NONE),
		[PAYMENT_REVERSE_FULL] = MOVE(CANCELLED, NONE),
	},
	/* The payer did not know: what was taken counts as if it were open. */
	[PAYMENT_CANCELLED] = {
		[PAYMENT_PART]    = MOVE(PARTLY_PAID, HOLD),
		[PAYMENT_FULL]    = MOVE(PAID, PAY),
		[PAYMENT_CANCEL]  = SAME(CANCELLED),
	},
	[PAYMENT_EXPIRED] = {
		[PAYMENT_PART]    = MOVE(PARTLY_PAID, HOLD),
		[PAYMENT_FULL]    = MOVE(PAID, PAY),
		[PAYMENT_EXPIRE]  = SAME(EXPIRED),
	},
};

#undef MOVE
#undef SAME
/* clang-format on */

static const char *const names[] = {
	[PAYMENT_OPEN] = "open",
	[PAYMENT_PARTLY_PAID] = "partly_paid",
	[PAYMENT_PAID] = "paid",
	[PAYMENT_EXEMPT] = "exempt",
	[PAYMENT_CANCELLED] = "cancelled",
	[PAYMENT_EXPIRED] = "expired",
};

_Static_assert(sizeof(names) / sizeof(*names) == PAYMENT_STATE_COUNT, "every state has a name");

struct payment_step payment_step(enum payment_state state, enum payment_event event)
{
	assert(state < PAYMENT_STATE_COUNT);
	assert(event < PAYMENT_EVENT_COUNT);

	return steps[state][event];
}

const char *payment_state_name(enum payment_state state)
{
	assert(state < PAYMENT_STATE_COUNT);
	assert(names[state] != NULL);

	return names[state];
}
