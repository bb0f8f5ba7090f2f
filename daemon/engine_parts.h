/* SPDX-License-Identifier: Apache-2.0 */

/*
 * engine_parts - what the engine's own files share; nobody else includes it.
 *
 * Each part has one noun: api (calls on the socket), events (held polls), tariffs (sets in memory),
 * rates (exchange rates in memory), session (step machines), dispatch (orders to gateways), inbox
 * (messages from gateways), page (/pay), router (which gateway), janitor (time), fetch (exchange
 * rates, in time).
 */
#ifndef ALYM_DAEMON_ENGINE_PARTS_H
#define ALYM_DAEMON_ENGINE_PARTS_H

#include "base/json.h"
#include "daemon/breaker.h"
#include "daemon/bucket.h"
#include "daemon/engine.h"

struct events;       /* daemon/events.c */
struct tariffs;      /* daemon/tariffs.c */
struct quotes;       /* daemon/quotes.c */
struct rates;        /* daemon/rates.c */
struct sessions;     /* daemon/session.c */
struct dispatch;     /* daemon/dispatch.c */
struct fetch;        /* daemon/fetch.c */
struct inbox;        /* daemon/inbox.c */
struct janitor;      /* daemon/janitor.c */
struct retention;    /* daemon/retention.c */
struct activation;   /* daemon/activation.h */
struct stream;       /* daemon/stream.h */
struct backup;       /* daemon/api_backup.c */
struct verification; /* daemon/api_verification.c */
struct recall;       /* daemon/recall.c */

/* What came too often: one line of the log in a while tells of all of it. */
struct engine_limited {
	int64_t untold;
	int64_t told_ms; /* monotonic; 0: never */
};

/* What lay in the tariff's folder when it was last looked at. */
struct engine_folder {
	bool is_read;
	uint8_t digest[JOB_DIGEST_SIZE];
	char why[ERR_MESSAGE_SIZE]; /* it could not be read; or empty */
};

/* A set that one person wants in use; forgotten when the daemon ends. */
struct engine_proposal {
	bool is_made;
	uint8_t digest[JOB_DIGEST_SIZE];
	struct job_actor actor;
	char reason[JOB_REASON_MAX + 1];
};

struct engine {
	struct ports ports;
	struct engine_settings settings;
	const struct zone *almaty;
	struct engine_counts counts;
	struct tariffs *tariffs;
	struct quotes *quotes;
	struct rates *rates;
	struct digest *digest;
	struct events *events;
	struct sessions *sessions;
	struct dispatch *dispatch;
	struct inbox *inbox;
	struct janitor *janitor;
	struct retention *retention;
	struct fetch *fetch;
	struct recall *recall;
	struct backup *backup;             /* the one that is made, or fetched; or NULL */
	struct verification *verification; /* the one that is made; or NULL */
	struct bucket_table *peers;        /* on HTTPS; NULL: as often as they like */
	struct breaker breakers[ENGINE_GATEWAYS_MAX]; /* by place in settings.gateways */
	struct engine_limited limited;
	char *public_url;         /* what settings points at */
	char *rates_url;          /* the same */
	struct activation *first; /* the tariff set to begin with */
	int64_t names_left;       /* clients and gateways not yet registered */
	int64_t written;          /* jobs that wrote a record, checkpoints not counted */
	int64_t under_way;        /* jobs, queries, exchanges and waits not yet done */
	int64_t checkpoint_ms;    /* monotonic: one was made on demand (api_proofs.c); 0: never */
	struct stream *streams;   /* answers sent in pieces (daemon/stream.h) */
	int stream_count;
	struct job_keys keys; /* who signs checkpoints; `until` may be over */
	struct engine_folder folder;
	struct engine_proposal proposal;
	int activations; /* given to the book, which has not answered */
	bool drafting;   /* a draft of the tariff is looked at (daemon/draft.h) */
	bool ready;
	bool draining;
	bool failed;
	char failed_why[128];
};

int64_t engine_now(struct engine *engine);
int32_t engine_today(struct engine *engine);

/* Stamp `now` and `today`, count and submit; `done` is called as set.  The book's failure is seen
 * to by the engine. */
void engine_submit(struct engine *engine, struct job *job);
void engine_query(struct engine *engine, struct query *query);

/* To be called first in every done() of a job: counts down, wakes polls of job->client. */
void engine_job_done(struct engine *engine, const struct job *job);
void engine_query_done(struct engine *engine);

/* The book was restored and not resumed: it answers, and nothing is written or sent. */
bool engine_is_restored(const struct engine *engine);
/* It was resumed: the engine begins anew, with the book's new generation. */
void engine_resume(struct engine *engine, const struct job_resume *resumed);

enum { ENGINE_NUMBER_SIZE = 24 };

/* A number as a member of a log line. */
struct text engine_number(int64_t number, char out[ENGINE_NUMBER_SIZE]);
void engine_log(struct engine *engine, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count);

struct engine_gateway *engine_gateway_by_number(struct engine *engine, int32_t number);
struct engine_gateway *engine_gateway_by_name(struct engine *engine, struct text name);
size_t engine_gateway_index(const struct engine *engine, const struct engine_gateway *gateway);
/* How its order numbers are to look. */
struct job_order_rule engine_order_rule(const struct engine_gateway *gateway);

/* Counts, and logs now and then, that a call is refused because it came too often; `whose` limit.
 */
