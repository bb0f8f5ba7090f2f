/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/schema.h"
#include "ledger/store_log.h"
#include "ledger/store_sqlite.h"

struct store {
	sqlite3 *db;
	bool lent;             /* the connection is not ours */
	struct store_log *log; /* the writer's, for who syncs beside it */
	enum store_mode mode;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared at first use, kept */
	sqlite3_stmt *rows;                  /* the one being walked */
	int log_pages;                       /* in the log after the last commit */
	int log_due;                         /* so many call for a checkpoint */
	bool scrubs;                         /* the log holds what was erased */
	bool failed;
	struct err err;
};

enum {
	STORE_BUSY_MS = 5000,
	STORE_WAIT_MS = 250, /* for readers, whose transactions end within it */
	STORE_CHECKPOINT_PAGES = 1000,
	STORE_CACHE_KIB = 65536
};

static void store_fail(struct store *s, const char *doing)
{
	assert(s != NULL);
	assert(doing != NULL);

	if (!s->failed) {
		s->failed = true;
		(void)err_set(&s->err, ERR_DATABASE, "%s: %s (SQLite %d)", doing,
			sqlite3_errmsg(s->db), sqlite3_extended_errcode(s->db));
	}
}

/* A PRAGMA must not only be set but be so: SQLite ignores what it does not like. */
static bool store_pragma_is(struct store *s, const char *pragma, const char *expected,
	struct err *err)
{
	sqlite3_stmt *statement = NULL;
	const char *value = NULL;
	bool ok = false;

	assert(pragma != NULL);
	assert(expected != NULL);

	if (sqlite3_prepare_v2(s->db, pragma, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		value = (const char *)sqlite3_column_text(statement, 0);
		ok = value != NULL && strcmp(value, expected) == 0;
	}
	if (!ok) {
		(void)err_set(err, ERR_DATABASE, "%s is %s and not %s", pragma,
			value != NULL ? value : "nothing", expected);
	}
	(void)sqlite3_finalize(statement);
	return ok;
}

/*
 * A process that was killed between the write and the sync left commits that only the page cache
 * has.  We read them like all others and may say "repeated" without writing anything, so they go to
 * disk first: the log is synced, moved into the file, and that is synced.
 */
static bool store_harden(struct store *s, struct err *err)
{
	int frames = 0;
	int moved = 0;

	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	if (sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved) !=
		SQLITE_OK) {
		return err_set(err, ERR_DATABASE, "put the log of the book on disk: %s",
			sqlite3_errmsg(s->db));
	}
	if (moved != frames) {
		return err_set(err, ERR_DATABASE,
			"put the log of the book on disk: another program reads an older state");
	}
	/* It may hold what was erased just before the end.  Where another program reads, it stays.
	 */
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return true;
}

/* SQLite's own checkpoints hide what goes wrong in them, so we run ours: store_end(). */
static int store_logged(void *context, sqlite3 *db, const char *name, int pages)
{
	struct store *s = context;

	assert(s->db == db);
	assert(name != NULL);

	if (pages < s->log_pages) { /* it begins anew */
		s->log_due = STORE_CHECKPOINT_PAGES;
	}
	s->log_pages = pages;
	return SQLITE_OK;
}

bool store_sync(struct store *s, struct err *err)
{
	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	/* It fails once, and the next may succeed. */
	s->failed = s->failed || !store_sqlite_sync_log(s->db, &s->err);
	if (s->failed) {
		store_explain(s, err);
	}
	return !s->failed;
}

bool store_sync_beside(struct store *s, struct err *err)
{
	assert(s != NULL);

	return store_log_sync(s->log, err);
}

