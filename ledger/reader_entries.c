/* SPDX-License-Identifier: Apache-2.0 */

/* reader_entries - one entry, and walks of entries by account, days, gateway, service, payment. */
#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "ledger/kind.h"
#include "ledger/reader_parts.h"

enum {
	ENTRIES_SCAN = 20000, /* looked at in one call when a filter skips most of them */
	ENTRIES_CHAIN = 2000, /* steps back along an account before its entries are scanned for */
	ENTRIES_ACCOUNTS = 8, /* of one name: one a currency */
};

/* Some entries, ascending. */
struct entries_found {
	size_t count;
	size_t room;
	int64_t numbers[ENTRIES_CHAIN];
};

int64_t reader_entry_last(struct reader *r)
{
	return reader_last(r, SQL_VIEW_ENTRY_LAST, "entry");
}

int64_t reader_entry_as_of(struct reader *r, int64_t record, int64_t last)
{
	assert(record >= 0);
	assert(record < INT64_MAX);

	return reader_search(r, SQL_VIEW_ENTRY_RECORD, last, record + 1) - 1;
}

void reader_range_of_days(struct reader *r, int32_t from, int32_t until, int64_t last,
	struct reader_range *range)
{
	assert(range != NULL);

	if (from != DATE_NONE) {
		int64_t first = reader_search(r, SQL_VIEW_ENTRY_DAY, last, from);

		range->after = first - 1 > range->after ? first - 1 : range->after;
	}
	if (until != DATE_NONE) {
		int64_t end = reader_search(r, SQL_VIEW_ENTRY_DAY, last, (int64_t)until + 1);

		range->until = end - 1 < range->until ? end - 1 : range->until;
	}
}

static void entry_postings(struct reader *r, struct entry_row *row)
{
	static const struct store_column columns[] = {
		{ "its account's name", STORE_TEXT, 1, READER_ACCOUNT_SIZE - 1 },
		{ "its account's currency", STORE_TEXT, 3, 3 },
		{ "amount", STORE_INT, -INT64_MAX, INT64_MAX },
	};
	char currency[MONEY_CURRENCY_SIZE];

	row->posting_count = 0;
	store_begin_rows(r->store, SQL_VIEW_POSTINGS,
		(struct store_value[]){ STORE_OF_INT(row->number) }, 1);
	while (row->posting_count < READER_POSTINGS_MAX && store_row(r->store) &&
		READER_ROW_IS(r, "posting", row->number, columns) &&
		reader_currency(r, "posting", row->number, 1, currency)) {
		struct posting_row *p = &row->postings[row->posting_count++];
		bool fits = text_copy(store_text(r->store, 0), p->account, sizeof(p->account));

		assert(fits);
		p->amount = money_of(store_int(r->store, 2), currency);
	}
	store_end_rows(r->store);
}

/* What it takes back, or what takes it back; most entries neither. */
static void entry_reversal(struct reader *r, struct entry_row *row)
{
	static const struct store_column columns[] = {
		{ "entry", STORE_INT, 1, READER_NUMBER_MAX },
		{ "reverses", STORE_INT, 1, READER_NUMBER_MAX },
		{ "uid", STORE_INT, 0, READER_NUMBER_MAX },
		{ "client", STORE_INT, 0, INT32_MAX },
		{ "reason", STORE_TEXT, 1, JOB_REASON_MAX },
		{ "its entry's record", STORE_INT, 1, READER_NUMBER_MAX },
	};

	store_begin_rows(r->store, SQL_VIEW_REVERSAL,
		(struct store_value[]){ STORE_OF_INT(row->number) }, 1);
	if (store_row(r->store) && READER_ROW_IS(r, "reversal", row->number, columns)) {
		bool fits = text_copy(store_text(r->store, 4), row->reversal.reason,
			sizeof(row->reversal.reason));

		assert(fits);
		row->reversal.entry = store_int(r->store, 0);
		row->reversal.reverses = store_int(r->store, 1);
		row->reversal.actor = (struct job_actor){ .uid = store_int(r->store, 2),
			.client = (int32_t)store_int(r->store, 3) };
		row->reversal.record = store_int(r->store, 5);
	}
	store_end_rows(r->store);
}

