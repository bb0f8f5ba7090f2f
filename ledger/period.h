/* SPDX-License-Identifier: Apache-2.0 */

/*
 * period - closed months, as readers see them.
 *
 * What is told of a closed month never changes: the same question has the same answer for ever.
 */
#ifndef ALYM_LEDGER_PERIOD_H
#define ALYM_LEDGER_PERIOD_H

#include "ledger/reader.h"

enum { PERIOD_TOTALS_MAX = 32 };

struct period_total {
	char currency[MONEY_CURRENCY_SIZE];
	int64_t debit; /* sums ever posted, of all accounts */
	int64_t credit;
};

struct period_row {
	int32_t month; /* 202610 */
	int64_t record;
	int64_t booked_at;
	int64_t last_entry; /* booked in it or before */
	int64_t accounts;   /* that have a closing balance */
	uint8_t digest[JOB_DIGEST_SIZE];
	struct job_actor actor;
	char reason[JOB_REASON_MAX + 1];
	int64_t checkpoint;      /* record of the checkpoint signed right after */
	int64_t checkpoint_size; /* records it covers: `record` and all before */
	size_t total_count;
	struct period_total totals[PERIOD_TOTALS_MAX];
};

/* A closed month. */
enum reader_result period_read(struct reader *reader, int32_t month, struct period_row *row,
	struct err *err) MUST_USE;

/* Whether what was booked until that day can change no more: as of that record a closed month ends
 * on it or later.  Of value dates, and as of now (DATE_NONE), it always can. */
bool period_is_final(struct reader *reader, int32_t day, enum reader_axis axis, int64_t as_of,
	bool *final, struct err *err) MUST_USE;

/* Closed months after page->after, ascending. */
bool period_list(struct reader *reader, struct reader_page *page, int32_t *months, struct err *err)
	MUST_USE;

/* Closing balances after line page->after, in the order of the list that is hashed; `account` is
 * the line. */
bool period_balances(struct reader *reader, int32_t month, struct reader_page *page,
	struct account_row *rows, struct err *err) MUST_USE;

/* Those of them on suspense and clearing accounts that are not zero, as many as page->limit. */
bool period_unsettled(struct reader *reader, int32_t month, struct reader_page *page,
	struct account_row *rows, struct err *err) MUST_USE;

#endif
