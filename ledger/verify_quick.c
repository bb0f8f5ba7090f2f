/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The quick level: each leaf's place in the tree, and the sums of what was posted, on two threads.
 *
 * Both take ranges of numbers in turn (ledger/verify_range.h): of records, whose leaves they hash,
 * and of entries, which they add up.  The caller's thread joins the hashes to the tree in their
 * order and holds it against tiles and checkpoints.  Each has a connection of its own to a file
 * that nobody writes, and is told of in a verification of its own.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/verify_range.h"

enum { VERIFY_TILES = 64, VERIFY_STEP = 64, VERIFY_TOLD_MAX = 1 << 20 };

#define VERIFY_TILE_LAST (INT64_MAX / JOURNAL_TILE_WIDTH - 1)

/* What a thread does next. */
enum verify_task { VERIFY_TASK_NONE, VERIFY_TASK_TILE, VERIFY_TASK_ENTRIES };

/* A thread's own: verification, range, and its faults, a line each with a NUL behind. */
struct verify_hand {
	struct verify_quick *quick;
	struct verify *verify;
	struct verify_range *range;
	struct buffer told;
};

struct verify_quick {
	struct verify *verify; /* the caller's */
	int64_t all;
	void (*step)(void *context, int64_t done, int64_t all);

	struct verify_hand own;
	struct verify_hand other;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t moved; /* one of those below is another */
	uint64_t taken;       /* tiles; those from `joined` on are being hashed, or were */
	uint64_t joined;
	int64_t next_tile;
	int64_t next_entry;
	bool tiles_over; /* no record is there that was not taken */
	bool entries_over;
	bool unwanted;
	struct {
		bool ready;
		struct verify_tile tile;
	} tiles[VERIFY_TILES];
};

/* ---- tasks ---- */

/* Under the lock; a tile's place is `*at`, the first of the entries `*first`. */
static enum verify_task verify_task_next(struct verify_quick *q, size_t *at, int64_t *first)
{
	if (q->unwanted) {
		return VERIFY_TASK_NONE;
	}
	if (!q->tiles_over && q->taken - q->joined < VERIFY_TILES) {
		*at = q->taken++ % VERIFY_TILES;
		q->tiles[*at].ready = false;
		q->tiles[*at].tile.first = q->next_tile * JOURNAL_TILE_WIDTH + 1;
		q->tiles_over = q->next_tile >= VERIFY_TILE_LAST;
		q->next_tile++;
		return VERIFY_TASK_TILE;
	}
	if (!q->entries_over) {
		*first = q->next_entry;
		q->entries_over = *first > INT64_MAX - VERIFY_RANGE_ENTRIES;
		q->next_entry += q->entries_over ? 0 : VERIFY_RANGE_ENTRIES;
		return VERIFY_TASK_ENTRIES;
	}
	return VERIFY_TASK_NONE;
}

/* Where records or entries are missing, what comes next is far: ranges in between have nothing. */
static void verify_task_tile(struct verify_hand *h, size_t at)
{
	struct verify_quick *q = h->quick;
	struct verify_tile *tile = &q->tiles[at].tile;
	int64_t next = verify_range_hash(h->range, tile);

	(void)pthread_mutex_lock(&q->mutex);
	q->tiles[at].ready = true;
	q->tiles_over = q->tiles_over || next == 0;
	next = next > 0 ? (next - 1) / JOURNAL_TILE_WIDTH : 0;
	q->next_tile = next > q->next_tile ? next : q->next_tile;
	q->unwanted = q->unwanted || h->verify->failed;
	(void)pthread_cond_signal(&q->moved);
	(void)pthread_mutex_unlock(&q->mutex);
}

static void verify_task_entries(struct verify_hand *h, int64_t first)
{
	struct verify_quick *q = h->quick;
	int64_t next = verify_range_sum(h->range, first);

	(void)pthread_mutex_lock(&q->mutex);
	q->entries_over = q->entries_over || next == 0;
	q->next_entry = next > q->next_entry ? next : q->next_entry;
	q->unwanted = q->unwanted || h->verify->failed;
	(void)pthread_mutex_unlock(&q->mutex);
}

