/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/explain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "tariff/term.h"

enum { EXPLAIN_NUMBER_SIZE = 24, EXPLAIN_VALUES_MAX = 24 };

/* Values for placeholders, and the memory that those written for the occasion live in. */
struct explain_values {
	struct phrase_value values[EXPLAIN_VALUES_MAX];
	size_t count;
};

static void explain_add(struct explain_values *v, const char *name, struct text value)
{
	assert(v->count < EXPLAIN_VALUES_MAX);

	v->values[v->count++] = (struct phrase_value){ name, value };
}

static struct text explain_number(int64_t value, char out[EXPLAIN_NUMBER_SIZE])
{
	(void)snprintf(out, EXPLAIN_NUMBER_SIZE, "%" PRId64, value);
	return text_of(out);
}

static void explain_phrase(const struct argument *a, enum phrase_code code, enum language language,
	const struct explain_values *v, struct buffer *out)
{
	if (out->size > 0) {
		buffer_add_char(out, ' ');
	}
	phrase_write(&a->tariff->phrases, code, language, v != NULL ? v->values : NULL,
		v != NULL ? v->count : 0, out);
}

/* ---- the line: rate, index, money ---- */

static enum phrase_code explain_line_phrase(const struct argument *a)
{
	if (a->segment->unit.minor == 0) {
		return PHRASE_LINE_ZERO;
	}
	if (a->segment->rate->unit == RATE_MRP) {
		return PHRASE_LINE_MRP;
	}
	if (a->segment->rate->unit == RATE_MRP_PERCENT) {
		return PHRASE_LINE_MRP_PERCENT;
	}
	return PHRASE_LINE_MONEY;
}

/* Of one line; what the texts of struct explain_values borrow. */
struct explain_line {
	struct buffer law;
	struct buffer mrp_law;
	char unit[MONEY_TEXT_SIZE];
	char mrp[EXPLAIN_NUMBER_SIZE];
	char mrp_from[CITE_DAY_SIZE];
	char exact[RATIONAL_TEXT_SIZE];
};

static void explain_fill_line(const struct argument *a, enum language language,
	struct explain_line *line, struct explain_values *v)
{
	const struct segment *s = a->segment;
	const struct phrases *phrases = &a->tariff->phrases;

	cite_sentence(phrases, &s->rate->row, language, &line->law);
	explain_add(v, "service", a->service->name.in[language]);
	explain_add(v, "action", a->action->name.in[language]);
	explain_add(v, "rate", s->rate->written);
	explain_add(v, "law", buffer_text(&line->law));
	explain_add(v, "unit", text_of(money_format(a->own_unit, line->unit)));
	explain_add(v, "exact", text_of(rational_format(s->exact, line->exact)));
	if (s->mrp != NULL) {
		cite_sentence(phrases, &s->mrp->row, language, &line->mrp_law);
		explain_add(v, "mrp", explain_number(s->mrp->value, line->mrp));
		explain_add(v, "mrp-from", cite_day(s->mrp->row.from, language, line->mrp_from));
		explain_add(v, "mrp-law", buffer_text(&line->mrp_law));
	}
}

/* How the fee became tenge; from here on {unit} is in tenge. */
static void explain_exchange(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	char date[CITE_DAY_SIZE];
	char quant[EXPLAIN_NUMBER_SIZE];
	char fee[MONEY_TEXT_SIZE];
	char unit[MONEY_TEXT_SIZE];
	char exact[RATIONAL_TEXT_SIZE];

	assert(a->exchange != NULL);

	explain_add(&v, "date", cite_day(a->exchange->day, language, date));
	explain_add(&v, "rate", text_of(a->exchange_rate->written));
	explain_add(&v, "quant", explain_number(a->exchange_rate->quant, quant));
	explain_add(&v, "currency", text_of(a->exchange_rate->currency));
	explain_add(&v, "fee", text_of(money_format(a->own_unit, fee)));
	explain_add(&v, "unit", text_of(money_format(a->unit, unit)));
	explain_add(&v, "exact", text_of(rational_format(a->exact, exact)));
	explain_phrase(a, PHRASE_EXCHANGE, language, &v, out);
	if (a->exact.denominator != 1 || a->exact.numerator != a->unit.minor) {
		explain_phrase(a, PHRASE_ROUNDED, language, &v, out);
	}
}

