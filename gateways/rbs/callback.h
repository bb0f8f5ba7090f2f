/* SPDX-License-Identifier: Apache-2.0 */

/* callback - what the bank tells us by itself: README.md section 5. */
#ifndef ALYM_GATEWAYS_RBS_CALLBACK_H
#define ALYM_GATEWAYS_RBS_CALLBACK_H

#include "gateways/rbs/rbs.h"

void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action);

#endif
