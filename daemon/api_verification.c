/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/ledger/verification: the book verified while it is written, told line by line.
 *
 * A copy is made as for a backup, and verified (daemon/examination.h) instead of fetched: what it
 * finds is of one moment, no reader is in anybody's way, and no row written meanwhile is taken for
 * one too many.  There is one at a time, and it lives as long as whoever asked for it listens.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/backup.h"
#include "daemon/examination.h"

enum {
	VERIFICATION_TICK_MS = 100,
	VERIFICATION_IDLE_MS = 1000,
	VERIFICATION_TELL_MS = 1000, /* how far it is, at least so often: the peer knows it lives */
	VERIFICATION_LEVEL_SIZE = 16,
	VERIFICATION_PIECE_MAX = 2 << 20,                    /* every fault that is told, at once */
	VERIFICATION_LINE_MAX = 1024,                        /* of what is no fault */
	VERIFICATION_FAULT_MAX = 3 * VERIFY_FAULT_SIZE + 16, /* of bytes that are no UTF-8 */
};

_Static_assert((int)VERIFY_FAULTS_MAX *(int)VERIFICATION_FAULT_MAX + (int)VERIFICATION_LINE_MAX <
		       (int)VERIFICATION_PIECE_MAX,
	"a piece has room for all faults that are told");

struct verification {
	struct engine *engine;
	struct call *call; /* NULL: nobody listens any more */
	struct examination *examination;
	struct copy *copy; /* NULL: it is freed */
	bool quick;
	bool sending; /* a piece has not left */
	bool over;    /* the last one is on its way */
	bool full;    /* the disk is */
	struct copy_progress progress;
	int64_t told_ms;
	struct buffer out;
};

void verification_free(struct verification **verification)
{
	struct verification *v = *verification;

	*verification = NULL;
	if (v != NULL) {
		assert(v->call == NULL);
		copy_free(&v->copy);
		examination_free(&v->examination);
		buffer_done(&v->out);
		free(v);
	}
}

static void verification_hang_up(struct verification *v, bool whole)
{
	struct call *call = v->call;

	if (v->copy != NULL) {
		copy_stop(v->copy);
	}
	v->call = NULL;
	if (call != NULL) {
		call->held = NULL;
		call->pieces->end(call, whole);
	}
}

void verification_stop(struct engine *engine)
{
	if (engine->verification != NULL) {
		verification_hang_up(engine->verification, false);
	}
}

/* ---- what is said ---- */

static void verification_write_progress(struct verification *v)
{
	struct json_writer w;

	json_writer_init(&w, &v->out);
	json_open_object(&w, NULL);
	json_number(&w, "all", v->progress.all);
	json_number(&w, "done", v->progress.done);
	json_cstring(&w, "state", v->progress.state == COPY_COPYING ? "copying" : "verifying");
	json_close_object(&w);
	buffer_add_char(&v->out, '\n');
}

static void verification_write_faults(struct verification *v)
{
	char fault[VERIFY_FAULT_SIZE];

	while (examination_take(v->examination, fault)) {
		struct json_writer w;

		json_writer_init(&w, &v->out);
		json_open_object(&w, NULL);
		json_text(&w, "fault", text_of(fault)); /* U+FFFD where a row has no UTF-8 */
		json_close_object(&w);
		buffer_add_char(&v->out, '\n');
	}
}

static void verification_write_result(struct verification *v)
{
	const struct examination_result *r = examination_result(v->examination);
	struct json_writer w;

	json_writer_init(&w, &v->out);
	json_open_object(&w, NULL);
	if (v->progress.state == COPY_READY) {
		json_number(&w, "faults", r->faults);
		json_cstring(&w, "level", v->quick ? "quick" : "full");
		json_number(&w, "records", r->records);
		json_number(&w, "rows", r->rows);
		json_open_object(&w, "signatures");
		json_number(&w, "checked", r->signatures.checked);
		json_number(&w, "size", (int64_t)r->signatures.size);
		json_number(&w, "unchecked", r->signatures.unchecked);
		json_close_object(&w);
		json_cstring(&w, "state", "verified");
	} else {
		json_cstring(&w, "state", "failed");
		json_cstring(&w, "why", v->progress.why);
	}
	json_close_object(&w);
	buffer_add_char(&v->out, '\n');
}

