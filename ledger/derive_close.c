/* SPDX-License-Identifier: Apache-2.0 */

/* Months that were closed, by the balances that their entries have. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/derive_parts.h"

enum { DERIVE_LIST_MAX = CHART_ACCOUNTS_MAX * 256 };

struct derive_sum {
	const struct chart_account *account;
	int64_t number;
	int64_t debit;
	int64_t credit;
};

static int derive_sum_order(const void *a, const void *b)
{
	const struct derive_sum *x = a;
	const struct derive_sum *y = b;
	int names = strcmp(x->account->name, y->account->name);

	return names != 0 ? names : strcmp(x->account->currency, y->account->currency);
}

/* Every account's sums until the day, in the order of the list; to be freed. */
static struct derive_sum *derive_sums(struct derive *d, int32_t day, size_t *count)
{
	struct derive_sum *sums = mem_new(d->account_count + 1, sizeof(*sums));

	for (size_t i = 0; i < d->day_slots; i++) {
		const struct derive_day *slot = &d->days[i];

		if (slot->account != 0 && slot->axis == 0 && slot->day <= day) {
			sums[slot->account - 1].debit += slot->debit;
			sums[slot->account - 1].credit += slot->credit;
		}
	}
	*count = 0;
	for (size_t i = 0; i < d->account_count; i++) {
		if (sums[i].debit != 0 || sums[i].credit != 0) {
			sums[*count] = sums[i];
			sums[*count].account = &d->accounts[i].account;
			sums[(*count)++].number = (int64_t)i + 1;
		}
	}
	qsort(sums, *count, sizeof(*sums), derive_sum_order);
	return sums;
}

/* What all accounts of a currency come to, in the order of currencies. */
static void derive_totals(const struct derive_sum *sums, size_t count, struct buffer *out)
{
	const char *last = "";
	struct json_writer w;

	json_writer_init(&w, out);
	json_open_array(&w, NULL);
	while (true) {
		const char *next = NULL;
		int64_t debit = 0;
		int64_t credit = 0;

		for (size_t i = 0; i < count; i++) {
			const char *currency = sums[i].account->currency;

			if (strcmp(currency, last) > 0 &&
				(next == NULL || strcmp(currency, next) < 0)) {
				next = currency;
			}
		}
		if (next == NULL) {
			break;
		}
		for (size_t i = 0; i < count; i++) {
			if (strcmp(sums[i].account->currency, next) == 0) {
				(void)__builtin_add_overflow(debit, sums[i].debit, &debit);
				(void)__builtin_add_overflow(credit, sums[i].credit, &credit);
			}
		}
		json_open_object(&w, NULL);
		json_decimal(&w, "credit", credit);
		json_cstring(&w, "currency", next);
		json_decimal(&w, "debit", debit);
		json_close_object(&w);
		last = next;
	}
	json_close_array(&w);
}

/* The rows of the month's balances, the digest of their list, and their totals. */
static size_t derive_balances(struct derive *d, int32_t month, uint8_t digest[DIGEST_SIZE],
	struct buffer *totals)
{
	struct derive_sum *sums;
	struct digest *hash = digest_new();
	struct json_writer w;
	struct buffer list;
	struct text bytes;
	size_t count;

	sums = derive_sums(d, date_month_last(month), &count);
	buffer_init(&list, DERIVE_LIST_MAX);
	json_writer_init(&w, &list);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *currency = sums[i].account->currency;

		json_open_object(&w, NULL);
		json_cstring(&w, "account", sums[i].account->name);
		json_decimal(&w, "credit", sums[i].credit);
		json_cstring(&w, "currency", currency);
		json_decimal(&w, "debit", sums[i].debit);
		json_close_object(&w);
		derive_row(d, SHAPE_PERIOD_BALANCE,
			(struct shape_cell[]){ SHAPE_OF_NUMBER(month),
				SHAPE_OF_NUMBER((int64_t)i + 1), SHAPE_OF_NUMBER(sums[i].number),
				SHAPE_OF_MONEY(sums[i].debit, currency),
				SHAPE_OF_MONEY(sums[i].credit, currency) });
	}
	json_close_array(&w);
	bytes = buffer_text(&list);
	digest_of(hash, &bytes, 1, digest);
	derive_totals(sums, count, totals);
	buffer_done(&list);
	digest_free(&hash);
	free(sums);
	return count;
}

static int64_t derive_last_entry(const struct derive *d, int32_t day)
{
	int64_t entry = 0;

	for (size_t i = 0; i < d->last_count && d->lasts[i].day <= day; i++) {
		entry = d->lasts[i].number;
	}
	return entry;
}

/* What a leaf says that it closed the month by. */
struct derive_closing {
	int32_t month;
	int64_t accounts;
	int64_t last_entry;
	uint8_t digest[DIGEST_SIZE];
	struct text totals;
};

/* Whether the entries say so, too. */
static void derive_closed_by(struct derive *d, const struct derive_closing *said)
{
	uint8_t digest[DIGEST_SIZE];
	struct buffer totals;

	buffer_init(&totals, DERIVE_LIST_MAX);
	if ((int64_t)derive_balances(d, said->month, digest, &totals) != said->accounts ||
		memcmp(digest, said->digest, sizeof(digest)) != 0 ||
		said->last_entry != derive_last_entry(d, date_month_last(said->month))) {
		leaf_blame(&d->leaf, "closes the month by other balances than its entries have");
	} else if (!text_equal(buffer_text(&totals), said->totals)) {
		leaf_blame(&d->leaf, "closes the month by the totals %.*s, and its entries have %s",
			TEXT_ARGS(said->totals), totals.bytes);
	}
	buffer_done(&totals);
}

void derive_close(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct derive_closing said = { .month = 0 };
	int64_t client;
	int64_t uid;
	struct text reason;

	said.accounts = leaf_decimal_of(l, "accounts");
	leaf_need(l, "closed_by");
	leaf_object(l);
	client = leaf_decimal_of(l, "client");
	uid = leaf_decimal_of(l, "uid");
	leaf_end(l);
	said.last_entry = leaf_decimal_of(l, "last_entry");
	if (!date_month_parse(leaf_text_of(l, "month"), &said.month)) {
		leaf_blame(l, "names no month");
		return;
	}
	reason = leaf_text_of(l, "reason");
	derive_act(d, client);
	leaf_need(l, "sha256");
	leaf_hex(l, said.digest, sizeof(said.digest));
	leaf_need(l, "totals");
	said.totals = leaf_raw(l);
	if (!l->bad) {
		derive_closed_by(d, &said);
	}
	if (l->bad) {
		return;
	}
	derive_row(d, SHAPE_PERIOD,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(said.month), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_DAY(date_month_last(said.month)), SHAPE_OF_NUMBER(said.last_entry),
			SHAPE_OF_NUMBER(said.accounts),
			SHAPE_OF_BLOB(said.digest, sizeof(said.digest)), SHAPE_OF_NUMBER(uid),
			SHAPE_OF_NUMBER(client), SHAPE_OF_TEXT(reason) });
	/* The clock may have been set back since: what was closed was over. */
	if (d->today <= date_month_last(said.month)) {
		d->today = date_month_last(said.month) + 1;
	}
}
