/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/argument.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "tariff/country.h"
#include "tariff/term.h"

enum { ARGUMENT_CHOICE_MAX = 160 }; /* bytes of what could be asked instead, in a refusal */

static enum quote_result argument_refuse_claim(struct quote_refusal *refusal, size_t i,
	const char *why)
{
	char field[sizeof(refusal->field)];

	(void)snprintf(field, sizeof(field), "claims[%zu].ground", i);
	return quote_refuse(refusal, QUOTE_INVALID_FIELD, field, "%s", why);
}

static enum quote_result argument_check_claims(const struct tariff *tariff,
	const struct quote_request *request, struct quote_refusal *refusal)
{
	for (size_t i = 0; i < request->claim_count; i++) {
		struct text ground = request->claims[i].ground;

		if (ground_find(&tariff->exemptions, ground) == NULL) {
			return argument_refuse_claim(refusal, i,
				"is not a ground of exemption in this tariff");
		}
		for (size_t j = 0; j < i; j++) {
			if (text_equal(ground, request->claims[j].ground)) {
				return argument_refuse_claim(refusal, i, "is claimed twice");
			}
		}
	}
	return QUOTE_DONE;
}

static enum quote_result argument_check_fields(struct argument *a, struct quote_refusal *refusal)
{
	const struct quote_request *request = a->request;
	enum quote_result result;

	if (a->action_index == a->service->action_count) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "action",
			"is not an action of this service");
	}
	if (a->quantity < 1 || a->quantity > QUOTE_QUANTITY_MAX) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "quantity",
			"must be from 1 to %d", QUOTE_QUANTITY_MAX);
	}
	if (request->nationality.size > 0 && !country_is_known(request->nationality)) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "applicant.nationality",
			"is not a country code of ISO 3166-1 alpha-2");
	}
	if (request->birth_date != DATE_NONE && request->birth_date > a->day) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "applicant.birth_date",
			"is after the day of the quote");
	}
	if (request->currency.size > 0 && !money_currency_is_known(request->currency)) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "currency",
			"is not a currency of the tariff");
	}
	result = eligibility_ask(&a->service->eligibilities, request, &a->category, refusal);
	return result == QUOTE_DONE ? argument_check_claims(a->tariff, request, refusal) : result;
}

/* In the fee's own currency, or in Kazakhstan in tenge: then the rate of the day is looked up. */
static enum quote_result argument_check_currency(struct argument *a, struct quote_refusal *refusal)
{
	const char *own = a->segment->unit.currency;
	char day[DATE_TEXT_SIZE];

	if (a->request->currency.size == 0 || text_is(a->request->currency, own)) {
		return QUOTE_DONE;
	}
	if (!text_is(a->request->currency, "KZT") || a->variant->condition.where == RATE_ABROAD) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "currency",
			"this is charged in %s", own);
	}
	if (a->version >= ARGUMENT_EXCHANGE_SINCE && a->exchange != NULL) {
		a->exchange_rate = exchange_find(a->exchange, own);
	}
	if (a->exchange_rate == NULL) {
		return quote_refuse(refusal, QUOTE_RATE_MISSING, "currency",
			"no official exchange rate of %s is known for %s", own,
			date_format(a->day, day));
	}
	return QUOTE_DONE;
}

const struct rule *argument_rule(const struct argument *argument, enum rule_kind kind)
{
	const struct chain_link *link;

	assert(argument != NULL);
	assert(kind < RULE_KIND_COUNT);

	link = chain_find(&argument->service->rules[kind], argument->day);
	return link == NULL ? NULL : (const struct rule *)link->row;
}

/* What a person would pay for in vain is refused before there is anything to pay. */
static enum quote_result argument_check_rules(struct argument *a, struct quote_refusal *refusal)
{
	const struct quote_request *request = a->request;
	char day[DATE_TEXT_SIZE];

