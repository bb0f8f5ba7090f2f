/* SPDX-License-Identifier: Apache-2.0 */

/*
 * stream - an answer of any length, made in pieces by a reader and sent as the peer takes them.
 *
 * One piece is made, given to the face, and only when it has left is the next one asked for: a slow
 * peer stops the reading and holds no thread, no read transaction and no more memory than a piece.
 * One that goes away, or takes nothing for the face's write_ms, ends it.  An answer that breaks is
 * cut without its last chunk, so that nobody takes it for whole.
 *
 * The struct is the caller's own with a stream as first member; `make` runs on a reader's thread
 * and touches nothing else, as api_run_fn does.
 */
#ifndef ALYM_DAEMON_STREAM_H
#define ALYM_DAEMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/api.h"

enum {
	STREAM_COUNT_MAX = 4,          /* at a time; more are refused */
	STREAM_PIECE_MAX = 1 << 20,    /* bytes that one piece may become */
	STREAM_PIECE_SIZE = 256 << 10, /* bytes at which a piece had better end */
};

struct stream;

/* Adds the next piece to `out` in at most some 50 ms.  Sets `ended` with the last one; `problem`
 * before the first one is the answer, later (or with `err` set) the stream is cut. */
typedef void stream_make_fn(struct reader *reader, struct stream *stream);
typedef void stream_release_fn(struct stream *stream);

struct stream {
	struct query query;
	struct engine *engine;
	struct call *call;
	stream_make_fn *make;
	stream_release_fn *release; /* what it owns besides `out`; or NULL */
	const char *content_type;
	struct problem problem;
	struct err err;
	struct buffer out;
	bool ended;
	/* the stream's own */
	bool begun;
	bool making;
	bool ran;
	struct stream *next;
};

/* Zeroed, `size` >= sizeof(struct stream), and counted; NULL, and the call is answered, when there
 * are enough already or the face sends no pieces. */
void *stream_new(const struct api_request *r, size_t size, stream_make_fn *make);

/* Asks for the first piece; the rest follows by itself. */
void stream_start(struct stream *stream);

/* Answers with the problem that is set; before stream_start() only. */
void stream_refuse(struct stream *stream);

/* Cuts all that are there, now or when their piece is made. */
void stream_stop_all(struct engine *engine);

#endif
