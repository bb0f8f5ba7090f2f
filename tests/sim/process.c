/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/process.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/origin.h"
#include "tests/sim/audit.h"
#include "tests/sim/bank.h"
#include "tests/sim/chain.h"
#include "tests/sim/oracle.h"
#include "tests/sim/portal.h"

enum {
	PROCESS_AUDIT_EVERY = 16, /* commits */
	PROCESS_BATCH = 8,
	PROCESS_DRAIN_MAX = 20000,
	PROCESS_BOOT_CUT_PER_MILLE = 250,
	PROCESS_BOOT_CUT_AGAIN_PER_MILLE = 500,
	PROCESS_CUT_AGAIN_PER_MILLE = 500,
	PROCESS_COLD_READ_PER_MILLE = 150,
	PROCESS_SYNC_PER_MILLE = 600,
	PROCESS_FAILED_STEPS = 60, /* so long a daemon whose book failed still answers */
	PROCESS_HEADERS_MAX = 8,
};

static const char *const process_clients[WORLD_CLIENTS] = { "portal", "counter" };

/* ---- ports ---- */

static int64_t port_now(void *world)
{
	return ((struct world *)world)->now;
}

static int64_t port_now_ms(void *world)
{
	return ((struct world *)world)->ms;
}

static void port_random(void *world, void *bytes, size_t size)
{
	random_fill(&((struct world *)world)->random, bytes, size);
}

static void port_submit(void *world, struct job *job)
{
	struct world *w = world;

	job->next = NULL;
	*w->jobs_end = job;
	w->jobs_end = &job->next;
}

static void port_query(void *world, struct query *query)
{
	struct world *w = world;

	query->next = w->queries;
	w->queries = query;
}

static void port_exchange(void *world, struct exchange *exchange)
{
	struct world *w = world;

	exchange->next = w->exchanges;
	w->exchanges = exchange;
}

static void port_log(void *world, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	const struct world *w = world;
	char line[512];
	size_t size = 0;

	if (!w->trace) {
		return;
	}
	line[0] = '\0';
	for (size_t i = 0; i < count && size < sizeof(line); i++) {
		size += (size_t)snprintf(line + size, sizeof(line) - size, " %s=%.*s",
			fields[i].name, TEXT_ARGS(fields[i].value));
	}
	world_trace(w, "  log %d %s%s", (int)level, event, line);
}

static int64_t port_disk_free(void *world)
{
	(void)world;
	return INT64_MAX;
}

/* ---- the book's threads, step by step ---- */

static void process_fail(struct world *w, struct job *first, const struct err *err)
{
	book_fail_jobs(first);
	if (!w->book_failed) {
		world_trace(w, "commit failed: %s", err->message);
		w->book_failed = true;
		w->figures.commits_failed++;
	}
}

/* Takes the first `count` jobs and writes them. */
static bool process_write(struct world *w, size_t count)
{
	struct job **end = &w->jobs;
	struct job *first = w->jobs;
	struct job *rest;
	struct err err = { 0 };

	assert(first != NULL && count > 0);
	for (size_t i = 0; i < count && *end != NULL; i++) {
		end = &(*end)->next;
	}
	rest = *end;
	*end = NULL;
	w->jobs = rest;
	if (rest == NULL) {
		w->jobs_end = &w->jobs;
	}
	world_trace(w, "commit %d..", (int)first->kind);
	if (!w->book_failed && book_write(w->book, first, &err) && book_end(w->book, first, &err)) {
		*w->written_end = first;
		w->written_end = end;
		return true;
	}
	process_fail(w, first, &err);
	*w->done_end = first;
	w->done_end = end;
	return false;
}

/* What was written is put on disk, and with what is done. */
static bool process_sync(struct world *w)
{
	struct err err = { 0 };
	bool ok = !w->book_failed && book_sync(w->book, &err);

	assert(w->written != NULL);
	if (!ok) {
		process_fail(w, w->written, &err);
	}
	*w->done_end = w->written;
	w->done_end = w->written_end;
	w->written = NULL;
	w->written_end = &w->written;
	return ok;
}

/* Writes, or syncs what was written, or both; several batches may wait for one sync. */
static bool process_batch(struct world *w, size_t count)
{
	bool ok = true;

	if (w->jobs != NULL) {
		ok = process_write(w, count);
	}
	if (w->written != NULL &&
		(w->jobs == NULL || random_chance(&w->random, PROCESS_SYNC_PER_MILLE))) {
		ok = process_sync(w) && ok;
	}
	return ok;
}

