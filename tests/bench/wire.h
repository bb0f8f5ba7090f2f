/* SPDX-License-Identifier: Apache-2.0 */

/*
 * wire - one keep-alive HTTP/1.1 connection of the load generator, over a Unix socket or over TLS.
 *
 * It never blocks once it is open.  Requests are bytes that somebody else made; answers come back
 * in the order of the requests.  It understands as much of HTTP as alymd says: a status line,
 * headers, Content-Length.
 */
#ifndef ALYM_TESTS_BENCH_WIRE_H
#define ALYM_TESTS_BENCH_WIRE_H

#include <openssl/types.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum { WIRE_ANSWER_MAX = 4 << 20, WIRE_REQUESTS_MAX = 1 << 20 };

struct wire;

struct wire_answer {
	int status;
	struct text body; /* valid until the next wire_read() */
};

enum wire_taken {
	WIRE_NOTHING, /* no whole answer yet */
	WIRE_ANSWER,
	WIRE_BROKEN, /* not HTTP as we know it */
};

/* A TLS 1.2+ client that trusts only the CAs in a PEM file; for SSL_CTX_free(). */
bool wire_tls_new(const char *ca, SSL_CTX **tls, struct err *err) MUST_USE;

/* Connects; waits for it. */
bool wire_open_socket(const char *path, struct wire **wire, struct err *err) MUST_USE;
/* `address` is "127.0.0.1:8443". */
bool wire_open_tls(SSL_CTX *tls, const char *address, struct wire **wire, struct err *err) MUST_USE;
void wire_close(struct wire **wire);

int wire_fd(const struct wire *wire);

/* Where requests are to be written; they leave with wire_write(). */
struct buffer *wire_requests(struct wire *wire);

/* Sends what goes; wire_is_blocked() tells whether something is left. */
bool wire_write(struct wire *wire, struct err *err) MUST_USE;
bool wire_is_blocked(const struct wire *wire);

/* Reads what there is.  The end of the connection is an error. */
bool wire_read(struct wire *wire, struct err *err) MUST_USE;

/* The next whole answer of what was read. */
enum wire_taken wire_take(struct wire *wire, struct wire_answer *answer) MUST_USE;

#endif
