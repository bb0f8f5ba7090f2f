/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verification - book verify: of a FILE, by alymd itself; of the book of the daemon that runs, by
 * that one, whose lines are shown as they come.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/command.h"
#include "tools/line.h"
#include "tools/member.h"
#include "tools/progress.h"

enum { VERIFICATION_LINE_MAX = 16384 };

struct verification {
	struct session *session;
	struct progress progress;
	const char *doing;  /* what the progress counts; or NULL */
	struct buffer line; /* the present one */
	json_t *last;       /* what came of it; NULL: not yet */
};

static void verification_show_progress(struct verification *v, const json_t *line)
{
	const char *state = json_string_value(json_object_get(line, "state"));
	const char *doing = strcmp(state, "copying") == 0 ? "pages copied" : "records verified";

	if (v->doing == NULL || strcmp(v->doing, doing) != 0) {
		progress_done(&v->progress);
		progress_init(&v->progress, doing, v->session->complaints);
		v->doing = doing;
	}
	progress_set(&v->progress, json_integer_value(json_object_get(line, "done")),
		json_integer_value(json_object_get(line, "all")));
}

static void verification_show_fault(struct verification *v, const char *fault)
{
	struct buffer clean;

	buffer_init(&clean, VERIFICATION_LINE_MAX);
	line_clean(&clean, text_of(fault), LINE_ENDS_REPLACED);
	progress_done(&v->progress);
	(void)fprintf(v->session->out, "%.*s\n", (int)clean.size, clean.bytes);
	buffer_done(&clean);
}

/* A line that has come to its end; false: it is none of ours. */
static bool verification_take_line(struct verification *v)
{
	json_t *line = v->line.overflowed ? NULL : member_parse(buffer_text(&v->line));
	const char *fault = json_string_value(json_object_get(line, "fault"));
	const char *state = json_string_value(json_object_get(line, "state"));
	bool known = fault != NULL || state != NULL;

	if (known && v->session->json) {
		session_pass_through(v->session, buffer_text(&v->line));
	} else if (fault != NULL) {
		verification_show_fault(v, fault);
	} else if (known && json_object_get(line, "done") != NULL) {
		verification_show_progress(v, line);
	}
	if (known && fault == NULL && json_object_get(line, "done") == NULL) {
		json_decref(v->last);
		v->last = json_incref(line);
	}
	json_decref(line);
	buffer_reset(&v->line);
	return known;
}

static bool verification_take(void *context, struct text bytes)
{
	struct verification *v = context;

	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.bytes[i] != '\n') {
			buffer_add_char(&v->line, bytes.bytes[i]);
		} else if (!verification_take_line(v)) {
			return false;
		}
	}
	return session_is_read(v->session);
}

static int64_t verification_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* In the words of alymd --verify-book. */
static void verification_tell(const struct verification *v, int64_t faults)
{
	const json_t *signatures = json_object_get(v->last, "signatures");
	int64_t unchecked = verification_number(signatures, "unchecked");
	const char *level = json_string_value(json_object_get(v->last, "level"));
	bool quick = level != NULL && strcmp(level, "quick") == 0;
	FILE *out = v->session->out;

	(void)fprintf(out,
		"The book: %" PRId64 " records, %" PRId64 " rows %s: %" PRId64 " fault%s.\n",
		verification_number(v->last, "records"), verification_number(v->last, "rows"),
		quick ? "looked at quickly" : "that follow from them", faults,
		faults == 1 ? "" : "s");
	if (unchecked > 0) {
		(void)fprintf(out,
			"Not checked: the signatures of %" PRId64
			" checkpoint%s, by keys that the book names and that have no file with the "
			"daemon any more.\n",
			unchecked, unchecked == 1 ? "" : "s");
	}
	if (quick) {
		(void)fprintf(out,
			"Not looked at: whether rows say what their records say, private data "
			"and evidence, keys, indexes.\nWithout --quick they are.\n");
	}
}

static enum session_exit verification_conclude(const struct verification *v, enum session_exit code)
{
	const char *why = json_string_value(json_object_get(v->last, "why"));
	int64_t faults = verification_number(v->last, "faults");

	if (code != SESSION_DONE && code != SESSION_UNWRITTEN) {
		return code;
	}
	if (v->line.size > 0 || v->line.overflowed || v->last == NULL) {
		return session_complain(v->session, SESSION_UNREACHED,
			"the verification was not ended: what came is no verdict");
	}
	if (why != NULL) {
		return session_complain(v->session, SESSION_REFUSED, "no verification: %s", why);
	}
	if (!v->session->json) {
		verification_tell(v, faults);
	}
	return faults > 0 ? SESSION_UNSOUND : SESSION_DONE;
}

static enum session_exit verification_ask(struct session *session,
	const struct arguments *arguments)
{
	struct verification v = { .session = session };
	enum session_exit code;
	struct buffer path;

	buffer_init(&v.line, VERIFICATION_LINE_MAX);
	progress_init(&v.progress, "records verified", NULL);
	session_path_init(&path, "/v1/ledger/verification");
	session_add_query(&path, "level",
		arguments_has(arguments, OPTION_QUICK) ? "quick" : "full");
	code = session_stream(session, &path, verification_take, &v);
	progress_done(&v.progress);
	code = verification_conclude(&v, code);
	buffer_done(&path);
	buffer_done(&v.line);
	json_decref(v.last);
	return code;
}

enum session_exit verification_run(struct session *session, const struct arguments *arguments)
{
	static const enum option of_files[] = { OPTION_CONFIG, OPTION_CHECKPOINT, OPTION_VERIFIER };

	if (arguments_word(arguments, 1) != NULL) {
		return maintenance_verify(session, arguments);
	}
	for (size_t i = 0; i < sizeof(of_files) / sizeof(*of_files); i++) {
		if (arguments_has(arguments, of_files[i])) {
			return session_complain(session, SESSION_MISUSED,
				"--%s is of book verify FILE; the book of a daemon that runs is held "
				"to what you kept by proof --consistency and mirror",
				option_row(of_files[i])->name);
		}
	}
	return verification_ask(session, arguments);
}
