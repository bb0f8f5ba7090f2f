/* SPDX-License-Identifier: Apache-2.0 */

/*
 * audit - what must be true of the book's tables at any moment, and what at the end.
 *
 * It reads with its own connection and its own SQL, against the tables and not with our code.
 */
#ifndef ALYM_TESTS_SIM_AUDIT_H
#define ALYM_TESTS_SIM_AUDIT_H

#include <sqlite3.h>

#include "tests/sim/world.h"

/* As long as the process lives. */
void audit_open(struct world *w);
void audit_close(struct world *w);

/* Balanced, gap-free, balances and day sums re-derived, events gap-free, nothing acknowledged lost,
 * nothing booked twice. */
void audit_always(struct world *w);

/* And: everything is final, and the banks' money is the book's. */
void audit_end(struct world *w);

/* Writes the book as it is seen to a file of the real disk. */
void audit_keep(const struct world *w, const char *path);

/* For the other checkers: a statement with its first parameter bound, its rows, its end.  `sql` is
 * a literal: the statement is kept by its address. */
sqlite3_stmt *audit_ask(struct world *w, const char *sql, int64_t number);
bool audit_row(struct world *w, sqlite3_stmt *statement);
void audit_end_rows(sqlite3_stmt *statement);

#endif
