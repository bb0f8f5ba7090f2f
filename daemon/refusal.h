/* SPDX-License-Identifier: Apache-2.0 */

/*
 * refusal - the answer to a request that never became a call: application/problem+json too, but in
 * English only, since nothing the client sent was believed.
 */
#ifndef ALYM_DAEMON_REFUSAL_H
#define ALYM_DAEMON_REFUSAL_H

#include "base/text.h"

enum { REFUSAL_BODY_MAX = 1024 };

/* Appends the body; `why` is its detail. */
void refusal_write(int status, const char *why, struct buffer *out);

#endif
