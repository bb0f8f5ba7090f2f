/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "tests/alym_test.h"

/* A literal that may hold NUL bytes. */
#define BYTES(literal)                                          \
	{                                                       \
		.bytes = (literal), .size = sizeof(literal) - 1 \
	}

static void texts_are_compared_by_their_bytes(void **state)
{
	(void)state;
	assert_true(text_equal(TEXT("abc"), text_of("abc")));
	assert_false(text_equal(TEXT("abc"), TEXT("abd")));
	assert_false(text_equal(TEXT("abc"), TEXT("ab")));
	assert_true(text_equal(text_of(NULL), (struct text){ 0 }));
	assert_true(text_is(TEXT("abc"), "abc"));
	assert_false(text_is(TEXT("abc\0"), "abc"));
	assert_true(text_is_any_case(TEXT("Content-TYPE"), "content-Type"));
	assert_false(text_is_any_case(TEXT("Content-Typ"), "Content-Type"));
	assert_false(text_is_any_case(TEXT("Content-Type\0"), "Content-Type"));
	assert_false(text_is_any_case(TEXT("Content_Type"), "Content-Type"));
	assert_true(text_starts(TEXT("abc"), TEXT("ab")));
	assert_true(text_starts(TEXT("abc"), TEXT("")));
	assert_true(text_starts(TEXT("abc"), TEXT("abc")));
	assert_false(text_starts(TEXT("abc"), TEXT("abcd")));
	assert_false(text_starts(TEXT("abc"), TEXT("b")));
}

static void well_formed_utf8_is_recognised(void **state)
{
	static const struct text cases[] = {
		BYTES(""),
		BYTES("plain"),
		BYTES("\x7F\x01"),
		BYTES("алым, \xC2\x80 \xDF\xBF"),
		BYTES("\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"),
		BYTES("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(text_is_utf8(cases[i]));
	}
}

static void ill_formed_utf8_is_refused(void **state)
{
	static const struct text cases[] = {
		BYTES("\0"),
		BYTES("a\0b"),
		BYTES("\x80"),             /* a continuation of nothing */
		BYTES("\xC0\x80"),         /* NUL in two bytes */
		BYTES("\xC1\xBF"),         /* overlong */
		BYTES("\xE0\x9F\xBF"),     /* overlong */
		BYTES("\xF0\x8F\xBF\xBF"), /* overlong */
		BYTES("\xED\xA0\x80"),     /* a surrogate */
		BYTES("\xED\xBF\xBF"),     /* a surrogate */
		BYTES("\xF4\x90\x80\x80"), /* past U+10FFFF */
		BYTES("\xF5\x80\x80\x80"),
		BYTES("\xFF"),
		BYTES("\xD0"), /* cut short */
		BYTES("\xE2\x82"),
		BYTES("\xF0\x9F\x98"),
		BYTES("\xD0 "),
		BYTES("\xE2\x82 "),
		BYTES("\xE2\x82\xC0"),
		BYTES("\xF0\x9F\x98\x7F"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(text_is_utf8(cases[i]));
	}
}

static void a_character_has_its_size(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_size(TEXT("")), 0);
	assert_int_equal(text_utf8_size(TEXT("\0")), 0);
	assert_int_equal(text_utf8_size(TEXT("ab")), 1);
	assert_int_equal(text_utf8_size(TEXT("яb")), 2);
	assert_int_equal(text_utf8_size(TEXT("€b")), 3);
	assert_int_equal(text_utf8_size(TEXT("😀b")), 4);
	assert_int_equal(text_utf8_size(TEXT("\xFF")), 0);
}

static void integers_are_digits_only(void **state)
{
	static const char *const refused[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "٣",
		"9223372036854775808", "10000000000000000000", "99999999999999999999999" };
	int64_t value = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_false(text_parse_integer(text_of(refused[i]), &value));
		assert_int_equal(value, 42);
	}
	assert_true(text_parse_integer(TEXT("0"), &value));
	assert_int_equal(value, 0);
	assert_true(text_parse_integer(TEXT("00017"), &value));
	assert_int_equal(value, 17);
	assert_true(text_parse_integer(TEXT("9223372036854775807"), &value));
	assert_true(value == INT64_MAX);
	assert_true(text_is_digits(TEXT("0123456789")));
	assert_false(text_is_digits(TEXT("")));
	assert_false(text_is_digits(TEXT("12\0")));
}

