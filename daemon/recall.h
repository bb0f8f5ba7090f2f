/* SPDX-License-Identifier: Apache-2.0 */

/*
 * recall - what happened after the copy that a resumed book came from, asked of the gateways.
 */
#ifndef ALYM_DAEMON_RECALL_H
#define ALYM_DAEMON_RECALL_H

#include "base/date.h"
#include "daemon/engine_parts.h"

struct recall *recall_new(void);
void recall_free(struct recall **recall);
void recall_begin(struct engine *engine);
int64_t recall_tick(struct engine *engine);
/* A gateway that can not list what it did, while the book was resumed lately, and since when it
 * matters; NULL: there is none. */
const char *recall_unlisted(struct engine *engine, char since[DATE_TIME_TEXT_SIZE]);

#endif
