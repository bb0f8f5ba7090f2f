/* SPDX-License-Identifier: Apache-2.0 */

/* Pages of lists: limit, cursor, next. */
#include <assert.h>

#include "daemon/api.h"
#include "daemon/cursor.h"

void api_page_take(struct parameters *p, struct api_page *page)
{
	char cursor[CURSOR_SIZE];

	assert(p != NULL);
	assert(page != NULL);
	assert(page->list[0] != '\0');

	page->limit = API_LIMIT_DEFAULT;
	page->after = 0;
	(void)parameters_integer(p, "limit", 1, API_LIMIT_MAX, &page->limit);
	if (parameters_text(p, "cursor", cursor, sizeof(cursor)) &&
		!cursor_parse(text_of(cursor), text_of(page->list), &page->after)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "cursor",
			"cursor is not one that this list, with these filters, gave");
	}
}

void api_page_next(struct json_writer *w, const struct api_page *page, int64_t next)
{
	char cursor[CURSOR_SIZE];

	assert(page != NULL);
	assert(next >= 0);

	if (next > 0) {
		json_cstring(w, "next", cursor_format(text_of(page->list), next, cursor));
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
