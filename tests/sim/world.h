/* SPDX-License-Identifier: Apache-2.0 */

/*
 * world - everything outside the engine, made of code: one thread, virtual time, one seed.
 *
 * The engine, the real book on a forgetting disk, a real gateway (sandbox.so) at two banks, a
 * portal of clients that retry, and banks that misbehave.  Whatever waits - jobs, finished jobs,
 * queries, exchanges, messages of the banks, the clock - is in a list; each step draws one of them,
 * or the end of the process.  Nothing else moves, so a seed replays exactly.
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

enum { WORLD_TARIFF_FILES_MAX = 16, WORLD_GATEWAYS = 2, WORLD_CLIENTS = 2 };

struct audit;
struct bank;
struct chain;
struct oracle;
struct portal;

/* What became of the process, how often. */
struct world_figures {
	int64_t calls;
	int64_t commits;
	int64_t commits_failed;
	int64_t power_cuts;
	int64_t kills;
	int64_t restarts;
	int64_t boots_failed;
};

struct world {
	uint64_t seed;
	struct random random;
	int64_t step;
	int64_t now; /* Unix seconds */
	int64_t ms;  /* monotonic */
	bool calm;   /* faults have stopped: everything must come to an end */
	bool trace;
	const char *keep; /* where the book is written in the end, or at a finding; or NULL */
	int64_t payment_days;
	unsigned end_per_mille;   /* of a process, at any step */
	unsigned fault_per_mille; /* of the disk, soon */
	struct world_figures figures;

	struct disk *disk;
	struct zone *almaty;
	struct loader_plugin plugin;
	struct alym_gateway_state *gateways[WORLD_GATEWAYS];
	struct tariff_file files[WORLD_TARIFF_FILES_MAX];
	size_t file_count;

	struct book *book;
	struct reader *reader;
	struct engine *engine;
	bool book_failed; /* a commit failed: every job from now on fails */
	int64_t stop_at;  /* then the daemon stops, at that step; 0: it goes on */
	bool dying;       /* nobody hears what it still says */
	struct job *jobs; /* submitted, oldest first */
	struct job **jobs_end;
	struct job *written; /* readers see it, and a power cut may take it */
	struct job **written_end;
	struct job *done; /* on disk, not yet told */
	struct job **done_end;
	struct query *queries;
	struct exchange *exchanges;

	struct audit *audit;
	struct chain *chain;
	struct oracle *oracle;
	struct bank *bank;
	struct portal *portal;
};

extern const char world_book[]; /* its file */
extern const char world_vfs[];

/* Ends the program with seed, step and the words: the finding. */
void world_fail(const struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

void world_trace(const struct world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One whole life: `steps` steps of trouble, then calm until everything is final; then the last
 * audit, and a line that tells what it was. */
void world_run(uint64_t seed, int64_t steps, bool trace, const char *keep);

#endif
