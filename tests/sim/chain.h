/* SPDX-License-Identifier: Apache-2.0 */

/*
 * chain - an outsider's copy of the tree: every leaf ever committed, every note ever published.
 *
 * What was committed may never be gone or another, whatever ended the process: after each start all
 * leaves are read again.  Each checkpoint must sign the tree of the leaves before it, and at the
 * end each published one is proven to be a prefix of the next.
 */
#ifndef ALYM_TESTS_SIM_CHAIN_H
#define ALYM_TESTS_SIM_CHAIN_H

#include "tests/sim/world.h"

struct chain *chain_new(void);
void chain_free(struct chain **chain);

/* After a commit: the new leaves. */
void chain_grow(struct world *w);

/* After a start: all of them again. */
void chain_again(struct world *w);

/* Somebody was given that note. */
void chain_publish(struct world *w, struct text note);

/* Somebody was given that proof that `record` is in the tree of `size`. */
void chain_included(struct world *w, int64_t record, uint64_t size, const struct tree_proof *proof,
	const struct tree_hash *root);

uint64_t chain_size(const struct chain *chain);

/* All that was published, and is on disk, is consistent. */
void chain_end(struct world *w);

/* Eight hexadecimal digits that tell one life from another. */
const char *chain_mark(const struct chain *chain, char out[9]);

#endif
