/* SPDX-License-Identifier: Apache-2.0 */

/*
 * walk - the entries of a span with all that belongs to them, in order, for who reads them all.
 *
 * Entries never change: whoever goes from the first to the last of a span, a few hundred at a time
 * and on whichever reader, has seen the book as of one record.
 */
#ifndef ALYM_LEDGER_WALK_H
#define ALYM_LEDGER_WALK_H

#include "ledger/kind.h"
#include "ledger/reader.h"

enum { WALK_ENTRIES_MAX = 256 }; /* of one step */

struct walk_posting {
	int64_t account;
	enum kind_account type;
	char name[READER_ACCOUNT_SIZE];
	struct money amount; /* debit positive, credit negative */
};

struct walk_entry {
	int64_t number;
	int64_t record;
	struct tree_hash leaf; /* the record's, made from its bytes */
	int64_t payment;       /* or 0 */
	int32_t generation;    /* of the payment, or 0 */
	enum kind_cause cause;
	int64_t reverses; /* the entry it takes back, or 0 */
	char gateway[JOB_NAME_MAX + 1];
	char operation[JOB_OPERATION_MAX + 1];
	int64_t booked_at;
	int32_t booked_day; /* in Almaty */
	int32_t value_date;
	int32_t paid_on;
	size_t lines; /* that it was sealed with: as many as there are postings */
	size_t posting_count;
	struct walk_posting postings[READER_POSTINGS_MAX];
};

struct walk_span {
	int64_t first;
	int64_t last; /* first - 1: there are none */
};

/* The entries that were in the book with record as_of, and are booked on those days (inclusive;
 * DATE_NONE: open). */
bool walk_span(struct reader *reader, int64_t as_of, int32_t day_from, int32_t day_until,
	struct walk_span *span, struct err *err) MUST_USE;

/* The first entries of the span, at least one where it has any; `rows` holds WALK_ENTRIES_MAX. */
bool walk_step(struct reader *reader, const struct walk_span *span, struct walk_entry *rows,
	size_t *count, struct err *err) MUST_USE;

/* The first checkpoint that covers that record. */
enum reader_result walk_checkpoint(struct reader *reader, int64_t record, char note[NOTE_TEXT_SIZE],
	struct err *err) MUST_USE;

#endif
