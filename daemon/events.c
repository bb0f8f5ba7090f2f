/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/events: a client's own events, from any of its numbers on, as CloudEvents.
 *
 * A poll reads; when there is nothing and it may wait, it is held until something of its client is
 * booked, its time runs out, or the engine stops.  What is booked while a poll reads makes it read
 * once more: nothing is missed between the two.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/view.h"

enum {
	EVENTS_WAIT_MAX_S = 60,
	EVENTS_HELD_MAX = 256,       /* polls that may wait, of all clients */
	EVENTS_HELD_CLIENT_MAX = 16, /* of one */
	EVENTS_POSITION_SIZE = 32,   /* "e99-9223372036854775807" and its NUL */
	EVENTS_TICK_MS = 1000,
};

struct events_poll {
	struct api_query query; /* first */
	struct events_poll *next;
	int32_t client;
	int32_t generation; /* of the book when it was asked */
	int64_t after;
	int64_t limit;
	bool waits;
	int64_t until_ms; /* monotonic */
	bool reading;
	bool woken; /* something was booked while it was reading */
	bool empty; /* what it read */
};

struct events {
	struct events_poll *polls;
};

struct events *events_new(void)
{
	return mem_new(1, sizeof(struct events));
}

static struct events_poll *events_poll_of(struct api_query *query)
{
	return (struct events_poll *)(void *)query;
}

static void events_link(struct events *events, struct events_poll *poll)
{
	poll->next = events->polls;
	events->polls = poll;
}

static void events_unlink(struct events *events, const struct events_poll *poll)
{
	struct events_poll **at = &events->polls;

	while (*at != poll) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = poll->next;
}

void events_free(struct events **events)
{
	struct events *e;

	assert(events != NULL);

	e = *events;
	*events = NULL;
	while (e != NULL && e->polls != NULL) {
		struct events_poll *poll = e->polls;

		assert(!poll->reading);
		events_unlink(e, poll);
		api_query_answer(&poll->query);
	}
	free(e);
}

/* ---- reading, on a reader's thread ---- */

static const char *events_position(int32_t generation, int64_t number,
	char out[EVENTS_POSITION_SIZE])
{
	int size = snprintf(out, EVENTS_POSITION_SIZE, "e%" PRId32 "-%" PRId64, generation, number);

	assert(size > 0 && size < EVENTS_POSITION_SIZE);
	return out;
}

/* One event, with the payment as it stood after it. */
static bool events_write(struct reader *reader, struct events_poll *poll,
	const struct event_row *row, struct json_writer *w)
{
	const struct engine_settings *settings = &poll->query.engine->settings;
	struct payment_view view;
	char position[EVENTS_POSITION_SIZE];
	char sequence[EVENTS_POSITION_SIZE];
	char url[VIEW_URL_MAX];
	char subject[ID_SIZE];
	bool found;

	payment_view_init(&view);
	found = api_query_found(&poll->query,
		reader_payment(reader, row->payment, row->record, &view, &poll->query.err),
		"payment");
	if (found) {
		(void)snprintf(sequence, sizeof(sequence), "%" PRId64, row->number);
		(void)id_format((struct id){ .kind = ID_PAYMENT,
					.generation = view.generation,
					.number = view.number },
			subject);
		json_open_object(w, NULL);
		view_payment(w, "data", &view,
			view_pay_url(settings->public_url, reader, &view, url), NULL, 0);
		json_cstring(w, "datacontenttype", API_JSON);
		json_cstring(w, "id", events_position(row->generation, row->number, position));
		json_number(w, "record", row->record);
		json_cstring(w, "sequence", sequence);
		json_cstring(w, "source", "/v1/payments");
		json_cstring(w, "specversion", "1.0");
		json_cstring(w, "subject", subject);
		json_time(w, "time", row->booked_at);
		json_cstring(w, "type", row->type);
		json_close_object(w);
	}
	payment_view_done(&view);
	return found;
}

