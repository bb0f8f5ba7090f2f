/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/action.h"
#include "tests/alym_test.h"

static char long_text[ALYM_URL_MAX + 1]; /* of 'a' */
static struct alym_scratch scratch;
static const struct alym_order order = { .number = { "000123", 6 } };

/* What stands in each case is all that matters; the rest is made good by judge(). */
struct action_case {
	enum alym_event_kind event;
	bool message; /* the session is a message's, else an operation's */
	enum alym_operation operation;
	struct alym_action action;
	const char *fault;
};

static struct text as(size_t size)
{
	return (struct text){ long_text, size };
}

static const char *judge(const struct action_case *c)
{
	struct alym_event event = { .kind = c->event,
		.operation = c->operation,
		.order = c->message ? NULL : &order };
	struct alym_action action = c->action;

	action.scratch = &scratch;
	return action_fault(&action, &event);
}

static void assert_case(const struct action_case *c)
{
	const char *fault = judge(c);

	if (c->fault == NULL) {
		assert_null(fault);
	} else {
		assert_non_null(fault);
		assert_string_equal(fault, c->fault);
	}
}

static void an_action_comes_in_its_turn(void **state)
{
	/* Rows: an operation, a message, a message that was decided.  Columns: enum
	 * alym_action_kind. */
	static const bool in_turn[3][ALYM_ACTION_WAIT + 1] = {
		{ [ALYM_ACTION_SEND] = true,
			[ALYM_ACTION_VERDICT] = true,
			[ALYM_ACTION_WAIT] = true },
		{ [ALYM_ACTION_ASK] = true,
			[ALYM_ACTION_CHECK] = true,
			[ALYM_ACTION_KEEP] = true,
			[ALYM_ACTION_VERDICT] = true,
			[ALYM_ACTION_ANSWER] = true },
		{ [ALYM_ACTION_ANSWER] = true },
	};
	static const enum alym_event_kind events[3] = { ALYM_EVENT_START, ALYM_EVENT_CALLBACK,
		ALYM_EVENT_DECISION };

	(void)state;
	for (size_t row = 0; row < COUNT(in_turn); row++) {
		for (size_t kind = 0; kind < COUNT(in_turn[0]); kind++) {
			struct action_case c = { .event = events[row], .message = row > 0 };
			const char *fault;

			c.action.kind = (enum alym_action_kind)kind;
			fault = judge(&c);
			assert_int_equal(fault == NULL || strcmp(fault, "is out of turn") != 0,
				in_turn[row][kind]);
		}
	}
}

static void a_request_can_be_sent(void **state)
{
	const char *method = "sends with a method that is neither GET nor POST";
	const char *address = "sends to an address that is not https";
	const struct {
		struct alym_request request;
		const char *fault;
	} cases[] = {
		{ { .method = TEXT("GET"), .url = TEXT("https://b/") }, NULL },
		{ { .method = TEXT("POST"), .url = TEXT("https://b/"), .body = TEXT("x") }, NULL },
		{ { .method = TEXT("GET"), .url = TEXT("https://b/"), .body = TEXT("x") },
			"sends a body with GET" },
		{ { .method = TEXT("PUT"), .url = TEXT("https://b/") }, method },
		{ { .method = TEXT("get"), .url = TEXT("https://b/") }, method },
		{ { .url = TEXT("https://b/") }, method },
		{ { .method = TEXT("GET") }, address },
		{ { .method = TEXT("GET"), .url = TEXT("https://") }, address },
		{ { .method = TEXT("GET"), .url = TEXT("http://b/") }, address },
		{ { .method = TEXT("GET"), .url = TEXT("https://b/ x") }, address },
		{ { .method = TEXT("GET"), .url = TEXT("https://b/\xD0\xB6") }, address },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_START, .fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_SEND;
		c.action.request = cases[i].request;
		assert_case(&c);
	}
}

