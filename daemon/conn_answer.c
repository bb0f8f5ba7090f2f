/* SPDX-License-Identifier: Apache-2.0 */

/* What goes back on a connection: whole answers, answers in pieces, refusals of its own. */
#include <assert.h>
#include <event2/util.h>
#include <stdio.h>
#include <sys/time.h>

#include "daemon/conn.h"
#include "daemon/refusal.h"

enum {
	CONN_REQUEST_KEEP = 8192, /* memory a connection keeps between requests */
	CONN_PARTS_MAX = 3,       /* of what is sent at once */
};

/* The clock as of this turn of the loop, spelt once a second. */
static const char *conn_date(struct face *face)
{
	struct timeval now;
	int rc = event_base_gettimeofday_cached(face->base, &now);

	assert(rc == 0);
	(void)rc;
	if (face->date_s != now.tv_sec) {
		face->date_s = now.tv_sec;
		(void)evutil_date_rfc1123(face->date, sizeof(face->date), NULL);
	}
	return face->date;
}

/* What the kernel does not take at once waits in the transport. */
static void conn_put(struct conn *conn, const struct text *parts, size_t count)
{
	const struct face_settings *s = &conn->face->settings;
	size_t gone = 0;

	assert(count <= CONN_PARTS_MAX);

	if (s->put != NULL && conn_output(conn) == 0) {
		gone = s->put(conn->transport, parts, count);
	}
	for (size_t i = 0; i < count; i++) {
		size_t skip = gone < parts[i].size ? gone : parts[i].size;

		gone -= skip;
		if (skip < parts[i].size) {
			(void)bufferevent_write(conn->transport, parts[i].bytes + skip,
				parts[i].size - skip);
		}
	}
}

/* The head of an answer, valid until the next. */
static struct text conn_head(struct conn *conn, struct reply *reply)
{
	struct buffer *out = &conn->face->head;

	if (conn->strict.close || conn->refused_status != 0 || conn->face->draining) {
		conn->closing = true;
	}
	reply->close = conn->closing;
	reply->date = conn_date(conn->face);
	buffer_reset(out);
	reply_write(reply, out);
	assert(!out->overflowed);
	return buffer_text(out);
}

static void conn_send(struct conn *conn, struct reply *reply, struct text body)
{
	struct text parts[2];

	if (conn->strict.head || !reply_has_body(reply->status)) {
		body = TEXT("");
	}
	reply->end = REPLY_SIZED;
	reply->body_size = body.size;
	parts[0] = conn_head(conn, reply);
	parts[1] = body;
	conn_put(conn, parts, 2);
	conn_go_on(conn);
}

/* The engine has done with the call.  False: the peer is gone, and so may the connection be. */
static bool conn_let_go(struct conn *conn)
{
	assert(conn->magic == CONN_MAGIC);
	assert(conn->held);
	assert(conn->face != NULL);

	conn->held = false;
	conn->face->held--;
	if (conn->dead) {
		conn_forget(conn);
		return false;
	}
	return true;
}

static void conn_shrink(struct conn *conn)
{
	if (conn->request.capacity > CONN_REQUEST_KEEP) {
		buffer_done(&conn->request);
		buffer_init(&conn->request, CONN_REQUEST_MAX);
	}
}

/* The engine's answer: call_answer_fn. */
static void conn_answer(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct conn *conn = call->context;
	struct reply reply = { .status = status,
		.content_type = content_type,
		.headers = headers,
		.header_count = header_count };

	assert(conn != NULL);

	if (conn_let_go(conn)) {
		conn_send(conn, &reply, body);
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
	struct reply reply = { .status = status,
		.content_type = content_type,
		.headers = headers,
		.header_count = header_count,
		.end = conn->strict.http10 ? REPLY_TO_CLOSE : REPLY_CHUNKED };
	struct text bytes;

	if (conn->dead) {
		return; /* the first piece tells the engine */
	}
	bytes = conn_head(conn, &reply);
	conn_put(conn, &bytes, 1);
}

static void conn_piece(struct call *call, struct text piece)
{
	struct conn *conn = conn_of(call);
	char size[2 * sizeof(size_t) + sizeof("\r\n")];
	int size_size;

	assert(!conn->filled);

	conn->filled = true;
	if (conn->dead) {
		return; /* the next sweep tells the engine */
	}
	conn_live(conn, CONN_WRITING);
	size_size = snprintf(size, sizeof(size), "%zx\r\n", piece.size);
	assert(size_size > 0 && (size_t)size_size < sizeof(size));
	if (conn->strict.http10) {
		conn_put(conn, &piece, 1);
	} else if (piece.size > 0) { /* a chunk of no bytes is the last */
		const struct text parts[] = { { size, (size_t)size_size }, piece, TEXT("\r\n") };

		conn_put(conn, parts, 3);
	}
	event_active(conn->wake, EV_WRITE, 0); /* it may all be gone */
}

static void conn_end(struct call *call, bool whole)
{
	struct conn *conn = conn_of(call);
	const struct text last = TEXT("0\r\n\r\n");

	conn->filled = false;
	if (!conn_let_go(conn)) {
		return;
	}
	if (!whole) {
		conn_close(conn); /* without the last chunk: nobody takes it for whole */
		return;
	}
	if (!conn->strict.http10) {
		conn_put(conn, &last, 1);
	}
	conn_go_on(conn);
	conn_shrink(conn);
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
	const struct call_header allow = { TEXT("Allow"), TEXT("GET, POST") };
	struct reply reply = { .status = conn->refused_status,
		.content_type = "application/problem+json",
		.headers = &allow,
		.header_count = conn->refused_status == 405 ? 1 : 0 };
	struct buffer body;

	log_word(conn->face->settings.log, PORTS_DEBUG, "face.refused", "why", conn->refused_why);
	buffer_init(&body, REFUSAL_BODY_MAX);
	refusal_write(conn->refused_status, conn->refused_why, &body);
	assert(!body.overflowed);
	conn_send(conn, &reply, buffer_text(&body));
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
