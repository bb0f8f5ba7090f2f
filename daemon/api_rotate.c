/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/ledger/key/rotate: another key signs checkpoints, with a reason.
 *
 * The key is made and on disk first, then the record that names it is committed, and only then may
 * it have signed anything.  Whatever ends the daemon in between leaves a key that nobody knows and
 * nothing asks for.
 */
#include <assert.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/api.h"

enum { API_ROTATE_DAYS = 30, API_ROTATE_DAYS_MAX = 366, API_ROTATE_DAY_S = 86400 };

struct api_rotate {
	struct api_query query; /* first; never run: a job is what is waited for */
	struct job job;
	char reason[JOB_REASON_MAX + 1];
};

const char *api_key_before(struct engine *engine)
{
	return engine_now(engine) < engine->keys.until ? engine->keys.before : "";
}

static void api_rotate_answer(struct api_rotate *a)
{
	const struct job_keys *keys = &a->job.u.rotate.keys;
	struct json_writer w;

	json_writer_init(&w, &a->query.out);
	json_open_object(&w, NULL);
	json_open_array(&w, "keys");
	json_cstring(&w, NULL, keys->verifier);
	if (keys->until > 0) {
		json_cstring(&w, NULL, keys->before);
	}
	json_close_array(&w);
	json_number(&w, "record", a->job.record);
	if (keys->until > 0) {
		json_time(&w, "until", keys->until);
	} else {
		json_nothing(&w, "until");
	}
	json_close_object(&w);
}

static void api_rotate_refuse(struct api_rotate *a, int64_t until)
{
	char time[DATE_TIME_TEXT_SIZE];

	problem_set(&a->query.problem, PROBLEM_KEYS_OVERLAP, "days",
		"the key before the present one signs until %s, as was promised; only days 0, "
		"by which every older key ends, is taken before",
		date_time_format(until, time));
}

static void api_rotate_log(const struct api_rotate *a)
{
	const struct job_rotate *r = &a->job.u.rotate;
	char record[ENGINE_NUMBER_SIZE];
	char uid[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "verifier", text_of(r->keys.verifier) },
		{ "record", engine_number(a->job.record, record) },
		{ "uid", engine_number(r->actor.uid, uid) },
		{ "reason", r->reason },
	};

	engine_log(a->query.engine, PORTS_INFO, "key.rotated", fields,
		sizeof(fields) / sizeof(*fields));
}

static void api_rotate_done(struct job *job)
{
	struct api_rotate *a = job->context;
	struct engine *engine = a->query.engine;

	engine_job_done(engine, job);
	mem_wipe(job->u.rotate.seed, sizeof(job->u.rotate.seed));
	if (job->outcome == JOB_DONE) {
		engine->keys = job->u.rotate.keys;
		api_rotate_log(a);
		api_rotate_answer(a);
	} else if (job->outcome == JOB_ILLEGAL) {
		api_rotate_refuse(a, job->u.rotate.keys.until);
	} else {
		api_problem_of_job(job, &a->query.problem);
	}
	api_query_answer(&a->query);
}

static bool api_rotate_read(const struct api_request *r, struct api_rotate *a)
{
	struct problem *problem = &a->query.problem;
	struct json_problem complaint = { 0 };
	struct json_value *body = NULL;
	struct json_reader reader;
	struct text reason = TEXT("");
	int64_t days = API_ROTATE_DAYS;

	if (!api_body_read(r, false, &body, problem)) {
		return false;
	}
	json_reader_init(&reader, body, "", &complaint);
	json_take_integer(&reader, "days", JSON_OPTIONAL, 0, API_ROTATE_DAYS_MAX, &days);
	json_take_text(&reader, "reason", JSON_REQUIRED, JOB_REASON_MAX, &reason);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	} else if (!text_copy(reason, a->reason, sizeof(a->reason))) {
		assert(false); /* it has the bound */
	} else if (r->call->uid == CALL_NO_UID) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "nobody knows who you are");
	}
	json_free(&body);
	a->job.u.rotate = (struct job_rotate){
		.overlap_s = days * API_ROTATE_DAY_S,
		.reason = text_of(a->reason),
		.actor = { .uid = r->call->uid, .client = r->client },
	};
	return problem->code == PROBLEM_NONE;
}

/* What the book would refuse, before a key is made for nothing; and the key. */
static bool api_rotate_make_key(struct api_rotate *a)
{
	struct engine *engine = a->query.engine;
	struct err err = { 0 };

	if (a->job.u.rotate.overlap_s > 0 && api_key_before(engine)[0] != '\0') {
		api_rotate_refuse(a, engine->keys.until);
	} else if (engine->ports.key == NULL ||
		   !engine->ports.key(engine->ports.world, a->job.u.rotate.seed, &err)) {
		a->query.err = err;
		problem_set(&a->query.problem, PROBLEM_UNAVAILABLE, "", "no key can be made");
	}
	return a->query.problem.code == PROBLEM_NONE;
}

void api_rotate_post(struct api_request *r)
{
	struct api_rotate *a = api_query_new(r, sizeof(*a), NULL);

	if (!api_rotate_read(r, a) || !api_rotate_make_key(a)) {
		api_query_answer(&a->query);
		return;
	}
	a->job.kind = JOB_ROTATE;
	a->job.context = a;
	a->job.done = api_rotate_done;
	engine_submit(r->engine, &a->job);
}
