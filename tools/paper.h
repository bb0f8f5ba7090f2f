/* SPDX-License-Identifier: Apache-2.0 */

/* paper - files of a tariff set, or of cases, as they are sent: [{"name","text"}]. */
#ifndef ALYM_TOOLS_PAPER_H
#define ALYM_TOOLS_PAPER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

enum {
	PAPER_SIZE_MAX = 4 << 20, /* bytes of one, as the daemon takes them */
	PAPER_COUNT_MAX = 64,     /* of one list */
};

/* Adds the file, or of a folder its *.xml and *.xsd by name; err says what can not be read, and
 * where it is no UTF-8. */
bool paper_add(json_t *list, const char *path, struct err *err) MUST_USE;

#endif
