/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conn.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/mem.h"

static const char conn_continue[] = "HTTP/1.1 100 Continue\r\n\r\n";

int64_t conn_now_ms(void)
{
	struct timespec now;
	int rc = clock_gettime(CLOCK_MONOTONIC, &now);

	assert(rc == 0);
	(void)rc;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void conn_live(struct conn *conn, enum conn_life life)
{
	const struct face_settings *s = &conn->face->settings;
	const int64_t times[] = {
		[CONN_IDLE] = s->idle_ms,
		[CONN_RECEIVING] = s->request_ms,
		[CONN_HELD] = 0,
		[CONN_WRITING] = s->write_ms,
		[CONN_CLOSING] = s->linger_ms,
	};

	conn->life = life;
	conn->deadline_ms = times[life] > 0 ? conn_now_ms() + times[life] : 0;
}

size_t conn_output(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->transport));
}

/* A large body is taken from an operator on the socket only, and before it has come. */
static size_t conn_body_max(void *context, struct text path)
{
	struct conn *conn = context;
	const struct face_settings *s = &conn->face->settings;
	size_t max = call_body_max(path);

	assert(conn->magic == CONN_MAGIC);

	if (max > CALL_BODY_MAX &&
		(s->kind != CALL_SOCKET ||
			s->greet(s->owner, conn->transport, path, &conn->guest) != NULL ||
			(conn->guest.roles & CALL_ROLE_OPERATOR) == 0)) {
		max = CALL_BODY_MAX;
	}
	return max;
}

/* ---- the call ---- */

/* Takes the request off the front of what came, and makes the call. */
static void conn_take(struct conn *conn, struct evbuffer *input)
{
	const struct strict *strict = &conn->strict;
	struct call *call = &conn->call;
	struct text bytes = { .size = strict->size };
	struct text target;
	const char *mark;
	char *at;

	buffer_reset(&conn->request);
	at = buffer_extend(&conn->request, strict->size);
	assert(at != NULL);
	bytes.bytes = at;
	(void)evbuffer_remove(input, at, strict->size);
	*call = (struct call){ .face = conn->face->settings.kind };
	target = strict_text(bytes, strict->target);
	mark = memchr(target.bytes, '?', target.size);
	call->method = strict->get ? TEXT("GET") : TEXT("POST");
	call->path = target;
	call->query = TEXT("");
	if (mark != NULL) {
		call->path.size = (size_t)(mark - target.bytes);
		call->query = (struct text){ mark + 1, target.size - call->path.size - 1 };
	}
	for (size_t i = 0; i < strict->header_count; i++) {
		conn->headers[i] =
			(struct call_header){ strict_text(bytes, strict->headers[i].name),
				strict_text(bytes, strict->headers[i].value) };
	}
	call->headers = conn->headers;
	call->header_count = strict->header_count;
	call->body = strict_body(strict, at);
}

static void conn_call(struct conn *conn, struct evbuffer *input)
{
	const struct face_settings *s = &conn->face->settings;
	const char *why;

	conn->busy = true;
	conn_take(conn, input);
	if (s->put == NULL) { /* TLS that hears of the peer's end may stop writing */
		(void)bufferevent_disable(conn->transport, EV_READ);
	}
	why = s->greet(s->owner, conn->transport, conn->call.path, &conn->guest);
	if (why != NULL) {
		conn->refused_status = 403;
		conn->refused_why = why;
		conn_refuse(conn);
		return;
	}
	conn->call.roles = conn->guest.roles;
	conn->call.client = text_of(conn->guest.client);
	conn->call.uid = s->kind == CALL_SOCKET ? conn->guest.uid : CALL_NO_UID;
	conn->call.peer = text_of(conn->guest.peer);
	conn_hold(conn);
	s->call(s->context, &conn->call);
}

/* ---- from bytes to the call ---- */

static void conn_refuse_bytes(struct conn *conn)
{
	conn->busy = true;
	conn_refuse(conn);
}

