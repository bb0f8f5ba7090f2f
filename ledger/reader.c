/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "ledger/reader_parts.h"

bool reader_end(struct reader *r, struct err *err)
{
	assert(r != NULL);

	store_end_rows(r->store);
	if (store_failed(r->store)) {
		store_explain(r->store, err);
		store_forgive(r->store);
		return false;
	}
	return true;
}

bool reader_currency(struct reader *r, const char *table, int64_t row, int column,
	char currency[MONEY_CURRENCY_SIZE])
{
	struct text t = store_text(r->store, column);

	assert(currency != NULL);

	if (!money_currency_is_known(t) || !text_copy(t, currency, MONEY_CURRENCY_SIZE)) {
		store_damaged(r->store, table, row, "its currency is unknown");
		return false;
	}
	return true;
}

int64_t reader_integer(struct reader *r, enum sql sql, const struct store_value *values,
	size_t count)
{
	int64_t found = -1;

	assert(r != NULL);

	store_begin_rows(r->store, sql, values, count);
	if (store_row(r->store)) {
		found = store_int(r->store, 0);
	}
	store_end_rows(r->store);
	return found;
}

int64_t reader_last(struct reader *r, enum sql sql, const char *table)
{
	int64_t last = reader_integer(r, sql, NULL, 0);

	assert(table != NULL);

	if (last > READER_NUMBER_MAX) {
		store_damaged(r->store, table, last, "the number is too large");
		return 0;
	}
	return last > 0 ? last : 0;
}

int64_t reader_search(struct reader *r, enum sql column, int64_t last, int64_t value)
{
	int64_t low = 1;
	int64_t high = last + 1;

	assert(last >= 0);

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (reader_integer(r, column, (struct store_value[]){ STORE_OF_INT(middle) }, 1) <
			value) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	assert(low >= 1 && low <= last + 1);
	return low;
}

bool reader_open(const char *path, const char *vfs, struct reader **reader, struct err *err)
{
	struct reader *r = mem_new(1, sizeof(*r));
	bool ok = false;

	assert(path != NULL);
	assert(reader != NULL);

	r->hasher = tree_hasher_new();
	if (!store_open(path, vfs, STORE_READ, &r->store, err)) {
		goto out;
	}
	store_begin_rows(r->store, SQL_SELECT_BOOK, NULL, 0);
	if (store_row(r->store) && store_text(r->store, 2).size == CODE_KEY_SIZE) {
		struct text key = store_text(r->store, 2);

		r->codes = code_key_new((const uint8_t *)key.bytes);
	}
	ok = reader_end(r, err);
	if (ok && r->codes == NULL) {
		ok = err_set(err, ERR_DATABASE, "%s is not a book", path);
	}
	if (ok) {
		*reader = r;
		r = NULL;
	}
out:
	reader_close(&r);
	return ok;
}

void reader_close(struct reader **reader)
{
	struct reader *r;

	assert(reader != NULL);

	r = *reader;
	*reader = NULL;
	if (r == NULL) {
		return;
	}
	code_key_free(&r->codes);
	tree_hasher_free(&r->hasher);
	store_close(&r->store);
	free(r);
}

/* ---- payments ---- */

void payment_view_init(struct payment_view *view)
{
	assert(view != NULL);

	*view = (struct payment_view){ .number = 0 };
	buffer_init_whole(&view->arena, READER_VIEW_ARENA);
}

void payment_view_done(struct payment_view *view)
{
	assert(view != NULL);

	buffer_done(&view->arena);
}

/* A copy that lives as long as the view; each ends in NUL. */
static struct text reader_view_keep(struct payment_view *view, struct text t)
{
	struct text kept = { .bytes = view->arena.bytes + view->arena.size, .size = t.size };

	assert(view->arena.bytes != NULL);

	buffer_add(&view->arena, t);
	buffer_add_char(&view->arena, '\0');
	return view->arena.overflowed ? TEXT("") : kept;
}

/* A string of canonical JSON as the text it stands for. */
static struct text reader_view_keep_string(struct payment_view *view, struct text quoted)
{
	struct json_value *array;
	struct buffer bytes;
	struct text kept;

	if (quoted.size < 2) {
		return TEXT("");
	}
	if (memchr(quoted.bytes, '\\', quoted.size) == NULL) {
		return reader_view_keep(view, (struct text){ quoted.bytes + 1, quoted.size - 2 });
	}
	buffer_init(&bytes, quoted.size + 2);
	buffer_add_char(&bytes, '[');
	buffer_add(&bytes, quoted);
	buffer_add_char(&bytes, ']');
	array = json_parse(buffer_text(&bytes), NULL);
	kept = reader_view_keep(view, array != NULL ? array->first->text : TEXT(""));
	json_free(&array);
	buffer_done(&bytes);
	return kept;
}

