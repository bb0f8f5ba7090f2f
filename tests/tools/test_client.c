/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/alym_test.h"
#include "tools/client.h"

enum { REQUEST_MAX = 16384 };

/* A daemon in a process of its own: it gives one canned answer to each of `answers`. */
struct daemon {
	char folder[64];
	struct sockaddr_un address;
	int listener;
	int heard[2]; /* a pipe: the requests as they came */
	pid_t process;
};

static void daemon_open(struct daemon *d)
{
	*d = (struct daemon){ .address = { .sun_family = AF_UNIX }, .process = -1 };
	(void)snprintf(d->folder, sizeof(d->folder), "/tmp/alym_client_XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	(void)snprintf(d->address.sun_path, sizeof(d->address.sun_path), "%s/s", d->folder);
	d->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(d->listener >= 0);
	assert_int_equal(bind(d->listener, (const struct sockaddr *)(const void *)&d->address,
				 sizeof(d->address)),
		0);
	assert_int_equal(listen(d->listener, 4), 0);
	assert_int_equal(pipe(d->heard), 0);
}

/* Reads one request: the head, and as much body as its length says. */
static size_t daemon_hear(int connection, char *request)
{
	size_t size = 0;
	const char *end;
	const char *length;
	size_t wanted = SIZE_MAX;

	while (size < wanted && size < REQUEST_MAX - 1) {
		ssize_t got = read(connection, request + size, REQUEST_MAX - 1 - size);

		if (got <= 0) {
			break;
		}
		size += (size_t)got;
		request[size] = '\0';
		end = strstr(request, "\r\n\r\n");
		if (end != NULL) {
			length = strstr(request, "Content-Length: ");
			wanted = (size_t)(end + 4 - request) +
				 (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
		}
	}
	return size;
}

static void daemon_serve(struct daemon *d, const char *const *answers)
{
	d->process = fork();
	assert_true(d->process >= 0);
	if (d->process == 0) {
		int connection = accept(d->listener, NULL, NULL);
		char request[REQUEST_MAX];

		for (; *answers != NULL; answers++) {
			size_t size = daemon_hear(connection, request);

			if (write(d->heard[1], request, size) != (ssize_t)size ||
				write(connection, *answers, strlen(*answers)) < 0) {
				_exit(1);
			}
		}
		_exit(0);
	}
	assert_int_equal(close(d->heard[1]), 0);
	d->heard[1] = -1;
}

/* Ends it; the requests it heard. */
static void daemon_close(struct daemon *d, char heard[REQUEST_MAX])
{
	size_t size = 0;
	ssize_t got;
	int status = 0;

	if (d->heard[1] >= 0) {
		assert_int_equal(close(d->heard[1]), 0);
	}
	while ((got = read(d->heard[0], heard + size, REQUEST_MAX - 1 - size)) > 0) {
		size += (size_t)got;
	}
	heard[size] = '\0';
	if (d->process > 0) {
		assert_int_equal(waitpid(d->process, &status, 0), d->process);
		assert_int_equal(status, 0);
	}
	assert_int_equal(close(d->heard[0]), 0);
	assert_int_equal(close(d->listener), 0);
	assert_int_equal(unlink(d->address.sun_path), 0);
	assert_int_equal(rmdir(d->folder), 0);
}

static struct client *client_to(const char *socket)
{
	struct client *client = NULL;
	struct err err = { 0 };

	assert_true(client_open(socket, "kk", &client, &err));
	return client;
}

static void get_and_post_go_over_one_connection(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 201 Created\r\ncontent-type: application/problem+json; charset=utf-8\r\n"
		"idempotency-replayed: true\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
		NULL,
	};
	struct client_answer answer;
	struct daemon daemon;
	struct client *client;
	struct err err = { 0 };
	char heard[REQUEST_MAX];

	(void)state;
	daemon_open(&daemon);
	daemon_serve(&daemon, answers);
	client = client_to(daemon.address.sun_path);
	client_answer_init(&answer);

	assert_int_equal(client_call(client, &(struct client_request){ .path = "/v1/a?b=c" },
				 &answer, &err),
		CLIENT_ANSWERED);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.content_type, "application/json");
	assert_false(answer.replayed);
	assert_true(text_is(buffer_text(&answer.body), "{}"));

	assert_int_equal(client_call(client,
				 &(struct client_request){ .path = "/v1/p",
					 .key = "k-1",
					 .body = "{\"x\":1}" },
				 &answer, &err),
		CLIENT_ANSWERED);
	assert_int_equal(answer.status, 201);
	assert_string_equal(answer.content_type, "application/problem+json");
	assert_true(answer.replayed);
	assert_true(text_is(buffer_text(&answer.body), "{\"a\":1}"));

	client_close(&client);
	assert_null(client);
	client_answer_done(&answer);
	daemon_close(&daemon, heard);
	assert_memory_equal(heard, "GET /v1/a?b=c HTTP/1.1\r\n", 24);
	assert_non_null(strstr(heard, "\r\nAccept-Language: kk\r\n"));
	assert_non_null(strstr(heard, "POST /v1/p HTTP/1.1\r\n"));
	assert_non_null(strstr(heard, "\r\nIdempotency-Key: k-1\r\n"));
	assert_non_null(strstr(heard, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(heard, "\r\n\r\n{\"x\":1}"));
}

static void where_nobody_listens_nothing_was_sent(void **state)
{
	struct client_answer answer;
	struct client *client = client_to("/nonexistent/alym.sock");
	struct err err = { 0 };

	(void)state;
	client_answer_init(&answer);
	assert_int_equal(client_call(client, &(struct client_request){ .path = "/livez" }, &answer,
				 &err),
		CLIENT_NOT_SENT);
	assert_non_null(strstr(err.message, "/nonexistent/alym.sock"));
	assert_non_null(strstr(err.message, strerror(ENOENT)));
	client_answer_done(&answer);
	client_close(&client);
}

static void without_an_answer_it_was_perhaps_sent(void **state)
{
	static const char *const answers[][2] = {
		{ "", NULL },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it", NULL },
		{ "220 mail.example.kz ESMTP\r\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct client_answer answer;
		struct daemon daemon;
		struct client *client;
		struct err err = { 0 };
		char heard[REQUEST_MAX];

		daemon_open(&daemon);
		daemon_serve(&daemon, answers[i]);
		client = client_to(daemon.address.sun_path);
		client_answer_init(&answer);
		assert_int_equal(client_call(client,
					 &(struct client_request){ .path = "/v1/p",
						 .key = "k",
						 .body = "{}" },
					 &answer, &err),
			CLIENT_PERHAPS_SENT);
		assert_int_not_equal(err.kind, ERR_NONE);
		client_answer_done(&answer);
		client_close(&client);
		daemon_close(&daemon, heard);
	}
}

/* An answer as large as the client takes, or one byte more. */
static void daemon_serve_bytes(struct daemon *d, size_t size)
{
	d->process = fork();
	assert_true(d->process >= 0);
	if (d->process == 0) {
		int connection = accept(d->listener, NULL, NULL);
		char request[REQUEST_MAX];
		char piece[REQUEST_MAX];
		int head;

		(void)daemon_hear(connection, request);
		head = snprintf(piece, sizeof(piece),
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
		if (write(connection, piece, (size_t)head) != head) {
			_exit(1);
		}
		memset(piece, 'x', sizeof(piece));
		while (size > 0) {
			size_t part = size < sizeof(piece) ? size : sizeof(piece);
			ssize_t written = send(connection, piece, part, MSG_NOSIGNAL);

			if (written <= 0) {
				break; /* the client has had enough */
			}
			size -= (size_t)written;
		}
		_exit(0);
	}
}

static void an_answer_has_a_limit(void **state)
{
	static const struct {
		size_t size;
		enum client_result result;
	} cases[] = {
		{ CLIENT_ANSWER_MAX, CLIENT_ANSWERED },
		{ CLIENT_ANSWER_MAX + 1, CLIENT_PERHAPS_SENT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct client_answer answer;
		struct daemon daemon;
		struct client *client;
		struct err err = { 0 };
		char heard[REQUEST_MAX];

		daemon_open(&daemon);
		daemon_serve_bytes(&daemon, cases[i].size);
		client = client_to(daemon.address.sun_path);
		client_answer_init(&answer);
		assert_int_equal(client_call(client, &(struct client_request){ .path = "/" },
					 &answer, &err),
			cases[i].result);
		client_answer_done(&answer);
		client_close(&client);
		daemon_close(&daemon, heard);
	}
}

static bool never(void *context)
{
	(*(int *)context)++;
	return false;
}

static void an_answer_nobody_wants_is_not_waited_for(void **state)
{
	struct client_answer answer;
	struct daemon daemon;
	struct client *client;
	struct err err = { 0 };
	char heard[REQUEST_MAX];
	int asked = 0;

	(void)state;
	daemon_open(&daemon); /* it listens, and never answers */
	client = client_to(daemon.address.sun_path);
	client_answer_init(&answer);
	assert_int_equal(client_call(client,
				 &(struct client_request){
					 .path = "/v1/events?wait=20",
					 .wanted = never,
					 .context = &asked,
				 },
				 &answer, &err),
		CLIENT_UNWANTED);
	assert_true(asked > 0);
	client_answer_done(&answer);
	client_close(&client);
	daemon_close(&daemon, heard);
}

static void a_proxy_in_the_environment_is_not_asked(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		NULL,
	};
	struct client_answer answer;
	struct daemon daemon;
	struct client *client;
	struct err err = { 0 };
	char heard[REQUEST_MAX];

	(void)state;
	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	daemon_open(&daemon);
	daemon_serve(&daemon, answers);
	client = client_to(daemon.address.sun_path);
	client_answer_init(&answer);
	assert_int_equal(client_call(client, &(struct client_request){ .path = "/livez" }, &answer,
				 &err),
		CLIENT_ANSWERED);
	client_answer_done(&answer);
	client_close(&client);
	daemon_close(&daemon, heard);
	assert_int_equal(unsetenv("http_proxy"), 0);
	assert_memory_equal(heard, "GET /livez HTTP/1.1\r\n", 21);
}

static void parts_of_paths_are_escaped(void **state)
{
	struct buffer path;

	(void)state;
	buffer_init(&path, CLIENT_PATH_MAX);
	client_escape(&path, TEXT("a/b?c d&\xD2\x9A%"));
	assert_true(text_is(buffer_text(&path), "a%2Fb%3Fc%20d%26%D2%9A%25"));
	client_escape(&path, TEXT(""));
	assert_int_equal(path.size, 25);
	buffer_done(&path);
}

static void a_path_too_long_is_not_sent(void **state)
{
	char long_part[CLIENT_PATH_MAX + 2];
	struct buffer path;

	(void)state;
	memset(long_part, 'a', sizeof(long_part) - 1);
	long_part[sizeof(long_part) - 1] = '\0';
	buffer_init(&path, CLIENT_PATH_MAX);
	client_escape(&path, text_of(long_part));
	assert_true(path.overflowed);
	buffer_reset(&path);
	long_part[CLIENT_PATH_MAX] = '\0';
	client_escape(&path, text_of(long_part));
	assert_false(path.overflowed);
	buffer_done(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_and_post_go_over_one_connection),
		cmocka_unit_test(where_nobody_listens_nothing_was_sent),
		cmocka_unit_test(without_an_answer_it_was_perhaps_sent),
		cmocka_unit_test(an_answer_has_a_limit),
		cmocka_unit_test(an_answer_nobody_wants_is_not_waited_for),
		cmocka_unit_test(a_proxy_in_the_environment_is_not_asked),
		cmocka_unit_test(parts_of_paths_are_escaped),
		cmocka_unit_test(a_path_too_long_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
