/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/case.h"

#include <assert.h>
#include <string.h>

#include "base/date.h"

/* As the interface names them. */
static const char *const case_results[] = {
	[QUOTE_DONE] = "a due",
	[QUOTE_UNKNOWN_SERVICE] = "unknown_service",
	[QUOTE_INVALID_FIELD] = "invalid_field",
	[QUOTE_TARIFF_MISSING] = "tariff_missing",
	[QUOTE_RATE_MISSING] = "rate_missing",
	[QUOTE_NOT_ELIGIBLE] = "not_eligible",
	[QUOTE_OUT_OF_RANGE] = "out_of_range",
};

enum {
	CASE_RESULT_COUNT = sizeof(case_results) / sizeof(*case_results),
	CASE_QUANT_MAX = 1000000,
};

const char *case_result_name(enum quote_result result)
{
	assert((size_t)result < CASE_RESULT_COUNT);

	return case_results[result];
}

static bool case_read_money(const struct node *n, const char *name, bool *stated,
	struct money *money)
{
	struct text t = { 0 };
	struct text currency;
	const char *space;
	char code[MONEY_CURRENCY_SIZE];
	int64_t minor = 0;

	if (!node_text(n, name, NODE_OPTIONAL, &t)) {
		return false;
	}
	*stated = t.bytes != NULL;
	if (t.bytes == NULL) {
		return true;
	}
	space = strchr(t.bytes, ' ');
	currency = text_of(space != NULL ? space + 1 : "");
	if (space == NULL || !money_currency_is_known(currency) ||
		!text_copy(currency, code, sizeof(code)) ||
		!money_parse_amount((struct text){ t.bytes, (size_t)(space - t.bytes) }, &minor)) {
		return node_refuse(n, "%s=\"%.40s\" is not money; write it as 2162.50 KZT", name,
			t.bytes);
	}
	*money = money_of(minor, code);
	return true;
}

/* due= or refusal=, and not both. */
static bool case_read_result(const struct node *n, struct case_expected *expected)
{
	bool due = false;
	size_t result = 0;

	if (!case_read_money(n, "due", &due, &expected->due)) {
		return false;
	}
	if (due == node_has(n, "refusal")) {
		return node_refuse(n, "expects either due= or refusal=");
	}
	if (due) {
		return true;
	}
	if (!node_choice(n, "refusal", case_results + 1, CASE_RESULT_COUNT - 1, &result)) {
		return false;
	}
	expected->result = (enum quote_result)(result + 1);
	return true;
}

/* An integer that may be left out: 0 then. */
static bool case_read_count(const struct node *n, const char *name, int64_t *out)
{
	*out = 0;
	return !node_has(n, name) || node_integer(n, name, 1, INT32_MAX, out);
}

/* kbk= with knp=, and refund= with the refund-years= it has. */
static bool case_read_terms(const struct node *n, struct case_expected *expected)
{
	const char *names[REFUND_RULE_COUNT];
	size_t rule = 0;

	for (size_t i = 0; i < REFUND_RULE_COUNT; i++) {
		names[i] = refund_rule_name((enum refund_rule)i);
	}
	if (!node_word(n, "kbk", NODE_OPTIONAL, &expected->kbk) ||
		!node_word(n, "knp", NODE_OPTIONAL, &expected->knp) ||
		!case_read_count(n, "refund-years", &expected->refund_years)) {
		return false;
	}
	if ((expected->kbk.size > 0) != (expected->knp.size > 0)) {
		return node_refuse(n, "expects one of kbk= and knp=; state both");
	}
	expected->refund_stated = node_has(n, "refund");
	if (!expected->refund_stated) {
		return expected->refund_years == 0 ||
		       node_refuse(n, "expects refund-years= without refund=");
	}
	if (!node_choice(n, "refund", names, REFUND_RULE_COUNT, &rule)) {
		return false;
	}
	expected->refund = (enum refund_rule)rule;
	return true;
}

