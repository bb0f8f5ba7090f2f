/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/bucket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	BUCKET_UNIT = 1000, /* one that came; `per_second` of them leak in a millisecond */
	BUCKET_BURST_MS = BUCKET_BURST_S * 1000,
	BUCKET_WAYS = 8,
	BUCKET_SETS = BUCKET_ADDRESSES_MAX / BUCKET_WAYS,
	BUCKET_HOUSEHOLD_SIZE = 8, /* bytes of a /64 */
};

_Static_assert((int64_t)BUCKET_PER_SECOND_MAX *BUCKET_BURST_MS < INT64_MAX / 2,
	"no product overflows");
_Static_assert(BUCKET_SETS *BUCKET_WAYS == BUCKET_ADDRESSES_MAX, "the sets are all there is");

struct bucket_place {
	uint8_t address[NETWORK_ADDRESS_SIZE];
	struct bucket bucket;
};

struct bucket_table {
	uint64_t seed;
	struct bucket_place places[BUCKET_SETS][BUCKET_WAYS];
};

static void bucket_leak(struct bucket *bucket, int64_t per_second, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - bucket->at_ms;

	assert(per_second > 0 && per_second <= BUCKET_PER_SECOND_MAX);
	assert(elapsed_ms >= 0);

	if (elapsed_ms >= BUCKET_BURST_MS || elapsed_ms * per_second >= bucket->filled) {
		bucket->filled = 0;
	} else {
		bucket->filled -= elapsed_ms * per_second;
	}
	bucket->at_ms = now_ms;
}

bool bucket_take(struct bucket *bucket, int64_t per_second, int64_t now_ms)
{
	assert(bucket != NULL);
	assert(per_second >= 0);

	if (per_second == 0) {
		return true;
	}
	bucket_leak(bucket, per_second, now_ms);
	if (bucket->filled + BUCKET_UNIT > per_second * BUCKET_BURST_S * BUCKET_UNIT) {
		return false;
	}
	bucket->filled += BUCKET_UNIT;
	return true;
}

/* ---- by address ---- */

struct bucket_table *bucket_table_new(uint64_t seed)
{
	struct bucket_table *table = mem_new(1, sizeof(*table));

	table->seed = seed;
	return table;
}

void bucket_table_free(struct bucket_table **table)
{
	assert(table != NULL);

	free(*table);
	*table = NULL;
}

static struct bucket_place *bucket_set(struct bucket_table *table,
	const uint8_t address[NETWORK_ADDRESS_SIZE])
{
	uint64_t halves[2];
	uint64_t hash = table->seed;

	_Static_assert(sizeof(halves) == NETWORK_ADDRESS_SIZE, "an address is two halves");

	memcpy(halves, address, sizeof(halves));
	for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
		hash = (hash ^ halves[i]) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
	}
	return table->places[hash % BUCKET_SETS];
}

bool bucket_table_take(struct bucket_table *table, const uint8_t address[NETWORK_ADDRESS_SIZE],
	int64_t per_second, int64_t now_ms)
{
	uint8_t key[NETWORK_ADDRESS_SIZE];
	struct bucket_place *set;
	struct bucket_place *place;

	assert(table != NULL);
	assert(per_second > 0);

	memcpy(key, address, sizeof(key));
	if (!network_is_v4(key)) {
		memset(key + BUCKET_HOUSEHOLD_SIZE, 0, sizeof(key) - BUCKET_HOUSEHOLD_SIZE);
	}
	set = bucket_set(table, key);
	place = &set[0];
	for (size_t i = 0; i < BUCKET_WAYS; i++) {
		if (memcmp(set[i].address, key, sizeof(key)) == 0) {
			return bucket_take(&set[i].bucket, per_second, now_ms);
		}
		bucket_leak(&set[i].bucket, per_second, now_ms);
		place = set[i].bucket.filled < place->bucket.filled ? &set[i] : place;
	}
	memcpy(place->address, key, sizeof(key));
	place->bucket = (struct bucket){ 0 };
	return bucket_take(&place->bucket, per_second, now_ms);
}
