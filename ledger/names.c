/* SPDX-License-Identifier: Apache-2.0 */

/* names - clients, gateways, tariff sets and checkpoints: records that are about the book itself.
 */
#include <assert.h>
#include <string.h>

#include "ledger/book_parts.h"

static struct book_names *name_table(struct book *b, const struct job_name *n)
{
	assert(b != NULL);
	assert(n->name.size > 0 && n->name.size <= JOB_NAME_MAX);

	return n->gateway ? &b->gateways : &b->clients;
}

void name_decide(struct book *b, struct job *job)
{
	struct job_name *n = &job->u.name;
	const struct book_names *names = name_table(b, n);

	for (int32_t i = 0; i < names->count; i++) {
		if (text_is(n->name, names->names[i].name)) {
			n->number = i + 1;
			job->outcome = JOB_REPEATED;
			return;
		}
	}
	if (names->count == BOOK_NAMES_MAX) {
		job->outcome = JOB_EXHAUSTED;
	}
}

void name_apply(struct book *b, struct job *job)
{
	struct job_name *n = &job->u.name;
	struct book_names *names = name_table(b, n);
	struct book_name *name = &names->names[names->count++];
	struct json_writer *w =
		journal_begin(b->journal, n->gateway ? KIND_GATEWAY : KIND_CLIENT, job->now);
	bool fits = text_copy(n->name, name->name, sizeof(name->name));

	assert(fits);
	name->order_serial = -1;
	n->number = names->count;
	json_decimal(w, n->gateway ? "gateway" : "client", n->number);
	json_text(w, "name", n->name);
	job->record = journal_end(b->journal);
	store_put(b->store, n->gateway ? SQL_INSERT_GATEWAY : SQL_INSERT_CLIENT,
		(struct store_value[]){ STORE_OF_INT(n->number), STORE_OF_INT(job->record),
			STORE_OF_TEXT(n->name) },
		3);
}

void tariff_decide(struct book *b, struct job *job)
{
	const struct job_tariff *t = &job->u.tariff;

	assert(t->count > 0 && t->count <= JOB_TARIFF_FILES_MAX);

	if (b->has_tariff && memcmp(b->tariff, t->digest, sizeof(b->tariff)) == 0) {
		job->outcome = JOB_REPEATED;
	}
}

void tariff_apply(struct book *b, struct job *job)
{
	const struct job_tariff *t = &job->u.tariff;
	struct json_writer *w = journal_begin(b->journal, KIND_TARIFF, job->now);

	assert(t->reason.size <= JOB_REASON_MAX);

	json_open_array(w, "files");
	for (size_t i = 0; i < t->count; i++) {
		json_cstring(w, NULL, t->files[i].name);
	}
	json_close_array(w);
	json_text(w, "reason", t->reason);
	json_hex(w, "sha256", t->digest, sizeof(t->digest));
	job->record = journal_end(b->journal);
	for (size_t i = 0; i < t->count; i++) {
		store_put(b->store, SQL_INSERT_TARIFF_FILE,
			(struct store_value[]){ STORE_OF_BLOB(t->digest, sizeof(t->digest)),
				STORE_OF_INT((int64_t)i), STORE_OF_TEXT(text_of(t->files[i].name)),
				STORE_OF_BLOB(t->files[i].bytes.bytes, t->files[i].bytes.size) },
			4);
	}
	store_put(b->store, SQL_INSERT_TARIFF_USE,
		(struct store_value[]){ STORE_OF_INT(job->record),
			STORE_OF_BLOB(t->digest, sizeof(t->digest)), STORE_OF_TEXT(t->reason) },
		3);
	memcpy(b->tariff, t->digest, sizeof(b->tariff));
	b->has_tariff = true;
}

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

	if (!note_sign(b->note_key, size, &root, c->note, &err)) {
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
