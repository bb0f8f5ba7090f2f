/* SPDX-License-Identifier: Apache-2.0 */

/*
 * answer - what the bank says to a request of ours: README.md section 5.
 *
 * JSON or a page of HTML whose hidden inputs are the fields.  The members we know are taken, each
 * of text, each once; what else is there is passed over.
 */
#ifndef ALYM_GATEWAYS_BCC_ANSWER_H
#define ALYM_GATEWAYS_BCC_ANSWER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"

enum { ANSWER_SIZE_MAX = 65536, ANSWER_VALUE_SIZE = 65 };

enum answer_field {
	ANSWER_ACTION,
	ANSWER_RC,
	ANSWER_TRTYPE,
	ANSWER_TRAN_TRTYPE,
	ANSWER_ORDER,
	ANSWER_TERMINAL,
	ANSWER_MERCHANT,
	ANSWER_AMOUNT,
	ANSWER_CURRENCY,
	ANSWER_RRN,
	ANSWER_INT_REF,
	ANSWER_FIELD_COUNT
};

struct answer {
	bool there[ANSWER_FIELD_COUNT];
	char value[ANSWER_FIELD_COUNT][ANSWER_VALUE_SIZE]; /* printable ASCII */
};

/* False when it is neither, too large, says something twice or in a way that is not text. */
bool answer_read(struct text body, struct answer *answer) MUST_USE;

/* Empty when it is not there. */
struct text answer_get(const struct answer *answer, enum answer_field field);

/* Touches what libxml2 makes when it is first used: later no file can be opened. */
void answer_warm(void);

#endif
