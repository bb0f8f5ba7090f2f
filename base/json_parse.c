/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json_parse - the parser of base/json.h: one pass over the bytes, one block of memory.
 *
 * By RFC 8259, strictly: UTF-8 without NUL, no lone surrogates, no name twice in an object, an
 * object or an array at the top, nothing behind it.  A tree in another tool's memory cost an eighth
 * of a payment (docs/PERFORMANCE.md); tests/fuzz/fuzz_json.c holds this one to the other's verdict.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

enum { JSON_VALUES_MAX = 100000 }; /* in all: each takes a hundred bytes of memory, one of text */
enum { JSON_SURROGATE_HIGH = 0xD800, JSON_SURROGATE_LOW = 0xDC00, JSON_SURROGATE_END = 0xE000 };

struct parse {
	struct text in;
	size_t at;
	const char *complaint;     /* of what stands at `at`, or NULL */
	struct json_value *values; /* the next to be used */
	char *texts;               /* where the next decoded byte goes */
	struct json_value *open[JSON_DEPTH_MAX];
	struct json_value *last[JSON_DEPTH_MAX]; /* the newest in each */
	int depth;
};

static bool parse_fails(struct parse *p, const char *complaint)
{
	if (p->complaint == NULL) {
		p->complaint = complaint;
	}
	return false;
}

/* The byte at hand, or 0 at the end: no JSON has one outside a string. */
static char parse_peek(const struct parse *p)
{
	if (p->at < p->in.size) {
		return p->in.bytes[p->at];
	}
	return '\0';
}

static void parse_space(struct parse *p)
{
	while (parse_peek(p) == ' ' || parse_peek(p) == '\t' || parse_peek(p) == '\n' ||
		parse_peek(p) == '\r') {
		p->at++;
	}
}

static bool parse_accept(struct parse *p, char c)
{
	if (parse_peek(p) != c) {
		return false;
	}
	p->at++;
	return true;
}

/* ---- strings ---- */

static bool parse_hex4(struct parse *p, unsigned *unit)
{
	unsigned char bytes[2];

	if (p->in.size - p->at < 4 ||
		!text_unhex((struct text){ p->in.bytes + p->at, 4 }, bytes, sizeof(bytes))) {
		return parse_fails(p, "\\u wants four hexadecimal digits");
	}
	*unit = (unsigned)bytes[0] << 8 | bytes[1];
	p->at += 4;
	return true;
}

static void parse_put(struct parse *p, unsigned c)
{
	if (c < 0x80) {
		*p->texts++ = (char)c;
	} else if (c < 0x800) {
		*p->texts++ = (char)(0xC0 | c >> 6);
		*p->texts++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*p->texts++ = (char)(0xE0 | c >> 12);
		*p->texts++ = (char)(0x80 | (c >> 6 & 0x3F));
		*p->texts++ = (char)(0x80 | (c & 0x3F));
	} else {
		*p->texts++ = (char)(0xF0 | c >> 18);
		*p->texts++ = (char)(0x80 | (c >> 12 & 0x3F));
		*p->texts++ = (char)(0x80 | (c >> 6 & 0x3F));
		*p->texts++ = (char)(0x80 | (c & 0x3F));
	}
}

/* After \u: one unit, or the two of a pair.  What it decodes to is shorter than what it takes. */
static bool parse_unicode(struct parse *p)
{
	unsigned high = 0;
	unsigned low = 0;

	if (!parse_hex4(p, &high)) {
		return false;
	}
	if (high < JSON_SURROGATE_HIGH || high >= JSON_SURROGATE_END) {
		if (high == 0) {
			return parse_fails(p, "\\u0000 is not allowed");
		}
		parse_put(p, high);
		return true;
	}
	if (high >= JSON_SURROGATE_LOW || !parse_accept(p, '\\') || !parse_accept(p, 'u') ||
		!parse_hex4(p, &low) || low < JSON_SURROGATE_LOW || low >= JSON_SURROGATE_END) {
		return parse_fails(p, "half of a surrogate pair");
	}
	parse_put(p, 0x10000 + ((high - JSON_SURROGATE_HIGH) << 10) + (low - JSON_SURROGATE_LOW));
	return true;
}

/* After a backslash. */
static bool parse_escape(struct parse *p)
{
	static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	if (parse_accept(p, 'u')) {
		return parse_unicode(p);
	}
	for (size_t i = 0; i < sizeof(escapes) - 1; i += 2) {
		if (parse_accept(p, escapes[i])) {
			*p->texts++ = escapes[i + 1];
			return true;
		}
	}
	return parse_fails(p, "no such escape");
}

