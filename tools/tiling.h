/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tiling - a log cut as C2SP tlog-tiles says: names of tiles, and what their hashes come to.
 *
 * Like proof.h it is the doubter's own and shares nothing with the ledger's.  Pure.
 */
#ifndef ALYM_TOOLS_TILING_H
#define ALYM_TOOLS_TILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "tools/proof.h"

enum {
	TILING_WIDTH = 256,
	TILING_HEIGHT = 8, /* 2^8 hashes */
	TILING_LEVELS = 8, /* of a tree of at most 2^63 leaves */
	TILING_PATH_SIZE = 64,
	TILING_ENTRIES = -1, /* the leaves that a tile of level 0 has the hashes of */
	TILING_BUNDLE_MAX = TILING_WIDTH * (2 + UINT16_MAX),
};

struct tiling_tile {
	int level;
	uint64_t number;
	size_t width; /* 1..256; less than that: a partial one */
};

/* "tile/0/x001/067.p/5"; returns `out`. */
const char *tiling_path(const struct tiling_tile *tile, char out[TILING_PATH_SIZE]);

/* How many hashes a level has in a tree of that size. */
uint64_t tiling_hashes(uint64_t size, int level);

/* The root over the 256 hashes of a whole tile: one hash of the level above. */
struct proof_hash tiling_fold(const struct proof_hash hashes[TILING_WIDTH]);

/* The tiles a tree ends with, those that are not whole: of each level the first
 * tiling_hashes() % 256 hashes. */
struct tiling_edge {
	struct proof_hash hashes[TILING_LEVELS][TILING_WIDTH];
};

/* The root of the tree of `size` > 0. */
struct proof_hash tiling_root(const struct tiling_edge *edge, uint64_t size);

/* The hashes of the leaves of a bundle; false: it has not `width` leaves, or a broken one. */
bool tiling_leaves(struct text bundle, size_t width, struct proof_hash hashes[TILING_WIDTH])
	MUST_USE;

#endif
