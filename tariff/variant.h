/* SPDX-License-Identifier: Apache-2.0 */

/*
 * variant - an action's rates under one condition, and what they cost by date.
 *
 * Most actions have one variant.  A consular fee may have a rate in Kazakhstan and others at the
 * missions abroad, rates by the years a visa is valid, and rates that the law fixes side by side in
 * several currencies.  On no day do two variants of an action answer the same request.
 *
 * Once closed, a variant has its segments: the runs of days on which rate, index and rounding stay
 * the same, with the money per person worked out.  A quote is a look-up in them.
 */
#ifndef ALYM_TARIFF_VARIANT_H
#define ALYM_TARIFF_VARIANT_H

#include "base/money.h"
#include "tariff/mrp.h"
#include "tariff/rate.h"

enum { VARIANT_COUNT_MAX = 64 }; /* of one action */

struct segment {
	struct span days;
	const struct rate *rate;
	const struct mrp *mrp; /* NULL when the rate is money */
	const struct rounding *rounding;
	struct rational exact; /* minor units per person, before rounding */
	struct money unit;     /* per person, rounded by the policy */
};

struct variant {
	struct rate_condition condition;
	struct chain rates;
	struct segment *segments; /* in the order of their days */
	size_t segment_count;
	size_t segment_capacity;
};

/* The variants of one action. */
struct variants {
	struct variant *variants;
	size_t count;
	size_t capacity;
};

/* Files a rate under its condition. */
bool variants_add(struct variants *all, struct arena *arena, const struct rate *rate,
	struct err *err) MUST_USE;

/* Whether a rate was filed under exactly that condition. */
bool variants_have(const struct variants *all, const struct rate_condition *condition);

/* Once their rates are linked by day: refuses two that answer the same request on one day. */
bool variants_check(const struct variants *all, struct err *err) MUST_USE;

/* What a request says that a rate may depend on. */
struct variant_case {
	int32_t day;
	enum rate_place where; /* not RATE_ANYWHERE */
	int64_t years;         /* 0: not said */
	struct text currency;  /* empty: not said */
};

/* Up to where a case was met: what nothing met is what is wrong with it. */
enum variant_match {
	VARIANT_NO_PLACE,
	VARIANT_NO_YEARS,
	VARIANT_NO_CURRENCY,
	VARIANT_NO_DAY, /* there is such a rate, but not on that day */
	VARIANT_MATCHES,
};

/* *variant is set when VARIANT_MATCHES. */
enum variant_match variants_choose(const struct variants *all, const struct variant_case *c,
	const struct variant **variant);

/*
 * Writes what a case that matches no further than `match` could have said, "1, 2, 3": of the rates
 * that act on its day, or of all where none does.
 */
void variants_list(const struct variants *all, const struct variant_case *c,
	enum variant_match match, struct buffer *out);

/* NULL on a day without a rate or without an MRP. */
const struct segment *variant_segment(const struct variant *variant, int32_t day);

#endif
