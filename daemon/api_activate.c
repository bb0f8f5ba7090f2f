/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/tariff/activate: the set in the tariff's folder goes into use, with a reason.
 *
 * Where two persons are wanted the first call proposes, and only another uid's takes it; what lies
 * in the folder must still be what was proposed.  A proposal is forgotten when the daemon ends.
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/activation.h"
#include "daemon/api_operator.h"

enum { API_SHA256_DIGITS = 2 * JOB_DIGEST_SIZE };

struct api_activate {
	struct api_query query; /* first; never run: a job is what is waited for */
	char reason[JOB_REASON_MAX + 1];
	bool has_digest;
	bool differs;                    /* the folder from that digest */
	uint8_t digest[JOB_DIGEST_SIZE]; /* what the caller has checked */
	struct job_actor actor;
	struct activation *activation; /* until it is started */
	struct err err;                /* of the set */
};

/* ---- the answers ---- */

/* In use, newly or already. */
static void api_activate_answer_used(struct api_activate *a, const struct job_tariff *t,
	int64_t record)
{
	struct json_writer w;

	json_writer_init(&w, &a->query.out);
	json_open_object(&w, NULL);
	if (t->activated_by != NULL && record != 0) {
		api_operator_write(&w, "activated_by", t->activated_by);
	}
	json_true_or_false(&w, "changed", record != 0);
	if (t->proposed_by != NULL && record != 0) {
		api_operator_write(&w, "proposed_by", t->proposed_by);
	}
	if (record != 0) {
		json_number(&w, "record", record);
	}
	json_hex(&w, "sha256", t->digest, JOB_DIGEST_SIZE);
	json_cstring(&w, "state", "in_use");
	json_close_object(&w);
	api_query_answer(&a->query);
}

static void api_activate_booked(struct engine *engine, const struct job *job, void *context)
{
	struct api_activate *a = context;

	(void)engine;
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		api_activate_answer_used(a, &job->u.tariff,
			job->outcome == JOB_DONE ? job->record : 0);
		return;
	}
	api_problem_of_job(job, &a->query.problem);
	api_query_answer(&a->query);
}

static void api_activate_answer_proposed(struct api_activate *a, const uint8_t *voided)
{
	const struct engine_proposal *proposal = &a->query.engine->proposal;
	struct json_writer w;

	json_writer_init(&w, &a->query.out);
	json_open_object(&w, NULL);
	json_true_or_false(&w, "changed", false);
	json_cstring(&w, "kept_until", "the daemon ends");
	api_operator_write(&w, "proposed_by", &proposal->actor);
	json_cstring(&w, "reason", proposal->reason);
	json_hex(&w, "sha256", proposal->digest, JOB_DIGEST_SIZE);
	json_cstring(&w, "state", "proposed");
	if (voided != NULL) {
		json_hex(&w, "voided", voided, JOB_DIGEST_SIZE);
	}
	json_close_object(&w);
	a->query.status = 202;
	api_query_answer(&a->query);
}

/* ---- deciding ---- */

static void api_activate_log(struct api_activate *a, const char *event)
{
	char digest[API_SHA256_DIGITS + 1];
	char uid[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "sha256", TEXT("") },
		{ "uid", engine_number(a->actor.uid, uid) },
		{ "reason", text_of(a->reason) },
	};
	struct ports_field told[sizeof(fields) / sizeof(*fields)];

	memcpy(told, fields, sizeof(told));
	text_hex(activation_digest(a->activation), JOB_DIGEST_SIZE, digest);
	told[0].value = text_of(digest);
	engine_log(a->query.engine, PORTS_INFO, event, told, sizeof(told) / sizeof(*told));
}

/* The first of two persons; a proposal of another set is void. */
static void api_activate_propose(struct api_activate *a)
{
	struct engine_proposal *proposal = &a->query.engine->proposal;
	uint8_t voided[JOB_DIGEST_SIZE];
	bool had = proposal->is_made;
	bool fits;

	memcpy(voided, proposal->digest, sizeof(voided));
	*proposal = (struct engine_proposal){ .is_made = true, .actor = a->actor };
	memcpy(proposal->digest, activation_digest(a->activation), sizeof(proposal->digest));
	fits = text_copy(text_of(a->reason), proposal->reason, sizeof(proposal->reason));
	assert(fits);
	(void)fits;
	api_activate_log(a, "tariff.proposed");
	activation_free(&a->activation);
	api_activate_answer_proposed(a, had ? voided : NULL);
}

static void api_activate_start(struct api_activate *a, const struct engine_proposal *proposal)
{
	const struct activation_persons persons = {
		.activated_by = &a->actor,
		.proposal = proposal,
	};
	struct activation *activation = a->activation;

	a->activation = NULL;
	activation_set_persons(activation, &persons);
	activation_start(activation, api_activate_booked, a);
}

