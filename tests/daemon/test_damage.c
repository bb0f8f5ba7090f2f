/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever stands in a column of the file, no question about it ends the daemon. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/export.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"
#include "tests/ledger/verify_stage.h"

enum { COLUMNS_MAX = 400, NAME_SIZE = 64, LATE_S = 20, ORDERED = 8 };

/* What looks at rows, each in its own way.  The full book has no law: where a quote or an article
 * is needed, it fails. */
static const struct target {
	const char *path;
	int sound; /* what a sound book answers */
} targets[] = {
	{ "/metrics", 200 },
	{ "/v1/payments?limit=20", 200 },
	{ "/v1/payments?reference=P-1", 200 },
	{ "/v1/payments/recompute?limit=20", 200 },
	{ "/v1/payments/p1-1", 200 },
	{ "/v1/payments/p1-11", 500 },
	{ "/v1/payments/p1-1/recompute", 200 },
	{ "/v1/payments/p1-11/recompute", 200 },
	{ "/v1/events?limit=10", 200 },
	{ "/v1/rates?date=2026-03-01", 200 },
	{ "/v1/periods", 200 },
	{ "/v1/periods/2026-03", 200 },
	{ "/v1/ledger/accounts", 200 },
	{ "/v1/ledger/balances", 200 },
	{ "/v1/ledger/balances?as_of=2026-03-01", 200 },
	{ "/v1/ledger/balances?as_of=2026-03-01&axis=value", 200 },
	{ "/v1/ledger/balances?as_of_record=60", 200 },
	{ "/v1/ledger/balances?as_of=2026-04-02&as_of_record=20", 200 },
	{ "/v1/ledger/entries?account=clearing:sandbox&from=2026-03-01", 200 },
	{ "/v1/ledger/entries?axis=value&to=2026-03-02&service=visa.multiple&limit=20", 200 },
	{ "/v1/ledger/entries?payment=p1-1", 200 },
	{ "/v1/ledger/entries/1", 200 },
	{ "/v1/ledger/entries/2", 200 },
	{ "/v1/ledger/entries/1/evidence", 503 },
	{ "/v1/ledger/records/1", 200 },
	{ "/v1/ledger/records/9", 200 },
	{ "/v1/ledger/records/10/private", 200 },
	{ "/v1/ledger/records/9/evidence", 200 },
	{ "/v1/ledger/checkpoint", 200 },
	{ "/v1/ledger/key", 200 },
	{ "/v1/ledger/proofs/inclusion?record=9", 200 },
	{ "/v1/ledger/proofs/consistency?first=20&second=280", 200 },
	{ "/v1/ledger/tlog/tile/0/000", 200 },
	{ "/v1/ledger/tlog/tile/1/000.p/1", 200 },
	{ "/v1/ledger/tlog/tile/entries/000", 200 },
	{ "/v1/reports/trial-balance?from=2026-03-01&axis=value", 200 },
	{ "/v1/reports/relief?from=2026-03-01&axis=value", 503 },
	{ "/v1/reports/settlement", 200 },
	{ "/v1/reports/settlement?from=2026-03-01&axis=value", 200 },
};

/* What the schema's types let in, and Alym writes to no column, or to few. */
static const char *const integers[] = { "2147483648", "9223372036854775807" };
static const char *const texts[] = { "'ZZZ'", "printf('%.70000c', 'a')" };
static const char *const blobs[] = { "x''" };

struct column {
	char table[NAME_SIZE];
	char name[NAME_SIZE];
	char type[NAME_SIZE];
};

static struct verify_stage *stage;
static struct world *world;
static struct column columns[COLUMNS_MAX];
static size_t column_count;

static void list_columns(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *rows = NULL;

	assert_int_equal(sqlite3_open(stage->scene.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT m.name, c.name, c.type FROM sqlite_schema AS m, "
				 "pragma_table_info(m.name) AS c WHERE m.type = 'table' "
				 "AND m.name NOT LIKE 'sqlite%'",
				 -1, &rows, NULL),
		SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		struct column *c = &columns[column_count++];

		assert_true(column_count <= COLUMNS_MAX);
		(void)snprintf(c->table, NAME_SIZE, "%s", sqlite3_column_text(rows, 0));
		(void)snprintf(c->name, NAME_SIZE, "%s", sqlite3_column_text(rows, 1));
		(void)snprintf(c->type, NAME_SIZE, "%s", sqlite3_column_text(rows, 2));
	}
	(void)sqlite3_finalize(rows);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_true(column_count > 100);
}

static int open_stage(void **state)
{
	(void)state;
	stage = verify_stage_new(0);
	world = world_new(stage->scene.now);
	list_columns();
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	world_free(&world);
	verify_stage_free(&stage);
	return 0;
}

/* In every row where the keys allow it, by the file's owner. */
static void damage(const struct column *column, const char *value)
{
	char sql[512];
	sqlite3 *db = NULL;

	verify_stage_copy(stage);
	assert_int_equal(sqlite3_open(stage->copy, &db), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql),
		"PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF; "
		"UPDATE OR IGNORE %s SET %s = %s",
		column->table, column->name, value);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* What programs take, whole; gives how often a step of it failed. */
