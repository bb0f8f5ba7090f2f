/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/feed.h"

#include <assert.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "tariff/document.h"

enum { FEED_DAY_SIZE = sizeof("DD.MM.YYYY") - 1, FEED_SHOWN_MAX = 40 };

/* What is being read. */
struct feed_reading {
	const char *name;
	struct err *err;
	bool dated_items; /* rss: each item has its day */
	int32_t day;      /* or DATE_NONE: not seen yet */
	size_t item_count;
	char seen[FEED_ITEMS_MAX][MONEY_CURRENCY_SIZE]; /* the items' currencies */
	struct exchange_day exchange;
};

/* One item's fields, and whether each was there. */
struct feed_item {
	bool has_title;
	bool has_description;
	bool has_quant;
	bool has_day;
	struct exchange_rate rate;
};

static bool feed_refuse(const struct feed_reading *r, const xmlNode *node, const char *why,
	struct text shown)
{
	int size = shown.size < FEED_SHOWN_MAX ? (int)shown.size : FEED_SHOWN_MAX;

	assert(node != NULL);

	while (size > 0 && (size_t)size < shown.size && (shown.bytes[size] & 0xC0) == 0x80) {
		size--; /* not in the middle of a character */
	}
	return document_refuse(r->name, xmlGetLineNo((xmlNode *)(uintptr_t)node), r->err,
		"<%.20s>: \"%.*s\" %s", (const char *)node->name, size, shown.bytes, why);
}

static bool feed_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The text of an element that has nothing else in it; borrowed from the document. */
static bool feed_text(const struct feed_reading *r, const xmlNode *node, struct text *text)
{
	const xmlNode *child = node->children;

	if (child == NULL) {
		return feed_refuse(r, node, "is empty", TEXT(""));
	}
	if (child->next != NULL ||
		(child->type != XML_TEXT_NODE && child->type != XML_CDATA_SECTION_NODE)) {
		return feed_refuse(r, node, "is not plain text", TEXT(""));
	}
	*text = text_of((const char *)child->content);
	return true;
}

/* Digits at a place of "DD.MM.YYYY"; -1: something else stands there. */
static int feed_number(struct text t, size_t at, size_t size)
{
	int64_t value = 0;

	assert(at + size <= t.size);

	return text_parse_integer((struct text){ t.bytes + at, size }, &value) ? (int)value : -1;
}

/* The day is told once, or every time the same. */
static bool feed_take_day(struct feed_reading *r, const xmlNode *node)
{
	struct date_civil civil;
	struct text written = TEXT("");
	int32_t day = DATE_NONE;

	if (!feed_text(r, node, &written)) {
		return false;
	}
	if (written.size != FEED_DAY_SIZE || written.bytes[2] != '.' || written.bytes[5] != '.') {
		return feed_refuse(r, node, "is not a day written DD.MM.YYYY", written);
	}
	civil = (struct date_civil){ feed_number(written, 6, 4), feed_number(written, 3, 2),
		feed_number(written, 0, 2) };
	if (civil.year < 0 || civil.month < 0 || civil.day < 0 || !date_from_civil(civil, &day)) {
		return feed_refuse(r, node, "is not a day that exists", written);
	}
	if (r->day != DATE_NONE && r->day != day) {
		return feed_refuse(r, node, "is another day than stands before it", written);
	}
	r->day = day;
	return true;
}

/* ---- an item ---- */

static bool feed_take_currency(struct feed_reading *r, const xmlNode *node, struct feed_item *item)
{
	struct text code = TEXT("");
	bool fits;

	if (!feed_text(r, node, &code)) {
		return false;
	}
	if (item->has_title) {
		return feed_refuse(r, node, "stands in this item twice", code);
	}
	for (size_t i = 0; i < code.size; i++) {
		if (code.bytes[i] < 'A' || code.bytes[i] > 'Z') {
			return feed_refuse(r, node, "is not a currency's code", code);
		}
	}
	if (code.size != MONEY_CURRENCY_SIZE - 1) {
		return feed_refuse(r, node, "is not a currency's code", code);
	}
	for (size_t i = 0; i < r->item_count; i++) {
		if (text_is(code, r->seen[i])) {
			return feed_refuse(r, node, "has two rates", code);
		}
	}
	fits = text_copy(code, item->rate.currency, sizeof(item->rate.currency));
	assert(fits);
	item->has_title = true;
	return true;
}

