/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/rate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	RATE_UNIT = 1000, /* one that came; `per_second` of them leak in a millisecond */
	RATE_BURST_MS = RATE_BURST_S * 1000,
	RATE_WAYS = 8,
	RATE_SETS = RATE_ADDRESSES_MAX / RATE_WAYS,
	RATE_HOUSEHOLD_SIZE = 8, /* bytes of a /64 */
};

_Static_assert((int64_t)RATE_PER_SECOND_MAX *RATE_BURST_MS < INT64_MAX / 2, "no product overflows");
_Static_assert(RATE_SETS *RATE_WAYS == RATE_ADDRESSES_MAX, "the sets are all there is");

struct rate_place {
	uint8_t address[NETWORK_ADDRESS_SIZE];
	struct rate rate;
};

struct rate_table {
	uint64_t seed;
	struct rate_place places[RATE_SETS][RATE_WAYS];
};

static void rate_leak(struct rate *rate, int64_t per_second, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - rate->at_ms;

	assert(per_second > 0 && per_second <= RATE_PER_SECOND_MAX);
	assert(elapsed_ms >= 0);

	if (elapsed_ms >= RATE_BURST_MS || elapsed_ms * per_second >= rate->filled) {
		rate->filled = 0;
	} else {
		rate->filled -= elapsed_ms * per_second;
	}
	rate->at_ms = now_ms;
}

bool rate_take(struct rate *rate, int64_t per_second, int64_t now_ms)
{
	assert(rate != NULL);
	assert(per_second >= 0);

	if (per_second == 0) {
		return true;
	}
	rate_leak(rate, per_second, now_ms);
	if (rate->filled + RATE_UNIT > per_second * RATE_BURST_S * RATE_UNIT) {
		return false;
	}
	rate->filled += RATE_UNIT;
	return true;
}

/* ---- by address ---- */

struct rate_table *rate_table_new(uint64_t seed)
{
	struct rate_table *table = mem_new(1, sizeof(*table));

	table->seed = seed;
	return table;
}

void rate_table_free(struct rate_table **table)
{
	assert(table != NULL);

	free(*table);
	*table = NULL;
}

static struct rate_place *rate_set(struct rate_table *table,
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
	return table->places[hash % RATE_SETS];
}

bool rate_table_take(struct rate_table *table, const uint8_t address[NETWORK_ADDRESS_SIZE],
	int64_t per_second, int64_t now_ms)
{
	uint8_t key[NETWORK_ADDRESS_SIZE];
	struct rate_place *set;
	struct rate_place *place;

	assert(table != NULL);
	assert(per_second >= 0);

	if (per_second == 0) {
		return true;
	}
	memcpy(key, address, sizeof(key));
	if (!network_is_v4(key)) {
		memset(key + RATE_HOUSEHOLD_SIZE, 0, sizeof(key) - RATE_HOUSEHOLD_SIZE);
	}
	set = rate_set(table, key);
	place = &set[0];
	for (size_t i = 0; i < RATE_WAYS; i++) {
		if (memcmp(set[i].address, key, sizeof(key)) == 0) {
			return rate_take(&set[i].rate, per_second, now_ms);
		}
		rate_leak(&set[i].rate, per_second, now_ms);
		place = set[i].rate.filled < place->rate.filled ? &set[i] : place;
	}
	memcpy(place->address, key, sizeof(key));
	place->rate = (struct rate){ 0 };
	return rate_take(&place->rate, per_second, now_ms);
}
