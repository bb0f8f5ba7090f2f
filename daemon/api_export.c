/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/ledger/export: the book as other programs' journals, streamed. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/export.h"
#include "daemon/stream.h"

enum { API_EXPORT_FORMAT_SIZE = 16 };

struct api_export {
	struct stream stream; /* first */
	struct job job;       /* a checkpoint, so that all there is can be proven */
	struct export_head head;
	enum export_format format;
	struct export *export; /* once begun */
	struct walk_span span; /* what is left */
	bool bounded;          /* as_of_record was given */
};

static struct api_export *api_export_of(struct stream *stream)
{
	return (struct api_export *)(void *)stream;
}

static void api_export_release(struct stream *stream)
{
	export_free(&api_export_of(stream)->export);
}

/* The next line of a note. */
static struct text api_export_line(const char **note)
{
	struct text line = { *note, strcspn(*note, "\n") };

	*note += line.size;
	*note += **note == '\n' ? 1 : 0;
	return line;
}

/* What a checkpoint's note says: its first three lines. */
static bool api_export_take_note(struct export_head *head, const char *note)
{
	struct text origin = api_export_line(&note);
	struct text size = api_export_line(&note);
	struct text root = api_export_line(&note);

	return text_copy(origin, head->origin, sizeof(head->origin)) &&
	       text_parse_integer(size, &head->size) &&
	       text_copy(root, head->root, sizeof(head->root));
}

/* Which checkpoint, which entries.  False: the problem, or the error, is set. */
static bool api_export_find(struct reader *reader, struct api_export *x)
{
	struct stream *s = &x->stream;
	char note[NOTE_TEXT_SIZE];
	enum reader_result result;
	uint64_t size = 0;

	result = x->bounded ? walk_checkpoint(reader, x->head.as_of_record, note, &s->err)
			    : reader_checkpoint(reader, INT64_MAX, note, &size, &s->err);
	if (result == READER_FAILED) {
		return false;
	}
	if (result == READER_ABSENT) {
		problem_set(&s->problem, x->bounded ? PROBLEM_INVALID_FIELD : PROBLEM_UNAVAILABLE,
			x->bounded ? "as_of_record" : "", "no checkpoint covers the record yet");
		return false;
	}
	if (!api_export_take_note(&x->head, note)) {
		return err_set(&s->err, ERR_DATABASE, "the newest checkpoint is none");
	}
	if (!x->bounded) {
		x->head.as_of_record = x->head.size;
	}
	return walk_span(reader, x->head.as_of_record, x->head.day_from, x->head.day_until,
		&x->span, &s->err);
}

/* Entries until the piece is large enough, or a step is done. */
static void api_export_entries(struct reader *reader, struct api_export *x)
{
	struct stream *s = &x->stream;
	struct walk_entry *rows = mem_new(WALK_ENTRIES_MAX, sizeof(*rows));
	size_t count = 0;

	if (walk_step(reader, &x->span, rows, &count, &s->err)) {
		for (size_t i = 0; i < count && s->out.size < STREAM_PIECE_SIZE; i++) {
			export_entry(x->export, &rows[i], &s->out);
			x->span.first = rows[i].number + 1;
		}
	}
	free(rows);
}

static void api_export_make(struct reader *reader, struct stream *stream)
{
	struct api_export *x = api_export_of(stream);

	if (x->export == NULL) {
		if (!api_export_find(reader, x)) {
			return;
		}
		x->head.entries = x->span.last - x->span.first + 1;
		x->export = export_new(x->format, &x->head);
		export_begin(x->export, &stream->out);
	}
	if (x->span.first <= x->span.last) {
		api_export_entries(reader, x);
	} else {
		stream->ended = export_end(x->export, &stream->out);
	}
}

/* Whatever became of it: what the newest checkpoint covers is exported. */
static void api_export_covered(struct job *job)
{
	struct api_export *x = job->context;

	engine_job_done(x->stream.engine, job);
	stream_start(&x->stream);
}

static void api_export_cover(struct api_export *x)
{
	x->job.kind = JOB_CHECKPOINT;
	x->job.context = x;
	x->job.done = api_export_covered;
	engine_submit(x->stream.engine, &x->job);
}

static void api_export_take(struct parameters *p, struct api_export *x)
{
	char format[API_EXPORT_FORMAT_SIZE] = "";

	if ((!parameters_text(p, "format", format, sizeof(format)) ||
		    !export_format_parse(text_of(format), &x->format)) &&
		p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "format",
			"format must be hledger, ledger, beancount or csv");
	}
	(void)parameters_day(p, "from", &x->head.day_from);
	(void)parameters_day(p, "to", &x->head.day_until);
	x->bounded = parameters_integer(p, "as_of_record", 1, ID_NUMBER_MAX, &x->head.as_of_record);
	if (x->head.day_from != DATE_NONE && x->head.day_until != DATE_NONE &&
		x->head.day_from > x->head.day_until && p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "to", "to is before from");
	}
}

void api_export_get(struct api_request *r)
{
	struct api_export *x = stream_new(r, sizeof(*x), api_export_make);
	struct parameters p;

	if (x == NULL) {
		return;
	}
	x->stream.release = api_export_release;
	x->head.day_from = DATE_NONE;
	x->head.day_until = DATE_NONE;
	parameters_init(&p, r->call, &x->stream.problem);
	api_export_take(&p, x);
	if (!parameters_end(&p)) {
		stream_refuse(&x->stream);
		return;
	}
	x->stream.content_type = export_content_type(x->format);
	if (!x->bounded && api_checkpoint_is_due(r->engine)) {
		api_export_cover(x);
	} else {
		stream_start(&x->stream);
	}
}
