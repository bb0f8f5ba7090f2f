/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/rate.h"

#include <assert.h>

#include "tariff/quote.h"

enum {
	RATE_KNP_DIGITS = 3,
	RATE_AMOUNT_MAX = 1000000000,
	RATE_REFUND_YEARS_MAX = 10,
	RATE_RULE_VALUE_MAX = 10000,
	RATE_YEARS_MAX = 10,
};

static const char *const rate_unit_names[RATE_UNIT_COUNT] = {
	[RATE_MRP] = "MRP",
	[RATE_MRP_PERCENT] = "percent-of-MRP",
	[RATE_KZT] = "KZT",
	[RATE_USD] = "USD",
	[RATE_EUR] = "EUR",
	[RATE_GBP] = "GBP",
	[RATE_CHF] = "CHF",
};

static const char *const rate_place_names[RATE_PLACE_COUNT] = {
	[RATE_ANYWHERE] = "anywhere",
	[RATE_KAZAKHSTAN] = "kazakhstan",
	[RATE_ABROAD] = "abroad",
};

static const char *const rounding_rule_names[] = {
	[RATIONAL_EXACT] = "exact",
	[RATIONAL_DOWN] = "down",
	[RATIONAL_UP] = "up",
	[RATIONAL_HALF_UP] = "half-up",
	[RATIONAL_HALF_EVEN] = "half-even",
};

static const char *const refund_rule_names[REFUND_RULE_COUNT] = {
	[REFUND_IF_NOT_PERFORMED] = "if-not-performed",
	[REFUND_NEVER] = "never",
	[REFUND_NOTHING_DUE] = "nothing-due",
	[REFUND_UNKNOWN] = "unknown",
};

static const char *const rule_kind_names[RULE_KIND_COUNT] = {
	[RULE_SCOPE] = "scope",
	[RULE_NOT_REQUIRED] = "not-required",
	[RULE_FOREIGNERS_ONLY] = "foreigners-only",
	[RULE_MINIMUM_AGE] = "minimum-age",
	[RULE_NOTICE_HOURS] = "notice-hours",
	[RULE_DEADLINE_DAYS] = "deadline-days",
	[RULE_MOVE_BUSINESS_DAYS] = "move-business-days",
	[RULE_TERM_MONTHS] = "term-months",
	[RULE_VALIDITY_DAYS] = "validity-days",
	[RULE_CONDITIONS] = "conditions",
};

bool rate_places_meet(enum rate_place a, enum rate_place b)
{
	return a == RATE_ANYWHERE || b == RATE_ANYWHERE || a == b;
}

bool rate_read_place(const struct node *n, enum rate_place *place)
{
	size_t where = RATE_ANYWHERE;

	if (node_has(n, "where") &&
		!node_choice(n, "where", rate_place_names, RATE_PLACE_COUNT, &where)) {
		return false;
	}
	*place = (enum rate_place)where;
	return true;
}

static bool rate_read_condition(const struct node *n, enum rate_unit unit,
	struct rate_condition *condition)
{
	condition->fixed_in = TEXT("");
	if (!rate_read_place(n, &condition->where) ||
		(node_has(n, "years") &&
			!node_integer(n, "years", 1, RATE_YEARS_MAX, &condition->years)) ||
		!node_word(n, "fixed-in", NODE_OPTIONAL, &condition->fixed_in)) {
		return false;
	}
	if (condition->fixed_in.size > 0 &&
		!text_is(condition->fixed_in, rate_unit_currency(unit))) {
		return node_refuse(n, "fixed-in=\"%s\" is not the currency of its unit",
			condition->fixed_in.bytes);
	}
	return true;
}

bool rate_read(const struct node *n, const struct acts *acts, struct rate *rate)
{
	size_t unit = 0;

	assert(acts != NULL);
	assert(rate != NULL);

	if (!row_read(n, acts, &rate->row) ||
		!node_choice(n, "unit", rate_unit_names, RATE_UNIT_COUNT, &unit) ||
		!node_text(n, "value", NODE_REQUIRED, &rate->written) ||
		!node_rational(n, "value", &rate->value) ||
		!node_list(n, "actions", NODE_OPTIONAL, &rate->actions)) {
		return false;
	}
	rate->unit = (enum rate_unit)unit;
	if (!rate_read_condition(n, rate->unit, &rate->condition)) {
		return false;
	}
	if (rate->value.numerator / rate->value.denominator > RATE_AMOUNT_MAX) {
		return node_refuse(n, "value=\"%s\" is more than %d", rate->written.bytes,
			RATE_AMOUNT_MAX);
	}
	if (rate->unit == RATE_MRP_PERCENT && !rational_divide(rate->value, 100, &rate->value)) {
		return node_refuse(n, "value=\"%s\" is too fine", rate->written.bytes);
	}
	return true;
}

const char *rate_unit_name(enum rate_unit unit)
{
	assert(unit < RATE_UNIT_COUNT);

	return rate_unit_names[unit];
}

const char *rate_place_name(enum rate_place place)
{
	assert(place < RATE_PLACE_COUNT);

	return rate_place_names[place];
}

bool rate_unit_is_mrp(enum rate_unit unit)
{
	assert(unit < RATE_UNIT_COUNT);

	return unit == RATE_MRP || unit == RATE_MRP_PERCENT;
}

