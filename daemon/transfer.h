/* SPDX-License-Identifier: Apache-2.0 */

/*
 * transfer - one exchange in libcurl's hands: a handle set up for it, and what came back.
 *
 * Only daemon/transport.c uses it; it knows no event loop.
 */
#ifndef ALYM_DAEMON_TRANSFER_H
#define ALYM_DAEMON_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "daemon/ports.h"
#include "daemon/transport.h"

enum { TRANSFER_MAGIC = 0x74726661, TRANSFER_ANSWER_HEADERS_MAX = 32 };

/* A header of the answer, by its places in `head`: that grows while they come. */
struct transfer_header {
	size_t name_at;
	size_t name_size;
	size_t value_at;
	size_t value_size;
};

struct transfer {
	uint32_t magic;
	struct transfer *next;
	struct transfer *previous;
	struct exchange *exchange;
	CURL *handle;
	struct curl_slist *headers;
	int sends;       /* how often libcurl was about to send it */
	const char *why; /* we ended it ourselves, because */
	char said[CURL_ERROR_SIZE];
	struct buffer head;
	struct buffer body;
	struct transfer_header header[TRANSFER_ANSWER_HEADERS_MAX];
	size_t header_count;
};

/* NULL when libcurl does not take the exchange: nothing was sent, `why` says it. */
struct transfer *transfer_new(struct exchange *exchange, const struct transport_gateway *gateway);
void transfer_free(struct transfer **transfer);

/* Puts result and answer into the exchange; its texts live as long as the transfer. */
void transfer_finish(struct transfer *transfer, CURLcode code);

#endif
