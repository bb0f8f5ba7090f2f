/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/daemon/stage.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/origin.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"

enum { STAGE_RUN_MAX = 200000, STAGE_TICK_S = 60, STAGE_ACCOUNTS_MAX = 64 };

enum stage_kind { STAGE_JOB, STAGE_QUERY, STAGE_EXCHANGE };

struct stage_item {
	enum stage_kind kind;
	bool half; /* committed, or served: only the engine does not know yet */
	struct job *job;
	struct query *query;
	struct exchange *exchange;
	char answer[KASSA_ANSWER_SIZE];
	struct stage_item *next;
};

/* ---- ports ---- */

static struct stage_item *stage_add(struct stage *s, enum stage_kind kind)
{
	struct stage_item *item = mem_new(1, sizeof(*item));
	struct stage_item **at = &s->items;

	while (*at != NULL) {
		at = &(*at)->next;
	}
	item->kind = kind;
	*at = item;
	return item;
}

static void stage_port_submit(void *world, struct job *job)
{
	stage_add(world, STAGE_JOB)->job = job;
}

static void stage_port_query(void *world, struct query *query)
{
	stage_add(world, STAGE_QUERY)->query = query;
}

static void stage_port_exchange(void *world, struct exchange *exchange)
{
	struct stage *s = world;

	stage_add(s, STAGE_EXCHANGE)->exchange = exchange;
	s->exchanges++;
	s->exchanges_max = s->exchanges > s->exchanges_max ? s->exchanges : s->exchanges_max;
}

static int64_t stage_port_now(void *world)
{
	return ((struct stage *)world)->now;
}

static int64_t stage_port_now_ms(void *world)
{
	return ((struct stage *)world)->now * 1000;
}

static int64_t stage_port_disk_free(void *world)
{
	(void)world;
	return INT64_C(1) << 40;
}

static void stage_port_random(void *world, void *bytes, size_t size)
{
	struct stage *s = world;
	unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		s->random = s->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		byte[i] = (unsigned char)(s->random >> 56);
	}
}

static void stage_port_log(void *world, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	struct stage *s = world;
	size_t size = strlen(event);

	if (getenv("STAGE_LOG") != NULL) {
		(void)fprintf(stderr, "%d %s", (int)level, event);
		for (size_t i = 0; i < count; i++) {
			(void)fprintf(stderr, " %s=%.*s", fields[i].name,
				TEXT_ARGS(fields[i].value));
		}
		(void)fprintf(stderr, "\n");
	}
	if (!s->crashing && s->log_size + size + 2 < sizeof(s->log)) {
		s->log[s->log_size++] = '\n';
		memcpy(s->log + s->log_size, event, size);
		s->log_size += size;
		s->log[s->log_size] = '\n';
	}
}

/* ---- making and unmaking ---- */

static void stage_add_gateway(struct stage *s, const char *name, struct kassa_settings *state)
{
	struct engine_gateway *g = &s->settings.gateways[s->settings.gateway_count++];

	(void)snprintf(g->name, sizeof(g->name), "%s", name);
	g->plugin = &kassa_gateway;
	g->state = kassa_state(state);
	g->zone = s->almaty;
	g->timeout_ms = 10000;
	g->window_s = 3600;
	g->calls_per_second = STAGE_CALLS_PER_SECOND;
	g->rule = (struct routing_rule){ .method = ROUTING_CARD,
		.rank = (int64_t)s->settings.gateway_count };
	assert_true(origin_add(g, TEXT("https://bank.test")));
}

static void stage_make_settings(struct stage *s)
{
	s->settings = (struct engine_settings){
		.public_url = "https://pay.example.kz",
		.rates_url = s->rates_url,
		.peer_calls_per_second = STAGE_CALLS_PER_SECOND,
		.payment_days = 3,
		.session_s = 1200,
		.checkpoint_s = 600,
		.inbox_days = 30,
		.inbox_max = 1000,
		.disk_reserve = 1000,
		.generation = book_generation(s->book),
		.client_count = 1,
	};
	book_keys(s->book, &s->settings.keys);
	(void)snprintf(s->settings.clients[0].name, JOB_NAME_MAX, "portal");
	stage_add_gateway(s, "kassa", &s->kassa);
	stage_add_gateway(s, "other", &s->other);
}

