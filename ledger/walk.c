/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/walk.h"

#include <assert.h>

#include "base/date.h"
#include "base/id.h"
#include "ledger/chart.h"
#include "ledger/reader_parts.h"

enum { WALK_LEAF_MAX = 16384 };

bool walk_span(struct reader *r, int64_t as_of, int32_t day_from, int32_t day_until,
	struct walk_span *span, struct err *err)
{
	int64_t last = reader_entry_last(r);
	struct walk_span found = { .first = 1 };

	assert(as_of >= 0 && as_of < INT64_MAX);
	assert(span != NULL);

	found.last = reader_search(r, SQL_VIEW_ENTRY_RECORD, last, as_of + 1) - 1;
	if (day_until != DATE_NONE) {
		found.last =
			reader_search(r, SQL_VIEW_ENTRY_DAY, found.last, (int64_t)day_until + 1) -
			1;
	}
	if (day_from != DATE_NONE) {
		found.first = reader_search(r, SQL_VIEW_ENTRY_DAY, found.last, day_from);
	}
	if (!reader_end(r, err)) {
		return false;
	}
	assert(found.first >= 1);
	assert(found.first <= found.last + 1);
	*span = found;
	return true;
}

static void walk_take_entry(struct reader *r, struct walk_entry *e)
{
	struct store *s = r->store;
	bool fits = text_copy(store_text(s, 5), e->gateway, sizeof(e->gateway)) &&
		    text_copy(store_text(s, 6), e->operation, sizeof(e->operation));

	assert(fits); /* the columns were looked at */
	(void)fits;
	e->number = store_int(s, 0);
	e->record = store_int(s, 1);
	e->payment = store_int(s, 2);
	e->generation = (int32_t)store_int(s, 3);
	e->cause = (enum kind_cause)store_int(s, 4);
	e->booked_at = store_int(s, 7);
	e->value_date = (int32_t)store_int(s, 8);
	e->paid_on = (int32_t)store_int(s, 9);
	e->booked_day = (int32_t)store_int(s, 10);
	e->reverses = store_int(s, 13);
	e->leaf = tree_leaf(r->hasher, store_text(s, 12));
	e->lines = (size_t)store_int(s, 11);
	e->posting_count = 0;
}

/* Reads those numbered first, first + 1 ... last; each must be there. */
static size_t walk_entries(struct reader *r, int64_t first, int64_t last, struct walk_entry *rows)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, READER_NUMBER_MAX },
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "payment", STORE_INT, 0, ID_NUMBER_MAX },
		{ "its payment's generation", STORE_INT, 0, ID_GENERATION_MAX },
		{ "cause", STORE_INT, KIND_CAPTURE, KIND_CAUSE_END - 1 },
		{ "its gateway's name", STORE_TEXT, 0, JOB_NAME_MAX },
		{ "operation", STORE_TEXT, 0, JOB_OPERATION_MAX },
		{ "booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "value_date", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "paid_on", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "booked_day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "lines", STORE_INT, 2, READER_POSTINGS_MAX },
		{ "its record's leaf", STORE_BLOB, 2, WALK_LEAF_MAX },
		{ "the entry it reverses", STORE_INT, 0, READER_NUMBER_MAX },
	};
	size_t count = 0;

	store_begin_rows(r->store, SQL_VIEW_WALK_ENTRIES,
		(struct store_value[]){ STORE_OF_INT(first), STORE_OF_INT(last) }, 2);
	while (store_row(r->store) && READER_ROW_IS(r, "entry", first + (int64_t)count, columns)) {
		if (store_int(r->store, 0) != first + (int64_t)count) {
			break;
		}
		if (store_int(r->store, 2) > 0 && store_int(r->store, 3) == 0) {
			store_damaged(r->store, "entry", first + (int64_t)count,
				"there is no such payment");
			break;
		}
		walk_take_entry(r, &rows[count++]);
	}
	if (!store_failed(r->store) && (int64_t)count != last - first + 1) {
		store_damaged(r->store, "entry", first + (int64_t)count, "it is missing");
	}
	store_end_rows(r->store);
	return count;
}

static void walk_take_posting(struct reader *r, struct walk_entry *e, const char *currency)
{
	struct walk_posting *p = &e->postings[e->posting_count++];
	bool fits = text_copy(store_text(r->store, 3), p->name, sizeof(p->name));

	assert(fits);
	(void)fits;
	p->amount = money_of(store_int(r->store, 1), currency);
	p->account = store_int(r->store, 2);
	p->type = (enum kind_account)store_int(r->store, 4);
}

/* Puts the postings of `rows` to them. */
static void walk_postings(struct reader *r, struct walk_entry *rows, size_t count)
{
	static const struct store_column columns[] = {
		{ "entry", STORE_INT, 1, READER_NUMBER_MAX },
		{ "amount", STORE_INT, -INT64_MAX, INT64_MAX },
		{ "its account", STORE_INT, 1, CHART_ACCOUNTS_MAX },
		{ "its account's name", STORE_TEXT, 1, READER_ACCOUNT_SIZE - 1 },
		{ "its account's type", STORE_INT, KIND_ASSET, KIND_ACCOUNT_END - 1 },
		{ "its account's currency", STORE_TEXT, 3, 3 },
	};
	char currency[MONEY_CURRENCY_SIZE];
	int64_t first = rows[0].number;

	assert(count > 0);

	store_begin_rows(r->store, SQL_VIEW_WALK_POSTINGS,
		(struct store_value[]){ STORE_OF_INT(first), STORE_OF_INT(rows[count - 1].number) },
		2);
	while (store_row(r->store) &&
		READER_ROW_IS(r, "posting", store_int(r->store, 0), columns) &&
		reader_currency(r, "posting", store_int(r->store, 0), 5, currency)) {
		struct walk_entry *e = &rows[store_int(r->store, 0) - first];

		if (e->posting_count == READER_POSTINGS_MAX) {
			store_damaged(r->store, "posting", e->number, "there are too many");
			break;
		}
		walk_take_posting(r, e, currency);
	}
	for (size_t i = 0; i < count && !store_failed(r->store); i++) {
		if (rows[i].posting_count != rows[i].lines) {
			store_damaged(r->store, "posting", rows[i].number,
				"they are not as many as their entry says");
		}
	}
	store_end_rows(r->store);
}

bool walk_step(struct reader *r, const struct walk_span *span, struct walk_entry *rows,
	size_t *count, struct err *err)
{
	int64_t last = span->last;
	size_t found = 0;

	assert(span->first >= 1);
	assert(rows != NULL);

	if (last - span->first >= WALK_ENTRIES_MAX) {
		last = span->first + WALK_ENTRIES_MAX - 1;
	}
	if (last >= span->first) {
		found = walk_entries(r, span->first, last, rows);
	}
	if (found > 0 && !store_failed(r->store)) {
		walk_postings(r, rows, found);
	}
	if (!reader_end(r, err)) {
		return false;
	}
	*count = found;
	return true;
}

enum reader_result walk_checkpoint(struct reader *r, int64_t record, char note[NOTE_TEXT_SIZE],
	struct err *err)
{
	bool found;

	assert(record >= 0);

	store_begin_rows(r->store, SQL_VIEW_CHECKPOINT_OVER,
		(struct store_value[]){ STORE_OF_INT(record) }, 1);
	found = store_row(r->store) && text_copy(store_text(r->store, 1), note, NOTE_TEXT_SIZE);
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}
