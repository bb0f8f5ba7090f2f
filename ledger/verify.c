/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/verify.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/verify_parts.h"

enum {
	VERIFY_OWN_MAX = 1 << 26,
	VERIFY_STEP = 20000,     /* records */
	VERIFY_ASK_STEPS = 1000, /* of SQLite's machine: some ten microseconds */
	VERIFY_NUMBER_SIZE = 24,
};

enum { VERIFY_TABLE_MAX = 100, VERIFY_ROW_MAX = 300 }; /* bytes of their names that are told */

enum { VERIFY_DELETE = 0x7f };

_Static_assert(VERIFY_TABLE_MAX + VERIFY_ROW_MAX + sizeof("table , row : ") <= VERIFY_FAULT_SIZE,
	"a fault has room for the names of its table and row");

/* ---- faults ---- */

/* Names and texts are the file's: none of them begins another line, or moves a terminal. */
static void verify_one_line(char *line)
{
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == VERIFY_DELETE) {
			*c = '?';
		}
	}
}

PRINTF_LIKE(4, 0)
static void verify_fault_of(struct verify *v, const char *table, const char *row,
	const char *format, va_list arguments)
{
	char line[VERIFY_FAULT_SIZE];
	int n;

	assert(table != NULL);

	v->faults++;
	if (v->faults > VERIFY_FAULTS_MAX) {
		return;
	}
	/* Both may be names that the file has, as long as it likes. */
	n = snprintf(line, sizeof(line), "table %.*s, row %.*s: ", VERIFY_TABLE_MAX, table,
		VERIFY_ROW_MAX, row);
	assert(n > 0 && (size_t)n < sizeof(line));
	/* cut where it is too long */
	(void)vsnprintf(line + n, sizeof(line) - (size_t)n, format, arguments);
	verify_one_line(line);
	v->found(v->context, line);
}

void verify_fault(struct verify *v, const char *table, const char *row, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	verify_fault_of(v, table, row, format, arguments);
	va_end(arguments);
}

void verify_fault_at(struct verify *v, const char *table, int64_t number, const char *format, ...)
{
	char row[VERIFY_NUMBER_SIZE];
	va_list arguments;

	(void)snprintf(row, sizeof(row), "%" PRId64, number);
	va_start(arguments, format);
	verify_fault_of(v, table, row, format, arguments);
	va_end(arguments);
}

void verify_fail(struct verify *v, const char *doing)
{
	if (!v->failed) {
		v->failed = true;
		(void)err_set(&v->err, ERR_DATABASE, "%s: %s", doing, sqlite3_errmsg(v->db));
	}
}

void verify_disorder(struct verify *v, const char *table, int64_t number)
{
	if (v->failed) {
		return;
	}
	verify_fault_at(v, table, number, "it does not stand where its number belongs");
	v->failed = true;
	(void)err_set(&v->err, ERR_DATABASE,
		"table %s, row %" PRId64
		" does not stand where its number belongs: the file is damaged",
		table, number);
}

bool verify_prepare(struct verify *v, enum sql sql, sqlite3_stmt **statement)
{
	assert(v->db != NULL);

	if (*statement == NULL && !v->failed &&
		sqlite3_prepare_v3(v->db, sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
			NULL) != SQLITE_OK) {
		verify_fail(v, sql_texts[sql]);
	}
	return *statement != NULL;
}

void verify_listed(struct verify *v, enum sql sql, const char *doing)
{
	sqlite3_stmt *row = NULL;

	if (!verify_prepare(v, sql, &row)) {
		return;
	}
	while (sqlite3_step(row) == SQLITE_ROW) {
		verify_fault(v, (const char *)sqlite3_column_text(row, 0),
			(const char *)sqlite3_column_text(row, 1), "%s",
			(const char *)sqlite3_column_text(row, 2));
	}
	if (sqlite3_finalize(row) != SQLITE_OK) {
		verify_fail(v, doing);
	}
}

/* ---- what derive tells ---- */

static void verify_leaf(void *context, int64_t record, const char *why)
{
	struct verify *v = context;

	verify_fault_at(v, "record", record, "column leaf: %s", why);
}

/* Signed by a key that the book names alone. */
static bool verify_unchecked(struct verify *v, int64_t record, struct text note, struct head *said)
{
	struct verify_signed *s = &v->signatures;

	if (v->options.named == NULL || !keyring_open(v->options.named, note, said, NULL)) {
		return false;
	}
	s->first = s->unchecked == 0 ? record : s->first;
	s->last = record;
	s->unchecked++;
	return true;
}

