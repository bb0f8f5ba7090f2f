/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/activation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tariff/quote.h"

enum { ACTIVATION_MAGIC = 0xAC71F000 };

struct activation {
	unsigned magic;
	struct engine *engine;
	struct job job;
	const struct tariff *set;
	char *reason;
	size_t count;
	char *names[TARIFF_FILES_MAX];
	char *bytes[TARIFF_FILES_MAX];
	struct job_tariff_file files[TARIFF_FILES_MAX];
	activation_done_fn *done; /* or NULL */
	void *context;
};

_Static_assert((int)JOB_TARIFF_FILES_MAX >= (int)TARIFF_FILES_MAX, "the book takes every set");

/* Keeps what the job points to. */
static struct activation *activation_keep(struct engine *engine, struct tariff_file *files,
	size_t count, const char *reason)
{
	struct activation *a = mem_new(1, sizeof(*a));
	struct job_tariff *t = &a->job.u.tariff;

	a->magic = ACTIVATION_MAGIC;
	a->engine = engine;
	a->reason = mem_copy(reason, strlen(reason) + 1);
	a->count = count;
	tariffs_digest(files, count, t->digest);
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
	const struct tariff *set;
	struct activation *a;

	assert(engine != NULL);
	assert(reason != NULL && strlen(reason) <= JOB_REASON_MAX);

	if (!tariffs_load(engine->tariffs, files, count, &set, err) ||
		!tariff_serves(set, QUOTE_VERSION, err)) {
		return NULL;
	}
	assert(count <= TARIFF_FILES_MAX);
	memcpy(ordered, files, count * sizeof(*files));
	a = activation_keep(engine, ordered, count, reason);
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
	free(a->reason);
	free(a);
}

static void activation_booked(struct job *job)
{
	struct activation *a = job->context;
	struct engine *engine = a->engine;
	char digest[2 * JOB_DIGEST_SIZE + 1];
	struct ports_field fields[] = { { "sha256", TEXT("") }, { "reason", TEXT("") } };

	assert(a->magic == ACTIVATION_MAGIC);

	engine_job_done(engine, job);
	text_hex(job->u.tariff.digest, JOB_DIGEST_SIZE, digest);
	fields[0].value = text_of(digest);
	fields[1].value = text_of(a->reason);
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		tariffs_use(engine->tariffs, a->set);
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
	engine_submit(a->engine, &a->job);
}
