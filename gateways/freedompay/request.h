/* SPDX-License-Identifier: Apache-2.0 */

/* request - what we ask the bank: a signed form to one of its scripts. */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_REQUEST_H
#define ALYM_GATEWAYS_FREEDOMPAY_REQUEST_H

#include "gateways/freedompay/freedompay.h"

/* Each fills `action` with a SEND. */

/* False when an address has a semicolon in it, which would make the signature ambiguous. */
bool request_init(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action) MUST_USE;

/* By the payment's id, or by the order's number while `id` is empty. */
void request_status(const struct alym_gateway_state *state, const char *id,
	const struct alym_event *event, struct alym_action *action);

/* CAPTURE, RELEASE or REFUND, by event->operation. */
void request_move(const struct alym_gateway_state *state, const char *id,
	const struct alym_event *event, struct alym_action *action);

/* The script that asks for the status, for that operation's movement. */
struct text request_status_script(void);
struct text request_move_script(enum alym_operation operation);
struct text request_init_script(void);

#endif