static void headers_can_be_sent_and_frame_nothing(void **state)
{
	const char *name = "sets a header it may not set";
	const char *value = "sets a header to a value that can not be sent";
	const struct {
		struct alym_header header;
		const char *fault;
	} cases[] = {
		{ { TEXT("X-Key"), TEXT("v") }, NULL },
		{ { TEXT("X-Key"), TEXT("") }, NULL },
		{ { TEXT("X-Key"), TEXT("\xD0\xB6") }, NULL },
		{ { TEXT(""), TEXT("v") }, name },
		{ { TEXT("X Key"), TEXT("v") }, name },
		{ { TEXT("X:Key"), TEXT("v") }, name },
		{ { TEXT("host"), TEXT("v") }, name },
		{ { TEXT("Content-length"), TEXT("0") }, name },
		{ { TEXT("TRANSFER-ENCODING"), TEXT("chunked") }, name },
		{ { TEXT("X-Key"), TEXT("v\r\nHost: x") }, value },
		{ { TEXT("X-Key"), TEXT("\xE9") }, value },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_CALLBACK, .message = true };

		c.fault = cases[i].fault;
		c.action.kind = ALYM_ACTION_ANSWER;
		c.action.answer = (struct alym_reply){ .status = 200 };
		c.action.answer.headers = &cases[i].header;
		c.action.answer.header_count = 1;
		assert_case(&c);
	}
}

static void headers_have_a_largest_count(void **state)
{
	struct action_case c = { .event = ALYM_EVENT_CALLBACK, .message = true };
	struct alym_header headers[ALYM_HEADERS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		headers[i] = (struct alym_header){ TEXT("X-Key"), TEXT("v") };
	}
	c.action.kind = ALYM_ACTION_ANSWER;
	c.action.answer.status = 200;
	c.action.answer.headers = headers;
	c.action.answer.header_count = ALYM_HEADERS_MAX;
	assert_null(judge(&c));
	c.action.answer.header_count = ALYM_HEADERS_MAX + 1;
	assert_string_equal(judge(&c), "sets too many headers");
	c.action.answer.headers = NULL;
	c.action.answer.header_count = 1;
	assert_string_equal(judge(&c), "sets too many headers");
}

static void an_address_has_a_largest_size(void **state)
{
	struct action_case c = { .event = ALYM_EVENT_START };
	char url[ALYM_URL_MAX + 2];
	struct text prefix = TEXT("https://");

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, prefix.bytes, prefix.size);
	c.action.kind = ALYM_ACTION_SEND;
	c.action.request.method = TEXT("GET");
	c.action.request.url = (struct text){ url, ALYM_URL_MAX };
	assert_null(judge(&c));
	c.action.request.url.size++;
	assert_string_equal(judge(&c), "sends to an address that is not https");
}

static void a_question_is_about_one_order_or_one_code(void **state)
{
	const char *neither = "asks about neither one order nor one code";
	const struct {
		struct text order;
		struct text code;
		struct money amount;
		const char *fault;
	} cases[] = {
		{ TEXT("000123"), TEXT(""), { 0 }, NULL },
		{ TEXT(""), TEXT("301234567890"), { 1, "KZT" }, NULL },
		{ TEXT(""), TEXT("301234567890"), { MONEY_API_MAX, "USD" }, NULL },
		{ TEXT(""), TEXT(""), { 0 }, neither },
		{ TEXT("1"), TEXT("2"), { 0 }, neither },
		{ TEXT("12a"), TEXT(""), { 0 }, neither },
		{ TEXT("1234567890123456"), TEXT(""), { 0 }, neither },
		{ TEXT("1"), TEXT(""), { -1, "KZT" }, "asks about an impossible amount" },
		{ TEXT("1"), TEXT(""), { 1, "XXX" }, "asks about an impossible amount" },
		{ TEXT("1"), TEXT(""), { 1, { 'K', 'Z', 'T', 'T' } },
			"asks about an impossible amount" },
		{ TEXT("1"), TEXT(""), { MONEY_API_MAX + 1, "KZT" },
			"asks about an impossible amount" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_CALLBACK,
			.message = true,
			.fault = cases[i].fault };

		c.action.kind = i % 2 == 0 ? ALYM_ACTION_ASK : ALYM_ACTION_CHECK;
		c.action.about_order = cases[i].order;
		c.action.about_code = cases[i].code;
		c.action.about_amount = cases[i].amount;
		assert_case(&c);
	}
}

