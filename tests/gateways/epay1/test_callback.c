/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests/gateways/epay1/fixture.h"

/* Parts of a payment's slice that tests change. */
#define PAYMENT(shop, department, sum1, sum2, sum3, rest)                                       \
	"<bank name=\"B\"><customer name=\"N\" mail=\"m@b.test\" phone=\"\"><merchant "         \
	"cert_id=\"00C182B189\" name=\"Test shop\"><order order_id=\"064085\" amount=\"" sum1   \
	"\" currency=\"398\"><department merchant_id=\"" department "\" amount=\"" sum2         \
	"\"/></order></merchant><merchant_sign type=\"RSA\"/></customer><customer_sign "        \
	"type=\"RSA\"/><results timestamp=\"2026-01-01 00:00:00\"><payment merchant_id=\"" shop \
	"\" amount=\"" sum3 "\" reference=\"180418115914\" approval_code=\"115914\" " rest      \
	"/></results></bank>"
#define OURS(rest) PAYMENT("92061101", "92061101", "1000", "1000", "1000", rest)
#define GOOD       OURS("response_code=\"00\"")

static void call(struct drive *d, const char *method, struct text body)
{
	const struct alym_message message = {
		.method = text_of(method),
		.path = TEXT("/callbacks/epay1"),
		.body = body,
		.peer = TEXT("127.0.0.1"),
	};

	drive_callback(d, &message);
	assert_null(d->fault);
}

static void assert_answer(const struct drive *d, int status, const char *body)
{
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, status);
	assert_text(d->action.answer.body, body);
}

static void a_signed_payment_is_a_hold(void **state)
{
	static const char *const letters[] = { VECTOR_PAYMENT, NULL };
	const struct alym_decision noted = { .kind = ALYM_ANSWER_NOTED };
	const struct alym_decision busy = { .kind = ALYM_ANSWER_BUSY };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(letters); i++) {
		struct text letter =
			letters[i] != NULL ? text_of(letters[i]) : bank_letter(TEXT(GOOD));

		call(d, "POST", bank_postlink(letter));
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_int_equal(d->action.verdict.kind, ALYM_PENDING);
		assert_true(d->action.verdict.authorized);
		assert_text(d->action.verdict.order, "064085");
		assert_int_equal(d->action.verdict.amount.minor, 100000);
		assert_text(d->action.verdict.handle, "180418115914 115914");
		drive_decision(d, &noted);
		assert_answer(d, 200, "0");
	}
	call(d, "POST", bank_postlink(TEXT(VECTOR_PAYMENT)));
	drive_decision(d, &busy);
	assert_answer(d, 503, "");
}

/* The bank signs every shop's letters with one key. */
static void another_shops_letter_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);

	call(d, "POST", bank_postlink(TEXT(VECTOR_OTHER_SHOP)));
	assert_answer(d, 403, "");
	call(d, "POST",
		bank_postlink(bank_letter(TEXT(PAYMENT("92061103", "92061103", "1000", "1000",
			"1000", "response_code=\"00\"")))));
	assert_answer(d, 403, "");
}

static void what_contradicts_itself_is_refused(void **state)
{
	static const char *const slices[] = {
		PAYMENT("92061101", "92061103", "1000", "1000", "1000", "response_code=\"00\""),
		PAYMENT("92061103", "92061101", "1000", "1000", "1000", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "1000", "1000", "1", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "1000", "1", "1000", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "1", "1000", "1000", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "1e3", "1e3", "1e3", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "-1", "-1", "-1", "response_code=\"00\""),
		PAYMENT("92061101", "92061101", "0", "0", "0", "response_code=\"00\""),
		OURS(""),
		OURS("response_code=\"00\" response_code=\"05\""),
		"<bank name=\"B\"/></bank>",
		"<bank name=\"B\"></bank>",
		"<bank name=\"B\"><customer></bank>",
		"<bank name=\"\xFF\"></bank>",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(slices); i++) {
		call(d, "POST", bank_postlink(bank_letter(text_of(slices[i]))));
		assert_answer(d, 400, "");
	}
}

/* A code that is not 00 is signed too, but what it means is not published. */
static void another_code_is_a_reason_to_ask(void **state)
{
	struct drive *d = fixture_drive(state);

	call(d, "POST", bank_postlink(bank_letter(TEXT(OURS("response_code=\"05\"")))));
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	assert_text(d->action.about_order, "064085");
}

