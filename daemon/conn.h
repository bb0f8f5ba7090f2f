/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conn - one connection of a face; only daemon/face.c and daemon/conn*.c include this.
 *
 *     socket -> transport (plain or TLS) -> filter (strict) -> evhttp -> call
 *     socket <- transport                <- filter          <- evhttp <- answer
 *
 * Four habits of evhttp 2.1 are met here.  It takes an answer for sent when the filter has passed
 * it on and would then close over unsent bytes: so evhttp is never told that a connection closes,
 * and the closing is done here, after the last byte.  It ends the process when it is made to read
 * while it writes: so exactly one whole request is passed at a time.  A filter does not push what
 * was written while it was disabled: so it is flushed by hand.  And bufferevents are freed later
 * than told: so a connection is `dead` first and gone when the filter's last callback has run.
 */
#ifndef ALYM_DAEMON_CONN_H
#define ALYM_DAEMON_CONN_H

#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/face.h"
#include "daemon/strict.h"

enum { CONN_MAGIC = 0x636f6e6e, CONN_OUTPUT_MAX = 256 << 10 };

enum { CONN_TEXTS_MAX = 2 * (STRICT_HEAD_MAX + CALL_BODY_LARGE_MAX) };

enum conn_life { CONN_IDLE, CONN_RECEIVING, CONN_HELD, CONN_WRITING, CONN_CLOSING };

struct conn {
	uint32_t magic;
	struct face *face; /* NULL: it has stopped */
	struct conn *next;
	struct conn *previous;
	struct bufferevent *transport;
	struct bufferevent *filter;
	struct event *wake; /* goes on once the callback that woke it has returned */
	enum conn_life life;
	int64_t deadline_ms; /* 0: none */
	struct strict strict;
	size_t skip;        /* bytes of a refused body still to be dropped */
	int refused_status; /* 0: the request is good */
	const char *refused_why;
	bool continued; /* "100 Continue" was said */
	bool busy;      /* a request was passed to evhttp and is not answered */
	bool held;      /* the engine has the call */
	bool filled;    /* and waits for a piece of its answer to leave */
	bool closing;   /* after the answer under way nothing more is heard */
	bool parted;    /* our side of the socket is shut */
	bool dead;      /* evhttp has let go of it */
	bool freed;     /* and libevent too; only the held call keeps it */
	struct evhttp_request *request;
	struct call call;
	struct call_header headers[CALL_HEADERS_MAX];
	struct buffer texts; /* what the call points into */
	struct face_guest guest;
};

struct face {
	struct event_base *base;
	struct evhttp *http;
	struct evhttp_bound_socket *bound;
	struct evconnlistener *listener; /* evhttp's; NULL once drained */
	struct event *sweep;
	struct face_settings settings;
	struct conn *first;
	struct conn *passing; /* whose request evhttp is being given */
	bool full;            /* the listener rests until somebody goes */
	bool draining;
	size_t open;
	size_t held; /* calls at the engine */
};

int64_t conn_now_ms(void);

/* The one setter of `life` and its deadline. */
void conn_live(struct conn *conn, enum conn_life life);

/* The bufferevent evhttp is to use for a new connection. */
struct bufferevent *conn_new(struct face *face);

/* evhttp has read a whole request on it. */
void conn_request(struct conn *conn, struct evhttp_request *request);

/* Ends a connection that is not held, or waits for a piece to leave: at once, whatever is on its
 * way. */
void conn_cut(struct conn *conn);

/* The end of one that is freed and not held. */
void conn_forget(struct conn *conn);

/* ---- conn_answer.c ---- */

/* The engine gets the call, and with it the ways to answer. */
void conn_hold(struct conn *conn);

/* Answers by itself: refused_status and refused_why. */
void conn_refuse(struct conn *conn);

/* The engine hears that its piece has left, or that nobody is there.  May be the call's end. */
void conn_tell(struct conn *conn);

/* Bytes of answers not yet given to the kernel. */
size_t conn_output(const struct conn *conn);

#endif
