/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/activation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tariff/quote.h"

enum { ACTIVATION_MAGIC = 0x0AC71F00 };

struct activation {
	unsigned magic;
	struct engine *engine;
	struct job job;
	struct tariff *set; /* until it is in use */
	char *reason;
	size_t count;
	char *names[TARIFF_FILES_MAX];
	char *bytes[TARIFF_FILES_MAX];
	struct job_tariff_file files[TARIFF_FILES_MAX];
	struct job_actor activated_by;
	struct engine_proposal proposal;
	activation_done_fn *done; /* or NULL */
	void *context;
};

_Static_assert((int)JOB_TARIFF_FILES_MAX >= (int)TARIFF_FILES_MAX, "the book takes every set");

/* Keeps what the job points to; the files stand in the order of their names. */
static struct activation *activation_keep(struct engine *engine, const struct tariff_file *files,
	size_t count, const char *reason)
{
	struct activation *a = mem_new(1, sizeof(*a));
	struct job_tariff *t = &a->job.u.tariff;

	a->magic = ACTIVATION_MAGIC;
	a->engine = engine;
	a->reason = mem_copy(reason, strlen(reason) + 1);
	a->count = count;
	for (size_t i = 0; i < count; i++) {
		a->names[i] = mem_copy(files[i].name, strlen(files[i].name) + 1);
		a->bytes[i] = mem_copy(files[i].bytes.bytes, files[i].bytes.size);
		a->files[i] = (struct job_tariff_file){
			.name = a->names[i],
			.bytes = { a->bytes[i], files[i].bytes.size },
		};
	}
	t->files = a->files;
	t->count = count;
	t->reason = text_of(a->reason);
	return a;
}

struct activation *activation_new(struct engine *engine, const struct tariff_file *files,
	size_t count, const char *reason, struct err *err)
{
	struct tariff_file ordered[TARIFF_FILES_MAX];
	struct tariff *set = NULL;
	struct activation *a;

	assert(engine != NULL);
	assert(reason != NULL && strlen(reason) <= JOB_REASON_MAX);

	if (!tariffs_load(files, count, &set, err) || !tariff_serves(set, QUOTE_VERSION, err)) {
		tariff_free(&set);
		return NULL;
	}
	assert(count <= TARIFF_FILES_MAX);
	memcpy(ordered, files, count * sizeof(*files));
	tariff_order_files(ordered, count);
	a = activation_keep(engine, ordered, count, reason);
	memcpy(a->job.u.tariff.digest, tariff_digest(set), JOB_DIGEST_SIZE);
	a->set = set;
	return a;
}

void activation_free(struct activation **activation)
{
	struct activation *a;

	assert(activation != NULL);

	a = *activation;
	*activation = NULL;
	if (a == NULL) {
		return;
	}
	assert(a->magic == ACTIVATION_MAGIC);
	a->magic = 0;
	for (size_t i = 0; i < a->count; i++) {
		free(a->names[i]);
		free(a->bytes[i]);
	}
	tariff_free(&a->set);
	free(a->reason);
	free(a);
}

const uint8_t *activation_digest(const struct activation *a)
{
	assert(a->magic == ACTIVATION_MAGIC);

	return a->job.u.tariff.digest;
}

void activation_set_persons(struct activation *a, const struct activation_persons *persons)
{
	struct job_tariff *t = &a->job.u.tariff;

	assert(a->magic == ACTIVATION_MAGIC);
	assert(persons->activated_by != NULL);

	a->activated_by = *persons->activated_by;
	t->activated_by = &a->activated_by;
	if (persons->proposal != NULL) {
		a->proposal = *persons->proposal;
		t->proposed_by = &a->proposal.actor;
		t->proposal = text_of(a->proposal.reason);
	}
}

