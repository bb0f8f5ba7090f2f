/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cursor.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

enum {
	CURSOR_LIST_SIZE = 8,
	CURSOR_NUMBER_SIZE = 8,
	CURSOR_BYTES = CURSOR_LIST_SIZE + 2 * CURSOR_NUMBER_SIZE
};

_Static_assert(CURSOR_SIZE == 2 * CURSOR_BYTES + 1, "a cursor is its bytes in hexadecimal");

static void cursor_name_list(struct text list, uint8_t out[CURSOR_LIST_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const uint8_t *)list.bytes, list.size, digest);
	memcpy(out, digest, CURSOR_LIST_SIZE);
}

static void cursor_put(uint8_t bytes[CURSOR_NUMBER_SIZE], int64_t number)
{
	uint64_t rest = (uint64_t)number;

	assert(number >= 0);

	for (size_t i = CURSOR_NUMBER_SIZE; i > 0; i--) {
		bytes[i - 1] = (uint8_t)rest;
		rest >>= 8;
	}
}

/* -1: it is none. */
static int64_t cursor_take(const uint8_t bytes[CURSOR_NUMBER_SIZE])
{
	uint64_t value = 0;

	for (size_t i = 0; i < CURSOR_NUMBER_SIZE; i++) {
		value = value << 8 | bytes[i];
	}
	return value > INT64_MAX ? -1 : (int64_t)value;
}

const char *cursor_format(struct text list, struct cursor cursor, char out[CURSOR_SIZE])
{
	uint8_t bytes[CURSOR_BYTES];

	assert(out != NULL);

	cursor_name_list(list, bytes);
	cursor_put(bytes + CURSOR_LIST_SIZE, cursor.after);
	cursor_put(bytes + CURSOR_LIST_SIZE + CURSOR_NUMBER_SIZE, cursor.as_of);
	text_hex(bytes, sizeof(bytes), out);
	return out;
}

bool cursor_parse(struct text written, struct text list, struct cursor *cursor)
{
	uint8_t bytes[CURSOR_BYTES];
	uint8_t name[CURSOR_LIST_SIZE];
	struct cursor c;

	assert(cursor != NULL);

	if (!text_unhex(written, bytes, sizeof(bytes))) {
		return false;
	}
	cursor_name_list(list, name);
	c.after = cursor_take(bytes + CURSOR_LIST_SIZE);
	c.as_of = cursor_take(bytes + CURSOR_LIST_SIZE + CURSOR_NUMBER_SIZE);
	if (memcmp(bytes, name, sizeof(name)) != 0 || c.after < 0 || c.as_of < 0) {
		return false;
	}
	*cursor = c;
	return true;
}
