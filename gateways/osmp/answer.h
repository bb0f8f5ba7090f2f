/* SPDX-License-Identifier: Apache-2.0 */

/* answer - what the bank is told, in the words and the form of its dialect. */
#ifndef ALYM_GATEWAYS_OSMP_ANSWER_H
#define ALYM_GATEWAYS_OSMP_ANSWER_H

#include "gateways/osmp/osmp.h"

/* `decision` is NULL when the book was not asked. */
void answer_say(const struct alym_gateway_state *state, const struct osmp_session *session,
	enum osmp_result result, const struct alym_decision *decision, struct alym_action *action);

/* To whoever does not know the secret: not in the protocol's words. */
void answer_refuse(struct alym_action *action);

#endif
