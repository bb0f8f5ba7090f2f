/* SPDX-License-Identifier: Apache-2.0 */

/*
 * backup - copies of the book while it is written: one that is fetched (daemon/api_backup.c), or
 * one that is verified (daemon/api_verification.c); one at a time.
 */
#ifndef ALYM_DAEMON_BACKUP_H
#define ALYM_DAEMON_BACKUP_H

#include "daemon/engine_parts.h"
#include "daemon/problem.h"
#include "ledger/copy.h"

void backup_free(struct backup **backup);
int64_t backup_tick(struct engine *engine);

/* Whether the disk keeps its reserve when the copy is whole. */
bool backup_has_room(struct engine *engine, const struct copy_progress *progress);

/* Whether a copy can be begun; else the problem says why not. */
bool backup_may_begin(struct engine *engine, struct problem *problem);

void verification_free(struct verification **verification);
int64_t verification_tick(struct engine *engine);

/* Ends it: the daemon stops. */
void verification_stop(struct engine *engine);

#endif
