/* SPDX-License-Identifier: Apache-2.0 */

/*
 * schema - the tables of a book's file: made in an empty one, brought up to date in an older one.
 *
 * A file says by its user_version how far it is.  One that is ahead of this alymd, no book, or of
 * before the first release is refused and stays as it is.
 */
#ifndef ALYM_LEDGER_SCHEMA_H
#define ALYM_LEDGER_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/* On the writing connection, outside a transaction. */
bool schema_bring(sqlite3 *db, struct err *err) MUST_USE;

#endif
