/* SPDX-License-Identifier: Apache-2.0 */

/* json_writer - the writing half of base/json.h. */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"

enum {
	JSON_HEX_PIECE = 64,
};

/* What stands for bytes that are no character: U+FFFD. */
#define JSON_REPLACEMENT "\xEF\xBF\xBD"

/* ASCII that stands for itself in a string. */
static bool json_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Eight of them at once. */
static bool json_are_plain(const unsigned char bytes[8])
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t word;
	uint64_t quotes;
	uint64_t slashes;

	memcpy(&word, bytes, sizeof(word));
	quotes = word ^ ones * '"';
	slashes = word ^ ones * '\\';
	/* A byte less than n leaves its top bit set when n is taken away from it. */
	return ((word | ((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) |
			((slashes - ones) & ~slashes)) &
		       tops) == 0;
}

/*
 * How many bytes from the front stand for themselves.  Nearly all we write is ASCII and Cyrillic:
 * those, of one and two bytes, are told here without a call.
 */
static size_t json_run_size(struct text t)
{
	const unsigned char *byte = (const unsigned char *)t.bytes;
	size_t size = 0;

	while (size < t.size) {
		size_t left = t.size - size;
		size_t character = 0;

		if (left >= 8 && json_are_plain(byte + size)) {
			character = 8;
		} else if (byte[size] < 0x80) {
			character = json_is_plain(byte[size]) ? 1 : 0;
		} else if (byte[size] >= 0xC2 && byte[size] <= 0xDF && left > 1 &&
			   (byte[size + 1] & 0xC0) == 0x80) {
			character = 2;
		} else {
			character = text_utf8_size((struct text){ t.bytes + size, left });
		}
		if (character == 0) {
			break;
		}
		size += character;
	}
	return size;
}

/* Writes the one character, or byte that is none, that does not stand for itself. */
static size_t json_put_escaped(struct buffer *out, struct text t)
{
	static const char *const escapes[0x20] = {
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
	};
	unsigned char c = (unsigned char)t.bytes[0];

	if (text_utf8_size(t) == 0) {
		buffer_add(out, TEXT(JSON_REPLACEMENT));
	} else if (c >= 0x20) {
		buffer_add_char(out, '\\');
		buffer_add_char(out, (char)c);
	} else if (escapes[c] != NULL) {
		buffer_add_string(out, escapes[c]);
	} else {
		char hex[3];

		text_hex(&c, 1, hex);
		buffer_add(out, TEXT("\\u00"));
		buffer_add(out, (struct text){ hex, 2 });
	}
	return 1;
}

/* Writes a string literal by RFC 8785 section 3.2.2.2, in runs of bytes that stand for themselves:
 * nearly always one. */
static void json_put_quoted(struct buffer *out, struct text t)
{
	size_t size = json_run_size(t);
	char *at;

	if (size == t.size) {
		at = buffer_extend(out, size + 2);
		if (at != NULL) {
			at[0] = '"';
			memcpy(at + 1, size > 0 ? t.bytes : "", size);
			at[size + 1] = '"';
		}
		return;
	}
	buffer_add_char(out, '"');
	while (t.size > 0) {
		buffer_add(out, (struct text){ t.bytes, size });
		if (size < t.size) {
			size += json_put_escaped(out,
				(struct text){ t.bytes + size, t.size - size });
		}
		t.bytes += size;
		t.size -= size;
		size = json_run_size(t);
	}
	buffer_add_char(out, '"');
}

/*
 * Writes what stands before the value of a member: "name": and a comma unless it is the first.  A
 * name needs no escapes.  The order by name is by UTF-16 units in RFC 8785; for ASCII it is that of
 * bytes.
 */
static void json_put_name(struct json_writer *w, const char *name, bool first)
{
	const struct text t = text_of(name);
	const size_t size = t.size;
	size_t comma = first ? 0 : 1;
	char *at = buffer_extend(w->out, size + comma + 3);
	size_t plain = 0;

	assert(size > 0 && size < JSON_NAME_SIZE);

	if (at == NULL) {
		return;
	}
	if (!first) {
		*at++ = ',';
	}
	*at++ = '"';
	memcpy(at, t.bytes, size);
	while (plain + 8 <= size && json_are_plain((const unsigned char *)name + plain)) {
		plain += 8;
	}
	while (plain < size && json_is_plain((unsigned char)name[plain])) {
		plain++;
	}
	assert(plain == size);
	at[size] = '"';
	at[size + 1] = ':';
}

/* By bytes; names mostly differ in the first. */
static bool json_comes_before(const char *a, const char *b)
{
	unsigned char first_a = (unsigned char)a[0];
	unsigned char first_b = (unsigned char)b[0];

	return first_a < first_b || (first_a == first_b && strcmp(a, b) < 0);
}

