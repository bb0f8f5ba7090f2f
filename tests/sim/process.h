/* SPDX-License-Identifier: Apache-2.0 */

/*
 * process - one alymd of many that a life sees: how it starts, is spoken to, and ends.
 *
 * It ends with the power (what was not synced is gone or torn), by a kill (what was written is
 * there), or as it should (drained and closed).  A start may itself be cut short.
 */
#ifndef ALYM_TESTS_SIM_PROCESS_H
#define ALYM_TESTS_SIM_PROCESS_H

#include "tests/sim/world.h"

enum process_end { PROCESS_POWER_CUT, PROCESS_KILLED, PROCESS_STOPPED };

/* Until it is up; after each end the book must be what it was, or more. */
void process_boot(struct world *w);

/* The book, or the engine, has failed, and it has said so long enough: it stops. */
bool process_is_over(struct world *w);

/* Ends it that way and starts the next one. */
void process_end(struct world *w, enum process_end how);

/* Ends the last one. */
void process_close(struct world *w);

/* Commits the first `count` jobs that wait, or finds out that it can not be done. */
void process_commit(struct world *w, size_t count);

/* Runs done() of the oldest finished job. */
void process_release(struct world *w);

/* Takes a query out of those that wait, runs it and its done(). */
void process_run_query(struct world *w, struct query **at);

/* ---- calls ---- */

struct process_request {
	enum call_face face;
	unsigned roles;
	const char *client; /* or NULL */
	const char *method;
	const char *path; /* with its query */
	const struct call_header *headers;
	size_t header_count;
	const char *body;
};

/* `status` 0: the process died first. */
typedef void process_answer_fn(struct world *w, void *context, int status, struct text body);

/* Hands the engine a request, whose texts are copied. */
void process_call(struct world *w, const struct process_request *request, process_answer_fn *answer,
	void *context);

#endif
