/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keyset_segment - how keys lie on disk: blocks of ascending entries, each with a line of the
 * filter.
 */
#ifndef ALYM_LEDGER_KEYSET_SEGMENT_H
#define ALYM_LEDGER_KEYSET_SEGMENT_H

#include <stddef.h>

#include "ledger/keyset.h"

enum {
	KEYSET_BLOCK_SIZE = 64,                  /* in the filter */
	KEYSET_ENTRY_SIZE = KEYSET_KEY_SIZE + 8, /* of a key and its value in a row */
};

struct keyset_segment {
	int64_t number;
	uint8_t *filter;
	size_t block_count;
};

/* Eight bytes, the most significant first. */
uint64_t keyset_segment_number(const uint8_t *bytes);

/* The block a key lies in; grows with the key. */
size_t keyset_segment_block(const struct keyset_segment *segment, const struct keyset_key *key);

void keyset_segment_add(struct keyset_segment *segment, const struct keyset_key *key);

/* False: the key is not in the segment.  True: it may be. */
bool keyset_segment_passes(const struct keyset_segment *segment, const struct keyset_key *key);

#endif
