/* SPDX-License-Identifier: Apache-2.0 */

/* tariff - check, impact, activate: a change of law, before it counts and when it does. */
#include <inttypes.h>
#include <stdio.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/paper.h"
#include "tools/table.h"

enum { TARIFF_PLACE_SIZE = 256, TARIFF_COUNT_SIZE = 96 };

/* ---- asking ---- */

/* The files that stand behind the first word; false, and told. */
static bool tariff_add_files(struct session *session, const struct arguments *arguments,
	json_t *body)
{
	json_t *files = json_array();
	struct err err = { 0 };
	bool ok = true;

	(void)json_object_set_new(body, "files", files);
	for (size_t i = 1; ok && i < arguments->word_count; i++) {
		ok = paper_add(files, arguments->words[i], &err);
	}
	if (!ok) {
		(void)session_complain(session, SESSION_MISUSED, "%s", err.message);
	}
	return ok;
}

/* The files of cases that --cases names, as that member. */
static bool tariff_add_cases(struct session *session, const struct arguments *arguments,
	const char *name, json_t *body)
{
	json_t *files = json_array();
	struct err err = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < arguments->options[OPTION_CASES].count; i++) {
		ok = paper_add(files, arguments->options[OPTION_CASES].values[i], &err);
	}
	if (!ok) {
		(void)session_complain(session, SESSION_MISUSED, "%s", err.message);
	}
	if (json_array_size(files) > 0) {
		(void)json_object_set(body, name, files);
	}
	json_decref(files);
	return ok;
}

/* Asks; *value is the caller's. */
static enum session_exit tariff_ask(struct session *session, const char *start, json_t *body,
	struct client_answer *answer, json_t **value)
{
	struct buffer path;
	enum session_exit code;

	session_path_init(&path, start);
	code = session_ask(session, &path, body, answer);
	if (code == SESSION_DONE) {
		*value = session_parse(session, answer);
		code = *value != NULL ? SESSION_DONE : SESSION_UNREACHED;
	}
	buffer_done(&path);
	return code;
}

/* ---- showing ---- */

static const char *tariff_place(const json_t *item, char out[TARIFF_PLACE_SIZE])
{
	(void)snprintf(out, TARIFF_PLACE_SIZE, "%.*s:%" PRId64,
		TEXT_ARGS(member_string(item, "file")), member_integer(item, "line"));
	return out;
}

/* A set that was not taken: where, and why. */
static enum session_exit tariff_refused(struct session *session, const json_t *answer)
{
	struct text reason = member_string(answer, "reason");
	char place[TARIFF_PLACE_SIZE];

	if (member_string(answer, "file").size == 0) {
		return session_complain(session, SESSION_REFUSED, "%.*s", TEXT_ARGS(reason));
	}
	return session_complain(session, SESSION_REFUSED, "%s: %.*s", tariff_place(answer, place),
		TEXT_ARGS(reason));
}