static void events_run(struct reader *reader, struct api_query *query)
{
	struct events_poll *poll = events_poll_of(query);
	struct event_row *rows = mem_new((size_t)poll->limit, sizeof(*rows));
	char position[EVENTS_POSITION_SIZE];
	struct json_writer w;
	int64_t last = poll->after;
	struct reader_page page = { .after = poll->after, .limit = (size_t)poll->limit };

	if (!reader_events(reader, poll->client, &page, rows, &query->err)) {
		api_query_fail(query);
		goto out;
	}
	if (poll->after > page.as_of) {
		problem_set(&query->problem, PROBLEM_POSITION_UNKNOWN, "after",
			"the last event is %" PRId64, page.as_of);
		goto out;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_open_array(&w, "items");
	for (size_t i = 0; i < page.count; i++) {
		if (!events_write(reader, poll, &rows[i], &w)) {
			goto out;
		}
		last = rows[i].number;
	}
	json_close_array(&w);
	json_cstring(&w, "next", events_position(poll->generation, last, position));
	json_close_object(&w);
	poll->empty = page.count == 0;
out:
	free(rows);
}

/* ---- holding, on the engine's thread ---- */

static void events_read(struct events_poll *poll)
{
	assert(!poll->reading);

	poll->reading = true;
	poll->woken = false;
	poll->empty = false;
	buffer_reset(&poll->query.out);
	api_query_start(&poll->query);
}

static bool events_may_hold(const struct events_poll *poll)
{
	const struct engine *engine = poll->query.engine;

	return poll->waits && poll->empty && poll->query.problem.code == PROBLEM_NONE &&
	       !engine->failed && !engine->draining && !poll->query.call->gone &&
	       engine->ports.now_ms(engine->ports.world) < poll->until_ms;
}

static void events_answer(struct events_poll *poll)
{
	struct engine *engine = poll->query.engine;

	if (engine->failed) {
		problem_set(&poll->query.problem, PROBLEM_UNAVAILABLE, "", "the book failed");
	}
	events_unlink(engine->events, poll);
	api_query_answer(&poll->query);
}

static void events_read_done(struct api_query *query)
{
	struct events_poll *poll = events_poll_of(query);

	assert(poll->reading);

	poll->reading = false;
	if (!events_may_hold(poll)) {
		events_answer(poll);
	} else if (poll->woken) {
		events_read(poll);
	}
}

void events_wake(struct engine *engine, int32_t client)
{
	assert(engine != NULL);

	for (struct events_poll *poll = engine->events->polls; poll != NULL; poll = poll->next) {
		if (client != 0 && poll->client != client) {
			continue;
		}
		if (poll->reading) {
			poll->woken = true;
		} else {
			events_read(poll);
		}
	}
}

int64_t events_tick(struct engine *engine)
{
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);
	int64_t wait_ms = EVENTS_TICK_MS;
	struct events_poll *following;

	assert(engine->events != NULL);

	for (struct events_poll *poll = engine->events->polls; poll != NULL; poll = following) {
		following = poll->next;
		if (poll->reading) {
			continue;
		}
		if (events_may_hold(poll)) {
			int64_t left_ms = poll->until_ms - now_ms;

			wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
			continue;
		}
		events_answer(poll);
	}
	return wait_ms > 0 ? wait_ms : 0;
}

/* ---- the call ---- */

/* "e1-42" of this generation, or a bare number while there was no other generation. */
static void events_take_after(struct parameters *p, struct events_poll *poll)
{
	char text[EVENTS_POSITION_SIZE];
	char prefix[EVENTS_POSITION_SIZE];
	struct text number;

	if (!parameters_text(p, "after", text, sizeof(text))) {
		return;
	}
	number = text_of(text);
	(void)snprintf(prefix, sizeof(prefix), "e%" PRId32 "-", poll->generation);
	if (text_starts(number, text_of(prefix))) {
		number.bytes += strlen(prefix);
		number.size -= strlen(prefix);
	} else if (number.bytes[0] == 'e') {
		problem_set(p->problem, PROBLEM_POSITION_UNKNOWN, "after",
			"the book is of generation %" PRId32, poll->generation);
		return;
	}
	if (!text_parse_integer(number, &poll->after)) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "after",
			"after must be the id of an event, or its number");
	} else if (poll->generation > 1 && poll->after > 0 && number.bytes == text) {
		/* A number alone may be of an event that was lost. */
		problem_set(p->problem, PROBLEM_POSITION_UNKNOWN, "after",
			"the book was restored: say whose number it is, e%" PRId32 "-%" PRId64
			", or begin with 0",
			poll->generation, poll->after);
	}
}

int events_waiting(const struct events *events, int32_t client)
{
	int waiting = 0;

	assert(events != NULL);

	for (const struct events_poll *poll = events->polls; poll != NULL; poll = poll->next) {
		waiting += poll->waits && (client == 0 || poll->client == client) ? 1 : 0;
	}
	return waiting;
}

/* A poll more that waits: false when there are too many already. */
static bool events_has_room(const struct events *events, int32_t client)
{
	return events_waiting(events, 0) < EVENTS_HELD_MAX &&
	       events_waiting(events, client) < EVENTS_HELD_CLIENT_MAX;
}

void events_call(struct engine *engine, struct call *call, int32_t client)
{
	const struct api_request r = { .engine = engine, .call = call, .client = client };
	struct events_poll *poll = api_query_new(&r, sizeof(*poll), events_run);
	struct problem *problem = &poll->query.problem;
	struct parameters p;
	int64_t wait_s = 0;

	poll->client = client;
	poll->generation = engine->settings.generation;
	poll->limit = API_LIMIT_DEFAULT;
	poll->query.then = events_read_done;
	parameters_init(&p, call, problem);
	events_take_after(&p, poll);
	(void)parameters_integer(&p, "wait", 0, EVENTS_WAIT_MAX_S, &wait_s);
	(void)parameters_integer(&p, "limit", 1, API_LIMIT_MAX, &poll->limit);
	poll->waits = wait_s > 0;
	poll->until_ms = engine->ports.now_ms(engine->ports.world) + wait_s * 1000;
	if (parameters_end(&p) && client == 0) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "the caller is no client");
	} else if (poll->waits && !events_has_room(engine->events, client) &&
		   problem->code == PROBLEM_NONE) {
		problem_set(problem, PROBLEM_OVERLOADED, "wait", "too many polls are held");
	}
	if (problem->code != PROBLEM_NONE) {
		api_query_answer(&poll->query);
		return;
	}
	events_link(engine->events, poll);
	events_read(poll);
}
