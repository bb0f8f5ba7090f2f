/* SPDX-License-Identifier: Apache-2.0 */

/* What anybody may ask, also before the engine is ready: /livez, /readyz, /metrics, /openapi.json.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/date.h"
#include "daemon/api.h"
#include "daemon/openapi_json.h" /* generated from daemon/openapi.json */
#include "daemon/rates.h"
#include "daemon/warning.h"

#define API_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

void api_livez_get(struct api_request *r)
{
	struct problem problem = { 0 };

	if (r->engine->failed) {
		problem_set(&problem, PROBLEM_UNAVAILABLE, "", "%s", r->engine->failed_why);
		api_refuse(r->engine, r->call, &problem);
		return;
	}
	call_answer(r->call, 200, API_JSON, TEXT("{\"status\":\"alive\"}"));
}

void api_readyz_get(struct api_request *r)
{
	struct problem problem = { 0 };
	struct json_writer w;
	struct buffer out;

	if (engine_is_restored(r->engine) && r->engine->ready && !r->engine->failed &&
		!r->engine->draining) {
		problem_set(&problem, PROBLEM_BOOK_RESTORED, "",
			"restored, read only: %s; alymctl book resume",
			r->engine->settings.restored);
		api_refuse(r->engine, r->call, &problem);
		return;
	}
	if (r->engine->failed || !inbox_is_open(r->engine) || r->engine->draining) {
		problem_set(&problem, PROBLEM_UNAVAILABLE, "", "%s",
			r->engine->failed     ? "the book failed"
			: r->engine->draining ? "stopping"
					      : "still starting");
		api_refuse(r->engine, r->call, &problem);
		return;
	}
	buffer_init(&out, CALL_ANSWER_MAX);
	json_writer_init(&w, &out);
	json_open_object(&w, NULL);
	json_cstring(&w, "status", "ready");
	warning_write(r->engine, &w);
	json_close_object(&w);
	call_answer(r->call, 200, API_JSON, buffer_text(&out));
	buffer_done(&out);
}

void api_openapi_get(struct api_request *r)
{
	call_answer(r->call, 200, API_JSON,
		(struct text){ openapi_json, sizeof(openapi_json) - 1 });
}

/* ---- GET /metrics ---- */

struct api_metric {
	const char *name;
	const char *type;
	const char *help;
	int64_t value;
};

static void api_metrics_write(struct buffer *out, const struct api_metric *metrics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct api_metric *m = &metrics[i];

		buffer_printf(out, "# HELP alym_%s %s\n# TYPE alym_%s %s\nalym_%s %" PRId64 "\n",
			m->name, m->help, m->name, m->type, m->name, m->value);
	}
}

static void api_metrics_write_verdicts(struct buffer *out, const struct engine_counts *counts)
{
	static const char *const names[] = { "done", "pending", "declined", "not_attempted",
		"unknown" };

	_Static_assert(sizeof(names) / sizeof(*names) ==
			       sizeof(counts->verdicts) / sizeof(*counts->verdicts),
		"a name for each verdict");
	buffer_add_string(out, "# HELP alym_verdicts_total Verdicts of gateways.\n"
			       "# TYPE alym_verdicts_total counter\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		buffer_printf(out, "alym_verdicts_total{verdict=\"%s\"} %" PRId64 "\n", names[i],
			counts->verdicts[i]);
	}
}

static void api_metrics_write_warnings(struct engine *engine, struct buffer *out)
{
	char detail[WARNING_DETAIL_SIZE];

	buffer_add_string(out, "# HELP alym_warning Whether there is something to see to.\n"
			       "# TYPE alym_warning gauge\n");
	for (enum warning i = 0; i < WARNING_COUNT; i++) {
		buffer_printf(out, "alym_warning{code=\"%s\"} %d\n", warning_code(i),
			warning_is_due(engine, i, detail) ? 1 : 0);
	}
}

static void api_metrics_write_breakers(struct engine *engine, struct buffer *out)
{
	const int64_t now_ms = engine->ports.now_ms(engine->ports.world);

	buffer_add_string(out, "# HELP alym_gateway_breaker Whether new orders go to the gateway: "
			       "0 they do, 1 one tries it, 2 it rests.\n"
			       "# TYPE alym_gateway_breaker gauge\n");
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		buffer_printf(out, "alym_gateway_breaker{gateway=\"%s\"} %d\n",
			engine->settings.gateways[i].name,
			(int)breaker_state(&engine->breakers[i], now_ms));
	}
}

