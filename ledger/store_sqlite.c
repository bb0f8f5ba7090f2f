/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store_sqlite.h"

#include <assert.h>

bool store_sqlite_run(sqlite3 *db, const char *sql, struct err *err)
{
	assert(db != NULL);
	assert(sql != NULL);

	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       err_set(err, ERR_DATABASE, "%.60s: %s", sql, sqlite3_errmsg(db));
}

int64_t store_sqlite_ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = -1;

	assert(db != NULL);
	assert(sql != NULL);

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		number = sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return number;
}

bool store_sqlite_sync(sqlite3_file *file, struct err *err)
{
	int rc;

	assert(file != NULL && file->pMethods != NULL);

	rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	return rc == SQLITE_OK ||
	       err_set(err, ERR_DATABASE, "sync the log: %s (SQLite %d)", sqlite3_errstr(rc), rc);
}

bool store_sqlite_sync_log(sqlite3 *db, struct err *err)
{
	sqlite3_file *log = NULL;
	int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

	return rc == SQLITE_OK ? store_sqlite_sync(log, err)
			       : err_set(err, ERR_DATABASE, "find the log: %s", sqlite3_errstr(rc));
}
