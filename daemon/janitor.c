/* SPDX-License-Identifier: Apache-2.0 */

/*
 * janitor - what time alone asks for: payments run out, checkpoints are due, old messages go, and
 * operators are told what will become trouble.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "daemon/warning.h"

enum {
	JANITOR_MAGIC = 0x7A417045,
	JANITOR_EXPIRE_MAX = 100, /* payments expired at once */
	JANITOR_TICK_MS = 1000,
};

static const int64_t janitor_expire_ms = 60000;
static const int64_t janitor_clean_ms = 3600000;
static const int64_t janitor_disk_ms = 3600000;
static const int64_t janitor_warn_ms = 60000;

/* Monotonic milliseconds: when each is due. */
struct janitor {
	int64_t expire_at;
	int64_t checkpoint_at;
	int64_t clean_at;
	int64_t disk_at;
	int64_t warn_at;
	bool expiring;
	int32_t warned_on[WARNING_COUNT]; /* days; 0: not yet */
	int64_t covered; /* engine.written when the last checkpoint was asked for; -1: not yet */
};

struct janitor *janitor_new(void)
{
	struct janitor *janitor = mem_new(1, sizeof(*janitor));

	janitor->covered = -1; /* the last run may have left something uncovered */
	return janitor;
}

void janitor_free(struct janitor **janitor)
{
	assert(janitor != NULL);

	free(*janitor);
	*janitor = NULL;
}

/* ---- payments run out ---- */

struct janitor_expiry {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	int64_t now;
	int64_t after;
	bool read;
	struct err err;
	size_t count;
	size_t left; /* jobs not yet done */
	int64_t numbers[JANITOR_EXPIRE_MAX];
	struct job jobs[JANITOR_EXPIRE_MAX];
};

static void janitor_expiry_end(struct janitor_expiry *expiry)
{
	expiry->engine->janitor->expiring = false;
	expiry->magic = 0;
	free(expiry);
}

static void janitor_expired(struct job *job)
{
	struct janitor_expiry *expiry = job->context;

	assert(expiry->magic == JANITOR_MAGIC);
	assert(expiry->left > 0);

	engine_job_done(expiry->engine, job);
	expiry->left--;
	if (expiry->left > 0) {
		return;
	}
	if (expiry->count < JANITOR_EXPIRE_MAX || expiry->engine->failed ||
		expiry->engine->draining) {
		janitor_expiry_end(expiry);
		return;
	}
	expiry->after = expiry->numbers[expiry->count - 1];
	expiry->read = false;
	engine_query(expiry->engine, &expiry->query);
}

static void janitor_expiry_run(struct reader *reader, struct query *query)
{
	struct janitor_expiry *expiry = (struct janitor_expiry *)query;
	struct reader_page page = { .after = expiry->after, .limit = JANITOR_EXPIRE_MAX };

	assert(expiry->magic == JANITOR_MAGIC);

	expiry->read = reader_overdue(reader, expiry->now, &page, expiry->numbers, &expiry->err);
	expiry->count = page.count;
}

static void janitor_expiry_read(struct query *query)
{
	struct janitor_expiry *expiry = (struct janitor_expiry *)query;

	assert(expiry->magic == JANITOR_MAGIC);

	engine_query_done(expiry->engine);
	if (!expiry->read || expiry->count == 0 || expiry->engine->failed) {
		janitor_expiry_end(expiry);
		return;
	}
	expiry->left = expiry->count;
	for (size_t i = 0; i < expiry->count; i++) {
		expiry->jobs[i] = (struct job){
			.kind = JOB_EXPIRE,
			.payment = expiry->numbers[i],
			.done = janitor_expired,
			.context = expiry,
		};
		engine_submit(expiry->engine, &expiry->jobs[i]);
	}
}

static void janitor_expire(struct engine *engine)
{
	struct janitor_expiry *expiry = mem_new(1, sizeof(*expiry));

	assert(!engine->janitor->expiring);

	engine->janitor->expiring = true;
	expiry->magic = JANITOR_MAGIC;
	expiry->engine = engine;
	expiry->now = engine_now(engine);
	expiry->query.run = janitor_expiry_run;
	expiry->query.done = janitor_expiry_read;
	engine_query(engine, &expiry->query);
}

