/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The quick level: each leaf's place in the tree, and the sums of what was posted, on two threads.
 *
 * One reads the records and hashes their leaves, as many as a tile has at a time.  The other grows
 * the tree from the hashes, holds it against tiles and checkpoints, and while it would wait sums
 * the entries up.  Each has a connection of its own to a file that nobody writes.
 */
#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/verify_parts.h"

enum { VERIFY_BATCHES = 16, VERIFY_ENTRIES = 256, VERIFY_NAME_SIZE = 48 };

struct verify_batch {
	size_t count;
	int64_t numbers[JOURNAL_TILE_WIDTH];
	bool checkpoints[JOURNAL_TILE_WIDTH];
	struct tree_hash hashes[JOURNAL_TILE_WIDTH];
};

struct verify_quick {
	struct verify *verify;
	sqlite3_stmt *entries;
	sqlite3_stmt *postings;
	bool posting; /* it stands on one that no entry had yet */
	bool summed;
	int64_t all;
	void (*step)(void *context, int64_t done, int64_t all);

	struct store *leaves; /* the other thread's */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t moved; /* one of those below is another */
	uint64_t made;        /* batches; those from `taken` on are the tree's, the rest free */
	uint64_t taken;
	bool over; /* nothing will be made any more */
	bool unwanted;
	struct verify_batch batches[VERIFY_BATCHES];
};

/* ---- the thread that hashes ---- */

/* The next that is free, or NULL: none is wanted. */
static struct verify_batch *verify_batch_free(struct verify_quick *q)
{
	struct verify_batch *batch;

	(void)pthread_mutex_lock(&q->mutex);
	while (q->made - q->taken == VERIFY_BATCHES && !q->unwanted) {
		(void)pthread_cond_wait(&q->moved, &q->mutex);
	}
	batch = q->unwanted ? NULL : &q->batches[q->made % VERIFY_BATCHES];
	(void)pthread_mutex_unlock(&q->mutex);
	return batch;
}

static void verify_batch_made(struct verify_quick *q, bool over)
{
	(void)pthread_mutex_lock(&q->mutex);
	q->made++;
	q->over = over;
	(void)pthread_cond_signal(&q->moved);
	(void)pthread_mutex_unlock(&q->mutex);
}

static void *verify_hash(void *context)
{
	const struct store_value first = STORE_OF_INT(INT64_MIN);
	struct verify_quick *q = context;
	struct tree_hasher *hasher = tree_hasher_new();
	struct verify_batch *batch;
	bool more = true;

	store_begin_rows(q->leaves, SQL_ROW_RECORD, &first, 1);
	while (more && (batch = verify_batch_free(q)) != NULL) {
		batch->count = 0;
		while (batch->count < JOURNAL_TILE_WIDTH && (more = store_row(q->leaves))) {
			batch->numbers[batch->count] = store_int(q->leaves, 0);
			batch->checkpoints[batch->count] =
				store_int(q->leaves, 1) == KIND_CHECKPOINT;
			batch->hashes[batch->count++] = tree_leaf(hasher, store_text(q->leaves, 3));
		}
		verify_batch_made(q, !more);
	}
	store_end_rows(q->leaves);
	tree_hasher_free(&hasher);
	return NULL;
}

/* ---- the tree ---- */

/* The next that was hashed.  NULL: there is none yet, or when it waited, no more. */
static struct verify_batch *verify_batch_next(struct verify_quick *q, bool wait)
{
	struct verify_batch *batch = NULL;

	(void)pthread_mutex_lock(&q->mutex);
	while (wait && q->made == q->taken && !q->over) {
		(void)pthread_cond_wait(&q->moved, &q->mutex);
	}
	if (q->made != q->taken) {
		batch = &q->batches[q->taken % VERIFY_BATCHES];
	}
	(void)pthread_mutex_unlock(&q->mutex);
	return batch;
}

static void verify_batch_taken(struct verify_quick *q)
{
	(void)pthread_mutex_lock(&q->mutex);
	q->taken++;
	(void)pthread_cond_signal(&q->moved);
	(void)pthread_mutex_unlock(&q->mutex);
}

