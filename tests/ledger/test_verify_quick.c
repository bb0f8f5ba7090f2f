/* SPDX-License-Identifier: Apache-2.0 */

/* The quick level: what it looks at it finds, and a sound book has no fault. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/verify.h"
#include "tests/alym_test.h"
#include "tests/ledger/verify_stage.h"

static struct verify_stage *stage;

/* The faults of a file; what was told lies in stage->told. */
static int64_t verify(const char *path, const struct verify_options *more)
{
	struct verify *verify = verify_stage_begin(stage, more);
	struct err err = { 0 };
	int64_t faults;

	if (!verify_quick(verify, path, NULL, &err)) {
		buffer_add_string(&stage->told, err.message);
	}
	faults = verify_faults(verify);
	verify_free(&verify);
	return faults;
}

static int open_stage(void **state)
{
	(void)state;
	stage = verify_stage_new(0);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	verify_stage_free(&stage);
	return 0;
}

/* What the file's owner can do: no trigger and no check is in the way. */
static void tamper(const char *sql)
{
	sqlite3 *db = NULL;

	verify_stage_copy(stage);
	assert_int_equal(sqlite3_open(stage->copy, &db), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL),
		SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_total_changes(db) == 0) {
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_sound_book_has_no_fault(void **state)
{
	(void)state;
	if (verify(stage->scene.path, NULL) != 0 || stage->told.size > 0) {
		fail_msg("%s", stage->told.bytes);
	}
}

static void what_it_looks_at_it_finds(void **state)
{
	static const char *const cases[][2] = {
		{ "UPDATE record SET leaf = CAST(replace(leaf, 'KZT', 'KZZ') AS BLOB) WHERE number = "
		  "20",
			"checkpoint of another root" },
		{ "UPDATE record SET leaf = x'00' WHERE number = 20", "table tile, row 0/0" },
		{ "DELETE FROM record WHERE number = 20", "table record, row 20: it is missing" },
		{ "UPDATE record SET number = -5 WHERE number = 20", "row -5: it is below 1" },
		{ "UPDATE record SET kind = 5 WHERE kind = 12",
			"table checkpoint, row among them" },
		{ "UPDATE tile SET hashes = zeroblob(8192)", "table tile, row 0/0: column hashes" },
		{ "DELETE FROM tile", "table tile, row 0/0: it is missing" },
		{ "INSERT INTO tile VALUES (3, 7, zeroblob(8192))", "table tile, row among them" },
		{ "UPDATE checkpoint SET note = replace(note, 'test', 'tent')",
			"table checkpoint, row" },
		{ "UPDATE balance SET debit = debit + 1 WHERE account = 1",
			"table balance, row 1: column debit" },
		{ "UPDATE balance SET last_entry = 1 WHERE account = 1",
			"table balance, row 1: column last_entry" },
		{ "INSERT INTO balance VALUES (99, 5, 5, 1)", "table balance, row among them" },
		{ "UPDATE day_sum SET credit = credit + 1 WHERE (account, axis, day) = (SELECT "
		  "account, axis, day FROM day_sum LIMIT 1)",
			"table day_sum, row 1/0/" },
		{ "DELETE FROM day_sum WHERE account = 1 AND axis = 1", "table day_sum, row 1/1/" },
		{ "UPDATE posting SET amount = amount + 50 WHERE entry = 1 AND line = 1",
			"table entry, row 1: it does not balance" },
		{ "DELETE FROM posting WHERE entry = 1",
			"table entry, row 1: it has other lines than it was sealed with" },
		{ "UPDATE posting SET account = 999 WHERE entry = 1 AND line = 1",
			"table entry, row 1: it is posted to an account that is not there" },
		{ "INSERT INTO posting VALUES (99999, 1, 1, 5, 1)",
			"table posting, row 99999/1: there is no such entry" },
		{ "DELETE FROM entry WHERE number = 2", "table entry, row 3: it is not the next" },
		{ "UPDATE entry SET booked_day = booked_day + 9000 WHERE number = 1",
			"table day_sum, row" },
		{ "UPDATE entry SET value_date = value_date + 9000 WHERE number = 1",
			"table day_sum, row" },
		{ "UPDATE account SET number = 77 WHERE number = 1", "table account, row 2" },
		{ "CREATE TABLE stray (a); INSERT INTO stray VALUES (1)",
			"row table stray: no schema" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		tamper(cases[i][0]);
		if (verify(stage->copy, NULL) == 0 ||
			strstr(stage->told.bytes, cases[i][1]) == NULL) {
			fail_msg("%s: not told: %s; but\n%.*s", cases[i][0], cases[i][1],
				(int)stage->told.size, stage->told.bytes);
		}
	}
}

static void the_auditors_own_checkpoint_tells_another_book(void **state)
{
	struct verify_options more = { .size = 7 };

	(void)state;
	assert_int_equal(verify(stage->scene.path, &more), 1);
	assert_non_null(strstr(stage->told.bytes, "its root is another"));
	more.size = 1 << 20;
	assert_int_equal(verify(stage->scene.path, &more), 1);
	assert_non_null(strstr(stage->told.bytes, "your checkpoint has 1048576 records"));
}

static void a_file_that_is_no_book_is_refused(void **state)
{
	(void)state;
	verify_stage_remove(stage);
	assert_int_equal(verify(stage->copy, NULL), 0);
	assert_true(stage->told.size > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_book_has_no_fault),
		cmocka_unit_test(what_it_looks_at_it_finds),
		cmocka_unit_test(the_auditors_own_checkpoint_tells_another_book),
		cmocka_unit_test(a_file_that_is_no_book_is_refused),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
