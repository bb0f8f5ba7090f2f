/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/rational.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { RATIONAL_DIGITS_MAX = 12, RATIONAL_PLACES_MAX = 6 };

static int64_t rational_common_divisor(int64_t a, int64_t b)
{
	assert(a >= 0);
	assert(b > 0);

	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static struct rational rational_lowest(int64_t numerator, int64_t denominator)
{
	int64_t divisor = rational_common_divisor(numerator, denominator);

	assert(divisor > 0);
	assert(denominator > 0);

	return (struct rational){ numerator / divisor, denominator / divisor };
}

struct rational rational_of(int64_t integer)
{
	assert(integer >= 0);

	return (struct rational){ integer, 1 };
}

static bool rational_part(struct text t, int64_t *value)
{
	return t.size <= RATIONAL_DIGITS_MAX && text_parse_integer(t, value);
}

static bool rational_parse_decimal(struct text whole, struct text places, struct rational *value)
{
	int64_t units = 0;
	int64_t rest = 0;
	int64_t scale = 1;

	if (places.size > RATIONAL_PLACES_MAX || !rational_part(whole, &units) ||
		!rational_part(places, &rest)) {
		return false;
	}
	for (size_t i = 0; i < places.size; i++) {
		scale *= 10;
	}
	*value = rational_lowest(units * scale + rest, scale); /* below 10^18: fits */
	return true;
}

bool rational_parse(struct text t, struct rational *value)
{
	const char *sign;
	struct text before;
	struct text after;
	int64_t numerator = 0;
	int64_t denominator = 1;

	assert(value != NULL);
	assert(t.bytes != NULL || t.size == 0);

	for (size_t i = 0; i < t.size; i++) {
		sign = t.bytes + i;
		before = (struct text){ t.bytes, i };
		after = (struct text){ sign + 1, t.size - i - 1 };
		if (*sign == '.') {
			return rational_parse_decimal(before, after, value);
		}
		if (*sign == '/') {
			if (!rational_part(before, &numerator) ||
				!rational_part(after, &denominator) || denominator == 0) {
				return false;
			}
			*value = rational_lowest(numerator, denominator);
			return true;
		}
	}
	if (!rational_part(t, &numerator)) {
		return false;
	}
	*value = rational_of(numerator);
	return true;
}

bool rational_multiply(struct rational a, struct rational b, struct rational *product)
{
	/* Crosswise first, so that what fits in lowest terms is not lost on the way. */
	struct rational left = rational_lowest(a.numerator, b.denominator);
	struct rational right = rational_lowest(b.numerator, a.denominator);
	int64_t numerator;
	int64_t denominator;

	assert(product != NULL);

	if (__builtin_mul_overflow(left.numerator, right.numerator, &numerator) ||
		__builtin_mul_overflow(left.denominator, right.denominator, &denominator)) {
		return false;
	}
	*product = (struct rational){ numerator, denominator };
	return true;
}

bool rational_divide(struct rational value, int64_t divisor, struct rational *quotient)
{
	assert(divisor > 0);
	assert(quotient != NULL);

	return rational_multiply(value, (struct rational){ 1, divisor }, quotient);
}

/* Whether `rest`, what is left of the value above `whole` steps, is rounded to the next step. */
static bool rational_goes_up(int64_t whole, int64_t rest, int64_t step, enum rational_rounding rule)
{
	assert(rest >= 0);
	assert(rest < step);

	if (rest == 0 || rule == RATIONAL_DOWN) {
		return false;
	}
	if (rule == RATIONAL_UP) {
		return true;
	}
	if (rest != step - rest) {
		return rest > step - rest;
	}
	return rule == RATIONAL_HALF_UP || whole % 2 != 0;
}

bool rational_round(struct rational value, enum rational_rounding rule, int64_t step,
	int64_t *rounded)
{
	int64_t size;
	int64_t whole;
	int64_t rest;
	int64_t result;

	assert(value.numerator >= 0);
	assert(value.denominator > 0);
	assert(step > 0);
	assert(rounded != NULL);

	if (__builtin_mul_overflow(value.denominator, step, &size)) {
		return false;
	}
	whole = value.numerator / size;
	rest = value.numerator % size;
	if (rule == RATIONAL_EXACT && rest != 0) {
		return false;
	}
	whole += rational_goes_up(whole, rest, size, rule) ? 1 : 0;
	if (__builtin_mul_overflow(whole, step, &result)) {
		return false;
	}
	*rounded = result;
	return true;
}

const char *rational_format(struct rational value, char out[RATIONAL_TEXT_SIZE])
{
	int size;

	assert(value.denominator > 0);

	if (value.denominator == 1) {
		size = snprintf(out, RATIONAL_TEXT_SIZE, "%" PRId64, value.numerator);
	} else {
		size = snprintf(out, RATIONAL_TEXT_SIZE, "%" PRId64 "/%" PRId64, value.numerator,
			value.denominator);
	}
	assert(size > 0 && size < RATIONAL_TEXT_SIZE);
	return out;
}