/* What it says of the tree, its row, and who signed: all of its leaf. */
static void verify_checkpoint(struct verify *v, int64_t number)
{
	if (!verify_prepare(v, SQL_ROW_RECORD, &v->records)) {
		return;
	}
	(void)sqlite3_bind_int64(v->records, 1, number);
	if (sqlite3_step(v->records) == SQLITE_ROW &&
		sqlite3_column_int64(v->records, 0) == number) {
		derive_record(v->derive, number, sqlite3_column_int(v->records, 1),
			sqlite3_column_int64(v->records, 2),
			(struct text){ sqlite3_column_blob(v->records, 3),
				(size_t)sqlite3_column_bytes(v->records, 3) });
	} else {
		verify_fail(v, "read a checkpoint's record");
	}
	(void)sqlite3_reset(v->records);
}

static void verify_batch_grow(struct verify *v, const struct verify_batch *batch)
{
	for (size_t i = 0; i < batch->count && !v->failed; i++) {
		char row[VERIFY_NAME_SIZE];

		if (batch->numbers[i] < 1) {
			(void)snprintf(row, sizeof(row), "%" PRId64, batch->numbers[i]);
			verify_fault(v, "record", row, "it is below 1");
			continue;
		}
		verify_place(v, batch->numbers[i]);
		if (batch->checkpoints[i]) {
			verify_checkpoint(v, batch->numbers[i]);
		} else {
			derive_grow(v->derive, &batch->hashes[i]);
		}
		verify_own_root(v);
	}
}

/* ---- sums ---- */

static void verify_posting_step(struct verify_quick *q)
{
	int rc = sqlite3_step(q->postings);

	q->posting = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		verify_fail(q->verify, "read the postings");
	}
}

/* Those below that entry have none. */
static void verify_postings_left(struct verify_quick *q, int64_t entry)
{
	while (q->posting && sqlite3_column_int64(q->postings, 0) < entry) {
		char row[VERIFY_NAME_SIZE];

		(void)snprintf(row, sizeof(row), "%" PRId64 "/%" PRId64,
			(int64_t)sqlite3_column_int64(q->postings, 0),
			(int64_t)sqlite3_column_int64(q->postings, 1));
		verify_fault(q->verify, "posting", row, "there is no such entry");
		verify_posting_step(q);
	}
}

/* The entry that stands in its cursor, with its postings. */
static void verify_entry_sum(struct verify_quick *q)
{
	struct verify *v = q->verify;
	struct derive_posted e = { .number = sqlite3_column_int64(q->entries, 0),
		.booked_day = sqlite3_column_int(q->entries, 9),
		.value_date = sqlite3_column_int(q->entries, 10) };
	const char *why;
	char row[VERIFY_NAME_SIZE];

	verify_postings_left(q, e.number);
	while (q->posting && e.count < DERIVE_POSTED_MAX &&
		sqlite3_column_int64(q->postings, 0) == e.number) {
		e.lines[e.count].account = sqlite3_column_int64(q->postings, 2);
		e.lines[e.count++].amount = sqlite3_column_int64(q->postings, 3);
		verify_posting_step(q);
	}
	why = derive_posted(v->derive, &e);
	v->rows += 1 + (int64_t)e.count;
	if (why != NULL || (int64_t)e.count != sqlite3_column_int64(q->entries, 12)) {
		(void)snprintf(row, sizeof(row), "%" PRId64, e.number);
		verify_fault(v, "entry", row, "it %s",
			why != NULL ? why : "has other lines than it was sealed with");
	}
}

static void verify_sum(struct verify_quick *q)
{
	int rc = SQLITE_ROW;

	for (int i = 0; i < VERIFY_ENTRIES && rc == SQLITE_ROW; i++) {
		rc = sqlite3_step(q->entries);
		if (rc == SQLITE_ROW) {
			verify_entry_sum(q);
		}
	}
	if (rc == SQLITE_DONE) {
		verify_postings_left(q, INT64_MAX);
	} else if (rc != SQLITE_ROW) {
		verify_fail(q->verify, "read the entries");
	}
	q->summed = rc != SQLITE_ROW;
}

