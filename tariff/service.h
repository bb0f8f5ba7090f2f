/* SPDX-License-Identifier: Apache-2.0 */

/*
 * service - what can be paid for: its actions, and the rates, rules and exemptions by date.
 */
#ifndef ALYM_TARIFF_SERVICE_H
#define ALYM_TARIFF_SERVICE_H

#include "tariff/eligibility.h"
#include "tariff/mrp.h"
#include "tariff/rate.h"
#include "tariff/row.h"
#include "tariff/variant.h"

enum { SERVICE_ACTIONS_MAX = 16, SERVICE_ACTION_SIZE = 32 };

enum service_regime {
	SERVICE_CONSULAR_FEE,
	SERVICE_PROGRAMME_FEE, /* not a duty of the Tax Code */
	SERVICE_STATE_DUTY,
	SERVICE_WITHOUT_FEE,
	SERVICE_REGIME_COUNT,
};

struct service_action {
	struct text code;
	struct texts name;
	struct variants variants;
};

struct exemption; /* tariff/exemption.h */

struct service {
	struct text code;
	enum service_regime regime;
	struct node_list channels;
	struct texts name;
	struct service_action actions[SERVICE_ACTIONS_MAX]; /* the first is the default */
	size_t action_count;
	struct chain rates; /* read, not yet given to the actions */
	struct chain roundings;
	struct chain budgets;
	struct chain refunds;
	struct chain rules[RULE_KIND_COUNT];
	const struct exemption **exemptions; /* sorted by ground, then day */
	size_t exemption_count;
	size_t exemption_capacity;
	struct eligibilities eligibilities;
	struct origin origin;
};

/* Gives the row of each child that is one to `on_row`. */
typedef void service_row_fn(void *context, const struct row *row);
bool service_read(const struct node *n, const struct acts *acts, service_row_fn *on_row,
	void *context, struct service **service) MUST_USE;

/* Closes the chains and works out the segments. */
bool service_close(struct service *service, const struct mrps *mrps, struct arena *arena,
	struct err *err) MUST_USE;

const char *service_regime_name(enum service_regime regime);

/* The index of the action, or action_count; the empty text is the first. */
size_t service_action_find(const struct service *service, struct text code);

#endif
