/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sums - what every account was debited and credited, as of the end of a day and of a record.
 *
 * Made in steps, each a slice of a long query (ledger/query.h): first sums that the book keeps
 * (now, or by day), then the postings that lie between those and what was asked, taken off or
 * added.  At most one day's entries are walked on the axis `booked`, at most half of the book's on
 * the axis `value`; as of now, none.  Rows never change, so what is booked meanwhile changes
 * nothing.
 */
#ifndef ALYM_LEDGER_SUMS_H
#define ALYM_LEDGER_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/reader.h"

enum sums_source { SUMS_NOW, SUMS_DAYS, SUMS_NOTHING };

struct sums {
	int32_t day; /* Almaty, its end; DATE_NONE: all; before DATE_DAY_MIN: none */
	enum reader_axis axis;
	int64_t as_of; /* a record; READER_LATEST becomes the last one */

	int64_t slice; /* entries, or accounts, a step looks at; sums_init() says how many */

	/* out: accounts 1, 2, 3 ..., those without a posting as of then with zeroes */
	struct account_row *rows;
	size_t count;

	/* how far it is */
	enum { SUMS_BEGIN, SUMS_BASE, SUMS_WALK, SUMS_END } stage;
	enum sums_source source;
	int32_t day_last; /* of SUMS_DAYS */
	bool walks;       /* entries at + 1 to until, by value date where that is asked */
	bool adds;        /* else: takes off */
	int64_t at;
	int64_t until;
	int64_t *through; /* by row: the last entry in its sums */
};

/* `as_of`: a record, or READER_LATEST. */
void sums_init(struct sums *sums, int32_t day, enum reader_axis axis, int64_t as_of);
void sums_done(struct sums *sums);

/* One slice; *more: there is another.  READER_ABSENT: the book has no such record yet. */
enum reader_result sums_step(struct reader *reader, struct sums *sums, bool *more, struct err *err)
	MUST_USE;

#endif
