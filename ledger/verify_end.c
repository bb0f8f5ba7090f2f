/* SPDX-License-Identifier: Apache-2.0 */

/* What can only be said at the end: rows that nothing derives, and the schema. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/schema.h"
#include "ledger/verify_parts.h"

enum { VERIFY_KEYS_START = 1024, VERIFY_NAME_SIZE = 200 };

/* ---- rows too many ---- */

/* Keys that were derived, of tables that have rows too many: 64 bits of each. */
struct verify_keys {
	struct verify *verify;
	bool wanted[SHAPE_COUNT];
	uint64_t *slots; /* 0: none */
	size_t slot_count;
	size_t count;
};

static uint64_t verify_mix(uint64_t h, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++) {
		h = (h ^ at[i]) * UINT64_C(0x100000001b3);
	}
	return h ^ h >> 29;
}

static uint64_t verify_key_begin(enum shape_table table)
{
	return UINT64_C(0xcbf29ce484222325) + (uint64_t)table;
}

static bool verify_keys_has(const struct verify_keys *k, uint64_t hash)
{
	hash = hash != 0 ? hash : 1;
	for (size_t i = (size_t)(hash >> 7) & (k->slot_count - 1); k->slots[i] != 0;
		i = (i + 1) & (k->slot_count - 1)) {
		if (k->slots[i] == hash) {
			return true;
		}
	}
	return false;
}

static void verify_keys_put(struct verify_keys *k, uint64_t hash)
{
	size_t i;

	if (2 * (k->count + 1) > k->slot_count) {
		struct verify_keys old = *k;

		k->slot_count *= 2;
		k->slots = mem_new(k->slot_count, sizeof(*k->slots));
		k->count = 0;
		for (i = 0; i < old.slot_count; i++) {
			if (old.slots[i] != 0) {
				verify_keys_put(k, old.slots[i]);
			}
		}
		free(old.slots);
	}
	hash = hash != 0 ? hash : 1;
	for (i = (size_t)(hash >> 7) & (k->slot_count - 1); k->slots[i] != 0;
		i = (i + 1) & (k->slot_count - 1)) {
	}
	k->slots[i] = hash;
	k->count++;
}

static void verify_keys_row(void *context, enum shape_table table, const struct shape_cell *cells)
{
	struct verify_keys *k = context;
	uint64_t hash = verify_key_begin(table);

	for (size_t i = 0; k->wanted[table] && i < shape_of(table)->keys; i++) {
		hash = cells[i].kind == SHAPE_BLOB
			       ? verify_mix(hash, cells[i].text.bytes, cells[i].text.size)
			       : verify_mix(hash, &cells[i].number, sizeof(cells[i].number));
	}
	if (k->wanted[table]) {
		verify_keys_put(k, hash);
	}
}

static struct text verify_keys_committed(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	const struct shape_cell key = SHAPE_OF_NUMBER(record);

	(void)commitment;
	if (table == SHAPE_PRIVATE || table == SHAPE_EVIDENCE) {
		verify_keys_row(context, table, &key);
	}
	return TEXT("");
}

static void verify_keys_fault(void *context, int64_t record, const char *why)
{
	(void)context;
	(void)record;
	(void)why;
}

static bool verify_keys_card(void *context, int64_t payment, int64_t record,
	struct derive_card *card)
{
	struct verify_keys *k = context;

	return verify_card(k->verify, payment, record, card);
}

/* All records once more, for the keys alone. */
static void verify_keys_derive(struct verify *v, struct verify_keys *k)
{
	const struct derive_sink sink = { .context = k,
		.row = verify_keys_row,
		.committed = verify_keys_committed,
		.fault = verify_keys_fault,
		.card = verify_keys_card };
	struct derive *derive = derive_new(&sink, v->options.almaty);
	int rc;

	(void)sqlite3_reset(v->records);
	(void)sqlite3_bind_int64(v->records, 1, INT64_MIN);
	while ((rc = sqlite3_step(v->records)) == SQLITE_ROW) {
		if (sqlite3_column_int64(v->records, 0) > 0) {
			verify_derive(derive, v->records);
		}
	}
	if (rc != SQLITE_DONE) {
		verify_fail(v, "read the records again");
	}
	derive_end(derive);
	derive_free(&derive);
}

/* The key of the row the statement stands on: its hash, and as it is told. */
static uint64_t verify_key_of(sqlite3_stmt *row, enum shape_table table,
	char name[VERIFY_NAME_SIZE])
{
	uint64_t hash = verify_key_begin(table);
	size_t size = 0;

	for (int i = 0; i < (int)shape_of(table)->keys; i++) {
		int64_t number = sqlite3_column_int64(row, i);
		bool blob = sqlite3_column_type(row, i) == SQLITE_BLOB;

		hash = blob ? verify_mix(hash, sqlite3_column_blob(row, i),
				      (size_t)sqlite3_column_bytes(row, i))
			    : verify_mix(hash, &number, sizeof(number));
		size += (size_t)snprintf(name + size, VERIFY_NAME_SIZE - size, "%s%.40s",
			i > 0 ? "/" : "",
			blob ? "digest" : (const char *)sqlite3_column_text(row, i));
	}
	return hash;
}

