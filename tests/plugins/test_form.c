/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/form.h"
#include "tests/alym_test.h"

enum { WRITTEN_MAX = 256 };

static void fields_come_decoded_and_in_their_order(void **state)
{
	struct form form;

	(void)state;
	assert_true(form_parse(
		TEXT("command=pay&sum=200.00&name=%D0%90%D0%BB+b&&empty=&bare&x=a%3Db=c"), &form));
	assert_int_equal(form.count, 6);
	assert_true(text_is(form.fields[0].name, "command"));
	assert_true(text_is(form.fields[0].value, "pay"));
	assert_true(text_is(form.fields[1].value, "200.00"));
	assert_true(text_is(form.fields[2].value, "Ал b"));
	assert_true(text_is(form.fields[3].name, "empty"));
	assert_int_equal(form.fields[3].value.size, 0);
	assert_true(text_is(form.fields[4].name, "bare"));
	assert_int_equal(form.fields[4].value.size, 0);
	assert_true(text_is(form.fields[5].value, "a=b=c"));
	form_free(&form);
	form_free(&form);
}

static void a_field_is_found_only_where_it_is_there_once(void **state)
{
	struct form form;
	struct text value = TEXT("before");

	(void)state;
	assert_true(form_parse(TEXT("a=1&b=2&%61=3&A=4"), &form));
	assert_int_equal(form_times(&form, "a"), 2);
	assert_false(form_find(&form, "a", &value));
	assert_false(form_find(&form, "c", &value));
	assert_true(form_find(&form, "A", &value));
	assert_true(text_is(value, "4"));
	assert_true(form_find(&form, "b", &value));
	assert_true(text_is(value, "2"));
	form_free(&form);
}

static void what_can_be_read_in_two_ways_is_not_read(void **state)
{
	static const char *const broken[] = { "a=%", "a=%4", "a=%4g", "a=%00", "a=\xff", "a=%ff",
		"%C3=1", "=1", "a=1&=2", "a=%ED%A0%80" };
	struct form form;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		if (form_parse(text_of(broken[i]), &form)) {
			fail_msg("%s was read", broken[i]);
		}
	}
}

static void an_empty_form_has_no_fields(void **state)
{
	struct form form;

	(void)state;
	assert_true(form_parse(TEXT(""), &form));
	assert_int_equal(form.count, 0);
	form_free(&form);
	assert_true(form_parse(TEXT("&&"), &form));
	assert_int_equal(form.count, 0);
	form_free(&form);
}

static void fields_are_bounded(void **state)
{
	struct buffer b;
	struct form form;

	(void)state;
	buffer_init(&b, 4096);
	for (int i = 0; i < FORM_FIELDS_MAX; i++) {
		form_add(&b, "a", TEXT("1"));
	}
	assert_true(form_parse(buffer_text(&b), &form));
	assert_int_equal(form.count, FORM_FIELDS_MAX);
	form_free(&form);
	form_add(&b, "a", TEXT("1"));
	assert_false(form_parse(buffer_text(&b), &form));
	buffer_done(&b);
}

static void what_is_written_is_encoded(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, WRITTEN_MAX);
	form_add(&b, "user name", TEXT("a&b=c;d+e f"));
	form_add(&b, "city", TEXT("Алматы/~.-_"));
	assert_true(text_is(buffer_text(&b), "user%20name=a%26b%3Dc%3Bd%2Be%20f&"
					     "city=%D0%90%D0%BB%D0%BC%D0%B0%D1%82%D1%8B%2F~.-_"));
	buffer_done(&b);
}

static void every_byte_comes_back(void **state)
{
	struct buffer b;
	struct form form;
	struct text value;

	(void)state;
	for (int c = 1; c < 128; c++) {
		char one = (char)c;

		buffer_init(&b, WRITTEN_MAX);
		form_add(&b, "x", (struct text){ &one, 1 });
		assert_true(form_parse(buffer_text(&b), &form));
		assert_true(form_find(&form, "x", &value));
		assert_int_equal(value.size, 1);
		assert_int_equal(value.bytes[0], c);
		form_free(&form);
		buffer_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_decoded_and_in_their_order),
		cmocka_unit_test(a_field_is_found_only_where_it_is_there_once),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_not_read),
		cmocka_unit_test(an_empty_form_has_no_fields),
		cmocka_unit_test(fields_are_bounded),
		cmocka_unit_test(what_is_written_is_encoded),
		cmocka_unit_test(every_byte_comes_back),
	};

	return cmocka_run_group_tests_name("plugins/form", tests, NULL, NULL);
}
