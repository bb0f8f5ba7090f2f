/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/money.h"
#include "tests/alym_test.h"

static struct money kzt(int64_t minor)
{
	return money_of(minor, "KZT");
}

static void only_the_currencies_of_the_tariff_are_money(void **state)
{
	static const char *const known[] = { "KZT", "USD", "EUR", "GBP", "CHF" };
	static const char *const unknown[] = { "", "KZ", "KZTT", "kzt", "RUB", "398", "KZT " };

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		assert_true(money_currency_is_known(text_of(known[i])));
	}
	for (size_t i = 0; i < COUNT(unknown); i++) {
		assert_false(money_currency_is_known(text_of(unknown[i])));
	}
	assert_false(money_currency_is_known((struct text){ .bytes = "KZT", .size = 4 }));
	assert_true(money_same_currency(kzt(1), kzt(2)));
	assert_false(money_same_currency(kzt(1), money_of(1, "USD")));
}

enum operation { ADD, SUBTRACT, MULTIPLY };

static bool operate(enum operation operation, int64_t a, int64_t b, struct money *result)
{
	switch (operation) {
	case ADD:
		return money_add(kzt(a), kzt(b), result);
	case SUBTRACT:
		return money_subtract(kzt(a), kzt(b), result);
	case MULTIPLY:
		break;
	}
	return money_multiply(kzt(a), b, result);
}

static void arithmetic_is_exact_up_to_the_limits(void **state)
{
	static const struct {
		enum operation operation;
		int64_t a, b, expected;
	} cases[] = {
		{ ADD, 1, 2, 3 },
		{ ADD, -5, 2, -3 },
		{ ADD, INT64_MAX - 1, 1, INT64_MAX },
		{ ADD, INT64_MIN + 1, -1, INT64_MIN },
		{ ADD, INT64_MAX, INT64_MIN, -1 },
		{ SUBTRACT, 1, 2, -1 },
		{ SUBTRACT, -1, INT64_MAX, INT64_MIN },
		{ SUBTRACT, INT64_MIN, INT64_MIN, 0 },
		{ SUBTRACT, -1, INT64_MIN, INT64_MAX },
		{ MULTIPLY, 7, 6, 42 },
		{ MULTIPLY, -7, 6, -42 },
		{ MULTIPLY, 7, 0, 0 },
		{ MULTIPLY, INT64_MAX / 7, 7, INT64_MAX / 7 * 7 },
		{ MULTIPLY, INT64_MIN, 1, INT64_MIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct money result = money_of(-77, "USD");

		assert_true(operate(cases[i].operation, cases[i].a, cases[i].b, &result));
		assert_int_equal(result.minor, cases[i].expected);
		assert_string_equal(result.currency, "KZT");
	}
}

static void overflow_is_reported_and_leaves_the_result_alone(void **state)
{
	static const struct {
		enum operation operation;
		int64_t a, b;
	} cases[] = {
		{ ADD, INT64_MAX, 1 },
		{ ADD, INT64_MIN, -1 },
		{ SUBTRACT, INT64_MIN, 1 },
		{ SUBTRACT, 0, INT64_MIN },
		{ SUBTRACT, -2, INT64_MAX },
		{ MULTIPLY, INT64_MAX / 7 + 1, 7 },
		{ MULTIPLY, INT64_MIN, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct money result = money_of(42, "USD");

		assert_false(operate(cases[i].operation, cases[i].a, cases[i].b, &result));
		assert_int_equal(result.minor, 42);
		assert_string_equal(result.currency, "USD");
	}
}

static void amounts_are_written_with_two_places(void **state)
{
	static const struct {
		int64_t minor;
		const char *amount;
	} cases[] = {
		{ 12975000, "129750.00" },
		{ 0, "0.00" },
		{ 1, "0.01" },
		{ 10, "0.10" },
		{ -1, "-0.01" },
		{ -123, "-1.23" },
		{ INT64_MAX, "92233720368547758.07" },
		{ INT64_MIN, "-92233720368547758.08" },
	};
	char out[MONEY_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(money_format_amount(kzt(cases[i].minor), out), cases[i].amount);
		(void)money_format(kzt(cases[i].minor), out);
		assert_memory_equal(out, cases[i].amount, strlen(cases[i].amount));
		assert_string_equal(out + strlen(cases[i].amount), " KZT");
	}
}

static void decimals_of_at_most_two_places_are_read(void **state)
{
	static const struct {
		const char *decimal;
		int64_t minor;
	} cases[] = {
		{ "0", 0 },
		{ "12", 1200 },
		{ "12.5", 1250 },
		{ "12.50", 1250 },
		{ "12.05", 1205 },
		{ "0.01", 1 },
		{ "007.10", 710 },
		{ "92233720368547758", INT64_MAX - 7 },
		{ "92233720368547758.07", INT64_MAX },
	};
	int64_t minor;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		minor = -1;
		assert_true(money_parse_amount(text_of(cases[i].decimal), &minor));
		assert_int_equal(minor, cases[i].minor);
	}
}

static void nothing_else_is_read_as_an_amount(void **state)
{
	static const char *const cases[] = { "", ".", "12.", ".5", "12.345", "-1", "+1", " 1", "1 ",
		"1,5", "1.5.", "1..5", "1.-5", "1e2", "0x1", "12.5 ", "1 000",
		"92233720368547758.08", "92233720368547759", "9223372036854775808" };
	int64_t minor = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(money_parse_amount(text_of(cases[i]), &minor));
		assert_int_equal(minor, 42);
	}
	assert_false(money_parse_amount((struct text){ .bytes = "12", .size = 3 }, &minor));
	assert_false(money_parse_amount((struct text){ 0 }, &minor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_currencies_of_the_tariff_are_money),
		cmocka_unit_test(arithmetic_is_exact_up_to_the_limits),
		cmocka_unit_test(overflow_is_reported_and_leaves_the_result_alone),
		cmocka_unit_test(amounts_are_written_with_two_places),
		cmocka_unit_test(decimals_of_at_most_two_places_are_read),
		cmocka_unit_test(nothing_else_is_read_as_an_amount),
	};

	return cmocka_run_group_tests_name("base/money", tests, NULL, NULL);
}
