/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/zone.h"
#include "tests/alym_test.h"

#define ZONEINFO "/usr/share/zoneinfo/"

/* To be freed. */
static struct text read_zone(const char *path)
{
	char *bytes = mem_new(ZONE_FILE_SIZE_MAX, 1);
	FILE *file = fopen(path, "rb");
	size_t size;

	assert_non_null(file);
	size = fread(bytes, 1, ZONE_FILE_SIZE_MAX, file);
	assert_true(size > 0 && size < ZONE_FILE_SIZE_MAX);
	(void)fclose(file);
	return (struct text){ .bytes = bytes, .size = size };
}

static struct zone *open_zone(const char *path)
{
	struct text file = read_zone(path);
	struct zone *zone = NULL;
	struct err err = { 0 };

	assert_true(zone_new(file, &zone, &err));
	free((void *)(uintptr_t)file.bytes);
	return zone;
}

static int64_t instant_of(const char *text)
{
	int64_t seconds;

	assert_true(date_time_parse(text_of(text), &seconds));
	return seconds;
}

static int32_t day_of(const char *text)
{
	int32_t day;

	assert_true(date_parse(text_of(text), &day));
	return day;
}

static void almaty_went_from_six_hours_to_five(void **state)
{
	static const struct {
		const char *instant, *day;
		int32_t offset;
	} cases[] = {
		{ "1924-05-01T18:52:11Z", "1924-05-01", 18468 }, /* local mean time */
		{ "1924-05-01T18:52:12Z", "1924-05-01", 18000 },
		{ "1930-06-20T18:59:59Z", "1930-06-20", 18000 },
		{ "1930-06-20T19:00:00Z", "1930-06-21", 21600 },
		{ "2004-07-01T17:00:00Z", "2004-07-02", 25200 }, /* the last summer time */
		{ "2024-02-29T17:59:59Z", "2024-02-29", 21600 },
		{ "2024-02-29T18:00:00Z", "2024-02-29", 18000 }, /* midnight did not come */
		{ "2024-02-29T18:30:00Z", "2024-02-29", 18000 },
		{ "2024-02-29T18:59:59Z", "2024-02-29", 18000 },
		{ "2024-02-29T19:00:00Z", "2024-03-01", 18000 },
		{ "2025-12-31T18:59:59Z", "2025-12-31", 18000 },
		{ "2025-12-31T19:00:00Z", "2026-01-01", 18000 },
		{ "9999-12-30T23:59:59Z", "9999-12-31", 18000 },
		{ "1900-01-02T00:00:00Z", "1900-01-02", 18468 },
	};
	struct zone *zone = open_zone(ZONEINFO "Asia/Almaty");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t instant = instant_of(cases[i].instant);

		assert_int_equal(zone_offset(zone, instant), cases[i].offset);
		assert_int_equal(zone_day(zone, instant), day_of(cases[i].day));
	}
	zone_free(&zone);
	assert_null(zone);
}

static void a_day_starts_with_its_first_instant(void **state)
{
	struct zone *zone = open_zone(ZONEINFO "Asia/Almaty");
	int32_t last = day_of("2030-01-01");

	(void)state;
	assert_true(
		zone_day_start(zone, day_of("2024-02-29")) == instant_of("2024-02-28T18:00:00Z"));
	assert_true(
		zone_day_start(zone, day_of("2024-03-01")) == instant_of("2024-02-29T19:00:00Z"));
	assert_true(
		zone_day_start(zone, day_of("2026-01-01")) == instant_of("2025-12-31T19:00:00Z"));
	/* Here no day was skipped, and no clock went back over a midnight: days tile the time. */
	for (int32_t day = day_of("1900-01-03"); day < last; day++) {
		int64_t start = zone_day_start(zone, day);

		assert_int_equal(zone_day(zone, start), day);
		assert_int_equal(zone_day(zone, start - 1), day - 1);
	}
	zone_free(&zone);
}

static void a_time_that_came_twice_is_the_earlier_one(void **state)
{
	struct zone *zone = open_zone(ZONEINFO "Asia/Almaty");

	(void)state;
	/* 2024-02-29 23:30 was at 17:30Z, and again at 18:30Z. */
	assert_true(zone_instant(zone, day_of("2024-02-29"), 23 * 3600 + 1800) ==
		    instant_of("2024-02-29T17:30:00Z"));
	assert_true(
		zone_instant(zone, day_of("2024-03-01"), 0) == instant_of("2024-02-29T19:00:00Z"));
	/* 1930-06-21 00:00 to 01:00 did not come at all. */
	assert_true(zone_instant(zone, day_of("1930-06-21"), 1800) ==
		    instant_of("1930-06-20T19:00:00Z"));
	assert_true(zone_instant(zone, day_of("1930-06-21"), 5400) ==
		    instant_of("1930-06-20T19:30:00Z"));
	assert_true(zone_instant(zone, day_of("2026-01-01"), 86399) ==
		    instant_of("2026-01-01T18:59:59Z"));
	zone_free(&zone);
}

