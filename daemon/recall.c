/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Attempts of the copy's last day are asked about again, be they final; gateways that can list what
 * they took are asked for all of it, page by page, and each movement is booked as if a message had
 * brought it: known is a repetition, what fits nothing we know goes to suspense whole.  That is
 * done after each start for a week after the resumption, which costs little and can book nothing
 * twice.
 */
#include "daemon/recall.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/booking.h"
#include "daemon/errand.h"
#include "daemon/session.h"

enum {
	RECALL_MAGIC = 0x7ECA1100,
	RECALL_TICK_MS = 1000,
	RECALL_AGAIN_S = 86400,     /* before the copy's end: what is asked about again */
	RECALL_MARGIN_S = 600,      /* a gateway's clock may be so far behind ours */
	RECALL_WATCH_S = 7 * 86400, /* after the resumption */
};

/* One gateway's list. */
struct recall_lane {
	unsigned magic;
	struct engine *engine;
	struct engine_gateway *gateway;
	bool under_way;
	bool due;
	int64_t due_at; /* Unix seconds */
	int32_t tries;
	char after[ALYM_OPERATION_MAX + 1];
	struct session *session;
	struct carry carry; /* texts of the page */
	struct alym_listed listed[ALYM_LISTED_MAX];
	size_t count;
	size_t booked; /* of them */
	char next[ALYM_OPERATION_MAX + 1];
	struct buffer evidence; /* the page as it came */
	struct booking *booking;
	int64_t total;
};

struct recall {
	bool resumed; /* lately */
	struct generation_row generation;
	struct recall_lane lanes[ENGINE_GATEWAYS_MAX];
};

struct recall *recall_new(void)
{
	return mem_new(1, sizeof(struct recall));
}

static void recall_page_done(struct recall_lane *lane)
{
	carry_done(&lane->carry);
	buffer_done(&lane->evidence);
	lane->count = 0;
	lane->booked = 0;
}

void recall_free(struct recall **recall)
{
	assert(recall != NULL);

	if (*recall == NULL) {
		return;
	}
	for (size_t i = 0; i < ENGINE_GATEWAYS_MAX; i++) {
		assert(!(*recall)->lanes[i].under_way);
		recall_page_done(&(*recall)->lanes[i]);
	}
	free(*recall);
	*recall = NULL;
}

/* ---- a list ---- */

static void recall_over(struct recall_lane *lane)
{
	recall_page_done(lane);
	lane->under_way = false;
	lane->engine->under_way--;
}

static void recall_later(struct recall_lane *lane)
{
	lane->due = true;
	lane->due_at = engine_now(lane->engine) + errand_delay_s(lane->tries);
	lane->tries++;
	recall_over(lane);
}

static void recall_log(struct recall_lane *lane, enum ports_level level, const char *event,
	const char *why)
{
	char total[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(lane->gateway->name) },
		{ "movements", engine_number(lane->total, total) },
		{ "why", text_of(why) },
	};

	engine_log(lane->engine, level, event, fields, why[0] != '\0' ? 3 : 2);
}

/* When a movement was told, as far as its day is concerned: at its own time, which the window for
 * those who speak of today would not believe.  No list is believed beyond what it was asked. */
static int64_t recall_time(const struct recall_lane *lane, const struct alym_listed *listed)
{
	int64_t now = engine_now(lane->engine);
	int64_t since = lane->engine->recall->generation.since - RECALL_AGAIN_S;

	return listed->paid_at >= since && listed->paid_at <= now ? listed->paid_at : now;
}

/* Starts to book the next movement of the page; false: there is none. */
static bool recall_book(struct recall_lane *lane, booking_done_fn *done)
{
	const struct alym_listed *listed = &lane->listed[lane->booked];
	struct alym_verdict said = { .kind = ALYM_DONE };
	struct job_verdict *job;

	if (lane->booked == lane->count) {
		return false;
	}
	said.order = listed->order;
	said.code = listed->code;
	said.amount = listed->amount;
	said.operation = listed->operation;
	said.paid = listed->paid_at > 0 ? ALYM_PAID_INSTANT : ALYM_PAID_UNSTATED;
	said.paid_at = listed->paid_at;
	lane->booking = booking_new(lane->engine, lane->gateway, ALYM_OPERATION_STATUS, &said,
		recall_time(lane, listed));
	lane->booking->done = done;
	lane->booking->context = lane;
	job = &lane->booking->job.u.verdict;
	job->evidence = buffer_text(&lane->evidence);
	job->next_at = engine_now(lane->engine) + errand_delay_s(0);
	booking_submit(lane->booking);
	return true;
}

/* The page is in the book. */
static void recall_turn(struct recall_lane *lane)
{
	lane->tries = 0;
	memcpy(lane->after, lane->next, sizeof(lane->after));
	if (lane->after[0] != '\0') {
		lane->due = true;
		lane->due_at = engine_now(lane->engine);
	} else {
		recall_log(lane, PORTS_INFO, "recall.listed", "");
	}
	recall_over(lane);
}

static void recall_booked(struct booking *booking)
{
	struct recall_lane *lane = booking->context;
	enum job_outcome outcome = booking->job.outcome;

	assert(lane->magic == RECALL_MAGIC);

	booking_free(&lane->booking);
	if (outcome != JOB_DONE && outcome != JOB_REPEATED && outcome != JOB_MISMATCH) {
		recall_log(lane, PORTS_WARNING, "recall.not_booked", "the list is asked for again");
		recall_later(lane);
		return;
	}
	lane->booked++;
	lane->total++;
	if (!recall_book(lane, recall_booked)) {
		recall_turn(lane);
	}
}

