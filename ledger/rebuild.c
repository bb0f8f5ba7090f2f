/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/rebuild.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/book.h"
#include "ledger/schema.h"
#include "ledger/verify_parts.h"

enum { REBUILD_SPILL = 1000, REBUILD_DIGEST = 32, REBUILD_CODE_KEY = 16 };

struct rebuild {
	struct verify old;  /* reads the file that is */
	struct verify made; /* and the one that is made */
	struct derive *derive;
	sqlite3_stmt *puts[SHAPE_COUNT];
	sqlite3_stmt *put_record;
	struct err err;
	bool failed;
};

static void rebuild_fail(struct rebuild *r, const char *doing)
{
	if (!r->failed) {
		r->failed = true;
		(void)err_set(&r->err, ERR_DATABASE, "%s: %s", doing, sqlite3_errmsg(r->made.db));
	}
}

static void rebuild_step(struct rebuild *r, sqlite3_stmt *put, const char *what)
{
	if (sqlite3_step(put) != SQLITE_DONE) {
		rebuild_fail(r, what);
	}
	(void)sqlite3_reset(put);
}

/* ---- rows ---- */

/* What no leaf says, where the row is gone. */
static void rebuild_bind_nothing(sqlite3_stmt *put, int i, const struct shape_cell *cell,
	enum shape_table table)
{
	if (cell->kind == SHAPE_OWN_BLOB || cell->kind == SHAPE_SEALED_BLOB) {
		(void)sqlite3_bind_zeroblob(put, i,
			table == SHAPE_BOOK ? REBUILD_CODE_KEY : REBUILD_DIGEST);
	} else if (cell->kind == SHAPE_OWN_NUMBER) {
		(void)sqlite3_bind_int64(put, i, 0);
	} else {
		(void)sqlite3_bind_text(put, i, "", 0, SQLITE_STATIC);
	}
}

static void rebuild_bind(struct rebuild *r, enum shape_table table, sqlite3_stmt *put, int i,
	const struct shape_cell *cells)
{
	const struct shape_cell *cell = &cells[i];
	sqlite3_stmt *row;

	switch (cell->kind) {
	case SHAPE_NUMBER:
	case SHAPE_DAY:
	case SHAPE_TIME:
	case SHAPE_MONEY:
		(void)sqlite3_bind_int64(put, i + 1, cell->number);
		return;
	case SHAPE_TEXT:
		(void)sqlite3_bind_text(put, i + 1, cell->text.size > 0 ? cell->text.bytes : "",
			(int)cell->text.size, SQLITE_TRANSIENT);
		return;
	case SHAPE_BLOB:
		(void)sqlite3_bind_blob(put, i + 1, cell->text.size > 0 ? cell->text.bytes : "",
			(int)cell->text.size, SQLITE_TRANSIENT);
		return;
	case SHAPE_NULL:
		(void)sqlite3_bind_null(put, i + 1);
		return;
	case SHAPE_SEALED_TEXT:
	case SHAPE_SEALED_BLOB:
	case SHAPE_OWN_TEXT:
	case SHAPE_OWN_BLOB:
	case SHAPE_OWN_NUMBER:
		break;
	}
	row = verify_look(&r->old, table, cells);
	if (row != NULL) {
		(void)sqlite3_bind_value(put, i + 1, sqlite3_column_value(row, i));
	} else {
		rebuild_bind_nothing(put, i + 1, cell, table);
	}
}

static void rebuild_row(void *context, enum shape_table table, const struct shape_cell *cells)
{
	struct rebuild *r = context;
	const struct shape *shape = shape_of(table);

	if (r->failed || !verify_prepare(&r->made, shape->put, &r->puts[table])) {
		rebuild_fail(r, shape->table);
		return;
	}
	for (size_t i = 0; i < shape->count; i++) {
		rebuild_bind(r, table, r->puts[table], (int)i, cells);
	}
	rebuild_step(r, r->puts[table], shape->table);
}

/* A row that a leaf commits to is taken over as it stands. */
static struct text rebuild_committed(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	struct rebuild *r = context;
	const struct shape_cell cells[] = { SHAPE_OF_NUMBER(record), SHAPE_OF_KIND(SHAPE_OWN_BLOB),
		SHAPE_OF_KIND(SHAPE_OWN_BLOB) };
	sqlite3_stmt *row;

	(void)commitment;
	if (table != SHAPE_PRIVATE && table != SHAPE_EVIDENCE) {
		return TEXT("");
	}
	row = verify_look(&r->old, table, cells);
	if (row == NULL) {
		return TEXT("");
	}
	rebuild_row(r, table, cells);
	row = verify_look(&r->old, table, cells);
	return (struct text){ sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2) };
}

static void rebuild_fault(void *context, int64_t record, const char *why)
{
	struct rebuild *r = context;

	if (!r->failed) {
		r->failed = true;
		(void)err_set(&r->err, ERR_INPUT,
			"the journal itself is damaged, and nothing can be made of it: record %" PRId64
			": its leaf %s",
			record, why);
	}
}

static bool rebuild_card(void *context, int64_t payment, int64_t record, struct derive_card *card)
{
	struct rebuild *r = context;

	return verify_card(&r->made, payment, record, card);
}

/* ---- records, what lies beside, keys ---- */

