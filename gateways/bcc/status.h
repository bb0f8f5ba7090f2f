/* SPDX-License-Identifier: Apache-2.0 */

/* status - STATUS, by TRTYPE 90: README.md section 5. */
#ifndef ALYM_GATEWAYS_BCC_STATUS_H
#define ALYM_GATEWAYS_BCC_STATUS_H

#include "gateways/bcc/answer.h"
#include "gateways/bcc/bcc.h"

void status_start(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, struct alym_action *action);

/* `answer` is about the order. */
void status_answered(const struct alym_gateway_state *state, struct bcc_session *session,
	const struct alym_event *event, const struct answer *answer, struct alym_action *action);

#endif
