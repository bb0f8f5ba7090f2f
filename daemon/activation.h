/* SPDX-License-Identifier: Apache-2.0 */

/*
 * activation - a tariff set on its way into use: loaded, then booked, then quoted by.
 *
 * What was taken into use stays in memory (daemon/tariffs.c), and nothing else; the old set is in
 * use until the book has the new one.
 */
#ifndef ALYM_DAEMON_ACTIVATION_H
#define ALYM_DAEMON_ACTIVATION_H

#include "daemon/engine_parts.h"

struct activation;

/* The book has answered; the activation is freed afterwards. */
typedef void activation_done_fn(struct engine *engine, const struct job *job, void *context);

/* Who wants it: copied into the activation, with the proposer's reason where there is one. */
struct activation_persons {
	const struct job_actor *activated_by;   /* NULL: nobody, it is start or SIGHUP */
	const struct engine_proposal *proposal; /* NULL: one person is enough */
};

/* Loads the set, whose names and bytes are copied.  NULL: err says why it is none to be used. */
struct activation *activation_new(struct engine *engine, const struct tariff_file *files,
	size_t count, const char *reason, struct err *err) MUST_USE;
void activation_free(struct activation **activation);

const uint8_t *activation_digest(const struct activation *activation);

void activation_set_persons(struct activation *activation,
	const struct activation_persons *persons);

/* Takes it; `done` may be NULL. */
void activation_start(struct activation *activation, activation_done_fn *done, void *context);

/* The last set that the book has is in use, if it has one that can be; then `then`. */
typedef void activation_then_fn(struct engine *engine);
void activation_resume(struct engine *engine, activation_then_fn *then);

/* Looks at the tariff's folder, for the warning. */
void activation_look(struct engine *engine);

#endif
