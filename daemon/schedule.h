/* SPDX-License-Identifier: Apache-2.0 */

/*
 * schedule - which attempts of one gateway are to be seen to, and when.
 *
 * A heap, and a table by number, so that an attempt is in it once however often it is asked
 * about.  An entry that was taken stays known until it is put back or dropped: nobody starts a
 * second conversation about the same order.
 */
#ifndef ALYM_DAEMON_SCHEDULE_H
#define ALYM_DAEMON_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_TAKEN SIZE_MAX

struct schedule_entry {
	int64_t attempt;
	int64_t due; /* Unix seconds */
	int32_t tries;
	bool send;          /* it is in the outbox and may never have left: before all questions */
	bool forced;        /* ask even if it is final: somebody hinted at news */
	bool hinted;        /* somebody did while it was taken */
	bool refused;       /* the gateway declined to capture: what it holds is to be given up */
	bool first_capture; /* it was certainly never told to capture, */
	bool first_release; /* or to release */
	bool asks;          /* it was taken as a question */
	int64_t seen_at;    /* when it was last taken; 0: never */
	size_t place;       /* in the heap, or SCHEDULE_TAKEN; the schedule's */
};

struct schedule;

struct schedule *schedule_new(void);
void schedule_free(struct schedule **schedule);

/* NULL: not known.  An entry stays where it is until it is dropped. */
struct schedule_entry *schedule_find(struct schedule *schedule, int64_t attempt);

/* A new entry that waits, zeroed but for these; the attempt is not known yet. */
struct schedule_entry *schedule_add(struct schedule *schedule, int64_t attempt, int64_t due,
	bool send);

/* Another time for an entry that waits, or a time for one that was taken. */
void schedule_put(struct schedule *schedule, struct schedule_entry *entry, int64_t due);

/* The next one: orders first, then by time; NULL: nothing waits.  It is not taken.  Whoever turns
 * `send` of an entry that waits puts it again. */
struct schedule_entry *schedule_first(struct schedule *schedule);

void schedule_take(struct schedule *schedule, struct schedule_entry *entry);

/* Forgets and frees it, waiting or taken. */
void schedule_drop(struct schedule *schedule, struct schedule_entry *entry);

#endif
