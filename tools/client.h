/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client - HTTP to alymd over its Unix socket, one request after another on one connection.
 *
 * It knows neither commands nor JSON.  libcurl speaks; no proxy, no redirect, no other host is
 * ever talked to.
 */
#ifndef ALYM_TOOLS_CLIENT_H
#define ALYM_TOOLS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum {
	CLIENT_ANSWER_MAX = 8 << 20, /* bytes; the daemon's own limit is half of it */
	CLIENT_PATH_MAX = 4096,
	CLIENT_TYPE_SIZE = 64,
	CLIENT_TIMEOUT_S = 30, /* a long poll is shorter; of what is taken: of silence */
};

struct client;

/* Whether the answer is still wanted; asked about once a second while waiting for it. */
typedef bool client_wanted_fn(void *context);

/* The next bytes of an answer of 200 that is not kept; false: no more of it. */
typedef bool client_take_fn(void *context, struct text bytes);

struct client_request {
	const char *path;         /* with query, percent-encoded: "/v1/services" */
	const char *key;          /* of idempotency, or NULL */
	const char *body;         /* JSON of a POST; NULL: a GET */
	client_wanted_fn *wanted; /* NULL: always */
	long patience_s;          /* for an answer that is kept; 0: CLIENT_TIMEOUT_S */
	client_take_fn *take;     /* of any length, as long as it keeps coming; NULL: it is kept */
	void *context;
};

struct client_answer {
	int status;
	char content_type[CLIENT_TYPE_SIZE]; /* without parameters; "" when too long or absent */
	bool replayed;                       /* Idempotency-Replayed: true */
	struct buffer body;
};

enum client_result {
	CLIENT_ANSWERED,
	CLIENT_NOT_SENT,     /* nobody was reached: nothing happened */
	CLIENT_PERHAPS_SENT, /* no answer: what a POST did is not known */
	CLIENT_UNWANTED,     /* nobody wants the answer, or the rest of it, any more */
};

/* `socket` is a path, `language` the Accept-Language; both are copied. */
bool client_open(const char *socket, const char *language, struct client **client, struct err *err)
	MUST_USE;
void client_close(struct client **client);

void client_answer_init(struct client_answer *answer);
void client_answer_done(struct client_answer *answer);

/* err says why there was no answer. */
enum client_result client_call(struct client *client, const struct client_request *request,
	struct client_answer *answer, struct err *err) MUST_USE;

/* Adds `t` percent-encoded, to be a part of a path or a value of a query. */
void client_escape(struct buffer *path, struct text t);

#endif