/* Whether the note is signed by one of the keys, and says what the tree says. */
static void verify_note(void *context, int64_t record, uint64_t size, const struct tree_hash *root,
	struct text note)
{
	struct verify *v = context;
	struct head said;
	struct err err = { 0 };

	if (v->options.keys == NULL) {
		return;
	}
	if (keyring_open(v->options.keys, note, &said, &err)) {
		v->signatures.checked++;
		v->signatures.size = size;
	} else if (!verify_unchecked(v, record, note, &said)) {
		verify_fault_at(v, "checkpoint", record,
			"column note: none of the keys signed it: %s", err.message);
		return;
	}
	if (said.size != size || memcmp(&said.root, root, sizeof(*root)) != 0) {
		verify_fault_at(v, "checkpoint", record,
			"column note: it is of another size or root than its record");
	}
}

/* ---- beginning ---- */

struct verify *verify_new(const struct verify_options *options,
	void (*found)(void *context, const char *fault), void *context)
{
	struct verify *v = mem_new(1, sizeof(*v));
	const struct derive_sink sink = { .context = v,
		.row = verify_row,
		.committed = verify_committed,
		.checkpoint = verify_note,
		.fault = verify_leaf,
		.card = verify_card };

	assert(found != NULL);

	v->options = *options;
	v->found = found;
	v->context = context;
	v->digest = digest_new();
	v->derive = derive_new(&sink, options->almaty);
	buffer_init(&v->own, VERIFY_OWN_MAX);
	return v;
}

void verify_free(struct verify **verify)
{
	struct verify *v;

	assert(verify != NULL);

	v = *verify;
	*verify = NULL;
	if (v != NULL) {
		derive_free(&v->derive);
		digest_free(&v->digest);
		buffer_done(&v->own);
		free(v);
	}
}

void verify_unseal(struct verify *from, struct verify *to, struct derive *derive)
{
	const struct shape_cell key = SHAPE_OF_NUMBER(1);
	sqlite3_stmt *row = verify_look(from, SHAPE_BOOK, &key);

	assert(derive != NULL);

	if (row != NULL && sqlite3_column_bytes(row, 3) == CODE_KEY_SIZE) {
		seal_init(&to->seal, to->digest, sqlite3_column_blob(row, 3));
		to->sealed = true;
		derive_set_seal(derive, &to->seal);
	}
}

/* ---- records ---- */

void verify_own_root(struct verify *v)
{
	struct tree_hash root;
	char row[24];

	if (v->options.size == 0 || derive_size(v->derive) != v->options.size) {
		return;
	}
	root = derive_root(v->derive);
	(void)snprintf(row, sizeof(row), "1 to %" PRIu64, v->options.size);
	if (memcmp(&root, &v->options.root, sizeof(root)) != 0) {
		verify_fault(v, "record", row,
			"they are not those of your checkpoint: its root is another");
	}
}

void verify_derive(struct derive *derive, sqlite3_stmt *row)
{
	derive_record(derive, sqlite3_column_int64(row, 0), sqlite3_column_int(row, 1),
		sqlite3_column_int64(row, 2),
		(struct text){ sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3) });
}

void verify_place(struct verify *v, int64_t number)
{
	while (v->record + 1 < number && !v->failed && v->faults <= VERIFY_FAULTS_MAX) {
		verify_fault_at(v, "record", ++v->record, "it is missing");
	}
	v->record = number;
}

/* One record more; false at the end. */
static bool verify_take(struct verify *v)
{
	int rc = sqlite3_step(v->records);
	int64_t number;

	if (rc != SQLITE_ROW) {
		if (rc != SQLITE_DONE) {
			verify_fail(v, "read the records");
		}
		return false;
	}
	number = sqlite3_column_int64(v->records, 0);
	if (number <= v->record) {
		verify_disorder(v, "record", number);
		return false;
	}
	verify_place(v, number);
	verify_derive(v->derive, v->records);
	verify_own_root(v);
	return !v->failed;
}

