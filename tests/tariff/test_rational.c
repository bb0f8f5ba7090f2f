/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tariff/rational.h"
#include "tests/alym_test.h"

static void what_the_law_writes_is_read_exactly(void **state)
{
	static const struct {
		const char *written;
		int64_t numerator;
		int64_t denominator;
	} cases[] = {
		{ "0", 0, 1 },
		{ "30", 30, 1 },
		{ "0.5", 1, 2 },
		{ "1.25", 5, 4 },
		{ "0.000001", 1, 1000000 },
		{ "2/6", 1, 3 },
		{ "999999999999", INT64_C(999999999999), 1 },
		{ "999999999999.999999", INT64_C(999999999999999999), 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rational value = { 7, 7 };

		assert_true(rational_parse(text_of(cases[i].written), &value));
		assert_int_equal(value.numerator, cases[i].numerator);
		assert_int_equal(value.denominator, cases[i].denominator);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		".",
		"0,5",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1.",
		".5",
		"1.0000001",
		"1e3",
		"1/0",
		"1/",
		"/2",
		"1/2/3",
		"1.2.3",
		"0x10",
		"1000000000000",
		"1/1000000000000",
		"NaN",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rational value = { 7, 7 };

		assert_false(rational_parse(text_of(cases[i]), &value));
		assert_int_equal(value.numerator, 7);
	}
}

static void products_are_in_lowest_terms_or_refused(void **state)
{
	struct rational product = { 7, 7 };

	(void)state;
	assert_true(rational_multiply((struct rational){ 1, 2 }, rational_of(4325), &product));
	assert_int_equal(product.numerator, 4325);
	assert_int_equal(product.denominator, 2);
	assert_true(rational_multiply(product, rational_of(100), &product));
	assert_int_equal(product.numerator, 216250);
	assert_int_equal(product.denominator, 1);
	assert_true(rational_divide(rational_of(20), 100, &product));
	assert_int_equal(product.numerator, 1);
	assert_int_equal(product.denominator, 5);
	assert_true(rational_multiply((struct rational){ INT64_MAX, 3 },
		(struct rational){ 3, INT64_MAX }, &product));
	assert_int_equal(product.numerator, 1);
	assert_false(rational_multiply(rational_of(INT64_MAX), rational_of(2), &product));
	assert_int_equal(product.numerator, 1);
}

static void each_rule_rounds_as_it_is_called(void **state)
{
	/* In thirds, halves and tenths of a step of 1; then of 100. */
	static const struct {
		struct rational value;
		int64_t step;
		int64_t rounded[5]; /* exact, down, up, half-up, half-even; -1: refused */
	} cases[] = {
		{ { 216250, 1 }, 1, { 216250, 216250, 216250, 216250, 216250 } },
		{ { 649, 3 }, 1, { -1, 216, 217, 216, 216 } },
		{ { 650, 3 }, 1, { -1, 216, 217, 217, 217 } },
		{ { 5, 2 }, 1, { -1, 2, 3, 3, 2 } },
		{ { 7, 2 }, 1, { -1, 3, 4, 4, 4 } },
		{ { 216250, 1 }, 100, { -1, 216200, 216300, 216300, 216200 } },
		{ { 216349, 1 }, 100, { -1, 216300, 216400, 216300, 216300 } },
		{ { 0, 1 }, 100, { 0, 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t rule = 0; rule < 5; rule++) {
			int64_t rounded = -1;
			bool ok = rational_round(cases[i].value, (enum rational_rounding)rule,
				cases[i].step, &rounded);

			assert_int_equal(ok, cases[i].rounded[rule] >= 0);
			assert_int_equal(rounded, cases[i].rounded[rule]);
		}
	}
}

static void rounding_never_wraps(void **state)
{
	int64_t rounded = -1;

	(void)state;
	assert_false(rational_round(rational_of(INT64_MAX), RATIONAL_UP, 100, &rounded));
	assert_false(rational_round((struct rational){ 1, INT64_MAX }, RATIONAL_UP, 2, &rounded));
	assert_int_equal(rounded, -1);
	assert_true(rational_round(rational_of(INT64_MAX), RATIONAL_EXACT, 1, &rounded));
	assert_true(rounded == INT64_MAX);
}

static void a_fraction_is_shown_as_one(void **state)
{
	char text[RATIONAL_TEXT_SIZE];

	(void)state;
	assert_string_equal(rational_format(rational_of(216250), text), "216250");
	assert_string_equal(rational_format((struct rational){ 649, 3 }, text), "649/3");
	assert_string_equal(rational_format((struct rational){ INT64_MAX, INT64_MAX - 1 }, text),
		"9223372036854775807/9223372036854775806");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_law_writes_is_read_exactly),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(products_are_in_lowest_terms_or_refused),
		cmocka_unit_test(each_rule_rounds_as_it_is_called),
		cmocka_unit_test(rounding_never_wraps),
		cmocka_unit_test(a_fraction_is_shown_as_one),
	};

	return cmocka_run_group_tests_name("tariff/rational", tests, NULL, NULL);
}
