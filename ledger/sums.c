/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sums.h"

#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/chart.h"
#include "ledger/reader_parts.h"

enum {
	SUMS_ACCOUNTS = READER_ROWS_MAX, /* of one slice */
	SUMS_DAYS_ACCOUNTS = 32,         /* the same, where each has a sum of every day */
	SUMS_ENTRIES = 20000,
};

void sums_init(struct sums *s, int32_t day, enum reader_axis axis, int64_t as_of)
{
	assert(s != NULL);
	assert(as_of > 0);

	*s = (struct sums){ .day = day, .axis = axis, .as_of = as_of, .slice = SUMS_ENTRIES };
}

void sums_done(struct sums *s)
{
	assert(s != NULL);

	free(s->rows);
	free(s->through);
	*s = (struct sums){ .stage = SUMS_END };
}

/* The sums of days before the record's, and then its day's entries up to it; or the sums of now,
 * less what came since: whichever is less to walk. */
static void sums_plan_booked(struct reader *r, struct sums *s, int64_t entry, int64_t last)
{
	int64_t day = reader_integer(r, SQL_VIEW_ENTRY_DAY,
		(struct store_value[]){ STORE_OF_INT(entry) }, 1);
	int64_t first;

	assert(entry > 0);
	assert(entry <= last);

	if (day < DATE_DAY_MIN || day > DATE_DAY_MAX) {
		store_damaged(r->store, "entry", entry, "booked_day is not what it must be");
		return;
	}
	if (s->day != DATE_NONE && s->day < day) {
		s->source = SUMS_DAYS; /* of days that are over */
		s->day_last = s->day;
		return;
	}
	s->walks = true;
	first = reader_search(r, SQL_VIEW_ENTRY_DAY, last, day);
	s->adds = entry - first < last - entry;
	s->source = s->adds ? SUMS_DAYS : SUMS_NOW;
	s->day_last = (int32_t)day - 1;
	s->at = s->adds ? first - 1 : entry;
	s->until = s->adds ? entry : 0;
}

/* Value dates come in no order: from one end of the book or from the other. */
static void sums_plan_value(struct sums *s, int64_t entry, int64_t last)
{
	assert(s->day != DATE_NONE);

	s->walks = true;
	s->adds = entry < last - entry;
	s->source = s->adds ? SUMS_NOTHING : SUMS_DAYS;
	s->day_last = s->day;
	s->at = s->adds ? 0 : entry;
	s->until = s->adds ? entry : 0;
}

static enum reader_result sums_begin(struct reader *r, struct sums *s, struct err *err)
{
	int64_t head = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	int64_t last;
	int64_t entry;

	assert(s->stage == SUMS_BEGIN);

	if (s->as_of == READER_LATEST) {
		s->as_of = head;
	}
	if (s->as_of > head) {
		return reader_end(r, err) ? READER_ABSENT : READER_FAILED;
	}
	last = reader_entry_last(r);
	entry = reader_entry_as_of(r, s->as_of, last);
	s->stage = entry > 0 ? SUMS_BASE : SUMS_END;
	if (s->day != DATE_NONE && s->day < DATE_DAY_MIN) {
		s->source = SUMS_NOTHING; /* before all days */
	} else if (entry > 0 && (s->axis == READER_BOOKED || s->day == DATE_NONE)) {
		sums_plan_booked(r, s, entry, last);
	} else if (entry > 0) {
		sums_plan_value(s, entry, last);
	}
	return reader_end(r, err) ? READER_FOUND : READER_FAILED;
}

/* The row, and the last entry that its sums can have: both are of one moment. */
static bool sums_take_row(struct reader *r, struct sums *s)
{
	struct account_row *row = &s->rows[s->count];

	if (!reader_account_row(r, row)) {
		return false;
	}
	if (row->account != (int64_t)s->count + 1 || row->account > CHART_ACCOUNTS_MAX) {
		store_damaged(r->store, "account", row->account, "is not the next");
		return false;
	}
	if (s->source == SUMS_NOTHING) {
		row->debit = 0;
		row->credit = 0;
	}
	s->through[s->count] = store_int(r->store, READER_ACCOUNT_COLUMNS);
	if (s->walks && !s->adds && s->through[s->count] > s->until) {
		s->until = s->through[s->count];
	}
	s->count++;
	return true;
}

