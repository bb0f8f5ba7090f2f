/* SPDX-License-Identifier: Apache-2.0 */

/*
 * document - what we sign, byte by byte as the bank's own templates have it.
 *
 * Nothing in it needs escaping: settings and numbers were looked at before they came here.
 */
#ifndef ALYM_GATEWAYS_EPAY1_DOCUMENT_H
#define ALYM_GATEWAYS_EPAY1_DOCUMENT_H

#include "gateways/epay1/epay1.h"

/* An order to be paid in a currency that the bank takes, in base64: the form field
 * Signed_Order_B64. */
struct text document_order(const struct alym_gateway_state *state, const struct alym_order *order,
	struct alym_scratch *scratch);

/* What stands behind the ? of checkOrdern.jsp. */
struct text document_question(const struct alym_gateway_state *state, struct text number,
	struct alym_scratch *scratch);

/* What is to be done to a payment, and why. */
struct document_command {
	const char *type; /* "complete", "reverse" or "refund" */
	struct text number;
	const char *reference;
	const char *approval;
	struct money amount; /* of a currency that the bank takes */
};

/* What stands behind the ? of control.jsp. */
struct text document_command(const struct alym_gateway_state *state,
	const struct document_command *command, struct alym_scratch *scratch);

#endif
