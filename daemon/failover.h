/* SPDX-License-Identifier: Apache-2.0 */

/*
 * failover - what is needed to send a payment on to the next gateway of its method, kept while the
 * first is spoken to.
 *
 * Whether it may be sent on is the book's to say, in the commit that says why: only an order that
 * never was anywhere is followed by another without anybody asking.
 */
#ifndef ALYM_DAEMON_FAILOVER_H
#define ALYM_DAEMON_FAILOVER_H

#include <stdbool.h>

#include "daemon/engine_parts.h"
#include "daemon/lookup.h"

struct failover;

/* Of the attempt that was looked up; NULL: the service named its gateway, and there is no next. */
struct failover *failover_new(const struct lookup *lookup);
void failover_free(struct failover **failover);

/* The order at the next gateway, one where this payment was not yet; its session ends when the
 * first one's does.  Texts are the failover's.  False: there is none. */
bool failover_next(struct failover *failover, struct engine *engine, struct job_order *next);

/* The next order was opened as that attempt: it is told, and sent. */
void failover_go(const struct failover *failover, struct engine *engine, int64_t attempt);

#endif