/* What is in the book is looked at as soon as it must stay there. */
static void process_look(struct world *w)
{
	if (w->written != NULL) {
		return;
	}
	disk_hold(w->disk, true);
	chain_grow(w);
	oracle_grow(w);
	portal_stir(w->portal);
	w->figures.commits++;
	if (w->figures.commits % PROCESS_AUDIT_EVERY == 0) {
		audit_always(w);
	}
	disk_hold(w->disk, false);
}

void process_commit(struct world *w, size_t count)
{
	struct disk_figures before = disk_figures(w->disk);
	bool failed = w->book_failed;
	bool ok = process_batch(w, count);
	struct disk_figures after = disk_figures(w->disk);

	if (disk_is_dead(w->disk)) {
		process_end(w, PROCESS_POWER_CUT);
	} else if (ok && after.unwritten != before.unwritten) {
		world_fail(w, "a write or sync failed, and the book goes on");
	} else if (ok) {
		process_look(w);
	} else if (!failed && after.faults == before.faults) {
		world_fail(w, "a commit failed, and the disk had not");
	}
}

void process_release(struct world *w)
{
	struct job *job = w->done;

	assert(job != NULL);
	w->done = job->next;
	if (w->done == NULL) {
		w->done_end = &w->done;
	}
	job->done(job);
}

bool process_is_over(struct world *w)
{
	if (!w->book_failed && !engine_has_failed(w->engine)) {
		return false;
	}
	if (w->stop_at == 0) {
		w->stop_at = w->step + (int64_t)random_below(&w->random, PROCESS_FAILED_STEPS);
	}
	return w->step >= w->stop_at;
}

/* ---- starting ---- */

static struct engine_settings process_settings(struct world *w)
{
	struct engine_settings s = { .public_url = "https://alym.test",
		.payment_days = w->payment_days,
		.session_s = 1200,
		.checkpoint_s = 60,
		.inbox_days = 30,
		.inbox_max = 100000,
		.gateway_count = WORLD_GATEWAYS,
		.client_count = WORLD_CLIENTS };

	for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
		struct engine_gateway *g = &s.gateways[i];

		(void)snprintf(g->name, sizeof(g->name), "%s", bank_gateway(i));
		g->plugin = w->plugin.gateway;
		g->state = w->gateways[i];
		g->zone = w->almaty;
		g->timeout_ms = 10000;
		g->window_s = BANK_WINDOW_S;
		g->rule = (struct routing_rule){ .method = ROUTING_CARD, .rank = 1, .share = 100 };
		if (!origin_add(g, text_of(bank_endpoint(i)))) {
			world_fail(w, "the gateway may not send to its bank");
		}
	}
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		(void)snprintf(s.clients[i].name, sizeof(s.clients[i].name), "%s",
			process_clients[i]);
	}
	book_keys(w->book, &s.keys);
	s.generation = book_generation(w->book);
	return s;
}

static bool process_open(struct world *w, struct err *err)
{
	struct book_options options = { .path = world_book,
		.vfs = world_vfs,
		.origin = "sim/book",
		.now = w->now,
		.keys_window = 16,
		.cards_max = 8 };

	memset(options.seed, 9, sizeof(options.seed));
	for (size_t i = 0; i < sizeof(options.random); i++) {
		options.random[i] = (uint8_t)((w->seed >> (i % 8)) + i);
	}
	return book_open(&options, &w->book, err) &&
	       reader_open(world_book, world_vfs, &w->reader, err);
}

static void process_begin(struct world *w)
{
	struct ports ports = { .world = w,
		.now = port_now,
		.now_ms = port_now_ms,
		.random = port_random,
		.submit = port_submit,
		.query = port_query,
		.exchange = port_exchange,
		.log = port_log,
		.disk_free = port_disk_free };
	struct engine_settings settings = process_settings(w);
	struct err err = { 0 };

	w->book_failed = false;
	w->stop_at = 0;
	w->engine = engine_new(&ports, &settings, w->almaty);
	if (!engine_use_tariff(w->engine, w->files, w->file_count, "start", &err)) {
		world_fail(w, "tariff: %s", err.message);
	}
	engine_begin(w->engine);
}

