/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gateways/sandbox/fixture.h"

#define PAYMENT(rest)                                                                           \
	"{\"amount\":12975000,\"currency\":\"KZT\",\"kind\":\"payment\",\"merchant\":\"shop\"," \
	"\"operation\":\"op-1\",\"paid_at\":\"2026-03-01T11:00:00Z\"," rest "}"
#define PAID      PAYMENT("\"order\":\"12345678\",\"status\":\"paid\"")
#define REFUSABLE PAYMENT("\"code\":\"301234567890\",\"refusable\":true,\"status\":\"paid\"")
#define CHECK                                                                  \
	"{\"amount\":12975000,\"code\":\"301234567890\",\"currency\":\"KZT\"," \
	"\"kind\":\"check\",\"merchant\":\"shop\"}"
#define HINT "{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"12345678\"}"
#define LOST(status)                                                                            \
	"{\"amount\":12975000,\"currency\":\"KZT\",\"kind\":\"payment\",\"merchant\":\"shop\"," \
	"\"order\":\"12345678\",\"status\":\"" status "\"}"

#define DUE "\"due\":{\"amount\":216250,\"currency\":\"KZT\"}"

static const char wrong_amount[] = "{\"accepted\":false," DUE ",\"reason\":\"wrong_amount\"}";
static const char payable[] = "{" DUE ",\"payable\":true,\"service\":\"visa.exit\"}";

static void assert_refused(const struct drive *d, int status, const char *reason)
{
	char expected[128];

	(void)snprintf(expected, sizeof(expected), "{\"accepted\":false,\"reason\":\"%s\"}",
		reason);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_text(d->action.answer.body, expected);
	assert_int_equal(d->action.answer.status, status);
}

/* Signed as it stands, whatever it is. */
static void call(struct drive *d, const char *method, struct text path, struct text body,
	struct bank_message *m)
{
	*m = (struct bank_message){
		.message = { .method = text_of(method), .path = path, .body = body }
	};
	bank_sign_request(BANK_SECRET, d->now, m);
	drive_callback(d, &m->message);
}

static void a_payment_is_a_verdict(void **state)
{
	struct drive *d = fixture_drive(state);
	const struct alym_verdict *verdict = &d->action.verdict;

	bank_call(d, TEXT(PAID));
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_int_equal(verdict->kind, ALYM_DONE);
	assert_text(verdict->order, "12345678");
	assert_text(verdict->code, "");
	assert_int_equal(verdict->amount.minor, 12975000);
	assert_string_equal(verdict->amount.currency, "KZT");
	assert_text(verdict->operation, "op-1");
	assert_int_equal(verdict->paid, ALYM_PAID_INSTANT);
	assert_int_equal(verdict->paid_at, 1772362800);
	assert_false(verdict->refusable);
}

static void a_payment_by_code_may_be_refused(void **state)
{
	struct drive *d = fixture_drive(state);

	bank_call(d, TEXT(REFUSABLE));
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_text(d->action.verdict.order, "");
	assert_text(d->action.verdict.code, "301234567890");
	assert_true(d->action.verdict.refusable);

	bank_call(d, TEXT(PAYMENT("\"order\":\"1\",\"refusable\":false,\"status\":\"paid\"")));
	assert_null(d->fault);
	assert_false(d->action.verdict.refusable);
}

static void a_lost_payment_moves_no_money(void **state)
{
	struct drive *d = fixture_drive(state);

	bank_call(d, TEXT(LOST("declined")));
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_DECLINED);
	assert_false(d->action.verdict.expired);
	bank_call(d, TEXT(LOST("expired")));
	assert_null(d->fault);
	assert_int_equal(d->action.verdict.kind, ALYM_DECLINED);
	assert_true(d->action.verdict.expired);
}

