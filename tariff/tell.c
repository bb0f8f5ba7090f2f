/* SPDX-License-Identifier: Apache-2.0 */

/* tell - the whole argument of a quote as one JSON object: quote_write(). */
#include <assert.h>

#include "base/date.h"
#include "tariff/argument.h"
#include "tariff/cite.h"
#include "tariff/explain.h"
#include "tariff/term.h"

enum { TELL_DIGEST_TEXT_SIZE = sizeof("sha256:") + (size_t)2 * TARIFF_DIGEST_SIZE };

static void tell_exemption(const struct argument *a, const struct exemption_decision *d,
	struct json_writer *w)
{
	json_open_object(w, NULL);
	if (d->agreement != NULL) {
		cite_row_briefly(w, "agreement", &d->agreement->row);
	}
	json_cstring(w, "decision", exemption_reason_accepts(d->reason) ? "accepted" : "refused");
	if (d->claim != NULL) {
		json_text_said(w, "document", d->claim->document);
	}
	json_text(w, "ground", d->ground->code);
	if (d->exemption != NULL) {
		cite_row_briefly(w, "law", &d->exemption->row);
	}
	cite_texts(w, "name", &d->ground->name);
	json_cstring(w, "reason", exemption_reason_name(d->reason));
	explain_decision(a, d, w, "text");
	json_close_object(w);
}

/* Every ground the law has for this line, and every one that was claimed, in the law's order. */
static void tell_exemptions(const struct argument *a, struct json_writer *w)
{
	const struct exemptions *all = &a->tariff->exemptions;
	struct exemption_case c = argument_case(a);

	json_open_array(w, "exemptions");
	for (size_t i = 0; i < all->ground_count; i++) {
		struct span valid = a->valid;
		struct exemption_decision d;

		exemption_decide(all, &c, all->grounds[i], &d, &valid);
		for (size_t j = 0; j < a->request->claim_count; j++) {
			if (a->decisions[j].ground == d.ground) {
				d = a->decisions[j];
			}
		}
		if (d.exemption != NULL || d.claim != NULL) {
			tell_exemption(a, &d, w);
		}
	}
	json_close_array(w);
}

static void tell_index(const struct argument *a, struct json_writer *w)
{
	const struct mrp *mrp = a->segment->mrp;
	const struct chain_link *link = chain_find(&a->tariff->mrps.chains[MRP_DUTY], a->day);

	if (mrp == NULL) {
		json_nothing(w, "index");
		return;
	}
	assert(link != NULL);
	json_open_object(w, "index");
	cite_row(w, "law", &mrp->row, link->days);
	json_cstring(w, "name", "MRP");
	json_money(w, "value", money_of(mrp->value * MONEY_MINOR_PER_MAJOR, "KZT"));
	json_close_object(w);
}

static void tell_rate(const struct argument *a, struct json_writer *w)
{
	const struct rate *rate = a->segment->rate;

	json_open_object(w, "rate");
	json_text_said(w, "fixed_in", rate->condition.fixed_in);
	json_text(w, "row", rate->row.id);
	cite_rate(w, rate);
	json_close_object(w);
}

static void tell_refund(const struct argument *a, struct json_writer *w)
{
	json_open_object(w, "refund");
	cite_row_briefly(w, "law", &a->refund->row);
	json_cstring(w, "rule", refund_rule_name(a->refund->rule));
	if (a->refund->years > 0) {
		json_number(w, "years", a->refund->years);
	}
	json_close_object(w);
}

/* The fee as the law has it, and what turned it into the line's money. */
static void tell_exchange(const struct argument *a, struct json_writer *w)
{
	char exact[RATIONAL_TEXT_SIZE];

	if (a->exchange_rate == NULL) {
		return;
	}
	json_open_object(w, "exchange");
	json_cstring(w, "currency", a->exchange_rate->currency);
	json_day(w, "date", a->exchange->day);
	json_cstring(w, "exact_minor", rational_format(a->segment->exact, exact));
	json_money(w, "gross", a->own_gross);
	json_number(w, "quant", a->exchange_rate->quant);
	json_cstring(w, "rate", a->exchange_rate->written);
	json_hex(w, "sha256", a->exchange->digest, sizeof(a->exchange->digest));
	json_money(w, "unit_amount", a->own_unit);
	json_close_object(w);
}