/* What may befall the first things a process does. */
static void process_tempt(struct world *w)
{
	if (w->stop_at != 0 && random_chance(&w->random, PROCESS_CUT_AGAIN_PER_MILLE)) {
		/* What the one before it left is believed by now, and nothing was written since. */
		disk_fault(w->disk, DISK_CUT, 1 + (int64_t)random_below(&w->random, 3));
	} else if (random_chance(&w->random, PROCESS_COLD_READ_PER_MILLE)) {
		/* Its memory is cold yet: one of the first things it wants to know fails. */
		disk_fault(w->disk, DISK_FILE_READ_FAILS,
			1 + (int64_t)random_below(&w->random, 60));
	}
}

void process_boot(struct world *w)
{
	int64_t faults = disk_figures(w->disk).faults;
	/* After a failure the next one is not far: what it left behind is the most fragile. */
	unsigned cut_per_mille =
		w->stop_at != 0 ? PROCESS_BOOT_CUT_AGAIN_PER_MILLE : PROCESS_BOOT_CUT_PER_MILLE;
	struct err err = { 0 };

	for (;;) {
		bool fresh = w->figures.commits == 0;

		if (!w->calm && random_chance(&w->random, cut_per_mille)) {
			uint64_t within = fresh || random_chance(&w->random, 500) ? 150 : 12;

			disk_fault(w->disk, DISK_CUT,
				1 + (int64_t)random_below(&w->random, within));
		}
		if (process_open(w, &err)) {
			break;
		}
		world_trace(w, "the start is cut short: %s", err.message);
		w->figures.boots_failed++;
		reader_close(&w->reader);
		book_close(&w->book);
		if (disk_is_dead(w->disk)) {
			disk_crash(w->disk);
		} else if (disk_figures(w->disk).faults == faults) {
			world_fail(w, "the book does not open again: %s", err.message);
		}
		faults = disk_figures(w->disk).faults;
	}
	disk_hold(w->disk, true);
	audit_open(w);
	chain_again(w);
	oracle_again(w);
	audit_always(w);
	disk_hold(w->disk, false);
	world_trace(w, "UP with %llu records", (unsigned long long)chain_size(w->chain));
	if (!w->calm) {
		process_tempt(w);
	}
	process_begin(w);
}

/* ---- ending ---- */

static void process_fail_exchange(struct world *w)
{
	struct exchange *exchange = w->exchanges;

	w->exchanges = exchange->next;
	bank_overhear(w->bank, exchange);
	exchange->result = EXCHANGE_PERHAPS_SENT;
	exchange->done(exchange);
}

void process_run_query(struct world *w, struct query **at)
{
	struct query *query = *at;

	assert(query != NULL);

	*at = query->next;
	query_run_whole(query, w->reader);
	query->again = w->book_failed; /* as the writer says it: perhaps it saw what was lost */
	query->done(query);
}

/* What is in the engine's hands comes back as failed: nobody hears of it. */
static void process_bury(struct world *w)
{
	w->book_failed = true;
	while (w->jobs != NULL || w->written != NULL || w->done != NULL || w->queries != NULL ||
		w->exchanges != NULL) {
		if (w->jobs != NULL || w->written != NULL) {
			(void)process_batch(w, SIZE_MAX);
		} else if (w->done != NULL) {
			w->done->outcome = JOB_FAILED;
			process_release(w);
		} else if (w->queries != NULL) {
			process_run_query(w, &w->queries);
		} else {
			process_fail_exchange(w);
		}
	}
}

static void process_die(struct world *w)
{
	w->dying = true;
	disk_die(w->disk);
	engine_fail(w->engine, "the process dies");
	process_bury(w);
	(void)engine_drain(w->engine);
	process_bury(w);
}

/* One thing more of what is under way; false: there is nothing. */
static bool process_finish_one(struct world *w)
{
	if (w->jobs != NULL || w->written != NULL) {
		if (process_batch(w, PROCESS_BATCH) && !disk_is_dead(w->disk)) {
			process_look(w);
		}
	} else if (w->done != NULL) {
		process_release(w);
	} else if (w->queries != NULL) {
		process_run_query(w, &w->queries);
	} else if (w->exchanges != NULL) {
		struct exchange *exchange = w->exchanges;

		w->exchanges = exchange->next;
		bank_exchange(w->bank, exchange);
		exchange->done(exchange);
	} else {
		return false;
	}
	return true;
}

