/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/schema.h"

#include <stddef.h>

#include "ledger/sql.h" /* generated from ledger/sql */
#include "ledger/store_sqlite.h"

/* What makes a schema of the one before it; the first, of nothing.  Those released never change. */
static const char *const schema_steps[][2] = {
	{ sql_0001_book, "PRAGMA user_version = 13" },
	{ sql_0002_rates, "PRAGMA user_version = 14" },
	{ sql_0003_period, "PRAGMA user_version = 15" },
	{ sql_0005_erasure, "PRAGMA user_version = 16" },
	{ sql_0006_key, "PRAGMA user_version = 17" },
	{ sql_0004_standing, "PRAGMA user_version = 18" },
};

/* Schemas 1 to 12 were never released. */
enum { SCHEMA_BASE = 12, SCHEMA_NOW = SCHEMA_BASE + sizeof(schema_steps) / sizeof(*schema_steps) };

/* How far the file is; -1 with err when nothing can be made of it. */
static int schema_version(sqlite3 *db, struct err *err)
{
	int version = (int)store_sqlite_ask(db, "PRAGMA user_version");

	if (version < 0 || version > SCHEMA_NOW) {
		(void)err_set(err, ERR_DATABASE, "the book has schema %d, this alymd knows %d",
			version, SCHEMA_NOW);
		return -1;
	}
	if (version > 0 && version <= SCHEMA_BASE) {
		(void)err_set(err, ERR_DATABASE,
			"the book has schema %d, of before the first release, which no alymd "
			"released reads: begin a new book in another state_dir",
			version);
		return -1;
	}
	if (version == 0 && store_sqlite_ask(db, "SELECT count(*) FROM sqlite_master") != 0) {
		(void)err_set(err, ERR_DATABASE, "the file is a database, and not a book");
		return -1;
	}
	return version == 0 ? SCHEMA_BASE : version;
}

bool schema_bring(sqlite3 *db, struct err *err)
{
	int version = schema_version(db, err);

	if (version < 0) {
		return false;
	}
	for (; version < SCHEMA_NOW; version++) {
		const char *const *step = schema_steps[version - SCHEMA_BASE];

		if (!store_sqlite_run(db, "BEGIN IMMEDIATE", err) ||
			!store_sqlite_run(db, step[0], err) ||
			!store_sqlite_run(db, step[1], err) ||
			!store_sqlite_run(db, "COMMIT", err)) {
			return false;
		}
	}
	return true;
}
