/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rates - official exchange rates in memory, by day, and how a list of them is taken into use.
 *
 * All that the book ever took into use are here, replaced ones too, for what was calculated by
 * them; some hundred bytes a day.  What was once kept stays where it is until rates_free(): quotes
 * point at it from any thread.
 */
#ifndef ALYM_DAEMON_RATES_H
#define ALYM_DAEMON_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "ledger/job.h"
#include "tariff/exchange.h"
#include "tariff/feed.h"

struct engine;
struct rates;

struct rates *rates_new(void);
void rates_free(struct rates **rates);

/* Any thread.  Those in use for the day, or NULL. */
const struct exchange_day *rates_of_day(struct rates *rates, int32_t day);
/* Those of the list with that digest, in use or replaced, or NULL. */
const struct exchange_day *rates_of_list(struct rates *rates, int32_t day,
	const uint8_t digest[EXCHANGE_DIGEST_SIZE]);
/* Whether it has USD and EUR, which most fees in foreign money are in. */
bool rates_are_whole(const struct exchange_day *exchange);
/* The last day that has any, or DATE_NONE. */
int32_t rates_last_day(struct rates *rates);

/* Fetches what the book has; then `done`, the engine having failed if that could not be read. */
void rates_load(struct engine *engine, void (*done)(struct engine *engine));

/* A list on its way into use. */
struct rates_order {
	const char *name; /* what complaints call it */
	int32_t day;      /* that it must be of, and whole, or DATE_NONE: as it is */
	struct text feed;
	struct text source;
	struct text reason;
	bool replace; /* others that the day has */
};

struct rates_taken {
	const struct job *job;             /* DONE, REPEATED, TAKEN or FAILED, and the record */
	const struct exchange_day *now;    /* REPEATED: as it was, of the list taken first */
	const struct exchange_day *before; /* what the day had until now, or NULL */
};

typedef void rates_done_fn(void *context, const struct rates_taken *taken);

/* FEED_READ: it was handed to the book, and `done` comes when that has decided.  Else err says why
 * not; a list of another day than it must be of is FEED_EMPTY.  The texts are copied. */
enum feed_result rates_take(struct engine *engine, const struct rates_order *order,
	rates_done_fn *done, void *context, struct err *err) MUST_USE;

/* [{"currency","quant","rate"}, ...] */
void rates_write(const struct exchange_day *exchange, struct json_writer *w, const char *name);

#endif
