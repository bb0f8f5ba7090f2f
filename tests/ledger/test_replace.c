/* SPDX-License-Identifier: Apache-2.0 */

/* Every table there is refuses, from SQLite's shell, to have its rows changed, or is known to let
 * it. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/ledger/full.h"

enum { TABLES_MAX = 64, NAME_SIZE = 64, SQL_SIZE = 256 };

/* Derived, free to be made again; and what is kept beside the book for a while. */
static const char *const loose[] = { "attempt_open", "balance", "day_sum", "event", "inbox",
	"keyset", "keyset_segment", "payment_open", "standing", "suspense", "tile" };

/* A row that is there already may come once more, if it is the same. */
#define SAME_AGAIN "tariff_file"

static int open_full(void **state)
{
	int rc = scene_setup(state);

	full_build(*state);
	return rc;
}

static bool is_loose(const char *table)
{
	for (size_t i = 0; i < COUNT(loose); i++) {
		if (strcmp(loose[i], table) == 0) {
			return true;
		}
	}
	return false;
}

static void assert_refused(sqlite3 *db, const char *sql, const char *why)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	if (rc != SQLITE_CONSTRAINT || strstr(sqlite3_errmsg(db), why) == NULL) {
		fail_msg("%s: %d, %s", sql, rc, sqlite3_errmsg(db));
	}
}

/* The first value of one row that a question gives. */
static int64_t ask(sqlite3 *db, const char *sql, char name[NAME_SIZE])
{
	sqlite3_stmt *rows = NULL;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	value = sqlite3_column_int64(rows, 0);
	(void)snprintf(name, NAME_SIZE, "%s", sqlite3_column_text(rows, 0));
	(void)sqlite3_finalize(rows);
	return value;
}

/* REPLACE runs no trigger of DELETE. */
static void assert_stands(sqlite3 *db, const char *table)
{
	char column[NAME_SIZE];
	char sql[SQL_SIZE];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_true(ask(db, sql, column) > 0); /* or nothing would be refused */
	(void)snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s') LIMIT 1", table);
	(void)ask(db, sql, column);
	(void)snprintf(sql, sizeof(sql), "UPDATE %s SET %s = %s", table, column, column);
	assert_refused(db, sql, table);
	(void)snprintf(sql, sizeof(sql), "DELETE FROM %s", table);
	assert_refused(db, sql, table);
	(void)snprintf(sql, sizeof(sql), "REPLACE INTO %s SELECT %s FROM %s", table,
		strcmp(table, SAME_AGAIN) == 0 ? "digest, line, name, x'00'" : "*", table);
	assert_refused(db, sql, table);
}

static void no_table_is_forgotten(void **state)
{
	struct scene *s = *state;
	char tables[TABLES_MAX][NAME_SIZE];
	sqlite3_stmt *rows = NULL;
	sqlite3 *db = NULL;
	size_t count = 0;
	size_t known = 0;

	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &rows,
				 NULL),
		SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		assert_true(count < TABLES_MAX);
		(void)snprintf(tables[count++], NAME_SIZE, "%s", sqlite3_column_text(rows, 0));
	}
	(void)sqlite3_finalize(rows);
	for (size_t i = 0; i < count; i++) {
		if (is_loose(tables[i])) {
			known++;
		} else {
			assert_stands(db, tables[i]);
		}
	}
	assert_int_equal(known, COUNT(loose));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_table_is_forgotten, open_full, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