static void stage_open(struct stage *s)
{
	struct book_options options = {
		.path = s->path,
		.origin = "alym.test/book",
		.now = s->now,
	};
	const struct ports ports = {
		.world = s,
		.now = stage_port_now,
		.now_ms = stage_port_now_ms,
		.random = stage_port_random,
		.submit = stage_port_submit,
		.query = stage_port_query,
		.exchange = stage_port_exchange,
		.log = stage_port_log,
		.disk_free = stage_port_disk_free,
	};
	struct err err = { 0 };

	stage_port_random(s, options.random, sizeof(options.random));
	memset(options.seed, 7, sizeof(options.seed));
	if (!book_open(&options, &s->book, &err) || !reader_open(s->path, NULL, &s->reader, &err)) {
		fail_msg("%s", err.message);
	}
	stage_make_settings(s);
	s->engine = engine_new(&ports, &s->settings, s->almaty);
	if (!engine_use_tariff(s->engine, s->fixture.files, s->fixture.count, "start", &err)) {
		fail_msg("%s", err.message);
	}
	engine_begin(s->engine);
}

struct stage *stage_new(int64_t now)
{
	struct stage *s = mem_new(1, sizeof(*s));

	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/alym_stage_XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(s->path, sizeof(s->path), "%.200s/book", s->folder);
	s->now = now;
	s->bank.now = now;
	s->random = 42;
	s->almaty = almaty_zone();
	fixture_open(ALYM_TARIFF_DATA, &s->fixture);
	stage_open(s);
	stage_run(s);
	assert_true(s->engine->ready);
	return s;
}

/* Everything comes back to the engine, and none of it happened. */
static void stage_return_all(struct stage *s)
{
	while (s->items != NULL) {
		struct stage_item *item = s->items;

		s->items = item->next;
		if (item->kind == STAGE_JOB) {
			item->job->outcome = JOB_FAILED;
			item->job->done(item->job);
		} else if (item->kind == STAGE_QUERY) {
			item->query->done(item->query);
		} else {
			s->exchanges--;
			item->exchange->result = EXCHANGE_PERHAPS_SENT;
			item->exchange->answer = TEXT("");
			item->exchange->done(item->exchange);
		}
		free(item);
	}
}

static void stage_close(struct stage *s)
{
	s->crashing = true;
	engine_fail(s->engine, "crash");
	stage_return_all(s);
	(void)engine_tick(s->engine);
	stage_return_all(s);
	engine_free(&s->engine);
	reader_close(&s->reader);
	book_close(&s->book);
	s->crashing = false;
}

void stage_crash(struct stage *s)
{
	s->crashes++;
	stage_close(s);
	stage_open(s);
}

void stage_free(struct stage **stage)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct stage *s = *stage;
	char path[STAGE_PATH_SIZE + 8];

	*stage = NULL;
	stage_close(s);
	fixture_close(&s->fixture);
	zone_free(&s->almaty);
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s->path, suffixes[i]);
		(void)unlink(path);
	}
	(void)rmdir(s->folder);
	free(s);
}

/* ---- steps ---- */

static void stage_commit(struct stage *s, struct job *job)
{
	struct err err = { 0 };

	job->next = NULL;
	if (!book_commit(s->book, job, &err)) {
		fail_msg("%s", err.message);
	}
}

/* Takes the oldest thing one stage further; true when it is finished. */
static bool stage_advance(struct stage *s, struct stage_item *item)
{
	if (item->kind == STAGE_QUERY) {
		query_run_whole(item->query, s->reader);
		item->query->again = s->forgets;
		item->query->done(item->query);
		return true;
	}
	if (!item->half) {
		item->half = true;
		if (item->kind == STAGE_JOB) {
			stage_commit(s, item->job);
		} else {
			s->bank.now = s->now;
			bank_serve(&s->bank, item->exchange, item->answer);
		}
		return false;
	}
	if (item->kind == STAGE_JOB) {
		item->job->done(item->job);
	} else {
		s->exchanges--;
		item->exchange->done(item->exchange);
	}
	return true;
}

bool stage_step(struct stage *s)
{
	struct stage_item *item = s->items;

	if (item == NULL) {
		return false;
	}
	s->steps++;
	if (s->steps == s->crash_at) {
		s->crash_at += s->crash_every;
		stage_crash(s);
		return true;
	}
	/* Out of the queue first: what it leads to is put behind the rest. */
	s->items = item->next;
	item->next = NULL;
	if (stage_advance(s, item)) {
		free(item);
	} else {
		item->next = s->items;
		s->items = item;
	}
	return true;
}

