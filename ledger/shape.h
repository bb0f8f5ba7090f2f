/* SPDX-License-Identifier: Apache-2.0 */

/*
 * shape - the book's tables as they follow from its leaves: names of columns, keys, and cells of
 * rows that were derived.
 *
 * What is not here can not be derived: the inbox, and what a copy of the book is marked by.
 */
#ifndef ALYM_LEDGER_SHAPE_H
#define ALYM_LEDGER_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "ledger/sql.h" /* generated from ledger/sql/ */

enum { SHAPE_COLUMNS_MAX = 24, SHAPE_KEYS_MAX = 3 };

enum shape_table {
	SHAPE_BOOK,
	SHAPE_GENERATION,
	SHAPE_CLIENT,
	SHAPE_GATEWAY,
	SHAPE_TARIFF_FILE,
	SHAPE_TARIFF_USE,
	SHAPE_PAYMENT,
	SHAPE_REQUOTE,
	SHAPE_CONVERSION,
	SHAPE_PAYMENT_CHANGE,
	SHAPE_ATTEMPT,
	SHAPE_ATTEMPT_STEP,
	SHAPE_ATTEMPT_ORDER,
	SHAPE_ATTEMPT_OPEN,
	SHAPE_PAYMENT_OPEN,
	SHAPE_FULFILMENT,
	SHAPE_ACCOUNT,
	SHAPE_ENTRY,
	SHAPE_POSTING,
	SHAPE_BALANCE,
	SHAPE_DAY_SUM,
	SHAPE_SUSPENSE,
	SHAPE_REQUEST,
	SHAPE_EVENT,
	SHAPE_PRIVATE,
	SHAPE_EVIDENCE,
	SHAPE_CHECKPOINT,
	SHAPE_CHECKPOINT_KEY,
	SHAPE_TILE,
	SHAPE_RATES,
	SHAPE_PERIOD,
	SHAPE_PERIOD_BALANCE,
	SHAPE_ACT,
	SHAPE_REVERSAL,
	SHAPE_ERASURE,
	SHAPE_ERASED,
	SHAPE_COUNT,
};

struct shape {
	const char *table;
	const char *columns[SHAPE_COLUMNS_MAX]; /* in the schema's order, the key's first */
	size_t count;
	size_t keys;
	enum sql row; /* rows from a key on, in the key's order */
	enum sql put; /* a row, for who writes the table anew */
};

const struct shape *shape_of(enum shape_table table);

enum shape_kind {
	SHAPE_NUMBER,
	SHAPE_DAY,
	SHAPE_TIME,
	SHAPE_MONEY, /* of the currency `what` */
	SHAPE_TEXT,
	SHAPE_BLOB,
	SHAPE_NULL,
	SHAPE_SEALED_TEXT, /* `text` is the seal of it, as `what`; empty: it is empty */
	SHAPE_SEALED_BLOB,
	SHAPE_OWN_TEXT, /* nothing says what stands there but the row */
	SHAPE_OWN_BLOB,
	SHAPE_OWN_NUMBER,
};

struct shape_cell {
	enum shape_kind kind;
	int64_t number;
	struct text text;
	const char *what;
};

#define SHAPE_OF_NUMBER(v) ((struct shape_cell){ .kind = SHAPE_NUMBER, .number = (v) })
#define SHAPE_OF_DAY(v)    ((struct shape_cell){ .kind = SHAPE_DAY, .number = (v) })
#define SHAPE_OF_TIME(v)   ((struct shape_cell){ .kind = SHAPE_TIME, .number = (v) })
#define SHAPE_OF_MONEY(v, c) \
	((struct shape_cell){ .kind = SHAPE_MONEY, .number = (v), .what = (c) })
#define SHAPE_OF_TEXT(t) ((struct shape_cell){ .kind = SHAPE_TEXT, .text = (t) })
#define SHAPE_OF_BLOB(p, n) \
	((struct shape_cell){ .kind = SHAPE_BLOB, .text = { (const char *)(p), (n) } })
#define SHAPE_OF_KIND(k) ((struct shape_cell){ .kind = (k) })

#endif
