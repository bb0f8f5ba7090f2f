/* SPDX-License-Identifier: Apache-2.0 */

/*
 * money - an exact amount in one currency.
 *
 * Amounts are signed 64-bit counts of the currency's minor unit (ISO 4217: tiyn, cent; every
 * currency Alym knows has two decimals).  There is no floating point anywhere in Alym and no
 * implicit conversion between currencies: adding tenge to euro is a bug in the caller and
 * asserts.  Running out of int64 is a fact about the data and is reported.
 */
#ifndef ALYM_BASE_MONEY_H
#define ALYM_BASE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	MONEY_CURRENCY_SIZE = 4, /* ISO 4217 code and its NUL */
	MONEY_MINOR_PER_MAJOR = 100,
	MONEY_TEXT_SIZE = 32, /* "-92233720368547758.08 KZT" and its NUL */
};

/* The largest |amount| in the API: integers beyond 2^53 do not survive every JSON reader. */
#define MONEY_API_MAX ((INT64_C(1) << 53) - 1)

struct money {
	int64_t minor;
	char currency[MONEY_CURRENCY_SIZE];
};

/* KZT USD EUR GBP CHF: the currencies of the tariff.  Anything else is not money to Alym. */
bool money_currency_is_known(struct text code);

/* `minor` of a known currency, given as a C string literal or a checked code. */
struct money money_of(int64_t minor, const char *currency);

/* True when both are the same currency. */
bool money_same_currency(struct money a, struct money b);

/* *sum = a + b.  False, with *sum untouched, when the sum does not fit. */
bool money_add(struct money a, struct money b, struct money *sum) MUST_USE;

/* *difference = a - b.  False, untouched, when it does not fit. */
bool money_subtract(struct money a, struct money b, struct money *difference) MUST_USE;

/* *product = amount * count.  False, untouched, when it does not fit. */
bool money_multiply(struct money amount, int64_t count, struct money *product) MUST_USE;

/* "129750.00 KZT", and without the currency "129750.00".  Returns `out`. */
const char *money_format(struct money m, char out[MONEY_TEXT_SIZE]);
const char *money_format_amount(struct money m, char out[MONEY_TEXT_SIZE]);

/*
 * Reads a decimal of at most two places ("12", "12.5", "12.50"); nothing else, no sign, no spaces.
 */
bool money_parse_amount(struct text decimal, int64_t *minor) MUST_USE;

#endif