static int export_all(struct reader *reader)
{
	struct walk_entry *rows = mem_new(WALK_ENTRIES_MAX, sizeof(*rows));
	struct buffer out;
	int failed = 0;

	buffer_init(&out, 1 << 24);
	for (int format = EXPORT_BEANCOUNT; format <= EXPORT_CSV; format++) {
		struct export_head head = { .day_from = DATE_NONE, .day_until = DATE_NONE };
		struct export *export = export_new((enum export_format)format, &head);
		struct walk_span span = { 1, 0 };
		size_t count = 0;
		bool sound = walk_span(reader, INT32_MAX, DATE_NONE, DATE_NONE, &span, NULL);

		export_begin(export, &out);
		while (sound && span.first <= span.last) {
			sound = walk_step(reader, &span, rows, &count, NULL);
			for (size_t i = 0; sound && i < count; i++) {
				export_entry(export, &rows[i], &out);
				span.first = rows[i].number + 1;
			}
		}
		while (!export_end(export, &out)) {
		}
		export_free(&export);
		failed += sound ? 0 : 1;
	}
	buffer_done(&out);
	free(rows);
	return failed;
}

/* What the daemon asks for itself; gives how many of it failed. */
static int ask_within(struct reader *reader)
{
	struct reader_page page = { .limit = 100 };
	struct waiting_attempt waiting[100];
	struct generation_row generation;
	struct job_erased erased[100];
	struct kept_message message;
	struct payment_view payment;
	struct attempt_view attempt;
	struct buffer arena;
	int64_t numbers[100];
	int failed = 0;

	buffer_init(&arena, 1 << 20);
	payment_view_init(&payment);
	failed += !reader_waiting(reader, &page, waiting, NULL);
	failed += !reader_overdue(reader, INT64_MAX, &page, numbers, NULL);
	failed += !reader_attempts_since(reader, 0, INT64_MAX, &page, waiting, NULL);
	failed += !reader_retention(reader, JOB_SOURCE_PRIVATE, INT64_MAX, &page, erased, NULL);
	failed += !reader_retention(reader, JOB_SOURCE_EVIDENCE, INT64_MAX, &page, erased, NULL);
	failed += reader_generation(reader, &generation, NULL) != READER_FOUND;
	failed += reader_kept(reader, 0, &message, &arena, NULL) != READER_FOUND;
	failed +=
		reader_attempt(reader, ORDERED * 16 + 1, &payment, &attempt, NULL) != READER_FOUND;
	if (failed == 0) {
		char token[CODE_TOKEN_SIZE];

		(void)reader_attempt_token(reader, &attempt, token);
	}
	payment_view_done(&payment);
	buffer_done(&arena);
	return failed;
}

/* Asks the copy everything. */
static void ask(int status[COUNT(targets)], int *failed)
{
	const unsigned roles = WORLD_SERVICE | WORLD_AUDITOR | WORLD_OPERATOR;
	struct reader *own = world->reader;
	struct reader *reader = NULL;

	if (!reader_open(stage->copy, NULL, &reader, NULL)) {
		return; /* and the daemon does not begin */
	}
	world->reader = reader;
	for (size_t i = 0; i < COUNT(targets); i++) {
		(void)alarm(LATE_S);
		status[i] = world_as(world, roles, "portal", targets[i].path);
	}
	*failed = export_all(reader) + ask_within(reader);
	(void)alarm(0);
	reader_close(&reader);
	world->reader = own;
}

static void a_sound_book_is_asked_everything(void **state)
{
	int status[COUNT(targets)] = { 0 };
	int failed = -1;

	(void)state;
	verify_stage_copy(stage);
	ask(status, &failed);
	assert_int_equal(failed, 0);
	for (size_t i = 0; i < COUNT(targets); i++) {
		if (status[i] != targets[i].sound) {
			fail_msg("%s: %d", targets[i].path, status[i]);
		}
	}
}

/* In a process of its own, so that all that ends one is told. */
static bool survives(const struct column *column, const char *value)
{
	int ended = 0;
	pid_t child;

	damage(column, value);
	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int status[COUNT(targets)];
		int failed;

		ask(status, &failed);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &ended, 0), child);
	if (ended != 0) {
		print_error("%s.%s = %s: status %d\n", column->table, column->name, value, ended);
	}
	return ended == 0;
}

static int falls(const struct column *column, const char *const *values, size_t count)
{
	int fallen = 0;

	for (size_t i = 0; i < count; i++) {
		fallen += survives(column, values[i]) ? 0 : 1;
	}
	return fallen;
}

static void nothing_in_a_column_ends_the_daemon(void **state)
{
	int fallen = 0;

	(void)state;
	for (size_t i = 0; i < column_count; i++) {
		const struct column *c = &columns[i];

		if (strcmp(c->type, "INTEGER") == 0) {
			fallen += falls(c, integers, COUNT(integers));
		} else if (strcmp(c->type, "TEXT") == 0) {
			fallen += falls(c, texts, COUNT(texts));
		} else {
			fallen += falls(c, blobs, COUNT(blobs));
		}
	}
	assert_int_equal(fallen, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_book_is_asked_everything),
		cmocka_unit_test(nothing_in_a_column_ends_the_daemon),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
