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
	struct store *store;
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

/* False, with the store's error, when it has failed. */
static bool keyset_is_well(const struct keyset *set, struct err *err)
{
	assert(set != NULL);

	if (store_failed(set->store)) {
		store_explain(set->store, err);
		return false;
	}
	return true;
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

/* The row the store stands on. */
static bool keyset_read_segment(struct keyset *set, struct err *err)
{
	struct keyset_segment segment = { .number = store_int(set->store, 0) };
	int64_t covered = store_int(set->store, 1);
	struct text filter = store_text(set->store, 2);
	int64_t last = set->segment_count > 0 ? set->segments[set->segment_count - 1].number : 0;

	assert(set->covered >= 0);

	if (filter.size == 0 || filter.size % KEYSET_BLOCK_SIZE != 0 || segment.number <= last ||
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
	segment.filter = mem_copy(filter.bytes, filter.size);
	segment.block_count = filter.size / KEYSET_BLOCK_SIZE;
	set->covered = covered;
	keyset_add_segment(set, &segment);
	return true;
}

static bool keyset_read_segments(struct keyset *set, struct err *err)
{
	bool ok = true;

	assert(set != NULL);
	assert(set->segment_count == 0);

	store_begin_rows(set->store, SQL_KEYSET_SELECT_SEGMENTS,
		(struct store_value[]){ STORE_OF_INT(set->name) }, 1);
	while (ok && store_row(set->store)) {
		ok = keyset_read_segment(set, err);
	}
	store_end_rows(set->store);
	return ok && keyset_is_well(set, err);
}

bool keyset_open(struct store *store, int name, int64_t window, struct keyset **set,
	struct err *err)
{
	struct keyset *s = mem_new(1, sizeof(*s));
	bool ok = false;

	assert(store != NULL);
	assert(window >= KEYSET_WINDOW_MIN);
	assert(window <= KEYSET_WINDOW_MAX);
	assert(set != NULL);
	assert(*set == NULL);

	s->store = store;
	s->name = name;
	s->half = (size_t)window / 2;
	buffer_init(&s->row, KEYSET_ROW_MAX);
	s->young = keytable_new(s->half);
	ok = keyset_read_segments(s, err);
	if (ok) {
		s->young_order = s->covered;
		*set = s;
		s = NULL; /* the caller's now */
	}
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

static enum keyset_result keyset_ask(struct keyset *set, const struct keyset_segment *segment,
	const struct keyset_key *key, int64_t *value, struct err *err)
{
	enum keyset_result result = KEYSET_ABSENT;

	assert(segment->number > 0);
	assert(value != NULL);

	store_begin_rows(set->store, SQL_KEYSET_SELECT,
		(struct store_value[]){ STORE_OF_INT(set->name), STORE_OF_INT(segment->number),
			STORE_OF_INT((int64_t)keyset_segment_block(segment, key)) },
		3);
	if (store_row(set->store)) {
		struct text row = store_text(set->store, 0);

		if (row.size % KEYSET_ENTRY_SIZE != 0) {
			store_damaged(set->store, "keyset", segment->number,
				"of set %d: a block has another size", set->name);
		} else {
			int64_t found = keyset_search(row, key);

			result = found >= 0 ? KEYSET_FOUND : KEYSET_ABSENT;
			*value = found >= 0 ? found : *value;
		}
	}
	store_end_rows(set->store);
	return keyset_is_well(set, err) ? result : KEYSET_FAILED;
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
static void keyset_clear(struct keyset *set)
{
	assert(set->spilling);
	assert(set->spill.number > 0);

	store_put(set->store, SQL_KEYSET_DELETE,
		(struct store_value[]){ STORE_OF_INT(set->name), STORE_OF_INT(set->spill.number) },
		2);
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

/* Writes the next block that has keys; gives how many, 0 at the end of the frozen half. */
static size_t keyset_write_block(struct keyset *set)
{
	size_t cursor = set->cursor;
	size_t block = 0;
	struct keyset_key key;
	int64_t value;

	assert(set->spilling);

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
	assert(!set->row.overflowed); /* the window is bounded */
	if (set->row.size > 0) {
		store_put(set->store, SQL_KEYSET_INSERT,
			(struct store_value[]){ STORE_OF_INT(set->name),
				STORE_OF_INT(set->spill.number), STORE_OF_INT((int64_t)block),
				STORE_OF_BLOB(set->row.bytes, set->row.size) },
			4);
	}
	return set->row.size / KEYSET_ENTRY_SIZE;
}

/*
 * The last key written may share its record with one that is young, so that record is not covered:
 * its keys are put once more after a start, which does no harm.
 */
static void keyset_complete(struct keyset *set)
{
	int64_t covered = set->old_order - 1;

	assert(set->spilling);
	assert(covered >= set->covered);

	store_put(set->store, SQL_KEYSET_INSERT_SEGMENT,
		(struct store_value[]){ STORE_OF_INT(set->name), STORE_OF_INT(set->spill.number),
			STORE_OF_INT(covered),
			STORE_OF_BLOB(set->spill.filter,
				set->spill.block_count * KEYSET_BLOCK_SIZE) },
		4);
	keyset_add_segment(set, &set->spill);
	set->spill = (struct keyset_segment){ 0 }; /* the filter is among the segments now */
	set->spilling = false;
	set->covered = covered;
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
	keyset_clear(set);
	return true;
}

bool keyset_spill(struct keyset *set, struct err *err)
{
	size_t slice;
	size_t written = 0;

	assert(set != NULL);

	slice = 2 * set->put_count > KEYSET_SLICE ? 2 * set->put_count : KEYSET_SLICE;
	set->put_count = 0;
	if (!keyset_begin(set, err)) {
		return false;
	}
	while (set->spilling && written < slice) {
		size_t count = keyset_write_block(set);

		if (count == 0) {
			keyset_complete(set);
		}
		written += count;
	}
	return keyset_is_well(set, err);
}
