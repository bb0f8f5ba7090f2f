/* SPDX-License-Identifier: Apache-2.0 */

/*
 * carry - copies of texts that must outlive what they came from: a gateway's step, a call, a row.
 *
 * Nothing moves once it is copied, and all goes at once.  A zeroed carry is an empty one.
 */
#ifndef ALYM_DAEMON_CARRY_H
#define ALYM_DAEMON_CARRY_H

#include "base/text.h"

struct carry_block;

struct carry {
	struct carry_block *last;
};

void carry_done(struct carry *carry);

/* A copy with a NUL behind it; the empty text stays empty. */
struct text carry_text(struct carry *carry, struct text t);

#endif