/* All that stands before a value: the comma, and in an object the name. */
static void json_begin(struct json_writer *w, const char *name)
{
	bool empty;

	assert(w != NULL);
	assert(w->depth >= 0 && w->depth <= JSON_DEPTH_MAX);

	if (w->depth == 0) {
		assert(name == NULL);
		return;
	}
	empty = w->level[w->depth - 1].empty;
	w->level[w->depth - 1].empty = false;
	if (w->level[w->depth - 1].array) {
		assert(name == NULL);
		if (!empty) {
			buffer_add_char(w->out, ',');
		}
		return;
	}
	assert(name != NULL);
	assert(empty || json_comes_before(w->level[w->depth - 1].last, name));
	w->level[w->depth - 1].last = name;
	json_put_name(w, name, empty);
}

static void json_open(struct json_writer *w, const char *name, bool array)
{
	json_begin(w, name);
	assert(w->depth < JSON_DEPTH_MAX);
	w->level[w->depth].array = array;
	w->level[w->depth].empty = true;
	w->level[w->depth].last = NULL;
	w->depth++;
	buffer_add_char(w->out, array ? '[' : '{');
}

static void json_close(struct json_writer *w, bool array)
{
	assert(w != NULL);
	assert(w->depth > 0);
	assert(w->level[w->depth - 1].array == array);

	w->depth--;
	buffer_add_char(w->out, array ? ']' : '}');
}

void json_writer_init(struct json_writer *w, struct buffer *out)
{
	assert(w != NULL);
	assert(out != NULL);

	w->out = out;
	w->depth = 0; /* the levels are set as they are opened */
}

void json_open_object(struct json_writer *w, const char *name)
{
	json_open(w, name, false);
}

void json_close_object(struct json_writer *w)
{
	json_close(w, false);
}

void json_open_array(struct json_writer *w, const char *name)
{
	json_open(w, name, true);
}

void json_close_array(struct json_writer *w)
{
	json_close(w, true);
}

void json_text(struct json_writer *w, const char *name, struct text value)
{
	json_begin(w, name);
	json_put_quoted(w->out, value);
}

void json_text_said(struct json_writer *w, const char *name, struct text value)
{
	if (value.size > 0) {
		json_text(w, name, value);
	}
}

void json_text_or_nothing(struct json_writer *w, const char *name, struct text value)
{
	if (value.size > 0) {
		json_text(w, name, value);
	} else {
		json_nothing(w, name);
	}
}

void json_cstring(struct json_writer *w, const char *name, const char *value)
{
	assert(value != NULL);

	json_text(w, name, text_of(value));
}

void json_number(struct json_writer *w, const char *name, int64_t value)
{
	assert(value >= -MONEY_API_MAX);
	assert(value <= MONEY_API_MAX);

	json_begin(w, name);
	buffer_add_integer(w->out, value);
}

void json_decimal(struct json_writer *w, const char *name, int64_t value)
{
	json_begin(w, name);
	buffer_add_char(w->out, '"');
	buffer_add_integer(w->out, value);
	buffer_add_char(w->out, '"');
}

void json_true_or_false(struct json_writer *w, const char *name, bool value)
{
	json_begin(w, name);
	buffer_add(w->out, value ? TEXT("true") : TEXT("false"));
}

void json_nothing(struct json_writer *w, const char *name)
{
	json_begin(w, name);
	buffer_add(w->out, TEXT("null"));
}

void json_hex(struct json_writer *w, const char *name, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;
	char hex[2 * JSON_HEX_PIECE + 1];

	assert(bytes != NULL || size == 0);

	json_begin(w, name);
	buffer_add_char(w->out, '"');
	while (size > 0) {
		size_t piece = size < JSON_HEX_PIECE ? size : JSON_HEX_PIECE;

		text_hex(byte, piece, hex);
		buffer_add(w->out, (struct text){ .bytes = hex, .size = 2 * piece });
		byte += piece;
		size -= piece;
	}
	buffer_add_char(w->out, '"');
}

void json_day(struct json_writer *w, const char *name, int32_t day)
{
	char text[DATE_TEXT_SIZE];

	json_cstring(w, name, date_format(day, text));
}

void json_time(struct json_writer *w, const char *name, int64_t seconds)
{
	char text[DATE_TIME_TEXT_SIZE];

	json_cstring(w, name, date_time_format(seconds, text));
}

void json_money(struct json_writer *w, const char *name, struct money money)
{
	json_open_object(w, name);
	json_number(w, "amount", money.minor);
	json_cstring(w, "currency", money.currency);
	json_close_object(w);
}

void json_raw(struct json_writer *w, const char *name, struct text canonical)
{
	json_raw_parts(w, name, &canonical, 1);
}

void json_raw_parts(struct json_writer *w, const char *name, const struct text *parts, size_t count)
{
	size_t size = 0;

	assert(count > 0);

	json_begin(w, name);
	for (size_t i = 0; i < count; i++) {
		size += parts[i].size;
		buffer_add(w->out, parts[i]);
	}
	assert(size > 0);
}
