/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/country.h"
#include "tests/alym_test.h"

enum { LETTERS = 26 };

static void assigned_codes_are_known(void **state)
{
	static const char *const codes[] = { "KZ", "RU", "CN", "IN", "ES", "US", "AD", "ZW", "QA",
		"OM", "SS", "CW", "BQ" };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_true(country_is_known(text_of(codes[i])));
	}
}

static void there_are_249_of_them(void **state)
{
	size_t count = 0;

	(void)state;
	for (int i = 0; i < LETTERS; i++) {
		for (int j = 0; j < LETTERS; j++) {
			const char code[2] = { (char)('A' + i), (char)('A' + j) };

			count += country_is_known((struct text){ code, 2 }) ? 1 : 0;
		}
	}
	assert_int_equal(count, 249); /* ISO 3166-1, officially assigned */
}

static void what_is_no_country_is_not_known(void **state)
{
	static const char *const codes[] = { "", "K", "kz", "KAZ", "XX", "AA", "UK", "EU", "SU",
		"K1", "1K", "K\xC7" };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_false(country_is_known(text_of(codes[i])));
	}
	assert_false(country_is_known((struct text){ "K\0", 2 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assigned_codes_are_known),
		cmocka_unit_test(there_are_249_of_them),
		cmocka_unit_test(what_is_no_country_is_not_known),
	};

	return cmocka_run_group_tests_name("tariff/country", tests, NULL, NULL);
}
