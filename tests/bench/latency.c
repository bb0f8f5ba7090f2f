/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/latency.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { LATENCY_FIRST_COUNT = 65536, LATENCY_NS_PER_US = 1000, LATENCY_WHOLE = 1000 };

void latency_init(struct latency *latency)
{
	*latency = (struct latency){ .samples_us = NULL };
}

void latency_done(struct latency *latency)
{
	free(latency->samples_us);
	latency_init(latency);
}

void latency_add(struct latency *latency, int64_t ns)
{
	int64_t us = ns / LATENCY_NS_PER_US;

	assert(ns >= 0);

	if (latency->count == latency->capacity) {
		latency->capacity =
			latency->capacity == 0 ? LATENCY_FIRST_COUNT : 2 * latency->capacity;
		latency->samples_us = mem_grow(latency->samples_us, latency->capacity,
			sizeof(*latency->samples_us));
	}
	latency->samples_us[latency->count] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	latency->count++;
}

static int latency_compare(const void *a, const void *b)
{
	const uint32_t *first = a;
	const uint32_t *second = b;

	return (*first > *second) - (*first < *second);
}

void latency_sort(struct latency *latency)
{
	if (latency->count > 0) {
		qsort(latency->samples_us, latency->count, sizeof(*latency->samples_us),
			latency_compare);
	}
}

uint32_t latency_at(const struct latency *latency, unsigned per_mille)
{
	size_t place = latency->count * per_mille / LATENCY_WHOLE;

	assert(per_mille <= LATENCY_WHOLE);

	if (latency->count == 0) {
		return 0;
	}
	return latency->samples_us[place < latency->count ? place : latency->count - 1];
}

uint32_t latency_mean(const struct latency *latency)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < latency->count; i++) {
		sum += latency->samples_us[i];
	}
	return latency->count == 0 ? 0 : (uint32_t)(sum / latency->count);
}
