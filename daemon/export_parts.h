/* SPDX-License-Identifier: Apache-2.0 */

/* export_parts - what the files of the export share; nobody else includes it. */
#ifndef ALYM_DAEMON_EXPORT_PARTS_H
#define ALYM_DAEMON_EXPORT_PARTS_H

#include "daemon/export.h"
#include "ledger/chart.h"

enum { EXPORT_CURRENCIES_MAX = 16 }; /* more than base/money.h knows */

struct export_account {
	int64_t number;
	enum kind_account type;
	char name[READER_ACCOUNT_SIZE];
	char currency[MONEY_CURRENCY_SIZE];
	int32_t since; /* the first entry's day */
};

/* One of the formats. */
struct export_writer {
	const char *name;
	const char *content_type;
	void (*begin)(struct export *export, struct buffer *out);
	/* Before the first entry that posts to it; or NULL. */
	void (*account)(struct export *export, const struct export_account *account,
		struct buffer *out);
	/* Before the first entry in it; or NULL. */
	void (*currency)(struct export *export, const char *currency, struct buffer *out);
	void (*entry)(struct export *export, const struct walk_entry *entry, struct buffer *out);
	/* True: that was all.  NULL: only the last line stands behind the entries. */
	bool (*end)(struct export *export, struct buffer *out);
	void (*last)(struct export *export, struct buffer *out);
};

struct export
{
	const struct export_writer *writer;
	struct export_head head;
	int64_t entries;                         /* written */
	uint8_t met[CHART_ACCOUNTS_MAX / 8 + 1]; /* a bit for the number of each account */
	struct export_account *accounts;         /* in the order they were met */
	size_t account_count;
	size_t account_capacity;
	char currencies[EXPORT_CURRENCIES_MAX][MONEY_CURRENCY_SIZE];
	size_t currency_count;
	size_t ended; /* accounts that export_end() is done with */
};

extern const struct export_writer export_hledger, export_ledger, export_beancount, export_csv;

/* "; book ..." lines for whoever opens the file, and the line that ends it. */
void export_comment_begin(const struct export *export, struct buffer *out);
void export_comment_last(struct export *export, struct buffer *out);

/* "checkpoint of 1234 records, root ..., of alym/0f3a9c21/1, booked from 2026-03-01" */
void export_words(const struct export *export, struct buffer *out);

/* The members of an entry that people find it again by, each by this; `text` needs no quoting. */
typedef void export_fact_fn(struct buffer *out, const char *name, struct text text);
void export_facts(const struct walk_entry *entry, export_fact_fn *write, struct buffer *out);

#endif
