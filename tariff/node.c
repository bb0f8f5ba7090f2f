/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "tariff/document.h"

const char *const language_codes[LANGUAGE_COUNT] = {
	[LANGUAGE_EN] = "en",
	[LANGUAGE_KK] = "kk",
	[LANGUAGE_RU] = "ru",
};

bool node_refuse(const struct node *n, const char *format, ...)
{
	char said[ERR_MESSAGE_SIZE];
	va_list args;

	assert(n != NULL);
	assert(n->origin.file != NULL);

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return document_refuse(n->origin.file, n->origin.line, n->err, "<%.40s> %s",
		(const char *)n->element->name, said);
}

bool node_is(const struct node *n, const char *name)
{
	assert(n->element != NULL);
	assert(name != NULL);

	return xmlStrcmp(n->element->name, (const xmlChar *)name) == 0;
}

bool node_has(const struct node *n, const char *name)
{
	assert(n->element != NULL);

	return xmlHasProp(n->element, (const xmlChar *)name) != NULL;
}

static bool node_at(const struct node *n, xmlNode *at, struct node *out)
{
	while (at != NULL && at->type != XML_ELEMENT_NODE) {
		at = at->next;
	}
	if (at == NULL) {
		return false;
	}
	*out = *n;
	out->element = at;
	out->origin.line = xmlGetLineNo(at);
	return true;
}

bool node_first(const struct node *n, struct node *child)
{
	assert(n->element != NULL);
	assert(child != NULL);

	return node_at(n, n->element->children, child);
}

bool node_next(const struct node *n, struct node *next)
{
	assert(n->element != NULL);
	assert(next != NULL);

	return node_at(n, n->element->next, next);
}

static bool node_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Trimmed, with each run of white space one space, and kept. */
static struct text node_keep(struct arena *arena, struct text raw)
{
	char *kept = arena_take(arena, raw.size + 1, 1);
	size_t size = 0;

	for (size_t i = 0; i < raw.size; i++) {
		if (!node_is_space(raw.bytes[i])) {
			kept[size++] = raw.bytes[i];
		} else if (size > 0 && kept[size - 1] != ' ') {
			kept[size++] = ' ';
		}
	}
	size -= size > 0 && kept[size - 1] == ' ' ? 1 : 0;
	kept[size] = '\0';
	return (struct text){ kept, size };
}

/* The value of an attribute: no entity is ever expanded, so it is one run of text or nothing. */
static const char *node_value(const struct node *n, const char *name)
{
	const xmlAttr *attribute = xmlHasProp(n->element, (const xmlChar *)name);

	if (attribute == NULL) {
		return NULL;
	}
	if (attribute->children == NULL) {
		return "";
	}
	if (attribute->children->type != XML_TEXT_NODE || attribute->children->next != NULL) {
		return "";
	}
	return (const char *)attribute->children->content;
}

bool node_text(const struct node *n, const char *name, enum node_need need, struct text *out)
{
	const char *value = node_value(n, name);
	struct text t;

	assert(out != NULL);

	if (value == NULL && need == NODE_OPTIONAL) {
		return true;
	}
	if (value == NULL) {
		return node_refuse(n, "lacks the attribute %s", name);
	}
	t = node_keep(n->arena, text_of(value));
	if (t.size == 0 || t.size > NODE_TEXT_MAX) {
		return node_refuse(n, "%s must be 1 to %d bytes long", name, NODE_TEXT_MAX);
	}
	*out = t;
	return true;
}

static bool node_is_word(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '.' || c == '-' || c == '_')) {
			return false;
		}
	}
	return t.size > 0 && t.size <= NODE_WORD_MAX;
}

bool node_word(const struct node *n, const char *name, enum node_need need, struct text *out)
{
	struct text t = { 0 };

	if (!node_text(n, name, need, &t)) {
		return false;
	}
	if (t.bytes == NULL) {
		return true;
	}
	if (!node_is_word(t)) {
		return node_refuse(n, "%s=\"%.64s\": letters, digits, '.', '-' and '_' only", name,
			t.bytes);
	}
	*out = t;
	return true;
}

bool node_day(const struct node *n, const char *name, enum node_need need, int32_t *out)
{
	struct text t = { 0 };

	assert(out != NULL);

	if (!node_text(n, name, need, &t)) {
		return false;
	}
	if (t.bytes != NULL && !date_parse(t, out)) {
		return node_refuse(n, "%s=\"%.40s\" is not a day; write YYYY-MM-DD", name, t.bytes);
	}
	return true;
}

bool node_integer(const struct node *n, const char *name, int64_t min, int64_t max, int64_t *out)
{
	struct text t = { 0 };
	int64_t value;

	assert(min <= max);
	assert(out != NULL);

	if (!node_text(n, name, NODE_REQUIRED, &t)) {
		return false;
	}
	if (!text_parse_integer(t, &value) || value < min || value > max) {
		return node_refuse(n, "%s=\"%.40s\" is not an integer from %" PRId64 " to %" PRId64,
			name, t.bytes, min, max);
	}
	*out = value;
	return true;
}

bool node_rational(const struct node *n, const char *name, struct rational *out)
{
	struct text t = { 0 };

	assert(out != NULL);

	if (!node_text(n, name, NODE_REQUIRED, &t)) {
		return false;
	}
	if (!rational_parse(t, out)) {
		return node_refuse(n,
			"%s=\"%.40s\" is not a number; write 30, 0.5 or 1/3, not negative", name,
			t.bytes);
	}
	return true;
}

