/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "tests/alym_test.h"

static void a_name_and_its_number_are_one(void **state)
{
	static const struct {
		struct id id;
		const char *text;
	} cases[] = {
		{ { ID_PAYMENT, 1, 42 }, "p1-42" },
		{ { ID_PAYMENT, 1, 1 }, "p1-1" },
		{ { ID_ATTEMPT, 10, 16 }, "a10-16" },
		{ { ID_SUSPENSE, 99, ID_NUMBER_MAX }, "s99-999999999999" },
		{ { ID_ATTEMPT, 99, ID_ATTEMPT_NUMBER_MAX }, "a99-15999999999999" },
	};
	char out[ID_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct id id = { .kind = ID_SUSPENSE };

		assert_string_equal(id_format(cases[i].id, out), cases[i].text);
		assert_true(id_parse(text_of(cases[i].text), cases[i].id.kind, &id));
		assert_int_equal(id.kind, cases[i].id.kind);
		assert_int_equal(id.generation, cases[i].id.generation);
		assert_true(id.number == cases[i].id.number);
	}
}

static void only_the_canonical_spelling_is_a_name(void **state)
{
	static const char *const cases[] = { "", "p", "p1", "p1-", "p-1", "-1", "p1-0", "p0-1",
		"p100-1", "p01-1", "p1-01", "P1-1", "q1-1", "a1-1", "p1-1 ", " p1-1", "p1--1",
		"p1-1-1", "p+1-1", "p1-+1", "p1-1x", "p1_1", "p1-1000000000000",
		"p1-9223372036854775808", "p99999999999999999999-1",
		"p1-000000000000000000000000001" };
	struct id id = { .kind = ID_PAYMENT, .number = 42 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(id_parse(text_of(cases[i]), ID_PAYMENT, &id));
		assert_int_equal(id.number, 42);
	}
	assert_false(id_parse((struct text){ .bytes = "p1-1", .size = 5 }, ID_PAYMENT, &id));
	assert_false(id_parse((struct text){ 0 }, ID_PAYMENT, &id));
	assert_false(id_parse(TEXT("a99-16000000000000"), ID_ATTEMPT, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_and_its_number_are_one),
		cmocka_unit_test(only_the_canonical_spelling_is_a_name),
	};

	return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
