/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/segment.h"

#include <assert.h>

/* Minor units per person, exactly; then rounded as the policy says. */
static bool segment_price(struct segment *s, struct err *err)
{
	const struct row *row = &s->rate->row;
	struct rational exact;
	int64_t minor = 0;

	if (!rational_multiply(s->rate->value, rational_of(MONEY_MINOR_PER_MAJOR), &exact) ||
		(s->mrp != NULL && !rational_multiply(exact, rational_of(s->mrp->value), &exact))) {
		return row_refuse(row, err, "comes to more money than can be counted");
	}
	if (s->rounding->per_line) {
		/* What one person would pay is shown rounded down; the line is rounded as a whole.
		 */
		minor = exact.numerator / exact.denominator;
	} else if (!rational_round(exact, s->rounding->rule, s->rounding->step_minor, &minor)) {
		char text[RATIONAL_TEXT_SIZE];

		return row_refuse(row, err,
			"comes to %s minor units, which %.40s cannot round; choose another rule",
			rational_format(exact, text), s->rounding->row.id.bytes);
	}
	if (minor > MONEY_API_MAX) {
		return row_refuse(row, err, "comes to more money than the interface can carry");
	}
	s->exact = exact;
	s->unit = money_of(minor, rate_unit_currency(s->rate->unit));
	return true;
}

static bool segment_add(struct variant *variant, struct arena *arena, struct segment segment,
	struct err *err)
{
	if (variant->segment_count == SEGMENT_COUNT_MAX) {
		return row_refuse(&segment.rate->row, err, "makes more than %d changes of price",
			SEGMENT_COUNT_MAX);
	}
	if (!segment_price(&segment, err)) {
		return false;
	}
	variant->segments = arena_grow(arena, variant->segments, variant->segment_count,
		&variant->segment_capacity, sizeof(*variant->segments));
	variant->segments[variant->segment_count++] = segment;
	return true;
}

/* Cuts a stretch on which the rate and the index stay by the rounding rows. */
static bool segment_cut(const struct service *service, struct variant *variant,
	struct segment stretch, struct arena *arena, struct err *err)
{
	struct segment piece = stretch;

	while (piece.days.from < stretch.days.until) {
		const struct chain_link *link = chain_find(&service->roundings, piece.days.from);

		if (link == NULL) {
			return row_refuse(&stretch.rate->row, err,
				"has days without a rounding of %s", service->code.bytes);
		}
		piece.days.until = link->days.until < stretch.days.until ? link->days.until
									 : stretch.days.until;
		piece.rounding = (const struct rounding *)link->row;
		if (!segment_add(variant, arena, piece, err)) {
			return false;
		}
		piece.days.from = piece.days.until;
	}
	return true;
}

/* The stretches of one rate: one if it is money, else one for each MRP that acts meanwhile. */
static bool segment_stretch(const struct service *service, struct variant *variant,
	const struct chain_link *link, const struct chain *mrps, struct arena *arena,
	struct err *err)
{
	struct segment stretch = {
		.days = link->days,
		.rate = (const struct rate *)link->row,
	};

	if (!rate_unit_is_mrp(stretch.rate->unit)) {
		return segment_cut(service, variant, stretch, arena, err);
	}
	for (size_t i = 0; i < mrps->count; i++) {
		struct span mrp = mrps->links[i].days;

		if (mrp.until <= link->days.from || mrp.from >= link->days.until) {
			continue;
		}
		stretch.days = span_meet(link->days, mrp);
		stretch.mrp = (const struct mrp *)mrps->links[i].row;
		if (!segment_cut(service, variant, stretch, arena, err)) {
			return false;
		}
	}
	return true;
}

bool segments_make(const struct service *service, struct variant *variant, const struct mrps *mrps,
	struct arena *arena, struct err *err)
{
	const struct chain *duty = &mrps->chains[MRP_DUTY];

	assert(service != NULL);
	assert(variant != NULL);
	assert(variant->segment_count == 0);

	for (size_t i = 0; i < variant->rates.count; i++) {
		if (!segment_stretch(service, variant, &variant->rates.links[i], duty, arena,
			    err)) {
			return false;
		}
	}
	for (size_t i = 1; i < variant->segment_count; i++) {
		assert(variant->segments[i - 1].days.until <= variant->segments[i].days.from);
	}
	return true;
}
