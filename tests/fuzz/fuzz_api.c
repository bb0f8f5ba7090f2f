/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a caller sends to the socket, from the router to the job: "METHOD target", headers, an empty
 * line, a body.  There is no book behind: jobs find nothing, queries are not run.  Every call is
 * answered exactly once, with JSON where it says so, and no job goes out of bounds.
 */
#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/engine_parts.h"
#include "tests/tariff/fixture.h"

enum {
	FUZZ_HEADERS_MAX = 8,
	FUZZ_DAY = 20514, /* 2026-03-02 */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_world {
	struct engine *engine;
	struct zone *zone;
	struct job *jobs;
	struct query *queries;
	int answers;
};

static int64_t fuzz_now(void *world)
{
	(void)world;
	return FUZZ_DAY * INT64_C(86400);
}

static int64_t fuzz_disk_free(void *world)
{
	(void)world;
	return INT64_MAX;
}

static void fuzz_random(void *world, void *bytes, size_t size)
{
	(void)world;
	memset(bytes, 7, size);
}

static void fuzz_check_create(const struct job_create *c)
{
	assert(c->reference.size >= 1 && c->reference.size <= JOB_REFERENCE_MAX);
	assert(c->payer.size + c->quote_request.size <= JOB_PRIVATE_MAX);
	assert(c->calculation.due.minor >= 0);
	assert(!c->has_order || c->order.return_url.size > 0);
}

static void fuzz_submit(void *world, struct job *job)
{
	struct fuzz_world *w = world;

	if (job->kind == JOB_CREATE) {
		fuzz_check_create(&job->u.create);
	}
	job->outcome = JOB_NOT_FOUND;
	job->next = w->jobs;
	w->jobs = job;
}

static void fuzz_query(void *world, struct query *query)
{
	struct fuzz_world *w = world;

	query->next = w->queries;
	w->queries = query;
}

static void fuzz_log(void *world, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	(void)world;
	(void)level;
	(void)event;
	(void)fields;
	(void)count;
}

static void fuzz_run(struct fuzz_world *w)
{
	while (w->jobs != NULL || w->queries != NULL) {
		struct job *job = w->jobs;
		struct query *query = w->queries;

		if (job != NULL) {
			w->jobs = job->next;
			job->done(job);
		} else {
			w->queries = query->next;
			query->done(query);
		}
	}
}

static void fuzz_answer(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct fuzz_world *w = call->context;

	(void)headers;
	(void)header_count;
	w->answers++;
	assert(status >= 200 && status <= 599);
	if (strstr(content_type, "json") != NULL) {
		json_t *json = json_loadb(body.bytes, body.size, JSON_REJECT_DUPLICATES, NULL);

		assert(json != NULL);
		json_decref(json);
	}
}

static struct text fuzz_take_line(struct text *rest)
{
	const char *end = rest->size > 0 ? memchr(rest->bytes, '\n', rest->size) : NULL;
	struct text line = { rest->bytes, end != NULL ? (size_t)(end - rest->bytes) : rest->size };
	size_t used = line.size + (end != NULL ? 1 : 0);

	rest->bytes += used;
	rest->size -= used;
	return line;
}

/* Splits at the first `c`; what follows it is what remains of *t. */
static struct text fuzz_take_word(struct text *t, char c)
{
	const char *at = t->size > 0 ? memchr(t->bytes, c, t->size) : NULL;
	struct text word = { t->bytes, at != NULL ? (size_t)(at - t->bytes) : t->size };
	size_t used = word.size + (at != NULL ? 1 : 0);

	t->bytes += used;
	t->size -= used;
	return word;
}

/* 2026 in UTC will do: one offset for ever. */
static struct zone *fuzz_zone(void)
{
	static const char tzif[] =
		"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0"
		"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0\nUTC0\n";
	struct zone *zone = NULL;
	bool ok = zone_new((struct text){ tzif, sizeof(tzif) - 1 }, &zone, NULL);

	assert(ok);
	return zone;
}

static void fuzz_begin(struct fuzz_world *w)
{
	const struct ports ports = { .world = w,
		.now = fuzz_now,
		.now_ms = fuzz_now,
		.random = fuzz_random,
		.submit = fuzz_submit,
		.query = fuzz_query,
		.log = fuzz_log,
		.disk_free = fuzz_disk_free };
	static struct engine_settings settings = { .payment_days = 30,
		.session_s = 1200,
		.generation = 1,
		.client_count = 1,
		.clients[0] = { .name = "portal", .number = 1 } };
	struct tariff *set = NULL;
	struct fixture fixture;
	bool ok;

	w->zone = fuzz_zone();
	w->engine = engine_new(&ports, &settings, w->zone);
	fixture_open(TARIFF_DATA, &fixture);
	ok = tariffs_load(fixture.files, fixture.count, &set, NULL);
	assert(ok);
	tariffs_use(w->engine->tariffs, tariffs_add(w->engine->tariffs, &set));
	fixture_close(&fixture);
	w->engine->ready = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_world world;
	struct text rest = { (const char *)data, size };
	struct text line = fuzz_take_line(&rest);
	struct call_header headers[FUZZ_HEADERS_MAX];
	struct call call = { .face = CALL_SOCKET, .roles = CALL_ROLE_SERVICE | CALL_ROLE_AUDITOR };

	if (world.engine == NULL) {
		fuzz_begin(&world);
	}
	call.method = fuzz_take_word(&line, ' ');
	call.path = fuzz_take_word(&line, '?');
	call.query = line;
	line = fuzz_take_line(&rest);
	while (line.size > 0 && call.header_count < FUZZ_HEADERS_MAX) {
		headers[call.header_count].name = fuzz_take_word(&line, ':');
		headers[call.header_count++].value = line;
		line = fuzz_take_line(&rest);
	}
	call.client = TEXT("portal");
	call.headers = headers;
	call.body = rest;
	call.answer = fuzz_answer;
	call.context = &world;
	world.answers = 0;
	engine_call(world.engine, &call);
	fuzz_run(&world);
	assert(world.answers == 1);
	return 0;
}
