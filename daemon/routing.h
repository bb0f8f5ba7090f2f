/* SPDX-License-Identifier: Apache-2.0 */

/*
 * routing - which of the gateways a payment may go to, and in which order.
 *
 * Pure: rules, the payment, how each gateway stands, and a number that decides the shares.  The
 * same of these gives the same order, so that a choice can be told afterwards.  It knows neither
 * the engine nor what comes of a choice.
 */
#ifndef ALYM_DAEMON_ROUTING_H
#define ALYM_DAEMON_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/money.h"
#include "base/text.h"

enum {
	ROUTING_GATEWAYS_MAX = 16,
	ROUTING_RANK_MAX = 99,
	ROUTING_SHARE_MAX = 1000,
	ROUTING_LIST_SIZE = 192, /* of a list of words and its NUL */
};

/* How a payer pays, as services ask for it. */
enum routing_method {
	ROUTING_NONE, /* of a gateway: it is only ever named */
	ROUTING_CARD,
	ROUTING_BANK,
	ROUTING_METHOD_COUNT,
};

/* What one gateway takes. */
struct routing_rule {
	enum routing_method method;
	int64_t rank;                       /* those of 1 come before those of 2 */
	int64_t share;                      /* of what comes to its rank; 0: after all others */
	char currencies[ROUTING_LIST_SIZE]; /* "KZT USD"; empty: any */
	char services[ROUTING_LIST_SIZE];   /* "evisa visa.*"; empty: any */
	int64_t amount_min;                 /* minor units of the payment's currency */
	int64_t amount_max;                 /* 0: none */
};

struct routing_gateway {
	struct routing_rule rule;
	bool resting; /* its breaker is open */
	bool tried;   /* an order of this payment was there, and nothing came of it */
};

struct routing_payment {
	enum routing_method method;
	struct money amount;
	struct text service;
	uint64_t draw; /* the same for every choice of one payment */
};

enum routing_why {
	ROUTING_FITS,
	ROUTING_ELSE, /* it is none of the method: not worth a word */
	ROUTING_CURRENCY,
	ROUTING_SERVICE,
	ROUTING_AMOUNT,
	ROUTING_RESTING,
	ROUTING_TRIED, /* comes after all that were not */
	ROUTING_WHY_COUNT,
};

struct routing_choice {
	size_t place[ROUTING_GATEWAYS_MAX]; /* of the gateways, the best first */
	size_t count;
	size_t untried; /* of them, and first: those where it was not tried yet */
	enum routing_why why[ROUTING_GATEWAYS_MAX]; /* of each gateway that was given */
};

void routing_choose(const struct routing_gateway *gateways, size_t count,
	const struct routing_payment *payment, struct routing_choice *choice);

/* ROUTING_NONE: there is no such method. */
enum routing_method routing_method_of(struct text name);
const char *routing_method_name(enum routing_method method);

/* "currency", "service", "amount", "resting", "tried". */
const char *routing_why_name(enum routing_why why);

#endif
