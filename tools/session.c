/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/session.h"

#include <assert.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "tools/line.h"
#include "tools/member.h"
#include "tools/table.h"

enum {
	SESSION_KEY_BYTES = 16, /* of randomness in a fresh Idempotency-Key */
	SESSION_KEY_SIZE = 2 * SESSION_KEY_BYTES + 1,
	SESSION_KEY_MAX = 255, /* bytes; the daemon's limit */
	SESSION_COMPLAINT_MAX = 65536,
	SESSION_PATIENCE_S = 1800,
	SESSION_TELL_AFTER = 3,  /* times that the client asked whether to go on */
	SESSION_HUSH_WIDTH = 48, /* of what was told */
};

enum session_exit session_complain(struct session *session, enum session_exit code,
	const char *format, ...)
{
	char message[SESSION_COMPLAINT_MAX];
	struct buffer clean;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	buffer_init(&clean, (size_t)3 * SESSION_COMPLAINT_MAX); /* a byte may become U+FFFD */
	line_clean(&clean, text_of(message), LINE_ENDS_KEPT);
	(void)fprintf(session->complaints, "alymctl: %.*s\n", TEXT_ARGS(buffer_text(&clean)));
	buffer_done(&clean);
	return code;
}

/* What a problem says besides the members every problem has: "payment p1-7". */
static void session_tell_rest(struct session *session, json_t *problem)
{
	static const char *const usual[] = { "type", "title", "status", "detail", "code", "field" };

	for (void *at = json_object_iter(problem); at != NULL;
		at = json_object_iter_next(problem, at)) {
		const char *name = json_object_iter_key(at);
		bool told = false;

		for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
			told = told || strcmp(name, usual[i]) == 0;
		}
		if (!told) {
			struct text words =
				member_words(problem, name, session->language, &session->scratch);

			(void)session_complain(session, SESSION_REFUSED, "  %s %.*s", name,
				TEXT_ARGS(words));
		}
	}
}

static enum session_exit session_refused(struct session *session,
	const struct client_answer *answer)
{
	struct text bytes = buffer_text(&answer->body);
	json_t *problem = NULL;
	struct text code;
	struct text field;

	if (strcmp(answer->content_type, "application/problem+json") == 0) {
		problem = member_parse(bytes);
	}
	code = member_string(problem, "code");
	field = member_string(problem, "field");
	if (code.size == 0) {
		(void)session_complain(session, SESSION_REFUSED, "the daemon answered %d",
			answer->status);
	} else if (session->json) {
		(void)fprintf(session->complaints, "%.*s\n", TEXT_ARGS(bytes));
	} else {
		(void)session_complain(session, SESSION_REFUSED, "%.*s%s%.*s: %.*s",
			TEXT_ARGS(code), field.size > 0 ? ": " : "", TEXT_ARGS(field),
			TEXT_ARGS(member_string(problem, "title")));
		if (member_string(problem, "detail").size > 0) {
			(void)session_complain(session, SESSION_REFUSED, "  %.*s",
				TEXT_ARGS(member_string(problem, "detail")));
		}
		session_tell_rest(session, problem);
	}
	json_decref(problem);
	return SESSION_REFUSED;
}

bool session_is_read(struct session *session)
{
	struct pollfd out = { .fd = fileno(session->out) };

	if (fflush(session->out) != 0 || ferror(session->out) != 0) {
		return false;
	}
	return out.fd < 0 || poll(&out, 1, 0) <= 0 || (out.revents & POLLERR) == 0;
}

void session_be_patient(struct session *session)
{
	session->is_patient = true;
	session->waits = 0;
}

/* On a terminal, on one line that is written over and taken away before anything else is said. */
static void session_tell_waiting(struct session *session)
{
	static const char turns[] = "|/-\\";

	session->waits++;
	if (session->waits >= SESSION_TELL_AFTER && isatty(fileno(session->complaints)) != 0) {
		(void)fprintf(session->complaints, "\rthe book is being read %c",
			turns[session->waits % (sizeof(turns) - 1)]);
		(void)fflush(session->complaints);
	}
}

