/* SPDX-License-Identifier: Apache-2.0 */

/* endpoint - the address of a bank's API as a setting gives it: https://host[:port][/prefix]. */
#ifndef ALYM_PLUGINS_ENDPOINT_H
#define ALYM_PLUGINS_ENDPOINT_H

#include "base/attr.h"
#include "base/text.h"

enum { ENDPOINT_SIZE_MAX = 512 };

struct endpoint {
	char address[ENDPOINT_SIZE_MAX + 1]; /* without a slash at its end */
	size_t origin_size;                  /* of it: what comes before the path */
};

/* NULL, or what is wrong with it: "has no usable host". */
const char *endpoint_parse(struct endpoint *endpoint, struct text setting) MUST_USE;

#endif
