/* SPDX-License-Identifier: Apache-2.0 */

/*
 * router - the gateway that the next order of a payment goes to, as the engine stands now.
 *
 * It brings rules, breakers and the payment together for daemon/routing.h, and writes down what was
 * passed over and why.  The shares are drawn by client and reference, which a payment has before it
 * has a number and keeps: each choice for it draws the same.
 */
#ifndef ALYM_DAEMON_ROUTER_H
#define ALYM_DAEMON_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/money.h"
#include "base/text.h"
#include "daemon/engine_parts.h"
#include "daemon/routing.h"

struct router_payment {
	int32_t client;
	struct text reference;
	struct money amount; /* what is to be paid now */
	struct text service;
	int32_t tried[ATTEMPT_COUNT_MAX]; /* numbers of gateways where it was tried */
	size_t tried_count;
};

enum router_result {
	ROUTER_FOUND,
	ROUTER_UNFIT,   /* no gateway takes such a payment, whatever the hour */
	ROUTER_RESTING, /* those that would all rest */
};

struct router_choice {
	struct engine_gateway *gateway; /* FOUND */
	bool untried;                   /* FOUND: nothing of this payment was there yet */
	char route[JOB_ROUTE_MAX + 1];  /* as job_order.route; also where nothing was found */
};

enum router_result router_choose(struct engine *engine, enum routing_method method,
	const struct router_payment *payment, struct router_choice *choice);

/* What is to be paid, where it was tried, and what draws: texts are the view's. */
void router_payment_of(const struct payment_view *view, struct router_payment *payment);

/* The method that a route begins with; ROUTING_NONE: the gateway was named. */
enum routing_method router_method(struct text route);

/* An order leaves for the gateway; what came of it: it arrived there, or nobody can say so. */
void router_sent(struct engine *engine, const struct engine_gateway *gateway);
void router_learn(struct engine *engine, const struct engine_gateway *gateway, bool arrived);

#endif
