/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gateways/sandbox/fixture.h"

#define REGISTERED                                                                          \
	"{\"order\":\"12345678\",\"pay_url\":\"https://bank.test/p/1\",\"session\":\"s1\"," \
	"\"status\":\"pending\"}"
#define STATUS(rest) "{\"amount\":12975000,\"currency\":\"KZT\",\"order\":\"12345678\"," rest "}"
#define PAID                                                                       \
	STATUS("\"operation\":\"op-1\",\"paid_at\":\"2026-03-01T16:00:00+05:00\"," \
	       "\"status\":\"paid\"")
#define MOVED "{\"operation\":\"op-2\",\"status\":\"done\"}"

static void assert_verdict(const struct drive *d, enum alym_verdict_kind kind)
{
	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	if (d->action.verdict.kind != kind) {
		print_error("reason: %.*s\n", TEXT_ARGS(d->action.verdict.reason));
	}
	assert_int_equal(d->action.verdict.kind, kind);
}

/* Takes an operation to where its answer is awaited; with `conflict` PAY goes on to the status. */
static void ask(struct drive *d, enum alym_operation operation, bool conflict)
{
	drive_start(d, operation);
	if (conflict) {
		bank_answer(d, 409, TEXT("{\"reason\":\"exists\"}"));
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

/* The signatures were made with: printf %s "1767225600.METHOD.PATH.BODY" | openssl dgst -sha256
 * -hmac 0123456789abcdef -r */
static void each_operation_sends_its_request(void **state)
{
	static const struct {
		enum alym_operation operation;
		const char *method;
		const char *url;
		const char *body;
		const char *signature;
	} cases[] = {
		{ ALYM_OPERATION_PAY, "POST", "https://bank.test:8443/api/v1/orders",
			"{\"amount\":12975000,\"callback_url\":"
			"\"https://alym.test/callbacks/sandbox\",\"currency\":\"KZT\","
			"\"description\":\"Visa \\\"multiple\\\"\","
			"\"expires_at\":\"2026-01-01T01:00:00Z\",\"language\":\"ru\","
			"\"merchant\":\"shop\",\"order\":\"12345678\","
			"\"return_url\":\"https://portal.test/back\"}",
			"ea7b28186948781f7c1e481b11cbaad7cc73eb0eea975aa051185cee971536dd" },
		{ ALYM_OPERATION_STATUS, "GET",
			"https://bank.test:8443/api/v1/orders/12345678?merchant=shop", "",
			"f3e762d4267d072d234f69f23b39b92786ee39262a491641c2c67f8485d4091d" },
		{ ALYM_OPERATION_CAPTURE, "POST",
			"https://bank.test:8443/api/v1/orders/12345678/capture",
			"{\"amount\":12975000,\"currency\":\"KZT\",\"merchant\":\"shop\"}",
			"f046a463a71d176793daec149ab21988ee8f40dbde7c4bb867799ceef7a5ccb3" },
		{ ALYM_OPERATION_RELEASE, "POST",
			"https://bank.test:8443/api/v1/orders/12345678/release",
			"{\"amount\":12975000,\"currency\":\"KZT\",\"merchant\":\"shop\"}", NULL },
		{ ALYM_OPERATION_REFUND, "POST",
			"https://bank.test:8443/api/v1/orders/12345678/refunds",
			"{\"amount\":1000,\"currency\":\"KZT\",\"merchant\":\"shop\","
			"\"refund_id\":\"r1\"}",
			"0162f633272564339d3fe78dc4ef37d8852de23a4447efd41c9f56a0aa6d2f7b" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool has_body = cases[i].body[0] != '\0';

		ask(d, cases[i].operation, false);
		assert_text(d->action.request.method, cases[i].method);
		assert_text(d->action.request.url, cases[i].url);
		assert_text(d->action.request.body, cases[i].body);
		assert_text(drive_header(d, "X-Sandbox-Timestamp"), "1767225600");
		assert_text(drive_header(d, "Content-Type"), has_body ? "application/json" : "");
		if (cases[i].signature != NULL) {
			assert_text(drive_header(d, "X-Sandbox-Signature"), cases[i].signature);
		}
	}
}

static void what_an_order_does_not_have_is_left_out(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.description = TEXT("");
	d->order.return_url = TEXT("");
	ask(d, ALYM_OPERATION_PAY, false);
	assert_text(d->action.request.body,
		"{\"amount\":12975000,\"callback_url\":\"https://alym.test/callbacks/sandbox\","
		"\"currency\":\"KZT\",\"expires_at\":\"2026-01-01T01:00:00Z\",\"language\":\"ru\","
		"\"merchant\":\"shop\",\"order\":\"12345678\"}");
}

static void a_description_that_does_not_fit_ends_the_session(void **state)
{
	struct drive *d = fixture_drive(state);
	size_t size = (size_t)ALYM_SCRATCH_SIZE;
	char *description = malloc(size);

	assert_non_null(description);
	memset(description, 'a', size);
	d->order.description = (struct text){ description, size };
	drive_start(d, ALYM_OPERATION_PAY);
	assert_string_equal(d->fault, "has texts that do not fit the scratch");
	d->order.description = TEXT("");
	free(description);
}

/* README.md sections 4.1 to 4.3, each row of each table. */
#define NOTHING "the answer's status tells nothing"

static const struct {
	const char *body;
	const char *reason;
	enum alym_operation operation;
	int status;
	enum alym_verdict_kind kind;
	bool conflict;
} answers[] = {
	{ REGISTERED, "", ALYM_OPERATION_PAY, 201, ALYM_PENDING, false },
	{ "{\"reason\":\"too much\"}", "too much", ALYM_OPERATION_PAY, 400, ALYM_DECLINED, false },
	{ "{\"reason\":\"no shop\"}", "no shop", ALYM_OPERATION_PAY, 404, ALYM_DECLINED, false },
	{ "what?", "refused without a reason", ALYM_OPERATION_PAY, 499, ALYM_DECLINED, false },
	{ "{}", NOTHING, ALYM_OPERATION_PAY, 399, ALYM_UNKNOWN, false },
	{ REGISTERED, NOTHING, ALYM_OPERATION_PAY, 200, ALYM_UNKNOWN, false },
	{ "{}", NOTHING, ALYM_OPERATION_PAY, 500, ALYM_UNKNOWN, false },
	{ REGISTERED, NOTHING, ALYM_OPERATION_PAY, 503, ALYM_UNKNOWN, false },
	{ PAID, "", ALYM_OPERATION_PAY, 200, ALYM_DONE, true },
	{ STATUS("\"status\":\"pending\""), "", ALYM_OPERATION_PAY, 200, ALYM_PENDING, true },
	{ "{\"reason\":\"x\"}", NOTHING, ALYM_OPERATION_PAY, 404, ALYM_UNKNOWN, true },
	{ "{\"reason\":\"x\"}", NOTHING, ALYM_OPERATION_PAY, 409, ALYM_UNKNOWN, true },
	{ PAID, "", ALYM_OPERATION_STATUS, 200, ALYM_DONE, false },
	{ STATUS("\"status\":\"pending\""), "", ALYM_OPERATION_STATUS, 200, ALYM_PENDING, false },
	{ STATUS("\"status\":\"authorized\""), "", ALYM_OPERATION_STATUS, 200, ALYM_PENDING,
		false },
	{ STATUS("\"status\":\"declined\""), "", ALYM_OPERATION_STATUS, 200, ALYM_DECLINED, false },
	{ STATUS("\"status\":\"expired\""), "", ALYM_OPERATION_STATUS, 200, ALYM_DECLINED, false },
	{ "{\"reason\":\"x\"}", "the bank does not know the order", ALYM_OPERATION_STATUS, 404,
		ALYM_NOT_ATTEMPTED, false },
	{ "{\"reason\":\"x\"}", NOTHING, ALYM_OPERATION_STATUS, 400, ALYM_UNKNOWN, false },
	{ "{\"reason\":\"x\"}", NOTHING, ALYM_OPERATION_STATUS, 500, ALYM_UNKNOWN, false },
	{ MOVED, "", ALYM_OPERATION_CAPTURE, 200, ALYM_DONE, false },
	{ MOVED, "", ALYM_OPERATION_RELEASE, 200, ALYM_DONE, false },
	{ MOVED, "", ALYM_OPERATION_REFUND, 200, ALYM_DONE, false },
	{ "{\"operation\":\"op-2\",\"status\":\"pending\"}", "", ALYM_OPERATION_REFUND, 200,
		ALYM_PENDING, false },
	{ "{\"operation\":\"op-2\",\"status\":\"declined\"}", "", ALYM_OPERATION_REFUND, 200,
		ALYM_DECLINED, false },
	{ "{\"operation\":\"op-2\",\"status\":\"undone\"}", "the answer is malformed",
		ALYM_OPERATION_REFUND, 200, ALYM_UNKNOWN, false },
	{ "{\"reason\":\"too late\"}", "too late", ALYM_OPERATION_REFUND, 409, ALYM_DECLINED,
		false },
	{ "{\"reason\":\"no such\"}", "no such", ALYM_OPERATION_CAPTURE, 404, ALYM_DECLINED,
		false },
	{ MOVED, NOTHING, ALYM_OPERATION_CAPTURE, 201, ALYM_UNKNOWN, false },
	{ MOVED, NOTHING, ALYM_OPERATION_RELEASE, 502, ALYM_UNKNOWN, false },
};

static void each_answer_has_its_verdict(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(answers); i++) {
		ask(d, answers[i].operation, answers[i].conflict);
		bank_answer(d, answers[i].status, text_of(answers[i].body));
		assert_verdict(d, answers[i].kind);
		assert_text(d->action.verdict.reason, answers[i].reason);
	}
}

/* A refund that was made before its answer was lost must not become one that was declined, and a
 * hold is not given up because the bank was busy for a minute. */
static void a_refusal_without_a_look_declines_only_a_new_order(void **state)
{
	static const enum alym_operation operations[] = { ALYM_OPERATION_PAY,
		ALYM_OPERATION_CAPTURE, ALYM_OPERATION_RELEASE, ALYM_OPERATION_REFUND };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(operations); i++) {
		for (int status = 400; status <= 499; status++) {
			bool overlooked =
				status == 400 || status == 401 || status == 403 || status == 429;
			bool order = operations[i] == ALYM_OPERATION_PAY;

			if (status == 409 && order) {
				continue;
			}
			d->again = false;
			ask(d, operations[i], false);
			bank_answer(d, status, TEXT("{\"reason\":\"no\"}"));
			assert_verdict(d, overlooked && !order ? ALYM_UNKNOWN : ALYM_DECLINED);
			d->again = true;
			ask(d, operations[i], false);
			bank_answer(d, status, TEXT("{\"reason\":\"no\"}"));
			assert_verdict(d, overlooked ? ALYM_UNKNOWN : ALYM_DECLINED);
		}
	}
}

static void a_registered_order_sends_the_payer_to_the_bank(void **state)
{
	struct drive *d = fixture_drive(state);

	ask(d, ALYM_OPERATION_PAY, false);
	bank_answer(d, 201, TEXT(REGISTERED));
	assert_verdict(d, ALYM_PENDING);
	assert_text(d->action.verdict.pay_url, "https://bank.test/p/1");
	assert_text(d->action.verdict.handle, "s1");
	assert_false(d->action.verdict.authorized);
}

static void a_paid_order_says_how_much_when_and_by_what(void **state)
{
	struct drive *d = fixture_drive(state);
	const struct alym_verdict *verdict = &d->action.verdict;

	ask(d, ALYM_OPERATION_STATUS, false);
	bank_answer(d, 200, TEXT(PAID));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(verdict->amount.minor, 12975000);
	assert_string_equal(verdict->amount.currency, "KZT");
	assert_text(verdict->operation, "op-1");
	assert_int_equal(verdict->paid, ALYM_PAID_INSTANT);
	assert_int_equal(verdict->paid_at, 1772362800); /* date -d 2026-03-01T11:00Z +%s */
}

/* What was paid is the bank's to say; whether it fits is the book's. */
static void another_amount_than_the_order_s_is_passed_on(void **state)
{
	struct drive *d = fixture_drive(state);

	ask(d, ALYM_OPERATION_STATUS, false);
	bank_answer(d, 200,
		TEXT("{\"amount\":1,\"currency\":\"USD\",\"operation\":\"op-1\","
		     "\"order\":\"12345678\",\"paid_at\":\"2026-03-01T11:00:00Z\","
		     "\"status\":\"paid\"}"));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 1);
	assert_string_equal(d->action.verdict.amount.currency, "USD");
}

