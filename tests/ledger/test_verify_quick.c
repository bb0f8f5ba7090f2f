/* SPDX-License-Identifier: Apache-2.0 */

/* The quick level: what it looks at it finds, and a sound book has no fault. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/tree.h"
#include "ledger/verify.h"
#include "tests/alym_test.h"
#include "tests/ledger/verify_stage.h"

/* Enough for whole tiles without a checkpoint, and for several ranges of entries. */
enum { CROWD = 1100 };

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
	stage = verify_stage_new_crowded(0, CROWD);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	verify_stage_free(&stage);
	return 0;
}

static void a_sound_book_has_no_fault(void **state)
{
	(void)state;
	if (verify(stage->scene.path, NULL) != 0 || stage->told.size > 0) {
		fail_msg("%s", stage->told.bytes);
	}
}

static void assert_found(const char *sql, const char *fault)
{
	verify_stage_tamper(stage, sql);
	if (verify(stage->copy, NULL) == 0 || strstr(stage->told.bytes, fault) == NULL) {
		fail_msg("%s: not told: %s; but\n%.*s", sql, fault, (int)stage->told.size,
			stage->told.bytes);
	}
}

static void what_it_looks_at_it_finds(void **state)
{
	static const char *const cases[][2] = {
		{ "UPDATE record SET leaf = CAST(replace(leaf, 'KZT', 'KZZ') AS BLOB) WHERE number = "
		  "20",
			"checkpoint of another root" },
		{ "UPDATE record SET leaf = x'00' WHERE number = 20", "table tile, row 0/0" },
		{ "UPDATE record SET leaf = x'00' WHERE number = 800", "table tile, row 0/3" },
		{ "UPDATE tile SET hashes = zeroblob(8192) WHERE number = 3",
			"table tile, row 0/3: column hashes" },
		{ "DELETE FROM record WHERE number = 800", "table record, row 800: it is missing" },
		{ "UPDATE record SET number = 9223372036854775807 WHERE number = 1200",
			"table record, row 1200: it is missing" },
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
		{ "UPDATE entry SET number = -7 WHERE number = 2",
			"table entry, row -7: it is below 1" },
		{ "UPDATE posting SET entry = -7 WHERE entry = 2 AND line = 1",
			"table posting, row -7/1: there is no such entry" },
		{ "UPDATE posting SET amount = amount + 50 WHERE entry = 900 AND line = 2",
			"table entry, row 900: it does not balance" },
		{ "UPDATE entry SET number = 9223372036854775807 WHERE number = 900",
			"table entry, row 901: it is not the next" },
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
		assert_found(cases[i][0], cases[i][1]);
	}
}

/* More lines than are summed, and a day that 32 bits would make another of. */
static void what_is_beyond_its_bounds_is_found(void **state)
{
	(void)state;
	assert_found("UPDATE entry SET booked_day = booked_day + 4294967296 WHERE number = 1",
		"table day_sum, row");
	assert_found(
		"INSERT INTO posting WITH RECURSIVE l (n) AS (VALUES (3) UNION ALL SELECT n + 1 "
		"FROM l WHERE n < 17) SELECT 900, n, 1, iif(n % 2, 5, -5), 0 FROM l; UPDATE entry "
		"SET lines = 17 WHERE number = 900",
		"table entry, row 900: it has more lines than an entry may have");
}

static size_t told(const char *what)
{
	size_t count = 0;

	for (const char *at = stage->told.bytes; (at = strstr(at, what)) != NULL; at++) {
		count++;
	}
	return count;
}

