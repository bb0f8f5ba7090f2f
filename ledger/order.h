/* SPDX-License-Identifier: Apache-2.0 */

/* order - attempts, and the order numbers they go by at a gateway. */
#ifndef ALYM_LEDGER_ORDER_H
#define ALYM_LEDGER_ORDER_H

#include "ledger/card.h"
#include "ledger/job.h"

struct book;

void attempt_decide(struct book *book, struct job *job);
void attempt_apply(struct book *book, struct job *job);
void send_decide(struct book *book, struct job *job);
void send_apply(struct book *book, struct job *job);
/* The row of an attempt after `record`, with what the card says was captured, and its place in or
 * out of what waits. */
struct attempt_note {
	int64_t attempt;
	enum attempt_state state;
	int32_t paid_on; /* or DATE_NONE */
	int64_t next_at;
	struct text operation;
	struct text handle;
	struct text reason;
	struct text page;
};
void attempt_note(struct book *book, const struct card *card, int64_t record,
	const struct attempt_note *note);
/* Only its place: in the outbox or to be asked about, or gone when it is final. */
void attempt_wait(struct book *book, const struct attempt_note *note, int32_t gateway);
/* JOB_DONE when an order can be opened on the card, else why not. */
enum job_outcome order_decide(const struct card *card, const struct job_order *order);
/* Opens it: record, rows, outbox.  `request` opened it, or NULL: it comes with its payment, which
 * is all that is told.  Gives the record. */
int64_t order_open(struct book *book, struct job *job, struct card *card,
	const struct job_order *order, const struct job_request *request);
/* An attempt in the outbox of a copy: it may have been sent since, so it counts as sent. */
void order_suspect(struct book *book, struct job *job, int64_t attempt);
/* The attempt an order number names at that gateway, or 0. */
int64_t order_find(struct book *book, int32_t gateway, struct text order);

#endif
