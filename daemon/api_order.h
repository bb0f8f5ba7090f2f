/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api_order - an order to be opened at a gateway, as a service asks for it: at one that it names,
 * or at any of a method.
 */
#ifndef ALYM_DAEMON_API_ORDER_H
#define ALYM_DAEMON_API_ORDER_H

#include "daemon/api.h"
#include "daemon/router.h"

struct api_order {
	struct text gateway; /* its name; empty: none is named */
	struct text method;  /* instead: any gateway of that method; empty: none */
	struct text return_url;
	enum language language;
	struct router_choice choice; /* of a method's gateway, once it is made */
};

/* Takes "gateway" or "method", and "return_url"; the language is the call's. */
void api_order_read(struct json_reader *body, enum json_need need, struct api_order *order);
enum language api_order_language(const struct call *call);

/* The session ends with its time, or with the tariff it was quoted under.  `out` borrows from
 * `order`. */
bool api_order_make(struct engine *engine, struct api_order *order,
	const struct router_payment *payment, int32_t valid_until, struct job_order *out,
	struct problem *problem) MUST_USE;
bool api_order_is_wanted(const struct api_order *order);

#endif
