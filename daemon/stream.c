/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/stream.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

static struct stream *stream_of(struct query *query)
{
	/* The query is the first member. */
	return (struct stream *)(void *)query;
}

static void stream_free(struct stream *s)
{
	struct stream **at = &s->engine->streams;

	assert(!s->making);

	while (*at != s) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = s->next;
	s->engine->stream_count--;
	if (s->release != NULL) {
		s->release(s);
	}
	buffer_done(&s->out);
	free(s);
}

static void stream_log(struct stream *s)
{
	const struct ports_field fields[] = {
		{ "path", s->call->path },
		{ "why", text_of(s->err.message) },
	};

	if (s->err.kind != ERR_NONE) {
		engine_log(s->engine, PORTS_ERROR, "stream.broken", fields,
			sizeof(fields) / sizeof(*fields));
	}
}

void stream_refuse(struct stream *s)
{
	assert(!s->begun);
	assert(s->problem.code != PROBLEM_NONE);

	stream_log(s);
	api_refuse(s->engine, s->call, &s->problem);
	stream_free(s);
}

static void stream_end(struct stream *s, bool whole)
{
	assert(s->begun);

	s->call->held = NULL;
	s->call->pieces->end(s->call, whole);
	stream_free(s);
}

static void stream_ask(struct stream *s)
{
	assert(!s->making);

	s->making = true;
	s->ran = false;
	buffer_reset(&s->out);
	engine_query(s->engine, &s->query);
}

/* The piece has left, or nobody is there to take it. */
static void stream_ready(struct call *call)
{
	struct stream *s = call->held;

	assert(s != NULL);
	assert(s->call == call);

	if (call->gone || s->engine->failed || s->engine->draining) {
		stream_end(s, false);
	} else if (s->ended) {
		stream_end(s, true);
	} else {
		stream_ask(s);
	}
}

/* Whether what was made can be sent; else the problem says why. */
static bool stream_is_sound(struct stream *s)
{
	if (!s->ran || s->engine->failed || s->engine->draining) {
		problem_set(&s->problem, PROBLEM_UNAVAILABLE, "", "stopping");
	} else if (s->out.overflowed) {
		(void)err_set(&s->err, ERR_LIMIT, "a piece is longer than %d bytes",
			STREAM_PIECE_MAX);
	}
	if (s->err.kind != ERR_NONE && s->problem.code == PROBLEM_NONE) {
		problem_set(&s->problem, PROBLEM_UNAVAILABLE, "", "the book can not be read now");
	}
	return s->problem.code == PROBLEM_NONE;
}

static void stream_made(struct query *query)
{
	struct stream *s = stream_of(query);

	assert(s->making);

	engine_query_done(s->engine);
	s->making = false;
	if (!stream_is_sound(s)) {
		if (!s->begun) {
			stream_refuse(s);
		} else {
			stream_log(s);
			stream_end(s, false);
		}
		return;
	}
	if (!s->begun) {
		s->begun = true;
		s->call->pieces->begin(s->call, 200, s->content_type, NULL, 0);
	}
	s->call->pieces->piece(s->call, buffer_text(&s->out));
}

static void stream_run(struct reader *reader, struct query *query)
{
	struct stream *s = stream_of(query);

	assert(!s->ended);

	s->ran = true;
	s->make(reader, s);
}

void *stream_new(const struct api_request *r, size_t size, stream_make_fn *make)
{
	struct engine *engine = r->engine;
	struct problem problem = { 0 };
	struct stream *s;

	assert(size >= sizeof(*s));
	assert(make != NULL);

	if (r->call->pieces == NULL) {
		problem_set(&problem, PROBLEM_UNAVAILABLE, "", "answers are sent whole here");
	} else if (engine->stream_count >= STREAM_COUNT_MAX) {
		problem_set(&problem, PROBLEM_OVERLOADED, "",
			"%d answers are being streamed already", STREAM_COUNT_MAX);
	}
	if (problem.code != PROBLEM_NONE) {
		api_refuse(engine, r->call, &problem);
		return NULL;
	}
	s = mem_new(1, size);
	s->query.run = stream_run;
	s->query.done = stream_made;
	s->query.is_long = true;
	s->engine = engine;
	s->call = r->call;
	s->call->held = s;
	s->call->ready = stream_ready;
	s->make = make;
	s->content_type = API_JSON;
	buffer_init(&s->out, STREAM_PIECE_MAX);
	s->next = engine->streams;
	engine->streams = s;
	engine->stream_count++;
	return s;
}

void stream_start(struct stream *s)
{
	assert(!s->begun);

	stream_ask(s);
}

void stream_stop_all(struct engine *engine)
{
	struct stream *next;

	for (struct stream *s = engine->streams; s != NULL; s = next) {
		next = s->next;
		if (s->begun && !s->making) {
			stream_end(s, false);
		}
	}
}
