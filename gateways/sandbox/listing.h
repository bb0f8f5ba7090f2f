/* SPDX-License-Identifier: Apache-2.0 */

/* listing - Alym asks the bank what it took since a time: README.md section 4.4. */
#ifndef ALYM_GATEWAYS_SANDBOX_LISTING_H
#define ALYM_GATEWAYS_SANDBOX_LISTING_H

#include "gateways/sandbox/sandbox.h"

/* Any event of ALYM_OPERATION_LIST. */
void listing_step(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
