/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reply - the status line and the headers of an answer, as bytes.
 *
 * Pure: it knows no connection and no clock.
 */
#ifndef ALYM_DAEMON_REPLY_H
#define ALYM_DAEMON_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "daemon/call.h"

enum {
	REPLY_TEXT_MAX = 1 << 16, /* bytes of a header's name, or of its value */
	REPLY_HEADERS_MAX = 16,   /* besides its own */
	REPLY_SIZE_MAX = (REPLY_HEADERS_MAX + 1) * 2 * REPLY_TEXT_MAX,
	REPLY_DATE_SIZE = 30, /* "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL */
};

/* Where the body of an answer ends. */
enum reply_end {
	REPLY_SIZED,    /* after `body_size` bytes */
	REPLY_CHUNKED,  /* after the chunk of no bytes */
	REPLY_TO_CLOSE, /* with the connection: HTTP/1.0 has no chunks */
};

struct reply {
	int status;
	const char *content_type; /* "": none */
	const struct call_header *headers;
	size_t header_count;
	const char *date; /* of RFC 9110, section 5.6.7 */
	enum reply_end end;
	size_t body_size;
	bool close; /* says that the connection is closed after it */
};

/* Whether bytes follow the head (RFC 9110, section 6.4.1); where none do, no size is told. */
bool reply_has_body(int status);

/* All up to the body.  A header that is too long, has no name, would end its line or is one of
 * those that are written here is left out. */
void reply_write(const struct reply *reply, struct buffer *out);

#endif
