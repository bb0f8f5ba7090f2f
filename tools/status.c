/* SPDX-License-Identifier: Apache-2.0 */

/* status - whether the daemon lives and is ready, and how far its book is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tools/command.h"
#include "tools/member.h"
#include "tools/table.h"

enum { STATUS_REPORT_MAX = 1 << 16 };

/* As far as the daemon tells this caller. */
struct status {
	struct buffer live; /* "alive", or why not */
	struct buffer ready;
	bool is_live;
	bool is_ready;
	json_t *warnings;   /* [{"code","detail"}]; NULL: not told */
	struct buffer note; /* the signed checkpoint, or empty */
	struct text origin;
	int64_t covered;
	int64_t generation; /* 0: not told */
	int64_t records;    /* -1: not told */
};

/* Asks a path into `out`: the word of its status, else what is wrong; its warnings, if there is
 * something to take them, are the caller's. */
static enum session_exit status_ask_health(struct session *session, const char *start,
	struct buffer *out, bool *fine, json_t **warnings)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;
	json_t *value;

	client_answer_init(&answer);
	session_path_init(&path, start);
	code = session_try(session, &path, &answer);
	if (code == SESSION_DONE) {
		*fine = answer.status == 200;
		value = member_parse(buffer_text(&answer.body));
		buffer_add(out, member_string(value, *fine ? "status" : "detail"));
		if (warnings != NULL) {
			*warnings = json_incref(member_array(value, "warnings"));
		}
		json_decref(value);
	}
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

/* Asks a path for text into `out`, which stays empty when the daemon would not say. */
static enum session_exit status_ask_text(struct session *session, const char *start,
	struct buffer *out)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;

	client_answer_init(&answer);
	session_path_init(&path, start);
	code = session_try(session, &path, &answer);
	if (code == SESSION_DONE && answer.status == 200) {
		buffer_add(out, buffer_text(&answer.body));
	}
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

/* Takes the first line off *rest. */
static struct text status_take_line(struct text *rest)
{
	const char *end = rest->size > 0 ? memchr(rest->bytes, '\n', rest->size) : NULL;
	struct text line = *rest;

	if (end == NULL) {
		*rest = TEXT("");
		return line;
	}
	line.size = (size_t)(end - rest->bytes);
	rest->bytes += line.size + 1;
	rest->size -= line.size + 1;
	return line;
}

/* "alymd/0f3a9c21/1" is of generation 1; then the number of records.  Nothing is verified here. */
static void status_read_note(struct status *status)
{
	struct text rest = buffer_text(&status->note);
	size_t slash;

	status->origin = status_take_line(&rest);
	if (!text_parse_integer(status_take_line(&rest), &status->covered)) {
		status->covered = -1;
	}
	slash = status->origin.size;
	while (slash > 0 && status->origin.bytes[slash - 1] != '/') {
		slash--;
	}
	if (!text_parse_integer((struct text){ status->origin.bytes + slash,
					status->origin.size - slash },
		    &status->generation)) {
		status->generation = 0;
	}
}

/* The value of alym_records among the metrics. */
static void status_read_metrics(struct status *status, struct text metrics)
{
	const struct text name = TEXT("alym_records ");

	while (metrics.size > 0) {
		struct text line = status_take_line(&metrics);

		if (text_starts(line, name)) {
			line.bytes += name.size;
			line.size -= name.size;
			if (!text_parse_integer(line, &status->records)) {
				status->records = -1;
			}
		}
	}
}

static enum session_exit status_ask(struct session *session, struct status *status)
{
	struct buffer metrics;
	enum session_exit code;

	buffer_init(&metrics, CLIENT_ANSWER_MAX);
	code = status_ask_health(session, "/livez", &status->live, &status->is_live, NULL);
	if (code == SESSION_DONE) {
		code = status_ask_health(session, "/readyz", &status->ready, &status->is_ready,
			&status->warnings);
	}
	if (code == SESSION_DONE) {
		code = status_ask_text(session, "/metrics", &metrics);
		status_read_metrics(status, buffer_text(&metrics));
	}
	if (code == SESSION_DONE && status->is_ready) {
		code = status_ask_text(session, "/v1/ledger/checkpoint", &status->note);
		status_read_note(status);
	}
	buffer_done(&metrics);
	return code;
}

static json_t *status_report(const struct status *status)
{
	json_t *report =
		json_pack("{s:b, s:b}", "live", status->is_live, "ready", status->is_ready);

	if (status->records >= 0) {
		(void)json_object_set_new(report, "records", json_integer(status->records));
	}
	if (status->generation > 0) {
		(void)json_object_set_new(report, "generation", json_integer(status->generation));
	}
	if (status->note.size > 0) {
		(void)json_object_set_new(report, "checkpoint",
			json_stringn(status->note.bytes, status->note.size));
	}
	if (status->warnings != NULL) {
		(void)json_object_set(report, "warnings", status->warnings);
	}
	return report;
}

static void status_show(struct session *session, const struct status *status, json_t *report)
{
	char covered[sizeof(" records, 9223372036854775807")];
	json_t *warning;
	size_t i;

	table_write_pair("Live", SESSION_LABEL_WIDTH, buffer_text(&status->live), session->width,
		session->out);
	table_write_pair("Ready", SESSION_LABEL_WIDTH, buffer_text(&status->ready), session->width,
		session->out);
	json_array_foreach(status->warnings, i, warning)
	{
		session_pair(session, "Warning", warning, "detail");
	}
	session_pair(session, "Generation", report, "generation");
	session_pair(session, "Records", report, "records");
	if (status->note.size > 0) {
		table_write_pair("Checkpoint", SESSION_LABEL_WIDTH, status->origin, session->width,
			session->out);
		(void)snprintf(covered, sizeof(covered), "%lld records",
			(long long)status->covered);
		table_write_pair("", SESSION_LABEL_WIDTH, text_of(covered), session->width,
			session->out);
	}
}

enum session_exit status_run(struct session *session, const struct arguments *arguments)
{
	struct status status = { .records = -1 };
	enum session_exit code;
	json_t *report;
	char *bytes;

	(void)arguments;
	buffer_init(&status.live, STATUS_REPORT_MAX);
	buffer_init(&status.ready, STATUS_REPORT_MAX);
	buffer_init(&status.note, STATUS_REPORT_MAX);
	code = status_ask(session, &status);
	if (code == SESSION_DONE) {
		report = status_report(&status);
		if (session->json) {
			bytes = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
			(void)fprintf(session->out, "%s\n", bytes);
			free(bytes);
		} else {
			status_show(session, &status, report);
		}
		json_decref(report);
		code = status.is_live && status.is_ready ? SESSION_DONE : SESSION_REFUSED;
	}
	json_decref(status.warnings);
	buffer_done(&status.live);
	buffer_done(&status.ready);
	buffer_done(&status.note);
	return code;
}
