/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/letter.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "gateways/epay1/currency.h"

/* ---- bytes ---- */

static struct text letter_rest(struct text t, size_t from)
{
	return (struct text){ t.bytes + from, t.size - from };
}

/* Where `needle` begins in `t`; t.size when nowhere. */
static size_t letter_find(struct text t, struct text needle)
{
	for (size_t at = 0; at + needle.size <= t.size; at++) {
		if (memcmp(t.bytes + at, needle.bytes, needle.size) == 0) {
			return at;
		}
	}
	return t.size;
}

static size_t letter_count(struct text t, struct text needle)
{
	size_t count = 0;
	size_t at = letter_find(t, needle);

	while (at < t.size) {
		count++;
		t = letter_rest(t, at + needle.size);
		at = letter_find(t, needle);
	}
	return count;
}

static struct text letter_skip_space(struct text t)
{
	size_t at = 0;

	while (at < t.size && (t.bytes[at] == ' ' || t.bytes[at] == '\t' || t.bytes[at] == '\r' ||
				      t.bytes[at] == '\n')) {
		at++;
	}
	return letter_rest(t, at);
}

/* Takes white space and `word` off the beginning of `t`. */
static bool letter_take(struct text *t, struct text word)
{
	*t = letter_skip_space(*t);
	if (!text_starts(*t, word)) {
		return false;
	}
	*t = letter_rest(*t, word.size);
	return true;
}

/* Takes what comes before `end`, and `end`; of one line of the frame, so without a bracket in it.
 */
static bool letter_take_until(struct text *t, struct text end, struct text *before)
{
	size_t at = letter_find(*t, end);

	if (at == t->size) {
		return false;
	}
	*before = (struct text){ t->bytes, at };
	*t = letter_rest(*t, at + end.size);
	return memchr(before->bytes, '<', before->size) == NULL;
}

/* A declaration, if there is one; then <document>. */
static bool letter_take_head(struct text *t)
{
	struct text declaration;

	if (letter_take(t, TEXT("<?xml ")) && !letter_take_until(t, TEXT("?>"), &declaration)) {
		return false;
	}
	return letter_take(t, TEXT("<document>"));
}

/* The signature's element, the end of the frame, and nothing else. */
static bool letter_take_tail(struct text t, struct text *signature)
{
	struct text attributes;

	if (!letter_take(&t, TEXT("<bank_sign ")) ||
		!letter_take_until(&t, TEXT(">"), &attributes) ||
		!letter_take_until(&t, TEXT("</bank_sign>"), signature) ||
		!letter_take(&t, TEXT("</document>"))) {
		return false;
	}
	return letter_skip_space(t).size == 0;
}

/* One pass over the bytes: the slice that is signed, and the signature. */
static bool letter_split(struct text document, struct text *slice, struct text *signature)
{
	struct text end = TEXT("</bank>");
	size_t size;

	if (document.size > LETTER_SIZE_MAX || !letter_take_head(&document)) {
		return false;
	}
	document = letter_skip_space(document);
	size = letter_find(document, end);
	if (!text_starts(document, TEXT("<bank ")) || size == document.size) {
		return false;
	}
	*slice = (struct text){ document.bytes, size + end.size };
	if (letter_count(*slice, TEXT("<bank")) != 1 ||
		letter_count(*slice, TEXT("<results")) > 1 ||
		letter_count(*slice, TEXT("<response")) > 1 ||
		letter_count(*slice, TEXT("<!")) + letter_count(*slice, TEXT("<?")) > 0) {
		return false;
	}
	return letter_take_tail(letter_rest(document, slice->size), signature);
}

/* ---- the signed slice as XML ---- */

