/* SPDX-License-Identifier: Apache-2.0 */

/* What a doubter asks for: checkpoints, the key they are signed by, proofs. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/api.h"

enum { API_CHECKPOINT_MS = 1000 }; /* between checkpoints made on demand */

#define API_PLAIN "text/plain; charset=utf-8"

struct api_proof {
	struct api_query query; /* first */
	struct job job;
	int64_t record;
	int64_t first;
	int64_t second;
	int64_t size; /* of the tree; 0: that of the newest checkpoint */
};

static struct api_proof *api_proof_of(struct api_query *query)
{
	return (struct api_proof *)(void *)query;
}

/* ---- GET /v1/ledger/checkpoint ---- */

static void api_checkpoint_made(struct job *job)
{
	struct api_proof *p = job->context;

	engine_job_done(p->query.engine, job);
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		buffer_add_string(&p->query.out, job->u.checkpoint.note);
	} else {
		api_problem_of_job(job, &p->query.problem);
	}
	api_query_answer(&p->query);
}

bool api_checkpoint_is_due(struct engine *engine)
{
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);
	bool due =
		!engine_is_restored(engine) &&
		(engine->checkpoint_ms == 0 || now_ms - engine->checkpoint_ms >= API_CHECKPOINT_MS);

	if (due) {
		engine->checkpoint_ms = now_ms;
	}
	return due;
}

static void api_checkpoint_make(struct api_proof *p)
{
	struct engine *engine = p->query.engine;

	p->job.kind = JOB_CHECKPOINT;
	p->job.context = p;
	p->job.done = api_checkpoint_made;
	engine_submit(engine, &p->job);
}

static void api_checkpoint_run(struct reader *reader, struct api_query *query)
{
	char note[NOTE_TEXT_SIZE];
	uint64_t size;

	if (api_query_found(query, reader_checkpoint(reader, INT64_MAX, note, &size, &query->err),
		    "checkpoint")) {
		buffer_add_string(&query->out, note);
	}
}

/* The newest on disk, unless the very first is still being made: then one is made here too. */
static void api_checkpoint_read(struct api_query *query)
{
	if (query->problem.code == PROBLEM_NOT_FOUND && !engine_is_restored(query->engine)) {
		query->problem = (struct problem){ 0 };
		api_checkpoint_make(api_proof_of(query));
		return;
	}
	api_query_answer(query);
}

void api_checkpoint_get(struct api_request *r)
{
	struct api_proof *p = api_query_new(r, sizeof(*p), api_checkpoint_run);
	struct parameters parameters;

	p->query.content_type = API_PLAIN;
	p->query.then = api_checkpoint_read;
	parameters_init(&parameters, r->call, &p->query.problem);
	if (!parameters_end(&parameters)) {
		api_query_answer(&p->query);
	} else if (api_checkpoint_is_due(r->engine)) {
		api_checkpoint_make(p);
	} else {
		api_query_start(&p->query);
	}
}

/* ---- GET /v1/ledger/key ---- */

void api_key_get(struct api_request *r)
{
	struct problem problem = { 0 };
	struct parameters p;
	struct buffer out;

	parameters_init(&p, r->call, &problem);
	if (!parameters_end(&p)) {
		api_refuse(r->engine, r->call, &problem);
		return;
	}
	buffer_init(&out, (size_t)API_KEYS_MAX * NOTE_VERIFIER_SIZE);
	buffer_add_string(&out, r->engine->keys.verifier);
	buffer_add_char(&out, '\n');
	if (api_key_before(r->engine)[0] != '\0') {
		buffer_add_string(&out, api_key_before(r->engine));
		buffer_add_char(&out, '\n');
	}
	call_answer(r->call, 200, API_PLAIN, buffer_text(&out));
	buffer_done(&out);
}

/* ---- proofs ---- */

