/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a client sends to every route: parsed, read strictly, and what was read written again.
 * Checks that jansson, a parser of another house, comes to the same verdict and the same values,
 * and that whatever is accepted can be written and parsed once more.
 */
#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(struct text note, struct money money, int64_t seconds, int32_t day)
{
	struct json_writer w;
	struct buffer b;
	struct json_value *again;

	buffer_init(&b, (size_t)1 << 20);
	json_writer_init(&w, &b);
	json_open_object(&w, NULL);
	json_day(&w, "day", day);
	json_money(&w, "money", money);
	json_text(&w, "note", note);
	json_time(&w, "time", seconds);
	json_close_object(&w);
	again = json_parse(buffer_text(&b), NULL);
	assert(b.overflowed || again != NULL);
	json_free(&again);
	buffer_done(&b);
}

static void compare(const struct json_value *ours, const json_t *theirs)
{
	static const json_type types[] = {
		[JSON_KIND_OBJECT] = JSON_OBJECT,
		[JSON_KIND_ARRAY] = JSON_ARRAY,
		[JSON_KIND_TEXT] = JSON_STRING,
		[JSON_KIND_INTEGER] = JSON_INTEGER,
		[JSON_KIND_REAL] = JSON_REAL,
		[JSON_KIND_TRUE] = JSON_TRUE,
		[JSON_KIND_FALSE] = JSON_FALSE,
		[JSON_KIND_NULL] = JSON_NULL,
	};
	size_t count = 0;

	assert(theirs != NULL);
	assert(types[ours->kind] == json_typeof(theirs));
	if (ours->kind == JSON_KIND_TEXT) {
		assert(ours->text.size == json_string_length(theirs));
		assert(memcmp(ours->text.bytes, json_string_value(theirs), ours->text.size + 1) ==
			0);
	} else if (ours->kind == JSON_KIND_INTEGER) {
		assert(ours->integer == json_integer_value(theirs));
	}
	for (const struct json_value *v = ours->first; v != NULL; v = v->next) {
		compare(v, ours->kind == JSON_KIND_OBJECT ? json_object_get(theirs, v->name.bytes)
							  : json_array_get(theirs, count));
		count++;
	}
	assert(count == ours->count);
	assert(ours->kind != JSON_KIND_OBJECT || count == json_object_size(theirs));
	assert(ours->kind != JSON_KIND_ARRAY || count == json_array_size(theirs));
}

/* Ours alone has a bound on members and none on reals; jansson overlooks a NUL behind a number. */
static void compare_verdicts(struct text bytes, const struct json_value *ours,
	const struct err *err)
{
	json_error_t error;
	json_t *theirs = json_loadb(bytes.size > 0 ? bytes.bytes : "", bytes.size,
		JSON_REJECT_DUPLICATES, &error);

	if (ours != NULL && theirs != NULL) {
		compare(ours, theirs);
	} else if (ours != NULL) {
		assert(json_error_code(&error) == json_error_numeric_overflow);
	} else if (theirs != NULL) {
		assert(err->kind == ERR_LIMIT || strstr(err->message, "too many") != NULL ||
			memchr(bytes.bytes, '\0', bytes.size) != NULL);
	}
	json_decref(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = { .bytes = (const char *)data, .size = size };
	struct json_problem problem = { 0 };
	struct json_reader r;
	struct json_reader inner;
	struct text note = bytes;
	struct money money = money_of(0, "KZT");
	int64_t integer = 0;
	int64_t seconds = 0;
	int32_t day = 0;
	const struct json_value *lines = NULL;
	struct err err = { 0 };
	struct json_value *value = json_parse(bytes, &err);

	assert((value == NULL) == (err.kind != ERR_NONE));
	compare_verdicts(bytes, value, &err);
	assert(json_member(bytes, "note").size <= size);
	if (value != NULL) {
		json_reader_init(&r, value, "", &problem);
		json_take_text(&r, "note", JSON_OPTIONAL, 64, &note);
		json_take_money(&r, "money", JSON_OPTIONAL, &money);
		json_take_time(&r, "time", JSON_OPTIONAL, &seconds);
		json_take_date(&r, "day", JSON_OPTIONAL, &day);
		json_take_array(&r, "lines", JSON_OPTIONAL, 4, &lines);
		json_take_object(&r, "inner", JSON_OPTIONAL, &inner);
		json_take_integer(&inner, "integer", JSON_REQUIRED, 1, 1000, &integer);
		(void)json_reader_end(&inner);
		assert(json_reader_end(&r) == (problem.fault == JSON_FINE));
		assert(text_is_utf8(text_of(problem.path)));
	}
	write_again(note, money, seconds, day);
	json_free(&value);
	return 0;
}
