/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/answer.h"

#include <assert.h>
#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/json.h"

static const char *const answer_names[ANSWER_FIELD_COUNT] = {
	[ANSWER_ACTION] = "ACTION",
	[ANSWER_RC] = "RC",
	[ANSWER_TRTYPE] = "TRTYPE",
	[ANSWER_TRAN_TRTYPE] = "TRAN_TRTYPE",
	[ANSWER_ORDER] = "ORDER",
	[ANSWER_TERMINAL] = "TERMINAL",
	[ANSWER_MERCHANT] = "MERCHANT",
	[ANSWER_AMOUNT] = "AMOUNT",
	[ANSWER_CURRENCY] = "CURRENCY",
	[ANSWER_RRN] = "RRN",
	[ANSWER_INT_REF] = "INT_REF",
};

static int answer_number(struct text name)
{
	for (int i = 0; i < ANSWER_FIELD_COUNT; i++) {
		if (text_is(name, answer_names[i])) {
			return i;
		}
	}
	return ANSWER_FIELD_COUNT;
}

static bool answer_is_plain(struct text value)
{
	for (size_t i = 0; i < value.size; i++) {
		if (value.bytes[i] < ' ' || value.bytes[i] > '~') {
			return false;
		}
	}
	return true;
}

static bool answer_take(struct answer *answer, struct text name, struct text value)
{
	int i = answer_number(name);

	if (i == ANSWER_FIELD_COUNT) {
		return true;
	}
	if (answer->there[i] || !answer_is_plain(value)) {
		return false;
	}
	answer->there[i] = true;
	return text_copy(value, answer->value[i], sizeof(answer->value[i]));
}

static bool answer_read_json(struct text body, struct answer *answer)
{
	struct json_value *root = json_parse(body, NULL);
	bool ok = root != NULL && root->kind == JSON_KIND_OBJECT;

	for (const struct json_value *v = ok ? root->first : NULL; ok && v != NULL; v = v->next) {
		ok = answer_number(v->name) == ANSWER_FIELD_COUNT ||
		     (v->kind == JSON_KIND_TEXT && answer_take(answer, v->name, v->text));
	}
	json_free(&root);
	return ok;
}

/* ---- HTML ---- */

struct answer_page {
	struct answer *answer;
	bool fails;
};

static void answer_input(void *context, const xmlChar *element, const xmlChar **attributes)
{
	struct answer_page *page = context;
	struct text name = TEXT("");
	struct text value = TEXT("");
	struct text type = TEXT("");

	if (!text_is(text_of((const char *)element), "input")) {
		return;
	}
	for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
		struct text key = text_of((const char *)attributes[i]);
		struct text said = text_of((const char *)attributes[i + 1]);

		if (text_is(key, "name")) {
			name = said;
		} else if (text_is(key, "value")) {
			value = said;
		} else if (text_is(key, "type")) {
			type = said;
		}
	}
	if (text_is_any_case(type, "hidden") && !answer_take(page->answer, name, value)) {
		page->fails = true;
	}
}

/*
 * Elements are told as they come and no tree is built.  The page is read byte by byte, whatever it
 * says its characters are: what we take is ASCII, and no table of characters is to be loaded.
 */
static bool answer_read_html(struct text body, struct answer *answer)
{
	struct answer_page page = { .answer = answer };
	htmlSAXHandler told = { .startElement = answer_input };
	htmlParserCtxtPtr parser = htmlNewParserCtxt();

	if (parser == NULL) {
		return false;
	}
	*parser->sax = told;
	parser->userData = &page;
	/* Custom handlers build no document, so that there is none to be freed. */
	(void)htmlCtxtReadMemory(parser, body.bytes, (int)body.size, NULL, "ISO-8859-1",
		HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
			HTML_PARSE_IGNORE_ENC);
	htmlFreeParserCtxt(parser);
	return !page.fails;
}

static struct text answer_trim(struct text body)
{
	static const char blanks[] = { ' ', '\t', '\r', '\n' };

	while (body.size > 0 && memchr(blanks, body.bytes[0], sizeof(blanks)) != NULL) {
		body.bytes++;
		body.size--;
	}
	while (body.size > 0 && memchr(blanks, body.bytes[body.size - 1], sizeof(blanks)) != NULL) {
		body.size--;
	}
	return body;
}

/* A page that was cut in the midst of an element would be read as if the rest were not missing. */
bool answer_read(struct text body, struct answer *answer)
{
	struct text whole = answer_trim(body);

	assert(answer != NULL);

	*answer = (struct answer){ 0 };
	if (body.size > ANSWER_SIZE_MAX || whole.size == 0 ||
		memchr(whole.bytes, '\0', whole.size) != NULL) {
		return false;
	}
	if (whole.bytes[0] == '{') {
		return answer_read_json(whole, answer);
	}
	return whole.bytes[0] == '<' && whole.bytes[whole.size - 1] == '>' &&
	       answer_read_html(whole, answer);
}

struct text answer_get(const struct answer *answer, enum answer_field field)
{
	assert(field < ANSWER_FIELD_COUNT);

	return text_of(answer->value[field]);
}

void answer_warm(void)
{
	struct answer answer;
	bool read;

	xmlInitParser();
	read = answer_read(TEXT("<form><input type=hidden name=RC value='&#48;&eacute;'></form>"),
		&answer);
	assert(!read);
	read = answer_read(TEXT("<html><input type=hidden name=RC value=00>"), &answer);
	assert(read && text_is(answer_get(&answer, ANSWER_RC), "00"));
}
