/* SPDX-License-Identifier: Apache-2.0 */

/* code - what the bank's RC means, and what follows from it: README.md section 5. */
#ifndef ALYM_GATEWAYS_BCC_CODE_H
#define ALYM_GATEWAYS_BCC_CODE_H

#include "plugins/gateway.h"

enum { CODE_SIZE_MAX = 8 }; /* bytes of an RC */

enum code_kind {
	CODE_UNKNOWN,  /* in no list that we know */
	CODE_APPROVED, /* "00" */
	CODE_JUDGED,   /* the card or its bank said no */
	CODE_PASSING,  /* no, but not for ever: nothing is said about money that is held */
	CODE_REFUSED,  /* the request itself was not understood */
	CODE_CLOCK,    /* its TIMESTAMP was too far from the bank's clock */
	CODE_REPEATED, /* it was done before */
};

struct code {
	const char *rc;
	enum code_kind kind;
	const char *means; /* for the log and the operator */
};

/* Never NULL. */
const struct code *code_find(struct text rc);

/* "ACTION 2, RC 51: not enough money" */
struct text code_reason(struct alym_scratch *scratch, struct text action, struct text rc);

#endif
