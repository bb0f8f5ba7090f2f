/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/exchange.h"

#include <assert.h>
#include <string.h>

const struct exchange_rate *exchange_find(const struct exchange_day *exchange, const char *currency)
{
	assert(exchange != NULL);
	assert(exchange->count <= EXCHANGE_RATES_MAX);
	assert(currency != NULL);

	for (size_t i = 0; i < exchange->count; i++) {
		if (strcmp(exchange->rates[i].currency, currency) == 0) {
			return &exchange->rates[i];
		}
	}
	return NULL;
}

/* Cents and tiyn are both hundredths: a rate of the one is a rate of the other. */
bool exchange_convert(const struct exchange_rate *rate, int64_t minor, struct rational *tiyn)
{
	struct rational exact;

	assert(rate->quant > 0);
	assert(minor >= 0);
	assert(tiyn != NULL);

	if (!rational_multiply(rate->value, rational_of(minor), &exact) ||
		!rational_divide(exact, rate->quant, &exact)) {
		return false;
	}
	*tiyn = exact;
	return true;
}
