/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/keytable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	KEYTABLE_HOMES_MIN = 8,
	KEYTABLE_TAIL_MIN = 64, /* slots after the last home, for the run that ends there */
	KEYTABLE_TAIL_SHARE = 64,
};

#define KEYTABLE_HOMES_MAX (UINT64_C(1) << 32) /* a home is told by the first 32 bits of a key */

struct keytable_slot {
	struct keyset_key key;
	int64_t stored; /* the value + 1; 0: empty, as new memory is */
};

struct keytable {
	struct keytable_slot *slots;
	size_t home_count;
	size_t slot_count;
	size_t count;
};

static void keytable_make(struct keytable *table, size_t home_count)
{
	assert(table != NULL);
	assert(home_count >= KEYTABLE_HOMES_MIN);
	assert(home_count <= KEYTABLE_HOMES_MAX);

	table->home_count = home_count;
	table->slot_count = home_count + home_count / KEYTABLE_TAIL_SHARE + KEYTABLE_TAIL_MIN;
	table->slots = mem_new_vast(table->slot_count, sizeof(*table->slots));
	table->count = 0;
}

struct keytable *keytable_new(size_t count)
{
	struct keytable *table = mem_new(1, sizeof(*table));
	size_t home_count = count + count / 2;

	assert(home_count >= count);

	keytable_make(table, home_count < KEYTABLE_HOMES_MIN ? KEYTABLE_HOMES_MIN : home_count);
	return table;
}

void keytable_free(struct keytable **table)
{
	struct keytable *t;

	assert(table != NULL);

	t = *table;
	*table = NULL;
	if (t == NULL) {
		return;
	}
	free(t->slots);
	free(t);
}

size_t keytable_count(const struct keytable *table)
{
	assert(table != NULL);
	assert(table->count < table->slot_count);

	return table->count;
}

/* Grows with the key, so that the order of homes is that of keys. */
static size_t keytable_home(const struct keytable *table, const struct keyset_key *key)
{
	uint64_t rank = (uint64_t)key->bytes[0] << 24 | (uint64_t)key->bytes[1] << 16 |
			(uint64_t)key->bytes[2] << 8 | key->bytes[3];
	size_t home = (size_t)(rank * table->home_count >> 32);

	assert(home < table->home_count);
	return home;
}

/* The slot where the key is or would be: the first from its home on that is empty or not below it.
 */
static size_t keytable_seek(const struct keytable *table, const struct keyset_key *key, bool *found)
{
	size_t at = keytable_home(table, key);

	assert(found != NULL);

	*found = false;
	while (at < table->slot_count && table->slots[at].stored != 0) {
		int order = memcmp(table->slots[at].key.bytes, key->bytes, KEYSET_KEY_SIZE);

		if (order >= 0) {
			*found = order == 0;
			break;
		}
		at++;
	}
	return at;
}

/* False when the run of full slots reaches the end of the table: it is to grow first. */
static bool keytable_place(struct keytable *table, const struct keytable_slot *slot)
{
	bool found = false;
	size_t at = keytable_seek(table, &slot->key, &found);
	size_t end = at;

	assert(slot->stored > 0);

	if (found) {
		table->slots[at].stored = slot->stored;
		return true;
	}
	while (end < table->slot_count && table->slots[end].stored != 0) {
		end++;
	}
	if (end == table->slot_count) {
		return false;
	}
	memmove(&table->slots[at + 1], &table->slots[at], (end - at) * sizeof(*table->slots));
	table->slots[at] = *slot;
	table->count++;
	assert(table->count < table->slot_count);
	return true;
}

static bool keytable_place_all(struct keytable *table, const struct keytable *from)
{
	assert(table != NULL);
	assert(from != table);

	for (size_t i = 0; i < from->slot_count; i++) {
		if (from->slots[i].stored != 0 && !keytable_place(table, &from->slots[i])) {
			return false;
		}
	}
	return true;
}

static void keytable_grow(struct keytable *table)
{
	struct keytable old = *table;
	size_t home_count = old.home_count * 2;

	assert(old.slots != NULL);

	keytable_make(table, home_count);
	while (!keytable_place_all(table, &old)) { /* needs keys that agree in their first bits */
		free(table->slots);
		home_count *= 2;
		keytable_make(table, home_count);
	}
	assert(table->count == old.count);
	free(old.slots);
}

void keytable_put(struct keytable *table, const struct keyset_key *key, int64_t value)
{
	struct keytable_slot slot = { .key = *key, .stored = value + 1 };

	assert(table != NULL);
	assert(value >= 0);
	assert(value < INT64_MAX);

	if (table->count >= table->home_count / 8 * 7) {
		keytable_grow(table);
	}
	while (!keytable_place(table, &slot)) {
		keytable_grow(table);
	}
}

bool keytable_find(const struct keytable *table, const struct keyset_key *key, int64_t *value)
{
	bool found = false;
	size_t at;

	assert(key != NULL);
	assert(value != NULL);

	at = keytable_seek(table, key, &found);
	if (found) {
		*value = table->slots[at].stored - 1;
		assert(*value >= 0);
	}
	return found;
}

bool keytable_next(const struct keytable *table, size_t *cursor, struct keyset_key *key,
	int64_t *value)
{
	assert(table != NULL);
	assert(cursor != NULL);

	for (size_t at = *cursor; at < table->slot_count; at++) {
		if (table->slots[at].stored != 0) {
			*cursor = at + 1;
			*key = table->slots[at].key;
			*value = table->slots[at].stored - 1;
			return true;
		}
	}
	*cursor = table->slot_count;
	return false;
}
