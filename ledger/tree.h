/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tree - an append-only Merkle tree by RFC 6962 section 2.1 (SHA-256).
 *
 * The tree keeps only its right edge (the roots of the complete subtrees, at most 63 hashes);
 * whoever wants proofs supplies the hashes of complete subtrees by (level, index).  Storage is
 * not this module's business: the book keeps tiles of 256 hashes as C2SP tlog-tiles lays them out.
 */
#ifndef ALYM_LEDGER_TREE_H
#define ALYM_LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	TREE_HASH_SIZE = 32,
	TREE_LEVELS_MAX = 63,
	TREE_PROOF_MAX = 2 * TREE_LEVELS_MAX,
};

struct tree_hash {
	uint8_t bytes[TREE_HASH_SIZE];
};

/* What a hash is made in, kept from one to the next; to be freed with tree_hasher_free(); one
 * thread at a time. */
struct tree_hasher;

struct tree_hasher *tree_hasher_new(void);
void tree_hasher_free(struct tree_hasher **hasher);

/*
 * The tree of `size` leaves; all zero is the empty tree.  edge[k] is the last complete subtree of
 * 2^k leaves: after an append it is the one just completed, for each k up to the number of zeros
 * that end `size`, so that a tile's next hash is read there.
 */
struct tree {
	uint64_t size;
	struct tree_hash edge[TREE_LEVELS_MAX];
};

/* SHA-256(0x00 || leaf) and SHA-256(0x01 || left || right). */
struct tree_hash tree_leaf(struct tree_hasher *hasher, struct text leaf);
struct tree_hash tree_node(struct tree_hasher *hasher, const struct tree_hash *left,
	const struct tree_hash *right);

void tree_append(struct tree_hasher *hasher, struct tree *tree, const struct tree_hash *leaf);

/* The same of 2^level leaves at once, by the root of their subtree; the tree's size is a multiple
 * of so many.  Of the edge only what is from that level on is then what was completed last. */
void tree_append_subtree(struct tree_hasher *hasher, struct tree *tree, unsigned level,
	const struct tree_hash *root);

/* The root of the complete subtree above `count` hashes, a power of two, that stand side by side on
 * one level; they are overwritten. */
struct tree_hash tree_fold(struct tree_hasher *hasher, struct tree_hash *hashes, size_t count);

/* Of the empty tree: SHA-256 of nothing. */
struct tree_hash tree_root(struct tree_hasher *hasher, const struct tree *tree);

/*
 * Gives the hash of the complete subtree of 2^level leaves that starts at leaf index << level.
 * False: it can not be had.
 */
typedef bool tree_source_fn(void *context, unsigned level, uint64_t index, struct tree_hash *hash);

struct tree_proof {
	size_t count;
	struct tree_hash hashes[TREE_PROOF_MAX];
};

/*
 * RFC 6962 2.1.1: leaf `index` (from 0) is in the tree of `size`.  False when index >= size or the
 * source fails.
 */
bool tree_inclusion(struct tree_hasher *hasher, uint64_t index, uint64_t size,
	tree_source_fn *source, void *context, struct tree_proof *proof) MUST_USE;

/* RFC 6962 2.1.2: the tree of `first` is a prefix of the tree of `second`; 0 < first <= second. */
bool tree_consistency(struct tree_hasher *hasher, uint64_t first, uint64_t second,
	tree_source_fn *source, void *context, struct tree_proof *proof) MUST_USE;

/* The tree of `size` leaves from the source: to go on where a book ended. */
bool tree_at(uint64_t size, tree_source_fn *source, void *context, struct tree *tree) MUST_USE;

/* The root of the tree of `size` from the source: for sizes other than the present one. */
bool tree_root_at(struct tree_hasher *hasher, uint64_t size, tree_source_fn *source, void *context,
	struct tree_hash *root) MUST_USE;

/* What a doubter runs; RFC 9162 2.1.3.2 and 2.1.4.2.  Every hash of the proof must be used. */
bool tree_inclusion_holds(struct tree_hasher *hasher, uint64_t index, uint64_t size,
	const struct tree_hash *leaf, const struct tree_proof *proof, const struct tree_hash *root)
	MUST_USE;
bool tree_consistency_holds(struct tree_hasher *hasher, uint64_t first, uint64_t second,
	const struct tree_hash *first_root, const struct tree_proof *proof,
	const struct tree_hash *second_root) MUST_USE;

#endif