static bool store_settle(struct store *s, struct err *err)
{
	char text[64];

	assert(s != NULL);

	(void)sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	if (s->mode == STORE_READ) {
		/* A reader never checkpoints: only the writer may (SQLite's WAL-reset bug). */
		return store_sqlite_run(s->db,
			       "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0", err) &&
		       store_pragma_is(s, "PRAGMA query_only", "1", err) &&
		       store_pragma_is(s, "PRAGMA wal_autocheckpoint", "0", err);
	}
	(void)sqlite3_snprintf((int)sizeof(text), text,
		"PRAGMA cache_size = -%d; PRAGMA wal_autocheckpoint = 0", STORE_CACHE_KIB);
	if (!store_sqlite_run(s->db,
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;"
		    "PRAGMA secure_delete = ON",
		    err) ||
		!store_sqlite_run(s->db, text, err) ||
		!store_pragma_is(s, "PRAGMA journal_mode", "wal", err) ||
		!store_pragma_is(s, "PRAGMA synchronous", "1", err) ||
		!store_pragma_is(s, "PRAGMA secure_delete", "1", err) ||
		!store_pragma_is(s, "PRAGMA wal_autocheckpoint", "0", err)) {
		return false;
	}
	(void)sqlite3_wal_hook(s->db, store_logged, s);
	return store_harden(s, err) && schema_bring(s->db, err) && store_sync(s, err);
}

bool store_open(const char *path, const char *vfs, enum store_mode mode, struct store **store,
	struct err *err)
{
	struct store *s = mem_new(1, sizeof(*s));
	int flags = SQLITE_OPEN_NOMUTEX;
	bool ok = false;

	assert(path != NULL);
	assert(store != NULL);

	/* SQLite counts its memory under a lock otherwise; after the first open this is refused,
	 * and was done. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	s->mode = mode;
	s->log_due = STORE_CHECKPOINT_PAGES;
	if (mode == STORE_WRITE && !store_log_renew(path, vfs, err)) {
		goto out;
	}
	flags |= mode == STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
				     : SQLITE_OPEN_READONLY;
	if (sqlite3_open_v2(path, &s->db, flags, vfs) != SQLITE_OK) {
		(void)err_set(err, ERR_DATABASE, "open %s: %s", path, sqlite3_errmsg(s->db));
		goto out;
	}
	if (!store_settle(s, err) ||
		(mode == STORE_WRITE && !store_log_open(path, vfs, &s->log, err))) {
		goto out;
	}
	*store = s;
	s = NULL;
	ok = true;
out:
	store_close(&s);
	return ok;
}

void store_close(struct store **store)
{
	struct store *s;

	assert(store != NULL);

	s = *store;
	*store = NULL;
	if (s == NULL) {
		return;
	}
	for (size_t i = 0; i < SQL_COUNT; i++) {
		(void)sqlite3_finalize(s->statements[i]);
	}
	if (!s->lent) {
		/* A sync that failed is told once: the next would call safe what never reached the
		 * disk, and delete the log that has it. */
		if (s->failed || store_log_failed(s->log)) {
			(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
				(int *)NULL);
		}
		(void)sqlite3_close(s->db);
	}
	store_log_close(&s->log);
	free(s);
}

struct store *store_lend(sqlite3 *db)
{
	struct store *s = mem_new(1, sizeof(*s));

	assert(db != NULL);

	s->db = db;
	s->lent = true;
	s->mode = STORE_WRITE;
	return s;
}

sqlite3 *store_sqlite(struct store *s)
{
	assert(s != NULL);
	assert(s->db != NULL);

	return s->db;
}

static bool store_bind_one(sqlite3_stmt *statement, int i, const struct store_value *v)
{
	assert(statement != NULL);
	assert(i > 0);

	switch (v->type) {
	case STORE_INT:
		return sqlite3_bind_int64(statement, i, v->integer) == SQLITE_OK;
	case STORE_TEXT:
		return sqlite3_bind_text(statement, i, v->text.size > 0 ? v->text.bytes : "",
			       (int)v->text.size, SQLITE_STATIC) == SQLITE_OK;
	case STORE_BLOB:
		return sqlite3_bind_blob(statement, i, v->text.size > 0 ? v->text.bytes : "",
			       (int)v->text.size, SQLITE_STATIC) == SQLITE_OK;
	case STORE_NULL:
		break;
	}
	return sqlite3_bind_null(statement, i) == SQLITE_OK;
}

