/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A copy, and a book that is behind what was signed here, only answer: what was booked after them
 * is known to payers, banks and auditors, and nothing may be numbered a second time.  Resuming
 * raises the generation, which is part of every number that leaves the house.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "ledger/act.h"
#include "ledger/checkpoint.h"
#include "ledger/keyring.h"

enum { STANDING_OUTBOX_PAGE = 256 };

/* ---- what the memory begins with ---- */

static void standing_load_generations(struct book *b)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 2, ID_GENERATION_MAX },
		{ "record", STORE_INT, 2, INT64_MAX },
		{ "day", STORE_INT, INT32_MIN, INT32_MAX },
	};

	b->resumed_on = INT32_MIN;
	store_begin_rows(b->store, SQL_SELECT_GENERATIONS, NULL, 0);
	while (store_row(b->store) && store_row_is(b->store, "generation", store_int(b->store, 0),
					      columns, sizeof(columns) / sizeof(*columns))) {
		int64_t number = store_int(b->store, 0);

		if (store_int(b->store, 1) >= journal_next(b->journal)) {
			store_damaged(b->store, "generation", number, "its record is missing");
			break;
		}
		b->generation_from[number] = store_int(b->store, 1);
		b->resumed_on = (int32_t)store_int(b->store, 2);
	}
	store_end_rows(b->store);
}

static void standing_load_copy(struct book *b)
{
	static const struct store_column columns[] = { { "copied_at", STORE_INT, DATE_TIME_MIN,
		DATE_TIME_MAX } };
	char time[DATE_TIME_TEXT_SIZE];

	store_begin_rows(b->store, SQL_SELECT_STANDING, NULL, 0);
	if (store_row(b->store) && store_row_is(b->store, "standing", 1, columns, 1)) {
		b->standing = BOOK_COPY;
		(void)snprintf(b->standing_why, sizeof(b->standing_why),
			"it is a copy, made at %s, of %" PRId64 " records",
			date_time_format(store_int(b->store, 0), time),
			journal_next(b->journal) - 1);
	}
	store_end_rows(b->store);
}

/* Whether a checkpoint is of this book as it is: of its records, or of fewer of them. */
static bool standing_holds(struct book *b, const struct head *head)
{
	struct tree_hash root;

	if (head->size == 0 || head->size >= (uint64_t)journal_next(b->journal)) {
		return false;
	}
	return journal_root_at(b->journal, head->size, &root) &&
	       memcmp(root.bytes, head->root.bytes, sizeof(root.bytes)) == 0;
}

/* A generation older than ours was left behind, with all that was signed in it. */
static void standing_load_head(struct book *b, const char *path)
{
	struct head *head = &b->head;
	enum head_result result = path != NULL ? head_read(path, head) : HEAD_ABSENT;

	if (result == HEAD_ABSENT) {
		return;
	}
	if (result == HEAD_BROKEN) {
		b->standing = BOOK_OTHER;
		(void)snprintf(b->standing_why, sizeof(b->standing_why),
			"the newest checkpoint signed here can not be read from %.100s", path);
		return;
	}
	b->has_head = true;
	if (b->standing != BOOK_WRITES ||
		(strcmp(head->book, b->name) == 0 && head->generation < b->generation)) {
		return;
	}
	if (strcmp(head->book, b->name) != 0 || !standing_holds(b, head)) {
		bool older = strcmp(head->book, b->name) == 0 &&
			     head->size >= (uint64_t)journal_next(b->journal);

		b->standing = older ? BOOK_OLDER : BOOK_OTHER;
		(void)snprintf(b->standing_why, sizeof(b->standing_why),
			older ? "it has %" PRId64 " records, and a checkpoint of %" PRIu64
				" was signed here"
			      : "its %" PRId64 " records are not those of which a checkpoint of "
				"%" PRIu64 " was signed here",
			journal_next(b->journal) - 1, head->size);
	}
}

