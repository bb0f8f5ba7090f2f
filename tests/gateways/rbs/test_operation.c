/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tests/gateways/rbs/fixture.h"

#define PAGE      "https://bank.test/payment/merchants/ecom/payment_en.html?mdOrder=" RBS_BANK_ID
#define MADE      "{\"orderId\":\"" RBS_BANK_ID "\",\"formUrl\":\"" PAGE "\"}"
#define DUPLICATE "{\"errorCode\":\"1\",\"errorMessage\":\"Order number is duplicated\"}"
#define OK        "{\"errorCode\":\"0\",\"errorMessage\":\"Success\"}"

static void assert_taken(const struct drive *d, int64_t minor)
{
	assert_verdict(d, ALYM_DONE, "");
	assert_true(d->action.verdict.cumulative);
	assert_int_equal(d->action.verdict.operation.size, 0);
	assert_int_equal(d->action.verdict.amount.minor, minor);
	assert_string_equal(d->action.verdict.amount.currency, "KZT");
	assert_text(d->action.verdict.handle, RBS_BANK_ID);
}

#define BY_ID     RBS_BANK_WHO "&orderId=" RBS_BANK_ID
#define BY_NUMBER RBS_BANK_WHO "&orderNumber=12345678"
#define ASK       "getOrderStatusExtended.do"

/* ---- making an order ---- */

/* 2026-01-01T01:00:00Z is six in the morning there. */
static void an_order_is_registered(void **state)
{
	static const char body[] =
		BY_NUMBER "&amount=12975000&currency=398"
			  "&returnUrl=https%3A%2F%2Fportal.test%2Fback"
			  "&description=Visa%20%22multiple%22&language=ru"
			  "&dynamicCallbackUrl=https%3A%2F%2Falym.test%2Fcallbacks%2Frbs"
			  "&expirationDate=2026-01-01T06%3A00%3A00";
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_sends(d, "register.do", body);
	rbs_bank_answer(d, 200, MADE);
	assert_verdict(d, ALYM_PENDING, "");
	assert_text(d->action.verdict.pay_url, PAGE);
	assert_text(d->action.verdict.handle, RBS_BANK_ID);
	assert_false(d->action.verdict.authorized);
	fixture_set(state, "two_step", TEXT("yes"));
	drive_start(d, ALYM_OPERATION_PAY);
	assert_sends(d, "registerPreAuth.do", body);
}

/* The body that was sent, as a string. */
static const char *sent(const struct drive *d)
{
	static char body[8192];

	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_true(text_copy(d->action.request.body, body, sizeof(body)));
	return body;
}

static void settings_shape_the_order(void **state)
{
	struct drive *d = fixture_drive(state);

	fixture_set(state, "utc_offset", TEXT("-03:30"));
	d->order.amount = money_of(1, "USD");
	d->order.description = TEXT("");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_sends(d, "register.do",
		BY_NUMBER
		"&amount=1&currency=840&returnUrl=https%3A%2F%2Fportal.test%2Fback"
		"&language=ru&dynamicCallbackUrl=https%3A%2F%2Falym.test%2Fcallbacks%2Frbs"
		"&expirationDate=2025-12-31T21%3A30%3A00");
	fixture_set(state, "dynamic_callback", TEXT("no"));
	drive_start(d, ALYM_OPERATION_PAY);
	assert_null(strstr(sent(d), "dynamicCallbackUrl"));
	d->order.return_url = TEXT("");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_NOT_ATTEMPTED,
		"the bank needs an address to return to, and there is none");
	fixture_set(state, "return_url", TEXT("https://portal.test/else"));
	drive_start(d, ALYM_OPERATION_PAY);
	assert_non_null(strstr(sent(d), "&returnUrl=https%3A%2F%2Fportal.test%2Felse&"));
}

