/* SPDX-License-Identifier: Apache-2.0 */

/* reader_waiting - what waits: attempts, payments whose time is over, messages. */
#include <assert.h>

#include "base/date.h"
#include "base/id.h"
#include "ledger/reader_parts.h"

bool reader_waiting(struct reader *r, struct reader_page *page, struct waiting_attempt *waiting,
	struct err *err)
{
	static const struct store_column columns[] = {
		{ "attempt", STORE_INT, 1, ID_ATTEMPT_NUMBER_MAX },
		{ "gateway", STORE_INT, 1, INT32_MAX },
		{ "state", STORE_INT, 0, ATTEMPT_STATE_COUNT - 1 },
		{ "next_at", STORE_INT, INT64_MIN, INT64_MAX },
		{ "tries", STORE_INT, 0, INT32_MAX },
	};

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(waiting != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_WAITING,
		(struct store_value[]){ STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		2);
	while (store_row(r->store) &&
		READER_ROW_IS(r, "attempt_open", store_int(r->store, 0), columns)) {
		waiting[page->count++] = (struct waiting_attempt){
			.attempt = store_int(r->store, 0),
			.gateway = (int32_t)store_int(r->store, 1),
			.state = (enum attempt_state)store_int(r->store, 2),
			.next_at = store_int(r->store, 3),
			.tries = (int32_t)store_int(r->store, 4),
		};
	}
	return reader_end(r, err);
}

bool reader_overdue(struct reader *r, int64_t now, struct reader_page *page, int64_t *numbers,
	struct err *err)
{
	static const struct store_column columns[] = {
		{ "payment", STORE_INT, 1, ID_NUMBER_MAX },
	};

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(numbers != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_OVERDUE,
		(struct store_value[]){ STORE_OF_INT(now), STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		3);
	while (store_row(r->store) &&
		READER_ROW_IS(r, "payment_open", store_int(r->store, 0), columns)) {
		numbers[page->count++] = store_int(r->store, 0);
	}
	return reader_end(r, err);
}

static struct text kept_text(struct buffer *arena, struct text t)
{
	struct text kept = { .bytes = arena->bytes + arena->size, .size = t.size };

	assert(arena->bytes != NULL);

	buffer_add(arena, t);
	return kept;
}

enum reader_result reader_kept(struct reader *r, int64_t after, struct kept_message *m,
	struct buffer *arena, struct err *err)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, READER_NUMBER_MAX },
		{ "gateway", STORE_INT, 1, INT32_MAX },
		{ "received_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "peer", STORE_TEXT, 0, JOB_EVIDENCE_MAX },
		{ "head", STORE_BLOB, 0, JOB_EVIDENCE_MAX },
		{ "body", STORE_BLOB, 0, JOB_EVIDENCE_MAX },
	};
	bool found;

	assert(m != NULL);
	assert(arena != NULL);

	/* A message is bounded when it is kept, so one allocation holds it. */
	buffer_done(arena);
	buffer_init_whole(arena, (size_t)3 * JOB_EVIDENCE_MAX);
	store_begin_rows(r->store, SQL_VIEW_KEPT, (struct store_value[]){ STORE_OF_INT(after) }, 1);
	found = store_row(r->store) && READER_ROW_IS(r, "inbox", store_int(r->store, 0), columns);
	if (found) {
		m->inbox = store_int(r->store, 0);
		m->gateway = (int32_t)store_int(r->store, 1);
		m->received_at = store_int(r->store, 2);
		m->peer = kept_text(arena, store_text(r->store, 3));
		m->head = kept_text(arena, store_text(r->store, 4));
		m->body = kept_text(arena, store_text(r->store, 5));
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}
