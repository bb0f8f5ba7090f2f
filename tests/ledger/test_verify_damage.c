/* SPDX-License-Identifier: Apache-2.0 */

/* What no statement of SQL would write, and what no leaf says: it is told, and nothing ends. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/derive.h"
#include "ledger/verify.h"
#include "tests/alym_test.h"
#include "tests/ledger/verify_stage.h"

/* Enough for whole tiles without a checkpoint, and for several ranges of entries. */
enum { CROWD = 1100, LEAVES_MAX = 160, KIND_MAX = 3, LEAF_SIZE = 20000 };

static struct verify_stage *stage;

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

/* What was found in the copy lies in stage->told. */
static void verify(bool quick)
{
	struct verify *verify = verify_stage_begin(stage, NULL);
	struct err err = { 0 };

	if (!(quick ? verify_quick(verify, stage->copy, NULL, &err)
		    : verify_file(verify, stage->copy, NULL, &err))) {
		buffer_add_string(&stage->told, err.message);
	}
	verify_free(&verify);
}

static void assert_told(const char *done, const char *what)
{
	if (strstr(stage->told.bytes, what) == NULL) {
		fail_msg("%s: not told: %s; but\n%.*s", done, what, (int)stage->told.size,
			stage->told.bytes);
	}
}

/* ---- the file ---- */

/* By other numbers in the bytes of their rows. */
static void rows_that_are_in_no_order_are_named(void **state)
{
	/* Numbers, and behind them how a row of their table begins: its size, its columns' types.
	 */
	static const char record[] = "\x82\x2c\x06\x00\x01\x04"; /* 300 */
	static const char entry[] = "\x87\x04\x0e\x00";          /* 900 */
	static const struct {
		struct verify_stage_bytes row;
		bool quick;
		const char *told;
	} cases[] = {
		{ { record, 6, "\x81\x00" }, true, "table record, row 128: it does not stand" },
		{ { record, 6, "\x82\x2d" }, true, "table record, row 301: it does not stand" },
		{ { record, 6, "\x87\x04" }, true, "table record, row 300: it is missing" },
		{ { entry, 4, "\x81\x00" }, true, "table entry, row 128: it does not stand" },
		{ { entry, 4, "\x87\x05" }, true, "table entry, row 901: it does not stand" },
		{ { entry, 4, "\xff\x00" }, true, "table posting, row 900/1: there is no such" },
		{ { record, 6, "\x81\x00" }, false, "table record, row 128: it does not stand" },
		{ { record, 6, "\x80\x00" }, false, "table record, row 0: it does not stand" },
		{ { record, 6, "\x87\x04" }, false, "table record, row 301: it does not stand" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		verify_stage_copy(stage);
		verify_stage_patch(stage, &cases[i].row);
		verify(cases[i].quick);
		assert_told(cases[i].quick ? "quick" : "full", cases[i].told);
	}
}

/* Rows too many, which are counted as far as a page that is none. */
static void what_can_not_be_counted_is_told(void **state)
{
	(void)state;
	verify_stage_tamper(stage,
		"INSERT INTO checkpoint WITH RECURSIVE n (i) AS (VALUES (100000) UNION ALL SELECT "
		"i + 1 FROM n WHERE i < 102000) SELECT i, i - 1, 'nobody signed it' FROM n;"
		"INSERT INTO balance VALUES (99, 5, 5, 1)");
	verify_stage_break(stage, "nobody signed it");
	verify(true);
	assert_told("checkpoint", "malformed");
	verify_stage_tamper(stage,
		"INSERT INTO book WITH RECURSIVE n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n "
		"WHERE i < 2000) SELECT i, 'nobodys', 1, zeroblob(16), 0 FROM n;"
		"INSERT INTO event VALUES (1, 99999, 1, 1, 1)");
	verify_stage_break(stage, "nobodys");
	verify(false);
	assert_told("book", "malformed");
}

/* A name as long as nobody would give, and an index of no type. */
static void the_schema_may_say_anything(void **state)
{
	char sql[1400];

	(void)state;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(sql, sizeof(sql),
			"CREATE TABLE \"%0600d\" (a); INSERT INTO \"%0600d\" VALUES (1)", 7, 7);
		verify_stage_tamper(stage, sql);
		verify(i == 0);
		assert_told(sql, "table sqlite_master, row table 0000");
		assert_told(sql, "0: no schema of Alym has it");
		verify_stage_tamper(stage,
			"PRAGMA writable_schema = ON; UPDATE sqlite_master SET type = NULL "
			"WHERE name = 'sqlite_autoindex_client_1'");
		verify(i == 0);
		assert_told("type", "row  sqlite_autoindex_client_1: no schema of Alym has it");
		verify_stage_tamper(stage,
			"CREATE TABLE \"a\nb\x1b\x7f\" (a); INSERT INTO \"a\nb\x1b\x7f\" VALUES (1)");
		verify(i == 0);
		assert_told("a line", "row table a?b??: no schema of Alym has it");
	}
}

