/* SPDX-License-Identifier: Apache-2.0 */

/* period - months: closed, listed, and shown with their closing balances. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/table.h"

#define PERIOD_PATH "/v1/periods"

static void period_show_warnings(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Warning", TABLE_LEFT, 0 },
		{ "Account", TABLE_LEFT, 0 },
		{ "Balance", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "code", "account", "balance" };
	json_t *warnings = member_array(answer, "warnings");

	if (json_array_size(warnings) > 0) {
		(void)fputc('\n', session->out);
		session_table(session, columns, names, sizeof(names) / sizeof(*names), warnings);
	}
}

static void period_show_month(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Debit", TABLE_RIGHT, 0 },
		{ "Credit", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "debit", "credit" };
	json_t *checkpoint = json_object_get(answer, "checkpoint");

	session_pair(session, "Month", answer, "month");
	session_pair(session, "Reason", answer, "reason");
	session_pair(session, "Closed at", answer, "booked_at");
	session_pair(session, "Last entry", answer, "last_entry");
	session_pair(session, "Accounts", answer, "accounts");
	session_pair(session, "SHA-256", answer, "sha256");
	session_pair(session, "Record", answer, "record");
	session_pair(session, "Checkpoint", checkpoint, "record");
	session_pair(session, "Of records", checkpoint, "size");
	(void)fputc('\n', session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "totals"));
	period_show_warnings(session, answer);
}

static void period_show_balances(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Account", TABLE_LEFT, 0 },
		{ "Debit", TABLE_RIGHT, 0 },
		{ "Credit", TABLE_RIGHT, 0 },
		{ "Balance", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "account", "debit", "credit", "balance" };

	period_show_month(session, answer);
	(void)fputc('\n', session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
}

static void period_show_list(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Month", TABLE_LEFT, 0 },
		{ "Closed at", TABLE_LEFT, 0 },
		{ "Record", TABLE_RIGHT, 0 },
		{ "Last entry", TABLE_RIGHT, 0 },
		{ "Reason", TABLE_PROSE, 0 },
	};
	static const char *const names[] = { "month", "booked_at", "record", "last_entry",
		"reason" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
}

static enum session_exit period_close(struct session *session, const struct arguments *arguments)
{
	json_t *body = json_object();
	struct client_answer answer;
	enum session_exit code;
	struct buffer path;

	session_path_init(&path, PERIOD_PATH);
	session_add_part(&path, arguments_word(arguments, 1));
	buffer_add_string(&path, "/close");
	client_answer_init(&answer);
	if (!session_add_option(session, body, "reason", arguments, OPTION_REASON)) {
		json_decref(body);
		code = SESSION_MISUSED;
	} else {
		code = session_post(session, &path, arguments, body, &answer);
	}
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, period_show_month);
	}
	client_answer_done(&answer);
	buffer_done(&path);
	return code;
}

static enum session_exit period_read(struct session *session, const struct arguments *arguments)
{
	const char *month = arguments_word(arguments, 1);
	enum session_exit code;
	struct buffer path;

	session_path_init(&path, PERIOD_PATH);
	if (month != NULL) {
		session_add_part(&path, month);
	}
	code = session_show_list(session, &path, arguments,
		month != NULL ? period_show_balances : period_show_list);
	buffer_done(&path);
	return code;
}

enum session_exit period_run(struct session *session, const struct arguments *arguments)
{
	const char *word = arguments_word(arguments, 0);
	bool reasoned = arguments_has(arguments, OPTION_REASON);
	bool named = arguments_word(arguments, 1) != NULL;
	bool paged = arguments_has(arguments, OPTION_LIMIT) ||
		     arguments_has(arguments, OPTION_CURSOR) ||
		     arguments_has(arguments, OPTION_ALL);

	assert(word != NULL);

	if (strcmp(word, "close") == 0) {
		return named && reasoned && !paged
			       ? period_close(session, arguments)
			       : session_complain(session, SESSION_MISUSED,
					 "period close wants a month (2026-10) and --reason");
	}
	if (strcmp(word, "show") != 0 && strcmp(word, "list") != 0) {
		return session_complain(session, SESSION_MISUSED, "there is no period %s", word);
	}
	if (reasoned || arguments_has(arguments, OPTION_KEY) ||
		named != (strcmp(word, "show") == 0)) {
		return session_complain(session, SESSION_MISUSED,
			"period show wants a month (2026-10), list wants none, and neither a "
			"--reason or --key");
	}
	return period_read(session, arguments);
}
