/* SPDX-License-Identifier: Apache-2.0 */

/*
 * inbox - which messages of gateways are let in, and those that a crash left behind.
 *
 * Who may call, and how often, is judged before anything is kept.  After a start what was kept and
 * never became evidence is gone through again, one at a time, before anybody is let in: it is found
 * by the newest that was kept.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/callback.h"
#include "daemon/engine_parts.h"
#include "daemon/message.h"
#include "daemon/network.h"
#include "daemon/problem.h"

enum {
	INBOX_MAGIC = 0x1B0C51DE,
	INBOX_UNDER_WAY_MAX = 1024, /* messages being answered at once */
	INBOX_ARENA_MAX = 4 * JOB_EVIDENCE_MAX,
	INBOX_AGAIN_S = 3600, /* older than the newest by so much: interpreted before the crash */
	INBOX_CLEAN_EVERY = 5000, /* messages */
};

static const int64_t inbox_number_max = INT64_C(1) << 40;

struct inbox {
	struct bucket buckets[ENGINE_GATEWAYS_MAX];
	int64_t under_way;       /* messages with somebody waiting */
	int64_t again;           /* gone through again so far */
	int64_t kept;            /* since the last cleaning */
	struct inbox_load *load; /* NULL: what was left behind has been gone through */
};

/* Reads the next message that a crash left behind. */
struct inbox_load {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	int64_t after;
	bool found_first;
	enum reader_result result;
	struct kept_message message;
	struct buffer arena;
	struct err err;
};

struct inbox *inbox_new(void)
{
	return mem_new(1, sizeof(struct inbox));
}

void inbox_free(struct inbox **inbox)
{
	assert(inbox != NULL);

	if (*inbox != NULL && (*inbox)->load != NULL) {
		buffer_done(&(*inbox)->load->arena);
		free((*inbox)->load);
	}
	free(*inbox);
	*inbox = NULL;
}

/* ---- a call ---- */

static void inbox_over(struct engine *engine)
{
	assert(engine->inbox->under_way > 0);

	engine->inbox->under_way--;
}

static void inbox_refuse(struct engine *engine, struct call *call, enum problem_code code,
	const char *why)
{
	struct problem problem = { 0 };
	const struct ports_field fields[] = {
		{ "path", call->path },
		{ "peer", call->peer },
		{ "why", text_of(why) },
	};

	engine->counts.callbacks_refused++;
	if (code == PROBLEM_TOO_MANY_REQUESTS) {
		engine_limit(engine, call, "gateway");
	} else {
		engine_log(engine, PORTS_WARNING, "callback.refused", fields,
			sizeof(fields) / sizeof(*fields));
	}
	problem_set(&problem, code, "", "%s", why);
	if (code == PROBLEM_METHOD_NOT_ALLOWED) {
		(void)snprintf(problem.allow, sizeof(problem.allow), "GET, POST");
	}
	problem_answer(&problem, call);
}

/* Why the gateway's door stays shut to that call; NONE: it opens.  The bucket comes last: what is
 * refused for another reason does not fill it. */
static enum problem_code inbox_judge(struct engine *engine, const struct engine_gateway *gateway,
	const struct call *call, const char **why)
{
	if (gateway->allow_count > 0 &&
		!network_holds(gateway->allow, gateway->allow_count, call->peer)) {
		*why = "the address is in none of the gateway's networks";
		return PROBLEM_NOT_PERMITTED;
	}
	if (!text_is(call->method, "POST") && !text_is(call->method, "GET")) {
		*why = "the path takes GET and POST";
		return PROBLEM_METHOD_NOT_ALLOWED;
	}
	if (engine->inbox->under_way >= INBOX_UNDER_WAY_MAX) {
		*why = "too many messages at once";
		return PROBLEM_OVERLOADED;
	}
	if (engine_is_restored(engine)) {
		*why = "the book was restored and only answers: come again";
		return PROBLEM_BOOK_RESTORED;
	}
	if (!inbox_is_open(engine) || engine->draining || engine->failed || gateway->number == 0) {
		*why = "not now";
		return PROBLEM_UNAVAILABLE;
	}
	if (!bucket_take(&engine->inbox->buckets[engine_gateway_index(engine, gateway)],
		    gateway->calls_per_second, engine->ports.now_ms(engine->ports.world))) {
		*why = "too many messages to this gateway";
		return PROBLEM_TOO_MANY_REQUESTS;
	}
	return PROBLEM_NONE;
}

static void inbox_take(struct engine *engine, struct engine_gateway *gateway, struct call *call)
{
	struct buffer head;
	struct callback_origin origin = {
		.gateway = gateway,
		.call = call,
		.body = call->body,
		.peer = call->peer,
		.at = engine_now(engine),
		.over = inbox_over,
	};

	buffer_init(&head, JOB_EVIDENCE_MAX);
	if (!message_write_head(call, &head) || head.size + call->body.size > JOB_EVIDENCE_MAX) {
		inbox_refuse(engine, call, PROBLEM_TOO_LARGE,
			"the message is too large to be kept");
	} else {
		origin.head = buffer_text(&head);
		engine->inbox->under_way++;
		callback_start(engine, &origin);
	}
	buffer_done(&head);
}

