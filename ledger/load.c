/* SPDX-License-Identifier: Apache-2.0 */

/*
 * load - what the writer's memory begins with, read from the book.
 *
 * The file may have been damaged or tampered with, so nothing in it is believed: each row that the
 * memory is built on is looked at, and so is the newest end of what was posted, where a damaged
 * disk or a hand that is in a hurry leaves its marks.  (All of the book is verified by whoever
 * audits it; that takes time that a start does not have.)
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/book_parts.h"
#include "ledger/checkpoint.h"

enum { LOAD_TAIL_ENTRIES = 256, LOAD_GENERATION_MAX = 99 };

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* A new book: its name, its keys, and record 1. */
static void load_found(struct book *b, const struct book_options *options)
{
	const struct text code_key = { (const char *)options->random + 16, CODE_KEY_SIZE };
	uint8_t digest[DIGEST_SIZE];
	char name[9];
	struct json_writer *w;

	assert(options != NULL);
	assert(journal_next(b->journal) == 1);

	text_hex(options->random, 4, name);
	store_put(b->store, SQL_INSERT_BOOK,
		(struct store_value[]){ STORE_OF_TEXT(text_of(name)), STORE_OF_INT(1),
			STORE_OF_BLOB(code_key.bytes, code_key.size), STORE_OF_INT(options->now) },
		4);
	w = journal_begin(b->journal, KIND_GENERATION, options->now);
	json_cstring(w, "book", name);
	digest_of(b->digest, &code_key, 1, digest);
	json_hex(w, "code_key", digest, sizeof(digest));
	json_decimal(w, "generation", 1);
	(void)journal_end(b->journal);
}

/* The book's own row is there; then it is no new one. */
static bool load_is_named(struct book *b)
{
	bool named;

	assert(b->store != NULL);

	store_begin_rows(b->store, SQL_SELECT_BOOK, NULL, 0);
	named = store_row(b->store);
	store_end_rows(b->store);
	return named;
}

static bool load_self(struct book *b, const struct book_options *options, struct err *err)
{
	static const struct store_column columns[] = {
		{ "name", STORE_TEXT, 8, 8 },
		{ "generation", STORE_INT, 1, LOAD_GENERATION_MAX },
		{ "code_key", STORE_BLOB, CODE_KEY_SIZE, CODE_KEY_SIZE },
	};
	char name[BOOK_ORIGIN_SIZE];
	int n = 0;

	assert(b->codes == NULL);

	store_begin_rows(b->store, SQL_SELECT_BOOK, NULL, 0);
	if (!store_row(b->store)) {
		store_damaged(b->store, "book", 1, "is missing");
	} else if (store_row_is(b->store, "book", 1, columns, COUNT(columns))) {
		b->codes = code_key_new((const uint8_t *)store_text(b->store, 2).bytes);
		seal_init(&b->seal, b->digest, (const uint8_t *)store_text(b->store, 2).bytes);
		b->generation = (int32_t)store_int(b->store, 1);
		n = text_copy(store_text(b->store, 0), b->name, sizeof(b->name)) &&
				    text_copy(text_of(options->origin), b->origin,
					    sizeof(b->origin))
			    ? snprintf(name, sizeof(name), "%s/%s/%d", options->origin, b->name,
				      b->generation)
			    : -1;
	}
	store_end_rows(b->store);
	if (store_failed(b->store)) {
		return false;
	}
	if (n < 0 || !text_copy(text_of(options->head), b->head_path, sizeof(b->head_path)) ||
		(size_t)n >= sizeof(name)) {
		return err_set(err, ERR_DATABASE, "the book's origin is longer than %d bytes",
			BOOK_ORIGIN_SIZE - 1);
	}
	return rotate_load(b, options, name, err);
}

static void load_name(struct book *b, struct book_names *names, const char *table)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, BOOK_NAMES_MAX },
		{ "name", STORE_TEXT, 1, JOB_NAME_MAX },
		{ "record", STORE_INT, 1, INT64_MAX },
	};
	struct book_name *n = &names->names[names->count];
	bool fits;

	assert(names->count < BOOK_NAMES_MAX);

	if (store_int(b->store, 0) != names->count + 1) {
		store_damaged(b->store, table, names->count + 1, "is missing");
	} else if (store_row_is(b->store, table, names->count + 1, columns, COUNT(columns)) &&
		   store_int(b->store, 2) >= journal_next(b->journal)) {
		store_damaged(b->store, table, names->count + 1, "its record is missing");
	}
	if (!store_failed(b->store)) {
		fits = text_copy(store_text(b->store, 1), n->name, sizeof(n->name));
		assert(fits);
		n->order_serial = -1;
		names->count++;
	}
}

