/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The sorted segments of keys: each entry is of a row that has the key, each such row has its
 * entry, each segment's filter and end are those of its keys.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/keyset_segment.h"
#include "ledger/verify_parts.h"

enum { VERIFY_WINDOW = 4, VERIFY_SEGMENT_ROW = 64 };

const struct verify_set verify_sets[] = {
	{ 1, SHAPE_REQUEST, 0, 3, false },
	{ 2, SHAPE_PAYMENT, 1, 6, true },
	{ 3, SHAPE_ENTRY, 1, 7, false },
	{ 4, SHAPE_PAYMENT, 1, 8, false },
};

const size_t verify_set_count = sizeof(verify_sets) / sizeof(*verify_sets);

struct verify_segment {
	const struct verify_set *set;
	struct keyset_segment segment;
	int64_t order; /* the last record of its keys */
	char row[VERIFY_SEGMENT_ROW];
};

static struct text verify_blob(sqlite3_stmt *row, int column)
{
	return (struct text){ sqlite3_column_blob(row, column),
		(size_t)sqlite3_column_bytes(row, column) };
}

/* One entry is of a row that has its key. */
static bool verify_entry(struct verify *v, struct verify_segment *s, const struct keyset_key *key,
	int64_t value)
{
	const struct shape_cell number = SHAPE_OF_NUMBER(value);
	sqlite3_stmt *row = verify_look(v, s->set->table, &number);
	int64_t record;

	if (row == NULL || !text_equal(verify_blob(row, s->set->key),
				   (struct text){ (const char *)key->bytes, sizeof(key->bytes) })) {
		return false;
	}
	record = sqlite3_column_int64(row, s->set->record);
	s->order = record > s->order ? record : s->order;
	return true;
}

static void verify_block(struct verify *v, struct verify_segment *s, int64_t block,
	struct text keys)
{
	struct keyset_key last = { { 0 } };
	char row[2 * VERIFY_SEGMENT_ROW];

	(void)snprintf(row, sizeof(row), "%s/%" PRId64, s->row, block);
	for (size_t at = 0; at + KEYSET_ENTRY_SIZE <= keys.size; at += KEYSET_ENTRY_SIZE) {
		const uint8_t *entry = (const uint8_t *)keys.bytes + at;
		int64_t value = (int64_t)keyset_segment_number(entry + KEYSET_KEY_SIZE);
		struct keyset_key key;

		memcpy(key.bytes, entry, sizeof(key.bytes));
		if (memcmp(key.bytes, last.bytes, sizeof(last.bytes)) < 0 ||
			(int64_t)keyset_segment_block(&s->segment, &key) != block ||
			!verify_entry(v, s, &key, value)) {
			verify_fault(v, "keyset", row,
				"column keys: entry %zu is of no row that has its key, or not in its "
				"place",
				at / KEYSET_ENTRY_SIZE);
		}
		keyset_segment_add(&s->segment, &key);
		last = key;
	}
	if (keys.size % KEYSET_ENTRY_SIZE != 0) {
		verify_fault(v, "keyset", row, "column keys: it has another size");
	}
}

/* The segment the statement stands on: number, covered, filter. */
static void verify_segment(struct verify *v, const struct verify_set *set, sqlite3_stmt *segment)
{
	struct text filter = verify_blob(segment, 2);
	struct verify_segment s = { .set = set };
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
	(void)sqlite3_bind_int(blocks, 1, set->name);
	(void)sqlite3_bind_int64(blocks, 2, s.segment.number);
	while (sqlite3_step(blocks) == SQLITE_ROW) {
		verify_block(v, &s, sqlite3_column_int64(blocks, 0), verify_blob(blocks, 1));
	}
	(void)sqlite3_finalize(blocks);
	if (memcmp(s.segment.filter, filter.bytes, filter.size) != 0) {
		verify_fault(v, "keyset_segment", s.row, "column filter: it is not of its keys");
	}
	if (sqlite3_column_int64(segment, 1) != s.order - 1) {
		verify_fault(v, "keyset_segment", s.row,
			"column covered: found %" PRId64 ", expected %" PRId64,
			(int64_t)sqlite3_column_int64(segment, 1), s.order - 1);
	}
	free(s.segment.filter);
}

/* Each row that is covered is found by its key. */
static void verify_covered(struct verify *v, const struct verify_set *set, struct keyset *keys)
{
	const struct shape *shape = shape_of(set->table);
	sqlite3_stmt *row = NULL;
	struct err err = { 0 };

	if (keyset_covered(keys) == 0 || !verify_prepare(v, shape->row, &row)) {
		return;
	}
	(void)sqlite3_bind_int64(row, 1, INT64_MIN);
	while (sqlite3_step(row) == SQLITE_ROW &&
		sqlite3_column_int64(row, set->record) <= keyset_covered(keys)) {
		struct text key = verify_blob(row, set->key);
		int64_t number = sqlite3_column_int64(row, 0);
		struct keyset_key wanted;
		int64_t value = -1;
		char name[VERIFY_SEGMENT_ROW];

		if (key.size != sizeof(wanted.bytes)) {
			continue;
		}
		memcpy(wanted.bytes, key.bytes, sizeof(wanted.bytes));
		if (keyset_find(keys, &wanted, &value, &err) != KEYSET_FOUND || value < number ||
			(!set->latest && value != number)) {
			(void)snprintf(name, sizeof(name), "of set %d", set->name);
			verify_fault(v, "keyset", name,
				"the key of table %s, row %" PRId64 " is missing", shape->table,
				number);
		}
	}
	(void)sqlite3_finalize(row);
}

static void verify_set(struct verify *v, const struct verify_set *set)
{
	sqlite3_stmt *segments = NULL;
	struct keyset *keys = NULL;
	struct err err = { 0 };

	if (!verify_prepare(v, SQL_KEYSET_SELECT_SEGMENTS, &segments)) {
		return;
	}
	(void)sqlite3_bind_int(segments, 1, set->name);
	while (sqlite3_step(segments) == SQLITE_ROW) {
		verify_segment(v, set, segments);
	}
	(void)sqlite3_finalize(segments);
	if (keyset_open(v->store, set->name, VERIFY_WINDOW, &keys, &err)) {
		verify_covered(v, set, keys);
	} else {
		verify_fault(v, "keyset_segment", "of a set", "%s", err.message);
	}
	keyset_close(&keys);
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
	(void)sqlite3_finalize(strays);
}
