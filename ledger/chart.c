/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/chart.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CHART_AXES = 2, CHART_DAYS_START = 64, CHART_ACCOUNTS_START = 64 };

#define CHART_FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define CHART_FNV_PRIME UINT64_C(0x100000001b3)

struct chart_balance {
	struct chart_account account;
	int64_t debit;
	int64_t credit;
	int64_t last_entry;
	int64_t prev_entry; /* the one before, once there was a posting since the start */
	bool dirty;
};

/* What a batch adds to one account's day on one axis. */
struct chart_day {
	int32_t account;
	int32_t axis;
	int32_t day;
	int64_t debit;
	int64_t credit;
};

/* All that was ever debited in a currency; as much was credited. */
struct chart_total {
	char currency[sizeof(((struct chart_account *)NULL)->currency)];
	int64_t debit;
};

struct chart {
	struct chart_balance *balances; /* number n at n - 1 */
	struct chart_total *totals;
	size_t total_count;
	size_t count;
	size_t capacity;
	int32_t *slots; /* numbers by the hash of name and currency, 0: free; twice the capacity */
	struct chart_day *days;
	size_t day_count;
	size_t day_capacity;
};

struct chart_account chart_account_of(enum kind_account type, const char *prefix, struct text part,
	const char *currency)
{
	struct chart_account a = { .type = type };
	size_t size = strlen(prefix);

	assert(strlen(currency) == sizeof(a.currency) - 1);

	if (part.size == 0) {
		part = TEXT("unassigned");
	}
	/* Services, grounds and gateways have bounded names.  (printf would cost a payment more
	 * than its postings' rows.) */
	assert(size + 1 + part.size < sizeof(a.name));
	memcpy(a.name, prefix, size);
	a.name[size] = ':';
	memcpy(a.name + size + 1, part.bytes, part.size);
	memcpy(a.currency, currency, sizeof(a.currency));
	return a;
}

static bool chart_same(const struct chart_account *a, const struct chart_account *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->currency, b->currency) == 0;
}

/* Where the account's number stands, or would stand (FNV-1a, the next free one). */
static int32_t *chart_slot(const struct chart *c, const struct chart_account *account)
{
	const char *const parts[] = { account->name, account->currency };
	uint64_t hash = CHART_FNV_BASIS;
	size_t mask = 2 * c->capacity - 1;

	assert(c->capacity > 0 && (c->capacity & (c->capacity - 1)) == 0);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		for (const char *at = parts[i]; *at != '\0'; at++) {
			hash = (hash ^ (uint8_t)*at) * CHART_FNV_PRIME;
		}
	}
	for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
		int32_t *slot = &c->slots[at];

		if (*slot == 0 || chart_same(&c->balances[*slot - 1].account, account)) {
			return slot;
		}
	}
}

static void chart_grow(struct chart *c)
{
	c->capacity = c->capacity == 0 ? CHART_ACCOUNTS_START : c->capacity * 2;
	c->balances = mem_grow(c->balances, c->capacity, sizeof(*c->balances));
	free(c->slots);
	c->slots = mem_new(2 * c->capacity, sizeof(*c->slots));
	for (size_t i = 0; i < c->count; i++) {
		*chart_slot(c, &c->balances[i].account) = (int32_t)i + 1;
	}
}

static struct chart_balance *chart_add(struct chart *c, const struct chart_account *account)
{
	struct chart_balance *b;

	assert(c != NULL);
	assert(c->count < CHART_ACCOUNTS_MAX);

	if (c->count == c->capacity) {
		chart_grow(c);
	}
	*chart_slot(c, account) = (int32_t)c->count + 1;
	b = &c->balances[c->count++];
	*b = (struct chart_balance){ .account = *account };
	return b;
}