/* Numbers and currencies; whether leaves say so is not looked at. */
static void verify_accounts(struct verify *v)
{
	sqlite3_stmt *row = NULL;

	if (!verify_prepare(v, SQL_ROW_ACCOUNT, &row)) {
		return;
	}
	(void)sqlite3_bind_int64(row, 1, INT64_MIN);
	while (sqlite3_step(row) == SQLITE_ROW) {
		if (!derive_know(v->derive, sqlite3_column_int64(row, 0),
			    text_of((const char *)sqlite3_column_text(row, 3)))) {
			verify_fault(v, "account", (const char *)sqlite3_column_text(row, 0),
				"it is not the next, or of no currency");
			break;
		}
	}
	(void)sqlite3_finalize(row);
}

/* ---- all of it ---- */

static void verify_surplus_quick(struct verify *v)
{
	sqlite3_stmt *row = NULL;

	if (!verify_prepare(v, SQL_ROW_COUNTS_QUICK, &row)) {
		return;
	}
	while (sqlite3_step(row) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(row, 0);

		for (enum shape_table t = 0; t < SHAPE_COUNT; t++) {
			if (strcmp(shape_of(t)->table, table) == 0 &&
				sqlite3_column_int64(row, 1) > v->there[t]) {
				verify_fault(v, table, "among them",
					"%" PRId64
					" are too many: nothing in the records makes them",
					(int64_t)sqlite3_column_int64(row, 1) - v->there[t]);
			}
		}
	}
	(void)sqlite3_finalize(row);
}

static void verify_walk(struct verify_quick *q)
{
	struct verify *v = q->verify;
	bool more = true;

	verify_posting_step(q);
	while (!v->failed && (more || !q->summed)) {
		struct verify_batch *batch = more ? verify_batch_next(q, q->summed) : NULL;

		if (batch != NULL) {
			verify_batch_grow(v, batch);
			verify_batch_taken(q);
			if (q->step != NULL && v->record % (64L * JOURNAL_TILE_WIDTH) == 0) {
				q->step(v->context, v->record, q->all);
			}
		} else if (!q->summed) {
			verify_sum(q);
		} else {
			more = false;
		}
	}
}

static void verify_quick_run(struct verify_quick *q)
{
	struct verify *v = q->verify;

	verify_schema(v);
	verify_accounts(v);
	if (verify_prepare(v, SQL_ROW_ENTRY, &q->entries) &&
		verify_prepare(v, SQL_ROW_POSTING, &q->postings)) {
		(void)sqlite3_bind_int64(q->entries, 1, INT64_MIN);
		(void)sqlite3_bind_int64(q->postings, 1, INT64_MIN);
		(void)sqlite3_bind_int64(q->postings, 2, INT64_MIN);
		verify_walk(q);
	}
	(void)pthread_mutex_lock(&q->mutex);
	q->unwanted = true;
	(void)pthread_cond_signal(&q->moved);
	(void)pthread_mutex_unlock(&q->mutex);
	(void)pthread_join(q->thread, NULL);
	if (store_failed(q->leaves) && !v->failed) {
		v->failed = true;
		store_explain(q->leaves, &v->err);
	}
	if (!v->failed) {
		derive_end_entries(v->derive);
		verify_short(v);
		verify_surplus_quick(v);
	}
	(void)sqlite3_finalize(q->entries);
	(void)sqlite3_finalize(q->postings);
}

/* The thread is there, and has its connection. */
static bool verify_quick_start(struct verify_quick *q, const char *path, struct err *err)
{
	if (!store_open(path, NULL, STORE_READ, &q->leaves, err)) {
		return false;
	}
	if (pthread_create(&q->thread, NULL, verify_hash, q) != 0) {
		store_close(&q->leaves);
		return err_set(err, ERR_SYSTEM, "start a thread");
	}
	return true;
}

bool verify_quick(struct verify *v, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err)
{
	struct verify_quick *q = mem_new(1, sizeof(*q));
	bool ok = verify_file_begin(v, path, &q->all, err);

	q->verify = v;
	q->step = step;
	if (pthread_mutex_init(&q->mutex, NULL) != 0 || pthread_cond_init(&q->moved, NULL) != 0) {
		abort();
	}
	ok = ok && verify_quick_start(q, path, err);
	if (ok) {
		verify_quick_run(q);
		ok = !v->failed;
		if (!ok) {
			*err = v->err;
		}
	}
	verify_file_end(v);
	store_close(&q->leaves);
	(void)pthread_cond_destroy(&q->moved);
	(void)pthread_mutex_destroy(&q->mutex);
	free(q);
	return ok;
}