static void explain_quantity(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	char quantity[EXPLAIN_NUMBER_SIZE];
	char unit[MONEY_TEXT_SIZE];
	char gross[MONEY_TEXT_SIZE];

	explain_add(&v, "quantity", explain_number(a->quantity, quantity));
	explain_add(&v, "unit", text_of(money_format(a->unit, unit)));
	explain_add(&v, "gross", text_of(money_format(a->gross, gross)));
	explain_phrase(a, PHRASE_QUANTITY, language, &v, out);
}

static void explain_line(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	struct explain_line line;
	const struct segment *s = a->segment;

	buffer_init(&line.law, EXPLAIN_SIZE_MAX);
	buffer_init(&line.mrp_law, EXPLAIN_SIZE_MAX);
	explain_fill_line(a, language, &line, &v);
	explain_phrase(a, explain_line_phrase(a), language, &v, out);
	if (s->exact.denominator != 1 || s->exact.numerator != s->unit.minor) {
		explain_phrase(a, PHRASE_ROUNDED, language, &v, out);
	}
	if (a->exchange_rate != NULL) {
		explain_exchange(a, language, out);
	}
	if (a->quantity > 1 && a->gross.minor > 0) {
		explain_quantity(a, language, out);
	}
	buffer_done(&line.law);
	buffer_done(&line.mrp_law);
}

/* ---- who may have it ---- */

static void explain_eligibility(const struct argument *a, enum language language,
	struct buffer *out)
{
	const struct eligibility *e = a->eligibility;
	struct explain_values v = { .count = 0 };
	struct buffer law;
	char day[CITE_DAY_SIZE];
	char since[CITE_DAY_SIZE];

	if (e == NULL || a->version < ARGUMENT_ELIGIBILITY_SINCE) {
		return;
	}
	buffer_init(&law, EXPLAIN_SIZE_MAX);
	cite_sentence(&a->tariff->phrases, &e->row, language, &law);
	explain_add(&v, "country", argument_country(a)->name.in[language]);
	explain_add(&v, "category", a->category->code);
	explain_add(&v, "category-name", a->category->name.in[language]);
	explain_add(&v, "date", cite_day(a->day, language, day));
	explain_add(&v, "list", e->list->name.in[language]);
	explain_add(&v, "list-from", cite_day(e->list->row.from, language, since));
	explain_add(&v, "law", buffer_text(&law));
	explain_phrase(a, PHRASE_ELIGIBLE, language, &v, out);
	buffer_done(&law);
}

/* ---- the grounds claimed ---- */

static const enum phrase_code explain_reason_phrases[EXEMPTION_REASON_COUNT] = {
	[EXEMPTION_NOT_IN_LIST] = PHRASE_REASON_NOT_IN_LIST,
	[EXEMPTION_NOT_CLAIMED] = PHRASE_REASON_NOT_CLAIMED,
	[EXEMPTION_NO_DOCUMENT] = PHRASE_REASON_NO_DOCUMENT,
	[EXEMPTION_NATIONALITY_MISSING] = PHRASE_REASON_NATIONALITY_MISSING,
	[EXEMPTION_NO_TREATY] = PHRASE_REASON_NO_TREATY,
	[EXEMPTION_NO_RECIPROCITY] = PHRASE_REASON_NO_RECIPROCITY,
	[EXEMPTION_BIRTH_DATE_MISSING] = PHRASE_REASON_BIRTH_DATE_MISSING,
	[EXEMPTION_ONE_PERSON_ONLY] = PHRASE_REASON_ONE_PERSON_ONLY,
	[EXEMPTION_TOO_OLD] = PHRASE_REASON_TOO_OLD,
	[EXEMPTION_ACCEPTED] = PHRASE_REASON_ACCEPTED,
	[EXEMPTION_ALSO_APPLIES] = PHRASE_REASON_ALSO_APPLIES,
};

