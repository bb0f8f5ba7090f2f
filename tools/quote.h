/* SPDX-License-Identifier: Apache-2.0 */

/* quote - the options that say what is to be priced, as the API takes them. */
#ifndef ALYM_TOOLS_QUOTE_H
#define ALYM_TOOLS_QUOTE_H

#include <jansson.h>

#include "base/attr.h"
#include "tools/session.h"

/* The request as JSON, to be freed; NULL, and told, when the options make no sense. */
json_t *quote_request(struct session *session, const struct arguments *arguments) MUST_USE;

#endif
