/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/daemon/api_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { WORLD_CALLBACKS_MAX = 100000 };

/* ---- a gateway that takes every order and waits for its payer ---- */

struct alym_gateway_state {
	int nothing;
};

static struct alym_gateway_state world_gateway_state;

static struct alym_gateway_state *world_gateway_open(const struct alym_setting *settings,
	size_t count, char *why, size_t why_size)
{
	(void)settings;
	(void)count;
	(void)snprintf(why, why_size, "%s", "");
	return &world_gateway_state;
}

static void world_gateway_close(struct alym_gateway_state *state)
{
	(void)state;
}

static void world_gateway_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict.kind = ALYM_PENDING;
	action->verdict.pay_url = TEXT("https://bank.example/pay");
}

static const struct alym_gateway world_gateway = {
	.abi = ALYM_GATEWAY_ABI,
	.size = sizeof(struct alym_gateway),
	.name = "test",
	.order = { .digits_min = 1, .digits_max = 15, .suffix_daily = 0 },
	.session_size = 8,
	.open = world_gateway_open,
	.close = world_gateway_close,
	.step = world_gateway_step,
};

/* ---- the ports ---- */

static int64_t world_now(void *world)
{
	return ((struct world *)world)->now;
}

static int64_t world_now_ms(void *world)
{
	return ((struct world *)world)->now_ms;
}

static int64_t world_disk_free(void *world)
{
	return ((struct world *)world)->disk_free;
}

static void world_random(void *world, void *bytes, size_t size)
{
	struct world *w = world;
	unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		w->random = w->random * 6364136223846793005u + 1442695040888963407u;
		byte[i] = (unsigned char)(w->random >> 56);
	}
}

static void world_submit(void *world, struct job *job)
{
	struct world *w = world;
	struct job **at = &w->jobs;
	struct err err = { 0 };

	job->next = NULL;
	if (w->fail || w->book == NULL) {
		job->outcome = JOB_FAILED;
	} else {
		assert_true(book_commit(w->book, job, &err));
	}
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = job;
}

static void world_query(void *world, struct query *query)
{
	struct world *w = world;
	struct query **at = &w->queries;

	query->next = NULL;
	query_run_whole(query, w->reader);
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = query;
}

static void world_exchange(void *world, struct exchange *exchange)
{
	struct world *w = world;

	exchange->next = w->exchanges;
	w->exchanges = exchange;
}

static void world_log(void *world, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	struct world *w = world;

	w->errors += level == PORTS_ERROR ? 1 : 0;
	if (level == PORTS_ERROR && getenv("WORLD_LOG") != NULL) {
		(void)fprintf(stderr, "%s", event);
		for (size_t i = 0; i < count; i++) {
			(void)fprintf(stderr, " %s=%.*s", fields[i].name,
				TEXT_ARGS(fields[i].value));
		}
		(void)fprintf(stderr, "\n");
	}
}

/* ---- making and unmaking ---- */

static void world_settings(struct world *w)
{
	struct engine_settings *s = &w->settings;

	*s = (struct engine_settings){
		.public_url = "https://pay.example.kz",
		.payment_days = 30,
		.session_s = 1200,
		.checkpoint_s = 3600,
		.inbox_days = 30,
		.inbox_max = 1000,
		.disk_reserve = 1000,
		.activation = w->activation,
		.generation = book_generation(w->book),
		.gateway_count = 1,
		.client_count = 2,
	};
	book_keys(w->book, &s->keys);
	(void)snprintf(s->clients[0].name, sizeof(s->clients[0].name), "portal");
	(void)snprintf(s->clients[1].name, sizeof(s->clients[1].name), "eta");
	s->gateways[0].plugin = &world_gateway;
	s->gateways[0].state = &world_gateway_state;
	s->gateways[0].zone = w->almaty;
	s->gateways[0].timeout_ms = 1000;
	s->gateways[0].window_s = 3600;
	(void)snprintf(s->gateways[0].name, sizeof(s->gateways[0].name), "bank");
}

