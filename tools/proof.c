/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/proof.h"

#include <assert.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Static_assert(PROOF_HASH_SIZE == SHA256_DIGEST_LENGTH, "the tree is one of SHA-256");

bool proof_same(const struct proof_hash *a, const struct proof_hash *b)
{
	return memcmp(a->bytes, b->bytes, PROOF_HASH_SIZE) == 0;
}

struct proof_hash proof_leaf(struct text leaf)
{
	unsigned char *bytes = mem_new(leaf.size + 1, 1);
	struct proof_hash hash;

	assert(leaf.bytes != NULL || leaf.size == 0);

	if (leaf.size > 0) {
		memcpy(bytes + 1, leaf.bytes, leaf.size); /* behind the 0x00 */
	}
	(void)SHA256(bytes, leaf.size + 1, hash.bytes);
	free(bytes);
	return hash;
}

struct proof_hash proof_node(const struct proof_hash *left, const struct proof_hash *right)
{
	unsigned char bytes[1 + 2 * PROOF_HASH_SIZE] = { 0x01 };
	struct proof_hash hash;

	memcpy(bytes + 1, left->bytes, PROOF_HASH_SIZE);
	memcpy(bytes + 1 + PROOF_HASH_SIZE, right->bytes, PROOF_HASH_SIZE);
	(void)SHA256(bytes, sizeof(bytes), hash.bytes);
	return hash;
}

/*
 * Where we stand in the tree, level by level: `node` among the nodes of a level whose last one is
 * `last`.  A last node without a sibling rises as it is.
 */
struct proof_place {
	uint64_t node;
	uint64_t last;
};

static void proof_rise(struct proof_place *place)
{
	place->node >>= 1;
	place->last >>= 1;
}

/* The next sibling stands to the left; goes up to the level where it does. */
static bool proof_is_left(struct proof_place *place)
{
	if ((place->node & 1) == 0 && place->node != place->last) {
		return false;
	}
	while ((place->node & 1) == 0 && place->node != 0) {
		proof_rise(place);
	}
	return true;
}

bool proof_include(uint64_t index, uint64_t size, const struct proof_hash *leaf,
	const struct proof_path *path, struct proof_step *steps, struct proof_hash *root)
{
	struct proof_place place = { index, size - 1 };
	struct proof_hash hash = *leaf;

	assert(path->count <= PROOF_HASHES_MAX);
	assert(steps != NULL || path->count == 0);

	if (index >= size) {
		return false;
	}
	for (size_t i = 0; i < path->count; i++) {
		if (place.last == 0) {
			return false; /* we are at the root already */
		}
		steps[i].left = proof_is_left(&place);
		steps[i].sibling = path->hashes[i];
		hash = steps[i].left ? proof_node(&path->hashes[i], &hash)
				     : proof_node(&hash, &path->hashes[i]);
		steps[i].result = hash;
		proof_rise(&place);
	}
	*root = hash;
	return place.last == 0;
}

bool proof_consist(uint64_t first, uint64_t second, const struct proof_hash *claimed,
	const struct proof_path *path, struct proof_roots *roots)
{
	struct proof_place place = { first - 1, second - 1 };
	struct proof_roots found = { *claimed, *claimed };
	size_t used = 0;

	assert(path->count <= PROOF_HASHES_MAX);

	if (first == 0 || first > second) {
		return false;
	}
	if (first == second) { /* the same tree: there is nothing to prove */
		*roots = found;
		return path->count == 0;
	}
	/* Up to the largest whole subtree that the first leaves end with. */
	while ((place.node & 1) == 1) {
		proof_rise(&place);
	}
	if (place.node > 0) { /* it is not all of them: the proof begins with its hash */
		if (path->count == 0) {
			return false;
		}
		found.first = path->hashes[0];
		found.second = path->hashes[0];
		used = 1;
	}
	for (; used < path->count; used++) {
		if (place.last == 0) {
			return false;
		}
		if (proof_is_left(&place)) {
			found.first = proof_node(&path->hashes[used], &found.first);
			found.second = proof_node(&path->hashes[used], &found.second);
		} else {
			found.second = proof_node(&found.second, &path->hashes[used]);
		}
		proof_rise(&place);
	}
	*roots = found;
	return place.last == 0;
}
