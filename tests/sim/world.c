/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/world.h"

#include <assert.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/origin.h"
#include "tests/sim/audit.h"
#include "tests/sim/bank.h"
#include "tests/sim/portal.h"

enum {
	WORLD_AUDIT_EVERY = 16,    /* commits */
	WORLD_CALM_STEPS = 400000, /* by then everything must have come to its end */
	WORLD_CRASH_PER_MILLE = 4,
};

static const char world_path[] = "book.db";
static const char world_vfs[] = "sim";
static const char secret[] = "0123456789abcdef0123456789abcdef";

void world_fail(const struct world *w, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "seed %llu, step %lld: ", (unsigned long long)w->seed,
		(long long)w->step);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\nreplay: test_sim --seed %llu --trace\n",
		(unsigned long long)w->seed);
	exit(1);
}

void world_trace(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->trace) {
		return;
	}
	(void)printf("%6lld ", (long long)w->step);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
}

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

/* ---- the daemon's life ---- */

static struct engine_settings world_settings(struct world *w)
{
	struct engine_settings s = { .public_url = "https://alym.test",
		.payment_days = 30,
		.session_s = 1200,
		.checkpoint_s = 60,
		.inbox_days = 30,
		.inbox_max = 100000,
		.gateway_count = 1,
		.client_count = 1 };

	(void)snprintf(s.gateways[0].name, sizeof(s.gateways[0].name), "sandbox");
	s.gateways[0].plugin = w->plugin.gateway;
	s.gateways[0].state = w->gateway;
	s.gateways[0].zone = w->almaty;
	s.gateways[0].timeout_ms = 10000;
	s.gateways[0].window_s = 72 * 3600;
	if (!origin_add(&s.gateways[0], TEXT("https://bank.test"))) {
		world_fail(w, "the gateway may not send to its bank");
	}
	(void)snprintf(s.clients[0].name, sizeof(s.clients[0].name), "portal");
	(void)book_verifier(w->book, s.verifier);
	s.generation = book_generation(w->book);
	return s;
}

static void world_boot(struct world *w)
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
	struct book_options options = { .path = world_path,
		.vfs = world_vfs,
		.origin = "sim/book",
		.now = w->now,
		.keys_window = 16,
		.cards_max = 8 };
	struct engine_settings settings;
	struct err err = { 0 };

	memset(options.seed, 9, sizeof(options.seed));
	for (size_t i = 0; i < sizeof(options.random); i++) {
		options.random[i] = (uint8_t)(w->seed >> (i % 8)) + (uint8_t)i;
	}
	if (!book_open(&options, &w->book, &err) ||
		!reader_open(world_path, world_vfs, &w->reader, &err)) {
		world_fail(w, "the book does not open again: %s", err.message);
	}
	settings = world_settings(w);
	w->engine = engine_new(&ports, &settings, w->almaty);
	if (!engine_use_tariff(w->engine, w->files, w->file_count, "start", &err)) {
		world_fail(w, "tariff: %s", err.message);
	}
	engine_begin(w->engine);
}

static void world_release_job(struct world *w)
{
	struct job *job = w->done;

	w->done = job->next;
	if (w->done == NULL) {
		w->done_end = &w->done;
	}
	job->done(job);
}

/* What is in the engine's hands comes back as failed: nobody hears of it. */
static void world_bury(struct world *w)
{
	while (w->jobs != NULL || w->done != NULL || w->queries != NULL || w->exchanges != NULL) {
		if (w->jobs != NULL) {
			struct job *job = w->jobs;

			w->jobs = job->next;
			if (w->jobs == NULL) {
				w->jobs_end = &w->jobs;
			}
			job->outcome = JOB_FAILED;
			job->done(job);
		} else if (w->done != NULL) {
			w->done->outcome = JOB_FAILED;
			world_release_job(w);
		} else if (w->queries != NULL) {
			struct query *query = w->queries;

			w->queries = query->next;
			query->run(w->reader, query);
			query->done(query);
		} else {
			struct exchange *exchange = w->exchanges;

			w->exchanges = exchange->next;
			exchange->result = EXCHANGE_PERHAPS_SENT;
			exchange->done(exchange);
		}
	}
}

