/* SPDX-License-Identifier: Apache-2.0 */

/* How the accounts' names are spelled in other programs' journals; both ways can be undone. */
#include <assert.h>
#include <string.h>

#include "daemon/export.h"

static bool export_is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool export_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void export_name_journal(struct text name, struct buffer *out)
{
	for (size_t i = 0; i < name.size; i++) {
		char c = name.bytes[i];

		if (export_is_small(c) || export_is_digit(c) || (c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr(".:_-", c) != NULL)) {
			buffer_add_char(out, c);
		} else {
			buffer_printf(out, "%%%02X", (unsigned)(unsigned char)c);
		}
	}
}

/* ".m": what becomes "-M". */
static bool export_is_joint(struct text part, size_t i)
{
	return i > 0 && part.bytes[i] == '.' && i + 1 < part.size &&
	       export_is_small(part.bytes[i + 1]);
}

/* The byte stays what it is; a '-' does where neither it nor a Q follows. */
static bool export_is_plain(struct text part, size_t i)
{
	char c = part.bytes[i];

	if (i == 0) {
		return export_is_digit(c);
	}
	if (c == '-') {
		return i + 1 == part.size || export_is_small(part.bytes[i + 1]) ||
		       export_is_digit(part.bytes[i + 1]) || export_is_joint(part, i + 1);
	}
	return export_is_small(c) || export_is_digit(c);
}

static void export_name_part(struct text part, struct buffer *out)
{
	if (part.size == 0) {
		buffer_add_char(out, 'Q');
	}
	for (size_t i = 0; i < part.size; i++) {
		char c = part.bytes[i];

		if (i == 0 && export_is_small(c) && c != 'q') {
			buffer_add_char(out, (char)(c - 'a' + 'A'));
		} else if (export_is_plain(part, i)) {
			buffer_add_char(out, c);
		} else if (export_is_joint(part, i)) {
			i++;
			buffer_add_char(out, '-');
			buffer_add_char(out, (char)(part.bytes[i] - 'a' + 'A'));
		} else {
			buffer_printf(out, "Q%02x", (unsigned)(unsigned char)c);
		}
	}
}

void export_name_beancount(enum kind_account type, struct text name, struct buffer *out)
{
	static const char *const roots[] = {
		[KIND_ASSET] = "Assets",
		[KIND_LIABILITY] = "Liabilities",
		[KIND_INCOME] = "Income",
		[KIND_EXPENSE] = "Expenses",
		[KIND_EQUITY] = "Equity",
		[KIND_CONTRA_INCOME] = "Income",
	};
	size_t at = 0;

	assert(type < KIND_ACCOUNT_END);

	buffer_add_string(out, roots[type]);
	while (at <= name.size) {
		const char *colon =
			at < name.size ? memchr(name.bytes + at, ':', name.size - at) : NULL;
		size_t end = colon != NULL ? (size_t)(colon - name.bytes) : name.size;

		buffer_add_char(out, ':');
		export_name_part((struct text){ name.bytes + at, end - at }, out);
		at = end + 1;
	}
}