static void tariff_show_faults(struct session *session, json_t *faults)
{
	static const struct table_column columns[] = {
		{ "Case", TABLE_LEFT, 0 },
		{ "Expected", TABLE_PROSE, 0 },
		{ "Came", TABLE_PROSE, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	char place[TARIFF_PLACE_SIZE];

	for (size_t i = 0; i < json_array_size(faults); i++) {
		const json_t *fault = json_array_get(faults, i);

		table_add(table, text_of(tariff_place(fault, place)));
		table_add(table, member_string(fault, "expected"));
		table_add(table, member_string(fault, "came"));
	}
	if (table_rows(table) > 0) {
		(void)fputc('\n', session->out);
		table_write(table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&table);
}

static void tariff_show_unhit(struct session *session, json_t *unhit)
{
	static const struct table_column columns[] = {
		{ "No case hits", TABLE_LEFT, 0 },
		{ "Where", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	char place[TARIFF_PLACE_SIZE];

	for (size_t i = 0; i < json_array_size(unhit); i++) {
		const json_t *row = json_array_get(unhit, i);

		table_add(table, member_string(row, "row"));
		table_add(table, text_of(tariff_place(row, place)));
	}
	if (table_rows(table) > 0) {
		(void)fputc('\n', session->out);
		table_write(table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&table);
}

static void tariff_show_check(struct session *session, json_t *answer)
{
	const json_t *cases = json_object_get(answer, "cases");
	char counts[TARIFF_COUNT_SIZE];

	session_pair(session, "SHA-256", answer, "sha256");
	session_pair(session, "Services", answer, "services");
	session_pair(session, "Rows", answer, "rows");
	if (!json_is_object(cases)) {
		return;
	}
	(void)snprintf(counts, sizeof(counts), "%" PRId64 ", %" PRId64 " failed",
		member_integer(cases, "count"), member_integer(cases, "fault_count"));
	session_pair_text(session, "Cases", text_of(counts));
	(void)snprintf(counts, sizeof(counts), "%" PRId64 " of %" PRId64 " rows",
		member_integer(answer, "rows") - member_integer(cases, "unhit_count"),
		member_integer(answer, "rows"));
	session_pair_text(session, "Hit", text_of(counts));
	tariff_show_faults(session, member_array(cases, "faults"));
	tariff_show_unhit(session, member_array(cases, "unhit"));
}

/* ---- check ---- */

static enum session_exit tariff_check(struct session *session, const struct arguments *arguments)
{
	struct client_answer answer;
	json_t *body = json_object();
	json_t *value = NULL;
	enum session_exit code = SESSION_MISUSED;

	client_answer_init(&answer);
	if (!tariff_add_files(session, arguments, body) ||
		!tariff_add_cases(session, arguments, "cases", body)) {
		json_decref(body);
		goto out;
	}
	code = tariff_ask(session, "/v1/tariff/check", body, &answer, &value);
	if (code != SESSION_DONE) {
		goto out;
	}
	if (!session->json && json_object_get(value, "reason") != NULL) {
		code = tariff_refused(session, value);
		goto out;
	}
	code = session_show(session, &answer, tariff_show_check);
	if (code == SESSION_DONE && !json_is_true(json_object_get(value, "ok"))) {
		code = SESSION_REFUSED;
	}
out:
	json_decref(value);
	client_answer_done(&answer);
	return code;
}

/* ---- impact ---- */

/* "129 750.00 KZT", on another day than asked for perhaps, or why there is nothing to pay. */
static void tariff_add_side(struct session *session, struct table *table, const json_t *side)
{
	struct text due = member_words(side, "due", session->language, &session->scratch);
	struct text day = member_string(side, "day");
	char earlier[TARIFF_COUNT_SIZE];

	if (due.size > 0 && day.size > 0) {
		(void)snprintf(earlier, sizeof(earlier), "%.*s on %.*s", TEXT_ARGS(due),
			TEXT_ARGS(day));
		due = text_of(earlier);
	}
	table_add(table, due.size > 0 ? due : member_string(side, "refused"));
}

/* "visa.exit issue", "evisa issue B1 DE", or where the case stands. */
static void tariff_add_sample(struct table *table, const json_t *item)
{
	const json_t *request = json_object_get(item, "request");
	const json_t *from = json_object_get(item, "case");
	static const char *const names[] = { "service", "action", "category", "mission", "years",
		"currency" };
	char place[TARIFF_PLACE_SIZE];
	struct buffer words;

	buffer_init(&words, MEMBER_MAX);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *word = json_object_get(request, names[i]);

		if (word != NULL) {
			buffer_add_string(&words, words.size > 0 ? " " : "");
			member_add_words(word, "en", &words);
		}
	}
	if (json_is_object(from)) {
		buffer_printf(&words, " (%s)", tariff_place(from, place));
	}
	table_add(table, buffer_text(&words));
	buffer_done(&words);
}

/* Who pays the same, or neither could, is counted and not listed. */
static void tariff_show_samples(struct session *session, json_t *items)
{
	static const struct table_column columns[] = {
		{ "What", TABLE_LEFT, 0 },
		{ "Day", TABLE_LEFT, 0 },
		{ "In use", TABLE_RIGHT, 0 },
		{ "New", TABLE_RIGHT, 0 },
		{ "Difference", TABLE_RIGHT, 0 },
		{ "Is", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		struct text kind = member_string(item, "kind");

		if (text_is(kind, "same") || text_is(kind, "neither")) {
			continue;
		}
		tariff_add_sample(table, item);
		table_add(table, member_string(item, "date"));
		tariff_add_side(session, table, json_object_get(item, "old"));
		tariff_add_side(session, table, json_object_get(item, "new"));
		table_add(table,
			member_words(item, "difference", session->language, &session->scratch));
		table_add(table, kind);
	}
	if (table_rows(table) > 0) {
		table_write(table, TABLE_HEADED, session->width, session->out);
		(void)fputc('\n', session->out);
	}
	table_free(&table);
}

static const char *const tariff_kinds[] = { "more", "less", "same", "refused", "possible",
	"currency", "neither" };

enum { TARIFF_KINDS = sizeof(tariff_kinds) / sizeof(*tariff_kinds) };

static void tariff_add_counts(struct session *session, struct table *table, struct text service,
	const json_t *counts)
{
	table_add(table, service);
	for (size_t i = 0; i < TARIFF_KINDS; i++) {
		table_add(table, member_words(counts, tariff_kinds[i], session->language,
					 &session->scratch));
	}
}

static void tariff_show_impact(struct session *session, json_t *answer)
{
	static const struct table_column columns[1 + TARIFF_KINDS] = {
		{ "Service", TABLE_LEFT, 0 },
		{ "More", TABLE_RIGHT, 0 },
		{ "Less", TABLE_RIGHT, 0 },
		{ "Same", TABLE_RIGHT, 0 },
		{ "Refused", TABLE_RIGHT, 0 },
		{ "Possible", TABLE_RIGHT, 0 },
		{ "Currency", TABLE_RIGHT, 0 },
		{ "Neither", TABLE_RIGHT, 0 },
	};
	struct table *table = table_new(columns, 1 + TARIFF_KINDS);
	json_t *items = member_array(answer, "items");
	json_t *services = member_array(answer, "services");

	tariff_show_samples(session, items);
	for (size_t i = 0; i < json_array_size(services); i++) {
		const json_t *service = json_array_get(services, i);

		tariff_add_counts(session, table, member_string(service, "service"),
			json_object_get(service, "count"));
	}
	tariff_add_counts(session, table, TEXT("all"), json_object_get(answer, "total"));
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
	if ((size_t)member_integer(answer, "samples") > json_array_size(items)) {
		(void)session_complain(session, SESSION_DONE,
			"%zu of %" PRId64 " samples were told, those that matter most",
			json_array_size(items), member_integer(answer, "samples"));
	}
}

static enum session_exit tariff_impact(struct session *session, const struct arguments *arguments)
{
	struct client_answer answer;
	json_t *body = json_object();
	json_t *value = NULL;
	enum session_exit code = SESSION_MISUSED;

	client_answer_init(&answer);
	if (!tariff_add_files(session, arguments, body) ||
		!tariff_add_cases(session, arguments, "samples", body) ||
		!session_add_option(session, body, "date", arguments, OPTION_DATE)) {
		json_decref(body);
		goto out;
	}
	code = tariff_ask(session, "/v1/tariff/impact", body, &answer, &value);
	if (code == SESSION_DONE && !json_is_true(json_object_get(value, "ok"))) {
		code = session->json ? session_show(session, &answer, NULL)
				     : tariff_refused(session, value);
		code = code == SESSION_DONE ? SESSION_REFUSED : code;
	} else if (code == SESSION_DONE) {
		code = session_show(session, &answer, tariff_show_impact);
	}
out:
	json_decref(value);
	client_answer_done(&answer);
	return code;
}

/* ---- activate ---- */

static void tariff_show_activation(struct session *session, json_t *answer)
{
	bool proposed = text_is(member_string(answer, "state"), "proposed");

	session_pair_text(session, "State",
		proposed ? TEXT("proposed, not in use") : TEXT("in use"));
	session_pair(session, "SHA-256", answer, "sha256");
	session_pair(session, "Changed", answer, "changed");
	session_pair(session, "Proposed by", answer, "proposed_by");
	session_pair(session, "By", answer, "activated_by");
	session_pair(session, "Record", answer, "record");
	session_pair(session, "Voided", answer, "voided");
	if (proposed) {
		session_pair_text(session, "Next",
			TEXT("another person activates it; the proposal is forgotten when the "
			     "daemon ends"));
	}
}

static enum session_exit tariff_activate(struct session *session, const struct arguments *arguments)
{
	struct client_answer answer;
	json_t *body = json_object();
	json_t *value = NULL;
	enum session_exit code = SESSION_MISUSED;

	client_answer_init(&answer);
	if (!arguments_has(arguments, OPTION_REASON)) {
		code = session_complain(session, code, "tariff activate wants --reason TEXT");
		json_decref(body);
	} else if (!session_add_option(session, body, "reason", arguments, OPTION_REASON) ||
		   !session_add_option(session, body, "sha256", arguments, OPTION_SHA256)) {
		json_decref(body);
	} else {
		code = tariff_ask(session, "/v1/tariff/activate", body, &answer, &value);
	}
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, tariff_show_activation);
	}
	json_decref(value);
	client_answer_done(&answer);
	return code;
}

/* ---- the command ---- */

enum session_exit tariff_run(struct session *session, const struct arguments *arguments)
{
	static const char files[] = "files or a folder";
	static const struct command_word rows[] = {
		{ "check", tariff_check, OPTION_BIT(OPTION_CASES), 2, ARGUMENTS_WORDS_MAX, files },
		{ "impact", tariff_impact, OPTION_BIT(OPTION_CASES) | OPTION_BIT(OPTION_DATE), 2,
			ARGUMENTS_WORDS_MAX, files },
		{ "activate", tariff_activate,
			OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_SHA256), 1, 1, NULL },
	};

	return command_run_word(session, arguments, rows, sizeof(rows) / sizeof(*rows));
}