enum reader_result reader_entry(struct reader *r, int64_t number, struct entry_row *row,
	struct err *err)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "payment", STORE_INT, 0, ID_NUMBER_MAX },
		{ "its payment's generation", STORE_INT, 0, ID_GENERATION_MAX },
		{ "cause", STORE_INT, KIND_CAPTURE, KIND_CAUSE_END - 1 },
		{ "its gateway's name", STORE_TEXT, 0, JOB_NAME_MAX },
		{ "operation", STORE_TEXT, 0, JOB_OPERATION_MAX },
		{ "booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "value_date", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "paid_on", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
	};
	bool found;

	assert(r != NULL);
	assert(row != NULL);

	*row = (struct entry_row){ .number = number };
	store_begin_rows(r->store, SQL_VIEW_ENTRY, (struct store_value[]){ STORE_OF_INT(number) },
		1);
	found = store_row(r->store) && READER_ROW_IS(r, "entry", number, columns);
	if (found && store_int(r->store, 1) > 0 && store_int(r->store, 2) == 0) {
		store_damaged(r->store, "entry", number, "there is no such payment");
	} else if (found) {
		bool fits =
			text_copy(text_of(kind_cause_name((enum kind_cause)store_int(r->store, 3))),
				row->cause, sizeof(row->cause)) &&
			text_copy(store_text(r->store, 4), row->gateway, sizeof(row->gateway)) &&
			text_copy(store_text(r->store, 5), row->operation, sizeof(row->operation));

		assert(fits);
		row->record = store_int(r->store, 0);
		row->payment = store_int(r->store, 1);
		row->generation = (int32_t)store_int(r->store, 2);
		row->booked_at = store_int(r->store, 6);
		row->value_date = (int32_t)store_int(r->store, 7);
		row->paid_on = (int32_t)store_int(r->store, 8);
	}
	store_end_rows(r->store);
	if (found) {
		entry_reversal(r, row);
		entry_postings(r, row);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

/* The entry of a record, or 0. */
static int64_t entry_of_record(struct reader *r, int64_t record, int64_t last)
{
	int64_t entry = reader_search(r, SQL_VIEW_ENTRY_RECORD, last, record);

	assert(record > 0);

	if (entry > last || reader_integer(r, SQL_VIEW_ENTRY_RECORD,
				    (struct store_value[]){ STORE_OF_INT(entry) }, 1) != record) {
		return 0;
	}
	return entry;
}

/* Some records that touched the payment, after one. */
static size_t payment_records(struct reader *r, int64_t payment, int64_t after,
	int64_t records[READER_ROWS_MAX])
{
	size_t count = 0;

	store_begin_rows(r->store, SQL_VIEW_PAYMENT_RECORDS,
		(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(after),
			STORE_OF_INT(READER_ROWS_MAX) },
		3);
	while (store_row(r->store)) {
		assert(count < READER_ROWS_MAX);
		records[count++] = store_int(r->store, 0);
	}
	store_end_rows(r->store);
	return count;
}

/* Of the range, those the filter takes, ascending, while there is room for them. */
static void entries_scan(struct reader *r, const struct entry_filter *f, struct reader_range range,
	struct reader_page *page, int64_t *numbers)
{
	bool by_value = f->axis == READER_VALUE;
	int32_t from = by_value && f->day_from != DATE_NONE ? f->day_from : DATE_DAY_MIN;
	int32_t until = by_value && f->day_until != DATE_NONE ? f->day_until : DATE_DAY_MAX;

	assert(page->count < page->limit);

	store_begin_rows(r->store, SQL_VIEW_ENTRIES_BETWEEN,
		(struct store_value[]){ STORE_OF_INT(range.after), STORE_OF_INT(range.until),
			STORE_OF_INT(from), STORE_OF_INT(until), STORE_OF_TEXT(f->gateway),
			STORE_OF_TEXT(f->service), STORE_OF_TEXT(f->account),
			STORE_OF_INT((int64_t)(page->limit - page->count)) },
		8);
	while (page->count < page->limit && store_row(r->store)) {
		numbers[page->count++] = store_int(r->store, 0);
	}
	store_end_rows(r->store);
}

/* The same of one entry. */
static void entries_choose(struct reader *r, const struct entry_filter *f,
	struct reader_range range, int64_t entry, struct reader_page *page, int64_t *numbers)
{
	if (entry > range.after && entry <= range.until) {
		entries_scan(r, f, (struct reader_range){ entry - 1, entry }, page, numbers);
	}
}

/* The entries of one payment: those of its records that are entries' records. */
static void entries_of_payment(struct reader *r, const struct entry_filter *f,
	struct reader_range range, struct reader_page *page, int64_t *numbers)
{
	int64_t records[READER_ROWS_MAX];
	size_t count = READER_ROWS_MAX;
	int64_t last = reader_entry_last(r);
	int64_t after = 0;

	assert(f->payment > 0);

	if (range.after > 0) {
		after = reader_integer(r, SQL_VIEW_ENTRY_RECORD,
			(struct store_value[]){ STORE_OF_INT(range.after) }, 1);
	}
	while (count == READER_ROWS_MAX && page->count < page->limit) {
		count = payment_records(r, f->payment, after, records);
		for (size_t i = 0; i < count && page->count < page->limit; i++) {
			after = records[i];
			entries_choose(r, f, range, entry_of_record(r, records[i], last), page,
				numbers);
		}
	}
	page->next = page->count == page->limit ? numbers[page->count - 1] : 0;
}

/* The account's last entry, or those of the accounts in other currencies under that name. */
static size_t entries_ends(struct reader *r, struct text name, int64_t accounts[ENTRIES_ACCOUNTS],
	int64_t lasts[ENTRIES_ACCOUNTS])
{
	size_t count = 0;

	store_begin_rows(r->store, SQL_VIEW_ACCOUNT_NAMED,
		(struct store_value[]){ STORE_OF_TEXT(name) }, 1);
	while (count < ENTRIES_ACCOUNTS && store_row(r->store)) {
		accounts[count] = store_int(r->store, 0);
		lasts[count++] = store_int(r->store, 1);
	}
	store_end_rows(r->store);
	return count;
}

/* Follows one account back by what was posted to it before; false when it is too long a way. */
static bool entries_follow(struct reader *r, int64_t account, int64_t last,
	struct reader_range range, size_t *steps, struct entries_found *found)
{
	assert(found->room <= ENTRIES_CHAIN);

	while (last > range.after && !store_failed(r->store)) {
		int64_t prev = reader_integer(r, SQL_VIEW_POSTING_PREV,
			(struct store_value[]){ STORE_OF_INT(last), STORE_OF_INT(account) }, 2);

		if (prev < 0 || prev >= last) {
			store_damaged(r->store, "posting", last,
				"does not lead back along account %lld", (long long)account);
			return true;
		}
		if (++*steps > found->room) {
			return false;
		}
		if (last <= range.until) {
			found->numbers[found->count++] = last;
		}
		last = prev;
	}
	return true;
}

static int entries_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Walks an account that has few entries there by `prev`; false when it has many. */
static bool entries_of_account(struct reader *r, const struct entry_filter *f,
	struct reader_range range, struct reader_page *page, int64_t *numbers)
{
	int64_t accounts[ENTRIES_ACCOUNTS];
	int64_t lasts[ENTRIES_ACCOUNTS];
	size_t count = entries_ends(r, f->account, accounts, lasts);
	struct entries_found found;
	size_t steps = 0;

	found.count = 0;
	found.room = f->slice > 0 && f->slice < ENTRIES_CHAIN ? (size_t)f->slice : ENTRIES_CHAIN;
	for (size_t i = 0; i < count; i++) {
		if (!entries_follow(r, accounts[i], lasts[i], range, &steps, &found)) {
			return false;
		}
	}
	qsort(found.numbers, found.count, sizeof(*found.numbers), entries_compare);
	for (size_t i = 0; i < found.count && page->count < page->limit; i++) {
		/* One entry may be on the way of two currencies. */
		if (i == 0 || found.numbers[i] != found.numbers[i - 1]) {
			entries_choose(r, f, range, found.numbers[i], page, numbers);
		}
	}
	page->next = page->count == page->limit ? numbers[page->count - 1] : 0;
	return true;
}

/* The entries that there were, on the days that are asked for. */
static struct reader_range entries_bounds(struct reader *r, const struct entry_filter *f,
	const struct reader_page *page)
{
	int64_t last = reader_entry_last(r);
	struct reader_range range = { .after = page->after,
		.until = reader_entry_as_of(r, page->as_of, last) };

	if (f->axis == READER_BOOKED) {
		reader_range_of_days(r, f->day_from, f->day_until, last, &range);
	}
	return range;
}

static void entries_walk(struct reader *r, const struct entry_filter *f, struct reader_range range,
	struct reader_page *page, int64_t *numbers)
{
	int64_t scan = f->slice > 0 ? f->slice : ENTRIES_SCAN;
	struct reader_range slice = range;

	assert(f->payment == 0);

	if (slice.until - slice.after > scan) {
		slice.until = slice.after + scan;
	}
	entries_scan(r, f, slice, page, numbers);
	if (page->count == page->limit) {
		page->next = numbers[page->count - 1];
	} else if (slice.until < range.until) {
		page->next = slice.until;
	}
}

enum reader_result reader_entries(struct reader *r, const struct entry_filter *f,
	struct reader_page *page, int64_t *numbers, struct err *err)
{
	int64_t head = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	struct reader_range range;

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(numbers != NULL);

	page->count = 0;
	page->next = 0;
	page->as_of = f->as_of == READER_LATEST ? head : f->as_of;
	if (page->as_of > head) {
		return reader_end(r, err) ? READER_ABSENT : READER_FAILED;
	}
	range = entries_bounds(r, f, page);
	if (range.after < range.until) {
		if (f->payment != 0) {
			entries_of_payment(r, f, range, page, numbers);
		} else if (f->account.size == 0 ||
			   !entries_of_account(r, f, range, page, numbers)) {
			entries_walk(r, f, range, page, numbers);
		}
	}
	return reader_end(r, err) ? READER_FOUND : READER_FAILED;
}

bool reader_has_account(struct reader *r, struct text name, bool *has, struct err *err)
{
	int64_t accounts[ENTRIES_ACCOUNTS];
	int64_t lasts[ENTRIES_ACCOUNTS];

	assert(has != NULL);

	*has = entries_ends(r, name, accounts, lasts) > 0;
	return reader_end(r, err);
}

bool reader_has_gateway(struct reader *r, struct text name, bool *has, struct err *err)
{
	assert(has != NULL);

	*has = reader_integer(r, SQL_VIEW_GATEWAY_NAMED,
		       (struct store_value[]){ STORE_OF_TEXT(name) }, 1) > 0;
	return reader_end(r, err);
}
