/* SPDX-License-Identifier: Apache-2.0 */

/*
 * strict - bytes as one HTTP/1.x request, if everybody reads them in the same way.
 *
 * Bare line feeds, folded headers, two lengths, "Transfer-Encoding :": what two programs in a row
 * may understand differently smuggles requests.  So only that is taken which can be read in one
 * way: CRLF only, no folding, no control characters, one Host, one length or exactly "chunked",
 * every size and count bounded.  Where its parts lie is noted as they are judged.
 *
 * Pure: bytes in, verdict out; no libevent, no sockets.
 */
#ifndef ALYM_DAEMON_STRICT_H
#define ALYM_DAEMON_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "daemon/call.h"

enum {
	STRICT_HEAD_MAX = 16384,               /* request line and headers with their ends */
	STRICT_TARGET_MAX = 2 * CALL_PATH_MAX, /* path and query */
	STRICT_RAW_MAX = 2 * CALL_BODY_MAX,    /* a chunked body with its sizes */
	STRICT_CHUNK_LINE_MAX = 16,            /* a chunk's size and its end */
	STRICT_SKIP_MAX = 1 << 20,             /* so much of a body too large is read and dropped,
						  that the answer may be heard; or twice what
						  the path takes */
};

_Static_assert((int)STRICT_HEAD_MAX <= UINT16_MAX, "a span reaches all of a head");

enum strict_result {
	STRICT_MORE,    /* so far good; come back with at least `wanted` bytes */
	STRICT_WHOLE,   /* a request of `size` bytes */
	STRICT_REFUSED, /* answer `status` and close */
};

enum strict_stage {
	STRICT_LINE,
	STRICT_HEADERS,
	STRICT_BODY,
	STRICT_CHUNK_SIZE,
	STRICT_CHUNK,
	STRICT_END, /* the empty line behind the last chunk */
};

/* How large the body of a request for this path may be, when its length is told. */
typedef size_t strict_body_max_fn(void *context, struct text path);

/* Some bytes of the head, counted from the request's first. */
struct strict_span {
	uint16_t at;
	uint16_t size;
};

struct strict_header {
	struct strict_span name;
	struct strict_span value; /* without white space around it */
};

struct strict {
	strict_body_max_fn *body_max_of; /* NULL: CALL_BODY_MAX of each */
	void *context;                   /* its */
	enum strict_stage stage;
	size_t at;     /* bytes judged */
	size_t wanted; /* MORE: fewer than these need not be looked at again */
	/* of the head */
	bool head; /* the method is HEAD: an answer has no body */
	bool get;  /* no body */
	bool http10;
	bool close;                /* the connection is to be closed after this one */
	bool expects;              /* waits for "100 Continue" before it sends the body */
	struct strict_span target; /* path and query */
	struct strict_header headers[CALL_HEADERS_MAX];
	size_t header_count;
	size_t host_count;
	size_t length_count;
	size_t coding_count;
	size_t length; /* of the body, as told */
	size_t body_max;
	bool chunked;
	size_t body_at;   /* where the body begins */
	size_t body_size; /* without chunk sizes */
	size_t chunk_end; /* where the present chunk's data end */
	/* out */
	size_t size;
	int status;
	const char *why; /* a constant, for the answer and the log */
	size_t skip;     /* REFUSED: bytes behind the head that belong to it; 0: nobody knows */
};

void strict_init(struct strict *s, strict_body_max_fn *body_max_of, void *context);

/* `bytes` is the request from its first byte, what was there before and what came since. */
enum strict_result strict_judge(struct strict *s, struct text bytes);

/* True once the head was judged good. */
bool strict_has_head(const struct strict *s);

/* Of a request that is WHOLE: a part of its head. */
struct text strict_text(struct text bytes, struct strict_span span);

/* Of a request that is WHOLE: its body, for which chunks are moved together in `bytes`. */
struct text strict_body(const struct strict *s, char *bytes);

#endif
