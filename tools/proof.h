/* SPDX-License-Identifier: Apache-2.0 */

/*
 * proof - the arithmetic of RFC 6962 section 2.1, for whoever doubts the book.
 *
 * It is the doubter's own: it shares nothing with the ledger's, so that a mistake there is not
 * repeated here.  Pure; hashes are SHA-256.
 */
#ifndef ALYM_TOOLS_PROOF_H
#define ALYM_TOOLS_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	PROOF_HASH_SIZE = 32,
	PROOF_HASHES_MAX = 128, /* of any tree of at most 2^64 leaves */
};

struct proof_hash {
	uint8_t bytes[PROOF_HASH_SIZE];
};

/* The hashes of a proof, in the order RFC 6962 gives them. */
struct proof_path {
	size_t count;
	struct proof_hash hashes[PROOF_HASHES_MAX];
};

/* One level up: the sibling stood to the left or right, and this came out. */
struct proof_step {
	bool left;
	struct proof_hash sibling;
	struct proof_hash result;
};

bool proof_same(const struct proof_hash *a, const struct proof_hash *b);

/* SHA-256(0x00 || leaf), SHA-256(0x01 || left || right) */
struct proof_hash proof_leaf(struct text leaf);
struct proof_hash proof_node(const struct proof_hash *left, const struct proof_hash *right);

/*
 * Walks from leaf `index` (from 0) to the root of a tree of `size` leaves; `steps` has room for
 * as many as the path has hashes.  False when a tree of that size has no such leaf or no path of
 * that length; what the walk came to is in *root, for the caller to compare.
 */
bool proof_include(uint64_t index, uint64_t size, const struct proof_hash *leaf,
	const struct proof_path *path, struct proof_step *steps, struct proof_hash *root) MUST_USE;

struct proof_roots {
	struct proof_hash first;
	struct proof_hash second;
};

/*
 * What the hashes make of the roots of the first `first` leaves and of all `second`, 0 < first <=
 * second, for the caller to compare both.  `claimed` is the root of the first, which a proof leaves
 * out where the first leaves are one whole subtree.  False when there is no such proof.
 */
bool proof_consist(uint64_t first, uint64_t second, const struct proof_hash *claimed,
	const struct proof_path *path, struct proof_roots *roots) MUST_USE;

#endif
