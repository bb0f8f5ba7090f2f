/* SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(struct money) == 16, "money is passed by value; keep it two words");

enum { MONEY_PLACES_MAX = 2 };

static const char money_currencies[][MONEY_CURRENCY_SIZE] = { "KZT", "USD", "EUR", "GBP", "CHF" };

static bool money_is_sane(struct money m)
{
	return strnlen(m.currency, sizeof(m.currency)) == MONEY_CURRENCY_SIZE - 1;
}

bool money_currency_is_known(struct text code)
{
	for (size_t i = 0; i < sizeof(money_currencies) / sizeof(*money_currencies); i++) {
		if (text_is(code, money_currencies[i])) {
			return true;
		}
	}
	return false;
}

struct money money_of(int64_t minor, const char *currency)
{
	struct money m = { .minor = minor };

	assert(money_currency_is_known(text_of(currency)));

	memcpy(m.currency, currency, sizeof(m.currency));
	return m;
}

bool money_same_currency(struct money a, struct money b)
{
	assert(money_is_sane(a));
	assert(money_is_sane(b));

	return memcmp(a.currency, b.currency, sizeof(a.currency)) == 0;
}

bool money_add(struct money a, struct money b, struct money *sum)
{
	int64_t minor;

	assert(money_same_currency(a, b));
	assert(sum != NULL);

	if (__builtin_add_overflow(a.minor, b.minor, &minor)) {
		return false;
	}
	*sum = a;
	sum->minor = minor;
	return true;
}

bool money_subtract(struct money a, struct money b, struct money *difference)
{
	int64_t minor;

	assert(money_same_currency(a, b));
	assert(difference != NULL);

	if (__builtin_sub_overflow(a.minor, b.minor, &minor)) {
		return false;
	}
	*difference = a;
	difference->minor = minor;
	return true;
}

bool money_multiply(struct money amount, int64_t count, struct money *product)
{
	int64_t minor;

	assert(money_is_sane(amount));
	assert(product != NULL);

	if (__builtin_mul_overflow(amount.minor, count, &minor)) {
		return false;
	}
	*product = amount;
	product->minor = minor;
	return true;
}

const char *money_format(struct money m, char out[MONEY_TEXT_SIZE])
{
	size_t size;

	assert(money_is_sane(m));

	size = strlen(money_format_amount(m, out));
	assert(size + 1 + MONEY_CURRENCY_SIZE <= MONEY_TEXT_SIZE);
	out[size] = ' ';
	memcpy(out + size + 1, m.currency, MONEY_CURRENCY_SIZE);
	return out;
}

const char *money_format_amount(struct money m, char out[MONEY_TEXT_SIZE])
{
	/* The magnitude of INT64_MIN has no int64. */
	uint64_t rest = m.minor < 0 ? -(uint64_t)m.minor : (uint64_t)m.minor;
	char digits[MONEY_TEXT_SIZE];
	size_t at = sizeof(digits);
	size_t places = 0;

	assert(out != NULL);

	/* From the right; printf costs ten times as much, and a quote is full of money. */
	digits[--at] = '\0';
	do {
		if (places == MONEY_PLACES_MAX) {
			digits[--at] = '.';
		}
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
		places++;
	} while (rest > 0 || places <= MONEY_PLACES_MAX);
	if (m.minor < 0) {
		digits[--at] = '-';
	}
	memcpy(out, digits + at, sizeof(digits) - at);
	return out;
}

bool money_parse_amount(struct text decimal, int64_t *minor)
{
	const char *point = decimal.size > 0 ? memchr(decimal.bytes, '.', decimal.size) : NULL;
	struct text whole = decimal;
	int64_t major;
	int64_t rest = 0;
	int64_t total;

	assert(minor != NULL);

	if (point != NULL) {
		struct text places;

		whole.size = (size_t)(point - decimal.bytes);
		places = (struct text){ point + 1, decimal.size - whole.size - 1 };
		if (places.size > MONEY_PLACES_MAX || !text_parse_integer(places, &rest)) {
			return false;
		}
		if (places.size == 1) {
			rest *= 10;
		}
	}
	if (!text_parse_integer(whole, &major) ||
		__builtin_mul_overflow(major, MONEY_MINOR_PER_MAJOR, &total) ||
		__builtin_add_overflow(total, rest, &total)) {
		return false;
	}
	*minor = total;
	return true;
}