/* Drops what has come of a refused request, and answers when the last of it has. */
static void conn_skip(struct conn *conn, struct evbuffer *input)
{
	size_t size = evbuffer_get_length(input);

	(void)evbuffer_drain(input, size);
	conn->skip = conn->skip > size ? conn->skip - size : 0;
	if (conn->skip == 0) {
		conn_refuse_bytes(conn);
	}
}

static void conn_judge(struct conn *conn, struct evbuffer *input)
{
	struct text bytes = { .size = evbuffer_get_length(input) };
	struct strict *strict = &conn->strict;

	if (conn->life == CONN_IDLE) {
		conn_live(conn, CONN_RECEIVING);
	}
	if (bytes.size < strict->wanted) {
		return;
	}
	bytes.bytes = (const char *)evbuffer_pullup(input, -1);
	assert(bytes.bytes != NULL);
	switch (strict_judge(strict, bytes)) {
	case STRICT_WHOLE:
		conn_call(conn, input);
		break;
	case STRICT_REFUSED:
		conn->refused_status = strict->status;
		conn->refused_why = strict->why;
		conn->skip = strict->skip > 0 ? strict->body_at + strict->skip : 0;
		conn_skip(conn, input);
		break;
	case STRICT_MORE:
		if (strict->expects && strict_has_head(strict) && !conn->continued) {
			conn->continued = true;
			(void)bufferevent_write(conn->transport, conn_continue,
				sizeof(conn_continue) - 1);
		}
		break;
	}
}

/* Looks at what has come. */
static void conn_hear(struct conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->transport);
	size_t size = evbuffer_get_length(input);

	if (conn->closing) {
		(void)evbuffer_drain(input, size);
	} else if (conn->busy || (conn->life == CONN_WRITING && conn_output(conn) > 0)) {
		/* Of the next request only what is here already: who pipelines waits. */
		(void)bufferevent_disable(conn->transport, EV_READ);
	} else if (size > 0 && conn->skip > 0) {
		conn_skip(conn, input);
	} else if (size > 0) {
		conn_judge(conn, input);
	}
}

static void conn_on_read(struct bufferevent *transport, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	assert(conn->transport == transport);
	(void)transport;

	conn_hear(conn);
}

/* ---- the end ---- */

/* True while an answer is to come or to leave, or a turn is to see whether another request is here
 * already. */
static bool conn_owes(const struct conn *conn)
{
	return conn->busy || conn->life == CONN_WRITING || conn_output(conn) > 0;
}

static void conn_on_event(struct bufferevent *transport, short what, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		return; /* TLS has shaken hands */
	}
	if (what == (BEV_EVENT_EOF | BEV_EVENT_READING) && !conn->parted && conn_owes(conn)) {
		/* Who only stopped sending wants the answers, which libevent no longer writes if it
		 * is TLS.  The end is heard again. */
		(void)bufferevent_enable(transport, EV_WRITE);
		return;
	}
	conn->over = true;
	event_active(conn->wake, EV_READ, 0);
}

static void conn_on_output(struct evbuffer *output, const struct evbuffer_cb_info *info,
	void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);

	if (info->n_deleted > 0 && evbuffer_get_length(output) == 0) {
		event_active(conn->wake, EV_WRITE, 0);
	}
}

void conn_forget(struct conn *conn)
{
	struct face *face = conn->face;

	assert(conn->magic == CONN_MAGIC);
	assert(conn->dead);
	assert(!conn->held);

	if (conn->previous == NULL) {
		face->first = conn->next;
	} else {
		conn->previous->next = conn->next;
	}
	if (conn->next != NULL) {
		conn->next->previous = conn->previous;
	}
	buffer_done(&conn->request);
	conn->magic = 0;
	free(conn);
}

