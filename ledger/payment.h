/* SPDX-License-Identifier: Apache-2.0 */

/*
 * payment - the life of one payment, as a pure transition function.
 *
 *     OPEN           nothing was taken
 *     PARTLY_PAID    less than the due was taken; it lies in suspense under the payment
 *     PAID           the due is booked as fee
 *     EXEMPT         nothing is due: complete from the start
 *     CANCELLED      by the service; money that comes all the same is still booked right
 *     EXPIRED        its time ran out; the same
 *
 * The two money events say what the amount would bring the payment to at the day it was paid on:
 * PART (what it has would still be less than the due) or FULL (it reaches the due; what is above
 * is excess).  Money in another currency never gets here: it has no home in this payment.
 *
 * REVERSE says that an entry which moved the payment is taken back, and what that leaves: PART of
 * its money still lies in suspense, or FULL: none does.  OPEN then stands for what it was before
 * money came, which may be CANCELLED or EXPIRED.  An exemption that is taken back leaves a payment
 * of nothing that nobody can pay: it is CANCELLED.
 */
#ifndef ALYM_LEDGER_PAYMENT_H
#define ALYM_LEDGER_PAYMENT_H

enum payment_state {
	PAYMENT_OPEN,
	PAYMENT_PARTLY_PAID,
	PAYMENT_PAID,
	PAYMENT_EXEMPT,
	PAYMENT_CANCELLED,
	PAYMENT_EXPIRED,
	PAYMENT_STATE_COUNT,
};

enum payment_event {
	PAYMENT_ATTEMPT, /* another order at a gateway */
	PAYMENT_REQUOTE, /* a new calculation */
	PAYMENT_PART,
	PAYMENT_FULL,
	PAYMENT_CANCEL,
	PAYMENT_EXPIRE,
	PAYMENT_FULFIL,
	PAYMENT_REVERSE_PART,
	PAYMENT_REVERSE_FULL,
	PAYMENT_EVENT_COUNT,
};

enum payment_verdict {
	PAYMENT_REFUSE, /* zero, so a cell nobody wrote refuses */
	PAYMENT_REPEAT, /* already there: answer as the first time, write nothing */
	PAYMENT_MOVE,
};

/* Where the money goes. */
enum payment_entry {
	PAYMENT_ENTRY_NONE,
	PAYMENT_ENTRY_HOLD,    /* suspense, under the payment, until it reaches the due */
	PAYMENT_ENTRY_PAY,     /* the fee; excess to suspense */
	PAYMENT_ENTRY_SUSPEND, /* suspense whole: a second payment */
};

struct payment_step {
	enum payment_verdict verdict;
	enum payment_state next;
	enum payment_entry entry;
};

/* What `event` means to a payment in `state`.  Total: every pair has an answer. */
struct payment_step payment_step(enum payment_state state, enum payment_event event);

/* Lower-case name, for the API and the records: "partly_paid". */
const char *payment_state_name(enum payment_state state);

#endif