	if (a->minimum_age != NULL && request->birth_date != DATE_NONE &&
		date_age(request->birth_date, a->day) < a->minimum_age->value) {
		return quote_refuse(refusal, QUOTE_NOT_ELIGIBLE, "applicant.birth_date",
			"the applicant must be %d or older on %s", (int)a->minimum_age->value,
			date_format(a->day, day));
	}
	if (argument_rule(a, RULE_FOREIGNERS_ONLY) != NULL && text_is(request->nationality, "KZ")) {
		return quote_refuse(refusal, QUOTE_NOT_ELIGIBLE, "applicant.nationality",
			"%.47s is for foreigners and stateless persons on %s",
			a->service->code.bytes, date_format(a->day, day));
	}
	if (a->term != NULL && term_extends(a->action->code) &&
		request->activation_date != DATE_NONE && request->activation_date > a->day) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "activation_date",
			"is after the day of the quote: nothing runs yet that could be extended");
	}
	if (request->travel_date != DATE_NONE && request->travel_date < a->day) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "travel_date",
			"is before the day of the quote");
	}
	/* Days have no hours: refused is what is too late whatever the hours were. */
	if (a->notice != NULL && request->travel_date != DATE_NONE &&
		((int64_t)request->travel_date - a->day) * 24 < a->notice->value) {
		return quote_refuse(refusal, QUOTE_NOT_ELIGIBLE, "travel_date",
			"the application must be made at least %d hours before the travel",
			(int)a->notice->value);
	}
	return a->category == NULL ? QUOTE_DONE
				   : eligibility_decide(a->category, request, a->day,
					     &a->eligibility, &a->valid, refusal);
}

/* In the fee's own currency. */
static bool argument_price_line(const struct argument *a, struct money *gross)
{
	const struct segment *s = a->segment;
	struct rational exact;
	int64_t minor;

	if (!s->rounding->per_line) {
		return money_multiply(s->unit, a->quantity, gross);
	}
	if (!rational_multiply(s->exact, rational_of(a->quantity), &exact) ||
		!rational_round(exact, s->rounding->rule, s->rounding->step_minor, &minor)) {
		return false;
	}
	*gross = money_of(minor, s->unit.currency);
	return true;
}

/* What the law has paid, in tenge of the day: rounded per person or per line, as the row says. */
static bool argument_convert(struct argument *a)
{
	const struct rounding *rounding = a->segment->rounding;
	struct rational line;
	int64_t minor;

	assert(a->exchange_rate != NULL);

	if (!exchange_convert(a->exchange_rate, a->own_unit.minor, &a->exact)) {
		return false;
	}
	if (rounding->per_line) {
		a->unit = money_of(a->exact.numerator / a->exact.denominator, "KZT");
		if (!exchange_convert(a->exchange_rate, a->own_gross.minor, &line) ||
			!rational_round(line, rounding->converted, rounding->converted_step_minor,
				&minor)) {
			return false;
		}
		a->gross = money_of(minor, "KZT");
		return true;
	}
	if (!rational_round(a->exact, rounding->converted, rounding->converted_step_minor,
		    &minor)) {
		return false;
	}
	a->unit = money_of(minor, "KZT");
	return money_multiply(a->unit, a->quantity, &a->gross);
}

/* The line and its parts, and in tenge of which days they hold. */
static bool argument_price_parts(struct argument *a)
{
	a->own_unit = a->segment->unit;
	if (!argument_price_line(a, &a->own_gross)) {
		return false;
	}
	a->exact = a->segment->exact;
	a->unit = a->own_unit;
	a->gross = a->own_gross;
	if (a->exchange_rate == NULL) {
		return true;
	}
	a->valid = span_meet(a->valid, (struct span){ a->day, a->day + 1 });
	return argument_convert(a);
}

const struct country *argument_country(const struct argument *argument)
{
	const struct country *country;

	assert(argument->eligibility != NULL);

	country = country_find(&argument->tariff->countries, argument->request->nationality);
	assert(country != NULL); /* list_read() saw to it */
	return country;
}

bool argument_lacks_account(const struct argument *argument)
{
	assert(argument != NULL);

	return argument->due.minor > 0 &&
	       (argument->beneficiary == NULL || argument->beneficiary->iban.size == 0);
}

struct exemption_case argument_case(const struct argument *argument)
{
	return (struct exemption_case){
		.service = argument->service,
		.action = argument->action_index,
		.day = argument->day,
		.where = argument->where,
		.request = argument->request,
	};
}

/* Whether another applicant might be told something else: a rule or a claimed ground asks who it
 * is. */
static bool argument_is_personal(const struct argument *a)
{
	for (size_t i = 0; i < a->request->claim_count; i++) {
		const struct exemption *e = a->decisions[i].exemption;

		if (e != NULL && (e->by_agreement || e->age_below > 0)) {
			return true;
		}
	}
	return a->minimum_age != NULL || a->eligibility != NULL;
}

