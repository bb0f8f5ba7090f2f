/* SPDX-License-Identifier: Apache-2.0 */

/*
 * chart - the chart of accounts and the sums posted to each, in the writer's memory.
 *
 * Accounts come into being when something is first posted to them.  Balances are kept here and
 * written back once a batch, dirty ones only, in the order of the accounts; day sums likewise.
 */
#ifndef ALYM_LEDGER_CHART_H
#define ALYM_LEDGER_CHART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "ledger/kind.h"
#include "ledger/store.h"

enum { CHART_NAME_SIZE = 128, CHART_ACCOUNTS_MAX = 65536 };

struct chart;

struct chart_account {
	enum kind_account type;
	char name[CHART_NAME_SIZE]; /* "fee:visa.multiple:108126" */
	char currency[4];
};

/* "clearing:" and "sandbox"; `part` may be empty ("unassigned" then stands for it). */
struct chart_account chart_account_of(enum kind_account type, const char *prefix, struct text part,
	const char *currency);

/* What is in the book up to that entry.  False: the store has failed, or the book is damaged. */
bool chart_open(struct store *store, int64_t entry_last, struct chart **chart) MUST_USE;
void chart_close(struct chart **chart);

/* Its number; 0 when nothing was ever posted to it. */
int32_t chart_find(const struct chart *chart, const struct chart_account *account);

/* The account of a number, or NULL; lives until the chart grows. */
const struct chart_account *chart_at(const struct chart *chart, int64_t account);

/* Its number; a new one is written.  For `apply` only. */
int32_t chart_need(struct chart *chart, struct store *store, const struct chart_account *account);

/* Posting that amount would take neither sum of the account out of int64. */
bool chart_has_room(const struct chart *chart, int32_t account, int64_t amount);

/* Nor would debits of so much in one entry take that of all accounts in the currency out of it. */
bool chart_total_has_room(const struct chart *chart, const char *currency, int64_t debits);

/* Adds to the sums; gives the entry before that touched the account, the same for each posting of
 * one entry.  For `apply` only. */
int64_t chart_post(struct chart *chart, int32_t account, int64_t amount, int64_t entry,
	const int32_t days[2]);

/* Writes what is dirty; inside the batch's transaction. */
void chart_flush(struct chart *chart, struct store *store);

#endif