/* NULL when something has failed before, or now. */
static sqlite3_stmt *store_bind(struct store *s, enum sql sql, const struct store_value *values,
	size_t count)
{
	sqlite3_stmt **statement = &s->statements[sql];

	assert(sql < SQL_COUNT);
	assert(values != NULL || count == 0);

	if (s->failed) {
		return NULL;
	}
	if (*statement == NULL &&
		sqlite3_prepare_v3(s->db, sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
			NULL) != SQLITE_OK) {
		store_fail(s, sql_texts[sql]);
		return NULL;
	}
	assert(sqlite3_bind_parameter_count(*statement) == (int)count);
	for (size_t i = 0; i < count; i++) {
		if (!store_bind_one(*statement, (int)i + 1, &values[i])) {
			store_fail(s, "bind");
			return NULL;
		}
	}
	return *statement;
}

void store_put(struct store *s, enum sql sql, const struct store_value *values, size_t count)
{
	sqlite3_stmt *statement;

	assert(s != NULL);
	assert(s->rows == NULL);

	/* Some errors, of any statement of the connection, roll back by themselves; what is written
	 * after that would be a transaction of its own. */
	if (!s->failed && sqlite3_get_autocommit(s->db) != 0) {
		store_fail(s, "write outside a transaction");
	}
	statement = store_bind(s, sql, values, count);
	if (statement == NULL) {
		return;
	}
	if (sqlite3_step(statement) != SQLITE_DONE) {
		store_fail(s, "write the book");
	}
	/* A statement left un-reset would pin the transaction open. */
	(void)sqlite3_reset(statement);
}

void store_begin_rows(struct store *s, enum sql sql, const struct store_value *values, size_t count)
{
	assert(s != NULL);
	assert(s->rows == NULL);

	s->rows = store_bind(s, sql, values, count);
}

bool store_row(struct store *s)
{
	int rc;

	assert(s != NULL);

	if (s->rows == NULL) {
		return false;
	}
	rc = sqlite3_step(s->rows);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		store_fail(s, "read the book");
	}
	return rc == SQLITE_ROW;
}

void store_end_rows(struct store *s)
{
	assert(s != NULL);

	if (s->rows != NULL) {
		(void)sqlite3_reset(s->rows);
		s->rows = NULL;
	}
}

int64_t store_int(struct store *s, int column)
{
	assert(s != NULL);
	assert(s->rows != NULL);

	return sqlite3_column_int64(s->rows, column);
}

bool store_is_null(struct store *s, int column)
{
	assert(s != NULL);
	assert(s->rows != NULL);

	return sqlite3_column_type(s->rows, column) == SQLITE_NULL;
}

struct text store_text(struct store *s, int column)
{
	struct text t;

	assert(s != NULL);
	assert(s->rows != NULL);

	t.bytes = sqlite3_column_blob(s->rows, column);
	t.size = (size_t)sqlite3_column_bytes(s->rows, column);
	if (t.bytes == NULL) {
		t = TEXT("");
	}
	return t;
}

void store_damaged(struct store *s, const char *table, int64_t row, const char *format, ...)
{
	char what[128];
	va_list arguments;

	assert(table != NULL);
	assert(format != NULL);

	if (s->failed) {
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments); /* cut where it is too long */
	va_end(arguments);
	s->failed = true;
	(void)err_set(&s->err, ERR_DATABASE, "the book is damaged: table %s, row %" PRId64 ": %s",
		table, row, what);
}

static bool store_column_is(struct store *s, int column, const struct store_column *expected)
{
	static const int types[] = { [STORE_INT] = SQLITE_INTEGER,
		[STORE_TEXT] = SQLITE_TEXT,
		[STORE_BLOB] = SQLITE_BLOB };
	int64_t value;

	assert(expected->type < STORE_NULL);
	assert(expected->min <= expected->max);

	if (sqlite3_column_type(s->rows, column) != types[expected->type]) {
		return false;
	}
	value = expected->type == STORE_INT ? sqlite3_column_int64(s->rows, column)
					    : sqlite3_column_bytes(s->rows, column);
	return value >= expected->min && value <= expected->max;
}