/* The first accepted ground in the order of the law's list relieves; others are noted. */
static void argument_decide(struct argument *a)
{
	struct exemption_case c = argument_case(a);
	struct exemption_decision *first = NULL;

	for (size_t i = 0; i < a->request->claim_count; i++) {
		const struct ground *ground =
			ground_find(&a->tariff->exemptions, a->request->claims[i].ground);
		struct exemption_decision *d = &a->decisions[i];

		exemption_decide(&a->tariff->exemptions, &c, ground, d, &a->valid);
		if (!exemption_reason_accepts(d->reason)) {
			continue;
		}
		if (first == NULL || d->ground->number < first->ground->number) {
			if (first != NULL) {
				first->reason = EXEMPTION_ALSO_APPLIES;
			}
			first = d;
		} else {
			d->reason = EXEMPTION_ALSO_APPLIES;
		}
	}
	a->relieved_by = first;
}

/* What a case that no variant matches lacks. */
static enum quote_result argument_refuse_variant(const struct argument *a,
	const struct variant_case *c, enum variant_match match, struct quote_refusal *refusal)
{
	const char *field = match == VARIANT_NO_YEARS ? "years" : "currency";
	bool said = match == VARIANT_NO_YEARS ? c->years != 0 : c->currency.size > 0;
	enum quote_result result;
	struct buffer choice;

	if (match == VARIANT_NO_PLACE) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "mission",
			c->where == RATE_ABROAD
				? "no rate abroad is known; in Kazakhstan it is left out"
				: "is required: a rate is known only for missions abroad");
	}
	buffer_init(&choice, ARGUMENT_CHOICE_MAX);
	variants_list(&a->action->variants, c, match, &choice);
	result = quote_refuse(refusal, QUOTE_INVALID_FIELD, field, "%s: there is a rate for %.*s",
		said ? "is none the law names" : "is required", (int)choice.size, choice.bytes);
	buffer_done(&choice);
	return result;
}

static enum quote_result argument_find_segment(struct argument *a, struct quote_refusal *refusal)
{
	const struct variant_case c = {
		.day = a->day,
		.where = a->where,
		.years = a->request->years,
		.currency = a->request->currency,
	};
	enum variant_match match = variants_choose(&a->action->variants, &c, &a->variant);
	char day[DATE_TEXT_SIZE];

	if (match < VARIANT_NO_DAY) {
		return argument_refuse_variant(a, &c, match, refusal);
	}
	a->segment = match == VARIANT_MATCHES ? variant_segment(a->variant, a->day) : NULL;
	if (a->segment == NULL) {
		return quote_refuse(refusal, QUOTE_TARIFF_MISSING, "date",
			match == VARIANT_NO_DAY ? "the tariff has no rate of %.47s on %s"
						: "no MRP is known for %.47s on %s",
			a->service->code.bytes, date_format(a->day, day));
	}
	a->valid = a->segment->days;
	return QUOTE_DONE;
}

static enum quote_result argument_find_rows(struct argument *a, struct quote_refusal *refusal)
{
	const struct chain_link *link;
	enum quote_result result = argument_find_segment(a, refusal);
	struct span booked;

	if (result != QUOTE_DONE) {
		return result;
	}
	booked = a->valid;
	chain_narrow(&a->service->budgets, a->day, &booked);
	chain_narrow(&a->service->refunds, a->day, &booked);
	link = chain_find(&a->service->budgets, a->day);
	a->budget = link == NULL ? NULL : (const struct budget *)link->row;
	if (a->budget != NULL) {
		a->beneficiary = beneficiary_find(&a->tariff->beneficiaries, a->budget->kbk,
			a->request->place, a->day, &booked);
	}
	link = chain_find(&a->service->refunds, a->day);
	assert(link != NULL); /* service_close() saw to it */
	a->refund = (const struct refund *)link->row;
	if (a->version >= ARGUMENT_BOOKED_SINCE) {
		a->valid = booked;
	}
	a->minimum_age = argument_rule(a, RULE_MINIMUM_AGE);
	a->notice = argument_rule(a, RULE_NOTICE_HOURS);
	a->validity = argument_rule(a, RULE_VALIDITY_DAYS);
	if (a->version >= ARGUMENT_TERM_SINCE) {
		a->term = argument_rule(a, RULE_TERM_MONTHS);
	}
	return QUOTE_DONE;
}

