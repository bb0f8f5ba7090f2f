/* SPDX-License-Identifier: Apache-2.0 */

/* A row that was derived, beside the one that stands in the book. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/verify_parts.h"

enum { VERIFY_SHOWN_MAX = 100, VERIFY_ROW_SIZE = 200, VERIFY_CELL_SIZE = 220 };

/* ---- showing ---- */

static void verify_show_bytes(struct text t, char out[VERIFY_CELL_SIZE])
{
	size_t size = t.size < VERIFY_SHOWN_MAX ? t.size : VERIFY_SHOWN_MAX;
	char hex[2 * VERIFY_SHOWN_MAX + 1];

	text_hex(t.bytes, size < 16 ? size : 16, hex);
	(void)snprintf(out, VERIFY_CELL_SIZE, "%zu bytes %s%s", t.size, hex,
		size > 16 ? "..." : "");
}

/* As people write it: an amount with its currency, a day, a time. */
static void verify_show_number(const struct shape_cell *cell, int64_t number,
	char out[VERIFY_CELL_SIZE])
{
	char text[MONEY_TEXT_SIZE + DATE_TIME_TEXT_SIZE];

	if (cell->kind == SHAPE_MONEY && money_currency_is_known(text_of(cell->what))) {
		(void)snprintf(out, VERIFY_CELL_SIZE, "%s",
			money_format(money_of(number, cell->what), text));
	} else if (cell->kind == SHAPE_DAY && number >= DATE_DAY_MIN && number <= DATE_DAY_MAX) {
		(void)snprintf(out, VERIFY_CELL_SIZE, "%s", date_format((int32_t)number, text));
	} else if (cell->kind == SHAPE_TIME && number >= DATE_TIME_MIN && number <= DATE_TIME_MAX) {
		(void)snprintf(out, VERIFY_CELL_SIZE, "%s", date_time_format(number, text));
	} else {
		(void)snprintf(out, VERIFY_CELL_SIZE, "%" PRId64, number);
	}
}

static void verify_show(const struct shape_cell *cell, char out[VERIFY_CELL_SIZE])
{
	switch (cell->kind) {
	case SHAPE_NUMBER:
	case SHAPE_DAY:
	case SHAPE_TIME:
	case SHAPE_MONEY:
		verify_show_number(cell, cell->number, out);
		break;
	case SHAPE_TEXT:
		(void)snprintf(out, VERIFY_CELL_SIZE, "\"%.*s\"",
			(int)(cell->text.size < VERIFY_SHOWN_MAX ? cell->text.size
								 : VERIFY_SHOWN_MAX),
			cell->text.bytes);
		break;
	case SHAPE_BLOB:
		verify_show_bytes(cell->text, out);
		break;
	case SHAPE_NULL:
		(void)snprintf(out, VERIFY_CELL_SIZE, "nothing");
		break;
	case SHAPE_SEALED_TEXT:
	case SHAPE_SEALED_BLOB:
	case SHAPE_OWN_TEXT:
	case SHAPE_OWN_BLOB:
	case SHAPE_OWN_NUMBER:
		(void)snprintf(out, VERIFY_CELL_SIZE, "what its leaf has sealed");
		break;
	}
}

/*
 * The connection is one thread's and without a mutex, so that a column is taken out of its row once
 * and then asked, in place of the row for each question.
 */
static struct text verify_value(sqlite3_value *value)
{
	struct text t = { sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value) };

	return t.bytes != NULL ? t : TEXT("");
}

static struct text verify_column(sqlite3_stmt *row, int column)
{
	struct text t = { sqlite3_column_blob(row, column),
		(size_t)sqlite3_column_bytes(row, column) };

	return t.bytes != NULL ? t : TEXT("");
}

/* What stands in the row, shown as what was expected is. */
static void verify_show_found(sqlite3_stmt *row, int column, const struct shape_cell *expected,
	char out[VERIFY_CELL_SIZE])
{
	struct shape_cell found = { .kind = SHAPE_TEXT, .text = verify_column(row, column) };

	switch (sqlite3_column_type(row, column)) {
	case SQLITE_NULL:
		found.kind = SHAPE_NULL;
		break;
	case SQLITE_INTEGER:
		verify_show_number(expected, sqlite3_column_int64(row, column), out);
		return;
	case SQLITE_TEXT:
		break;
	default:
		found.kind = SHAPE_BLOB;
		break;
	}
	verify_show(&found, out);
}

