/* SPDX-License-Identifier: Apache-2.0 */

/* The guards that each payment passes, tried on a book without records. */
#include <string.h>

#include "ledger/schema.h"
#include "tests/alym_test.h"

#define TENGE  "INSERT INTO account VALUES (1, 'clearing:a', 0, 'KZT'), (2, 'fee:a', 1, 'KZT');"
#define DOLLAR "INSERT INTO account VALUES (3, 'clearing:a', 0, 'USD'), (4, 'fee:a', 1, 'USD');"
/* An entry of so many lines, whose number is 1. */
#define SEAL(lines) SEAL_OR("", lines)
#define SEAL_OR(action, lines) \
	"INSERT " action "INTO entry VALUES (1, 1, 0, 0, 1, 1, '', x'', 5, 0, 0, 0, " lines ")"
#define RECORD(number, at) "INSERT INTO record VALUES (" number ", 1, " at ", CAST('{}' AS BLOB));"

static sqlite3 *open_schema(void)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_true(schema_bring(db, NULL));
	return db;
}

static void assert_refused(const char *sql, const char *why)
{
	sqlite3 *db = open_schema();

	assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
		strstr(sqlite3_errmsg(db), why) == NULL) {
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	}
	/* All of the transaction is taken back: no posting stays for the next entry to find. */
	assert_int_not_equal(sqlite3_get_autocommit(db), 0);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_ERROR);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_taken(const char *sql)
{
	sqlite3 *db = open_schema();

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void numbers_begin_with_one(void **state)
{
	(void)state;
	assert_taken(RECORD("1", "7") RECORD("2", "7"));
	assert_refused(RECORD("2", "7"), "record: the number is not the next");
	assert_refused(RECORD("NULL", "7"), "record: the number is not the next");
	assert_refused(RECORD("1", "7") RECORD("3", "7"), "record: the number is not the next");
	assert_refused(RECORD("1", "7") RECORD("2", "6"), "record: booked_at runs backwards");
	assert_refused("INSERT INTO posting VALUES (2, 1, 1, 5, 0)",
		"posting: its entry is sealed or not the next");
	assert_refused("INSERT INTO entry VALUES (2, 1, 0, 0, 1, 1, '', x'', 5, 0, 0, 0, 2)",
		"entry: the number is not the next");
	assert_refused(
		"INSERT INTO payment SELECT 2, 1, 1, 1, 0, 0, zeroblob(16), 0, x'', x'', 1, 0, 0, 1, "
		"'KZT', 0, 0, 0, '', '', '', '', zeroblob(32), zeroblob(32)",
		"payment: the number is not the next");
}

static void an_entry_has_its_lines_and_balances_in_each_currency(void **state)
{
	static const char lines[] = "entry: lines are missing or too many";
	static const char balance[] = "entry: it does not balance";

	(void)state;
	assert_taken(
		TENGE "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0);" SEAL("2"));
	assert_taken(
		DOLLAR "INSERT INTO posting VALUES (1, 1, 3, 5, 0), (1, 2, 4, -5, 0);" SEAL("2"));
	assert_taken(TENGE DOLLAR "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0), "
				  "(1, 3, 3, 7, 0), (1, 4, 4, -7, 0);" SEAL("4"));
	assert_refused(SEAL("2"), lines);
	assert_refused(TENGE
		"INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0);" SEAL("3"),
		lines);
	assert_refused(TENGE DOLLAR "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0), "
				    "(1, 3, 3, 7, 0), (1, 4, 4, -7, 0);" SEAL("2"),
		lines);
	/* Accounts that are none are in no currency. */
	assert_refused("INSERT INTO posting VALUES (1, 1, 8, 5, 0), (1, 2, 9, -5, 0);" SEAL("2"),
		lines);
	assert_refused(TENGE "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0), "
			     "(1, 3, 9, 7, 0);" SEAL("2"),
		lines);
	assert_refused(TENGE "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0), "
			     "(1, 3, 9, 7, 0);" SEAL("3"),
		lines);
	assert_refused(TENGE DOLLAR "INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -5, 0), "
				    "(1, 3, 3, 7, 0), (1, 4, 4, -7, 0), (1, 5, 9, 7, 0);" SEAL("4"),
		lines);
	assert_refused(TENGE
		"INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 2, -4, 0);" SEAL("2"),
		balance);
	assert_refused(TENGE DOLLAR
		"INSERT INTO posting VALUES (1, 1, 1, 5, 0), (1, 2, 4, -5, 0);" SEAL("2"),
		balance);
	/* Two lines of dollars are not thirty-four of tenge. */
	assert_refused(DOLLAR
		"INSERT INTO posting VALUES (1, 1, 3, 5, 0), (1, 2, 4, -5, 0);" SEAL_OR(
			"OR ROLLBACK ", "34"),
		"lines BETWEEN");
	assert_refused(DOLLAR "INSERT INTO posting VALUES (1, 1, 3, 5, 0);" SEAL("1"), balance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_begin_with_one),
		cmocka_unit_test(an_entry_has_its_lines_and_balances_in_each_currency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
