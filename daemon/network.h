/* SPDX-License-Identifier: Apache-2.0 */

/*
 * network - which addresses may call: "10.0.0.0/8", "2001:db8::/32", "192.0.2.7".
 *
 * IPv4 is kept as ::ffff:a.b.c.d, so that a socket that serves both kinds is judged alike.
 */
#ifndef ALYM_DAEMON_NETWORK_H
#define ALYM_DAEMON_NETWORK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"
#include "daemon/engine.h"

enum { NETWORK_ADDRESS_SIZE = sizeof(((struct engine_network *)0)->address) };

/* False when it is no network; also when bits are set behind the prefix: whoever wrote 10.1.2.3/8
 * meant something else. */
bool network_parse(struct text t, struct engine_network *network) MUST_USE;

/* True when that address lies in one of the networks; what is no address lies in none. */
bool network_holds(const struct engine_network *networks, size_t count, struct text address);

/* An address without a prefix; all zero when it is none. */
void network_read_address(struct text t, uint8_t address[NETWORK_ADDRESS_SIZE]);
bool network_is_v4(const uint8_t address[NETWORK_ADDRESS_SIZE]);

#endif
