/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conn.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "base/mem.h"

/* What evhttp is given in place of a request that was refused. */
static const char conn_stand_in[] = "GET / HTTP/1.1\r\n\r\n";
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
	return evbuffer_get_length(bufferevent_get_output(conn->filter)) +
	       evbuffer_get_length(bufferevent_get_output(conn->transport));
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

/* ---- from bytes to evhttp ---- */

/* Lets evhttp read what is in `dst`: its callback comes before anything else happens. */
static enum bufferevent_filter_result conn_pass(struct conn *conn)
{
	conn->busy = true;
	conn->face->passing = conn;
	return BEV_OK;
}

static enum bufferevent_filter_result conn_pass_refusal(struct conn *conn, struct evbuffer *dst)
{
	int rc = evbuffer_add(dst, conn_stand_in, sizeof(conn_stand_in) - 1);

	assert(rc == 0);
	(void)rc;
	return conn_pass(conn);
}

static enum bufferevent_filter_result conn_refuse_bytes(struct conn *conn, struct evbuffer *src,
	struct evbuffer *dst)
{
	size_t size = evbuffer_get_length(src);
	size_t whole = conn->strict.skip > 0 ? conn->strict.body_at + conn->strict.skip : 0;

	conn->refused_status = conn->strict.status;
	conn->refused_why = conn->strict.why;
	conn->skip = whole > size ? whole - size : 0;
	(void)evbuffer_drain(src, size);
	return conn->skip > 0 ? BEV_NEED_MORE : conn_pass_refusal(conn, dst);
}

static enum bufferevent_filter_result conn_skip(struct conn *conn, struct evbuffer *src,
	struct evbuffer *dst)
{
	size_t size = evbuffer_get_length(src);

	(void)evbuffer_drain(src, size);
	conn->skip = conn->skip > size ? conn->skip - size : 0;
	return conn->skip > 0 ? BEV_NEED_MORE : conn_pass_refusal(conn, dst);
}

static enum bufferevent_filter_result conn_judge(struct conn *conn, struct evbuffer *src,
	struct evbuffer *dst)
{
	struct text bytes = { .size = evbuffer_get_length(src) };
	enum strict_result result;

	if (conn->life == CONN_IDLE) {
		conn_live(conn, CONN_RECEIVING);
	}
	if (bytes.size < conn->strict.wanted) {
		return BEV_NEED_MORE;
	}
	bytes.bytes = (const char *)evbuffer_pullup(src, -1);
	assert(bytes.bytes != NULL);
	result = strict_judge(&conn->strict, bytes);
	if (result == STRICT_REFUSED) {
		return conn_refuse_bytes(conn, src, dst);
	}
	if (result == STRICT_MORE) {
		if (conn->strict.expects && strict_has_head(&conn->strict) && !conn->continued) {
			conn->continued = true;
			(void)bufferevent_write(conn->transport, conn_continue,
				sizeof(conn_continue) - 1);
		}
		return BEV_NEED_MORE;
	}
	(void)evbuffer_remove_buffer(src, dst, conn->strict.size);
	return conn_pass(conn);
}

static enum bufferevent_filter_result conn_filter(struct evbuffer *src, struct evbuffer *dst,
	ev_ssize_t limit, enum bufferevent_flush_mode mode, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	(void)limit;
	(void)mode;

	if (conn->dead || conn->face == NULL || conn->closing) {
		(void)evbuffer_drain(src, evbuffer_get_length(src));
		return BEV_NEED_MORE;
	}
	if (conn->busy || evbuffer_get_length(src) == 0) {
		return BEV_NEED_MORE;
	}
	return conn->skip > 0 ? conn_skip(conn, src, dst) : conn_judge(conn, src, dst);
}

/* ---- the end ---- */

static void conn_on_output(struct evbuffer *output, const struct evbuffer_cb_info *info,
	void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);

	if (info->n_deleted > 0 && evbuffer_get_length(output) == 0) {
		event_active(conn->wake, EV_WRITE, 0);
	}
}

/* evhttp lets go: the request, if it was not answered, is ours or goes down with the connection. */
static void conn_on_close(struct evhttp_connection *evcon, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	(void)evcon;

	conn->dead = true;
	conn->call.gone = true;
	(void)evbuffer_remove_cb(bufferevent_get_output(conn->transport), conn_on_output, conn);
	if (conn->request != NULL && evhttp_request_get_connection(conn->request) == NULL) {
		evhttp_request_free(conn->request);
	}
	conn->request = NULL;
}

