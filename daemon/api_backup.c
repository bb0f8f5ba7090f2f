/* SPDX-License-Identifier: Apache-2.0 */

/*
 * /v1/book/backup: a verified copy of the book, made while it is written, and fetched in pieces.
 *
 * There is one at a time, and it is somebody's: who asks for it must go on asking, else it is ended
 * and removed.  A checkpoint is signed first, so that nearly all of the copy is under it.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/backup.h"

enum {
	BACKUP_ID_SIZE = 17,
	BACKUP_PIECE_SIZE = 1 << 20,
	BACKUP_TICK_MS = 1000,
	BACKUP_PATIENCE_MS = 60000, /* so long a backup lives that nobody asks for */
};

#define BACKUP_OFFSET_MAX (INT64_C(1) << 50)

struct backup {
	char id[BACKUP_ID_SIZE];
	struct copy
		*copy; /* NULL: the checkpoint before it is being signed, or it came to nothing */
	bool signing;
	bool ended;  /* nobody wants it: it goes as soon as nobody is at it */
	int reading; /* pieces that are being read */
	int64_t asked_ms;
	char why[PROBLEM_DETAIL_SIZE]; /* it failed */
};

struct api_backup {
	struct api_query query; /* first */
	struct job job;         /* of the checkpoint */
	struct backup *backup;
	char id[BACKUP_ID_SIZE];
	int64_t offset;
};

static struct api_backup *api_backup_of(struct api_query *query)
{
	return (struct api_backup *)(void *)query;
}

/* ---- its life ---- */

static void backup_log(struct engine *engine, enum ports_level level, const char *event,
	const char *why)
{
	const struct ports_field fields[] = { { "why", text_of(why) } };

	engine_log(engine, level, event, fields, why[0] != '\0' ? 1 : 0);
}

/* Where it stands: what the copy says, or what happened before or since. */
static void backup_progress(const struct backup *backup, struct copy_progress *progress)
{
	*progress = (struct copy_progress){ .state = COPY_COPYING };
	if (backup->copy != NULL) {
		copy_progress(backup->copy, progress);
	}
	if (backup->why[0] != '\0') {
		progress->state = COPY_FAILED;
		(void)snprintf(progress->why, sizeof(progress->why), "%s", backup->why);
	}
}

static void backup_fail(struct engine *engine, const char *why)
{
	struct backup *backup = engine->backup;

	if (backup->why[0] != '\0') {
		return;
	}
	(void)snprintf(backup->why, sizeof(backup->why), "%s", why);
	if (backup->copy != NULL) {
		copy_stop(backup->copy);
	}
	backup_log(engine, PORTS_WARNING, "backup.failed", why);
}

static bool backup_is_free(const struct backup *backup)
{
	return !backup->signing && backup->reading == 0 &&
	       (backup->copy == NULL || copy_is_free(backup->copy));
}

void backup_free(struct backup **backup)
{
	assert(backup != NULL);

	if (*backup != NULL) {
		copy_free(&(*backup)->copy);
		free(*backup);
		*backup = NULL;
	}
}

bool backup_has_room(struct engine *engine, const struct copy_progress *progress)
{
	int64_t left = 0;

	if (progress->state == COPY_COPYING && progress->all > 0) {
		left = progress->size / progress->all * (progress->all - progress->done);
	}
	return engine->ports.disk_free(engine->ports.world) - left >= engine->settings.disk_reserve;
}

/* One that came to nothing is told of until it is ended, but has no room on the disk. */
static void backup_watch(struct engine *engine)
{
	struct backup *backup = engine->backup;
	struct copy_progress progress;

	backup_progress(backup, &progress);
	if (progress.state == COPY_FAILED && !backup->ended) {
		backup_fail(engine, progress.why);
	} else if (progress.state != COPY_READY && progress.state != COPY_FAILED &&
		   !backup_has_room(engine, &progress)) {
		backup_fail(engine, "the disk has no room for a copy and its reserve: make room");
	}
	if (backup->why[0] != '\0' && backup_is_free(backup)) {
		copy_free(&backup->copy);
	}
}

