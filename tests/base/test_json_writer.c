/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "tests/alym_test.h"

/* A literal that may hold NUL bytes. */
#define BYTES(literal)                                          \
	{                                                       \
		.bytes = (literal), .size = sizeof(literal) - 1 \
	}

static void strings_are_escaped_by_rfc_8785(void **state)
{
	static const struct {
		struct text value;
		const char *written;
	} cases[] = {
		/* Section 3.2.2.2's sample. */
		{ BYTES("\xE2\x82\xAC$\x0F\nA'B\"\\\\\"/"),
			"\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"" },
		{ BYTES("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"" },
		{ BYTES("\x01\x07\x0B\x0E\x1B\x1F\x20\x7F"),
			"\"\\u0001\\u0007\\u000b\\u000e\\u001b\\u001f \x7F\"" },
		{ BYTES("</script>&"), "\"</script>&\"" },
		{ BYTES("\xD0\xB0\xF0\x9F\x98\x80"), "\"\xD0\xB0\xF0\x9F\x98\x80\"" },
		{ BYTES(""), "\"\"" },
		/* No characters: NUL, a stray byte, a surrogate, the half of a letter. */
		{ BYTES("a\0b"), "\"a\xEF\xBF\xBD"
				 "b\"" },
		{ BYTES("\xFF"), "\"\xEF\xBF\xBD\"" },
		{ BYTES("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ BYTES("x\xD0"), "\"x\xEF\xBF\xBD\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_writer w;
		struct buffer b;

		buffer_init(&b, 1000);
		json_writer_init(&w, &b);
		json_text(&w, NULL, cases[i].value);
		assert_string_equal(b.bytes, cases[i].written);
		buffer_done(&b);
	}
}

/* How one character of ASCII is written, by RFC 8785 section 3.2.2.2. */
static void spell(char c, char out[8])
{
	static const char named[] = "\b\t\n\f\r\"\\";
	static const char names[] = "btnfr\"\\";
	const char *found = strchr(named, c);

	if (found != NULL) {
		(void)snprintf(out, 8, "\\%c", names[found - named]);
	} else if (c < ' ') {
		(void)snprintf(out, 8, "\\u00%02x", (unsigned)c);
	} else {
		(void)snprintf(out, 8, "%c", c);
	}
}

/* Eight bytes are told at once: none hides in any place among them. */
static void every_character_is_seen_wherever_it_stands(void **state)
{
	enum { LENGTH = 19 };

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		for (int at = 0; at < LENGTH; at++) {
			char text[] = "abcdefgh~!#[]^ pqrs";
			char expected[40];
			char spelt[8];
			struct json_writer w;
			struct buffer b;

			spell((char)c, spelt);
			(void)snprintf(expected, sizeof(expected), "\"%.*s%s%s\"", at, text, spelt,
				text + at + 1);
			text[at] = (char)c;
			buffer_init(&b, 1000);
			json_writer_init(&w, &b);
			json_text(&w, NULL, (struct text){ text, LENGTH });
			assert_string_equal(b.bytes, expected);
			buffer_done(&b);
		}
	}
}

static void every_kind_of_value_is_written_canonically(void **state)
{
	static const char expected[] =
		"{\"array\":[1,[],{},\"x\",null],\"day\":\"2026-01-01\",\"decimal\":"
		"\"-9223372036854775808\",\"hex\":\"00ff\",\"money\":{\"amount\":-5,\"currency\":"
		"\"KZT\"},\"number\":9007199254740991,\"raw\":{\"a\":1},\"time\":"
		"\"2025-12-31T19:00:00Z\",\"truth\":true,\"untruth\":false}";
	struct json_writer w;
	struct buffer b;
	json_t *value;

	(void)state;
	buffer_init(&b, 1000);
	json_writer_init(&w, &b);
	json_open_object(&w, NULL);
	json_open_array(&w, "array");
	json_number(&w, NULL, 1);
	json_open_array(&w, NULL);
	json_close_array(&w);
	json_open_object(&w, NULL);
	json_close_object(&w);
	json_cstring(&w, NULL, "x");
	json_nothing(&w, NULL);
	json_close_array(&w);
	json_day(&w, "day", 20454);
	json_decimal(&w, "decimal", INT64_MIN);
	json_hex(&w, "hex", "\x00\xff", 2);
	json_money(&w, "money", money_of(-5, "KZT"));
	json_number(&w, "number", MONEY_API_MAX);
	json_raw(&w, "raw", TEXT("{\"a\":1}"));
	json_time(&w, "time", 1767207600);
	json_true_or_false(&w, "truth", true);
	json_true_or_false(&w, "untruth", false);
	json_close_object(&w);
	assert_string_equal(b.bytes, expected);
	value = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(value);
	json_decref(value);
	buffer_done(&b);
}

static void an_empty_text_is_no_member_or_null(void **state)
{
	struct json_writer w;
	struct buffer b;

	(void)state;
	buffer_init(&b, 100);
	json_writer_init(&w, &b);
	json_open_object(&w, NULL);
	json_text_said(&w, "a", TEXT(""));
	json_text_said(&w, "b", TEXT("\""));
	json_text_said(&w, "a", TEXT("")); /* in no order: it is not there */
	json_text_or_nothing(&w, "c", TEXT(""));
	json_text_or_nothing(&w, "d", TEXT("x"));
	json_close_object(&w);
	assert_string_equal(b.bytes, "{\"b\":\"\\\"\",\"c\":null,\"d\":\"x\"}");
	buffer_done(&b);
}

static void long_bytes_are_written_whole(void **state)
{
	struct json_writer w;
	struct buffer b;
	char bytes[1000];
	char back[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (char)i;
	}
	buffer_init(&b, 2002);
	json_writer_init(&w, &b);
	json_hex(&w, NULL, bytes, sizeof(bytes));
	assert_int_equal(b.size, 2002);
	assert_true(text_unhex((struct text){ b.bytes + 1, 2000 }, back, sizeof(back)));
	assert_memory_equal(bytes, back, sizeof(bytes));
	buffer_done(&b);
}

static void write_unordered(struct json_writer *w)
{
	json_number(w, "b", 1);
	json_number(w, "a", 1);
}

static void write_twice(struct json_writer *w)
{
	json_number(w, "a", 1);
	json_number(w, "a", 1);
}

static void write_nearly_ordered(struct json_writer *w)
{
	json_number(w, "ab", 1);
	json_number(w, "aa", 1);
}

static void write_a_name_to_be_escaped(struct json_writer *w)
{
	json_number(w, "abcdefgh\"", 1);
}

static void write_nameless(struct json_writer *w)
{
	json_number(w, NULL, 1);
}

static void write_named_element(struct json_writer *w)
{
	json_open_array(w, "a");
	json_number(w, "b", 1);
}

static void write_unbalanced(struct json_writer *w)
{
	json_open_array(w, "a");
	json_close_object(w);
}

static void write_too_deep(struct json_writer *w)
{
	json_open_array(w, "a");
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++) {
		json_open_array(w, NULL);
	}
}

static void write_past_2_53(struct json_writer *w)
{
	json_number(w, "a", MONEY_API_MAX + 1);
}

static void write_too_long_a_name(struct json_writer *w)
{
	json_number(w, "a23456789012345678901234567890123456789x", 1);
}

static void write_well(struct json_writer *w)
{
	json_open_array(w, "a");
	for (int i = 0; i < JSON_DEPTH_MAX - 2; i++) {
		json_open_array(w, NULL);
	}
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++) {
		json_close_array(w);
	}
	json_number(w, "a2345678901234567890123456789012345678x", -MONEY_API_MAX);
}

/* Whether writing that into an object aborts; tried in a process of its own. */
static bool aborts(void (*write_members)(struct json_writer *w))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit no_core = { 0 };
		struct json_writer w;
		struct buffer b;

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)close(STDERR_FILENO);
		buffer_init(&b, 1000);
		json_writer_init(&w, &b);
		json_open_object(&w, NULL);
		write_members(&w);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

static void a_writer_that_breaks_the_rules_is_stopped(void **state)
{
	(void)state;
	assert_true(aborts(write_unordered));
	assert_true(aborts(write_nearly_ordered));
	assert_true(aborts(write_a_name_to_be_escaped));
	assert_true(aborts(write_twice));
	assert_true(aborts(write_nameless));
	assert_true(aborts(write_named_element));
	assert_true(aborts(write_unbalanced));
	assert_true(aborts(write_too_deep));
	assert_true(aborts(write_past_2_53));
	assert_true(aborts(write_too_long_a_name));
	assert_false(aborts(write_well));
}

static void a_member_is_found_without_reading_the_rest(void **state)
{
	static const struct {
		const char *object;
		const char *member; /* "b" */
	} cases[] = {
		{ "{\"b\":1}", "1" },
		{ "{\"a\":{\"b\":2},\"b\":[3,{\"b\":4}],\"c\":5}", "[3,{\"b\":4}]" },
		{ "{\"a\":\"x,\\\"b\\\":7\",\"b\":\"}]\\\\\"}", "\"}]\\\\\"" },
		{ "{\"ab\":1,\"bb\":2}", "" },
		{ "{}", "" },
		{ "", "" },
		{ "[1]", "" },
		{ "{\"b\":", "" },
		{ "{\"b\":\"\\}", "\"\\" },
		{ "{,,\"b\":8,}", "8" },
		{ "{]]],\"b\":}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text member = json_member(text_of(cases[i].object), "b");

		assert_true(text_is(member, cases[i].member));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped_by_rfc_8785),
		cmocka_unit_test(every_character_is_seen_wherever_it_stands),
		cmocka_unit_test(every_kind_of_value_is_written_canonically),
		cmocka_unit_test(an_empty_text_is_no_member_or_null),
		cmocka_unit_test(long_bytes_are_written_whole),
		cmocka_unit_test(a_member_is_found_without_reading_the_rest),
		cmocka_unit_test(a_writer_that_breaks_the_rules_is_stopped),
	};

	return cmocka_run_group_tests_name("base/json_writer", tests, NULL, NULL);
}
