/* SPDX-License-Identifier: Apache-2.0 */

/* verify_parts - what the files of verify share, and rebuild, which looks at rows in the same way;
 * nobody else includes it. */
#ifndef ALYM_LEDGER_VERIFY_PARTS_H
#define ALYM_LEDGER_VERIFY_PARTS_H

#include "ledger/derive.h"
#include "ledger/store_sqlite.h"
#include "ledger/verify.h"

/* Rows of a table from a key on: one that follows the last is had without looking for it. */
struct verify_cursor {
	sqlite3_stmt *rows;
	bool live; /* it stands on a row, which was not asked for yet */
};

struct verify {
	struct verify_options options;
	void (*found)(void *context, const char *fault);
	void *context;
	struct derive *derive;
	struct digest *digest;
	struct seal seal;
	bool sealed;
	struct store *store; /* of the file */
	sqlite3 *db;         /* the store's: many cursors are walked at once */
	struct verify_cursor cursors[SHAPE_COUNT];
	sqlite3_stmt *records;
	int64_t record;             /* the last taken */
	int64_t there[SHAPE_COUNT]; /* rows that were derived and stand in the book */
	int64_t rows;
	int64_t faults;
	struct verify_signed signatures;
	struct buffer own; /* bytes that a digest is of: a set's files, a list of rates */
	bool failed;       /* the file could not be read */
	struct err err;
};

/* ---- verify.c ---- */
void verify_fault(struct verify *v, const char *table, const char *row, const char *format, ...)
	PRINTF_LIKE(4, 5);
/* Of the row of that number. */
void verify_fault_at(struct verify *v, const char *table, int64_t number, const char *format, ...)
	PRINTF_LIKE(4, 5);
/* The file's own error. */
void verify_fail(struct verify *v, const char *doing);
/* A row that was met where its number can not be: SQLite looks for rows as if they were in order,
 * so that nothing more can be said of the file. */
void verify_disorder(struct verify *v, const char *table, int64_t number);
/* A statement of the file's connection. */
bool verify_prepare(struct verify *v, enum sql sql, sqlite3_stmt **statement);
/* Each row that it gives is a fault: table, row, what is wrong. */
void verify_listed(struct verify *v, enum sql sql, const char *doing);
/* Opens a file; `*all`: its records.  Whatever came of it, verify_file_end() is to follow. */
bool verify_file_begin(struct verify *v, const char *path, int64_t *all, struct err *err);
void verify_file_end(struct verify *v);
/* The secret that seals are made by, if the book's row has one: `from` the row, `to` the seals that
 * derive makes. */
void verify_unseal(struct verify *from, struct verify *to, struct derive *derive);
/* Takes the record that stands in a row of SQL_ROW_RECORD. */
void verify_derive(struct derive *derive, sqlite3_stmt *row);
/* The next record: those between it and the last are missing. */
void verify_place(struct verify *v, int64_t number);
/* The auditor's own checkpoint: the tree is its, and was not shorter at the end.  Their keys: one
 * of them signed something. */
void verify_own_root(struct verify *v);
void verify_short(struct verify *v);

/* ---- verify_row.c ---- */
/* The table's row of that key, or NULL; good until the next look-up in the table. */
sqlite3_stmt *verify_look(struct verify *v, enum shape_table table, const struct shape_cell *key);
void verify_row(void *context, enum shape_table table, const struct shape_cell *cells);
struct text verify_committed(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE]);
bool verify_card(void *context, int64_t payment, int64_t record, struct derive_card *card);

/* ---- verify_end.c ---- */
/* Rows that nothing derives, and the schema. */
void verify_counts(struct verify *v);
void verify_schema(struct verify *v);

/* ---- verify_keys.c ---- */
/* The rows of a set of keys, from a number on: number, record, key. */
struct verify_set {
	int name;
	enum shape_table table;
	enum sql rows;
	bool latest; /* a key may have several rows; the last counts */
};
extern const struct verify_set verify_sets[];
extern const size_t verify_set_count;
void verify_keys(struct verify *v);

#endif
