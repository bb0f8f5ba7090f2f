/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/world.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/bank.h"
#include "tests/sim/chain.h"
#include "tests/sim/oracle.h"
#include "tests/sim/portal.h"
#include "tests/sim/process.h"

enum {
	WORLD_CALM_STEPS = 100000, /* by then everything must have come to its end */
	WORLD_BACK_S = 90,         /* so far the clock may jump back */
};

const char world_book[] = "book.db";
const char world_vfs[] = "sim";

void world_fail(const struct world *w, const char *format, ...)
{
	va_list args;

	(void)fflush(stdout);
	(void)fprintf(stderr, "seed %" PRIu64 ", step %" PRId64 ": ", w->seed, w->step);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	if (w->keep != NULL) {
		audit_keep(w, w->keep);
	}
	exit(1);
}

void world_trace(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->trace) {
		return;
	}
	(void)printf("%6" PRId64 " ", w->step);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
}

/* ---- steps ---- */

static bool step_commit(struct world *w)
{
	if (w->jobs == NULL && w->written == NULL) {
		return false;
	}
	process_commit(w, 1 + (size_t)random_below(&w->random, 8));
	return true;
}

static bool step_release(struct world *w)
{
	if (w->done == NULL) {
		return false;
	}
	process_release(w);
	return true;
}

static bool step_query(struct world *w)
{
	struct query **at = &w->queries;

	if (*at == NULL || w->written != NULL) { /* nobody hears of what is not on disk */
		return false;
	}
	while ((*at)->next != NULL && random_chance(&w->random, 500)) {
		at = &(*at)->next;
	}
	process_run_query(w, at);
	return true;
}

static bool step_exchange(struct world *w)
{
	struct exchange **at = &w->exchanges;
	struct exchange *exchange;

	if (*at == NULL) {
		return false;
	}
	while ((*at)->next != NULL && random_chance(&w->random, 500)) {
		at = &(*at)->next;
	}
	exchange = *at;
	*at = exchange->next;
	bank_exchange(w->bank, exchange);
	exchange->done(exchange);
	return true;
}

static void step_time(struct world *w)
{
	static const int64_t leaps[] = { 1, 5, 61, 301, 1201, 7200, 90000 };
	int64_t s = leaps[random_below(&w->random, sizeof(leaps) / sizeof(*leaps))];

	/* Long leaps are rare while there is trouble: most happens within minutes. */
	if (s > 301 && !random_chance(&w->random, w->calm ? 300 : 50)) {
		s = 5;
	}
	w->ms += s * 1000;
	if (!w->calm && random_chance(&w->random, 10)) {
		s = -(int64_t)random_below(&w->random, WORLD_BACK_S); /* somebody set the clock */
	}
	w->now += s;
	(void)engine_tick(w->engine);
}

static void step_end_process(struct world *w)
{
	uint64_t draw = random_below(&w->random, 10);

	process_end(w, draw < 6 ? PROCESS_POWER_CUT : draw < 9 ? PROCESS_KILLED : PROCESS_STOPPED);
}

/* One of the next calls to the disk will fail, or be the last. */
static void step_fault(struct world *w)
{
	static const struct {
		enum disk_fault fault;
		uint64_t within;
	} faults[] = {
		{ DISK_CUT, 100 },
		{ DISK_CUT, 1000 },
		{ DISK_CUT, 4000 },
		{ DISK_WRITE_FAILS, 1000 },
		{ DISK_IS_FULL, 1000 },
		{ DISK_SYNC_FAILS, 12 },
		{ DISK_READ_FAILS, 60 },
		{ DISK_FILE_READ_FAILS, 1000 },
		{ DISK_FILE_WRITE_FAILS, 50 },
		{ DISK_FILE_SYNC_FAILS, 1 },
		{ DISK_FILE_CUT, 200 },
	};
	size_t i = (size_t)random_below(&w->random, sizeof(faults) / sizeof(*faults));

	disk_fault(w->disk, faults[i].fault,
		1 + (int64_t)random_below(&w->random, faults[i].within));
}

/* True when that was all of this step. */
static bool step_trouble(struct world *w)
{
	if (process_is_over(w)) {
		process_end(w, random_chance(&w->random, 500) ? PROCESS_KILLED : PROCESS_STOPPED);
		return true;
	}
	if (w->calm) {
		return false;
	}
	if (random_chance(&w->random, w->end_per_mille)) {
		step_end_process(w);
		return true;
	}
	if (random_chance(&w->random, w->fault_per_mille)) {
		step_fault(w);
	}
	return false;
}

static void world_step(struct world *w)
{
	uint64_t draw = random_below(&w->random, 100);

	w->step++;
	if (step_trouble(w)) {
		return;
	}
	if ((draw < 25 && step_commit(w)) || (draw < 50 && step_release(w)) ||
		(draw < 62 && step_query(w)) || (draw < 72 && step_exchange(w))) {
		return;
	}
	if (draw < 82) {
		bank_step(w->bank);
	} else if (draw < 92) {
		portal_step(w->portal);
	} else {
		step_time(w);
	}
}

/* ---- a life ---- */

static struct text world_read(struct world *w, const char *folder, const char *name)
{
	char path[512];
	FILE *f;
	char *bytes = mem_new(1, TARIFF_FILE_SIZE_MAX);
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		world_fail(w, "%s can not be read", path);
	}
	size = fread(bytes, 1, TARIFF_FILE_SIZE_MAX, f);
	(void)fclose(f);
	return (struct text){ .bytes = bytes, .size = size };
}

