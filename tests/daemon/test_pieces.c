/* SPDX-License-Identifier: Apache-2.0 */

/* Answers in pieces, as the face sends them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/alym_test.h"
#include "tests/daemon/face_stage.h"

enum { MUCH = 100, MANY = 300, HEARD_MAX = 40 << 20, PATIENCE_MS = 10000, STEP_MS = 20 };

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static int set_up(void **state)
{
	struct face_stage *stage = calloc(1, sizeof(*stage));

	face_stage_open(stage, 50);
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

/* All bytes until the connection ends. */
static void hear_all(int fd, struct buffer *out)
{
	char bytes[65536];
	ssize_t size;

	while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		buffer_add(out, (struct text){ bytes, (size_t)size });
	}
}

/* What the stage counts. */
static void count(const struct face_stage *stage, int *made, int *open)
{
	struct buffer body;
	int fd = face_stage_connect(stage);
	char *at;

	buffer_init(&body, 100);
	face_stage_say(fd, "GET /made HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(face_stage_hear(fd, NULL, &body), 200);
	*made = (int)strtol(body.bytes + strlen("made="), &at, 10);
	*open = (int)strtol(at + strlen(" open="), NULL, 10);
	(void)close(fd);
	buffer_done(&body);
}

/* Waits until none is under way; gives how many pieces were made. */
static int all_over(const struct face_stage *stage)
{
	int made = 0;
	int open = 1;

	for (int waited = 0; open > 0 && waited < PATIENCE_MS; waited += STEP_MS) {
		pause_ms(STEP_MS);
		count(stage, &made, &open);
	}
	assert_int_equal(open, 0);
	return made;
}

/* Bytes of data in a chunked body; -1 when it does not end with the last chunk. */
static long chunked_size(const char *body, const char *end)
{
	long total = 0;

	while (body < end) {
		char *data;
		long size = strtol(body, &data, 16);

		if (size == 0) {
			return strcmp(data, "\r\n\r\n") == 0 ? total : -1;
		}
		body = data + 2 + size + 2;
		total += size;
	}
	return -1;
}

static const char *body_of(const struct buffer *heard)
{
	const char *at = strstr(heard->bytes, "\r\n\r\n");

	assert_non_null(at);
	return at + 4;
}

static void pieces_come_as_chunks_and_end(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /pieces?100 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	hear_all(fd, &heard);
	assert_memory_equal(heard.bytes, "HTTP/1.1 200 ", 13);
	assert_non_null(strstr(heard.bytes, "Transfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(heard.bytes, "Content-Type: text/plain\r\n"));
	assert_non_null(strstr(heard.bytes, "X-Headers: one\r\n"));
	assert_null(strstr(heard.bytes, "Content-Length"));
	assert_int_equal(chunked_size(body_of(&heard), heard.bytes + heard.size),
		(long)MUCH * FACE_STAGE_PIECE);
	(void)close(fd);
	buffer_done(&heard);
}

static void the_connection_serves_on_after_the_last_piece(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;
	const char *second;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /pieces?3 HTTP/1.1\r\nHost: x\r\n\r\n"
			   "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	hear_all(fd, &heard);
	second = strstr(heard.bytes, "\r\n0\r\n\r\nHTTP/1.1 200 ");
	assert_non_null(second);
	assert_non_null(strstr(second, "GET|/echo"));
	(void)close(fd);
	buffer_done(&heard);
}

static void http_1_0_gets_them_without_chunks(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /pieces?100 HTTP/1.0\r\n\r\n");
	hear_all(fd, &heard);
	assert_null(strstr(heard.bytes, "chunked"));
	assert_int_equal(heard.bytes + heard.size - body_of(&heard), (long)MUCH * FACE_STAGE_PIECE);
	(void)close(fd);
	buffer_done(&heard);
}

static void what_breaks_has_no_last_chunk(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /broken?5 HTTP/1.1\r\nHost: x\r\n\r\n");
	hear_all(fd, &heard);
	assert_memory_equal(heard.bytes, "HTTP/1.1 200 ", 13);
	assert_int_equal(chunked_size(body_of(&heard), heard.bytes + heard.size), -1);
	(void)close(fd);
	buffer_done(&heard);
}

static void who_reads_slowly_stops_the_making(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;
	int before = 0;
	int after = 0;
	int open = 0;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /pieces?300 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	pause_ms(200);
	count(*state, &before, &open);
	assert_int_equal(open, 1);
	assert_in_range(before, 1, MANY / 10); /* the kernel's buffers take some */
	pause_ms(200);
	count(*state, &after, &open);
	assert_int_equal(after, before);
	hear_all(fd, &heard);
	assert_int_equal(chunked_size(body_of(&heard), heard.bytes + heard.size),
		(long)MANY * FACE_STAGE_PIECE);
	assert_int_equal(all_over(*state), MANY);
	(void)close(fd);
	buffer_done(&heard);
}

static void who_takes_nothing_is_cut(void **state)
{
	int fd = face_stage_connect(*state);
	struct buffer heard;

	buffer_init(&heard, HEARD_MAX);
	face_stage_say(fd, "GET /pieces?300 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_in_range(all_over(*state), 1, MANY / 10);
	hear_all(fd, &heard);
	assert_int_equal(chunked_size(body_of(&heard), heard.bytes + heard.size), -1);
	(void)close(fd);
	buffer_done(&heard);
}

static void who_goes_away_ends_it(void **state)
{
	for (int i = 0; i < 5; i++) {
		int fd = face_stage_connect(*state);
		char some[1000];

		face_stage_say(fd, "GET /pieces?300 HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_true(recv(fd, some, sizeof(some), 0) > 0);
		(void)close(fd);
	}
	assert_in_range(all_over(*state), 1, 5 * MANY / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pieces_come_as_chunks_and_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_connection_serves_on_after_the_last_piece,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(http_1_0_gets_them_without_chunks, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(what_breaks_has_no_last_chunk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_reads_slowly_stops_the_making, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(who_takes_nothing_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_goes_away_ends_it, set_up, tear_down),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