static void session_hush(const struct session *session)
{
	if (session->is_patient && isatty(fileno(session->complaints)) != 0) {
		(void)fprintf(session->complaints, "\r%*s\r", SESSION_HUSH_WIDTH, "");
		(void)fflush(session->complaints);
	}
}

static bool session_still_read(void *context)
{
	struct session *session = context;

	if (session->is_patient) {
		session_tell_waiting(session);
	}
	return session_is_read(context);
}

/* Any answer will do. */
static enum session_exit session_send_request(struct session *session, const struct buffer *path,
	const struct client_request *request, struct client_answer *answer)
{
	struct err err = { 0 };
	enum client_result result;

	if (path->overflowed) {
		return session_complain(session, SESSION_MISUSED, "that is too long to ask");
	}
	result = client_call(session->client, request, answer, &err);
	session_hush(session);
	switch (result) {
	case CLIENT_NOT_SENT:
		return session_complain(session, SESSION_UNREACHED, "cannot reach alymd: %s",
			err.message);
	case CLIENT_PERHAPS_SENT:
		(void)session_complain(session, SESSION_UNREACHED, "no %sanswer from alymd: %s",
			request->take != NULL ? "whole " : "", err.message);
		if (request->key != NULL) {
			(void)session_complain(session, SESSION_UNREACHED,
				"whether it was done is not known: repeat the command with --key %s",
				request->key);
		}
		return SESSION_UNREACHED;
	case CLIENT_UNWANTED:
		return SESSION_UNWRITTEN;
	case CLIENT_ANSWERED:
		break;
	}
	return SESSION_DONE;
}

/* `key` and `body` as in a client_request. */
static enum session_exit session_exchange(struct session *session, const struct buffer *path,
	const char *key, const char *body, struct client_answer *answer)
{
	const struct client_request request = {
		.path = path->bytes,
		.key = key,
		.body = body,
		.wanted = body == NULL ? session_still_read : NULL, /* what moves is seen through */
		.patience_s = session->is_patient ? SESSION_PATIENCE_S : 0,
		.context = session,
	};

	return session_send_request(session, path, &request, answer);
}

static enum session_exit session_call(struct session *session, const struct buffer *path,
	const char *key, const char *body, struct client_answer *answer)
{
	enum session_exit code = session_exchange(session, path, key, body, answer);

	if (code == SESSION_DONE && (answer->status < 200 || answer->status > 299)) {
		return session_refused(session, answer);
	}
	return code;
}

enum session_exit session_try(struct session *session, const struct buffer *path,
	struct client_answer *answer)
{
	return session_exchange(session, path, NULL, NULL, answer);
}

enum session_exit session_get(struct session *session, const struct buffer *path,
	struct client_answer *answer)
{
	return session_call(session, path, NULL, NULL, answer);
}

enum session_exit session_stream(struct session *session, const struct buffer *path,
	client_take_fn *take, void *context)
{
	const struct client_request request = { .path = path->bytes,
		.take = take,
		.context = context };
	struct client_answer answer;
	enum session_exit code;

	client_answer_init(&answer);
	code = session_send_request(session, path, &request, &answer);
	if (code == SESSION_DONE && (answer.status < 200 || answer.status > 299)) {
		code = session_refused(session, &answer);
	}
	client_answer_done(&answer);
	return code;
}

/* Fresh and not to be guessed: it decides what is the same request. */
static bool session_make_key(char key[SESSION_KEY_SIZE])
{
	unsigned char bytes[SESSION_KEY_BYTES];
	FILE *random = fopen("/dev/urandom", "rb");
	bool read;

	if (random == NULL) {
		return false;
	}
	read = fread(bytes, 1, sizeof(bytes), random) == sizeof(bytes);
	(void)fclose(random);
	if (read) {
		text_hex(bytes, sizeof(bytes), key);
	}
	return read;
}

