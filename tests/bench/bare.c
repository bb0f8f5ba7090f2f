/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bare.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "tests/bench/latency.h"

enum { BARE_TABLES_MAX = 64, BARE_COLUMNS_MAX = 32, BARE_SQL_SIZE = 512 };

struct bare_table {
	char name[64];
	int columns;
	int64_t rows;
	int64_t written;
	sqlite3_stmt *read;
	sqlite3_stmt *write;
};

/* The rows of one commit, read beforehand. */
struct bare_rows {
	sqlite3_value **values;
	size_t count;
	size_t capacity;
};

struct bare {
	sqlite3 *from;
	sqlite3 *to;
	struct bare_table tables[BARE_TABLES_MAX];
	struct bare_rows rows[BARE_TABLES_MAX];
	size_t count;
	struct err *err;
};

static bool bare_fail(struct bare *b, sqlite3 *db, const char *doing)
{
	return err_set(b->err, ERR_DATABASE, "%s: %s", doing, sqlite3_errmsg(db));
}

static bool bare_exec(struct bare *b, const char *sql)
{
	return sqlite3_exec(b->to, sql, NULL, NULL, NULL) == SQLITE_OK || bare_fail(b, b->to, sql);
}

static bool bare_prepare(struct bare *b, sqlite3 *db, sqlite3_stmt **statement, const char *format,
	const char *name)
{
	char sql[BARE_SQL_SIZE];

	(void)sqlite3_snprintf((int)sizeof(sql), sql, format, name);
	return sqlite3_prepare_v2(db, sql, -1, statement, NULL) == SQLITE_OK ||
	       bare_fail(b, db, sql);
}

static bool bare_take_table(struct bare *b, const char *name)
{
	struct bare_table *t = &b->tables[b->count++];
	char insert[BARE_SQL_SIZE];
	size_t size;
	sqlite3_stmt *counting = NULL;

	assert(b->count <= BARE_TABLES_MAX);

	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	if (!bare_prepare(b, b->from, &counting, "SELECT count(*) FROM %s", name) ||
		!bare_prepare(b, b->from, &t->read, "SELECT * FROM %s", name)) {
		return false;
	}
	if (sqlite3_step(counting) == SQLITE_ROW) {
		t->rows = sqlite3_column_int64(counting, 0);
	}
	(void)sqlite3_finalize(counting);
	t->columns = sqlite3_column_count(t->read);
	assert(t->columns <= BARE_COLUMNS_MAX);
	size = (size_t)snprintf(insert, sizeof(insert), "INSERT INTO %%s VALUES (?");
	for (int i = 1; i < t->columns; i++) {
		size += (size_t)snprintf(insert + size, sizeof(insert) - size, ", ?");
	}
	(void)snprintf(insert + size, sizeof(insert) - size, ")");
	return bare_prepare(b, b->to, &t->write, insert, name);
}

/* The same tables and indexes, without triggers. */
static bool bare_take_schema(struct bare *b)
{
	sqlite3_stmt *schema = NULL;
	bool ok = bare_prepare(b, b->from, &schema,
		"SELECT type, name, sql FROM %s WHERE type IN ('table', 'index') "
		"AND sql IS NOT NULL ORDER BY type DESC",
		"sqlite_master");

	while (ok && sqlite3_step(schema) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(schema, 0);
		const char *name = (const char *)sqlite3_column_text(schema, 1);

		ok = bare_exec(b, (const char *)sqlite3_column_text(schema, 2)) &&
		     (strcmp(type, "table") != 0 || bare_take_table(b, name));
	}
	(void)sqlite3_finalize(schema);
	return ok;
}

/* Reads a table's share of the next commit. */
static bool bare_read(struct bare *b, size_t at, int64_t until)
{
	struct bare_table *t = &b->tables[at];
	struct bare_rows *rows = &b->rows[at];

	rows->count = 0;
	for (; t->written < until; t->written++) {
		if (sqlite3_step(t->read) != SQLITE_ROW) {
			return bare_fail(b, b->from, "read");
		}
		if (rows->count + (size_t)t->columns > rows->capacity) {
			rows->capacity = rows->capacity * 2 + BARE_COLUMNS_MAX;
			rows->values =
				mem_grow(rows->values, rows->capacity, sizeof(sqlite3_value *));
		}
		for (int i = 0; i < t->columns; i++) {
			rows->values[rows->count++] =
				sqlite3_value_dup(sqlite3_column_value(t->read, i));
		}
	}
	return true;
}

