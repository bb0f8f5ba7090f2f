/* SPDX-License-Identifier: Apache-2.0 */

/*
 * act - what operators ask for: by which request, and by whom.
 *
 * Acts are few and are looked up in their table, not in the window of keys.
 */
#ifndef ALYM_LEDGER_ACT_H
#define ALYM_LEDGER_ACT_H

#include "ledger/book_parts.h"

/* As book_request_seen(); the operator's acts are kept apart from what clients do to payments. */
bool act_seen(struct book *book, struct job *job, const struct job_request *request);
/* Remembers the request as of job->record. */
void act_keep(struct book *book, const struct job *job, const struct job_request *request);
/* Who did it, and perhaps why, as a leaf tells it; nothing where `actor` is NULL. */
void act_write_actor(struct json_writer *w, const char *name, const struct job_actor *actor,
	struct text reason);

#endif