/* `key` NULL: nothing is moved. */
static enum session_exit session_send(struct session *session, const struct buffer *path,
	const char *key, json_t *body, struct client_answer *answer)
{
	char *bytes = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	enum session_exit code;

	assert(bytes != NULL); /* its strings were checked when they were set */

	code = session_call(session, path, key, bytes, answer);
	json_decref(body);
	free(bytes);
	return code;
}

/* What may stand in a header and be a key. */
static bool session_key_is_fine(const char *key)
{
	for (size_t i = 0; key[i] != '\0'; i++) {
		if (key[i] < '!' || key[i] > '~' || i >= SESSION_KEY_MAX) {
			return false;
		}
	}
	return key[0] != '\0';
}

enum session_exit session_post(struct session *session, const struct buffer *path,
	const struct arguments *arguments, json_t *body, struct client_answer *answer)
{
	const char *given = arguments_value(arguments, OPTION_KEY);
	char fresh[SESSION_KEY_SIZE];
	enum session_exit code;

	if (given != NULL && !session_key_is_fine(given)) {
		json_decref(body);
		return session_complain(session, SESSION_MISUSED,
			"--key takes 1 to %d visible ASCII characters", SESSION_KEY_MAX);
	}
	if (given == NULL) {
		if (!session_make_key(fresh)) {
			json_decref(body);
			return session_complain(session, SESSION_UNREACHED,
				"no randomness from /dev/urandom: give a --key");
		}
		(void)fprintf(session->complaints, "Idempotency-Key: %s\n", fresh);
		(void)fflush(session->complaints);
	}
	code = session_send(session, path, given != NULL ? given : fresh, body, answer);
	if (code == SESSION_DONE && answer->replayed) {
		(void)session_complain(session, code,
			"this key was used before: here is the answer of that time");
	}
	return code;
}

enum session_exit session_ask(struct session *session, const struct buffer *path, json_t *body,
	struct client_answer *answer)
{
	return session_send(session, path, NULL, body, answer);
}

void session_pass_through(struct session *session, struct text bytes)
{
	(void)fwrite(bytes.bytes, 1, bytes.size, session->out);
	if (bytes.size == 0 || bytes.bytes[bytes.size - 1] != '\n') {
		(void)fputc('\n', session->out);
	}
}

json_t *session_parse(struct session *session, const struct client_answer *answer)
{
	json_t *value = member_parse(buffer_text(&answer->body));

	if (value == NULL) {
		(void)session_complain(session, SESSION_UNREACHED,
			"the daemon's answer is no JSON");
	}
	return value;
}

enum session_exit session_show(struct session *session, const struct client_answer *answer,
	session_show_fn *show)
{
	json_t *value;

	if (session->json) {
		session_pass_through(session, buffer_text(&answer->body));
		return SESSION_DONE;
	}
	value = session_parse(session, answer);
	if (value == NULL) {
		return SESSION_UNREACHED;
	}
	show(session, value);
	json_decref(value);
	return SESSION_DONE;
}

enum session_exit session_show_path(struct session *session, const struct buffer *path,
	session_show_fn *show)
{
	struct client_answer answer;
	enum session_exit code;

	client_answer_init(&answer);
	code = session_get(session, path, &answer);
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, show);
	}
	client_answer_done(&answer);
	return code;
}

/* One page; `cursor` (NULL: the first) becomes that of the next, to be freed, or NULL. */
static enum session_exit session_take_page(struct session *session, const struct buffer *base,
	char **cursor, session_page_fn *take, void *context)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;
	json_t *value = NULL;
	const char *next;

	client_answer_init(&answer);
	session_path_init(&path, base->bytes);
	path.overflowed = base->overflowed;
	session_add_query(&path, "cursor", *cursor);
	free(*cursor);
	*cursor = NULL;
	code = session_get(session, &path, &answer);
	if (code != SESSION_DONE) {
		goto out;
	}
	value = session_parse(session, &answer);
	if (value == NULL) {
		code = SESSION_UNREACHED;
		goto out;
	}
	take(session, value, buffer_text(&answer.body), context);
	next = json_string_value(json_object_get(value, "next"));
	if (next != NULL) {
		*cursor = mem_copy(next, strlen(next) + 1);
	}
