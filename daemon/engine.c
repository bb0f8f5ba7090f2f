/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/engine.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/activation.h"
#include "daemon/backup.h"
#include "daemon/engine_parts.h"
#include "daemon/fetch.h"
#include "daemon/network.h"
#include "daemon/problem.h"
#include "daemon/quotes.h"
#include "daemon/rates.h"
#include "daemon/recall.h"
#include "daemon/stream.h"
#include "ledger/digest.h"

enum { ENGINE_TICK_MS = 1000, ENGINE_LIMITED_MS = 60000, ENGINE_MAGIC = 0x64613E00 };

/* ---- what the parts use ---- */

int64_t engine_now(struct engine *engine)
{
	return engine->ports.now(engine->ports.world);
}

int32_t engine_today(struct engine *engine)
{
	return zone_day(engine->almaty, engine_now(engine));
}

void engine_submit(struct engine *engine, struct job *job)
{
	assert(job->done != NULL);

	job->now = engine_now(engine);
	job->today = zone_day(engine->almaty, job->now);
	job->next = NULL;
	engine->under_way++;
	engine->ports.submit(engine->ports.world, job);
}

void engine_query(struct engine *engine, struct query *query)
{
	assert(query->run != NULL);
	assert(query->done != NULL);

	query->next = NULL;
	engine->under_way++;
	engine->ports.query(engine->ports.world, query);
}

void engine_job_done(struct engine *engine, const struct job *job)
{
	assert(engine->under_way > 0);

	engine->under_way--;
	if (job->outcome == JOB_FAILED) {
		engine_fail(engine, "a commit failed");
		return;
	}
	if (job->outcome != JOB_DONE || job->kind == JOB_ASK) {
		return;
	}
	if (job->record != 0 && job->kind != JOB_CHECKPOINT) {
		engine->written++;
	}
	if (job->client != 0) {
		events_wake(engine, job->client);
	}
}

void engine_query_done(struct engine *engine)
{
	assert(engine->under_way > 0);

	engine->under_way--;
}

struct text engine_number(int64_t number, char out[ENGINE_NUMBER_SIZE])
{
	int size = snprintf(out, ENGINE_NUMBER_SIZE, "%" PRId64, number);

	assert(size > 0 && size < ENGINE_NUMBER_SIZE);
	return (struct text){ out, (size_t)size };
}

void engine_log(struct engine *engine, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	assert(event != NULL);

	engine->ports.log(engine->ports.world, level, event, fields, count);
}

struct engine_gateway *engine_gateway_by_number(struct engine *engine, int32_t number)
{
	for (size_t i = 0; i < engine->settings.gateway_count && number > 0; i++) {
		if (engine->settings.gateways[i].number == number) {
			return &engine->settings.gateways[i];
		}
	}
	return NULL;
}

struct engine_gateway *engine_gateway_by_name(struct engine *engine, struct text name)
{
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		if (text_is(name, engine->settings.gateways[i].name)) {
			return &engine->settings.gateways[i];
		}
	}
	return NULL;
}

size_t engine_gateway_index(const struct engine *engine, const struct engine_gateway *gateway)
{
	size_t index = (size_t)(gateway - engine->settings.gateways);

	assert(index < engine->settings.gateway_count);
	return index;
}

struct job_order_rule engine_order_rule(const struct engine_gateway *gateway)
{
	const struct alym_order_rule *order = &gateway->plugin->order;

	return (struct job_order_rule){ .digits_min = order->digits_min,
		.digits_max = order->digits_max,
		.suffix_daily = order->suffix_daily };
}