void standing_load(struct book *b, const char *head)
{
	assert(b->note_key != NULL);

	standing_load_generations(b);
	standing_load_copy(b);
	if (!store_failed(b->store)) {
		standing_load_head(b, head);
	}
}

int32_t standing_generation(const struct book *b, int64_t record)
{
	int32_t generation = b->generation;

	assert(record > 0);

	while (generation > 1 &&
		(b->generation_from[generation] == 0 || b->generation_from[generation] > record)) {
		generation--;
	}
	return generation;
}

/* ---- the newest checkpoint, beside the book ---- */

bool standing_keep_head(struct book *b, struct err *err)
{
	if (b->head_path[0] == '\0' || b->checkpoint_record == 0 ||
		b->checkpoint_record == b->head_record || b->standing != BOOK_WRITES) {
		return true;
	}
	/* The file outlives what it speaks of, so that is on disk before. */
	if (!store_sync(b->store, err) ||
		!head_write(b->head_path, text_of(b->checkpoint_note), err)) {
		return false;
	}
	b->head_record = b->checkpoint_record;
	return true;
}

/* ---- JOB_RESUME ---- */

/* "alym/0f3a9c21/2": what checkpoints of that generation are signed under. */
static bool standing_origin(const struct book *b, int32_t generation, char out[BOOK_ORIGIN_SIZE])
{
	int size = snprintf(out, BOOK_ORIGIN_SIZE, "%s/%s/%d", b->origin, b->name, generation);

	return size > 0 && size < BOOK_ORIGIN_SIZE;
}

/* The checkpoint that somebody outside kept: ours, and of this book as far as we have it. */
static bool standing_read_note(struct book *b, struct job_resume *r, struct head *outside)
{
	struct keyring keys = { .count = 0 };
	struct err err = { 0 };
	bool ok;

	keyring_add(&keys, note_key_public(b->note_key));
	ok = keyring_add_named(&keys, b->store, &err) &&
	     keyring_open(&keys, r->note, outside, &err);
	keyring_done(&keys);
	if (!ok) {
		(void)snprintf(r->why, sizeof(r->why), "%.150s", err.message);
		return false;
	}
	if (strcmp(outside->book, b->name) != 0) {
		(void)snprintf(r->why, sizeof(r->why), "it is a checkpoint of another book");
		return false;
	}
	if (outside->size < (uint64_t)journal_next(b->journal) && !standing_holds(b, outside)) {
		(void)snprintf(r->why, sizeof(r->why),
			"its %" PRIu64 " records are not the book's first ones", outside->size);
		return false;
	}
	return true;
}

/* The later of what we signed last and what was kept outside; what it has more than the book. */
static void standing_compare(struct book *b, struct job_resume *r, const struct head *note)
{
	int64_t records = journal_next(b->journal) - 1;
	const struct head *known =
		b->has_head && strcmp(b->head.book, b->name) == 0 ? &b->head : NULL;

	r->generation = b->generation;
	if (known != NULL && known->generation > r->generation) {
		r->generation = known->generation;
	}
	if (note != NULL && note->generation > r->generation) {
		r->generation = note->generation;
	}
	if (note != NULL &&
		(known == NULL || note->generation > known->generation ||
			(note->generation == known->generation && note->size > known->size))) {
		known = note;
	}
	r->generation++;
	r->known = known != NULL ? (int64_t)known->size : 0;
	r->lost = r->known > records ? r->known - records : 0;
	if (known != NULL) {
		r->known_generation = known->generation;
		r->known_root = known->root;
	}
}

void resume_decide(struct book *b, struct job *job)
{
	struct job_resume *r = &job->u.resume;
	struct head outside = { .size = 0 };
	bool noted = r->note.size > 0;

	assert(r->reason.size > 0 && r->reason.size <= JOB_REASON_MAX);

	if (b->standing == BOOK_WRITES) {
		job->outcome = JOB_ILLEGAL;
	} else if (noted && !standing_read_note(b, r, &outside)) {
		job->outcome = JOB_MISMATCH;
	} else {
		standing_compare(b, r, noted ? &outside : NULL);
		job->outcome = r->generation <= ID_GENERATION_MAX ? JOB_DONE : JOB_EXHAUSTED;
	}
}

