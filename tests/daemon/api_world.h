/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api_world - an engine on a real book in a temporary folder, in one thread.
 *
 * A job is committed, and a query run, as soon as it is handed over; what is done waits in a list
 * until world_run() calls it back, as the engine's ports promise.  Time stands still until moved.
 */
#ifndef ALYM_TESTS_DAEMON_API_WORLD_H
#define ALYM_TESTS_DAEMON_API_WORLD_H

#include <jansson.h>

#include "daemon/engine_parts.h"
#include "ledger/book.h"

enum {
	WORLD_PATH_SIZE = 256,
	WORLD_HEADERS_MAX = 8,
	WORLD_SERVICE = CALL_ROLE_SERVICE,
	WORLD_AUDITOR = CALL_ROLE_AUDITOR,
	WORLD_OPERATOR = CALL_ROLE_OPERATOR,
};

/* 2026-03-02 10:00 in Almaty. */
#define WORLD_NOW INT64_C(1772427600)

/* One call and, once it came, its answer. */
struct world_call {
	struct call call; /* first */
	struct call_header headers[WORLD_HEADERS_MAX];
	char key[64];
	bool answered;
	int answers;
	int status;
	char content_type[64];
	char retry_after[16];
	char allow[64];
	char replayed[16];
	struct buffer body;
	json_t *json; /* of the body; or NULL */
};

struct world {
	char folder[WORLD_PATH_SIZE];
	char path[WORLD_PATH_SIZE];
	struct zone *almaty;
	struct book *book;
	struct reader *reader;
	struct engine *engine;
	struct engine_settings settings;
	int64_t now;
	int64_t now_ms;
	int64_t disk_free;
	uint64_t random;
	const char *tariff_edit[3]; /* in the tariff's folder: in this file, this text becomes that
				       one */
	enum engine_activation activation; /* of the next start */
	const char *folder_fails;          /* why the tariff's folder can not be read; or NULL */
	bool hold;                         /* keep what is done until released */
	bool fail;                         /* the book fails */
	bool damaged;                      /* it is found out at the next start */
	struct job *jobs;                  /* done, oldest first */
	struct query *queries;
	struct exchange *exchanges;
	int64_t errors; /* logged */
	struct world_call last;
};

struct world *world_new(int64_t now);
void world_free(struct world **world);

/* A crash: what was under way comes back failed, and the engine is made again on the same book. */
void world_restart(struct world *world);

/* SQL behind the book's back. */
void world_execute(struct world *world, const char *sql);

/* Calls back everything that is done, until nothing is. */
void world_run(struct world *world);

/* Begins a call of client "portal"; world_end() frees what it holds. */
void world_begin(struct world *world, struct world_call *c, const char *method, const char *target,
	const char *key, const char *body);
void world_end(struct world_call *c);

/* A call and its answer: the status; world->last has the rest until the next one. */
int world_get(struct world *world, const char *target);
int world_post(struct world *world, const char *target, const char *key, const char *body);
/* POST as an operator who is no client. */
int world_operate(struct world *world, int64_t uid, const char *target, const char *body);
int world_as(struct world *world, unsigned roles, const char *client, const char *target);

/* A POST of somebody with those roles. */
int world_order(struct world *world, unsigned roles, const char *target, const char *body);

/* A text, or a number, of the last answer by its path: "quote.due.amount", "items.0.id"; "" or -1
 * where there is none. */
const char *world_text(const struct world *world, const char *path);
int64_t world_number(const struct world *world, const char *path);
size_t world_count(const struct world *world, const char *path);

#endif
