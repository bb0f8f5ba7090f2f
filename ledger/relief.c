/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/relief.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/reader_parts.h"

enum { RELIEF_SLICE = 5000 }; /* entries: each may want its payment looked up */

/* An entry that grants relief, before its payment was looked up. */
struct relief_grant {
	int64_t record;
	int64_t payment;
	int64_t ground; /* account */
	int64_t fee;    /* account, or 0 */
	int64_t gross;
	int64_t relief;
};

struct relief {
	struct movements movements;
	struct account_row *accounts; /* number - 1; their names */
	size_t account_count;
	bool is_open;
	struct relief_grant grants[RELIEF_SLICE]; /* of one slice */
	size_t grant_count;
	struct relief_row *rows;
	size_t count;
	size_t capacity;
	size_t last; /* the row found last */
	bool too_many;
	bool too_large;
};

struct relief *relief_new(const struct movements *movements)
{
	struct relief *f = mem_new(1, sizeof(*f));

	assert(movements != NULL);

	f->movements = *movements;
	if (f->movements.slice == 0 || f->movements.slice > RELIEF_SLICE) {
		f->movements.slice = RELIEF_SLICE;
	}
	return f;
}

void relief_free(struct relief **relief)
{
	assert(relief != NULL);

	if (*relief != NULL) {
		free((*relief)->accounts);
		free((*relief)->rows);
		free(*relief);
		*relief = NULL;
	}
}

/* ---- one slice ---- */

static struct text relief_account(const struct relief *f, int64_t account, const char *prefix)
{
	struct text name = { "", 0 };

	if (account > 0 && account <= (int64_t)f->account_count) {
		name = text_of(f->accounts[account - 1].name);
	}
	if (!text_starts(name, text_of(prefix))) {
		return TEXT("");
	}
	return (struct text){ name.bytes + strlen(prefix), name.size - strlen(prefix) };
}

static void relief_take(void *context, const struct movement *m)
{
	struct relief *f = context;
	struct relief_grant grant = { .record = m->record, .payment = m->payment };

	for (size_t i = 0; i < m->count; i++) {
		int64_t account = m->postings[i].account;
		int64_t amount = m->postings[i].amount;

		if (relief_account(f, account, "relief:").size > 0) {
			grant.ground = account;
			f->too_large |= __builtin_add_overflow(grant.relief, amount, &grant.relief);
		} else if (relief_account(f, account, "fee:").size > 0) {
			grant.fee = account;
			f->too_large |= __builtin_sub_overflow(grant.gross, amount, &grant.gross);
		}
	}
	if (grant.ground != 0) {
		assert(f->grant_count < RELIEF_SLICE);
		f->grants[f->grant_count++] = grant;
	}
}

/* "visa.multiple:108126": the service and the budget code, "unassigned" where there is none. */
static void relief_read_fee(struct relief_row *row, struct text fee)
{
	const char *colon = fee.size > 0 ? memchr(fee.bytes, ':', fee.size) : NULL;
	struct text service = fee;
	struct text kbk = TEXT("");
	bool fits;

	if (colon != NULL) {
		service.size = (size_t)(colon - fee.bytes);
		kbk = (struct text){ colon + 1, fee.size - service.size - 1 };
	}
	if (text_is(kbk, "unassigned")) {
		kbk = TEXT("");
	}
	fits = text_copy(service, row->service, sizeof(row->service)) &&
	       text_copy(kbk, row->kbk, sizeof(row->kbk));
	assert(fits);
}

/* By which rows of which set, as of the entry. */
static void relief_read_law(struct reader *r, const struct relief_grant *grant,
	struct relief_row *row)
{
	static const struct store_column columns[] = {
		{ "tariff", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "tariff_rows", STORE_TEXT, 0, RELIEF_LAW_SIZE - 1 },
	};

	store_begin_rows(r->store, SQL_VIEW_CALCULATION_LAW,
		(struct store_value[]){ STORE_OF_INT(grant->payment), STORE_OF_INT(grant->record) },
		2);
	if (store_row(r->store) && READER_ROW_IS(r, "calculation", grant->payment, columns)) {
		bool fits = text_copy(store_text(r->store, 1), row->law, sizeof(row->law));

		assert(fits);
		memcpy(row->tariff, store_text(r->store, 0).bytes, sizeof(row->tariff));
	}
	store_end_rows(r->store);
}

