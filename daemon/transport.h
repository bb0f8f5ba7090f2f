/* SPDX-License-Identifier: Apache-2.0 */

/*
 * transport - outgoing HTTPS: libcurl's multi interface on the event loop.
 *
 * https only, certificates verified, no redirects, no proxies, every answer bounded; connections
 * are kept and used again.  What it must tell truly is whether the other side can have seen the
 * request: EXCHANGE_NOT_SENT only when libcurl never came to the point of sending.  It never sends
 * a request that may change something a second time by itself.
 */
#ifndef ALYM_DAEMON_TRANSPORT_H
#define ALYM_DAEMON_TRANSPORT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/ports.h"

enum {
	TRANSPORT_GATEWAYS_MAX = 17,    /* the engine's, and the source of exchange rates */
	TRANSPORT_EXCHANGES_MAX = 256,  /* at a time; more are not sent */
	TRANSPORT_CONNECTIONS_MAX = 64, /* at a time, and kept; more exchanges wait */
	TRANSPORT_HEADERS_MAX = 16384,  /* bytes of an answer's headers */
	TRANSPORT_PATH_SIZE = 192,
};

/* Of each gateway, by its index; empty paths: the system's CAs, no certificate of ours. */
struct transport_gateway {
	char ca[TRANSPORT_PATH_SIZE];
	char certificate[TRANSPORT_PATH_SIZE];
	char key[TRANSPORT_PATH_SIZE];
};

struct transport;

struct transport *transport_start(struct event_base *base, const struct transport_gateway *gateways,
	size_t count);

/* What is under way comes back as EXCHANGE_PERHAPS_SENT, from inside; no more may be sent then. */
void transport_stop(struct transport **transport);

/* done() is called later, never from inside. */
void transport_send(struct transport *transport, struct exchange *exchange);

#endif
