/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/phrase.h"

#include <assert.h>
#include <string.h>

#include "tariff/document.h"
#include "tariff/quote.h"

struct phrase_kind {
	const char *code;
	int since; /* the version of the calculation that says it first */
	const char *holes[PHRASE_HOLES_MAX + 1]; /* that it may have, up to NULL */
};

static const struct phrase_kind phrase_kinds[PHRASE_COUNT] = {
	[PHRASE_ACT_NUMBERED] = { "act.numbered", 1, { "title", "number" } },
	[PHRASE_AGE_NOT_STATED] = { "age-not-stated", 1, { "age" } },
	[PHRASE_BENEFICIARY] = { "beneficiary", 2, { "beneficiary", "bin" } },
	[PHRASE_BENEFICIARY_INCOMPLETE] = { "beneficiary-incomplete", 2, { NULL } },
	[PHRASE_BENEFICIARY_UNVERIFIED] = { "beneficiary-unverified", 2, { NULL } },
	[PHRASE_BENEFICIARY_UNKNOWN] = { "beneficiary-unknown", 1, { NULL } },
	[PHRASE_BUDGET] = { "budget", 1, { "kbk", "knp" } },
	[PHRASE_BUDGET_UNVERIFIED] = { "budget.unverified", 1, { "kbk" } },
	[PHRASE_CITE_ARTICLE] = { "cite.article", 1, { "act", "article" } },
	[PHRASE_CITE_ITEM] = { "cite.item", 1, { "act", "article", "item" } },
	[PHRASE_DUE] = { "due", 1, { "date", "due" } },
	[PHRASE_ELIGIBLE] = { "eligible", 2,
		{ "country", "category", "category-name", "date", "list", "list-from", "law" } },
	[PHRASE_EXCHANGE] = { "exchange", 2,
		{ "date", "rate", "quant", "currency", "fee", "unit" } },
	[PHRASE_LINE_MONEY] = { "line.money", 1, { "service", "action", "unit", "law" } },
	[PHRASE_LINE_MRP] = { "line.mrp", 1,
		{ "service", "action", "rate", "mrp", "unit", "law", "mrp-from", "mrp-law" } },
	[PHRASE_LINE_MRP_PERCENT] = { "line.mrp-percent", 1,
		{ "service", "action", "rate", "mrp", "unit", "law", "mrp-from", "mrp-law" } },
	[PHRASE_LINE_ZERO] = { "line.zero", 1, { "service", "action", "law" } },
	[PHRASE_QUANTITY] = { "quantity", 1, { "quantity", "unit", "gross" } },
	[PHRASE_RATE_ABROAD] = { "rate.abroad", 2, { NULL } },
	[PHRASE_RATE_KAZAKHSTAN] = { "rate.kazakhstan", 2, { NULL } },
	[PHRASE_RATE_YEARS] = { "rate.years", 2, { "years" } },
	[PHRASE_REASON_ACCEPTED] = { "reason.accepted", 1, { NULL } },
	[PHRASE_REASON_ALSO_APPLIES] = { "reason.also-applies", 1, { NULL } },
	[PHRASE_REASON_BIRTH_DATE_MISSING] = { "reason.birth-date-missing", 1, { NULL } },
	[PHRASE_REASON_NATIONALITY_MISSING] = { "reason.nationality-missing", 1, { NULL } },
	[PHRASE_REASON_NO_DOCUMENT] = { "reason.no-document", 1, { NULL } },
	[PHRASE_REASON_NO_RECIPROCITY] = { "reason.no-reciprocity", 1, { "country" } },
	[PHRASE_REASON_NO_TREATY] = { "reason.no-treaty", 1, { "country" } },
	[PHRASE_REASON_NOT_CLAIMED] = { "reason.not-claimed", 1, { NULL } },
	[PHRASE_REASON_NOT_IN_LIST] = { "reason.not-in-list", 1, { "date" } },
	[PHRASE_REASON_ONE_PERSON_ONLY] = { "reason.one-person-only", 1, { NULL } },
	[PHRASE_REASON_TOO_OLD] = { "reason.too-old", 1, { "limit", "date" } },
	[PHRASE_REFUND_IF_NOT_PERFORMED] = { "refund.if-not-performed", 1, { "years", "law" } },
	[PHRASE_REFUND_NEVER] = { "refund.never", 1, { "law" } },
	[PHRASE_REFUND_NOTHING_DUE] = { "refund.nothing-due", 1, { NULL } },
	[PHRASE_REFUND_UNKNOWN] = { "refund.unknown", 1, { NULL } },
	[PHRASE_REFUND_UNVERIFIED] = { "refund.unverified", 1, { NULL } },
	[PHRASE_REFUSED] = { "refused", 1, { "ground", "reason" } },
	[PHRASE_RELIEF] = { "relief", 1, { "ground", "law", "document" } },
	[PHRASE_ROUNDED] = { "rounded", 1, { "exact", "unit" } },
	[PHRASE_TERM] = { "term", 2, { "from", "until", "months" } },
	[PHRASE_TERM_ASSUMED] = { "term.assumed", 2, { "from", "until", "months" } },
	[PHRASE_TERM_SUSPENDED] = { "term.suspended", 2, { "since", "months" } },
	[PHRASE_TERM_UNKNOWN] = { "term.unknown", 2, { "months" } },
	[PHRASE_TRAVEL_BEYOND_VALIDITY] = { "travel-beyond-validity", 1, { "days" } },
	[PHRASE_UNVERIFIED] = { "unverified", 1, { NULL } },
};

