/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/eligibility.h"

#include <assert.h>
#include <stdio.h>

#include "base/date.h"
#include "tariff/document.h"

enum {
	ELIGIBILITY_NAME_MAX = 120, /* bytes of a list's name that a refusal has room for */
	ELIGIBILITY_CODES_SIZE = ELIGIBILITY_CATEGORIES_MAX * (ELIGIBILITY_CATEGORY_MAX + 2),
};

/* ---- reading ---- */

static const struct category *eligibility_category(const struct eligibilities *e, struct text code)
{
	for (size_t i = 0; i < e->category_count; i++) {
		if (text_equal(e->categories[i].code, code)) {
			return &e->categories[i];
		}
	}
	return NULL;
}

bool category_read(const struct node *n, struct eligibilities *e)
{
	struct category category = { .origin = n->origin };

	assert(e != NULL);

	if (!node_word(n, "code", NODE_REQUIRED, &category.code) ||
		!node_texts(n, &category.name)) {
		return false;
	}
	if (category.code.size > ELIGIBILITY_CATEGORY_MAX) {
		return node_refuse(n, "code is longer than %d bytes", ELIGIBILITY_CATEGORY_MAX);
	}
	if (eligibility_category(e, category.code) != NULL) {
		return node_refuse(n, "code=\"%s\" is a duplicate", category.code.bytes);
	}
	if (e->category_count == ELIGIBILITY_CATEGORIES_MAX) {
		return node_refuse(n, "is one more than %d categories", ELIGIBILITY_CATEGORIES_MAX);
	}
	e->categories[e->category_count++] = category;
	return true;
}

bool eligibility_read(const struct node *n, const struct acts *acts, struct eligibilities *e,
	const struct row **row)
{
	struct eligibility *eligibility = arena_take(n->arena, 1, sizeof(*eligibility));

	assert(e != NULL);
	assert(row != NULL);

	if (!row_read(n, acts, &eligibility->row) ||
		!node_word(n, "list", NODE_REQUIRED, &eligibility->list_id) ||
		!node_list(n, "categories", NODE_REQUIRED, &eligibility->categories)) {
		return false;
	}
	e->rows = arena_grow(n->arena, e->rows, e->row_count, &e->row_capacity,
		sizeof(struct eligibility *));
	e->rows[e->row_count++] = eligibility;
	*row = &eligibility->row;
	return true;
}

/* ---- closing ---- */

/* The list is there, and acts on every day of the row. */
static bool eligibility_find_list(struct eligibility *eligibility, const struct lists *lists,
	struct err *err)
{
	const struct row *row = &eligibility->row;
	const struct span days = row_days(row);
	struct list *list = list_find(lists, eligibility->list_id);

	if (list == NULL) {
		return row_refuse(row, err, "names the list %s, which is not there",
			eligibility->list_id.bytes);
	}
	if (days.from < list->row.from || days.until > row_days(&list->row).until) {
		return row_refuse(row, err, "has days on which its list %s does not act",
			list->row.id.bytes);
	}
	list->used = true;
	eligibility->list = list;
	return true;
}

static bool eligibility_assign(struct eligibilities *e, const struct eligibility *eligibility,
	struct text service, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < eligibility->categories.count; i++) {
		struct text code = eligibility->categories.words[i];
		const struct category *category = eligibility_category(e, code);

		if (category == NULL) {
			return row_refuse(&eligibility->row, err,
				"names the category %.*s, which %s has not", TEXT_ARGS(code),
				service.bytes);
		}
		chain_add(&e->categories[category - e->categories].rows, arena, &eligibility->row);
	}
	return true;
}

static bool eligibility_close_category(struct category *category, struct text service,
	struct err *err)
{
	char what[sizeof("the eligibility of ") + ELIGIBILITY_CATEGORY_MAX];

	if (category->rows.count == 0) {
		return document_refuse(category->origin.file, category->origin.line, err,
			"%s: no <eligibility> says who may have its category %s", service.bytes,
			category->code.bytes);
	}
	(void)snprintf(what, sizeof(what), "the eligibility of %s", category->code.bytes);
	return chain_close(&category->rows, CHAIN_EXACT, what, err);
}

