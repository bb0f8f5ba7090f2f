/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/strict.h"
#include "tests/alym_test.h"

#define HOST  "Host: x\r\n"
#define CHUNK "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"

/* The verdict on all bytes at once; asserts that it is the same when they come one by one. */
static enum strict_result judge(struct text bytes, struct strict *s)
{
	struct strict slow;
	enum strict_result at_once;
	enum strict_result one_by_one = STRICT_MORE;

	strict_init(s, NULL, NULL);
	at_once = strict_judge(s, bytes);
	strict_init(&slow, NULL, NULL);
	for (size_t size = 1; size <= bytes.size && one_by_one == STRICT_MORE; size++) {
		if (size >= slow.wanted) {
			one_by_one = strict_judge(&slow, (struct text){ bytes.bytes, size });
		}
	}
	assert_int_equal(at_once, one_by_one);
	assert_int_equal(s->status, slow.status);
	assert_int_equal(s->size, slow.size);
	return at_once;
}

struct taken {
	const char *bytes;
	size_t header_count;
	size_t body_size;
};

static void what_can_be_read_in_one_way_is_taken(void **state)
{
	static const struct taken cases[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", 1, 0 },
		{ "GET /v1/a?b=c%20d&e=;:@!$'()*+,-._~/? HTTP/1.1\r\n" HOST "\r\n", 1, 0 },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 1, 0 },
		{ "GET / HTTP/1.1\r\nhost:[::1]:80\r\nX:  y\tz \t\r\n\r\n", 2, 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0, 0 },
		{ "GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 2, 0 },
		{ "GET / HTTP/1.1\r\n" HOST "X: \xD0\xB0\r\n\r\n", 2, 0 },
		{ "POST / HTTP/1.1\r\n" HOST "\r\n", 1, 0 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 005\r\n\r\nh\0\nlo", 2, 5 },
		{ CHUNK "0\r\n\r\n", 2, 0 },
		{ CHUNK "00A\r\n0123456789\r\n1\r\n\n\r\n000\r\n\r\n", 2, 11 },
		{ "POST / HTTP/1.1\r\n" HOST "TRANSFER-encoding:Chunked\r\n\r\n0\r\n\r\n", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strict s;
		struct text bytes = text_of(cases[i].bytes);

		if (cases[i].body_size == 5) {
			bytes.size += 4; /* past the NUL */
		}
		if (judge(bytes, &s) != STRICT_WHOLE) {
			fail_msg("%s: %s", cases[i].bytes, s.why);
		}
		assert_int_equal(s.size, bytes.size);
		assert_int_equal(s.header_count, cases[i].header_count);
		assert_int_equal(s.body_size, cases[i].body_size);
	}
}

struct refused {
	int status;
	const char *bytes;
};

/* What lenient readers take, and each in its own way. */
static const struct refused refusals[] = {
	/* line ends, folding, bytes */
	{ 400, "GET / HTTP/1.1\n" HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "\n" },
	{ 400, "GET / HTTP/1.1\r\nX: a\rb\r\n" HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST " folded: y\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: y\r\n\tfolded\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n Host: x\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: \x7F\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: \xFF\r\n\r\n" },
	{ 400, "\r\nGET / HTTP/1.1\r\n" HOST "\r\n" },
	/* the request line */
	{ 505, "GET / HTTP/1.1 \r\n" HOST "\r\n" },
	{ 505, "GET  / HTTP/1.1\r\n" HOST "\r\n" },
	{ 505, " GET / HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET /\r\n" HOST "\r\n" },
	{ 400, "GET\r\n\r\n" },
	{ 400, "GET http://x/ HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET //x/ HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET * HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET /a#b HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET /a\\b HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET /\xD0\xB0 HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "G@T / HTTP/1.1\r\n" HOST "\r\n" },
	{ 405, "HEAD / HTTP/1.1\r\n" HOST "\r\n" },
	{ 405, "PUT / HTTP/1.1\r\n" HOST "\r\n" },
	{ 405, "get / HTTP/1.1\r\n" HOST "\r\n" },
	{ 405, "CONNECT / HTTP/1.1\r\n" HOST "\r\n" },
	{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
	{ 505, "GET / http/1.1\r\n" HOST "\r\n" },
	{ 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
	/* headers */
	{ 400, "GET / HTTP/1.1\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n" },
	{ 400, "GET / HTTP/1.0\r\n" HOST HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\nHost : x\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "nocolon\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST ": empty\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X[]: y\r\n\r\n" },
	/* lengths */
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5 5\r\n\r\nhello" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 9999999999999\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length : 5\r\n\r\nhello" },
	{ 413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" },
	{ 405, "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" },
	/* codings */
	{ 400, "POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
	{ 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: \t5\r\n\r\nhello" },
	/* chunks */
	{ 400, CHUNK "0x5\r\nhello\r\n0\r\n\r\n" },
	{ 400, CHUNK "+5\r\nhello\r\n0\r\n\r\n" },
	{ 400, CHUNK "5 \r\nhello\r\n0\r\n\r\n" },
	{ 400, CHUNK "5;x=y\r\nhello\r\n0\r\n\r\n" },
	{ 400, CHUNK "\r\n" },
	{ 400, CHUNK "5\nhello\r\n0\r\n\r\n" },
	{ 400, CHUNK "5\r\nhelloX0\r\n\r\n" },
	{ 400, CHUNK "5\r\nhello\n0\r\n\r\n" },
	{ 400, CHUNK "000000000\r\n\r\n" },
	{ 400, CHUNK "00000000000000000" },
	{ 413, CHUNK "10001\r\n" },
	{ 413, CHUNK "ffffffff\r\n" },
	{ 413, CHUNK "5\r\nhello\r\nffff\r\n" },
	{ 400, CHUNK "0\r\nX: trailer\r\n\r\n" },
	{ 400, CHUNK "0\r\n\n\n" },
	/* expectations */
	{ 417, "POST / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n" },
};

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct strict s;

		if (judge(text_of(refusals[i].bytes), &s) != STRICT_REFUSED ||
			s.status != refusals[i].status) {
			fail_msg("%zu: %s: %d instead of %d", i, refusals[i].bytes, s.status,
				refusals[i].status);
		}
		assert_non_null(s.why);
	}
}

static void a_nul_is_refused_wherever_it_stands(void **state)
{
	static const char head[] = "GET /ab HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(head) - 5; i++) { /* in the last CRLFs the line goes on */
		char bytes[sizeof(head)];
		struct strict s;

		memcpy(bytes, head, sizeof(head));
		bytes[i] = '\0';
		assert_int_equal(judge((struct text){ bytes, sizeof(head) - 1 }, &s),
			STRICT_REFUSED);
	}
}

/* A request with that many headers of that size beside Host. */
static struct strict with_headers(size_t count, size_t value_size, enum strict_result *result)
{
	struct buffer b;
	struct strict s;
	char *value = malloc(value_size + 1);

	memset(value, 'v', value_size);
	value[value_size] = '\0';
	buffer_init(&b, 1 << 20);
	buffer_add_string(&b, "GET / HTTP/1.1\r\n" HOST);
	for (size_t i = 0; i < count; i++) {
		buffer_printf(&b, "X: %s\r\n", value);
	}
	buffer_add_string(&b, "\r\n");
	strict_init(&s, NULL, NULL);
	*result = strict_judge(&s, buffer_text(&b));
	free(value);
	buffer_done(&b);
	return s;
}

static void each_limit_is_met_and_one_past_it_refused(void **state)
{
	const size_t fixed = strlen("GET / HTTP/1.1\r\n" HOST "X: \r\n\r\n");
	enum strict_result result;
	struct strict s;
	char *line = malloc(STRICT_TARGET_MAX + 64);

	(void)state;
	s = with_headers(CALL_HEADERS_MAX - 1, 1, &result);
	assert_int_equal(result, STRICT_WHOLE);
	assert_int_equal(s.header_count, CALL_HEADERS_MAX);
	s = with_headers(CALL_HEADERS_MAX, 1, &result);
	assert_int_equal(result, STRICT_REFUSED);
	assert_int_equal(s.status, 431);
	s = with_headers(1, STRICT_HEAD_MAX - fixed, &result);
	assert_int_equal(result, STRICT_WHOLE);
	assert_int_equal(s.size, STRICT_HEAD_MAX);
	s = with_headers(1, STRICT_HEAD_MAX - fixed + 1, &result);
	assert_int_equal(s.status, 431);
	s = with_headers(1, STRICT_HEAD_MAX, &result);
	assert_int_equal(s.status, 431);

	for (int past = 0; past < 2; past++) {
		char *target = malloc(STRICT_TARGET_MAX + 2);

		memset(target, 'a', STRICT_TARGET_MAX + 1);
		target[0] = '/';
		target[STRICT_TARGET_MAX + past] = '\0';
		(void)snprintf(line, STRICT_TARGET_MAX + 64, "GET %s HTTP/1.1\r\n" HOST "\r\n",
			target);
		result = judge(text_of(line), &s);
		assert_int_equal(result, past != 0 ? STRICT_REFUSED : STRICT_WHOLE);
		assert_int_equal(s.status, past != 0 ? 414 : 0);
		free(target);
	}
	free(line);
}

static void an_endless_line_is_not_waited_for(void **state)
{
	char *bytes = malloc(STRICT_HEAD_MAX + 1);
	struct strict s;

	(void)state;
	memset(bytes, 'a', STRICT_HEAD_MAX + 1);
	assert_int_equal(judge((struct text){ bytes, STRICT_HEAD_MAX - 1 }, &s), STRICT_MORE);
	assert_int_equal(judge((struct text){ bytes, STRICT_HEAD_MAX }, &s), STRICT_REFUSED);
	free(bytes);
}

static void crumbs_of_a_body_are_refused_before_they_cost_much(void **state)
{
	struct buffer b;
	struct strict s;
	enum strict_result result = STRICT_MORE;

	(void)state;
	buffer_init(&b, 1 << 20);
	buffer_add_string(&b, CHUNK);
	while (!b.overflowed && b.size < (size_t)2 * STRICT_RAW_MAX) {
		buffer_add_string(&b, "1\r\nx\r\n");
	}
	strict_init(&s, NULL, NULL);
	result = strict_judge(&s, buffer_text(&b));
	assert_int_equal(result, STRICT_REFUSED);
	assert_int_equal(s.status, 413);
	assert_true(s.at <= STRICT_HEAD_MAX + STRICT_RAW_MAX + STRICT_CHUNK_LINE_MAX);
	buffer_done(&b);
}

static size_t large_body(void *context, struct text path)
{
	(void)context;
	return text_is(path, "/large") ? CALL_BODY_LARGE_MAX : CALL_BODY_MAX;
}

/* 8 MiB where the path takes it, by a length that is told; chunks keep to the small limit. */
static void a_path_may_take_a_larger_body(void **state)
{
	static const struct {
		const char *head;
		enum strict_result result;
		size_t skip;
	} rows[] = {
		{ "POST /large HTTP/1.1\r\n" HOST "Content-Length: 8388608\r\n\r\n", STRICT_MORE,
			0 },
		{ "POST /large?a=b HTTP/1.1\r\n" HOST "Content-Length: 8388608\r\n\r\n",
			STRICT_MORE, 0 },
		{ "POST /large HTTP/1.1\r\n" HOST "Content-Length: 8388609\r\n\r\n", STRICT_REFUSED,
			8388609 },
		{ "POST /large HTTP/1.1\r\n" HOST "Content-Length: 16777217\r\n\r\n",
			STRICT_REFUSED, 0 },
		{ "POST /larger HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", STRICT_REFUSED,
			65537 },
		{ "POST /small?/large HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n",
			STRICT_REFUSED, 65537 },
		{ "POST /large HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10001\r\n",
			STRICT_REFUSED, 0 },
	};
	struct strict s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		strict_init(&s, large_body, NULL);
		assert_int_equal(strict_judge(&s, text_of(rows[i].head)), rows[i].result);
		assert_int_equal(s.skip, rows[i].skip);
		assert_int_equal(s.status, rows[i].result == STRICT_REFUSED ? 413 : 0);
	}
	strict_init(&s, large_body, NULL);
	(void)strict_judge(&s, text_of(rows[0].head));
	assert_int_equal(s.wanted, strlen(rows[0].head) + CALL_BODY_LARGE_MAX);
}

static void the_next_request_is_not_touched(void **state)
{
	static const char two[] = "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhiGARBAGE";
	struct strict s;

	(void)state;
	strict_init(&s, NULL, NULL);
	assert_int_equal(strict_judge(&s, text_of(two)), STRICT_WHOLE);
	assert_int_equal(s.size, sizeof(two) - 1 - strlen("GARBAGE"));
}

static void what_the_head_says_is_told(void **state)
{
	struct strict s;

	(void)state;
	(void)judge(TEXT("GET / HTTP/1.1\r\n" HOST "Connection: a, CLOSE ,b\r\n\r\n"), &s);
	assert_true(s.close);
	assert_true(s.get);
	(void)judge(TEXT("GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n"), &s);
	assert_false(s.close);
	(void)judge(TEXT("GET / HTTP/1.0\r\n\r\n"), &s);
	assert_true(s.close);
	(void)judge(TEXT("POST / HTTP/1.1\r\n" HOST
			 "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
		&s);
	assert_true(s.expects);
	assert_true(strict_has_head(&s));
	(void)judge(TEXT("HEAD / HTTP/1.1\r\n" HOST "\r\n"), &s);
	assert_true(s.head);
	(void)judge(TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 70000\r\n\r\n"), &s);
	assert_int_equal(s.skip, 70000);
	(void)judge(TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 70000000\r\n\r\n"), &s);
	assert_int_equal(s.skip, 0);
}

static void where_the_parts_of_a_head_lie_is_told(void **state)
{
	const struct text bytes = TEXT("POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-One:two \t\r\n"
				       "Empty:\r\nContent-Length: 1\r\n\r\ny");
	static const char *const headers[][2] = { { "Host", "x" }, { "X-One", "two" },
		{ "Empty", "" }, { "Content-Length", "1" } };
	struct strict s;

	(void)state;
	assert_int_equal(judge(bytes, &s), STRICT_WHOLE);
	assert_true(text_is(strict_text(bytes, s.target), "/a/b?c=d"));
	assert_int_equal(s.header_count, COUNT(headers));
	for (size_t i = 0; i < COUNT(headers); i++) {
		assert_true(text_is(strict_text(bytes, s.headers[i].name), headers[i][0]));
		assert_true(text_is(strict_text(bytes, s.headers[i].value), headers[i][1]));
	}
}

/* Judges a copy that ends where memory does, and gives its body. */
static void expect_body(struct text bytes, struct text expected)
{
	char *copy = malloc(bytes.size);
	struct strict s;

	if (copy == NULL) {
		fail();
		return;
	}
	memcpy(copy, bytes.bytes, bytes.size);
	assert_int_equal(judge(bytes, &s), STRICT_WHOLE);
	assert_true(text_equal(strict_body(&s, copy), expected));
	free(copy);
}

static void a_body_is_had_without_its_chunks(void **state)
{
	(void)state;
	expect_body(TEXT("GET / HTTP/1.1\r\n" HOST "\r\n"), TEXT(""));
	expect_body(TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\na\r\nbc"),
		TEXT("a\r\nbc"));
	expect_body(TEXT(CHUNK "0\r\n\r\n"), TEXT(""));
	expect_body(TEXT(CHUNK "1\r\na\r\n00A\r\n\r\n0\r\n\r\n789\r\n2\r\nyz\r\n000\r\n\r\n"),
		TEXT("a\r\n0\r\n\r\n789yz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_read_in_one_way_is_taken),
		cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
		cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
		cmocka_unit_test(each_limit_is_met_and_one_past_it_refused),
		cmocka_unit_test(an_endless_line_is_not_waited_for),
		cmocka_unit_test(crumbs_of_a_body_are_refused_before_they_cost_much),
		cmocka_unit_test(a_path_may_take_a_larger_body),
		cmocka_unit_test(the_next_request_is_not_touched),
		cmocka_unit_test(what_the_head_says_is_told),
		cmocka_unit_test(where_the_parts_of_a_head_lie_is_told),
		cmocka_unit_test(a_body_is_had_without_its_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
