/* SPDX-License-Identifier: Apache-2.0 */

/*
 * message - a request that arrived for a gateway, as it is kept and as the gateway reads it.
 *
 * The head is written down as it came, "POST /callbacks/x?y" and one "Name: value" a line, and the
 * gateway gets what is read back from that: what it judged and what was kept can not differ.
 */
#ifndef ALYM_DAEMON_MESSAGE_H
#define ALYM_DAEMON_MESSAGE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"
#include "daemon/call.h"
#include "plugins/gateway.h"

struct message {
	struct alym_message message;
	struct alym_header headers[CALL_HEADERS_MAX];
};

/* False when the call can not be kept so: a line break in it, or too much of it. */
bool message_write_head(const struct call *call, struct buffer *head) MUST_USE;

/* Texts point into what is given.  False when it is no such head. */
bool message_read(struct text head, struct text body, struct text peer, struct message *out)
	MUST_USE;

#endif