static void explain_reason(const struct argument *a, const struct exemption_decision *d,
	enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	char limit[EXPLAIN_NUMBER_SIZE];
	char day[CITE_DAY_SIZE];

	explain_add(&v, "service", a->service->name.in[language]);
	explain_add(&v, "action", a->action->name.in[language]);
	explain_add(&v, "country", a->request->nationality);
	explain_add(&v, "date", cite_day(a->day, language, day));
	explain_add(&v, "limit", explain_number(d->age_limit, limit));
	phrase_write(&a->tariff->phrases, explain_reason_phrases[d->reason], language, v.values,
		v.count, out);
}

void explain_decision(const struct argument *argument, const struct exemption_decision *decision,
	struct json_writer *w, const char *name)
{
	struct buffer sentence;
	struct text fixed;

	assert(argument != NULL);
	assert(decision->reason < EXEMPTION_REASON_COUNT);

	fixed = phrase_fixed(&argument->tariff->phrases, explain_reason_phrases[decision->reason]);
	if (fixed.size > 0) {
		json_raw(w, name, fixed);
		return;
	}
	buffer_init(&sentence, EXPLAIN_SIZE_MAX);
	json_open_object(w, name);
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		buffer_reset(&sentence);
		explain_reason(argument, decision, (enum language)i, &sentence);
		json_text(w, language_codes[i], buffer_text(&sentence));
	}
	json_close_object(w);
	buffer_done(&sentence);
}

static void explain_claim(const struct argument *a, const struct exemption_decision *d,
	enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	struct buffer said;

	buffer_init(&said, EXPLAIN_SIZE_MAX);
	explain_add(&v, "ground", d->ground->name.in[language]);
	if (d->reason == EXEMPTION_ACCEPTED) {
		cite_sentence(&a->tariff->phrases, &d->exemption->row, language, &said);
		explain_add(&v, "law", buffer_text(&said));
		explain_add(&v, "document", d->claim->document);
		explain_phrase(a, PHRASE_RELIEF, language, &v, out);
	} else if (d->reason != EXEMPTION_ALSO_APPLIES) {
		explain_reason(a, d, language, &said);
		explain_add(&v, "reason", buffer_text(&said));
		explain_phrase(a, PHRASE_REFUSED, language, &v, out);
	}
	buffer_done(&said);
}

/* ---- what becomes of the money ---- */

static void explain_due(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	char due[MONEY_TEXT_SIZE];
	char day[CITE_DAY_SIZE];

	explain_add(&v, "date", cite_day(a->day, language, day));
	explain_add(&v, "due", text_of(money_format(a->due, due)));
	explain_phrase(a, PHRASE_DUE, language, &v, out);
}

static void explain_budget(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };

	if (a->budget == NULL || a->due.minor == 0) {
		return;
	}
	explain_add(&v, "kbk", a->budget->kbk);
	explain_add(&v, "knp", a->budget->knp);
	explain_phrase(a, PHRASE_BUDGET, language, &v, out);
	if (a->beneficiary != NULL) {
		explain_add(&v, "beneficiary", a->beneficiary->name.in[language]);
		explain_add(&v, "bin", a->beneficiary->bin);
		explain_phrase(a, PHRASE_BENEFICIARY, language, &v, out);
	}
}

