/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"

enum {
	JSON_HEX_PIECE = 64,
	JSON_INTEGER_SIZE = 20, /* "-9223372036854775808" */
};

/* What stands for bytes that are no character: U+FFFD. */
#define JSON_REPLACEMENT "\xEF\xBF\xBD"

/*
 * The deepest nesting of brackets outside strings.  jansson recurses as deep as it is told to, up
 * to a limit of its own that is far above ours.  What is not JSON at all is jansson's to refuse.
 */
static int json_depth(struct text bytes)
{
	bool in_string = false;
	int depth = 0;
	int deepest = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		char c = bytes.bytes[i];

		if (c == '"') {
			in_string = !in_string;
		} else if (in_string) {
			i += c == '\\' ? 1 : 0;
		} else if (c == '[' || c == '{') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return deepest;
}

json_t *json_parse(struct text bytes, struct err *err)
{
	json_error_t error;
	json_t *value;
	const char *quote;

	assert(bytes.bytes != NULL || bytes.size == 0);

	if (json_depth(bytes) > JSON_DEPTH_MAX) {
		(void)err_set(err, ERR_LIMIT, "nested deeper than %d", JSON_DEPTH_MAX);
		return NULL;
	}
	value = json_loadb(bytes.size > 0 ? bytes.bytes : "", bytes.size, JSON_REJECT_DUPLICATES,
		&error);
	if (value == NULL) {
		/* jansson quotes what it stumbled over; that may be somebody's name. */
		quote = strstr(error.text, " near '");
		(void)err_set(err, ERR_INPUT, "line %d, column %d: %.*s", error.line, error.column,
			quote != NULL ? (int)(quote - error.text) : (int)sizeof(error.text),
			error.text);
	}
	return value;
}

/* ---- reading ---- */

/* Appends to a path, cutting between characters where it is full. */
static void json_path_add(char path[JSON_PATH_SIZE], const char *part)
{
	struct text rest = text_of(part);
	size_t used = strlen(path);

	while (rest.size > 0) {
		size_t size = text_utf8_size(rest);

		if (size == 0 || used + size >= JSON_PATH_SIZE) {
			break;
		}
		memcpy(path + used, rest.bytes, size);
		used += size;
		rest.bytes += size;
		rest.size -= size;
	}
	path[used] = '\0';
}

/* out = "path.name", or whichever of the two is not empty. */
static void json_path_join(const char *path, const char *name, char out[JSON_PATH_SIZE])
{
	out[0] = '\0';
	json_path_add(out, path);
	if (path[0] != '\0' && name[0] != '\0') {
		json_path_add(out, ".");
	}
	json_path_add(out, name);
}

void json_reader_init(struct json_reader *r, const json_t *value, const char *path,
	struct json_problem *problem)
{
	assert(r != NULL);
	assert(path != NULL);
	assert(problem != NULL);

	*r = (struct json_reader){ .problem = problem };
	json_path_join("", path, r->path);
	if (value != NULL && !json_is_object(value)) {
		json_complain(r, JSON_WRONG, "", "must be an object");
		return;
	}
	r->object = value;
}

