/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/cite.h"

#include <assert.h>
#include <stdio.h>

#include "base/date.h"

enum { CITE_SENTENCE_MAX = 16 * NODE_TEXT_MAX }; /* a phrase, each placeholder filled once */

void cite_texts(struct json_writer *w, const char *name, const struct texts *texts)
{
	assert(texts != NULL);
	assert(texts->json.size > 0);

	json_raw(w, name, texts->json);
}

void cite_row(struct json_writer *w, const char *name, const struct row *row, struct span days)
{
	assert(row != NULL);
	assert(row->act != NULL);

	json_open_object(w, name);
	json_text(w, "act", row->act->id);
	json_text_said(w, "article", row->article);
	if (row->act->date != DATE_NONE) {
		json_day(w, "date", row->act->date);
	}
	json_day(w, "entered", row->entered);
	json_day(w, "from", days.from);
	json_text_said(w, "item", row->item);
	json_cstring(w, "kind", act_kind_name(row->act->kind));
	if (days.until != TARIFF_NO_END) {
		json_day(w, "last", days.until - 1);
	}
	json_text_said(w, "note", row->note);
	json_text_said(w, "number", row->act->number);
	json_text(w, "row", row->id);
	json_text(w, "source", row->source);
	json_cstring(w, "status", row_status(row));
	cite_texts(w, "title", &row->act->title);
	json_close_object(w);
}

void cite_row_briefly(struct json_writer *w, const char *name, const struct row *row)
{
	assert(row != NULL);
	assert(row->brief.size > 0);

	json_raw(w, name, row->brief);
}

static void cite_act(const struct phrases *phrases, const struct act *act, enum language language,
	struct buffer *out)
{
	const struct phrase_value values[] = {
		{ "number", act->number },
		{ "title", act->title.in[language] },
	};

	if (act->number.size == 0) {
		buffer_add(out, act->title.in[language]);
		return;
	}
	phrase_write(phrases, PHRASE_ACT_NUMBERED, language, values, 2, out);
}

void cite_rate(struct json_writer *w, const struct rate *rate)
{
	const struct rate_condition *condition;

	assert(rate != NULL);

	condition = &rate->condition;
	json_cstring(w, "unit", rate_unit_name(rate->unit));
	json_text(w, "value", rate->written);
	if (condition->where != RATE_ANYWHERE) {
		json_cstring(w, "where", rate_place_name(condition->where));
	}
	if (condition->years != 0) {
		json_number(w, "years", condition->years);
	}
}

void cite_rule(struct json_writer *w, const struct rule *rule, const struct span *days)
{
	assert(rule != NULL);

	json_open_object(w, NULL);
	json_cstring(w, "kind", rule_kind_name(rule->kind));
	if (days != NULL) {
		cite_row(w, "law", &rule->row, *days);
	} else {
		cite_row_briefly(w, "law", &rule->row);
	}
	cite_texts(w, "text", &rule->texts);
	if (rule->value > 0) {
		json_number(w, "value", rule->value);
	}
	json_close_object(w);
}

void cite_sentence(const struct phrases *phrases, const struct row *row, enum language language,
	struct buffer *out)
{
	struct buffer act;
	struct phrase_value values[3];

	assert(row != NULL);
	assert(language < LANGUAGE_COUNT);

	if (row->article.size == 0) {
		cite_act(phrases, row->act, language, out);
		return;
	}
	buffer_init(&act, CITE_SENTENCE_MAX);
	cite_act(phrases, row->act, language, &act);
	values[0] = (struct phrase_value){ "act", buffer_text(&act) };
	values[1] = (struct phrase_value){ "article", row->article };
	values[2] = (struct phrase_value){ "item", row->item };
	phrase_write(phrases, row->item.size > 0 ? PHRASE_CITE_ITEM : PHRASE_CITE_ARTICLE, language,
		values, 3, out);
	buffer_done(&act);
}

struct text cite_day(int32_t day, enum language language, char out[CITE_DAY_SIZE])
{
	struct date_civil civil = date_to_civil(day);
	int size;

	if (language == LANGUAGE_EN) {
		return text_of(date_format(day, out));
	}
	size = snprintf(out, CITE_DAY_SIZE, "%02d.%02d.%04d", civil.day, civil.month, civil.year);
	assert(size == DATE_TEXT_SIZE - 1);
	return text_of(out);
}