static void world_crash(struct world *w)
{
	world_trace(w, "CRASH");
	w->crashes++;
	w->dying = true;
	disk_die(w->disk);
	engine_fail(w->engine, "the process dies");
	world_bury(w);
	(void)engine_drain(w->engine);
	world_bury(w);
	engine_free(&w->engine);
	reader_close(&w->reader);
	book_close(&w->book);
	if (random_chance(&w->random, 250)) {
		disk_revive(w->disk); /* killed, and the power stayed */
	} else {
		disk_crash(w->disk);
	}
	w->dying = false;
	world_boot(w);
	audit_always(w);
}

/* ---- calls ---- */

enum { WORLD_CALL_HEADERS = 8 };

struct world_call {
	struct call call;
	struct call_header headers[WORLD_CALL_HEADERS];
	char *copies;
	struct world *world;
	world_answer_fn *answer;
	void *context;
};

static void world_answered(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct world_call *c = call->context;
	struct world *w = c->world;

	(void)content_type;
	(void)headers;
	(void)header_count;
	world_trace(w, "  <- %.*s %.*s: %d %.*s", TEXT_ARGS(call->method), TEXT_ARGS(call->path),
		status, (int)(body.size > 160 ? 160 : body.size), body.bytes);
	c->answer(w, c->context, w->dying ? 0 : status, w->dying ? TEXT("") : body);
	free(c->copies);
	free(c);
}

static struct text world_copy(char **at, struct text t)
{
	struct text copy = { .bytes = *at, .size = t.size };

	memcpy(*at, t.bytes, t.size);
	*at += t.size;
	return copy;
}

void world_call(struct world *w, enum call_face face, const char *method, const char *path,
	const struct call_header *headers, size_t header_count, const char *body,
	world_answer_fn *answer, void *context)
{
	struct world_call *c = mem_new(1, sizeof(*c));
	const char *query = strchr(path, '?');
	size_t size = strlen(method) + strlen(path) + strlen(body) + 1;
	char *at;

	assert(header_count <= WORLD_CALL_HEADERS);
	for (size_t i = 0; i < header_count; i++) {
		size += headers[i].name.size + headers[i].value.size;
	}
	c->copies = mem_new(1, size);
	at = c->copies;
	c->world = w;
	c->answer = answer;
	c->context = context;
	for (size_t i = 0; i < header_count; i++) {
		c->headers[i].name = world_copy(&at, headers[i].name);
		c->headers[i].value = world_copy(&at, headers[i].value);
	}
	c->call = (struct call){ .face = face,
		.roles = face == CALL_SOCKET ? CALL_ROLE_SERVICE : 0,
		.client = face == CALL_SOCKET ? TEXT("portal") : TEXT(""),
		.method = world_copy(&at, text_of(method)),
		.path = world_copy(&at, (struct text){ path, query != NULL ? (size_t)(query - path)
									   : strlen(path) }),
		.query = world_copy(&at, text_of(query != NULL ? query + 1 : "")),
		.headers = c->headers,
		.header_count = header_count,
		.body = world_copy(&at, text_of(body)),
		.peer = TEXT("127.0.0.1"),
		.answer = world_answered,
		.context = c };
	w->calls++;
	world_trace(w, "-> %s %s %.160s", method, path, body);
	engine_call(w->engine, &c->call);
}

/* ---- steps ---- */

/* Everything that waits, or only its first few, in one transaction. */
static bool step_commit(struct world *w)
{
	struct job **end = &w->jobs;
	struct job *first = w->jobs;
	struct job *rest;
	uint64_t n = 1 + random_below(&w->random, 8);
	struct err err = { 0 };

	if (first == NULL) {
		return false;
	}
	for (uint64_t i = 0; i < n && *end != NULL; i++) {
		end = &(*end)->next;
	}
	rest = *end;
	*end = NULL;
	w->jobs = rest;
	if (rest == NULL) {
		w->jobs_end = &w->jobs;
	}
	world_trace(w, "commit %d..", (int)first->kind);
	*w->done_end = first;
	w->done_end = end;
	if (!book_commit(w->book, first, &err)) {
		world_trace(w, "commit failed: %s", err.message);
		world_crash(w);
		return true;
	}
	w->commits++;
	if (w->commits % WORLD_AUDIT_EVERY == 0) {
		audit_always(w);
	}
	return true;
}

static bool step_release(struct world *w)
{
	if (w->done == NULL) {
		return false;
	}
	world_release_job(w);
	return true;
}