/* 598 bytes are the limit, and a character of two of them does not come apart: 597 are left. */
static void a_long_description_is_cut_between_characters(void **state)
{
	struct drive *d = fixture_drive(state);
	char description[800] = "a"; /* and then П, 320 times */
	const char *begin;

	for (int i = 0; i < 320; i++) {
		memcpy(description + 1 + (ptrdiff_t)i * 2, "\xD0\xBF", 3);
	}
	d->order.description = text_of(description);
	drive_start(d, ALYM_OPERATION_PAY);
	assert_null(d->fault);
	begin = strstr(sent(d), "&description=a");
	assert_non_null(begin);
	for (int i = 0; i < 298; i++) {
		assert_memory_equal(begin + 14 + (ptrdiff_t)i * 6, "%D0%BF", 6);
	}
	assert_memory_equal(begin + 14 + (ptrdiff_t)298 * 6, "&language", 9);
}

/* HTTP 200 says nothing; the code does, as text, as number, and in its other places. */
static void a_refused_register_is_declined(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ "{\"errorCode\":\"5\",\"errorMessage\":\"Access denied\"}",
			"refused, errorCode 5", ALYM_DECLINED },
		{ "{\"errorCode\":\"12\",\"errorMessage\":\"Empty amount\"}",
			"refused, errorCode 12", ALYM_DECLINED },
		{ "{\"errorCode\":8}", "refused, errorCode 8", ALYM_DECLINED },
		{ "{\"ErrorCode\":\"5\"}", "refused, errorCode 5", ALYM_DECLINED },
		{ "{\"error\":{\"code\":5}}", "refused, errorCode 5", ALYM_DECLINED },
		{ "{\"error\":{\"code\":\"5\"},\"errorCode\":5}", "refused, errorCode 5",
			ALYM_DECLINED },
		{ "{\"errorCode\":0,\"error\":{\"code\":5}}", "the answer is malformed",
			ALYM_UNKNOWN },
		{ "{\"errorCode\":\"five\"}", "the answer is malformed", ALYM_UNKNOWN },
		{ "{\"errorCode\":5.0}", "the answer is malformed", ALYM_UNKNOWN },
		{ "{\"errorCode\":true}", "the answer is malformed", ALYM_UNKNOWN },
		{ "{\"errorCode\":5,\"errorCode\":0}", "the answer is malformed", ALYM_UNKNOWN },
		{ "{}", "the answer is malformed", ALYM_UNKNOWN },
		{ OK, "the answer is malformed", ALYM_UNKNOWN },
		{ "[]", "the answer is malformed", ALYM_UNKNOWN },
		{ "", "the answer is malformed", ALYM_UNKNOWN },
		{ "<html>", "the answer is malformed", ALYM_UNKNOWN },
		{ "{\"orderId\":\"../x\",\"formUrl\":\"" PAGE "\"}", "the answer is malformed",
			ALYM_UNKNOWN },
		{ "{\"orderId\":\"" RBS_BANK_ID "\",\"formUrl\":\"http://bank.test/\"}",
			"the answer is malformed", ALYM_UNKNOWN },
		{ "{\"orderId\":\"" RBS_BANK_ID "\"}", "the answer is malformed", ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = false;
		drive_start(d, ALYM_OPERATION_PAY);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, cases[i].kind, cases[i].reason);
		d->again = true; /* what was sent before may have been registered */
		drive_start(d, ALYM_OPERATION_PAY);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, ALYM_UNKNOWN, cases[i].reason);
	}
	for (int status = 201; status < 600; status++) {
		drive_start(d, ALYM_OPERATION_PAY);
		rbs_bank_answer(d, status, MADE);
		assert_verdict(d, ALYM_UNKNOWN, "the answer's status tells nothing");
	}
}

/* The address went with the lost answer: nobody can pay such an order, and nobody shall. */
static void an_order_whose_page_was_lost_is_closed(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	drive_start(d, ALYM_OPERATION_PAY);
	rbs_bank_answer(d, 200, DUPLICATE);
	assert_sends(d, ASK, BY_NUMBER);
	rbs_bank_answer(d, 200, RBS_BANK_WAITING);
	assert_sends(d, "decline.do", BY_ID);
	rbs_bank_answer(d, 200, OK);
	assert_sends(d, ASK, BY_ID);
	rbs_bank_answer(d, 200, RBS_BANK_REFUSED);
	assert_verdict(d, ALYM_DECLINED, "declined, actionCode 0");
	assert_false(d->action.verdict.expired);
}

