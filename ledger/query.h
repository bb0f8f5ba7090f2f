/* SPDX-License-Identifier: Apache-2.0 */

/*
 * query - a question to the book: run() on a reader's thread, done() back on the collector's.
 *
 * What may look at more than a page of rows is long.  Long queries have a thread of their own and
 * share it: run() does one slice, at most some 50 ms of work, says `again` while there is more, and
 * comes after those that wait; none begins while the log is long and jobs wait.  Each call may be
 * on another connection, so nothing of the reader is kept between two.  One that streams does a
 * slice, writes in done() and is submitted anew.
 */
#ifndef ALYM_LEDGER_QUERY_H
#define ALYM_LEDGER_QUERY_H

#include <stdbool.h>
#include <stdint.h>

struct reader;

struct query {
	void (*run)(struct reader *reader, struct query *query);
	void (*done)(struct query *query);
	bool is_long;
	bool again; /* set by run(); still set in done() when it has no answer: the readers stopped
		       before its end, or what it saw was lost */
	int64_t needs; /* the writer's: so many batches have to be on disk before it is told */
	struct query *next;
};

/* Oldest first. */
struct query_queue {
	struct query *first;
	struct query **end;
};

void query_queue_init(struct query_queue *queue);
void query_put(struct query_queue *queue, struct query *query);
struct query *query_take(struct query_queue *queue); /* NULL: there is none */

/* One slice, with `again` cleared before. */
void query_run(struct query *query, struct reader *reader);

/* Slice after slice to the end, where there are no threads to share. */
void query_run_whole(struct query *query, struct reader *reader);

#endif
