/* SPDX-License-Identifier: Apache-2.0 */

/*
 * inbox - raw messages kept before they are interpreted, and how a verified one becomes evidence.
 *
 * Evidence is "peer LF head LF LF body" for a message that arrived, or the bytes of an answer; a
 * leaf commits to it by SHA-256 over a salt, so that it can be erased by law and the proof stands.
 */
#include <assert.h>
#include <string.h>

#include "ledger/book_parts.h"

void keep_decide(struct book *b, struct job *job)
{
	const struct job_keep *k = &job->u.keep;

	assert(k->gateway > 0 && k->gateway <= b->gateways.count);
	assert(k->body.size <= JOB_EVIDENCE_MAX);

	if (b->inbox_count >= BOOK_INBOX_MAX) {
		job->outcome = JOB_EXHAUSTED;
	}
}

void keep_apply(struct book *b, struct job *job)
{
	struct job_keep *k = &job->u.keep;

	assert(b->inbox_count < BOOK_INBOX_MAX);

	k->inbox = ++b->inbox_last;
	b->inbox_count++;
	store_put(b->store, SQL_INSERT_INBOX,
		(struct store_value[]){ STORE_OF_INT(k->inbox), STORE_OF_INT(k->gateway),
			STORE_OF_INT(job->booked_at), STORE_OF_TEXT(k->peer),
			STORE_OF_BLOB(k->head.bytes, k->head.size),
			STORE_OF_BLOB(k->body.bytes, k->body.size) },
		6);
}

void clean_decide(struct book *b, struct job *job)
{
	assert(job->u.clean.keep_max >= 0);

	if (b->inbox_count == 0) {
		job->outcome = JOB_REPEATED;
	}
}

void clean_apply(struct book *b, struct job *job)
{
	const struct job_clean *c = &job->u.clean;

	assert(b->inbox_count > 0);

	store_put(b->store, SQL_CLEAN_INBOX,
		(struct store_value[]){ STORE_OF_INT(c->received_before),
			STORE_OF_INT(c->keep_max) },
		2);
	b->inbox_count -= store_changed(b->store);
}

bool evidence_commit(struct book *b, const struct job_verdict *v, uint8_t commitment[32],
	struct buffer *data)
{
	assert(commitment != NULL);
	assert(data != NULL);

	buffer_init(data, (size_t)3 * JOB_EVIDENCE_MAX);
	if (v->inbox != 0) {
		store_begin_rows(b->store, SQL_SELECT_INBOX,
			(struct store_value[]){ STORE_OF_INT(v->inbox) }, 1);
		if (store_row(b->store)) {
			buffer_add(data, store_text(b->store, 0));
			buffer_add_char(data, '\n');
			buffer_add(data, store_text(b->store, 1));
			buffer_add_string(data, "\n\n");
			buffer_add(data, store_text(b->store, 2));
		}
		store_end_rows(b->store);
	} else {
		buffer_add(data, v->evidence);
	}
	assert(!data->overflowed);
	if (data->size == 0) {
		return false;
	}
	book_commitment(b, v->salt, buffer_text(data), commitment);
	return true;
}

void evidence_keep(struct book *b, const struct job_verdict *v, int64_t record,
	const struct buffer *data)
{
	assert(record > 0);
	assert(data != NULL);

	if (data->size > 0) {
		store_put(b->store, SQL_INSERT_EVIDENCE,
			(struct store_value[]){ STORE_OF_INT(record),
				STORE_OF_BLOB(v->salt, sizeof(v->salt)),
				STORE_OF_BLOB(data->bytes, data->size) },
			3);
	}
}

void evidence_decide(struct book *b, struct job *job)
{
	const struct job_evidence *e = &job->u.evidence;

	assert(e->gateway > 0 && e->gateway <= b->gateways.count);
	assert(e->what.size <= JOB_REASON_MAX);

	store_begin_rows(b->store, SQL_SELECT_INBOX,
		(struct store_value[]){ STORE_OF_INT(e->inbox) }, 1);
	if (!store_row(b->store)) {
		job->outcome = JOB_NOT_FOUND;
	}
	store_end_rows(b->store);
}

void evidence_apply(struct book *b, struct job *job)
{
	const struct job_evidence *e = &job->u.evidence;
	struct job_verdict v = { .inbox = e->inbox };
	uint8_t commitment[32];
	struct json_writer *w;
	struct buffer data;

	memcpy(v.salt, e->salt, sizeof(v.salt));
	if (!evidence_commit(b, &v, commitment, &data)) {
		assert(store_failed(b->store)); /* it was there a moment ago: the batch is lost */
		buffer_done(&data);
		return;
	}
	w = journal_begin(b->journal, KIND_EVIDENCE, job->now);
	json_hex(w, "evidence", commitment, sizeof(commitment));
	json_decimal(w, "gateway", e->gateway);
	json_text(w, "what", e->what);
	job->record = journal_end(b->journal);
	evidence_keep(b, &v, job->record, &data);
	buffer_done(&data);
	store_put(b->store, SQL_DELETE_INBOX, (struct store_value[]){ STORE_OF_INT(e->inbox) }, 1);
	b->inbox_count -= store_changed(b->store);
}