static void held_money_waits_for_its_capture(void **state)
{
	struct drive *d = fixture_drive(state);

	ask(d, ALYM_OPERATION_STATUS, false);
	bank_answer(d, 200, TEXT(STATUS("\"status\":\"authorized\"")));
	assert_verdict(d, ALYM_PENDING);
	assert_true(d->action.verdict.authorized);
	assert_int_equal(d->action.verdict.amount.minor, 12975000);
}

static void an_expired_order_is_told_from_a_declined_one(void **state)
{
	struct drive *d = fixture_drive(state);

	ask(d, ALYM_OPERATION_STATUS, false);
	bank_answer(d, 200, TEXT(STATUS("\"status\":\"expired\"")));
	assert_true(d->action.verdict.expired);
	ask(d, ALYM_OPERATION_STATUS, false);
	bank_answer(d, 200, TEXT(STATUS("\"status\":\"declined\"")));
	assert_false(d->action.verdict.expired);
}

static void a_movement_is_of_the_amount_asked_for(void **state)
{
	static const struct {
		enum alym_operation operation;
		int64_t minor;
	} cases[] = {
		{ ALYM_OPERATION_CAPTURE, 12975000 },
		{ ALYM_OPERATION_RELEASE, 12975000 },
		{ ALYM_OPERATION_REFUND, 1000 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(d, cases[i].operation, false);
		bank_answer(d, 200, TEXT(MOVED));
		assert_verdict(d, ALYM_DONE);
		assert_int_equal(d->action.verdict.amount.minor, cases[i].minor);
		assert_text(d->action.verdict.operation, "op-2");
	}
}

static void each_failure_has_its_verdict(void **state)
{
	static const struct {
		enum alym_operation operation;
		bool again;
		bool conflict;
		enum alym_verdict_kind not_sent; /* and if perhaps sent: unknown, always */
	} cases[] = {
		{ ALYM_OPERATION_PAY, false, false, ALYM_NOT_ATTEMPTED },
		{ ALYM_OPERATION_PAY, true, false, ALYM_UNKNOWN },
		{ ALYM_OPERATION_PAY, false, true, ALYM_UNKNOWN },
		{ ALYM_OPERATION_STATUS, false, false, ALYM_UNKNOWN },
		{ ALYM_OPERATION_STATUS, true, false, ALYM_UNKNOWN },
		{ ALYM_OPERATION_CAPTURE, false, false, ALYM_NOT_ATTEMPTED },
		{ ALYM_OPERATION_CAPTURE, true, false, ALYM_UNKNOWN },
		{ ALYM_OPERATION_RELEASE, false, false, ALYM_NOT_ATTEMPTED },
		{ ALYM_OPERATION_RELEASE, true, false, ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, false, false, ALYM_NOT_ATTEMPTED },
		{ ALYM_OPERATION_REFUND, true, false, ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = cases[i].again;
		ask(d, cases[i].operation, cases[i].conflict);
		drive_failure(d, ALYM_FAILURE_NOT_SENT);
		assert_verdict(d, cases[i].not_sent);
		ask(d, cases[i].operation, cases[i].conflict);
		drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

/* ---- answers that are not as they should be, though signed ---- */

/* None of them can stand for any member. */
static const char others_text[] = "[null, true, 12975000.5, {}, [], \"\", \"two\\nlines\", -1]";

static const struct {
	enum alym_operation operation;
	int status;
	const char *body;
	const char *optional; /* the member it can do without, or none */
} good[] = {
	{ ALYM_OPERATION_PAY, 201, REGISTERED, "" },
	{ ALYM_OPERATION_STATUS, 200, PAID, "" },
	{ ALYM_OPERATION_STATUS, 200,
		STATUS("\"pay_url\":\"https://bank.test/p/1\",\"status\":\"pending\""), "pay_url" },
	{ ALYM_OPERATION_REFUND, 200, MOVED, "" },
};

static void answer_with(struct drive *d, size_t i, struct text body,
	enum alym_verdict_kind expected)
{
	ask(d, good[i].operation, false);
	bank_answer(d, good[i].status, body);
	assert_verdict(d, expected);
}

static void answer_with_json(struct drive *d, size_t i, const json_t *value,
	enum alym_verdict_kind expected)
{
	char *body = json_dumps(value, JSON_COMPACT);

	assert_non_null(body);
	answer_with(d, i, text_of(body), expected);
	free(body);
}

static void an_answer_cut_short_anywhere_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(good); i++) {
		for (size_t size = 0; size < strlen(good[i].body); size++) {
			answer_with(d, i, (struct text){ good[i].body, size }, ALYM_UNKNOWN);
		}
	}
}

static void an_answer_that_misses_a_member_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(good); i++) {
		json_t *whole = json_loads(good[i].body, 0, NULL);
		const char *name;
		json_t *value;

		json_object_foreach(whole, name, value)
		{
			json_t *less = json_copy(whole);
			bool optional = strcmp(name, good[i].optional) == 0;

			assert_int_equal(json_object_del(less, name), 0);
			answer_with_json(d, i, less, optional ? ALYM_PENDING : ALYM_UNKNOWN);
			json_decref(less);
		}
		json_decref(whole);
	}
}

