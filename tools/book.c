/* SPDX-License-Identifier: Apache-2.0 */

/* book - what operators do with the book as a whole. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tools/command.h"
#include "tools/member.h"

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

/* ---- the command ---- */

enum session_exit book_run(struct session *session, const struct arguments *arguments)
{
	static const struct {
		const char *word;
		command_fn *run;
		uint64_t options;
	} rows[] = {
		{ "rotate-key", book_rotate_key,
			OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DAYS) },
	};
	const char *word = arguments_word(arguments, 0);

	assert(word != NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(word, rows[i].word) != 0) {
			continue;
		}
		for (enum option o = 0; o < OPTION_COUNT; o++) {
			if (arguments_has(arguments, o) &&
				((OPTION_GLOBAL | rows[i].options) & OPTION_BIT(o)) == 0) {
				return session_complain(session, SESSION_MISUSED,
					"--%s is no option of book %s", option_row(o)->name, word);
			}
		}
		return rows[i].run(session, arguments);
	}
	return session_complain(session, SESSION_MISUSED, "there is no book %s", word);
}