static void world_read_tariff(struct world *w)
{
	DIR *folder = opendir(ALYM_TARIFF_DATA);
	const struct dirent *entry;

	if (folder == NULL) {
		world_fail(w, "no tariff");
	}
	while ((entry = readdir(folder)) != NULL) {
		if (strstr(entry->d_name, ".x") != NULL && w->file_count < WORLD_TARIFF_FILES_MAX) {
			struct text name = text_of(entry->d_name);

			w->files[w->file_count].name = mem_copy(name.bytes, name.size + 1);
			w->files[w->file_count].bytes =
				world_read(w, ALYM_TARIFF_DATA, entry->d_name);
			w->file_count++;
		}
	}
	(void)closedir(folder);
}

static void world_open_gateways(struct world *w)
{
	struct err err = { 0 };

	if (!loader_open(ALYM_SANDBOX, &w->plugin, &err)) {
		world_fail(w, "%s", err.message);
	}
	for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
		struct alym_setting settings[] = {
			{ "endpoint", text_of(bank_endpoint(i)) },
			{ "merchant", text_of(bank_merchant(i)) },
			{ "secret_file", text_of(bank_secret(i)) },
		};

		if (!loader_configure(&w->plugin, settings, sizeof(settings) / sizeof(*settings),
			    &w->gateways[i], &err)) {
			world_fail(w, "%s", err.message);
		}
	}
}

static void world_open(struct world *w)
{
	static const unsigned rates[] = { 0, 1, 3, 5, 8 };
	struct text zone = world_read(w, "/usr/share/zoneinfo/Asia", "Almaty");
	struct err err = { 0 };

	/* Some processes live long enough to see their log grow full, some hardly begin. */
	w->end_per_mille = rates[random_below(&w->random, sizeof(rates) / sizeof(*rates))];
	w->fault_per_mille =
		rates[1 + random_below(&w->random, sizeof(rates) / sizeof(*rates) - 1)];
	/* Half of the lives see the year, and so the due, turn; in half a payment soon runs out. */
	w->now = random_chance(&w->random, 500) ? INT64_C(1767193200) : INT64_C(1772344800);
	w->payment_days = random_chance(&w->random, 500) ? 1 : 30;
	w->jobs_end = &w->jobs;
	w->written_end = &w->written;
	w->done_end = &w->done;
	w->disk = disk_new(world_vfs, random_next(&w->random));
	disk_set_page_size(w->disk, random_chance(&w->random, 500) ? 512 : 4096);
	if (!zone_new(zone, &w->almaty, &err)) {
		world_fail(w, "%s", err.message);
	}
	free((void *)(uintptr_t)zone.bytes);
	world_open_gateways(w);
	world_read_tariff(w);
	w->chain = chain_new();
	w->oracle = oracle_new();
	w->bank = bank_new(w);
	w->portal = portal_new(w);
	process_boot(w);
}

static void world_close(struct world *w)
{
	process_close(w);
	bank_free(&w->bank);
	portal_free(&w->portal);
	oracle_free(&w->oracle);
	chain_free(&w->chain);
	disk_free(&w->disk);
	for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
		w->plugin.gateway->close(w->gateways[i]);
	}
	loader_close(&w->plugin);
	zone_free(&w->almaty);
	for (size_t i = 0; i < w->file_count; i++) {
		free((void *)(uintptr_t)w->files[i].name);
		free((void *)(uintptr_t)w->files[i].bytes.bytes);
	}
}

static bool world_is_quiet(struct world *w)
{
	struct waiting_attempt waiting;
	struct reader_page page = { .limit = 1 };

	return w->jobs == NULL && w->written == NULL && w->done == NULL && w->exchanges == NULL &&
	       w->queries == NULL && bank_is_quiet(w->bank) && portal_is_quiet(w->portal) &&
	       reader_waiting(w->reader, &page, &waiting, NULL) && page.count == 0;
}

static void world_tell(const struct world *w)
{
	const struct world_figures *f = &w->figures;
	struct disk_figures d = disk_figures(w->disk);
	char mark[9];

	(void)printf("seed %" PRIu64 ": %" PRId64 " steps, %" PRId64 " calls, %" PRId64
		     " commits (%" PRId64 " failed), %" PRId64 " power cuts, %" PRId64
		     " kills, %" PRId64 " restarts (%" PRId64 " cut short), %" PRId64
		     " writes lost, %s\n",
		w->seed, w->step, f->calls, f->commits, f->commits_failed, f->power_cuts, f->kills,
		f->restarts, f->boots_failed, d.lost, chain_mark(w->chain, mark));
}

void world_run(uint64_t seed, int64_t steps, bool trace, const char *keep)
{
	struct world w = { .seed = seed, .random.state = seed, .trace = trace, .keep = keep };

	world_open(&w);
	while (w.step < steps) {
		world_step(&w);
	}
	w.calm = true;
	disk_fault(w.disk, DISK_FAULTLESS, 0);
	world_trace(&w, "CALM");
	for (int64_t i = 0; !world_is_quiet(&w); i++) {
		if (i == WORLD_CALM_STEPS) {
			world_fail(&w,
				"the faults have stopped, and something still has not come to its end");
		}
		world_step(&w);
	}
	audit_end(&w);
	if (keep != NULL) {
		audit_keep(&w, keep);
	}
	world_tell(&w);
	world_close(&w);
}