static void rebuild_records(struct rebuild *r)
{
	sqlite3_stmt *row = NULL;
	int64_t next = 1;

	if (!verify_prepare(&r->old, SQL_ROW_RECORD, &row) ||
		!verify_prepare(&r->made, SQL_INSERT_RECORD, &r->put_record)) {
		rebuild_fail(r, "read the records");
		return;
	}
	(void)sqlite3_bind_int64(row, 1, INT64_MIN);
	while (!r->failed && sqlite3_step(row) == SQLITE_ROW) {
		for (int i = 0; i < 4; i++) {
			(void)sqlite3_bind_value(r->put_record, i + 1,
				sqlite3_column_value(row, i));
		}
		if (sqlite3_column_int64(row, 0) != next) {
			rebuild_fault(r, next, "is missing");
			break;
		}
		rebuild_step(r, r->put_record, "record");
		verify_derive(r->derive, row);
		next++;
	}
	(void)sqlite3_finalize(row);
	if (!r->failed) {
		derive_end(r->derive);
	}
}

/* Messages that are not verified, and whether the file is a copy: as they stand. */
static void rebuild_beside(struct rebuild *r, enum sql select, enum sql insert)
{
	sqlite3_stmt *row = NULL;
	sqlite3_stmt *put = NULL;

	if (!verify_prepare(&r->old, select, &row) || !verify_prepare(&r->made, insert, &put)) {
		rebuild_fail(r, "take over what lies beside");
	}
	while (!r->failed && sqlite3_step(row) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(row); i++) {
			(void)sqlite3_bind_value(put, i + 1, sqlite3_column_value(row, i));
		}
		rebuild_step(r, put, "take over what lies beside");
	}
	(void)sqlite3_finalize(row);
	(void)sqlite3_finalize(put);
}

/* The keys that do not fit the window go to segments, as a running book would have put them. */
static void rebuild_keys(struct rebuild *r)
{
	for (size_t i = 0; i < verify_set_count && !r->failed; i++) {
		const struct verify_set *set = &verify_sets[i];
		struct store *store = store_lend(r->made.db);
		struct keyset *keys = NULL;
		sqlite3_stmt *row = NULL;
		struct keyset_key key;
		int64_t count = 0;
		bool ok = keyset_open(store, set->name, BOOK_KEYS_WINDOW, &keys, &r->err) &&
			  verify_prepare(&r->made, set->rows, &row);

		if (ok) {
			(void)sqlite3_bind_int64(row, 1, INT64_MIN);
		}
		while (ok && sqlite3_step(row) == SQLITE_ROW) {
			if (sqlite3_column_bytes(row, 2) == sizeof(key.bytes)) {
				memcpy(key.bytes, sqlite3_column_blob(row, 2), sizeof(key.bytes));
				keyset_put(keys, &key, sqlite3_column_int64(row, 0),
					sqlite3_column_int64(row, 1));
				count++;
			}
			ok = count % REBUILD_SPILL != 0 || keyset_spill(keys, &r->err);
		}
		(void)sqlite3_finalize(row);
		keyset_close(&keys);
		store_close(&store);
		r->failed = r->failed || !ok;
	}
}

/* ---- the file ---- */

static bool rebuild_open(struct rebuild *r, const char *path, const char *fresh)
{
	static const char settings[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";

	if (sqlite3_open_v2(path, &r->old.db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		return err_set(&r->err, ERR_DATABASE, "open %s: %s", path,
			sqlite3_errmsg(r->old.db));
	}
	if (sqlite3_open_v2(fresh, &r->made.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
			SQLITE_OK ||
		sqlite3_exec(r->made.db, settings, NULL, NULL, NULL) != SQLITE_OK) {
		return err_set(&r->err, ERR_DATABASE, "make %s: %s", fresh,
			sqlite3_errmsg(r->made.db));
	}
	/* Rows come in the order of records, and not as the triggers expect them. */
	return schema_bring(r->made.db, &r->err) &&
	       sqlite3_db_config(r->made.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK;
}

static void rebuild_all(struct rebuild *r)
{
	if (sqlite3_exec(r->made.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
		rebuild_fail(r, "begin");
		return;
	}
	verify_unseal(&r->old, &r->made, r->derive);
	rebuild_records(r);
	rebuild_beside(r, SQL_ROW_INBOX, SQL_PUT_ROW_INBOX);
	rebuild_beside(r, SQL_ROW_STANDING, SQL_PUT_ROW_STANDING);
	rebuild_keys(r);
	if (!r->failed && sqlite3_exec(r->made.db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		rebuild_fail(r, "commit");
	}
}

bool rebuild_file(const char *path, const char *fresh, const struct zone *almaty, struct err *err)
{
	struct rebuild *r = mem_new(1, sizeof(*r));
	const struct derive_sink sink = { .context = r,
		.row = rebuild_row,
		.committed = rebuild_committed,
		.fault = rebuild_fault,
		.card = rebuild_card };
	bool ok;

	assert(almaty != NULL);

	r->made.digest = digest_new();
	r->derive = derive_new(&sink, almaty);
	ok = rebuild_open(r, path, fresh);
	if (ok) {
		rebuild_all(r);
		ok = !r->failed;
	}
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		(void)sqlite3_finalize(r->puts[i]);
		(void)sqlite3_finalize(r->old.cursors[i].rows);
	}
	(void)sqlite3_finalize(r->put_record);
	(void)sqlite3_close(r->old.db);
	(void)sqlite3_close(r->made.db);
	derive_free(&r->derive);
	digest_free(&r->made.digest);
	if (!ok) {
		*err = r->err;
	}
	free(r);
	return ok;
}
