/* SPDX-License-Identifier: Apache-2.0 */

/*
 * call - one HTTP request as the engine sees it: bytes in, one answer out.
 *
 * It does not know HTTP's bytes, sockets or TLS: the faces (daemon/socket.c, daemon/https.c) and
 * the simulation make calls, the engine answers each exactly once, at any later time, by
 * call_answer().  The face owns the call and keeps it and its texts alive until then, also if the
 * peer has gone.
 */
#ifndef ALYM_DAEMON_CALL_H
#define ALYM_DAEMON_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
	CALL_HEADERS_MAX = 64,
	CALL_BODY_MAX = 65536,
	CALL_BODY_LARGE_MAX = 8 << 20, /* of call_body_max() */
	CALL_PATH_MAX = 2048,
	CALL_ANSWER_MAX = (4 << 20) + 4096, /* 256 of the largest leaves, each with its size */
};

#define CALL_NO_UID INT64_C(-1)

enum call_role {
	CALL_ROLE_SERVICE = 1,
	CALL_ROLE_AUDITOR = 2,
	CALL_ROLE_OPERATOR = 4,
};

enum call_face {
	CALL_SOCKET, /* the Unix socket: /v1, /livez ... */
	CALL_HTTPS,  /* /callbacks/NAME, /pay/TOKEN: nothing of /v1 */
};

struct call_header {
	struct text name; /* as it came; compare without case */
	struct text value;
};

struct call;

/* The face's: sends the answer and, when the peer is done with it, frees the call. */
typedef void call_answer_fn(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body);

/* The same in pieces, for answers of any length: one begin, pieces, one end. */
struct call_pieces {
	void (*begin)(struct call *call, int status, const char *content_type,
		const struct call_header *headers, size_t header_count);
	/* call->ready() is called once it has left: not before must there be another, or the end.
	 */
	void (*piece)(struct call *call, struct text piece);
	/* The face frees the call.  Not whole: the peer sees that there is more, and no more comes.
	 */
	void (*end)(struct call *call, bool whole);
};

struct call {
	enum call_face face;
	unsigned roles;     /* of the caller on the socket */
	int64_t uid;        /* of the caller on the socket; CALL_NO_UID: not known */
	struct text client; /* the caller's name in the configuration; empty: none */
	struct text method;
	struct text path;  /* without query, percent-decoded only where the router says so */
	struct text query; /* after the '?', raw */
	const struct call_header *headers;
	size_t header_count;
	struct text body;
	struct text peer; /* HTTPS: the socket's address */
	/* The peer hung up; an answer is still owed, and thrown away.  Readers' threads look. */
	atomic_bool gone;
	call_answer_fn *answer;
	const struct call_pieces *pieces; /* the face's; NULL: it sends whole answers only */
	/* The engine's, to be set before pieces->begin(): the piece has left, or `gone` is set.
	 * Never called from inside the face's own functions. */
	void (*ready)(struct call *call);
	void *context; /* the face's */
	void *held;    /* the engine's, while it holds the call */
};

/* How large a body this path takes: a tariff set is a few files of XML. */
size_t call_body_max(struct text path);

/* The value of a header, compared without case, or the empty text; *count (or NULL): how often it
 * came. */
struct text call_header(const struct call *call, const char *name, size_t *count);

/* Whether a "Prefer" header (RFC 7240) has that preference, "return=minimal" say, with or without
 * quotes around what is behind "=". */
bool call_prefers(const struct call *call, const char *preference);

/* The raw, still percent-encoded value of a query parameter; false when absent or given twice. */
bool call_parameter(const struct call *call, const char *name, struct text *value);

void call_answer(struct call *call, int status, const char *content_type, struct text body);
void call_answer_with(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body);

#endif
