/* SPDX-License-Identifier: Apache-2.0 */

/*
 * request - what is asked of the bank: README.md section 3.
 *
 * Each fills `action` with a SEND; which answer is waited for is the caller's to remember.
 */
#ifndef ALYM_GATEWAYS_RBS_REQUEST_H
#define ALYM_GATEWAYS_RBS_REQUEST_H

#include "gateways/rbs/rbs.h"

enum { REQUEST_NO_AMOUNT = -1 };

/* register.do or registerPreAuth.do; `return_url` is where the payer goes afterwards. */
void request_register(const struct alym_gateway_state *state, const struct alym_order *order,
	struct text return_url, struct alym_action *action);

/* getOrderStatusExtended.do, by orderId, or by orderNumber when `md_order` is empty. */
void request_status(const struct alym_gateway_state *state, const struct alym_order *order,
	struct text md_order, struct alym_action *action);

/* deposit.do with an amount, reverse.do or decline.do without. */
void request_movement(const struct alym_gateway_state *state, const char *method,
	struct text md_order, int64_t amount, struct alym_action *action);

/* refund.do of order->refund; `expected` is what of the deposit was left before it. */
void request_refund(const struct alym_gateway_state *state, const struct alym_order *order,
	int64_t expected, struct alym_action *action);

#endif