static void an_answer_with_a_member_of_another_type_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);
	json_t *others = json_loads(others_text, 0, NULL);

	for (size_t i = 0; i < COUNT(good); i++) {
		json_t *whole = json_loads(good[i].body, 0, NULL);
		const char *name;
		json_t *value;

		json_object_foreach(whole, name, value)
		{
			for (size_t k = 0; k < json_array_size(others); k++) {
				json_t *other = json_copy(whole);

				json_object_set(other, name, json_array_get(others, k));
				answer_with_json(d, i, other, ALYM_UNKNOWN);
				json_decref(other);
			}
		}
		json_decref(whole);
	}
	json_decref(others);
}

static void an_answer_that_says_more_or_twice_is_unknown(void **state)
{
	static const char *const bodies[] = {
		"{\"operation\":\"op-2\",\"status\":\"done\",\"more\":1}",
		"{\"operation\":\"op-2\",\"status\":\"done\",\"status\":\"done\"}",
		"{\"operation\":\"op-2\",\"status\":\"declined\",\"status\":\"done\"}",
		MOVED "x",
		" " MOVED,
		"[" MOVED "]",
		"null",
		"\"done\"",
		"\xEF\xBB\xBF" MOVED,
		"{\"operation\":\"\xFF\",\"status\":\"done\"}",
		"{\"operation\":\"op-2\\u0000\",\"status\":\"done\"}",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(bodies); i++) {
		answer_with(d, 3, text_of(bodies[i]), ALYM_UNKNOWN);
	}
}

