/* SPDX-License-Identifier: Apache-2.0 */

/* callback - the bank calls Alym: README.md section 5. */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_CALLBACK_H
#define ALYM_GATEWAYS_FREEDOMPAY_CALLBACK_H

#include "gateways/freedompay/freedompay.h"

/* Any event of a message. */
void callback_step(const struct alym_gateway_state *state, struct freedompay_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