void engine_limit(struct engine *engine, const struct call *call, const char *whose)
{
	struct engine_limited *limited = &engine->limited;
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);

	engine->counts.limited++;
	limited->untold++;
	if (limited->told_ms == 0 || now_ms - limited->told_ms >= ENGINE_LIMITED_MS) {
		char count[ENGINE_NUMBER_SIZE];
		const struct ports_field fields[] = {
			{ "whose", text_of(whose) },
			{ "peer", call->peer },
			{ "calls", engine_number(limited->untold, count) },
		};

		engine_log(engine, PORTS_WARNING, "https.limited", fields,
			sizeof(fields) / sizeof(*fields));
		*limited = (struct engine_limited){ .told_ms = now_ms };
	}
}

int32_t engine_client_number(const struct engine *engine, struct text name)
{
	for (size_t i = 0; i < engine->settings.client_count; i++) {
		if (text_is(name, engine->settings.clients[i].name)) {
			return engine->settings.clients[i].number;
		}
	}
	return 0;
}

bool engine_is_restored(const struct engine *engine)
{
	return engine->settings.restored[0] != '\0';
}

/* ---- beginning ---- */

/* The book takes payments and messages from now on. */
static void engine_open(struct engine *engine)
{
	const struct ports_field fields[] = { { "why", text_of(engine->settings.restored) } };

	engine->ready = true;
	if (engine_is_restored(engine)) {
		engine_log(engine, PORTS_WARNING, "book.restored", fields, 1);
		return;
	}
	engine_log(engine, PORTS_INFO, "engine.ready", NULL, 0);
	inbox_begin(engine);
	dispatch_begin(engine);
	recall_begin(engine);
}

/* The first set is in the book. */
static void engine_activated(struct engine *engine, const struct job *job, void *context)
{
	(void)job;
	(void)context;

	if (!engine->failed) {
		engine_open(engine);
	}
}

struct engine_naming {
	unsigned magic;
	struct engine *engine;
	int32_t *number; /* where it is to stand */
	struct job job;
};

static void engine_resumed(struct engine *engine)
{
	if (!engine->failed) {
		engine_look_at_tariff(engine);
		engine_open(engine);
	}
}

/* The exchange rates are here: the tariff next, if there is one. */
static void engine_rated(struct engine *engine)
{
	struct activation *first = engine->first;

	if (engine_is_restored(engine) && !engine->failed) {
		activation_resume(engine,
			engine_resumed); /* the first waits until it can be booked */
		return;
	}
	engine->first = NULL;
	if (engine->failed) {
		activation_free(&first);
	} else if (first != NULL) {
		activation_start(first, engine_activated, NULL);
	} else if (engine->settings.activation != ENGINE_BY_RELOAD) {
		activation_resume(engine, engine_resumed);
	} else {
		engine_open(engine);
	}
}

static void engine_named_all(struct engine *engine)
{
	if (engine->failed) {
		engine_rated(engine);
	} else {
		rates_load(engine, engine_rated);
	}
}

static void engine_named(struct job *job)
{
	struct engine_naming *naming = job->context;
	struct engine *engine = naming->engine;

	assert(naming->magic == ENGINE_MAGIC);

	engine_job_done(engine, job);
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		*naming->number = job->u.name.number;
	} else {
		const struct ports_field fields[] = { { "name", job->u.name.name } };

		engine_log(engine, PORTS_ERROR, "engine.name_not_booked", fields, 1);
	}
	naming->magic = 0;
	free(naming);
	engine->names_left--;
	if (engine->names_left == 0) {
		engine_named_all(engine);
	}
}

static void engine_name(struct engine *engine, bool gateway, const char *name, int32_t *number)
{
	struct engine_naming *naming = mem_new(1, sizeof(*naming));

	naming->magic = ENGINE_MAGIC;
	naming->engine = engine;
	naming->number = number;
	naming->job.kind = JOB_NAME;
	naming->job.done = engine_named;
	naming->job.context = naming;
	naming->job.u.name.gateway = gateway;
	naming->job.u.name.name = text_of(name);
	engine->names_left++;
	engine_submit(engine, &naming->job);
}

/* ---- the engine ---- */

