/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BUFFER_CAPACITY_MIN = 256 };

struct text text_of(const char *string)
{
	if (string == NULL) {
		return TEXT("");
	}
	return (struct text){ .bytes = string, .size = strlen(string) };
}

bool text_equal(struct text a, struct text b)
{
	assert(a.bytes != NULL || a.size == 0);
	assert(b.bytes != NULL || b.size == 0);

	return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

bool text_is(struct text a, const char *string)
{
	return text_equal(a, text_of(string));
}

bool text_starts(struct text a, struct text prefix)
{
	if (prefix.size > a.size) {
		return false;
	}
	a.size = prefix.size;
	return text_equal(a, prefix);
}

static bool text_is_continuation(unsigned char byte)
{
	return (byte & 0xC0) == 0x80;
}

/*
 * By table 3-7 of the Unicode standard: only the second byte has ranges of its own, and they are
 * what keeps out overlong forms (E0, F0), surrogates (ED) and what lies beyond U+10FFFF (F4).
 */
size_t text_utf8_size(struct text t)
{
	const unsigned char *byte = (const unsigned char *)t.bytes;
	unsigned char low = 0x80;
	unsigned char high = 0xBF;
	size_t size;

	assert(t.bytes != NULL || t.size == 0);

	if (t.size == 0 || byte[0] == 0) {
		return 0;
	}
	if (byte[0] < 0x80) {
		return 1;
	}
	if (byte[0] < 0xC2 || byte[0] > 0xF4) {
		return 0;
	}
	size = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
	low = byte[0] == 0xE0 ? 0xA0 : byte[0] == 0xF0 ? 0x90 : low;
	high = byte[0] == 0xED ? 0x9F : byte[0] == 0xF4 ? 0x8F : high;
	if (t.size < size || byte[1] < low || byte[1] > high) {
		return 0;
	}
	for (size_t i = 2; i < size; i++) {
		if (!text_is_continuation(byte[i])) {
			return 0;
		}
	}
	return size;
}

bool text_is_utf8(struct text t)
{
	while (t.size > 0) {
		size_t size = text_utf8_size(t);

		if (size == 0) {
			return false;
		}
		t.bytes += size;
		t.size -= size;
	}
	return true;
}

bool text_is_digits(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		if (t.bytes[i] < '0' || t.bytes[i] > '9') {
			return false;
		}
	}
	return t.size > 0;
}

bool text_parse_integer(struct text t, int64_t *value)
{
	int64_t total = 0;

	assert(value != NULL);

	if (!text_is_digits(t)) {
		return false;
	}
	for (size_t i = 0; i < t.size; i++) {
		if (__builtin_mul_overflow(total, 10, &total) ||
			__builtin_add_overflow(total, t.bytes[i] - '0', &total)) {
			return false;
		}
	}
	*value = total;
	return true;
}

bool text_copy(struct text t, char *out, size_t out_size)
{
	assert(out != NULL);
	assert(out_size > 0);

	out[0] = '\0';
	if (t.size >= out_size) {
		return false;
	}
	if (t.size > 0) {
		memcpy(out, t.bytes, t.size);
	}
	out[t.size] = '\0';
	return true;
}

void text_hex(const void *bytes, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	assert(bytes != NULL || size == 0);
	assert(out != NULL);

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[byte[i] >> 4];
		out[2 * i + 1] = digits[byte[i] & 0x0F];
	}
	out[2 * size] = '\0';
}

/* The value of a hexadecimal digit, or -1. */
static int text_hex_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	if (digit >= 'a' && digit <= 'f') {
		return digit - 'a' + 10;
	}
	if (digit >= 'A' && digit <= 'F') {
		return digit - 'A' + 10;
	}
	return -1;
}

bool text_unhex(struct text hex, void *bytes, size_t size)
{
	unsigned char *byte = bytes;

	assert(bytes != NULL || size == 0);

	if (hex.size / 2 != size || hex.size % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < hex.size; i++) {
		if (text_hex_value(hex.bytes[i]) < 0) {
			return false;
		}
	}
	for (size_t i = 0; i < size; i++) {
		byte[i] = (unsigned char)(text_hex_value(hex.bytes[2 * i]) << 4 |
					  text_hex_value(hex.bytes[2 * i + 1]));
	}
	return true;
}

void buffer_init(struct buffer *b, size_t max)
{
	assert(b != NULL);
	assert(max < SIZE_MAX / 2); /* so that doubling the capacity stays a size */

	*b = (struct buffer){ .max = max };
}

void buffer_done(struct buffer *b)
{
	assert(b != NULL);

	free(b->bytes);
	*b = (struct buffer){ 0 };
}

void buffer_reset(struct buffer *b)
{
	assert(b != NULL);

	b->size = 0;
	b->overflowed = false;
	if (b->bytes != NULL) {
		b->bytes[0] = '\0';
	}
}

/* Room for `size` bytes more and a NUL; false when that is past the maximum, now or earlier. */
static bool buffer_reserve(struct buffer *b, size_t size)
{
	size_t capacity = b->capacity > 0 ? b->capacity : BUFFER_CAPACITY_MIN;

	assert(b->size <= b->max);

	if (b->overflowed || size > b->max - b->size) {
		b->overflowed = true;
		return false;
	}
	if (b->size + size < b->capacity) {
		return true;
	}
	while (capacity <= b->size + size) {
		capacity *= 2;
	}
	b->bytes = mem_grow(b->bytes, capacity, 1);
	b->capacity = capacity;
	return true;
}

void buffer_add(struct buffer *b, struct text t)
{
	assert(b != NULL);
	assert(t.bytes != NULL || t.size == 0);

	if (t.size == 0 || !buffer_reserve(b, t.size)) {
		return;
	}
	memcpy(b->bytes + b->size, t.bytes, t.size);
	b->size += t.size;
	b->bytes[b->size] = '\0';
}

void buffer_add_string(struct buffer *b, const char *string)
{
	assert(string != NULL);

	buffer_add(b, text_of(string));
}

void buffer_add_char(struct buffer *b, char c)
{
	buffer_add(b, (struct text){ .bytes = &c, .size = 1 });
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	int size;

	assert(b != NULL);
	assert(format != NULL);

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(size >= 0);
	if (!buffer_reserve(b, (size_t)size)) {
		return;
	}
	va_start(args, format);
	size = vsnprintf(b->bytes + b->size, b->capacity - b->size, format, args);
	va_end(args);
	assert(size >= 0 && (size_t)size < b->capacity - b->size);
	b->size += (size_t)size;
}

struct text buffer_text(const struct buffer *b)
{
	assert(b != NULL);

	return b->size > 0 ? (struct text){ .bytes = b->bytes, .size = b->size } : TEXT("");
}
