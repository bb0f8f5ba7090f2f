/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cursor.h"
#include "tests/alym_test.h"

static void a_cursor_goes_on_where_it_was_given(void **state)
{
	static const int64_t numbers[] = { 0, 1, 255, 256, INT64_C(1) << 40, INT64_MAX };
	char cursor[CURSOR_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct cursor given = { .after = numbers[i],
			.as_of = numbers[COUNT(numbers) - 1 - i] };
		struct cursor taken = { -1, -1 };

		(void)cursor_format(TEXT("payments 1"), given, cursor);
		assert_true(cursor_parse(text_of(cursor), TEXT("payments 1"), &taken));
		assert_int_equal(taken.after, given.after);
		assert_int_equal(taken.as_of, given.as_of);
	}
}

static void a_cursor_of_another_list_is_refused(void **state)
{
	char cursor[CURSOR_SIZE];
	struct cursor taken = { -1, -1 };

	(void)state;
	(void)cursor_format(TEXT("payments 1"), (struct cursor){ .after = 7, .as_of = 9 }, cursor);
	assert_false(cursor_parse(text_of(cursor), TEXT("payments 2"), &taken));
	assert_false(cursor_parse(TEXT(""), TEXT("payments 1"), &taken));
	assert_false(cursor_parse(TEXT("zz"), TEXT("payments 1"), &taken));
	cursor[16] = 'f'; /* the sign of the number */
	assert_false(cursor_parse(text_of(cursor), TEXT("payments 1"), &taken));
	cursor[16] = '0';
	cursor[32] = 'f'; /* and of the record */
	assert_false(cursor_parse(text_of(cursor), TEXT("payments 1"), &taken));
	assert_int_equal(taken.after, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_goes_on_where_it_was_given),
		cmocka_unit_test(a_cursor_of_another_list_is_refused),
	};

	return cmocka_run_group_tests_name("daemon/cursor", tests, NULL, NULL);
}
