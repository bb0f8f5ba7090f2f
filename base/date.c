/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <assert.h>

enum {
	DATE_YEAR_MIN = 1900,
	DATE_YEAR_MAX = 9999,
	DATE_ERA_YEARS = 400, /* the Gregorian calendar repeats after them ... */
	DATE_ERA_DAYS = 146097,
	DATE_ERA_SHIFT = 719468, /* ... counted from 0000-03-01, that leap days end a year */
	DATE_MONTH_RADIX = 100,  /* a month is year * 100 + month */
};

static bool date_year_is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int date_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);

	return month == 2 && date_year_is_leap(year) ? 29 : days[month - 1];
}

bool date_from_civil(struct date_civil civil, int32_t *day)
{
	int year;
	int era;
	int year_of_era;
	int day_of_year;

	assert(day != NULL);

	if (civil.year < DATE_YEAR_MIN || civil.year > DATE_YEAR_MAX || civil.month < 1 ||
		civil.month > 12 || civil.day < 1 ||
		civil.day > date_month_days(civil.year, civil.month)) {
		return false;
	}
	/* Months are counted from March: 153 days every five of them, with the odd ones evenly
	 * spread. */
	year = civil.month > 2 ? civil.year : civil.year - 1;
	era = year / DATE_ERA_YEARS;
	year_of_era = year % DATE_ERA_YEARS;
	day_of_year = (153 * ((civil.month + 9) % 12) + 2) / 5 + civil.day - 1;
	*day = era * DATE_ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - DATE_ERA_SHIFT;
	return true;
}

struct date_civil date_to_civil(int32_t day)
{
	struct date_civil civil;
	int shifted;
	int day_of_era;
	int year_of_era;
	int day_of_year;
	int month;

	assert(day >= DATE_DAY_MIN);
	assert(day <= DATE_DAY_MAX);

	shifted = day + DATE_ERA_SHIFT;
	day_of_era = shifted % DATE_ERA_DAYS;
	year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153; /* 0 is March */
	civil.day = day_of_year - (153 * month + 2) / 5 + 1;
	civil.month = month < 10 ? month + 3 : month - 9;
	civil.year =
		shifted / DATE_ERA_DAYS * DATE_ERA_YEARS + year_of_era + (civil.month <= 2 ? 1 : 0);
	return civil;
}

/* Takes exactly `count` digits off the front. */
static bool date_take_digits(struct text *t, size_t count, int *value)
{
	struct text digits = { .bytes = t->bytes, .size = count };
	int64_t number;

	if (t->size < count || !text_parse_integer(digits, &number)) {
		return false;
	}
	*value = (int)number;
	t->bytes += count;
	t->size -= count;
	return true;
}

/* Takes one character of the set off the front. */
static bool date_take_char(struct text *t, char one, char other)
{
	if (t->size == 0 || (t->bytes[0] != one && t->bytes[0] != other)) {
		return false;
	}
	t->bytes++;
	t->size--;
	return true;
}

static bool date_take_day(struct text *t, int32_t *day)
{
	struct date_civil civil;

	return date_take_digits(t, 4, &civil.year) && date_take_char(t, '-', '-') &&
	       date_take_digits(t, 2, &civil.month) && date_take_char(t, '-', '-') &&
	       date_take_digits(t, 2, &civil.day) && date_from_civil(civil, day);
}

/* "23:59:59" as seconds of the day. */
static bool date_take_clock(struct text *t, int64_t *seconds)
{
	int hour;
	int minute;
	int second;

	if (!date_take_digits(t, 2, &hour) || !date_take_char(t, ':', ':') ||
		!date_take_digits(t, 2, &minute) || !date_take_char(t, ':', ':') ||
		!date_take_digits(t, 2, &second) || hour > 23 || minute > 59 || second > 59) {
		return false;
	}
	*seconds = hour * INT64_C(3600) + minute * INT64_C(60) + second;
	return true;
}

/* A point and at least one digit, or nothing. */
static bool date_take_fraction(struct text *t)
{
	int digit;

	if (!date_take_char(t, '.', '.')) {
		return true;
	}
	if (!date_take_digits(t, 1, &digit)) {
		return false;
	}
	while (date_take_digits(t, 1, &digit)) {
	}
	return true;
}

/* "Z" or "+05:00", in seconds east. */
static bool date_take_offset(struct text *t, int64_t *offset)
{
	bool west = t->size > 0 && t->bytes[0] == '-';
	int hours;
	int minutes;

	if (date_take_char(t, 'Z', 'z')) {
		*offset = 0;
		return true;
	}
	if (!date_take_char(t, '+', '-') || !date_take_digits(t, 2, &hours) ||
		!date_take_char(t, ':', ':') || !date_take_digits(t, 2, &minutes) || hours > 23 ||
		minutes > 59) {
		return false;
	}
	*offset = hours * INT64_C(3600) + minutes * INT64_C(60);
	if (west) {
		*offset = -*offset;
	}
	return true;
}

