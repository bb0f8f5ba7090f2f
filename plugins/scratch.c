/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/scratch.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool scratch_overflowed(const struct alym_scratch *scratch)
{
	assert(scratch != NULL);

	return scratch->size > ALYM_SCRATCH_SIZE;
}

static size_t scratch_left(const struct alym_scratch *scratch)
{
	return scratch_overflowed(scratch) ? 0 : ALYM_SCRATCH_SIZE - scratch->size;
}

char *scratch_reserve(struct alym_scratch *scratch, size_t size)
{
	char *bytes;

	assert(scratch != NULL);
	assert(scratch->bytes != NULL);

	if (scratch_overflowed(scratch) || size > scratch_left(scratch)) {
		scratch->size = ALYM_SCRATCH_SIZE + 1;
		return NULL;
	}
	bytes = scratch->bytes + scratch->size;
	scratch->size += size;
	return bytes;
}

struct text scratch_copy(struct alym_scratch *scratch, struct text t)
{
	char *bytes;

	assert(t.bytes != NULL || t.size == 0);

	bytes = scratch_reserve(scratch, t.size);
	if (bytes == NULL || t.size == 0) {
		return TEXT("");
	}
	memcpy(bytes, t.bytes, t.size);
	return (struct text){ .bytes = bytes, .size = t.size };
}

struct text scratch_take(struct alym_scratch *scratch, struct buffer *b)
{
	struct text copy = TEXT("");

	assert(scratch != NULL);
	assert(b != NULL);

	if (b->overflowed) {
		scratch->size = ALYM_SCRATCH_SIZE + 1;
	} else {
		copy = scratch_copy(scratch, buffer_text(b));
	}
	buffer_done(b);
	return copy;
}

/* The NUL that vsnprintf() needs room for is overwritten by what comes next. */
struct text scratch_printf(struct alym_scratch *scratch, const char *format, ...)
{
	size_t left;
	va_list args;
	int size;

	assert(scratch != NULL);
	assert(format != NULL);

	left = scratch_left(scratch);
	va_start(args, format);
	size = vsnprintf(left > 0 ? scratch->bytes + scratch->size : NULL, left, format, args);
	va_end(args);
	assert(size >= 0);
	if ((size_t)size >= left) {
		scratch->size = ALYM_SCRATCH_SIZE + 1;
		return TEXT("");
	}
	return (struct text){ .bytes = scratch_reserve(scratch, (size_t)size),
		.size = (size_t)size };
}
