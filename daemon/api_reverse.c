/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/ledger/entries/{number}/reverse. */
#include <assert.h>
#include <inttypes.h>

#include "daemon/api_operator.h"
#include "daemon/view.h"

struct api_reverse {
	struct api_query query; /* first */
	struct job job;
	struct api_operator act;
};

static struct api_reverse *api_reverse_of(struct api_query *query)
{
	return (struct api_reverse *)(void *)query;
}

/* The new entry, which never changes: it is not reversed itself. */
static void api_reverse_run(struct reader *reader, struct api_query *query)
{
	const struct api_reverse *v = api_reverse_of(query);
	struct entry_row entry;
	struct json_writer w;

	if (api_query_found(query, reader_entry(reader, v->job.u.reverse.by, &entry, &query->err),
		    "entry")) {
		json_writer_init(&w, &query->out);
		view_entry(&w, NULL, &entry);
	}
}

/* What stands in the way, and what to do instead. */
static void api_reverse_explain(const struct job_reverse *reverse, struct problem *problem)
{
	const enum problem_code code = PROBLEM_NOT_REVERSIBLE;

	switch (reverse->why) {
	case REVERSE_REVERSED:
		problem_set(problem, code, "number", "entry %" PRId64 " reversed it already",
			reverse->by);
		break;
	case REVERSE_IS_REVERSAL:
		problem_set(problem, code, "number",
			"it is a reversal itself: what it took back is booked anew, not by "
			"reversing it");
		break;
	case REVERSE_FULFILLED:
		problem_set(problem, code, "number",
			"the duty it booked was used: its payment is fulfilled");
		break;
	case REVERSE_MOVED:
		problem_set(problem, code, "number",
			"what it put into suspense left it by entry %" PRId64
			": reverse that one first",
			reverse->by);
		break;
	case REVERSE_FINE:
		assert(false); /* then it was reversed */
		break;
	}
}

static void api_reverse_refuse(struct api_reverse *v)
{
	const struct job *job = &v->job;
	struct problem *problem = &v->query.problem;

	if (job->outcome == JOB_ILLEGAL) {
		api_reverse_explain(&job->u.reverse, problem);
	} else if (job->outcome == JOB_NOT_FOUND) {
		problem_set(problem, PROBLEM_NOT_FOUND, "number", "there is no such entry");
	} else {
		api_problem_of_job(job, problem);
	}
	api_query_answer(&v->query);
}

static void api_reverse_log(struct api_reverse *v)
{
	char entry[ENGINE_NUMBER_SIZE];
	char by[ENGINE_NUMBER_SIZE];
	char uid[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "entry", engine_number(v->job.u.reverse.entry, entry) },
		{ "by", engine_number(v->job.u.reverse.by, by) },
		{ "uid", engine_number(v->act.actor.uid, uid) },
		{ "reason", text_of(v->act.reason) },
	};

	engine_log(v->query.engine, PORTS_INFO, "entry.reversed", fields,
		sizeof(fields) / sizeof(*fields));
}

static void api_reverse_done(struct job *job)
{
	struct api_reverse *v = job->context;

	if (!api_operator_done(&v->query, job)) {
		api_reverse_refuse(v);
		return;
	}
	if (!v->query.replayed) {
		api_reverse_log(v);
	}
	api_query_start(&v->query);
}

void api_reverse_post(struct api_request *r)
{
	struct api_reverse *v = api_query_new(r, sizeof(*v), api_reverse_run);
	int64_t number = 0;

	if (!text_parse_integer(text_of(r->name), &number) || number == 0) {
		problem_set(&v->query.problem, PROBLEM_NOT_FOUND, "number",
			"there is no such entry");
	} else if (api_operator_read(r, ROUTE_REVERSE, &v->act, &v->query.problem)) {
		v->job.kind = JOB_REVERSE;
		v->job.u.reverse = (struct job_reverse){ .request = v->act.request,
			.actor = v->act.actor,
			.reason = text_of(v->act.reason),
			.entry = number };
		v->job.context = v;
		v->job.done = api_reverse_done;
		engine_submit(r->engine, &v->job);
		return;
	}
	api_query_answer(&v->query);
}