static void verify_too_many(struct verify *v, const struct verify_keys *k, enum shape_table table)
{
	const struct shape *shape = shape_of(table);
	sqlite3_stmt *row = NULL;

	if (!verify_prepare(v, shape->row, &row)) {
		return;
	}
	for (size_t i = 0; i < shape->keys; i++) {
		if (table == SHAPE_TARIFF_FILE && i == 0) {
			(void)sqlite3_bind_zeroblob(row, 1, 0);
		} else {
			(void)sqlite3_bind_int64(row, (int)i + 1, INT64_MIN);
		}
	}
	while (sqlite3_step(row) == SQLITE_ROW) {
		char name[VERIFY_NAME_SIZE];

		if (!verify_keys_has(k, verify_key_of(row, table, name))) {
			verify_fault(v, shape->table, name, "nothing in the records makes it");
		}
	}
	if (sqlite3_finalize(row) != SQLITE_OK) {
		verify_fail(v, "look for rows too many");
	}
}

/* Which tables have more rows than were found; so many. */
static size_t verify_surplus(struct verify *v, struct verify_keys *k)
{
	sqlite3_stmt *row = NULL;
	size_t count = 0;

	if (!verify_prepare(v, SQL_ROW_COUNTS, &row)) {
		return 0;
	}
	while (sqlite3_step(row) == SQLITE_ROW) {
		int64_t rows = sqlite3_column_int64(row, 1);

		for (enum shape_table t = 0; t < SHAPE_COUNT; t++) {
			if (strcmp((const char *)sqlite3_column_text(row, 0), shape_of(t)->table) ==
					0 &&
				rows > v->there[t]) {
				k->wanted[t] = true;
				count++;
			}
		}
		if (strcmp((const char *)sqlite3_column_text(row, 0), "record") == 0 &&
			rows > (int64_t)derive_size(v->derive)) {
			verify_fault(v, "record", "below 1", "%" PRId64 " rows too many",
				rows - (int64_t)derive_size(v->derive));
		}
	}
	if (sqlite3_finalize(row) != SQLITE_OK) {
		verify_fail(v, "count the rows");
	}
	return count;
}

void verify_counts(struct verify *v)
{
	struct verify_keys k = { .verify = v, .slot_count = VERIFY_KEYS_START };

	if (verify_surplus(v, &k) == 0) {
		return;
	}
	k.slots = mem_new(k.slot_count, sizeof(*k.slots));
	verify_keys_derive(v, &k);
	for (enum shape_table t = 0; t < SHAPE_COUNT; t++) {
		if (k.wanted[t]) {
			verify_too_many(v, &k, t);
		}
	}
	free(k.slots);
}

/* ---- the schema ---- */

static const char *verify_schema_text(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

/* Both lists are in the order of names. */
static void verify_schema_lists(struct verify *v, sqlite3_stmt *found, sqlite3_stmt *expected)
{
	bool more_found = sqlite3_step(found) == SQLITE_ROW;
	bool more_expected = sqlite3_step(expected) == SQLITE_ROW;

	while (more_found || more_expected) {
		int order = !more_found      ? 1
			    : !more_expected ? -1
					     : strcmp(verify_schema_text(found, 0),
						       verify_schema_text(expected, 0));

		if (order > 0) {
			verify_fault(v, "sqlite_master", verify_schema_text(expected, 0),
				"it is missing");
		} else if (order < 0) {
			verify_fault(v, "sqlite_master", verify_schema_text(found, 0),
				"no schema of Alym has it");
		} else if (strcmp(verify_schema_text(found, 1), verify_schema_text(expected, 1)) !=
			   0) {
			verify_fault(v, "sqlite_master", verify_schema_text(found, 0),
				"column sql: it is not as Alym makes it");
		}
		more_found = order <= 0 ? sqlite3_step(found) == SQLITE_ROW : more_found;
		more_expected = order >= 0 ? sqlite3_step(expected) == SQLITE_ROW : more_expected;
	}
}

/* What the file says it is, beside what it has. */
static void verify_header(struct verify *v, sqlite3 *expected)
{
	static const char *const fields[][2] = {
		{ "user_version", "PRAGMA user_version" },
		{ "application_id", "PRAGMA application_id" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		int64_t found = store_sqlite_ask(v->db, fields[i][1]);
		int64_t wanted = store_sqlite_ask(expected, fields[i][1]);

		if (found != wanted) {
			verify_fault(v, "sqlite_master", fields[i][0],
				"found %" PRId64 ", expected %" PRId64, found, wanted);
		}
	}
}

void verify_schema(struct verify *v)
{
	sqlite3 *fresh = NULL;
	sqlite3_stmt *expected = NULL;
	sqlite3_stmt *found = NULL;
	struct err err = { 0 };

	if (sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
			SQLITE_OK ||
		!schema_bring(fresh, &err) ||
		sqlite3_prepare_v2(fresh, sql_texts[SQL_SCHEMA_LIST], -1, &expected, NULL) !=
			SQLITE_OK ||
		!verify_prepare(v, SQL_SCHEMA_LIST, &found)) {
		verify_fail(v, "make a schema to compare with");
	} else {
		verify_schema_lists(v, found, expected);
		verify_header(v, fresh);
	}
	(void)sqlite3_finalize(found);
	(void)sqlite3_finalize(expected);
	(void)sqlite3_close(fresh);
}