/* Entries are looked at by ranges of 512. */
static void a_gap_is_told_once_wherever_it_lies(void **state)
{
	static const int64_t cases[][2] = { /* behind which entry, how wide */
		{ 0, 3 }, { 0, 512 }, { 2, 1 }, { 2, 509 }, { 2, 510 }, { 2, 511 }, { 2, 1024 },
		{ 511, 1 }, { 511, 2 }, { 511, 512 }, { 511, 513 }, { 511, 514 }, { 512, 1 },
		{ 512, 511 }, { 512, 512 }, { 512, 5000 }, { 513, 511 }, { 513, 1 },
		{ 2, INT64_C(1) << 40 }, { 512, INT64_C(1) << 62 }, { 700, INT64_C(1) << 62 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char sql[300];
		char row[80];

		(void)snprintf(sql, sizeof(sql),
			"UPDATE entry SET number = -number - %" PRId64 " WHERE number > %" PRId64
			"; UPDATE posting SET entry = -entry - %" PRId64 " WHERE entry > %" PRId64
			"; UPDATE entry SET number = -number WHERE number < 0"
			"; UPDATE posting SET entry = -entry WHERE entry < 0",
			cases[i][1], cases[i][0], cases[i][1], cases[i][0]);
		(void)snprintf(row, sizeof(row), "table entry, row %" PRId64 ": it is not the next",
			cases[i][0] + cases[i][1] + 1);
		verify_stage_tamper(stage, sql);
		(void)verify(stage->copy, NULL);
		if (told("is not the next") != 1 || told(row) != 1 || told("no such entry") != 0 ||
			told("does not balance") != 0) {
			fail_msg("%s, case %zu:\n%.*s", row, i, (int)stage->told.size,
				stage->told.bytes);
		}
	}
}

/* The root of the first records, by their leaves one after another. */
static struct tree_hash root_of(const char *path, int64_t size)
{
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree tree = { .size = 0 };
	sqlite3 *db = NULL;
	sqlite3_stmt *rows = NULL;
	struct tree_hash root;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT leaf FROM record WHERE number <= ? ORDER BY number", -1,
				 &rows, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_bind_int64(rows, 1, size), SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		struct tree_hash leaf =
			tree_leaf(hasher, (struct text){ sqlite3_column_blob(rows, 0),
						  (size_t)sqlite3_column_bytes(rows, 0) });

		tree_append(hasher, &tree, &leaf);
	}
	assert_int_equal(tree.size, size);
	root = tree_root(hasher, &tree);
	assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	tree_hasher_free(&hasher);
	return root;
}

/* Within a tile, at its end, and behind it. */
static void the_auditors_own_checkpoint_may_end_anywhere(void **state)
{
	static const int64_t sizes[] = { 1, 300, 700, 767, 768, 769, 1024, 1200 };

	(void)state;
	verify_stage_copy(stage);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct verify_options more = { .size = (uint64_t)sizes[i],
			.root = root_of(stage->copy, sizes[i]) };

		assert_int_equal(verify(stage->copy, &more), 0);
		more.root.bytes[31] ^= 1;
		assert_int_equal(verify(stage->copy, &more), 1);
		assert_non_null(strstr(stage->told.bytes, "its root is another"));
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

/* How often it was asked for, by any thread, and how often it is wanted. */
struct wish {
	atomic_int asked;
	int wanted;
};

static bool is_wanted(void *context)
{
	struct wish *wish = context;

	return atomic_fetch_add(&wish->asked, 1) < wish->wanted;
}

/* At once, or in the midst of it, at both levels. */
static void it_ends_when_nobody_wants_it(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct wish wish = { .wanted = i < 2 ? 0 : 8 };
		const struct verify_options more = { .wanted = is_wanted, .wanted_context = &wish };
		struct verify *verify = verify_stage_begin(stage, &more);
		struct err err = { 0 };

		assert_false(i % 2 == 0 ? verify_quick(verify, stage->scene.path, NULL, &err)
					: verify_file(verify, stage->scene.path, NULL, &err));
		assert_non_null(strstr(err.message, "interrupted"));
		assert_true(atomic_load(&wish.asked) > wish.wanted);
		verify_free(&verify);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_book_has_no_fault),
		cmocka_unit_test(what_it_looks_at_it_finds),
		cmocka_unit_test(what_is_beyond_its_bounds_is_found),
		cmocka_unit_test(a_gap_is_told_once_wherever_it_lies),
		cmocka_unit_test(the_auditors_own_checkpoint_may_end_anywhere),
		cmocka_unit_test(the_auditors_own_checkpoint_tells_another_book),
		cmocka_unit_test(it_ends_when_nobody_wants_it),
		cmocka_unit_test(a_file_that_is_no_book_is_refused),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
