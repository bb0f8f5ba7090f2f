/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/alym_test.h"
#include "tools/tiling.h"

static void a_tile_has_the_path_of_the_specification(void **state)
{
	static const struct {
		struct tiling_tile tile;
		const char *path;
	} cases[] = {
		{ { 0, 0, 256 }, "tile/0/000" },
		{ { 1, 7, 1 }, "tile/1/007.p/1" },
		{ { 7, 999, 255 }, "tile/7/999.p/255" },
		{ { 0, 1000, 256 }, "tile/0/x001/000" },
		{ { TILING_ENTRIES, 1234067, 256 }, "tile/entries/x001/x234/067" },
		{ { TILING_ENTRIES, UINT64_C(36028797018963967), 100 },
			"tile/entries/x036/x028/x797/x018/x963/967.p/100" },
	};
	char path[TILING_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(tiling_path(&cases[i].tile, path), cases[i].path);
	}
}

/* The vectors of RFC 6962's authors (certificate-transparency, merkle_tree_test), as one bundle. */
static const char leaves[] =
	"\0\0"
	"\0\1\x00"
	"\0\1\x10"
	"\0\2\x20\x21"
	"\0\2\x30\x31"
	"\0\4\x40\x41\x42\x43"
	"\0\10\x50\x51\x52\x53\x54\x55\x56\x57"
	"\0\20\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f";

static void a_small_tree_has_the_known_roots(void **state)
{
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	static struct tiling_edge edge;
	const struct text bundle = { leaves, sizeof(leaves) - 1 };

	(void)state;
	assert_true(tiling_leaves(bundle, COUNT(roots), edge.hashes[0]));
	for (size_t size = 1; size <= COUNT(roots); size++) {
		struct proof_hash root = tiling_root(&edge, size);
		char hex[2 * PROOF_HASH_SIZE + 1];

		text_hex(root.bytes, sizeof(root.bytes), hex);
		assert_string_equal(hex, roots[size - 1]);
	}
}

/* A tree of 65,537 leaves ends with one hash of level 2 and one leaf: its root is the node of both.
 */
static void a_large_tree_is_what_its_tiles_end_with(void **state)
{
	static struct tiling_edge edge;
	struct proof_hash wanted;
	struct proof_hash root;

	(void)state;
	edge.hashes[2][0] = proof_leaf(TEXT("left"));
	edge.hashes[0][0] = proof_leaf(TEXT("right"));
	wanted = proof_node(&edge.hashes[2][0], &edge.hashes[0][0]);
	assert_int_equal(tiling_hashes(65537, 1), 256);
	assert_int_equal(tiling_hashes(65537, 2), 1);
	root = tiling_root(&edge, 65537);
	assert_true(proof_same(&root, &wanted));
}

static void a_broken_bundle_is_none(void **state)
{
	struct proof_hash hashes[TILING_WIDTH];
	struct text bundle = { leaves, sizeof(leaves) - 1 };

	(void)state;
	assert_false(tiling_leaves(bundle, 7, hashes));
	assert_false(tiling_leaves(bundle, 9, hashes));
	for (size_t size = 0; size < sizeof(leaves) - 1; size++) {
		bundle.size = size;
		assert_false(tiling_leaves(bundle, 8, hashes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tile_has_the_path_of_the_specification),
		cmocka_unit_test(a_small_tree_has_the_known_roots),
		cmocka_unit_test(a_large_tree_is_what_its_tiles_end_with),
		cmocka_unit_test(a_broken_bundle_is_none),
	};

	return cmocka_run_group_tests_name("tools/tiling", tests, NULL, NULL);
}