void stage_run(struct stage *s)
{
	int64_t steps = 0;

	do {
		while (stage_step(s)) {
			assert_true(++steps < STAGE_RUN_MAX);
		}
		(void)engine_tick(s->engine);
	} while (s->items != NULL);
}

void stage_sleep(struct stage *s, int64_t seconds)
{
	while (seconds > 0) {
		int64_t step = seconds < STAGE_TICK_S ? seconds : STAGE_TICK_S;

		s->now += step;
		s->bank.now = s->now;
		seconds -= step;
		stage_run(s);
	}
}

/* ---- calls ---- */

static void stage_answer(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count, struct text body)
{
	struct stage_call *c = (struct stage_call *)(void *)call;
	const struct stage *s = call->context;
	const struct call said = { .headers = headers, .header_count = header_count };

	c->answers++;
	assert_int_equal(c->answers, 1);
	if (s->crashing) {
		return; /* the peer sees a reset */
	}
	c->status = status;
	(void)snprintf(c->content_type, sizeof(c->content_type), "%s", content_type);
	assert_true(
		text_copy(call_header(&said, "Location", NULL), c->location, sizeof(c->location)));
	assert_true(text_copy(call_header(&said, "Retry-After", NULL), c->retry_after,
		sizeof(c->retry_after)));
	assert_true(text_copy(call_header(&said, "Content-Security-Policy", NULL), c->policy,
		sizeof(c->policy)));
	assert_true(text_copy(body, c->body, sizeof(c->body)));
	c->body_size = body.size;
}

static void stage_add_header(struct stage_call *c, const char *name, const char *value)
{
	assert_true(c->call.header_count < STAGE_HEADERS_MAX);
	c->headers[c->call.header_count++] = (struct call_header){ text_of(name), text_of(value) };
}

void stage_begin(struct stage *s, struct stage_call *c, enum call_face face, const char *method,
	const char *path, const char *body)
{
	struct call *call = &c->call;

	memset(c, 0, sizeof(*c));
	(void)snprintf(c->path, sizeof(c->path), "%s", path);
	(void)snprintf(c->body_in, sizeof(c->body_in), "%s", body);
	call->face = face;
	call->roles = face == CALL_SOCKET ? CALL_ROLE_SERVICE : 0;
	call->client = face == CALL_SOCKET ? TEXT("portal") : TEXT("");
	call->method = text_of(method);
	call->path = text_of(c->path);
	call->query = TEXT("");
	call->headers = c->headers;
	call->body = text_of(c->body_in);
	call->peer = TEXT("192.0.2.7");
	call->answer = stage_answer;
	call->context = s;
	stage_add_header(c, "Accept-Language", "en");
	if (body[0] != '\0' && face == CALL_SOCKET) {
		stage_add_header(c, "Content-Type", "application/json");
	}
}

int stage_call(struct stage *s, struct stage_call *c, enum call_face face, const char *method,
	const char *path, const char *body)
{
	stage_begin(s, c, face, method, path, body);
	engine_call(s->engine, &c->call);
	stage_run(s);
	assert_int_equal(c->answers, 1);
	return c->status;
}

int stage_message(struct stage *s, struct stage_call *c, const char *format, ...)
{
	char body[1024];
	va_list args;

	va_start(args, format);
	assert_true(vsnprintf(body, sizeof(body), format, args) < (int)sizeof(body));
	va_end(args);
	return stage_call(s, c, CALL_HTTPS, "POST", "/callbacks/kassa", body);
}

/* ---- payments ---- */

int stage_post(struct stage *s, struct stage_call *c, const char *path, const char *key,
	const char *body)
{
	stage_begin(s, c, CALL_SOCKET, "POST", path, body);
	stage_add_header(c, "Idempotency-Key", key);
	engine_call(s->engine, &c->call);
	stage_run(s);
	return c->status;
}

void stage_look(struct stage *s, struct stage_payment *p)
{
	struct payment_view view;
	struct err err = { 0 };

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, p->number, READER_LATEST, &view, &err),
		READER_FOUND);
	(void)snprintf(p->code, sizeof(p->code), "%s", view.code);
	(void)snprintf(p->state, sizeof(p->state), "%s", payment_state_name(view.state));
	p->due = view.due.minor;
	p->attempts = (int64_t)view.attempt_count;
	p->attempt[0] = '\0';
	if (view.attempt_count > 0) {
		const struct attempt_view *a = &view.attempts[view.attempt_count - 1];

		p->last_attempt = a->number;
		(void)snprintf(p->attempt, sizeof(p->attempt), "%s", attempt_state_name(a->state));
		memcpy(p->order, a->order, sizeof(p->order));
		(void)reader_attempt_token(s->reader, a, p->token);
	}
	payment_view_done(&view);
}

