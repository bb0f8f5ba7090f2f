/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/freedompay/fixture.h"

static void call(struct drive *d, const struct bank_field *changes)
{
	struct bank_field fields[BANK_FIELDS_MAX];

	bank_change(bank_result, changes, fields);
	bank_call(d, fields);
	assert_null(d->fault);
}

static void decide(struct drive *d, enum alym_answer_kind kind, struct money due)
{
	const struct alym_decision decision = { .kind = kind, .record = 7, .due = due };

	drive_decision(d, &decision);
	assert_null(d->fault);
}

static void assert_answered(const struct drive *d, int status, const char *word)
{
	const char *said;

	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, status);
	if (word == NULL) {
		assert_int_equal(d->action.answer.body.size, 0);
		return;
	}
	said = bank_believes_answer(d, BANK_SECRET);
	assert_non_null(said);
	assert_string_equal(said, word);
}

/* A check has no pg_result. */
#define CHECK                               \
	{ "pg_result", NULL, NULL },        \
	{                                   \
		"pg_can_reject", NULL, NULL \
	}
#define RESULT                       \
	{                            \
		"pg_salt", "s", NULL \
	}

static void a_result_makes_us_ask(void **state)
{
	static const char *const results[] = { "1", "0", "2" };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(results); i++) {
		call(d, F({ "pg_result", results[i], NULL }));
		assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
		assert_text(d->action.about_order, BANK_NUMBER);
		decide(d, ALYM_ANSWER_NOTED, (struct money){ 0 });
		assert_answered(d, 200, "ok");
		assert_text(drive_header(d, "Content-Type"), "text/xml; charset=utf-8");
	}
}

/* By GET it comes in the address; the script is what is before the question mark. */
static void a_result_may_come_by_get(void **state)
{
	struct drive *d = fixture_drive(state);
	struct buffer query = bank_form(BANK_SECRET_NEXT, BANK_SCRIPT, bank_result);
	struct buffer path;
	struct alym_message m = { .method = TEXT("GET") };

	buffer_init(&path, 8192);
	buffer_printf(&path, "%s?%.*s", BANK_PATH, TEXT_ARGS(buffer_text(&query)));
	m.path = buffer_text(&path);
	drive_callback(d, &m);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	decide(d, ALYM_ANSWER_NOTED, (struct money){ 0 });
	/* It signs with our second secret, and so do we. */
	assert_null(bank_believes_answer(d, BANK_SECRET));
	assert_string_equal(bank_believes_answer(d, BANK_SECRET_NEXT), "ok");
	m.body = TEXT("a=b");
	drive_callback(d, &m);
	assert_answered(d, 400, NULL);
	m.body = TEXT("");
	m.method = TEXT("POST");
	drive_callback(d, &m);
	assert_answered(d, 400, NULL);
	m.method = TEXT("PUT");
	drive_callback(d, &m);
	assert_answered(d, 405, NULL);
	buffer_done(&path);
	buffer_done(&query);
}

