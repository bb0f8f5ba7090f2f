/* SPDX-License-Identifier: Apache-2.0 */

/* callback - the bank's notification, which is only a hint: README.md section 4. */
#ifndef ALYM_GATEWAYS_BCC_CALLBACK_H
#define ALYM_GATEWAYS_BCC_CALLBACK_H

#include "gateways/bcc/bcc.h"

/* Any event of a message. */
void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action);

#endif
