/* SPDX-License-Identifier: Apache-2.0 */

/* almaty - the time zone whose calendar counts, as the system has it: for tests only. */
#ifndef ALYM_TESTS_ALMATY_H
#define ALYM_TESTS_ALMATY_H

#include "base/zone.h"

/* To be freed with zone_free(). */
struct zone *almaty_zone(void);

#endif
