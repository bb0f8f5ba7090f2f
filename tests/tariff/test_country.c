/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/country.h"
#include "tariff/set.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

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

static void the_tariff_names_whoever_it_speaks_of(void **state)
{
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	tariff = fixture_load(&f, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
		return;
	}
	assert_true(tariff->exemptions.agreement_count > 0);
	for (size_t i = 0; i < tariff->exemptions.agreement_count; i++) {
		struct text code = tariff->exemptions.agreements[i]->country;

		if (country_find(&tariff->countries, code) == NULL) {
			fail_msg("countries.xml does not name %s", code.bytes);
		}
	}
	assert_null(country_find(&tariff->countries, TEXT("AQ"))); /* nobody speaks of it */
	tariff_free(&tariff);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assigned_codes_are_known),
		cmocka_unit_test(there_are_249_of_them),
		cmocka_unit_test(what_is_no_country_is_not_known),
		cmocka_unit_test(the_tariff_names_whoever_it_speaks_of),
	};

	return cmocka_run_group_tests_name("tariff/country", tests, NULL, NULL);
}
