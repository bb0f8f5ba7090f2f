/* SPDX-License-Identifier: Apache-2.0 */

/*
 * exchange - the official exchange rates of the National Bank for one day.
 *
 * A day's rates are those of the feed for that calendar date (Almaty), weekends included; a day
 * without rates is an error, never the day before.
 */
#ifndef ALYM_TARIFF_EXCHANGE_H
#define ALYM_TARIFF_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/money.h"
#include "base/text.h"
#include "tariff/rational.h"

enum { EXCHANGE_RATES_MAX = 8, EXCHANGE_DIGEST_SIZE = 32, EXCHANGE_WRITTEN_SIZE = 16 };

/* So many tenge for `quant` units of the currency. */
struct exchange_rate {
	char currency[MONEY_CURRENCY_SIZE];
	char written[EXCHANGE_WRITTEN_SIZE]; /* the rate as the feed writes it: "473.59" */
	struct rational value;               /* the same */
	int64_t quant;                       /* 1, 10, 100, 1000 ... */
};

/* Of the currencies a tariff may name; sorted by currency. */
struct exchange_day {
	int32_t day;
	uint8_t digest[EXCHANGE_DIGEST_SIZE]; /* SHA-256 of the feed they were read from */
	size_t count;
	struct exchange_rate rates[EXCHANGE_RATES_MAX];
};

/* NULL when that day has none of that currency. */
const struct exchange_rate *exchange_find(const struct exchange_day *exchange,
	const char *currency);

/* What `minor` of the rate's currency cost, in tiyn, exactly; false when that leaves int64. */
bool exchange_convert(const struct exchange_rate *rate, int64_t minor, struct rational *tiyn)
	MUST_USE;

#endif