static void load_names(struct book *b, struct book_names *names, int which)
{
	assert(names->names == NULL);

	names->names = mem_new(BOOK_NAMES_MAX, sizeof(*names->names));
	store_begin_rows(b->store, SQL_SELECT_NAMES, (struct store_value[]){ STORE_OF_INT(which) },
		1);
	while (!store_failed(b->store) && names->count < BOOK_NAMES_MAX && store_row(b->store)) {
		load_name(b, names, which == 0 ? "client" : "gateway");
	}
	store_end_rows(b->store);
}

/* The number of each client's last event. */
static void load_events(struct book *b)
{
	static const struct store_column columns[] = { { "number", STORE_INT, 0, INT64_MAX - 1 } };

	assert(b->clients.names != NULL);

	for (int32_t i = 0; i < b->clients.count; i++) {
		store_begin_rows(b->store, SQL_SELECT_EVENT_LAST,
			(struct store_value[]){ STORE_OF_INT(i + 1) }, 1);
		if (store_row(b->store) && store_row_is(b->store, "event", i + 1, columns, 1)) {
			b->clients.names[i].event_last = store_int(b->store, 0);
		}
		store_end_rows(b->store);
	}
}

static void load_last(struct book *b, const struct zone *almaty)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, INT64_MAX },
		{ "booked_at", STORE_INT, 0, DATE_TIME_MAX },
		{ "the last payment", STORE_INT, 0, ID_NUMBER_MAX },
		{ "the last entry", STORE_INT, 0, INT64_MAX - 1 },
		{ "the last suspense", STORE_INT, 0, INT64_MAX - 1 },
		{ "the last inbox", STORE_INT, 0, INT64_MAX - 1 },
		{ "the last client", STORE_INT, 0, BOOK_NAMES_MAX },
		{ "the last gateway", STORE_INT, 0, BOOK_NAMES_MAX },
		{ "the inbox", STORE_INT, 0, INT64_MAX },
		{ "the last entry's booked_day", STORE_INT, INT32_MIN, INT32_MAX },
	};

	store_begin_rows(b->store, SQL_SELECT_LAST, NULL, 0);
	if (store_row(b->store) &&
		store_row_is(b->store, "record", store_int(b->store, 0), columns, COUNT(columns))) {
		b->payment_last = store_int(b->store, 2);
		b->entry_last = store_int(b->store, 3);
		b->suspense_last = store_int(b->store, 4);
		b->inbox_last = store_int(b->store, 5);
		b->inbox_count = store_int(b->store, 8);
		b->day_last = (int32_t)store_int(b->store, 9);
		/* The clock may have been set back since the last record, which may be no entry. */
		if (almaty != NULL && zone_day(almaty, store_int(b->store, 1)) > b->day_last) {
			b->day_last = zone_day(almaty, store_int(b->store, 1));
		}
	}
	store_end_rows(b->store);
}

static void load_tariff(struct book *b)
{
	static const struct store_column columns[] = {
		{ "digest", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
	};

	assert(!b->has_tariff);

	store_begin_rows(b->store, SQL_SELECT_TARIFF_LAST, NULL, 0);
	if (store_row(b->store) &&
		store_row_is(b->store, "tariff_use", store_int(b->store, 1), columns, 1)) {
		memcpy(b->tariff, store_text(b->store, 0).bytes, sizeof(b->tariff));
		b->has_tariff = true;
	}
	store_end_rows(b->store);
}

static void load_checkpoint(struct book *b)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 2, INT64_MAX },
		{ "size", STORE_INT, 1, INT64_MAX },
		{ "note", STORE_TEXT, 1, NOTE_TEXT_SIZE - 1 },
	};

	assert(b->checkpoint_record == 0);

	store_begin_rows(b->store, SQL_SELECT_CHECKPOINT_LAST, NULL, 0);
	if (store_row(b->store) && store_row_is(b->store, "checkpoint", store_int(b->store, 0),
					   columns, COUNT(columns))) {
		bool fits = text_copy(store_text(b->store, 2), b->checkpoint_note,
			sizeof(b->checkpoint_note));

		assert(fits);
		b->checkpoint_record = store_int(b->store, 0);
		b->checkpoint_size = (uint64_t)store_int(b->store, 1);
	}
	store_end_rows(b->store);
}

/* ---- the newest end ---- */

