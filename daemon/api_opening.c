/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/ledger/records/{number}/private and .../evidence: the bytes that a record's leaf commits
 * to, so that whoever sees them can be sure that they are those of that record.
 */
#include "daemon/api.h"

struct api_opening {
	struct api_query query; /* first */
	int64_t record;
	bool evidence;
};

static void api_opening_run(struct reader *reader, struct api_query *query)
{
	const struct api_opening *o = (const struct api_opening *)(const void *)query;

	if (api_query_found(query,
		    reader_opening(reader, o->record, o->evidence, &query->out, &query->err),
		    "data: the record commits to none, or it was erased")) {
		query->content_type = "application/octet-stream";
	}
}

static void api_opening_get(struct api_request *r, bool evidence)
{
	struct api_opening *o = api_query_new(r, sizeof(*o), api_opening_run);
	struct parameters p;

	o->evidence = evidence;
	parameters_init(&p, r->call, &o->query.problem);
	if (parameters_end(&p) && !text_parse_integer(text_of(r->name), &o->record)) {
		problem_set(&o->query.problem, PROBLEM_NOT_FOUND, "", "there is no such record");
	}
	if (o->query.problem.code != PROBLEM_NONE) {
		api_query_answer(&o->query);
		return;
	}
	api_query_start(&o->query);
}

void api_private_get(struct api_request *r)
{
	api_opening_get(r, false);
}

void api_evidence_get(struct api_request *r)
{
	api_opening_get(r, true);
}
