/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ARENA_BLOCK_SIZE = 64 * 1024, ARENA_GROW_FIRST = 8 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct arena_block *blocks; /* the first is the one being filled */
};

struct arena *arena_new(void)
{
	return mem_new(1, sizeof(struct arena));
}

void arena_free(struct arena **arena)
{
	struct arena_block *block;

	assert(arena != NULL);

	if (*arena == NULL) {
		return;
	}
	block = (*arena)->blocks;
	while (block != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	free(*arena);
	*arena = NULL;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
	const size_t alignment = _Alignof(max_align_t);
	struct arena_block *block;
	size_t need;
	void *taken;

	assert(arena != NULL);
	assert(size > 0);

	need = count == 0 ? 1 : count;
	if (__builtin_mul_overflow(need, size, &need) || need > SIZE_MAX / 2) {
		abort(); /* no set that passed its limits is that large */
	}
	need = (need + alignment - 1) / alignment * alignment;
	block = arena->blocks;
	if (block == NULL || block->size - block->used < need) {
		size_t room = need > ARENA_BLOCK_SIZE ? need : ARENA_BLOCK_SIZE;

		block = mem_new(1, sizeof(*block) + room);
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	taken = block->bytes + block->used;
	block->used += need;
	return taken;
}

struct text arena_text(struct arena *arena, struct text t)
{
	char *copy = arena_take(arena, t.size + 1, 1);

	assert(t.bytes != NULL || t.size == 0);

	if (t.size > 0) {
		memcpy(copy, t.bytes, t.size);
	}
	return (struct text){ copy, t.size };
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
	void *larger;

	assert(capacity != NULL);
	assert(count <= *capacity);

	if (count < *capacity) {
		return array;
	}
	*capacity = *capacity == 0 ? ARENA_GROW_FIRST : *capacity * 2;
	larger = arena_take(arena, *capacity, size);
	if (count > 0) {
		memcpy(larger, array, count * size);
	}
	return larger;
}
