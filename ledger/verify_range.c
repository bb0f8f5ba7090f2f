/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/verify_range.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"

enum { VERIFY_NAME_SIZE = 48 };

struct verify_range_entry {
	bool there;
	int64_t lines;               /* as it was sealed */
	int64_t count;               /* as there are */
	struct derive_posted posted; /* has as many of them as can be */
};

struct verify_range {
	struct verify *verify;
	struct tree_hasher *hasher;
	struct verify_tile *tile; /* the one being hashed */
	int64_t first;            /* of the numbers that are read */
	int64_t last;
	struct verify_range_entry *entries;
	sqlite3_stmt *leaves;
	sqlite3_stmt *sealed;
	sqlite3_stmt *postings;
	sqlite3_stmt *next_record;
	sqlite3_stmt *next_entry;
};

/* ---- what SQL calls ---- */

/*
 * The place of a number in the range that is read.  SQLite looks for where a range begins, and
 * takes what stands there for its rows, whatever the file says their numbers are: false, it is
 * outside.
 */
static bool verify_range_place(const struct verify_range *r, sqlite3_value *value, size_t *place)
{
	int64_t number = sqlite3_value_int64(value);

	if (number < r->first || number > r->last) {
		return false;
	}
	*place = (size_t)(number - r->first);
	return true;
}

/* A day that is none has no sum, whichever it is. */
static int32_t verify_range_day(sqlite3_value *value)
{
	int64_t day = sqlite3_value_int64(value);

	return day >= DATE_DAY_MIN && day <= DATE_DAY_MAX ? (int32_t)day : DATE_NONE;
}

static void verify_range_leaf(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct verify_range *r = sqlite3_user_data(context);
	struct verify_tile *tile = r->tile;
	struct text leaf = { sqlite3_value_blob(values[2]),
		(size_t)sqlite3_value_bytes(values[2]) };
	size_t i = 0;

	(void)count;
	if (!verify_range_place(r, values[0], &i) || tile->there[i]) {
		verify_disorder(r->verify, "record", sqlite3_value_int64(values[0]));
		return;
	}
	assert(i < JOURNAL_TILE_WIDTH);
	tile->there[i] = true;
	tile->checkpoints[i] = sqlite3_value_int64(values[1]) == KIND_CHECKPOINT;
	tile->checkpoint_count += tile->checkpoints[i] ? 1 : 0;
	tile->hashes[i] = tree_leaf(r->hasher, leaf.bytes != NULL ? leaf : TEXT(""));
	tile->count++;
}

static void verify_range_entry(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct verify_range *r = sqlite3_user_data(context);
	struct verify_range_entry *e;
	size_t i = 0;

	(void)count;
	if (!verify_range_place(r, values[0], &i) || r->entries[i].there) {
		verify_disorder(r->verify, "entry", sqlite3_value_int64(values[0]));
		return;
	}
	assert(i < VERIFY_RANGE_ENTRIES);
	e = &r->entries[i];
	e->there = true;
	e->posted.number = sqlite3_value_int64(values[0]);
	e->posted.booked_day = verify_range_day(values[1]);
	e->posted.value_date = verify_range_day(values[2]);
	e->lines = sqlite3_value_int64(values[3]);
}

static void verify_range_posting(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct verify_range *r = sqlite3_user_data(context);
	struct verify_range_entry *e;
	size_t i = 0;

	(void)count;
	if (!verify_range_place(r, values[0], &i)) {
		verify_disorder(r->verify, "posting", sqlite3_value_int64(values[0]));
		return;
	}
	assert(i < VERIFY_RANGE_ENTRIES);
	e = &r->entries[i];
	e->count++;
	if (!e->there) {
		char row[VERIFY_NAME_SIZE];

		(void)snprintf(row, sizeof(row), "%" PRId64 "/%" PRId64,
			(int64_t)sqlite3_value_int64(values[0]),
			(int64_t)sqlite3_value_int64(values[1]));
		verify_fault(r->verify, "posting", row, "there is no such entry");
	} else if (e->posted.count < DERIVE_POSTED_MAX) {
		e->posted.lines[e->posted.count].account = sqlite3_value_int64(values[2]);
		e->posted.lines[e->posted.count++].amount = sqlite3_value_int64(values[3]);
	}
}

static void verify_range_end(sqlite3_context *context)
{
	sqlite3_result_null(context);
}

static bool verify_range_function(struct verify_range *r, const char *name, int arguments,
	void (*step)(sqlite3_context *, int, sqlite3_value **))
{
	if (sqlite3_create_function_v2(r->verify->db, name, arguments, SQLITE_UTF8, r, NULL, step,
		    verify_range_end, NULL) != SQLITE_OK) {
		verify_fail(r->verify, name);
	}
	return !r->verify->failed;
}

struct verify_range *verify_range_new(struct verify *verify)
{
	struct verify_range *r = mem_new(1, sizeof(*r));

	assert(verify->db != NULL);

