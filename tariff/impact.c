/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/impact.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tariff/case.h"
#include "tariff/order.h"
#include "tariff/set.h"

struct impact {
	const struct tariff *old;
	const struct tariff *new;
	struct impact_sample *samples;
	size_t count;
	size_t capacity;
	struct impact_counts *counts;
	size_t count_count;
	int32_t days[IMPACT_DAYS_AHEAD + 1];
	size_t day_count;
};

static const char *const impact_kind_names[IMPACT_KIND_COUNT] = {
	[IMPACT_MORE] = "more",
	[IMPACT_REFUSED] = "refused",
	[IMPACT_CURRENCY] = "currency",
	[IMPACT_LESS] = "less",
	[IMPACT_POSSIBLE] = "possible",
	[IMPACT_SAME] = "same",
	[IMPACT_NEITHER] = "neither",
};

const char *impact_kind_name(enum impact_kind kind)
{
	assert(kind < IMPACT_KIND_COUNT);

	return impact_kind_names[kind];
}

/* ---- days ---- */

static void impact_mark_day(bool changes[IMPACT_DAYS_AHEAD + 1], int32_t first, int64_t day)
{
	if (day > first && day <= (int64_t)first + IMPACT_DAYS_AHEAD) {
		changes[day - first] = true;
	}
}

static void impact_mark_days(bool changes[IMPACT_DAYS_AHEAD + 1], int32_t first,
	const struct tariff *set)
{
	for (size_t i = 0; i < set->row_count; i++) {
		const struct row *row = set->rows[i];

		impact_mark_day(changes, first, row->from);
		if (row->last != DATE_NONE) {
			impact_mark_day(changes, first, (int64_t)row->last + 1);
		}
	}
}

static void impact_find_days(struct impact *impact, int32_t day)
{
	bool changes[IMPACT_DAYS_AHEAD + 1] = { true };

	impact_mark_days(changes, day, impact->old);
	impact_mark_days(changes, day, impact->new);
	for (int i = 0; i <= IMPACT_DAYS_AHEAD; i++) {
		if (changes[i] && day + i <= DATE_DAY_MAX) {
			impact->days[impact->day_count++] = day + i;
		}
	}
}

/* ---- samples ---- */

static bool impact_add(struct impact *impact, const struct impact_sample *sample, struct err *err)
{
	if (impact->count == IMPACT_SAMPLES_MAX) {
		return err_set(err, ERR_LIMIT,
			"compare tariffs: more than %d samples; take services, days or cases away",
			IMPACT_SAMPLES_MAX);
	}
	if (impact->count == impact->capacity) {
		impact->capacity = impact->capacity > 0 ? 2 * impact->capacity : 256;
		impact->samples =
			mem_grow(impact->samples, impact->capacity, sizeof(*impact->samples));
	}
	impact->samples[impact->count++] = *sample;
	return true;
}

/* Somebody who may have the category: of the first country of its newest list. */
static struct text impact_nationality(const struct category *category)
{
	const struct chain *rows = &category->rows;
	const struct eligibility *newest;

	if (rows->count == 0) {
		return TEXT("");
	}
	newest = (const struct eligibility *)(const void *)rows->links[rows->count - 1].row;
	if (newest->list == NULL || newest->list->entry_count == 0 ||
		newest->list->entries[0]->codes.count == 0) {
		return TEXT("");
	}
	return newest->list->entries[0]->codes.words[0];
}

static bool impact_add_days(struct impact *impact, struct impact_sample *sample, struct err *err)
{
	for (size_t i = 0; i < impact->day_count; i++) {
		struct date_civil birth = date_to_civil(impact->days[i]);

		birth.year -= IMPACT_ADULT_YEARS;
		birth.day = birth.day > 28 ? 28 : birth.day;
		sample->day = impact->days[i];
		if (!date_from_civil(birth, &sample->request.birth_date)) {
			sample->request.birth_date = DATE_NONE;
		}
		if (!impact_add(impact, sample, err)) {
			return false;
		}
	}
	return true;
}

/* Whether the service asks for that category, and for the same somebody. */
static bool impact_has_category(const struct service *service, const struct category *category)
{
	for (size_t i = 0; i < service->eligibilities.category_count; i++) {
		const struct category *other = &service->eligibilities.categories[i];

		if (text_equal(other->code, category->code)) {
			return text_equal(impact_nationality(other), impact_nationality(category));
		}
	}
	return false;
}

