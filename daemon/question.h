/* SPDX-License-Identifier: Apache-2.0 */

/*
 * question - what is due by this code or order today?
 *
 * Where the payment's calculation does not cover today it gets a new one first, so that what the
 * payer is told is what will be taken.
 */
#ifndef ALYM_DAEMON_QUESTION_H
#define ALYM_DAEMON_QUESTION_H

#include <stdbool.h>

#include "daemon/engine_parts.h"

struct requote;
struct question;
typedef void question_done_fn(struct question *question);

struct question {
	unsigned magic;
	struct engine *engine;
	/* in: the caller's, as long as this lives */
	const struct engine_gateway *gateway; /* whose order it is */
	struct text order;                    /* one of the two */
	struct text code;
	bool as_it_stands; /* no new calculation: only which payment it is */
	question_done_fn *done;
	void *context;
	/* out */
	struct job job; /* JOB_ASK, done */
	/* its own */
	struct job change;
	struct requote *requote;
	int rounds;
};

struct question *question_new(struct engine *engine, const struct engine_gateway *gateway);
void question_start(struct question *question);
void question_free(struct question **question);

#endif