bool store_row_is(struct store *s, const char *table, int64_t row,
	const struct store_column *columns, size_t count)
{
	assert(s->rows != NULL);
	assert(count <= (size_t)sqlite3_column_count(s->rows));

	for (size_t i = 0; i < count && !s->failed; i++) {
		if (!store_column_is(s, (int)i, &columns[i])) {
			store_damaged(s, table, row, "%s is not what it must be", columns[i].name);
		}
	}
	return !s->failed;
}

void store_begin(struct store *s)
{
	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	if (!s->failed && sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		store_fail(s, "begin");
	}
}

/*
 * Moves the log into the file as far as readers let it.  Where there is always one who still reads
 * an older state, the log never begins anew: when it is long, we wait until all have gone on.  Who
 * comes meanwhile reads the file, so this ends with the last one who was there; if he is slow, it
 * is tried again some pages later.  A write or sync that fails here ends the store as any other.
 */
static void store_checkpoint(struct store *s)
{
	bool waits = s->log_pages >= STORE_LOG_PAGES_MAX;
	int rc;

	assert(!s->failed);
	assert(sqlite3_get_autocommit(s->db) != 0);

	s->log_due = s->log_pages + STORE_CHECKPOINT_PAGES;
	(void)sqlite3_busy_timeout(s->db, STORE_WAIT_MS);
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
		waits ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	(void)sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	if (rc != SQLITE_OK && rc != SQLITE_BUSY) {
		store_fail(s, "checkpoint");
	}
}

/* Readers are not waited for long: it is tried again at the next commit. */
static void store_empty_log(struct store *s)
{
	int rc;

	assert(!s->failed);
	assert(sqlite3_get_autocommit(s->db) != 0);

	(void)sqlite3_busy_timeout(s->db, STORE_WAIT_MS);
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	if (rc == SQLITE_OK) {
		s->scrubs = false;
		s->log_pages = 0;
		s->log_due = STORE_CHECKPOINT_PAGES;
	} else if (rc != SQLITE_BUSY) {
		store_fail(s, "empty the log");
	}
}

bool store_end(struct store *s, struct err *err)
{
	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	if (!s->failed && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		store_fail(s, "commit");
	}
	if (!s->failed && s->scrubs) {
		store_empty_log(s);
	}
	if (!s->failed && s->log_pages >= s->log_due) {
		store_checkpoint(s);
	}
	if (s->failed) {
		store_explain(s, err);
	}
	return !s->failed;
}

bool store_commit(struct store *s, struct err *err)
{
	return store_end(s, err) && store_sync(s, err);
}

void store_scrub(struct store *s)
{
	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	s->scrubs = true;
}

int64_t store_changed(struct store *s)
{
	assert(s != NULL);

	return s->failed ? 0 : sqlite3_changes64(s->db);
}

bool store_is_sound(struct store *s, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	const char *said = NULL;
	bool ok = false;

	assert(s != NULL);

	if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		said = (const char *)sqlite3_column_text(statement, 0);
		ok = said != NULL && strcmp(said, "ok") == 0;
	}
	if (!ok) {
		(void)err_set(err, ERR_DATABASE, "the file is damaged: %.200s",
			said != NULL ? said : sqlite3_errmsg(s->db));
	}
	(void)sqlite3_finalize(statement);
	return ok;
}

int64_t store_log_size(struct store *s)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 size = 0;

	assert(s != NULL);

	if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log) !=
			SQLITE_OK ||
		log == NULL || log->pMethods == NULL ||
		log->pMethods->xFileSize(log, &size) != SQLITE_OK) {
		return 0;
	}
	return size;
}

bool store_log_is_long(const struct store *s)
{
	assert(s != NULL);
	assert(s->mode == STORE_WRITE);

	return s->log_pages >= STORE_LOG_PAGES_LONG;
}

bool store_failed(const struct store *s)
{
	assert(s != NULL);

	return s->failed;
}

void store_explain(const struct store *s, struct err *err)
{
	assert(s != NULL);
	assert(s->failed);

	if (err != NULL) {
		*err = s->err;
	}
}

void store_forgive(struct store *s)
{
	assert(s != NULL);
	assert(s->mode == STORE_READ);

	s->failed = false;
}
