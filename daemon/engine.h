/* SPDX-License-Identifier: Apache-2.0 */

/*
 * engine - Alym without sockets, threads or a clock of its own: calls and answers on one side, the
 * book, the tariff and the gateways on the other, the world through ports.
 *
 *     call -> api        -> job | query -> answer          (daemon/api*.c)
 *     call -> callback   -> job (raw) -> gateway step -> job (verdict) -> step -> answer
 *     book -> dispatch   -> gateway step -> exchange -> step -> job (verdict)
 *     time -> janitor    -> dispatch (ask again), expiry, checkpoints, the inbox
 *
 * One thread.  The same code runs in alymd and in the simulation.
 */
#ifndef ALYM_DAEMON_ENGINE_H
#define ALYM_DAEMON_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/zone.h"
#include "daemon/call.h"
#include "daemon/ports.h"
#include "daemon/routing.h"
#include "ledger/book.h"
#include "plugins/gateway.h"
#include "tariff/tariff.h"

enum {
	ENGINE_GATEWAYS_MAX = 16,
	ENGINE_CLIENTS_MAX = 64,
	ENGINE_NETWORKS_MAX = 16,
	ENGINE_ORIGINS_MAX = 4,
	ENGINE_ORIGIN_SIZE = 264, /* "host:port" and its NUL */
	ENGINE_PUBLIC_URL_MAX = 400,
};

/* 10.0.0.0/8 or 2001:db8::/32, IPv4 as ::ffff:a.b.c.d. */
struct engine_network {
	uint8_t address[16];
	int bits;
};

struct engine_gateway {
	char name[JOB_NAME_MAX + 1];
	const struct alym_gateway *plugin;
	struct alym_gateway_state *state;
	const struct zone *zone;
	int64_t timeout_ms;
	int64_t window_s; /* how far back the gateway's own time is believed; ahead: five minutes */
	struct engine_network allow[ENGINE_NETWORKS_MAX];
	size_t allow_count;       /* 0: everybody */
	int64_t calls_per_second; /* daemon/bucket.h; 0: any number */
	struct routing_rule rule; /* which payments of a method it takes */
	/* Where it may send: hosts and ports of its `endpoint` settings, by origin_add(). */
	char origins[ENGINE_ORIGINS_MAX][ENGINE_ORIGIN_SIZE];
	size_t origin_count;
	int32_t number; /* the book's, once the engine has begun */
};

struct engine_client {
	char name[JOB_NAME_MAX + 1];
	int32_t number; /* the book's, once the engine has begun */
};

/* Who takes a tariff into use. */
enum engine_activation {
	ENGINE_BY_RELOAD, /* whoever calls engine_use_tariff(): start and SIGHUP */
	ENGINE_BY_OPERATOR,
	ENGINE_BY_TWO, /* operators, of different uids */
};

struct engine_settings {
	const char *
		public_url; /* "https://pay.example.kz", no slash at the end; NULL: no HTTPS face */
	const char
		*rates_url; /* of the National Bank's lists, with FETCH_DATE; NULL: not fetched */
	bool refuse_unverified; /* tariff values without a confirmed source: refuse, else warn */
	bool refuse_beneficiary;
	enum engine_activation activation;
	int64_t peer_calls_per_second; /* from one address on HTTPS; 0: any number */
	int64_t payment_days;          /* a payment stays payable */
	int64_t session_s;             /* a gateway session lasts */
	int64_t checkpoint_s;          /* between checkpoints at most */
	int64_t inbox_days;
	int64_t evidence_days; /* 0: for ever */
	int64_t private_days;  /* 0: for ever */
	int64_t inbox_max;     /* messages kept */
	int64_t disk_reserve;  /* bytes: below it new payments are refused, callbacks are not */
	struct job_keys keys;  /* of the checkpoints, to begin with: book_keys() */
	int32_t generation;    /* of the book: book_generation() */
	char restored[BOOK_WHY_SIZE]; /* why it only answers (book_standing()); empty: it does not
				       */
	struct engine_gateway gateways[ENGINE_GATEWAYS_MAX];
	size_t gateway_count;
	struct engine_client clients[ENGINE_CLIENTS_MAX];
	size_t client_count;
};

/* Counters of the engine, for /metrics; all only grow. */
struct engine_counts {
	int64_t calls;
	int64_t problems; /* answers of 400 and more */
	int64_t quotes;
	int64_t payments; /* created */
	int64_t callbacks;
	int64_t callbacks_refused;
	int64_t limited; /* calls on HTTPS that came too often */
	int64_t exchanges;
	int64_t exchange_failures;
	int64_t verdicts[5]; /* by enum alym_verdict_kind */
	int64_t captures;
	int64_t suspense;  /* sums put into suspense */
	int64_t failovers; /* orders that followed one which was not attempted */
	int64_t erased;    /* rows of private data and evidence */
};

struct engine;

/*
 * `almaty` and the gateways of `settings` outlive the engine; settings are copied.  `digest` etc.
 * of the first tariff set come by engine_use_tariff() before engine_begin().
 */
struct engine *engine_new(const struct ports *ports, const struct engine_settings *settings,
	const struct zone *almaty);

/* Everything handed to the ports has come back before: after engine_drain() by itself, else after
 * engine_fail() or engine_stop() with jobs as JOB_FAILED, exchanges without an answer, queries run
 * or not. */
void engine_free(struct engine **engine);

/*
 * Loads the set (the old one stays on failure) and, once the book has it, quotes by it.  Before
 * engine_begin() the last set given counts.  Names and bytes are copied.
 */
bool engine_use_tariff(struct engine *engine, const struct tariff_file *files, size_t count,
	const char *reason, struct err *err) MUST_USE;

/*
 * Where operators activate, the book's last set is used, and what lies in the tariff's folder is
 * only compared with it: now, and when the engine begins.
 */
void engine_look_at_tariff(struct engine *engine);

/* Registers clients and gateways, takes the tariff into use, goes through what was waiting.
 * /readyz says 200 then. */
void engine_begin(struct engine *engine);

/* The book failed: everything is answered 503 from now on. */
void engine_fail(struct engine *engine, const char *why);
bool engine_has_failed(const struct engine *engine);

/* Patience is over, or the drain complete: ends what still waits, and submits nothing that must
 * happen. */
void engine_stop(struct engine *engine);

/* Answers the call, now or later. */
void engine_call(struct engine *engine, struct call *call);

/* Does what is due; gives the milliseconds until it wants to be called again (at most 1000). */
int64_t engine_tick(struct engine *engine);

/* Takes no new work; held polls are answered; true once nothing is under way. */
bool engine_drain(struct engine *engine);

const struct engine_counts *engine_counts(const struct engine *engine);

#endif
