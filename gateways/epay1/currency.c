/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/currency.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *code;
	const char *number;
} currencies[] = { { "KZT", "398" }, { "USD", "840" }, { "EUR", "978" } };

const char *currency_number(const char *code)
{
	assert(code != NULL);

	for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++) {
		if (strcmp(currencies[i].code, code) == 0) {
			return currencies[i].number;
		}
	}
	return NULL;
}

const char *currency_code(const char *number)
{
	assert(number != NULL);

	for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++) {
		if (strcmp(currencies[i].number, number) == 0) {
			return currencies[i].code;
		}
	}
	return NULL;
}
