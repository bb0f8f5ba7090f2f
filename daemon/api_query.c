/* SPDX-License-Identifier: Apache-2.0 */

/* A question to the book on a reader's thread, and the answer to the call on ours. */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/api.h"

static struct api_query *api_query_of(struct query *query)
{
	/* The query is the first member. */
	return (struct api_query *)(void *)query;
}

static void api_query_run(struct reader *reader, struct query *query)
{
	struct api_query *q = api_query_of(query);

	assert(q->run != NULL);

	q->ran = true;
	if (query->is_long && q->call->gone) {
		problem_set(&q->problem, PROBLEM_UNAVAILABLE, "", "the caller has gone");
		return;
	}
	q->run(reader, q);
}

static void api_query_done(struct query *query)
{
	struct api_query *q = api_query_of(query);

	engine_query_done(q->engine);
	if (!q->ran || query->again) {
		problem_set(&q->problem, PROBLEM_UNAVAILABLE, "", "stopping");
	}
	if (q->then != NULL) {
		q->then(q);
	} else {
		api_query_answer(q);
	}
}

void *api_query_new(const struct api_request *r, size_t size, api_run_fn *run)
{
	struct api_query *q;

	assert(r != NULL);
	assert(size >= sizeof(*q));

	q = mem_new(1, size);
	q->query.run = api_query_run;
	q->query.done = api_query_done;
	q->engine = r->engine;
	q->call = r->call;
	q->run = run;
	q->status = 200;
	q->content_type = API_JSON;
	buffer_init(&q->out, CALL_ANSWER_MAX);
	return q;
}

void api_query_start(struct api_query *q)
{
	assert(q != NULL);
	assert(q->run != NULL);

	q->ran = false;
	engine_query(q->engine, &q->query);
}

static void api_query_free(struct api_query *q)
{
	if (q->release != NULL) {
		q->release(q);
	}
	buffer_done(&q->out);
	free(q);
}

static void api_query_log(struct api_query *q)
{
	const struct ports_field fields[] = {
		{ "path", q->call->path },
		{ "why", text_of(q->err.message) },
	};

	engine_log(q->engine, PORTS_ERROR, "answer.failed", fields,
		sizeof(fields) / sizeof(*fields));
}

void api_query_answer(struct api_query *q)
{
	struct call_header headers[2];
	size_t count = 0;

	assert(q != NULL);
	assert(q->call != NULL);

	if (q->err.kind != ERR_NONE) {
		api_query_log(q);
	}
	if (q->out.overflowed && q->problem.code == PROBLEM_NONE) {
		problem_set(&q->problem, PROBLEM_TOO_LARGE, "limit",
			"the answer would be too large");
	}
	if (q->problem.code != PROBLEM_NONE) {
		api_refuse(q->engine, q->call, &q->problem);
	} else {
		if (q->replayed) {
			headers[count++] =
				(struct call_header){ TEXT("Idempotency-Replayed"), TEXT("true") };
		}
		if (q->minimal) {
			headers[count++] = (struct call_header){ TEXT("Preference-Applied"),
				TEXT("return=minimal") };
		}
		call_answer_with(q->call, q->status, q->content_type, headers, count,
			buffer_text(&q->out));
	}
	api_query_free(q);
}

void api_query_fail(struct api_query *q)
{
	assert(q != NULL);

	if (q->err.kind == ERR_NONE) {
		(void)err_set(&q->err, ERR_DATABASE, "the book did not say why");
	}
	problem_set(&q->problem, PROBLEM_UNAVAILABLE, "", "the book can not be read now");
}

bool api_query_found(struct api_query *q, enum reader_result result, const char *what)
{
	assert(q != NULL);

	if (result == READER_FAILED) {
		api_query_fail(q);
	} else if (result == READER_ABSENT) {
		problem_set(&q->problem, PROBLEM_NOT_FOUND, "", "there is no such %s", what);
	}
	return result == READER_FOUND;
}
