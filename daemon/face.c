/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/face.h"

#include <assert.h>
#include <event2/event.h>
#include <event2/http.h>
#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/conn.h"

enum {
	FACE_SWEEP_MS = 250,
	FACE_SETTLE_ROUNDS = 8,
	FACE_EVHTTP_FACTOR = 2, /* evhttp's own limits lie above ours: it answers in HTML */
};

void face_set_times(struct face_settings *settings)
{
	settings->idle_ms = 75000;
	settings->request_ms = 15000;
	settings->write_ms = 30000;
	settings->linger_ms = 2000;
}

static struct bufferevent *face_on_connection(struct event_base *base, void *context)
{
	struct face *face = context;
	struct bufferevent *bev = conn_new(face);

	(void)base;
	if (face->open >= face->settings.connections_max && face->listener != NULL) {
		(void)evconnlistener_disable(face->listener);
		face->full = true;
		log_word(face->settings.log, PORTS_WARNING, "face.full", NULL, NULL);
	}
	return bev;
}

/* accept() failed, for want of descriptors as a rule: rests until the next sweep.  (The context is
 * evhttp's.) */
static void face_on_accept_error(struct evconnlistener *listener, void *context)
{
	(void)context;
	(void)evconnlistener_disable(listener);
}

static void face_on_request(struct evhttp_request *request, void *context)
{
	struct face *face = context;
	struct conn *conn = face->passing;
	struct evhttp_connection *evcon = evhttp_request_get_connection(request);

	face->passing = NULL;
	assert(conn != NULL);
	assert(conn->filter == evhttp_connection_get_bufferevent(evcon));
	conn_request(conn, request);
}

/* Marks the calls whose peers are gone: evhttp does not look while a call is held. */
static void face_watch_held(struct face *face)
{
	struct pollfd *fds;
	struct conn **conns;
	size_t count = 0;

	if (face->held == 0) {
		return;
	}
	fds = mem_new(face->held, sizeof(*fds));
	conns = mem_new(face->held, sizeof(struct conn *));
	for (struct conn *conn = face->first; conn != NULL; conn = conn->next) {
		if (conn->held && !conn->dead && !conn->call.gone) {
			assert(count < face->held);
			fds[count].fd = bufferevent_getfd(conn->transport);
			conns[count++] = conn;
		}
	}
	if (poll(fds, count, 0) > 0) {
		for (size_t i = 0; i < count; i++) {
			/* A peer that only stopped sending still wants its answer. */
			if ((fds[i].revents & (POLLHUP | POLLERR)) != 0) {
				conns[i]->call.gone = true;
			}
		}
	}
	free(fds);
	free(conns);
}

static void face_on_sweep(evutil_socket_t fd, short what, void *context)
{
	struct face *face = context;
	int64_t now_ms = conn_now_ms();
	struct conn *next;

	(void)fd;
	(void)what;

	for (struct conn *conn = face->first; conn != NULL; conn = next) {
		next = conn->next;
		if (!conn->dead && (!conn->held || conn->filled) && conn->deadline_ms > 0 &&
			conn->deadline_ms <= now_ms) {
			conn_cut(conn);
		}
		if (conn->filled && conn->call.gone) {
			conn_tell(conn);
		}
	}
	face_watch_held(face);
	if (face->listener != NULL && face->open < face->settings.connections_max) {
		face->full = false;
		(void)evconnlistener_enable(face->listener);
	}
}

struct face *face_start(struct event_base *base, struct evconnlistener *listener,
	const struct face_settings *settings)
{
	const struct timeval period = { .tv_usec = FACE_SWEEP_MS * 1000L };
	struct face *face = mem_new(1, sizeof(*face));

	assert(base != NULL);
	assert(listener != NULL);
	assert(settings->wrap != NULL && settings->greet != NULL && settings->call != NULL);
	assert(settings->log != NULL);
	assert(settings->connections_max > 0);

	face->base = base;
	face->settings = *settings;
	face->listener = listener;
	face->http = evhttp_new(base);
	assert(face->http != NULL);
	evhttp_set_bevcb(face->http, face_on_connection, face);
	evhttp_set_gencb(face->http, face_on_request, face);
	evhttp_set_allowed_methods(face->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(face->http, (ev_ssize_t)STRICT_HEAD_MAX * FACE_EVHTTP_FACTOR);
	evhttp_set_max_body_size(face->http, (ev_ssize_t)CALL_BODY_LARGE_MAX * FACE_EVHTTP_FACTOR);
	evhttp_set_default_content_type(face->http, NULL);
	face->bound = evhttp_bind_listener(face->http, listener);
	assert(face->bound != NULL);
	evconnlistener_set_error_cb(listener, face_on_accept_error);
	face->sweep = event_new(base, -1, EV_PERSIST, face_on_sweep, face);
	assert(face->sweep != NULL);
	(void)event_add(face->sweep, &period);
	return face;
}

void face_drain(struct face *face)
{
	assert(face != NULL);
	assert(!face->draining);

	face->draining = true;
	face->listener = NULL;
	evhttp_del_accept_socket(face->http, face->bound);
	face->bound = NULL;
	for (struct conn *conn = face->first; conn != NULL; conn = conn->next) {
		if (conn->life == CONN_IDLE) {
			conn_cut(conn);
		}
	}
}

bool face_is_quiet(const struct face *face)
{
	assert(face != NULL);

	for (const struct conn *conn = face->first; conn != NULL; conn = conn->next) {
		if (conn->held || (!conn->dead && (conn->busy || conn_output(conn) > 0))) {
			return false;
		}
	}
	return true;
}

void face_stop(struct face **face)
{
	struct face *f = *face;
	struct conn *next;

	*face = NULL;
	if (f == NULL) {
		return;
	}
	event_free(f->sweep);
	for (struct conn *conn = f->first; conn != NULL; conn = next) {
		next = conn->next;
		conn->held = false;
		if (conn->freed) {
			conn_forget(conn);
		} else {
			conn->face = NULL; /* libevent lets go of it later */
		}
	}
	evhttp_free(f->http);
	free(f);
}

void face_settle(struct event_base *base)
{
	/* A bufferevent on a TLS bufferevent with a callback put off: three rounds, and some more.
	 */
	for (int round = 0; round < FACE_SETTLE_ROUNDS; round++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
}
