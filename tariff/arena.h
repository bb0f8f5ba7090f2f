/* SPDX-License-Identifier: Apache-2.0 */

/*
 * arena - memory that lives exactly as long as one tariff set.
 *
 * A set is built once, read for months and thrown away whole, so nothing in it is freed singly.
 */
#ifndef ALYM_TARIFF_ARENA_H
#define ALYM_TARIFF_ARENA_H

#include <stddef.h>

#include "base/text.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **arena);

/* `count` zeroed objects of `size` bytes, aligned for anything. */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* A copy with a NUL behind it. */
struct text arena_text(struct arena *arena, struct text t);

/*
 * Room for one more in an array taken from the arena that holds `count` of `*capacity`: the array
 * itself, or a copy twice as large.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

#endif