static void sums_base(struct reader *r, struct sums *s)
{
	bool by_day = s->source == SUMS_DAYS;
	size_t limit = by_day ? SUMS_DAYS_ACCOUNTS : SUMS_ACCOUNTS;
	size_t before = s->count;
	struct store_value values[] = { STORE_OF_INT((int64_t)before), STORE_OF_INT((int64_t)limit),
		STORE_OF_INT(s->day_last),
		STORE_OF_INT(s->axis == READER_VALUE && s->day != DATE_NONE) };

	assert(before <= CHART_ACCOUNTS_MAX);

	if ((int64_t)limit > s->slice) {
		limit = (size_t)s->slice;
		values[1] = STORE_OF_INT((int64_t)limit);
	}
	s->rows = mem_grow(s->rows, before + limit, sizeof(*s->rows));
	s->through = mem_grow(s->through, before + limit, sizeof(*s->through));
	store_begin_rows(r->store, by_day ? SQL_VIEW_ACCOUNTS_AS_OF : SQL_VIEW_ACCOUNTS, values,
		by_day ? 4 : 2);
	while (s->count < before + limit && store_row(r->store) && sums_take_row(r, s)) {
	}
	store_end_rows(r->store);
	if (s->count < before + limit) {
		s->stage = s->walks && s->at < s->until ? SUMS_WALK : SUMS_END;
	}
}

static void sums_add(struct reader *r, struct sums *s, int64_t entry, int64_t account,
	int64_t amount)
{
	struct account_row *row;
	int64_t *side;

	if (account < 1 || amount == 0 || amount == INT64_MIN) {
		store_damaged(r->store, "posting", entry, "is none");
		return;
	}
	/* Accounts that came later have nothing as of then; a sum that ended before it lacks it. */
	if (account > (int64_t)s->count || (!s->adds && entry > s->through[account - 1])) {
		return;
	}
	row = &s->rows[account - 1];
	side = amount > 0 ? &row->debit : &row->credit;
	amount = amount > 0 ? amount : -amount;
	if (s->adds ? __builtin_add_overflow(*side, amount, side)
		    : __builtin_sub_overflow(*side, amount, side) || *side < 0) {
		store_damaged(r->store, "balance", account, "is not the sum of its postings");
	}
}

static void sums_walk(struct reader *r, struct sums *s)
{
	int64_t until = s->until - s->at > s->slice ? s->at + s->slice : s->until;
	bool by_value = s->axis == READER_VALUE && s->day != DATE_NONE;

	assert(s->at < s->until);

	store_begin_rows(r->store, SQL_VIEW_POSTINGS_BETWEEN,
		(struct store_value[]){ STORE_OF_INT(s->at), STORE_OF_INT(until),
			STORE_OF_INT(DATE_DAY_MIN),
			STORE_OF_INT(by_value ? s->day : DATE_DAY_MAX) },
		4);
	while (store_row(r->store) && !store_failed(r->store)) {
		sums_add(r, s, store_int(r->store, 0), store_int(r->store, 1),
			store_int(r->store, 2));
	}
	store_end_rows(r->store);
	s->at = until;
	if (s->at == s->until) {
		s->stage = SUMS_END;
	}
}

enum reader_result sums_step(struct reader *r, struct sums *s, bool *more, struct err *err)
{
	assert(r != NULL);
	assert(s != NULL);

	if (s->stage == SUMS_BEGIN) {
		enum reader_result result = sums_begin(r, s, err);

		if (result != READER_FOUND) {
			return result;
		}
	} else if (s->stage == SUMS_BASE) {
		sums_base(r, s);
	} else if (s->stage == SUMS_WALK) {
		sums_walk(r, s);
	}
	*more = s->stage != SUMS_END;
	return reader_end(r, err) ? READER_FOUND : READER_FAILED;
}
