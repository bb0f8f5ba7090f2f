/* SPDX-License-Identifier: Apache-2.0 */

/*
 * message - what a bank says, in memory of its own, so that it can be signed, spoilt and said
 * again.
 *
 * Knows bytes and where members stand in JSON, in forms and in XML; knows no protocol.
 */
#ifndef ALYM_PLUGINS_KIT_MESSAGE_H
#define ALYM_PLUGINS_KIT_MESSAGE_H

#include "plugins/gateway.h"

enum {
	KIT_MESSAGE_MAX = 1 << 22, /* bytes of a path or a body */
	KIT_MESSAGE_HEADERS_MAX = 8,
	KIT_MESSAGE_NAME_SIZE = 64,
	KIT_MESSAGE_VALUE_SIZE = 2048,
};

struct kit_header {
	char name[KIT_MESSAGE_NAME_SIZE];
	char value[KIT_MESSAGE_VALUE_SIZE];
};

/* A request of the bank's (method, path) or an answer (status). */
struct kit_message {
	int status;         /* 200 until somebody says otherwise */
	const char *method; /* "POST" likewise */
	struct buffer path; /* with its query */
	struct buffer body;
	struct kit_header headers[KIT_MESSAGE_HEADERS_MAX];
	size_t header_count;
	bool moves; /* an answer: hearing the request the bank did what it asks for.  False where
		       it only answers a question, or has done it before and does not again */
};

void kit_message_init(struct kit_message *m);
void kit_message_done(struct kit_message *m);
void kit_message_copy(struct kit_message *to, const struct kit_message *from);

/* Empties it: as after kit_message_init(). */
void kit_message_reset(struct kit_message *m);

/* Adds a header; too long or too many asserts. */
void kit_message_header(struct kit_message *m, const char *name, struct text value);

/* The message as a gateway sees it; borrows from `m` and `headers`. */
struct alym_message kit_message_lend(const struct kit_message *m,
	struct alym_header headers[KIT_MESSAGE_HEADERS_MAX]);

/* Writes `t` in place of `count` bytes at `at`. */
void kit_message_splice(struct buffer *b, size_t at, size_t count, struct text t);

/* Writes `to` wherever `from` stands, in path, headers and body. */
void kit_message_replace(struct kit_message *m, struct text from, struct text to);

/*
 * Where what the message says stands: the body, or of a message without one the path, from its
 * query on.
 */
struct buffer *kit_message_said(struct kit_message *m, size_t *begin);

/* Status, headers and body of an answer in one text, to be compared with another's. */
void kit_message_print(const struct alym_reply *reply, struct buffer *out);

#endif