void conn_forget(struct conn *conn)
{
	struct face *face = conn->face;

	assert(conn->magic == CONN_MAGIC);
	assert(conn->freed);
	assert(!conn->held);

	if (face != NULL && conn->previous == NULL) {
		face->first = conn->next;
	}
	if (conn->previous != NULL) {
		conn->previous->next = conn->next;
	}
	if (conn->next != NULL) {
		conn->next->previous = conn->previous;
	}
	buffer_done(&conn->texts);
	conn->magic = 0;
	free(conn);
}

/* The filter's last callback. */
static void conn_on_free(void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);

	(void)evbuffer_remove_cb(bufferevent_get_output(conn->transport), conn_on_output, conn);
	event_free(conn->wake);
	conn->wake = NULL;
	conn->dead = true;
	conn->freed = true;
	conn->call.gone = true;
	if (conn->face != NULL) {
		conn->face->open--;
		if (conn->face->passing == conn) {
			conn->face->passing = NULL;
		}
	}
	if (!conn->held) {
		conn_forget(conn);
	}
}

void conn_cut(struct conn *conn)
{
	assert(conn->magic == CONN_MAGIC);
	assert(!conn->held || conn->filled);

	if (conn->dead) {
		return;
	}
	conn->dead = true;
	bufferevent_trigger_event(conn->filter, BEV_EVENT_READING | BEV_EVENT_EOF, 0);
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

/* Reads on: first what came with the last request, then from the socket. */
static void conn_read_on(struct conn *conn)
{
	if (conn_output(conn) == 0) {
		size_t waiting = evbuffer_get_length(bufferevent_get_input(conn->transport));

		if (conn->life == CONN_WRITING) {
			conn_live(conn, waiting > 0 ? CONN_RECEIVING : CONN_IDLE);
		}
		(void)bufferevent_enable(conn->transport, EV_READ);
	}
	if (evbuffer_get_length(bufferevent_get_input(conn->transport)) > 0) {
		(void)bufferevent_flush(conn->filter, EV_READ, BEV_NORMAL);
	}
	if (conn->busy) {
		bufferevent_trigger(conn->filter, EV_READ, BEV_TRIG_IGNORE_WATERMARKS);
	}
}

static void conn_on_wake(evutil_socket_t fd, short what, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	(void)fd;
	(void)what;

	if (conn->dead || conn->face == NULL) {
		return;
	}
	if (conn->filled && conn_output(conn) == 0) {
		conn_live(conn, CONN_HELD);
		conn_tell(conn); /* may be its last */
		return;
	}
	if (conn->busy) {
		return;
	}
	if (!conn->closing) {
		conn_read_on(conn);
	} else if (!conn->parted && conn_output(conn) == 0) {
		conn_part(conn);
	}
}

/* ---- the call ---- */

/* Copies a text into the call's memory, which has room for it. */
static struct text conn_keep(struct conn *conn, struct text t)
{
	size_t at = conn->texts.size;

	buffer_add(&conn->texts, t);
	assert(!conn->texts.overflowed);
	return (struct text){ conn->texts.bytes + at, t.size };
}

/* How much memory the texts of a request take; they must not move once they are pointed at. */
static size_t conn_texts_size(struct evhttp_request *request)
{
	size_t size = strlen(evhttp_request_get_uri(request)) +
		      evbuffer_get_length(evhttp_request_get_input_buffer(request));
	const struct evkeyval *header;

	TAILQ_FOREACH(header, evhttp_request_get_input_headers(request), next)
	{
		size += strlen(header->key) + strlen(header->value);
	}
	return size;
}

static void conn_take_headers(struct conn *conn, struct evhttp_request *request)
{
	const struct evkeyval *header;
	struct call *call = &conn->call;

	TAILQ_FOREACH(header, evhttp_request_get_input_headers(request), next)
	{
		if (call->header_count < CALL_HEADERS_MAX) {
			conn->headers[call->header_count] =
				(struct call_header){ conn_keep(conn, text_of(header->key)),
					conn_keep(conn, text_of(header->value)) };
		}
		call->header_count++;
	}
	call->headers = conn->headers;
}

/* Makes the call.  False: evhttp understood something else than strict did. */
static bool conn_take(struct conn *conn, struct evhttp_request *request)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	struct text body = { .size = evbuffer_get_length(input) };
	struct call *call = &conn->call;
	struct text target;
	const char *mark;

	*call = (struct call){ .face = conn->face->settings.kind };
	buffer_reset(&conn->texts);
	buffer_expect(&conn->texts, conn_texts_size(request));
	target = conn_keep(conn, text_of(evhttp_request_get_uri(request)));
	mark = memchr(target.bytes, '?', target.size);
	call->method = conn->strict.get ? TEXT("GET") : TEXT("POST");
	call->path = target;
	call->query = TEXT("");
	if (mark != NULL) {
		call->path.size = (size_t)(mark - target.bytes);
		call->query = (struct text){ mark + 1, target.size - call->path.size - 1 };
	}
	conn_take_headers(conn, request);
	body.bytes = body.size > 0 ? (const char *)evbuffer_pullup(input, -1) : "";
	call->body = conn_keep(conn, body);
	return call->header_count == conn->strict.header_count &&
	       body.size == conn->strict.body_size &&
	       evbuffer_get_length(bufferevent_get_input(conn->filter)) == 0 &&
	       (evhttp_request_get_command(request) == EVHTTP_REQ_GET) == conn->strict.get;
}