static void a_duplicate_is_asked_about(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ RBS_BANK_TAKEN, "", ALYM_DONE },
		{ RBS_BANK_HELD, "", ALYM_PENDING },
		{ RBS_BANK_REFUSED, "declined, actionCode 0", ALYM_DECLINED },
		{ "{\"errorCode\":\"6\"}", "no status, errorCode 6", ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, ALYM_OPERATION_PAY);
		rbs_bank_answer(d, 200, DUPLICATE);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, cases[i].kind, cases[i].reason);
	}
}

/* ---- what became of it ---- */

/* banks' table of orderStatus, each row; strings and numbers; and what is none. */
static void each_order_status_has_its_verdict(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		enum alym_verdict_kind kind;
		bool authorized;
	} cases[] = {
		{ RBS_BANK_WAITING, "", ALYM_PENDING, false },
		{ RBS_BANK_HELD, "", ALYM_PENDING, true },
		{ RBS_BANK_TAKEN, "", ALYM_DONE, false },
		{ RBS_BANK_REVERSED, "reversed", ALYM_DECLINED, false },
		{ RBS_BANK_STATUS_OF("4", "12975000", "12975000", "12975000"),
			"taken, and given back at the bank", ALYM_DECLINED, false },
		{ RBS_BANK_STATUS_OF("4", "12975000", "0", "12975000"),
			"taken, and given back at the bank", ALYM_DECLINED, false },
		{ RBS_BANK_STATUS_OF("5", "0", "0", "0"), "", ALYM_PENDING, false },
		{ RBS_BANK_REFUSED, "declined, actionCode 0", ALYM_DECLINED, false },
		{ RBS_BANK_STATUS_OF("7", "0", "0", "0"), "", ALYM_PENDING, false },
		{ RBS_BANK_STATUS_OF("8", "12975000", "12975000", "0"), "", ALYM_DONE, false },
		{ RBS_BANK_STATUS_OF("\"2\"", "\"12975000\"", "\"12975000\"", "\"0\""), "",
			ALYM_DONE, false },
		{ RBS_BANK_STATUS_OF("9", "0", "0", "0"), "an orderStatus that is none",
			ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("-1", "0", "0", "0"), "an orderStatus that is none",
			ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("null", "0", "0", "0"), "the answer is malformed",
			ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("2,\"OrderStatus\":6", "0", "0", "0"),
			"the answer is malformed", ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("2", "0", "-5", "0"), "the answer is malformed", ALYM_UNKNOWN,
			false },
		{ RBS_BANK_STATUS_OF("2", "0", "12.5", "0"), "the answer is malformed",
			ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("2", "0", "0", "0"), "the bank does not say how much it took",
			ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("2", "0", "null", "0"),
			"the bank does not say how much it took", ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("4", "0", "12975000", "null"),
			"the bank does not say how much it took", ALYM_UNKNOWN, false },
		{ RBS_BANK_STATUS_OF("4", "12975000", "5", "7"),
			"the bank does not say how much it took", ALYM_UNKNOWN, false },
		{ "{\"errorCode\":5}", "no status, errorCode 5", ALYM_UNKNOWN, false },
		{ "{\"errorCode\":6}", "no status, errorCode 6", ALYM_UNKNOWN, false },
		{ OK, "the answer is malformed", ALYM_UNKNOWN, false },
	};
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, ALYM_OPERATION_STATUS);
		assert_sends(d, ASK, BY_ID);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_verdict(d, cases[i].kind, cases[i].reason);
		assert_true(d->action.verdict.authorized == cases[i].authorized);
	}
}

