/* SPDX-License-Identifier: Apache-2.0 */

/* The book derived again and compared: sound, it has no fault; tampered with, each is named. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/rebuild.h"
#include "ledger/verify.h"
#include "tests/alym_test.h"
#include "tests/ledger/verify_stage.h"

enum { WINDOW = 64, MISSED_MAX = 1 << 20 };

static struct verify_stage *stage;

/* The faults of a file; what was told lies in stage->told. */
static int64_t verify(const char *path, const struct verify_options *more)
{
	struct verify *verify = verify_stage_begin(stage, more);
	struct err err = { 0 };
	int64_t faults;

	if (!verify_file(verify, path, NULL, &err)) {
		buffer_add_string(&stage->told, err.message);
	}
	faults = verify_faults(verify);
	verify_free(&verify);
	return faults;
}

static int open_stage(void **state)
{
	(void)state;
	stage = verify_stage_new(WINDOW);
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

/* ---- tampering ---- */

/* Tampers, and gives whether a fault was told that has both texts. */
static bool is_found(const char *sql, const char *first, const char *second)
{
	const char *line;

	verify_stage_tamper(stage, sql);
	if (verify(stage->copy, NULL) == 0) {
		return false;
	}
	for (line = stage->told.bytes; line != NULL && *line != '\0';
		line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL) {
		size_t size = strcspn(line, "\n");
		char text[VERIFY_FAULT_SIZE];

		(void)snprintf(text, sizeof(text), "%.*s", (int)size, line);
		if (strstr(text, first) != NULL && strstr(text, second) != NULL) {
			return true;
		}
	}
	return false;
}

static void assert_found(const char *sql, const char *first, const char *second)
{
	if (!is_found(sql, first, second)) {
		fail_msg("%s: not told: %s ... %s; but\n%s", sql, first, second, stage->told.bytes);
	}
}

/* ---- every column ---- */

/* What no record says, and nobody can derive. */
static bool is_own(const char *table, const char *column)
{
	static const char *const own[][2] = {
		{ "inbox", "" },               /* not yet verified: it proves nothing */
		{ "standing", "" },            /* whether the file is a copy */
		{ "attempt_open", "next_at" }, /* when to ask again */
		{ "attempt_open", "tries" },
	};

	for (size_t i = 0; i < COUNT(own); i++) {
		if (strcmp(own[i][0], table) == 0 &&
			(own[i][1][0] == '\0' || strcmp(own[i][1], column) == 0)) {
			return true;
		}
	}
	return false;
}

struct column {
	char table[32];
	char name[32];
	char type[16];
	char keys[96]; /* of the table: "entry, line" */
	bool is_key;
};

static size_t read_columns(struct column *columns, size_t max)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	size_t count = 0;

	assert_int_equal(sqlite3_open_v2(stage->scene.path, &db, SQLITE_OPEN_READONLY, NULL),
		SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT m.name, c.name, c.type, c.pk, (SELECT group_concat(name, ', ') FROM "
			"pragma_table_info(m.name) WHERE pk > 0) FROM sqlite_master AS m JOIN "
			"pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY 1, c.cid",
			-1, &row, NULL),
		SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW) {
		struct column *c = &columns[count++];

		assert_true(count < max);
		(void)snprintf(c->table, sizeof(c->table), "%s", sqlite3_column_text(row, 0));
		(void)snprintf(c->name, sizeof(c->name), "%s", sqlite3_column_text(row, 1));
		(void)snprintf(c->type, sizeof(c->type), "%s", sqlite3_column_text(row, 2));
		(void)snprintf(c->keys, sizeof(c->keys), "%s", sqlite3_column_text(row, 4));
		c->is_key = sqlite3_column_int(row, 3) > 0;
	}
	(void)sqlite3_finalize(row);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return count;
}

enum { COLUMNS_MAX = 400 };

