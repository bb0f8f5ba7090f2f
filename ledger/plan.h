/* SPDX-License-Identifier: Apache-2.0 */

/*
 * plan - what is to be done with what a gateway said; verdict.c does it.
 *
 * A plan is made twice from the same memory, once to decide whether it can be done and once to do
 * it, and changes nothing.
 */
#ifndef ALYM_LEDGER_PLAN_H
#define ALYM_LEDGER_PLAN_H

#include "ledger/book_parts.h"

struct plan {
	struct card *card;            /* NULL: the money has no payment */
	struct card_attempt *attempt; /* NULL: paid by code, or unknown */
	int64_t attempt_number;
	bool repeated; /* nothing new: only the bookkeeping of what waits */
	int64_t repeated_record;
	int64_t repeated_entry;  /* of an operation that was seen before */
	enum attempt_state next; /* of the attempt */
	/* money */
	int64_t amount;
	const struct job_calculation *calculation; /* to be taken over first, or NULL */
	enum payment_entry place;
	enum payment_state state; /* of the payment afterwards */
	enum kind_reason reason;  /* of what goes to suspense */
	int64_t excess;
	struct entry entry;
};

/* Plans job->u.verdict; JOB_DONE: it can be done, else why not, and the job is told. */
enum job_outcome plan_make(struct book *book, struct job *job, struct plan *plan);

#endif
