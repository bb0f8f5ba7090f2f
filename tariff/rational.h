/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rational - exact fractions: the 0.5 of "0.5 MRP" is 1/2, and stays so until the law says round.
 *
 * Always in lowest terms with a positive denominator; leaving int64 is reported, never wrapped.
 */
#ifndef ALYM_TARIFF_RATIONAL_H
#define ALYM_TARIFF_RATIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum { RATIONAL_TEXT_SIZE = 48 };

struct rational {
	int64_t numerator;
	int64_t denominator;
};

/* How money is rounded to a step; RATIONAL_EXACT means there must be nothing to round. */
enum rational_rounding {
	RATIONAL_EXACT,
	RATIONAL_DOWN,
	RATIONAL_UP,
	RATIONAL_HALF_UP,
	RATIONAL_HALF_EVEN,
};

struct rational rational_of(int64_t integer);

/* "30", "0.5" (up to 6 places) or "1/3", not negative, at most 12 digits a part. */
bool rational_parse(struct text t, struct rational *value) MUST_USE;

bool rational_multiply(struct rational a, struct rational b, struct rational *product) MUST_USE;

/* value / divisor, divisor > 0. */
bool rational_divide(struct rational value, int64_t divisor, struct rational *quotient) MUST_USE;

/*
 * The multiple of `step` nearest to a value that is not negative, by the rule.  False when it does
 * not fit, or when RATIONAL_EXACT would have to round.
 */
bool rational_round(struct rational value, enum rational_rounding rule, int64_t step,
	int64_t *rounded) MUST_USE;

/* "216250" or "649/3". */
const char *rational_format(struct rational value, char out[RATIONAL_TEXT_SIZE]);

#endif
