/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A tz database that is damaged, or not one: whatever is taken for a zone must answer every
 * question without leaving its bounds, and its days must agree with its instants.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zone *zone = NULL;
	struct err err = { 0 };

	if (zone_new((struct text){ (const char *)data, size }, &zone, &err)) {
		for (int32_t day = -25000; day < 60000; day += 997) {
			int64_t instant = zone_instant(zone, day, 43200);

			/* A clock put forward may have skipped the day, by one at most. */
			assert(zone_day(zone, instant) >= day);
			assert(zone_day_start(zone, day) <= instant);
		}
	}
	assert((zone != NULL) == (err.kind == ERR_NONE));
	zone_free(&zone);
	return 0;
}
