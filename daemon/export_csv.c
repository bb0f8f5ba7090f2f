/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A table by RFC 4180, a row for each posting.  It has no comments, so the first row and the last
 * one say by their first field that they are no postings, and their other fields what the comments
 * of the other formats say.
 */
#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/id.h"
#include "daemon/export_parts.h"

static void csv_comma(struct buffer *out)
{
	buffer_add_char(out, ',');
}

/* Spreadsheets take what begins so for a formula, quoted or not; with an apostrophe before it, for
 * text.  What has one gets another, so that dropping one gives back what was there. */
static bool csv_needs_apostrophe(struct text t)
{
	static const char begins[] = { '=', '+', '-', '@', '\t', '\r', '\n', '\'' };

	return t.size > 0 && memchr(begins, t.bytes[0], sizeof(begins)) != NULL;
}

static void csv_field(struct text t, struct buffer *out)
{
	csv_comma(out);
	buffer_add_string(out, csv_needs_apostrophe(t) ? "\"'" : "\"");
	for (size_t i = 0; i < t.size; i++) {
		if (t.bytes[i] == '"') {
			buffer_add_char(out, '"');
		}
		buffer_add_char(out, t.bytes[i]);
	}
	buffer_add_char(out, '"');
}

/* How many entries, as of which record, and in words what stands behind it. */
static void csv_frame(const struct export *e, const char *row, int64_t entries, struct buffer *out)
{
	buffer_printf(out, "%s,%" PRId64 ",%" PRId64 ",,,,,,,,,,\"", row, entries,
		e->head.as_of_record);
	export_words(e, out);
	buffer_add_string(out, "\",,,,\r\n");
}

static void csv_begin(struct export *e, struct buffer *out)
{
	buffer_add_string(out,
		"row,entry,record,leaf,booked_at,booked_on,value_date,paid_on,cause,"
		"reverses,payment,gateway,operation,account,type,currency,amount\r\n");
	csv_frame(e, "begin", e->head.entries, out);
}

/* What is the same in all rows of an entry. */
static void csv_entry_facts(const struct walk_entry *entry, struct buffer *out)
{
	char text[2 * TREE_HASH_SIZE + 1];

	text_hex(entry->leaf.bytes, sizeof(entry->leaf.bytes), text);
	buffer_printf(out, "posting,%" PRId64 ",%" PRId64 ",%s", entry->number, entry->record,
		text);
	buffer_printf(out, ",%s", date_time_format(entry->booked_at, text));
	buffer_printf(out, ",%s", date_format(entry->booked_day, text));
	buffer_printf(out, ",%s", date_format(entry->value_date, text));
	buffer_printf(out, ",%s", date_format(entry->paid_on, text));
	buffer_printf(out, ",%s,", kind_cause_name(entry->cause));
	if (entry->reverses > 0) {
		buffer_printf(out, "%" PRId64, entry->reverses);
	}
	csv_comma(out);
	if (entry->payment > 0) {
		buffer_add_string(out, id_format((struct id){ .kind = ID_PAYMENT,
							 .generation = entry->generation,
							 .number = entry->payment },
					       text));
	}
	csv_field(text_of(entry->gateway), out);
	csv_field(text_of(entry->operation), out);
}

static void csv_entry(struct export *e, const struct walk_entry *entry, struct buffer *out)
{
	char amount[MONEY_TEXT_SIZE];

	(void)e;
	for (size_t i = 0; i < entry->posting_count; i++) {
		const struct walk_posting *p = &entry->postings[i];

		csv_entry_facts(entry, out);
		csv_field(text_of(p->name), out);
		buffer_printf(out, ",%s,%s,%s\r\n", kind_account_name(p->type), p->amount.currency,
			money_format_amount(p->amount, amount));
	}
}

static void csv_last(struct export *e, struct buffer *out)
{
	csv_frame(e, "end", e->entries, out);
}

const struct export_writer export_csv = {
	.name = "csv",
	.content_type = "text/csv; charset=utf-8; header=present",
	.begin = csv_begin,
	.entry = csv_entry,
	.last = csv_last,
};
