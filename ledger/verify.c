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

enum { VERIFY_OWN_MAX = 1 << 26, VERIFY_SLICE = 20000 };

enum { VERIFY_ASK_STEPS = 1000 }; /* of SQLite's machine: some ten microseconds */

/* ---- faults ---- */

void verify_fault(struct verify *v, const char *table, const char *row, const char *format, ...)
{
	char line[VERIFY_FAULT_SIZE];
	va_list arguments;
	int n;

	assert(table != NULL);

	v->faults++;
	if (v->faults > VERIFY_FAULTS_MAX) {
		return;
	}
	n = snprintf(line, sizeof(line), "table %s, row %s: ", table, row);
	assert(n > 0 && (size_t)n < sizeof(line));
	va_start(arguments, format);
	/* cut where it is too long */
	(void)vsnprintf(line + n, sizeof(line) - (size_t)n, format, arguments);
	va_end(arguments);
	v->found(v->context, line);
}

void verify_fail(struct verify *v, const char *doing)
{
	if (!v->failed) {
		v->failed = true;
		(void)err_set(&v->err, ERR_DATABASE, "%s: %s", doing, sqlite3_errmsg(v->db));
	}
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

/* ---- what derive tells ---- */

static void verify_leaf(void *context, int64_t record, const char *why)
{
	struct verify *v = context;
	char row[24];

	(void)snprintf(row, sizeof(row), "%" PRId64, record);
	verify_fault(v, "record", row, "column leaf: %s", why);
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
	char row[24];

	if (v->options.keys == NULL) {
		return;
	}
	(void)snprintf(row, sizeof(row), "%" PRId64, record);
	if (keyring_open(v->options.keys, note, &said, &err)) {
		v->signatures.checked++;
		v->signatures.size = size;
	} else if (!verify_unchecked(v, record, note, &said)) {
		verify_fault(v, "checkpoint", row, "column note: none of the keys signed it: %s",
			err.message);
		return;
	}
	if (said.size != size || memcmp(&said.root, root, sizeof(*root)) != 0) {
		verify_fault(v, "checkpoint", row,
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

/* The secret that seals are made by, if the book's row has one. */
static void verify_unseal(struct verify *v)
{
	const struct shape_cell key = SHAPE_OF_NUMBER(1);
	sqlite3_stmt *row = verify_look(v, SHAPE_BOOK, &key);

	if (row != NULL && sqlite3_column_bytes(row, 3) == CODE_KEY_SIZE) {
		seal_init(&v->seal, v->digest, sqlite3_column_blob(row, 3));
		v->sealed = true;
		derive_set_seal(v->derive, &v->seal);
	}
}

/* ---- a slice ---- */

static void verify_let_go(struct verify *v)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		(void)sqlite3_finalize(v->cursors[i].rows);
		v->cursors[i] = (struct verify_cursor){ .live = false };
	}
	(void)sqlite3_finalize(v->records);
	v->records = NULL;
	v->db = NULL;
}

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

void verify_place(struct verify *v, int64_t number)
{
	char row[24];

	for (; v->record + 1 < number && !v->failed && v->faults <= VERIFY_FAULTS_MAX;) {
		(void)snprintf(row, sizeof(row), "%" PRId64, ++v->record);
		verify_fault(v, "record", row, "it is missing");
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
	verify_place(v, number);
	derive_record(v->derive, number, sqlite3_column_int(v->records, 1),
		sqlite3_column_int64(v->records, 2),
		(struct text){ sqlite3_column_blob(v->records, 3),
			(size_t)sqlite3_column_bytes(v->records, 3) });
	verify_own_root(v);
	return !v->failed;
}

void verify_short(struct verify *v)
{
	char row[48];

	if (v->options.size > derive_size(v->derive)) {
		verify_fault(v, "record", "at the end",
			"your checkpoint has %" PRIu64 " records, and the book %" PRIu64,
			v->options.size, derive_size(v->derive));
	}
	if (v->signatures.unchecked > 0 && v->signatures.checked == 0) {
		(void)snprintf(row, sizeof(row), "%" PRId64 " to %" PRId64, v->signatures.first,
			v->signatures.last);
		verify_fault(v, "checkpoint", row,
			"column note: not one is signed by a key that was given");
	}
}

static void verify_finish(struct verify *v)
{
	derive_end(v->derive);
	verify_short(v);
	verify_counts(v);
	verify_indexes(v);
	verify_erased(v);
	verify_keys(v);
}

bool verify_slice(struct verify *v, struct store *store, int64_t records, bool *more,
	struct err *err)
{
	bool taken = true;

	assert(v->db == NULL);
	assert(records > 0);

	v->store = store;
	v->db = store_sqlite(store);
	if (sqlite3_exec(v->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
		verify_fail(v, "begin");
	}
	if (v->record == 0) {
		verify_schema(v);
		verify_unseal(v);
	}
	if (verify_prepare(v, SQL_ROW_RECORD, &v->records)) {
		(void)sqlite3_bind_int64(v->records, 1, v->record + 1);
		for (int64_t i = 0; taken && i < records; i++) {
			taken = verify_take(v);
		}
	}
	*more = taken && !v->failed;
	if (!taken && !v->failed) {
		verify_finish(v);
	}
	verify_let_go(v);
	(void)sqlite3_exec(store_sqlite(store), "COMMIT", NULL, NULL, NULL);
	if (v->failed) {
		*err = v->err;
	}
	return !v->failed;
}

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

/* A file that nobody writes. */
static bool verify_file_open(struct verify *v, const char *path, struct store **store, int64_t *all,
	struct err *err)
{
	struct err why = { 0 };

	if (!store_open(path, NULL, STORE_READ, store, err)) {
		return false;
	}
	if (v->options.wanted != NULL) {
		sqlite3_progress_handler(store_sqlite(*store), VERIFY_ASK_STEPS, verify_is_unwanted,
			v);
	}
	*all = verify_size(*store);
	if (*all < 0) {
		store_explain(*store, &why);
		(void)err_set(err, ERR_DATABASE, "it is not a book that can be read: %s",
			why.message);
	}
	return *all >= 0;
}

bool verify_file_begin(struct verify *v, const char *path, int64_t *all, struct err *err)
{
	assert(v->db == NULL);

	if (!verify_file_open(v, path, &v->store, all, err)) {
		return false;
	}
	v->db = store_sqlite(v->store);
	return true;
}

void verify_file_end(struct verify *v)
{
	verify_let_go(v);
	store_close(&v->store);
}

bool verify_file(struct verify *v, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err)
{
	struct store *store = NULL;
	int64_t all = 0;
	bool more = true;
	bool ok = verify_file_open(v, path, &store, &all, err);

	/* Keys are looked up in no order: their blocks are better kept than read again. */
	if (ok) {
		(void)sqlite3_exec(store_sqlite(store), "PRAGMA cache_size = -98304", NULL, NULL,
			NULL);
	}

	while (ok && more) {
		ok = verify_slice(v, store, VERIFY_SLICE, &more, err);
		if (step != NULL) {
			step(v->context, v->record, all);
		}
	}
	store_close(&store);
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
