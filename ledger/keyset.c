/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/keyset.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/keyset_segment.h"
#include "ledger/keytable.h"
#include "ledger/sql.h" /* generated from ledger/sql/ */

/*
 * A segment is made of blocks of about 32 keys, told by a key's first bytes, so that a spill in
 * ascending order fills them one after another.  Each block has one row of keys and one cache line
 * of the filter, where seven times nine bits of the key's last bytes tell the bits.
 */
enum {
	KEYSET_BLOCK_KEYS = 32, /* on average: 16 bits a key */
	KEYSET_WINDOW_MIN = 4,
};

#define KEYSET_WINDOW_MAX (INT64_C(1) << 30)
#define KEYSET_ROW_MAX    ((size_t)1 << 28)

struct keyset {
	sqlite3 *db;
	sqlite3_stmt *select;
	sqlite3_stmt *clear;
	sqlite3_stmt *insert;
	sqlite3_stmt *insert_segment;
	int name;
	size_t half;

	struct keytable *young;
	int64_t young_order; /* of the last key put */
	size_t put_count;    /* since the last call of keyset_spill() */

	struct keytable *old; /* frozen; NULL before the first spill */
	int64_t old_order;
	bool spilling;               /* some of `old` is still to be written ... */
	size_t cursor;               /* ... from here on ... */
	struct keyset_segment spill; /* ... as this segment */
	struct buffer row;           /* the keys of the block being written */

	struct keyset_segment *segments; /* complete ones, the oldest first */
	size_t segment_count;
	size_t segment_capacity;
	int64_t covered;
};

static bool keyset_explain(const struct keyset *set, const char *doing, struct err *err)
{
	assert(set != NULL);
	assert(doing != NULL);

	return err_set(err, ERR_DATABASE, "%s: %s", doing, sqlite3_errmsg(set->db));
}

/* ---- opening ---- */

static void keyset_add_segment(struct keyset *set, const struct keyset_segment *segment)
{
	assert(set->segment_count < KEYSET_SEGMENTS_MAX);
	assert(set->segment_count == 0 ||
		set->segments[set->segment_count - 1].number < segment->number);

	if (set->segment_count == set->segment_capacity) {
		set->segment_capacity = set->segment_capacity > 0 ? 2 * set->segment_capacity : 16;
		set->segments =
			mem_grow(set->segments, set->segment_capacity, sizeof(*set->segments));
	}
	set->segments[set->segment_count++] = *segment;
}

/* The row the statement stands on. */
static bool keyset_read_segment(struct keyset *set, sqlite3_stmt *row, struct err *err)
{
	int size = sqlite3_column_bytes(row, 2);
	const void *filter = sqlite3_column_blob(row, 2);
	struct keyset_segment segment = { .number = sqlite3_column_int64(row, 0) };
	int64_t covered = sqlite3_column_int64(row, 1);

	assert(set != NULL);
	assert(sqlite3_column_count(row) == 3);

	if (filter == NULL || size <= 0 || size % KEYSET_BLOCK_SIZE != 0 || segment.number <= 0 ||
		covered < set->covered) {
		return err_set(err, ERR_DATABASE,
			"the book is damaged: table keyset_segment, row %" PRId64
			" of set %d: is not what it must be",
			segment.number, set->name);
	}
	if (set->segment_count == KEYSET_SEGMENTS_MAX) {
		return err_set(err, ERR_LIMIT, "read the keys' filters: more than %d",
			KEYSET_SEGMENTS_MAX);
	}
	segment.filter = mem_copy(filter, (size_t)size);
	segment.block_count = (size_t)size / KEYSET_BLOCK_SIZE;
	set->covered = covered;
	keyset_add_segment(set, &segment);
	return true;
}

static bool keyset_prepare(struct keyset *set, const char *sql, sqlite3_stmt **statement,
	struct err *err)
{
	assert(sql != NULL);
	assert(*statement == NULL);

