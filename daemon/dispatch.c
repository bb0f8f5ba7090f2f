/* SPDX-License-Identifier: Apache-2.0 */

/*
 * dispatch - when to speak to which gateway about which attempt.
 *
 * Orders leave the outbox as soon as they are committed, questions are asked when they are due, and
 * no gateway gets more than a few conversations at once.  After a start what waits is read from the
 * book: what was CREATED is sent, what was SENT is asked about at once, the rest when it is due.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "daemon/errand.h"
#include "daemon/schedule.h"

enum {
	DISPATCH_MAGIC = 0x515BA7C4,
	DISPATCH_IN_FLIGHT_MAX = 64, /* conversations with one gateway at once, */
	DISPATCH_ASKS_MAX = 48,      /* of them questions: a bank that is slow to answer them ... */
	DISPATCH_TICK_MS = 1000,
};

/* What goes to one gateway. */
struct dispatch_lane {
	struct schedule *schedule;
	int in_flight;
	int asks; /* of them */
};

_Static_assert((int)DISPATCH_ASKS_MAX < (int)DISPATCH_IN_FLIGHT_MAX,
	"... still gets new orders: their payers wait");

struct dispatch {
	struct dispatch_lane lanes[ENGINE_GATEWAYS_MAX];
};

struct dispatch *dispatch_new(void)
{
	struct dispatch *dispatch = mem_new(1, sizeof(*dispatch));

	for (size_t i = 0; i < ENGINE_GATEWAYS_MAX; i++) {
		dispatch->lanes[i].schedule = schedule_new();
	}
	return dispatch;
}

void dispatch_free(struct dispatch **dispatch)
{
	assert(dispatch != NULL);

	if (*dispatch == NULL) {
		return;
	}
	for (size_t i = 0; i < ENGINE_GATEWAYS_MAX; i++) {
		schedule_free(&(*dispatch)->lanes[i].schedule);
	}
	free(*dispatch);
	*dispatch = NULL;
}

static struct dispatch_lane *dispatch_lane(struct engine *engine,
	const struct engine_gateway *gateway)
{
	return &engine->dispatch->lanes[engine_gateway_index(engine, gateway)];
}

/* Starts what is due.  Gives the seconds until the next is; negative: nothing waits for time.  An
 * order that is not due (the book could not be written) holds the questions up, too: their answers
 * could not be booked either. */
static int64_t dispatch_pump(struct engine *engine, struct engine_gateway *gateway)
{
	struct dispatch_lane *lane = dispatch_lane(engine, gateway);
	int64_t now = engine_now(engine);
	struct schedule_entry *entry;

	if (!engine->ready || engine->draining || engine->failed) {
		return -1;
	}
	while ((entry = schedule_first(lane->schedule)) != NULL &&
		lane->in_flight < DISPATCH_IN_FLIGHT_MAX) {
		if (entry->due > now) {
			return entry->due - now;
		}
		if (!entry->send && lane->asks == DISPATCH_ASKS_MAX) {
			return -1;
		}
		schedule_take(lane->schedule, entry);
		lane->in_flight++;
		lane->asks += entry->send ? 0 : 1;
		entry->asks = !entry->send;
		errand_start(engine, gateway, entry);
	}
	return -1;
}

void dispatch_over(struct engine *engine, struct engine_gateway *gateway,
	struct schedule_entry *entry, int64_t next)
{
	struct dispatch_lane *lane = dispatch_lane(engine, gateway);
	int64_t soon = entry->seen_at + ERRAND_GAP_S;

	assert(lane->in_flight > 0);
	assert(entry->place == SCHEDULE_TAKEN);

	lane->in_flight--;
	lane->asks -= entry->asks ? 1 : 0;
	if (entry->hinted) { /* at news that may be younger than the answer */
		entry->hinted = false;
		entry->forced = true;
		next = next != 0 && next < soon ? next : soon;
	}
	if (next == 0) {
		schedule_drop(lane->schedule, entry);
	} else {
		schedule_put(lane->schedule, entry, next);
	}
	(void)dispatch_pump(engine, gateway);
}

bool dispatch_enter(struct engine *engine, const struct engine_gateway *gateway)
{
	struct dispatch_lane *lane = dispatch_lane(engine, gateway);

	if (engine->draining || engine->failed || lane->in_flight == DISPATCH_IN_FLIGHT_MAX) {
		return false;
	}
	lane->in_flight++;
	return true;
}

void dispatch_leave(struct engine *engine, struct engine_gateway *gateway)
{
	struct dispatch_lane *lane = dispatch_lane(engine, gateway);

	assert(lane->in_flight > 0);

	lane->in_flight--;
	(void)dispatch_pump(engine, gateway);
}