/* No table tells of a record that the journal does not have. */
static void load_tail_records(struct book *b)
{
	store_begin_rows(b->store, SQL_SELECT_TAIL_RECORDS, NULL, 0);
	while (!store_failed(b->store) && store_row(b->store)) {
		char table[32];

		if (!store_is_null(b->store, 1) &&
			store_int(b->store, 1) >= journal_next(b->journal) &&
			text_copy(store_text(b->store, 2), table, sizeof(table))) {
			store_damaged(b->store, table, store_int(b->store, 0),
				"its record is missing");
		}
	}
	store_end_rows(b->store);
}

/* Entries are numbered without gaps, in the order of their records, and sealed with their lines. */
static void load_tail_entries(struct book *b)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, INT64_MAX }, { "record", STORE_INT, 1, INT64_MAX },
		{ "lines", STORE_INT, 2, ENTRY_POSTINGS_MAX },
		{ "its record's kind", STORE_INT, 1, 1 }, /* whether it is the right one */
	};
	int64_t number = b->entry_last;
	int64_t before = journal_next(b->journal);

	store_begin_rows(b->store, SQL_SELECT_TAIL_ENTRIES,
		(struct store_value[]){ STORE_OF_INT(LOAD_TAIL_ENTRIES) }, 1);
	for (; !store_failed(b->store) && store_row(b->store); number--) {
		if (store_int(b->store, 0) != number) {
			store_damaged(b->store, "entry", number, "is missing");
		} else if (store_row_is(b->store, "entry", number, columns, COUNT(columns)) &&
			   store_int(b->store, 1) >= before) {
			store_damaged(b->store, "entry", number, "its record is out of order");
		} else if (store_int(b->store, 2) != store_int(b->store, 4)) {
			store_damaged(b->store, "entry", number, "lines are missing or too many");
		}
		before = store_int(b->store, 1);
	}
	store_end_rows(b->store);
	if (number > 0 && number > b->entry_last - LOAD_TAIL_ENTRIES) {
		store_damaged(b->store, "entry", number, "is missing");
	}
}

static void load_tail_postings(struct book *b)
{
	static const struct store_column columns[] = {
		{ "entry", STORE_INT, 1, INT64_MAX },
		{ "line", STORE_INT, 1, ENTRY_POSTINGS_MAX },
		{ "amount", STORE_INT, -INT64_MAX, INT64_MAX },
		{ "prev", STORE_INT, 0, INT64_MAX },
	};
	int64_t after = b->entry_last - LOAD_TAIL_ENTRIES;

	store_begin_rows(b->store, SQL_SELECT_TAIL_POSTINGS,
		(struct store_value[]){ STORE_OF_INT(after) }, 1);
	while (!store_failed(b->store) && store_row(b->store)) {
		int64_t entry = store_int(b->store, 0);

		if (!store_row_is(b->store, "posting", entry, columns, COUNT(columns))) {
			break;
		}
		if (store_int(b->store, 3) >= entry) {
			store_damaged(b->store, "posting", entry, "prev is not an entry before it");
		} else if (store_is_null(b->store, 5)) {
			store_damaged(b->store, "posting", entry, "account %lld is unknown",
				(long long)store_int(b->store, 4));
		} else if (entry > b->entry_last) {
			store_damaged(b->store, "posting", entry, "no entry seals it");
		}
	}
	store_end_rows(b->store);
}

/* ---- keys ---- */

/* Where keys of a kind lie: rows 1 to `last` of a table, or those of the records themselves. */
struct load_kind {
	const char *table;
	enum sql keys;
	enum sql record; /* of a row; of the records themselves SQL_COUNT */
	int64_t last;
};

static int64_t load_record(struct book *b, const struct load_kind *kind, int64_t row)
{
	static const struct store_column columns[] = { { "record", STORE_INT, 1, INT64_MAX } };
	int64_t record = INT64_MAX;

	assert(row > 0);

	store_begin_rows(b->store, kind->record, (struct store_value[]){ STORE_OF_INT(row) }, 1);
	if (!store_row(b->store)) {
		store_damaged(b->store, kind->table, row, "is missing");
	} else if (store_row_is(b->store, kind->table, row, columns, COUNT(columns))) {
		record = store_int(b->store, 0);
	}
	store_end_rows(b->store);
	return record;
}

/* The last row of a record that is covered: rows stand in the order of their records, and a large
 * table is not gone through. */
