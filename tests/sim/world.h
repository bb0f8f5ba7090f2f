/* SPDX-License-Identifier: Apache-2.0 */

/*
 * world - everything outside the engine, made of code: one thread, virtual time, one seed.
 *
 * The engine, the real book on a forgetting disk, a real gateway (sandbox.so), a portal of clients
 * that retry, and a bank that misbehaves.  Whatever waits - jobs, finished jobs, queries,
 * exchanges, messages of the bank, the clock - is in a list; each step draws one of them, or the
 * end of the process.  Nothing else moves, so a seed replays exactly.
 */
#ifndef ALYM_TESTS_SIM_WORLD_H
#define ALYM_TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"
#include "daemon/engine.h"
#include "ledger/book.h"
#include "plugins/loader.h"
#include "tests/sim/disk.h"
#include "tests/sim/random.h"

enum { WORLD_TARIFF_FILES_MAX = 16 };

struct bank;
struct portal;

struct world {
	uint64_t seed;
	struct random random;
	int64_t step;
	int64_t now; /* Unix seconds */
	int64_t ms;  /* monotonic */
	bool calm;   /* faults have stopped: everything must come to an end */
	bool trace;
	int64_t crashes;
	int64_t commits;
	int64_t calls;

	struct disk *disk;
	struct zone *almaty;
	struct loader_plugin plugin;
	struct alym_gateway_state *gateway;
	struct tariff_file files[WORLD_TARIFF_FILES_MAX];
	size_t file_count;

	struct book *book;
	struct reader *reader;
	struct engine *engine;
	struct job *jobs; /* submitted, oldest first */
	struct job **jobs_end;
	struct job *done; /* committed, not yet told */
	struct job **done_end;
	struct query *queries;
	struct exchange *exchanges;
	bool dying;

	struct bank *bank;
	struct portal *portal;
};

/* Ends the program with seed, step and the words: the finding. */
void world_fail(const struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

void world_trace(const struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Hands the engine an HTTP request; `done` gets the answer, or status 0 when the process died
 * first. */
struct world_call;
typedef void world_answer_fn(struct world *w, void *context, int status, struct text body);
void world_call(struct world *w, enum call_face face, const char *method, const char *path,
	const struct call_header *headers, size_t header_count, const char *body,
	world_answer_fn *answer, void *context);

/* One whole life: `steps` steps of trouble, then calm until everything is final; then the last
 * audit. */
void world_run(uint64_t seed, int64_t steps, bool trace);

#endif
