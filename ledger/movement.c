/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/movement.h"

#include <assert.h>

#include "base/date.h"
#include "ledger/reader_parts.h"

enum { MOVEMENT_ENTRIES = 10000 };

static enum reader_result movements_begin(struct reader *r, struct movements *m, struct err *err)
{
	int64_t head = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	int64_t last = reader_entry_last(r);
	struct reader_range range;

	if (m->as_of == READER_LATEST) {
		m->as_of = head;
	}
	if (m->as_of > head) {
		return reader_end(r, err) ? READER_ABSENT : READER_FAILED;
	}
	range = (struct reader_range){ 0, reader_entry_as_of(r, m->as_of, last) };
	if (m->axis == READER_BOOKED) {
		reader_range_of_days(r, m->from, m->to, last, &range);
	}
	m->begun = true;
	m->at = range.after;
	m->until = range.until;
	return reader_end(r, err) ? READER_FOUND : READER_FAILED;
}

static bool movement_begin(struct reader *r, enum reader_axis axis, struct movement *m)
{
	int64_t day = store_int(r->store, axis == READER_VALUE ? 4 : 3);

	*m = (struct movement){ .entry = store_int(r->store, 0),
		.day = (int32_t)day,
		.record = store_int(r->store, 5),
		.payment = store_int(r->store, 6) };
	if (day < DATE_DAY_MIN || day > DATE_DAY_MAX) {
		store_damaged(r->store, "entry", m->entry, "%s is not what it must be",
			axis == READER_VALUE ? "value_date" : "booked_day");
		return false;
	}
	return true;
}

static bool movement_add(struct reader *r, struct movement *m)
{
	int64_t account = store_int(r->store, 1);
	int64_t amount = store_int(r->store, 2);

	if (m->count == READER_POSTINGS_MAX || account < 1 || amount == INT64_MIN) {
		store_damaged(r->store, "posting", m->entry, "is none");
		return false;
	}
	m->postings[m->count].account = account;
	m->postings[m->count].amount = amount;
	m->count++;
	return true;
}

/* A row: one more posting of the same entry, or the first of the next one, and the last goes. */
static bool movement_row(struct reader *r, enum reader_axis axis, struct movement *one,
	movement_fn *take, void *context)
{
	if (store_int(r->store, 0) != one->entry) {
		if (one->entry != 0) {
			take(context, one);
		}
		if (!movement_begin(r, axis, one)) {
			return false;
		}
	}
	return movement_add(r, one);
}

static void movements_walk(struct reader *r, struct movements *m, int64_t until, movement_fn *take,
	void *context)
{
	bool by_value = m->axis == READER_VALUE;
	int32_t from = by_value && m->from != DATE_NONE ? m->from : DATE_DAY_MIN;
	int32_t to = by_value && m->to != DATE_NONE ? m->to : DATE_DAY_MAX;
	struct movement one = { .entry = 0 };

	store_begin_rows(r->store, SQL_VIEW_POSTINGS_BETWEEN,
		(struct store_value[]){ STORE_OF_INT(m->at), STORE_OF_INT(until),
			STORE_OF_INT(from), STORE_OF_INT(to) },
		4);
	while (store_row(r->store) && movement_row(r, m->axis, &one, take, context)) {
	}
	store_end_rows(r->store);
	if (one.entry != 0 && !store_failed(r->store)) {
		take(context, &one);
	}
}

enum reader_result movements_step(struct reader *r, struct movements *m, movement_fn *take,
	void *context, bool *more, struct err *err)
{
	int64_t slice = m->slice > 0 ? m->slice : MOVEMENT_ENTRIES;

	assert(take != NULL);
	assert(more != NULL);

	if (!m->begun) {
		enum reader_result result = movements_begin(r, m, err);

		if (result != READER_FOUND) {
			return result;
		}
	}
	if (m->at < m->until) {
		int64_t until = m->until - m->at > slice ? m->at + slice : m->until;

		movements_walk(r, m, until, take, context);
		m->at = until;
	}
	*more = m->at < m->until;
	return reader_end(r, err) ? READER_FOUND : READER_FAILED;
}
