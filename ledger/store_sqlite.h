/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store_sqlite - the store as SQLite's own: for what only this engine has (its backup interface).
 *
 * Whoever includes this, or sqlite3.h, is written anew for another engine; tests/tidy.cmake says
 * who does.
 */
#ifndef ALYM_LEDGER_STORE_SQLITE_H
#define ALYM_LEDGER_STORE_SQLITE_H

#include <sqlite3.h>

#include "ledger/store.h"

/* The store's connection, which stays the store's. */
sqlite3 *store_sqlite(struct store *store);

/* Runs statements that give nothing; false with err. */
bool store_sqlite_run(sqlite3 *db, const char *sql, struct err *err) MUST_USE;

/* The number a question without parameters gives; -1: none. */
int64_t store_sqlite_ask(sqlite3 *db, const char *sql);

/* Puts the log on disk: that file, or the connection's own. */
bool store_sqlite_sync(sqlite3_file *log, struct err *err) MUST_USE;
bool store_sqlite_sync_log(sqlite3 *db, struct err *err) MUST_USE;

/* A store to write by on a connection that stays the caller's, who closes the store first. */
struct store *store_lend(sqlite3 *db);

#endif
