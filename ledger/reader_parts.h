/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reader_parts - what the reader's files share with those of its longer questions (sums, movement,
 * walk and what is made of them); nobody outside the ledger includes it.
 */
#ifndef ALYM_LEDGER_READER_PARTS_H
#define ALYM_LEDGER_READER_PARTS_H

#include "ledger/code.h"
#include "ledger/reader.h"
#include "ledger/store.h"
#include "ledger/tree.h"

/* store_row_is() of a table of columns. */
#define READER_ROW_IS(reader, table, row, columns) \
	store_row_is((reader)->store, table, row, columns, sizeof(columns) / sizeof(*(columns)))

enum { READER_ACCOUNT_COLUMNS = 7 }; /* what reader_account_row() takes */
enum { READER_WALK_MAX = 2000 }; /* rows looked at in one call when a filter skips most of them */

struct reader {
	struct store *store;
	struct code_key *codes;
	struct tree_hasher *hasher;
};

/* After a question: false with err when the store failed at it; the store is good for the next one.
 */
bool reader_end(struct reader *reader, struct err *err);

/* The row's currency; false, and the reader has failed, when it is none. */
bool reader_currency(struct reader *reader, const char *table, int64_t row, int column,
	char currency[MONEY_CURRENCY_SIZE]);

/* One integer of a one-row question; -1 when there is no row. */
int64_t reader_integer(struct reader *reader, enum sql sql, const struct store_value *values,
	size_t count);

/* The number of the last row of a table, by a question for its number; 0: it has none.  The reader
 * has failed when it can be no number. */
int64_t reader_last(struct reader *reader, enum sql sql, const char *table);

/*
 * The smallest number in 1..last whose column (never falling with the number) is at least `value`;
 * last + 1 when there is none.
 */
int64_t reader_search(struct reader *reader, enum sql column, int64_t last, int64_t value);

/* The number of the last entry, and of the last that was there as of a record; 0: none. */
int64_t reader_entry_last(struct reader *reader);
int64_t reader_entry_as_of(struct reader *reader, int64_t record, int64_t last);

/* Entries after + 1 to until. */
struct reader_range {
	int64_t after;
	int64_t until;
};

/* Narrows it to those booked on these days; DATE_NONE: open.  `last`: the number of the last entry.
 */
void reader_range_of_days(struct reader *reader, int32_t from, int32_t until, int64_t last,
	struct reader_range *range);

/* The row of an account, by a statement whose first columns are those; false, and the reader has
 * failed, when it is not what it must be. */
bool reader_account_row(struct reader *reader, struct account_row *row);

#endif
