/* SPDX-License-Identifier: Apache-2.0 */

/*
 * erase - what leaves commit to goes: by a legal order, or when its time is over.
 *
 * The rows of `private` and `evidence` go with their salts, so that nobody can guess what they
 * said; the records stay, and with them every proof.  A record says which went.
 */
#include <assert.h>

#include "ledger/book_parts.h"

/* A duty that was not used can be claimed back for three years; a leap day is among them. */
static const int64_t erase_claim_s = INT64_C(1096) * 86400;

_Static_assert(JOB_ERASED_MAX * 22 + 6 * (JOB_ORDER_TEXT_MAX + JOB_REASON_MAX) + 512 <
		       JOURNAL_LEAF_MAX,
	"what goes at once fits a leaf");

/* The first rows of the payment's that are still there. */
static size_t erase_find(struct book *b, int64_t payment, struct job_erased *rows)
{
	size_t count = 0;

	assert(payment > 0);

	store_begin_rows(b->store, SQL_SELECT_ERASABLE,
		(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(JOB_ERASED_MAX) }, 2);
	while (count < JOB_ERASED_MAX && store_row(b->store)) {
		rows[count++] =
			(struct job_erased){ .source = (enum job_source)store_int(b->store, 0),
				.record = store_int(b->store, 1) };
	}
	store_end_rows(b->store);
	return count;
}

static bool erase_is_there(struct book *b, const struct job_erased *row)
{
	bool there;

	assert(row->record > 0);

	store_begin_rows(b->store, SQL_SELECT_KEPT,
		(struct store_value[]){ STORE_OF_INT(row->source), STORE_OF_INT(row->record) }, 2);
	there = store_row(b->store);
	store_end_rows(b->store);
	return there;
}

/* Its money may still have to go back, and then it must be known whose it was. */
static bool erase_is_refundable(struct book *b, const struct job *job, const struct card *card)
{
	bool performed = false;
	int64_t moved_at = 0;

	assert(card->record > 0);

	if (card->state != PAYMENT_PAID) {
		return false;
	}
	store_begin_rows(b->store, SQL_SELECT_PERFORMED,
		(struct store_value[]){ STORE_OF_INT(card->number) }, 1);
	performed = store_row(b->store) && store_int(b->store, 0) != 0;
	store_end_rows(b->store);
	store_begin_rows(b->store, SQL_SELECT_RECORD_TIME,
		(struct store_value[]){ STORE_OF_INT(card->record) }, 1);
	if (store_row(b->store)) {
		moved_at = store_int(b->store, 0);
	}
	store_end_rows(b->store);
	return !performed && job->now - moved_at < erase_claim_s;
}

void erase_decide(struct book *b, struct job *job)
{
	struct job_erase *e = &job->u.erase;
	struct job_erased rows[JOB_ERASED_MAX];
	const struct card *card;

	assert(e->reason.size > 0 && e->reason.size <= JOB_REASON_MAX);
	assert(e->order.size > 0 && e->order.size <= JOB_ORDER_TEXT_MAX);

	if (book_request_seen(b, job, &e->request)) {
		return;
	}
	card = book_own_card(b, job, 0);
	if (card == NULL) {
		return;
	}
	book_tell(job, card);
	e->refusal = ERASE_ALLOWED;
	if (card->state == PAYMENT_OPEN || card->state == PAYMENT_PARTLY_PAID) {
		e->refusal = ERASE_OPEN;
	} else if (card_uncertain_attempt(card) != 0 || card_live_attempt(card) != 0) {
		e->refusal = ERASE_LIVE;
	} else if (!e->force && erase_is_refundable(b, job, card)) {
		e->refusal = ERASE_REFUNDABLE;
	} else if (erase_find(b, card->number, rows) == 0) {
		e->refusal = ERASE_GONE;
	}
	if (e->refusal != ERASE_ALLOWED) {
		job->outcome = JOB_ILLEGAL;
	}
}

