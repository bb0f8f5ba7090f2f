/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ports - all that the engine may use of the world outside.
 *
 * The daemon fills them with the clock, the kernel's randomness, the book's threads and libcurl;
 * the simulation fills them with virtual time, a seed, a book driven step by step and a bank made
 * of code.  The engine is single-threaded: ports call back (done) on the engine's thread, later,
 * never from inside the port.
 */
#ifndef ALYM_DAEMON_PORTS_H
#define ALYM_DAEMON_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "ledger/job.h"
#include "ledger/reader.h"
#include "plugins/gateway.h"
#include "tariff/tariff.h"

struct copy;        /* ledger/copy.h */
struct examination; /* daemon/examination.h */

enum exchange_result {
	EXCHANGE_ANSWERED,
	EXCHANGE_NOT_SENT,     /* no connection was made */
	EXCHANGE_PERHAPS_SENT, /* anything after that: timeout, reset, answer too large, bad
				  certificate after a request */
};

/* One outgoing HTTPS request.  The engine owns it and its texts until done() has run. */
struct exchange {
	size_t gateway; /* index in the engine's gateways: whose certificates, pool and limits;
			   their count: those of the source of exchange rates */
	struct text method;
	struct text url;
	const struct alym_header *headers;
	size_t header_count;
	struct text body;
	int64_t timeout_ms;
	size_t answer_max;
	void (*done)(struct exchange *exchange);
	void *context;
	/* out; texts live until done() returns */
	enum exchange_result result;
	char why[128];
	int status;
	struct alym_header answer_headers[32];
	size_t answer_header_count;
	struct text answer;
	struct exchange *next; /* the world's */
};

enum ports_level { PORTS_DEBUG, PORTS_INFO, PORTS_WARNING, PORTS_ERROR };

/* A member of a log line: name and text.  No secrets, no card data, no personal data. */
struct ports_field {
	const char *name;
	struct text value;
};

/* What lies in the tariff's folder, as long as the call lasts. */
typedef void ports_tariff_fn(void *context, const struct tariff_file *files, size_t count);

struct ports {
	void *world;
	int64_t (*now)(void *world);    /* Unix seconds */
	int64_t (*now_ms)(void *world); /* monotonic milliseconds */
	void (*random)(void *world, void *bytes, size_t size);
	void (*submit)(void *world, struct job *job);
	void (*query)(void *world, struct query *query);
	void (*exchange)(void *world, struct exchange *exchange);
	void (*log)(void *world, enum ports_level level, const char *event,
		const struct ports_field *fields, size_t count);
	/* Begins a copy of the book, in a file of its own; NULL (or a NULL port): it can not. */
	struct copy *(*copy)(void *world);
	/* Begins one that is verified instead of kept; the examination outlives it. */
	struct copy *(*examine)(void *world, struct examination *examination);
	int64_t (*disk_free)(void *world); /* bytes left where the book lies */
	/* Reads the tariff's folder and gives it to `take`; or false, and err.  NULL: there is
	 * none. */
	bool (*tariff)(void *world, ports_tariff_fn *take, void *context, struct err *err);
	/* Makes a checkpoint key; it is on disk when this returns.  NULL: none can be made. */
	bool (*key)(void *world, uint8_t seed[NOTE_SEED_SIZE], struct err *err);
};

#endif