static void a_day_that_never_was_starts_with_the_next(void **state)
{
	struct zone *zone = open_zone(ZONEINFO "Pacific/Apia");
	int64_t change = instant_of("2011-12-30T10:00:00Z");

	(void)state;
	assert_true(zone_day_start(zone, day_of("2011-12-30")) == change);
	assert_true(zone_day_start(zone, day_of("2011-12-31")) == change);
	assert_int_equal(zone_day(zone, change - 1), day_of("2011-12-29"));
	assert_int_equal(zone_day(zone, change), day_of("2011-12-31"));
	zone_free(&zone);
}

static void zones_without_a_change_are_zones(void **state)
{
	struct zone *zone = open_zone(ZONEINFO "UTC");

	(void)state;
	assert_int_equal(zone_offset(zone, 0), 0);
	assert_int_equal(zone_day(zone, -1), -1);
	assert_true(zone_instant(zone, 1, 1) == 86401);
	zone_free(&zone);
	zone = open_zone(ZONEINFO "Asia/Kolkata");
	assert_int_equal(zone_offset(zone, instant_of("2026-01-01T00:00:00Z")), 19800);
	zone_free(&zone);
}

static void endless_summer_time_is_refused(void **state)
{
	struct text file = read_zone(ZONEINFO "Europe/Paris");
	struct zone *zone = NULL;
	struct err err = { 0 };

	(void)state;
	assert_false(zone_new(file, &zone, &err));
	assert_null(zone);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.message, "read a time zone: its last rule has summer time");
	free((void *)(uintptr_t)file.bytes);
}

static void a_file_cut_short_anywhere_is_refused(void **state)
{
	struct text file = read_zone(ZONEINFO "Asia/Almaty");
	struct zone *zone = NULL;

	(void)state;
	for (size_t size = 0; size < file.size; size++) {
		char *cut = mem_copy(file.bytes, size); /* so that a sanitizer sees its end */

		assert_false(zone_new((struct text){ .bytes = cut, .size = size }, &zone, NULL));
		assert_null(zone);
		free(cut);
	}
	free((void *)(uintptr_t)file.bytes);
}

static void a_damaged_file_never_crashes(void **state)
{
	static const unsigned char damages[] = { 0x01, 0x10, 0x80, 0xFF };
	struct text file = read_zone(ZONEINFO "Asia/Almaty");
	char *bytes = mem_copy(file.bytes, file.size);
	struct zone *zone = NULL;

	(void)state;
	for (size_t i = 0; i < file.size * COUNT(damages); i++) {
		char *byte = &bytes[i / COUNT(damages)];
		char whole = *byte;

		*byte = (char)(whole ^ damages[i % COUNT(damages)]);
		if (zone_new((struct text){ .bytes = bytes, .size = file.size }, &zone, NULL)) {
			(void)zone_day(zone, 1709231400);
			(void)zone_day_start(zone, 20454);
		}
		zone_free(&zone);
		*byte = whole;
	}
	free(bytes);
	free((void *)(uintptr_t)file.bytes);
}

/* ---- files made to measure ---- */

static void add_u32(struct buffer *b, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		buffer_add_char(b, (char)(value >> shift & 0xFF));
	}
}

static void add_header(struct buffer *b, char version, const uint32_t counts[6])
{
	static const char reserved[15];

	buffer_add_string(b, "TZif");
	buffer_add_char(b, version);
	buffer_add(b, (struct text){ .bytes = reserved, .size = sizeof(reserved) });
	for (int i = 0; i < 6; i++) {
		add_u32(b, counts[i]);
	}
}

/* A zone of `transitions`, one a second, all to `offset`; then its footer. */
static bool made_zone_is_read(uint32_t transitions, int32_t offset, const char *footer,
	struct err *err)
{
	const uint32_t empty[6] = { 0 };
	const uint32_t counts[6] = { 0, 0, 0, transitions, 1, 4 };
	struct zone *zone = NULL;
	struct buffer b;
	bool ok;

