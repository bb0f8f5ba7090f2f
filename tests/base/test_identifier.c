/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identifier.h"
#include "tests/alym_test.h"

static void the_last_digit_of_an_iin_or_bin_is_counted(void **state)
{
	static const char *const right[] = {
		"090440004151", /* the revenue office of Kokshetau, as akm.sud.kz prints it */
		"900401300018", /* 9 + 16 + 6 + 21 + 11 = 63 = 5 x 11 + 8 */
		"000000000101", /* 10 by the first weights, so by the second: 1 x 1 */
		"000000000000",
	};
	static const char *const wrong[] = {
		"", "09044000415", "0904400041511", "09044000415a", " 90440004151",
		"090440004150", /* each digit matters but the eleventh, whose weight is 11: */
		"190440004151", "080440004151", "091440004151", "090340004151", "090430004151",
		"090441004151", "090440104151", "090440014151", "090440003151", "090440004152",
		"904040004151", /* and their order */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		assert_true(identifier_is_register(text_of(right[i])));
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(identifier_is_register(text_of(wrong[i])));
	}
}

/* 5 x 1 + 6 x 10 = 65 and 5 x 3 + 6 x 1 = 21: both leave 10, so no check digit is right. */
static void a_number_without_a_check_digit_is_never_given(void **state)
{
	char number[] = "500000000600";

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		number[11] = "0123456789"[i];
		assert_false(identifier_is_register(text_of(number)));
	}
}

static void an_iban_leaves_one(void **state)
{
	static const char *const right[] = {
		"KZ86125KZT5004100100", /* the example of the SWIFT IBAN registry */
		"KZ298561005127073713", /* of a printed bank statement */
	};
	static const char *const wrong[] = {
		"",
		"KZ86125KZT500410010",
		"KZ86125KZT50041001000",
		"KZ87125KZT5004100100",
		"KZ86125KZT5004100101",
		"KZ86125kzt5004100100",
		"KZ86 25KZT5004100100",
		"DE86125KZT5004100100",
		"KZA6125KZT5004100100",
		"KZ86125KZT5004101000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		assert_true(identifier_is_iban(text_of(right[i])));
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(identifier_is_iban(text_of(wrong[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_digit_of_an_iin_or_bin_is_counted),
		cmocka_unit_test(a_number_without_a_check_digit_is_never_given),
		cmocka_unit_test(an_iban_leaves_one),
	};

	return cmocka_run_group_tests_name("base/identifier", tests, NULL, NULL);
}
