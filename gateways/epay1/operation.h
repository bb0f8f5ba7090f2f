/* SPDX-License-Identifier: Apache-2.0 */

/* operation - Alym asks the bank, or the payer's browser does: README.md, "Operations". */
#ifndef ALYM_GATEWAYS_EPAY1_OPERATION_H
#define ALYM_GATEWAYS_EPAY1_OPERATION_H

#include "gateways/epay1/epay1.h"

/* Any event of an operation. */
void operation_step(const struct alym_gateway_state *state, struct epay1_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
