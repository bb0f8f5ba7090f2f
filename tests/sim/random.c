/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/random.h"

#include <assert.h>
#include <string.h>

uint64_t random_next(struct random *r)
{
	uint64_t z;

	assert(r != NULL);

	r->state += UINT64_C(0x9e3779b97f4a7c15);
	z = r->state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t random_below(struct random *r, uint64_t below)
{
	assert(below > 0);

	return random_next(r) % below;
}

bool random_chance(struct random *r, unsigned per_mille)
{
	assert(per_mille <= 1000);

	return random_below(r, 1000) < per_mille;
}

void random_fill(struct random *r, void *bytes, size_t size)
{
	unsigned char *out = bytes;

	assert(out != NULL);

	for (size_t i = 0; i < size; i++) {
		out[i] = (unsigned char)random_next(r);
	}
}