static enum quote_result argument_price(struct argument *a, struct quote_refusal *refusal)
{
	const struct segment *s = a->segment;
	const struct exemption_decision *d;

	assert(s != NULL); /* argument_find_rows() found it */

	argument_decide(a);
	a->personal = argument_is_personal(a);
	d = a->relieved_by;
	if (!argument_price_parts(a) || a->gross.minor > MONEY_API_MAX) {
		return quote_refuse(refusal, QUOTE_OUT_OF_RANGE, "quantity",
			"the sum is larger than can be carried");
	}
	a->relief = a->due = a->gross; /* all of it or nothing */
	if (d != NULL) {
		a->due.minor = 0;
	} else {
		a->relief.minor = 0;
	}
	a->unverified = s->rate->row.unverified || s->rounding->row.unverified ||
			(s->mrp != NULL && s->mrp->row.unverified) ||
			(d != NULL && d->exemption->row.unverified) ||
			(d != NULL && d->agreement != NULL && d->agreement->row.unverified) ||
			(a->eligibility != NULL && (a->eligibility->row.unverified ||
							   a->eligibility->list->row.unverified));
	assert(a->due.minor >= 0);
	return QUOTE_DONE;
}

enum quote_result argument_make(const struct quote_basis *basis,
	const struct quote_request *request, struct argument *argument,
	struct quote_refusal *refusal)
{
	struct argument *a = argument;
	enum quote_result result;

	assert(basis->tariff != NULL);
	assert(basis->version >= 1 && basis->version <= basis->tariff->phrases.version);
	assert(basis->exchange == NULL || basis->exchange->day == basis->day);
	assert(request != NULL);
	assert(request->claim_count <= QUOTE_CLAIMS_MAX);
	assert(argument != NULL);

	memset(a, 0, offsetof(struct argument, decisions)); /* those are filled by the claims */
	a->tariff = basis->tariff;
	a->exchange = basis->exchange;
	a->version = basis->version;
	a->day = basis->day;
	a->request = request;
	a->where = request->mission.size > 0 ? RATE_ABROAD : RATE_KAZAKHSTAN;
	a->quantity = request->quantity == 0 ? 1 : request->quantity;
	a->service = set_service(a->tariff, request->service);
	if (a->service == NULL) {
		return quote_refuse(refusal, QUOTE_UNKNOWN_SERVICE, "service",
			"is not a service of this tariff");
	}
	a->action_index = service_action_find(a->service, request->action);
	result = argument_check_fields(a, refusal);
	if (result != QUOTE_DONE) {
		return result;
	}
	a->action = &a->service->actions[a->action_index];
	result = argument_find_rows(a, refusal);
	if (result == QUOTE_DONE) {
		result = argument_check_currency(a, refusal);
	}
	if (result == QUOTE_DONE) {
		result = argument_check_rules(a, refusal);
	}
	return result == QUOTE_DONE ? argument_price(a, refusal) : result;
}

static void argument_claim_rows(const struct argument *a, argument_row_fn *on_row, void *context)
{
	for (size_t i = 0; i < a->request->claim_count; i++) {
		const struct exemption_decision *d = &a->decisions[i];

		if (d->exemption != NULL) {
			on_row(context, &d->exemption->row);
		}
		if (d->agreement != NULL) {
			on_row(context, &d->agreement->row);
		}
	}
}

void argument_rows(const struct argument *argument, argument_row_fn *on_row, void *context)
{
	const struct argument *a = argument;

	assert(a != NULL);
	assert(a->segment != NULL);
	assert(on_row != NULL);

	on_row(context, &a->segment->rate->row);
	on_row(context, &a->segment->rounding->row);
	on_row(context, &a->refund->row);
	if (a->segment->mrp != NULL) {
		on_row(context, &a->segment->mrp->row);
	}
	if (a->budget != NULL) {
		on_row(context, &a->budget->row);
	}
	if (a->beneficiary != NULL) {
		on_row(context, &a->beneficiary->row);
	}
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		const struct rule *rule = argument_rule(a, (enum rule_kind)i);

		if (rule != NULL) {
			on_row(context, &rule->row);
		}
	}
	if (a->eligibility != NULL) {
		on_row(context, &a->eligibility->row);
		on_row(context, &a->eligibility->list->row);
	}
	argument_claim_rows(a, on_row, context);
}
