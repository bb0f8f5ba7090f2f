/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What hledger and ledger read is nearly one language: a date, perhaps a second one, a code, a
 * description, tags and postings.  They differ in how accounts and currencies are declared.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/date.h"
#include "daemon/export_parts.h"

#define EXPORT_PLAIN "text/plain; charset=utf-8"

static void journal_causes(struct buffer *out)
{
	for (int cause = KIND_CAPTURE; cause < KIND_CAUSE_END; cause++) {
		buffer_printf(out, "payee %s\n", kind_cause_name((enum kind_cause)cause));
	}
	buffer_add_string(out, "\n");
}

static void journal_begin_hledger(struct export *e, struct buffer *out)
{
	export_comment_begin(e, out);
	journal_causes(out);
}

/* ledger wants its tags declared too. */
static void journal_begin_ledger(struct export *e, struct buffer *out)
{
	static const char *const tags[] = { "record", "leaf", "reverses", "payment", "gateway",
		"operation", "booked", "paid_on" };

	export_comment_begin(e, out);
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		buffer_printf(out, "tag %s\n", tags[i]);
	}
	journal_causes(out);
}

static void journal_currency_hledger(struct export *e, const char *currency, struct buffer *out)
{
	char sample[MONEY_TEXT_SIZE];

	(void)e;
	buffer_printf(out, "commodity %s\n\n",
		money_format(money_of(INT64_C(100) * MONEY_MINOR_PER_MAJOR, currency), sample));
}

static void journal_currency_ledger(struct export *e, const char *currency, struct buffer *out)
{
	char sample[MONEY_TEXT_SIZE];

	(void)e;
	buffer_printf(out, "commodity %s\n    format %s\n\n", currency,
		money_format(money_of(INT64_C(100) * MONEY_MINOR_PER_MAJOR, currency), sample));
}

static void journal_account_hledger(struct export *e, const struct export_account *account,
	struct buffer *out)
{
	static const char types[] = {
		[KIND_ASSET] = 'A',
		[KIND_LIABILITY] = 'L',
		[KIND_INCOME] = 'R',
		[KIND_EXPENSE] = 'X',
		[KIND_EQUITY] = 'E',
		[KIND_CONTRA_INCOME] = 'R',
	};

	(void)e;
	assert(account->type < KIND_ACCOUNT_END);
	buffer_add_string(out, "account ");
	export_name_journal(text_of(account->name), out);
	buffer_printf(out, "  ; type:%c\n\n", types[account->type]);
}

static void journal_account_ledger(struct export *e, const struct export_account *account,
	struct buffer *out)
{
	(void)e;
	buffer_add_string(out, "account ");
	export_name_journal(text_of(account->name), out);
	buffer_printf(out, "\n    note %s\n\n", kind_account_name(account->type));
}

static void journal_fact(struct buffer *out, const char *name, struct text text)
{
	buffer_printf(out, "    ; %s: %.*s\n", name, TEXT_ARGS(text));
}

static void journal_entry(struct export *e, const struct walk_entry *entry, struct buffer *out)
{
	char day[DATE_TEXT_SIZE];
	char amount[MONEY_TEXT_SIZE];

	(void)e;
	buffer_add_string(out, date_format(entry->booked_day, day));
	if (entry->value_date != entry->booked_day) {
		buffer_printf(out, "=%s", date_format(entry->value_date, day));
	}
	buffer_printf(out, " * (%" PRId64 ") %s\n", entry->number, kind_cause_name(entry->cause));
	export_facts(entry, journal_fact, out);
	for (size_t i = 0; i < entry->posting_count; i++) {
		buffer_add_string(out, "    ");
		export_name_journal(text_of(entry->postings[i].name), out);
		buffer_printf(out, "  %s\n", money_format(entry->postings[i].amount, amount));
	}
	buffer_add_string(out, "\n");
}

const struct export_writer export_hledger = {
	.name = "hledger",
	.content_type = EXPORT_PLAIN,
	.begin = journal_begin_hledger,
	.account = journal_account_hledger,
	.currency = journal_currency_hledger,
	.entry = journal_entry,
	.last = export_comment_last,
};

const struct export_writer export_ledger = {
	.name = "ledger",
	.content_type = EXPORT_PLAIN,
	.begin = journal_begin_ledger,
	.account = journal_account_ledger,
	.currency = journal_currency_ledger,
	.entry = journal_entry,
	.last = export_comment_last,
};