/* The tariff's folder, with its edit. */
static void world_folder(const struct world *w, struct fixture *fixture)
{
	fixture_open(ALYM_TARIFF_DATA, fixture);
	if (w->tariff_edit[0] != NULL) {
		fixture_replace(fixture, w->tariff_edit[0], w->tariff_edit[1], w->tariff_edit[2]);
	}
}

static bool world_tariff(void *world, ports_tariff_fn *take, void *context, struct err *err)
{
	const struct world *w = world;
	struct fixture fixture;

	if (w->folder_fails != NULL) {
		return err_set(err, ERR_SYSTEM, "%s", w->folder_fails);
	}
	world_folder(w, &fixture);
	take(context, fixture.files, fixture.count);
	fixture_close(&fixture);
	return true;
}

static void world_open(struct world *w)
{
	struct book_options options = { .path = w->path,
		.origin = "alym.test/book",
		.now = w->now };
	const struct ports ports = {
		.world = w,
		.now = world_now,
		.now_ms = world_now_ms,
		.random = world_random,
		.submit = world_submit,
		.query = world_query,
		.exchange = world_exchange,
		.log = world_log,
		.disk_free = world_disk_free,
		.tariff = world_tariff,
	};
	struct fixture fixture;
	struct err err = { 0 };

	world_random(w, options.random, sizeof(options.random));
	memset(options.seed, 7, sizeof(options.seed));
	assert_true(book_open(&options, &w->book, &err));
	assert_true(reader_open(w->path, NULL, &w->reader, &err));
	world_settings(w);
	w->engine = engine_new(&ports, &w->settings, w->almaty);
	if (w->activation == ENGINE_BY_RELOAD) {
		world_folder(w, &fixture);
		assert_true(
			engine_use_tariff(w->engine, fixture.files, fixture.count, "start", &err));
		fixture_close(&fixture);
	}
	engine_begin(w->engine);
	world_run(w);
	assert_int_equal(w->engine->ready, !w->damaged);
}

struct world *world_new(int64_t now)
{
	struct world *w = mem_new(1, sizeof(*w));

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/alym_api_XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	assert_true(snprintf(w->path, sizeof(w->path), "%s/book", w->folder) > 0);
	w->now = now;
	w->now_ms = 1000000;
	w->disk_free = 1 << 20;
	w->random = 42;
	w->almaty = almaty_zone();
	world_open(w);
	return w;
}

static void world_close(struct world *w)
{
	while (w->exchanges != NULL) {
		struct exchange *exchange = w->exchanges;

		w->exchanges = exchange->next;
		exchange->result = EXCHANGE_PERHAPS_SENT;
		exchange->done(exchange);
	}
	w->fail = true;
	engine_fail(w->engine, "the test is over");
	world_run(w);
	engine_free(&w->engine);
	reader_close(&w->reader);
	book_close(&w->book);
	w->fail = false;
}

void world_restart(struct world *w)
{
	world_close(w);
	world_open(w);
}

