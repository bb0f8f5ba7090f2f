/* SPDX-License-Identifier: Apache-2.0 */

/* case - one request with the due or refusal it must come to, or one day's MRP, read from XML. */
#ifndef ALYM_TARIFF_CASE_H
#define ALYM_TARIFF_CASE_H

#include "tariff/mrp.h"
#include "tariff/node.h"
#include "tariff/quote.h"
#include "tariff/rate.h"

/* What a quote must come to; what is not stated may be anything. */
struct case_expected {
	enum quote_result result;
	struct money due;
	struct money gross;
	struct money relief;
	bool gross_stated;
	bool relief_stated;
	struct text ground;    /* of the relief, or empty */
	struct node_list rows; /* that it rests on, among others */
	struct text kbk;       /* stated together with the next, or both empty */
	struct text knp;
	bool refund_stated;
	enum refund_rule refund;
	int64_t refund_years; /* 0: without a limit */
	bool rule_stated[RULE_KIND_COUNT];
	int64_t rule_values[RULE_KIND_COUNT]; /* 0: the kind is a text only */
};

struct case_entry {
	struct origin origin;
	int32_t day;
	bool of_mrp;
	struct quote_request request;
	struct exchange_day exchange; /* what is stated of it; none: not known */
	struct case_expected expected;
	enum mrp_purpose purpose; /* of_mrp: which, and how much; 0: there is none that day */
	int64_t value;
};

/* A <case> or an <mrp>; what is given lives as long as the node's arena. */
bool case_read(const struct node *n, struct case_entry *c) MUST_USE;

/* A refusal as the interface names it; QUOTE_DONE is "a due". */
const char *case_result_name(enum quote_result result);

#endif