/* SIGTERM: everything begun comes to its end, everybody gets an answer.  False: the power went. */
static bool process_drain(struct world *w)
{
	bool idle = false;

	for (int i = 0; !engine_drain(w->engine) || !idle; i++) {
		if (i == PROCESS_DRAIN_MAX) {
			world_fail(w, "the daemon was told to stop and does not");
		}
		idle = !process_finish_one(w);
		if (disk_is_dead(w->disk)) {
			return false;
		}
		if (idle) {
			w->ms += 1000;
			w->now++;
			(void)engine_tick(w->engine);
		}
	}
	return true;
}

static void process_shut(struct world *w)
{
	engine_free(&w->engine);
	disk_hold(w->disk, true);
	audit_close(w);
	disk_hold(w->disk, false);
	reader_close(&w->reader);
	book_close(&w->book);
	w->dying = false;
}

void process_end(struct world *w, enum process_end how)
{
	static const char *const words[] = { "POWER CUT", "KILLED", "STOPPED" };

	if (how == PROCESS_STOPPED && !process_drain(w)) {
		how = PROCESS_POWER_CUT;
	}
	world_trace(w, "%s", words[how]);
	if (how != PROCESS_STOPPED) {
		process_die(w);
	}
	process_shut(w);
	if (how == PROCESS_POWER_CUT || (how == PROCESS_STOPPED && disk_is_dead(w->disk))) {
		disk_crash(w->disk);
		w->figures.power_cuts++;
	} else if (how == PROCESS_KILLED) {
		disk_revive(w->disk);
		w->figures.kills++;
	} else {
		w->figures.restarts++;
	}
	process_boot(w);
}

void process_close(struct world *w)
{
	process_die(w);
	process_shut(w);
}

/* ---- calls ---- */

struct process_talk {
	struct call call;
	struct call_header headers[PROCESS_HEADERS_MAX];
	char *copies;
	struct world *world;
	process_answer_fn *answer;
	void *context;
	bool too_late; /* the book had failed when it came */
};

static void process_answered(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct process_talk *t = call->context;
	struct world *w = t->world;

	(void)content_type;
	(void)headers;
	(void)header_count;
	world_trace(w, "  <- %.*s %.*s: %d %.*s", TEXT_ARGS(call->method), TEXT_ARGS(call->path),
		status, (int)(body.size > 160 ? 160 : body.size), body.bytes);
	if (t->too_late && !w->dying && status != 503) {
		world_fail(w, "after the book had failed %.*s %.*s was answered %d",
			TEXT_ARGS(call->method), TEXT_ARGS(call->path), status);
	}
	t->answer(w, t->context, w->dying ? 0 : status, w->dying ? TEXT("") : body);
	free(t->copies);
	free(t);
}

static struct text process_copy(char **at, struct text t)
{
	struct text copy = { .bytes = *at, .size = t.size };

	memcpy(*at, t.bytes, t.size);
	*at += t.size;
	return copy;
}

void process_call(struct world *w, const struct process_request *r, process_answer_fn *answer,
	void *context)
{
	struct process_talk *t = mem_new(1, sizeof(*t));
	const char *query = strchr(r->path, '?');
	size_t size = strlen(r->method) + strlen(r->path) + strlen(r->body) + 1;
	char *at;

	assert(r->header_count <= PROCESS_HEADERS_MAX);
	for (size_t i = 0; i < r->header_count; i++) {
		size += r->headers[i].name.size + r->headers[i].value.size;
	}
	t->copies = mem_new(1, size);
	at = t->copies;
	t->world = w;
	t->answer = answer;
	t->context = context;
	t->too_late = engine_has_failed(w->engine);
	for (size_t i = 0; i < r->header_count; i++) {
		t->headers[i].name = process_copy(&at, r->headers[i].name);
		t->headers[i].value = process_copy(&at, r->headers[i].value);
	}
	t->call = (struct call){ .face = r->face,
		.roles = r->roles,
		.client = text_of(r->client != NULL ? r->client : ""),
		.method = process_copy(&at, text_of(r->method)),
		.path = process_copy(&at,
			(struct text){ r->path,
				query != NULL ? (size_t)(query - r->path) : strlen(r->path) }),
		.query = process_copy(&at, text_of(query != NULL ? query + 1 : "")),
		.headers = t->headers,
		.header_count = r->header_count,
		.body = process_copy(&at, text_of(r->body)),
		.peer = TEXT("127.0.0.1"),
		.answer = process_answered,
		.context = t };
	w->figures.calls++;
	world_trace(w, "-> %s %s %.160s", r->method, r->path, r->body);
	engine_call(w->engine, &t->call);
}
