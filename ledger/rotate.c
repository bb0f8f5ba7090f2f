/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rotate - who signs checkpoints: the key the book was founded with, or one that took its place.
 *
 * The record of a rotation names both keys.  Checkpoints are signed by the newest key and, for the
 * time the record says, by the one before it, so that who trusts that one finds the record in a
 * tree that it signed.
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/act.h"
#include "ledger/checkpoint.h"

void rotate_retire(struct book *b, int64_t now)
{
	assert(b != NULL);

	if (b->note_before != NULL && now >= b->note_until) {
		note_key_free(&b->note_before);
		b->note_until = 0;
	}
}

void rotate_decide(struct book *b, struct job *job)
{
	const struct job_rotate *r = &job->u.rotate;

	assert(r->reason.size > 0 && r->reason.size <= JOB_REASON_MAX);
	assert(r->overlap_s >= 0);

	if (r->overlap_s > 0 && b->note_before != NULL && job->now < b->note_until) {
		book_keys(b, &job->u.rotate.keys);
		job->outcome = JOB_ILLEGAL;
	}
}

/* The record of it; the keys are the new ones already. */
static void rotate_write(struct book *b, struct job *job, const char *before, int64_t until)
{
	const struct job_rotate *r = &job->u.rotate;
	struct json_writer *w = journal_begin(b->journal, KIND_KEY, job->now);
	char verifier[NOTE_VERIFIER_SIZE];

	assert(until >= 0);

	json_cstring(w, "before", before);
	json_text(w, "reason", r->reason);
	act_write_actor(w, "rotated_by", &r->actor, TEXT(""));
	if (until > 0) {
		json_time(w, "until", until);
	}
	json_cstring(w, "verifier", note_key_verifier(b->note_key, verifier));
	job->record = journal_end(b->journal);
	store_put(b->store, SQL_INSERT_CHECKPOINT_KEY,
		(struct store_value[]){ STORE_OF_INT(job->record),
			STORE_OF_BLOB(note_key_public(b->note_key), NOTE_PUBLIC_SIZE),
			STORE_OF_INT(until), STORE_OF_INT(r->actor.client),
			STORE_OF_INT(r->actor.uid), STORE_OF_TEXT(r->reason) },
		6);
}

void rotate_apply(struct book *b, struct job *job)
{
	struct job_rotate *r = &job->u.rotate;
	struct note_key *key = NULL;
	char before[NOTE_VERIFIER_SIZE];
	struct err err = { 0 };

	assert(job->now > 0);

	if (!note_key_new(r->seed, note_key_name(b->note_key), &key, &err)) {
		b->failed = true; /* a book that can not sign does not go on */
		return;
	}
	(void)note_key_verifier(b->note_key, before);
	note_key_free(&b->note_before);
	b->note_until = 0;
	if (r->overlap_s > 0) {
		b->note_before = b->note_key;
		b->note_until = job->now + r->overlap_s;
		b->note_key = NULL;
	}
	note_key_free(&b->note_key);
	b->note_key = key;
	rotate_write(b, job, before, b->note_until);
	book_keys(b, &r->keys);
}

/* ---- what is in force at a start ---- */

/* Two rows at most, the newest first. */
struct rotate_rows {
	size_t count;
	int64_t until; /* of the newest */
	uint8_t public[2][NOTE_PUBLIC_SIZE];
};

static bool rotate_read(struct book *b, struct rotate_rows *rows)
{
	static const struct store_column columns[] = {
		{ "public", STORE_BLOB, NOTE_PUBLIC_SIZE, NOTE_PUBLIC_SIZE },
		{ "until", STORE_INT, 0, INT64_MAX },
		{ "record", STORE_INT, 1, INT64_MAX },
	};

	assert(rows->count == 0);

	store_begin_rows(b->store, SQL_SELECT_CHECKPOINT_KEYS, NULL, 0);
	while (rows->count < 2 && store_row(b->store) &&
		store_row_is(b->store, "checkpoint_key", store_int(b->store, 2), columns, 3)) {
		if (store_int(b->store, 2) >= journal_next(b->journal)) {
			store_damaged(b->store, "checkpoint_key", store_int(b->store, 2),
				"its record is missing");
			break;
		}
		if (rows->count == 0) {
			rows->until = store_int(b->store, 1);
		}
		memcpy(rows->public[rows->count++], store_text(b->store, 0).bytes,
			NOTE_PUBLIC_SIZE);
	}
	store_end_rows(b->store);
	return !store_failed(b->store);
}

/* The key of that row, or (past the last one) the first of all. */
static bool rotate_key(const struct book_options *options, const struct rotate_rows *rows, size_t i,
	const char *name, struct note_key **key, struct err *err)
{
	uint8_t seed[NOTE_SEED_SIZE];
	bool ok;

	assert(i <= rows->count);

	if (i == rows->count) {
		return note_key_new(options->seed, name, key, err);
	}
	if (options->seed_of == NULL) {
		return err_set(err, ERR_INPUT, "the book's checkpoint key is not the one given");
	}
	ok = options->seed_of(options->context, rows->public[i], seed, err) &&
	     note_key_new(seed, name, key, err);
	mem_wipe(seed, sizeof(seed));
	if (ok && memcmp(note_key_public(*key), rows->public[i], NOTE_PUBLIC_SIZE) != 0) {
		return err_set(err, ERR_INPUT, "the file of the checkpoint key has another one");
	}
	return ok;
}

bool rotate_load(struct book *b, const struct book_options *options, const char *name,
	struct err *err)
{
	struct rotate_rows rows = { .count = 0 };
	bool overlaps;

	assert(b->note_key == NULL);

	if (!rotate_read(b, &rows)) {
		return false;
	}
	overlaps = rows.count > 0 && journal_time(b->journal, options->now) < rows.until;
	if (!rotate_key(options, &rows, 0, name, &b->note_key, err) ||
		(overlaps && !rotate_key(options, &rows, 1, name, &b->note_before, err))) {
		return false;
	}
	b->note_until = overlaps ? rows.until : 0;
	return true;
}
