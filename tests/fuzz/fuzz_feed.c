/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A list of exchange rates that somebody sent.  What is read must be rates that can be used: a day
 * that can be written, currencies in order and once, values and quants above zero.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/date.h"
#include "tariff/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct exchange_day *exchange)
{
	char day[DATE_TEXT_SIZE];

	assert(strlen(date_format(exchange->day, day)) == DATE_TEXT_SIZE - 1);
	assert(exchange->count > 0 && exchange->count <= EXCHANGE_RATES_MAX);
	for (size_t i = 0; i < exchange->count; i++) {
		const struct exchange_rate *rate = &exchange->rates[i];
		struct rational again;
		bool parsed = rational_parse(text_of(rate->written), &again);

		assert(exchange_find(exchange, rate->currency) == rate);
		assert(i == 0 || strcmp(exchange->rates[i - 1].currency, rate->currency) < 0);
		assert(rate->quant > 0 && rate->quant <= FEED_QUANT_MAX);
		assert(rate->value.numerator > 0 && rate->value.denominator > 0);
		assert(parsed && again.numerator == rate->value.numerator &&
			again.denominator == rate->value.denominator);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t digest[EXCHANGE_DIGEST_SIZE];
	struct exchange_day exchange;
	struct err err = { 0 };
	enum feed_result result = feed_read("feed", (struct text){ (const char *)data, size },
		digest, &exchange, &err);

	assert((result == FEED_READ) == (err.kind == ERR_NONE));
	if (result == FEED_READ) {
		look_at(&exchange);
	}
	return 0;
}
