/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identifier.h"

#include <assert.h>

enum {
	IDENTIFIER_WEIGHED = IDENTIFIER_REGISTER_SIZE - 1, /* digits before the check digit */
	IDENTIFIER_MODULUS = 11,
	IDENTIFIER_IBAN_HEAD = 4, /* country and check digits, which are counted last */
	IDENTIFIER_IBAN_MODULUS = 97,
};

/* The digits' sum by weights 1..11, of which the first is `first`, going round. */
static int identifier_weigh(struct text t, int first)
{
	int sum = 0;

	for (int i = 0; i < IDENTIFIER_WEIGHED; i++) {
		sum += (t.bytes[i] - '0') * ((first - 1 + i) % IDENTIFIER_WEIGHED + 1);
	}
	return sum % IDENTIFIER_MODULUS;
}

bool identifier_is_register(struct text t)
{
	int check;

	if (t.size != IDENTIFIER_REGISTER_SIZE || !text_is_digits(t)) {
		return false;
	}
	check = identifier_weigh(t, 1);
	if (check == IDENTIFIER_MODULUS - 1) {
		check = identifier_weigh(t, 3);
	}
	return check == t.bytes[IDENTIFIER_WEIGHED] - '0';
}

/* 0..9, then A is 10 and Z 35; -1 for anything else. */
static int identifier_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

bool identifier_is_iban(struct text t)
{
	int rest = 0;

	if (t.size != IDENTIFIER_IBAN_SIZE || !text_starts(t, TEXT("KZ")) ||
		!text_is_digits((struct text){ t.bytes + 2, 2 })) {
		return false;
	}
	for (size_t i = 0; i < t.size; i++) {
		int value = identifier_value(t.bytes[(i + IDENTIFIER_IBAN_HEAD) % t.size]);

		if (value < 0) {
			return false;
		}
		rest = (rest * (value < 10 ? 10 : 100) + value) % IDENTIFIER_IBAN_MODULUS;
	}
	return rest == 1;
}
