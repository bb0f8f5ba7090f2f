/* SPDX-License-Identifier: Apache-2.0 */

/* decision - whether one ground frees one case, why, and for which days that stays so. */
#include <assert.h>

#include "base/date.h"
#include "tariff/exemption.h"
#include "tariff/order.h"

static const char *const exemption_reason_names[EXEMPTION_REASON_COUNT] = {
	[EXEMPTION_NOT_IN_LIST] = "not_in_list",
	[EXEMPTION_NOT_CLAIMED] = "not_claimed",
	[EXEMPTION_NO_DOCUMENT] = "no_document",
	[EXEMPTION_NATIONALITY_MISSING] = "nationality_missing",
	[EXEMPTION_NO_TREATY] = "no_treaty",
	[EXEMPTION_NO_RECIPROCITY] = "no_reciprocity",
	[EXEMPTION_BIRTH_DATE_MISSING] = "birth_date_missing",
	[EXEMPTION_ONE_PERSON_ONLY] = "one_person_only",
	[EXEMPTION_TOO_OLD] = "too_old",
	[EXEMPTION_ACCEPTED] = "accepted",
	[EXEMPTION_ALSO_APPLIES] = "also_applies",
};

const char *exemption_reason_name(enum exemption_reason reason)
{
	assert(reason < EXEMPTION_REASON_COUNT);

	return exemption_reason_names[reason];
}

bool exemption_reason_accepts(enum exemption_reason reason)
{
	assert(reason < EXEMPTION_REASON_COUNT);

	return reason == EXEMPTION_ACCEPTED || reason == EXEMPTION_ALSO_APPLIES;
}

static const struct exemption *exemption_find(const struct exemption_case *c,
	const struct ground *ground, struct span *valid)
{
	const struct exemption *found = NULL;

	for (size_t i = 0; i < c->service->exemption_count; i++) {
		const struct exemption *e = c->service->exemptions[i];

		if (e->ground == ground && (e->action_bits >> c->action & 1) != 0 &&
			rate_places_meet(e->where, c->where) &&
			span_narrow(row_days(&e->row), c->day, valid)) {
			found = e;
		}
	}
	return found;
}

static const struct agreement *agreement_find(const struct exemptions *all,
	enum agreement_kind kind, const struct exemption_case *c, struct span *valid)
{
	struct text country = c->request->nationality;
	const struct agreement *found = NULL;
	size_t low = 0;
	size_t high = all->agreement_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct agreement *a = all->agreements[middle];

		if (a->kind < kind || (a->kind == kind && order_texts(a->country, country) < 0)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < all->agreement_count; low++) {
		const struct agreement *a = all->agreements[low];

		if (a->kind != kind || !text_equal(a->country, country)) {
			break;
		}
		if (agreement_is_for(a, c->service->code) &&
			span_narrow(row_days(&a->row), c->day, valid)) {
			found = a;
		}
	}
	return found;
}

/* The day on which one is `years` old: 29 February counts on 1 March. */
static int32_t exemption_birthday(int32_t birth, int64_t years)
{
	struct date_civil civil = date_to_civil(birth);
	int32_t day = TARIFF_NO_END;

	assert(years >= 0);
	assert(years <= EXEMPTION_AGE_MAX);

	civil.year += (int)years;
	if (civil.month == 2 && civil.day == 29 && !date_from_civil(civil, &day)) {
		civil.month = 3;
		civil.day = 1;
	}
	return date_from_civil(civil, &day) ? day : TARIFF_NO_END;
}

static enum exemption_reason exemption_decide_age(const struct exemption_case *c, int64_t limit,
	struct span *valid)
{
	int32_t birthday;

	if (c->request->birth_date == DATE_NONE) {
		return EXEMPTION_BIRTH_DATE_MISSING;
	}
	if (c->request->quantity > 1) {
		return EXEMPTION_ONE_PERSON_ONLY;
	}
	birthday = exemption_birthday(c->request->birth_date, limit);
	if (c->day < birthday) {
		valid->until = birthday < valid->until ? birthday : valid->until;
		return EXEMPTION_ACCEPTED;
	}
	valid->from = birthday > valid->from ? birthday : valid->from;
	return EXEMPTION_TOO_OLD;
}

static enum exemption_reason exemption_decide_conditions(const struct exemptions *all,
	const struct exemption_case *c, struct exemption_decision *d, struct span *valid)
{
	const struct exemption *e = d->exemption;

	d->age_limit = e->age_below;
	if (e->by_agreement) {
		if (c->request->nationality.size == 0) {
			return EXEMPTION_NATIONALITY_MISSING;
		}
		d->agreement = agreement_find(all, e->agreement, c, valid);
		if (d->agreement == NULL) {
			return e->agreement == AGREEMENT_MUTUAL_WAIVER ? EXEMPTION_NO_TREATY
								       : EXEMPTION_NO_RECIPROCITY;
		}
		/* The law's limit holds even where a country would go further. */
		if (d->agreement->age_below > 0 &&
			(d->age_limit == 0 || d->agreement->age_below < d->age_limit)) {
			d->age_limit = d->agreement->age_below;
		}
	}
	return d->age_limit > 0 ? exemption_decide_age(c, d->age_limit, valid) : EXEMPTION_ACCEPTED;
}

static const struct quote_claim *exemption_claim(const struct quote_request *request,
	const struct ground *ground)
{
	for (size_t i = 0; i < request->claim_count; i++) {
		if (text_equal(request->claims[i].ground, ground->code)) {
			return &request->claims[i];
		}
	}
	return NULL;
}

void exemption_decide(const struct exemptions *all, const struct exemption_case *c,
	const struct ground *ground, struct exemption_decision *decision, struct span *valid)
{
	struct exemption_decision d = { .ground = ground };
	struct span days;

	assert(all != NULL);
	assert(ground != NULL);
	assert(decision != NULL);
	assert(span_has(*valid, c->day));

	days = *valid;
	d.claim = exemption_claim(c->request, ground);
	d.exemption = exemption_find(c, ground, &days);
	if (d.exemption == NULL) {
		d.reason = EXEMPTION_NOT_IN_LIST;
	} else if (d.claim == NULL) {
		d.reason = EXEMPTION_NOT_CLAIMED;
	} else if (d.claim->document.size == 0) {
		d.reason = EXEMPTION_NO_DOCUMENT;
	} else {
		d.reason = exemption_decide_conditions(all, c, &d, &days);
	}
	/* Who claims nothing pays the same whatever the lists say. */
	if (d.claim != NULL) {
		*valid = days;
	}
	*decision = d;
	assert(span_has(*valid, c->day));
}
