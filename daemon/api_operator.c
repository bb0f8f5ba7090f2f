/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/api_operator.h"

#include <assert.h>

bool api_operator_read(const struct api_request *r, enum job_route route, struct api_operator *act,
	struct problem *problem)
{
	struct json_problem complaint = { 0 };
	struct json_value *body = NULL;
	struct text reason = TEXT("");
	struct api_key_body said;
	struct json_reader reader;
	bool fits;

	assert(act != NULL);

	act->actor = (struct job_actor){ .uid = r->call->uid, .client = r->client };
	if (act->actor.uid == CALL_NO_UID) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "nobody knows who you are");
		return false;
	}
	if (!api_body_read(r, false, &body, problem)) {
		return false;
	}
	json_reader_init(&reader, body, "", &complaint);
	json_take_text(&reader, "reason", JSON_REQUIRED, JOB_REASON_MAX, &reason);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	} else if (api_key_take(r, route, &act->key, &act->request, problem)) {
		api_key_body_init(&said);
		json_text(&said.w, "reason", reason);
		api_key_bind(r, &said, &act->request);
	}
	fits = text_copy(reason, act->reason, sizeof(act->reason));
	assert(fits); /* it has the bound */
	(void)fits;
	json_free(&body);
	return problem->code == PROBLEM_NONE;
}

bool api_operator_done(struct api_query *q, struct job *job)
{
	assert(q != NULL);

	engine_job_done(q->engine, job);
	q->replayed = job->outcome == JOB_REPEATED;
	q->status = 201;
	return job->outcome == JOB_DONE || job->outcome == JOB_REPEATED;
}

void api_operator_write(struct json_writer *w, const char *name, const struct job_actor *actor)
{
	assert(actor != NULL);

	json_open_object(w, name);
	json_number(w, "client", actor->client);
	json_number(w, "uid", actor->uid);
	json_close_object(w);
}