/* ---- jobs nobody waits for ---- */

struct janitor_job {
	unsigned magic;
	struct engine *engine;
	struct job job;
};

static void janitor_job_done(struct job *job)
{
	struct janitor_job *own = job->context;

	assert(own->magic == JANITOR_MAGIC);

	engine_job_done(own->engine, job);
	own->magic = 0;
	free(own);
}

static struct janitor_job *janitor_job_new(struct engine *engine, enum job_kind kind)
{
	struct janitor_job *own = mem_new(1, sizeof(*own));

	own->magic = JANITOR_MAGIC;
	own->engine = engine;
	own->job.kind = kind;
	own->job.done = janitor_job_done;
	own->job.context = own;
	return own;
}

static void janitor_checkpoint(struct engine *engine)
{
	engine->janitor->covered = engine->written;
	engine_submit(engine, &janitor_job_new(engine, JOB_CHECKPOINT)->job);
}

static void janitor_clean(struct engine *engine)
{
	struct janitor_job *own = janitor_job_new(engine, JOB_CLEAN);

	own->job.u.clean.received_before =
		engine_now(engine) - engine->settings.inbox_days * DATE_DAY_S;
	own->job.u.clean.keep_max = engine->settings.inbox_max;
	engine_submit(engine, &own->job);
}

/* ---- warnings ---- */

static void janitor_warn_disk(struct engine *engine)
{
	int64_t free_bytes = engine->ports.disk_free(engine->ports.world);
	char number[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = { { "bytes", engine_number(free_bytes, number) } };

	if (free_bytes < engine->settings.disk_reserve) {
		engine_log(engine, PORTS_ERROR, "disk.low", fields, 1);
	}
}

/* Each once a day of Almaty, and at once when it begins. */
static void janitor_warn(struct engine *engine)
{
	struct janitor *janitor = engine->janitor;
	const int32_t today = engine_today(engine);

	for (enum warning i = 0; i < WARNING_COUNT; i++) {
		if (janitor->warned_on[i] != today && warning_log(engine, i)) {
			janitor->warned_on[i] = today;
		}
	}
}

/* Whether it is due; then it is due again after `every_ms`. */
static bool janitor_is_due(int64_t *due_at, int64_t now_ms, int64_t every_ms)
{
	if (now_ms < *due_at) {
		return false;
	}
	*due_at = now_ms + every_ms;
	return true;
}

int64_t janitor_tick(struct engine *engine)
{
	struct janitor *janitor = engine->janitor;
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);

	if (!engine->ready || engine->draining || engine->failed) {
		return JANITOR_TICK_MS;
	}
	if (engine_is_restored(engine)) { /* nothing is written until it is resumed */
		return JANITOR_TICK_MS;
	}
	if (!janitor->expiring && janitor_is_due(&janitor->expire_at, now_ms, janitor_expire_ms)) {
		janitor_expire(engine);
	}
	/* A tick early, for the next one may be too late. */
	if (engine->written > janitor->covered &&
		janitor_is_due(&janitor->checkpoint_at, now_ms,
			engine->settings.checkpoint_s * 1000 - JANITOR_TICK_MS)) {
		janitor_checkpoint(engine);
	}
	if (inbox_is_open(engine) &&
		(inbox_wants_cleaning(engine) ||
			janitor_is_due(&janitor->clean_at, now_ms, janitor_clean_ms))) {
		janitor_clean(engine);
	}
	retention_tick(engine, now_ms);
	if (janitor_is_due(&janitor->disk_at, now_ms, janitor_disk_ms)) {
		janitor_warn_disk(engine);
	}
	if (janitor_is_due(&janitor->warn_at, now_ms, janitor_warn_ms)) {
		janitor_warn(engine);
	}
	return JANITOR_TICK_MS;
}
