/* SPDX-License-Identifier: Apache-2.0 */

/* change - what a service or time does to a payment without money: cancel, fulfil, expire. */
#include <assert.h>

#include "ledger/book_parts.h"

/* The outcome of an event that only the payment's state decides; an uncertain attempt blocks it. */
static void change_decide(struct job *job, const struct card *card, enum payment_event event)
{
	enum payment_verdict verdict = payment_step(card->state, event).verdict;
	int64_t uncertain = card_uncertain_attempt(card);

	assert(event == PAYMENT_CANCEL || event == PAYMENT_EXPIRE);

	book_tell(job, card);
	if (verdict == PAYMENT_REFUSE) {
		job->outcome = JOB_ILLEGAL;
	} else if (verdict == PAYMENT_REPEAT) {
		job->outcome = JOB_REPEATED;
		job->record = card->record;
	} else if (uncertain != 0) {
		job->outcome = JOB_BLOCKED;
		job->attempt = uncertain;
	}
}

/* `cancel` NULL: its time has run out. */
static void change_apply(struct book *b, struct job *job, enum payment_event event,
	const struct job_cancel *cancel)
{
	struct card *card = cards_find(b->cards, b->store, job->payment);
	struct json_writer *w = journal_begin(b->journal,
		cancel != NULL ? KIND_CANCELLATION : KIND_EXPIRY, job->now);

	assert(card != NULL);
	assert(event == (cancel != NULL ? PAYMENT_CANCEL : PAYMENT_EXPIRE));

	card->state = payment_step(card->state, event).next;
	json_decimal(w, "payment", card->number);
	if (cancel != NULL) {
		assert(cancel->reason.size <= JOB_REASON_MAX);
		json_text_said(w, "reason", cancel->reason);
		book_write_request(b, w, &cancel->request);
	}
	job->record = journal_end(b->journal);
	store_put(b->store, SQL_DELETE_PAYMENT_OPEN,
		(struct store_value[]){ STORE_OF_INT(card->expires_at),
			STORE_OF_INT(card->number) },
		2);
	book_step(b, card, job->record,
		event == PAYMENT_CANCEL ? KIND_EVENT_CANCELLED : KIND_EVENT_EXPIRED);
	book_tell(job, card);
}

void cancel_decide(struct book *b, struct job *job)
{
	const struct job_cancel *c = &job->u.cancel;
	const struct card *card;

	assert(c->request.client > 0);

	if (book_request_seen(b, job, &c->request)) {
		return;
	}
	card = book_own_card(b, job, c->request.client);
	if (card != NULL) {
		change_decide(job, card, PAYMENT_CANCEL);
	}
	/* Cancelled under another key: this request did not do it. */
	if (job->outcome == JOB_REPEATED) {
		job->outcome = JOB_ILLEGAL;
	}
}

void cancel_apply(struct book *b, struct job *job)
{
	assert(job->payment > 0);

	change_apply(b, job, PAYMENT_CANCEL, &job->u.cancel);
	book_request_keep(b, job, &job->u.cancel.request);
}

void expire_decide(struct book *b, struct job *job)
{
	const struct card *card = book_own_card(b, job, 0);

	assert(job->payment > 0);

	if (card == NULL) {
		return;
	}
	change_decide(job, card, PAYMENT_EXPIRE);
	if (job->outcome == JOB_DONE && card->expires_at > job->now) {
		job->outcome = JOB_ILLEGAL;
	}
}

void expire_apply(struct book *b, struct job *job)
{
	assert(job->payment > 0);

	change_apply(b, job, PAYMENT_EXPIRE, NULL);
}

/* A duty is used once: whatever the first fulfilment said stands. */
void fulfil_decide(struct book *b, struct job *job)
{
	const struct job_fulfil *f = &job->u.fulfil;
	const struct card *card;

	assert(f->request.client > 0);

	if (book_request_seen(b, job, &f->request)) {
		return;
	}
	card = book_own_card(b, job, f->request.client);
	if (card == NULL) {
		return;
	}
	book_tell(job, card);
	if (card->fulfilled || payment_step(card->state, PAYMENT_FULFIL).verdict != PAYMENT_MOVE) {
		job->outcome = JOB_ILLEGAL;
	}
}

void fulfil_apply(struct book *b, struct job *job)
{
	const struct job_fulfil *f = &job->u.fulfil;
	struct card *card = cards_find(b->cards, b->store, job->payment);
	uint8_t commitment[32];
	struct json_writer *w;

	assert(card != NULL);
	assert(!card->fulfilled);

	card->fulfilled = true;
	book_commitment(b, f->salt, f->document, commitment);
	w = journal_begin(b->journal, KIND_FULFILMENT, job->now);
	json_decimal(w, "payment", card->number);
	json_true_or_false(w, "performed", f->performed);
	json_hex(w, "private", commitment, sizeof(commitment));
	book_write_request(b, w, &f->request);
	job->record = journal_end(b->journal);
	book_put_private(b, job->record, f->salt, f->document);
	store_put(b->store, SQL_INSERT_FULFILMENT,
		(struct store_value[]){ STORE_OF_INT(card->number), STORE_OF_INT(job->record),
			STORE_OF_INT(f->performed) },
		3);
	book_step(b, card, job->record, KIND_EVENT_FULFILLED);
	book_tell(job, card);
	book_request_keep(b, job, &f->request);
}
