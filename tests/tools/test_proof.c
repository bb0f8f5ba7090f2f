/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/sha.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tools/proof.h"

/* ---- the eight leaves of Certificate Transparency's own tests, and what is known of them ---- */

static const struct text leaves[] = {
	{ "", 0 },
	{ "\x00", 1 },
	{ "\x10", 1 },
	{ "\x20\x21", 2 },
	{ "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};

static const char *const roots[] = {
	NULL,
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* Nodes the proofs below are made of; N25 covers leaves 2..5 (from 1) and so on. */
#define LEAF_2 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define LEAF_3 "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"
#define LEAF_4 "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"
#define LEAF_5 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define LEAF_7 "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
#define LEAF_8 "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"
#define N34    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define N56    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define N78    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define N57    "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"
#define N58    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define N12    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define N14    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define LEAF_1 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

static struct proof_hash hash_of(const char *hex)
{
	struct proof_hash hash;

	assert_true(text_unhex(text_of(hex), hash.bytes, sizeof(hash.bytes)));
	return hash;
}

static struct proof_path path_of(const char *const *hex)
{
	struct proof_path path = { .count = 0 };

	while (hex[path.count] != NULL) {
		path.hashes[path.count] = hash_of(hex[path.count]);
		path.count++;
	}
	return path;
}

static bool includes(uint64_t index, uint64_t size, struct text leaf, const struct proof_path *path,
	const char *root)
{
	struct proof_step steps[PROOF_HASHES_MAX];
	struct proof_hash hash = proof_leaf(leaf);
	struct proof_hash wanted = hash_of(root);
	struct proof_hash found;

	return proof_include(index, size, &hash, path, steps, &found) &&
	       proof_same(&found, &wanted);
}

static bool consists(uint64_t first, uint64_t second, const struct proof_path *path,
	const char *first_root, const char *second_root)
{
	struct proof_hash claimed = hash_of(first_root);
	struct proof_hash wanted = hash_of(second_root);
	struct proof_roots found;

	return proof_consist(first, second, &claimed, path, &found) &&
	       proof_same(&found.first, &claimed) && proof_same(&found.second, &wanted);
}

static const struct inclusion {
	uint64_t index;
	uint64_t size;
	const char *path[5];
} inclusions[] = {
	{ 0, 1, { NULL } },
	{ 0, 8, { LEAF_2, N34, N58, NULL } },
	{ 5, 8, { LEAF_5, N78, N14, NULL } },
	{ 7, 8, { LEAF_7, N56, N14, NULL } },
	{ 2, 3, { N12, NULL } },
	{ 1, 5, { LEAF_1, N34, LEAF_5, NULL } },
	{ 4, 5, { N14, NULL } },
	{ 6, 7, { N56, N14, NULL } },
};

static const struct consistency {
	uint64_t first;
	uint64_t second;
	const char *path[6];
} consistencies[] = {
	{ 1, 1, { NULL } },
	{ 3, 3, { NULL } },
	{ 1, 8, { LEAF_2, N34, N58, NULL } },
	{ 6, 8, { N56, N78, N14, NULL } },
	{ 2, 5, { N34, LEAF_5, NULL } },
	{ 3, 7, { LEAF_3, LEAF_4, N12, N57, NULL } },
	{ 4, 8, { N58, NULL } },
	{ 7, 8, { LEAF_7, LEAF_8, N56, N14, NULL } },
};

static void a_leaf_is_hashed_behind_a_zero(void **state)
{
	struct proof_hash hash = proof_leaf(leaves[0]);
	struct proof_hash wanted = hash_of(roots[1]);

	(void)state;
	assert_true(proof_same(&hash, &wanted));
	hash = proof_leaf(leaves[4]);
	wanted = hash_of(LEAF_5);
	assert_true(proof_same(&hash, &wanted));
}

static void known_inclusions_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inclusions); i++) {
		const struct inclusion *c = &inclusions[i];
		struct proof_path path = path_of(c->path);

		assert_true(includes(c->index, c->size, leaves[c->index], &path, roots[c->size]));
	}
}