	r->verify = verify;
	r->hasher = tree_hasher_new();
	r->entries = mem_new(VERIFY_RANGE_ENTRIES, sizeof(*r->entries));
	if (!verify_range_function(r, "verify_leaf", 3, verify_range_leaf) ||
		!verify_range_function(r, "verify_entry", 4, verify_range_entry) ||
		!verify_range_function(r, "verify_posting", 4, verify_range_posting) ||
		!verify_prepare(verify, SQL_VERIFY_LEAVES, &r->leaves) ||
		!verify_prepare(verify, SQL_VERIFY_ENTRIES, &r->sealed) ||
		!verify_prepare(verify, SQL_VERIFY_POSTINGS, &r->postings) ||
		!verify_prepare(verify, SQL_VERIFY_NEXT_RECORD, &r->next_record) ||
		!verify_prepare(verify, SQL_VERIFY_NEXT_ENTRY, &r->next_entry)) {
		verify_range_free(&r);
	}
	return r;
}

void verify_range_free(struct verify_range **range)
{
	struct verify_range *r;

	assert(range != NULL);

	r = *range;
	*range = NULL;
	if (r == NULL) {
		return;
	}
	(void)sqlite3_finalize(r->leaves);
	(void)sqlite3_finalize(r->sealed);
	(void)sqlite3_finalize(r->postings);
	(void)sqlite3_finalize(r->next_record);
	(void)sqlite3_finalize(r->next_entry);
	tree_hasher_free(&r->hasher);
	free(r->entries);
	free(r);
}

/* ---- asking ---- */

static int64_t verify_range_last(int64_t first, int64_t count)
{
	return first > INT64_MAX - (count - 1) ? INT64_MAX : first + (count - 1);
}

/* All rows of the range, to the statement's function. */
static void verify_range_run(struct verify_range *r, sqlite3_stmt *rows, int64_t first,
	int64_t last)
{
	assert(first > 0);
	assert(last >= first);

	r->first = first;
	r->last = last;
	(void)sqlite3_bind_int64(rows, 1, first);
	(void)sqlite3_bind_int64(rows, 2, last);
	if (sqlite3_step(rows) != SQLITE_ROW) {
		verify_fail(r->verify, "read the book");
	}
	(void)sqlite3_reset(rows);
}

/* The least of the row's numbers behind that one, or 0; and the first, or 0. */
static int64_t verify_range_next(struct verify_range *r, sqlite3_stmt *row, int64_t number,
	int64_t *first)
{
	int64_t least = 0;

	(void)sqlite3_bind_int64(row, 1, number);
	if (sqlite3_step(row) != SQLITE_ROW) {
		verify_fail(r->verify, "read the book");
	}
	*first = sqlite3_column_int64(row, 0);
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		int64_t next = sqlite3_column_int64(row, i);

		if (next <= number && sqlite3_column_type(row, i) != SQLITE_NULL) {
			verify_disorder(r->verify, sqlite3_column_name(row, i), next);
		}
		least = next > 0 && (least == 0 || next < least) ? next : least;
	}
	(void)sqlite3_reset(row);
	return least;
}

/* ---- leaves ---- */

int64_t verify_range_hash(struct verify_range *r, struct verify_tile *tile)
{
	int64_t last = verify_range_last(tile->first, JOURNAL_TILE_WIDTH);
	int64_t next = 1;
	struct tree_hash hashes[JOURNAL_TILE_WIDTH];

	tile->count = 0;
	tile->checkpoint_count = 0;
	memset(tile->there, 0, sizeof(tile->there));
	r->tile = tile;
	verify_range_run(r, r->leaves, tile->first, last);
	if (tile->count == JOURNAL_TILE_WIDTH) {
		memcpy(hashes, tile->hashes, sizeof(hashes));
		tile->root = tree_fold(r->hasher, hashes, JOURNAL_TILE_WIDTH);
	} else {
		(void)verify_range_next(r, r->next_record, last, &next);
	}
	return r->verify->failed ? 0 : next;
}

/* ---- entries ---- */

static void verify_range_add(struct verify_range *r, const struct verify_range_entry *e)
{
	const char *why = derive_posted(r->verify->derive, &e->posted);

	if (why == NULL && e->count > DERIVE_POSTED_MAX) {
		why = "has more lines than an entry may have"; /* which are in no sum */
	} else if (why == NULL && e->count != e->lines) {
		why = "has other lines than it was sealed with";
	}
	if (why != NULL) {
		verify_fault_at(r->verify, "entry", e->posted.number, "it %s", why);
	}
	r->verify->rows += 1 + e->count;
}

int64_t verify_range_sum(struct verify_range *r, int64_t first)
{
	int64_t last = verify_range_last(first, VERIFY_RANGE_ENTRIES);
	int64_t before = first == 1 ? 0 : -1; /* the last that was there; -1: another range's */
	int64_t entry;
	int64_t next;

	for (size_t i = 0; i < VERIFY_RANGE_ENTRIES; i++) {
		r->entries[i].there = false;
		r->entries[i].count = 0;
		r->entries[i].posted.count = 0;
	}
	verify_range_run(r, r->sealed, first, last);
	verify_range_run(r, r->postings, first, last);
	next = verify_range_next(r, r->next_entry, last, &entry);
	for (size_t i = 0; i < VERIFY_RANGE_ENTRIES && !r->verify->failed; i++) {
		const struct verify_range_entry *e = &r->entries[i];

		if (e->there) {
			verify_range_add(r, e);
			if (before >= 0 && e->posted.number != before + 1) {
				verify_fault_at(r->verify, "entry", e->posted.number,
					"it is not the next");
			}
			before = e->posted.number;
		}
	}
	if (before >= 0 && entry > 0 && entry != before + 1) {
		verify_fault_at(r->verify, "entry", entry, "it is not the next");
	}
	return r->verify->failed ? 0 : next;
}