static void a_verdict_is_one_that_can_be_booked(void **state)
{
	const struct money sum = { 100, "KZT" };
	const char *which = "is done without saying which operation did it";
	const struct {
		bool message;
		enum alym_operation operation;
		struct alym_verdict verdict;
		const char *fault;
	} cases[] = {
		{ false, ALYM_OPERATION_PAY,
			{ .kind = ALYM_DONE, .amount = sum, .operation = TEXT("o") }, NULL },
		{ false, ALYM_OPERATION_STATUS,
			{ .kind = ALYM_DONE, .amount = sum, .cumulative = true }, NULL },
		{ true, ALYM_OPERATION_PAY,
			{ .kind = ALYM_DONE,
				.order = TEXT("1"),
				.amount = sum,
				.operation = TEXT("o"),
				.refusable = true },
			NULL },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_DONE, .amount = sum }, which },
		{ false, ALYM_OPERATION_PAY,
			{ .kind = ALYM_DONE,
				.amount = sum,
				.operation = TEXT("o"),
				.cumulative = true },
			which },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_DONE, .operation = TEXT("o") },
			"is done without an amount" },
		{ false, ALYM_OPERATION_RELEASE, { .kind = ALYM_DONE }, NULL },
		{ true, ALYM_OPERATION_RELEASE, { .kind = ALYM_DONE, .order = TEXT("1") },
			"is done without an amount" },
		{ false, ALYM_OPERATION_PAY, { .kind = (enum alym_verdict_kind)5 },
			"gives no known verdict" },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_PENDING, .amount = { -1, "KZT" } },
			"gives an impossible amount" },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_PENDING, .authorized = true }, NULL },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_DECLINED, .authorized = true },
			"is authorized but not pending" },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_DECLINED, .expired = true }, NULL },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_UNKNOWN, .expired = true },
			"is expired but not declined" },
		{ false, ALYM_OPERATION_PAY, { .kind = ALYM_PENDING, .cumulative = true },
			"is cumulative but not done" },
		{ true, ALYM_OPERATION_PAY,
			{ .kind = ALYM_DECLINED, .order = TEXT("1"), .refusable = true },
			"is refusable but no message about money" },
		{ false, ALYM_OPERATION_PAY,
			{ .kind = ALYM_DONE,
				.amount = sum,
				.operation = TEXT("o"),
				.refusable = true },
			"is refusable but no message about money" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_CALLBACK,
			.message = cases[i].message,
			.operation = cases[i].operation,
			.fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_VERDICT;
		c.action.verdict = cases[i].verdict;
		assert_case(&c);
	}
}

static void a_verdict_is_about_whom_it_should_be(void **state)
{
	const char *another = "speaks of another order than it was asked about";
	const char *neither = "speaks of neither one order nor one code";
	const struct {
		bool message;
		struct text order;
		struct text code;
		const char *fault;
	} cases[] = {
		{ false, TEXT(""), TEXT(""), NULL },
		{ false, TEXT("000123"), TEXT(""), NULL },
		{ false, TEXT("000124"), TEXT(""), another },
		{ false, TEXT(""), TEXT("301234567890"), another },
		{ true, TEXT("000124"), TEXT(""), NULL },
		{ true, TEXT(""), TEXT("301234567890"), NULL },
		{ true, TEXT(""), TEXT(""), neither },
		{ true, TEXT("1"), TEXT("2"), neither },
		{ true, TEXT("one"), TEXT(""), neither },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_CALLBACK,
			.message = cases[i].message,
			.fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_VERDICT;
		c.action.verdict.kind = ALYM_PENDING;
		c.action.verdict.order = cases[i].order;
		c.action.verdict.code = cases[i].code;
		assert_case(&c);
	}
}

