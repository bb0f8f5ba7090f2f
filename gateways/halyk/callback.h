/* SPDX-License-Identifier: Apache-2.0 */

/* callback - postLink, which nobody signs: at most a reason to ask.  README.md, "postLink". */
#ifndef ALYM_GATEWAYS_HALYK_CALLBACK_H
#define ALYM_GATEWAYS_HALYK_CALLBACK_H

#include "gateways/halyk/halyk.h"

/* Any event of a message. */
void callback_step(const struct alym_gateway_state *state, const struct alym_event *event,
	struct alym_action *action);

#endif
