/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/face.h"

#include <assert.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/conn.h"

enum {
	FACE_SWEEP_MS = 250,
	FACE_SETTLE_ROUNDS = 8,
};

void face_set_times(struct face_settings *settings)
{
	settings->idle_ms = 75000;
	settings->request_ms = 15000;
	settings->write_ms = 30000;
	settings->linger_ms = 2000;
}

static void face_on_accept(struct evconnlistener *listener, evutil_socket_t fd,
	struct sockaddr *address, int address_size, void *context)
{
	struct face *face = context;

	(void)address;
	(void)address_size;

	conn_new(face, fd);
	if (face->open >= face->settings.connections_max) {
		(void)evconnlistener_disable(listener);
		face->full = true;
		log_word(face->settings.log, PORTS_WARNING, "face.full", NULL, NULL);
	}
}

/* accept() failed, for want of descriptors as a rule: rests until the next sweep. */
static void face_on_accept_error(struct evconnlistener *listener, void *context)
{
	(void)context;
	(void)evconnlistener_disable(listener);
}

/* Marks the calls whose peers are gone: where nothing is read while a call is held, nobody else
 * does.
 */
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
			conn_close(conn);
		} else if (conn->filled && conn->call.gone) {
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
	buffer_init(&face->head, REPLY_SIZE_MAX);
	evconnlistener_set_cb(listener, face_on_accept, face);
	evconnlistener_set_error_cb(listener, face_on_accept_error);
	face->sweep = event_new(base, -1, EV_PERSIST, face_on_sweep, face);
	assert(face->sweep != NULL);
	(void)event_add(face->sweep, &period);
	return face;
}

void face_drain(struct face *face)
{
	struct conn *next;

	assert(face != NULL);
	assert(!face->draining);

	face->draining = true;
	evconnlistener_free(face->listener);
	face->listener = NULL;
	for (struct conn *conn = face->first; conn != NULL; conn = next) {
		next = conn->next;
		if (conn->life == CONN_IDLE && !conn->dead) {
			conn_close(conn);
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
	if (f->listener != NULL) {
		evconnlistener_free(f->listener);
	}
	for (struct conn *conn = f->first; conn != NULL; conn = next) {
		next = conn->next;
		conn->held = false;
		conn_close(conn);
	}
	buffer_done(&f->head);
	free(f);
}

void face_settle(struct event_base *base)
{
	/* A TLS bufferevent with a callback put off goes when that has run; and some more. */
	for (int round = 0; round < FACE_SETTLE_ROUNDS; round++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
}
