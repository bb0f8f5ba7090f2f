/* SPDX-License-Identifier: Apache-2.0 */

/* reader_ledger - events, for clients; accounts, records and proofs, for auditors. */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "ledger/journal.h"
#include "ledger/kind.h"
#include "ledger/reader_parts.h"

bool reader_events(struct reader *r, int32_t client, struct reader_page *page,
	struct event_row *rows, struct err *err)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, READER_NUMBER_MAX },
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "payment", STORE_INT, 1, ID_NUMBER_MAX },
		{ "its record's booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "type", STORE_INT, KIND_EVENT_CREATED, KIND_EVENT_END - 1 },
		{ "its record's generation", STORE_INT, 1, ID_GENERATION_MAX },
	};

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(rows != NULL);

	page->count = 0;
	page->as_of = reader_integer(r, SQL_VIEW_EVENT_HEAD,
		(struct store_value[]){ STORE_OF_INT(client) }, 1);
	store_begin_rows(r->store, SQL_VIEW_EVENTS,
		(struct store_value[]){ STORE_OF_INT(client), STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		3);
	while (store_row(r->store) && READER_ROW_IS(r, "event", store_int(r->store, 0), columns)) {
		struct event_row *row = &rows[page->count++];
		bool fits;

		row->number = store_int(r->store, 0);
		row->record = store_int(r->store, 1);
		row->payment = store_int(r->store, 2);
		row->booked_at = store_int(r->store, 3);
		fits = text_copy(text_of(kind_event_name((enum kind_event)store_int(r->store, 4))),
			row->type, sizeof(row->type));
		assert(fits);
		row->generation = (int32_t)store_int(r->store, 5);
	}
	return reader_end(r, err);
}

bool reader_account_row(struct reader *r, struct account_row *row)
{
	static const struct store_column columns[READER_ACCOUNT_COLUMNS] = {
		{ "number", STORE_INT, 1, READER_NUMBER_MAX },
		{ "name", STORE_TEXT, 1, READER_ACCOUNT_SIZE - 1 },
		{ "type", STORE_INT, 0, KIND_ACCOUNT_END - 1 },
		{ "currency", STORE_TEXT, 3, 3 },
		{ "its sum of debits", STORE_INT, 0, INT64_MAX },
		{ "its sum of credits", STORE_INT, 0, INT64_MAX },
		{ "its last entry", STORE_INT, 0, READER_NUMBER_MAX },
	};
	bool fits;

	assert(row != NULL);

	if (!READER_ROW_IS(r, "account", store_int(r->store, 0), columns) ||
		!reader_currency(r, "account", store_int(r->store, 0), 3, row->currency)) {
		return false;
	}
	fits = text_copy(store_text(r->store, 1), row->name, sizeof(row->name)) &&
	       text_copy(text_of(kind_account_name((enum kind_account)store_int(r->store, 2))),
		       row->type, sizeof(row->type));
	assert(fits);
	row->account = store_int(r->store, 0);
	row->debit = store_int(r->store, 4);
	row->credit = store_int(r->store, 5);
	row->entries_last = store_int(r->store, 6);
	return true;
}

bool reader_accounts(struct reader *r, struct reader_page *page, struct account_row *rows,
	struct err *err)
{
	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(rows != NULL);

	page->count = 0;
	/* The record first: what is committed in between is in the sums, never missing from them.
	 */
	page->as_of = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	store_begin_rows(r->store, SQL_VIEW_ACCOUNTS,
		(struct store_value[]){ STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		2);
	while (page->count < page->limit && store_row(r->store) &&
		reader_account_row(r, &rows[page->count])) {
		page->count++;
	}
	return reader_end(r, err);
}

bool reader_payment_last(struct reader *r, int64_t *number, struct err *err)
{
	int64_t last = reader_last(r, SQL_VIEW_PAYMENT_LAST, "payment");

	assert(number != NULL);

	if (!reader_end(r, err)) {
		return false;
	}
	*number = last;
	return true;
}

bool reader_calculations(struct reader *r, int64_t payment, struct reader_page *page,
	int64_t *records, struct err *err)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
	};

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(records != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_CALCULATIONS,
		(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		3);
	while (page->count < page->limit && store_row(r->store) &&
		READER_ROW_IS(r, "calculation", payment, columns)) {
		records[page->count++] = store_int(r->store, 0);
	}
	page->next = page->count == page->limit ? records[page->count - 1] : 0;
	return reader_end(r, err);
}