/* The last row that says something there is changed. */
static void each_column_that_is_changed_is_named(void **state)
{
	static struct column columns[COLUMNS_MAX];
	size_t count = read_columns(columns, COLUMNS_MAX);
	struct buffer missed;
	size_t cases = 0;

	(void)state;
	buffer_init(&missed, MISSED_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct column *c = &columns[i];
		char table[48];
		char column[48];
		char sql[1024];

		if (is_own(c->table, c->name)) {
			continue;
		}
		(void)snprintf(sql, sizeof(sql),
			"UPDATE %s SET %s = %s WHERE (%s) = (SELECT %s FROM %s ORDER BY %s IS NULL "
			"OR %s IN (0, '', x''), 1 DESC LIMIT 1)",
			c->table, c->name,
			strcmp(c->type, "TEXT") == 0   ? "'xyz'"
			: strcmp(c->type, "BLOB") == 0 ? "zeroblob(16)"
						       : "7777777",
			c->keys, c->keys, c->table, c->name, c->name);
		(void)snprintf(table, sizeof(table), "table %s,", c->table);
		(void)snprintf(column, sizeof(column), "%s", c->is_key ? "" : c->name);
		if (!is_found(sql, table, column)) {
			buffer_printf(&missed, "%s.%s\n", c->table, c->name);
		}
		cases++;
	}
	if (missed.size > 0) {
		fail_msg("of %zu columns not found:\n%s", cases, missed.bytes);
	}
	assert_true(cases >= 150);
	buffer_done(&missed);
}

/* ---- rows, the schema, and what was done with more care ---- */

