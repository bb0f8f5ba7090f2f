/* SPDX-License-Identifier: Apache-2.0 */

/* bare - the rows of a book, written by nothing but prepared statements: the limit of SQLite. */
#ifndef ALYM_TESTS_BENCH_BARE_H
#define ALYM_TESTS_BENCH_BARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Writes every table's rows of the book `from`, in their order, into a new file `to` of the same
 * tables without triggers: WAL, synchronous=FULL, a commit for each `group` payments.  Rows are
 * read before the clock runs.  Prints one line of JSON.
 */
bool bare_write(const char *from, const char *to, int64_t group, struct err *err) MUST_USE;

#endif
