/* SPDX-License-Identifier: Apache-2.0 */

/* book - what operators do with the book as a whole. */
#include "tools/command.h"
#include "tools/member.h"
#include "tools/paper.h"

enum { BOOK_DAYS_MAX = 366 };

/* ---- rotate-key ---- */

static void book_show_keys(struct session *session, json_t *answer)
{
	json_t *keys = member_array(answer, "keys");

	session_pair(session, "Record", answer, "record");
	for (size_t i = 0; i < json_array_size(keys); i++) {
		json_t *key = json_array_get(keys, i);

		session_pair_text(session, i == 0 ? "New key" : "Until then",
			(struct text){ json_string_value(key), json_string_length(key) });
		if (i == 0) {
			session_pair(session, "Both until", answer, "until");
		}
	}
}

static enum session_exit book_rotate_key(struct session *session, const struct arguments *arguments)
{
	struct client_answer answer;
	struct buffer path;
	struct err err = { 0 };
	enum session_exit code = SESSION_MISUSED;
	json_t *body = json_object();
	int64_t days = -1;

	client_answer_init(&answer);
	session_path_init(&path, "/v1/ledger/key/rotate");
	if (!arguments_integer(arguments, OPTION_DAYS, 0, BOOK_DAYS_MAX, &days, &err)) {
		(void)session_complain(session, SESSION_MISUSED, "%s", err.message);
	} else if (arguments_value(arguments, OPTION_REASON) == NULL) {
		(void)session_complain(session, SESSION_MISUSED,
			"book rotate-key wants --reason TEXT");
	} else if (session_add_option(session, body, "reason", arguments, OPTION_REASON)) {
		if (days >= 0) {
			(void)json_object_set_new(body, "days", json_integer(days));
		}
		code = session_ask(session, &path, body, &answer);
		body = NULL; /* it was taken over */
	}
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, book_show_keys);
	}
	json_decref(body);
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

/* ---- resume ---- */

static void book_show_resumed(struct session *session, json_t *answer)
{
	json_t *gateway;
	size_t i;

	session_pair(session, "Generation", answer, "generation");
	session_pair(session, "Record", answer, "record");
	session_pair(session, "Since", answer, "since");
	session_pair(session, "Lost", answer, "lost");
	session_pair_text(session, "",
		json_integer_value(json_object_get(answer, "known")) > 0
			? TEXT("records, at least, of the newest checkpoint known")
			: TEXT("records that are known of: no checkpoint is known here, so give "
			       "the newest you find elsewhere to your auditors"));
	json_array_foreach(json_object_get(answer, "unlisted"), i, gateway)
	{
		session_pair_text(session, "Ask for",
			TEXT("a register of payments since then, of a gateway that can not list "
			     "them:"));
		session_pair_text(session, "", text_of(json_string_value(gateway)));
	}
}

static enum session_exit book_resume(struct session *session, const struct arguments *arguments)
{
	const char *note = arguments_value(arguments, OPTION_CHECKPOINT);
	struct client_answer answer;
	struct buffer path;
	json_t *body = json_object();
	json_t *files = json_array();
	enum session_exit code = SESSION_MISUSED;
	struct err err = { 0 };

	client_answer_init(&answer);
	session_path_init(&path, "/v1/book/resume");
	if (!arguments_has(arguments, OPTION_REASON)) {
		(void)session_complain(session, code, "book resume wants --reason TEXT");
	} else if (note != NULL && !paper_read(files, note, &err)) {
		(void)session_complain(session, code, "%s", err.message);
	} else if (session_add_option(session, body, "reason", arguments, OPTION_REASON) &&
		   session_add_member(body, "checkpoint",
			   json_string_value(json_object_get(json_array_get(files, 0), "text")))) {
		code = session_ask(session, &path, json_incref(body), &answer);
	}
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, book_show_resumed);
	}
	json_decref(body);
	json_decref(files);
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

/* ---- the command ---- */

enum session_exit book_run(struct session *session, const struct arguments *arguments)
{
	static const char file[] = "a FILE on which no daemon runs";
	static const struct command_word rows[] = {
		{ "rotate-key", book_rotate_key,
			OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DAYS), 1, 1, NULL },
		{ "resume", book_resume, OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_CHECKPOINT),
			1, 1, NULL },
		{ "verify", verification_run,
			OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_CHECKPOINT) |
				OPTION_BIT(OPTION_QUICK) | OPTION_BIT(OPTION_VERIFIER),
			1, 2, NULL },
		{ "rebuild", maintenance_verify,
			OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_CHECKPOINT), 2, 2, file },
	};

	return command_run_word(session, arguments, rows, sizeof(rows) / sizeof(*rows));
}