/* One variant, once or with each category, but not as `same` has it. */
static bool impact_add_variant(struct impact *impact, const struct service *service,
	const struct service *same, struct impact_sample *sample, struct err *err)
{
	if (service->eligibilities.category_count == 0) {
		return (same != NULL && same->eligibilities.category_count == 0) ||
		       impact_add_days(impact, sample, err);
	}
	for (size_t i = 0; i < service->eligibilities.category_count; i++) {
		const struct category *category = &service->eligibilities.categories[i];

		if (same != NULL && impact_has_category(same, category)) {
			continue;
		}
		sample->request.category = category->code;
		sample->request.nationality = impact_nationality(category);
		if (!impact_add_days(impact, sample, err)) {
			return false;
		}
	}
	return true;
}

/* The set's own service where it has that variant, else NULL. */
static const struct service *impact_find_same(const struct tariff *set,
	const struct service *service, const struct service_action *action,
	const struct rate_condition *condition)
{
	const struct service *same = set != NULL ? set_service(set, service->code) : NULL;
	size_t i = same != NULL ? service_action_find(same, action->code) : 0;

	return same != NULL && i < same->action_count &&
			       variants_have(&same->actions[i].variants, condition)
		       ? same
		       : NULL;
}

/* The variants of one action, but what `but` has of them; so each is sampled once. */
static bool impact_add_action(struct impact *impact, const struct service *service,
	const struct service_action *action, const struct tariff *but, struct err *err)
{
	for (size_t i = 0; i < action->variants.count; i++) {
		const struct rate_condition *condition = &action->variants.variants[i].condition;
		const struct service *same = impact_find_same(but, service, action, condition);
		struct impact_sample sample = {
			.request = { .service = service->code,
				.action = action->code,
				.birth_date = DATE_NONE,
				.activation_date = DATE_NONE,
				.travel_date = DATE_NONE,
				.currency = condition->fixed_in,
				.years = condition->years },
		};

		if (condition->where == RATE_ABROAD) {
			sample.request.mission = TEXT("abroad"); /* any: rates are for all */
		}
		if (!impact_add_variant(impact, service, same, &sample, err)) {
			return false;
		}
	}
	return true;
}

/* What one set has and `but` has not. */
static bool impact_add_set(struct impact *impact, const struct tariff *set,
	const struct tariff *but, struct err *err)
{
	for (size_t i = 0; i < set->service_count; i++) {
		const struct service *service = set->services[i];

		for (size_t a = 0; a < service->action_count; a++) {
			if (!impact_add_action(impact, service, &service->actions[a], but, err)) {
				return false;
			}
		}
	}
	return true;
}

static bool impact_add_cases(struct impact *impact, const struct cases *cases, struct err *err)
{
	size_t count = cases != NULL ? cases_count(cases) : 0;

	for (size_t i = 0; i < count; i++) {
		struct cases_question question = cases_question(cases, i);
		struct impact_sample sample = { .day = question.day,
			.exchange = question.exchange,
			.file = question.file,
			.line = question.line };

		if (question.request == NULL) { /* of the MRP: nobody pays it */
			continue;
		}
		sample.request = *question.request;
		if (!impact_add(impact, &sample, err)) {
			return false;
		}
	}
	return true;
}

/* ---- comparing ---- */

static void impact_quote(const struct tariff *set, const struct impact_sample *sample, int32_t day,
	struct impact_side *side)
{
	const struct quote_basis basis = {
		.tariff = set,
		.version = QUOTE_VERSION,
		.day = day,
		.exchange = day == sample->day ? sample->exchange : NULL,
	};
	struct quote_refusal refusal;
	struct quote quote;

	*side = (struct impact_side){ .day = day };
	side->result = quote_compute(&basis, &sample->request, &quote, &refusal);
	side->refused_as = case_result_name(side->result);
	if (side->result == QUOTE_DONE) {
		side->due = quote.due;
	}
}

/* What the old set has no tariff for yet is compared with what it says for the day asked. */
static void impact_take_earlier(const struct impact *impact, struct impact_sample *sample)
{
	struct impact_side earlier;

	if (sample->old.result != QUOTE_TARIFF_MISSING || sample->new.result != QUOTE_DONE ||
		sample->day <= impact->days[0]) {
		return;
	}
	impact_quote(impact->old, sample, impact->days[0], &earlier);
	if (earlier.result == QUOTE_DONE) {
		sample->old = earlier;
	}
}

static void impact_compare(struct impact_sample *sample)
{
	const struct impact_side *old = &sample->old;
	const struct impact_side *new = &sample->new;

	if (old->result != QUOTE_DONE || new->result != QUOTE_DONE) {
		sample->kind = old->result == QUOTE_DONE   ? IMPACT_REFUSED
			       : new->result == QUOTE_DONE ? IMPACT_POSSIBLE
							   : IMPACT_NEITHER;
		return;
	}
	if (strcmp(old->due.currency, new->due.currency) != 0) {
		sample->kind = IMPACT_CURRENCY;
		return;
	}
	sample->difference = new->due.minor - old->due.minor; /* neither is negative */
	sample->kind = sample->difference > 0   ? IMPACT_MORE
		       : sample->difference < 0 ? IMPACT_LESS
						: IMPACT_SAME;
}

