/* SPDX-License-Identifier: Apache-2.0 */

/* explain - one quote as a paragraph a person can read, in each language of the set. */
#ifndef ALYM_TARIFF_EXPLAIN_H
#define ALYM_TARIFF_EXPLAIN_H

#include "tariff/argument.h"
#include "tariff/cite.h"

/*
 * The longest paragraph: a phrase and what it quotes of the set are NODE_TEXT_MAX (1 kB) each, a
 * phrase names a placeholder once, and a citation is 4.2 kB (phrase and place, phrase of the act,
 * its title and number).  In kB, figures and days included: line 13 (4 texts, 2 citations), it
 * rounded 1.2, exchange 1.3, that rounded 1.2, quantity 1.2; condition 2.2 (place, years);
 * eligibility 8.4 (4 texts, a citation); 8 claims of 6.6 (2 texts, a citation, a document); due
 * 1.1, budget 1.2, beneficiary 2.1; refund 5.3; 10 rules of 1.1; term 1.2; 8 warnings of 1.2: 113.
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