static void verify_task_do(struct verify_hand *h, enum verify_task task, size_t at, int64_t first)
{
	if (task == VERIFY_TASK_TILE) {
		verify_task_tile(h, at);
	} else if (task == VERIFY_TASK_ENTRIES) {
		verify_task_entries(h, first);
	}
}

/* ---- the other thread ---- */

/* Goes on while there is something to do, or will be when tiles were joined. */
static void *verify_help(void *context)
{
	struct verify_hand *h = context;
	struct verify_quick *q = h->quick;
	bool more = true;

	while (more) {
		enum verify_task task;
		int64_t first = 0;
		size_t at = 0;

		(void)pthread_mutex_lock(&q->mutex);
		while ((task = verify_task_next(q, &at, &first)) == VERIFY_TASK_NONE &&
			!q->tiles_over && !q->unwanted) {
			(void)pthread_cond_wait(&q->moved, &q->mutex);
		}
		(void)pthread_mutex_unlock(&q->mutex);
		verify_task_do(h, task, at, first);
		more = task != VERIFY_TASK_NONE;
	}
	return NULL;
}

/* ---- the tree ---- */

/* What it says of the tree, its row, and who signed: all of its leaf. */
static void verify_checkpoint(struct verify *v, int64_t number)
{
	if (!verify_prepare(v, SQL_ROW_RECORD, &v->records)) {
		return;
	}
	(void)sqlite3_bind_int64(v->records, 1, number);
	if (sqlite3_step(v->records) == SQLITE_ROW &&
		sqlite3_column_int64(v->records, 0) == number) {
		verify_derive(v->derive, v->records);
	} else {
		verify_fail(v, "read a checkpoint's record");
	}
	(void)sqlite3_reset(v->records);
}

/* Where the tile begins elsewhere than the tree ends, or something in it is to be looked at. */
static void verify_tile_by_leaf(struct verify *v, const struct verify_tile *tile)
{
	for (size_t i = 0; i < JOURNAL_TILE_WIDTH && !v->failed; i++) {
		if (!tile->there[i]) {
			continue;
		}
		verify_place(v, tile->first + (int64_t)i);
		if (tile->checkpoints[i]) {
			verify_checkpoint(v, tile->first + (int64_t)i);
		} else {
			derive_grow(v->derive, &tile->hashes[i]);
		}
		verify_own_root(v);
	}
}

static void verify_tile_join(struct verify *v, const struct verify_tile *tile)
{
	uint64_t before = (uint64_t)tile->first - 1;
	bool own = v->options.size > before && v->options.size < before + JOURNAL_TILE_WIDTH;

	if (tile->count < JOURNAL_TILE_WIDTH || tile->checkpoint_count > 0 || own ||
		derive_size(v->derive) != before) {
		verify_tile_by_leaf(v, tile);
		return;
	}
	v->record = tile->first + (JOURNAL_TILE_WIDTH - 1);
	derive_grow_tile(v->derive, tile->hashes, &tile->root);
	verify_own_root(v);
}

/* Those that are ready, in their order; with `wait` one at least, if any is under way.  What was
 * being hashed when a thread failed is not all there. */
static void verify_tiles_join(struct verify_quick *q, bool wait)
{
	struct verify *v = q->verify;

	for (;;) {
		size_t at = q->joined % VERIFY_TILES;
		bool ready;

		(void)pthread_mutex_lock(&q->mutex);
		while (wait && q->joined != q->taken && !q->tiles[at].ready) {
			(void)pthread_cond_wait(&q->moved, &q->mutex);
		}
		ready = q->joined != q->taken && q->tiles[at].ready && !q->unwanted;
		(void)pthread_mutex_unlock(&q->mutex);
		if (!ready || v->failed) {
			return;
		}
		verify_tile_join(v, &q->tiles[at].tile);
		wait = false;
		(void)pthread_mutex_lock(&q->mutex);
		q->joined++;
		(void)pthread_cond_signal(&q->moved);
		(void)pthread_mutex_unlock(&q->mutex);
		if (q->step != NULL && q->joined % VERIFY_STEP == 0) {
			q->step(v->context, v->record, q->all);
		}
	}
}

/* ---- what is small ---- */

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
	if (sqlite3_finalize(row) != SQLITE_OK) {
		verify_fail(v, "read the accounts");
	}
}

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
	if (sqlite3_finalize(row) != SQLITE_OK) {
		verify_fail(v, "count the rows");
	}
}