	if (sqlite3_prepare_v3(set->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
		SQLITE_OK) {
		return keyset_explain(set, "prepare the keys' statements", err);
	}
	return true;
}

static bool keyset_read_segments(struct keyset *set, struct err *err)
{
	sqlite3_stmt *rows = NULL;
	bool ok = false;
	int rc;

	assert(set != NULL);
	assert(set->segment_count == 0);

	if (!keyset_prepare(set, sql_keyset_select_segments, &rows, err)) {
		goto out;
	}
	if (sqlite3_bind_int(rows, 1, set->name) != SQLITE_OK) {
		(void)keyset_explain(set, "read the keys' filters", err);
		goto out;
	}
	while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
		if (!keyset_read_segment(set, rows, err)) {
			goto out;
		}
	}
	if (rc != SQLITE_DONE) {
		(void)keyset_explain(set, "read the keys' filters", err);
		goto out;
	}
	ok = true;
out:
	(void)sqlite3_finalize(rows);
	return ok;
}

bool keyset_open(sqlite3 *db, int name, int64_t window, struct keyset **set, struct err *err)
{
	struct keyset *s = mem_new(1, sizeof(*s));
	bool ok = false;

	assert(db != NULL);
	assert(window >= KEYSET_WINDOW_MIN);
	assert(window <= KEYSET_WINDOW_MAX);
	assert(set != NULL);
	assert(*set == NULL);

	s->db = db;
	s->name = name;
	s->half = (size_t)window / 2;
	buffer_init(&s->row, KEYSET_ROW_MAX);
	s->young = keytable_new(s->half);
	if (!keyset_prepare(s, sql_keyset_select, &s->select, err) ||
		!keyset_prepare(s, sql_keyset_delete, &s->clear, err) ||
		!keyset_prepare(s, sql_keyset_insert, &s->insert, err) ||
		!keyset_prepare(s, sql_keyset_insert_segment, &s->insert_segment, err) ||
		!keyset_read_segments(s, err)) {
		goto out;
	}
	s->young_order = s->covered;
	*set = s;
	s = NULL; /* the caller's now */
	ok = true;
out:
	keyset_close(&s);
	return ok;
}

void keyset_close(struct keyset **set)
{
	struct keyset *s;

	assert(set != NULL);

	s = *set;
	*set = NULL;
	if (s == NULL) {
		return;
	}
	(void)sqlite3_finalize(s->select);
	(void)sqlite3_finalize(s->clear);
	(void)sqlite3_finalize(s->insert);
	(void)sqlite3_finalize(s->insert_segment);
	keytable_free(&s->young);
	keytable_free(&s->old);
	for (size_t i = 0; i < s->segment_count; i++) {
		free(s->segments[i].filter);
	}
	free(s->segments);
	free(s->spill.filter);
	buffer_done(&s->row);
	free(s);
}

int64_t keyset_covered(const struct keyset *set)
{
	assert(set != NULL);
	assert(set->covered >= 0);

	return set->covered;
}

/* ---- finding and putting ---- */

/* The value of the key among the entries of its block, or -1. */
static int64_t keyset_search(struct text row, const struct keyset_key *key)
{
	int64_t value = -1;

	assert(row.bytes != NULL || row.size == 0);
	assert(row.size % KEYSET_ENTRY_SIZE == 0);

	for (size_t at = 0; at < row.size; at += KEYSET_ENTRY_SIZE) {
		if (memcmp(row.bytes + at, key->bytes, KEYSET_KEY_SIZE) == 0) {
			const char *bytes = row.bytes + at + KEYSET_KEY_SIZE;

			value = (int64_t)keyset_segment_number((const uint8_t *)bytes);
			break;
		}
	}
	return value;
}

static bool keyset_bind_block(sqlite3_stmt *statement, const struct keyset *set,
	const struct keyset_segment *segment, size_t block)
{
	assert(segment->number > 0);
	assert(block < segment->block_count);

	return sqlite3_bind_int(statement, 1, set->name) == SQLITE_OK &&
	       sqlite3_bind_int64(statement, 2, segment->number) == SQLITE_OK &&
	       sqlite3_bind_int64(statement, 3, (int64_t)block) == SQLITE_OK;
}

