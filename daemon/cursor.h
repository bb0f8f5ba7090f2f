/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cursor - where a list goes on, as an opaque word.
 *
 * It is bound to its list: a cursor that came with other filters is refused.  It carries the record
 * as of which the list is read, where it is.  It carries no rights: who may see what is decided
 * anew at every call.
 */
#ifndef ALYM_DAEMON_CURSOR_H
#define ALYM_DAEMON_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum { CURSOR_SIZE = 49 }; /* 48 hexadecimal digits and NUL */

struct cursor {
	int64_t after;
	int64_t as_of; /* a record, or 0 */
};

/* `list` says what is listed and by which filters. */
const char *cursor_format(struct text list, struct cursor cursor, char out[CURSOR_SIZE]);
bool cursor_parse(struct text written, struct text list, struct cursor *cursor) MUST_USE;

#endif