static int relief_compare(const struct relief_row *a, const struct relief_row *b)
{
	int order = strcmp(a->ground, b->ground);

	order = order != 0 ? order : strcmp(a->service, b->service);
	order = order != 0 ? order : strcmp(a->kbk, b->kbk);
	order = order != 0 ? order : strcmp(a->relief.currency, b->relief.currency);
	order = order != 0 ? order : strcmp(a->law, b->law);
	return order != 0 ? order : memcmp(a->tariff, b->tariff, sizeof(a->tariff));
}

/* The row that is like this one, a new one in its place; NULL: there are too many. */
static struct relief_row *relief_find(struct relief *f, const struct relief_row *like)
{
	size_t low = 0;
	size_t high = f->count;

	if (f->last < f->count && relief_compare(&f->rows[f->last], like) == 0) {
		return &f->rows[f->last];
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (relief_compare(&f->rows[middle], like) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	f->last = low;
	if (low < f->count && relief_compare(&f->rows[low], like) == 0) {
		return &f->rows[low];
	}
	if (f->count == RELIEF_ROWS_MAX) {
		f->too_many = true;
		return NULL;
	}
	if (f->count == f->capacity) {
		f->capacity = 2 * f->capacity + 16;
		f->rows = mem_grow(f->rows, f->capacity, sizeof(*f->rows));
	}
	memmove(&f->rows[low + 1], &f->rows[low], (f->count - low) * sizeof(*f->rows));
	f->rows[low] = *like;
	f->count++;
	return &f->rows[low];
}

static void relief_add(struct reader *r, struct relief *f, const struct relief_grant *grant)
{
	const char *currency = f->accounts[grant->ground - 1].currency;
	struct relief_row like = { .count = 0 };
	struct relief_row *row;
	bool fits = text_copy(relief_account(f, grant->ground, "relief:"), like.ground,
		sizeof(like.ground));

	assert(fits);
	relief_read_fee(&like, relief_account(f, grant->fee, "fee:"));
	relief_read_law(r, grant, &like);
	like.gross = money_of(0, currency);
	like.relief = money_of(0, currency);
	row = relief_find(f, &like);
	if (row == NULL) {
		return;
	}
	row->count += grant->relief > 0 ? 1 : -1;
	f->too_large |= !money_add(row->gross, money_of(grant->gross, currency), &row->gross) ||
			!money_add(row->relief, money_of(grant->relief, currency), &row->relief);
}

/* ---- the whole ---- */

static bool relief_open(struct reader *r, struct relief *f, struct err *err)
{
	struct reader_page page = { .limit = READER_ROWS_MAX };

	do {
		page.after = (int64_t)f->account_count;
		f->accounts = mem_grow(f->accounts, f->account_count + READER_ROWS_MAX,
			sizeof(*f->accounts));
		if (!reader_accounts(r, &page, f->accounts + f->account_count, err)) {
			return false;
		}
		f->account_count += page.count;
	} while (page.count == READER_ROWS_MAX);
	f->is_open = true;
	return true;
}

enum reader_result relief_step(struct reader *r, struct relief *f, bool *more, struct err *err)
{
	enum reader_result result;

	assert(f != NULL);
	assert(more != NULL);

	if (f->movements.as_of == READER_LATEST) {
		/* Accounts first would miss those of entries that come in between. */
		f->movements.as_of = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	}
	if (!f->is_open && !relief_open(r, f, err)) {
		return READER_FAILED;
	}
	f->grant_count = 0;
	result = movements_step(r, &f->movements, relief_take, f, more, err);
	if (result != READER_FOUND) {
		return result;
	}
	for (size_t i = 0; i < f->grant_count && !f->too_many; i++) {
		relief_add(r, f, &f->grants[i]);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	if (f->too_many) {
		(void)err_set(err, ERR_LIMIT, "more than %d rows: ask for a shorter period",
			RELIEF_ROWS_MAX);
	} else if (f->too_large) {
		(void)err_set(err, ERR_LIMIT, "a sum is too large");
	}
	return f->too_many || f->too_large ? READER_FAILED : READER_FOUND;
}

int64_t relief_as_of(const struct relief *f)
{
	assert(f->movements.begun);

	return f->movements.as_of;
}

const struct relief_row *relief_rows(const struct relief *f, size_t *count)
{
	assert(f->movements.begun);
	assert(count != NULL);

	*count = f->count;
	return f->rows;
}