static void tell_rounding(const struct argument *a, struct json_writer *w)
{
	const struct rounding *rounding = a->segment->rounding;

	json_open_object(w, "rounding");
	if (a->exchange_rate != NULL) {
		json_cstring(w, "converted", rounding_rule_name(rounding->converted));
		json_number(w, "converted_step_minor", rounding->converted_step_minor);
	}
	json_cstring(w, "per", rounding->per_line ? "line" : "person");
	json_text(w, "row", rounding->row.id);
	json_cstring(w, "rule", rounding_rule_name(rounding->rule));
	json_number(w, "step_minor", rounding->step_minor);
	json_close_object(w);
}

static void tell_rules(const struct argument *a, struct json_writer *w)
{
	json_open_array(w, "rules");
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		const struct rule *rule = argument_rule(a, (enum rule_kind)i);

		if (rule != NULL) {
			cite_rule(w, rule, NULL);
		}
	}
	json_close_array(w);
}

/* The list the applicant's country stands on, and for what. */
static void tell_eligibility(const struct argument *a, struct json_writer *w)
{
	const struct eligibility *e = a->eligibility;
	const struct country *country;

	if (e == NULL || a->version < ARGUMENT_ELIGIBILITY_SINCE) {
		return;
	}
	country = argument_country(a);
	json_open_object(w, "eligibility");
	json_text(w, "category", a->category->code);
	cite_texts(w, "category_name", &a->category->name);
	json_open_object(w, "country");
	json_text(w, "code", country->code);
	cite_texts(w, "name", &country->name);
	json_close_object(w);
	json_cstring(w, "decision", "accepted");
	cite_row_briefly(w, "law", &e->row);
	json_open_object(w, "list");
	cite_row(w, "law", &e->list->row, row_days(&e->list->row));
	cite_texts(w, "name", &e->list->name);
	json_close_object(w);
	json_close_object(w);
}

static void tell_beneficiary(const struct argument *a, struct json_writer *w)
{
	const struct beneficiary *b = a->beneficiary;

	if (b == NULL) {
		json_nothing(w, "beneficiary");
		return;
	}
	json_open_object(w, "beneficiary");
	json_text_said(w, "bic", b->bic);
	json_text(w, "bin", b->bin);
	json_text_said(w, "iban", b->iban);
	json_text_said(w, "kbe", b->kbe);
	json_text_said(w, "kno", b->kno);
	cite_row_briefly(w, "law", &b->row);
	cite_texts(w, "name", &b->name);
	json_text_said(w, "place", b->place);
	json_close_object(w);
}

static void tell_term_day(struct json_writer *w, const char *name, int32_t day)
{
	if (day == DATE_NONE) {
		json_nothing(w, name);
	} else {
		json_day(w, name, day);
	}
}

static void tell_term(const struct argument *a, struct json_writer *w)
{
	struct term t;

	if (a->term == NULL) {
		return;
	}
	t = term_of(a->term, a->action->code, a->request, a->day);
	json_open_object(w, "term");
	json_true_or_false(w, "assumed", t.assumed);
	tell_term_day(w, "from", t.from);
	json_number(w, "months", t.months);
	tell_term_day(w, "suspended_since", t.suspended_since);
	tell_term_day(w, "until", t.until);
	json_close_object(w);
}

