/* SPDX-License-Identifier: Apache-2.0 */

/*
 * booking - what a gateway said, on its way into the book.
 *
 * It turns the gateway's words into a job, finds the day that counts, quotes for that day where the
 * book has no calculation for it, and sends money about something unknown to suspense rather than
 * nowhere.  It does not know who said it first (an answer or a message) nor who waits.
 */
#ifndef ALYM_DAEMON_BOOKING_H
#define ALYM_DAEMON_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/carry.h"
#include "daemon/engine_parts.h"
#include "plugins/gateway.h"

enum { BOOKING_AHEAD_S = 300 }; /* a gateway's clock may be so far ahead of ours */

struct requote;
struct booking;
typedef void booking_done_fn(struct booking *booking);

struct booking {
	unsigned magic;
	struct engine *engine;
	struct engine_gateway *gateway;
	enum alym_verdict_kind kind;
	struct carry carry; /* texts of the job */
	struct requote *requote;
	int rounds;
	booking_done_fn *done;
	void *context;
	struct job job; /* u.verdict: the owner adds order, inbox, evidence, next_at; outcome */
};

/*
 * `at` is when it was said: the time it is judged by.  `operation` tells what was asked for; a
 * message is ALYM_OPERATION_STATUS.  The texts of `said` are copied.
 */
struct booking *booking_new(struct engine *engine, struct engine_gateway *gateway,
	enum alym_operation operation, const struct alym_verdict *said, int64_t at);

/* Books it; `done` runs once, after the commit, with the job's last outcome. */
void booking_submit(struct booking *booking);
void booking_free(struct booking **booking);

/* What it means to the attempt. */
enum attempt_event booking_event(enum alym_operation operation, const struct alym_verdict *said);

/* The Almaty day on which the payer paid: the gateway's word within its window, else `at`. */
int32_t booking_paid_on(const struct engine *engine, const struct engine_gateway *gateway,
	const struct alym_verdict *said, int64_t at);

#endif
