/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/keyset_segment.h"

#include <assert.h>

enum { KEYSET_BLOCK_PROBES = 7, KEYSET_PROBE_BITS = 9 };

#define KEYSET_BLOCK_BITS UINT64_C(512)

_Static_assert(KEYSET_BLOCK_BITS / 8 == KEYSET_BLOCK_SIZE, "a block of bytes");
_Static_assert(UINT64_C(1) << KEYSET_PROBE_BITS == KEYSET_BLOCK_BITS,
	"a probe is a bit of the block");
_Static_assert(KEYSET_BLOCK_PROBES *KEYSET_PROBE_BITS <= 64, "the last eight bytes tell them all");

uint64_t keyset_segment_number(const uint8_t *bytes)
{
	uint64_t value = 0;

	assert(bytes != NULL);

	for (int i = 0; i < 8; i++) {
		value = value << 8 | bytes[i];
	}
	return value;
}

size_t keyset_segment_block(const struct keyset_segment *segment, const struct keyset_key *key)
{
	uint64_t rank = keyset_segment_number(key->bytes) >> 32;

	assert(segment->block_count > 0);
	assert(segment->block_count <= UINT32_MAX);

	return (size_t)(rank * segment->block_count >> 32);
}

void keyset_segment_add(struct keyset_segment *segment, const struct keyset_key *key)
{
	uint8_t *block = segment->filter + KEYSET_BLOCK_SIZE * keyset_segment_block(segment, key);
	uint64_t bits = keyset_segment_number(key->bytes + 8);

	assert(block >= segment->filter);

	for (int i = 0; i < KEYSET_BLOCK_PROBES; i++) {
		block[bits % KEYSET_BLOCK_BITS / 8] |= (uint8_t)(1U << bits % 8);
		bits >>= KEYSET_PROBE_BITS;
	}
}

bool keyset_segment_passes(const struct keyset_segment *segment, const struct keyset_key *key)
{
	const uint8_t *block =
		segment->filter + KEYSET_BLOCK_SIZE * keyset_segment_block(segment, key);
	uint64_t bits = keyset_segment_number(key->bytes + 8);

	assert(block >= segment->filter);

	for (int i = 0; i < KEYSET_BLOCK_PROBES; i++) {
		if ((block[bits % KEYSET_BLOCK_BITS / 8] >> bits % 8 & 1) == 0) {
			return false;
		}
		bits >>= KEYSET_PROBE_BITS;
	}
	return true;
}