void engine_limit(struct engine *engine, const struct call *call, const char *whose);

/* 0: no client of that name. */
int32_t engine_client_number(const struct engine *engine, struct text name);

/* ---- api.c: a call on the socket ---- */
void api_call(struct engine *engine, struct call *call);

/* ---- events.c: GET /v1/events ---- */
struct events *events_new(void);
void events_free(struct events **events);
void events_call(struct engine *engine, struct call *call, int32_t client);
int events_waiting(const struct events *events, int32_t client); /* polls; 0: everybody's */
void events_wake(struct engine *engine, int32_t client);         /* 0: everybody */
int64_t events_tick(struct engine *engine); /* ms until the next poll runs out */

/* ---- tariffs.c: sets in memory, by digest; safe from any thread ---- */
struct tariffs *tariffs_new(void);
void tariffs_free(struct tariffs **tariffs);
const struct tariff *tariffs_current(
	struct tariffs *tariffs); /* or NULL; lives as long as `tariffs` */
/* The set of that digest, loaded from the book through `reader` when it is not in memory. */
const struct tariff *tariffs_find(struct tariffs *tariffs, struct reader *reader,
	const uint8_t digest[JOB_DIGEST_SIZE], struct err *err);
/* Loads a set that is the caller's, to be freed with tariff_free(). */
bool tariffs_load(const struct tariff_file *files, size_t count, struct tariff **set,
	struct err *err) MUST_USE;
/* Takes the set, and gives it, or the one of that digest that is here already. */
const struct tariff *tariffs_add(struct tariffs *tariffs, struct tariff **set);
void tariffs_use(struct tariffs *tariffs, const struct tariff *set);
/* SHA-256 over the ordered files, as tariff.h says. */
void tariffs_digest(struct tariff_file *files, size_t count, uint8_t digest[JOB_DIGEST_SIZE]);

/* ---- quoting.c: between the tariff's quote and the book's calculation ---- */
struct quote;
struct quoted;
/* The texts of *calculation point into *quoted. */
void quoting_calculation(const struct quoted *quoted, struct job_calculation *calculation);
/* Reads a stored request again and quotes it for another day: for late money and requotes.  The
 * texts of *calculation point into *quote.  False: err says why. */
bool quoting_again(struct engine *engine, struct text quote_request, int32_t day,
	struct quote *quote, struct job_calculation *calculation, struct err *err) MUST_USE;
/* The full quote of a stored payment, derived again; any thread; to be dropped (daemon/quotes.h).
 * False when it is not the bytes that were stored. */
bool quoting_derive(struct engine *engine, struct reader *reader,
	const struct payment_view *payment, struct quoted **quoted, struct err *err) MUST_USE;

/* A payment's calculation made again from what is stored and nothing that is remembered; any
 * thread.  The texts of *calculation point into *quote.  False: err says why it can not be made. */
bool quoting_recompute(struct engine *engine, struct reader *reader,
	const struct payment_view *payment, struct quote *quote,
	struct job_calculation *calculation, struct err *err) MUST_USE;

/* ---- session.c: the gateways' step machines (daemon/session.h) ---- */
struct sessions *sessions_new(void);
void sessions_free(struct sessions **sessions);
int64_t sessions_tick(struct engine *engine);
/* The engine has failed: those that wait end as unknown. */
void sessions_fail(struct engine *engine);

/* ---- dispatch.c: orders to gateways ---- */
struct dispatch *dispatch_new(void);
void dispatch_free(struct dispatch **dispatch);
/* An attempt was committed as CREATED: send it to the gateway of that number. */
void dispatch_send(struct engine *engine, int64_t attempt, int32_t number);
/* Ask the gateway about an attempt at `at` (Unix seconds), or before if that was planned.  A time
 * that has come is a hint at news: it is asked even if the attempt is final. */
void dispatch_ask(struct engine *engine, int64_t attempt, int32_t number, int64_t at);
/* A conversation of another's with the gateway, the payer's browser waiting for it; false: there
 * are enough. */
bool dispatch_enter(struct engine *engine, const struct engine_gateway *gateway) MUST_USE;
void dispatch_leave(struct engine *engine, struct engine_gateway *gateway);
/* Loads what waits in the book. */
void dispatch_begin(struct engine *engine);
int64_t dispatch_tick(struct engine *engine);

/* ---- inbox.c and page.c: calls on the HTTPS face ---- */
struct inbox *inbox_new(void);
void inbox_free(struct inbox **inbox);
void inbox_call(struct engine *engine, struct call *call); /* /callbacks/NAME */
/* Messages kept before a crash are gone through again. */
void inbox_begin(struct engine *engine);
/* They have been: others are let in, and old ones may go. */
bool inbox_is_open(const struct engine *engine);
/* So many were kept since it was true the last time that the quota may be passed. */
bool inbox_wants_cleaning(struct engine *engine);
void page_call(struct engine *engine, struct call *call); /* /pay/TOKEN */
/* "Try again later", with that status. */
void page_refuse(struct engine *engine, struct call *call, int status);

/* ---- janitor.c ---- */
struct janitor *janitor_new(void);
void janitor_free(struct janitor **janitor);
int64_t janitor_tick(struct engine *engine);

/* ---- retention.c: what lies beside the journal goes when its time is over ---- */
struct retention *retention_new(void);
void retention_free(struct retention **retention);
void retention_tick(struct engine *engine, int64_t now_ms);

#endif
