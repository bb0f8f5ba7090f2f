/* SPDX-License-Identifier: Apache-2.0 */

/* random - a small generator (splitmix64) whose whole state is one number: what a seed names,
 * replays. */
#ifndef ALYM_TESTS_SIM_RANDOM_H
#define ALYM_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);

/* 0..below-1; below > 0. */
uint64_t random_below(struct random *r, uint64_t below);

/* True `per_mille` times in a thousand. */
bool random_chance(struct random *r, unsigned per_mille);

void random_fill(struct random *r, void *bytes, size_t size);

#endif