static void texts_of_a_verdict_have_largest_sizes(void **state)
{
	struct action_case c = { .event = ALYM_EVENT_START };
	const struct {
		struct text *text;
		size_t size_max;
	} cases[] = {
		{ &c.action.verdict.operation, ALYM_OPERATION_MAX },
		{ &c.action.verdict.handle, ALYM_HANDLE_MAX },
		{ &c.action.verdict.reason, ALYM_REASON_MAX },
	};

	(void)state;
	c.action.kind = ALYM_ACTION_VERDICT;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text *t = cases[i].text;

		c.action.verdict = (struct alym_verdict){ .kind = ALYM_UNKNOWN };
		*t = as(cases[i].size_max);
		assert_null(judge(&c));
		*t = as(cases[i].size_max + 1);
		assert_string_equal(judge(&c), "gives a text that is too long");
		*t = TEXT("two\nlines");
		assert_string_equal(judge(&c), "gives a text that can not be kept");
		*t = TEXT("\xFF");
		assert_string_equal(judge(&c), "gives a text that can not be kept");
	}
}

static void a_payment_was_made_at_a_possible_time(void **state)
{
	const char *impossible = "was paid at an impossible time";
	const struct {
		struct alym_verdict paid;
		const char *fault;
	} cases[] = {
		{ { .paid = ALYM_PAID_INSTANT, .paid_at = 1 }, NULL },
		{ { .paid = ALYM_PAID_INSTANT, .paid_at = 0 }, impossible },
		{ { .paid = ALYM_PAID_LOCAL, .paid_day = 1, .paid_second = 86399 }, NULL },
		{ { .paid = ALYM_PAID_LOCAL, .paid_day = 1, .paid_second = 86400 }, impossible },
		{ { .paid = ALYM_PAID_LOCAL, .paid_day = 1, .paid_second = -1 }, impossible },
		{ { .paid = ALYM_PAID_LOCAL, .paid_day = 0, .paid_second = 0 }, impossible },
		{ { .paid = (enum alym_paid_kind)3 }, impossible },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_START, .fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_VERDICT;
		c.action.verdict = cases[i].paid;
		c.action.verdict.kind = ALYM_PENDING;
		assert_case(&c);
	}
}

