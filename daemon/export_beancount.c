/* SPDX-License-Identifier: Apache-2.0 */

/*
 * beancount puts a file's directives in the order of their dates, so accounts are opened behind the
 * entries, once it is known which currencies each had; it wants one "open" for all of them.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "daemon/export_parts.h"

enum { BEANCOUNT_PIECE_SIZE = 16384 };

static void beancount_begin(struct export *e, struct buffer *out)
{
	export_comment_begin(e, out);
	buffer_printf(out, "option \"title\" \"%s\"\n\n", e->head.origin);
}

static void beancount_fact(struct buffer *out, const char *name, struct text text)
{
	buffer_printf(out, "  %s: \"%.*s\"\n", name, TEXT_ARGS(text));
}

static void beancount_entry(struct export *e, const struct walk_entry *entry, struct buffer *out)
{
	char day[DATE_TEXT_SIZE];
	char amount[MONEY_TEXT_SIZE];

	(void)e;
	buffer_printf(out, "%s * \"%s\"\n", date_format(entry->booked_day, day),
		kind_cause_name(entry->cause));
	buffer_printf(out, "  entry: \"%" PRId64 "\"\n", entry->number);
	buffer_printf(out, "  value: %s\n", date_format(entry->value_date, day));
	export_facts(entry, beancount_fact, out);
	for (size_t i = 0; i < entry->posting_count; i++) {
		const struct walk_posting *p = &entry->postings[i];

		buffer_add_string(out, "  ");
		export_name_beancount(p->type, text_of(p->name), out);
		buffer_printf(out, "  %s\n", money_format(p->amount, amount));
	}
	buffer_add_string(out, "\n");
}

static int beancount_compare(const void *a, const void *b)
{
	const struct export_account *x = a;
	const struct export_account *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->currency, y->currency);
}

/* The accounts of one name, one for each currency, from `first` on: how many. */
static size_t beancount_same(const struct export *e, size_t first, int32_t *since)
{
	const struct export_account *account = &e->accounts[first];
	size_t count = 0;

	*since = account->since;
	while (first + count < e->account_count &&
		strcmp(account[count].name, account->name) == 0) {
		*since = account[count].since < *since ? account[count].since : *since;
		count++;
	}
	return count;
}

static void beancount_currencies(const struct export *e, struct buffer *out)
{
	char day[DATE_TEXT_SIZE];

	for (size_t i = 0; i < e->currency_count; i++) {
		int32_t since = INT32_MAX;

		for (size_t k = 0; k < e->account_count; k++) {
			if (strcmp(e->accounts[k].currency, e->currencies[i]) == 0 &&
				e->accounts[k].since < since) {
				since = e->accounts[k].since;
			}
		}
		buffer_printf(out, "%s commodity %s\n", date_format(since, day), e->currencies[i]);
	}
	buffer_add_string(out, "\n");
}

static bool beancount_end(struct export *e, struct buffer *out)
{
	char day[DATE_TEXT_SIZE];
	size_t begun = out->size;

	if (e->ended == 0) {
		beancount_currencies(e, out);
		if (e->account_count > 0) {
			qsort(e->accounts, e->account_count, sizeof(*e->accounts),
				beancount_compare);
		}
	}
	while (e->ended < e->account_count && out->size - begun < BEANCOUNT_PIECE_SIZE) {
		const struct export_account *account = &e->accounts[e->ended];
		int32_t since;
		size_t count = beancount_same(e, e->ended, &since);

		buffer_printf(out, "%s open ", date_format(since, day));
		export_name_beancount(account->type, text_of(account->name), out);
		for (size_t i = 0; i < count; i++) {
			buffer_printf(out, "%s%s", i == 0 ? " " : ",", account[i].currency);
		}
		buffer_add_string(out, "\n");
		e->ended += count;
	}
	return e->ended == e->account_count;
}

const struct export_writer export_beancount = {
	.name = "beancount",
	.content_type = "text/plain; charset=utf-8",
	.begin = beancount_begin,
	.entry = beancount_entry,
	.end = beancount_end,
	.last = export_comment_last,
};
