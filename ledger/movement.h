/* SPDX-License-Identifier: Apache-2.0 */

/*
 * movement - the entries of a period as of a record, with what they posted: what reports are made
 * of.
 *
 * Walked in slices of a long query (ledger/query.h).  On the axis `booked` only the period's
 * entries are looked at, on the axis `value` all that there were: value dates come in no order.
 */
#ifndef ALYM_LEDGER_MOVEMENT_H
#define ALYM_LEDGER_MOVEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/reader.h"

struct movement {
	int64_t entry;
	int64_t record;
	int64_t payment; /* or 0 */
	int32_t day;     /* on the axis */
	size_t count;
	struct {
		int64_t account;
		int64_t amount; /* debit positive, credit negative */
	} postings[READER_POSTINGS_MAX];
};

typedef void movement_fn(void *context, const struct movement *movement);

struct movements {
	int32_t from; /* Almaty; or DATE_NONE */
	int32_t to;   /* inclusive; or DATE_NONE */
	enum reader_axis axis;
	int64_t as_of; /* a record; READER_LATEST becomes the last one */
	int64_t slice; /* entries a step looks at; 0: as many as is good */

	/* how far it is */
	bool begun;
	int64_t at;
	int64_t until;
};

/* One slice, each entry of it to `take`; *more: there is another.  READER_ABSENT: the book has no
 * such record yet. */
enum reader_result movements_step(struct reader *reader, struct movements *movements,
	movement_fn *take, void *context, bool *more, struct err *err) MUST_USE;

#endif
