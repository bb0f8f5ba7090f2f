/* SPDX-License-Identifier: Apache-2.0 */

/*
 * requote - what a payment costs on another day than it was last quoted for.
 *
 * The book says JOB_STALE and for which day; the stored request is read again and quoted by the
 * tariff in use.
 */
#ifndef ALYM_DAEMON_REQUOTE_H
#define ALYM_DAEMON_REQUOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/engine_parts.h"
#include "tariff/quote.h"

struct lookup;
struct requote;
typedef void requote_done_fn(struct requote *requote);

struct requote {
	unsigned magic;
	struct engine *engine;
	struct lookup *lookup;
	int32_t day;
	requote_done_fn *done;
	void *context;
	/* out */
	bool unread;    /* the book could not be read: nothing is known, it is to be tried again */
	bool succeeded; /* false: there is no tariff for that day, or the book is gone; logged */
	struct job_calculation calculation; /* its texts live as long as this does */
	struct quote quote;
};

/* The caller frees it when the calculation was used, from inside `done` at the earliest. */
struct requote *requote_new(struct engine *engine, int64_t payment, int32_t day,
	requote_done_fn *done, void *context);
void requote_start(struct requote *requote);
void requote_free(struct requote **requote);

#endif