/* "7", "7/12" */
static void verify_show_key(const struct shape *shape, const struct shape_cell *cells,
	char out[VERIFY_ROW_SIZE])
{
	size_t size = 0;

	for (size_t i = 0; i < shape->keys; i++) {
		char cell[VERIFY_CELL_SIZE];

		verify_show(&cells[i], cell);
		size += (size_t)snprintf(out + size, VERIFY_ROW_SIZE - size, "%s%.60s",
			i > 0 ? "/" : "", cell);
	}
}

/* ---- looking ---- */

/* Whether the cursor's row has the key. */
static bool verify_key_is(sqlite3_stmt *row, const struct shape *shape,
	const struct shape_cell *key)
{
	for (size_t i = 0; i < shape->keys; i++) {
		bool same = key[i].kind == SHAPE_BLOB
				    ? text_equal(verify_column(row, (int)i), key[i].text)
				    : sqlite3_column_int64(row, (int)i) == key[i].number;

		if (!same) {
			return false;
		}
	}
	return true;
}

static bool verify_step(struct verify *v, struct verify_cursor *c)
{
	int rc = sqlite3_step(c->rows);

	c->live = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		verify_fail(v, "read the book");
	}
	return c->live;
}

sqlite3_stmt *verify_look(struct verify *v, enum shape_table table, const struct shape_cell *key)
{
	const struct shape *shape = shape_of(table);
	struct verify_cursor *c = &v->cursors[table];

	if (!verify_prepare(v, shape->row, &c->rows)) {
		return NULL;
	}
	if (c->live && verify_step(v, c) && verify_key_is(c->rows, shape, key)) {
		return c->rows;
	}
	(void)sqlite3_reset(c->rows);
	for (size_t i = 0; i < shape->keys; i++) {
		if (key[i].kind == SHAPE_BLOB) {
			(void)sqlite3_bind_blob(c->rows, (int)i + 1, key[i].text.bytes,
				(int)key[i].text.size, SQLITE_TRANSIENT);
		} else {
			(void)sqlite3_bind_int64(c->rows, (int)i + 1, key[i].number);
		}
	}
	return verify_step(v, c) && verify_key_is(c->rows, shape, key) ? c->rows : NULL;
}

/* ---- comparing ---- */

/* A leaf has U+FFFD where a text had bytes that are no UTF-8. */
static bool verify_text_is(struct text found, struct text expected)
{
	struct json_writer w;
	struct buffer texts[2];
	bool same;

	if (text_equal(found, expected)) {
		return true;
	}
	if (text_is_utf8(found)) {
		return false;
	}
	for (size_t i = 0; i < 2; i++) {
		struct text t = i == 0 ? found : expected;

		buffer_init(&texts[i], 6 * t.size + 16);
		json_writer_init(&w, &texts[i]);
		json_open_array(&w, NULL);
		json_text(&w, NULL, t);
		json_close_array(&w);
	}
	same = text_equal(buffer_text(&texts[0]), buffer_text(&texts[1]));
	buffer_done(&texts[0]);
	buffer_done(&texts[1]);
	return same;
}

static bool verify_seal_is(struct verify *v, struct text found, const struct shape_cell *cell)
{
	struct keyset_key seal;

	if (found.size == 0) {
		return false;
	}
	seal = seal_of(&v->seal, cell->what, &found, 1);
	return cell->text.size == sizeof(seal.bytes) &&
	       memcmp(seal.bytes, cell->text.bytes, sizeof(seal.bytes)) == 0;
}

static bool verify_cell_is(struct verify *v, sqlite3_stmt *row, int column,
	const struct shape_cell *cell)
{
	sqlite3_value *value = sqlite3_column_value(row, column);
	int type = sqlite3_value_type(value);

	switch (cell->kind) {
	case SHAPE_NUMBER:
	case SHAPE_DAY:
	case SHAPE_TIME:
	case SHAPE_MONEY:
		return type == SQLITE_INTEGER && sqlite3_value_int64(value) == cell->number;
	case SHAPE_TEXT:
		return type == SQLITE_TEXT && verify_text_is(verify_value(value), cell->text);
	case SHAPE_BLOB:
		return type == SQLITE_BLOB && text_equal(verify_value(value), cell->text);
	case SHAPE_NULL:
		return type == SQLITE_NULL;
	case SHAPE_SEALED_TEXT:
		return type == SQLITE_TEXT && verify_seal_is(v, verify_value(value), cell);
	case SHAPE_SEALED_BLOB:
		return type == SQLITE_BLOB && verify_seal_is(v, verify_value(value), cell);
	case SHAPE_OWN_TEXT:
		return type == SQLITE_TEXT;
	case SHAPE_OWN_BLOB:
		return type == SQLITE_BLOB;
	case SHAPE_OWN_NUMBER:
		break;
	}
	return type == SQLITE_INTEGER;
}

