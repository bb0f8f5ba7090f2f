/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/leaf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "ledger/journal.h"

enum { LEAF_ARENA_MAX = 1 << 17, LEAF_DIGITS_MAX = 20, LEAF_DEPTH_MAX = 8 };

_Static_assert(2 * JOURNAL_LEAF_MAX <= LEAF_ARENA_MAX, "what is decoded of a leaf does not move");

void leaf_init(struct leaf *l)
{
	assert(l != NULL);

	*l = (struct leaf){ .bad = true };
	buffer_init(&l->arena, LEAF_ARENA_MAX);
}

void leaf_done(struct leaf *l)
{
	assert(l != NULL);

	buffer_done(&l->arena);
}

void leaf_open(struct leaf *l, struct text bytes)
{
	assert(l != NULL);

	l->at = bytes.size > 0 ? bytes.bytes : ""; /* of nothing there may be no address */
	l->end = l->at + bytes.size;
	l->first = true;
	l->bad = false;
	l->why[0] = '\0';
	if (bytes.size > JOURNAL_LEAF_MAX) {
		leaf_blame(l, "is longer than %d bytes", JOURNAL_LEAF_MAX);
	}
	buffer_reset(&l->arena);
	buffer_expect(&l->arena, 2 * bytes.size); /* it must not move while texts point into it */
}

void leaf_blame(struct leaf *l, const char *format, ...)
{
	va_list arguments;

	assert(format != NULL);

	if (l->bad) {
		return;
	}
	l->bad = true;
	va_start(arguments, format);
	(void)vsnprintf(l->why, sizeof(l->why), format, arguments); /* cut where it is too long */
	va_end(arguments);
	l->at = l->end;
}

bool leaf_is_whole(struct leaf *l)
{
	if (l->at != l->end) {
		leaf_blame(l, "has bytes behind its end");
	}
	return !l->bad;
}

static bool leaf_next_is(const struct leaf *l, char c)
{
	return l->at < l->end && *l->at == c;
}

/* Moves over one byte that must be there. */
static void leaf_take(struct leaf *l, char c)
{
	if (leaf_next_is(l, c)) {
		l->at++;
	} else {
		leaf_blame(l, "has no %c where it must be", c);
	}
}

void leaf_object(struct leaf *l)
{
	leaf_take(l, '{');
	l->first = true;
}

void leaf_end(struct leaf *l)
{
	leaf_take(l, '}');
	l->first = false;
}

void leaf_array(struct leaf *l)
{
	leaf_take(l, '[');
	l->first = true;
}

bool leaf_more(struct leaf *l)
{
	if (l->bad || leaf_next_is(l, ']')) {
		leaf_take(l, ']');
		l->first = false;
		return false;
	}
	if (!l->first) {
		leaf_take(l, ',');
	}
	l->first = true;
	return !l->bad;
}

bool leaf_has_member(struct leaf *l, struct text name)
{
	const char *at = l->at;

	if (!l->first) {
		if (!leaf_next_is(l, ',')) {
			return false;
		}
		at++;
	}
	if (l->bad || (size_t)(l->end - at) < name.size + 3 || at[0] != '"' ||
		at[name.size + 1] != '"' || at[name.size + 2] != ':' ||
		memcmp(at + 1, name.bytes, name.size) != 0) {
		return false;
	}
	l->at = at + name.size + 3;
	l->first = false;
	return true;
}

void leaf_need_member(struct leaf *l, struct text name)
{
	if (!leaf_has_member(l, name)) {
		leaf_blame(l, "has no %s where it must be", name.bytes);
	}
}

/* One escape, of those that RFC 8785 writes; the cursor stands behind the backslash. */
static void leaf_escape(struct leaf *l)
{
	static const char letters[] = "\"\\bfnrt";
	static const char means[] = "\"\\\b\f\n\r\t";
	const char *found =
		leaf_next_is(l, '\0') || l->at == l->end ? NULL : strchr(letters, *l->at);
	uint8_t code;

	if (found != NULL) {
		buffer_add_char(&l->arena, means[found - letters]);
		l->at++;
		return;
	}
	if (l->end - l->at < 5 || memcmp(l->at, "u00", 3) != 0 ||
		!text_unhex((struct text){ l->at + 3, 2 }, &code, 1) || code >= ' ' ||
		(code != 0 && strchr("\b\f\n\r\t", code) != NULL) || l->at[4] < '0' ||
		(l->at[4] >= 'A' && l->at[4] <= 'F')) {
		leaf_blame(l, "has an escape that RFC 8785 does not write");
		return;
	}
	buffer_add_char(&l->arena, (char)code);
	l->at += 5;
}

/* The rest of a text with escapes, from the first of them. */
static struct text leaf_decode(struct leaf *l, const char *start)
{
	size_t begin = l->arena.size;

