/* SPDX-License-Identifier: Apache-2.0 */

/* purchase - PAY: the form that the payer's browser posts, README.md section 3. */
#ifndef ALYM_GATEWAYS_BCC_PURCHASE_H
#define ALYM_GATEWAYS_BCC_PURCHASE_H

#include "gateways/bcc/bcc.h"

void purchase_start(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action);

#endif