/* Nobody signs errors, and their code is 00 although nothing was paid. */
static void an_error_is_a_reason_to_ask(void **state)
{
	static const char *const errors[] = {
		"<response order_id=\"123456\"><error type=\"auth\" time=\"21.01.2001 21:12:60\" "
		"code=\"00\">Error Message</error><session id=\"1234654656545\"/></response>",
		"<response order_id=\"123456\">\n   <error type=\"system\" "
		"time=\"2006-11-22 12:20:30\" code=\"00\">Error Message</error>\n   <session "
		"id=\"1234654656545\"/>\n</response>",
	};
	static const char *const none[] = {
		"<response order_id=\"12345\"><error code=\"00\"></error></response>",
		"<response order_id=\"1234567890123456\"><error code=\"00\"></error></response>",
		"<response order_id=\"12345a\"><error code=\"00\"></error></response>",
		"<response order_id=\"123456\"></response>",
		"<response order_id=\"123456",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(errors); i++) {
		call(d, "POST", bank_postlink(text_of(errors[i])));
		assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
		assert_text(d->action.about_order, "123456");
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		call(d, "POST", bank_postlink(text_of(none[i])));
		assert_answer(d, 400, "");
	}
}

/* A good letter with something around it, or in it, that a careless reader would take for more. */
static void nothing_is_wrapped_around_a_good_letter(void **state)
{
	static const char *const frames[][2] = {
		{ "<document><bank name=\"F\"></bank>", "" },
		{ "<document><!-- ", " -->" },
		{ "<document><x>", "</x>" },
		{ "<x>", "</x>" },
		{ "<?xml version=\"1.0\"?><!DOCTYPE document [<!ENTITY a \"b\">]>", "" },
		{ "junk", "" },
		{ "", "junk" },
		{ "", "<document/>" },
		{ "<?xml <bank ?>", "" },
	};
	static char wrapped[8192];
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(frames); i++) {
		int size = snprintf(wrapped, sizeof(wrapped), "%s%s%s", frames[i][0],
			VECTOR_PAYMENT, frames[i][1]);

		call(d, "POST", bank_postlink((struct text){ wrapped, (size_t)size }));
		assert_answer(d, 400, "");
	}
}

static void a_second_result_in_a_letter_is_refused(void **state)
{
	static const char *const slices[] = {
		"<bank a=\"1\"><bank name=\"F\"/>" GOOD "</bank>",
		"<bank a=\"1\"><results/><results/></bank>",
		"<bank a=\"1\"><response/><response/></bank>",
		"<bank a=\"1\"><![CDATA[<results/>]]></bank>",
		"<bank a=\"1\"><!-- --></bank>",
		"<bank a=\"1\"><?a b?></bank>",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(slices); i++) {
		call(d, "POST", bank_postlink(bank_letter(text_of(slices[i]))));
		assert_answer(d, 400, "");
	}
}

static void what_is_no_postlink_is_refused(void **state)
{
	static const struct {
		const char *method;
		const char *body;
		int status;
	} cases[] = {
		{ "GET", "", 405 },
		{ "POST", "", 400 },
		{ "POST", "response", 400 },
		{ "POST", "response=", 400 },
		{ "POST", "response=%3", 400 },
		{ "POST", "Response=x", 400 },
		{ "POST", "response=a&response=b", 400 },
		{ "POST", "response=%00", 400 },
		{ "POST", "response=%FF", 400 },
	};
	static const char field[] = "response=";
	static char large[50000];
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		call(d, cases[i].method, text_of(cases[i].body));
		assert_answer(d, cases[i].status, "");
	}
	memset(large, 'a', sizeof(large));
	for (size_t i = 0; i < sizeof(field) - 1; i++) {
		large[i] = field[i];
	}
	call(d, "POST", (struct text){ large, sizeof(large) });
	assert_answer(d, 400, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_signed_payment_is_a_hold),
		FIXTURE_TEST(another_shops_letter_is_refused),
		FIXTURE_TEST(what_contradicts_itself_is_refused),
		FIXTURE_TEST(another_code_is_a_reason_to_ask),
		FIXTURE_TEST(an_error_is_a_reason_to_ask),
		FIXTURE_TEST(nothing_is_wrapped_around_a_good_letter),
		FIXTURE_TEST(a_second_result_in_a_letter_is_refused),
		FIXTURE_TEST(what_is_no_postlink_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