static void erase_write_rows(struct json_writer *w, const char *name, enum job_source source,
	const struct job_erased *rows, size_t count)
{
	assert(count <= JOB_ERASED_MAX);

	json_open_array(w, name);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].source == source) {
			json_decimal(w, NULL, rows[i].record);
		}
	}
	json_close_array(w);
}

/* The record and the rows that say so, then the rows go; `order` is NULL when their time was over.
 */
static int64_t erase_write(struct book *b, const struct job *job, struct text reason,
	const struct job_erase *order, const struct job_erased *rows, size_t count)
{
	struct json_writer *w = journal_begin(b->journal, KIND_ERASURE, job->now);
	struct job_actor actor = order != NULL ? order->actor : (struct job_actor){ 0 };
	int64_t record;

	assert(count > 0);

	if (order != NULL) {
		json_open_object(w, "erased_by");
		json_decimal(w, "client", actor.client);
		json_decimal(w, "uid", actor.uid);
		json_close_object(w);
	}
	erase_write_rows(w, "evidence", JOB_SOURCE_EVIDENCE, rows, count);
	if (order != NULL) {
		json_text(w, "order", order->order);
		json_decimal(w, "payment", job->payment);
	}
	erase_write_rows(w, "private", JOB_SOURCE_PRIVATE, rows, count);
	json_text(w, "reason", reason);
	if (order != NULL) {
		book_write_request(b, w, &order->request);
	}
	record = journal_end(b->journal);
	store_put(b->store, SQL_INSERT_ERASURE,
		(struct store_value[]){ STORE_OF_INT(record),
			STORE_OF_INT(order != NULL ? job->payment : 0),
			STORE_OF_TEXT(order != NULL ? order->order : TEXT("")),
			STORE_OF_TEXT(reason), STORE_OF_INT(actor.uid),
			STORE_OF_INT(actor.client) },
		6);
	for (size_t i = 0; i < count; i++) {
		const struct store_value key[] = { STORE_OF_INT(rows[i].source),
			STORE_OF_INT(rows[i].record), STORE_OF_INT(record) };

		store_put(b->store, SQL_INSERT_ERASED, key, 3);
		store_put(b->store,
			rows[i].source == JOB_SOURCE_PRIVATE ? SQL_DELETE_PRIVATE
							     : SQL_DELETE_EVIDENCE,
			&key[1], 1);
	}
	store_scrub(b->store);
	return record;
}

void erase_apply(struct book *b, struct job *job)
{
	struct job_erase *e = &job->u.erase;
	struct card *card = cards_find(b->cards, b->store, job->payment);
	struct job_erased rows[JOB_ERASED_MAX];
	size_t count = erase_find(b, job->payment, rows);

	assert(card != NULL);
	assert(count > 0 || store_failed(b->store));

	/* A store that fails finds nothing more, so this ends. */
	while (count > 0) {
		job->record = erase_write(b, job, e->reason, e, rows, count);
		e->rows += (int64_t)count;
		count = erase_find(b, job->payment, rows);
	}
	book_step(b, card, job->record, KIND_EVENT_ERASED);
	book_tell(job, card);
	book_request_keep(b, job, &e->request);
}

/* What went since it was looked for does not go again. */
void forget_decide(struct book *b, struct job *job)
{
	struct job_forget *f = job->u.forget;
	size_t count = 0;

	assert(f->count <= JOB_ERASED_MAX);
	assert(f->reason.size > 0 && f->reason.size <= JOB_REASON_MAX);

	for (size_t i = 0; i < f->count; i++) {
		if (erase_is_there(b, &f->rows[i])) {
			f->rows[count++] = f->rows[i];
		}
	}
	f->count = count;
	if (count == 0) {
		job->outcome = JOB_REPEATED;
	}
}

void forget_apply(struct book *b, struct job *job)
{
	const struct job_forget *f = job->u.forget;

	assert(f->count > 0);

	job->record = erase_write(b, job, f->reason, NULL, f->rows, f->count);
}