/* How many leaves and sizes up to ten the path holds for. */
static size_t count_inclusions(struct text leaf, const struct proof_path *path)
{
	size_t count = 0;

	for (uint64_t index = 0; index < 10; index++) {
		for (uint64_t size = 0; size < 10; size++) {
			const char *root = size > 0 && size < COUNT(roots) ? roots[size] : roots[1];

			count += includes(index, size, leaf, path, root) ? 1 : 0;
		}
	}
	return count;
}

static void an_inclusion_holds_for_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inclusions); i++) {
		struct proof_path path = path_of(inclusions[i].path);

		assert_int_equal(count_inclusions(leaves[inclusions[i].index], &path), 1);
		assert_int_equal(count_inclusions(TEXT("x"), &path), 0);
	}
}

static void every_bit_of_an_inclusion_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inclusions); i++) {
		const struct inclusion *c = &inclusions[i];
		struct proof_path path = path_of(c->path);

		for (size_t bit = 0; bit < path.count * PROOF_HASH_SIZE * 8; bit++) {
			uint8_t *byte = &path.hashes[bit / 256].bytes[bit % 256 / 8];

			*byte ^= (uint8_t)(1U << bit % 8);
			assert_false(includes(c->index, c->size, leaves[c->index], &path,
				roots[c->size]));
			*byte ^= (uint8_t)(1U << bit % 8);
		}
	}
}

static void a_path_too_long_or_too_short_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inclusions); i++) {
		const struct inclusion *c = &inclusions[i];
		struct proof_path path = path_of(c->path);
		size_t right = path.count;

		for (path.count = 0; path.count <= PROOF_HASHES_MAX; path.count++) {
			assert_int_equal(includes(c->index, c->size, leaves[c->index], &path,
						 roots[c->size]),
				path.count == right);
		}
	}
}

static void known_consistencies_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(consistencies); i++) {
		const struct consistency *c = &consistencies[i];
		struct proof_path path = path_of(c->path);

		assert_true(
			consists(c->first, c->second, &path, roots[c->first], roots[c->second]));
	}
}

/* How many pairs of sizes up to eight the path holds for. */
static size_t count_consistencies(const struct proof_path *path)
{
	size_t count = 0;

	for (uint64_t first = 0; first < COUNT(roots); first++) {
		for (uint64_t second = 0; second < COUNT(roots); second++) {
			count += consists(first, second, path, roots[first > 0 ? first : 1],
					 roots[second > 0 ? second : 1])
					 ? 1
					 : 0;
		}
	}
	return count;
}

static void a_consistency_holds_for_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(consistencies); i++) {
		struct proof_path path = path_of(consistencies[i].path);

		/* The empty path is that of each tree with itself. */
		assert_int_equal(count_consistencies(&path), path.count > 0 ? 1 : COUNT(roots) - 1);
	}
}

static void every_bit_of_a_consistency_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(consistencies); i++) {
		const struct consistency *c = &consistencies[i];
		struct proof_path path = path_of(c->path);

		for (size_t bit = 0; bit < path.count * PROOF_HASH_SIZE * 8; bit++) {
			uint8_t *byte = &path.hashes[bit / 256].bytes[bit % 256 / 8];

			*byte ^= (uint8_t)(1U << bit % 8);
			assert_false(consists(c->first, c->second, &path, roots[c->first],
				roots[c->second]));
			*byte ^= (uint8_t)(1U << bit % 8);
		}
	}
}

/* ---- every proof there is in every small tree, by the definitions of RFC 6962 ---- */

enum { TREE_MAX = 40 };

static struct proof_hash reference_node(struct proof_hash left, struct proof_hash right)
{
	unsigned char bytes[1 + 2 * PROOF_HASH_SIZE] = { 0x01 };
	struct proof_hash hash;