	buffer_add(&l->arena, (struct text){ start, (size_t)(l->at - start) });
	while (!l->bad && l->at < l->end && *l->at != '"') {
		if (*l->at == '\\') {
			l->at++;
			leaf_escape(l);
		} else if ((unsigned char)*l->at < ' ') {
			leaf_blame(l, "has a control character");
		} else {
			buffer_add_char(&l->arena, *l->at++);
		}
	}
	leaf_take(l, '"');
	assert(!l->arena.overflowed);
	return (struct text){ l->arena.bytes + begin, l->arena.size - begin };
}

struct text leaf_text(struct leaf *l)
{
	struct text value;
	const char *start;

	leaf_take(l, '"');
	start = l->at;
	while (l->at < l->end && *l->at != '"' && *l->at != '\\' && (unsigned char)*l->at >= ' ') {
		l->at++;
	}
	if (l->at < l->end && *l->at == '\\') {
		value = leaf_decode(l, start);
	} else {
		value = (struct text){ start, (size_t)(l->at - start) };
		leaf_take(l, '"');
	}
	return l->bad ? TEXT("") : value;
}

int64_t leaf_decimal(struct leaf *l)
{
	struct text t = leaf_text(l);
	bool negative = t.size > 1 && t.bytes[0] == '-';
	int64_t value = 0;

	if (l->bad) {
		return 0;
	}
	if (negative) {
		t = (struct text){ t.bytes + 1, t.size - 1 };
	}
	if (t.size > LEAF_DIGITS_MAX || !text_parse_integer(t, &value) ||
		(t.bytes[0] == '0' && (t.size > 1 || negative))) {
		leaf_blame(l, "has no integer where one must be");
		return 0;
	}
	return negative ? -value : value;
}

int32_t leaf_day(struct leaf *l)
{
	int32_t day = 0;

	if (!date_parse(leaf_text(l), &day)) {
		leaf_blame(l, "has no date where one must be");
	}
	return day;
}

int64_t leaf_time(struct leaf *l)
{
	struct text t = leaf_text(l);
	char text[DATE_TIME_TEXT_SIZE];
	int64_t seconds = 0;

	if (!date_time_parse(t, &seconds) || !text_is(t, date_time_format(seconds, text))) {
		leaf_blame(l, "has no time where one must be");
	}
	return l->bad ? 0 : seconds;
}

bool leaf_boolean(struct leaf *l)
{
	static const char *const words[] = { "false", "true" };

	for (size_t i = 0; i < 2; i++) {
		size_t size = strlen(words[i]);

		if ((size_t)(l->end - l->at) >= size && memcmp(l->at, words[i], size) == 0) {
			l->at += size;
			return i != 0;
		}
	}
	leaf_blame(l, "has neither true nor false where one must be");
	return false;
}

/* In small letters; the size is known, so that its end need not be looked for. */
static bool leaf_take_hex(struct leaf *l, void *bytes, size_t size)
{
	const char *digits = l->at + 1;
	bool small = true;

	if ((size_t)(l->end - l->at) < 2 * size + 2 || l->at[0] != '"' || digits[2 * size] != '"') {
		return false;
	}
	for (size_t i = 0; i < 2 * size; i++) {
		small &= digits[i] <= '9' || digits[i] >= 'a';
	}
	if (!small || !text_unhex((struct text){ digits, 2 * size }, bytes, size)) {
		return false;
	}
	l->at = digits + 2 * size + 1;
	return true;
}

void leaf_hex(struct leaf *l, void *bytes, size_t size)
{
	if (l->bad || !leaf_take_hex(l, bytes, size)) {
		(void)leaf_text(l); /* it may be no text at all */
		leaf_blame(l, "has no %zu bytes in hexadecimal where they must be", size);
		memset(bytes, 0, size);
	}
}

/* Moves over one text, or one byte between texts; gives how much deeper that leads. */
static int leaf_skip(struct leaf *l)
{
	char c = *l->at;

	if (c == '"') {
		(void)leaf_text(l);
		return 0;
	}
	l->at++;
	if (c == '{' || c == '[') {
		return 1;
	}
	return c == '}' || c == ']' ? -1 : 0;
}

struct text leaf_raw(struct leaf *l)
{
	const char *start = l->at;
	int depth = 0;

	while (l->at < l->end && (depth > 0 || strchr(",}]", *l->at) == NULL)) {
		depth += leaf_skip(l);
		if (depth > LEAF_DEPTH_MAX) {
			leaf_blame(l, "is nested too deep");
		}
	}
	if (l->at == start) {
		leaf_blame(l, "has no value where one must be");
	}
	return l->bad ? TEXT("") : (struct text){ start, (size_t)(l->at - start) };
}

bool leaf_hex_if(struct leaf *l, const char *name, void *bytes, size_t size)
{
	if (!leaf_has(l, name)) {
		return false;
	}
	leaf_hex(l, bytes, size);
	return true;
}
