/* SPDX-License-Identifier: Apache-2.0 */

/* What goes back on a connection: whole answers, answers in pieces, refusals of its own. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "daemon/conn.h"
#include "daemon/refusal.h"

enum {
	CONN_TEXTS_KEEP = 8192,    /* memory a connection keeps between requests */
	CONN_HEADER_MAX = 1 << 17, /* bytes of one header of an answer */
};

static void conn_add_header(struct evhttp_request *request, struct text name, struct text value)
{
	struct buffer b;
	size_t value_at;

	buffer_init(&b, CONN_HEADER_MAX);
	buffer_add(&b, name);
	buffer_add_char(&b, '\0');
	value_at = b.size;
	buffer_add(&b, value);
	buffer_add_char(&b, '\0');
	if (!b.overflowed) { /* evhttp refuses what would end the line */
		(void)evhttp_add_header(evhttp_request_get_output_headers(request), b.bytes,
			b.bytes + value_at);
	}
	buffer_done(&b);
}

/* What evhttp must be told before the head of an answer is made. */
static void conn_prepare(struct conn *conn)
{
	struct evhttp_request *request = conn->request;
	int rc = 0;

	if (conn->strict.close || conn->refused_status != 0 || conn->face->draining) {
		conn->closing = true;
		/* The space keeps evhttp from closing by itself, before the answer has left. */
		rc = evhttp_add_header(evhttp_request_get_output_headers(request), "Connection",
			"close ");
	}
	assert(rc == 0);
	(void)rc;
	(void)evhttp_remove_header(evhttp_request_get_input_headers(request), "Connection");
	request->minor = 1; /* HTTP/1.0 is answered as 1.1, for the same reason */
}

static struct evbuffer *conn_bytes(struct text body)
{
	struct evbuffer *bytes = evbuffer_new();
	int rc = 0;

	assert(bytes != NULL);
	if (body.size > 0) {
		rc = evbuffer_add(bytes, body.bytes, body.size);
	}
	assert(rc == 0);
	(void)rc;
	return bytes;
}

static void conn_send(struct conn *conn, int status, struct text body)
{
	struct evbuffer *bytes = conn_bytes(conn->strict.head ? TEXT("") : body);

	conn_prepare(conn);
	conn_live(conn, CONN_WRITING);
	evhttp_send_reply(conn->request, status, NULL, bytes);
	evbuffer_free(bytes);
	(void)bufferevent_flush(conn->filter, EV_WRITE, BEV_NORMAL);
}

static void conn_add_headers(struct conn *conn, const char *content_type,
	const struct call_header *headers, size_t header_count)
{
	if (content_type[0] != '\0') {
		conn_add_header(conn->request, TEXT("Content-Type"), text_of(content_type));
	}
	for (size_t i = 0; i < header_count; i++) {
		conn_add_header(conn->request, headers[i].name, headers[i].value);
	}
}

/* The engine has done with the call.  False: the peer is gone, and so may the connection be. */
static bool conn_let_go(struct conn *conn)
{
	assert(conn->magic == CONN_MAGIC);
	assert(conn->held);
	assert(conn->face != NULL);

	conn->held = false;
	conn->face->held--;
	if (conn->request == NULL && conn->freed) {
		conn_forget(conn);
		return false;
	}
	return conn->request != NULL;
}

static void conn_shrink(struct conn *conn)
{
	if (conn->texts.capacity > CONN_TEXTS_KEEP) {
		buffer_done(&conn->texts);
		buffer_init(&conn->texts, CONN_TEXTS_MAX);
	}
}

/* The engine's answer: call_answer_fn. */
static void conn_answer(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct conn *conn = call->context;

	assert(conn != NULL);

	if (conn_let_go(conn)) {
		conn_add_headers(conn, content_type, headers, header_count);
		conn_send(conn, status, body);
		conn_shrink(conn);
	}
}

/* ---- in pieces ---- */

static struct conn *conn_of(struct call *call)
{
	struct conn *conn = call->context;

	assert(conn != NULL);
	assert(conn->magic == CONN_MAGIC);
	assert(conn->held);
	return conn;
}

static void conn_begin(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count)
{
	struct conn *conn = conn_of(call);

	if (conn->request == NULL) {
		return; /* gone: the first piece tells the engine */
	}
	conn_add_headers(conn, content_type, headers, header_count);
	conn_prepare(conn);
	/* HTTP/1.0 has no chunks: there the end of the connection is that of the answer. */
	conn->request->minor = conn->strict.http10 ? 0 : 1;
	evhttp_send_reply_start(conn->request, status, NULL);
	conn->request->minor = 1;
}

static void conn_piece(struct call *call, struct text piece)
{
	struct conn *conn = conn_of(call);
	struct evbuffer *bytes;

	assert(!conn->filled);

	conn->filled = true;
	if (conn->request == NULL) {
		return; /* the next sweep tells the engine */
	}
	bytes = conn_bytes(piece);
	conn_live(conn, CONN_WRITING);
	evhttp_send_reply_chunk(conn->request, bytes);
	evbuffer_free(bytes);
	(void)bufferevent_flush(conn->filter, EV_WRITE, BEV_NORMAL);
	event_active(conn->wake, EV_WRITE, 0); /* it may all be gone */
}

static void conn_end(struct call *call, bool whole)
{
	struct conn *conn = conn_of(call);

	conn->filled = false;
	if (!conn_let_go(conn)) {
		return;
	}
	if (whole) {
		conn_live(conn, CONN_WRITING);
		/* evhttp says what is to come of it after it has written the last chunk: so that is
		 * not to leave before. */
		(void)bufferevent_disable(conn->filter, EV_WRITE);
		evhttp_send_reply_end(conn->request);
		(void)bufferevent_flush(conn->filter, EV_WRITE, BEV_NORMAL);
		conn_shrink(conn);
	} else {
		conn_cut(conn); /* without the last chunk: nobody takes it for whole */
	}
}

void conn_tell(struct conn *conn)
{
	assert(conn->filled);
	assert(conn->call.ready != NULL);

	conn->filled = false;
	conn->call.ready(&conn->call);
}

static const struct call_pieces conn_pieces = { conn_begin, conn_piece, conn_end };

/* ---- what it is to be ---- */

void conn_refuse(struct conn *conn)
{
	struct buffer body;

	log_word(conn->face->settings.log, PORTS_DEBUG, "face.refused", "why", conn->refused_why);
	conn_add_header(conn->request, TEXT("Content-Type"), TEXT("application/problem+json"));
	if (conn->refused_status == 405) {
		conn_add_header(conn->request, TEXT("Allow"), TEXT("GET, POST"));
	}
	buffer_init(&body, REFUSAL_BODY_MAX);
	refusal_write(conn->refused_status, conn->refused_why, &body);
	assert(!body.overflowed);
	conn_send(conn, conn->refused_status, buffer_text(&body));
	buffer_done(&body);
}

void conn_hold(struct conn *conn)
{
	conn->call.answer = conn_answer;
	conn->call.pieces = &conn_pieces;
	conn->call.context = conn;
	conn->held = true;
	conn->face->held++;
	conn_live(conn, CONN_HELD);
}
