/* SPDX-License-Identifier: Apache-2.0 */

/* incoming - parts of a message that arrived, for gateways. */
#ifndef ALYM_PLUGINS_INCOMING_H
#define ALYM_PLUGINS_INCOMING_H

#include "plugins/gateway.h"

/* The value of the header that is there exactly once, else empty: which of two is meant nobody
 * knows.  Names are compared without regard to case. */
struct text incoming_header(const struct alym_message *message, const char *name);

/* What comes behind the first ? of a request's path; empty when there is none. */
struct text incoming_query(const struct alym_message *message);

#endif
