/* SPDX-License-Identifier: Apache-2.0 */

/* operation - Alym asks the bank: README.md sections 3 to 6. */
#ifndef ALYM_GATEWAYS_BCC_OPERATION_H
#define ALYM_GATEWAYS_BCC_OPERATION_H

#include "gateways/bcc/bcc.h"

/* Any event of an operation. */
void operation_step(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