/* NULL, and a line in the log, when the configuration no longer has that gateway. */
static struct engine_gateway *dispatch_gateway(struct engine *engine, int64_t attempt,
	int32_t number)
{
	struct engine_gateway *gateway = engine_gateway_by_number(engine, number);
	char text[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = { { "attempt", engine_number(attempt, text) } };

	if (gateway == NULL) {
		engine_log(engine, PORTS_ERROR, "dispatch.gateway_missing", fields, 1);
	}
	return gateway;
}

void dispatch_send(struct engine *engine, int64_t attempt, int32_t number)
{
	struct engine_gateway *gateway = dispatch_gateway(engine, attempt, number);
	struct schedule *schedule;

	assert(attempt > 0);

	if (gateway == NULL) {
		return;
	}
	schedule = dispatch_lane(engine, gateway)->schedule;
	if (schedule_find(schedule, attempt) == NULL) {
		struct schedule_entry *entry =
			schedule_add(schedule, attempt, engine_now(engine), true);

		entry->first_capture = true;
		entry->first_release = true;
	}
	(void)dispatch_pump(engine, gateway);
}

void dispatch_ask(struct engine *engine, int64_t attempt, int32_t number, int64_t at)
{
	struct engine_gateway *gateway = dispatch_gateway(engine, attempt, number);
	bool hint = at <= engine_now(engine);
	struct schedule_entry *entry;
	struct schedule *schedule;
	int64_t due;

	assert(attempt > 0);

	if (gateway == NULL) {
		return;
	}
	schedule = dispatch_lane(engine, gateway)->schedule;
	entry = schedule_find(schedule, attempt);
	if (entry == NULL) {
		entry = schedule_add(schedule, attempt, at, false);
	}
	if (entry->place == SCHEDULE_TAKEN) {
		entry->hinted = entry->hinted || hint;
		return;
	}
	entry->forced = entry->forced || hint;
	due = at < entry->seen_at + ERRAND_GAP_S ? entry->seen_at + ERRAND_GAP_S : at;
	if (due < entry->due) {
		schedule_put(schedule, entry, due);
	}
	(void)dispatch_pump(engine, gateway);
}

/* ---- what waits in the book ---- */

struct dispatch_load {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	int64_t after;
	bool read;
	struct err err;
	size_t count;
	struct waiting_attempt waiting[READER_ROWS_MAX];
};

static void dispatch_load_run(struct reader *reader, struct query *query)
{
	struct dispatch_load *load = (struct dispatch_load *)query;
	struct reader_page page = { .after = load->after, .limit = READER_ROWS_MAX };

	assert(load->magic == DISPATCH_MAGIC);

	load->read = reader_waiting(reader, &page, load->waiting, &load->err);
	load->count = page.count;
}

/* What is known already was created since the start. */
static void dispatch_load_one(struct engine *engine, const struct waiting_attempt *waiting)
{
	struct engine_gateway *gateway =
		dispatch_gateway(engine, waiting->attempt, waiting->gateway);
	int64_t now = engine_now(engine);
	bool at_once = waiting->state == ATTEMPT_CREATED || waiting->state == ATTEMPT_SENT;
	struct schedule_entry *entry;
	struct schedule *schedule;

	if (gateway == NULL) {
		return;
	}
	schedule = dispatch_lane(engine, gateway)->schedule;
	if (schedule_find(schedule, waiting->attempt) == NULL) {
		entry = schedule_add(schedule, waiting->attempt,
			at_once || waiting->next_at < now ? now : waiting->next_at,
			waiting->state == ATTEMPT_CREATED);
		entry->tries = waiting->tries;
		/* Nobody is told what to do with money that was not seen to be held. */
		entry->first_capture = at_once || waiting->state == ATTEMPT_PENDING;
		entry->first_release = entry->first_capture;
	}
}

static void dispatch_load_done(struct query *query)
{
	struct dispatch_load *load = (struct dispatch_load *)query;
	struct engine *engine = load->engine;

	assert(load->magic == DISPATCH_MAGIC);

	engine_query_done(engine);
	if (!load->read) {
		if (!engine->failed) {
			engine_fail(engine, load->err.message);
		}
		free(load);
		return;
	}
	for (size_t i = 0; i < load->count; i++) {
		dispatch_load_one(engine, &load->waiting[i]);
	}
	if (load->count < READER_ROWS_MAX) {
		free(load);
	} else {
		load->after = load->waiting[load->count - 1].attempt;
		load->read = false;
		engine_query(engine, &load->query);
	}
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		(void)dispatch_pump(engine, &engine->settings.gateways[i]);
	}
}

void dispatch_begin(struct engine *engine)
{
	struct dispatch_load *load = mem_new(1, sizeof(*load));

	load->magic = DISPATCH_MAGIC;
	load->engine = engine;
	load->query.run = dispatch_load_run;
	load->query.done = dispatch_load_done;
	engine_query(engine, &load->query);
}

int64_t dispatch_tick(struct engine *engine)
{
	int64_t next_ms = DISPATCH_TICK_MS;

	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		int64_t wait_s = dispatch_pump(engine, &engine->settings.gateways[i]);

		if (wait_s >= 0 && wait_s * 1000 < next_ms) {
			next_ms = wait_s * 1000;
		}
	}
	return next_ms;
}
