/* SPDX-License-Identifier: Apache-2.0 */

/*
 * journal - the sequence of records: numbers without gaps, canonical leaves, the Merkle tree's
 * edge.
 *
 * A record's leaf is {"at":..,"body":{..},"kind":..,"number":"..","v":"1"}: journal_begin() opens
 * it, the caller writes the body's members (ascending; integers by json_decimal), journal_end()
 * closes it, writes the row and grows the tree.  For `apply` only.
 */
#ifndef ALYM_LEDGER_JOURNAL_H
#define ALYM_LEDGER_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "ledger/kind.h"
#include "ledger/store.h"
#include "ledger/tree.h"

enum { JOURNAL_LEAF_MAX = 16384, JOURNAL_VERSION = 1 };

/* Tiles as C2SP tlog-tiles cuts them: 256 hashes, each of 256 of the level below. */
enum { JOURNAL_TILE_HEIGHT = 8, JOURNAL_TILE_WIDTH = 256, JOURNAL_TILE_LEVELS = 8 };

struct journal;

/* Reads where the journal stands and rebuilds the tree's edge.  False: the store has failed, or the
 * book is damaged. */
bool journal_open(struct store *store, struct journal **journal) MUST_USE;
void journal_close(struct journal **journal);

/* The number the next record will have; the size of the tree is one less. */
int64_t journal_next(const struct journal *journal);
const struct tree *journal_tree(const struct journal *journal);

/* The later of `now` and the last record's time: booked_at never runs backwards. */
int64_t journal_time(const struct journal *journal, int64_t now);

struct json_writer *journal_begin(struct journal *journal, enum kind_record kind, int64_t now);
int64_t journal_end(struct journal *journal);

/* The tree, and what hashes in it: good until the journal grows or closes. */
struct tree_hash journal_root(struct journal *journal);

/* Of an earlier size.  False: the store has failed. */
bool journal_root_at(struct journal *journal, uint64_t size, struct tree_hash *root) MUST_USE;

/* For proofs: complete subtrees from the tiles and leaves of any store; a tree_source_fn. */
struct journal_source {
	struct store *store;
	struct tree_hasher *hasher;
};
bool journal_source(void *source, unsigned level, uint64_t index, struct tree_hash *hash);

/* The first `width` hashes of a tile; false: the book has not so many, or the store has failed. */
bool journal_tile(const struct journal_source *source, unsigned level, uint64_t number,
	size_t width, struct tree_hash hashes[JOURNAL_TILE_WIDTH]) MUST_USE;

#endif
