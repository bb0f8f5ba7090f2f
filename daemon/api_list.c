/* SPDX-License-Identifier: Apache-2.0 */

/* Pages of lists: limit, cursor, next. */
#include <assert.h>

#include "daemon/api.h"
#include "daemon/cursor.h"

void api_page_take(struct parameters *p, struct api_page *page)
{
	char written[CURSOR_SIZE];
	struct cursor cursor;

	assert(p != NULL);
	assert(page != NULL);
	assert(page->list[0] != '\0');

	page->limit = API_LIMIT_DEFAULT;
	page->after = 0;
	page->as_of = 0;
	(void)parameters_integer(p, "limit", 1, API_LIMIT_MAX, &page->limit);
	if (!parameters_text(p, "cursor", written, sizeof(written))) {
		return;
	}
	if (!cursor_parse(text_of(written), text_of(page->list), &cursor)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "cursor",
			"cursor is not one that this list, with these filters, gave");
		return;
	}
	page->after = cursor.after;
	page->as_of = cursor.as_of;
}

void api_page_take_as_of(struct parameters *p, struct api_page *page)
{
	int64_t as_of = api_as_of_take(p);

	assert(page != NULL);

	if (page->as_of != 0 && as_of != READER_LATEST && as_of != page->as_of) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "as_of_record",
			"as_of_record is not the one that this list began with");
	}
	if (page->as_of == 0) {
		page->as_of = as_of;
	}
}

int64_t api_as_of_take(struct parameters *p)
{
	int64_t as_of = READER_LATEST;

	(void)parameters_integer(p, "as_of_record", 1, MONEY_API_MAX, &as_of);
	return as_of;
}

bool api_as_of_found(struct api_query *q, enum reader_result result)
{
	if (result == READER_FAILED) {
		api_query_fail(q);
	} else if (result == READER_ABSENT) {
		problem_set(&q->problem, PROBLEM_INVALID_FIELD, "as_of_record",
			"the book has no such record yet; without as_of_record its last one is taken");
	}
	return result == READER_FOUND;
}

void api_page_next(struct json_writer *w, const struct api_page *page, int64_t next)
{
	struct cursor cursor = { .after = next, .as_of = page->as_of };
	char written[CURSOR_SIZE];

	assert(page != NULL);
	assert(next >= 0);

	if (next > 0) {
		json_cstring(w, "next", cursor_format(text_of(page->list), cursor, written));
	} else {
		json_nothing(w, "next");
	}
}

void api_page_close(struct json_writer *w, const struct api_page *page, int64_t next)
{
	json_close_array(w);
	api_page_next(w, page, next);
	json_close_object(w);
}