/* ---- leaves ---- */

static void a_leaf_that_can_not_be_is_named(void **state)
{
	static const char change[] = "UPDATE record SET leaf = CAST(%s AS BLOB) WHERE number = "
				     "(SELECT record FROM entry WHERE operation <> '' LIMIT 1)";
	static const char *const cases[][2] = {
		{ "replace(CAST(leaf AS TEXT), '\"gateway\":\"', '\"gateway\":\"-')",
			"has an operation of no gateway there is" },
		{ "replace(CAST(leaf AS TEXT), '\"gateway\":\"', '\"gateway\":\"9')",
			"has an operation of no gateway there is" },
		{ "replace(replace(CAST(leaf AS TEXT), 'KZT', 'xyz'), '1000\"', '2000\"')",
			"table posting, row 1/1: column amount: found 1000, expected 2000" },
		{ "'{\"at\":\"\\n' || hex(zeroblob(100000)) || '\"}'",
			"column leaf: is longer than 16384 bytes" },
		{ "x''", "has no { where it must be" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char sql[400];

		(void)snprintf(sql, sizeof(sql), change, cases[i][0]);
		verify_stage_tamper(stage, sql);
		verify(false);
		assert_told(sql, cases[i][1]);
	}
	verify_stage_tamper(stage, "UPDATE account SET currency = 'xyz' WHERE number = 1; "
				   "UPDATE balance SET debit = debit + 1 WHERE account = 1");
	verify(true);
	assert_told("currency", "table balance, row 1: column debit: found");
}

struct leaf_of {
	int kind;
	int64_t booked_at;
	size_t size;
	char bytes[LEAF_SIZE];
};

struct heard {
	int64_t rows;
	int64_t faults;
};

static void hear_row(void *context, enum shape_table table, const struct shape_cell *cells)
{
	struct heard *heard = context;

	(void)table;
	(void)cells;
	heard->rows++;
}

static struct text hear_committed(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	(void)context;
	(void)table;
	(void)record;
	(void)commitment;
	return TEXT("");
}

static void hear_checkpoint(void *context, int64_t record, uint64_t size,
	const struct tree_hash *root, struct text note)
{
	(void)context;
	(void)record;
	(void)size;
	(void)root;
	(void)note;
}

static void hear_fault(void *context, int64_t record, const char *why)
{
	struct heard *heard = context;

	(void)record;
	assert_true(why[0] != '\0');
	heard->faults++;
}

static bool hear_card(void *context, int64_t payment, int64_t record, struct derive_card *card)
{
	(void)context;
	(void)payment;
	(void)record;
	(void)card;
	return false;
}

static size_t read_leaves(struct leaf_of *leaves)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	size_t count = 0;

	assert_int_equal(sqlite3_open_v2(stage->scene.path, &db, SQLITE_OPEN_READONLY, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT kind, booked_at, leaf FROM record ORDER BY number LIMIT ?",
				 -1, &row, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_bind_int(row, 1, LEAVES_MAX), SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW) {
		struct leaf_of *l = &leaves[count++];

		l->kind = sqlite3_column_int(row, 0);
		l->booked_at = sqlite3_column_int64(row, 1);
		l->size = (size_t)sqlite3_column_bytes(row, 2);
		assert_true(l->size < sizeof(l->bytes));
		memcpy(l->bytes, sqlite3_column_blob(row, 2), l->size);
	}
	assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return count;
}

/* All of them, but for `other` in the place of that one. */
static int64_t derive_all(const struct leaf_of *leaves, size_t count, size_t at, struct text other)
{
	struct heard heard = { .rows = 0 };
	const struct derive_sink sink = { .context = &heard,
		.row = hear_row,
		.committed = hear_committed,
		.checkpoint = hear_checkpoint,
		.fault = hear_fault,
		.card = hear_card };
	struct derive *derive = derive_new(&sink, stage->zone);
	struct digest *digest = digest_new();
	const uint8_t key[CODE_KEY_SIZE] = { 1 };
	struct seal seal;

	seal_init(&seal, digest, key);
	derive_set_seal(derive, &seal);
	for (size_t i = 0; i < count; i++) {
		const struct leaf_of *l = &leaves[i];

		derive_record(derive, (int64_t)i + 1, l->kind, l->booked_at,
			i == at ? other : (struct text){ l->bytes, l->size });
	}
	derive_end(derive);
	derive_free(&derive);
	digest_free(&digest);
	return heard.faults;
}

/* A leaf with another value in the place of the one that begins there. */
static void with_value(const struct leaf_of *l, size_t begin, const char *value, struct buffer *out)
{
	const char *end = memchr(l->bytes + begin, '"', l->size - begin);

	assert_non_null(end);
	buffer_reset(out);
	buffer_add(out, (struct text){ l->bytes, begin });
	buffer_add_string(out, value);
	buffer_add(out, (struct text){ end, (size_t)(l->bytes + l->size - end) });
}

/* Each value of some leaves of each kind, in turn: whatever it says, it is derived to its end. */
static void any_value_of_a_leaf_is_derived(void **state)
{
	static const char *const values[] = { "", "0", "-1", "1", "7", "2147483648",
		"9223372036854775807", "-9223372036854775807", "xyz", "\\u0000", "2026-03-01",
		"9999-12-31T23:59:59Z" };
	struct leaf_of *leaves = calloc(LEAVES_MAX, sizeof(*leaves));
	int seen[KIND_RECORD_END] = { 0 };
	struct buffer other;
	int64_t cases = 0;
	size_t count;

	(void)state;
	assert_non_null(leaves);
	buffer_init(&other, LEAF_SIZE + 100);
	count = read_leaves(leaves);
	assert_int_equal(derive_all(leaves, count, count, TEXT("")), 0);
	for (size_t i = 0; i < count; i++) {
		const struct leaf_of *l = &leaves[i];

		if (seen[l->kind]++ >= KIND_MAX) {
			continue;
		}
		for (size_t at = 2; at < l->size; at++) {
			if (l->bytes[at - 1] != '"' || l->bytes[at - 2] != ':') {
				continue;
			}
			for (size_t k = 0; k < COUNT(values); k++) {
				with_value(l, at, values[k], &other);
				(void)derive_all(leaves, count, i, buffer_text(&other));
				cases++;
			}
		}
	}
	assert_true(cases > 1000);
	buffer_done(&other);
	free(leaves);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_that_are_in_no_order_are_named),
		cmocka_unit_test(what_can_not_be_counted_is_told),
		cmocka_unit_test(the_schema_may_say_anything),
		cmocka_unit_test(a_leaf_that_can_not_be_is_named),
		cmocka_unit_test(any_value_of_a_leaf_is_derived),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