static void tell_line(const struct argument *a, struct json_writer *w)
{
	const struct segment *s = a->segment;
	const struct chain_link *link = chain_find(&a->variant->rates, a->day);
	char exact[RATIONAL_TEXT_SIZE];

	assert(link != NULL);

	json_open_object(w, NULL);
	json_text(w, "action", a->action->code);
	cite_texts(w, "action_name", &a->action->name);
	tell_beneficiary(a, w);
	tell_eligibility(a, w);
	json_cstring(w, "exact_minor", rational_format(a->exact, exact));
	tell_exchange(a, w);
	tell_exemptions(a, w);
	json_money(w, "gross", a->gross);
	tell_index(a, w);
	json_text_or_nothing(w, "kbk", a->budget != NULL ? a->budget->kbk : TEXT(""));
	json_text_or_nothing(w, "knp", a->budget != NULL ? a->budget->knp : TEXT(""));
	cite_row(w, "law", &s->rate->row, link->days);
	cite_texts(w, "name", &a->service->name);
	json_money(w, "net", a->due);
	json_number(w, "quantity", a->quantity);
	tell_rate(a, w);
	tell_refund(a, w);
	json_cstring(w, "regime", service_regime_name(a->service->regime));
	json_money(w, "relief", a->relief);
	tell_rounding(a, w);
	tell_rules(a, w);
	json_text(w, "service", a->service->code);
	tell_term(a, w);
	json_money(w, "unit_amount", a->unit);
	json_close_object(w);
}

static void tell_explanation(const struct argument *a, struct json_writer *w)
{
	struct buffer paragraph;

	buffer_init(&paragraph, EXPLAIN_SIZE_MAX);
	json_open_object(w, "explanation");
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		buffer_reset(&paragraph);
		explain_write(a, (enum language)i, &paragraph);
		json_text(w, language_codes[i], buffer_text(&paragraph));
	}
	json_close_object(w);
	buffer_done(&paragraph);
}

static void tell_words(const struct node_list *list, struct json_writer *w, const char *name)
{
	json_open_array(w, name);
	for (size_t i = 0; i < list->count; i++) {
		json_text(w, NULL, list->words[i]);
	}
	json_close_array(w);
}

static void tell_tail(const struct argument *a, struct json_writer *w)
{
	static const char prefix[] = "sha256:";
	char digest[TELL_DIGEST_TEXT_SIZE] = "sha256:";

	text_hex(a->tariff->digest, TARIFF_DIGEST_SIZE, digest + sizeof(prefix) - 1);
	json_cstring(w, "tariff", digest);
	json_day(w, "valid_from", a->valid.from);
	if (a->valid.until == TARIFF_NO_END) {
		json_nothing(w, "valid_until");
	} else {
		json_day(w, "valid_until", a->valid.until);
	}
	json_number(w, "version", a->version);
	json_open_array(w, "warnings");
	for (size_t i = 0; i < EXPLAIN_WARNING_COUNT; i++) {
		if (explain_warns(a, (enum explain_warning)i)) {
			json_cstring(w, NULL, explain_warning_name((enum explain_warning)i));
		}
	}
	json_close_array(w);
}

void quote_write(const struct quote_basis *basis, const struct quote_request *request,
	const struct quote *quote, struct json_writer *w, const char *name)
{
	struct quote_refusal refusal;
	struct argument a;
	enum quote_result result;

	assert(quote != NULL);
	assert(quote->version == basis->version);
	assert(quote->day == basis->day);

	result = argument_make(basis, request, &a, &refusal);
	assert(result == QUOTE_DONE);
	assert(a.due.minor == quote->due.minor);

	json_open_object(w, name);
	tell_words(&a.service->channels, w, "channels");
	json_day(w, "date", a.day);
	json_money(w, "due", a.due);
	tell_explanation(&a, w);
	json_money(w, "gross", a.gross);
	json_open_array(w, "lines");
	tell_line(&a, w);
	json_close_array(w);
	json_cstring(w, "refund", refund_rule_name(a.refund->rule));
	json_money(w, "relief", a.relief);
	tell_tail(&a, w);
	json_close_object(w);
}