static enum keyset_result keyset_ask(struct keyset *set, const struct keyset_segment *segment,
	const struct keyset_key *key, int64_t *value, struct err *err)
{
	enum keyset_result result = KEYSET_FAILED;
	struct text row = TEXT("");
	int64_t found;
	int rc = SQLITE_ERROR;

	assert(segment->number > 0);
	assert(value != NULL);

	if (keyset_bind_block(set->select, set, segment, keyset_segment_block(segment, key))) {
		rc = sqlite3_step(set->select);
	}
	if (rc == SQLITE_ROW) {
		row.bytes = sqlite3_column_blob(set->select, 0);
		row.size = (size_t)sqlite3_column_bytes(set->select, 0);
	}
	if (rc == SQLITE_ROW && row.size % KEYSET_ENTRY_SIZE != 0) {
		(void)err_set(err, ERR_DATABASE,
			"the book is damaged: table keyset, segment %" PRId64
			" of set %d: a block has another size",
			segment->number, set->name);
	} else if (rc == SQLITE_ROW) {
		found = keyset_search(row, key);
		result = found >= 0 ? KEYSET_FOUND : KEYSET_ABSENT;
		*value = found >= 0 ? found : *value;
	} else if (rc == SQLITE_DONE) {
		result = KEYSET_ABSENT;
	} else {
		(void)keyset_explain(set, "find a key", err);
	}
	/* A statement left un-reset would pin a read transaction open. */
	(void)sqlite3_reset(set->select);
	(void)sqlite3_clear_bindings(set->select);
	return result;
}

enum keyset_result keyset_find(struct keyset *set, const struct keyset_key *key, int64_t *value,
	struct err *err)
{
	assert(set != NULL);
	assert(key != NULL);
	assert(value != NULL);

	if (keytable_find(set->young, key, value) ||
		(set->old != NULL && keytable_find(set->old, key, value))) {
		return KEYSET_FOUND;
	}
	for (size_t i = set->segment_count; i > 0; i--) {
		const struct keyset_segment *segment = &set->segments[i - 1];

		if (keyset_segment_passes(segment, key)) {
			enum keyset_result result = keyset_ask(set, segment, key, value, err);

			if (result != KEYSET_ABSENT) {
				return result;
			}
		}
	}
	return KEYSET_ABSENT;
}

void keyset_put(struct keyset *set, const struct keyset_key *key, int64_t value, int64_t order)
{
	assert(set != NULL);
	assert(key != NULL);
	assert(order > 0);
	assert(order >= set->young_order);

	keytable_put(set->young, key, value);
	set->young_order = order;
	set->put_count++;
}

/* ---- spilling ---- */

/* The young half becomes the old one; what was old is in a segment since the last spill ended. */
static void keyset_freeze(struct keyset *set)
{
	size_t count = keytable_count(set->young);
	int64_t last = 0;

	assert(!set->spilling);
	assert(count > 0);

	if (set->segment_count > 0) {
		last = set->segments[set->segment_count - 1].number;
	}
	keytable_free(&set->old);
	set->old = set->young;
	set->old_order = set->young_order;
	set->young = keytable_new(set->half);
	set->cursor = 0;
	set->spill.number = last + 1;
	set->spill.block_count = (count + KEYSET_BLOCK_KEYS - 1) / KEYSET_BLOCK_KEYS;
	set->spill.filter = mem_new(set->spill.block_count, KEYSET_BLOCK_SIZE);
	set->spilling = true;
}

/* A spill that died may have left rows of this number behind. */
static bool keyset_clear(struct keyset *set)
{
	bool ok;

	assert(set->spilling);
	assert(set->spill.number > 0);

	ok = sqlite3_bind_int(set->clear, 1, set->name) == SQLITE_OK &&
	     sqlite3_bind_int64(set->clear, 2, set->spill.number) == SQLITE_OK &&
	     sqlite3_step(set->clear) == SQLITE_DONE;
	(void)sqlite3_reset(set->clear);
	return ok;
}