static void verification_log(struct verification *v)
{
	const struct examination_result *r = examination_result(v->examination);
	bool done = v->progress.state == COPY_READY;
	char faults[ENGINE_NUMBER_SIZE];
	char records[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "faults", engine_number(r->faults, faults) },
		{ "records", engine_number(r->records, records) },
		{ "why", text_of(v->progress.why) },
	};

	engine_log(v->engine, done && r->faults == 0 ? PORTS_INFO : PORTS_WARNING,
		done ? "verification.done" : "verification.failed", done ? fields : fields + 2,
		done ? 2 : 1);
}

/* ---- its way ---- */

/* The piece has left, or nobody is there to take it. */
static void verification_ready(struct call *call)
{
	struct verification *v = call->held;

	assert(v != NULL);
	assert(v->call == call);

	v->sending = false;
	if (call->gone) {
		verification_hang_up(v, false);
	} else if (v->over) {
		struct engine *engine = v->engine;

		verification_hang_up(v, true);
		verification_free(&engine->verification);
	}
}

/* Where the copy is; with nobody at it any more, it goes. */
static void verification_look(struct verification *v)
{
	struct engine *engine = v->engine;
	bool ends;

	if (v->copy == NULL) {
		return;
	}
	ends = copy_is_free(v->copy);
	copy_progress(v->copy, &v->progress);
	if (v->progress.state == COPY_COPYING && !backup_has_room(engine, &v->progress)) {
		v->full = true;
		copy_stop(v->copy);
	}
	if (ends) {
		if (v->full) {
			(void)snprintf(v->progress.why, sizeof(v->progress.why),
				"the disk has no room for a copy and its reserve: make room");
		}
		copy_free(&v->copy);
		verification_log(v);
	}
}

static void verification_tell(struct verification *v)
{
	int64_t now_ms = v->engine->ports.now_ms(v->engine->ports.world);

	buffer_reset(&v->out);
	verification_write_faults(v);
	if (v->copy == NULL) {
		verification_write_result(v);
		v->over = true;
	} else if (now_ms - v->told_ms >= VERIFICATION_TELL_MS) {
		verification_write_progress(v);
		v->told_ms = now_ms;
	}
	assert(!v->out.overflowed);
	if (v->out.size > 0) {
		v->sending = true;
		v->call->pieces->piece(v->call, buffer_text(&v->out));
	}
}

int64_t verification_tick(struct engine *engine)
{
	struct verification *v = engine->verification;

	if (v == NULL) {
		return VERIFICATION_IDLE_MS;
	}
	verification_look(v);
	if (v->call != NULL && v->call->gone && !v->sending) {
		verification_hang_up(v, false);
	}
	if (v->call == NULL && v->copy == NULL) {
		verification_free(&engine->verification);
	} else if (v->call != NULL && !v->sending && !v->over) {
		verification_tell(v);
	}
	return VERIFICATION_TICK_MS;
}

/* ---- the call ---- */

static void verification_begin(struct engine *engine, struct call *call, bool quick,
	struct problem *problem)
{
	struct verification *v = mem_new(1, sizeof(*v));

	assert(call->pieces != NULL);

	v->engine = engine;
	v->quick = quick;
	buffer_init(&v->out, VERIFICATION_PIECE_MAX);
	v->examination = examination_new(engine->almaty, quick);
	v->copy = engine->ports.examine != NULL
			  ? engine->ports.examine(engine->ports.world, v->examination)
			  : NULL;
	if (v->copy == NULL) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "no copy can be made here");
		verification_free(&v);
		return;
	}
	v->call = call;
	call->held = v;
	call->ready = verification_ready;
	engine->verification = v;
	call->pieces->begin(call, 200, "application/x-ndjson", NULL, 0);
	verification_tell(v);
}

void api_verification_get(struct api_request *r)
{
	char level[VERIFICATION_LEVEL_SIZE] = "full";
	struct problem problem = { 0 };
	struct parameters p;

	parameters_init(&p, r->call, &problem);
	if (parameters_text(&p, "level", level, sizeof(level)) && strcmp(level, "full") != 0 &&
		strcmp(level, "quick") != 0) {
		problem_set(&problem, PROBLEM_INVALID_FIELD, "level",
			"level must be full or quick");
	}
	if (parameters_end(&p) && backup_may_begin(r->engine, &problem) &&
		r->call->pieces == NULL) {
		problem_set(&problem, PROBLEM_UNAVAILABLE, "", "answers are sent whole here");
	}
	if (problem.code == PROBLEM_NONE) {
		verification_begin(r->engine, r->call, strcmp(level, "quick") == 0, &problem);
	}
	if (problem.code != PROBLEM_NONE) {
		api_refuse(r->engine, r->call, &problem);
	}
}
