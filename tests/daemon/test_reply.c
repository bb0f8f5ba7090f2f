/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "daemon/problem.h"
#include "daemon/reply.h"
#include "tests/alym_test.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static void expect(const struct reply *reply, const char *expected)
{
	struct buffer out;

	buffer_init(&out, REPLY_SIZE_MAX);
	reply_write(reply, &out);
	assert_false(out.overflowed);
	assert_string_equal(out.bytes, expected);
	buffer_done(&out);
}

static void an_answer_says_where_it_ends(void **state)
{
	struct reply reply = { .status = 200, .content_type = "text/plain", .date = DATE };

	(void)state;
	expect(&reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: " DATE "\r\n"
		       "Content-Length: 0\r\n\r\n");
	reply.body_size = 12242;
	expect(&reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: " DATE "\r\n"
		       "Content-Length: 12242\r\n\r\n");
	reply.end = REPLY_CHUNKED;
	expect(&reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: " DATE "\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n");
	reply.end = REPLY_TO_CLOSE;
	reply.close = true;
	expect(&reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: " DATE "\r\n"
		       "Connection: close\r\n\r\n");
}

/* RFC 9112 section 4: the space stands there also when no reason follows. */
static void a_status_without_a_reason_keeps_its_space(void **state)
{
	const struct reply reply = { .status = 299, .content_type = "", .date = DATE };

	(void)state;
	expect(&reply, "HTTP/1.1 299 \r\nDate: " DATE "\r\nContent-Length: 0\r\n\r\n");
}

static void assert_has_reason(int status)
{
	const struct reply reply = { .status = status, .content_type = "", .date = DATE };
	struct buffer out;

	buffer_init(&out, REPLY_SIZE_MAX);
	reply_write(&reply, &out);
	if (strstr(out.bytes, " \r\n") != NULL) {
		fail_msg("%d has no reason", status);
	}
	buffer_done(&out);
}

static void whatever_says_no_says_why_in_its_first_line(void **state)
{
	static const int refused[] = { 400, 403, 405, 413, 414, 417, 431, 505 };

	(void)state;
	for (enum problem_code code = PROBLEM_NONE + 1; code < PROBLEM_CODE_COUNT; code++) {
		assert_has_reason(problem_status(code));
	}
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_has_reason(refused[i]);
	}
}

/* RFC 9110 section 8.6: no Content-Length goes with 204. */
static void a_status_without_a_body_tells_no_size(void **state)
{
	struct reply reply = { .status = 204, .content_type = "", .date = DATE };

	(void)state;
	assert_false(reply_has_body(204));
	expect(&reply, "HTTP/1.1 204 \r\nDate: " DATE "\r\n\r\n");
	assert_false(reply_has_body(304));
	reply.status = 304;
	expect(&reply, "HTTP/1.1 304 \r\nDate: " DATE "\r\n\r\n");
	assert_true(reply_has_body(200));
	assert_true(reply_has_body(303));
	assert_true(reply_has_body(503));
}

static void what_would_end_its_line_is_left_out(void **state)
{
	const size_t most = REPLY_TEXT_MAX;
	char *large = malloc(most + 1);
	struct call_header headers[] = { { TEXT("A"), TEXT("b\r\nSet-Cookie: c") },
		{ TEXT("Location"), TEXT("/x") }, { TEXT("D\n"), TEXT("e") },
		{ TEXT("F"), TEXT("g\0h") }, { TEXT(""), TEXT("i") },
		{ TEXT("Large"), { large, most + 1 } } };
	const struct reply reply = { .status = 303,
		.content_type = "",
		.headers = headers,
		.header_count = COUNT(headers),
		.date = DATE };
	struct buffer out;

	(void)state;
	if (large == NULL) {
		fail();
		return;
	}
	memset(large, 'x', most + 1);
	expect(&reply, "HTTP/1.1 303 See Other\r\nLocation: /x\r\nDate: " DATE "\r\n"
		       "Content-Length: 0\r\n\r\n");
	headers[5].value.size = most;
	buffer_init(&out, REPLY_SIZE_MAX);
	reply_write(&reply, &out);
	assert_non_null(strstr(out.bytes, "\r\nLarge: xxxx"));
	buffer_done(&out);
	free(large);
}

static void nobody_else_says_how_the_bytes_are_read(void **state)
{
	static const struct call_header headers[] = { { { "content-length", 14 }, { "7", 1 } },
		{ { "Transfer-Encoding", 17 }, { "chunked", 7 } },
		{ { "CONNECTION", 10 }, { "close", 5 } }, { { "date", 4 }, { "x", 1 } },
		{ { "Dates", 5 }, { "y", 1 } } };
	const struct reply reply = { .status = 201,
		.content_type = "",
		.headers = headers,
		.header_count = COUNT(headers),
		.date = DATE };

	(void)state;
	expect(&reply, "HTTP/1.1 201 Created\r\nDates: y\r\nDate: " DATE "\r\n"
		       "Content-Length: 0\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_says_where_it_ends),
		cmocka_unit_test(a_status_without_a_reason_keeps_its_space),
		cmocka_unit_test(whatever_says_no_says_why_in_its_first_line),
		cmocka_unit_test(a_status_without_a_body_tells_no_size),
		cmocka_unit_test(what_would_end_its_line_is_left_out),
		cmocka_unit_test(nobody_else_says_how_the_bytes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
