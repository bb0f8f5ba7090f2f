/* SPDX-License-Identifier: Apache-2.0 */

/* What is kept beside the book, and whose time is over. */
#include <assert.h>

#include "base/json.h"
#include "ledger/reader.h"
#include "ledger/reader_parts.h"

enum { RETENTION_DIGITS_MAX = 20 };

/* A row of private data: whose, and since when it lies there. */
struct retention_row {
	int64_t record;
	int64_t payment;
	int64_t booked_at;
};

/* The payment that a leaf is about; 0: none. */
static int64_t retention_payment(struct text leaf)
{
	struct text quoted = json_member(json_member(leaf, "body"), "payment");
	int64_t number = 0;

	if (quoted.size < 3 || quoted.size > RETENTION_DIGITS_MAX) {
		return 0;
	}
	for (size_t i = 1; i + 1 < quoted.size; i++) {
		if (quoted.bytes[i] < '0' || quoted.bytes[i] > '9') {
			return 0;
		}
		number = number * 10 + (quoted.bytes[i] - '0');
	}
	return number;
}

static size_t retention_read(struct reader *r, enum sql sql, const struct reader_page *page,
	struct retention_row *rows)
{
	struct store *s = r->store;
	size_t count = 0;

	store_begin_rows(s, sql,
		(struct store_value[]){ STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		2);
	while (count < page->limit && store_row(s)) {
		rows[count++] = (struct retention_row){
			.record = store_int(s, 0),
			.booked_at = store_int(s, 1),
			.payment = sql == SQL_VIEW_PRIVATE_OLD ? retention_payment(store_text(s, 2))
							       : 0,
		};
	}
	store_end_rows(s);
	return count;
}

/* Nothing but late money can happen to it any more, and nothing did since `until`. */
static bool retention_is_over(struct reader *r, int64_t payment, int64_t until, struct err *err)
{
	struct payment_view view;
	bool over;

	payment_view_init(&view);
	over = payment > 0 &&
	       reader_payment(r, payment, READER_LATEST, &view, err) == READER_FOUND &&
	       view.state != PAYMENT_OPEN && view.state != PAYMENT_PARTLY_PAID;
	for (size_t i = 0; over && i < view.attempt_count; i++) {
		over = attempt_is_final(view.attempts[i].state);
	}
	over = over &&
	       reader_integer(r, SQL_SELECT_RECORD_TIME,
		       (struct store_value[]){ STORE_OF_INT(view.as_of_record) }, 1) < until;
	payment_view_done(&view);
	return over;
}

bool reader_retention(struct reader *r, enum job_source source, int64_t until,
	struct reader_page *page, struct job_erased *out, struct err *err)
{
	struct retention_row rows[JOB_ERASED_MAX];
	size_t count;

	assert(page->limit > 0 && page->limit <= JOB_ERASED_MAX);

	count = retention_read(r,
		source == JOB_SOURCE_PRIVATE ? SQL_VIEW_PRIVATE_OLD : SQL_VIEW_EVIDENCE_OLD, page,
		rows);
	page->next = count == page->limit ? rows[count - 1].record : 0;
	page->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].booked_at >= until) {
			page->next = 0; /* the rest is younger still */
			break;
		}
		if (source == JOB_SOURCE_EVIDENCE ||
			retention_is_over(r, rows[i].payment, until, err)) {
			out[page->count++] = (struct job_erased){ source, rows[i].record };
		}
	}
	return reader_end(r, err);
}