/* The account that stands in the row, with what was ever posted to it. */
static void chart_read(struct chart *c, struct store *store, int64_t entry_last)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 1, CHART_ACCOUNTS_MAX },
		{ "name", STORE_TEXT, 1, CHART_NAME_SIZE - 1 },
		{ "type", STORE_INT, 0, KIND_ACCOUNT_END - 1 },
		{ "currency", STORE_TEXT, 3, 3 },
		{ "balance.debit", STORE_INT, 0, INT64_MAX },
		{ "balance.credit", STORE_INT, 0, INT64_MAX },
		{ "balance.last_entry", STORE_INT, 1, INT64_MAX },
	};
	int64_t number = (int64_t)c->count + 1;
	struct chart_account a;
	struct chart_balance *b;
	bool fits;

	if (store_is_null(store, 0)) {
		store_damaged(store, "balance", store_int(store, 7), "its account is unknown");
	} else if (store_int(store, 0) != number) {
		store_damaged(store, "account", number, "is missing");
	} else if (store_row_is(store, "account", number, columns,
			   sizeof(columns) / sizeof(*columns)) &&
		   store_int(store, 6) > entry_last) {
		store_damaged(store, "balance", number, "last_entry is past the last entry");
	}
	if (store_failed(store)) {
		return;
	}
	a.type = (enum kind_account)store_int(store, 2);
	fits = text_copy(store_text(store, 1), a.name, sizeof(a.name)) &&
	       text_copy(store_text(store, 3), a.currency, sizeof(a.currency));
	assert(fits);
	b = chart_add(c, &a);
	b->debit = store_int(store, 4);
	b->credit = store_int(store, 5);
	b->last_entry = store_int(store, 6);
}

/* Whether account `first`, with all that follow in its currency, sums to nothing. */
static bool chart_cancels(const struct chart *c, size_t first)
{
	int64_t debit = 0;
	int64_t credit = 0;

	assert(first < c->count);

	for (size_t i = first; i < c->count; i++) {
		const struct chart_balance *b = &c->balances[i];

		if (strcmp(b->account.currency, c->balances[first].account.currency) == 0 &&
			(__builtin_add_overflow(debit, b->debit, &debit) ||
				__builtin_add_overflow(credit, b->credit, &credit))) {
			return false;
		}
	}
	return debit == credit;
}

/* The currency was not seen before account `at`. */
static bool chart_is_first(const struct chart *c, size_t at)
{
	assert(at < c->count);

	for (size_t i = 0; i < at; i++) {
		if (strcmp(c->balances[i].account.currency, c->balances[at].account.currency) ==
			0) {
			return false;
		}
	}
	return true;
}

/* Its place; the number of totals when there was never an entry in that currency. */
static size_t chart_total(const struct chart *c, const char *currency)
{
	size_t i = 0;

	while (i < c->total_count && strcmp(c->totals[i].currency, currency) != 0) {
		i++;
	}
	return i;
}

static void chart_add_total(struct chart *c, const struct chart_account *account, int64_t debit)
{
	size_t i = chart_total(c, account->currency);

	assert(debit >= 0);

	if (i == c->total_count) {
		c->totals = mem_grow(c->totals, ++c->total_count, sizeof(*c->totals));
		c->totals[i] = (struct chart_total){ .debit = 0 };
		memcpy(c->totals[i].currency, account->currency, sizeof(c->totals[i].currency));
	}
	c->totals[i].debit += debit;
}

bool chart_open(struct store *store, int64_t entry_last, struct chart **chart)
{
	struct chart *c = mem_new(1, sizeof(*c));

	assert(store != NULL);
	assert(chart != NULL);

	store_begin_rows(store, SQL_SELECT_ACCOUNTS, NULL, 0);
	while (!store_failed(store) && store_row(store)) {
		chart_read(c, store, entry_last);
	}
	store_end_rows(store);
	for (size_t i = 0; i < c->count && !store_failed(store); i++) {
		if (chart_is_first(c, i) && !chart_cancels(c, i)) {
			store_damaged(store, "balance", (int64_t)i + 1,
				"from here on the sums of %s do not cancel out, or overflow",
				c->balances[i].account.currency);
		}
	}
	for (size_t i = 0; i < c->count && !store_failed(store); i++) {
		chart_add_total(c, &c->balances[i].account, c->balances[i].debit);
	}
	*chart = c;
	return !store_failed(store);
}

void chart_close(struct chart **chart)
{
	struct chart *c;

	assert(chart != NULL);

	c = *chart;
	*chart = NULL;
	if (c == NULL) {
		return;
	}
	free(c->balances);
	free(c->slots);
	free(c->totals);
	free(c->days);
	free(c);
}

int32_t chart_find(const struct chart *c, const struct chart_account *account)
{
	assert(c != NULL);
	assert(account != NULL);

	return c->capacity > 0 ? *chart_slot(c, account) : 0;
}

const struct chart_account *chart_at(const struct chart *c, int64_t account)
{
	assert(c != NULL);
	assert(c->count <= CHART_ACCOUNTS_MAX);

	return account > 0 && account <= (int64_t)c->count ? &c->balances[account - 1].account
							   : NULL;
}

