/* SPDX-License-Identifier: Apache-2.0 */

/*
 * term - how long what was paid for runs: a status of twelve months from its activation.
 *
 * The first payment runs from the activation, an extension from the end of the running term.  What
 * is not extended in time is suspended, and from which day a later extension counts is not known.
 */
#ifndef ALYM_TARIFF_TERM_H
#define ALYM_TARIFF_TERM_H

#include "tariff/quote.h"
#include "tariff/rate.h"

struct term {
	int64_t months;
	int32_t from;            /* the first day of what is paid for, or DATE_NONE: not known */
	int32_t until;           /* the first day after it, or DATE_NONE */
	int32_t suspended_since; /* or DATE_NONE: it is not */
	bool assumed;            /* the activation was not stated: it is taken to be on the day */
};

/* What the law calls an extension: the action whose code is "extend". */
bool term_extends(struct text action);

/* By a rule of RULE_TERM_MONTHS, for an action paid for on `day`. */
struct term term_of(const struct rule *rule, struct text action,
	const struct quote_request *request, int32_t day);

#endif
