/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"
#include "tests/alym_test.h"

static int32_t day_of(const char *text)
{
	int32_t day = DATE_NONE;

	assert_true(date_parse(text_of(text), &day));
	return day;
}

static void days_are_counted_from_1970(void **state)
{
	static const struct {
		const char *text;
		int32_t day;
	} cases[] = {
		{ "1900-01-01", -25567 },
		{ "1900-02-28", -25509 },
		{ "1900-03-01", -25508 }, /* 1900 was no leap year */
		{ "1969-12-31", -1 },
		{ "1970-01-01", 0 },
		{ "2000-02-29", 11016 }, /* 2000 was one */
		{ "2000-03-01", 11017 },
		{ "2024-02-29", 19782 },
		{ "2026-01-01", 20454 },
		{ "9999-12-31", 2932896 },
	};
	char out[DATE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(day_of(cases[i].text), cases[i].day);
		assert_string_equal(date_format(cases[i].day, out), cases[i].text);
	}
}

static void every_day_is_the_next_one_of_its_predecessor(void **state)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct date_civil expected = { .year = 1900, .month = 1, .day = 1 };

	(void)state;
	for (int32_t day = -25567; day <= 2932896; day++) {
		bool leap = expected.year % 4 == 0 &&
			    (expected.year % 100 != 0 || expected.year % 400 == 0);
		struct date_civil civil = date_to_civil(day);
		int32_t back = DATE_NONE;

		assert_true(civil.year == expected.year && civil.month == expected.month &&
			    civil.day == expected.day);
		assert_true(date_from_civil(civil, &back) && back == day);
		expected.day++;
		if (expected.day > days[expected.month - 1] + (leap && expected.month == 2)) {
			expected.day = 1;
			expected.month++;
		}
		if (expected.month > 12) {
			expected.month = 1;
			expected.year++;
		}
	}
	assert_int_equal(expected.year, 10000);
}

static void days_that_never_were_are_refused(void **state)
{
	static const char *const cases[] = { "2025-02-29", "1900-02-29", "2100-02-29", "2024-02-30",
		"2024-04-31", "2024-13-01", "2024-00-01", "2024-01-00", "2024-01-32", "1899-12-31",
		"0000-01-01", "", "2024-1-1", "24-01-01", "2024-01-1", "2024/01/01", "2024-01-01 ",
		" 2024-01-01", "2024-01-01T", "20240101", "+024-01-01", "-024-01-01", "2024-+1-01",
		"10000-01-01", "2024-01-0x" };
	int32_t day = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(date_parse(text_of(cases[i]), &day));
		assert_int_equal(day, 42);
	}
	assert_false(date_parse((struct text){ .bytes = "2024-01-01", .size = 9 }, &day));
	assert_false(
		date_from_civil((struct date_civil){ .year = 10000, .month = 1, .day = 1 }, &day));
}

static void instants_are_read_with_their_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2024-02-29T18:30:00Z", 1709231400 },
		{ "2024-02-29T23:30:00+05:00", 1709231400 },
		{ "2024-02-29T13:00:00-05:30", 1709231400 },
		{ "2024-02-29T18:30:00-00:00", 1709231400 },
		{ "2024-02-29t18:30:00z", 1709231400 },
		{ "2024-02-29T18:30:00.9Z", 1709231400 },
		{ "2024-02-29T18:30:00.999999999999+00:00", 1709231400 },
		{ "1900-01-02T00:00:00Z", -2208902400 },
		{ "9999-12-30T23:59:59Z", 253402214399 },
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		seconds = 42;
		assert_true(date_time_parse(text_of(cases[i].text), &seconds));
		assert_true(seconds == cases[i].seconds);
	}
}