static int impact_order(const void *a, const void *b)
{
	const struct impact_sample *x = a;
	const struct impact_sample *y = b;
	int order;

	if (x->kind != y->kind) {
		return x->kind < y->kind ? -1 : 1;
	}
	if (x->difference != y->difference) {
		return x->difference > y->difference ? -1 : 1;
	}
	order = order_texts(x->request.service, y->request.service);
	if (order == 0) {
		order = order_texts(x->request.action, y->request.action);
	}
	if (order == 0) {
		order = order_texts(x->request.category, y->request.category);
	}
	if (order == 0) {
		order = x->day < y->day ? -1 : x->day > y->day ? 1 : 0;
	}
	return order;
}

static int impact_order_counts(const void *a, const void *b)
{
	const struct impact_counts *x = a;
	const struct impact_counts *y = b;

	return order_texts(text_of(x->service), text_of(y->service));
}

static int impact_order_count(const void *key, const void *element)
{
	const struct impact_counts *counts = element;

	return order_texts(*(const struct text *)key, text_of(counts->service));
}

/* NULL: a case of a service that neither set has. */
static struct impact_counts *impact_counts_of(struct impact *impact, struct text service)
{
	return bsearch(&service, impact->counts + 1, impact->count_count - 1,
		sizeof(*impact->counts), impact_order_count);
}

/* A place for each service of either set, behind the one for all. */
static void impact_count_services(struct impact *impact)
{
	impact->counts = mem_new(1 + impact->old->service_count + impact->new->service_count,
		sizeof(*impact->counts));
	impact->count_count = 1;
	for (size_t i = 0; i < impact->old->service_count; i++) {
		impact->counts[impact->count_count++].service =
			impact->old->services[i]->code.bytes;
	}
	for (size_t i = 0; i < impact->new->service_count; i++) {
		const struct service *service = impact->new->services[i];

		if (set_service(impact->old, service->code) == NULL) {
			impact->counts[impact->count_count++].service = service->code.bytes;
		}
	}
	qsort(impact->counts + 1, impact->count_count - 1, sizeof(*impact->counts),
		impact_order_counts);
}

static void impact_run(struct impact *impact)
{
	impact_count_services(impact);
	for (size_t i = 0; i < impact->count; i++) {
		struct impact_sample *sample = &impact->samples[i];
		struct impact_counts *counts;

		impact_quote(impact->old, sample, sample->day, &sample->old);
		impact_quote(impact->new, sample, sample->day, &sample->new);
		impact_take_earlier(impact, sample);
		impact_compare(sample);
		impact->counts[0].count[sample->kind]++;
		counts = impact_counts_of(impact, sample->request.service);
		if (counts != NULL) {
			counts->count[sample->kind]++;
		}
	}
	if (impact->count > 0) {
		qsort(impact->samples, impact->count, sizeof(*impact->samples), impact_order);
	}
}

bool impact_make(const struct tariff *old, const struct tariff *new, int32_t day,
	const struct cases *cases, struct impact **out, struct err *err)
{
	struct impact *impact = mem_new(1, sizeof(*impact));
	bool ok;

	assert(old != NULL && new != NULL);
	assert(day >= DATE_DAY_MIN && day <= DATE_DAY_MAX);
	assert(out != NULL);

	impact->old = old;
	impact->new = new;
	impact_find_days(impact, day);
	ok = impact_add_set(impact, old, NULL, err) && impact_add_set(impact, new, old, err) &&
	     impact_add_cases(impact, cases, err);
	if (!ok) {
		impact_free(&impact);
		return false;
	}
	impact_run(impact);
	*out = impact;
	return true;
}

void impact_free(struct impact **impact)
{
	assert(impact != NULL);

	if (*impact != NULL) {
		free((*impact)->samples);
		free((*impact)->counts);
		free(*impact);
		*impact = NULL;
	}
}

size_t impact_count(const struct impact *impact)
{
	assert(impact != NULL);

	return impact->count;
}

const struct impact_sample *impact_sample(const struct impact *impact, size_t i)
{
	assert(i < impact->count);

	return &impact->samples[i];
}

const struct impact_counts *impact_counts(const struct impact *impact, size_t *count)
{
	assert(count != NULL);

	*count = impact->count_count;
	return impact->counts;
}

const int32_t *impact_days(const struct impact *impact, size_t *count)
{
	assert(count != NULL);

	*count = impact->day_count;
	return impact->days;
}
