/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scratch - writing an action's texts into the scratch buffer that came with it.
 *
 * Linked into each gateway (alym_gateway() does it).  What does not fit leaves an empty text and
 * a scratch that says so; alymd then ends the session as unknown, so a step need not look.
 */
#ifndef ALYM_PLUGINS_SCRATCH_H
#define ALYM_PLUGINS_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "plugins/gateway.h"

/* True when something did not fit. */
bool scratch_overflowed(const struct alym_scratch *scratch);

/* Room for `size` bytes, or NULL when there is not enough. */
char *scratch_reserve(struct alym_scratch *scratch, size_t size) MUST_USE;

struct text scratch_copy(struct alym_scratch *scratch, struct text t);

/* What `b` holds; `b` is freed. */
struct text scratch_take(struct alym_scratch *scratch, struct buffer *b);
struct text scratch_printf(struct alym_scratch *scratch, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