static void instants_of_another_form_are_refused(void **state)
{
	static const char *const cases[] = { "", "2024-02-29", "2024-02-29T18:30:00",
		"2024-02-29T18:30Z", "2024-02-29 18:30:00Z", "2024-02-29T24:00:00Z",
		"2024-02-29T23:60:00Z", "2016-12-31T23:59:60Z", "2024-02-29T18:30:00.Z",
		"2024-02-29T18:30:00,5Z", "2024-02-29T18:30:00+05", "2024-02-29T18:30:00+0500",
		"2024-02-29T18:30:00+24:00", "2024-02-29T18:30:00+05:60", "2024-02-29T18:30:00ZZ",
		"2025-02-29T18:30:00Z", "2024-02-29T18:30:00 Z", "2024-02-29T1:30:00Z",
		"1900-01-01T23:59:59Z", "9999-12-31T00:00:00Z", "1900-01-02T00:00:00+00:01",
		"9999-12-30T23:59:59-00:01" };
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(date_time_parse(text_of(cases[i]), &seconds));
		assert_true(seconds == 42);
	}
}

static void instants_are_written_in_utc(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ -86400, "1969-12-31T00:00:00Z" },
		{ -86401, "1969-12-30T23:59:59Z" },
		{ 1709231400, "2024-02-29T18:30:00Z" },
		{ -2208902400, "1900-01-02T00:00:00Z" },
		{ 253402214399, "9999-12-30T23:59:59Z" },
	};
	char out[DATE_TIME_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(date_time_format(cases[i].seconds, out), cases[i].text);
	}
}

static void one_grows_older_on_the_birthday(void **state)
{
	static const struct {
		const char *birth, *on;
		int age;
	} cases[] = {
		{ "2010-06-15", "2026-06-14", 15 },
		{ "2010-06-15", "2026-06-15", 16 },
		{ "2010-06-15", "2026-06-16", 16 },
		{ "2010-06-15", "2026-05-31", 15 },
		{ "2010-06-15", "2026-07-01", 16 },
		{ "2008-02-29", "2024-02-28", 15 },
		{ "2008-02-29", "2024-02-29", 16 },
		{ "2008-02-29", "2026-02-28", 17 },
		{ "2008-02-29", "2026-03-01", 18 },
		{ "2010-06-15", "2010-06-15", 0 },
		{ "2010-06-15", "2010-06-14", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(date_age(day_of(cases[i].birth), day_of(cases[i].on)),
			cases[i].age);
	}
}

static void a_month_has_its_first_and_last_day(void **state)
{
	static const struct {
		const char *text;
		int32_t month;
		const char *first;
		const char *last;
	} months[] = {
		{ "1900-01", 190001, "1900-01-01", "1900-01-31" },
		{ "2024-02", 202402, "2024-02-01", "2024-02-29" },
		{ "2026-02", 202602, "2026-02-01", "2026-02-28" },
		{ "2026-10", 202610, "2026-10-01", "2026-10-31" },
		{ "9999-12", 999912, "9999-12-01", "9999-12-31" },
	};
	static const char *const bad[] = { "", "2026", "2026-1", "2026-00", "2026-13", "2026-10-01",
		"202610", "2026/10", "1899-12", " 2026-10", "-026-10" };
	char out[DATE_TEXT_SIZE];
	int32_t month;

	(void)state;
	for (size_t i = 0; i < COUNT(months); i++) {
		assert_true(date_month_parse(text_of(months[i].text), &month));
		assert_int_equal(month, months[i].month);
		assert_string_equal(date_month_format(month, out), months[i].text);
		assert_string_equal(date_format(date_month_first(month), out), months[i].first);
		assert_string_equal(date_format(date_month_last(month), out), months[i].last);
		assert_int_equal(date_month_of(date_month_first(month)), month);
		assert_int_equal(date_month_of(date_month_last(month)), month);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(date_month_parse(text_of(bad[i]), &month));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_counted_from_1970),
		cmocka_unit_test(every_day_is_the_next_one_of_its_predecessor),
		cmocka_unit_test(days_that_never_were_are_refused),
		cmocka_unit_test(instants_are_read_with_their_offset),
		cmocka_unit_test(instants_of_another_form_are_refused),
		cmocka_unit_test(instants_are_written_in_utc),
		cmocka_unit_test(one_grows_older_on_the_birthday),
		cmocka_unit_test(a_month_has_its_first_and_last_day),
	};

	return cmocka_run_group_tests_name("base/date", tests, NULL, NULL);
}