int64_t backup_tick(struct engine *engine)
{
	struct backup *backup = engine->backup;

	if (backup == NULL) {
		return BACKUP_TICK_MS;
	}
	backup_watch(engine);
	if (!backup->ended &&
		engine->ports.now_ms(engine->ports.world) - backup->asked_ms > BACKUP_PATIENCE_MS) {
		backup->ended = true;
		backup_log(engine, PORTS_WARNING, "backup.ended", "nobody asked for it any more");
	}
	if (backup->ended && backup->copy != NULL) {
		copy_stop(backup->copy);
	}
	if (backup->ended && backup_is_free(backup)) {
		backup_free(&engine->backup);
	}
	return BACKUP_TICK_MS;
}

/* ---- the answers ---- */

static const char *const backup_states[] = {
	[COPY_COPYING] = "copying",
	[COPY_CHECKING] = "checking",
	[COPY_READY] = "ready",
	[COPY_FAILED] = "failed",
};

static void api_backup_answer(struct api_query *query, const struct backup *backup)
{
	struct copy_progress progress;
	struct json_writer w;

	backup_progress(backup, &progress);
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_number(&w, "all", progress.all);
	if (progress.state == COPY_READY) {
		json_cstring(&w, "checkpoint", progress.result.note);
	}
	json_number(&w, "done", progress.done);
	json_cstring(&w, "id", backup->id);
	if (progress.state == COPY_READY) {
		json_number(&w, "records", progress.result.records);
	}
	json_number(&w, "size", progress.size);
	json_cstring(&w, "state", backup_states[progress.state]);
	if (progress.state == COPY_FAILED) {
		json_cstring(&w, "why", progress.why);
	}
	json_close_object(&w);
	api_query_answer(query);
}

/* ---- POST /v1/book/backup ---- */

static void api_backup_signed(struct job *job)
{
	struct api_backup *b = job->context;
	struct engine *engine = b->query.engine;
	struct backup *backup = engine->backup;

	engine_job_done(engine, job);
	backup->signing = false;
	if (job->outcome != JOB_DONE && job->outcome != JOB_REPEATED) {
		api_problem_of_job(job, &b->query.problem);
		backup->ended = true;
		api_query_answer(&b->query);
		return;
	}
	if (engine->ports.copy != NULL) {
		backup->copy = engine->ports.copy(engine->ports.world);
	}
	if (backup->copy == NULL) {
		backup_fail(engine, "no copy can be made here");
	} else {
		backup_log(engine, PORTS_INFO, "backup.begun", "");
	}
	api_backup_answer(&b->query, backup);
}

/* A backup that has come to nothing makes room for another. */
bool backup_may_begin(struct engine *engine, struct problem *problem)
{
	struct copy_progress progress;

	if (engine->backup != NULL) {
		backup_progress(engine->backup, &progress);
		if ((engine->backup->ended || progress.state == COPY_FAILED) &&
			backup_is_free(engine->backup)) {
			backup_free(&engine->backup);
		}
	}
	if (engine->backup != NULL || engine->verification != NULL) {
		problem_set(problem, PROBLEM_ILLEGAL_STATE, "",
			"a %s is under way: there is one copy of the book at a time",
			engine->backup != NULL ? "backup" : "verification");
	} else if (engine->ports.disk_free(engine->ports.world) < engine->settings.disk_reserve) {
		problem_set(problem, PROBLEM_LIMIT_REACHED, "",
			"the disk has less room than its reserve: make room");
	}
	return problem->code == PROBLEM_NONE;
}

void api_backup_post(struct api_request *r)
{
	struct api_backup *b = api_query_new(r, sizeof(*b), NULL);
	struct engine *engine = r->engine;
	struct json_value *body = NULL;
	struct json_problem complaint = { 0 };
	struct json_reader reader;
	uint8_t random[BACKUP_ID_SIZE / 2];

	if (api_body_read(r, true, &body, &b->query.problem)) {
		json_reader_init(&reader, body, "", &complaint);
		if (!json_reader_end(&reader)) {
			problem_of_json(&b->query.problem, &complaint);
		}
		json_free(&body);
	}
	if (b->query.problem.code != PROBLEM_NONE || !backup_may_begin(engine, &b->query.problem)) {
		api_query_answer(&b->query);
		return;
	}
	engine->backup = mem_new(1, sizeof(*engine->backup));
	engine->ports.random(engine->ports.world, random, sizeof(random));
	text_hex(random, sizeof(random), engine->backup->id);
	engine->backup->asked_ms = engine->ports.now_ms(engine->ports.world);
	engine->backup->signing = true;
	b->query.status = 201;
	b->job = (struct job){ .kind = JOB_CHECKPOINT, .done = api_backup_signed, .context = b };
	engine_submit(engine, &b->job);
}

