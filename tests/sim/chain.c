/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/chain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/kind.h"
#include "tests/sim/audit.h"

/* The tree of that size, as it was published or signed. */
struct chain_head {
	uint64_t size;
	struct tree_hash root;
};

struct chain {
	struct tree_hasher *hasher;
	struct tree tree;
	struct tree_hash *leaves;
	size_t leaf_capacity;
	struct chain_head *heads; /* of the checkpoints on disk, by size */
	size_t head_count;
	size_t head_capacity;
};

struct chain *chain_new(void)
{
	struct chain *c = mem_new(1, sizeof(*c));

	c->hasher = tree_hasher_new();
	return c;
}

void chain_free(struct chain **chain)
{
	struct chain *c = *chain;

	*chain = NULL;
	tree_hasher_free(&c->hasher);
	free(c->leaves);
	free(c->heads);
	free(c);
}

uint64_t chain_size(const struct chain *c)
{
	return c->tree.size;
}

const char *chain_mark(const struct chain *c, char out[9])
{
	struct tree_hash root = tree_root(c->hasher, &c->tree);

	text_hex(root.bytes, 4, out);
	return out;
}

/* ---- growing ---- */

static void chain_append(struct chain *c, const struct tree_hash *leaf)
{
	if (c->tree.size == c->leaf_capacity) {
		c->leaf_capacity = c->leaf_capacity == 0 ? 1024 : 2 * c->leaf_capacity;
		c->leaves = mem_grow(c->leaves, c->leaf_capacity, sizeof(*c->leaves));
	}
	assert(c->leaves != NULL);
	c->leaves[c->tree.size] = *leaf;
	tree_append(c->hasher, &c->tree, leaf);
}

static void chain_open_note(struct world *w, struct text note, struct chain_head *head)
{
	struct job_keys keys;
	struct err err = { 0 };

	book_keys(w->book, &keys);
	if (!note_open(note, text_of(keys.verifier), &head->size, &head->root, &err)) {
		world_fail(w, "a checkpoint that nobody can verify: %s\n%.*s", err.message,
			TEXT_ARGS(note));
	}
}

/* A checkpoint signs the tree of the records before it. */
static void chain_take_head(struct world *w, struct text note)
{
	struct chain *c = w->chain;
	struct tree_hash root = tree_root(c->hasher, &c->tree);
	struct chain_head head;

	chain_open_note(w, note, &head);
	if (head.size != c->tree.size || memcmp(&head.root, &root, sizeof(root)) != 0) {
		world_fail(w,
			"the checkpoint after record %" PRIu64 " signs another tree, of %" PRIu64,
			c->tree.size, head.size);
	}
	if (c->head_count > 0 && c->heads[c->head_count - 1].size >= head.size) {
		return; /* read again after a start */
	}
	if (c->head_count == c->head_capacity) {
		c->head_capacity = c->head_capacity == 0 ? 64 : 2 * c->head_capacity;
		c->heads = mem_grow(c->heads, c->head_capacity, sizeof(*c->heads));
	}
	c->heads[c->head_count++] = head;
}

static void chain_read(struct world *w)
{
	struct chain *c = w->chain;
	sqlite3_stmt *s = audit_ask(w,
		"SELECT r.number, r.leaf, c.note FROM record r LEFT JOIN checkpoint c ON c.record = r.number "
		"WHERE r.number > ?1 ORDER BY r.number",
		(int64_t)c->tree.size);

	while (audit_row(w, s)) {
		struct text leaf = { sqlite3_column_blob(s, 1),
			(size_t)sqlite3_column_bytes(s, 1) };
		struct text note = { (const char *)sqlite3_column_text(s, 2),
			(size_t)sqlite3_column_bytes(s, 2) };
		struct tree_hash hash = tree_leaf(c->hasher, leaf);

		if (note.bytes != NULL) {
			chain_take_head(w, note);
		}
		chain_append(c, &hash);
	}
	audit_end_rows(s);
}

void chain_grow(struct world *w)
{
	chain_read(w);
}

void chain_again(struct world *w)
{
	struct chain *c = w->chain;
	uint64_t size = c->tree.size;
	struct tree_hash *leaves = mem_copy(c->leaves != NULL ? c->leaves : &c->tree.edge[0],
		(size > 0 ? size : 1) * sizeof(*leaves));

	c->tree = (struct tree){ 0 };
	chain_read(w);
	if (c->tree.size < size) {
		world_fail(w,
			"record %" PRIu64 " was committed and is lost: the book ends at %" PRIu64,
			size, c->tree.size);
	}
	for (uint64_t i = 0; i < size; i++) {
		if (memcmp(&c->leaves[i], &leaves[i], sizeof(*leaves)) != 0) {
			world_fail(w, "record %" PRIu64 " is not the one that was committed",
				i + 1);
		}
	}
	free(leaves);
}

/* ---- what others were given ---- */

static const struct chain_head *chain_find(struct world *w, uint64_t size)
{
	const struct chain *c = w->chain;

	if (c->head_count == 0 || c->heads[c->head_count - 1].size < size) {
		/* A batch whose checkpoint failed is committed, though nobody was told. */
		disk_hold(w->disk, true);
		chain_read(w);
		disk_hold(w->disk, false);
	}
	for (size_t i = 0; i < c->head_count; i++) {
		if (c->heads[i].size == size) {
			return &c->heads[i];
		}
	}
	return NULL;
}

void chain_publish(struct world *w, struct text note)
{
	struct chain_head head;
	const struct chain_head *own;

	chain_open_note(w, note, &head);
	own = chain_find(w, head.size);
	if (own == NULL || memcmp(&own->root, &head.root, sizeof(head.root)) != 0) {
		world_fail(w,
			"a checkpoint of %" PRIu64 " records was published that is not in the book",
			head.size);
	}
}

void chain_included(struct world *w, int64_t record, uint64_t size, const struct tree_proof *proof,
	const struct tree_hash *root)
{
	struct chain *c = w->chain;
	const struct chain_head *own = chain_find(w, size);

	if (own == NULL || memcmp(&own->root, root, sizeof(*root)) != 0) {
		world_fail(w, "a proof in a tree of %" PRIu64 " that nobody signed", size);
	}
	if (!tree_inclusion_holds(c->hasher, (uint64_t)record - 1, size, &c->leaves[record - 1],
		    proof, root)) {
		world_fail(w,
			"the proof that record %" PRId64 " is in the tree of %" PRIu64
			" does not hold",
			record, size);
	}
}

static void chain_prove(struct world *w, const struct chain_head *first,
	const struct chain_head *second)
{
	struct tree_proof proof;
	struct err err = { 0 };

	if (reader_consistency(w->reader, first->size, second->size, &proof, &err) !=
		READER_FOUND) {
		world_fail(w, "no proof from %" PRIu64 " to %" PRIu64 ": %s", first->size,
			second->size, err.message);
	}
	if (!tree_consistency_holds(w->chain->hasher, first->size, second->size, &first->root,
		    &proof, &second->root)) {
		world_fail(w, "the proof from %" PRIu64 " to %" PRIu64 " does not hold",
			first->size, second->size);
	}
}

void chain_end(struct world *w)
{
	const struct chain *c = w->chain;

	if (c->head_count == 0) {
		world_fail(w, "a whole life without a checkpoint");
	}
	for (size_t i = 0; i + 1 < c->head_count; i++) {
		chain_prove(w, &c->heads[i], &c->heads[i + 1]);
	}
	chain_prove(w, &c->heads[0], &c->heads[c->head_count - 1]);
}
