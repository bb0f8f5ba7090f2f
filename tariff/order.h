/* SPDX-License-Identifier: Apache-2.0 */

/* order - the order of codes and ids: by bytes, the shorter first. */
#ifndef ALYM_TARIFF_ORDER_H
#define ALYM_TARIFF_ORDER_H

#include <string.h>

#include "base/text.h"

static inline int order_texts(struct text a, struct text b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common > 0 ? memcmp(a.bytes, b.bytes, common) : 0;

	if (order != 0) {
		return order;
	}
	return (a.size > b.size) - (a.size < b.size);
}

#endif
