/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify_range - what stands in a range of numbers, for the quick level: the hashes of its leaves,
 * or the sums of its entries.
 *
 * One thread's.  The rows are handed to functions of SQL, which see them where they lie in their
 * page; by their numbers, so that they may come in any order.
 */
#ifndef ALYM_LEDGER_VERIFY_RANGE_H
#define ALYM_LEDGER_VERIFY_RANGE_H

#include "ledger/verify_parts.h"

enum { VERIFY_RANGE_ENTRIES = 512 };

/* The records whose leaves have a tile's hashes. */
struct verify_tile {
	int64_t first; /* its number; JOURNAL_TILE_WIDTH of them can be there */
	size_t count;  /* are there */
	size_t checkpoint_count;
	bool there[JOURNAL_TILE_WIDTH];
	bool checkpoints[JOURNAL_TILE_WIDTH];
	struct tree_hash hashes[JOURNAL_TILE_WIDTH];
	struct tree_hash root; /* where all are there */
};

struct verify_range;

/* On the connection of `verify`, where its faults go, and the sums to its derive; it lives as long.
 * NULL: `verify` has failed. */
struct verify_range *verify_range_new(struct verify *verify);
void verify_range_free(struct verify_range **range);

/* Of the tile's first: all the rest of it.  Where some are missing, gives the number of the first
 * record behind it, or 0: there is none; else 1. */
int64_t verify_range_hash(struct verify_range *range, struct verify_tile *tile);

/* VERIFY_RANGE_ENTRIES of them from `first` on, and all that is posted to them.  Gives the next
 * number behind them that is an entry's or posted to; 0: there is none. */
int64_t verify_range_sum(struct verify_range *range, int64_t first);

#endif