	buffer_init(&b, ZONE_FILE_SIZE_MAX + 1);
	add_header(&b, '2', empty);
	add_header(&b, '2', counts);
	for (uint32_t i = 0; i < transitions; i++) {
		add_u32(&b, 0);
		add_u32(&b, i);
	}
	for (uint32_t i = 0; i < transitions; i++) {
		buffer_add_char(&b, '\0');
	}
	add_u32(&b, (uint32_t)offset);
	buffer_add(&b, TEXT("\0\0ABC\0"));
	buffer_add_string(&b, footer);
	assert_false(b.overflowed);
	ok = zone_new(buffer_text(&b), &zone, err);
	assert_true(!ok || zone_offset(zone, 0) == offset);
	zone_free(&zone);
	buffer_done(&b);
	return ok;
}

static void transitions_are_taken_up_to_the_limit(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_true(made_zone_is_read(ZONE_TRANSITIONS_MAX, 3600, "\nABC-1\n", &err));
	assert_false(made_zone_is_read(ZONE_TRANSITIONS_MAX + 1, 3600, "\nABC-1\n", &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void footers_are_one_offset_and_the_last_one(void **state)
{
	static const struct {
		const char *footer;
		int32_t offset;
		bool taken;
	} cases[] = {
		{ "\n<+05>-5\n", 18000, true },
		{ "\nABC-05:00:00\n", 18000, true },
		{ "\nXYZ3:30\n", -12600, true },
		{ "\n<-0330>+3:30\n", -12600, true },
		{ "\nUTC0\n", 0, true },
		{ "\nABC-23:59:59\n", 86399, true },
		{ "\nABC-24\n", 86400, false },
		{ "\n<+06>-6\n", 18000, false },
		{ "\n\n", 18000, false },
		{ "", 18000, false },
		{ "\n", 18000, false },
		{ "<+05>-5\n", 18000, false },
		{ "\n<+05>-5", 18000, false },
		{ "\n<+05>-5X\n", 18000, false },
		{ "\n<+05-5\n", 18000, false },
		{ "\nAB-5\n", 18000, false },
		{ "\nABC\n", 18000, false },
		{ "\nABC-\n", 18000, false },
		{ "\nABC-5:\n", 18000, false },
		{ "\nABC-005\n", 18000, false },
		{ "\nCET-1CEST,M3.5.0,M10.5.0/3\n", 3600, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(made_zone_is_read(2, cases[i].offset, cases[i].footer, NULL),
			cases[i].taken);
		assert_int_equal(made_zone_is_read(0, cases[i].offset, cases[i].footer, NULL),
			cases[i].taken);
	}
}

static void other_files_are_refused(void **state)
{
	static const uint32_t counts[6] = { 0 };
	static const uint32_t leaps[6] = { 0, 0, 1, 0, 1, 0 };
	struct zone *zone = NULL;
	struct err err = { 0 };
	struct buffer b;

	(void)state;
	assert_false(
		zone_new(TEXT("#!/bin/sh and so on, long enough to be a header"), &zone, &err));
	assert_string_equal(err.message, "read a time zone: not a TZif file");
	buffer_init(&b, ZONE_FILE_SIZE_MAX + 1);
	add_header(&b, '\0', counts);
	assert_false(zone_new(buffer_text(&b), &zone, &err));
	assert_string_equal(err.message, "read a time zone: version 1 is too old");
	buffer_reset(&b);
	add_header(&b, '2', counts);
	add_header(&b, '2', counts);
	assert_false(zone_new(buffer_text(&b), &zone, &err));
	assert_string_equal(err.message, "read a time zone: no rules, or too many");
	buffer_reset(&b);
	add_header(&b, '2', counts);
	add_header(&b, '2', leaps);
	buffer_add(&b, TEXT("\0\0\0\0\0\0"
			    "\0\0\0\0\0\0\0\0\0\0\0\0"));
	assert_false(zone_new(buffer_text(&b), &zone, &err));
	assert_string_equal(err.message, "read a time zone: it counts leap seconds");
	while (b.size <= ZONE_FILE_SIZE_MAX) {
		buffer_add_char(&b, 'x');
	}
	assert_false(zone_new(buffer_text(&b), &zone, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_null(zone);
	buffer_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(almaty_went_from_six_hours_to_five),
		cmocka_unit_test(a_day_starts_with_its_first_instant),
		cmocka_unit_test(a_time_that_came_twice_is_the_earlier_one),
		cmocka_unit_test(a_day_that_never_was_starts_with_the_next),
		cmocka_unit_test(zones_without_a_change_are_zones),
		cmocka_unit_test(endless_summer_time_is_refused),
		cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_damaged_file_never_crashes),
		cmocka_unit_test(transitions_are_taken_up_to_the_limit),
		cmocka_unit_test(footers_are_one_offset_and_the_last_one),
		cmocka_unit_test(other_files_are_refused),
	};

	return cmocka_run_group_tests_name("base/zone", tests, NULL, NULL);
}