enum reader_result reader_record(struct reader *r, int64_t number, struct buffer *leaf,
	struct err *err)
{
	static const struct store_column columns[] = {
		{ "leaf", STORE_BLOB, 2, JOURNAL_LEAF_MAX },
	};
	bool found;

	assert(r != NULL);
	assert(leaf != NULL);

	store_begin_rows(r->store, SQL_SELECT_LEAF, (struct store_value[]){ STORE_OF_INT(number) },
		1);
	found = store_row(r->store) && READER_ROW_IS(r, "record", number, columns);
	if (found) {
		buffer_add(leaf, store_text(r->store, 0));
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

enum reader_result reader_checkpoint(struct reader *r, uint64_t size_max, char note[NOTE_TEXT_SIZE],
	uint64_t *size, struct err *err)
{
	static const struct store_column columns[] = {
		{ "size", STORE_INT, 1, READER_NUMBER_MAX },
		{ "note", STORE_TEXT, 1, NOTE_TEXT_SIZE - 1 },
	};
	bool found;

	assert(r != NULL);
	assert(size != NULL);

	store_begin_rows(r->store, SQL_VIEW_CHECKPOINT,
		(struct store_value[]){
			STORE_OF_INT(size_max > INT64_MAX ? INT64_MAX : (int64_t)size_max) },
		1);
	found = store_row(r->store) &&
		READER_ROW_IS(r, "checkpoint", store_int(r->store, 0), columns) &&
		text_copy(store_text(r->store, 1), note, NOTE_TEXT_SIZE);
	if (found) {
		*size = (uint64_t)store_int(r->store, 0);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

static bool reader_has_size(struct reader *r, uint64_t size)
{
	return size <= (uint64_t)reader_last(r, SQL_VIEW_RECORD_LAST, "record");
}

enum reader_result reader_inclusion(struct reader *r, int64_t record, uint64_t size,
	struct tree_hash *root, struct tree_proof *proof, struct err *err)
{
	struct journal_source source = { .store = r->store, .hasher = r->hasher };
	bool ok;

	assert(root != NULL);
	assert(proof != NULL);

	if (record < 1 || (uint64_t)record > size || !reader_has_size(r, size)) {
		return reader_end(r, err) ? READER_ABSENT : READER_FAILED;
	}
	ok = tree_inclusion(r->hasher, (uint64_t)record - 1, size, journal_source, &source,
		     proof) &&
	     tree_root_at(r->hasher, size, journal_source, &source, root);
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return ok ? READER_FOUND : READER_ABSENT;
}

enum reader_result reader_consistency(struct reader *r, uint64_t first, uint64_t second,
	struct tree_proof *proof, struct err *err)
{
	struct journal_source source = { .store = r->store, .hasher = r->hasher };
	bool ok;

	assert(r != NULL);
	assert(proof != NULL);

	if (first == 0 || first > second || !reader_has_size(r, second)) {
		return reader_end(r, err) ? READER_ABSENT : READER_FAILED;
	}
	ok = tree_consistency(r->hasher, first, second, journal_source, &source, proof);
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return ok ? READER_FOUND : READER_ABSENT;
}

enum reader_result reader_tariff_last(struct reader *r, uint8_t digest[JOB_DIGEST_SIZE],
	struct err *err)
{
	static const struct store_column columns[] = {
		{ "digest", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
	};
	bool found;

	assert(r != NULL);
	assert(digest != NULL);

	store_begin_rows(r->store, SQL_SELECT_TARIFF_LAST, NULL, 0);
	found = store_row(r->store) &&
		READER_ROW_IS(r, "tariff_use", store_int(r->store, 1), columns);
	if (found) {
		memcpy(digest, store_text(r->store, 0).bytes, JOB_DIGEST_SIZE);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

enum reader_result reader_tariff_file(struct reader *r, const uint8_t digest[JOB_DIGEST_SIZE],
	size_t i, struct job_tariff_file *file, struct buffer *arena, struct err *err)
{
	bool found;

	assert(file != NULL);
	assert(arena != NULL);

	store_begin_rows(r->store, SQL_VIEW_TARIFF_FILE,
		(struct store_value[]){ STORE_OF_BLOB(digest, JOB_DIGEST_SIZE),
			STORE_OF_INT((int64_t)i) },
		2);
	found = store_row(r->store);
	if (found) {
		struct text name = store_text(r->store, 0);
		struct text bytes = store_text(r->store, 1);

		buffer_done(arena);
		buffer_init_whole(arena, name.size + bytes.size + 1);
		buffer_add(arena, name);
		buffer_add_char(arena, '\0');
		buffer_add(arena, bytes);
		file->name = arena->bytes;
		file->bytes =
			(struct text){ .bytes = arena->bytes + name.size + 1, .size = bytes.size };
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

/* The store's row; false, and the reader has failed, when it is not what it must be. */
static bool reader_rates_row(struct reader *r, struct rates_row *row)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "replaces", STORE_INT, 0, READER_NUMBER_MAX },
		{ "digest", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "rates", STORE_TEXT, 2, JOB_RATES_MAX },
		{ "source", STORE_TEXT, 1, JOB_SOURCE_MAX },
		{ "reason", STORE_TEXT, 1, JOB_REASON_MAX },
		{ "its record's booked_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
	};
	struct store *s = r->store;
	bool fits;

	assert(row != NULL);

	if (!READER_ROW_IS(r, "rates", store_int(s, 0), columns)) {
		return false;
	}
	*row = (struct rates_row){ .record = store_int(s, 0),
		.day = (int32_t)store_int(s, 1),
		.replaces = store_int(s, 2),
		.booked_at = store_int(s, 7) };
	memcpy(row->digest, store_text(s, 3).bytes, sizeof(row->digest));
	fits = text_copy(store_text(s, 4), row->rates, sizeof(row->rates)) &&
	       text_copy(store_text(s, 5), row->source, sizeof(row->source)) &&
	       text_copy(store_text(s, 6), row->reason, sizeof(row->reason));
	assert(fits);
	return true;
}

bool reader_rates(struct reader *r, struct reader_page *page, struct rates_row *rows,
	struct err *err)
{
	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(rows != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_RATES,
		(struct store_value[]){ STORE_OF_INT(page->after),
			STORE_OF_INT((int64_t)page->limit) },
		2);
	while (page->count < page->limit && store_row(r->store) &&
		reader_rates_row(r, &rows[page->count])) {
		page->count++;
	}
	return reader_end(r, err);
}

enum reader_result reader_rates_of_day(struct reader *r, int32_t day, struct rates_row *row,
	struct err *err)
{
	bool found;

	assert(row != NULL);

	store_begin_rows(r->store, SQL_VIEW_RATES_OF_DAY,
		(struct store_value[]){ STORE_OF_INT(day) }, 1);
	found = store_row(r->store) && reader_rates_row(r, row);
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

bool reader_figures(struct reader *r, struct reader_figures *f, struct err *err)
{
	assert(r != NULL);
	assert(f != NULL);

	*f = (struct reader_figures){ 0 };
	store_begin_rows(r->store, SQL_VIEW_FIGURES, NULL, 0);
	if (store_row(r->store)) {
		f->records = store_int(r->store, 0);
		f->entries = store_int(r->store, 1);
		f->payments = store_int(r->store, 2);
		f->inbox = store_int(r->store, 3);
		f->suspense = store_int(r->store, 4);
	}
	f->log_bytes = store_log_size(r->store);
	return reader_end(r, err);
}