static int64_t load_covered(struct book *b, const struct load_kind *kind, int64_t covered)
{
	int64_t low = 0;
	int64_t high = kind->last + 1;

	assert(covered >= 0);

	if (kind->record == SQL_COUNT) {
		return covered;
	}
	while (covered > 0 && high - low > 1 && !store_failed(b->store)) {
		int64_t middle = low + (high - low) / 2;

		if (load_record(b, kind, middle) <= covered) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Puts every key newer than what the segments cover into the window again. */
static void load_keys(struct book *b, struct keyset *set, const struct load_kind *kind)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, INT64_MAX },
		{ "its key", STORE_BLOB, KEYSET_KEY_SIZE, KEYSET_KEY_SIZE },
		{ "record", STORE_INT, 1, INT64_MAX },
	};
	int64_t before = keyset_covered(set);

	int64_t after = load_covered(b, kind, before);

	store_begin_rows(b->store, kind->keys, (struct store_value[]){ STORE_OF_INT(after) }, 1);
	while (!store_failed(b->store) && store_row(b->store)) {
		int64_t value = store_int(b->store, 0);
		int64_t record = store_int(b->store, 2);
		struct keyset_key key;

		if (!store_row_is(b->store, kind->table, value, columns, COUNT(columns))) {
			break;
		}
		if (record <= before) {
			store_damaged(b->store, kind->table, value, "record %lld is out of order",
				(long long)record);
			break;
		}
		memcpy(key.bytes, store_text(b->store, 1).bytes, sizeof(key.bytes));
		keyset_put(set, &key, value, record);
		before = record;
	}
	store_end_rows(b->store);
}

static bool load_keyset(struct book *b, int name, int64_t window, struct keyset **set,
	struct err *err)
{
	const struct load_kind kinds[] = {
		[BOOK_KEYS_REQUESTS] = { "request", SQL_SELECT_REQUEST_KEYS, SQL_COUNT, 0 },
		[BOOK_KEYS_REFERENCES] = { "payment", SQL_SELECT_REFERENCE_KEYS,
			SQL_SELECT_PAYMENT_RECORD, b->payment_last },
		[BOOK_KEYS_OPERATIONS] = { "entry", SQL_SELECT_OPERATION_KEYS,
			SQL_VIEW_ENTRY_RECORD, b->entry_last },
		[BOOK_KEYS_CREATIONS] = { "payment", SQL_SELECT_CREATION_KEYS,
			SQL_SELECT_PAYMENT_RECORD, b->payment_last },
	};

	assert(name > 0 && (size_t)name < COUNT(kinds));

	if (!keyset_open(b->store, name, window, set, err)) {
		return false;
	}
	if (keyset_covered(*set) >= journal_next(b->journal)) {
		store_damaged(b->store, "keyset_segment", name, "covers records that are missing");
	}
	load_keys(b, *set, &kinds[name]);
	return !store_failed(b->store);
}

/* ---- the whole ---- */

/* The journal, and the first record of a new book. */
static bool load_journal(struct book *b, const struct book_options *options, struct err *err)
{
	if (!journal_open(b->store, &b->journal)) {
		return err_set(err, ERR_DATABASE, "the journal's tree can not be rebuilt");
	}
	if (journal_next(b->journal) > 1) {
		return true;
	}
	if (load_is_named(b)) {
		store_damaged(b->store, "record", 1, "is missing");
		return false;
	}
	store_begin(b->store);
	load_found(b, options);
	return store_commit(b->store, err);
}

static bool load_all(struct book *b, const struct book_options *options, struct err *err)
{
	int64_t window = options->keys_window > 0 ? options->keys_window : BOOK_KEYS_WINDOW;

	assert(b->cards == NULL);

	if (!load_journal(b, options, err) || !load_self(b, options, err)) {
		return false;
	}
	load_last(b, options->almaty);
	close_load(b);
	standing_load(b, options->head);
	if (!chart_open(b->store, b->entry_last, &b->chart)) {
		return false;
	}
	b->cards = cards_new(options->cards_max > 0 ? options->cards_max : BOOK_CARDS_MAX);
	load_names(b, &b->clients, 0);
	load_events(b);
	load_names(b, &b->gateways, 1);
	load_tariff(b);
	load_checkpoint(b);
	load_tail_records(b);
	load_tail_entries(b);
	load_tail_postings(b);
	return !store_failed(b->store) &&
	       load_keyset(b, BOOK_KEYS_REQUESTS, window, &b->requests, err) &&
	       load_keyset(b, BOOK_KEYS_CREATIONS, window, &b->creations, err) &&
	       load_keyset(b, BOOK_KEYS_REFERENCES, window, &b->references, err) &&
	       load_keyset(b, BOOK_KEYS_OPERATIONS, window, &b->operations, err);
}

bool load_book(struct book *b, const struct book_options *options, struct err *err)
{
	bool ok;

	assert(b->store != NULL);
	assert(options != NULL);

	ok = load_all(b, options, err);
	if (store_failed(b->store)) {
		store_explain(b->store, err);
		ok = false;
	}
	return ok;
}
