/* SPDX-License-Identifier: Apache-2.0 */

/* operation - what alymd wants of the bank: README.md sections 3 and 4. */
#ifndef ALYM_GATEWAYS_RBS_OPERATION_H
#define ALYM_GATEWAYS_RBS_OPERATION_H

#include "gateways/rbs/rbs.h"

void operation_step(const struct alym_gateway_state *state, struct rbs_session *session,
	const struct alym_event *event, struct alym_action *action);

#endif