static void rows_that_are_missing_or_too_many_are_named(void **state)
{
	static const char *const cases[][3] = {
		{ "DELETE FROM record WHERE number = 20", "table record, row 20", "missing" },
		{ "DELETE FROM payment WHERE number = 3", "table payment, row 3", "missing" },
		{ "DELETE FROM posting WHERE entry = 1 AND line = 2", "table posting, row 1/2",
			"missing" },
		{ "DELETE FROM entry WHERE number = 2", "table entry, row 2", "missing" },
		{ "DELETE FROM balance WHERE account = 1", "table balance, row 1", "missing" },
		{ "DELETE FROM day_sum WHERE account = 1 AND axis = 1",
			"table day_sum, row 1/1/2026-03-01", "missing" },
		{ "DELETE FROM suspense WHERE number = 1", "table suspense, row 1", "missing" },
		{ "DELETE FROM event WHERE number = 9", "table event, row 1/9", "missing" },
		{ "DELETE FROM private WHERE record = (SELECT record FROM payment WHERE number = 2)",
			"table private, row 12", "no erasure says why" },
		{ "DELETE FROM evidence WHERE record = (SELECT record FROM entry WHERE number = 1)",
			"table evidence, row 9", "no erasure says why" },
		{ "DELETE FROM tile", "table tile, row 0/0", "missing" },
		{ "DELETE FROM payment_open", "table payment_open, row 2026-", "missing" },
		{ "DELETE FROM checkpoint WHERE record = (SELECT min(record) FROM checkpoint)",
			"table checkpoint, row", "missing" },
		{ "INSERT INTO payment SELECT number + 5000, record, generation, client, created_at, "
		  "expires_at, reference_key, reference_prev, request_key, fingerprint, version, "
		  "day, valid_from, valid_until, currency, gross, relief, due, service, ground, kbk, "
		  "tariff_rows, tariff, quote FROM payment WHERE number = 2",
			"table payment, row 5002", "nothing in the records makes it" },
		{ "INSERT INTO posting SELECT entry, 9, account, amount, prev FROM posting WHERE "
		  "entry = 1 AND line = 1",
			"table posting, row 1/9", "nothing in the records makes it" },
		{ "INSERT INTO balance VALUES (99, 5, 5, 1)", "table balance, row 99",
			"nothing in the records makes it" },
		{ "INSERT INTO event VALUES (1, 9999, 1, 1, 1)", "table event, row 1/9999",
			"nothing in the records makes it" },
		{ "INSERT INTO suspense VALUES (99, 1, 0, 1, 5, 1, 0)", "table suspense, row 99",
			"nothing in the records makes it" },
		{ "INSERT INTO private VALUES (1, zeroblob(32), x'00')", "table private, row 1",
			"nothing in the records makes it" },
		{ "INSERT INTO attempt_open VALUES (17, 1, 1, 1, 1)", "table attempt_open, row 17",
			"nothing in the records makes it" },
		{ "INSERT INTO record SELECT (SELECT max(number) + 1 FROM record), kind, booked_at, "
		  "leaf FROM record WHERE number = 2",
			"table record, row", "is not the next client" },
		/* Two rows have each other's number. */
		{ "UPDATE payment SET number = -1 WHERE number = 2; UPDATE payment SET number = 2 "
		  "WHERE number = 3; UPDATE payment SET number = 3 WHERE number = -1",
			"table payment, row 2:", "column record: found 15, expected 12" },
		{ "UPDATE posting SET account = iif(account = 1, 2, 1) WHERE entry = 1",
			"table posting, row 1/1", "column account: found 2, expected 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_found(cases[i][0], cases[i][1], cases[i][2]);
	}
}

static void a_fault_says_what_is_there_and_what_should_be(void **state)
{
	static const char *const cases[][2] = {
		{ "UPDATE balance SET debit = debit + 100 WHERE account = 2",
			"table balance, row 2: column debit: found 31.00 KZT, expected 30.00 KZT" },
		{ "UPDATE payment SET due = 129975 WHERE number = 2",
			"table payment, row 2: column due: found 1299.75 KZT, expected 10.00 KZT" },
		{ "UPDATE posting SET amount = 1000000 WHERE entry = 1 AND line = 1",
			"table posting, row 1/1: column amount: found 10000.00 KZT, expected 10.00 KZT" },
		{ "UPDATE payment SET expires_at = 0 WHERE number = 2",
			"column expires_at: found 1970-01-01T00:00:00Z, expected "
			"2026-03-02T06:00:00Z" },
		{ "UPDATE entry SET value_date = 0 WHERE number = 1",
			"table entry, row 1: column value_date: found 1970-01-01, expected 2026-03-01" },
		{ "UPDATE client SET name = 'mallory'",
			"table client, row 1: column name: found \"mallory\", expected \"portal\"" },
		{ "UPDATE attempt_step SET paid_on = NULL WHERE state = 5",
			"column paid_on: found nothing, expected 2026-03-01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_found(cases[i][0], cases[i][1], "");
	}
}

static void a_changed_schema_is_named(void **state)
{
	static const char *const cases[][3] = {
		{ "CREATE TABLE pocket (amount INTEGER); INSERT INTO pocket VALUES (1)",
			"row table pocket", "no schema of Alym has it" },
		{ "DROP INDEX suspense_open; DELETE FROM inbox", "row index suspense_open",
			"it is missing" },
		{ "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, "
		  "'amount <> 0', 'amount <> 1') WHERE name = 'posting'",
			"row table posting", "not as Alym makes it" },
		{ "CREATE TRIGGER sqlite0stat_1 AFTER INSERT ON event BEGIN DELETE FROM balance; "
		  "END; DELETE FROM inbox",
			"row trigger sqlite0stat_1", "no schema of Alym has it" },
		{ "PRAGMA user_version = 16; DELETE FROM inbox", "row user_version",
			"found 16, expected 18" },
		{ "PRAGMA application_id = 7; DELETE FROM inbox", "row application_id",
			"found 7, expected 0" },
	};
	sqlite3 *db = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_found(cases[i][0], cases[i][1], cases[i][2]);
	}
	verify_stage_copy(stage);
	assert_int_equal(sqlite3_open(stage->copy, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TRIGGER entry_seals", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(verify(stage->copy, NULL), 1);
	assert_string_equal(stage->told.bytes,
		"table sqlite_master, row trigger entry_seals: it is missing\n");
}

/* The index is what it was before a row was written, or says another order's number. */
static void an_index_that_lies_is_named(void **state)
{
	static const char hide[] =
		"PRAGMA writable_schema = ON;"
		"CREATE TEMP TABLE kept AS SELECT * FROM sqlite_master WHERE name = '%s';"
		"DELETE FROM sqlite_master WHERE name = '%s'; PRAGMA writable_schema = RESET; %s;"
		"PRAGMA writable_schema = ON; INSERT INTO sqlite_master SELECT * FROM kept;"
		"PRAGMA writable_schema = RESET";
	char sql[1024];

	(void)state;
	(void)snprintf(sql, sizeof(sql), hide, "suspense_entry", "suspense_entry",
		"INSERT INTO suspense VALUES (99, 1, 0, 1, 5, 1, 0)");
	assert_found(sql, "table suspense, row of an index", "suspense_entry");
	assert_found(sql, "table suspense, row 99", "nothing in the records makes it");
	(void)snprintf(sql, sizeof(sql), hide, "attempt_order_number", "attempt_order_number",
		"UPDATE attempt_order SET number = number + 1");
	assert_found(sql, "table attempt_order, row of an index", "attempt_order_number");
}

/* A backup has it still. */
static void what_was_erased_and_came_back_is_named(void **state)
{
	(void)state;
	assert_found("INSERT INTO erased SELECT 1, 12, record FROM erasure LIMIT 1",
		"table private, row 12", "erased it, and it is there");
}

/* Everything that is summed is changed so that it still sums up: the leaf tells. */
static void sums_that_agree_are_not_believed(void **state)
{
	(void)state;
	assert_found("UPDATE posting SET amount = amount + 50 WHERE entry = 1 AND line = 1;"
		     "UPDATE posting SET amount = amount - 50 WHERE entry = 1 AND line = 2;"
		     "UPDATE balance SET debit = debit + 50 WHERE account = 1;"
		     "UPDATE balance SET credit = credit + 50 WHERE account = 2;"
		     "UPDATE day_sum SET debit = debit + 50 WHERE account = 1;"
		     "UPDATE day_sum SET credit = credit + 50 WHERE account = 2",
		"table posting, row 1/2: column amount: found -10.50 KZT, expected -10.00 KZT", "");
}

/* A leaf is changed with all that follows from it: the tree tells, and every checkpoint. */
static void a_leaf_that_agrees_with_its_rows_is_not_believed(void **state)
{
	static const char sql[] =
		"UPDATE record SET leaf = CAST(replace(CAST(leaf AS TEXT), 'portal', 'mallet') AS "
		"BLOB) WHERE number = 2; UPDATE client SET name = 'mallet'";

	(void)state;
	assert_found(sql, "table tile, row 0/0: column hashes: found", "");
	assert_found(sql, "table record, row", "checkpoint of another root");
}

/* What the month of March was closed by, in the leaf and beside it. */
static void a_close_by_other_sums_is_named(void **state)
{
	static const char leaf[] =
		"UPDATE record SET leaf = CAST(replace(CAST(leaf AS TEXT), %s) AS BLOB) WHERE number "
		"= (SELECT record FROM period)";
	char sql[1024];

	(void)state;
	(void)snprintf(sql, sizeof(sql), leaf,
		"'\"currency\":\"KZT\",\"debit\":\"', '\"currency\":\"KZT\",\"debit\":\"9'");
	assert_found(sql, "table record, row", "closes the month by the totals [{\"credit\":\"");
	(void)snprintf(sql, sizeof(sql), leaf,
		"lower(hex((SELECT digest FROM period))), lower(hex(zeroblob(32)))");
	assert_found(sql, "table record, row", "other balances than its entries have");
	(void)snprintf(sql, sizeof(sql), leaf, "'\"last_entry\":\"', '\"last_entry\":\"1'");
	assert_found(sql, "table record, row", "other balances than its entries have");
	(void)snprintf(sql, sizeof(sql), leaf, "'\"accounts\":\"', '\"accounts\":\"1'");
	assert_found(sql, "table record, row", "other balances than its entries have");
	assert_found("UPDATE period_balance SET debit = debit + 100 WHERE line = 1",
		"table period_balance, row 202603/1: column debit: found", "");
	assert_found("UPDATE period SET digest = zeroblob(32)",
		"table period, row 202603: column digest: found", "");
}

static void root_of(const char *path, struct verify_options *options)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	const char *hex;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT size, json_extract(CAST(leaf AS TEXT), '$.body.root') FROM "
			"checkpoint JOIN record ON number = record LIMIT 1",
			-1, &row, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	options->size = (uint64_t)sqlite3_column_int64(row, 0);
	hex = (const char *)sqlite3_column_text(row, 1);
	assert_true(text_unhex(text_of(hex), &options->root, sizeof(options->root)));
	(void)sqlite3_finalize(row);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Another book altogether, signed by the owner's key: only who kept a checkpoint can tell. */
static void the_auditors_own_checkpoint_tells_another_book(void **state)
{
	struct verify_options mine = { .size = 0 };
	struct scene forged = { .salt = 0 };

	(void)state;
	root_of(stage->scene.path, &mine);
	assert_int_equal(verify(stage->scene.path, &mine), 0);
	scene_open(&forged);
	forged.salt = 100;
	full_build(&forged);
	assert_int_equal(verify(forged.path, NULL), 0);
	assert_int_equal(verify(forged.path, &mine), 1);
	assert_non_null(strstr(stage->told.bytes, "they are not those of your checkpoint"));
	scene_close(&forged);
	mine.size = 1000000;
	assert_int_equal(verify(stage->scene.path, &mine), 1);
	assert_non_null(strstr(stage->told.bytes, "your checkpoint has 1000000 records"));
}

static void a_note_by_another_key_is_named(void **state)
{
	(void)state;
	assert_found("UPDATE checkpoint SET note = replace(note, 'test', 'tent')",
		"table checkpoint, row", "column note: found");
}

/* ---- written anew ---- */

static bool rebuild(char fresh[160], struct err *err)
{
	(void)snprintf(fresh, 160, "%s.fresh", stage->copy);
	(void)unlink(fresh);
	return rebuild_file(stage->copy, fresh, stage->zone, err);
}

static void what_is_derived_is_mended(void **state)
{
	static const char *const cases[] = {
		"DELETE FROM payment",
		"DELETE FROM posting; DELETE FROM entry; DELETE FROM balance; DELETE FROM day_sum",
		"UPDATE balance SET debit = debit + 100",
		"DELETE FROM payment_change; DELETE FROM event; DELETE FROM suspense",
		"DELETE FROM tile; DELETE FROM keyset; DELETE FROM keyset_segment",
		"DELETE FROM account; DELETE FROM attempt_open; DELETE FROM payment_open",
		"DELETE FROM request; DELETE FROM act; DELETE FROM period; DELETE FROM reversal",
		("DROP TABLE event; DROP INDEX suspense_open; CREATE TABLE pocket (a); "
		 "INSERT INTO pocket VALUES (1)"),
	};
	struct err err = { 0 };
	char fresh[160];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		verify_stage_tamper(stage, cases[i]);
		if (!rebuild(fresh, &err)) {
			fail_msg("%s: %s", cases[i], err.message);
		}
		if (verify(fresh, NULL) != 0 || stage->told.size > 0) {
			fail_msg("%s:\n%s", cases[i], stage->told.bytes);
		}
		(void)unlink(fresh);
	}
}

static void what_only_a_row_has_is_not_made_up(void **state)
{
	static const char *const lost[] = {
		"UPDATE attempt SET return_url = 'https://elsewhere.example/'",
		"DELETE FROM private WHERE record = (SELECT record FROM payment WHERE number = 2)",
		"UPDATE rates SET feed = x'00'",
		"UPDATE book SET code_key = zeroblob(16)",
	};
	struct err err = { 0 };
	char fresh[160];

	(void)state;
	for (size_t i = 0; i < COUNT(lost); i++) {
		verify_stage_tamper(stage, lost[i]);
		assert_true(rebuild(fresh, &err));
		assert_int_not_equal(verify(fresh, NULL), 0);
		(void)unlink(fresh);
	}
	verify_stage_tamper(stage, "UPDATE record SET leaf = CAST('{}' AS BLOB) WHERE number = 20");
	assert_false(rebuild(fresh, &err));
	assert_non_null(strstr(err.message, "the journal itself is damaged"));
	verify_stage_tamper(stage, "DELETE FROM record WHERE number = 20");
	assert_false(rebuild(fresh, &err));
	assert_non_null(strstr(err.message, "record 20"));
	(void)unlink(fresh);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_book_has_no_fault),
		cmocka_unit_test(each_column_that_is_changed_is_named),
		cmocka_unit_test(rows_that_are_missing_or_too_many_are_named),
		cmocka_unit_test(a_fault_says_what_is_there_and_what_should_be),
		cmocka_unit_test(a_changed_schema_is_named),
		cmocka_unit_test(an_index_that_lies_is_named),
		cmocka_unit_test(what_was_erased_and_came_back_is_named),
		cmocka_unit_test(sums_that_agree_are_not_believed),
		cmocka_unit_test(a_leaf_that_agrees_with_its_rows_is_not_believed),
		cmocka_unit_test(a_close_by_other_sums_is_named),
		cmocka_unit_test(the_auditors_own_checkpoint_tells_another_book),
		cmocka_unit_test(a_note_by_another_key_is_named),
		cmocka_unit_test(what_is_derived_is_mended),
		cmocka_unit_test(what_only_a_row_has_is_not_made_up),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
