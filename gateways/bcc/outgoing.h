/* SPDX-License-Identifier: Apache-2.0 */

/* outgoing - the fields of a message to the bank, in the scratch: README.md section 1. */
#ifndef ALYM_GATEWAYS_BCC_OUTGOING_H
#define ALYM_GATEWAYS_BCC_OUTGOING_H

#include "gateways/bcc/bcc.h"

struct outgoing {
	struct alym_scratch *scratch;
	size_t count; /* of scratch->fields */
};

/* `name` is a constant; `value` lasts as long as the step. */
void outgoing_add(struct outgoing *out, const char *name, struct text value);

/* TERMINAL, TRTYPE, TIMESTAMP, NONCE, and with the order's fields in place P_SIGN over all. */
void outgoing_seal(struct outgoing *out, const struct alym_gateway_state *state,
	const struct alym_event *event, const char *trtype);

/* "350.00" */
struct text outgoing_amount(struct alym_scratch *scratch, struct money amount);

/* The address with its port spelt out, which the bank demands. */
struct text outgoing_notify_url(struct alym_scratch *scratch, struct text url);

/* Sends the fields as a form. */
void outgoing_send(struct outgoing *out, const struct alym_gateway_state *state,
	struct alym_action *action);

#endif
