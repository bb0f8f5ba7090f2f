/* SPDX-License-Identifier: Apache-2.0 */

/* latency - how long each of many things took, and which share was faster than what. */
#ifndef ALYM_TESTS_BENCH_LATENCY_H
#define ALYM_TESTS_BENCH_LATENCY_H

#include <stddef.h>
#include <stdint.h>

struct latency {
	uint32_t *samples_us;
	size_t count;
	size_t capacity;
};

void latency_init(struct latency *latency);
void latency_done(struct latency *latency);

void latency_add(struct latency *latency, int64_t ns);

/* After the last latency_add(): makes the following answer. */
void latency_sort(struct latency *latency);

/* Microseconds that `per_mille` of all needed at most; 1000: the slowest.  0 when there are none.
 */
uint32_t latency_at(const struct latency *latency, unsigned per_mille);
uint32_t latency_mean(const struct latency *latency);

#endif
