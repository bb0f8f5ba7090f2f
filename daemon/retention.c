/* SPDX-License-Identifier: Apache-2.0 */

/*
 * retention - what lies beside the journal goes when its time is over, some rows at a time.
 *
 * A pass begins every hour: first evidence, then what is private.  A reader finds rows, the book
 * erases them with a record of its own, and the next slice begins where that one ended.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/engine_parts.h"

enum { RETENTION_MAGIC = 0x5E7A1D, RETENTION_ROWS_MAX = 200 };

static const int64_t retention_every_ms = 3600000;

struct retention {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	int64_t due_at; /* monotonic milliseconds */
	bool running;
	enum job_source source;
	int64_t after; /* a record */
	int64_t next;  /* where the slice after this one begins; 0: none of this source */
	bool read;
	struct err err;
	struct job job;
	struct job_forget forget;
};

_Static_assert((int)RETENTION_ROWS_MAX <= (int)JOB_ERASED_MAX, "a slice is one record");

struct retention *retention_new(void)
{
	struct retention *r = mem_new(1, sizeof(*r));

	r->magic = RETENTION_MAGIC;
	return r;
}

void retention_free(struct retention **retention)
{
	assert(retention != NULL);

	free(*retention);
	*retention = NULL;
}

static int64_t retention_days(const struct retention *r)
{
	const struct engine_settings *settings = &r->engine->settings;

	return r->source == JOB_SOURCE_EVIDENCE ? settings->evidence_days : settings->private_days;
}

static void retention_run(struct reader *reader, struct query *query)
{
	struct retention *r = (struct retention *)(void *)query;
	struct reader_page page = { .after = r->after, .limit = RETENTION_ROWS_MAX };

	assert(r->magic == RETENTION_MAGIC);

	r->read = reader_retention(reader, r->source, r->job.now - retention_days(r) * DATE_DAY_S,
		&page, r->forget.rows, &r->err);
	r->forget.count = page.count;
	r->next = page.next;
}

/* The next slice of this source, or of the other, or the end of the pass. */
static void retention_go_on(struct retention *r)
{
	r->running = r->next != 0 || r->source == JOB_SOURCE_EVIDENCE;
	if (r->next == 0) {
		r->source = JOB_SOURCE_PRIVATE;
	}
	r->running =
		r->running && retention_days(r) > 0 && !r->engine->failed && !r->engine->draining;
	r->after = r->next;
	r->next = 0;
	if (r->running) {
		r->job.now = engine_now(r->engine);
		engine_query(r->engine, &r->query);
	}
}

static void retention_forgot(struct job *job)
{
	struct retention *r = job->context;
	char count[ENGINE_NUMBER_SIZE];
	char record[ENGINE_NUMBER_SIZE];

	assert(r->magic == RETENTION_MAGIC);

	engine_job_done(r->engine, job);
	if (job->outcome == JOB_DONE) {
		const struct ports_field fields[] = {
			{ "record", engine_number(job->record, record) },
			{ "rows", engine_number((int64_t)r->forget.count, count) },
			{ "what", text_of(r->source == JOB_SOURCE_EVIDENCE ? "evidence"
									   : "private") },
		};

		r->engine->counts.erased += (int64_t)r->forget.count;
		engine_log(r->engine, PORTS_INFO, "retention.erased", fields,
			sizeof(fields) / sizeof(*fields));
	}
	retention_go_on(r);
}

static void retention_found(struct query *query)
{
	struct retention *r = (struct retention *)(void *)query;

	assert(r->magic == RETENTION_MAGIC);

	engine_query_done(r->engine);
	if (!r->read) {
		const struct ports_field fields[] = { { "why", text_of(r->err.message) } };

		r->running = false;
		engine_log(r->engine, PORTS_ERROR, "retention.failed", fields, 1);
		return;
	}
	if (r->forget.count == 0) {
		retention_go_on(r);
		return;
	}
	r->forget.reason = text_of(r->source == JOB_SOURCE_EVIDENCE ? "[retention] evidence_days"
								    : "[retention] private_days");
	r->job = (struct job){ .kind = JOB_FORGET,
		.done = retention_forgot,
		.context = r,
		.u.forget = &r->forget };
	engine_submit(r->engine, &r->job);
}

void retention_tick(struct engine *engine, int64_t now_ms)
{
	struct retention *r = engine->retention;

	assert(r->magic == RETENTION_MAGIC);

	if (r->running || now_ms < r->due_at) {
		return;
	}
	r->due_at = now_ms + retention_every_ms;
	r->engine = engine;
	r->running = engine->settings.evidence_days > 0 || engine->settings.private_days > 0;
	if (!r->running) {
		return;
	}
	r->source = engine->settings.evidence_days > 0 ? JOB_SOURCE_EVIDENCE : JOB_SOURCE_PRIVATE;
	r->after = 0;
	r->next = 0;
	r->read = false;
	r->err = (struct err){ 0 };
	r->query.run = retention_run;
	r->query.done = retention_found;
	r->job.now = engine_now(engine);
	engine_query(engine, &r->query);
}