static void activation_booked(struct job *job)
{
	struct activation *a = job->context;
	struct engine *engine = a->engine;
	char digest[2 * JOB_DIGEST_SIZE + 1];
	struct ports_field fields[] = { { "sha256", TEXT("") }, { "reason", TEXT("") } };

	assert(a->magic == ACTIVATION_MAGIC);

	engine_job_done(engine, job);
	engine->activations--;
	text_hex(job->u.tariff.digest, JOB_DIGEST_SIZE, digest);
	fields[0].value = text_of(digest);
	fields[1].value = text_of(a->reason);
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		tariffs_use(engine->tariffs, tariffs_add(engine->tariffs, &a->set));
		engine_log(engine, PORTS_INFO, "tariff.in_use", fields, 2);
	} else {
		engine_log(engine, PORTS_ERROR, "tariff.not_booked", fields, 2);
	}
	if (a->done != NULL) {
		a->done(engine, job, a->context);
	}
	activation_free(&a);
}

void activation_start(struct activation *a, activation_done_fn *done, void *context)
{
	assert(a->magic == ACTIVATION_MAGIC);

	a->done = done;
	a->context = context;
	a->job.kind = JOB_TARIFF;
	a->job.done = activation_booked;
	a->job.context = a;
	a->engine->activations++;
	engine_submit(a->engine, &a->job);
}

/* ---- the set of the book ---- */

struct activation_resumption {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	activation_then_fn *then;
	enum reader_result result;
	const struct tariff *set;
	struct err err;
};

/* On a reader's thread. */
static void activation_read_last(struct reader *reader, struct query *query)
{
	struct activation_resumption *r = (struct activation_resumption *)(void *)query;
	uint8_t digest[JOB_DIGEST_SIZE];

	assert(r->magic == ACTIVATION_MAGIC);

	r->result = reader_tariff_last(reader, digest, &r->err);
	if (r->result == READER_FOUND) {
		r->set = tariffs_find(r->engine->tariffs, reader, digest, &r->err);
	}
}

static void activation_resumed(struct query *query)
{
	struct activation_resumption *r = (struct activation_resumption *)(void *)query;
	struct engine *engine = r->engine;
	activation_then_fn *then = r->then;
	struct ports_field fields[] = { { "why", TEXT("") } };

	assert(r->magic == ACTIVATION_MAGIC);

	engine_query_done(engine);
	if (r->set != NULL && tariff_serves(r->set, QUOTE_VERSION, &r->err)) {
		tariffs_use(engine->tariffs, r->set);
	} else if (!engine->failed && (r->result == READER_FAILED || r->err.kind == ERR_DATABASE)) {
		engine_fail(engine, r->err.message);
	} else if (r->result != READER_ABSENT && !engine->failed) {
		fields[0].value = text_of(r->err.message);
		engine_log(engine, PORTS_ERROR, "tariff.not_resumed", fields, 1);
	}
	r->magic = 0;
	free(r);
	then(engine);
}

void activation_resume(struct engine *engine, activation_then_fn *then)
{
	struct activation_resumption *r = mem_new(1, sizeof(*r));

	assert(then != NULL);

	r->magic = ACTIVATION_MAGIC;
	r->engine = engine;
	r->then = then;
	r->result = READER_FAILED; /* until it has run */
	r->query.run = activation_read_last;
	r->query.done = activation_resumed;
	engine_query(engine, &r->query);
}

/* ---- the folder ---- */

static void activation_take_digest(void *context, const struct tariff_file *files, size_t count)
{
	struct engine_folder *folder = context;
	struct tariff_file ordered[TARIFF_FILES_MAX];

	assert(count > 0 && count <= TARIFF_FILES_MAX);

	memcpy(ordered, files, count * sizeof(*files));
	tariffs_digest(ordered, count, folder->digest);
	folder->is_read = true;
}

void activation_look(struct engine *engine)
{
	struct engine_folder folder = { .is_read = false };
	struct err err = { 0 };
	bool fits;

	if (engine->ports.tariff == NULL) {
		return;
	}
	if (!engine->ports.tariff(engine->ports.world, activation_take_digest, &folder, &err)) {
		fits = text_copy(text_of(err.message), folder.why, sizeof(folder.why));
		assert(fits);
		(void)fits;
	}
	engine->folder = folder;
}
