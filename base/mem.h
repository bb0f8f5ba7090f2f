/* SPDX-License-Identifier: Apache-2.0 */

/* mem - allocation that cannot fail: running out of memory ends the process. */
#ifndef ALYM_BASE_MEM_H
#define ALYM_BASE_MEM_H

#include <stddef.h>

/* `count` zeroed objects of `size` bytes, to be given to free(). */
void *mem_new(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* The same for megabytes that are read and written in no order: in huge pages where the kernel has
 * them, each of which is missed once, and zeroed whole then. */
void *mem_new_vast(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* `old` (or NULL) moved to room for `count` objects of `size` bytes; what is new is not zeroed. */
void *mem_grow(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* A copy of `size` bytes (at least one is allocated), to be given to free(). */
void *mem_copy(const void *bytes, size_t size) __attribute__((malloc, returns_nonnull));

/* Overwrites a secret in a way the compiler keeps. */
void mem_wipe(void *bytes, size_t size);

/* True when both are equal; the time taken tells nothing about where they differ. */
int mem_same(const void *a, const void *b, size_t size);

#endif