static bool json_is_taken(const struct json_reader *r, const char *name)
{
	for (size_t i = 0; i < r->taken_count; i++) {
		if (strcmp(r->taken[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* The member, noted as taken; NULL when it is absent, or when nothing more is to be read. */
static const json_t *json_take(struct json_reader *r, const char *name, enum json_need need)
{
	const json_t *value;

	assert(r != NULL);
	assert(name != NULL);

	if (r->object == NULL || r->problem->fault != JSON_FINE) {
		return NULL;
	}
	value = json_object_get(r->object, name);
	if (value == NULL) {
		if (need == JSON_REQUIRED) {
			json_complain(r, JSON_MISSING, name, "is required");
		}
		return NULL;
	}
	if (!json_is_taken(r, name)) {
		assert(r->taken_count < JSON_MEMBERS_MAX);
		r->taken[r->taken_count++] = name;
	}
	return value;
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which UTF-8 spells C2 80 to C2 9F. */
static bool json_has_controls(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		unsigned char c = (unsigned char)t.bytes[i];
		unsigned char next = i + 1 < t.size ? (unsigned char)t.bytes[i + 1] : 0;

		if (c < 0x20 || c == 0x7F || (c == 0xC2 && next < 0xA0)) {
			return true;
		}
	}
	return false;
}

void json_take_text(struct json_reader *r, const char *name, enum json_need need, size_t size_max,
	struct text *out)
{
	const json_t *value = json_take(r, name, need);
	struct text t;

	assert(out != NULL);

	if (value == NULL) {
		return;
	}
	if (!json_is_string(value)) {
		json_complain(r, JSON_WRONG, name, "must be a string");
		return;
	}
	t = (struct text){ json_string_value(value), json_string_length(value) };
	if (t.size == 0 || t.size > size_max) {
		json_complain(r, JSON_WRONG, name, "must be 1 to %zu bytes long", size_max);
	} else if (json_has_controls(t)) {
		json_complain(r, JSON_WRONG, name, "must not contain control characters");
	} else {
		*out = t;
	}
}

void json_take_integer(struct json_reader *r, const char *name, enum json_need need, int64_t min,
	int64_t max, int64_t *out)
{
	const json_t *value = json_take(r, name, need);

	assert(min <= max);
	assert(out != NULL);

	if (value == NULL) {
		return;
	}
	if (!json_is_integer(value)) {
		json_complain(r, JSON_WRONG, name, "must be an integer");
	} else if (json_integer_value(value) < min || json_integer_value(value) > max) {
		json_complain(r, JSON_WRONG, name, "must be from %" PRId64 " to %" PRId64, min,
			max);
	} else {
		*out = json_integer_value(value);
	}
}

void json_take_boolean(struct json_reader *r, const char *name, enum json_need need, bool *out)
{
	const json_t *value = json_take(r, name, need);

	assert(out != NULL);

	if (value == NULL) {
		return;
	}
	if (!json_is_boolean(value)) {
		json_complain(r, JSON_WRONG, name, "must be true or false");
		return;
	}
	*out = json_is_true(value);
}

/* The bytes of a member that must be a string; false when there is nothing to go on with. */
static bool json_take_string(struct json_reader *r, const char *name, enum json_need need,
	struct text *out)
{
	const json_t *value = json_take(r, name, need);

	if (value == NULL) {
		return false;
	}
	if (!json_is_string(value)) {
		json_complain(r, JSON_WRONG, name, "must be a string");
		return false;
	}
	*out = (struct text){ json_string_value(value), json_string_length(value) };
	return true;
}

void json_take_date(struct json_reader *r, const char *name, enum json_need need, int32_t *out)
{
	struct text t;

	assert(out != NULL);

	if (json_take_string(r, name, need, &t) && !date_parse(t, out)) {
		json_complain(r, JSON_WRONG, name, "must be a date, YYYY-MM-DD");
	}
}

void json_take_time(struct json_reader *r, const char *name, enum json_need need, int64_t *out)
{
	struct text t;

	assert(out != NULL);

	if (json_take_string(r, name, need, &t) && !date_time_parse(t, out)) {
		json_complain(r, JSON_WRONG, name, "must be a time, YYYY-MM-DDThh:mm:ssZ");
	}
}

void json_take_money(struct json_reader *r, const char *name, enum json_need need,
	struct money *out)
{
	struct json_reader inner;
	struct text currency = TEXT("");
	int64_t minor = 0;
	char code[MONEY_CURRENCY_SIZE];

	assert(out != NULL);

	json_take_object(r, name, need, &inner);
	json_take_integer(&inner, "amount", JSON_REQUIRED, 0, MONEY_API_MAX, &minor);
	json_take_text(&inner, "currency", JSON_REQUIRED, MONEY_CURRENCY_SIZE - 1, &currency);
	if (inner.object == NULL || !json_reader_end(&inner)) {
		return;
	}
	if (!money_currency_is_known(currency) || !text_copy(currency, code, sizeof(code))) {
		json_complain(&inner, JSON_WRONG, "currency", "is not a currency of the tariff");
		return;
	}
	*out = money_of(minor, code);
}

void json_take_object(struct json_reader *r, const char *name, enum json_need need,
	struct json_reader *inner)
{
	const json_t *value = json_take(r, name, need);
	char path[JSON_PATH_SIZE];

	assert(inner != NULL);
	assert(inner != r);

	json_path_join(r->path, name, path);
	json_reader_init(inner, value, path, r->problem);
}

void json_take_array(struct json_reader *r, const char *name, enum json_need need, size_t count_max,
	const json_t **out)
{
	const json_t *value = json_take(r, name, need);

	assert(out != NULL);

	*out = NULL;
	if (value == NULL) {
		return;
	}
	if (!json_is_array(value)) {
		json_complain(r, JSON_WRONG, name, "must be an array");
	} else if (json_array_size(value) > count_max) {
		json_complain(r, JSON_WRONG, name, "must have at most %zu elements", count_max);
	} else {
		*out = value;
	}
}

void json_complain(struct json_reader *r, enum json_fault fault, const char *name,
	const char *format, ...)
{
	struct json_problem *problem;
	va_list args;

	assert(r != NULL);
	assert(fault != JSON_FINE);

	problem = r->problem;
	if (problem->fault != JSON_FINE) {
		return;
	}
	problem->fault = fault;
	json_path_join(r->path, name != NULL ? name : "", problem->path);
	va_start(args, format);
	(void)vsnprintf(problem->detail, sizeof(problem->detail), format, args);
	va_end(args);
}

bool json_reader_end(struct json_reader *r)
{
	void *at;

	assert(r != NULL);

	if (r->object == NULL || r->problem->fault != JSON_FINE ||
		json_object_size(r->object) == r->taken_count) {
		return r->problem->fault == JSON_FINE;
	}
	/* jansson's iterators want a mutable object, though only a change of a member needs one. */
	for (at = json_object_iter((json_t *)(uintptr_t)r->object); at != NULL;
		at = json_object_iter_next((json_t *)(uintptr_t)r->object, at)) {
		if (!json_is_taken(r, json_object_iter_key(at))) {
			json_complain(r, JSON_UNKNOWN, json_object_iter_key(at), "is not known");
		}
	}
	assert(r->problem->fault == JSON_UNKNOWN);
	return false;
}

/* ---- writing ---- */

/* ASCII that stands for itself in a string. */
static bool json_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * How many bytes from the front stand for themselves.  Nearly all we write is ASCII and Cyrillic:
 * those two are told here, one by one, without a call.
 */
static size_t json_run_size(struct text t)
{
	const unsigned char *byte = (const unsigned char *)t.bytes;
	size_t size = 0;

	while (size < t.size) {
		size_t left = t.size - size;
		size_t character = 0;

		if (byte[size] < 0x80) {
			character = json_is_plain(byte[size]) ? 1 : 0;
		} else if ((byte[size] == 0xD0 || byte[size] == 0xD1) && left > 1 &&
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
		buffer_printf(out, "\\u%04x", c);
	}
	return 1;
}

/* Writes a string literal by RFC 8785 section 3.2.2.2, in runs of bytes that stand for themselves.
 */
static void json_put_quoted(struct buffer *out, struct text t)
{
	buffer_add_char(out, '"');
	while (t.size > 0) {
		size_t size = json_run_size(t);

		buffer_add(out, (struct text){ t.bytes, size });
		if (size < t.size) {
			size += json_put_escaped(out,
				(struct text){ t.bytes + size, t.size - size });
		}
		t.bytes += size;
		t.size -= size;
	}
	buffer_add_char(out, '"');
}

/* A name needs no escapes.  The order by name is by UTF-16 units in RFC 8785; for ASCII it is that
 * of bytes. */
static bool json_name_is_plain(struct text name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (!json_is_plain((unsigned char)name.bytes[i]) || name.bytes[i] == 0x7F) {
			return false;
		}
	}
	return name.size > 0 && name.size < JSON_NAME_SIZE;
}

/* All that stands before a value: the comma, and in an object the name. */
static void json_begin(struct json_writer *w, const char *name)
{
	struct text t;
	bool empty;

	assert(w != NULL);
	assert(w->depth >= 0 && w->depth <= JSON_DEPTH_MAX);

	if (w->depth == 0) {
		assert(name == NULL);
		return;
	}
	empty = w->level[w->depth - 1].empty;
	w->level[w->depth - 1].empty = false;
	if (!empty) {
		buffer_add_char(w->out, ',');
	}
	if (w->level[w->depth - 1].array) {
		assert(name == NULL);
		return;
	}
	assert(name != NULL);
	t = text_of(name);
	assert(json_name_is_plain(t));
	assert(empty || strcmp(w->level[w->depth - 1].last, name) < 0);
	memcpy(w->level[w->depth - 1].last, name, t.size + 1);
	buffer_add_char(w->out, '"');
	buffer_add(w->out, t);
	buffer_add(w->out, TEXT("\":"));
}

static void json_open(struct json_writer *w, const char *name, bool array)
{
	json_begin(w, name);
	assert(w->depth < JSON_DEPTH_MAX);
	w->level[w->depth].array = array;
	w->level[w->depth].empty = true;
	w->level[w->depth].last[0] = '\0';
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

void json_cstring(struct json_writer *w, const char *name, const char *value)
{
	assert(value != NULL);

	json_text(w, name, text_of(value));
}

static void json_put_integer(struct buffer *out, int64_t value)
{
	char digits[JSON_INTEGER_SIZE];
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		digits[--at] = '-';
	}
	buffer_add(out, (struct text){ digits + at, sizeof(digits) - at });
}

void json_number(struct json_writer *w, const char *name, int64_t value)
{
	assert(value >= -MONEY_API_MAX);
	assert(value <= MONEY_API_MAX);

	json_begin(w, name);
	json_put_integer(w->out, value);
}

void json_decimal(struct json_writer *w, const char *name, int64_t value)
{
	json_begin(w, name);
	buffer_add_char(w->out, '"');
	json_put_integer(w->out, value);
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
	assert(canonical.size > 0);

	json_begin(w, name);
	buffer_add(w->out, canonical);
}