/* Of digits and points only, and no digit after a leading zero. */
static bool feed_is_decimal(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		if ((t.bytes[i] < '0' || t.bytes[i] > '9') && t.bytes[i] != '.') {
			return false;
		}
	}
	return t.size < 2 || !text_starts(t, TEXT("0")) || text_starts(t, TEXT("0."));
}

/* A decimal without the zeros that trail behind its point, and without a point that ends it. */
static struct text feed_shortest(struct text t)
{
	if (memchr(t.bytes, '.', t.size) == NULL) {
		return t;
	}
	while (t.size > 0 && t.bytes[t.size - 1] == '0') {
		t.size--;
	}
	if (t.size > 0 && t.bytes[t.size - 1] == '.') {
		t.size--;
	}
	return t;
}

static bool feed_take_value(struct feed_reading *r, const xmlNode *node, struct feed_item *item)
{
	struct rational *value = &item->rate.value;
	struct text written = TEXT("");

	if (!feed_text(r, node, &written)) {
		return false;
	}
	if (item->has_description) {
		return feed_refuse(r, node, "stands in this item twice", written);
	}
	if (!feed_is_decimal(written)) {
		return feed_refuse(r, node,
			"is not a rate: digits and a decimal point, no comma, no space, no sign",
			written);
	}
	if (!rational_parse(written, value) ||
		!text_copy(feed_shortest(written), item->rate.written,
			sizeof(item->rate.written))) {
		return feed_refuse(r, node,
			"is not a rate: digits and one decimal point, at most 6 places after it",
			written);
	}
	if (value->numerator == 0) {
		return feed_refuse(r, node, "is no rate", written);
	}
	if (value->numerator / value->denominator >= FEED_VALUE_MAX) {
		return feed_refuse(r, node, "is more tenge than any currency costs", written);
	}
	item->has_description = true;
	return true;
}

static bool feed_is_power_of_ten(int64_t quant)
{
	if (quant < 1 || quant > FEED_QUANT_MAX) {
		return false;
	}
	while (quant % 10 == 0) {
		quant /= 10;
	}
	return quant == 1;
}

static bool feed_take_quant(struct feed_reading *r, const xmlNode *node, struct feed_item *item)
{
	struct text written = TEXT("");
	int64_t quant = 0;

	if (!feed_text(r, node, &written)) {
		return false;
	}
	if (item->has_quant) {
		return feed_refuse(r, node, "stands in this item twice", written);
	}
	if (!text_parse_integer(written, &quant) || !feed_is_power_of_ten(quant) ||
		written.bytes[0] != '1') {
		return feed_refuse(r, node, "is not 1, 10, 100 ...", written);
	}
	item->rate.quant = quant;
	item->has_quant = true;
	return true;
}

static bool feed_take_field(struct feed_reading *r, const xmlNode *node, struct feed_item *item)
{
	if (feed_is(node, "title")) {
		return feed_take_currency(r, node, item);
	}
	if (feed_is(node, "description")) {
		return feed_take_value(r, node, item);
	}
	if (feed_is(node, "quant")) {
		return feed_take_quant(r, node, item);
	}
	if (r->dated_items && feed_is(node, "pubDate")) {
		item->has_day = true;
		return feed_take_day(r, node);
	}
	return true;
}

/* Whether struct exchange_day keeps it: what a tariff can charge in, and is not tenge. */
static bool feed_keeps(struct text currency)
{
	return money_currency_is_known(currency) && !text_is(currency, "KZT");
}

static bool feed_take_item(struct feed_reading *r, const xmlNode *node)
{
	struct feed_item item = { 0 };

	if (r->item_count == FEED_ITEMS_MAX) {
		return feed_refuse(r, node, "is one item too many for a day's rates", TEXT(""));
	}
	for (const xmlNode *field = node->children; field != NULL; field = field->next) {
		if (!feed_take_field(r, field, &item)) {
			return false;
		}
	}
	if (!item.has_title || !item.has_description || !item.has_quant ||
		item.has_day != r->dated_items) {
		return feed_refuse(r, node,
			r->dated_items ? "lacks a title, pubDate, description or quant"
				       : "lacks a title, description or quant",
			text_of(item.rate.currency));
	}
	memcpy(r->seen[r->item_count++], item.rate.currency, sizeof(item.rate.currency));
	if (feed_keeps(text_of(item.rate.currency))) {
		assert(r->exchange.count < EXCHANGE_RATES_MAX); /* as there are, each once */
		r->exchange.rates[r->exchange.count++] = item.rate;
	}
	return true;
}

