/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/book/resume: a restored book goes on, as another generation. */
#include <assert.h>
#include <string.h>

#include "daemon/api.h"

struct api_resume {
	struct api_query query; /* first; never run: a job is what is waited for */
	struct job job;
	char reason[JOB_REASON_MAX + 1];
	char note[NOTE_SIZE_MAX + 1];
};

static void api_resume_write(struct api_resume *a)
{
	const struct job_resume *said = &a->job.u.resume;
	const struct engine_settings *settings = &a->query.engine->settings;
	struct json_writer w;

	json_writer_init(&w, &a->query.out);
	json_open_object(&w, NULL);
	json_number(&w, "generation", said->generation);
	json_number(&w, "known", said->known);
	json_number(&w, "lost", said->lost);
	json_number(&w, "record", a->job.record);
	json_time(&w, "since", said->since);
	json_open_array(&w, "unlisted");
	for (size_t i = 0; i < settings->gateway_count; i++) {
		if (!settings->gateways[i].plugin->lists) {
			json_cstring(&w, NULL, settings->gateways[i].name);
		}
	}
	json_close_array(&w);
	json_close_object(&w);
}

static void api_resume_refuse(const struct job *job, struct problem *problem)
{
	switch (job->outcome) {
	case JOB_ILLEGAL:
		problem_set(problem, PROBLEM_ILLEGAL_STATE, "",
			"the book was not restored: there is nothing to resume");
		break;
	case JOB_MISMATCH:
		problem_set(problem, PROBLEM_INVALID_FIELD, "checkpoint", "%s", job->u.resume.why);
		break;
	case JOB_EXHAUSTED:
		problem_set(problem, PROBLEM_LIMIT_REACHED, "", "a book has %d generations",
			ID_GENERATION_MAX);
		break;
	case JOB_DONE:
	case JOB_REPEATED:
	case JOB_NOT_FOUND:
	case JOB_TAKEN:
	case JOB_BLOCKED:
	case JOB_STALE:
	case JOB_WRONG_AMOUNT:
	case JOB_OVERFLOW:
	case JOB_RESTORED:
	case JOB_FAILED:
	default:
		api_problem_of_job(job, problem);
	}
}

static void api_resumed(struct job *job)
{
	struct api_resume *a = job->context;
	struct engine *engine = a->query.engine;

	engine_job_done(engine, job);
	if (job->outcome == JOB_DONE) {
		api_resume_write(a);
		engine_resume(engine, &job->u.resume);
	} else {
		api_resume_refuse(job, &a->query.problem);
	}
	api_query_answer(&a->query);
}

static bool api_resume_read(const struct api_request *r, struct api_resume *a)
{
	struct problem *problem = &a->query.problem;
	struct json_problem complaint = { 0 };
	struct json_value *body = NULL;
	struct json_reader reader;
	struct text reason = TEXT("");
	struct text note = TEXT("");
	bool fits;

	if (!api_body_read(r, false, &body, problem)) {
		return false;
	}
	json_reader_init(&reader, body, "", &complaint);
	json_take_file(&reader, "checkpoint", JSON_OPTIONAL, NOTE_SIZE_MAX, &note);
	json_take_text(&reader, "reason", JSON_REQUIRED, JOB_REASON_MAX, &reason);
	fits = text_copy(reason, a->reason, sizeof(a->reason)) &&
	       text_copy(note, a->note, sizeof(a->note));
	assert(fits);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	} else if (r->call->uid == CALL_NO_UID) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "nobody knows who you are");
	}
	json_free(&body);
	return problem->code == PROBLEM_NONE;
}

void api_resume_post(struct api_request *r)
{
	struct api_resume *a = api_query_new(r, sizeof(*a), NULL);

	if (!api_resume_read(r, a)) {
		api_query_answer(&a->query);
		return;
	}
	a->job = (struct job){ .kind = JOB_RESUME, .done = api_resumed, .context = a };
	a->job.u.resume.reason = text_of(a->reason);
	a->job.u.resume.note = text_of(a->note);
	a->job.u.resume.actor = (struct job_actor){ .uid = r->call->uid, .client = r->client };
	engine_submit(r->engine, &a->job);
}