static void each_decision_has_its_answer(void **state)
{
	static const struct {
		enum alym_answer_kind kind;
		int status;
		const char *can_reject;
		const char *result;
		const char *check;
	} cases[] = {
		{ ALYM_ANSWER_NOTED, 200, "1", "ok", NULL },
		{ ALYM_ANSWER_BOOKED, 200, "0", "ok", NULL },
		{ ALYM_ANSWER_PAID, 200, "1", "ok", "rejected" },
		{ ALYM_ANSWER_CLOSED, 200, "1", "ok", "rejected" },
		{ ALYM_ANSWER_UNKNOWN, 200, "1", "rejected", "rejected" },
		{ ALYM_ANSWER_UNKNOWN, 200, "0", "error", "error" },
		{ ALYM_ANSWER_UNKNOWN, 200, NULL, "error", "rejected" },
		{ ALYM_ANSWER_PAYABLE, 200, NULL, NULL, "ok" },
		{ ALYM_ANSWER_BUSY, 503, "1", "error", "error" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct bank_field can = { "pg_can_reject", cases[i].can_reject, NULL };

		if (cases[i].result != NULL) {
			call(d, F(can));
			decide(d, cases[i].kind, (struct money){ 0 });
			assert_answered(d, cases[i].status, cases[i].result);
		}
		if (cases[i].check != NULL) {
			call(d, F(can, { "pg_result", NULL, NULL }));
			assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
			assert_int_equal(d->action.about_amount.minor, 12975000);
			decide(d, cases[i].kind, money_of(12975000, "KZT"));
			assert_answered(d, cases[i].status, cases[i].check);
		}
	}
}

static void only_what_is_due_may_be_paid(void **state)
{
	struct drive *d = fixture_drive(state);

	call(d, F(CHECK, { "pg_amount", "129750.01", NULL }));
	decide(d, ALYM_ANSWER_PAYABLE, money_of(12975000, "KZT"));
	assert_answered(d, 200, "rejected");
	call(d, F(CHECK, { "pg_currency", "USD", NULL }));
	decide(d, ALYM_ANSWER_PAYABLE, money_of(12975000, "KZT"));
	assert_answered(d, 200, "rejected");
	/* pg_ps_currency is what the payer's card is in, and not what is paid. */
	call(d, F(CHECK, { "pg_ps_currency", "USD", NULL }));
	decide(d, ALYM_ANSWER_PAYABLE, money_of(12975000, "KZT"));
	assert_answered(d, 200, "ok");
}

/* Signed by the bank, and not to be acted upon: no, as far as it takes one. */
static void what_is_signed_may_still_be_wrong(void **state)
{
	static const struct bank_field wrongs[] = {
		{ "pg_order_id", NULL, NULL },
		{ "pg_order_id", "", NULL },
		{ "pg_order_id", "ORD202403161615160001", NULL },
		{ "pg_order_id", "1234567812345678", NULL },
		{ "pg_order_id", "12345678;1", NULL },
		{ "pg_amount", NULL, NULL },
		{ "pg_amount", "0", NULL },
		{ "pg_amount", "-10", NULL },
		{ "pg_amount", "10;KZT", NULL },
		{ "pg_amount", "10.001", NULL },
		{ "pg_amount", "10.", NULL },
		{ "pg_amount", ".5", NULL },
		{ "pg_amount", "1,5", NULL },
		{ "pg_currency", NULL, NULL },
		{ "pg_currency", "RUR", NULL },
		{ "pg_merchant_id", "500236", NULL },
		{ "pg_testing_mode", "1", NULL },
		{ "pg_testing_mode", "yes", NULL },
		{ "pg_result", "", NULL },
		{ "pg_result", "1;1", NULL },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(wrongs); i++) {
		call(d, F(wrongs[i]));
		if (d->action.kind != ALYM_ACTION_ANSWER) {
			print_error("%s=%s\n", wrongs[i].name, wrongs[i].value);
		}
		assert_answered(d, 200, "rejected");
		if (wrongs[i].name[3] != 'r') {
			call(d, F(wrongs[i], { "pg_can_reject", "0", NULL }));
			assert_answered(d, 200, "error");
			call(d, F(wrongs[i], CHECK));
			assert_answered(d, 200, "rejected");
		}
	}
	call(d, F({ "pg_can_reject", "2", NULL }));
	assert_answered(d, 200, "error");
	call(d, F({ "pg_merchant_id", "500235", NULL }));
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
}

static void numbers_come_in_all_forms(void **state)
{
	static const struct {
		const char *amount;
		int64_t minor;
	} cases[] = { { "10", 1000 }, { "0.5", 50 }, { "1.0000", 100 }, { "2162.50", 216250 },
		{ "0.01", 1 }, { "007", 700 } };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		call(d, F(CHECK, { "pg_amount", cases[i].amount, NULL }));
		assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
		assert_int_equal(d->action.about_amount.minor, cases[i].minor);
	}
}

static void post(struct drive *d, struct text path, struct text body)
{
	const struct alym_message m = { .method = TEXT("POST"), .path = path, .body = body };

	drive_callback(d, &m);
	assert_null(d->fault);
}