static bool case_read_expected(const struct node *n, struct case_expected *expected)
{
	bool ok = case_read_result(n, expected) &&
		  case_read_money(n, "gross", &expected->gross_stated, &expected->gross) &&
		  case_read_money(n, "relief", &expected->relief_stated, &expected->relief) &&
		  node_word(n, "ground", NODE_OPTIONAL, &expected->ground) &&
		  node_list(n, "rests-on", NODE_OPTIONAL, &expected->rows) &&
		  case_read_terms(n, expected);

	if (ok && expected->result != QUOTE_DONE &&
		(expected->gross_stated || expected->relief_stated || expected->ground.size > 0 ||
			expected->rows.count > 0 || expected->kbk.size > 0 ||
			expected->refund_stated)) {
		return node_refuse(n, "expects a refusal, which has no sums, ground, rows, kbk "
				      "or refund");
	}
	return ok;
}

static bool case_read_claim(const struct node *n, struct quote_request *request)
{
	static const char *const names[] = { "document", "ground" };
	struct quote_claim claim = { TEXT(""), TEXT("") };

	if (request->claim_count == QUOTE_CLAIMS_MAX) {
		return node_refuse(n, "is one more than %d claims", QUOTE_CLAIMS_MAX);
	}
	if (!node_only(n, names, sizeof(names) / sizeof(*names)) ||
		!node_word(n, "ground", NODE_REQUIRED, &claim.ground) ||
		!node_text(n, "document", NODE_OPTIONAL, &claim.document)) {
		return false;
	}
	if (claim.document.size > QUOTE_DOCUMENT_MAX) {
		return node_refuse(n, "document is longer than %d bytes", QUOTE_DOCUMENT_MAX);
	}
	request->claims[request->claim_count++] = claim;
	return true;
}

/* An official exchange rate of the day. */
static bool case_read_exchange(const struct node *n, struct exchange_day *exchange)
{
	static const char *const names[] = { "currency", "quant", "value" };
	struct exchange_rate rate = { .quant = 1 };
	struct text currency = { 0 };
	struct text written = { 0 };

	if (exchange->count == EXCHANGE_RATES_MAX) {
		return node_refuse(n, "is one more than %d rates", EXCHANGE_RATES_MAX);
	}
	if (!node_only(n, names, sizeof(names) / sizeof(*names)) ||
		!node_word(n, "currency", NODE_REQUIRED, &currency) ||
		!node_text(n, "value", NODE_REQUIRED, &written) ||
		!node_rational(n, "value", &rate.value) ||
		!node_integer(n, "quant", 1, CASE_QUANT_MAX, &rate.quant)) {
		return false;
	}
	if (!money_currency_is_known(currency) ||
		!text_copy(currency, rate.currency, sizeof(rate.currency)) ||
		!text_copy(written, rate.written, sizeof(rate.written)) ||
		rate.value.numerator == 0) {
		return node_refuse(n, "is no rate of a currency of the tariff");
	}
	exchange->rates[exchange->count++] = rate;
	return true;
}

/* A rule that acts, with the value of its kind. */
static bool case_read_rule(const struct node *n, struct case_expected *expected)
{
	static const char *const names[] = { "kind", "value" };
	const char *kinds[RULE_KIND_COUNT];
	size_t kind = 0;

	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		kinds[i] = rule_kind_name((enum rule_kind)i);
	}
	if (!node_only(n, names, sizeof(names) / sizeof(*names)) ||
		!node_choice(n, "kind", kinds, RULE_KIND_COUNT, &kind) ||
		!case_read_count(n, "value", &expected->rule_values[kind])) {
		return false;
	}
	if (expected->result != QUOTE_DONE) {
		return node_refuse(n, "is expected of a refusal, which tells no rules");
	}
	if (expected->rule_stated[kind]) {
		return node_refuse(n, "kind=\"%s\" is there twice", kinds[kind]);
	}
	expected->rule_stated[kind] = true;
	return true;
}

static bool case_read_child(const struct node *n, struct case_entry *c)
{
	struct node child;

	if (node_first(n, &child)) {
		return node_refuse(&child, "does not belong here");
	}
	if (node_is(n, "claim")) {
		return case_read_claim(n, &c->request);
	}
	if (node_is(n, "exchange")) {
		return case_read_exchange(n, &c->exchange);
	}
	if (node_is(n, "rule")) {
		return case_read_rule(n, &c->expected);
	}
	return node_refuse(n, "does not belong into a case; <claim>, <exchange> and <rule> do");
}

