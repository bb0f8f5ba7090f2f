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