/* What the engine itself knows. */
static void api_metrics_write_engine(struct engine *engine, struct buffer *out)
{
	const struct engine_counts *c = &engine->counts;
	const struct tariff *tariff = tariffs_current(engine->tariffs);
	int32_t rates_day = rates_last_day(engine->rates);
	int64_t mrp_until = tariff != NULL ? tariff_mrp_until(tariff) * DATE_DAY_S : 0;
	const struct api_metric metrics[] = {
		{ "ready", "gauge", "Whether calls are served.",
			engine->ready && !engine->failed && !engine->draining },
		{ "book_restored", "gauge",
			"Whether the book was restored and only answers until it is resumed.",
			engine_is_restored(engine) },
		{ "book_generation", "gauge", "How often it was resumed, and one.",
			engine->settings.generation },
		{ "under_way", "gauge", "Jobs, queries and exchanges not yet done.",
			engine->under_way },
		{ "calls_total", "counter", "Calls received.", c->calls },
		{ "problems_total", "counter", "Calls answered with 400 or more.", c->problems },
		{ "polls_waiting", "gauge", "Calls that wait for events.",
			events_waiting(engine->events, 0) },
		{ "quotes_total", "counter", "Quotes given.", c->quotes },
		{ "payments_created_total", "counter", "Payments created.", c->payments },
		{ "callbacks_total", "counter", "Messages from gateways.", c->callbacks },
		{ "callbacks_refused_total", "counter", "Messages from gateways refused.",
			c->callbacks_refused },
		{ "https_limited_total", "counter", "Calls on HTTPS that came too often.",
			c->limited },
		{ "exchanges_total", "counter", "Requests to gateways.", c->exchanges },
		{ "exchange_failures_total", "counter", "Requests to gateways without an answer.",
			c->exchange_failures },
		{ "failovers_total", "counter", "Orders that followed one which was not attempted.",
			c->failovers },
		{ "captures_total", "counter", "Sums booked as paid.", c->captures },
		{ "suspense_total", "counter", "Sums put into suspense.", c->suspense },
		{ "erased_total", "counter", "Rows of private data and evidence erased.",
			c->erased },
		{ "disk_free_bytes", "gauge", "Bytes left where the book lies.",
			engine->ports.disk_free(engine->ports.world) },
		{ "tariff_mrp_until_timestamp_seconds", "gauge",
			"The last day for which an MRP for state duties is known.", mrp_until },
		{ "rates_last_day_timestamp_seconds", "gauge",
			"The last day for which exchange rates are known; 0: none.",
			rates_day != DATE_NONE ? rates_day * DATE_DAY_S : 0 },
	};

	api_metrics_write(out, metrics, sizeof(metrics) / sizeof(*metrics));
	api_metrics_write_verdicts(out, c);
	api_metrics_write_warnings(engine, out);
	api_metrics_write_breakers(engine, out);
}

static void api_metrics_run(struct reader *reader, struct api_query *query)
{
	struct reader_figures f = { 0 };

	if (!reader_figures(reader, &f, &query->err)) {
		api_query_fail(query);
		return;
	}
	{
		const struct api_metric metrics[] = {
			{ "records", "gauge", "Records in the book.", f.records },
			{ "entries", "gauge", "Entries in the book.", f.entries },
			{ "payments", "gauge", "Payments in the book.", f.payments },
			{ "inbox_messages", "gauge", "Messages kept and not verified.", f.inbox },
			{ "suspense_open", "gauge", "Sums in suspense without a home.",
				f.suspense },
			{ "book_log_bytes", "gauge", "Size of the book's write-ahead log.",
				f.log_bytes },
		};

		api_metrics_write(&query->out, metrics, sizeof(metrics) / sizeof(*metrics));
	}
}

void api_metrics_get(struct api_request *r)
{
	struct api_query *q = api_query_new(r, sizeof(*q), api_metrics_run);

	q->content_type = API_METRICS_TYPE;
	api_metrics_write_engine(r->engine, &q->out);
	if (r->engine->ready && !r->engine->failed && !r->engine->draining) {
		api_query_start(q);
	} else {
		api_query_answer(q);
	}
}
