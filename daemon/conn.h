/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conn - one connection of a face; only daemon/face.c and daemon/conn*.c include this.
 *
 *     socket -> transport (plain or TLS) -> strict -> call
 *     socket <- transport                <- reply  <- answer
 *
 * One request is under way at a time: the next is looked at when the answer has left.  Bufferevents
 * call back from inside of what they are told: so what happens is noted, and a connection goes on,
 * or ends, in a turn of its own (`wake`).
 */
#ifndef ALYM_DAEMON_CONN_H
#define ALYM_DAEMON_CONN_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "daemon/face.h"
#include "daemon/reply.h"
#include "daemon/strict.h"

enum {
	CONN_MAGIC = 0x636f6e6e,
	CONN_REQUEST_MAX = STRICT_HEAD_MAX + CALL_BODY_LARGE_MAX, /* which no chunked one reaches */
};

_Static_assert((int)STRICT_RAW_MAX < (int)CALL_BODY_LARGE_MAX, "chunks and all");

enum conn_life { CONN_IDLE, CONN_RECEIVING, CONN_HELD, CONN_WRITING, CONN_CLOSING };

struct conn {
	uint32_t magic;
	struct face *face; /* NULL: it has stopped */
	struct conn *next;
	struct conn *previous;
	struct bufferevent *transport; /* NULL: dead */
	struct event *wake;            /* its own turn of the loop; NULL: dead */
	enum conn_life life;
	int64_t deadline_ms; /* 0: none */
	struct strict strict;
	size_t skip;        /* bytes of a refused body still to be dropped */
	int refused_status; /* 0: the request is good */
	const char *refused_why;
	bool continued; /* "100 Continue" was said */
	bool busy;      /* a request is not answered */
	bool held;      /* the engine has the call */
	bool filled;    /* and waits for a piece of its answer to leave */
	bool closing;   /* after the answer under way nothing more is heard */
	bool parted;    /* our side of the socket is shut */
	bool over;      /* the peer is gone, or the transport failed */
	bool dead;      /* closed; only the held call keeps it */
	struct call call;
	struct call_header headers[CALL_HEADERS_MAX];
	struct buffer request; /* what the call points into */
	struct face_guest guest;
};

struct face {
	struct event_base *base;
	struct evconnlistener *listener; /* NULL once drained */
	struct event *sweep;
	struct face_settings settings;
	struct conn *first;
	struct buffer head; /* of the answer just being given */
	time_t date_s;      /* when `date` was */
	char date[REPLY_DATE_SIZE];
	bool full; /* the listener rests until somebody goes */
	bool draining;
	size_t open;
	size_t held; /* calls at the engine */
};

int64_t conn_now_ms(void);

/* The one setter of `life` and its deadline. */
void conn_live(struct conn *conn, enum conn_life life);

/* Takes the descriptor over. */
void conn_new(struct face *face, evutil_socket_t fd);

/* Its one exit, but for face_stop(): at once, whatever is on its way.  Frees it, or has the call do
 * so that is held. */
void conn_close(struct conn *conn);

/* The end of one that is dead and not held. */
void conn_forget(struct conn *conn);

/* The request was answered: it is ready for the next. */
void conn_go_on(struct conn *conn);

/* ---- conn_answer.c ---- */

/* The engine gets the call, and with it the ways to answer. */
void conn_hold(struct conn *conn);

/* Answers by itself: refused_status and refused_why. */
void conn_refuse(struct conn *conn);

/* The engine hears that its piece has left, or that nobody is there.  May be the call's end. */
void conn_tell(struct conn *conn);

/* Bytes of answers not yet given to the kernel; of one that is not dead. */
size_t conn_output(const struct conn *conn);

#endif
