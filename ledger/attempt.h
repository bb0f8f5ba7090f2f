/* SPDX-License-Identifier: Apache-2.0 */

/*
 * attempt - the life of one order at one gateway, as a pure transition function.
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