void inbox_call(struct engine *engine, struct call *call)
{
	struct text prefix = TEXT("/callbacks/");
	struct engine_gateway *gateway;
	const char *why = "";
	enum problem_code code;

	assert(text_starts(call->path, prefix));

	engine->counts.callbacks++;
	gateway = engine_gateway_by_name(engine,
		(struct text){ call->path.bytes + prefix.size, call->path.size - prefix.size });
	if (gateway == NULL) {
		inbox_refuse(engine, call, PROBLEM_NOT_FOUND, "there is no such gateway");
		return;
	}
	code = inbox_judge(engine, gateway, call, &why);
	if (code != PROBLEM_NONE) {
		inbox_refuse(engine, call, code, why);
		return;
	}
	inbox_take(engine, gateway, call);
}

bool inbox_is_open(const struct engine *engine)
{
	return engine->ready && engine->inbox->load == NULL && !engine_is_restored(engine);
}

void inbox_kept(struct engine *engine)
{
	engine->inbox->kept++;
}

bool inbox_wants_cleaning(struct engine *engine)
{
	if (engine->inbox->kept < INBOX_CLEAN_EVERY) {
		return false;
	}
	engine->inbox->kept = 0;
	return true;
}

/* ---- what a crash left behind ---- */

static enum reader_result inbox_read(struct reader *reader, struct inbox_load *load, int64_t after)
{
	return reader_kept(reader, after, &load->message, &load->arena, &load->err);
}

/* The number behind which only messages that arrived at `from` or later stand: times do not fall as
 * numbers rise. */
static bool inbox_search(struct reader *reader, struct inbox_load *load, int64_t from,
	int64_t *number)
{
	int64_t low = 0;
	int64_t high = inbox_number_max;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		enum reader_result result = inbox_read(reader, load, middle);

		if (result == READER_FAILED) {
			return false;
		}
		if (result == READER_ABSENT || load->message.received_at >= from) {
			high = middle;
		} else {
			low = load->message.inbox;
		}
	}
	*number = low;
	return true;
}

/* What was under way at the crash had just arrived; all that is older was interpreted, found to
 * prove nothing, and only waits to be forgotten. */
static bool inbox_find_first(struct reader *reader, struct inbox_load *load)
{
	int64_t last;

	if (!inbox_search(reader, load, INT64_MAX, &last)) {
		return false;
	}
	return last == 0 ||
	       (inbox_read(reader, load, last - 1) == READER_FOUND &&
		       inbox_search(reader, load, load->message.received_at - INBOX_AGAIN_S,
			       &load->after));
}

static void inbox_load_run(struct reader *reader, struct query *query)
{
	struct inbox_load *load = (struct inbox_load *)query;

	assert(load->magic == INBOX_MAGIC);

	load->found_first = load->found_first || inbox_find_first(reader, load);
	load->result = load->found_first ? inbox_read(reader, load, load->after) : READER_FAILED;
}

static void inbox_load_end(struct engine *engine)
{
	struct inbox *inbox = engine->inbox;
	char count[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = { { "messages", engine_number(inbox->again, count) } };

	if (inbox->again > 0) {
		engine_log(engine, PORTS_INFO, "callback.gone_through_again", fields, 1);
	}
	buffer_done(&inbox->load->arena);
	free(inbox->load);
	inbox->load = NULL;
}

static void inbox_load_next(struct engine *engine)
{
	struct inbox_load *load = engine->inbox->load;

	if (engine->failed || engine->draining) {
		inbox_load_end(engine);
		return;
	}
	load->result = READER_FAILED;
	buffer_reset(&load->arena);
	engine_query(engine, &load->query);
}

static void inbox_load_done(struct query *query)
{
	struct inbox_load *load = (struct inbox_load *)query;
	struct engine *engine = load->engine;
	const struct kept_message *message = &load->message;
	struct callback_origin origin = { .over = inbox_load_next };

	assert(load->magic == INBOX_MAGIC);

	engine_query_done(engine);
	if (load->result == READER_FAILED && !engine->failed) {
		engine_fail(engine, load->err.message);
	}
	if (load->result != READER_FOUND) {
		inbox_load_end(engine);
		return;
	}
	load->after = message->inbox;
	origin.gateway = engine_gateway_by_number(engine, message->gateway);
	if (origin.gateway == NULL) {
		inbox_load_next(engine);
		return;
	}
	engine->inbox->again++;
	origin.head = message->head;
	origin.body = message->body;
	origin.peer = message->peer;
	origin.at = message->received_at;
	origin.inbox = message->inbox;
	callback_start(engine, &origin);
}

void inbox_begin(struct engine *engine)
{
	struct inbox_load *load = mem_new(1, sizeof(*load));

	assert(engine->inbox->load == NULL);

	load->magic = INBOX_MAGIC;
	load->engine = engine;
	load->query.run = inbox_load_run;
	load->query.done = inbox_load_done;
	buffer_init(&load->arena, INBOX_ARENA_MAX);
	engine->inbox->load = load;
	inbox_load_next(engine);
}
