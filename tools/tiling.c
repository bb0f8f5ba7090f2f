/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tiling.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { TILING_GROUP = 1000, TILING_GROUP_SIZE = 8, TILING_NUMBER_SIZE = 48 };

const char *tiling_path(const struct tiling_tile *tile, char out[TILING_PATH_SIZE])
{
	char number[TILING_NUMBER_SIZE] = "";
	char level[TILING_GROUP_SIZE] = "entries";
	char partial[TILING_GROUP_SIZE] = "";
	uint64_t rest = tile->number;
	int size;

	assert(tile->width > 0 && tile->width <= TILING_WIDTH);
	assert(tile->level < TILING_LEVELS);

	/* Three digits at a time from the end; all groups but the last begin with an x. */
	do {
		char longer[TILING_NUMBER_SIZE];

		size = snprintf(longer, sizeof(longer), "%s%03u%s%s", number[0] != '\0' ? "x" : "",
			(unsigned)(rest % TILING_GROUP), number[0] != '\0' ? "/" : "", number);
		assert(size > 0 && (size_t)size < sizeof(longer));
		memcpy(number, longer, sizeof(number));
		rest /= TILING_GROUP;
	} while (rest > 0);
	if (tile->level != TILING_ENTRIES) {
		(void)snprintf(level, sizeof(level), "%d", tile->level);
	}
	if (tile->width < TILING_WIDTH) {
		(void)snprintf(partial, sizeof(partial), ".p/%zu", tile->width);
	}
	size = snprintf(out, TILING_PATH_SIZE, "tile/%s/%s%s", level, number, partial);
	assert(size > 0 && size < TILING_PATH_SIZE);
	return out;
}

uint64_t tiling_hashes(uint64_t size, int level)
{
	assert(level < TILING_LEVELS);

	return level <= 0 ? size : size >> (level * TILING_HEIGHT);
}

struct proof_hash tiling_fold(const struct proof_hash hashes[TILING_WIDTH])
{
	struct proof_hash fold[TILING_WIDTH];

	memcpy(fold, hashes, sizeof(fold));
	for (size_t count = TILING_WIDTH; count > 1; count /= 2) {
		for (size_t i = 0; i < count / 2; i++) {
			fold[i] = proof_node(&fold[2 * i], &fold[2 * i + 1]);
		}
	}
	return fold[0];
}

/* Whole subtrees from left to right, each lower than the one before. */
struct tiling_stack {
	size_t count;
	struct {
		int height;
		struct proof_hash hash;
	} trees[TILING_LEVELS * TILING_HEIGHT + 1];
};

static void tiling_push(struct tiling_stack *stack, int height, const struct proof_hash *hash)
{
	struct proof_hash joined = *hash;

	while (stack->count > 0 && stack->trees[stack->count - 1].height == height) {
		joined = proof_node(&stack->trees[--stack->count].hash, &joined);
		height++;
	}
	stack->trees[stack->count].height = height;
	stack->trees[stack->count++].hash = joined;
}

struct proof_hash tiling_root(const struct tiling_edge *edge, uint64_t size)
{
	struct tiling_stack stack = { .count = 0 };
	struct proof_hash root;

	assert(size > 0);

	for (int level = TILING_LEVELS - 1; level >= 0; level--) {
		size_t width = tiling_hashes(size, level) % TILING_WIDTH;

		for (size_t i = 0; i < width; i++) {
			tiling_push(&stack, level * TILING_HEIGHT, &edge->hashes[level][i]);
		}
	}
	root = stack.trees[stack.count - 1].hash;
	for (size_t i = stack.count - 1; i > 0; i--) {
		root = proof_node(&stack.trees[i - 1].hash, &root);
	}
	return root;
}

bool tiling_leaves(struct text bundle, size_t width, struct proof_hash hashes[TILING_WIDTH])
{
	assert(width > 0 && width <= TILING_WIDTH);

	for (size_t i = 0; i < width; i++) {
		struct text leaf = { bundle.bytes + 2, 0 };

		if (bundle.size < 2) {
			return false;
		}
		leaf.size = (size_t)(unsigned char)bundle.bytes[0] << 8 |
			    (size_t)(unsigned char)bundle.bytes[1];
		if (bundle.size - 2 < leaf.size) {
			return false;
		}
		hashes[i] = proof_leaf(leaf);
		bundle.bytes += 2 + leaf.size;
		bundle.size -= 2 + leaf.size;
	}
	return bundle.size == 0;
}
