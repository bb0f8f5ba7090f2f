/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The sorted segments of keys: each entry is of a row that has the key, each such row has its
 * entry, each segment's filter and end are those of its keys.
 *
 * Keys lie in no order of their rows.  A segment's entries are put into that order before they are
 * held against rows, and which rows had their entry is remembered by a bit each, so that rows are
 * read one after another.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/keyset_segment.h"
#include "ledger/verify_parts.h"

enum { VERIFY_WINDOW = 4, VERIFY_SEGMENT_ROW = 64, VERIFY_ENTRIES_MAX = 1 << 19 };

const struct verify_set verify_sets[] = {
	{ 1, SHAPE_REQUEST, SQL_ROW_KEYS_REQUEST, false },
	{ 2, SHAPE_PAYMENT, SQL_ROW_KEYS_REFERENCE, true },
	{ 3, SHAPE_ENTRY, SQL_ROW_KEYS_OPERATION, false },
	{ 4, SHAPE_PAYMENT, SQL_ROW_KEYS_CREATION, false },
};

const size_t verify_set_count = sizeof(verify_sets) / sizeof(*verify_sets);

/* A segment's entry, and where it lies. */
struct verify_entry {
	struct keyset_key key;
	int64_t value;
	int64_t block;
	size_t at;
};

/* A set's rows, and which of them had their entry: bits by the row's number. */
struct verify_rows {
	const struct verify_set *set;
	struct verify_cursor cursor;
	uint8_t *seen;
	int64_t seen_max;
};

struct verify_segment {
	struct verify_rows *rows;
	struct keyset_segment segment;
	struct verify_entry *entries; /* that were not held against rows yet */
	size_t entry_count;
	int64_t order; /* the last record of its keys */
	char row[VERIFY_SEGMENT_ROW];
};

static struct text verify_blob(sqlite3_stmt *row, int column)
{
	return (struct text){ sqlite3_column_blob(row, column),
		(size_t)sqlite3_column_bytes(row, column) };
}

/* ---- rows ---- */

static bool verify_is_seen(const struct verify_rows *rows, int64_t number)
{
	return number > 0 && number <= rows->seen_max &&
	       (rows->seen[number / 8] >> (number % 8) & 1) != 0;
}

static void verify_see(struct verify_rows *rows, int64_t number)
{
	if (number > 0 && number <= rows->seen_max) {
		rows->seen[number / 8] |= (uint8_t)(1U << (number % 8));
	}
}

/* The row of that number, or NULL: the cursor's next, or one that is looked for. */
static sqlite3_stmt *verify_row_of(struct verify *v, struct verify_rows *rows, int64_t number)
{
	struct verify_cursor *c = &rows->cursor;

	c->live = c->live && sqlite3_step(c->rows) == SQLITE_ROW;
	if (!c->live || sqlite3_column_int64(c->rows, 0) != number) {
		int rc;

		(void)sqlite3_reset(c->rows);
		(void)sqlite3_bind_int64(c->rows, 1, number);
		rc = sqlite3_step(c->rows);
		c->live = rc == SQLITE_ROW;
		if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
			verify_fail(v, "read the book");
		}
	}
	return c->live && sqlite3_column_int64(c->rows, 0) == number ? c->rows : NULL;
}

/* ---- segments ---- */

static int verify_entry_order(const void *a, const void *b)
{
	const struct verify_entry *left = a;
	const struct verify_entry *right = b;

	return (left->value > right->value) - (left->value < right->value);
}

static void verify_entry_blame(struct verify *v, const struct verify_segment *s, int64_t block,
	size_t at)
{
	char row[2 * VERIFY_SEGMENT_ROW];

	(void)snprintf(row, sizeof(row), "%s/%" PRId64, s->row, block);
	verify_fault(v, "keyset", row,
		"column keys: entry %zu is of no row that has its key, or not in its place", at);
}