static bool node_list_add(const struct node *n, const char *name, struct text word,
	struct node_list *list)
{
	if (!node_is_word(word)) {
		return node_refuse(n, "%s has a word that is not one: %.*s", name,
			(int)(word.size < NODE_WORD_MAX ? word.size : NODE_WORD_MAX), word.bytes);
	}
	if (list->count == NODE_LIST_MAX) {
		return node_refuse(n, "%s has more than %d words", name, NODE_LIST_MAX);
	}
	for (size_t i = 0; i < list->count; i++) {
		if (text_equal(list->words[i], word)) {
			return node_refuse(n, "%s names %.*s twice", name, TEXT_ARGS(word));
		}
	}
	list->words[list->count++] = word;
	return true;
}

bool node_list(const struct node *n, const char *name, enum node_need need, struct node_list *out)
{
	struct node_list list = { .count = 0 };
	struct text t = { 0 };
	size_t start = 0;

	assert(out != NULL);

	if (!node_text(n, name, need, &t)) {
		return false;
	}
	for (size_t i = 0; t.bytes != NULL && i <= t.size; i++) {
		if (i < t.size && t.bytes[i] != ' ') {
			continue;
		}
		if (!node_list_add(n, name, (struct text){ t.bytes + start, i - start }, &list)) {
			return false;
		}
		start = i + 1;
	}
	*out = list;
	return true;
}

static bool node_is_named(const xmlChar *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (xmlStrcmp(name, (const xmlChar *)names[i]) == 0) {
			return true;
		}
	}
	return false;
}

bool node_only(const struct node *n, const char *const *names, size_t count)
{
	assert(n->element != NULL);
	assert(names != NULL || count == 0);

	for (const xmlAttr *a = n->element->properties; a != NULL; a = a->next) {
		if (!node_is_named(a->name, names, count)) {
			return node_refuse(n, "has an attribute %.40s, which is not known here",
				(const char *)a->name);
		}
	}
	for (const xmlNode *at = n->element->children; at != NULL; at = at->next) {
		if ((at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) &&
			xmlIsBlankNode(at) == 0) {
			return node_refuse(n, "holds text, which means nothing here");
		}
	}
	return true;
}

bool node_list_has(const struct node_list *list, struct text word)
{
	assert(list != NULL);

	for (size_t i = 0; i < list->count; i++) {
		if (text_equal(list->words[i], word)) {
			return true;
		}
	}
	return false;
}

bool node_choice(const struct node *n, const char *name, const char *const *names, size_t count,
	size_t *out)
{
	struct text t = { 0 };

	assert(count > 0);
	assert(out != NULL);

	if (!node_text(n, name, NODE_REQUIRED, &t)) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (text_is(t, names[i])) {
			*out = i;
			return true;
		}
	}
	return node_refuse(n, "%s=\"%.40s\" is not known here; %s is one that is", name, t.bytes,
		names[0]);
}

/* The text between the tags, kept; empty when there is anything but text and comments. */
static struct text node_content(const struct node *n)
{
	struct text none = { "", 0 };
	struct buffer all;
	struct text kept;

	buffer_init(&all, NODE_TEXT_MAX);
	for (const xmlNode *at = n->element->children; at != NULL; at = at->next) {
		if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) {
			buffer_add_string(&all, (const char *)at->content);
		} else if (at->type != XML_COMMENT_NODE) {
			buffer_done(&all);
			return none;
		}
	}
	kept = all.overflowed ? none : node_keep(n->arena, buffer_text(&all));
	buffer_done(&all);
	return kept;
}

/* One child: its text, if it is that of a language. */
static bool node_read_language(const struct node *child, struct texts *texts)
{
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (!node_is(child, language_codes[i])) {
			continue;
		}
		if (texts->in[i].bytes != NULL) {
			return node_refuse(child, "stands here twice");
		}
		texts->in[i] = node_content(child);
		if (texts->in[i].size == 0) {
			return node_refuse(child, "is empty, or longer than %d bytes",
				NODE_TEXT_MAX);
		}
	}
	return true;
}

/* XML has no characters that JSON writes with more than two bytes each. */
enum {
	NODE_JSON_MAX =
		LANGUAGE_COUNT * ((size_t)2 * NODE_TEXT_MAX + sizeof("\"en\":\"\",")) + sizeof("{}")
};

static struct text node_texts_json(struct arena *arena, const struct texts *texts)
{
	struct buffer bytes;
	struct json_writer w;
	struct text kept;

	buffer_init(&bytes, NODE_JSON_MAX);
	json_writer_init(&w, &bytes);
	json_open_object(&w, NULL);
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		json_text(&w, language_codes[i], texts->in[i]);
	}
	json_close_object(&w);
	assert(!bytes.overflowed);
	kept = arena_text(arena, buffer_text(&bytes));
	buffer_done(&bytes);
	return kept;
}

bool node_texts(const struct node *n, struct texts *out)
{
	struct texts texts = { 0 };
	struct node child;

	assert(n != NULL);
	assert(out != NULL);

	for (bool more = node_first(n, &child); more; more = node_next(&child, &child)) {
		if (!node_read_language(&child, &texts)) {
			return false;
		}
	}
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (texts.in[i].bytes == NULL) {
			return node_refuse(n, "lacks its text in %s", language_codes[i]);
		}
	}
	texts.json = node_texts_json(n->arena, &texts);
	*out = texts;
	return true;
}