bool date_parse(struct text t, int32_t *day)
{
	int32_t parsed;

	assert(day != NULL);

	if (!date_take_day(&t, &parsed) || t.size > 0) {
		return false;
	}
	*day = parsed;
	return true;
}

/* Exactly `count` digits, and what stands behind them. */
static char *date_put_digits(char *out, int value, int count, char end)
{
	for (int i = count; i > 0; i--) {
		out[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	assert(value == 0);
	out[count] = end;
	return out + count + 1;
}

const char *date_format(int32_t day, char out[DATE_TEXT_SIZE])
{
	struct date_civil civil = date_to_civil(day);
	char *at = out;

	assert(out != NULL);

	at = date_put_digits(at, civil.year, 4, '-');
	at = date_put_digits(at, civil.month, 2, '-');
	at = date_put_digits(at, civil.day, 2, '\0');
	assert(at == out + DATE_TEXT_SIZE);
	return out;
}

bool date_month_parse(struct text t, int32_t *month)
{
	struct date_civil civil = { .day = 1 };
	int32_t day;

	assert(month != NULL);

	if (!date_take_digits(&t, 4, &civil.year) || !date_take_char(&t, '-', '-') ||
		!date_take_digits(&t, 2, &civil.month) || t.size > 0 ||
		!date_from_civil(civil, &day)) {
		return false;
	}
	*month = date_month_of(day);
	return true;
}

int32_t date_month_of(int32_t day)
{
	struct date_civil civil = date_to_civil(day);

	return civil.year * DATE_MONTH_RADIX + civil.month;
}

int32_t date_month_first(int32_t month)
{
	struct date_civil civil = { month / DATE_MONTH_RADIX, month % DATE_MONTH_RADIX, 1 };
	int32_t day = 0;
	bool exists = date_from_civil(civil, &day);

	assert(exists);
	return day;
}

int32_t date_month_last(int32_t month)
{
	int32_t first = date_month_first(month);

	return first + date_month_days(month / DATE_MONTH_RADIX, month % DATE_MONTH_RADIX) - 1;
}

const char *date_month_format(int32_t month, char out[DATE_MONTH_TEXT_SIZE])
{
	char *at = out;

	assert(out != NULL);

	at = date_put_digits(at, month / DATE_MONTH_RADIX, 4, '-');
	at = date_put_digits(at, month % DATE_MONTH_RADIX, 2, '\0');
	assert(at == out + DATE_MONTH_TEXT_SIZE);
	return out;
}

bool date_time_parse(struct text t, int64_t *seconds)
{
	int32_t day;
	int64_t clock;
	int64_t offset;
	int64_t instant;

	assert(seconds != NULL);

	if (!date_take_day(&t, &day) || !date_take_char(&t, 'T', 't') ||
		!date_take_clock(&t, &clock) || !date_take_fraction(&t) ||
		!date_take_offset(&t, &offset) || t.size > 0) {
		return false;
	}
	instant = day * DATE_DAY_S + clock - offset;
	if (instant < DATE_TIME_MIN || instant > DATE_TIME_MAX) {
		return false;
	}
	*seconds = instant;
	return true;
}

const char *date_time_format(int64_t seconds, char out[DATE_TIME_TEXT_SIZE])
{
	int64_t clock = (seconds % DATE_DAY_S + DATE_DAY_S) % DATE_DAY_S;
	char *at = out + DATE_TEXT_SIZE;

	assert(seconds >= DATE_TIME_MIN);
	assert(seconds <= DATE_TIME_MAX);
	assert(out != NULL);

	(void)date_format((int32_t)((seconds - clock) / DATE_DAY_S), out);
	out[DATE_TEXT_SIZE - 1] = 'T'; /* in place of its NUL */
	at = date_put_digits(at, (int)(clock / 3600), 2, ':');
	at = date_put_digits(at, (int)(clock / 60 % 60), 2, ':');
	at = date_put_digits(at, (int)(clock % 60), 2, 'Z');
	*at = '\0';
	assert(at == out + DATE_TIME_TEXT_SIZE - 1);
	return out;
}

int date_age(int32_t birth, int32_t on)
{
	struct date_civil born = date_to_civil(birth);
	struct date_civil now = date_to_civil(on);
	bool before_birthday =
		now.month < born.month || (now.month == born.month && now.day < born.day);

	return now.year - born.year - (before_birthday ? 1 : 0);
}
