/* SPDX-License-Identifier: Apache-2.0 */

/*
 * zone - which civil day an instant falls on, by the tz database.
 *
 * Reads the bytes of a TZif file (RFC 8536, version 2 or later); who opens the file is the
 * caller's business.  A zone whose last rule still alternates (summer time for ever) is
 * refused: no zone Alym serves has one, and half a rule would be worse than none.
 */
#ifndef ALYM_BASE_ZONE_H
#define ALYM_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum { ZONE_TRANSITIONS_MAX = 512, ZONE_FILE_SIZE_MAX = 65536 };

struct zone;

/* Gives a zone to be freed with zone_free(). */
bool zone_new(struct text tzif, struct zone **zone, struct err *err) MUST_USE;
void zone_free(struct zone **zone);

/* Seconds east of Greenwich at that instant. */
int32_t zone_offset(const struct zone *zone, int64_t seconds);

/* The civil day there at that instant. */
int32_t zone_day(const struct zone *zone, int64_t seconds);

/* The first instant of that civil day there. */
int64_t zone_day_start(const struct zone *zone, int32_t day);

/*
 * The instant of a civil day and second of day there; of two (clocks set back) the earlier, and of
 * none (clocks put forward) the moment of the change.
 */
int64_t zone_instant(const struct zone *zone, int32_t day, int32_t second_of_day);

#endif