/* What is not published: erased rows leave the members empty. */
static void reader_view_private(struct payment_view *view, struct text data)
{
	assert(view != NULL);

	view->payer = reader_view_keep(view, json_member(data, "payer"));
	view->quote_request = reader_view_keep(view, json_member(data, "quote_request"));
	view->reference = reader_view_keep_string(view, json_member(data, "reference"));
}

static struct money reader_view_money(struct store *s, int column, const char *currency)
{
	return money_of(store_int(s, column), currency);
}

static void reader_view_calculation(struct store *s, struct payment_view *view,
	const char *currency)
{
	struct job_calculation *c = &view->calculation;

	assert(view->number > 0);

	c->version = (int)store_int(s, 4);
	c->day = (int32_t)store_int(s, 5);
	c->valid_from = (int32_t)store_int(s, 6);
	c->valid_until = (int32_t)store_int(s, 7);
	c->gross = reader_view_money(s, 9, currency);
	c->relief = reader_view_money(s, 10, currency);
	c->due = reader_view_money(s, 11, currency);
	c->service = reader_view_keep(view, store_text(s, 12));
	c->ground = reader_view_keep(view, store_text(s, 13));
	c->kbk = reader_view_keep(view, store_text(s, 14));
	c->rows = reader_view_keep(view, store_text(s, 15));
	memcpy(c->tariff, store_text(s, 16).bytes, sizeof(c->tariff));
	memcpy(c->quote, store_text(s, 17).bytes, sizeof(c->quote));
}

/* How the calculation's fee was converted; most are not. */
static void reader_view_conversion(struct reader *r, struct payment_view *view)
{
	struct job_conversion *v = &view->calculation.conversion;
	struct store *s = r->store;
	char currency[MONEY_CURRENCY_SIZE];

	*v = (struct job_conversion){ 0 }; /* the view may have shown another payment */
	if (store_is_null(s, 29)) {
		return;
	}
	if (!reader_currency(r, "conversion", view->number, 26, currency) ||
		store_text(s, 25).size != sizeof(v->rates) || store_int(s, 27) < 0 ||
		store_int(s, 27) > MONEY_API_MAX || store_int(s, 29) < 1 ||
		store_int(s, 29) > READER_NUMBER_MAX ||
		!text_copy(store_text(s, 28), v->rate, sizeof(v->rate))) {
		store_damaged(s, "conversion", view->number, "it is not what it must be");
		return;
	}
	memcpy(v->rates, store_text(s, 25).bytes, sizeof(v->rates));
	v->gross = reader_view_money(s, 27, currency);
	v->quant = store_int(s, 29);
}