bool eligibilities_close(struct eligibilities *e, const struct lists *lists, struct text service,
	struct arena *arena, struct err *err)
{
	assert(e != NULL);
	assert(lists != NULL);

	for (size_t i = 0; i < e->row_count; i++) {
		if (!eligibility_find_list(e->rows[i], lists, err) ||
			!eligibility_assign(e, e->rows[i], service, arena, err)) {
			return false;
		}
	}
	for (size_t i = 0; i < e->category_count; i++) {
		if (!eligibility_close_category(&e->categories[i], service, err)) {
			return false;
		}
	}
	return true;
}

bool eligibilities_name(const struct eligibilities *e, const struct list *list)
{
	assert(e != NULL);
	assert(list != NULL);

	for (size_t i = 0; i < e->row_count; i++) {
		if (e->rows[i]->list == list) {
			return true;
		}
	}
	return false;
}

/* ---- deciding ---- */

/* "A3, A5, B1": what a caller may write. */
static const char *eligibility_codes(const struct eligibilities *e,
	char out[ELIGIBILITY_CODES_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < e->category_count; i++) {
		int size = snprintf(out + used, ELIGIBILITY_CODES_SIZE - used, "%s%s",
			i > 0 ? ", " : "", e->categories[i].code.bytes);

		assert(size > 0 && used + (size_t)size < ELIGIBILITY_CODES_SIZE);
		used += (size_t)size;
	}
	return out;
}

enum quote_result eligibility_ask(const struct eligibilities *e,
	const struct quote_request *request, const struct category **category,
	struct quote_refusal *refusal)
{
	char codes[ELIGIBILITY_CODES_SIZE];

	assert(e != NULL);
	assert(request != NULL);
	assert(category != NULL);

	*category = NULL;
	if (e->category_count == 0) {
		return QUOTE_DONE;
	}
	if (request->category.size == 0) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "category",
			"is required; it is one of %s", eligibility_codes(e, codes));
	}
	*category = eligibility_category(e, request->category);
	if (*category == NULL) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "category",
			"is not a category of this service; it is one of %s",
			eligibility_codes(e, codes));
	}
	if (request->nationality.size == 0) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "applicant.nationality",
			"is required: who may have this depends on it");
	}
	if (request->quantity > 1) {
		return quote_refuse(refusal, QUOTE_INVALID_FIELD, "quantity",
			"must be 1: the nationality stated is that of one applicant");
	}
	return QUOTE_DONE;
}

/* As many whole characters as have room. */
static struct text eligibility_name(const struct list *list)
{
	struct text name = list->name.in[LANGUAGE_EN];
	struct text kept = { name.bytes, 0 };

	while (kept.size < name.size) {
		struct text rest = { name.bytes + kept.size, name.size - kept.size };
		size_t size = text_utf8_size(rest);

		if (size == 0 || kept.size + size > ELIGIBILITY_NAME_MAX) {
			break;
		}
		kept.size += size;
	}
	return kept;
}

enum quote_result eligibility_decide(const struct category *category,
	const struct quote_request *request, int32_t day, const struct eligibility **row,
	struct span *valid, struct quote_refusal *refusal)
{
	const struct chain_link *link;
	const struct list *list;
	struct text name;
	char on[DATE_TEXT_SIZE];
	char since[DATE_TEXT_SIZE];

	assert(category != NULL);
	assert(row != NULL);
	assert(span_has(*valid, day));

	link = chain_find(&category->rows, day);
	if (link == NULL) {
		return quote_refuse(refusal, QUOTE_NOT_ELIGIBLE, "category",
			"%s is not issued on %s", category->code.bytes, date_format(day, on));
	}
	list = ((const struct eligibility *)link->row)->list;
	name = eligibility_name(list);
	if (!list_has(list, request->nationality)) {
		return quote_refuse(refusal, QUOTE_NOT_ELIGIBLE, "applicant.nationality",
			"%.*s is not on the list %s of %s, which decides %s on %s: %.*s",
			TEXT_ARGS(request->nationality), list->row.id.bytes,
			date_format(list->row.from, since), category->code.bytes,
			date_format(day, on), TEXT_ARGS(name));
	}
	*row = (const struct eligibility *)link->row;
	*valid = span_meet(*valid, link->days);
	return QUOTE_DONE;
}
