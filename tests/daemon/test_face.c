/* SPDX-License-Identifier: Apache-2.0 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/alym_test.h"
#include "tests/daemon/face_stage.h"

enum { MANY = 300, PIPELINED = 200 };

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static int set_up(void **state)
{
	struct face_stage *stage = calloc(1, sizeof(*stage));

	face_stage_open(stage, MANY + 50);
	face_stage_begin(stage);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	face_stage_close(*state);
	free(*state);
	return 0;
}

/* Sends bytes on a fresh connection and hears one answer. */
static int ask(const struct face_stage *stage, const char *bytes, struct buffer *body)
{
	int fd = face_stage_connect(stage);
	int status;

	face_stage_say(fd, bytes);
	status = face_stage_hear(fd, NULL, body);
	(void)close(fd);
	return status;
}

static void a_call_carries_the_request(void **state)
{
	struct buffer body;
	struct buffer head;
	int fd = face_stage_connect(*state);
	char expected[128];

	buffer_init(&head, 65536);
	buffer_init(&body, 65536);
	face_stage_say(fd,
		"POST /echo/a?b=c&d=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
	assert_int_equal(face_stage_hear(fd, &head, &body), 200);
	(void)snprintf(expected, sizeof(expected), "POST|/echo/a|b=c&d=%%20|hello|local|7|");
	assert_string_equal(body.bytes, expected);
	assert_non_null(strstr(head.bytes, "X-Headers: one\r\n"));
	assert_non_null(strstr(head.bytes, "Content-Type: text/plain\r\n"));
	assert_null(strstr(head.bytes, "Connection:"));
	(void)close(fd);
	buffer_done(&head);
	buffer_done(&body);
}

static void the_file_of_the_socket_lets_the_group_in(void **state)
{
	const struct face_stage *stage = *state;
	struct stat stat_of;

	assert_int_equal(stat(stage->config->daemon.socket, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0660);
}

static void a_chunked_body_is_put_together(void **state)
{
	struct buffer body;

	buffer_init(&body, 65536);
	assert_int_equal(
		ask(*state,
			"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
			&body),
		200);
	assert_non_null(strstr(body.bytes, "|abcde|"));
	buffer_done(&body);
}

static void answers_keep_the_order_of_the_requests(void **state)
{
	int fd = face_stage_connect(*state);
	char line[128];

	for (int i = 0; i < PIPELINED; i++) {
		(void)snprintf(line, sizeof(line), "GET %s?%d HTTP/1.1\r\nHost: x\r\n\r\n",
			i % 20 == 3 ? "/later" : "/echo", i);
		face_stage_say(fd, line);
	}
	for (int i = 0; i < PIPELINED; i++) {
		struct buffer body;

		buffer_init(&body, 65536);
		assert_int_equal(face_stage_hear(fd, NULL, &body), 200);
		(void)snprintf(line, sizeof(line), "|%d|", i);
		assert_non_null(strstr(body.bytes, line));
		buffer_done(&body);
	}
	(void)close(fd);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	const char request[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
			       "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = face_stage_connect(*state);

	for (size_t i = 0; i < sizeof(request) - 1; i++) {
		face_stage_say_bytes(fd, request + i, 1);
	}
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
	(void)close(fd);
}

static void a_connection_closes_when_it_is_asked_to(void **state)
{
	static const char *const requests[] = {
		"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /later HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n",
		"GET /echo HTTP/1.0\r\n\r\n",
		"GET /size?3000000 HTTP/1.0\r\n\r\n",
	};

	for (size_t i = 0; i < COUNT(requests); i++) {
		struct buffer head;
		int fd = face_stage_connect(*state);

		buffer_init(&head, 65536);
		face_stage_say(fd, requests[i]);
		assert_int_equal(face_stage_hear(fd, &head, NULL), 200);
		assert_non_null(strstr(head.bytes, "Connection: close"));
		assert_true(face_stage_is_closed(fd));
		(void)close(fd);
		buffer_done(&head);
	}
}

static void a_peer_that_stopped_sending_gets_its_answer(void **state)
{
	static const char *const requests[] = {
		"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /size?2000000 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /size?2000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	};

	for (size_t i = 0; i < COUNT(requests); i++) {
		int fd = face_stage_connect(*state);

		face_stage_say(fd, requests[i]);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		pause_ms(5);
		assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
		assert_true(face_stage_is_closed(fd));
		(void)close(fd);
	}
}

/* The loop naps; then what answers the first request and the end of the sending are there at once.
 */
static void the_end_is_no_answer_to_what_was_sent_before(void **state)
{
	int napper = face_stage_connect(*state);
	int releaser = face_stage_connect(*state);
	int stops = face_stage_connect(*state);
	struct buffer body;

	buffer_init(&body, 65536);
	face_stage_say(stops, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n"
			      "GET /echo?behind HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(ask(*state, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", NULL), 200);
	face_stage_say(napper, "GET /nap HTTP/1.1\r\nHost: x\r\n\r\n");
	pause_ms(20);
	face_stage_say(releaser, "GET /release HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(shutdown(stops, SHUT_WR), 0);
	assert_int_equal(face_stage_hear(stops, NULL, NULL), 200);
	assert_int_equal(face_stage_hear(stops, NULL, &body), 200);
	assert_non_null(strstr(body.bytes, "|behind|"));
	assert_true(face_stage_is_closed(stops));
	(void)close(napper);
	(void)close(releaser);
	(void)close(stops);
	buffer_done(&body);
}

static void a_status_without_a_body_has_none(void **state)
{
	static const int statuses[] = { 204, 304 };

	for (size_t i = 0; i < COUNT(statuses); i++) {
		int fd = face_stage_connect(*state);
		struct buffer head;
		char request[128];

		buffer_init(&head, 65536);
		(void)snprintf(request, sizeof(request),
			"GET /status?%d HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n",
			statuses[i]);
		face_stage_say(fd, request);
		assert_int_equal(face_stage_hear(fd, &head, NULL), statuses[i]);
		assert_null(strstr(head.bytes, "Content-Length"));
		assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
		(void)close(fd);
		buffer_done(&head);
	}
}

static void a_hang_up_during_a_poll_is_noticed(void **state)
{
	int stays = face_stage_connect(*state);
	int goes = face_stage_connect(*state);
	struct buffer body;

	face_stage_say(stays, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	face_stage_say(goes, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(ask(*state, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", NULL), 200);
	(void)close(goes);
	pause_ms(700);
	buffer_init(&body, 100);
	assert_int_equal(ask(*state, "GET /release HTTP/1.1\r\nHost: x\r\n\r\n", &body), 200);
	assert_string_equal(body.bytes, "gone=1");
	assert_int_equal(face_stage_hear(stays, NULL, NULL), 200);
	(void)close(stays);
	buffer_done(&body);
}

struct refused {
	const char *bytes;
	int status;
};

static void what_is_read_in_two_ways_is_refused(void **state)
{
	static const struct refused cases[] = {
		{ "GET / HTTP/1.1\nHost: x\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
		{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
		  "65537\r\n\r\n",
			413 },
		{ "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417 },
		{ "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n", 400 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer head;
		struct buffer body;
		int fd = face_stage_connect(*state);

		buffer_init(&head, 65536);
		buffer_init(&body, 65536);
		face_stage_say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
		face_stage_say(fd, cases[i].bytes);
		face_stage_say(fd, "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
		assert_int_equal(face_stage_hear(fd, &head, &body), cases[i].status);
		if (cases[i].status != 0) {
			assert_non_null(strstr(head.bytes, "application/problem+json"));
			assert_non_null(strstr(body.bytes, "\"status\":"));
		}
		assert_true(face_stage_is_closed(fd));
		(void)close(fd);
		buffer_done(&head);
		buffer_done(&body);
	}
}

static void too_large_a_body_is_read_and_refused(void **state)
{
	char *body = calloc(1, 200000);
	int fd = face_stage_connect(*state);

	memset(body, 'b', 200000);
	face_stage_say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
	face_stage_say_bytes(fd, body, 200000);
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 413);
	assert_true(face_stage_is_closed(fd));
	(void)close(fd);
	free(body);
}

static void the_largest_body_is_served(void **state)
{
	char *body = calloc(1, CALL_BODY_MAX);
	struct buffer out;
	int fd = face_stage_connect(*state);

	memset(body, 'b', CALL_BODY_MAX);
	buffer_init(&out, (size_t)2 * CALL_BODY_MAX);
	face_stage_say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n");
	face_stage_say_bytes(fd, body, CALL_BODY_MAX);
	assert_int_equal(face_stage_hear(fd, NULL, &out), 200);
	assert_true(out.size > CALL_BODY_MAX);
	(void)close(fd);
	free(body);
	buffer_done(&out);
}

static void who_waits_for_a_hundred_hears_it(void **state)
{
	int fd = face_stage_connect(*state);

	face_stage_say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
			   "Content-Length: 2\r\n\r\n");
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 100);
	face_stage_say(fd, "ok");
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 200);
	(void)close(fd);
}

static void slow_senders_and_idlers_are_cut(void **state)
{
	int silent = face_stage_connect(*state);
	int slow = face_stage_connect(*state);
	int idle = face_stage_connect(*state);
	struct timespec began;
	struct timespec ended;

	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	face_stage_say(idle, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(face_stage_hear(idle, NULL, NULL), 200);
	face_stage_say(slow, "GET /echo HT");
	for (int i = 0; i < 8; i++) { /* each byte is activity: it must not help */
		pause_ms(100);
		face_stage_say(slow, "x");
	}
	assert_true(face_stage_is_closed(silent));
	assert_true(face_stage_is_closed(slow));
	assert_true(face_stage_is_closed(idle));
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true(ended.tv_sec - began.tv_sec < 4);
	(void)close(silent);
	(void)close(slow);
	(void)close(idle);
}

static void who_does_not_read_is_cut(void **state)
{
	int fd = face_stage_connect(*state);

	face_stage_say(fd, "GET /size?4000000 HTTP/1.1\r\nHost: x\r\n\r\n");
	pause_ms(2500);
	assert_int_equal(face_stage_hear(fd, NULL, NULL), 0);
	(void)close(fd);
	assert_int_equal(ask(*state, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", NULL), 200);
}

static void many_connections_are_served(void **state)
{
	static int fds[MANY];

	for (int i = 0; i < MANY; i++) {
		fds[i] = face_stage_connect(*state);
	}
	for (int i = 0; i < MANY; i++) {
		face_stage_say(fds[i], "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(face_stage_hear(fds[i], NULL, NULL), 200);
	}
	for (int i = 0; i < MANY; i++) {
		(void)close(fds[i]);
	}
}

static void a_full_face_lets_others_wait(void **state)
{
	struct face_stage small;
	int fds[4];

	(void)state;
	face_stage_open(&small, 3);
	face_stage_begin(&small);
	for (size_t i = 0; i < 4; i++) {
		fds[i] = face_stage_connect(&small);
		face_stage_say(fds[i], "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(face_stage_hear(fds[i], NULL, NULL), 200);
	}
	(void)close(fds[0]);
	assert_int_equal(face_stage_hear(fds[3], NULL, NULL), 200);
	for (size_t i = 1; i < 4; i++) {
		(void)close(fds[i]);
	}
	face_stage_close(&small);
}

static void calls_that_are_never_answered_go_with_the_face(void **state)
{
	struct face_stage small;
	int stays;
	int goes;

	(void)state;
	face_stage_open(&small, 10);
	face_stage_begin(&small);
	stays = face_stage_connect(&small);
	goes = face_stage_connect(&small);
	face_stage_say(stays, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	face_stage_say(goes, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(ask(&small, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", NULL), 200);
	(void)close(goes);
	pause_ms(400);
	face_stage_close(&small);
	(void)close(stays);
}

static void a_draining_face_finishes_and_closes(void **state)
{
	struct face_stage small;
	struct buffer head;
	int busy;
	int idle;

	(void)state;
	buffer_init(&head, 65536);
	face_stage_open(&small, 10);
	face_stage_begin(&small);
	idle = face_stage_connect(&small);
	face_stage_say(idle, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(face_stage_hear(idle, NULL, NULL), 200);
	busy = face_stage_connect(&small);
	face_stage_say(busy, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	pause_ms(5);
	face_stage_drain(&small);
	assert_int_equal(access(small.config->daemon.socket, F_OK), -1);
	assert_true(face_stage_is_closed(idle));
	assert_int_equal(face_stage_hear(busy, &head, NULL), 200);
	assert_non_null(strstr(head.bytes, "Connection: close"));
	assert_true(face_stage_is_closed(busy));
	(void)close(idle);
	(void)close(busy);
	face_stage_close(&small);
	buffer_done(&head);
}

static void the_configuration_says_who_is_who(void **state)
{
	struct config *config = config_new();
	struct face_guest guest = { .known = true, .uid = 1000, .gids = { 7, 8 }, .gid_count = 2 };

	(void)state;
	assert_true(socket_identify(config, 1000, &guest));
	assert_string_equal(guest.client, "local");
	assert_int_equal(guest.roles, 7);
	assert_false(socket_identify(config, 1001, &guest));
	assert_string_equal(guest.client, "");
	assert_int_equal(guest.roles, 0);

	config->clients[0] = (struct config_client){ .name = "a",
		.uid = 1001,
		.gid = CONFIG_NO_ID,
		.roles = CALL_ROLE_SERVICE };
	config->clients[1] = (struct config_client){ .name = "b",
		.uid = CONFIG_NO_ID,
		.gid = 8,
		.roles = CALL_ROLE_AUDITOR };
	config->client_count = 2;
	assert_true(socket_identify(config, 1000, &guest));
	assert_string_equal(guest.client, "b");
	assert_int_equal(guest.roles, CALL_ROLE_AUDITOR);
	guest.uid = CONFIG_NO_ID; /* the kernel said nothing */
	guest.gid_count = 0;
	assert_false(socket_identify(config, 1000, &guest));
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call_carries_the_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_file_of_the_socket_lets_the_group_in, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_chunked_body_is_put_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_keep_the_order_of_the_requests, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_request_may_come_byte_by_byte, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_connection_closes_when_it_is_asked_to, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_stopped_sending_gets_its_answer, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_end_is_no_answer_to_what_was_sent_before,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_status_without_a_body_has_none, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_hang_up_during_a_poll_is_noticed, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(what_is_read_in_two_ways_is_refused, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(too_large_a_body_is_read_and_refused, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_largest_body_is_served, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_waits_for_a_hundred_hears_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(slow_senders_and_idlers_are_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_does_not_read_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_connections_are_served, set_up, tear_down),
		cmocka_unit_test(a_full_face_lets_others_wait),
		cmocka_unit_test(calls_that_are_never_answered_go_with_the_face),
		cmocka_unit_test(a_draining_face_finishes_and_closes),
		cmocka_unit_test(the_configuration_says_who_is_who),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