const char *rate_unit_currency(enum rate_unit unit)
{
	return rate_unit_is_mrp(unit) ? "KZT" : rate_unit_name(unit);
}

/* Half up to the tiyn, unless it is said otherwise. */
static bool rounding_read_converted(const struct node *n, struct rounding *rounding)
{
	static const char rule_name[] = "converted";
	static const char step_name[] = "converted-step-minor";
	size_t rule = RATIONAL_HALF_UP;

	rounding->converted_step_minor = 1;
	if (node_has(n, rule_name) &&
		!node_choice(n, rule_name, rounding_rule_names, RATIONAL_HALF_EVEN + 1, &rule)) {
		return false;
	}
	if (rule == RATIONAL_EXACT) {
		return node_refuse(n, "converted=\"exact\" can not be: a rate leaves a remainder");
	}
	rounding->converted = (enum rational_rounding)rule;
	return !node_has(n, step_name) ||
	       node_integer(n, step_name, 1, 100000, &rounding->converted_step_minor);
}

bool rounding_read(const struct node *n, const struct acts *acts, struct rounding *rounding)
{
	static const char *const pers[] = { "person", "line" };
	size_t rule = 0;
	size_t per = 0;

	assert(acts != NULL);
	assert(rounding != NULL);

	if (!row_read(n, acts, &rounding->row) ||
		!node_choice(n, "rule", rounding_rule_names, RATIONAL_HALF_EVEN + 1, &rule) ||
		!node_choice(n, "per", pers, 2, &per) ||
		!node_integer(n, "step-minor", 1, 100000, &rounding->step_minor)) {
		return false;
	}
	rounding->rule = (enum rational_rounding)rule;
	rounding->per_line = per == 1;
	return rounding_read_converted(n, rounding);
}

const char *rounding_rule_name(enum rational_rounding rule)
{
	assert(rule <= RATIONAL_HALF_EVEN);

	return rounding_rule_names[rule];
}

bool budget_read(const struct node *n, const struct acts *acts, struct budget *budget)
{
	assert(acts != NULL);
	assert(budget != NULL);

	if (!row_read(n, acts, &budget->row) || !node_word(n, "kbk", NODE_REQUIRED, &budget->kbk) ||
		!node_word(n, "knp", NODE_REQUIRED, &budget->knp)) {
		return false;
	}
	if (budget->kbk.size != RATE_KBK_DIGITS || !text_is_digits(budget->kbk)) {
		return node_refuse(n, "kbk=\"%s\" is not six digits", budget->kbk.bytes);
	}
	if (budget->knp.size != RATE_KNP_DIGITS || !text_is_digits(budget->knp)) {
		return node_refuse(n, "knp=\"%s\" is not three digits", budget->knp.bytes);
	}
	return true;
}

bool refund_read(const struct node *n, const struct acts *acts, struct refund *refund)
{
	struct text years = { 0 };
	size_t rule = 0;

	assert(acts != NULL);
	assert(refund != NULL);

	if (!row_read(n, acts, &refund->row) ||
		!node_choice(n, "rule", refund_rule_names, REFUND_RULE_COUNT, &rule)) {
		return false;
	}
	refund->rule = (enum refund_rule)rule;
	refund->years = 0;
	if (refund->rule == REFUND_IF_NOT_PERFORMED) {
		return node_integer(n, "years", 1, RATE_REFUND_YEARS_MAX, &refund->years);
	}
	if (!node_text(n, "years", NODE_OPTIONAL, &years)) {
		return false;
	}
	return years.bytes == NULL ||
	       node_refuse(n, "years=\"%.40s\": the rule %s has no term; leave it out", years.bytes,
		       refund_rule_names[refund->rule]);
}

const char *refund_rule_name(enum refund_rule rule)
{
	assert(rule < REFUND_RULE_COUNT);

	return refund_rule_names[rule];
}

static bool rule_kind_is_text(enum rule_kind kind)
{
	return kind == RULE_SCOPE || kind == RULE_NOT_REQUIRED || kind == RULE_FOREIGNERS_ONLY ||
	       kind == RULE_CONDITIONS;
}

/* The value, which a kind has or has not. */
static bool rule_read_value(const struct node *n, struct rule *rule)
{
	if (!rule_kind_is_text(rule->kind)) {
		return node_integer(n, "value", 1, RATE_RULE_VALUE_MAX, &rule->value);
	}
	rule->value = 0;
	return !node_has(n, "value") ||
	       node_refuse(n, "has a value=: a rule of this kind is a text only");
}

bool rule_read(const struct node *n, const struct acts *acts, struct rule *rule)
{
	size_t kind = 0;

	assert(acts != NULL);
	assert(rule != NULL);

	if (!row_read(n, acts, &rule->row) ||
		!node_choice(n, "kind", rule_kind_names, RULE_KIND_COUNT, &kind) ||
		!node_texts(n, &rule->texts)) {
		return false;
	}
	rule->kind = (enum rule_kind)kind;
	return rule_read_value(n, rule);
}

const char *rule_kind_name(enum rule_kind kind)
{
	assert(kind < RULE_KIND_COUNT);

	return rule_kind_names[kind];
}
