/* SPDX-License-Identifier: Apache-2.0 */

/* callback - PostLink: what the bank tells by itself.  README.md, "PostLink". */
#ifndef ALYM_GATEWAYS_EPAY1_CALLBACK_H
#define ALYM_GATEWAYS_EPAY1_CALLBACK_H

#include "gateways/epay1/epay1.h"

/* Any event of a message. */
void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action);

#endif
