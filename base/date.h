/* SPDX-License-Identifier: Apache-2.0 */

/*
 * date - civil days and instants.
 *
 * A day is an int32 count of days since 1970-01-01 in the proleptic Gregorian calendar; it has
 * no zone.  An instant is an int64 count of Unix seconds, UTC.  Which day an instant falls on is
 * `zone`'s business.  Years run from 1900 to 9999; instants keep one day clear of both ends, so
 * that in every zone they fall on a day that can be written.
 */
#ifndef ALYM_BASE_DATE_H
#define ALYM_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	DATE_TEXT_SIZE = 11,      /* "2026-01-01" and its NUL */
	DATE_MONTH_TEXT_SIZE = 8, /* "2026-01" and its NUL */
	DATE_TIME_TEXT_SIZE = 21, /* "2026-01-01T00:00:00Z" and its NUL */
	DATE_DAY_MIN = -25567,    /* 1900-01-01 */
	DATE_DAY_MAX = 2932896,   /* 9999-12-31 */
};

#define DATE_DAY_S   INT64_C(86400)
#define DATE_NONE    INT32_MIN
#define DATE_NO_TIME INT64_MIN

/* A day clear of both ends: no offset takes an instant we accept out of the years we can write. */
#define DATE_TIME_MIN ((DATE_DAY_MIN + 1) * DATE_DAY_S)
#define DATE_TIME_MAX (DATE_DAY_MAX * DATE_DAY_S - 1)

struct date_civil {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

/* False when there is no such day (2025-02-29, month 13). */
bool date_from_civil(struct date_civil civil, int32_t *day) MUST_USE;
struct date_civil date_to_civil(int32_t day);

/* Exactly "YYYY-MM-DD", of a day that exists. */
bool date_parse(struct text t, int32_t *day) MUST_USE;
const char *date_format(int32_t day, char out[DATE_TEXT_SIZE]);

/* A month is the number YYYYMM: 202610.  Exactly "YYYY-MM", of a month that exists. */
bool date_month_parse(struct text t, int32_t *month) MUST_USE;
int32_t date_month_first(int32_t month); /* its first day */
int32_t date_month_last(int32_t month);  /* its last day */
int32_t date_month_of(int32_t day);
const char *date_month_format(int32_t month, char out[DATE_MONTH_TEXT_SIZE]);

/* RFC 3339 with "Z" or an offset; fractions of a second are cut off.  A leap second is refused. */
bool date_time_parse(struct text t, int64_t *seconds) MUST_USE;

/* RFC 3339 in UTC. */
const char *date_time_format(int64_t seconds, char out[DATE_TIME_TEXT_SIZE]);

/*
 * Completed years of age on `on`: one becomes 16 on the 16th birthday; 29 February counts on 1
 * March.
 */
int date_age(int32_t birth, int32_t on);

#endif
