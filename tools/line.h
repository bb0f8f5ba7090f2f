/* SPDX-License-Identifier: Apache-2.0 */

/*
 * line - text as it stands on a terminal: how wide it is, where it breaks, what may not go there.
 *
 * Widths are columns, not bytes: a Cyrillic letter takes two bytes and one column, a Chinese one
 * three bytes and two columns.  libc knows the widths; main() sets a UTF-8 LC_CTYPE for it.
 */
#ifndef ALYM_TOOLS_LINE_H
#define ALYM_TOOLS_LINE_H

#include <stddef.h>

#include "base/text.h"

/* Columns that clean UTF-8 takes. */
size_t line_width(struct text t);

/*
 * Adds `t` with everything a terminal would obey instead of showing (control characters, changes
 * of the direction of writing) and every byte that is no UTF-8 as U+FFFD.  Line ends stay where
 * `lines` says so.
 */
enum line_ends { LINE_ENDS_REPLACED, LINE_ENDS_KEPT };
void line_clean(struct buffer *out, struct text t, enum line_ends ends);

/*
 * Takes the first line of at most `width` columns (0: as wide as it is) off *rest: up to a line
 * end, else broken at the last space that lets it fit, else between characters.  Always takes
 * something while *rest is not empty.
 */
struct text line_take(struct text *rest, size_t width);

#endif
