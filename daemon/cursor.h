/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cursor - where a list goes on, as an opaque word.
 *
 * It is bound to its list: a cursor that came with other filters is refused.  It carries no rights:
 * who may see what is decided anew at every call.
 */
#ifndef ALYM_DAEMON_CURSOR_H
#define ALYM_DAEMON_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum { CURSOR_SIZE = 33 }; /* 32 hexadecimal digits and NUL */

/* `list` says what is listed and by which filters. */
const char *cursor_format(struct text list, int64_t after, char out[CURSOR_SIZE]);
bool cursor_parse(struct text cursor, struct text list, int64_t *after) MUST_USE;

#endif