static void the_sum_is_what_the_bank_took(void **state)
{
	static const struct {
		const char *body;
		int64_t captured;
		int64_t minor;
	} cases[] = {
		{ RBS_BANK_TAKEN, 0, 12975000 },
		{ RBS_BANK_STATUS_OF("2", "12975000", "12974900", "0"), 0, 12974900 },
		{ RBS_BANK_STATUS_OF("8", "12975000", "5000000", "0"), 0, 5000000 },
		/* some was given back since: depositedAmount went down with it, or did not */
		{ RBS_BANK_STATUS_OF("4", "12975000", "12974000", "1000"), 0, 12975000 },
		{ RBS_BANK_STATUS_OF("4", "12975000", "12975000", "1000"), 0, 12975000 },
		{ RBS_BANK_STATUS_OF("4", "12975000", "4999000", "1000"), 5000000, 5000000 },
		{ RBS_BANK_STATUS_OF("4", "12975000", "5000000", "1000"), 5000000, 5000000 },
		{ RBS_BANK_STATUS_OF("4", "12975000", "0", "12975000"), 12975000, 12975000 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->order.captured = money_of(cases[i].captured, "KZT");
		drive_start(d, ALYM_OPERATION_STATUS);
		assert_sends(d, ASK, BY_NUMBER);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_taken(d, cases[i].minor);
	}
}

/* `from` of a good answer, once, becomes `to`. */
static void answer_changed(struct drive *d, const char *good, const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char body[2048];

	assert_non_null(at);
	(void)snprintf(body, sizeof(body), "%.*s%s%s", (int)(at - good), good, to,
		at + strlen(from));
	rbs_bank_answer(d, 200, body);
}

static void an_answer_about_another_order_proves_nothing(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *reason;
	} cases[] = {
		{ "\"12345678\"", "\"12345679\"", "the answer is about another order" },
		{ "\"orderNumber\":\"12345678\",", "", "the answer is about another order" },
		{ "\"orderNumber\":\"12345678\"", "\"orderNumber\":12345678",
			"the answer is about another order" },
		{ RBS_BANK_ID, "01491d0b-0000", "the answer is about another order" },
		{ "\"amount\":12975000", "\"amount\":12975001",
			"the answer is about another order" },
		{ "\"398\"", "\"840\"", "the answer is about another order" },
		{ "\"398\"", "\"643\"", "the answer is malformed" },
		{ "\"398\"", "\"KZT\"", "the answer is malformed" },
		{ "\"amount\":12975000,", "", "the answer is malformed" },
		{ "\"amount\":12975000", "\"amount\":0", "the answer is malformed" },
		{ RBS_BANK_ID, "a;b", "the answer is malformed" },
		{ "\"actionCode\":0", "\"actionCode\":{}", "the answer is malformed" },
	};
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, ALYM_OPERATION_STATUS);
		answer_changed(d, RBS_BANK_TAKEN, cases[i].from, cases[i].to);
		assert_verdict(d, ALYM_UNKNOWN, cases[i].reason);
	}
}

/* An attribute is a courtesy: by the orderId that was asked for the answer is known as well. */
static void a_status_without_attributes_is_enough(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	drive_start(d, ALYM_OPERATION_STATUS);
	answer_changed(d, RBS_BANK_TAKEN, "\"mdOrder\"", "\"other\"");
	assert_taken(d, 12975000);
}

static void a_refusal_says_why(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	answer_changed(d, RBS_BANK_REFUSED, "\"actionCode\":0", "\"actionCode\":116");
	assert_verdict(d, ALYM_DECLINED, "declined, actionCode 116");
	assert_false(d->action.verdict.expired);
	drive_start(d, ALYM_OPERATION_STATUS);
	answer_changed(d, RBS_BANK_REFUSED, "\"actionCode\":0", "\"actionCode\":\"-2007\"");
	assert_verdict(d, ALYM_DECLINED, "declined, actionCode -2007");
	assert_true(d->action.verdict.expired);
}

/* Nobody told us of an order of that number, and the bank has none. */
static void an_order_that_was_never_made_was_not_attempted(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	assert_sends(d, ASK, BY_NUMBER);
	rbs_bank_answer(d, 200, "{\"errorCode\":\"6\"}");
	assert_verdict(d, ALYM_NOT_ATTEMPTED, "the bank does not know the order");
}

/* ---- its end ---- */

