/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SHA-256 is called by the functions that OpenSSL 3 advises against in favour of EVP, which takes
 * 130 ns more for each hash: a node of the tree takes 150 without, and all hashes are made again to
 * verify a book.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/tree.h"

#include <assert.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Static_assert(TREE_HASH_SIZE == 32, "a hash is a SHA-256");
_Static_assert(sizeof(struct tree_hash) == TREE_HASH_SIZE, "hashes lie side by side");

enum { TREE_PREFIX_LEAF = 0x00, TREE_PREFIX_NODE = 0x01 };

#define TREE_SIZE_MAX ((UINT64_C(1) << TREE_LEVELS_MAX) - 1)

struct tree_hasher {
	SHA256_CTX context;
};

/* Where the hashes for a proof come from, and what it takes to join them. */
struct tree_reading {
	struct tree_hasher *hasher;
	tree_source_fn *source;
	void *context;
};

/* The subtree of `count` leaves from `start` on, on the way from the root to what is proved. */
struct tree_walk {
	uint64_t start;
	uint64_t count;
};

/*
 * A way up the tree from a node of the lowest level to the root: `node` is its index at the level
 * reached, `last` that of the level's last node.  fn and sn in RFC 9162.
 */
struct tree_climb {
	uint64_t node;
	uint64_t last;
};

struct tree_hasher *tree_hasher_new(void)
{
	return mem_new(1, sizeof(struct tree_hasher));
}

void tree_hasher_free(struct tree_hasher **hasher)
{
	assert(hasher != NULL);

	free(*hasher);
	*hasher = NULL;
}

/* SHA-256 of the two parts after one another, which on memory alone does not fail. */
static struct tree_hash tree_digest(struct tree_hasher *hasher, struct text head, struct text tail)
{
	struct tree_hash hash;

	assert(hasher != NULL);
	assert(head.bytes != NULL);
	assert(tail.bytes != NULL || tail.size == 0);

	if (SHA256_Init(&hasher->context) != 1 ||
		SHA256_Update(&hasher->context, head.bytes, head.size) != 1 ||
		SHA256_Update(&hasher->context, tail.bytes, tail.size) != 1 ||
		SHA256_Final(hash.bytes, &hasher->context) != 1) {
		abort();
	}
	return hash;
}

struct tree_hash tree_leaf(struct tree_hasher *hasher, struct text leaf)
{
	static const char prefix[] = { TREE_PREFIX_LEAF };

	return tree_digest(hasher, (struct text){ prefix, sizeof(prefix) }, leaf);
}

struct tree_hash tree_node(struct tree_hasher *hasher, const struct tree_hash *left,
	const struct tree_hash *right)
{
	char bytes[1 + 2 * TREE_HASH_SIZE];

	assert(left != NULL);
	assert(right != NULL);

	bytes[0] = TREE_PREFIX_NODE;
	memcpy(bytes + 1, left->bytes, TREE_HASH_SIZE);
	memcpy(bytes + 1 + TREE_HASH_SIZE, right->bytes, TREE_HASH_SIZE);
	return tree_digest(hasher, (struct text){ bytes, sizeof(bytes) }, TEXT(""));
}

void tree_append_subtree(struct tree_hasher *hasher, struct tree *tree, unsigned level,
	const struct tree_hash *root)
{
	uint64_t count = UINT64_C(1) << level;
	struct tree_hash hash;

	assert(tree != NULL);
	assert(root != NULL);
	assert(level < TREE_LEVELS_MAX);
	assert((tree->size & (count - 1)) == 0);
	assert(tree->size <= TREE_SIZE_MAX - count);

	/* A carry: each complete subtree of the edge that it fills up becomes a left half. */
	hash = *root;
	for (; (tree->size >> level & 1) != 0; level++) {
		struct tree_hash left = tree->edge[level];

		tree->edge[level] = hash;
		hash = tree_node(hasher, &left, &hash);
	}
	tree->edge[level] = hash;
	tree->size += count;
	assert((tree->size >> level & 1) != 0);
}

void tree_append(struct tree_hasher *hasher, struct tree *tree, const struct tree_hash *leaf)
{
	tree_append_subtree(hasher, tree, 0, leaf);
}

struct tree_hash tree_fold(struct tree_hasher *hasher, struct tree_hash *hashes, size_t count)
{
	assert(count > 0);
	assert((count & (count - 1)) == 0);

	for (; count > 1; count /= 2) {
		for (size_t i = 0; i < count / 2; i++) {
			hashes[i] = tree_node(hasher, &hashes[2 * i], &hashes[2 * i + 1]);
		}
	}
	return hashes[0];
}

struct tree_hash tree_root(struct tree_hasher *hasher, const struct tree *tree)
{
	struct tree_hash root = { 0 };
	bool empty = true;

	assert(tree != NULL);
	assert(tree->size <= TREE_SIZE_MAX);