static void a_check_asks_the_book(void **state)
{
	struct drive *d = fixture_drive(state);

	bank_call(d, TEXT(CHECK));
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	assert_text(d->action.about_code, "301234567890");
	assert_text(d->action.about_order, "");
	assert_int_equal(d->action.about_amount.minor, 12975000);

	bank_call(d, TEXT("{\"code\":\"1\",\"kind\":\"check\",\"merchant\":\"shop\"}"));
	assert_null(d->fault);
	assert_text(d->action.about_code, "1");
	assert_int_equal(d->action.about_amount.minor, 0);
}

static void a_hint_has_the_bank_asked(void **state)
{
	struct drive *d = fixture_drive(state);

	bank_call(d, TEXT(HINT));
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	assert_text(d->action.about_order, "12345678");
}

/* Each decision the book can give, for each kind of message; NULL: that it is busy. */
static void each_decision_has_its_answer(void **state)
{
	static const char *const messages[] = { REFUSABLE, CHECK, HINT };
	static const char *const answers[][ALYM_ANSWER_BUSY + 1] = {
		{
			[ALYM_ANSWER_BOOKED] = "{\"accepted\":true,\"record\":\"123\"}",
			[ALYM_ANSWER_NOTED] = "{\"accepted\":true,\"record\":\"123\"}",
			[ALYM_ANSWER_UNKNOWN] = "{\"accepted\":false,\"reason\":\"unknown\"}",
			[ALYM_ANSWER_PAID] = "{\"accepted\":false,\"reason\":\"paid\"}",
			[ALYM_ANSWER_CLOSED] = "{\"accepted\":false,\"reason\":\"closed\"}",
			[ALYM_ANSWER_WRONG_AMOUNT] = wrong_amount,
		},
		{
			[ALYM_ANSWER_PAYABLE] = payable,
			[ALYM_ANSWER_UNKNOWN] = "{\"payable\":false,\"reason\":\"unknown\"}",
			[ALYM_ANSWER_PAID] = "{\"payable\":false,\"reason\":\"paid\"}",
			[ALYM_ANSWER_CLOSED] = "{\"payable\":false,\"reason\":\"closed\"}",
		},
		{
			[ALYM_ANSWER_BOOKED] = "{\"accepted\":true}",
			[ALYM_ANSWER_NOTED] = "{\"accepted\":true}",
			[ALYM_ANSWER_UNKNOWN] = "{\"accepted\":false,\"reason\":\"unknown\"}",
			[ALYM_ANSWER_PAID] = "{\"accepted\":true}",
			[ALYM_ANSWER_CLOSED] = "{\"accepted\":true}",
		},
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(messages); i++) {
		for (size_t kind = 0; kind < COUNT(answers[0]); kind++) {
			struct alym_decision decision = { .kind = (enum alym_answer_kind)kind,
				.record = 123,
				.due = money_of(216250, "KZT"),
				.service = TEXT("visa.exit") };
			struct bank_message m;

			call(d, "POST", TEXT(BANK_PATH), text_of(messages[i]), &m);
			assert_null(d->fault);
			drive_decision(d, &decision);
			if (answers[i][kind] == NULL) {
				assert_refused(d, 503, "busy");
			} else {
				assert_null(d->fault);
				assert_int_equal(d->action.answer.status, 200);
				assert_text(d->action.answer.body, answers[i][kind]);
			}
			assert_true(bank_believes(d, text_of(m.signature)));
		}
	}
}

static void what_moved_no_money_has_no_record(void **state)
{
	struct drive *d = fixture_drive(state);
	struct alym_decision noted = { .kind = ALYM_ANSWER_NOTED };

	bank_call(d, TEXT(LOST("declined")));
	drive_decision(d, &noted);
	assert_text(d->action.answer.body, "{\"accepted\":true}");
}

static void another_merchant_s_message_is_refused(void **state)
{
	static const char *const bodies[] = {
		"{\"kind\":\"hint\",\"merchant\":\"Shop\",\"order\":\"12345678\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop2\",\"order\":\"12345678\"}",
		"{\"kind\":\"hint\",\"merchant\":\"sho\",\"order\":\"12345678\"}",
		"{\"code\":\"1\",\"kind\":\"check\",\"merchant\":\"other\"}",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct bank_message m;

		call(d, "POST", TEXT(BANK_PATH), text_of(bodies[i]), &m);
		assert_refused(d, 403, "merchant");
		assert_true(bank_believes(d, text_of(m.signature)));
	}
}

