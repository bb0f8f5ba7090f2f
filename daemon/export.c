/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/export.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/id.h"
#include "base/mem.h"
#include "daemon/export_parts.h"

enum { EXPORT_ACCOUNTS_STEP = 64, EXPORT_FACT_MAX = 256, EXPORT_BITS = 8 };

static const struct export_writer *const export_writers[EXPORT_FORMAT_COUNT] = {
	[EXPORT_HLEDGER] = &export_hledger,
	[EXPORT_LEDGER] = &export_ledger,
	[EXPORT_BEANCOUNT] = &export_beancount,
	[EXPORT_CSV] = &export_csv,
};

bool export_format_parse(struct text name, enum export_format *format)
{
	for (size_t i = 0; i < EXPORT_FORMAT_COUNT; i++) {
		if (text_is(name, export_writers[i]->name)) {
			*format = (enum export_format)i;
			return true;
		}
	}
	return false;
}

const char *export_content_type(enum export_format format)
{
	assert(format < EXPORT_FORMAT_COUNT);

	return export_writers[format]->content_type;
}

struct export *export_new(enum export_format format, const struct export_head *head)
{
	struct export *e = mem_new(1, sizeof(*e));

	assert(format < EXPORT_FORMAT_COUNT);

	e->writer = export_writers[format];
	e->head = *head;
	return e;
}

void export_free(struct export **export)
{
	if (*export != NULL) {
		free((*export)->accounts);
		free(*export);
		*export = NULL;
	}
}

/* ---- what all formats say ---- */

void export_words(const struct export *e, struct buffer *out)
{
	char day[DATE_TEXT_SIZE];

	buffer_printf(out, "checkpoint of %" PRId64 " records, root %s, of %s", e->head.size,
		e->head.root, e->head.origin);
	if (e->head.day_from != DATE_NONE) {
		buffer_printf(out, ", booked from %s", date_format(e->head.day_from, day));
	}
	if (e->head.day_until != DATE_NONE) {
		buffer_printf(out, ", booked to %s", date_format(e->head.day_until, day));
	}
}

void export_comment_begin(const struct export *e, struct buffer *out)
{
	buffer_printf(out, "; the book %s, for %s\n", e->head.origin, e->writer->name);
	buffer_printf(out, "; as of record %" PRId64 "\n; ", e->head.as_of_record);
	export_words(e, out);
	buffer_add_string(out, "\n");
	if (e->head.day_from != DATE_NONE) {
		buffer_add_string(out, "; what was on the accounts before is not in it\n");
	}
	buffer_printf(out, "; entries %" PRId64 "\n\n", e->head.entries);
}

void export_comment_last(struct export *e, struct buffer *out)
{
	buffer_printf(out, "; end of %" PRId64 " entries, as of record %" PRId64 ", ", e->entries,
		e->head.as_of_record);
	export_words(e, out);
	buffer_add_string(out, "\n");
}

void export_facts(const struct walk_entry *entry, export_fact_fn *write, struct buffer *out)
{
	char number[EXPORT_FACT_MAX];
	struct buffer text;

	(void)snprintf(number, sizeof(number), "%" PRId64, entry->record);
	write(out, "record", text_of(number));
	text_hex(entry->leaf.bytes, sizeof(entry->leaf.bytes), number);
	write(out, "leaf", text_of(number));
	if (entry->reverses > 0) {
		(void)snprintf(number, sizeof(number), "%" PRId64, entry->reverses);
		write(out, "reverses", text_of(number));
	}
	if (entry->payment > 0) {
		(void)id_format((struct id){ .kind = ID_PAYMENT,
					.generation = entry->generation,
					.number = entry->payment },
			number);
		write(out, "payment", text_of(number));
	}
	buffer_init(&text, EXPORT_FACT_MAX);
	export_name_journal(text_of(entry->gateway), &text);
	if (text.size > 0) {
		write(out, "gateway", buffer_text(&text));
	}
	buffer_reset(&text);
	export_name_journal(text_of(entry->operation), &text);
	assert(!text.overflowed);
	if (text.size > 0) {
		write(out, "operation", buffer_text(&text));
	}
	buffer_done(&text);
	write(out, "booked", text_of(date_time_format(entry->booked_at, number)));
	write(out, "paid_on", text_of(date_format(entry->paid_on, number)));
}

/* ---- the way of an export ---- */

void export_begin(struct export *e, struct buffer *out)
{
	assert(e->entries == 0);

	e->writer->begin(e, out);
}

static void export_meet_currency(struct export *e, const char *currency, struct buffer *out)
{
	for (size_t i = 0; i < e->currency_count; i++) {
		if (strcmp(e->currencies[i], currency) == 0) {
			return;
		}
	}
	assert(e->currency_count < EXPORT_CURRENCIES_MAX);
	memcpy(e->currencies[e->currency_count++], currency, MONEY_CURRENCY_SIZE);
	if (e->writer->currency != NULL) {
		e->writer->currency(e, currency, out);
	}
}

/* True the first time. */
static bool export_is_new(struct export *e, int64_t account)
{
	size_t at = (size_t)account / EXPORT_BITS;
	uint8_t bit = (uint8_t)(1u << ((size_t)account % EXPORT_BITS));

	assert(account > 0 && account <= CHART_ACCOUNTS_MAX);

	if ((e->met[at] & bit) != 0) {
		return false;
	}
	e->met[at] |= bit;
	return true;
}

static void export_meet(struct export *e, const struct walk_posting *p, int32_t day,
	struct buffer *out)
{
	struct export_account *account;

	if (!export_is_new(e, p->account)) {
		return;
	}
	export_meet_currency(e, p->amount.currency, out);
	if (e->account_count == e->account_capacity) {
		e->account_capacity = 2 * e->account_capacity + EXPORT_ACCOUNTS_STEP;
		e->accounts = mem_grow(e->accounts, e->account_capacity, sizeof(*e->accounts));
	}
	account = &e->accounts[e->account_count++];
	*account = (struct export_account){ .number = p->account, .type = p->type, .since = day };
	memcpy(account->name, p->name, sizeof(account->name));
	memcpy(account->currency, p->amount.currency, sizeof(account->currency));
	if (e->writer->account != NULL) {
		e->writer->account(e, account, out);
	}
}

void export_entry(struct export *e, const struct walk_entry *entry, struct buffer *out)
{
	for (size_t i = 0; i < entry->posting_count; i++) {
		export_meet(e, &entry->postings[i], entry->booked_day, out);
	}
	e->writer->entry(e, entry, out);
	e->entries++;
}

bool export_end(struct export *e, struct buffer *out)
{
	if (e->writer->end != NULL && !e->writer->end(e, out)) {
		return false;
	}
	e->writer->last(e, out);
	return true;
}
