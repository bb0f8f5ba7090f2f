/* SPDX-License-Identifier: Apache-2.0 */

/*
 * face - a listener and its connections, which turn bytes into calls and answers into bytes.
 *
 * Both faces of alymd (daemon/socket.c, daemon/https.c) are this one with another listener, another
 * way to wrap a connection and another way to know its guest.  A request is read by
 * daemon/strict.c; one of a connection is under way at a time, so answers keep the order of the
 * requests.
 *
 * A connection has one of these lives, and a deadline in each but the third:
 *
 *     IDLE       nothing of a request is there          idle_ms
 *     RECEIVING  some of one is                         request_ms
 *     HELD       the engine has the call                none: the engine answers every call
 *     WRITING    the answer, or a piece, is on its way  write_ms from the answer, or the piece
 *     CLOSING    all is said; what comes is dropped     linger_ms
 */
#ifndef ALYM_DAEMON_FACE_H
#define ALYM_DAEMON_FACE_H

#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/call.h"
#include "daemon/log.h"

enum {
	FACE_CLIENT_SIZE = 65,
	FACE_PEER_SIZE = 64,
	FACE_GROUPS_MAX = 65,
	FACE_BACKLOG = 1024,
};

/* Who is at the other end; filled by the face's `greet`, kept as long as the connection. */
struct face_guest {
	bool known;
	int64_t uid;
	int64_t gids[FACE_GROUPS_MAX];
	size_t gid_count;
	unsigned roles;
	char client[FACE_CLIENT_SIZE];
	char peer[FACE_PEER_SIZE];
};

struct face_settings {
	enum call_face kind;
	size_t connections_max;
	int64_t idle_ms;
	int64_t request_ms;
	int64_t write_ms;
	int64_t linger_ms;
	const struct log *log; /* outlives the face */

	void *owner; /* of `wrap` and `greet` */
	/* The connection's transport, without a descriptor yet. */
	struct bufferevent *(*wrap)(void *owner, struct event_base *base);
	/* Sends at once what the kernel takes, of a transport that has nothing to send and lets
	 * bytes pass as they are: how many went.  NULL: all goes through the transport. */
	size_t (*put)(struct bufferevent *transport, const struct text *parts, size_t count);
	/* Before each call: who is it, and may it?  NULL: it may; else why it is refused (403). */
	const char *(*greet)(void *owner, struct bufferevent *transport, struct text path,
		struct face_guest *guest);
	/* All was sent: the transport's own good-bye, before the socket's.  NULL: it has none. */
	void (*part)(struct bufferevent *transport);

	void *context;
	/* A whole request; to be answered once, now or later. */
	void (*call)(void *context, struct call *call);
};

struct face;

/* The times that are right for a daemon. */
void face_set_times(struct face_settings *settings);

/* Takes the listener over. */
struct face *face_start(struct event_base *base, struct evconnlistener *listener,
	const struct face_settings *settings);

/* No new connections, and no second request on an old one; idle ones close.  To be called once. */
void face_drain(struct face *face);

/* True when there is nothing to wait for: no call held, no answer on its way. */
bool face_is_quiet(const struct face *face);

/* Cuts what is left.  Calls still held must not be answered any more. */
void face_stop(struct face **face);

/* Lets libevent finish with the connections of faces that have stopped: before event_base_free(),
 * with nothing else on the loop that may still be called. */
void face_settle(struct event_base *base);

#endif