static void a_method_other_than_post_is_refused(void **state)
{
	static const char *const methods[] = { "GET", "PUT", "post", "" };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(methods); i++) {
		struct bank_message m;

		call(d, methods[i], TEXT(BANK_PATH), TEXT(HINT), &m);
		assert_refused(d, 400, "method");
		assert_true(bank_believes(d, text_of(m.signature)));
	}
}

/* The same signed bytes cut elsewhere: half of the body counted to the path. */
static void a_path_with_a_brace_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	struct bank_message m;

	call(d, "POST", TEXT(BANK_PATH ".{\"amount\":1"), TEXT(HINT), &m);
	assert_refused(d, 400, "malformed");
	call(d, "POST", TEXT(""), TEXT(HINT), &m);
	assert_refused(d, 400, "malformed");
}

static void a_message_of_another_form_is_malformed(void **state)
{
	static const char *const bodies[] = {
		"",
		"{}",
		"[]",
		"null",
		" " HINT,
		HINT " x",
		HINT HINT,
		"[" HINT "]",
		"\xEF\xBB\xBF" HINT,
		"kind=hint&order=12345678",
		"{\"kind\":\"hint\",\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"1\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"merchant\":\"other\",\"order\":\"1\"}",
		"{\"kind\":\"hint\",\"more\":1,\"merchant\":\"shop\",\"order\":\"1\"}",
		"{\"kind\":\"hunt\",\"merchant\":\"shop\",\"order\":\"1\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"12x\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"1234567890123456\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"code\":\"1\"}",
		"{\"kind\":\"hint\",\"merchant\":\"\xC0\x80\",\"order\":\"1\"}",
		"{\"kind\":\"hint\",\"merchant\":\"shop\",\"order\":\"1\\u0000\"}",
		"{\"code\":\"1\",\"currency\":\"KZT\",\"kind\":\"check\",\"merchant\":\"shop\"}",
		"{\"amount\":1,\"code\":\"1\",\"kind\":\"check\",\"merchant\":\"shop\"}",
		"{\"kind\":\"check\",\"merchant\":\"shop\",\"order\":\"1\"}",
		PAYMENT("\"status\":\"paid\""), /* whose? */
		PAYMENT("\"code\":\"301234567890\",\"order\":\"1\",\"status\":\"paid\""),
		PAYMENT("\"code\":\"30123456789\",\"status\":\"paid\""), /* 11 digits */
		PAYMENT("\"order\":\"1\",\"status\":\"declined\""),      /* with an operation */
		PAYMENT("\"order\":\"1\",\"status\":\"pending\""),
		PAYMENT("\"order\":\"1\",\"refusable\":1,\"status\":\"paid\""),
		"{\"amount\":1,\"currency\":\"KZT\",\"kind\":\"payment\",\"merchant\":\"shop\","
		"\"order\":\"1\",\"refusable\":true,\"status\":\"declined\"}",
		"{\"amount\":1,\"currency\":\"RUB\",\"kind\":\"payment\",\"merchant\":\"shop\","
		"\"order\":\"1\",\"status\":\"declined\"}",
		"{\"amount\":0,\"currency\":\"KZT\",\"kind\":\"payment\",\"merchant\":\"shop\","
		"\"order\":\"1\",\"status\":\"declined\"}",
		"{\"amount\":1e3,\"currency\":\"KZT\",\"kind\":\"payment\",\"merchant\":\"shop\","
		"\"order\":\"1\",\"status\":\"declined\"}",
		"{\"amount\":9007199254740992,\"currency\":\"KZT\",\"kind\":\"payment\","
		"\"merchant\":\"shop\",\"order\":\"1\",\"status\":\"declined\"}",
		"{\"amount\":99999999999999999999,\"currency\":\"KZT\",\"kind\":\"payment\","
		"\"merchant\":\"shop\",\"order\":\"1\",\"status\":\"declined\"}",
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct bank_message m;

		call(d, "POST", TEXT(BANK_PATH), text_of(bodies[i]), &m);
		assert_refused(d, 400, "malformed");
		assert_true(bank_believes(d, text_of(m.signature)));
	}
}

