/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/checkpoint.h"

#include <assert.h>
#include <string.h>

/* Nothing was written since the last checkpoint's own record: that one still says it all. */
void checkpoint_decide(struct book *b, struct job *job)
{
	struct job_checkpoint *c = &job->u.checkpoint;

	assert(b->checkpoint_record <= (int64_t)journal_tree(b->journal)->size);

	if (b->checkpoint_record > 0 &&
		b->checkpoint_record == (int64_t)journal_tree(b->journal)->size) {
		memcpy(c->note, b->checkpoint_note, sizeof(c->note));
		c->size = b->checkpoint_size;
		job->record = b->checkpoint_record;
		job->outcome = JOB_REPEATED;
	}
}

void checkpoint_apply(struct book *b, struct job *job)
{
	struct job_checkpoint *c = &job->u.checkpoint;
	const struct tree *tree = journal_tree(b->journal);
	struct tree_hash root = journal_root(b->journal);
	uint64_t size = tree->size;
	struct json_writer *w;
	struct err err = { 0 };

	assert(size > 0);

	rotate_retire(b, job->now);
	if (!note_sign(b->note_key, size, &root, c->note, &err) ||
		(b->note_before != NULL && !note_cosign(b->note_before, c->note, &err))) {
		b->failed = true; /* a book that can not sign does not go on */
		return;
	}
	w = journal_begin(b->journal, KIND_CHECKPOINT, job->now);
	json_cstring(w, "note", c->note);
	json_hex(w, "root", root.bytes, sizeof(root.bytes));
	json_decimal(w, "size", (int64_t)size);
	job->record = journal_end(b->journal);
	store_put(b->store, SQL_INSERT_CHECKPOINT,
		(struct store_value[]){ STORE_OF_INT(job->record), STORE_OF_INT((int64_t)size),
			STORE_OF_TEXT(text_of(c->note)) },
		3);
	c->size = size;
	b->checkpoint_record = job->record;
	b->checkpoint_size = size;
	memcpy(b->checkpoint_note, c->note, sizeof(c->note));
}

void checkpoint_over(struct book *b, const struct job *job)
{
	struct job sign = { .kind = JOB_CHECKPOINT, .now = job->now, .today = job->today };

	assert(job->kind != JOB_CHECKPOINT);

	checkpoint_apply(b, &sign);
}