static void stage_read_id(const struct stage_call *c, struct stage_payment *p)
{
	json_t *root = json_loads(c->body, 0, NULL);
	const char *value = json_string_value(json_object_get(root, "id"));
	struct id id;

	assert_non_null(value);
	(void)snprintf(p->id, sizeof(p->id), "%s", value);
	json_decref(root);
	assert_true(id_parse(text_of(p->id), ID_PAYMENT, &id));
	p->number = id.number;
}

static const char *stage_target(const char *gateway, char out[64])
{
	bool method = strncmp(gateway, "method=", 7) == 0;

	(void)snprintf(out, 64, "\"%s\":\"%s\"", method ? "method" : "gateway",
		gateway + (method ? 7 : 0));
	return out;
}

void stage_create(struct stage *s, const char *key, const char *service, const char *gateway,
	struct stage_payment *p)
{
	struct stage_call c;
	char body[1024];
	char order[256] = "";
	char target[64];

	memset(p, 0, sizeof(*p));
	if (gateway != NULL) {
		(void)snprintf(order, sizeof(order),
			",\"return_url\":\"https://portal.kz/back\",%s",
			stage_target(gateway, target));
	}
	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"%s\"}%s}", key, service, order);
	do { /* a client repeats what was not answered */
		(void)stage_post(s, &c, "/v1/payments", key, body);
	} while (c.status == 0);
	if (c.status != 201) {
		fail_msg("create: %d %s", c.status, c.body);
	}
	stage_read_id(&c, p);
	stage_look(s, p);
}

int stage_attempt(struct stage *s, struct stage_payment *p, const char *key, const char *gateway)
{
	struct stage_call c;
	char path[128];
	char body[256];
	char target[64];

	(void)snprintf(path, sizeof(path), "/v1/payments/%s/attempts", p->id);
	(void)snprintf(body, sizeof(body), "{%s,\"return_url\":\"https://portal.kz/back\"}",
		stage_target(gateway, target));
	(void)stage_post(s, &c, path, key, body);
	stage_look(s, p);
	return c.status;
}

int stage_cancel(struct stage *s, struct stage_payment *p, const char *key)
{
	struct stage_call c;
	char path[128];

	(void)snprintf(path, sizeof(path), "/v1/payments/%s/cancel", p->id);
	(void)stage_post(s, &c, path, key, "{\"reason\":\"changed mind\"}");
	stage_look(s, p);
	return c.status;
}

/* ---- the book ---- */

static size_t stage_accounts(struct stage *s, struct account_row rows[STAGE_ACCOUNTS_MAX])
{
	struct err err = { 0 };
	struct reader_page page = { .limit = STAGE_ACCOUNTS_MAX };

	assert_true(reader_accounts(s->reader, &page, rows, &err));
	assert_true(page.count < STAGE_ACCOUNTS_MAX);
	return page.count;
}

int64_t stage_balance(struct stage *s, const char *account, const char *currency)
{
	struct account_row rows[STAGE_ACCOUNTS_MAX];
	size_t count = stage_accounts(s, rows);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, account) == 0 && strcmp(rows[i].currency, currency) == 0) {
			sum += rows[i].debit - rows[i].credit;
		}
	}
	return sum;
}

void stage_check(struct stage *s)
{
	struct account_row rows[STAGE_ACCOUNTS_MAX];
	size_t count = stage_accounts(s, rows);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		sum += strcmp(rows[i].currency, "KZT") == 0 ? rows[i].debit - rows[i].credit : 0;
	}
	assert_int_equal(sum, 0);
	assert_int_equal(stage_balance(s, "clearing:kassa", "KZT") +
				 stage_balance(s, "clearing:other", "KZT"),
		s->bank.taken);
}

int stage_logged(const struct stage *s, const char *event)
{
	char line[128];
	int count = 0;

	(void)snprintf(line, sizeof(line), "\n%s\n", event);
	for (const char *at = s->log; (at = strstr(at, line)) != NULL; at++) {
		count++;
	}
	return count;
}

int64_t stage_records(struct stage *s)
{
	struct reader_figures figures;
	struct err err = { 0 };

	assert_true(reader_figures(s->reader, &figures, &err));
	return figures.records;
}
