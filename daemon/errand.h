/* SPDX-License-Identifier: Apache-2.0 */

/*
 * errand - one conversation with a gateway about one attempt, from the book and back into it.
 *
 *     in the outbox      JOB_SEND, then PAY; what the book does not let go is not sent
 *     SENT PENDING UNKNOWN   STATUS
 *     AUTHORIZED         CAPTURE, or RELEASE when the payment wants no money any more, and after a
 *                        CAPTURE that was declined: nobody is to hold on to what does not fit
 *
 * A RELEASE that is declined leaves the attempt UNKNOWN: the hold may have lapsed or been taken,
 * and only the STATUS says which.
 *
 * It ends with a verdict in the book, or with a declined CAPTURE, and knows when to go on; when it
 * runs is dispatch's business.
 */
#ifndef ALYM_DAEMON_ERRAND_H
#define ALYM_DAEMON_ERRAND_H

#include <stdint.h>

#include "daemon/engine_parts.h"
#include "daemon/schedule.h"

enum { ERRAND_GAP_S = 5 }; /* between two questions about one order, however many hints */

/* After how many seconds to ask when it was asked `tries` times: 1 min, 5 min, 15 min, 1 h, 6 h,
 * daily. */
int64_t errand_delay_s(int32_t tries);

/* The entry is taken; dispatch_over() is called once, later. */
void errand_start(struct engine *engine, struct engine_gateway *gateway,
	struct schedule_entry *entry);

/* dispatch.c: the errand is over, the entry is wanted again at `next` (Unix seconds); 0: never. */
void dispatch_over(struct engine *engine, struct engine_gateway *gateway,
	struct schedule_entry *entry, int64_t next);

#endif