static void api_proof_write(struct json_writer *w, const struct tree_proof *proof)
{
	assert(proof->count <= TREE_PROOF_MAX);

	json_open_array(w, "proof");
	for (size_t i = 0; i < proof->count; i++) {
		json_hex(w, NULL, proof->hashes[i].bytes, sizeof(proof->hashes[i].bytes));
	}
	json_close_array(w);
}

/* The size of the newest checkpoint's tree where none is named. */
static bool api_proof_size(struct reader *reader, struct api_query *query, int64_t *size)
{
	char note[NOTE_TEXT_SIZE];
	uint64_t newest;

	if (*size > 0) {
		return true;
	}
	if (!api_query_found(query,
		    reader_checkpoint(reader, INT64_MAX, note, &newest, &query->err),
		    "checkpoint")) {
		return false;
	}
	*size = (int64_t)newest;
	return true;
}

static void api_inclusion_run(struct reader *reader, struct api_query *query)
{
	struct api_proof *p = api_proof_of(query);
	struct tree_proof proof;
	struct tree_hash root;
	struct json_writer w;

	if (!api_proof_size(reader, query, &p->size)) {
		return;
	}
	if (p->record > p->size) {
		problem_set(&query->problem, PROBLEM_INVALID_FIELD, "record",
			"record %" PRId64 " is not in the tree of %" PRId64, p->record, p->size);
		return;
	}
	if (!api_query_found(query,
		    reader_inclusion(reader, p->record, (uint64_t)p->size, &root, &proof,
			    &query->err),
		    "tree: the book is not that long")) {
		return;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_number(&w, "leaf_index", p->record - 1);
	api_proof_write(&w, &proof);
	json_number(&w, "record", p->record);
	json_hex(&w, "root", root.bytes, sizeof(root.bytes));
	json_number(&w, "size", p->size);
	json_close_object(&w);
}

static void api_consistency_run(struct reader *reader, struct api_query *query)
{
	struct api_proof *p = api_proof_of(query);
	struct tree_proof proof;
	struct json_writer w;

	if (!api_proof_size(reader, query, &p->second)) {
		return;
	}
	if (p->first > p->second) {
		problem_set(&query->problem, PROBLEM_INVALID_FIELD, "first",
			"a tree of %" PRId64 " has no part of %" PRId64, p->second, p->first);
		return;
	}
	if (!api_query_found(query,
		    reader_consistency(reader, (uint64_t)p->first, (uint64_t)p->second, &proof,
			    &query->err),
		    "tree: the book is not that long")) {
		return;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_number(&w, "first", p->first);
	api_proof_write(&w, &proof);
	json_number(&w, "second", p->second);
	json_close_object(&w);
}

/* Takes a number that must be there. */
static void api_proof_take(struct parameters *p, const char *name, int64_t *number)
{
	if (!parameters_integer(p, name, 1, ID_NUMBER_MAX, number) &&
		p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, name, "%s is required", name);
	}
}

static void api_proof_go(struct api_proof *p, struct parameters *parameters)
{
	if (parameters_end(parameters)) {
		api_query_start(&p->query);
	} else {
		api_query_answer(&p->query);
	}
}

void api_inclusion_get(struct api_request *r)
{
	struct api_proof *p = api_query_new(r, sizeof(*p), api_inclusion_run);
	struct parameters parameters;

	parameters_init(&parameters, r->call, &p->query.problem);
	api_proof_take(&parameters, "record", &p->record);
	(void)parameters_integer(&parameters, "size", 1, ID_NUMBER_MAX, &p->size);
	api_proof_go(p, &parameters);
}

void api_consistency_get(struct api_request *r)
{
	struct api_proof *p = api_query_new(r, sizeof(*p), api_consistency_run);
	struct parameters parameters;

	parameters_init(&parameters, r->call, &p->query.problem);
	api_proof_take(&parameters, "first", &p->first);
	(void)parameters_integer(&parameters, "second", 1, ID_NUMBER_MAX, &p->second);
	api_proof_go(p, &parameters);
}