/* What a digest in the leaf is of: a set's files one after another, or a list of rates. */
static void verify_keep_own(struct verify *v, enum shape_table table, sqlite3_stmt *row)
{
	struct text name;
	struct text bytes;

	if (table == SHAPE_TARIFF_FILE) {
		name = verify_column(row, 2);
		bytes = verify_column(row, 3);
		buffer_add(&v->own, name);
		buffer_add_char(&v->own, '\0');
		buffer_printf(&v->own, "%zu", bytes.size);
		buffer_add_char(&v->own, '\0');
		buffer_add(&v->own, bytes);
	} else if (table == SHAPE_RATES) {
		buffer_add(&v->own, verify_column(row, 7));
	}
}

void verify_row(void *context, enum shape_table table, const struct shape_cell *cells)
{
	struct verify *v = context;
	const struct shape *shape = shape_of(table);
	sqlite3_stmt *row = verify_look(v, table, cells);
	char expected[VERIFY_CELL_SIZE];
	char found[VERIFY_CELL_SIZE];
	char key[VERIFY_ROW_SIZE];

	v->rows++;
	if (v->failed) {
		return;
	}
	if (row == NULL) {
		verify_show_key(shape, cells, key);
		verify_fault(v, shape->table, key, "it is missing");
		return;
	}
	v->there[table]++;
	for (size_t i = shape->keys; i < shape->count; i++) {
		if (!verify_cell_is(v, row, (int)i, &cells[i])) {
			verify_show_key(shape, cells, key);
			verify_show(&cells[i], expected);
			verify_show_found(row, (int)i, &cells[i], found);
			verify_fault(v, shape->table, key, "column %s: found %s, expected %s",
				shape->columns[i], found, expected);
		}
	}
	verify_keep_own(v, table, row);
}

/* ---- what leaves commit to ---- */

/* A digest of bytes that lie open: the book's secret, a set's files, a list of rates. */
static void verify_open(struct verify *v, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	const struct shape_cell key = SHAPE_OF_NUMBER(1);
	sqlite3_stmt *row = table == SHAPE_BOOK ? verify_look(v, table, &key) : NULL;
	struct text bytes = row != NULL ? verify_column(row, 3) : buffer_text(&v->own);
	const char *column = table == SHAPE_BOOK    ? "code_key"
			     : table == SHAPE_RATES ? "feed"
						    : "bytes";
	uint8_t digest[DIGEST_SIZE];

	digest_of(v->digest, &bytes, 1, digest);
	buffer_reset(&v->own);
	if (memcmp(digest, commitment, sizeof(digest)) == 0) {
		return;
	}
	verify_fault_at(v, shape_of(table)->table, table == SHAPE_BOOK ? 1 : record,
		"column %s: it is not that of record %" PRId64 ", whose leaf has another digest",
		column, record);
	if (table == SHAPE_BOOK) {
		derive_set_seal(v->derive, NULL); /* by another secret every seal is another */
	}
}