/* How many bytes from here on stand for themselves. */
static size_t parse_run(const struct parse *p)
{
	size_t at = p->at;

	while (at < p->in.size) {
		unsigned char c = (unsigned char)p->in.bytes[at];
		size_t size = 1;

		if (c < 0x20 || c == '"' || c == '\\') {
			break;
		}
		if (c >= 0x80) {
			size = text_utf8_size((struct text){ p->in.bytes + at, p->in.size - at });
		}
		if (size == 0) {
			break;
		}
		at += size;
	}
	return at - p->at;
}

static bool parse_quoted(struct parse *p, struct text *out)
{
	const char *begin = p->texts;

	if (!parse_accept(p, '"')) {
		return parse_fails(p, "a string is expected");
	}
	while (!parse_accept(p, '"')) {
		size_t run = parse_run(p);

		memcpy(p->texts, p->in.bytes + p->at, run);
		p->texts += run;
		p->at += run;
		if (parse_accept(p, '\\')) {
			if (!parse_escape(p)) {
				return false;
			}
		} else if (parse_peek(p) != '"') {
			return parse_fails(p, p->at < p->in.size
						      ? "no control characters, and UTF-8 only"
						      : "a string has no end");
		}
	}
	*out = (struct text){ begin, (size_t)(p->texts - begin) };
	*p->texts++ = '\0'; /* in the place of a quotation mark */
	return true;
}

/* ---- values ---- */

static size_t parse_digits(struct parse *p)
{
	size_t begin = p->at;

	while (parse_peek(p) >= '0' && parse_peek(p) <= '9') {
		p->at++;
	}
	return p->at - begin;
}

/* The integer is collected below zero, where there is room for one more. */
static bool parse_integer(struct parse *p, struct json_value *value, struct text digits,
	bool negative)
{
	int64_t total = 0;

	for (size_t i = 0; i < digits.size; i++) {
		if (__builtin_mul_overflow(total, 10, &total) ||
			__builtin_sub_overflow(total, digits.bytes[i] - '0', &total)) {
			return parse_fails(p, "too large an integer");
		}
	}
	if (!negative && __builtin_sub_overflow(0, total, &total)) {
		return parse_fails(p, "too large an integer");
	}
	value->kind = JSON_KIND_INTEGER;
	value->integer = total;
	return true;
}

/* As it is written; its NUL takes the room of what must stand behind a number. */
static void parse_keep(struct parse *p, size_t begin, struct json_value *value)
{
	size_t size = p->at - begin;

	memcpy(p->texts, p->in.bytes + begin, size);
	value->text = (struct text){ p->texts, size };
	p->texts += size;
	*p->texts++ = '\0';
}

static bool parse_number(struct parse *p, struct json_value *value)
{
	size_t begin = p->at;
	bool negative = parse_accept(p, '-');
	struct text digits = { .bytes = p->in.bytes + p->at };
	bool real = false;

	digits.size = parse_digits(p);
	if (digits.size == 0 || (digits.size > 1 && digits.bytes[0] == '0')) {
		return parse_fails(p, "no number is written so");
	}
	if (parse_accept(p, '.')) {
		real = true;
		if (parse_digits(p) == 0) {
			return parse_fails(p, "digits are expected after the point");
		}
	}
	if (parse_accept(p, 'e') || parse_accept(p, 'E')) {
		real = true;
		if (!parse_accept(p, '+')) {
			(void)parse_accept(p, '-');
		}
		if (parse_digits(p) == 0) {
			return parse_fails(p, "digits are expected in the exponent");
		}
	}
	parse_keep(p, begin, value);
	if (!real) {
		return parse_integer(p, value, digits, negative);
	}
	value->kind = JSON_KIND_REAL;
	return true;
}

static bool parse_word(struct parse *p, const char *word, enum json_kind kind,
	struct json_value *value)
{
	size_t size = strlen(word);

	if (p->in.size - p->at < size || memcmp(p->in.bytes + p->at, word, size) != 0) {
		return parse_fails(p, "a value is expected");
	}
	p->at += size;
	value->kind = kind;
	return true;
}

static bool parse_open(struct parse *p, enum json_kind kind, struct json_value *value)
{
	assert(p->depth < JSON_DEPTH_MAX); /* parse_measure() has seen all of them */

	p->at++;
	value->kind = kind;
	p->open[p->depth] = value;
	p->last[p->depth] = NULL;
	p->depth++;
	return true;
}