/* As the interface lets it through, for the calculation counts on that; so do the next two. */
static bool case_read_place(const struct node *n, struct text *place)
{
	if (!node_word(n, "place", NODE_OPTIONAL, place)) {
		return false;
	}
	if (place->size > 0 && (place->size != QUOTE_PLACE_DIGITS || !text_is_digits(*place))) {
		return node_refuse(n, "place=\"%.64s\" is not a KATO code of %d digits",
			place->bytes, QUOTE_PLACE_DIGITS);
	}
	return true;
}

static bool case_read_years(const struct node *n, int64_t *years)
{
	if (!case_read_count(n, "years", years)) {
		return false;
	}
	return *years <= QUOTE_YEARS_MAX ||
	       node_refuse(n, "years is more than %d", QUOTE_YEARS_MAX);
}

static bool case_read_short(const struct node *n, const char *name, size_t max, struct text *out)
{
	if (!node_word(n, name, NODE_OPTIONAL, out)) {
		return false;
	}
	return out->size <= max || node_refuse(n, "%s is longer than %zu bytes", name, max);
}

static bool case_read_request(const struct node *n, struct quote_request *request)
{
	request->birth_date = request->travel_date = DATE_NONE;
	request->activation_date = DATE_NONE;
	return node_word(n, "service", NODE_REQUIRED, &request->service) &&
	       node_word(n, "action", NODE_OPTIONAL, &request->action) &&
	       case_read_count(n, "quantity", &request->quantity) &&
	       case_read_short(n, "nationality", QUOTE_NATIONALITY_MAX, &request->nationality) &&
	       node_day(n, "birth-date", NODE_OPTIONAL, &request->birth_date) &&
	       case_read_short(n, "category", QUOTE_CATEGORY_MAX, &request->category) &&
	       case_read_short(n, "currency", MONEY_CURRENCY_SIZE - 1, &request->currency) &&
	       node_day(n, "activation-date", NODE_OPTIONAL, &request->activation_date) &&
	       node_day(n, "travel-date", NODE_OPTIONAL, &request->travel_date) &&
	       case_read_place(n, &request->place) &&
	       node_word(n, "mission", NODE_OPTIONAL, &request->mission) &&
	       case_read_years(n, &request->years);
}

static bool case_read_quote(const struct node *n, struct case_entry *c)
{
	static const char *const names[] = { "action", "activation-date", "birth-date", "category",
		"currency", "date", "due", "gross", "ground", "kbk", "knp", "mission",
		"nationality", "place", "quantity", "refund", "refund-years", "refusal", "relief",
		"rests-on", "service", "source", "travel-date", "years" };
	struct text source = { 0 };
	struct node child;

	if (!node_only(n, names, sizeof(names) / sizeof(*names)) ||
		!node_day(n, "date", NODE_REQUIRED, &c->day) ||
		!node_text(n, "source", NODE_REQUIRED, &source) ||
		!case_read_request(n, &c->request) || !case_read_expected(n, &c->expected)) {
		return false;
	}
	c->exchange.day = c->day;
	for (bool more = node_first(n, &child); more; more = node_next(&child, &child)) {
		if (!case_read_child(&child, c)) {
			return false;
		}
	}
	return true;
}

static bool case_read_mrp(const struct node *n, struct case_entry *c)
{
	static const char *const names[] = { "date", "purpose", "source", "value" };
	struct text source = { 0 };
	size_t purpose = 0;
	struct node child;

	c->of_mrp = true;
	if (node_first(n, &child)) {
		return node_refuse(&child, "does not belong into an MRP");
	}
	if (!node_only(n, names, sizeof(names) / sizeof(*names)) ||
		!node_day(n, "date", NODE_REQUIRED, &c->day) ||
		!node_text(n, "source", NODE_REQUIRED, &source) ||
		!node_choice(n, "purpose", mrp_purpose_names, MRP_PURPOSE_COUNT, &purpose) ||
		!case_read_count(n, "value", &c->value)) {
		return false;
	}
	c->purpose = (enum mrp_purpose)purpose;
	return true;
}

bool case_read(const struct node *n, struct case_entry *c)
{
	assert(n != NULL);
	assert(c != NULL);

	c->origin = n->origin;
	if (node_is(n, "case")) {
		return case_read_quote(n, c);
	}
	if (node_is(n, "mrp")) {
		return case_read_mrp(n, c);
	}
	return node_refuse(n, "does not belong into cases; <case> and <mrp> do");
}
