/* SPDX-License-Identifier: Apache-2.0 */

/* request - what the bank asks: `check`, `getInfo` or `pay`, by GET or as a form. */
#ifndef ALYM_GATEWAYS_OSMP_REQUEST_H
#define ALYM_GATEWAYS_OSMP_REQUEST_H

#include "base/attr.h"
#include "gateways/osmp/osmp.h"
#include "plugins/form.h"

/* All parameters, those of the address and those of the body.  False, with nothing to free, when
 * they can be read in more than one way. */
bool request_open(const struct alym_message *message, struct form *form) MUST_USE;

/* Whether the caller knows the constant agreed upon; where there is none, everybody does. */
bool request_knows_secret(const struct alym_gateway_state *state, const struct form *form) MUST_USE;

/*
 * OSMP_ACCEPTED, with all of `session` filled that the command needs, or why it is refused; then
 * too what could be read is there, for the answer.
 */
enum osmp_result request_read(const struct alym_gateway_state *state, const struct form *form,
	struct osmp_session *session) MUST_USE;

#endif
