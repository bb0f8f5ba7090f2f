/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ledger/tree.h"
#include "tests/alym_test.h"

enum { SIZE_MAX_TRIED = 70 };

/*
 * The test vectors of Certificate Transparency's reference implementation (merkle_tree_test.cc of
 * google/certificate-transparency, also in transparency-dev/merkle), which RFC 6962 describes.
 */
static const struct text vector_leaves[8] = {
	{ "", 0 },
	{ "\x00", 1 },
	{ "\x10", 1 },
	{ "\x20\x21", 2 },
	{ "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};

static const char *const vector_roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* For an inclusion proof, leaf `a` (from 0) of `b`; for a consistency proof, from size `a` to `b`.
 */
struct vector_proof {
	uint64_t a;
	uint64_t b;
	const char *hashes[4];
};

static const struct vector_proof vector_inclusions[] = {
	{ 0, 1, { NULL } },
	{ 0, 8,
		{ "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ 5, 8,
		{ "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
	{ 1, 5,
		{ "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};

static const struct vector_proof vector_consistencies[] = {
	{ 1, 1, { NULL } },
	{ 1, 8,
		{ "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ 6, 8,
		{ "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ 2, 5,
		{ "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};

/* ---- a tree the slow way, by the recursive definitions of RFC 6962 ---- */

struct forest {
	struct tree_hasher *hasher;
	size_t count;
	struct tree_hash leaves[SIZE_MAX_TRIED];
	size_t asked;     /* of the source */
	size_t asked_max; /* then the source fails; 0: never */
};

static size_t split(size_t count)
{
	size_t half = 1;

	while (2 * half < count) {
		half *= 2;
	}
	return half;
}

static struct tree_hash slow_root(struct forest *f, size_t start, size_t count)
{
	struct tree_hash left;
	struct tree_hash right;

	if (count == 1) {
		return f->leaves[start];
	}
	left = slow_root(f, start, split(count));
	right = slow_root(f, start + split(count), count - split(count));
	return tree_node(f->hasher, &left, &right);
}

static void slow_inclusion(struct forest *f, size_t index, size_t start, size_t count,
	struct tree_proof *proof)
{
	size_t half = split(count);

	if (count == 1) {
		proof->count = 0;
	} else if (index < half) {
		slow_inclusion(f, index, start, half, proof);
		proof->hashes[proof->count++] = slow_root(f, start + half, count - half);
	} else {
		slow_inclusion(f, index - half, start + half, count - half, proof);
		proof->hashes[proof->count++] = slow_root(f, start, half);
	}
}

struct slow_range {
	size_t start;
	size_t count;
	bool whole;
};

static void slow_consistency(struct forest *f, size_t first, struct slow_range r,
	struct tree_proof *proof)
{
	size_t half = split(r.count);

	if (first == r.count) {
		proof->count = 0;
		if (!r.whole) {
			proof->hashes[proof->count++] = slow_root(f, r.start, r.count);
		}
	} else if (first <= half) {
		slow_consistency(f, first, (struct slow_range){ r.start, half, r.whole }, proof);
		proof->hashes[proof->count++] = slow_root(f, r.start + half, r.count - half);
	} else {
		slow_consistency(f, first - half,
			(struct slow_range){ r.start + half, r.count - half, false }, proof);
		proof->hashes[proof->count++] = slow_root(f, r.start, half);
	}
}

static bool forest_source(void *context, unsigned level, uint64_t index, struct tree_hash *hash)
{
	struct forest *f = context;

	f->asked++;
	if (f->asked_max != 0 && f->asked > f->asked_max) {
		return false;
	}
	assert_true(((index + 1) << level) <= f->count); /* never asks for what is not complete */
	*hash = slow_root(f, index << level, (size_t)1 << level);
	return true;
}

/* ---- set up ---- */

static struct forest forest;

static int plant(void **state)
{
	memset(&forest, 0, sizeof(forest));
	forest.hasher = tree_hasher_new();
	for (size_t i = 0; i < SIZE_MAX_TRIED; i++) {
		char leaf[2] = { (char)i, 'x' };

		forest.leaves[i] = tree_leaf(forest.hasher, (struct text){ leaf, sizeof(leaf) });
	}
	for (size_t i = 0; i < COUNT(vector_leaves); i++) {
		forest.leaves[i] = tree_leaf(forest.hasher, vector_leaves[i]);
	}
	forest.count = SIZE_MAX_TRIED;
	*state = &forest;
	return 0;
}

static int fell(void **state)
{
	struct forest *f = *state;

	tree_hasher_free(&f->hasher);
	assert_null(f->hasher);
	tree_hasher_free(&f->hasher); /* NULL is fine */
	return 0;
}

static void assert_hash(const struct tree_hash *hash, const char *expected)
{
	char hex[2 * TREE_HASH_SIZE + 1];

	text_hex(hash->bytes, TREE_HASH_SIZE, hex);
	assert_string_equal(hex, expected);
}

static void assert_same(const struct tree_hash *a, const struct tree_hash *b)
{
	assert_memory_equal(a->bytes, b->bytes, TREE_HASH_SIZE);
}

static void assert_same_proof(const struct tree_proof *a, const struct tree_proof *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->hashes, b->hashes, a->count * sizeof(*a->hashes));
}

static void assert_vector(const struct tree_proof *proof, const struct vector_proof *vector)
{
	size_t count = 0;

	for (; vector->hashes[count] != NULL; count++) {
		assert_hash(&proof->hashes[count], vector->hashes[count]);
	}
	assert_int_equal(proof->count, count);
}

/* ---- tests ---- */

static void the_reference_tree_has_its_known_roots(void **state)
{
	struct forest *f = *state;
	struct tree tree = { 0 };
	struct tree_hash root = tree_root(f->hasher, &tree);

	assert_hash(&root, vector_roots[0]);
	for (size_t i = 0; i < COUNT(vector_leaves); i++) {
		tree_append(f->hasher, &tree, &f->leaves[i]);
		root = tree_root(f->hasher, &tree);
		assert_hash(&root, vector_roots[i + 1]);
	}
}

static void the_reference_proofs_are_made_and_hold(void **state)
{
	struct forest *f = *state;
	struct tree_proof proof;
	struct tree_hash first;
	struct tree_hash second;

	for (size_t i = 0; i < COUNT(vector_inclusions); i++) {
		const struct vector_proof *v = &vector_inclusions[i];

		assert_true(tree_inclusion(f->hasher, v->a, v->b, forest_source, f, &proof));
		assert_vector(&proof, v);
		assert_true(tree_root_at(f->hasher, v->b, forest_source, f, &second));
		assert_true(tree_inclusion_holds(f->hasher, v->a, v->b, &f->leaves[v->a], &proof,
			&second));
	}
	for (size_t i = 0; i < COUNT(vector_consistencies); i++) {
		const struct vector_proof *v = &vector_consistencies[i];

		assert_true(tree_consistency(f->hasher, v->a, v->b, forest_source, f, &proof));
		assert_vector(&proof, v);
		assert_true(tree_root_at(f->hasher, v->a, forest_source, f, &first));
		assert_true(tree_root_at(f->hasher, v->b, forest_source, f, &second));
		assert_true(tree_consistency_holds(f->hasher, v->a, v->b, &first, &proof, &second));
	}
}

static void appending_asking_and_defining_agree(void **state)
{
	struct forest *f = *state;
	struct tree tree = { 0 };

	for (size_t size = 1; size <= SIZE_MAX_TRIED; size++) {
		struct tree_hash slow = slow_root(f, 0, size);
		struct tree_hash root;
		struct tree at;

		tree_append(f->hasher, &tree, &f->leaves[size - 1]);
		assert_int_equal(tree.size, size);
		root = tree_root(f->hasher, &tree);
		assert_same(&root, &slow);
		assert_true(tree_root_at(f->hasher, size, forest_source, f, &root));
		assert_same(&root, &slow);
		assert_true(tree_at(size, forest_source, f, &at));
		assert_int_equal(at.size, size);
		/* Going on from there comes to the same end. */
		for (size_t more = size; more < SIZE_MAX_TRIED; more++) {
			tree_append(f->hasher, &at, &f->leaves[more]);
		}
		root = tree_root(f->hasher, &at);
		slow = slow_root(f, 0, SIZE_MAX_TRIED);
		assert_same(&root, &slow);
	}
}

static void the_edge_keeps_the_last_complete_subtree_of_each_level(void **state)
{
	struct forest *f = *state;
	struct tree tree = { 0 };

	for (size_t size = 1; size <= SIZE_MAX_TRIED; size++) {
		tree_append(f->hasher, &tree, &f->leaves[size - 1]);
		for (size_t level = 0; size >> level != 0; level++) {
			size_t start = ((size >> level) - 1) << level;
			struct tree_hash slow = slow_root(f, start, (size_t)1 << level);

			assert_same(&tree.edge[level], &slow);
		}
	}
}

static void subtrees_are_appended_as_their_leaves_would_be(void **state)
{
	struct forest *f = *state;

	for (unsigned level = 0; (size_t)1 << level <= SIZE_MAX_TRIED; level++) {
		size_t width = (size_t)1 << level;
		struct tree tree = { 0 };

		for (size_t size = width; size <= SIZE_MAX_TRIED; size += width) {
			struct tree_hash slow = slow_root(f, 0, size);
			struct tree_hash hashes[SIZE_MAX_TRIED], root;

			memcpy(hashes, &f->leaves[size - width], width * sizeof(*hashes));
			root = tree_fold(f->hasher, hashes, width);
			tree_append_subtree(f->hasher, &tree, level, &root);
			root = tree_root(f->hasher, &tree);
			assert_same(&root, &slow);
		}
	}
}

static void every_inclusion_is_as_defined_and_holds(void **state)
{
	struct forest *f = *state;

	for (size_t size = 1; size <= SIZE_MAX_TRIED; size++) {
		struct tree_hash root = slow_root(f, 0, size);

		f->count = size;
		for (size_t index = 0; index < size; index++) {
			struct tree_proof proof = { 0 };
			struct tree_proof slow = { 0 };

			assert_true(
				tree_inclusion(f->hasher, index, size, forest_source, f, &proof));
			slow_inclusion(f, index, 0, size, &slow);
			assert_same_proof(&proof, &slow);
			assert_true(tree_inclusion_holds(f->hasher, index, size, &f->leaves[index],
				&proof, &root));
		}
	}
}

static void every_consistency_is_as_defined_and_holds(void **state)
{
	struct forest *f = *state;

	for (size_t second = 1; second <= SIZE_MAX_TRIED; second++) {
		struct tree_hash second_root = slow_root(f, 0, second);

		f->count = second;
		for (size_t first = 1; first <= second; first++) {
			struct tree_hash first_root = slow_root(f, 0, first);
			struct tree_proof proof = { 0 };
			struct tree_proof slow = { 0 };

			assert_true(tree_consistency(f->hasher, first, second, forest_source, f,
				&proof));
			slow_consistency(f, first, (struct slow_range){ 0, second, true }, &slow);
			assert_same_proof(&proof, &slow);
			assert_true(tree_consistency_holds(f->hasher, first, second, &first_root,
				&proof, &second_root));
		}
	}
}

/* A claim to be doubted: inclusion of leaf `a` in `b`, or consistency of sizes `a` and `b`. */
struct claim {
	struct tree_hasher *hasher;
	bool consistency;
	uint64_t a;
	uint64_t b;
	struct tree_hash start; /* the leaf, or the first root */
	struct tree_hash root;
	struct tree_proof proof;
};

static bool claim_holds(const struct claim *c)
{
	return c->consistency ? tree_consistency_holds(c->hasher, c->a, c->b, &c->start, &c->proof,
					&c->root)
			      : tree_inclusion_holds(c->hasher, c->a, c->b, &c->start, &c->proof,
					&c->root);
}

static void assert_bits_matter(struct claim *c, struct tree_hash *hash)
{
	for (size_t bit = 0; bit < 8 * (size_t)TREE_HASH_SIZE; bit += 37) {
		hash->bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(claim_holds(c));
		hash->bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static void assert_only_the_whole_proof_holds(struct claim *c)
{
	struct tree_proof whole = c->proof;

	assert_true(claim_holds(c));
	assert_bits_matter(c, &c->start);
	assert_bits_matter(c, &c->root);
	for (size_t i = 0; i < whole.count; i++) {
		assert_bits_matter(c, &c->proof.hashes[i]);
		/* One left out. */
		memmove(&c->proof.hashes[i], &c->proof.hashes[i + 1],
			(whole.count - i - 1) * sizeof(*whole.hashes));
		c->proof.count--;
		assert_false(claim_holds(c));
		c->proof = whole;
		/* One said twice. */
		memmove(&c->proof.hashes[i + 1], &c->proof.hashes[i],
			(whole.count - i) * sizeof(*whole.hashes));
		c->proof.count++;
		assert_false(claim_holds(c));
		c->proof = whole;
		/* Two exchanged. */
		if (i > 0) {
			c->proof.hashes[i] = whole.hashes[i - 1];
			c->proof.hashes[i - 1] = whole.hashes[i];
			assert_false(claim_holds(c));
			c->proof = whole;
		}
	}
	c->proof.hashes[c->proof.count++] = c->root;
	assert_false(claim_holds(c));
	c->proof.count = TREE_PROOF_MAX + 1;
	assert_false(claim_holds(c));
	c->proof = whole;
}

static void a_changed_inclusion_never_holds(void **state)
{
	struct forest *f = *state;

	for (uint64_t size = 1; size <= 33; size++) {
		for (uint64_t index = 0; index < size; index++) {
			struct claim c = { .hasher = f->hasher, .a = index, .b = size };

			c.start = f->leaves[index];
			c.root = slow_root(f, 0, size);
			assert_true(
				tree_inclusion(f->hasher, index, size, forest_source, f, &c.proof));
			assert_only_the_whole_proof_holds(&c);
			for (c.a = 0; c.a < size + 2; c.a++) {
				assert_int_equal(claim_holds(&c), c.a == index);
			}
		}
	}
}

static void a_changed_consistency_never_holds(void **state)
{
	struct forest *f = *state;

	for (uint64_t second = 2; second <= 33; second++) {
		for (uint64_t first = 1; first < second; first++) {
			struct claim c = { f->hasher, true, first, second, { { 0 } }, { { 0 } },
				{ 0 } };

			c.start = slow_root(f, 0, first);
			c.root = slow_root(f, 0, second);
			assert_true(tree_consistency(f->hasher, first, second, forest_source, f,
				&c.proof));
			assert_only_the_whole_proof_holds(&c);
		}
	}
}

static void one_size_is_consistent_with_itself_only(void **state)
{
	struct forest *f = *state;
	struct claim c = { f->hasher, true, 5, 5, { { 0 } }, { { 0 } }, { 0 } };

	c.start = slow_root(f, 0, 5);
	c.root = c.start;
	assert_true(claim_holds(&c));
	c.proof.count = 1;
	assert_false(claim_holds(&c));
	c.proof.count = 0;
	assert_bits_matter(&c, &c.root);
	c.a = 0;
	assert_false(claim_holds(&c));
	c.a = 6;
	assert_false(claim_holds(&c));
	c.a = 4; /* smaller, and yet no proof */
	assert_false(claim_holds(&c));
	c.consistency = false;
	c.a = 0;
	c.b = 0;
	assert_false(claim_holds(&c));
}

static void what_can_not_be_proved_is_refused(void **state)
{
	struct forest *f = *state;
	struct tree_proof proof = { .count = 77 };
	struct tree tree = { .size = 77 };
	struct tree_hash root;

	assert_false(tree_inclusion(f->hasher, 0, 0, forest_source, f, &proof));
	assert_false(tree_inclusion(f->hasher, 5, 5, forest_source, f, &proof));
	assert_false(tree_consistency(f->hasher, 0, 5, forest_source, f, &proof));
	assert_false(tree_consistency(f->hasher, 6, 5, forest_source, f, &proof));
	assert_false(tree_inclusion(f->hasher, 0, UINT64_C(1) << 63, forest_source, f, &proof));
	assert_false(tree_consistency(f->hasher, 1, UINT64_C(1) << 63, forest_source, f, &proof));
	assert_false(tree_at(UINT64_C(1) << 63, forest_source, f, &tree));
	/* A source that fails, whichever time it is asked. */
	for (f->asked_max = 1; f->asked_max < 7; f->asked_max++) {
		f->asked = 0;
		assert_false(tree_inclusion(f->hasher, 10, 63, forest_source, f, &proof));
		f->asked = 0;
		assert_false(tree_consistency(f->hasher, 11, 63, forest_source, f, &proof));
	}
	for (f->asked_max = 1; f->asked_max < 6; f->asked_max++) {
		f->asked = 0;
		assert_false(tree_at(63, forest_source, f, &tree));
		f->asked = 0;
		assert_false(tree_root_at(f->hasher, 63, forest_source, f, &root));
	}
	assert_int_equal(proof.count, 77);
	assert_int_equal(tree.size, 77);
}

/* A tree whose leaves are all alike: each level has one hash, so that the largest tree can be had.
 */
struct plain {
	struct tree_hash level[TREE_LEVELS_MAX];
};

static bool plain_source(void *context, unsigned level, uint64_t index, struct tree_hash *hash)
{
	const struct plain *p = context;

	(void)index;
	*hash = p->level[level];
	return true;
}

static void the_largest_tree_is_proved_too(void **state)
{
	static const uint64_t sizes[] = { (UINT64_C(1) << 63) - 1, UINT64_C(1) << 62,
		(UINT64_C(1) << 62) + 1, UINT64_C(0x2AAAAAAAAAAAAAAA) };
	struct forest *f = *state;
	struct plain p;
	struct tree_proof proof;

	p.level[0] = f->leaves[0];
	for (size_t i = 1; i < TREE_LEVELS_MAX; i++) {
		p.level[i] = tree_node(f->hasher, &p.level[i - 1], &p.level[i - 1]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct tree_hash root;
		struct tree_hash half_root;

		assert_true(tree_root_at(f->hasher, sizes[i], plain_source, &p, &root));
		assert_true(tree_root_at(f->hasher, sizes[i] / 2, plain_source, &p, &half_root));
		assert_true(tree_inclusion(f->hasher, sizes[i] - 1, sizes[i], plain_source, &p,
			&proof));
		assert_true(tree_inclusion_holds(f->hasher, sizes[i] - 1, sizes[i], &p.level[0],
			&proof, &root));
		assert_true(tree_inclusion(f->hasher, 0, sizes[i], plain_source, &p, &proof));
		assert_true(
			tree_inclusion_holds(f->hasher, 0, sizes[i], &p.level[0], &proof, &root));
		assert_true(tree_consistency(f->hasher, sizes[i] / 2, sizes[i], plain_source, &p,
			&proof));
		assert_true(tree_consistency_holds(f->hasher, sizes[i] / 2, sizes[i], &half_root,
			&proof, &root));
	}
}

int main(void)
{
#define PLANTED(test) cmocka_unit_test_setup_teardown(test, plant, fell)
	const struct CMUnitTest tests[] = {
		PLANTED(the_reference_tree_has_its_known_roots),
		PLANTED(the_reference_proofs_are_made_and_hold),
		PLANTED(appending_asking_and_defining_agree),
		PLANTED(the_edge_keeps_the_last_complete_subtree_of_each_level),
		PLANTED(subtrees_are_appended_as_their_leaves_would_be),
		PLANTED(every_inclusion_is_as_defined_and_holds),
		PLANTED(every_consistency_is_as_defined_and_holds),
		PLANTED(a_changed_inclusion_never_holds),
		PLANTED(a_changed_consistency_never_holds),
		PLANTED(one_size_is_consistent_with_itself_only),
		PLANTED(what_can_not_be_proved_is_refused),
		PLANTED(the_largest_tree_is_proved_too),
	};

	return cmocka_run_group_tests_name("ledger/tree", tests, NULL, NULL);
}
