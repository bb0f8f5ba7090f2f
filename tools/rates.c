/* SPDX-License-Identifier: Apache-2.0 */

/* rates - official exchange rates: lists taken into use, and what is in use for a day. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/paper.h"
#include "tools/progress.h"
#include "tools/table.h"

#define RATES_PATH "/v1/rates"

static const struct table_column rates_columns[] = {
	{ "File", TABLE_LEFT, 0 },
	{ "Day", TABLE_LEFT, 0 },
	{ "Outcome", TABLE_LEFT, 0 },
	{ "Rates", TABLE_PROSE, 0 },
	{ "Before", TABLE_PROSE, 0 },
};

/* "EUR 540.5, KRW 34.12 for 100"; added to `out`. */
static void rates_add_words(json_t *rates, struct buffer *out)
{
	for (size_t i = 0; i < json_array_size(rates); i++) {
		const json_t *rate = json_array_get(rates, i);
		struct text quant = member_string(rate, "quant");

		buffer_add_string(out, i > 0 ? ", " : "");
		buffer_add(out, member_string(rate, "currency"));
		buffer_add_char(out, ' ');
		buffer_add(out, member_string(rate, "rate"));
		if (!text_is(quant, "1")) {
			buffer_add_string(out, " for ");
			buffer_add(out, quant);
		}
	}
}

static struct text rates_words(struct session *session, json_t *rates)
{
	buffer_reset(&session->scratch);
	rates_add_words(rates, &session->scratch);
	return buffer_text(&session->scratch);
}

/* ---- import ---- */

struct rates_import {
	const struct arguments *arguments;
	struct table *table;
	json_t *paths;          /* of all lists */
	enum session_exit code; /* the first that was not DONE */
};

static void rates_note(struct rates_import *import, enum session_exit code)
{
	if (import->code == SESSION_DONE) {
		import->code = code;
	}
}

static void rates_add_row(struct session *session, struct rates_import *import, const char *name,
	const struct client_answer *answer)
{
	json_t *taken = session_parse(session, answer);
	bool replaced = text_is(member_string(taken, "outcome"), "replaced");

	table_add(import->table, text_of(name));
	table_add(import->table, member_string(taken, "day"));
	table_add(import->table, member_string(taken, "outcome"));
	table_add(import->table, rates_words(session, member_array(taken, "rates")));
	table_add(import->table,
		replaced ? rates_words(session, member_array(taken, "was")) : TEXT(""));
	json_decref(taken);
}

/* One list; what the daemon refuses is told with the file's name, and the next goes on. */
static void rates_import_one(struct session *session, struct rates_import *import,
	const json_t *file)
{
	const char *name = json_string_value(json_object_get(file, "name"));
	json_t *body = json_object();
	struct client_answer answer;
	struct buffer path;
	enum session_exit code = SESSION_MISUSED;

	session_path_init(&path, RATES_PATH);
	client_answer_init(&answer);
	(void)json_object_set(body, "feed", json_object_get(file, "text"));
	if (!session_add_option(session, body, "reason", import->arguments, OPTION_REASON)) {
		json_decref(body);
		goto out;
	}
	if (arguments_has(import->arguments, OPTION_REPLACE)) {
		(void)json_object_set_new(body, "replace", json_true());
	}
	code = session_ask(session, &path, body, &answer);
	if (code != SESSION_DONE) {
		(void)session_complain(session, code, "%s was not taken into use", name);
	} else if (session->json) {
		session_pass_through(session, buffer_text(&answer.body));
	} else {
		rates_add_row(session, import, name, &answer);
	}
out:
	rates_note(import, code);
	client_answer_done(&answer);
	buffer_done(&path);
}

/* What can not be read is told, and the next goes on. */
static void rates_import_path(struct session *session, struct rates_import *import,
	const char *path)
{
	json_t *files = json_array();
	struct err err = { 0 };

	if (paper_read(files, path, &err)) {
		rates_import_one(session, import, json_array_get(files, 0));
	} else {
		rates_note(import, session_complain(session, SESSION_MISUSED, "%s", err.message));
	}
	json_decref(files);
}

static void rates_import_find(struct session *session, struct rates_import *import)
{
	for (size_t i = 1; i < import->arguments->word_count; i++) {
		struct err err = { 0 };

		if (!paper_find(import->paths, import->arguments->words[i], &err)) {
			rates_note(import,
				session_complain(session, SESSION_MISUSED, "%s", err.message));
		}
	}
}

static enum session_exit rates_import(struct session *session, const struct arguments *arguments)
{
	struct rates_import import = { .arguments = arguments };
	struct progress progress;
	size_t count;

	import.paths = json_array();
	import.table = table_new(rates_columns, sizeof(rates_columns) / sizeof(*rates_columns));
	progress_init(&progress, "lists", session->complaints);
	rates_import_find(session, &import);
	count = json_array_size(import.paths);
	for (size_t i = 0; i < count && import.code != SESSION_UNREACHED; i++) {
		progress_set(&progress, (int64_t)i, (int64_t)count);
		rates_import_path(session, &import,
			json_string_value(json_array_get(import.paths, i)));
	}
	progress_done(&progress);
	if (table_rows(import.table) > 0) {
		table_write(import.table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&import.table);
	json_decref(import.paths);
	return import.code;
}

/* ---- show ---- */

static void rates_show_day(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Currency", TABLE_LEFT, 0 },
		{ "Tenge", TABLE_RIGHT, 0 },
		{ "For", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "currency", "rate", "quant" };

	session_pair(session, "Day", answer, "day");
	session_pair(session, "Source", answer, "source");
	session_pair(session, "Reason", answer, "reason");
	session_pair(session, "Record", answer, "record");
	session_pair(session, "Replaces", answer, "replaces");
	session_pair(session, "SHA-256", answer, "sha256");
	session_pair(session, "Booked at", answer, "booked_at");
	(void)fputc('\n', session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "rates"));
}

static enum session_exit rates_show(struct session *session, const struct arguments *arguments)
{
	enum session_exit code;
	struct buffer path;

	if (arguments->word_count > 1) {
		return session_complain(session, SESSION_MISUSED,
			"rates show takes no words; say --date for another day");
	}
	session_path_init(&path, RATES_PATH);
	session_add_query(&path, "date", arguments_value(arguments, OPTION_DATE));
	code = session_show_path(session, &path, rates_show_day);
	buffer_done(&path);
	return code;
}

/* ---- the command ---- */

enum session_exit rates_run(struct session *session, const struct arguments *arguments)
{
	const char *word = arguments_word(arguments, 0);
	bool reasoned = arguments_has(arguments, OPTION_REASON);

	assert(word != NULL);

	if (strcmp(word, "show") == 0) {
		return reasoned || arguments_has(arguments, OPTION_REPLACE)
			       ? session_complain(session, SESSION_MISUSED,
					 "rates show takes no --reason and no --replace")
			       : rates_show(session, arguments);
	}
	if (strcmp(word, "import") != 0) {
		return session_complain(session, SESSION_MISUSED, "there is no rates %s", word);
	}
	if (arguments->word_count < 2 || !reasoned || arguments_has(arguments, OPTION_DATE)) {
		return session_complain(session, SESSION_MISUSED,
			"rates import wants files, --reason and no --date");
	}
	return rates_import(session, arguments);
}
