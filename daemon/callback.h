/* SPDX-License-Identifier: Apache-2.0 */

/*
 * callback - one message of a gateway, from the keeping of its bytes to the answer.
 *
 *     JOB_KEEP -> CALLBACK -> VERDICT -> JOB_VERDICT (the message becomes its evidence)
 *                             ASK     -> JOB_ASK, with a requote where the day needs one
 *                             CHECK   -> the gateway is asked for the status
 *                             KEEP    -> noted
 *                          -> DECISION -> ANSWER
 *
 * A message that was kept and not interpreted before a crash is gone through again with nobody to
 * answer: what depends on an answer (ASK, a verdict that could be refused) is then left alone,
 * because whoever got no answer has taken no money and comes again.
 */
#ifndef ALYM_DAEMON_CALLBACK_H
#define ALYM_DAEMON_CALLBACK_H

#include <stdint.h>

#include "base/text.h"
#include "daemon/engine_parts.h"

struct callback;
typedef void callback_over_fn(struct engine *engine);

struct callback_origin {
	struct engine_gateway *gateway;
	struct call *call; /* waits for the answer; NULL: nobody does */
	struct text head;  /* as message_write_head() writes it; the three are copied */
	struct text body;
	struct text peer;
	int64_t at;             /* when it arrived, Unix seconds */
	int64_t inbox;          /* its number when it was kept before, or 0 */
	callback_over_fn *over; /* it has ended and is freed */
};

void callback_start(struct engine *engine, const struct callback_origin *origin);

/* inbox.c: the book has kept a message. */
void inbox_kept(struct engine *engine);

#endif