static bool bare_put(struct bare *b, size_t at)
{
	struct bare_table *t = &b->tables[at];
	const struct bare_rows *rows = &b->rows[at];

	for (size_t row = 0; row < rows->count; row += (size_t)t->columns) {
		for (int i = 0; i < t->columns; i++) {
			(void)sqlite3_bind_value(t->write, i + 1, rows->values[row + (size_t)i]);
		}
		if (sqlite3_step(t->write) != SQLITE_DONE) {
			return bare_fail(b, b->to, t->name);
		}
		(void)sqlite3_reset(t->write);
	}
	return true;
}

static void bare_forget(struct bare_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		sqlite3_value_free(rows->values[i]);
	}
	rows->count = 0;
}

static int64_t bare_ns(clockid_t clock)
{
	struct timespec t;
	int rc = clock_gettime(clock, &t);

	assert(rc == 0);
	(void)rc;
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct bare_times {
	struct latency latency;
	int64_t took_ns;
	int64_t cpu_ns;
};

/* Reads and writes commit `n` of `commits`; the times are of the writing. */
static bool bare_commit(struct bare *b, int64_t n, int64_t commits, struct bare_times *times)
{
	int64_t began;
	int64_t cpu;
	bool ok = true;

	for (size_t i = 0; ok && i < b->count; i++) {
		ok = bare_read(b, i, b->tables[i].rows * n / commits);
	}
	began = bare_ns(CLOCK_MONOTONIC);
	cpu = bare_ns(CLOCK_PROCESS_CPUTIME_ID);
	ok = ok && bare_exec(b, "BEGIN IMMEDIATE");
	for (size_t i = 0; ok && i < b->count; i++) {
		ok = bare_put(b, i);
	}
	ok = ok && bare_exec(b, "COMMIT");
	times->cpu_ns += bare_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	began = bare_ns(CLOCK_MONOTONIC) - began;
	times->took_ns += began;
	latency_add(&times->latency, began);
	for (size_t i = 0; i < b->count; i++) {
		bare_forget(&b->rows[i]);
	}
	return ok;
}

static int64_t bare_payments(const struct bare *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(b->tables[i].name, "payment") == 0) {
			return b->tables[i].rows;
		}
	}
	return 0;
}

static bool bare_run(struct bare *b, int64_t group)
{
	int64_t payments = bare_payments(b);
	int64_t commits = (payments + group - 1) / group;
	struct bare_times times = { .took_ns = 0 };
	bool ok = payments > 0 || err_set(b->err, ERR_INPUT, "the book has no payments");

	latency_init(&times.latency);
	for (int64_t n = 1; ok && n <= commits; n++) {
		ok = bare_commit(b, n, commits, &times);
	}
	latency_sort(&times.latency);
	if (ok) {
		printf("{\"payments\":%" PRId64 ",\"per_second\":%.0f,\"cpu_us_each\":%.1f"
		       ",\"commit_p50_us\":%" PRIu32 ",\"commit_p99_us\":%" PRIu32 "}\n",
			payments, (double)payments * 1e9 / (double)times.took_ns,
			(double)times.cpu_ns / 1e3 / (double)payments,
			latency_at(&times.latency, 500), latency_at(&times.latency, 990));
	}
	latency_done(&times.latency);
	return ok;
}

static void bare_close(struct bare *b)
{
	for (size_t i = 0; i < b->count; i++) {
		(void)sqlite3_finalize(b->tables[i].read);
		(void)sqlite3_finalize(b->tables[i].write);
		free(b->rows[i].values);
	}
	(void)sqlite3_close(b->from);
	(void)sqlite3_close(b->to);
}

bool bare_write(const char *from, const char *to, int64_t group, struct err *err)
{
	struct bare b = { .err = err };
	bool ok = false;

	assert(group > 0);

	if (sqlite3_open_v2(from, &b.from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
		sqlite3_open_v2(to, &b.to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
			SQLITE_OK) {
		(void)err_set(err, ERR_DATABASE, "open %s and %s", from, to);
	} else {
		ok = bare_exec(&b, "PRAGMA journal_mode = WAL") &&
		     bare_exec(&b, "PRAGMA synchronous = FULL") &&
		     bare_exec(&b, "PRAGMA cache_size = -65536") && bare_take_schema(&b) &&
		     bare_run(&b, group);
	}
	bare_close(&b);
	return ok;
}