static void what_is_not_signed_is_nobodys(void **state)
{
	struct drive *d = fixture_drive(state);
	struct buffer good = bank_form(BANK_SECRET, BANK_SCRIPT, bank_result);
	struct buffer bodies[] = {
		bank_form("another secret", BANK_SCRIPT, bank_result),
		bank_form(BANK_SECRET, "freedompay", bank_result),
		bank_form(BANK_SECRET, "", bank_result),
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		post(d, TEXT(BANK_PATH), buffer_text(&bodies[i]));
		assert_answered(d, 403, NULL);
		buffer_done(&bodies[i]);
	}
	post(d, TEXT(BANK_PATH), buffer_text(&good));
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	post(d, TEXT("/callbacks/other"), buffer_text(&good));
	assert_answered(d, 403, NULL);
	for (size_t size = 0; size < good.size; size++) {
		post(d, TEXT(BANK_PATH), (struct text){ good.bytes, size });
		assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
		assert_true(d->action.answer.status == 403 || d->action.answer.status == 400);
		assert_int_equal(d->action.answer.body.size, 0);
	}
	buffer_done(&good);
}

static void a_field_twice_or_no_salt_is_refused(void **state)
{
	static const struct bank_field twice[] = { { "pg_order_id", BANK_NUMBER, NULL },
		{ "pg_order_id", BANK_NUMBER, NULL }, { "pg_amount", "1", NULL },
		{ "pg_currency", "KZT", NULL }, { "pg_salt", "s", NULL }, { NULL, NULL, NULL } };
	struct drive *d = fixture_drive(state);

	bank_call(d, twice);
	assert_answered(d, 403, NULL);
	bank_call(d, twice + 1);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	call(d, F({ "pg_salt", NULL, NULL }));
	assert_answered(d, 403, NULL);
}

/*
 * The signature is of values, and not of their names: the bank's own "failed" becomes "paid" by
 * other names for the same values in the same order.  It makes us ask, and says nothing.
 */
static void what_is_signed_does_not_prove_the_outcome(void **state)
{
	static const struct bank_field failed[] = { { "pg_amount", "10", NULL },
		{ "pg_currency", "KZT", NULL }, { "pg_order_id", BANK_NUMBER, NULL },
		{ "pg_result", "0", NULL }, { "pg_salt", "s", NULL },
		{ "pg_testing_mode", "1", NULL }, { NULL, NULL, NULL } };
	static const struct bank_field paid[] = { { "pg_amount", "10", NULL },
		{ "pg_currency", "KZT", NULL }, { "pg_order_id", BANK_NUMBER, NULL },
		{ "pg_p", "0", NULL }, { "pg_q", "s", NULL }, { "pg_result", "1", NULL },
		{ NULL, NULL, NULL } };
	struct drive *d = fixture_drive(state);
	char was[33];
	char is[33];

	bank_sign(BANK_SECRET, BANK_SCRIPT, failed, was);
	bank_sign(BANK_SECRET, BANK_SCRIPT, paid, is);
	assert_string_equal(was, is);
	bank_call(d, failed);
	assert_answered(d, 200, "error"); /* it is a test */
	call(d, F(RESULT));
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK); /* and never a verdict */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_result_makes_us_ask),
		FIXTURE_TEST(a_result_may_come_by_get),
		FIXTURE_TEST(each_decision_has_its_answer),
		FIXTURE_TEST(only_what_is_due_may_be_paid),
		FIXTURE_TEST(what_is_signed_may_still_be_wrong),
		FIXTURE_TEST(numbers_come_in_all_forms),
		FIXTURE_TEST(what_is_not_signed_is_nobodys),
		FIXTURE_TEST(a_field_twice_or_no_salt_is_refused),
		FIXTURE_TEST(what_is_signed_does_not_prove_the_outcome),
	};

	return cmocka_run_group_tests_name("gateways/freedompay/callback", tests, NULL, NULL);
}
