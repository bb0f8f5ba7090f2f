/* SPDX-License-Identifier: Apache-2.0 */

/*
 * paper - files of a tariff set, of cases or of exchange rates, as they are sent:
 * [{"name","text"}].  How many, the daemon says.
 */
#ifndef ALYM_TOOLS_PAPER_H
#define ALYM_TOOLS_PAPER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/* Adds the path of the file, or of a folder those of its *.xml and *.xsd by name, as strings; err
 * says what is not there. */
bool paper_find(json_t *paths, const char *path, struct err *err) MUST_USE;

/* Adds the file; err says why it can not be read, and where it is no UTF-8. */
bool paper_read(json_t *list, const char *path, struct err *err) MUST_USE;

/* The same of the files themselves: all of them, or false. */
bool paper_add(json_t *list, const char *path, struct err *err) MUST_USE;

#endif