/* Each entry is of a row that has its key. */
static void verify_entries(struct verify *v, struct verify_segment *s)
{
	qsort(s->entries, s->entry_count, sizeof(*s->entries), verify_entry_order);
	for (size_t i = 0; i < s->entry_count && !v->failed; i++) {
		const struct verify_entry *e = &s->entries[i];
		const struct text key = { (const char *)e->key.bytes, sizeof(e->key.bytes) };
		sqlite3_stmt *row = verify_row_of(v, s->rows, e->value);
		int64_t record;

		if (row == NULL || !text_equal(verify_blob(row, 2), key)) {
			verify_entry_blame(v, s, e->block, e->at);
			continue;
		}
		record = sqlite3_column_int64(row, 1);
		s->order = record > s->order ? record : s->order;
		verify_see(s->rows, e->value);
	}
	s->entry_count = 0;
}

static void verify_block(struct verify *v, struct verify_segment *s, int64_t block,
	struct text keys)
{
	struct keyset_key last = { { 0 } };
	char row[2 * VERIFY_SEGMENT_ROW];

	for (size_t at = 0; at + KEYSET_ENTRY_SIZE <= keys.size; at += KEYSET_ENTRY_SIZE) {
		const uint8_t *bytes = (const uint8_t *)keys.bytes + at;
		struct verify_entry *e = &s->entries[s->entry_count];

		e->value = (int64_t)keyset_segment_number(bytes + KEYSET_KEY_SIZE);
		e->block = block;
		e->at = at / KEYSET_ENTRY_SIZE;
		memcpy(e->key.bytes, bytes, sizeof(e->key.bytes));
		keyset_segment_add(&s->segment, &e->key);
		if (memcmp(e->key.bytes, last.bytes, sizeof(last.bytes)) < 0 ||
			(int64_t)keyset_segment_block(&s->segment, &e->key) != block) {
			verify_entry_blame(v, s, block, e->at);
		} else if (++s->entry_count == VERIFY_ENTRIES_MAX) {
			verify_entries(v, s);
		}
		memcpy(last.bytes, bytes, sizeof(last.bytes));
	}
	if (keys.size % KEYSET_ENTRY_SIZE != 0) {
		(void)snprintf(row, sizeof(row), "%s/%" PRId64, s->row, block);
		verify_fault(v, "keyset", row, "column keys: it has another size");
	}
}

/* The segment the statement stands on: number, covered, filter. */
static void verify_segment(struct verify *v, struct verify_rows *rows, sqlite3_stmt *segment)
{
	const struct verify_set *set = rows->set;
	struct text filter = verify_blob(segment, 2);
	struct verify_segment s = { .rows = rows };
	sqlite3_stmt *blocks = NULL;

	s.segment.number = sqlite3_column_int64(segment, 0);
	(void)snprintf(s.row, sizeof(s.row), "%d/%" PRId64, set->name, s.segment.number);
	if (filter.size == 0 || filter.size % KEYSET_BLOCK_SIZE != 0 ||
		!verify_prepare(v, SQL_KEYSET_BLOCKS, &blocks)) {
		verify_fault(v, "keyset_segment", s.row, "column filter: it has another size");
		return;
	}
	s.segment.block_count = filter.size / KEYSET_BLOCK_SIZE;
	s.segment.filter = mem_new(s.segment.block_count, KEYSET_BLOCK_SIZE);
	s.entries = mem_new(VERIFY_ENTRIES_MAX, sizeof(*s.entries));
	(void)sqlite3_bind_int(blocks, 1, set->name);
	(void)sqlite3_bind_int64(blocks, 2, s.segment.number);
	while (sqlite3_step(blocks) == SQLITE_ROW) {
		verify_block(v, &s, sqlite3_column_int64(blocks, 0), verify_blob(blocks, 1));
	}
	(void)sqlite3_finalize(blocks);
	verify_entries(v, &s);
	if (memcmp(s.segment.filter, filter.bytes, filter.size) != 0) {
		verify_fault(v, "keyset_segment", s.row, "column filter: it is not of its keys");
	}
	if (sqlite3_column_int64(segment, 1) != s.order - 1) {
		verify_fault(v, "keyset_segment", s.row,
			"column covered: found %" PRId64 ", expected %" PRId64,
			(int64_t)sqlite3_column_int64(segment, 1), s.order - 1);
	}
	free(s.segment.filter);
	free(s.entries);
}

