/* SPDX-License-Identifier: Apache-2.0 */

/*
 * breaker - whether new orders are to be sent to a gateway that lately took none.
 *
 *     CLOSED     orders go there; BREAKER_FAILURES_MAX in a row that failed open it
 *     OPEN       it rests: nobody is sent there who can go elsewhere
 *     HALF_OPEN  it has rested; the next order tries it, the others wait for what comes of that
 *
 * An order that failed on the way makes the next rest twice as long, one that arrived closes.  What
 * has failed is its owner's business, and so is the clock.  All zero is closed.
 */
#ifndef ALYM_DAEMON_BREAKER_H
#define ALYM_DAEMON_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_FAILURES_MAX = 5, BREAKER_REST_MS = 30000, BREAKER_REST_MS_MAX = 480000 };

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

struct breaker {
	int failures; /* in a row */
	int64_t rest_ms;
	int64_t until_ms; /* it rests */
};

/* Times are monotonic milliseconds. */
enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms);

/* An order leaves: if it is the one that tries, others are not to follow it for a rest. */
void breaker_send(struct breaker *breaker, int64_t now_ms);

/* An order did not arrive; true: that opened it. */
bool breaker_fail(struct breaker *breaker, int64_t now_ms);

/* An order arrived; true: that closed it. */
bool breaker_succeed(struct breaker *breaker);

#endif
