/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/api_draft.h"

#include <assert.h>

static struct api_draft *api_draft_of(struct api_query *query)
{
	return (struct api_draft *)(void *)query;
}

/* ---- one at a time ---- */

static bool api_draft_enter(struct engine *engine, struct problem *problem)
{
	if (engine->drafting) {
		problem_set(problem, PROBLEM_OVERLOADED, "",
			"another draft of the tariff is being looked at");
		return false;
	}
	engine->drafting = true;
	return true;
}

static void api_draft_leave(struct engine *engine)
{
	assert(engine->drafting);

	engine->drafting = false;
}

/* ---- the call ---- */

static void api_draft_release(struct api_query *query)
{
	struct api_draft *draft = api_draft_of(query);

	draft_done(&draft->draft);
	json_free(&draft->body);
}

static void api_draft_then(struct api_query *query)
{
	api_draft_leave(query->engine);
	api_query_answer(query);
}

static bool api_draft_read(const struct api_request *r, struct api_draft *draft,
	api_draft_read_fn *read)
{
	struct problem *problem = &draft->query.problem;
	struct json_problem complaint = { 0 };
	struct json_reader reader;

	if (!api_body_read(r, false, &draft->body, problem)) {
		return false;
	}
	json_reader_init(&reader, draft->body, "", &complaint);
	read(draft, &reader);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	}
	return problem->code == PROBLEM_NONE;
}

void api_draft_post(struct api_request *r, struct api_draft *draft, api_draft_read_fn *read)
{
	assert(read != NULL);

	draft->query.release = api_draft_release;
	if (!api_draft_enter(r->engine, &draft->query.problem)) {
		api_query_answer(&draft->query);
		return;
	}
	if (!api_draft_read(r, draft, read)) {
		api_draft_then(&draft->query);
		return;
	}
	draft->query.then = api_draft_then;
	api_query_start(&draft->query);
}