void conn_close(struct conn *conn)
{
	assert(conn->magic == CONN_MAGIC);

	if (!conn->dead) {
		conn->dead = true;
		conn->call.gone = true;
		(void)evbuffer_remove_cb(bufferevent_get_output(conn->transport), conn_on_output,
			conn);
		bufferevent_free(conn->transport);
		conn->transport = NULL;
		event_free(conn->wake);
		conn->wake = NULL;
		conn->face->open--;
	}
	if (!conn->held) {
		conn_forget(conn);
	}
}

/* All was sent: says good-bye and drops what may still come, so that the peer is not reset before
 * it has read. */
static void conn_part(struct conn *conn)
{
	conn->parted = true;
	if (conn->face->settings.part != NULL) {
		conn->face->settings.part(conn->transport);
	}
	(void)shutdown(bufferevent_getfd(conn->transport), SHUT_WR);
	conn_live(conn, CONN_CLOSING);
	(void)bufferevent_enable(conn->transport, EV_READ);
}

/* ---- going on ---- */

/* The answer has left.  Reads on: first what came with the last request, then from the socket. */
static void conn_read_on(struct conn *conn)
{
	size_t waiting = evbuffer_get_length(bufferevent_get_input(conn->transport));

	if (conn->life == CONN_WRITING) {
		conn_live(conn, waiting > 0 ? CONN_RECEIVING : CONN_IDLE);
	}
	if (waiting > 0) {
		conn_hear(conn);
	}
	/* One more was answered at once: not before that has left, too, and what is behind it. */
	if (!conn->busy && conn->life != CONN_WRITING &&
		(bufferevent_get_enabled(conn->transport) & EV_READ) == 0) {
		(void)bufferevent_enable(conn->transport, EV_READ);
	}
}

static void conn_on_wake(evutil_socket_t fd, short what, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	assert(!conn->dead);
	(void)fd;
	(void)what;

	if (conn->over) {
		conn_close(conn);
		return;
	}
	if (conn_output(conn) > 0) {
		return;
	}
	if (conn->filled) {
		conn_live(conn, CONN_HELD);
		conn_tell(conn); /* may be its last */
	} else if (!conn->busy && !conn->closing) {
		conn_read_on(conn);
	} else if (!conn->busy && !conn->parted) {
		conn_part(conn);
	}
}

void conn_go_on(struct conn *conn)
{
	bool idle = conn_output(conn) == 0 && !conn->closing &&
		    evbuffer_get_length(bufferevent_get_input(conn->transport)) == 0 &&
		    (bufferevent_get_enabled(conn->transport) & EV_READ) != 0;

	conn->busy = false;
	conn->continued = false;
	strict_init(&conn->strict, conn_body_max, conn);
	conn_live(conn, idle ? CONN_IDLE : CONN_WRITING);
	if (!idle) {
		event_active(conn->wake, EV_WRITE, 0);
	}
}

/* ---- the beginning ---- */

void conn_new(struct face *face, evutil_socket_t fd)
{
	struct conn *conn = mem_new(1, sizeof(*conn));

	conn->magic = CONN_MAGIC;
	conn->face = face;
	buffer_init(&conn->request, CONN_REQUEST_MAX);
	strict_init(&conn->strict, conn_body_max, conn);
	conn->wake = event_new(face->base, -1, 0, conn_on_wake, conn);
	conn->transport = face->settings.wrap(face->settings.owner, face->base);
	assert(conn->wake != NULL);
	assert(conn->transport != NULL);
	bufferevent_setcb(conn->transport, conn_on_read, NULL, conn_on_event, conn);
	if (evbuffer_add_cb(bufferevent_get_output(conn->transport), conn_on_output, conn) ==
		NULL) {
		assert(false);
	}
	conn_live(conn, CONN_RECEIVING); /* who connects has something to say */
	conn->next = face->first;
	if (face->first != NULL) {
		face->first->previous = conn;
	}
	face->first = conn;
	face->open++;
	(void)bufferevent_setfd(conn->transport, fd);
	(void)bufferevent_enable(conn->transport, EV_READ | EV_WRITE);
}
