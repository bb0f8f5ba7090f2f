/* SPDX-License-Identifier: Apache-2.0 */

/*
 * argument - the reasoning behind one quote: which rows answer it, and what they come to.
 *
 * quote_compute() copies its figures, quote_write() tells it.  Everything in it points into the
 * set and the request.  Figures of an older version of the calculation are made the same way; what
 * it does not say is left out.
 */
#ifndef ALYM_TARIFF_ARGUMENT_H
#define ALYM_TARIFF_ARGUMENT_H

#include "tariff/set.h"

/* The version of the calculation that came with it; phrases know theirs themselves. */
enum {
	ARGUMENT_BOOKED_SINCE = 2,      /* it holds while it would be booked the same */
	ARGUMENT_ELIGIBILITY_SINCE = 2, /* by which list the applicant may have it is told */
	ARGUMENT_EXCHANGE_SINCE = 2,    /* fees in foreign money are converted */
	ARGUMENT_TERM_SINCE = 2,        /* until when a status runs is told */
};

struct argument {
	const struct tariff *tariff;
	const struct exchange_day *exchange; /* or NULL */
	int version;                         /* of the calculation */
	int32_t day;
	const struct quote_request *request; /* its quantity may be 0: see below */
	int64_t quantity;                    /* 1 or more */
	const struct service *service;
	const struct service_action *action;
	size_t action_index;
	enum rate_place where; /* the action is done */
	const struct variant *variant;
	const struct segment *segment;
	const struct budget *budget;           /* or NULL */
	const struct beneficiary *beneficiary; /* who receives it, or NULL: not known */
	const struct refund *refund;
	const struct rule *minimum_age; /* or NULL, as the next */
	const struct rule *notice;
	const struct rule *validity;
	const struct rule *term;               /* how long it runs, from version 2 on; or NULL */
	const struct category *category;       /* asked for, or NULL: the service has none */
	const struct eligibility *eligibility; /* by which the applicant may have it, or NULL */
	const struct exemption_decision *relieved_by; /* NULL: not exempt */
	const struct exchange_rate *exchange_rate;    /* the fee is converted by it; or NULL */
	struct money own_unit; /* per person and of the line, in the fee's own currency */
	struct money own_gross;
	struct rational exact; /* per person, minor units, before it is rounded the last time */
	struct money unit;     /* per person, rounded */
	struct money gross;
	struct money relief;
	struct money due;
	struct span
		valid; /* the same is due on these days, and booked the same from version 2 on */
	bool unverified;
	bool personal;                                         /* the applicant was looked at */
	struct exemption_decision decisions[QUOTE_CLAIMS_MAX]; /* one for each claim; last */
};

/* On anything but QUOTE_DONE `refusal` is filled and `argument` is not to be used. */
enum quote_result argument_make(const struct quote_basis *basis,
	const struct quote_request *request, struct argument *argument,
	struct quote_refusal *refusal) MUST_USE;

/* The service's rule of that kind on the day, or NULL. */
const struct rule *argument_rule(const struct argument *argument, enum rule_kind kind);

/* The applicant's country; only where `eligibility` is one: a list names it. */
const struct country *argument_country(const struct argument *argument);

/* Something is due, and to which account is not known. */
bool argument_lacks_account(const struct argument *argument);

/* What was asked, as exemption_decide() wants it. */
struct exemption_case argument_case(const struct argument *argument);

/*
 * Gives every row the argument rests on: the few that struct quote lists, and besides them the rows
 * of claims that were looked at, of the refund and of every rule.
 */
typedef void argument_row_fn(void *context, const struct row *row);
void argument_rows(const struct argument *argument, argument_row_fn *on_row, void *context);

#endif