static bool parse_value(struct parse *p, struct json_value *value)
{
	switch (parse_peek(p)) {
	case '{':
		return parse_open(p, JSON_KIND_OBJECT, value);
	case '[':
		return parse_open(p, JSON_KIND_ARRAY, value);
	case '"':
		value->kind = JSON_KIND_TEXT;
		return parse_quoted(p, &value->text);
	case 't':
		return parse_word(p, "true", JSON_KIND_TRUE, value);
	case 'f':
		return parse_word(p, "false", JSON_KIND_FALSE, value);
	case 'n':
		return parse_word(p, "null", JSON_KIND_NULL, value);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return parse_number(p, value);
	default:
		return parse_fails(p, "a value is expected");
	}
}

static bool parse_name(struct parse *p, const struct json_value *parent, struct json_value *member)
{
	if (parent->count >= JSON_OBJECT_MAX) {
		return parse_fails(p, "too many members");
	}
	if (!parse_quoted(p, &member->name)) {
		return false;
	}
	for (const struct json_value *v = parent->first; v != NULL; v = v->next) {
		if (text_equal(v->name, member->name)) {
			return parse_fails(p, "a name comes twice");
		}
	}
	parse_space(p);
	if (!parse_accept(p, ':')) {
		return parse_fails(p, "a colon is expected");
	}
	parse_space(p);
	return true;
}

/* One more member or element of what is open, or its end. */
static bool parse_next(struct parse *p)
{
	int level = p->depth - 1;
	struct json_value *parent = p->open[level];
	struct json_value *child;

	parse_space(p);
	if (parse_accept(p, parent->kind == JSON_KIND_OBJECT ? '}' : ']')) {
		p->depth--;
		return true;
	}
	if (parent->count > 0 && !parse_accept(p, ',')) {
		return parse_fails(p, "a comma, or the end of what is open, is expected");
	}
	parse_space(p);
	child = p->values++;
	if (parent->kind == JSON_KIND_OBJECT && !parse_name(p, parent, child)) {
		return false;
	}
	if (p->last[level] == NULL) {
		parent->first = child;
	} else {
		p->last[level]->next = child;
	}
	p->last[level] = child;
	parent->count++;
	return parse_value(p, child);
}

static bool parse_document(struct parse *p, struct json_value *root)
{
	parse_space(p);
	if (parse_peek(p) != '{' && parse_peek(p) != '[') {
		return parse_fails(p, "an object or an array is expected");
	}
	if (!parse_value(p, root)) {
		return false;
	}
	while (p->depth > 0) {
		if (!parse_next(p)) {
			return false;
		}
	}
	parse_space(p);
	return p->at == p->in.size || parse_fails(p, "something stands behind the end");
}

/* ---- the whole ---- */

/*
 * The deepest nesting of brackets outside strings, and more than all values there can be: before
 * each stands a bracket, a comma, or nothing.
 */
static int parse_measure(struct text bytes, size_t *values)
{
	bool in_string = false;
	int depth = 0;
	int deepest = 0;

	*values = 1;
	for (size_t i = 0; i < bytes.size; i++) {
		char c = bytes.bytes[i];

		if (c == '"') {
			in_string = !in_string;
		} else if (in_string) {
			i += c == '\\' ? 1 : 0;
		} else if (c == '[' || c == '{') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
			(*values)++;
		} else if (c == ']' || c == '}') {
			depth--;
		} else if (c == ',') {
			(*values)++;
		}
	}
	return deepest;
}

static void parse_say(const struct parse *p, struct err *err)
{
	size_t line = 1;
	size_t column = 1;

	for (size_t i = 0; i < p->at && i < p->in.size; i++) {
		column++;
		if (p->in.bytes[i] == '\n') {
			line++;
			column = 1;
		}
	}
	/* What stands there is not quoted: it may be somebody's name. */
	(void)err_set(err, ERR_INPUT, "line %zu, column %zu: %s", line, column, p->complaint);
}

struct json_value *json_parse(struct text bytes, struct err *err)
{
	struct parse p = { .in = bytes };
	struct json_value *root;
	size_t count;

	assert(bytes.bytes != NULL || bytes.size == 0);

	if (parse_measure(bytes, &count) > JSON_DEPTH_MAX) {
		(void)err_set(err, ERR_LIMIT, "nested deeper than %d", JSON_DEPTH_MAX);
		return NULL;
	}
	if (count > JSON_VALUES_MAX) {
		(void)err_set(err, ERR_LIMIT, "more than %d values", JSON_VALUES_MAX);
		return NULL;
	}
	root = mem_new(1, count * sizeof(*root) + bytes.size + 1);
	p.values = root + 1;
	p.texts = (char *)(root + count);
	if (!parse_document(&p, root)) {
		parse_say(&p, err);
		free(root);
		return NULL;
	}
	assert(p.values <= root + count);
	return root;
}

void json_free(struct json_value **root)
{
	assert(root != NULL);

	free(*root);
	*root = NULL;
}
