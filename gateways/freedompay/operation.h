/* SPDX-License-Identifier: Apache-2.0 */

/* operation - Alym asks the bank: README.md section 4. */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_OPERATION_H
#define ALYM_GATEWAYS_FREEDOMPAY_OPERATION_H

#include "gateways/freedompay/freedompay.h"

/* Any event of an operation. */
void operation_step(const struct alym_gateway_state *state, struct freedompay_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