static void keyset_add_entry(struct keyset *set, const struct keyset_key *key, int64_t value)
{
	uint8_t entry[KEYSET_ENTRY_SIZE];

	assert(set->spilling);
	assert(value >= 0);

	memcpy(entry, key->bytes, KEYSET_KEY_SIZE);
	for (size_t i = 0; i < 8; i++) {
		entry[KEYSET_KEY_SIZE + i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
	}
	buffer_add(&set->row, (struct text){ (const char *)entry, sizeof(entry) });
	keyset_segment_add(&set->spill, key);
}

/* Writes the next block that has keys; *count is how many, 0 at the end of the frozen half. */
static bool keyset_write_block(struct keyset *set, size_t *count)
{
	size_t cursor = set->cursor;
	size_t block = 0;
	struct keyset_key key;
	int64_t value;
	bool ok;

	assert(set->spilling);
	assert(count != NULL);

	buffer_reset(&set->row);
	while (keytable_next(set->old, &cursor, &key, &value)) {
		size_t of_key = keyset_segment_block(&set->spill, &key);

		if (set->row.size > 0 && of_key != block) {
			break;
		}
		block = of_key;
		keyset_add_entry(set, &key, value);
		set->cursor = cursor;
	}
	*count = set->row.size / KEYSET_ENTRY_SIZE;
	if (*count == 0) {
		return true;
	}
	ok = !set->row.overflowed && keyset_bind_block(set->insert, set, &set->spill, block) &&
	     sqlite3_bind_blob64(set->insert, 4, set->row.bytes, set->row.size, SQLITE_STATIC) ==
		     SQLITE_OK &&
	     sqlite3_step(set->insert) == SQLITE_DONE;
	(void)sqlite3_reset(set->insert);
	(void)sqlite3_clear_bindings(set->insert);
	return ok;
}

/*
 * The last key written may share its record with one that is young, so that record is not covered:
 * its keys are put once more after a start, which does no harm.
 */
static bool keyset_complete(struct keyset *set)
{
	int64_t covered = set->old_order - 1;
	size_t size = set->spill.block_count * KEYSET_BLOCK_SIZE;
	bool ok;

	assert(set->spilling);
	assert(covered >= set->covered);

	ok = sqlite3_bind_int(set->insert_segment, 1, set->name) == SQLITE_OK &&
	     sqlite3_bind_int64(set->insert_segment, 2, set->spill.number) == SQLITE_OK &&
	     sqlite3_bind_int64(set->insert_segment, 3, covered) == SQLITE_OK &&
	     sqlite3_bind_blob64(set->insert_segment, 4, set->spill.filter, size, SQLITE_STATIC) ==
		     SQLITE_OK &&
	     sqlite3_step(set->insert_segment) == SQLITE_DONE;
	(void)sqlite3_reset(set->insert_segment);
	(void)sqlite3_clear_bindings(set->insert_segment);
	if (!ok) {
		return false;
	}
	keyset_add_segment(set, &set->spill);
	set->spill = (struct keyset_segment){ 0 }; /* the filter is among the segments now */
	set->spilling = false;
	set->covered = covered;
	return true;
}

/* Begins a spill where half the window is new and none is under way. */
static bool keyset_begin(struct keyset *set, struct err *err)
{
	assert(set != NULL);

	if (set->spilling || keytable_count(set->young) < set->half) {
		return true;
	}
	if (set->segment_count == KEYSET_SEGMENTS_MAX) {
		return err_set(err, ERR_LIMIT, "spill keys: more than %d segments",
			KEYSET_SEGMENTS_MAX);
	}
	keyset_freeze(set);
	return keyset_clear(set) || keyset_explain(set, "spill keys", err);
}

bool keyset_spill(struct keyset *set, struct err *err)
{
	size_t slice;
	size_t written = 0;
	size_t count = 0;

	assert(set != NULL);

	slice = 2 * set->put_count > KEYSET_SLICE ? 2 * set->put_count : KEYSET_SLICE;
	set->put_count = 0;
	if (!keyset_begin(set, err)) {
		return false;
	}
	while (set->spilling && written < slice) {
		if (!keyset_write_block(set, &count) || (count == 0 && !keyset_complete(set))) {
			return keyset_explain(set, "spill keys", err);
		}
		written += count;
	}
	return true;
}