struct text verify_committed(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	struct verify *v = context;
	const struct shape_cell key = SHAPE_OF_NUMBER(record);
	const struct shape_cell gone[] = {
		SHAPE_OF_NUMBER(table == SHAPE_PRIVATE ? JOB_SOURCE_PRIVATE : JOB_SOURCE_EVIDENCE),
		SHAPE_OF_NUMBER(record),
	};
	uint8_t digest[DIGEST_SIZE];
	struct text parts[2];
	sqlite3_stmt *row;
	bool erased;

	if (table != SHAPE_PRIVATE && table != SHAPE_EVIDENCE) {
		verify_open(v, table, record, commitment);
		return TEXT("");
	}
	row = verify_look(v, table, &key);
	if (row == NULL) {
		erased = verify_look(v, SHAPE_ERASED, gone) != NULL;
		if (!erased && !v->failed) {
			verify_fault_at(v, shape_of(table)->table, record,
				"it is missing, and no erasure says why");
		}
		return TEXT("");
	}
	v->rows++;
	v->there[table]++;
	parts[0] = verify_column(row, 1);
	parts[1] = verify_column(row, 2);
	digest_of(v->digest, parts, 2, digest);
	if (memcmp(digest, commitment, sizeof(digest)) != 0) {
		verify_fault_at(v, shape_of(table)->table, record,
			"columns salt, data: they are not what the record's leaf commits to");
		return TEXT("");
	}
	return parts[1];
}

/* ---- what derive let go ---- */

static void verify_seal_column(struct verify *v, sqlite3_stmt *row, int column, const char *what,
	uint8_t seal[KEYSET_KEY_SIZE], bool *has)
{
	struct text t = verify_column(row, column);
	struct keyset_key key;

	*has = t.size > 0;
	if (*has && v->sealed) {
		key = seal_of(&v->seal, what, &t, 1);
		memcpy(seal, key.bytes, KEYSET_KEY_SIZE);
	}
}

static bool verify_card_attempts(struct verify *v, int64_t payment, int64_t record,
	struct derive_card *card)
{
	sqlite3_stmt *row = NULL;
	int rc = SQLITE_DONE;

	if (!verify_prepare(v, SQL_DERIVE_ATTEMPTS, &row)) {
		return false;
	}
	(void)sqlite3_bind_int64(row, 1, payment);
	(void)sqlite3_bind_int64(row, 2, record);
	while (card->attempt_count < ATTEMPT_COUNT_MAX && (rc = sqlite3_step(row)) == SQLITE_ROW) {
		struct derive_attempt a = { .gateway = sqlite3_column_int(row, 1),
			.state = (enum attempt_state)sqlite3_column_int(row, 2),
			.captured = sqlite3_column_int64(row, 3),
			.paid_on = sqlite3_column_type(row, 5) == SQLITE_NULL
					   ? DATE_NONE
					   : sqlite3_column_int(row, 5) };

		if ((unsigned)a.state >= ATTEMPT_STATE_COUNT ||
			!text_copy(verify_column(row, 4), a.currency, sizeof(a.currency)) ||
			!text_copy(verify_column(row, 6), a.operation, sizeof(a.operation))) {
			break;
		}
		verify_seal_column(v, row, 7, "handle", a.handle, &a.has_handle);
		verify_seal_column(v, row, 8, "page", a.page, &a.has_page);
		card->attempts = mem_grow(card->attempts, card->attempt_count + 1, sizeof(a));
		card->attempts[card->attempt_count++] = a;
	}
	(void)sqlite3_finalize(row);
	return rc == SQLITE_DONE;
}

bool verify_card(void *context, int64_t payment, int64_t record, struct derive_card *card)
{
	struct verify *v = context;
	sqlite3_stmt *row = NULL;
	bool found = false;

	if (!verify_prepare(v, SQL_DERIVE_CARD, &row)) {
		return false;
	}
	(void)sqlite3_bind_int64(row, 1, payment);
	(void)sqlite3_bind_int64(row, 2, record);
	if (sqlite3_step(row) == SQLITE_ROW) {
		card->number = payment;
		card->client = sqlite3_column_int(row, 0);
		card->generation = sqlite3_column_int(row, 1);
		card->expires_at = sqlite3_column_int64(row, 2);
		card->record = sqlite3_column_int64(row, 4);
		card->state = (enum payment_state)sqlite3_column_int(row, 5);
		card->fulfilled = sqlite3_column_int(row, 6) != 0;
		card->due = sqlite3_column_int64(row, 7);
		card->paid = sqlite3_column_int64(row, 8);
		card->held = sqlite3_column_int64(row, 9);
		card->before = (enum payment_state)sqlite3_column_int(row, 10);
		found = (unsigned)card->state < PAYMENT_STATE_COUNT &&
			(unsigned)card->before < PAYMENT_STATE_COUNT &&
			text_copy(verify_column(row, 3), card->currency, sizeof(card->currency));
	}
	(void)sqlite3_finalize(row);
	return found && verify_card_attempts(v, payment, record, card);
}