out:
	json_decref(value);
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

enum session_exit session_take_pages(struct session *session, const struct buffer *path,
	const char *from, session_page_fn *take, void *context)
{
	char *cursor = from != NULL ? mem_copy(from, strlen(from) + 1) : NULL;
	enum session_exit code;

	do {
		code = session_take_page(session, path, &cursor, take, context);
	} while (code == SESSION_DONE && cursor != NULL && ferror(session->out) == 0);
	free(cursor);
	return code;
}

/* How a page is shown. */
struct session_list {
	session_show_fn *show;
	size_t shown; /* pages */
};

static void session_show_page(struct session *session, json_t *page, struct text bytes,
	void *context)
{
	struct session_list *list = context;

	if (session->json) {
		session_pass_through(session, bytes);
	} else {
		if (list->shown++ > 0) {
			(void)fputc('\n', session->out);
		}
		list->show(session, page);
	}
}

enum session_exit session_show_list(struct session *session, struct buffer *path,
	const struct arguments *arguments, session_show_fn *show)
{
	struct session_list list = { .show = show };
	const char *from = arguments_value(arguments, OPTION_CURSOR);
	char *cursor;
	enum session_exit code;

	session_add_query(path, "limit", arguments_value(arguments, OPTION_LIMIT));
	if (arguments_has(arguments, OPTION_ALL)) {
		return session_take_pages(session, path, from, session_show_page, &list);
	}
	cursor = from != NULL ? mem_copy(from, strlen(from) + 1) : NULL;
	code = session_take_page(session, path, &cursor, session_show_page, &list);
	if (code == SESSION_DONE && cursor != NULL && !session->json) {
		(void)session_complain(session, code,
			"there is more: repeat the command with --cursor %s, or with --all",
			cursor);
	}
	free(cursor);
	return code;
}

void session_path_init(struct buffer *path, const char *start)
{
	assert(start[0] == '/');

	buffer_init(path, CLIENT_PATH_MAX);
	buffer_add_string(path, start);
}

void session_add_query(struct buffer *path, const char *name, const char *value)
{
	if (value == NULL) {
		return;
	}
	buffer_add_char(path, strchr(path->bytes, '?') == NULL ? '?' : '&');
	buffer_add_string(path, name);
	buffer_add_char(path, '=');
	client_escape(path, text_of(value));
}

void session_add_part(struct buffer *path, const char *value)
{
	buffer_add_char(path, '/');
	client_escape(path, text_of(value));
}

bool session_add_member(json_t *object, const char *name, const char *value)
{
	return value == NULL || json_object_set_new(object, name, json_string(value)) == 0;
}

bool session_add_option(struct session *session, json_t *object, const char *name,
	const struct arguments *arguments, enum option option)
{
	if (session_add_member(object, name, arguments_value(arguments, option))) {
		return true;
	}
	(void)session_complain(session, SESSION_MISUSED, "--%s is not UTF-8",
		option_row(option)->name);
	return false;
}

void session_pair_text(struct session *session, const char *label, struct text words)
{
	table_write_pair(label, SESSION_LABEL_WIDTH, words, session->width, session->out);
}

void session_pair(struct session *session, const char *label, const json_t *object,
	const char *name)
{
	struct text words = member_words(object, name, session->language, &session->scratch);

	if (words.size > 0) {
		session_pair_text(session, label, words);
	}
}

void session_table(struct session *session, const struct table_column *columns,
	const char *const *names, size_t count, json_t *items)
{
	struct table *table = table_new(columns, count);

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);

		for (size_t column = 0; column < count; column++) {
			table_add(table, member_words(item, names[column], session->language,
						 &session->scratch));
		}
	}
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
}