static bool step_query(struct world *w)
{
	struct query **at = &w->queries;
	struct query *query;

	if (*at == NULL) {
		return false;
	}
	while ((*at)->next != NULL && random_chance(&w->random, 500)) {
		at = &(*at)->next;
	}
	query = *at;
	*at = query->next;
	query->run(w->reader, query);
	query->done(query);
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

static bool step_time(struct world *w)
{
	static const int64_t leaps[] = { 1, 5, 61, 301, 1201, 7200, 90000 };
	int64_t s = leaps[random_below(&w->random, sizeof(leaps) / sizeof(*leaps))];

	/* Long leaps are rare while there is trouble: most happens within minutes. */
	if (s > 301 && !random_chance(&w->random, w->calm ? 300 : 30)) {
		s = 5;
	}
	w->now += s;
	w->ms += s * 1000;
	(void)engine_tick(w->engine);
	return true;
}

static void world_step(struct world *w)
{
	uint64_t draw = random_below(&w->random, 100);

	w->step++;
	if (!w->calm && random_chance(&w->random, WORLD_CRASH_PER_MILLE)) {
		world_crash(w);
		return;
	}
	if (!w->calm && random_chance(&w->random, 2)) {
		/* One write or sync of the next commits will fail. */
		if (random_chance(&w->random, 500)) {
			disk_fail_write(w->disk, 1 + (int64_t)random_below(&w->random, 40));
		} else {
			disk_fail_sync(w->disk, 1 + (int64_t)random_below(&w->random, 6));
		}
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
		(void)step_time(w);
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

static void world_open(struct world *w)
{
	struct alym_setting settings[] = { { "endpoint", TEXT("https://bank.test") },
		{ "merchant", TEXT("shop") }, { "secret_file", TEXT(secret) } };
	struct text zone;
	struct err err = { 0 };

	/* Half of the lives see the year, and so the due, turn. */
	w->now = random_chance(&w->random, 500) ? INT64_C(1767193200) : INT64_C(1772344800);
	w->jobs_end = &w->jobs;
	w->done_end = &w->done;
	w->disk = disk_new(world_vfs, random_next(&w->random));
	zone = world_read(w, "/usr/share/zoneinfo/Asia", "Almaty");
	if (!zone_new(zone, &w->almaty, &err) || !loader_open(ALYM_SANDBOX, &w->plugin, &err) ||
		!loader_configure(&w->plugin, settings, 3, &w->gateway, &err)) {
		world_fail(w, "%s", err.message);
	}
	free((void *)(uintptr_t)zone.bytes);
	world_read_tariff(w);
	w->bank = bank_new(w);
	w->portal = portal_new(w);
	world_boot(w);
}

static void world_close(struct world *w)
{
	engine_fail(w->engine, "the end");
	w->dying = true;
	world_bury(w);
	(void)engine_drain(w->engine);
	world_bury(w);
	engine_free(&w->engine);
	reader_close(&w->reader);
	book_close(&w->book);
	bank_free(&w->bank);
	portal_free(&w->portal);
	disk_free(&w->disk);
	w->plugin.gateway->close(w->gateway);
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

	return w->jobs == NULL && w->done == NULL && w->exchanges == NULL && w->queries == NULL &&
	       bank_is_quiet(w->bank) && portal_is_quiet(w->portal) &&
	       reader_waiting(w->reader, &page, &waiting, NULL) && page.count == 0;
}

void world_run(uint64_t seed, int64_t steps, bool trace)
{
	struct world w = { .seed = seed, .random.state = seed, .trace = trace };

	world_open(&w);
	while (w.step < steps) {
		world_step(&w);
	}
	w.calm = true;
	disk_fail_write(w.disk, 0);
	disk_fail_sync(w.disk, 0);
	for (int64_t i = 0; !world_is_quiet(&w); i++) {
		if (i == WORLD_CALM_STEPS) {
			world_fail(&w,
				"the faults have stopped, and something still has not come to its end");
		}
		world_step(&w);
	}
	audit_end(&w);
	(void)printf(
		"seed %llu: %lld steps, %lld calls, %lld commits, %lld crashes, %lld writes lost\n",
		(unsigned long long)seed, (long long)w.step, (long long)w.calls,
		(long long)w.commits, (long long)w.crashes, (long long)disk_figures(w.disk).lost);
	world_close(&w);
}
