/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/message.h"
#include "tests/alym_test.h"

enum { HEAD_MAX = 4096 };

static struct call request(const struct call_header *headers, size_t count)
{
	return (struct call){
		.method = TEXT("POST"),
		.path = TEXT("/callbacks/kassa"),
		.query = TEXT("a=1&b=%20"),
		.headers = headers,
		.header_count = count,
		.body = TEXT("{}"),
		.peer = TEXT("192.0.2.7"),
	};
}

static void what_was_kept_is_what_is_read(void **state)
{
	const struct call_header headers[] = {
		{ TEXT("X-Signature"), TEXT("ab: cd: ef") },
		{ TEXT("x-signature"), TEXT("") },
		{ TEXT("Accept"), TEXT("*/*") },
	};
	struct call call = request(headers, COUNT(headers));
	struct message m;
	struct buffer head;

	(void)state;
	buffer_init(&head, HEAD_MAX);
	assert_true(message_write_head(&call, &head));
	assert_string_equal(head.bytes, "POST /callbacks/kassa?a=1&b=%20\nX-Signature: ab: cd: ef\n"
					"x-signature: \nAccept: */*\n");
	assert_true(message_read(buffer_text(&head), call.body, call.peer, &m));
	assert_true(text_is(m.message.method, "POST"));
	assert_true(text_is(m.message.path, "/callbacks/kassa?a=1&b=%20"));
	assert_int_equal(m.message.header_count, COUNT(headers));
	for (size_t i = 0; i < COUNT(headers); i++) {
		assert_true(text_equal(m.message.headers[i].name, headers[i].name));
		assert_true(text_equal(m.message.headers[i].value, headers[i].value));
	}
	assert_true(text_is(m.message.body, "{}"));
	assert_true(text_is(m.message.peer, "192.0.2.7"));
	buffer_done(&head);
}

static void a_line_break_is_not_kept(void **state)
{
	const struct call_header bad[] = {
		{ TEXT("X"), TEXT("a\nY: b") },
		{ TEXT("X"), TEXT("a\r") },
		{ TEXT("X\n"), TEXT("a") },
		{ TEXT("X: Y"), TEXT("a") },
		{ TEXT(""), TEXT("a") },
		{ TEXT("X"), TEXT("a\0b") },
	};
	struct call call;
	struct buffer head;

	(void)state;
	buffer_init(&head, HEAD_MAX);
	for (size_t i = 0; i < COUNT(bad); i++) {
		call = request(&bad[i], 1);
		buffer_reset(&head);
		assert_false(message_write_head(&call, &head));
	}
	call = request(bad, 0);
	call.path = TEXT("/callbacks/kassa\nX: y");
	buffer_reset(&head);
	assert_false(message_write_head(&call, &head));
	call = request(bad, 0);
	call.method = TEXT("POST /x");
	buffer_reset(&head);
	assert_false(message_write_head(&call, &head));
	buffer_done(&head);
}

static void too_much_is_not_kept(void **state)
{
	struct call_header headers[CALL_HEADERS_MAX + 1];
	struct message m;
	struct call call;
	struct buffer head;

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		headers[i] = (struct call_header){ TEXT("X"), TEXT("y") };
	}
	buffer_init(&head, HEAD_MAX);
	call = request(headers, CALL_HEADERS_MAX);
	assert_true(message_write_head(&call, &head));
	assert_true(message_read(buffer_text(&head), TEXT(""), TEXT(""), &m));
	assert_int_equal(m.message.header_count, CALL_HEADERS_MAX);
	buffer_add_string(&head, "X: y\n");
	assert_false(message_read(buffer_text(&head), TEXT(""), TEXT(""), &m));
	buffer_reset(&head);
	call = request(headers, COUNT(headers));
	assert_false(message_write_head(&call, &head));
	buffer_done(&head);
	buffer_init(&head, 40);
	call = request(headers, CALL_HEADERS_MAX);
	assert_false(message_write_head(&call, &head));
	buffer_done(&head);
}

static void what_is_no_head_is_not_read(void **state)
{
	static const char *const wrong[] = { "", "POST", "POST /x", "POST\n", "POST /x\nX",
		"POST /x\nX: y", "POST /x\nX:y\n" };
	struct message m;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(message_read(text_of(wrong[i]), TEXT(""), TEXT(""), &m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_what_is_read),
		cmocka_unit_test(a_line_break_is_not_kept),
		cmocka_unit_test(too_much_is_not_kept),
		cmocka_unit_test(what_is_no_head_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
