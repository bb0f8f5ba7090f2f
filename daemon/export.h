/* SPDX-License-Identifier: Apache-2.0 */

/*
 * export - the book's entries as text that hledger, ledger, beancount or a table reads.
 *
 * Pure: entries in, bytes out; docs/EXPORT.md says what each format carries and how names are
 * spelled.  Only accounts that were met are kept, whatever the number of entries.  Bytes of others
 * (operations, names) are encoded so that none of them can end a comment, a tag or a quoted field.
 */
#ifndef ALYM_DAEMON_EXPORT_H
#define ALYM_DAEMON_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "ledger/walk.h"

enum { EXPORT_ROOT_SIZE = 64 }; /* of a root in base64 and its NUL */

enum export_format {
	EXPORT_HLEDGER,
	EXPORT_LEDGER,
	EXPORT_BEANCOUNT,
	EXPORT_CSV,
	EXPORT_FORMAT_COUNT,
};

/* Of which book, up to where, and the checkpoint that covers it. */
struct export_head {
	char origin[NOTE_NAME_SIZE]; /* "alym/0f3a9c21/1" */
	char root[EXPORT_ROOT_SIZE];
	int64_t size;
	int64_t as_of_record;
	int32_t day_from;  /* or DATE_NONE */
	int32_t day_until; /* inclusive, or DATE_NONE */
	int64_t entries;   /* that are to come */
};

struct export;

/* False: there is no such format. */
bool export_format_parse(struct text name, enum export_format *format) MUST_USE;
const char *export_content_type(enum export_format format);

struct export *export_new(enum export_format format, const struct export_head *head);
void export_free(struct export **export);

/* What stands before the first entry. */
void export_begin(struct export *export, struct buffer *out);

/* The next entry, with the accounts it is the first to post to. */
void export_entry(struct export *export, const struct walk_entry *entry, struct buffer *out);

/* What stands after the last one, in pieces of a few thousand bytes; true: that was all. */
bool export_end(struct export *export, struct buffer *out) MUST_USE;

/* ---- how names are spelled ---- */

/* "fee:visa.multiple:108126" as it is; a byte that is no letter, digit, '.', '_' or '-' as %XX. */
void export_name_journal(struct text name, struct buffer *out);

/*
 * "Income:Fee:Visa-Multiple:108126": of each part the first letter is made a capital, ".m" becomes
 * "-M", and what is left and no small letter, digit or '-' is Q and two small hexadecimal digits,
 * as is a q in front and a '-' before another or such a Q.  No two names are spelled alike.
 */
void export_name_beancount(enum kind_account type, struct text name, struct buffer *out);

#endif