static void an_answer_that_contradicts_itself_or_us_is_unknown(void **state)
{
	static const struct {
		size_t good;
		const char *body;
	} cases[] = {
		{ 0, "{\"order\":\"12345679\",\"pay_url\":\"https://b/\",\"session\":\"s\","
		     "\"status\":\"pending\"}" },
		{ 0, "{\"order\":\"12345678\",\"pay_url\":\"https://b/\",\"session\":\"s\","
		     "\"status\":\"paid\"}" },
		{ 0, "{\"order\":\"12345678\",\"pay_url\":\"http://b/\",\"session\":\"s\","
		     "\"status\":\"pending\"}" },
		{ 0, "{\"order\":\"12345678\",\"pay_url\":\"https://\",\"session\":\"s\","
		     "\"status\":\"pending\"}" },
		{ 0, "{\"order\":\"12345678\",\"pay_url\":\"https://b/ x\",\"session\":\"s\","
		     "\"status\":\"pending\"}" },
		{ 0, "{\"order\":\"12345678\",\"pay_url\":\"https://b/\xD0\xB6\","
		     "\"session\":\"s\",\"status\":\"pending\"}" },
		{ 1, "{\"amount\":1,\"currency\":\"KZT\",\"operation\":\"o\","
		     "\"order\":\"12345679\",\"paid_at\":\"2026-03-01T11:00:00Z\","
		     "\"status\":\"paid\"}" },
		{ 1, "{\"amount\":0,\"currency\":\"KZT\",\"operation\":\"o\","
		     "\"order\":\"12345678\",\"paid_at\":\"2026-03-01T11:00:00Z\","
		     "\"status\":\"paid\"}" },
		{ 1, "{\"amount\":9007199254740992,\"currency\":\"KZT\",\"operation\":\"o\","
		     "\"order\":\"12345678\",\"paid_at\":\"2026-03-01T11:00:00Z\","
		     "\"status\":\"paid\"}" },
		{ 1, "{\"amount\":1,\"currency\":\"RUB\",\"operation\":\"o\","
		     "\"order\":\"12345678\",\"paid_at\":\"2026-03-01T11:00:00Z\","
		     "\"status\":\"paid\"}" },
		{ 1, "{\"amount\":1,\"currency\":\"KZT\",\"operation\":\"o\","
		     "\"order\":\"12345678\",\"paid_at\":\"1970-01-01T00:00:00Z\","
		     "\"status\":\"paid\"}" },
		{ 1, "{\"amount\":1,\"currency\":\"KZT\",\"operation\":\"o\","
		     "\"order\":\"12345678\",\"paid_at\":\"yesterday\",\"status\":\"paid\"}" },
		{ 1, STATUS("\"operation\":\"o\",\"status\":\"pending\"") },
		{ 1, STATUS("\"pay_url\":\"https://b/\",\"status\":\"declined\"") },
		{ 1, STATUS("\"status\":\"refunded\"") },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		answer_with(d, cases[i].good, text_of(cases[i].body), ALYM_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_operation_sends_its_request),
		FIXTURE_TEST(what_an_order_does_not_have_is_left_out),
		FIXTURE_TEST(a_description_that_does_not_fit_ends_the_session),
		FIXTURE_TEST(each_answer_has_its_verdict),
		FIXTURE_TEST(a_refusal_without_a_look_declines_only_a_new_order),
		FIXTURE_TEST(a_registered_order_sends_the_payer_to_the_bank),
		FIXTURE_TEST(a_paid_order_says_how_much_when_and_by_what),
		FIXTURE_TEST(another_amount_than_the_order_s_is_passed_on),
		FIXTURE_TEST(held_money_waits_for_its_capture),
		FIXTURE_TEST(an_expired_order_is_told_from_a_declined_one),
		FIXTURE_TEST(a_movement_is_of_the_amount_asked_for),
		FIXTURE_TEST(each_failure_has_its_verdict),
		FIXTURE_TEST(an_answer_cut_short_anywhere_is_unknown),
		FIXTURE_TEST(an_answer_that_misses_a_member_is_unknown),
		FIXTURE_TEST(an_answer_with_a_member_of_another_type_is_unknown),
		FIXTURE_TEST(an_answer_that_says_more_or_twice_is_unknown),
		FIXTURE_TEST(an_answer_that_contradicts_itself_or_us_is_unknown),
	};

	return cmocka_run_group_tests_name("gateways/sandbox/operation", tests, NULL, NULL);
}
