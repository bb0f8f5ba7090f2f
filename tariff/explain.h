/* SPDX-License-Identifier: Apache-2.0 */

/* explain - one quote as a paragraph a person can read, in each language of the set. */
#ifndef ALYM_TARIFF_EXPLAIN_H
#define ALYM_TARIFF_EXPLAIN_H

#include "tariff/argument.h"
#include "tariff/cite.h"

/*
 * The longest paragraph: one line (12 KiB with every text of it at NODE_TEXT_MAX), 8 claims of at
 * most 7 KiB each, eligibility (8 KiB), due, budget, refund, rules and warnings (24 KiB); phrases
 * name a placeholder once.
 */
enum { EXPLAIN_SIZE_MAX = 128 * 1024 };

void explain_write(const struct argument *argument, enum language language, struct buffer *out);

/* The sentence that says why a ground was accepted or refused, in every language. */
void explain_decision(const struct argument *argument, const struct exemption_decision *decision,
	struct json_writer *w, const char *name);

/* What a quote warns of. */
enum explain_warning {
	EXPLAIN_AGE_NOT_STATED,
	EXPLAIN_BENEFICIARY_INCOMPLETE,
	EXPLAIN_BENEFICIARY_UNKNOWN,
	EXPLAIN_BENEFICIARY_UNVERIFIED,
	EXPLAIN_KBK_UNVERIFIED,
	EXPLAIN_REFUND_UNVERIFIED,
	EXPLAIN_TRAVEL_BEYOND_VALIDITY,
	EXPLAIN_UNVERIFIED,
	EXPLAIN_WARNING_COUNT,
};

bool explain_warns(const struct argument *argument, enum explain_warning warning);
const char *explain_warning_name(enum explain_warning warning);

#endif