struct engine *engine_new(const struct ports *ports, const struct engine_settings *settings,
	const struct zone *almaty)
{
	struct engine *engine = mem_new(1, sizeof(*engine));

	assert(settings->gateway_count <= ENGINE_GATEWAYS_MAX);
	assert(settings->client_count <= ENGINE_CLIENTS_MAX);
	assert(almaty != NULL);

	engine->ports = *ports;
	engine->settings = *settings;
	engine->keys = settings->keys;
	if (settings->public_url != NULL) {
		assert(strlen(settings->public_url) <= ENGINE_PUBLIC_URL_MAX);
		engine->public_url =
			mem_copy(settings->public_url, strlen(settings->public_url) + 1);
		engine->settings.public_url = engine->public_url;
	}
	if (settings->rates_url != NULL) {
		engine->rates_url = mem_copy(settings->rates_url, strlen(settings->rates_url) + 1);
		engine->settings.rates_url = engine->rates_url;
	}
	engine->almaty = almaty;
	engine->fetch = fetch_new();
	engine->tariffs = tariffs_new();
	engine->quotes = quotes_new();
	engine->rates = rates_new();
	engine->digest = digest_new();
	engine->events = events_new();
	engine->sessions = sessions_new();
	engine->dispatch = dispatch_new();
	engine->inbox = inbox_new();
	engine->janitor = janitor_new();
	engine->recall = recall_new();
	engine->retention = retention_new();
	if (settings->peer_calls_per_second > 0) {
		uint64_t seed;

		ports->random(ports->world, &seed, sizeof(seed));
		engine->peers = bucket_table_new(seed);
	}
	return engine;
}

void engine_free(struct engine **engine)
{
	assert(engine != NULL);

	if (*engine == NULL) {
		return;
	}
	assert((*engine)->under_way == 0);
	assert((*engine)->streams == NULL);
	activation_free(&(*engine)->first);
	backup_free(&(*engine)->backup);
	verification_free(&(*engine)->verification);
	recall_free(&(*engine)->recall);
	bucket_table_free(&(*engine)->peers);
	fetch_free(&(*engine)->fetch);
	janitor_free(&(*engine)->janitor);
	retention_free(&(*engine)->retention);
	inbox_free(&(*engine)->inbox);
	dispatch_free(&(*engine)->dispatch);
	sessions_free(&(*engine)->sessions);
	events_free(&(*engine)->events);
	quotes_free(&(*engine)->quotes);
	rates_free(&(*engine)->rates);
	digest_free(&(*engine)->digest);
	tariffs_free(&(*engine)->tariffs);
	free((*engine)->public_url);
	free((*engine)->rates_url);
	free(*engine);
	*engine = NULL;
}

bool engine_use_tariff(struct engine *engine, const struct tariff_file *files, size_t count,
	const char *reason, struct err *err)
{
	struct activation *activation = activation_new(engine, files, count, reason, err);

	if (activation == NULL) {
		return false;
	}
	if (engine->ready && !engine_is_restored(engine)) {
		activation_start(activation, NULL, NULL);
	} else {
		activation_free(&engine->first);
		engine->first = activation;
	}
	return true;
}

void engine_look_at_tariff(struct engine *engine)
{
	assert(engine != NULL);

	if (engine->settings.activation != ENGINE_BY_RELOAD) {
		activation_look(engine);
	}
}

void engine_begin(struct engine *engine)
{
	assert(!engine->ready);
	assert(engine->names_left == 0);

	for (size_t i = 0; i < engine->settings.client_count; i++) {
		struct engine_client *client = &engine->settings.clients[i];

		engine_name(engine, false, client->name, &client->number);
	}
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		struct engine_gateway *gateway = &engine->settings.gateways[i];

		engine_name(engine, true, gateway->name, &gateway->number);
	}
	if (engine->names_left == 0) {
		engine_named_all(engine);
	}
}

