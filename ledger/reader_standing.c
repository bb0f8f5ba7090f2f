/* SPDX-License-Identifier: Apache-2.0 */

/* What a resumed book is asked about: since when, and what is to be asked again. */
#include <assert.h>

#include "base/date.h"
#include "ledger/reader_parts.h"

enum reader_result reader_generation(struct reader *r, struct generation_row *row, struct err *err)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 2, ID_GENERATION_MAX },
		{ "since", STORE_INT, 0, DATE_TIME_MAX },
		{ "its record's booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "record", STORE_INT, 2, READER_NUMBER_MAX },
	};
	bool found;

	assert(row != NULL);

	store_begin_rows(r->store, SQL_VIEW_GENERATION, NULL, 0);
	found = store_row(r->store);
	if (found && READER_ROW_IS(r, "generation", store_int(r->store, 0), columns)) {
		row->number = (int32_t)store_int(r->store, 0);
		row->since = store_int(r->store, 1);
		row->booked_at = store_int(r->store, 2);
		row->record = store_int(r->store, 3);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

bool reader_attempts_since(struct reader *r, int64_t from, int64_t record, struct reader_page *page,
	struct waiting_attempt *attempts, struct err *err)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, ID_ATTEMPT_NUMBER_MAX },
		{ "gateway", STORE_INT, 1, INT32_MAX },
	};
	int64_t after = page->after;

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);

	if (after == 0) {
		int64_t last = reader_last(r, SQL_VIEW_PAYMENT_LAST, "payment");
		int64_t first = reader_search(r, SQL_VIEW_PAYMENT_TIME, last, from);

		after = attempt_number(first, 0) - 1;
	}
	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_ATTEMPTS_SINCE,
		(struct store_value[]){ STORE_OF_INT(after), STORE_OF_INT(record),
			STORE_OF_INT((int64_t)page->limit) },
		3);
	while (store_row(r->store) &&
		READER_ROW_IS(r, "attempt", store_int(r->store, 0), columns)) {
		attempts[page->count++] =
			(struct waiting_attempt){ .attempt = store_int(r->store, 0),
				.gateway = (int32_t)store_int(r->store, 1) };
	}
	return reader_end(r, err);
}