static void the_payer_is_sent_to_one_place_at_most(void **state)
{
	const struct alym_form_field field[] = { { TEXT("ORDER"), TEXT("1") } };
	const struct alym_form_field no_name[] = { { TEXT(""), TEXT("1") } };
	const struct alym_form_field latin[] = { { TEXT("ORDER"), TEXT("\xE9") } };
	const struct {
		struct alym_verdict way;
		const char *fault;
	} cases[] = {
		{ { .kind = ALYM_PENDING, .pay_url = TEXT("https://b/") }, NULL },
		{ { .kind = ALYM_PENDING, .form_url = TEXT("https://b/") }, NULL },
		{ { .kind = ALYM_PENDING,
			  .form_url = TEXT("https://b/"),
			  .fields = field,
			  .field_count = 1 },
			NULL },
		{ { .kind = ALYM_PENDING,
			  .form_url = TEXT("https://b/"),
			  .fields = field,
			  .field_count = ALYM_FIELDS_MAX + 1 },
			"has too many form fields" },
		{ { .kind = ALYM_PENDING, .form_url = TEXT("https://b/"), .field_count = 1 },
			"has too many form fields" },
		{ { .kind = ALYM_PENDING, .fields = field, .field_count = 1 },
			"has form fields but no form" },
		{ { .kind = ALYM_PENDING,
			  .form_url = TEXT("https://b/"),
			  .fields = no_name,
			  .field_count = 1 },
			"has a form field that can not be posted" },
		{ { .kind = ALYM_PENDING,
			  .form_url = TEXT("https://b/"),
			  .fields = latin,
			  .field_count = 1 },
			"has a form field that can not be posted" },
		{ { .kind = ALYM_PENDING,
			  .form_url = TEXT("https://b/"),
			  .pay_url = TEXT("https://b/") },
			"sends the payer somewhere without need" },
		{ { .kind = ALYM_DECLINED, .pay_url = TEXT("https://b/") },
			"sends the payer somewhere without need" },
		{ { .kind = ALYM_PENDING, .pay_url = TEXT("javascript:x") },
			"sends the payer to an address that is not https" },
		{ { .kind = ALYM_PENDING, .form_url = TEXT("http://b/") },
			"sends the payer to an address that is not https" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_START, .fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_VERDICT;
		c.action.verdict = cases[i].way;
		assert_case(&c);
	}
}

static void an_answer_has_a_status_of_an_answer(void **state)
{
	static const struct {
		int status;
		const char *fault;
	} cases[] = {
		{ 199, "answers with an impossible status" },
		{ 200, NULL },
		{ 599, NULL },
		{ 600, "answers with an impossible status" },
		{ 0, "answers with an impossible status" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_DECISION,
			.message = true,
			.fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_ANSWER;
		c.action.answer.status = cases[i].status;
		assert_case(&c);
	}
}

static void a_wait_lasts_a_minute_at_most(void **state)
{
	static const struct {
		int64_t wait_ms;
		const char *fault;
	} cases[] = {
		{ -1, "waits for nothing or too long" },
		{ 0, "waits for nothing or too long" },
		{ 1, NULL },
		{ 60000, NULL },
		{ 60001, "waits for nothing or too long" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_START, .fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_WAIT;
		c.action.wait_ms = cases[i].wait_ms;
		assert_case(&c);
	}
}

static void what_is_kept_has_a_name(void **state)
{
	const char *nameless = "keeps a message without saying what it is";
	const struct {
		struct text keep;
		const char *fault;
	} cases[] = {
		{ TEXT("register 1"), NULL },
		{ as(ALYM_REASON_MAX), NULL },
		{ as(ALYM_REASON_MAX + 1), nameless },
		{ TEXT(""), nameless },
		{ TEXT("a\x01"), nameless },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action_case c = { .event = ALYM_EVENT_CALLBACK,
			.message = true,
			.fault = cases[i].fault };

		c.action.kind = ALYM_ACTION_KEEP;
		c.action.keep = cases[i].keep;
		assert_case(&c);
	}
}

static void what_does_not_fit_the_scratch_is_no_action(void **state)
{
	struct action_case c = { .event = ALYM_EVENT_START };

	(void)state;
	c.action.kind = ALYM_ACTION_VERDICT;
	c.action.verdict.kind = ALYM_UNKNOWN;
	scratch.size = ALYM_SCRATCH_SIZE;
	assert_null(judge(&c));
	scratch.size = ALYM_SCRATCH_SIZE + 1;
	assert_string_equal(judge(&c), "has texts that do not fit the scratch");
	scratch.size = 0;
	c.action.kind = (enum alym_action_kind)99;
	assert_string_equal(judge(&c), "is out of turn");
	c.event = ALYM_EVENT_CALLBACK;
	c.message = true;
	assert_string_equal(judge(&c), "is no known action");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_comes_in_its_turn),
		cmocka_unit_test(a_request_can_be_sent),
		cmocka_unit_test(headers_can_be_sent_and_frame_nothing),
		cmocka_unit_test(headers_have_a_largest_count),
		cmocka_unit_test(an_address_has_a_largest_size),
		cmocka_unit_test(a_question_is_about_one_order_or_one_code),
		cmocka_unit_test(a_verdict_is_one_that_can_be_booked),
		cmocka_unit_test(a_verdict_is_about_whom_it_should_be),
		cmocka_unit_test(texts_of_a_verdict_have_largest_sizes),
		cmocka_unit_test(a_payment_was_made_at_a_possible_time),
		cmocka_unit_test(the_payer_is_sent_to_one_place_at_most),
		cmocka_unit_test(an_answer_has_a_status_of_an_answer),
		cmocka_unit_test(a_wait_lasts_a_minute_at_most),
		cmocka_unit_test(what_is_kept_has_a_name),
		cmocka_unit_test(what_does_not_fit_the_scratch_is_no_action),
	};

	memset(long_text, 'a', sizeof(long_text));
	return cmocka_run_group_tests_name("plugins/action", tests, NULL, NULL);
}
