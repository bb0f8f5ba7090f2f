/* SPDX-License-Identifier: Apache-2.0 */

/*
 * activation - a tariff set on its way into use: loaded, then booked, then quoted by.
 *
 * What was loaded stays in memory (daemon/tariffs.c); the old set is in use until the book has the
 * new one.
 */
#ifndef ALYM_DAEMON_ACTIVATION_H
#define ALYM_DAEMON_ACTIVATION_H

#include "daemon/engine_parts.h"

struct activation;

/* The book has answered; the activation is freed afterwards. */
typedef void activation_done_fn(struct engine *engine, const struct job *job, void *context);

/* Loads the set, whose names and bytes are copied.  NULL: err says why it is none to be used. */
struct activation *activation_new(struct engine *engine, const struct tariff_file *files,
	size_t count, const char *reason, struct err *err) MUST_USE;
void activation_free(struct activation **activation);

/* Takes it; `done` may be NULL. */
void activation_start(struct activation *activation, activation_done_fn *done, void *context);

#endif