/* What lies in the folder can be used, and is what the caller means. */
static void api_activate_decide(struct api_activate *a)
{
	struct engine *engine = a->query.engine;
	struct engine_proposal proposal = engine->proposal;
	const uint8_t *digest = activation_digest(a->activation);
	const struct tariff *in_use = tariffs_current(engine->tariffs);
	struct job_tariff unchanged = { .count = 0 };
	bool is_used =
		in_use != NULL && memcmp(tariff_digest(in_use), digest, JOB_DIGEST_SIZE) == 0;
	bool is_proposed =
		proposal.is_made && memcmp(proposal.digest, digest, JOB_DIGEST_SIZE) == 0;

	if (engine->activations > 0) {
		/* What is in use may be another set by the time the book decides. */
		problem_set(&a->query.problem, PROBLEM_ILLEGAL_STATE, "",
			"another activation is under way: look at what is in use, and call again");
		api_query_answer(&a->query);
	} else if (engine->settings.activation == ENGINE_BY_TWO && is_used) {
		memcpy(unchanged.digest, digest, sizeof(unchanged.digest));
		api_activate_answer_used(a, &unchanged, 0);
	} else if (engine->settings.activation != ENGINE_BY_TWO) {
		api_activate_start(a, NULL); /* the book knows that it is in use, too */
	} else if (!is_proposed) {
		api_activate_propose(a);
	} else if (proposal.actor.uid == a->actor.uid) {
		problem_set(&a->query.problem, PROBLEM_NOT_PERMITTED, "",
			"you proposed this set yourself: another person must activate it");
		api_query_answer(&a->query);
	} else {
		engine->proposal = (struct engine_proposal){ .is_made = false };
		api_activate_start(a, &proposal);
	}
}

/* ---- the call ---- */

/* Inside the port: the files are there as long as this lasts. */
static void api_activate_take(void *context, const struct tariff_file *files, size_t count)
{
	struct api_activate *a = context;
	struct tariff_file ordered[TARIFF_FILES_MAX];
	uint8_t digest[JOB_DIGEST_SIZE];

	if (a->has_digest && count <= TARIFF_FILES_MAX) {
		memcpy(ordered, files, count * sizeof(*files));
		tariffs_digest(ordered, count, digest);
		a->differs = memcmp(a->digest, digest, sizeof(digest)) != 0;
	}
	if (!a->differs) { /* what is not meant need not be read */
		a->activation = activation_new(a->query.engine, files, count, a->reason, &a->err);
	}
}

/* True when there is a set to decide about. */
static bool api_activate_load(struct api_activate *a)
{
	struct engine *engine = a->query.engine;
	struct problem *problem = &a->query.problem;
	struct err err = { 0 };

	if (engine->ports.tariff == NULL ||
		!engine->ports.tariff(engine->ports.world, api_activate_take, a, &err)) {
		problem_set(problem, PROBLEM_TARIFF_REFUSED, "", "%.*s", PROBLEM_DETAIL_SIZE - 1,
			engine->ports.tariff == NULL ? "there is no folder" : err.message);
	} else if (a->differs) {
		problem_set(problem, PROBLEM_TARIFF_DIFFERS, "sha256",
			"the folder holds another set than the one you name");
	} else if (a->activation == NULL) {
		problem_set(problem, PROBLEM_TARIFF_REFUSED, "", "%.*s", PROBLEM_DETAIL_SIZE - 1,
			a->err.message);
	}
	return problem->code == PROBLEM_NONE;
}

/* "0f3a..." as check tells it, or "sha256:0f3a..." as quotes do. */
static void api_activate_read_digest(struct json_reader *r, struct api_activate *a)
{
	const struct text prefix = TEXT("sha256:");
	struct text digits = TEXT("");

	json_take_text(r, "sha256", JSON_OPTIONAL, prefix.size + API_SHA256_DIGITS, &digits);
	if (text_starts(digits, prefix)) {
		digits.bytes += prefix.size;
		digits.size -= prefix.size;
	}
	a->has_digest = digits.size > 0;
	if (a->has_digest && !text_unhex(digits, a->digest, sizeof(a->digest))) {
		json_complain(r, JSON_WRONG, "sha256", "must be %d hexadecimal digits",
			API_SHA256_DIGITS);
	}
}

static bool api_activate_read(const struct api_request *r, struct api_activate *a)
{
	struct problem *problem = &a->query.problem;
	struct json_problem complaint = { 0 };
	struct json_value *body = NULL;
	struct json_reader reader;
	struct text reason = TEXT("");

	a->actor = (struct job_actor){ .uid = r->call->uid, .client = r->client };
	if (!api_body_read(r, false, &body, problem)) {
		return false;
	}
	json_reader_init(&reader, body, "", &complaint);
	json_take_text(&reader, "reason", JSON_REQUIRED, JOB_REASON_MAX, &reason);
	api_activate_read_digest(&reader, a);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	} else if (!text_copy(reason, a->reason, sizeof(a->reason))) {
		assert(false); /* it has the bound */
	} else if (a->actor.uid == CALL_NO_UID) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "nobody knows who you are");
	}
	json_free(&body);
	return problem->code == PROBLEM_NONE;
}

static void api_activate_release(struct api_query *query)
{
	activation_free(&((struct api_activate *)(void *)query)->activation);
}

void api_activate_post(struct api_request *r)
{
	struct api_activate *a = api_query_new(r, sizeof(*a), NULL);

	a->query.release = api_activate_release;
	if (api_activate_read(r, a) && api_activate_load(a)) {
		api_activate_decide(a);
	} else {
		api_query_answer(&a->query);
	}
	activation_look(r->engine);
}
