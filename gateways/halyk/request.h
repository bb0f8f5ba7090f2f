/* SPDX-License-Identifier: Apache-2.0 */

/* request - what is sent to the bank: README.md, "Requests". */
#ifndef ALYM_GATEWAYS_HALYK_REQUEST_H
#define ALYM_GATEWAYS_HALYK_REQUEST_H

#include "gateways/halyk/halyk.h"

/* Each fills action->request and makes it a SEND. */

/* A token for what `session->wanted` says. */
void request_token(const struct alym_gateway_state *state, const struct halyk_session *session,
	const struct alym_event *event, struct alym_action *action);

/* These carry the token, which is good for one request and is kept nowhere. */
void request_invoice(const struct alym_gateway_state *state, struct text token,
	const struct alym_event *event, struct alym_action *action);
void request_status(const struct alym_gateway_state *state, struct text token,
	const struct alym_event *event, struct alym_action *action);
/* Charges, cancels or refunds transaction `id`, as event->operation says. */
void request_movement(const struct alym_gateway_state *state, struct text token, const char *id,
	const struct alym_event *event, struct alym_action *action);

#endif