/* ---- the call goes to the engine ---- */

/* evhttp has put the answer into the filter, and all of it is in the transport now. */
static void conn_on_complete(struct evhttp_request *request, void *context)
{
	struct conn *conn = context;

	assert(conn->magic == CONN_MAGIC);
	assert(conn->request == request);

	conn->request = NULL;
	conn->busy = false;
	conn->continued = false;
	strict_init(&conn->strict, conn_body_max, conn);
	event_active(conn->wake, EV_WRITE, 0);
}

void conn_request(struct conn *conn, struct evhttp_request *request)
{
	struct face *face = conn->face;
	const char *why;

	assert(conn->magic == CONN_MAGIC);
	assert(conn->busy);
	assert(conn->request == NULL);

	conn->request = request;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), conn_on_close, conn);
	evhttp_request_set_on_complete_cb(request, conn_on_complete, conn);
	(void)bufferevent_disable(conn->transport, EV_READ);
	if (conn->refused_status == 0 && !conn_take(conn, request)) {
		conn->refused_status = 400;
		conn->refused_why = "the request can be read in two ways";
	}
	if (conn->refused_status != 0) {
		conn_refuse(conn);
		return;
	}
	why = face->settings.greet(face->settings.owner, conn->transport, conn->call.path,
		&conn->guest);
	if (why != NULL) {
		conn->refused_status = 403;
		conn->refused_why = why;
		conn_refuse(conn);
		return;
	}
	conn->call.roles = conn->guest.roles;
	conn->call.client = text_of(conn->guest.client);
	conn->call.uid = face->settings.kind == CALL_SOCKET ? conn->guest.uid : CALL_NO_UID;
	conn->call.peer = text_of(conn->guest.peer);
	conn_hold(conn);
	face->settings.call(face->settings.context, &conn->call);
}

/* ---- the beginning ---- */

struct bufferevent *conn_new(struct face *face)
{
	struct conn *conn = mem_new(1, sizeof(*conn));

	conn->magic = CONN_MAGIC;
	conn->face = face;
	buffer_init(&conn->texts, CONN_TEXTS_MAX);
	strict_init(&conn->strict, conn_body_max, conn);
	conn->wake = event_new(face->base, -1, 0, conn_on_wake, conn);
	conn->transport = face->settings.wrap(face->settings.owner, face->base);
	assert(conn->wake != NULL);
	assert(conn->transport != NULL); /* memory: evhttp would go on in the clear */
	conn->filter = bufferevent_filter_new(conn->transport, conn_filter, NULL,
		BEV_OPT_CLOSE_ON_FREE, conn_on_free, conn);
	assert(conn->filter != NULL);
	bufferevent_setwatermark(conn->transport, EV_WRITE, 0, CONN_OUTPUT_MAX);
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
	return conn->filter;
}