void world_execute(struct world *w, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void world_unlink(const struct world *w, const char *suffix)
{
	char path[WORLD_PATH_SIZE + 8];

	(void)snprintf(path, sizeof(path), "%s%s", w->path, suffix);
	(void)unlink(path);
}

void world_free(struct world **world)
{
	struct world *w = *world;

	*world = NULL;
	world_close(w);
	world_end(&w->last);
	zone_free(&w->almaty);
	world_unlink(w, "");
	world_unlink(w, "-wal");
	world_unlink(w, "-shm");
	(void)rmdir(w->folder);
	free(w);
}

static bool world_step(struct world *w)
{
	struct job *job = w->jobs;
	struct query *query = w->queries;

	if (job != NULL) {
		w->jobs = job->next;
		job->done(job);
		return true;
	}
	if (query != NULL) {
		w->queries = query->next;
		query->done(query);
		return true;
	}
	return false;
}

void world_run(struct world *w)
{
	int callbacks = 0;

	while (!w->hold && world_step(w)) {
		callbacks++;
		assert_true(callbacks < WORLD_CALLBACKS_MAX);
	}
}

/* ---- calls ---- */

static void world_keep_header(const struct call_header *header, const char *name, char *out,
	size_t size)
{
	if (text_is(header->name, name)) {
		assert_true(text_copy(header->value, out, size));
	}
}

static void world_answer(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct world_call *c = (struct world_call *)(void *)call;

	c->answers++;
	assert_int_equal(c->answers, 1);
	c->answered = true;
	c->status = status;
	(void)snprintf(c->content_type, sizeof(c->content_type), "%s", content_type);
	for (size_t i = 0; i < header_count; i++) {
		world_keep_header(&headers[i], "Retry-After", c->retry_after,
			sizeof(c->retry_after));
		world_keep_header(&headers[i], "Allow", c->allow, sizeof(c->allow));
		world_keep_header(&headers[i], "Idempotency-Replayed", c->replayed,
			sizeof(c->replayed));
	}
	buffer_add(&c->body, body);
	c->json = json_loadb(c->body.bytes, c->body.size, JSON_REJECT_DUPLICATES, NULL);
}

void world_begin(struct world *w, struct world_call *c, const char *method, const char *target,
	const char *key, const char *body)
{
	const char *mark = strchr(target, '?');

	*c = (struct world_call){
		.call = { .face = CALL_SOCKET,
			.roles = WORLD_SERVICE,
			.uid = CALL_NO_UID,
			.client = TEXT("portal"),
			.method = text_of(method),
			.path = { target, mark != NULL ? (size_t)(mark - target) : strlen(target) },
			.query = text_of(mark != NULL ? mark + 1 : NULL),
			.body = text_of(body),
			.answer = world_answer },
	};
	buffer_init(&c->body, CALL_ANSWER_MAX);
	c->call.headers = c->headers;
	if (key != NULL) {
		c->headers[c->call.header_count++] =
			(struct call_header){ TEXT("idempotency-key"), text_of(key) };
	}
	(void)w;
}

void world_end(struct world_call *c)
{
	json_decref(c->json);
	c->json = NULL;
	buffer_done(&c->body);
}

static int world_finish(struct world *w)
{
	engine_call(w->engine, &w->last.call);
	world_run(w);
	assert_true(w->last.answered);
	return w->last.status;
}

int world_get(struct world *w, const char *target)
{
	world_end(&w->last);
	world_begin(w, &w->last, "GET", target, NULL, NULL);
	return world_finish(w);
}

int world_post(struct world *w, const char *target, const char *key, const char *body)
{
	world_end(&w->last);
	world_begin(w, &w->last, "POST", target, key, body);
	return world_finish(w);
}

int world_operate(struct world *w, int64_t uid, const char *target, const char *body)
{
	world_end(&w->last);
	world_begin(w, &w->last, "POST", target, NULL, body);
	w->last.call.roles = CALL_ROLE_OPERATOR;
	w->last.call.client = TEXT("");
	w->last.call.uid = uid;
	return world_finish(w);
}

int world_as(struct world *w, unsigned roles, const char *client, const char *target)
{
	world_end(&w->last);
	world_begin(w, &w->last, "GET", target, NULL, NULL);
	w->last.call.roles = roles;
	w->last.call.client = text_of(client);
	return world_finish(w);
}

int world_order(struct world *w, unsigned roles, const char *target, const char *body)
{
	world_end(&w->last);
	world_begin(w, &w->last, "POST", target, NULL, body);
	w->last.call.roles = roles;
	w->last.call.client = TEXT("desk");
	return world_finish(w);
}

/* ---- answers ---- */

static const json_t *world_member(const struct world *w, const char *path)
{
	const json_t *value = w->last.json;
	char name[64];

	while (*path != '\0' && value != NULL) {
		size_t size = strcspn(path, ".");

		assert_true(size < sizeof(name));
		memcpy(name, path, size);
		name[size] = '\0';
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10))
					     : json_object_get(value, name);
		path += size + (path[size] == '.' ? 1 : 0);
	}
	return value;
}

const char *world_text(const struct world *w, const char *path)
{
	const char *string = json_string_value(world_member(w, path));

	return string != NULL ? string : "";
}

int64_t world_number(const struct world *w, const char *path)
{
	const json_t *value = world_member(w, path);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

size_t world_count(const struct world *w, const char *path)
{
	return json_array_size(world_member(w, path));
}
