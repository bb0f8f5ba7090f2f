/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/period.h"

#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "ledger/kind.h"
#include "ledger/reader_parts.h"

static bool period_read_row(struct reader *r, struct period_row *row)
{
	static const struct store_column columns[] = {
		{ "month", STORE_INT, 190001, 999912 },
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "last_day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "last_entry", STORE_INT, 1, READER_NUMBER_MAX },
		{ "accounts", STORE_INT, 1, READER_NUMBER_MAX },
		{ "digest", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "uid", STORE_INT, 0, READER_NUMBER_MAX },
		{ "client", STORE_INT, 0, INT32_MAX },
		{ "reason", STORE_TEXT, 1, JOB_REASON_MAX },
		{ "its record's booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "its checkpoint's record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "its checkpoint's size", STORE_INT, 1, READER_NUMBER_MAX },
	};
	struct store *s = r->store;
	bool fits;

	if (!store_row(s) || !READER_ROW_IS(r, "period", store_int(s, 0), columns)) {
		return false;
	}
	*row = (struct period_row){ .month = (int32_t)store_int(s, 0),
		.record = store_int(s, 1),
		.last_entry = store_int(s, 3),
		.accounts = store_int(s, 4),
		.actor = { .uid = store_int(s, 6), .client = (int32_t)store_int(s, 7) },
		.booked_at = store_int(s, 9),
		.checkpoint = store_int(s, 10),
		.checkpoint_size = store_int(s, 11) };
	memcpy(row->digest, store_text(s, 5).bytes, sizeof(row->digest));
	fits = text_copy(store_text(s, 8), row->reason, sizeof(row->reason));
	assert(fits);
	return true;
}

static void period_read_totals(struct reader *r, struct period_row *row)
{
	static const struct store_column columns[] = {
		{ "its account's currency", STORE_TEXT, 3, 3 },
		{ "the sum of debit", STORE_INT, 0, INT64_MAX },
		{ "the sum of credit", STORE_INT, 0, INT64_MAX },
	};

	store_begin_rows(r->store, SQL_SELECT_PERIOD_TOTALS,
		(struct store_value[]){ STORE_OF_INT(row->month) }, 1);
	while (row->total_count < PERIOD_TOTALS_MAX && store_row(r->store) &&
		READER_ROW_IS(r, "period_balance", row->month, columns)) {
		struct period_total *total = &row->totals[row->total_count];

		if (!reader_currency(r, "period_balance", row->month, 0, total->currency)) {
			break;
		}
		total->debit = store_int(r->store, 1);
		total->credit = store_int(r->store, 2);
		row->total_count++;
	}
	store_end_rows(r->store);
}

enum reader_result period_read(struct reader *r, int32_t month, struct period_row *row,
	struct err *err)
{
	bool found;

	assert(r != NULL);
	assert(row != NULL);

	store_begin_rows(r->store, SQL_VIEW_PERIOD, (struct store_value[]){ STORE_OF_INT(month) },
		1);
	found = period_read_row(r, row);
	store_end_rows(r->store);
	if (found) {
		period_read_totals(r, row);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

bool period_is_final(struct reader *r, int32_t day, enum reader_axis axis, int64_t as_of,
	bool *final, struct err *err)
{
	assert(r != NULL);
	assert(final != NULL);

	*final = day != DATE_NONE && axis == READER_BOOKED &&
		 reader_integer(r, SQL_VIEW_PERIOD_COVERS,
			 (struct store_value[]){ STORE_OF_INT(day), STORE_OF_INT(as_of) }, 2) > 0;
	return reader_end(r, err);
}

bool period_list(struct reader *r, struct reader_page *page, int32_t *months, struct err *err)
{
	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(months != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_PERIODS,
		(struct store_value[]){ STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		2);
	while (page->count < page->limit && store_row(r->store)) {
		months[page->count++] = (int32_t)store_int(r->store, 0);
	}
	page->next = page->count == page->limit ? months[page->count - 1] : 0;
	return reader_end(r, err);
}

/* The rows of a question that has begun. */
static bool period_take_balances(struct reader *r, struct reader_page *page,
	struct account_row *rows, struct err *err)
{
	static const struct store_column columns[] = {
		{ "line", STORE_INT, 1, READER_NUMBER_MAX },
		{ "its account's name", STORE_TEXT, 1, READER_ACCOUNT_SIZE - 1 },
		{ "its account's type", STORE_INT, 0, KIND_ACCOUNT_END - 1 },
		{ "its account's currency", STORE_TEXT, 3, 3 },
		{ "debit", STORE_INT, 0, INT64_MAX },
		{ "credit", STORE_INT, 0, INT64_MAX },
	};
	struct store *s = r->store;

	page->count = 0;
	while (page->count < page->limit && store_row(s) &&
		READER_ROW_IS(r, "period_balance", store_int(s, 0), columns)) {
		struct account_row *row = &rows[page->count];
		struct text type = text_of(kind_account_name((enum kind_account)store_int(s, 2)));
		bool fits;

		*row = (struct account_row){ .account = store_int(s, 0),
			.debit = store_int(s, 4),
			.credit = store_int(s, 5) };
		if (!reader_currency(r, "period_balance", row->account, 3, row->currency)) {
			break;
		}
		fits = text_copy(store_text(s, 1), row->name, sizeof(row->name)) &&
		       text_copy(type, row->type, sizeof(row->type));
		assert(fits);
		page->count++;
	}
	page->next = page->count == page->limit ? rows[page->count - 1].account : 0;
	return reader_end(r, err);
}

bool period_balances(struct reader *r, int32_t month, struct reader_page *page,
	struct account_row *rows, struct err *err)
{
	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(rows != NULL);

	store_begin_rows(r->store, SQL_VIEW_PERIOD_BALANCES,
		(struct store_value[]){ STORE_OF_INT(month), STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		3);
	return period_take_balances(r, page, rows, err);
}

bool period_unsettled(struct reader *r, int32_t month, struct reader_page *page,
	struct account_row *rows, struct err *err)
{
	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(rows != NULL);

	store_begin_rows(r->store, SQL_VIEW_PERIOD_UNSETTLED,
		(struct store_value[]){ STORE_OF_INT(month), STORE_OF_INT((int64_t)page->limit) },
		2);
	return period_take_balances(r, page, rows, err);
}