/* ---- the whole ---- */

/* The element that items stand in; NULL: this is no list of rates. */
static const xmlNode *feed_list(struct feed_reading *r, const xmlNode *root)
{
	const xmlNode *channel = NULL;

	if (feed_is(root, "rates")) {
		return root;
	}
	r->dated_items = true;
	for (const xmlNode *node = feed_is(root, "rss") ? root->children : NULL; node != NULL;
		node = node->next) {
		if (feed_is(node, "channel")) {
			if (channel != NULL) {
				(void)feed_refuse(r, node, "stands there twice", TEXT(""));
				return NULL;
			}
			channel = node;
		}
	}
	if (channel == NULL) {
		(void)feed_refuse(r, root, "is neither <rates> nor <rss> with a <channel>",
			TEXT(""));
	}
	return channel;
}

static bool feed_take_list(struct feed_reading *r, const xmlNode *list)
{
	bool dated = false;

	for (const xmlNode *node = list->children; node != NULL; node = node->next) {
		if (!r->dated_items && feed_is(node, "date")) {
			if (dated) {
				return feed_refuse(r, node, "stands there twice", TEXT(""));
			}
			dated = true;
			if (!feed_take_day(r, node)) {
				return false;
			}
		}
		if (feed_is(node, "item") && !feed_take_item(r, node)) {
			return false;
		}
	}
	if (r->item_count > 0 && r->day == DATE_NONE) {
		return feed_refuse(r, list, "has no <date>: of which day are they?", TEXT(""));
	}
	return true;
}

static bool feed_say_empty(const struct feed_reading *r)
{
	struct date_civil civil;

	if (r->day == DATE_NONE) {
		return err_set(r->err, ERR_INPUT, "%.60s: there are no rates in it", r->name);
	}
	civil = date_to_civil(r->day);
	return err_set(r->err, ERR_INPUT, "%.60s: there are no rates for %02d.%02d.%04d", r->name,
		civil.day, civil.month, civil.year);
}

static int feed_compare(const void *a, const void *b)
{
	const struct exchange_rate *left = a;
	const struct exchange_rate *right = b;

	return strcmp(left->currency, right->currency);
}

static enum feed_result feed_take(struct feed_reading *r, const xmlNode *root)
{
	const xmlNode *list = feed_list(r, root);

	if (list == NULL || !feed_take_list(r, list)) {
		return FEED_REFUSED;
	}
	if (r->item_count == 0) {
		(void)feed_say_empty(r);
		return FEED_EMPTY;
	}
	if (r->exchange.count == 0) {
		(void)feed_refuse(r, list, "has no rate of USD, EUR, GBP or CHF", TEXT(""));
		return FEED_REFUSED;
	}
	qsort(r->exchange.rates, r->exchange.count, sizeof(*r->exchange.rates), feed_compare);
	r->exchange.day = r->day;
	return FEED_READ;
}

enum feed_result feed_read(const char *name, struct text bytes,
	const uint8_t digest[EXCHANGE_DIGEST_SIZE], struct exchange_day *exchange, struct err *err)
{
	struct feed_reading r = { .name = name, .err = err, .day = DATE_NONE };
	enum feed_result result;
	xmlDoc *document = NULL;

	assert(name != NULL);
	assert(exchange != NULL);

	if (bytes.size > FEED_SIZE_MAX) {
		(void)document_refuse(name, 1, err, "is longer than %d bytes", FEED_SIZE_MAX);
		return FEED_REFUSED;
	}
	if (!document_read(name, bytes, NULL, &document, err)) {
		return FEED_REFUSED;
	}
	result = feed_take(&r, xmlDocGetRootElement(document));
	document_free(&document);
	if (result == FEED_READ) {
		memcpy(r.exchange.digest, digest, EXCHANGE_DIGEST_SIZE);
		*exchange = r.exchange;
	}
	return result;
}