	if (tree->size == 0) {
		return tree_digest(hasher, TEXT(""), TEXT(""));
	}
	for (unsigned level = 0; level < TREE_LEVELS_MAX; level++) {
		if ((tree->size >> level & 1) == 0) {
			continue;
		}
		root = empty ? tree->edge[level] : tree_node(hasher, &tree->edge[level], &root);
		empty = false;
	}
	assert(!empty);
	return root;
}

/*
 * MTH(D[start:start + count]) of RFC 6962 section 2.1, where `start` is a multiple of the power of
 * two that is not below `count`: the complete subtrees that `count` consists of are then also
 * subtrees of the whole.
 */
static bool tree_span(const struct tree_reading *reading, uint64_t start, uint64_t count,
	struct tree_hash *hash)
{
	struct tree_hash root = { 0 };
	uint64_t end = start + count;
	bool empty = true;

	assert(count > 0);
	assert(end <= TREE_SIZE_MAX);

	for (unsigned level = 0; level < TREE_LEVELS_MAX; level++) {
		struct tree_hash left;

		if ((count >> level & 1) == 0) {
			continue;
		}
		end -= UINT64_C(1) << level;
		assert(end >> level << level == end);
		if (!reading->source(reading->context, level, end >> level, &left)) {
			return false;
		}
		root = empty ? left : tree_node(reading->hasher, &left, &root);
		empty = false;
	}
	assert(end == start);
	*hash = root;
	return true;
}

/* The largest power of two below `count`. */
static uint64_t tree_split(uint64_t count)
{
	uint64_t split = 1;

	assert(count > 1);
	assert(count <= TREE_SIZE_MAX);

	while (split << 1 < count) {
		split <<= 1;
	}
	return split;
}

/* Adds MTH(D[start:start + count]) to the proof. */
static bool tree_prove(const struct tree_reading *reading, uint64_t start, uint64_t count,
	struct tree_proof *proof)
{
	assert(proof != NULL);
	assert(proof->count < TREE_PROOF_MAX);

	if (!tree_span(reading, start, count, &proof->hashes[proof->count])) {
		return false;
	}
	proof->count++;
	return true;
}

/* Proofs are found from the root down and told from the leaf up. */
static void tree_turn(struct tree_proof *proof)
{
	assert(proof != NULL);
	assert(proof->count <= TREE_PROOF_MAX);

	for (size_t i = 0; i < proof->count / 2; i++) {
		struct tree_hash hash = proof->hashes[i];

		proof->hashes[i] = proof->hashes[proof->count - 1 - i];
		proof->hashes[proof->count - 1 - i] = hash;
	}
}

/* Goes down to one half and adds the other, which stays behind, to the proof. */
static bool tree_descend(const struct tree_reading *reading, struct tree_walk *walk, bool to_left,
	struct tree_proof *proof)
{
	uint64_t split = tree_split(walk->count);
	struct tree_walk left = { .start = walk->start, .count = split };
	struct tree_walk right = { .start = walk->start + split, .count = walk->count - split };
	const struct tree_walk *behind = to_left ? &right : &left;

	assert(right.count > 0);
	assert(right.count <= left.count);

	*walk = to_left ? left : right;
	return tree_prove(reading, behind->start, behind->count, proof);
}

bool tree_inclusion(struct tree_hasher *hasher, uint64_t index, uint64_t size,
	tree_source_fn *source, void *context, struct tree_proof *proof)
{
	struct tree_reading reading = { .hasher = hasher, .source = source, .context = context };
	struct tree_walk walk = { .start = 0, .count = size };
	struct tree_proof found = { 0 };

	assert(source != NULL);
	assert(proof != NULL);

	if (index >= size || size > TREE_SIZE_MAX) {
		return false;
	}
	while (walk.count > 1) {
		bool to_left = index - walk.start < tree_split(walk.count);

		if (!tree_descend(&reading, &walk, to_left, &found)) {
			return false;
		}
	}
	assert(walk.start == index);
	tree_turn(&found);
	*proof = found;
	return true;
}

/*
 * SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2 with its recursion unrolled: m is what the walk's
 * subtree has of `first`, n is its count, and b holds until a left half was left behind.
 */
bool tree_consistency(struct tree_hasher *hasher, uint64_t first, uint64_t second,
	tree_source_fn *source, void *context, struct tree_proof *proof)
{
	struct tree_reading reading = { .hasher = hasher, .source = source, .context = context };
	struct tree_walk walk = { .start = 0, .count = second };
	struct tree_proof found = { 0 };

	assert(source != NULL);
	assert(proof != NULL);

	if (first == 0 || first > second || second > TREE_SIZE_MAX) {
		return false;
	}
	while (first - walk.start < walk.count) {
		bool to_left = first - walk.start <= tree_split(walk.count);

		if (!tree_descend(&reading, &walk, to_left, &found)) {
			return false;
		}
	}
	assert(first - walk.start == walk.count);
	if (walk.start > 0 && !tree_prove(&reading, walk.start, walk.count, &found)) {
		return false;
	}
	tree_turn(&found);
	*proof = found;
	return true;
}