static void reader_view_payment(struct reader *r, struct payment_view *view)
{
	static const struct store_column columns[] = {
		{ "generation", STORE_INT, 1, ID_GENERATION_MAX },
		{ "client", STORE_INT, 1, INT32_MAX },
		{ "created_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "expires_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "its calculation's version", STORE_INT, 0, INT32_MAX },
		{ "its calculation's day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "its calculation's valid_from", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "its calculation's valid_until", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "its calculation's currency", STORE_TEXT, 3, 3 },
		{ "its calculation's gross", STORE_INT, 0, MONEY_API_MAX },
		{ "its calculation's relief", STORE_INT, 0, MONEY_API_MAX },
		{ "its calculation's due", STORE_INT, 0, MONEY_API_MAX },
		{ "its calculation's service", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "its calculation's ground", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "its calculation's kbk", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "its calculation's rows", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "its calculation's tariff", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "its calculation's quote", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "its step's record", STORE_INT, 1, READER_NUMBER_MAX },
		{ "its step's state", STORE_INT, 0, PAYMENT_STATE_COUNT - 1 },
		{ "its step's fulfilled", STORE_INT, 0, 1 },
		{ "its step's due", STORE_INT, 0, MONEY_API_MAX },
		{ "its step's paid", STORE_INT, 0, MONEY_API_MAX },
		{ "its step's held", STORE_INT, 0, MONEY_API_MAX },
	};
	struct store *s = r->store;
	char currency[MONEY_CURRENCY_SIZE];

	if (!READER_ROW_IS(r, "payment", view->number, columns) ||
		!reader_currency(r, "payment", view->number, 8, currency)) {
		return;
	}
	view->generation = (int32_t)store_int(s, 0);
	view->client = (int32_t)store_int(s, 1);
	view->created_at = store_int(s, 2);
	view->expires_at = store_int(s, 3);
	reader_view_calculation(s, view, currency);
	view->as_of_record = store_int(s, 18);
	view->state = (enum payment_state)store_int(s, 19);
	view->fulfilled = store_int(s, 20) != 0;
	view->due = reader_view_money(s, 21, currency);
	view->paid = reader_view_money(s, 22, currency);
	view->held = reader_view_money(s, 23, currency);
	view->erased = store_is_null(s, 24);
	reader_view_private(view, store_text(s, 24));
	reader_view_conversion(r, view);
}

static void reader_view_attempt(struct reader *r, struct payment_view *view, struct attempt_view *a,
	bool page)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, ID_ATTEMPT_NUMBER_MAX },
		{ "gateway", STORE_INT, 1, INT32_MAX },
		{ "its gateway's name", STORE_TEXT, 1, JOB_NAME_MAX },
		{ "order_number", STORE_TEXT, 1, JOB_ORDER_SIZE - 1 },
		{ "currency", STORE_TEXT, 3, 3 },
		{ "amount", STORE_INT, 1, MONEY_API_MAX },
		{ "created_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "expires_at", STORE_INT, DATE_TIME_MIN, DATE_TIME_MAX },
		{ "return_url", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "language", STORE_TEXT, 0, READER_VIEW_ARENA },
		{ "its step's state", STORE_INT, 0, ATTEMPT_STATE_COUNT - 1 },
		{ "its step's captured", STORE_INT, 0, MONEY_API_MAX },
		{ "its step's currency", STORE_TEXT, 3, 3 },
		{ "its record's generation", STORE_INT, 1, ID_GENERATION_MAX },
	};
	struct store *s = r->store;
	int64_t number = store_int(s, 0);
	char currency[MONEY_CURRENCY_SIZE];
	char taken[MONEY_CURRENCY_SIZE];
	bool paid = !store_is_null(s, 18);
	bool fits;

	if (!READER_ROW_IS(r, "attempt", number, columns) ||
		!reader_currency(r, "attempt", number, 4, currency) ||
		!reader_currency(r, "attempt", number, 12, taken)) {
		return;
	}
	if (paid && (store_int(s, 18) < DATE_DAY_MIN || store_int(s, 18) > DATE_DAY_MAX)) {
		store_damaged(s, "attempt", number, "its step's paid_on is not what it must be");
		return;
	}
	fits = text_copy(store_text(s, 3), a->order, sizeof(a->order));
	assert(fits);
	a->number = number;
	a->payment = attempt_payment(a->number);
	a->generation = (int32_t)store_int(s, 13);
	a->gateway_number = (int32_t)store_int(s, 1);
	a->gateway = reader_view_keep(view, store_text(s, 2));
	a->amount = reader_view_money(s, 5, currency);
	a->created_at = store_int(s, 6);
	a->expires_at = store_int(s, 7);
	a->return_url = reader_view_keep(view, store_text(s, 8));
	a->language = reader_view_keep(view, store_text(s, 9));
	a->state = (enum attempt_state)store_int(s, 10);
	a->captured = reader_view_money(s, 11, taken);
	a->paid_on = paid ? (int32_t)store_int(s, 18) : DATE_NONE;
	a->operation = reader_view_keep(view, store_text(s, 14));
	a->handle = reader_view_keep(view, store_text(s, 15));
	a->reason = reader_view_keep(view, store_text(s, 16));
	a->route = reader_view_keep(view, store_text(s, 19));
	a->page = page ? reader_view_keep(view, store_text(s, 17)) : TEXT("");
}

static void reader_view_attempts(struct reader *r, struct payment_view *view, int64_t as_of)
{
	assert(view->number > 0);

	store_begin_rows(r->store, SQL_VIEW_ATTEMPTS,
		(struct store_value[]){ STORE_OF_INT(attempt_number(view->number, 0)),
			STORE_OF_INT(attempt_number(view->number, ATTEMPT_COUNT_MAX - 1)),
			STORE_OF_INT(as_of) },
		3);
	while (!store_failed(r->store) && store_row(r->store) &&
		view->attempt_count < ATTEMPT_COUNT_MAX) {
		struct attempt_view *a = &view->attempts[view->attempt_count++];

		reader_view_attempt(r, view, a, false);
		view->unknown = view->unknown || a->state == ATTEMPT_UNKNOWN;
	}
	store_end_rows(r->store);
}

