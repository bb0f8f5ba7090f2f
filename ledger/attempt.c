/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/attempt.h"

#include <assert.h>
#include <stddef.h>

/* clang-format off */
#define MOVE(state) { ATTEMPT_MOVE, ATTEMPT_##state }
#define SAME(state) { ATTEMPT_REPEAT, ATTEMPT_##state }

/* A final state without money: only money moves it; what else is said of it is old news. */
#define FINAL(state)                            \
	[ATTEMPT_PEND] = SAME(state),           \
	[ATTEMPT_AUTHORIZE] = SAME(state),      \
	[ATTEMPT_LOSE] = SAME(state),           \
	[ATTEMPT_DONE] = MOVE(CAPTURED),        \
	[ATTEMPT_DECLINE] = SAME(state),        \
	[ATTEMPT_MISS] = SAME(state),           \
	[ATTEMPT_RELEASE] = SAME(state),        \
	[ATTEMPT_EXPIRE] = SAME(state)

static const struct attempt_step steps[ATTEMPT_STATE_COUNT][ATTEMPT_EVENT_COUNT] = {
	[ATTEMPT_CREATED] = {
		[ATTEMPT_SEND] = MOVE(SENT),
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_MISS] = MOVE(NOT_ATTEMPTED),
	},
	[ATTEMPT_SENT] = {
		[ATTEMPT_SEND] = SAME(SENT),
		[ATTEMPT_PEND] = MOVE(PENDING),
		[ATTEMPT_AUTHORIZE] = MOVE(AUTHORIZED),
		[ATTEMPT_LOSE] = MOVE(UNKNOWN),
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_DECLINE] = MOVE(DECLINED),
		[ATTEMPT_MISS] = MOVE(NOT_ATTEMPTED),
		[ATTEMPT_RELEASE] = MOVE(RELEASED),
		[ATTEMPT_EXPIRE] = MOVE(EXPIRED),
	},
	[ATTEMPT_PENDING] = {
		[ATTEMPT_PEND] = SAME(PENDING),
		[ATTEMPT_AUTHORIZE] = MOVE(AUTHORIZED),
		/* Nobody could say: it is as pending as before. */
		[ATTEMPT_LOSE] = SAME(PENDING),
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_DECLINE] = MOVE(DECLINED),
		/* The gateway had it and now denies it: nobody knows. */
		[ATTEMPT_MISS] = MOVE(UNKNOWN),
		[ATTEMPT_RELEASE] = MOVE(RELEASED),
		[ATTEMPT_EXPIRE] = MOVE(EXPIRED),
	},
	[ATTEMPT_AUTHORIZED] = {
		[ATTEMPT_PEND] = SAME(AUTHORIZED),
		[ATTEMPT_AUTHORIZE] = SAME(AUTHORIZED),
		[ATTEMPT_LOSE] = MOVE(UNKNOWN),
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_DECLINE] = MOVE(DECLINED),
		[ATTEMPT_MISS] = MOVE(UNKNOWN),
		[ATTEMPT_RELEASE] = MOVE(RELEASED),
		[ATTEMPT_EXPIRE] = MOVE(EXPIRED),
	},
	[ATTEMPT_UNKNOWN] = {
		[ATTEMPT_PEND] = MOVE(PENDING),
		[ATTEMPT_AUTHORIZE] = MOVE(AUTHORIZED),
		[ATTEMPT_LOSE] = SAME(UNKNOWN),
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_DECLINE] = MOVE(DECLINED),
		[ATTEMPT_MISS] = MOVE(NOT_ATTEMPTED),
		[ATTEMPT_RELEASE] = MOVE(RELEASED),
		[ATTEMPT_EXPIRE] = MOVE(EXPIRED),
	},
	[ATTEMPT_CAPTURED] = {
		[ATTEMPT_PEND] = SAME(CAPTURED),
		[ATTEMPT_AUTHORIZE] = SAME(CAPTURED),
		[ATTEMPT_LOSE] = SAME(CAPTURED),
		/* More money for the same order: it moves, and is placed where it belongs. */
		[ATTEMPT_DONE] = MOVE(CAPTURED),
		[ATTEMPT_DECLINE] = SAME(CAPTURED),
		[ATTEMPT_MISS] = SAME(CAPTURED),
		[ATTEMPT_RELEASE] = SAME(CAPTURED),
		[ATTEMPT_EXPIRE] = SAME(CAPTURED),
		[ATTEMPT_REVERSE] = MOVE(RELEASED),
	},
	[ATTEMPT_DECLINED] = { FINAL(DECLINED) },
	[ATTEMPT_NOT_ATTEMPTED] = { FINAL(NOT_ATTEMPTED) },
	[ATTEMPT_RELEASED] = { FINAL(RELEASED) },
	[ATTEMPT_EXPIRED] = { FINAL(EXPIRED) },
};

#undef MOVE
#undef SAME
#undef FINAL
/* clang-format on */

static const char *const names[] = {
	[ATTEMPT_CREATED] = "created",
	[ATTEMPT_SENT] = "sent",
	[ATTEMPT_PENDING] = "pending",
	[ATTEMPT_AUTHORIZED] = "authorized",
	[ATTEMPT_UNKNOWN] = "unknown",
	[ATTEMPT_CAPTURED] = "captured",
	[ATTEMPT_DECLINED] = "declined",
	[ATTEMPT_NOT_ATTEMPTED] = "not_attempted",
	[ATTEMPT_RELEASED] = "released",
	[ATTEMPT_EXPIRED] = "expired",
};

_Static_assert(sizeof(names) / sizeof(*names) == ATTEMPT_STATE_COUNT, "every state has a name");

enum { ATTEMPT_NUMBER_BITS = 4 };

_Static_assert(ATTEMPT_COUNT_MAX == (1 << ATTEMPT_NUMBER_BITS) - 1, "1 to 15: none is 0");

int64_t attempt_number(int64_t payment, size_t index)
{
	assert(payment > 0);
	assert(index < ATTEMPT_COUNT_MAX);

	return payment * (1 << ATTEMPT_NUMBER_BITS) + (int64_t)index + 1;
}

int64_t attempt_payment(int64_t attempt)
{
	return attempt_index(attempt) < ATTEMPT_COUNT_MAX ? attempt >> ATTEMPT_NUMBER_BITS : 0;
}

size_t attempt_index(int64_t attempt)
{
	int64_t place = attempt > 0 ? attempt % (1 << ATTEMPT_NUMBER_BITS) : 0;

	return place > 0 ? (size_t)place - 1 : SIZE_MAX;
}

struct attempt_step attempt_step(enum attempt_state state, enum attempt_event event)
{
	assert(state < ATTEMPT_STATE_COUNT);
	assert(event < ATTEMPT_EVENT_COUNT);

	return steps[state][event];
}

bool attempt_is_final(enum attempt_state state)
{
	assert(state < ATTEMPT_STATE_COUNT);

	return state >= ATTEMPT_CAPTURED;
}

bool attempt_allows_another(enum attempt_state state)
{
	assert(state < ATTEMPT_STATE_COUNT);

	return state > ATTEMPT_CAPTURED;
}

const char *attempt_state_name(enum attempt_state state)
{
	assert(state < ATTEMPT_STATE_COUNT);
	assert(names[state] != NULL);

	return names[state];
}
