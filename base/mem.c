/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MEM_HUGE_SIZE = 2 * 1024 * 1024 };

void *mem_new(size_t count, size_t size)
{
	void *memory;

	assert(count > 0);
	assert(size > 0);

	memory = calloc(count, size);
	if (memory == NULL) {
		abort();
	}
	return memory;
}

void *mem_new_vast(size_t count, size_t size)
{
	char *memory = mem_new(count, size);
	size_t head = (MEM_HUGE_SIZE - (uintptr_t)memory % MEM_HUGE_SIZE) % MEM_HUGE_SIZE;
	size_t total = count * size; /* mem_new() has looked */

	if (total > head && total - head >= MEM_HUGE_SIZE) {
		/* A wish: where the kernel has none to give, pages are small. */
		(void)madvise(memory + head, (total - head) / MEM_HUGE_SIZE * MEM_HUGE_SIZE,
			MADV_HUGEPAGE);
	}
	return memory;
}

void *mem_grow(void *old, size_t count, size_t size)
{
	void *memory;
	size_t total;

	assert(count > 0);
	assert(size > 0);

	if (__builtin_mul_overflow(count, size, &total)) {
		abort();
	}
	memory = realloc(old, total);
	if (memory == NULL) {
		abort();
	}
	return memory;
}

void *mem_copy(const void *bytes, size_t size)
{
	void *memory = mem_new(size > 0 ? size : 1, 1);

	assert(bytes != NULL || size == 0);

	if (size > 0) {
		memcpy(memory, bytes, size);
	}
	return memory;
}

void mem_wipe(void *bytes, size_t size)
{
	volatile unsigned char *byte = bytes; /* each store is an effect of its own */

	assert(bytes != NULL || size == 0);

	for (size_t i = 0; i < size; i++) {
		byte[i] = 0;
	}
}

int mem_same(const void *a, const void *b, size_t size)
{
	const unsigned char *left = a;
	const unsigned char *right = b;
	volatile unsigned char difference = 0; /* no early exit can be derived from it */

	assert(a != NULL || size == 0);
	assert(b != NULL || size == 0);

	for (size_t i = 0; i < size; i++) {
		difference = (unsigned char)(difference | (left[i] ^ right[i]));
	}
	return difference == 0;
}