bool tree_at(uint64_t size, tree_source_fn *source, void *context, struct tree *tree)
{
	struct tree found = { .size = size };

	assert(source != NULL);
	assert(tree != NULL);

	if (size > TREE_SIZE_MAX) {
		return false;
	}
	for (unsigned level = 0; level < TREE_LEVELS_MAX; level++) {
		if ((size >> level & 1) != 0 &&
			!source(context, level, (size >> level) - 1, &found.edge[level])) {
			return false;
		}
	}
	*tree = found;
	return true;
}

bool tree_root_at(struct tree_hasher *hasher, uint64_t size, tree_source_fn *source, void *context,
	struct tree_hash *root)
{
	struct tree tree;

	assert(hasher != NULL);
	assert(root != NULL);

	if (!tree_at(size, source, context, &tree)) {
		return false;
	}
	*root = tree_root(hasher, &tree);
	return true;
}

static bool tree_hash_equal(const struct tree_hash *a, const struct tree_hash *b)
{
	assert(a != NULL);
	assert(b != NULL);

	return memcmp(a->bytes, b->bytes, TREE_HASH_SIZE) == 0;
}

/* True when the next hash of a proof stands on the left of the node, false when on its right. */
static bool tree_climb_is_right(const struct tree_climb *climb)
{
	assert(climb != NULL);
	assert(climb->node <= climb->last);

	return (climb->node & 1) != 0 || climb->node == climb->last;
}

/* Goes up past the node's parent; a last node without a sibling is its own parent. */
static void tree_climb_up(struct tree_climb *climb)
{
	assert(climb != NULL);
	assert(climb->node <= climb->last);

	if (climb->node == climb->last) {
		while ((climb->node & 1) == 0 && climb->node != 0) {
			climb->node >>= 1;
			climb->last >>= 1;
		}
	}
	climb->node >>= 1;
	climb->last >>= 1;
}

bool tree_inclusion_holds(struct tree_hasher *hasher, uint64_t index, uint64_t size,
	const struct tree_hash *leaf, const struct tree_proof *proof, const struct tree_hash *root)
{
	struct tree_climb climb = { .node = index, .last = size - 1 };
	struct tree_hash hash;

	assert(leaf != NULL);
	assert(proof != NULL);
	assert(root != NULL);

	if (index >= size || proof->count > TREE_PROOF_MAX) {
		return false;
	}
	hash = *leaf;
	for (size_t i = 0; i < proof->count; i++) {
		if (climb.last == 0) {
			return false;
		}
		hash = tree_climb_is_right(&climb) ? tree_node(hasher, &proof->hashes[i], &hash)
						   : tree_node(hasher, &hash, &proof->hashes[i]);
		tree_climb_up(&climb);
	}
	return climb.last == 0 && tree_hash_equal(&hash, root);
}

/* The proof for 0 < first < second, after the hash that both trees begin from. */
static bool tree_growth_holds(struct tree_hasher *hasher, struct tree_climb climb,
	const struct tree_hash *first_root, const struct tree_hash *hashes, size_t count,
	const struct tree_hash *second_root)
{
	struct tree_hash first_hash = hashes[0];
	struct tree_hash second_hash = hashes[0];

	assert(count > 0);
	assert(climb.node < climb.last);

	while ((climb.node & 1) != 0) {
		climb.node >>= 1;
		climb.last >>= 1;
	}
	for (size_t i = 1; i < count; i++) {
		if (climb.last == 0) {
			return false;
		}
		if (tree_climb_is_right(&climb)) {
			first_hash = tree_node(hasher, &hashes[i], &first_hash);
			second_hash = tree_node(hasher, &hashes[i], &second_hash);
		} else {
			second_hash = tree_node(hasher, &second_hash, &hashes[i]);
		}
		tree_climb_up(&climb);
	}
	return climb.last == 0 && tree_hash_equal(&first_hash, first_root) &&
	       tree_hash_equal(&second_hash, second_root);
}

bool tree_consistency_holds(struct tree_hasher *hasher, uint64_t first, uint64_t second,
	const struct tree_hash *first_root, const struct tree_proof *proof,
	const struct tree_hash *second_root)
{
	struct tree_hash hashes[TREE_PROOF_MAX + 1];
	size_t count = 0;

	assert(first_root != NULL);
	assert(proof != NULL);
	assert(second_root != NULL);

	if (first == 0 || first > second || proof->count > TREE_PROOF_MAX) {
		return false;
	}
	if (first == second) {
		return proof->count == 0 && tree_hash_equal(first_root, second_root);
	}
	if (proof->count == 0) {
		return false;
	}
	if ((first & (first - 1)) == 0) {
		hashes[count++] = *first_root; /* a complete subtree: the proof leaves it out */
	}
	memcpy(&hashes[count], proof->hashes, proof->count * sizeof(*hashes));
	count += proof->count;
	return tree_growth_holds(hasher,
		(struct tree_climb){ .node = first - 1, .last = second - 1 }, first_root, hashes,
		count, second_root);
}