enum reader_result reader_payment(struct reader *r, int64_t number, int64_t as_of,
	struct payment_view *view, struct err *err)
{
	bool found;

	assert(r != NULL);
	assert(view->arena.bytes != NULL);

	buffer_reset(&view->arena);
	view->attempt_count = 0;
	view->unknown = false;
	view->number = number;
	store_begin_rows(r->store, SQL_VIEW_PAYMENT,
		(struct store_value[]){ STORE_OF_INT(number), STORE_OF_INT(as_of) }, 2);
	found = store_row(r->store);
	if (found) {
		reader_view_payment(r, view);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	if (!found) {
		return READER_ABSENT;
	}
	(void)code_format(r->codes, view->generation, number, view->code);
	reader_view_attempts(r, view, view->as_of_record); /* a commit may have come between */
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	if (view->arena.overflowed) {
		(void)err_set(err, ERR_LIMIT, "payment %lld has more text than a view holds",
			(long long)number);
		return READER_FAILED;
	}
	return READER_FOUND;
}

enum reader_result reader_attempt(struct reader *r, int64_t attempt, struct payment_view *payment,
	struct attempt_view *view, struct err *err)
{
	enum reader_result result =
		reader_payment(r, attempt_payment(attempt), READER_LATEST, payment, err);
	bool found;

	assert(view != NULL);

	if (result != READER_FOUND) {
		return result;
	}
	store_begin_rows(r->store, SQL_VIEW_ATTEMPTS,
		(struct store_value[]){ STORE_OF_INT(attempt), STORE_OF_INT(attempt),
			STORE_OF_INT(payment->as_of_record) },
		3);
	found = store_row(r->store);
	if (found) {
		reader_view_attempt(r, payment, view, true);
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}

bool reader_code(struct reader *r, struct text code, int32_t *generation, int64_t *payment)
{
	assert(r != NULL);

	return code_parse(r->codes, code, generation, payment);
}

bool reader_token(struct reader *r, struct text token, int32_t *generation, int64_t *attempt)
{
	assert(r != NULL);

	return code_token_parse(r->codes, token, generation, attempt);
}

const char *reader_attempt_token(struct reader *r, const struct attempt_view *attempt,
	char out[CODE_TOKEN_SIZE])
{
	assert(r != NULL);
	assert(attempt->number > 0);

	return code_token(r->codes, attempt->generation, attempt->number, out);
}

static bool filter_takes(const struct reader_filter *f, struct store *s)
{
	assert(f != NULL);

	return (f->client == 0 || store_int(s, 1) == f->client) &&
	       (f->created_until == 0 || store_int(s, 2) < f->created_until) &&
	       (!f->has_state || store_int(s, 3) == (int64_t)f->state);
}

/* Where a walk from that time on begins. */
static int64_t filter_begin(struct reader *r, const struct reader_filter *f, int64_t after)
{
	int64_t last;
	int64_t first;

	assert(after >= 0);

	if (f->created_from <= 0) {
		return after;
	}
	last = reader_last(r, SQL_VIEW_PAYMENT_LAST, "payment");
	first = reader_search(r, SQL_VIEW_PAYMENT_TIME, last, f->created_from);
	return first - 1 > after ? first - 1 : after;
}

bool reader_payments(struct reader *r, const struct reader_filter *f, struct reader_page *page,
	int64_t *numbers, struct err *err)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, ID_NUMBER_MAX },
	};
	int64_t after = filter_begin(r, f, page->after);
	int64_t seen = 0;
	bool past = false;

	assert(page->limit > 0 && page->limit <= READER_ROWS_MAX);
	assert(numbers != NULL);

	page->count = 0;
	store_begin_rows(r->store, SQL_VIEW_PAYMENT_ROW,
		(struct store_value[]){ STORE_OF_INT(after), STORE_OF_INT(READER_WALK_MAX) }, 2);
	while (page->count < page->limit && !past && store_row(r->store) &&
		READER_ROW_IS(r, "payment", store_int(r->store, 0), columns)) {
		after = store_int(r->store, 0);
		seen++;
		past = f->created_until > 0 && store_int(r->store, 2) >= f->created_until;
		if (filter_takes(f, r->store)) {
			numbers[page->count++] = after;
		}
	}
	page->next = !past && (page->count == page->limit || seen == READER_WALK_MAX) ? after : 0;
	return reader_end(r, err);
}