static void a_copy_that_does_not_fit_is_empty(void **state)
{
	char out[4] = "zzz";

	(void)state;
	assert_true(text_copy(TEXT("abc"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_false(text_copy(TEXT("abcd"), out, sizeof(out)));
	assert_string_equal(out, "");
	assert_true(text_copy((struct text){ 0 }, out, 1));
	assert_string_equal(out, "");
}

static void hexadecimal_goes_both_ways(void **state)
{
	unsigned char bytes[4] = { 0 };
	char hex[9];

	(void)state;
	text_hex("\x00\x9f\xa0\xff", 4, hex);
	assert_string_equal(hex, "009fa0ff");
	assert_true(text_unhex(TEXT("009fA0Ff"), bytes, 4));
	assert_memory_equal(bytes, "\x00\x9f\xa0\xff", 4);
	text_hex(NULL, 0, hex);
	assert_string_equal(hex, "");
	assert_true(text_unhex(TEXT(""), NULL, 0));
}

static void what_is_not_hexadecimal_leaves_the_bytes_alone(void **state)
{
	static const char *const refused[] = { "", "0", "00000", "0000000", "000000000",
		"0000000000", "0000000g", "000000 0", "0x000000", "-0000000", "@0000000",
		"`0000000", "/0000000", ":0000000", "G0000000" };
	unsigned char bytes[4] = "abc";

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_false(text_unhex(text_of(refused[i]), bytes, sizeof(bytes)));
		assert_memory_equal(bytes, "abc", 4);
	}
}

static void a_buffer_grows_up_to_its_maximum(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	assert_true(text_equal(buffer_text(&b), TEXT("")));
	for (int i = 0; i < 250; i++) {
		buffer_add_string(&b, "ab");
		buffer_add_char(&b, 'c');
		buffer_printf(&b, "%d", i % 10);
		assert_int_equal(b.size, 4 * (i + 1));
		assert_int_equal(strlen(b.bytes), b.size);
	}
	assert_false(b.overflowed);
	buffer_add(&b, TEXT(""));
	assert_false(b.overflowed);
	buffer_add_char(&b, 'x');
	assert_true(b.overflowed);
	assert_int_equal(b.size, 1000);
	buffer_done(&b);
	assert_null(b.bytes);
}

static void what_overflowed_swallows_the_rest_until_it_is_reset(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 3);
	buffer_printf(&b, "%s", "abcd");
	assert_true(b.overflowed);
	buffer_add_char(&b, 'x');
	assert_int_equal(b.size, 0);
	buffer_reset(&b);
	assert_false(b.overflowed);
	buffer_printf(&b, "%s", "abc");
	assert_false(b.overflowed);
	assert_true(text_is(buffer_text(&b), "abc"));
	buffer_reset(&b);
	assert_true(text_is(buffer_text(&b), ""));
	assert_string_equal(b.bytes, "");
	buffer_done(&b);
}

static void a_formatted_text_longer_than_the_capacity_is_whole(void **state)
{
	char longer[5000];
	struct buffer b;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	buffer_init(&b, 10000);
	buffer_add_char(&b, '<');
	buffer_printf(&b, "%s>", longer);
	assert_int_equal(b.size, sizeof(longer) + 1);
	assert_int_equal(b.bytes[b.size - 1], '>');
	buffer_done(&b);
}

static void integers_are_written_to_their_ends(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 64);
	buffer_add_integer(&b, 0);
	buffer_add_char(&b, ' ');
	buffer_add_integer(&b, INT64_MAX);
	buffer_add_char(&b, ' ');
	buffer_add_integer(&b, INT64_MIN);
	assert_string_equal(b.bytes, "0 9223372036854775807 -9223372036854775808");
	buffer_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_compared_by_their_bytes),
		cmocka_unit_test(well_formed_utf8_is_recognised),
		cmocka_unit_test(ill_formed_utf8_is_refused),
		cmocka_unit_test(a_character_has_its_size),
		cmocka_unit_test(integers_are_digits_only),
		cmocka_unit_test(a_copy_that_does_not_fit_is_empty),
		cmocka_unit_test(hexadecimal_goes_both_ways),
		cmocka_unit_test(what_is_not_hexadecimal_leaves_the_bytes_alone),
		cmocka_unit_test(a_buffer_grows_up_to_its_maximum),
		cmocka_unit_test(what_overflowed_swallows_the_rest_until_it_is_reset),
		cmocka_unit_test(a_formatted_text_longer_than_the_capacity_is_whole),
		cmocka_unit_test(integers_are_written_to_their_ends),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