static void explain_refund(const struct argument *a, enum language language, struct buffer *out)
{
	static const enum phrase_code codes[REFUND_RULE_COUNT] = {
		[REFUND_IF_NOT_PERFORMED] = PHRASE_REFUND_IF_NOT_PERFORMED,
		[REFUND_NEVER] = PHRASE_REFUND_NEVER,
		[REFUND_NOTHING_DUE] = PHRASE_REFUND_NOTHING_DUE,
		[REFUND_UNKNOWN] = PHRASE_REFUND_UNKNOWN,
	};
	struct explain_values v = { .count = 0 };
	struct buffer law;
	char years[EXPLAIN_NUMBER_SIZE];

	if (a->due.minor == 0) {
		explain_phrase(a, PHRASE_REFUND_NOTHING_DUE, language, NULL, out);
		return;
	}
	buffer_init(&law, EXPLAIN_SIZE_MAX);
	cite_sentence(&a->tariff->phrases, &a->refund->row, language, &law);
	explain_add(&v, "years", explain_number(a->refund->years, years));
	explain_add(&v, "law", buffer_text(&law));
	explain_phrase(a, codes[a->refund->rule], language, &v, out);
	buffer_done(&law);
}

/* The rules of the service speak for themselves. */
static void explain_rules(const struct argument *a, enum language language, struct buffer *out)
{
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		const struct rule *rule = argument_rule(a, (enum rule_kind)i);

		if (rule != NULL) {
			buffer_add_char(out, ' ');
			buffer_add(out, rule->texts.in[language]);
		}
	}
}

static void explain_term(const struct argument *a, enum language language, struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	enum phrase_code code = PHRASE_TERM_UNKNOWN;
	char months[EXPLAIN_NUMBER_SIZE];
	char days[3][CITE_DAY_SIZE];
	struct term t;

	if (a->term == NULL) {
		return;
	}
	t = term_of(a->term, a->action->code, a->request, a->day);
	explain_add(&v, "months", explain_number(t.months, months));
	if (t.until != DATE_NONE) {
		code = t.assumed ? PHRASE_TERM_ASSUMED : PHRASE_TERM;
		explain_add(&v, "from", cite_day(t.from, language, days[0]));
		explain_add(&v, "until", cite_day(t.until, language, days[1]));
	} else if (t.suspended_since != DATE_NONE) {
		code = PHRASE_TERM_SUSPENDED;
		explain_add(&v, "since", cite_day(t.suspended_since, language, days[2]));
	}
	explain_phrase(a, code, language, &v, out);
}

/* A rate that depends on the place or on years says so. */
static void explain_condition(const struct argument *a, enum language language, struct buffer *out)
{
	const struct rate_condition *condition = &a->segment->rate->condition;
	struct explain_values v = { .count = 0 };
	char years[EXPLAIN_NUMBER_SIZE];

	if (condition->where != RATE_ANYWHERE) {
		explain_phrase(a,
			condition->where == RATE_ABROAD ? PHRASE_RATE_ABROAD
							: PHRASE_RATE_KAZAKHSTAN,
			language, &v, out);
	}
	if (condition->years != 0) {
		explain_add(&v, "years", explain_number(condition->years, years));
		explain_phrase(a, PHRASE_RATE_YEARS, language, &v, out);
	}
}

/* ---- warnings ---- */

static const struct {
	const char *name;
	enum phrase_code phrase;
} explain_warnings[EXPLAIN_WARNING_COUNT] = {
	[EXPLAIN_AGE_NOT_STATED] = { "age_not_stated", PHRASE_AGE_NOT_STATED },
	[EXPLAIN_BENEFICIARY_INCOMPLETE] = { "beneficiary_incomplete",
		PHRASE_BENEFICIARY_INCOMPLETE },
	[EXPLAIN_BENEFICIARY_UNKNOWN] = { "beneficiary_unknown", PHRASE_BENEFICIARY_UNKNOWN },
	[EXPLAIN_BENEFICIARY_UNVERIFIED] = { "beneficiary_unverified",
		PHRASE_BENEFICIARY_UNVERIFIED },
	[EXPLAIN_KBK_UNVERIFIED] = { "kbk_unverified", PHRASE_BUDGET_UNVERIFIED },
	[EXPLAIN_REFUND_UNVERIFIED] = { "refund_unverified", PHRASE_REFUND_UNVERIFIED },
	[EXPLAIN_TRAVEL_BEYOND_VALIDITY] = { "travel_beyond_validity",
		PHRASE_TRAVEL_BEYOND_VALIDITY },
	[EXPLAIN_UNVERIFIED] = { "unverified", PHRASE_UNVERIFIED },
};