static void recall_take(struct recall_lane *lane, const struct alym_action *action)
{
	bool fits = text_copy(action->listed_next, lane->next, sizeof(lane->next));

	assert(fits);
	(void)fits;
	for (size_t i = 0; i < action->listed_count; i++) {
		lane->listed[i] = action->listed[i];
		lane->listed[i].order = carry_text(&lane->carry, action->listed[i].order);
		lane->listed[i].code = carry_text(&lane->carry, action->listed[i].code);
		lane->listed[i].operation = carry_text(&lane->carry, action->listed[i].operation);
	}
	lane->count = action->listed_count;
	lane->booked = 0;
}

static void recall_act(struct session *session, const struct alym_action *action, void *context)
{
	struct recall_lane *lane = context;

	assert(lane->magic == RECALL_MAGIC);
	assert(session == lane->session);

	if (action == NULL || action->kind != ALYM_ACTION_LISTED) {
		char why[ALYM_REASON_MAX + 1] = "the gateway broke the rules";

		if (action != NULL) {
			(void)snprintf(why, sizeof(why), "%.*s", TEXT_ARGS(action->verdict.reason));
		}
		session_free(&lane->session);
		recall_log(lane, PORTS_WARNING, "recall.not_listed", why);
		recall_later(lane);
		return;
	}
	buffer_init(&lane->evidence, JOB_EVIDENCE_MAX);
	(void)session_evidence(session, &lane->evidence);
	recall_take(lane, action);
	session_free(&lane->session);
	if (!recall_book(lane, recall_booked)) {
		recall_turn(lane);
	}
}

static void recall_ask(struct recall_lane *lane)
{
	const struct alym_list list = {
		.since = lane->engine->recall->generation.since - RECALL_MARGIN_S,
		.after = text_of(lane->after),
	};
	const struct session_plan plan = {
		.gateway = lane->gateway,
		.operation = ALYM_OPERATION_LIST,
		.list = &list,
		.act = recall_act,
		.context = lane,
	};

	lane->due = false;
	lane->under_way = true;
	lane->engine->under_way++;
	lane->session = session_new(lane->engine, &plan);
	session_start(lane->session);
}

int64_t recall_tick(struct engine *engine)
{
	struct recall *recall = engine->recall;

	if (!recall->resumed || engine->failed || engine->draining || !inbox_is_open(engine)) {
		return RECALL_TICK_MS;
	}
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		struct recall_lane *lane = &recall->lanes[i];

		if (lane->due && lane->gateway->number > 0 && lane->due_at <= engine_now(engine)) {
			recall_ask(lane);
		}
	}
	return RECALL_TICK_MS;
}

/* ---- since when ---- */

struct recall_load {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	bool read;
	enum reader_result result;
	struct generation_row generation;
	struct reader_page page;
	struct err err;
	struct waiting_attempt attempts[READER_ROWS_MAX];
};

static void recall_load_run(struct reader *reader, struct query *query)
{
	struct recall_load *load = (struct recall_load *)query;

	assert(load->magic == RECALL_MAGIC);

	load->result = reader_generation(reader, &load->generation, &load->err);
	load->read =
		load->result == READER_ABSENT ||
		(load->result == READER_FOUND &&
			reader_attempts_since(reader, load->generation.since - RECALL_AGAIN_S,
				load->generation.record, &load->page, load->attempts, &load->err));
}

static void recall_set(struct engine *engine, const struct generation_row *generation)
{
	struct recall *recall = engine->recall;

	recall->resumed = engine_now(engine) - generation->booked_at < RECALL_WATCH_S;
	recall->generation = *generation;
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		struct recall_lane *lane = &recall->lanes[i];

		lane->magic = RECALL_MAGIC;
		lane->engine = engine;
		lane->gateway = &engine->settings.gateways[i];
		lane->due = lane->gateway->plugin->lists;
		lane->due_at = 0;
	}
}

static void recall_load_done(struct query *query)
{
	struct recall_load *load = (struct recall_load *)query;
	struct engine *engine = load->engine;
	bool first = load->page.after == 0;

	assert(load->magic == RECALL_MAGIC);

	engine_query_done(engine);
	if (!load->read && !engine->failed) {
		engine_fail(engine, load->err.message);
	}
	if (!load->read || load->result != READER_FOUND) {
		free(load);
		return;
	}
	if (first) {
		recall_set(engine, &load->generation);
	}
	for (size_t i = 0; i < load->page.count && engine->recall->resumed; i++) {
		dispatch_ask(engine, load->attempts[i].attempt, load->attempts[i].gateway,
			engine_now(engine));
	}
	if (load->page.count < READER_ROWS_MAX || !engine->recall->resumed) {
		free(load);
		return;
	}
	load->page.after = load->attempts[load->page.count - 1].attempt;
	load->read = false;
	engine_query(engine, &load->query);
}

void recall_begin(struct engine *engine)
{
	struct recall_load *load = mem_new(1, sizeof(*load));

	load->magic = RECALL_MAGIC;
	load->engine = engine;
	load->page.limit = READER_ROWS_MAX;
	load->query.run = recall_load_run;
	load->query.done = recall_load_done;
	engine_query(engine, &load->query);
}

const char *recall_unlisted(struct engine *engine, char since[DATE_TIME_TEXT_SIZE])
{
	const struct recall *recall = engine->recall;

	if (!recall->resumed ||
		engine_now(engine) - recall->generation.booked_at >= RECALL_WATCH_S) {
		return NULL;
	}
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		if (!engine->settings.gateways[i].plugin->lists) {
			(void)date_time_format(recall->generation.since, since);
			return engine->settings.gateways[i].name;
		}
	}
	return NULL;
}
