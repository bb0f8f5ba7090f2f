/* SPDX-License-Identifier: Apache-2.0 */

/*
 * stage - the engine on a real book, with a bank of code, one step at a time.
 *
 * What the engine hands to its ports waits in one queue; a step takes the oldest thing one stage
 * further (a job is committed, then told; a request has its effect at the bank, then its answer
 * arrives), so that a test can crash the daemon between any two.
 */
#ifndef ALYM_TESTS_DAEMON_STAGE_H
#define ALYM_TESTS_DAEMON_STAGE_H

#include <jansson.h>

#include "daemon/engine_parts.h"
#include "ledger/book.h"
#include "tests/daemon/kassa.h"
#include "tests/tariff/fixture.h"

enum {
	STAGE_PATH_SIZE = 256,
	STAGE_HEADERS_MAX = 12,
	STAGE_BODY_SIZE = 16384,
	STAGE_CALLS_PER_SECOND = 500
};

/* 2026-03-02 10:00 in Almaty. */
#define STAGE_NOW INT64_C(1772427600)

struct stage_call {
	struct call call; /* first */
	struct call_header headers[STAGE_HEADERS_MAX];
	char path[256];
	char body_in[4096];
	char key[64];
	int answers;
	int status;
	char content_type[64];
	char location[512];
	char policy[256];
	char retry_after[16];
	char body[STAGE_BODY_SIZE];
	size_t body_size;
};

struct stage_item;

struct stage {
	char folder[STAGE_PATH_SIZE];
	char path[STAGE_PATH_SIZE];
	struct zone *almaty;
	struct fixture fixture;
	struct book *book;
	struct reader *reader;
	struct engine *engine;
	struct engine_settings settings;
	struct kassa_settings kassa;
	struct kassa_settings other;
	struct bank bank;
	const char *rates_url; /* from the next start on; NULL: nothing is fetched */
	int64_t now;
	uint64_t random;
	struct stage_item *items; /* oldest first */
	int exchanges;            /* under way */
	int exchanges_max;        /* at once, so far */
	bool crashing;
	bool forgets; /* what a query sees does not reach the disk */
	int64_t steps;
	int64_t crash_at;    /* the step before which it dies; 0: never */
	int64_t crash_every; /* and again after so many more; 0: once */
	int crashes;
	char log[1 << 16]; /* names of the events logged, each between newlines */
	size_t log_size;
};

struct stage *stage_new(int64_t now);
void stage_free(struct stage **stage);

/* One step; false when nothing waits. */
bool stage_step(struct stage *stage);
/* Steps and ticks until nothing waits. */
void stage_run(struct stage *stage);
/* Lets time pass, a minute at most at once. */
void stage_sleep(struct stage *stage, int64_t seconds);

/* The daemon dies: nothing that waited happens; it starts again on what is on disk. */
void stage_crash(struct stage *stage);

/* ---- calls ---- */

void stage_begin(struct stage *stage, struct stage_call *c, enum call_face face, const char *method,
	const char *path, const char *body);
/* Begins a call and runs; the status, 0 when the daemon died before the answer. */
int stage_call(struct stage *stage, struct stage_call *c, enum call_face face, const char *method,
	const char *path, const char *body);

/* A POST of the service under that Idempotency-Key: the status. */
int stage_post(struct stage *stage, struct stage_call *c, const char *path, const char *key,
	const char *body);

/* A message to the gateway "kassa". */
int stage_message(struct stage *stage, struct stage_call *c, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* ---- payments ---- */

struct stage_payment {
	char id[ID_SIZE];
	char code[CODE_SIZE];
	char state[24];
	char attempt[24]; /* the state of the last attempt, or empty */
	char order[JOB_ORDER_SIZE];
	char token[CODE_TOKEN_SIZE]; /* of the last attempt */
	int64_t number;
	int64_t due;
	int64_t attempts;
	int64_t last_attempt;
};

/* Creates one for `service`, at a gateway, by a method ("method=card") or payable by code (NULL);
 * `key` is its reference, too. */
void stage_create(struct stage *stage, const char *key, const char *service, const char *gateway,
	struct stage_payment *payment);
void stage_look(struct stage *stage, struct stage_payment *payment);
int stage_attempt(struct stage *stage, struct stage_payment *payment, const char *key,
	const char *gateway);
int stage_cancel(struct stage *stage, struct stage_payment *payment, const char *key);

/* ---- what the book says ---- */

/* The balance of an account, debit less credit; 0 when there is none. */
int64_t stage_balance(struct stage *stage, const char *account, const char *currency);
/* Everything balances, and the bank's money is in the clearing accounts. */
void stage_check(struct stage *stage);
/* How often. */
int stage_logged(const struct stage *stage, const char *event);
int64_t stage_records(struct stage *stage);

#endif