bool explain_warns(const struct argument *argument, enum explain_warning warning)
{
	const struct argument *a = argument;
	bool warns[EXPLAIN_WARNING_COUNT];

	assert(a != NULL);
	assert(warning < EXPLAIN_WARNING_COUNT);

	warns[EXPLAIN_AGE_NOT_STATED] =
		a->minimum_age != NULL && a->request->birth_date == DATE_NONE;
	warns[EXPLAIN_BENEFICIARY_INCOMPLETE] = a->beneficiary != NULL && argument_lacks_account(a);
	warns[EXPLAIN_BENEFICIARY_UNKNOWN] = a->beneficiary == NULL && argument_lacks_account(a);
	warns[EXPLAIN_BENEFICIARY_UNVERIFIED] =
		a->due.minor > 0 && a->beneficiary != NULL && a->beneficiary->row.unverified;
	warns[EXPLAIN_KBK_UNVERIFIED] =
		a->budget != NULL && a->budget->row.unverified && a->due.minor > 0;
	warns[EXPLAIN_REFUND_UNVERIFIED] =
		a->refund->row.unverified && a->refund->rule != REFUND_UNKNOWN && a->due.minor > 0;
	warns[EXPLAIN_TRAVEL_BEYOND_VALIDITY] =
		a->validity != NULL && a->request->travel_date != DATE_NONE &&
		(int64_t)a->request->travel_date - a->day > a->validity->value;
	warns[EXPLAIN_UNVERIFIED] = a->unverified;
	return warns[warning];
}

const char *explain_warning_name(enum explain_warning warning)
{
	assert(warning < EXPLAIN_WARNING_COUNT);

	return explain_warnings[warning].name;
}

static void explain_add_warnings(const struct argument *a, enum language language,
	struct buffer *out)
{
	struct explain_values v = { .count = 0 };
	char age[EXPLAIN_NUMBER_SIZE];
	char days[EXPLAIN_NUMBER_SIZE];

	if (a->budget != NULL) {
		explain_add(&v, "kbk", a->budget->kbk);
	}
	if (a->minimum_age != NULL) {
		explain_add(&v, "age", explain_number(a->minimum_age->value, age));
	}
	if (a->validity != NULL) {
		explain_add(&v, "days", explain_number(a->validity->value, days));
	}
	for (size_t i = 0; i < EXPLAIN_WARNING_COUNT; i++) {
		if (explain_warns(a, (enum explain_warning)i)) {
			explain_phrase(a, explain_warnings[i].phrase, language, &v, out);
		}
	}
}

void explain_write(const struct argument *argument, enum language language, struct buffer *out)
{
	assert(argument != NULL);
	assert(language < LANGUAGE_COUNT);
	assert(out->size == 0);

	explain_line(argument, language, out);
	explain_condition(argument, language, out);
	explain_eligibility(argument, language, out);
	for (size_t i = 0; i < argument->request->claim_count; i++) {
		explain_claim(argument, &argument->decisions[i], language, out);
	}
	explain_due(argument, language, out);
	explain_budget(argument, language, out);
	explain_refund(argument, language, out);
	explain_rules(argument, language, out);
	explain_term(argument, language, out);
	explain_add_warnings(argument, language, out);
	assert(!out->overflowed);
}