void engine_resume(struct engine *engine, const struct job_resume *resumed)
{
	char generation[ENGINE_NUMBER_SIZE];
	char lost[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "generation", engine_number(resumed->generation, generation) },
		{ "lost", engine_number(resumed->lost, lost) },
		{ "reason", resumed->reason },
	};

	assert(engine_is_restored(engine));

	engine_log(engine, PORTS_WARNING, "book.resumed", fields, sizeof(fields) / sizeof(*fields));
	engine->settings.restored[0] = '\0';
	engine->settings.generation = resumed->generation;
	engine->keys = resumed->keys;
	engine->ready = false;
	if (!engine->failed) {
		engine_begin(engine);
	}
}

static void engine_end(struct engine *engine, const char *why)
{
	engine->failed = true;
	(void)snprintf(engine->failed_why, sizeof(engine->failed_why), "%s", why);
	sessions_fail(engine);
	events_wake(engine, 0);
	stream_stop_all(engine);
	verification_stop(engine);
}

void engine_fail(struct engine *engine, const char *why)
{
	const struct ports_field fields[] = { { "why", text_of(why) } };

	if (engine->failed) {
		return;
	}
	engine_log(engine, PORTS_ERROR, "book.failed", fields, 1);
	engine_end(engine, why);
}

void engine_stop(struct engine *engine)
{
	if (!engine->failed) {
		engine_end(engine, "stopped");
	}
}

bool engine_has_failed(const struct engine *engine)
{
	return engine->failed;
}

static bool engine_peer_may_call(struct engine *engine, const struct call *call)
{
	uint8_t address[NETWORK_ADDRESS_SIZE];

	network_read_address(call->peer, address);
	return engine->peers == NULL ||
	       bucket_table_take(engine->peers, address, engine->settings.peer_calls_per_second,
		       engine->ports.now_ms(engine->ports.world));
}

void engine_call(struct engine *engine, struct call *call)
{
	struct problem problem = { 0 };
	bool payer = text_starts(call->path, TEXT("/pay/"));

	engine->counts.calls++;
	if (call->face == CALL_SOCKET) {
		api_call(engine, call);
	} else if (!engine_peer_may_call(engine, call)) {
		engine_limit(engine, call, "peer");
		problem_set(&problem, PROBLEM_TOO_MANY_REQUESTS, "",
			"too many calls from this address");
		if (payer) {
			page_refuse(engine, call, problem_status(problem.code));
		} else {
			problem_answer(&problem, call);
		}
	} else if (text_starts(call->path, TEXT("/callbacks/"))) {
		inbox_call(engine, call);
	} else if (payer) {
		page_call(engine, call);
	} else {
		problem_set(&problem, PROBLEM_NOT_FOUND, "", "there is no such path");
		problem_answer(&problem, call);
	}
}

int64_t engine_tick(struct engine *engine)
{
	const int64_t waits_ms[] = { sessions_tick(engine), dispatch_tick(engine),
		janitor_tick(engine), events_tick(engine), fetch_tick(engine), backup_tick(engine),
		verification_tick(engine), recall_tick(engine) };
	int64_t next_ms = ENGINE_TICK_MS;

	if (engine->ready && engine->first != NULL &&
		!engine_is_restored(engine)) { /* given while the engine began */
		struct activation *first = engine->first;

		engine->first = NULL;
		activation_start(first, NULL, NULL);
	}
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(*waits_ms); i++) {
		next_ms = waits_ms[i] < next_ms ? waits_ms[i] : next_ms;
	}
	return next_ms > 0 ? next_ms : 0;
}

bool engine_drain(struct engine *engine)
{
	if (!engine->draining) {
		engine->draining = true;
		engine_log(engine, PORTS_INFO, "engine.draining", NULL, 0);
		events_wake(engine, 0);
		stream_stop_all(engine);
		verification_stop(engine);
	}
	return engine->under_way == 0;
}

const struct engine_counts *engine_counts(const struct engine *engine)
{
	return &engine->counts;
}
