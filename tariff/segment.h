/* SPDX-License-Identifier: Apache-2.0 */

/* segment - works out, when a set is loaded, what each variant costs on each run of days. */
#ifndef ALYM_TARIFF_SEGMENT_H
#define ALYM_TARIFF_SEGMENT_H

#include "tariff/service.h"

enum { SEGMENT_COUNT_MAX = 10000 }; /* of one variant */

/* Fills the variant's segments from its closed chains. */
bool segments_make(const struct service *service, struct variant *variant, const struct mrps *mrps,
	struct arena *arena, struct err *err) MUST_USE;

#endif
