/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/carry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CARRY_BLOCK_SIZE = 2048 };

struct carry_block {
	struct carry_block *before;
	size_t size; /* taken */
	size_t capacity;
	char bytes[];
};

void carry_done(struct carry *carry)
{
	assert(carry != NULL);

	while (carry->last != NULL) {
		struct carry_block *block = carry->last;

		carry->last = block->before;
		free(block);
	}
}

static char *carry_room(struct carry *carry, size_t size)
{
	struct carry_block *block = carry->last;
	size_t capacity = size > CARRY_BLOCK_SIZE ? size : CARRY_BLOCK_SIZE;

	if (block == NULL || block->capacity - block->size < size) {
		block = mem_new(1, sizeof(*block) + capacity);
		block->capacity = capacity;
		block->before = carry->last;
		carry->last = block;
	}
	block->size += size;
	assert(block->size <= block->capacity);
	return block->bytes + block->size - size;
}

struct text carry_text(struct carry *carry, struct text t)
{
	char *bytes;

	assert(carry != NULL);
	assert(t.bytes != NULL || t.size == 0);

	if (t.size == 0) {
		return TEXT("");
	}
	bytes = carry_room(carry, t.size + 1);
	memcpy(bytes, t.bytes, t.size);
	bytes[t.size] = '\0';
	return (struct text){ bytes, t.size };
}