int32_t chart_need(struct chart *c, struct store *store, const struct chart_account *account)
{
	int32_t number = chart_find(c, account);

	assert(store != NULL);

	if (number == 0) {
		(void)chart_add(c, account);
		number = (int32_t)c->count;
		store_put(store, SQL_INSERT_ACCOUNT,
			(struct store_value[]){ STORE_OF_INT(number),
				STORE_OF_TEXT(text_of(account->name)), STORE_OF_INT(account->type),
				STORE_OF_TEXT(text_of(account->currency)) },
			4);
	}
	return number;
}

bool chart_has_room(const struct chart *c, int32_t account, int64_t amount)
{
	const struct chart_balance *b;
	int64_t sum;

	assert(c != NULL);
	assert(amount != INT64_MIN);

	if (account == 0) {
		return true;
	}
	assert(account > 0 && (size_t)account <= c->count);
	b = &c->balances[account - 1];
	return amount >= 0 ? !__builtin_add_overflow(b->debit, amount, &sum)
			   : !__builtin_sub_overflow(b->credit, amount, &sum);
}

bool chart_total_has_room(const struct chart *c, const char *currency, int64_t debits)
{
	size_t i = chart_total(c, currency);
	int64_t sum;

	assert(debits >= 0);

	return i == c->total_count || !__builtin_add_overflow(c->totals[i].debit, debits, &sum);
}

/* The batch's sums of that day, new or begun; days are few, and the newest is asked for most. */
static struct chart_day *chart_day(struct chart *c, int32_t account, int32_t axis, int32_t day)
{
	struct chart_day *d;

	assert(axis >= 0 && axis < CHART_AXES);

	for (size_t i = c->day_count; i > 0; i--) {
		d = &c->days[i - 1];
		if (d->account == account && d->axis == axis && d->day == day) {
			return d;
		}
	}
	if (c->day_count == c->day_capacity) {
		c->day_capacity = c->day_capacity == 0 ? CHART_DAYS_START : c->day_capacity * 2;
		c->days = mem_grow(c->days, c->day_capacity, sizeof(*c->days));
	}
	d = &c->days[c->day_count++];
	*d = (struct chart_day){ .account = account, .axis = axis, .day = day };
	return d;
}

static void chart_add_to(int64_t *debit, int64_t *credit, int64_t amount)
{
	assert(amount != 0);

	if (amount > 0) {
		*debit += amount;
	} else {
		*credit -= amount;
	}
}

int64_t chart_post(struct chart *c, int32_t account, int64_t amount, int64_t entry,
	const int32_t days[2])
{
	struct chart_balance *b;

	assert(c != NULL);
	assert(account > 0 && (size_t)account <= c->count);
	assert(chart_has_room(c, account,
		amount)); /* decided before; asserted at the last moment before the disk */

	b = &c->balances[account - 1];
	chart_add_to(&b->debit, &b->credit, amount);
	if (amount > 0) {
		chart_add_total(c, &b->account, amount);
	}
	if (b->last_entry != entry) {
		assert(b->last_entry < entry);
		b->prev_entry = b->last_entry;
		b->last_entry = entry;
	}
	b->dirty = true;
	for (int32_t axis = 0; axis < CHART_AXES; axis++) {
		struct chart_day *d = chart_day(c, account, axis, days[axis]);

		chart_add_to(&d->debit, &d->credit, amount);
	}
	return b->prev_entry;
}

void chart_flush(struct chart *c, struct store *store)
{
	assert(c != NULL);
	assert(store != NULL);

	for (size_t i = 0; i < c->count; i++) {
		struct chart_balance *b = &c->balances[i];

		if (b->dirty) {
			store_put(store, SQL_PUT_BALANCE,
				(struct store_value[]){ STORE_OF_INT((int64_t)i + 1),
					STORE_OF_INT(b->debit), STORE_OF_INT(b->credit),
					STORE_OF_INT(b->last_entry) },
				4);
			b->dirty = false;
		}
	}
	for (size_t i = 0; i < c->day_count; i++) {
		const struct chart_day *d = &c->days[i];

		store_put(store, SQL_PUT_DAY_SUM,
			(struct store_value[]){ STORE_OF_INT(d->account), STORE_OF_INT(d->axis),
				STORE_OF_INT(d->day), STORE_OF_INT(d->debit),
				STORE_OF_INT(d->credit) },
			5);
	}
	c->day_count = 0;
}
