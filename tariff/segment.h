/* SPDX-License-Identifier: Apache-2.0 */

/* segment - works out, when a set is loaded, what each action costs on each run of days. */
#ifndef ALYM_TARIFF_SEGMENT_H
#define ALYM_TARIFF_SEGMENT_H

#include "tariff/service.h"

enum { SEGMENT_COUNT_MAX = 10000 }; /* of one action */

/* Fills the action's segments from its closed chains. */
bool segments_make(const struct service *service, struct service_action *action,
	const struct mrps *mrps, struct arena *arena, struct err *err) MUST_USE;

#endif
