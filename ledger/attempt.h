/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attempt - one order at one gateway: its number, and its life as a pure transition function.
 *
 * A payment has at most 15 attempts; an attempt's number is payment * 16 + 1..15, so each says the
 * other without a look-up.  Nobody else does that arithmetic.
 *
 *     CREATED        committed, not yet sent: it waits in the outbox
 *     SENT           perhaps sent: from here on the gateway is asked, never blindly told again
 *     PENDING        the gateway has it, the payer is at it
 *     AUTHORIZED     the money is held
 *     UNKNOWN        we asked and nobody answered: only the gateway may resolve it
 *     CAPTURED       money was taken
 *     DECLINED NOT_ATTEMPTED RELEASED EXPIRED   no money moved
 *
 * Money always wins: DONE leads to CAPTURED from every state, also from the final ones, because
 * the gateway has taken it whatever it said before.  A contradiction after CAPTURED is ignored.
 */
#ifndef ALYM_LEDGER_ATTEMPT_H
#define ALYM_LEDGER_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ATTEMPT_COUNT_MAX = 15 }; /* of one payment */

/* The number of a payment's attempt, the first being 0. */
int64_t attempt_number(int64_t payment, size_t index);

/* Whose it is; 0: no attempt's number. */
int64_t attempt_payment(int64_t attempt);

/* Which of the payment's attempts it is, the first being 0; SIZE_MAX: none. */
size_t attempt_index(int64_t attempt);

enum attempt_state {
	ATTEMPT_CREATED,
	ATTEMPT_SENT,
	ATTEMPT_PENDING,
	ATTEMPT_AUTHORIZED,
	ATTEMPT_UNKNOWN,
	ATTEMPT_CAPTURED,
	ATTEMPT_DECLINED,
	ATTEMPT_NOT_ATTEMPTED,
	ATTEMPT_RELEASED,
	ATTEMPT_EXPIRED,
	ATTEMPT_STATE_COUNT,
};

enum attempt_event {
	ATTEMPT_SEND,
	ATTEMPT_PEND,
	ATTEMPT_AUTHORIZE,
	ATTEMPT_LOSE, /* the verdict "unknown" */
	ATTEMPT_DONE,
	ATTEMPT_DECLINE,
	ATTEMPT_MISS, /* the verdict "not attempted" */
	ATTEMPT_RELEASE,
	ATTEMPT_EXPIRE,
	ATTEMPT_REVERSE, /* all that was booked of its money is taken back */
	ATTEMPT_EVENT_COUNT,
};

enum attempt_verdict {
	ATTEMPT_REFUSE, /* zero, so a cell nobody wrote refuses */
	ATTEMPT_REPEAT, /* already there, or overtaken: nothing changes */
	ATTEMPT_MOVE,
};

struct attempt_step {
	enum attempt_verdict verdict;
	enum attempt_state next;
};

/* What `event` means to an attempt in `state`.  Total: every pair has an answer. */
struct attempt_step attempt_step(enum attempt_state state, enum attempt_event event);

/* Nothing more will come of it unless money does. */
bool attempt_is_final(enum attempt_state state);

/* Another gateway may be tried: no money can have moved here. */
bool attempt_allows_another(enum attempt_state state);

/* Lower-case name, for the API and the records: "not_attempted". */
const char *attempt_state_name(enum attempt_state state);

#endif