/* Takes the next "{name}" off `rest`, giving what stood before it; false at the end. */
static bool phrase_next_hole(struct text *rest, struct text *before, struct text *name)
{
	const char *end = rest->bytes + rest->size;
	const char *open = rest->size > 0 ? memchr(rest->bytes, '{', rest->size) : NULL;
	const char *close = open != NULL ? memchr(open, '}', (size_t)(end - open)) : NULL;

	if (close == NULL) {
		*before = *rest;
		return false;
	}
	*before = (struct text){ rest->bytes, (size_t)(open - rest->bytes) };
	*name = (struct text){ open + 1, (size_t)(close - open) - 1 };
	*rest = (struct text){ close + 1, (size_t)(end - close) - 1 };
	return true;
}

/* The bit of the hole, 0 when the kind has no such hole. */
static unsigned phrase_hole_bit(const struct phrase_kind *kind, struct text name)
{
	for (unsigned i = 0; kind->holes[i] != NULL; i++) {
		if (text_is(name, kind->holes[i])) {
			return 1U << i;
		}
	}
	return 0;
}

/* The placeholders of one language, as bits: each is known, and named once. */
static bool phrase_read_holes(const struct node *n, const struct phrase_kind *kind,
	struct text sentence, unsigned *said)
{
	struct text rest = sentence;
	struct text before;
	struct text name;

	while (phrase_next_hole(&rest, &before, &name)) {
		unsigned bit = phrase_hole_bit(kind, name);
		int size = (int)(name.size < NODE_WORD_MAX ? name.size : NODE_WORD_MAX);

		if (bit == 0) {
			return node_refuse(n, "%s has no placeholder {%.*s}", kind->code, size,
				name.bytes);
		}
		if ((*said & bit) != 0) {
			return node_refuse(n, "%s names {%.*s} twice", kind->code, size,
				name.bytes);
		}
		*said |= bit;
	}
	return true;
}

static bool phrase_check(const struct node *n, const struct phrase_kind *kind,
	const struct texts *texts)
{
	unsigned said[LANGUAGE_COUNT] = { 0 };

	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (!phrase_read_holes(n, kind, texts->in[i], &said[i])) {
			return false;
		}
		if (said[i] != said[0]) {
			return node_refuse(n, "%s names other placeholders in %s than in %s",
				kind->code, language_codes[i], language_codes[0]);
		}
	}
	return true;
}

bool phrase_read(const struct node *n, struct phrases *phrases)
{
	const char *codes[PHRASE_COUNT];
	struct texts texts;
	size_t code = 0;

	assert(phrases != NULL);

	for (size_t i = 0; i < PHRASE_COUNT; i++) {
		assert(phrase_kinds[i].code != NULL);
		codes[i] = phrase_kinds[i].code;
	}
	if (!node_choice(n, "code", codes, PHRASE_COUNT, &code) || !node_texts(n, &texts)) {
		return false;
	}
	if (phrases->origins[code].file != NULL) {
		return node_refuse(n, "%s is a duplicate of %.60s:%ld", codes[code],
			phrases->origins[code].file, phrases->origins[code].line);
	}
	if (!phrase_check(n, &phrase_kinds[code], &texts)) {
		return false;
	}
	phrases->texts[code] = texts;
	phrases->origins[code] = n->origin;
	return true;
}

bool phrases_serve(const struct phrases *phrases, int version, struct err *err)
{
	assert(phrases != NULL);

	for (size_t i = 0; i < PHRASE_COUNT; i++) {
		if (phrases->origins[i].file == NULL && phrase_kinds[i].since <= version) {
			return err_set(err, ERR_INPUT, "no file of the tariff has the phrase %s",
				phrase_kinds[i].code);
		}
	}
	return true;
}

bool phrases_close(struct phrases *phrases, struct err *err)
{
	struct err missing;

	assert(phrases != NULL);

	if (!phrases_serve(phrases, 1, err)) {
		return false;
	}
	phrases->version = 1;
	while (phrases->version < QUOTE_VERSION &&
		phrases_serve(phrases, phrases->version + 1, &missing)) {
		phrases->version++;
	}
	return true;
}

/* Every placeholder a phrase may name is given a value: the table above and the caller agree. */
static struct text phrase_value_of(struct text name, const struct phrase_value *values,
	size_t count)
{
	size_t i = 0;

	while (i < count && !text_is(name, values[i].name)) {
		i++;
	}
	assert(i < count);

	return values[i].value;
}

struct text phrase_fixed(const struct phrases *phrases, enum phrase_code code)
{
	assert(phrases != NULL);
	assert(code < PHRASE_COUNT);

	return phrase_kinds[code].holes[0] == NULL ? phrases->texts[code].json : TEXT("");
}

void phrase_write(const struct phrases *phrases, enum phrase_code code, enum language language,
	const struct phrase_value *values, size_t count, struct buffer *out)
{
	struct text rest;
	struct text before;
	struct text name;

	assert(code < PHRASE_COUNT);
	assert(language < LANGUAGE_COUNT);
	assert(out != NULL);

	rest = phrases->texts[code].in[language];
	while (phrase_next_hole(&rest, &before, &name)) {
		buffer_add(out, before);
		buffer_add(out, phrase_value_of(name, values, count));
	}
	buffer_add(out, before);
}