/* Whoever forges what follows what is true may name a key of his own in it, and sign by that. */
static void verify_signed_far(struct verify *v)
{
	const struct verify_signed *s = &v->signatures;
	char row[48];

	if (s->unchecked > 0 && s->checked == 0) {
		(void)snprintf(row, sizeof(row), "%" PRId64 " to %" PRId64, s->first, s->last);
		verify_fault(v, "checkpoint", row,
			"column note: not one is signed by a key that was given");
	} else if (s->unchecked > 0 && (uint64_t)s->last > s->size) {
		verify_fault_at(v, "checkpoint", s->last,
			"column note: no key that was given signed it, nor more than the first "
			"%" PRIu64 " records",
			s->size);
	}
}

void verify_short(struct verify *v)
{
	if (v->options.size > derive_size(v->derive)) {
		verify_fault(v, "record", "at the end",
			"your checkpoint has %" PRIu64 " records, and the book %" PRIu64,
			v->options.size, derive_size(v->derive));
	}
	verify_signed_far(v);
}

static void verify_finish(struct verify *v)
{
	derive_end(v->derive);
	verify_short(v);
	verify_counts(v);
	verify_listed(v, SQL_INDEX_FAULTS, "look at the indexes");
	verify_listed(v, SQL_ERASED_LEFT, "look for what was erased");
	verify_keys(v);
}

/* All of the file that was begun. */
static void verify_run(struct verify *v, int64_t all,
	void (*step)(void *context, int64_t done, int64_t all))
{
	/* One transaction, and keys are looked up in no order: blocks are better kept than read
	 * again. */
	if (sqlite3_exec(v->db, "PRAGMA cache_size = -98304; BEGIN", NULL, NULL, NULL) !=
		SQLITE_OK) {
		verify_fail(v, "begin");
	}
	verify_schema(v);
	verify_unseal(v, v, v->derive);
	if (verify_prepare(v, SQL_ROW_RECORD, &v->records)) {
		(void)sqlite3_bind_int64(v->records, 1, 1);
		while (verify_take(v)) {
			if (step != NULL && derive_size(v->derive) % VERIFY_STEP == 0) {
				step(v->context, v->record, all);
			}
		}
	}
	if (!v->failed) {
		verify_finish(v);
	}
}

/* ---- a file ---- */

/* How many records the file has; -1: it is no book. */
static int64_t verify_size(struct store *store)
{
	int64_t size = -1;

	store_begin_rows(store, SQL_VIEW_RECORD_LAST, NULL, 0);
	if (store_row(store)) {
		size = store_int(store, 0);
	}
	store_end_rows(store);
	return size;
}

static int verify_is_unwanted(void *context)
{
	const struct verify *v = context;

	return v->options.wanted(v->options.wanted_context) ? 0 : 1;
}

bool verify_file_begin(struct verify *v, const char *path, int64_t *all, struct err *err)
{
	struct err why = { 0 };

	assert(v->store == NULL);

	if (!store_open(path, NULL, STORE_READ, &v->store, err)) {
		return false;
	}
	v->db = store_sqlite(v->store);
	if (v->options.wanted != NULL) {
		sqlite3_progress_handler(v->db, VERIFY_ASK_STEPS, verify_is_unwanted, v);
	}
	*all = verify_size(v->store);
	if (*all < 0) {
		store_explain(v->store, &why);
		(void)err_set(err, ERR_DATABASE, "it is not a book that can be read: %s",
			why.message);
	}
	return *all >= 0;
}

void verify_file_end(struct verify *v)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		(void)sqlite3_finalize(v->cursors[i].rows);
		v->cursors[i] = (struct verify_cursor){ .live = false };
	}
	(void)sqlite3_finalize(v->records);
	v->records = NULL;
	v->db = NULL;
	store_close(&v->store);
}

bool verify_file(struct verify *v, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err)
{
	int64_t all = 0;
	bool ok = verify_file_begin(v, path, &all, err);

	if (ok) {
		verify_run(v, all, step);
		ok = !v->failed;
		if (!ok) {
			*err = v->err;
		}
	}
	verify_file_end(v);
	return ok;
}

const struct verify_signed *verify_signatures(const struct verify *v)
{
	assert(v != NULL);

	return &v->signatures;
}

int64_t verify_faults(const struct verify *v)
{
	assert(v != NULL);

	return v->faults;
}

int64_t verify_records(const struct verify *v)
{
	assert(v != NULL);

	return v->record;
}

int64_t verify_rows(const struct verify *v)
{
	assert(v != NULL);

	return v->rows;
}