/* ---- of one that is there ---- */

/* The backup that the request names; it lives on. */
static struct backup *api_backup_named(struct api_backup *b)
{
	struct engine *engine = b->query.engine;
	struct backup *backup = engine->backup;

	if (backup == NULL || backup->ended || strcmp(backup->id, b->id) != 0) {
		problem_set(&b->query.problem, PROBLEM_NOT_FOUND, "id",
			"there is no such backup: it was ended, or alymd was started since");
		return NULL;
	}
	backup->asked_ms = engine->ports.now_ms(engine->ports.world);
	return backup;
}

void api_backup_get(struct api_request *r)
{
	struct api_backup *b = api_query_new(r, sizeof(*b), NULL);
	struct parameters p;
	const struct backup *backup = NULL;

	parameters_init(&p, r->call, &b->query.problem);
	(void)parameters_text(&p, "id", b->id, sizeof(b->id));
	if (parameters_end(&p)) {
		backup = api_backup_named(b);
	}
	if (backup != NULL) {
		api_backup_answer(&b->query, backup);
	} else {
		api_query_answer(&b->query);
	}
}

static void api_backup_read(struct reader *reader, struct api_query *query)
{
	const struct api_backup *b = api_backup_of(query);
	char *bytes = mem_new(1, BACKUP_PIECE_SIZE);
	int64_t size = copy_read(b->backup->copy, b->offset, bytes, BACKUP_PIECE_SIZE);

	(void)reader;
	if (size < 0) {
		problem_set(&query->problem, PROBLEM_UNAVAILABLE, "", "the copy can not be read");
	} else {
		buffer_add(&query->out, (struct text){ bytes, (size_t)size });
	}
	free(bytes);
}

static void api_backup_was_read(struct api_query *query)
{
	struct backup *backup = api_backup_of(query)->backup;

	assert(backup->reading > 0);

	backup->reading--;
	api_query_answer(query);
}

void api_backup_data_get(struct api_request *r)
{
	struct api_backup *b = api_query_new(r, sizeof(*b), api_backup_read);
	struct copy_progress progress;
	struct parameters p;

	b->query.content_type = "application/octet-stream";
	b->query.then = api_backup_was_read;
	parameters_init(&p, r->call, &b->query.problem);
	(void)parameters_text(&p, "id", b->id, sizeof(b->id));
	(void)parameters_integer(&p, "offset", 0, BACKUP_OFFSET_MAX, &b->offset);
	if (parameters_end(&p)) {
		b->backup = api_backup_named(b);
	}
	if (b->backup != NULL) {
		backup_progress(b->backup, &progress);
		if (progress.state != COPY_READY) {
			problem_set(&b->query.problem, PROBLEM_ILLEGAL_STATE, "id",
				"the backup is not ready");
		}
	}
	if (b->backup == NULL || b->query.problem.code != PROBLEM_NONE) {
		api_query_answer(&b->query);
		return;
	}
	b->backup->reading++;
	api_query_start(&b->query);
}

/* ---- POST /v1/book/backup/end ---- */

void api_backup_end_post(struct api_request *r)
{
	struct api_backup *b = api_query_new(r, sizeof(*b), NULL);
	struct json_problem complaint = { 0 };
	struct json_value *body = NULL;
	struct json_reader reader;
	struct backup *backup = NULL;
	struct text id = TEXT("");

	if (api_body_read(r, false, &body, &b->query.problem)) {
		json_reader_init(&reader, body, "", &complaint);
		json_take_text(&reader, "id", JSON_REQUIRED, BACKUP_ID_SIZE - 1, &id);
		if (!json_reader_end(&reader)) {
			problem_of_json(&b->query.problem, &complaint);
		} else if (text_copy(id, b->id, sizeof(b->id))) {
			backup = api_backup_named(b);
		}
		json_free(&body);
	}
	if (backup != NULL) {
		api_backup_answer(&b->query, backup);
		backup->ended = true;
		(void)backup_tick(r->engine);
	} else {
		api_query_answer(&b->query);
	}
}