static void standing_write(struct book *b, struct job *job, int64_t since)
{
	const struct job_resume *r = &job->u.resume;
	struct json_writer *w = journal_begin(b->journal, KIND_GENERATION, job->now);

	json_cstring(w, "book", b->name);
	json_decimal(w, "generation", r->generation);
	if (r->known > 0) {
		json_open_object(w, "known");
		json_decimal(w, "generation", r->known_generation);
		json_hex(w, "root", r->known_root.bytes, sizeof(r->known_root.bytes));
		json_decimal(w, "size", r->known);
		json_close_object(w);
	}
	json_decimal(w, "lost", r->lost);
	json_text(w, "reason", r->reason);
	act_write_actor(w, "resumed_by", &r->actor, TEXT(""));
	json_time(w, "since", since);
	job->record = journal_end(b->journal);
	store_put(b->store, SQL_INSERT_GENERATION,
		(struct store_value[]){ STORE_OF_INT(r->generation), STORE_OF_INT(job->record),
			STORE_OF_INT(job->today), STORE_OF_INT(since), STORE_OF_TEXT(r->reason) },
		5);
	store_put(b->store, SQL_DELETE_STANDING, NULL, 0);
}

/* Orders that were not sent when the copy was made may have been since: they are asked about. */
static void standing_send(struct book *b, struct job *job)
{
	int64_t attempts[STANDING_OUTBOX_PAGE];
	int64_t after = 0;
	size_t count;

	do {
		count = 0;
		store_begin_rows(b->store, SQL_SELECT_OUTBOX,
			(struct store_value[]){ STORE_OF_INT(after),
				STORE_OF_INT(STANDING_OUTBOX_PAGE) },
			2);
		while (count < STANDING_OUTBOX_PAGE && store_row(b->store)) {
			attempts[count++] = store_int(b->store, 0);
		}
		store_end_rows(b->store);
		for (size_t i = 0; i < count; i++) {
			order_suspect(b, job, attempts[i]);
			after = attempts[i];
		}
	} while (count == STANDING_OUTBOX_PAGE && !store_failed(b->store));
}

/* Those who sign go on to, under the new generation's name. */
static bool standing_rename(struct book *b, int32_t generation)
{
	struct note_key *key = NULL;
	struct note_key *before = NULL;
	char origin[BOOK_ORIGIN_SIZE];
	struct err err = { 0 };

	if (!standing_origin(b, generation, origin) ||
		!note_key_named(b->note_key, origin, &key, &err) ||
		(b->note_before != NULL &&
			!note_key_named(b->note_before, origin, &before, &err))) {
		note_key_free(&key);
		return false;
	}
	note_key_free(&b->note_key);
	note_key_free(&b->note_before);
	b->note_key = key;
	b->note_before = before;
	return true;
}

void resume_apply(struct book *b, struct job *job)
{
	struct job_resume *r = &job->u.resume;

	if (!standing_rename(b, r->generation)) {
		b->failed = true; /* a book that can not sign does not go on */
		return;
	}
	r->since = journal_time(b->journal, 0);
	standing_write(b, job, r->since);
	book_keys(b, &r->keys);
	b->generation = r->generation;
	b->generation_from[r->generation] = job->record;
	b->resumed_on = job->today;
	b->standing = BOOK_WRITES;
	for (int32_t i = 0; i < b->gateways.count; i++) {
		b->gateways.names[i].order_serial = -1;
	}
	standing_send(b, job);
	store_put(b->store, SQL_DUE_ATTEMPTS, (struct store_value[]){ STORE_OF_INT(job->now) }, 1);
	/* Beside the book before anything is numbered in it: were the same copy put back once more,
	 * the generation would not be known to have been. */
	checkpoint_over(b, job);
}
