/* SPDX-License-Identifier: Apache-2.0 */

/*
 * lookup - one payment or attempt read from the committed book, for the engine's thread.
 *
 * Also what a gateway is told about the attempt that was found.
 */
#ifndef ALYM_DAEMON_LOOKUP_H
#define ALYM_DAEMON_LOOKUP_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/engine_parts.h"
#include "ledger/reader.h"
#include "plugins/gateway.h"

enum { LOOKUP_DESCRIPTION_SIZE = 128, LOOKUP_ADDRESS_SIZE = 512 };

struct lookup;
typedef void lookup_done_fn(struct lookup *lookup);

struct lookup {
	struct query query; /* first, as query's functions get it */
	unsigned magic;
	struct engine *engine;
	/* in: the first of them that is set */
	char token[CODE_TOKEN_SIZE];
	int64_t attempt;
	int64_t payment;
	lookup_done_fn *done;
	void *context;
	/* out */
	enum reader_result result; /* READER_FAILED too when the book is gone */
	struct err err;
	struct payment_view payment_view;
	struct attempt_view attempt_view; /* of `token` and `attempt` */
};

/* The caller sets what is to be read, `done` and `context`, then starts; frees it after `done`. */
struct lookup *lookup_new(struct engine *engine);
void lookup_start(struct lookup *lookup);
void lookup_free(struct lookup **lookup);

/* What a gateway is told; texts point into the lookup and into this. */
struct lookup_order {
	struct alym_order order;
	char description[LOOKUP_DESCRIPTION_SIZE];
	char callback_url[LOOKUP_ADDRESS_SIZE];
};
void lookup_order(const struct lookup *lookup, const struct engine_gateway *gateway,
	struct lookup_order *out);

#endif
