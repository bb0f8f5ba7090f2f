/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/term.h"

#include <assert.h>

#include "base/date.h"

enum { TERM_MONTHS_OF_YEAR = 12 };

/* The same day of the month, or its last where the month is shorter; DATE_NONE past all years. */
static int32_t term_add(int32_t day, int64_t months)
{
	struct date_civil civil = date_to_civil(day);
	int64_t month = civil.month - 1 + months;
	int32_t end = DATE_NONE;

	civil.year += (int)(month / TERM_MONTHS_OF_YEAR);
	civil.month = (int)(month % TERM_MONTHS_OF_YEAR) + 1;
	while (civil.day > 0 && !date_from_civil(civil, &end)) {
		civil.day--;
	}
	return end;
}

bool term_extends(struct text action)
{
	return text_is(action, "extend");
}

struct term term_of(const struct rule *rule, struct text action,
	const struct quote_request *request, int32_t day)
{
	struct term t = { .from = DATE_NONE, .until = DATE_NONE, .suspended_since = DATE_NONE };
	int32_t activated;
	int32_t end;

	assert(rule->kind == RULE_TERM_MONTHS);
	assert(request != NULL);

	t.months = rule->value;
	activated = request->activation_date;
	if (!term_extends(action)) {
		t.assumed = activated == DATE_NONE;
		t.from = t.assumed ? day : activated;
		t.until = term_add(t.from, t.months);
		return t;
	}
	if (activated == DATE_NONE) {
		return t;
	}
	end = term_add(activated, t.months);
	if (day >= end) {
		t.suspended_since = end;
		return t;
	}
	t.from = end;
	t.until = term_add(activated, 2 * t.months);
	return t;
}
