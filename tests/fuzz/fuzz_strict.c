/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Requests as they come from the network: the verdict does not depend on how the bytes were cut
 * into pieces, nor on what follows a request, and what is taken keeps every limit.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The verdict when the bytes come in pieces of that size. */
static size_t body_max(void *context, struct text path)
{
	(void)context;
	return call_body_max(path);
}

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
