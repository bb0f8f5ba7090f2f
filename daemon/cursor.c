/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cursor.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

enum { CURSOR_LIST_SIZE = 8, CURSOR_BYTES = CURSOR_LIST_SIZE + 8 };

_Static_assert(CURSOR_SIZE == 2 * CURSOR_BYTES + 1, "a cursor is its bytes in hexadecimal");

static void cursor_name_list(struct text list, uint8_t out[CURSOR_LIST_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const uint8_t *)list.bytes, list.size, digest);
	memcpy(out, digest, CURSOR_LIST_SIZE);
}

const char *cursor_format(struct text list, int64_t after, char out[CURSOR_SIZE])
{
	uint8_t bytes[CURSOR_BYTES];
	uint64_t rest = (uint64_t)after;

	assert(after >= 0);
	assert(out != NULL);

	cursor_name_list(list, bytes);
	for (size_t i = CURSOR_BYTES; i > CURSOR_LIST_SIZE; i--) {
		bytes[i - 1] = (uint8_t)rest;
		rest >>= 8;
	}
	text_hex(bytes, sizeof(bytes), out);
	return out;
}

bool cursor_parse(struct text cursor, struct text list, int64_t *after)
{
	uint8_t bytes[CURSOR_BYTES];
	uint8_t name[CURSOR_LIST_SIZE];
	uint64_t value = 0;

	assert(after != NULL);

	if (!text_unhex(cursor, bytes, sizeof(bytes))) {
		return false;
	}
	cursor_name_list(list, name);
	for (size_t i = CURSOR_LIST_SIZE; i < CURSOR_BYTES; i++) {
		value = value << 8 | bytes[i];
	}
	if (memcmp(bytes, name, sizeof(name)) != 0 || value > INT64_MAX) {
		return false;
	}
	*after = (int64_t)value;
	return true;
}
