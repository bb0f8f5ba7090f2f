/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rate - how much an action of a service costs and where, and what else is dated about it: the
 * rounding of money, the budget code it goes to, whether it comes back, the rules the applicant
 * must meet.
 */
#ifndef ALYM_TARIFF_RATE_H
#define ALYM_TARIFF_RATE_H

#include "base/money.h"
#include "tariff/rational.h"
#include "tariff/row.h"

enum rate_unit {
	RATE_MRP,
	RATE_MRP_PERCENT,
	RATE_KZT,
	RATE_USD,
	RATE_EUR,
	RATE_GBP,
	RATE_CHF,
	RATE_UNIT_COUNT,
};

/* Where the action is done: by an authority in Kazakhstan, or by a mission abroad. */
enum rate_place { RATE_ANYWHERE, RATE_KAZAKHSTAN, RATE_ABROAD, RATE_PLACE_COUNT };

/* What a rate depends on beside service, action and day. */
struct rate_condition {
	enum rate_place where;
	int64_t years;        /* that the visa is valid; 0: however many */
	struct text fixed_in; /* the currency, where the law fixes the rate in several; or empty */
};

struct rate {
	struct row row; /* first, as in all that follow: chains point at it */
	enum rate_unit unit;
	struct text written;      /* the value as the law writes it: "0.5" */
	struct rational value;    /* of the unit; a percentage is already divided by 100 */
	struct node_list actions; /* empty: every action of the service */
	struct rate_condition condition;
};

/* Something is done in both. */
bool rate_places_meet(enum rate_place a, enum rate_place b);

/* where=, or RATE_ANYWHERE without it. */
bool rate_read_place(const struct node *n, enum rate_place *place) MUST_USE;

bool rate_read(const struct node *n, const struct acts *acts, struct rate *rate) MUST_USE;
const char *rate_unit_name(enum rate_unit unit);
const char *rate_place_name(enum rate_place place);
bool rate_unit_is_mrp(enum rate_unit unit);
/* Of the money a rate of that unit comes to. */
const char *rate_unit_currency(enum rate_unit unit);

struct rounding {
	struct row row;
	enum rational_rounding rule;
	int64_t step_minor; /* 1: tiyn or cent; 100: whole tenge or dollars */
	bool per_line;      /* after multiplying by the quantity; else per person, before */
	enum rational_rounding converted; /* of what foreign money comes to in tenge: not exact */
	int64_t converted_step_minor;
};

bool rounding_read(const struct node *n, const struct acts *acts, struct rounding *rounding)
	MUST_USE;
const char *rounding_rule_name(enum rational_rounding rule);

enum { RATE_KBK_DIGITS = 6 };

struct budget {
	struct row row;
	struct text kbk; /* budget classification code */
	struct text knp; /* payment purpose code */
};

bool budget_read(const struct node *n, const struct acts *acts, struct budget *budget) MUST_USE;

enum refund_rule {
	REFUND_IF_NOT_PERFORMED,
	REFUND_NEVER,
	REFUND_NOTHING_DUE,
	REFUND_UNKNOWN,
	REFUND_RULE_COUNT,
};

struct refund {
	struct row row;
	enum refund_rule rule;
	int64_t years; /* within which it may be claimed, where the rule has a limit; else 0 */
};

bool refund_read(const struct node *n, const struct acts *acts, struct refund *refund) MUST_USE;
const char *refund_rule_name(enum refund_rule rule);

/* In the order an explanation tells them. */
enum rule_kind {
	RULE_SCOPE,              /* whom it is for; a text only */
	RULE_NOT_REQUIRED,       /* who need not have it; a text only */
	RULE_FOREIGNERS_ONLY,    /* no citizen of Kazakhstan can have it; no number */
	RULE_MINIMUM_AGE,        /* of the applicant, in years, on the day of payment */
	RULE_NOTICE_HOURS,       /* between the application and the travel */
	RULE_DEADLINE_DAYS,      /* within which it must be asked for */
	RULE_MOVE_BUSINESS_DAYS, /* within which it must be asked for again after moving */
	RULE_TERM_MONTHS,        /* what is paid for lasts so long */
	RULE_VALIDITY_DAYS,      /* what is issued is valid so long */
	RULE_CONDITIONS,         /* what else it depends on; a text only */
	RULE_KIND_COUNT,
};

struct rule {
	struct row row;
	enum rule_kind kind;
	int64_t value; /* 0: the kind is a text only */
	struct texts texts;
};

bool rule_read(const struct node *n, const struct acts *acts, struct rule *rule) MUST_USE;
const char *rule_kind_name(enum rule_kind kind);

#endif
