/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { BUFFER_CAPACITY_MIN = 256, TEXT_SURE_DIGITS = 18 /* that no int64_t overflows by */ };

/* What a character is, by its first byte: table 3-7 of the Unicode standard but for its ASCII row.
 */
static const struct text_utf8_row {
	unsigned char first_min;
	unsigned char first_max;
	unsigned char size;
	unsigned char second_min; /* keeps out overlong forms (E0, F0) ... */
	unsigned char second_max; /* ... surrogates (ED) and what lies past U+10FFFF (F4) */
} text_utf8_rows[] = {
	{ 0xC2, 0xDF, 2, 0x80, 0xBF },
	{ 0xE0, 0xE0, 3, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 3, 0x80, 0xBF },
	{ 0xED, 0xED, 3, 0x80, 0x9F },
	{ 0xEE, 0xEF, 3, 0x80, 0xBF },
	{ 0xF0, 0xF0, 4, 0x90, 0xBF },
	{ 0xF1, 0xF3, 4, 0x80, 0xBF },
	{ 0xF4, 0xF4, 4, 0x80, 0x8F },
};

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

bool text_is_any_case(struct text a, const char *string)
{
	return a.size == strlen(string) && strncasecmp(a.bytes, string, a.size) == 0;
}

bool text_starts(struct text a, struct text prefix)
{
	if (prefix.size > a.size) {
		return false;
	}
	a.size = prefix.size;
	return text_equal(a, prefix);
}

static bool text_fits_row(struct text t, const struct text_utf8_row *row)
{
	const unsigned char *byte = (const unsigned char *)t.bytes;

	if (byte[0] < row->first_min || byte[0] > row->first_max || t.size < row->size ||
		byte[1] < row->second_min || byte[1] > row->second_max) {
		return false;
	}
	for (size_t i = 2; i < row->size; i++) {
		if (byte[i] < 0x80 || byte[i] > 0xBF) {
			return false;
		}
	}
	return true;
}

size_t text_utf8_size(struct text t)
{
	assert(t.bytes != NULL || t.size == 0);

	if (t.size == 0) {
		return 0;
	}
	if ((unsigned char)t.bytes[0] < 0x80) {
		return t.bytes[0] != '\0' ? 1 : 0;
	}
	for (size_t i = 0; i < sizeof(text_utf8_rows) / sizeof(*text_utf8_rows); i++) {
		if (text_fits_row(t, &text_utf8_rows[i])) {
			return text_utf8_rows[i].size;
		}
	}
	return 0;
}

bool text_is_utf8(struct text t)
{
	while (t.size > 0) {
		bool ascii = t.bytes[0] > 0; /* most are: told without a call */
		size_t size = ascii ? 1 : text_utf8_size(t);

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

bool text_is_made_of(struct text t, const char *more)
{
	assert(more != NULL);

	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (c == '\0' || !(letter || (c >= '0' && c <= '9') || strchr(more, c) != NULL)) {
			return false;
		}
	}
	return t.size > 0;
}

bool text_parse_integer(struct text t, int64_t *value)
{
	size_t sure = t.size < TEXT_SURE_DIGITS ? t.size : TEXT_SURE_DIGITS;
	int64_t total = 0;

	assert(value != NULL);

	if (!text_is_digits(t)) {
		return false;
	}
	for (size_t i = 0; i < sure; i++) {
		total = total * 10 + (t.bytes[i] - '0');
	}
	for (size_t i = sure; i < t.size; i++) {
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

/* The value of a hexadecimal digit, or 16: a table, for digests have no pattern to foresee. */
static unsigned text_hex_value(char digit)
{
	static const unsigned char values[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9,                   /* 0 to 9 */
		16, 16, 16, 16, 16, 16, 16,                     /* to @ */
		10, 11, 12, 13, 14, 15,                         /* A to F */
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, /* G ... */
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, /* ... */
		16, 16,                                         /* to ` */
		10, 11, 12, 13, 14, 15,                         /* a to f */
	};
	unsigned at = (unsigned)(unsigned char)digit - '0';

	_Static_assert(sizeof(values) == 'f' - '0' + 1, "each digit has its place");
	return at < sizeof(values) ? values[at] : 16;
}

bool text_unhex(struct text hex, void *bytes, size_t size)
{
	unsigned char *byte = bytes;
	unsigned seen = 0;

	assert(bytes != NULL || size == 0);

	if (hex.size / 2 != size || hex.size % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < hex.size; i++) {
		seen |= text_hex_value(hex.bytes[i]);
	}
	if (seen > 15) {
		return false;
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

void buffer_init_whole(struct buffer *b, size_t max)
{
	assert(max > 0);

	buffer_init(b, max);
	b->capacity = max + 1;
	b->bytes = mem_grow(NULL, b->capacity, 1);
	b->bytes[0] = '\0';
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

static void buffer_grow(struct buffer *b, size_t size)
{
	size_t capacity = b->capacity > 0 ? b->capacity : BUFFER_CAPACITY_MIN;

	while (capacity <= b->size + size) {
		capacity *= 2;
	}
	b->bytes = mem_grow(b->bytes, capacity, 1);
	b->capacity = capacity;
}

/* Room for `size` bytes more and a NUL; false when that is past the maximum, now or earlier. */
static bool buffer_reserve(struct buffer *b, size_t size)
{
	assert(b->size <= b->max);

	if (b->overflowed || size > b->max - b->size) {
		b->overflowed = true;
		return false;
	}
	if (b->size + size >= b->capacity) {
		buffer_grow(b, size);
	}
	return true;
}

char *buffer_extend(struct buffer *b, size_t size)
{
	char *at;

	assert(b != NULL);

	if (!buffer_reserve(b, size)) {
		return NULL;
	}
	at = b->bytes + b->size;
	b->size += size;
	b->bytes[b->size] = '\0';
	return at;
}

void buffer_expect(struct buffer *b, size_t size)
{
	assert(b != NULL);

	if (!b->overflowed && size <= b->max - b->size) {
		(void)buffer_reserve(b, size);
	}
}

void buffer_add(struct buffer *b, struct text t)
{
	char *at;

	assert(b != NULL);
	assert(t.bytes != NULL || t.size == 0);

	at = t.size > 0 ? buffer_extend(b, t.size) : NULL;
	if (at != NULL) {
		memcpy(at, t.bytes, t.size);
	}
}

void buffer_add_string(struct buffer *b, const char *string)
{
	assert(string != NULL);

	buffer_add(b, text_of(string));
}

void buffer_add_char(struct buffer *b, char c)
{
	char *at = buffer_extend(b, 1);

	if (at != NULL) {
		*at = c;
	}
}

/* From the right; printf costs ten times as much. */
void buffer_add_integer(struct buffer *b, int64_t value)
{
	char digits[sizeof("-9223372036854775808") - 1];
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		digits[--at] = '-';
	}
	buffer_add(b, (struct text){ digits + at, sizeof(digits) - at });
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
