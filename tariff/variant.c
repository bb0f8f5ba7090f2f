/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/variant.h"

#include <assert.h>
#include <inttypes.h>

/* ---- conditions ---- */

static bool variant_same_years(int64_t a, int64_t b)
{
	return a == 0 || b == 0 || a == b;
}

static bool variant_same_currency(struct text a, struct text b)
{
	return a.size == 0 || b.size == 0 || text_equal(a, b);
}

static bool variant_is(const struct rate_condition *a, const struct rate_condition *b)
{
	return a->where == b->where && a->years == b->years && text_equal(a->fixed_in, b->fixed_in);
}

bool variants_add(struct variants *all, struct arena *arena, const struct rate *rate,
	struct err *err)
{
	size_t i = 0;

	assert(all != NULL);
	assert(rate != NULL);

	while (i < all->count && !variant_is(&all->variants[i].condition, &rate->condition)) {
		i++;
	}
	if (i == VARIANT_COUNT_MAX) {
		return row_refuse(&rate->row, err, "makes more than %d variants of one action",
			VARIANT_COUNT_MAX);
	}
	if (i == all->count) {
		all->variants = arena_grow(arena, all->variants, all->count, &all->capacity,
			sizeof(*all->variants));
		all->variants[all->count++] = (struct variant){ .condition = rate->condition };
	}
	chain_add(&all->variants[i].rates, arena, &rate->row);
	return true;
}

bool variants_have(const struct variants *all, const struct rate_condition *condition)
{
	assert(all != NULL);
	assert(condition != NULL);

	for (size_t i = 0; i < all->count; i++) {
		if (variant_is(&all->variants[i].condition, condition)) {
			return true;
		}
	}
	return false;
}

/* ---- two that would both answer ---- */

static bool variant_check_pair(const struct variant *a, const struct variant *b, struct err *err)
{
	const struct rate_condition *left = &a->condition;
	const struct rate_condition *right = &b->condition;

	if (!rate_places_meet(left->where, right->where) ||
		!variant_same_years(left->years, right->years) ||
		!variant_same_currency(left->fixed_in, right->fixed_in)) {
		return true;
	}
	for (size_t i = 0; i < a->rates.count; i++) {
		struct span days = a->rates.links[i].days;
		const struct row *row = a->rates.links[i].row;

		for (size_t j = 0; j < b->rates.count; j++) {
			const struct chain_link *other = &b->rates.links[j];

			if (days.from < other->days.until && other->days.from < days.until) {
				return row_refuse(other->row, err,
					"contradicts %.40s (%.60s:%ld): one request would have "
					"both rates; make where=, years= or fixed-in= differ",
					row->id.bytes, row->origin.file, row->origin.line);
			}
		}
	}
	return true;
}

bool variants_check(const struct variants *all, struct err *err)
{
	assert(all != NULL);

	for (size_t i = 0; i < all->count; i++) {
		for (size_t j = i + 1; j < all->count; j++) {
			if (!variant_check_pair(&all->variants[i], &all->variants[j], err)) {
				return false;
			}
		}
	}
	return true;
}

/* ---- the one that answers ---- */

static enum variant_match variant_match(const struct variant *v, const struct variant_case *c)
{
	const struct rate_condition *condition = &v->condition;

	if (!rate_places_meet(condition->where, c->where)) {
		return VARIANT_NO_PLACE;
	}
	if (condition->years != 0 && condition->years != c->years) {
		return VARIANT_NO_YEARS;
	}
	if (condition->fixed_in.size > 0 && !text_equal(condition->fixed_in, c->currency)) {
		return VARIANT_NO_CURRENCY;
	}
	return chain_find(&v->rates, c->day) == NULL ? VARIANT_NO_DAY : VARIANT_MATCHES;
}

enum variant_match variants_choose(const struct variants *all, const struct variant_case *c,
	const struct variant **variant)
{
	enum variant_match best = VARIANT_NO_PLACE;

	assert(all != NULL);
	assert(c != NULL);
	assert(variant != NULL);

	for (size_t i = 0; i < all->count && best != VARIANT_MATCHES; i++) {
		enum variant_match match = variant_match(&all->variants[i], c);

		if (match == VARIANT_MATCHES) {
			*variant = &all->variants[i];
		}
		best = match > best ? match : best;
	}
	return best;
}

/* Whether it is one to be listed: of those that act on the day, or of any. */
static bool variant_is_offered(const struct variant *v, const struct variant_case *c,
	enum variant_match match, bool acting)
{
	return variant_match(v, c) == match && (!acting || chain_find(&v->rates, c->day) != NULL);
}

/* Whether one before the i-th was listed by the same word. */
static bool variant_is_listed(const struct variants *all, const struct variant_case *c,
	enum variant_match match, bool acting, size_t i)
{
	const struct rate_condition *condition = &all->variants[i].condition;

	for (size_t j = 0; j < i; j++) {
		const struct rate_condition *before = &all->variants[j].condition;
		bool same = match == VARIANT_NO_YEARS
				    ? before->years == condition->years
				    : text_equal(before->fixed_in, condition->fixed_in);

		if (same && variant_is_offered(&all->variants[j], c, match, acting)) {
			return true;
		}
	}
	return false;
}

void variants_list(const struct variants *all, const struct variant_case *c,
	enum variant_match match, struct buffer *out)
{
	bool acting = false;

	assert(match == VARIANT_NO_YEARS || match == VARIANT_NO_CURRENCY);
	assert(out != NULL);

	for (size_t i = 0; i < all->count; i++) {
		acting = acting || variant_is_offered(&all->variants[i], c, match, true);
	}
	for (size_t i = 0; i < all->count; i++) {
		const struct rate_condition *condition = &all->variants[i].condition;

		if (!variant_is_offered(&all->variants[i], c, match, acting) ||
			variant_is_listed(all, c, match, acting, i)) {
			continue;
		}
		if (out->size > 0) {
			buffer_add(out, TEXT(", "));
		}
		if (match == VARIANT_NO_YEARS) {
			buffer_printf(out, "%" PRId64, condition->years);
		} else {
			buffer_add(out, condition->fixed_in);
		}
	}
}

const struct segment *variant_segment(const struct variant *variant, int32_t day)
{
	size_t low = 0;
	size_t high;

	assert(variant != NULL);

	high = variant->segment_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (variant->segments[middle].days.from <= day) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0 || !span_has(variant->segments[low - 1].days, day)) {
		return NULL;
	}
	return &variant->segments[low - 1];
}