	memcpy(bytes + 1, left.bytes, PROOF_HASH_SIZE);
	memcpy(bytes + 1 + PROOF_HASH_SIZE, right.bytes, PROOF_HASH_SIZE);
	(void)SHA256(bytes, sizeof(bytes), hash.bytes);
	return hash;
}

/* The largest power of two below n. */
static uint64_t reference_split(uint64_t n)
{
	uint64_t k = 1;

	while (2 * k < n) {
		k *= 2;
	}
	return k;
}

static struct proof_hash reference_leaf(uint64_t i)
{
	char bytes[2] = { 'a', (char)i };

	return proof_leaf((struct text){ bytes, sizeof(bytes) });
}

/* MTH of the leaves from `from`, `n` of them. */
static struct proof_hash reference_root(uint64_t from, uint64_t n)
{
	uint64_t k = reference_split(n);

	return n == 1 ? reference_leaf(from)
		      : reference_node(reference_root(from, k), reference_root(from + k, n - k));
}

static void reference_path(uint64_t m, uint64_t from, uint64_t n, struct proof_path *path)
{
	uint64_t k = reference_split(n);

	if (n == 1) {
		return;
	}
	if (m < k) {
		reference_path(m, from, k, path);
		path->hashes[path->count++] = reference_root(from + k, n - k);
	} else {
		reference_path(m - k, from + k, n - k, path);
		path->hashes[path->count++] = reference_root(from, k);
	}
}

static void reference_proof(uint64_t m, uint64_t from, uint64_t n, bool whole,
	struct proof_path *path)
{
	uint64_t k = reference_split(n);

	if (m == n) {
		if (!whole) {
			path->hashes[path->count++] = reference_root(from, n);
		}
	} else if (m <= k) {
		reference_proof(m, from, k, whole, path);
		path->hashes[path->count++] = reference_root(from + k, n - k);
	} else {
		reference_proof(m - k, from + k, n - k, false, path);
		path->hashes[path->count++] = reference_root(from, k);
	}
}

static void every_inclusion_of_small_trees_holds(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= TREE_MAX; size++) {
		struct proof_hash root = reference_root(0, size);

		for (uint64_t index = 0; index < size; index++) {
			struct proof_path path = { .count = 0 };
			struct proof_step steps[PROOF_HASHES_MAX];
			struct proof_hash leaf = reference_leaf(index);
			struct proof_hash found;

			reference_path(index, 0, size, &path);
			assert_true(proof_include(index, size, &leaf, &path, steps, &found));
			assert_true(proof_same(&found, &root));
		}
	}
}

static void every_consistency_of_small_trees_holds(void **state)
{
	(void)state;
	for (uint64_t second = 1; second <= TREE_MAX; second++) {
		struct proof_hash second_root = reference_root(0, second);

		for (uint64_t first = 1; first <= second; first++) {
			struct proof_path path = { .count = 0 };
			struct proof_hash first_root = reference_root(0, first);
			struct proof_roots found;

			reference_proof(first, 0, second, true, &path);
			assert_true(proof_consist(first, second, &first_root, &path, &found));
			assert_true(proof_same(&found.first, &first_root));
			assert_true(proof_same(&found.second, &second_root));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_is_hashed_behind_a_zero),
		cmocka_unit_test(known_inclusions_hold),
		cmocka_unit_test(an_inclusion_holds_for_nothing_else),
		cmocka_unit_test(every_bit_of_an_inclusion_counts),
		cmocka_unit_test(a_path_too_long_or_too_short_is_none),
		cmocka_unit_test(known_consistencies_hold),
		cmocka_unit_test(a_consistency_holds_for_nothing_else),
		cmocka_unit_test(every_bit_of_a_consistency_counts),
		cmocka_unit_test(every_inclusion_of_small_trees_holds),
		cmocka_unit_test(every_consistency_of_small_trees_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
