/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Requests as they come from the network: the verdict does not depend on how the bytes were cut
 * into pieces, nor on what follows a request, and what is taken keeps every limit.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t body_max(void *context, struct text path)
{
	(void)context;
	return call_body_max(path);
}

/* The verdict when the bytes come in pieces of that size. */
static enum strict_result judge(struct text bytes, size_t piece, struct strict *s)
{
	enum strict_result result = STRICT_MORE;
	size_t size = 0;

	strict_init(s, body_max, NULL);
	while (result == STRICT_MORE && size < bytes.size) {
		size += bytes.size - size < piece ? bytes.size - size : piece;
		if (size >= s->wanted) {
			result = strict_judge(s, (struct text){ bytes.bytes, size });
		}
	}
	return result;
}

/* A body begins and ends where it should, whatever its chunks hold; the head is as it was. */
static void check_parts(struct text bytes, const struct strict *whole)
{
	char *copy = malloc(bytes.size);
	struct text body;

	assert(copy != NULL);
	memcpy(copy, bytes.bytes, bytes.size);
	body = strict_body(whole, copy);
	assert(body.size == whole->body_size);
	assert(memcmp(copy, bytes.bytes, whole->body_at) == 0);
	assert(strict_text(bytes, whole->target).bytes[0] == '/');
	for (size_t i = 0; i < whole->header_count; i++) {
		struct text name = strict_text(bytes, whole->headers[i].name);
		struct text value = strict_text(bytes, whole->headers[i].value);

		assert(name.size > 0 && name.bytes[name.size] == ':');
		assert(value.bytes > name.bytes + name.size);
		assert(value.bytes + value.size <= bytes.bytes + whole->body_at - 2);
	}
	free(copy);
}

/* What is taken keeps every limit, and is the same without what follows it. */
static void check_whole(struct text bytes, const struct strict *whole)
{
	struct strict alone;
	enum strict_result result;

	assert(whole->size <= bytes.size);
	assert(whole->header_count <= CALL_HEADERS_MAX);
	assert(whole->body_size <= whole->body_max);
	assert(whole->body_max <= CALL_BODY_LARGE_MAX);
	assert(!whole->chunked || whole->body_size <= CALL_BODY_MAX);
	assert(whole->body_at <= STRICT_HEAD_MAX);
	bytes.size = whole->size;
	result = judge(bytes, bytes.size, &alone);
	assert(result == STRICT_WHOLE);
	assert(alone.size == whole->size);
	check_parts(bytes, whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = { (const char *)data, size };
	struct strict whole;
	struct strict pieces;
	enum strict_result result = judge(bytes, size > 0 ? size : 1, &whole);

	for (size_t piece = 1; piece < 8; piece += 3) {
		enum strict_result other = judge(bytes, piece, &pieces);

		assert(other == result && pieces.status == whole.status);
		assert(pieces.size == whole.size);
	}
	if (result == STRICT_WHOLE) {
		check_whole(bytes, &whole);
	}
	return 0;
}