/* ---- all of it ---- */

static void verify_walk(struct verify_quick *q)
{
	bool more = true;

	while (more && !q->verify->failed) {
		enum verify_task task;
		int64_t first = 0;
		size_t at = 0;

		(void)pthread_mutex_lock(&q->mutex);
		task = verify_task_next(q, &at, &first);
		more = !q->unwanted && (task != VERIFY_TASK_NONE || q->joined != q->taken);
		(void)pthread_mutex_unlock(&q->mutex);
		verify_task_do(&q->own, task, at, first);
		verify_tiles_join(q, more && task == VERIFY_TASK_NONE);
	}
}

/* What the other thread found, as if it had been found here. */
static void verify_take_over(struct verify_quick *q)
{
	struct verify *from = q->other.verify;
	struct verify *v = q->verify;
	const char *at = q->other.told.bytes;

	for (int64_t i = 0; i < from->faults; i++) {
		v->faults++;
		if (v->faults <= VERIFY_FAULTS_MAX && i < VERIFY_FAULTS_MAX) {
			v->found(v->context, at);
			at += strlen(at) + 1;
		}
	}
	v->rows += from->rows;
	if (from->failed && !v->failed) {
		v->failed = true;
		v->err = from->err;
	}
	if (!v->failed && !derive_add_sums(v->derive, from->derive)) {
		verify_fault(v, "balance", "of all accounts", "a sum of 64 bits overflows");
	}
}

static void verify_quick_run(struct verify_quick *q)
{
	struct verify *v = q->verify;

	verify_schema(v);
	verify_listed(v, SQL_VERIFY_BELOW, "look below 1"); /* those that are no number */
	verify_walk(q);
	(void)pthread_mutex_lock(&q->mutex);
	q->unwanted = q->unwanted || v->failed;
	(void)pthread_cond_signal(&q->moved);
	(void)pthread_mutex_unlock(&q->mutex);
	(void)pthread_join(q->thread, NULL);
	verify_take_over(q);
	if (!v->failed) {
		derive_end_entries(v->derive);
		verify_short(v);
		verify_surplus_quick(v);
	}
}

/* ---- beginning and end ---- */

static void verify_hand_told(void *context, const char *fault)
{
	struct verify_hand *h = context;

	buffer_add_string(&h->told, fault);
	buffer_add_char(&h->told, '\0');
}

/* The thread is there, and has its connection.  It knows the same accounts; the caller's was told
 * what is wrong with them. */
static bool verify_quick_start(struct verify_quick *q, const char *path, struct err *err)
{
	struct verify *v = q->verify;
	struct verify *other = q->other.verify;
	int64_t all;

	if (!verify_file_begin(other, path, &all, err)) {
		return false;
	}
	verify_accounts(v);
	verify_accounts(other);
	other->faults = 0;
	buffer_reset(&q->other.told);
	q->own.range = verify_range_new(v);
	q->other.range = verify_range_new(other);
	if (v->failed || other->failed) {
		*err = v->failed ? v->err : other->err;
		return false;
	}
	return pthread_create(&q->thread, NULL, verify_help, &q->other) == 0 ||
	       err_set(err, ERR_SYSTEM, "start a thread");
}

bool verify_quick(struct verify *v, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err)
{
	struct verify_quick *q = mem_new(1, sizeof(*q));
	bool ok = verify_file_begin(v, path, &q->all, err);

	q->verify = v;
	q->step = step;
	q->next_entry = 1;
	q->own = (struct verify_hand){ .quick = q, .verify = v };
	q->other = (struct verify_hand){ .quick = q };
	buffer_init(&q->other.told, VERIFY_TOLD_MAX);
	q->other.verify = verify_new(&v->options, verify_hand_told, &q->other);
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
	verify_range_free(&q->own.range);
	verify_range_free(&q->other.range);
	verify_file_end(q->other.verify);
	verify_file_end(v);
	verify_free(&q->other.verify);
	buffer_done(&q->other.told);
	(void)pthread_cond_destroy(&q->moved);
	(void)pthread_mutex_destroy(&q->mutex);
	free(q);
	return ok;
}
