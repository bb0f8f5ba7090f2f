/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fetch - the National Bank's list of exchange rates, fetched when it is time: off unless the
 * configuration says where from.
 *
 * Tomorrow's from 16:00 in Almaty on, when it is published, and today's whenever that is missing
 * (after a night in which nothing could be had).  What is not there yet is asked for again every
 * ten minutes.  A list of another day than was asked for is not taken.
 */
#ifndef ALYM_DAEMON_FETCH_H
#define ALYM_DAEMON_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct fetch;

#define FETCH_DATE "{date}" /* in the address: where DD.MM.YYYY of the day goes */

struct fetch *fetch_new(void);
void fetch_free(struct fetch **fetch);

/* Milliseconds until it wants to be called again. */
int64_t fetch_tick(struct engine *engine);

/* Rates are missing when the day has none, or lacks USD or EUR; they are missed when they are
 * fetched, or a list was ever imported.  Whether today's are, those fetched having been asked for.
 */
bool fetch_misses_today(struct engine *engine);
/* Whether it is 20:00 in Almaty or later, and tomorrow's rates are missing. */
bool fetch_misses_tomorrow(struct engine *engine);

#endif