static void an_order_whose_time_is_up_is_closed(void **state)
{
	static const struct {
		const char *body;
		enum alym_verdict_kind kind;
		bool expired;
	} cases[] = {
		{ RBS_BANK_REFUSED, ALYM_DECLINED, true },
		{ RBS_BANK_REVERSED, ALYM_DECLINED, false },
		{ RBS_BANK_TAKEN, ALYM_DONE, false }, /* the payer was faster */
		{ RBS_BANK_HELD, ALYM_PENDING, false },
		{ RBS_BANK_WAITING, ALYM_PENDING,
			false }, /* it was not closed: asked about once more */
		{ "{\"errorCode\":6}", ALYM_UNKNOWN, false },
	};
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	for (size_t i = 0; i < COUNT(cases); i++) {
		d->now = d->order.expires_at - 1;
		drive_start(d, ALYM_OPERATION_STATUS);
		rbs_bank_answer(d, 200, RBS_BANK_WAITING);
		assert_verdict(d, ALYM_PENDING, "");
		d->now = d->order.expires_at;
		drive_start(d, ALYM_OPERATION_STATUS);
		rbs_bank_answer(d, 200, RBS_BANK_STATUS_OF("5", "0", "0", "0"));
		assert_verdict(d, ALYM_PENDING, "");
		drive_start(d, ALYM_OPERATION_STATUS);
		rbs_bank_answer(d, 200, RBS_BANK_WAITING);
		assert_sends(d, "decline.do", BY_ID);
		rbs_bank_answer(d, 200, i % 2 == 0 ? OK : "{\"errorCode\":7}");
		assert_sends(d, ASK, BY_ID);
		rbs_bank_answer(d, 200, cases[i].body);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_int_equal(d->action.verdict.kind, cases[i].kind);
		assert_true(d->action.verdict.expired == cases[i].expired);
	}
}

/* Without an answer nobody knows, but for an order that was to be made and did not leave. */
static void no_answer_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(RBS_BANK_ID);
	d->order.captured = d->order.amount;
	d->order.refund = money_of(1, "KZT");
	d->order.refund_id = TEXT("1");
	for (int operation = ALYM_OPERATION_PAY; operation <= ALYM_OPERATION_REFUND; operation++) {
		for (int again = 0; again < 2; again++) {
			bool first = operation == ALYM_OPERATION_PAY && again == 0;

			d->again = again == 1;
			drive_start(d, (enum alym_operation)operation);
			drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
			assert_verdict(d, ALYM_UNKNOWN, "no answer from the bank");
			drive_start(d, (enum alym_operation)operation);
			drive_failure(d, ALYM_FAILURE_NOT_SENT);
			assert_verdict(d, first ? ALYM_NOT_ATTEMPTED : ALYM_UNKNOWN,
				first ? "no connection to the bank" : "no answer from the bank");
		}
	}
	d->again = false;
	drive_start(d, ALYM_OPERATION_PAY);
	rbs_bank_answer(d, 200, DUPLICATE);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_UNKNOWN, "no answer from the bank");
}

/* Cut anywhere, an answer is no answer. */
static void an_answer_is_cut_at_every_byte(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t size = 0; size < strlen(RBS_BANK_TAKEN); size++) {
		char body[2048];

		(void)snprintf(body, sizeof(body), "%.*s", (int)size, RBS_BANK_TAKEN);
		drive_start(d, ALYM_OPERATION_STATUS);
		rbs_bank_answer(d, 200, body);
		assert_verdict(d, ALYM_UNKNOWN, "the answer is malformed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_order_is_registered),
		FIXTURE_TEST(settings_shape_the_order),
		FIXTURE_TEST(a_long_description_is_cut_between_characters),
		FIXTURE_TEST(a_refused_register_is_declined),
		FIXTURE_TEST(an_order_whose_page_was_lost_is_closed),
		FIXTURE_TEST(a_duplicate_is_asked_about),
		FIXTURE_TEST(each_order_status_has_its_verdict),
		FIXTURE_TEST(the_sum_is_what_the_bank_took),
		FIXTURE_TEST(an_answer_about_another_order_proves_nothing),
		FIXTURE_TEST(a_status_without_attributes_is_enough),
		FIXTURE_TEST(a_refusal_says_why),
		FIXTURE_TEST(an_order_that_was_never_made_was_not_attempted),
		FIXTURE_TEST(an_order_whose_time_is_up_is_closed),
		FIXTURE_TEST(no_answer_is_unknown),
		FIXTURE_TEST(an_answer_is_cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