/* Each row that is covered is found by its key: it had its entry, or a later row has. */
static void verify_covered(struct verify *v, struct verify_rows *rows, struct keyset *keys)
{
	const struct verify_set *set = rows->set;
	sqlite3_stmt *row = rows->cursor.rows;
	struct err err = { 0 };

	(void)sqlite3_reset(row);
	(void)sqlite3_bind_int64(row, 1, INT64_MIN);
	while (keyset_covered(keys) > 0 && sqlite3_step(row) == SQLITE_ROW &&
		sqlite3_column_int64(row, 1) <= keyset_covered(keys)) {
		struct text key = verify_blob(row, 2);
		int64_t number = sqlite3_column_int64(row, 0);
		struct keyset_key wanted;
		int64_t value = -1;
		char name[VERIFY_SEGMENT_ROW];

		if (key.size != sizeof(wanted.bytes) || verify_is_seen(rows, number)) {
			continue;
		}
		memcpy(wanted.bytes, key.bytes, sizeof(wanted.bytes));
		if (keyset_find(keys, &wanted, &value, &err) != KEYSET_FOUND || value < number ||
			(!set->latest && value != number)) {
			(void)snprintf(name, sizeof(name), "of set %d", set->name);
			verify_fault(v, "keyset", name,
				"the key of table %s, row %" PRId64 " is missing",
				shape_of(set->table)->table, number);
		}
	}
}

static void verify_set(struct verify *v, const struct verify_set *set)
{
	struct verify_rows rows = { .set = set, .seen_max = (int64_t)derive_size(v->derive) };
	sqlite3_stmt *segments = NULL;
	struct keyset *keys = NULL;
	struct err err = { 0 };

	if (!verify_prepare(v, SQL_KEYSET_SELECT_SEGMENTS, &segments) ||
		!verify_prepare(v, set->rows, &rows.cursor.rows)) {
		(void)sqlite3_finalize(segments);
		return;
	}
	rows.seen = mem_new((size_t)rows.seen_max / 8 + 1, 1);
	(void)sqlite3_bind_int(segments, 1, set->name);
	while (sqlite3_step(segments) == SQLITE_ROW) {
		verify_segment(v, &rows, segments);
	}
	(void)sqlite3_finalize(segments);
	if (keyset_open(v->store, set->name, VERIFY_WINDOW, &keys, &err)) {
		verify_covered(v, &rows, keys);
	} else {
		verify_fault(v, "keyset_segment", "of a set", "%s", err.message);
	}
	keyset_close(&keys);
	(void)sqlite3_finalize(rows.cursor.rows);
	free(rows.seen);
}

void verify_keys(struct verify *v)
{
	sqlite3_stmt *strays = NULL;

	for (size_t i = 0; i < verify_set_count; i++) {
		verify_set(v, &verify_sets[i]);
	}
	if (!verify_prepare(v, SQL_KEYSET_STRAYS, &strays)) {
		return;
	}
	(void)sqlite3_bind_int(strays, 1, (int)verify_set_count);
	while (sqlite3_step(strays) == SQLITE_ROW) {
		char row[VERIFY_SEGMENT_ROW];

		(void)snprintf(row, sizeof(row), "%d/%" PRId64 "/%" PRId64,
			sqlite3_column_int(strays, 0), (int64_t)sqlite3_column_int64(strays, 1),
			(int64_t)sqlite3_column_int64(strays, 2));
		verify_fault(v, sqlite3_column_int64(strays, 2) < 0 ? "keyset_segment" : "keyset",
			row, "it is of no segment, or of no set");
	}
	if (sqlite3_finalize(strays) != SQLITE_OK) {
		verify_fail(v, "look for keys of no segment");
	}
}
