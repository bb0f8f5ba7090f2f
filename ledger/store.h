/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store - the SQLite connection of one thread: prepared statements by name, errors that stick.
 *
 * The writer's store writes; a reader's is opened read-only.  SQLite before 3.51.3 can corrupt a
 * WAL when two connections write or checkpoint at once, so exactly one store of a book is opened
 * for writing, and only that one ever runs a checkpoint.
 *
 * Writing does not report one by one: the first error sticks, everything after it is a no-op, and
 * store_end() says no.  That is what makes `apply` a thing that can not refuse.
 */
#ifndef ALYM_LEDGER_STORE_H
#define ALYM_LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "ledger/sql.h" /* generated from ledger/sql */

struct store;

enum store_mode { STORE_WRITE, STORE_READ };

enum {
	STORE_LOG_PAGES_LONG = 2000, /* about: then who reads much had better pause */
	STORE_LOG_PAGES_MAX = 4000   /* about: then the writer waits a little for readers */
};

/* Opens (STORE_WRITE: creating and migrating when needed) and asserts WAL, synchronous=NORMAL (what
 * is moved into the file is synced before and after; the log's own syncs are ours) and who may
 * checkpoint.  What a writer finds in the book is on disk when this returns. */
bool store_open(const char *path, const char *vfs, enum store_mode mode, struct store **store,
	struct err *err) MUST_USE;
void store_close(struct store **store);

enum store_type { STORE_INT, STORE_TEXT, STORE_BLOB, STORE_NULL };

struct store_value {
	enum store_type type;
	int64_t integer;
	struct text text;
};

#define STORE_OF_INT(i)  ((struct store_value){ .type = STORE_INT, .integer = (i) })
#define STORE_OF_TEXT(t) ((struct store_value){ .type = STORE_TEXT, .text = (t) })
#define STORE_OF_BLOB(p, n) \
	((struct store_value){ .type = STORE_BLOB, .text = { (const char *)(p), (n) } })
#define STORE_OF_NULL ((struct store_value){ .type = STORE_NULL })

/* Runs an embedded statement that returns no rows.  It is prepared once and kept. */
void store_put(struct store *store, enum sql sql, const struct store_value *values, size_t count);

/* How many rows the last store_put() wrote or deleted. */
int64_t store_changed(struct store *store);

/* Binds; then store_row() gives true for each row, false at the end or on error (store_failed()).
 * store_end_rows() resets. */
void store_begin_rows(struct store *store, enum sql sql, const struct store_value *values,
	size_t count);
bool store_row(struct store *store);
void store_end_rows(struct store *store);
int64_t store_int(struct store *store, int column);
bool store_is_null(struct store *store, int column);
struct text store_text(struct store *store,
	int column); /* text or blob; valid until the next row */

void store_begin(struct store *store);

/* Ends the transaction: readers see it.  It is on disk when a store_sync() that began after this
 * has returned true; nobody outside may hear of it before. */
bool store_end(struct store *store, struct err *err) MUST_USE;

/* What has ended is on disk. */
bool store_sync(struct store *store, struct err *err) MUST_USE;

/* The same, on another thread while the store's own writes on: the only one that may. */
bool store_sync_beside(struct store *store, struct err *err) MUST_USE;

/* store_end() and store_sync(). */
bool store_commit(struct store *store, struct err *err) MUST_USE;

/* What was deleted must be gone from the log too: after the commit, or one of the next when a
 * reader is in the way, it is moved into the file and emptied.  (The file itself forgets at once:
 * secure_delete.) */
void store_scrub(struct store *store);

/* What a column must be: a number within bounds, or so many bytes. */
struct store_column {
	const char *name;
	enum store_type type;
	int64_t min;
	int64_t max;
};

/* The row is what it must be, the statement's first columns in order; else the store has failed and
 * says where.  A file is not believed: what a decision is built on is looked at so. */
bool store_row_is(struct store *store, const char *table, int64_t row,
	const struct store_column *columns, size_t count);

/* Fails the store: the book is damaged there. */
void store_damaged(struct store *store, const char *table, int64_t row, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* The engine's own look at its file: pages, rows and their order. */
bool store_is_sound(struct store *store, struct err *err) MUST_USE;

/* Bytes of the log as it lies there; 0: there is none. */
int64_t store_log_size(struct store *store);

/* The log did not begin anew for long, for there was always somebody who read what is in it. */
bool store_log_is_long(const struct store *store);

/* An error has stuck. */
bool store_failed(const struct store *store);
void store_explain(const struct store *store, struct err *err);

/* A reader's error does not poison its next question. */
void store_forgive(struct store *store);

#endif
