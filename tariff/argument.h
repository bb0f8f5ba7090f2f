/* SPDX-License-Identifier: Apache-2.0 */

/*
 * argument - the reasoning behind one quote: which rows answer it, and what they come to.
 *
 * quote_compute() copies its figures, quote_write() tells it.  Everything in it points into the
 * set and the request.  This is calculation version 1, and stays as it is once released.
 */
#ifndef ALYM_TARIFF_ARGUMENT_H
#define ALYM_TARIFF_ARGUMENT_H

#include "tariff/set.h"

struct argument {
	const struct tariff *tariff;
	const struct quote_request *request; /* its quantity may be 0: see below */
	int32_t day;
	int64_t quantity; /* 1 or more */
	const struct service *service;
	const struct service_action *action;
	size_t action_index;
	const struct segment *segment;
	const struct budget *budget; /* or NULL */
	const struct refund *refund;
	const struct rule *minimum_age; /* or NULL, as the next */
	const struct rule *notice;
	const struct rule *validity;
	struct exemption_decision decisions[QUOTE_CLAIMS_MAX]; /* one for each claim */
	const struct exemption_decision *relieved_by;          /* NULL: not exempt */
	struct money gross;
	struct money relief;
	struct money due;
	struct span valid; /* the due is the same on these days */
	bool unverified;
	bool personal; /* the applicant was looked at */
};

/* On anything but QUOTE_DONE `refusal` is filled and `argument` is not to be used. */
enum quote_result argument_make(const struct tariff *tariff, const struct quote_request *request,
	int32_t day, struct argument *argument, struct quote_refusal *refusal) MUST_USE;

/* What was asked, as exemption_decide() wants it. */
struct exemption_case argument_case(const struct argument *argument);

#endif