static xmlDoc *letter_parse(struct text slice)
{
	return xmlReadMemory(slice.bytes, (int)slice.size, NULL, "UTF-8",
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

void letter_warm(void)
{
	xmlDoc *doc;

	xmlInitParser();
	doc = letter_parse(TEXT("<bank name=\"\xD0\xB0\"/>"));
	assert(doc != NULL);
	xmlFreeDoc(doc);
}

/* The child of that name, if there is exactly one. */
static xmlNode *letter_child(xmlNode *parent, const char *name)
{
	xmlNode *found = NULL;
	size_t count = 0;

	for (xmlNode *node = parent != NULL ? parent->children : NULL; node != NULL;
		node = node->next) {
		if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0) {
			found = node;
			count++;
		}
	}
	return count == 1 ? found : NULL;
}

/* False, with `out` empty, when it is not there or does not fit. */
static bool letter_attribute(xmlNode *node, const char *name, char *out, size_t size)
{
	xmlChar *value = node != NULL ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
	bool fits = value != NULL && text_copy(text_of((const char *)value), out, size);

	if (!fits) {
		out[0] = '\0';
	}
	xmlFree(value);
	return fits && out[0] != '\0';
}

static bool letter_order(xmlNode *node, const char *name, struct letter *letter)
{
	struct text number;

	if (!letter_attribute(node, name, letter->order, sizeof(letter->order))) {
		return false;
	}
	number = text_of(letter->order);
	return text_is_digits(number) && number.size >= EPAY1_NUMBER_MIN;
}

static bool letter_money(xmlNode *amount, xmlNode *currency, const char *currency_name,
	struct letter *letter)
{
	char sum[MONEY_TEXT_SIZE];
	char number[8];
	const char *code;
	int64_t minor;

	if (!letter_attribute(amount, "amount", sum, sizeof(sum)) ||
		!letter_attribute(currency, currency_name, number, sizeof(number))) {
		return false;
	}
	code = currency_code(number);
	if (code == NULL || !money_parse_amount(text_of(sum), &minor) || minor <= 0 ||
		minor > MONEY_API_MAX) {
		return false;
	}
	letter->amount = money_of(minor, code);
	return true;
}

/* What goes back to the bank in an address, and into the book. */
static bool letter_word(xmlNode *node, const char *name, char out[EPAY1_NAME_MAX + 1])
{
	return letter_attribute(node, name, out, EPAY1_NAME_MAX + 1) &&
	       text_is_made_of(text_of(out), "");
}

/* The sum stands in it three times, the shop twice: all must say the same. */
static bool letter_agrees(xmlNode *order, xmlNode *payment, const struct letter *letter)
{
	char shop[EPAY1_NAME_MAX + 1];
	char sums[2][MONEY_TEXT_SIZE];
	xmlNode *department = letter_child(order, "department");
	int64_t minor;

	if (!letter_attribute(department, "merchant_id", shop, sizeof(shop)) ||
		strcmp(shop, letter->merchant_id) != 0 ||
		!letter_attribute(department, "amount", sums[0], sizeof(sums[0])) ||
		!letter_attribute(payment, "amount", sums[1], sizeof(sums[1]))) {
		return false;
	}
	for (size_t i = 0; i < 2; i++) {
		if (!money_parse_amount(text_of(sums[i]), &minor) ||
			minor != letter->amount.minor) {
			return false;
		}
	}
	return true;
}

static bool letter_take_payment(xmlNode *bank, struct letter *letter)
{
	xmlNode *merchant = letter_child(letter_child(bank, "customer"), "merchant");
	xmlNode *order = letter_child(merchant, "order");
	xmlNode *payment = letter_child(letter_child(bank, "results"), "payment");

	return letter_order(order, "order_id", letter) &&
	       letter_money(order, order, "currency", letter) &&
	       letter_attribute(payment, "merchant_id", letter->merchant_id,
		       sizeof(letter->merchant_id)) &&
	       letter_agrees(order, payment, letter) &&
	       letter_word(payment, "reference", letter->reference) &&
	       letter_word(payment, "approval_code", letter->approval) &&
	       letter_attribute(payment, "response_code", letter->code, sizeof(letter->code));
}

static bool letter_take_status(xmlNode *bank, struct letter *letter)
{
	xmlNode *merchant = letter_child(bank, "merchant");
	xmlNode *response = letter_child(bank, "response");
	char order[EPAY1_NUMBER_MAX + 1];

	if (!letter_attribute(merchant, "id", letter->merchant_id, sizeof(letter->merchant_id)) ||
		!letter_order(letter_child(merchant, "order"), "id", letter) ||
		!letter_attribute(response, "payment", letter->payment, sizeof(letter->payment))) {
		return false;
	}
	if (letter_attribute(response, "OrderID", order, sizeof(order)) &&
		strcmp(order, letter->order) != 0) {
		return false;
	}
	(void)letter_attribute(response, "status", letter->status, sizeof(letter->status));
	(void)letter_attribute(response, "result", letter->result, sizeof(letter->result));
	if (strcmp(letter->payment, "true") != 0) {
		return true;
	}
	return letter_money(response, response, "currencycode", letter) &&
	       letter_word(response, "reference", letter->reference) &&
	       letter_word(response, "approval_code", letter->approval);
}

static bool letter_take_command(xmlNode *bank, struct letter *letter)
{
	xmlNode *merchant = letter_child(bank, "merchant");
	xmlNode *payment = letter_child(merchant, "payment");

	return letter_attribute(merchant, "id", letter->merchant_id, sizeof(letter->merchant_id)) &&
	       letter_attribute(letter_child(merchant, "command"), "type", letter->command,
		       sizeof(letter->command)) &&
	       letter_order(payment, "orderid", letter) &&
	       letter_money(payment, payment, "currency_code", letter) &&
	       letter_word(payment, "reference", letter->reference) &&
	       letter_word(payment, "approval_code", letter->approval) &&
	       letter_attribute(letter_child(bank, "response"), "code", letter->code,
		       sizeof(letter->code));
}

/* ---- letters ---- */

typedef bool letter_taker(xmlNode *bank, struct letter *letter);

static enum letter_check letter_read(const struct sign *sign, struct text document,
	letter_taker *take, struct letter *letter)
{
	struct text slice;
	struct text signature;
	enum letter_check check = LETTER_STRANGE;
	xmlDoc *doc;

	assert(sign != NULL);
	assert(letter != NULL);

	*letter = (struct letter){ .order = "" };
	if (!letter_split(document, &slice, &signature)) {
		return LETTER_MALFORMED;
	}
	if (!sign_is_banks(sign, slice, signature)) {
		return LETTER_FORGED;
	}
	doc = letter_parse(slice);
	if (doc != NULL && take(xmlDocGetRootElement(doc), letter)) {
		check = LETTER_GOOD;
	}
	xmlFreeDoc(doc);
	return check;
}

enum letter_check letter_read_payment(const struct sign *sign, struct text document,
	struct letter *letter)
{
	return letter_read(sign, document, letter_take_payment, letter);
}

enum letter_check letter_read_status(const struct sign *sign, struct text document,
	struct letter *letter)
{
	return letter_read(sign, document, letter_take_status, letter);
}

enum letter_check letter_read_command(const struct sign *sign, struct text document,
	struct letter *letter)
{
	return letter_read(sign, document, letter_take_command, letter);
}

struct text letter_error_order(struct text document)
{
	struct text number = TEXT("");

	if (document.size > LETTER_SIZE_MAX ||
		!letter_take(&document, TEXT("<response order_id=\"")) ||
		!letter_take_until(&document, TEXT("\""), &number) ||
		letter_count(document, TEXT("<error ")) != 1 || !text_is_digits(number) ||
		number.size < EPAY1_NUMBER_MIN || number.size > EPAY1_NUMBER_MAX) {
		return TEXT("");
	}
	return number;
}
