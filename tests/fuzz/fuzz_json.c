/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a client sends to every route: parsed, read strictly, and what was read written again.
 * Checks that whatever is accepted can be written and parsed once more.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(struct text note, struct money money, int64_t seconds, int32_t day)
{
	struct json_writer w;
	struct buffer b;
	json_t *again;

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
	json_decref(again);
	buffer_done(&b);
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
	const json_t *lines = NULL;
	struct err err = { 0 };
	json_t *value = json_parse(bytes, &err);

	assert((value == NULL) == (err.kind != ERR_NONE));
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
	json_decref(value);
	return 0;
}
