/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/parameter.h"
#include "tests/alym_test.h"

static void values_are_decoded_strictly(void **state)
{
	static const struct {
		const char *raw;
		const char *decoded; /* NULL: refused */
	} cases[] = {
		{ "abc", "abc" },
		{ "a%20b+c", "a b c" },
		{ "%D2%9B", "\xD2\x9B" },
		{ "%2b", "+" },
		{ "", NULL },
		{ "%", NULL },
		{ "%2", NULL },
		{ "%zz", NULL },
		{ "%00", NULL },
		{ "a%0Ab", NULL },
		{ "%FF", NULL },
		{ "\x80", NULL },
		{ "0123456789", NULL },
	};
	char out[10];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool ok = parameter_decode(text_of(cases[i].raw), true, out, sizeof(out));

		assert_int_equal(ok, cases[i].decoded != NULL);
		if (ok) {
			assert_string_equal(out, cases[i].decoded);
		}
	}
	assert_true(parameter_decode(TEXT("a+b"), false, out, sizeof(out)));
	assert_string_equal(out, "a+b");
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *query;
		enum problem_code code;
		const char *field;
	} cases[] = {
		{ "", PROBLEM_NONE, "" },
		{ "n=5&day=2026-02-28", PROBLEM_NONE, "" },
		{ "n=0", PROBLEM_INVALID_FIELD, "n" },
		{ "n=11", PROBLEM_INVALID_FIELD, "n" },
		{ "n=-1", PROBLEM_INVALID_FIELD, "n" },
		{ "n=1.0", PROBLEM_INVALID_FIELD, "n" },
		{ "n=99999999999999999999", PROBLEM_INVALID_FIELD, "n" },
		{ "n=", PROBLEM_INVALID_FIELD, "n" },
		{ "n=1&n=1", PROBLEM_INVALID_FIELD, "n" },
		{ "day=2026-02-29", PROBLEM_INVALID_FIELD, "day" },
		{ "day=today", PROBLEM_INVALID_FIELD, "day" },
		{ "m=1", PROBLEM_UNKNOWN_FIELD, "m" },
		{ "n=1&%6E=1", PROBLEM_UNKNOWN_FIELD, "%6E" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct call call = { .query = text_of(cases[i].query) };
		struct problem problem = { 0 };
		struct parameters p;
		int64_t n = 0;
		int32_t day = 0;

		parameters_init(&p, &call, &problem);
		(void)parameters_integer(&p, "n", 1, 10, &n);
		(void)parameters_day(&p, "day", &day);
		assert_int_equal(parameters_end(&p), cases[i].code == PROBLEM_NONE);
		assert_int_equal(problem.code, cases[i].code);
		assert_string_equal(problem.field, cases[i].field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_decoded_strictly),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("daemon/parameter", tests, NULL, NULL);
}