/* ---- good messages with something wrong, signed all the same ---- */

/* None of them can stand for any member. */
static const char others_text[] = "[null, 12975000.5, {}, [], \"\", \"two\\nlines\", -1]";

static const struct {
	const char *body;
	const char *optional[2]; /* what it can do without */
} good[] = {
	{ PAID, { "" } },
	{ REFUSABLE, { "refusable" } },
	{ LOST("expired"), { "" } },
	{ CHECK, { "" } }, /* amount and currency: not one without the other */
	{ HINT, { "" } },
};

static void a_message_cut_short_anywhere_is_malformed(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(good); i++) {
		for (size_t size = 0; size < strlen(good[i].body); size++) {
			bank_call(d, (struct text){ good[i].body, size });
			assert_refused(d, 400, "malformed");
		}
	}
}

static void call_with_json(struct drive *d, const json_t *value)
{
	char *body = json_dumps(value, JSON_COMPACT);

	assert_non_null(body);
	bank_call(d, text_of(body));
	free(body);
}

static void a_message_that_misses_a_member_is_malformed(void **state)
{
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(good); i++) {
		json_t *whole = json_loads(good[i].body, 0, NULL);
		const char *name;
		json_t *value;

		json_object_foreach(whole, name, value)
		{
			json_t *less = json_copy(whole);

			assert_int_equal(json_object_del(less, name), 0);
			call_with_json(d, less);
			if (strcmp(name, good[i].optional[0]) == 0) {
				assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
			} else {
				assert_refused(d, 400, "malformed");
			}
			json_decref(less);
		}
		json_decref(whole);
	}
}

static void a_message_with_a_member_of_another_type_is_malformed(void **state)
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
				call_with_json(d, other);
				assert_refused(d, 400, "malformed");
				json_decref(other);
			}
		}
		json_decref(whole);
	}
	json_decref(others);
}

static void an_operation_s_name_has_a_largest_size(void **state)
{
	struct drive *d = fixture_drive(state);
	json_t *whole = json_loads(PAID, 0, NULL);
	char name[ALYM_OPERATION_MAX + 2] = "";

	memset(name, 'o', ALYM_OPERATION_MAX);
	json_object_set_new(whole, "operation", json_string(name));
	call_with_json(d, whole);
	assert_null(d->fault);
	assert_text(d->action.verdict.operation, name);
	name[ALYM_OPERATION_MAX] = 'o';
	json_object_set_new(whole, "operation", json_string(name));
	call_with_json(d, whole);
	assert_refused(d, 400, "malformed");
	json_decref(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_payment_is_a_verdict),
		FIXTURE_TEST(a_payment_by_code_may_be_refused),
		FIXTURE_TEST(a_lost_payment_moves_no_money),
		FIXTURE_TEST(a_check_asks_the_book),
		FIXTURE_TEST(a_hint_has_the_bank_asked),
		FIXTURE_TEST(each_decision_has_its_answer),
		FIXTURE_TEST(what_moved_no_money_has_no_record),
		FIXTURE_TEST(another_merchant_s_message_is_refused),
		FIXTURE_TEST(a_method_other_than_post_is_refused),
		FIXTURE_TEST(a_path_with_a_brace_is_refused),
		FIXTURE_TEST(a_message_of_another_form_is_malformed),
		FIXTURE_TEST(a_message_cut_short_anywhere_is_malformed),
		FIXTURE_TEST(a_message_that_misses_a_member_is_malformed),
		FIXTURE_TEST(a_message_with_a_member_of_another_type_is_malformed),
		FIXTURE_TEST(an_operation_s_name_has_a_largest_size),
	};

	return cmocka_run_group_tests_name("gateways/sandbox/callback", tests, NULL, NULL);
}
