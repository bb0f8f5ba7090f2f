/* SPDX-License-Identifier: Apache-2.0 */

/*
 * origin - which host and port an https address speaks to.
 *
 * A gateway's texts come from a bank in part; it may send only to the hosts its operator wrote into
 * its settings.  Read strictly: what browsers and libcurl would each understand in their own way
 * (user names, backslashes, percent signs in a host) is no address to us.
 */
#ifndef ALYM_DAEMON_ORIGIN_H
#define ALYM_DAEMON_ORIGIN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"
#include "daemon/engine.h"

/* "https://Bank.example/v1" -> "bank.example:443".  False, with `out` untouched, when it is no
 * https address. */
bool origin_of(struct text url, char out[ENGINE_ORIGIN_SIZE]) MUST_USE;

/* Lets the gateway send to where that address is.  False: it is none, or there are too many. */
bool origin_add(struct engine_gateway *gateway, struct text url) MUST_USE;

/* True when the gateway may send there. */
bool origin_allows(const struct engine_gateway *gateway, struct text url);

#endif
