/* SPDX-License-Identifier: Apache-2.0 */

/* ask - how a payment stands and what is due now, by its code, order, reference or number. */
#include <assert.h>

#include "ledger/book_parts.h"

/* The payment a question is about, or 0. */
static int64_t ask_payment(struct book *b, const struct job *job)
{
	const struct job_ask *a = &job->u.ask;
	int64_t number = 0;
	int32_t generation;

	assert(b != NULL);

	if (a->code.size > 0) {
		return code_parse(b->codes, a->code, &generation, &number) ? number : 0;
	}
	if (a->order.size > 0) {
		return attempt_payment(order_find(b, a->gateway, a->order));
	}
	if (a->reference.size > 0) {
		struct keyset_key key = seal_reference(&b->seal, a->client, a->reference);

		return book_key_used(b, b->references, &key, &number) ? number : 0;
	}
	return job->payment;
}

void ask_decide(struct book *b, struct job *job)
{
	const struct job_ask *a = &job->u.ask;
	const struct card *card;
	int64_t number = 0;
	int32_t generation;

	assert(job->kind == JOB_ASK);

	job->payment = ask_payment(b, job);
	card = book_own_card(b, job, a->reference.size > 0 ? a->client : 0);
	if (card == NULL) {
		return;
	}
	if (a->code.size > 0 && code_parse(b->codes, a->code, &generation, &number) &&
		generation != card->generation) {
		job->outcome = JOB_NOT_FOUND; /* issued by another generation of the book */
		return;
	}
	book_tell(job, card);
	job->record = card->record;
	if (a->reference.size == 0 &&
		payment_step(card->state, PAYMENT_REQUOTE).verdict == PAYMENT_MOVE &&
		!card_covers(card, job->today)) {
		job->outcome = JOB_STALE;
		job->day = job->today;
	}
}
