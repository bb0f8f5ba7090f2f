/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/halyk/fixture.h"

static void ask(struct drive *d, int status, const char *body)
{
	begin(d, ALYM_OPERATION_STATUS);
	bank_says(d, status, body);
}

static void a_question_names_the_order_and_no_sum(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	assert_text(d->action.request.body,
		"grant_type=client_credentials&scope=webapi%20usermanagement%20email_send%20"
		"verification%20statement%20statistics%20payment&client_id=test&client_secret=" SHOP_SECRET
		"&terminal=" SHOP_TERMINAL);
	bank_says(d, 200, TOKEN);
	assert_text(d->action.request.method, "GET");
	assert_text(d->action.request.url,
		"https://bank.test:8443/api/check-status/payment/transaction/205218074");
	assert_text(drive_header(d, "Authorization"), "Bearer DCEB8O_ZM5U7SO_T_U5EJQ");
	assert_text(drive_header(d, "Content-Type"), "");
}

static void each_status_has_its_verdict(void **state)
{
	static const struct {
		const char *status;
		enum alym_verdict_kind kind;
		bool authorized;
	} cases[] = {
#define STATUS(name) PAID("12.22", name)
		{ STATUS("NEW"), ALYM_PENDING, false },
		{ STATUS("FINGERPRINT"), ALYM_PENDING, false },
		{ STATUS("3D"), ALYM_PENDING, false },
		{ STATUS("VERIFIED"), ALYM_PENDING, false },
		{ STATUS("AUTH"), ALYM_PENDING, true },
		{ STATUS("CHARGE"), ALYM_DONE, false },
		{ STATUS("REFUND"), ALYM_DONE, false },
		{ STATUS("CANCEL"), ALYM_DECLINED, false },
		{ STATUS("CANCEL_OLD"), ALYM_DECLINED, false },
		{ STATUS("REJECT"), ALYM_DECLINED, false },
		{ STATUS("FAILED"), ALYM_DECLINED, false },
		{ STATUS("charge"), ALYM_UNKNOWN, false },
		{ STATUS("CHARGED"), ALYM_UNKNOWN, false },
		{ STATUS(""), ALYM_UNKNOWN, false },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool money = cases[i].kind == ALYM_DONE || cases[i].authorized;

		ask(d, 200, cases[i].status);
		assert_verdict(d, cases[i].kind);
		assert_int_equal(d->action.verdict.authorized, cases[i].authorized);
		assert_int_equal(d->action.verdict.amount.minor, money ? 1222 : 0);
		assert_text(d->action.verdict.handle, money ? PAID_ID : "");
		assert_text(d->action.verdict.operation, cases[i].kind == ALYM_DONE ? PAID_ID : "");
	}
}

/* Digits of the body, never a floating-point number. */
static void amounts_are_read_digit_by_digit(void **state)
{
	static const struct {
		const char *body;
		int64_t minor;
	} cases[] = {
		{ PAID("4", "CHARGE"), 400 },
		{ PAID("12.22", "CHARGE"), 1222 },
		{ PAID("4.0", "CHARGE"), 400 },
		{ PAID("4.1", "CHARGE"), 410 },
		{ PAID("90071992547409.91", "CHARGE"), INT64_C(9007199254740991) },
		{ PAID("90071992547409.92", "CHARGE"), 0 },
		{ PAID("0", "CHARGE"), 0 },
		{ PAID("-4", "CHARGE"), 0 },
		{ PAID("4.000", "CHARGE"), 0 },
		{ PAID("4e2", "CHARGE"), 0 },
		{ PAID("4.0E0", "CHARGE"), 0 },
		{ PAID("04", "CHARGE"), 0 },
		{ PAID("\"4\"", "CHARGE"), 0 },
		{ PAID("null", "CHARGE"), 0 },
		{ PAID("99999999999999999999", "CHARGE"), 0 },
		{ PAID("99999999999999999999.5", "CHARGE"), 0 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(d, 200, cases[i].body);
		assert_verdict(d, cases[i].minor > 0 ? ALYM_DONE : ALYM_UNKNOWN);
		assert_int_equal(d->action.verdict.amount.minor, cases[i].minor);
	}
}

static void what_is_not_about_our_order_says_nothing(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = {
		{ 200, TRANSACTION("205218075", SHOP_TERMINAL, "12.22", "CHARGE", "") },
		{ 200, TRANSACTION("20521807", SHOP_TERMINAL, "12.22", "CHARGE", "") },
		{ 200, TRANSACTION("0205218074", SHOP_TERMINAL, "12.22", "CHARGE", "") },
		{ 200, TRANSACTION(SHOP_NUMBER, "67e34d63-102f-4bd1-898e-370781d0074e", "12.22",
			       "CHARGE", "") },
		{ 200, TRANSACTION(SHOP_NUMBER, "98120001", "12.22", "CHARGE", "") },
		{ 200, TRANSACTION(SHOP_NUMBER, SHOP_TERMINAL, "12.22", "CHARGE",
			       ",\"statusName\":\"FAILED\"") },
		{ 200, TRANSACTION(SHOP_NUMBER, SHOP_TERMINAL, "12.22", "CHARGE",
			       ",\"amount\":1") },
		{ 500, PAID("12.22", "CHARGE") },
		{ 404, PAID("12.22", "CHARGE") },
		{ 200, "" },
		{ 200, "[]" },
		{ 200, "{}" },
		{ 200, "{\"resultCode\":\"101\",\"resultMessage\":\"\"}" },
		{ 200, "{\"resultCode\":\"100\",\"transaction\":null}" },
		{ 200, "{\"resultCode\":\"100\",\"transaction\":[]}" },
		{ 200, "{\"resultCode\":\"100\",\"transaction\":{\"id\":\"" PAID_ID
		       "\",\"invoiceID\":205218074,\"amount\":12.22,\"currency\":\"KZT\","
		       "\"terminalID\":\"" SHOP_TERMINAL "\",\"statusName\":\"CHARGE\"}}" },
		{ 200, "{\"resultCode\":\"100\",\"transaction\":{\"id\":\"../refund?a=\""
		       ",\"invoiceID\":\"205218074\",\"amount\":12.22,\"currency\":\"KZT\","
		       "\"terminalID\":\"" SHOP_TERMINAL "\",\"statusName\":\"CHARGE\"}}" },
		{ 200, "{\"resultCode\":\"100\",\"transaction\":{\"id\":\"" PAID_ID
		       "\",\"invoiceID\":\"205218074\",\"amount\":12.22,\"currency\":\"RUB\","
		       "\"terminalID\":\"" SHOP_TERMINAL "\",\"statusName\":\"CHARGE\"}}" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(d, cases[i].status, cases[i].body);
		assert_verdict(d, ALYM_UNKNOWN);
		assert_int_equal(d->action.verdict.amount.minor, 0);
	}
}

static void code_454_is_not_final(void **state)
{
#define FAILED(code) TRANSACTION(SHOP_NUMBER, SHOP_TERMINAL, "12.22", "FAILED", code)
	static const struct {
		const char *body;
		enum alym_verdict_kind kind;
		const char *reason;
	} cases[] = {
		{ FAILED(",\"reasonCode\":454"), ALYM_UNKNOWN,
			"the bank does not know yet: code 454" },
		{ FAILED(",\"reasonCode\":\"454\""), ALYM_UNKNOWN,
			"the bank does not know yet: code 454" },
		{ FAILED(",\"reasonCode\":455"), ALYM_DECLINED, "refused by the card's bank" },
		{ FAILED(",\"reasonCode\":490"), ALYM_DECLINED, "refused by the card's bank" },
		{ FAILED(",\"reasonCode\":491"), ALYM_DECLINED, "the bank refused" },
		{ FAILED(",\"reasonCode\":476"), ALYM_DECLINED,
			"refused: code 476, may be tried again after half an hour" },
		{ FAILED(",\"reasonCode\":478"), ALYM_DECLINED, "refused: the card has expired" },
		{ FAILED(",\"reasonCode\":\"485\""), ALYM_DECLINED,
			"refused: the card has expired" },
		{ FAILED(",\"reasonCode\":484"), ALYM_DECLINED,
			"refused: not enough money on the card" },
		{ FAILED(",\"reasonCode\":2660"), ALYM_DECLINED,
			"refused: code 2660, for no stated reason" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(d, 200, cases[i].body);
		assert_verdict(d, cases[i].kind);
		assert_text(d->action.verdict.reason, cases[i].reason);
	}
}

/* With none_code = 102; a link lives a day, and a day more for clocks and banks. */
static void an_order_that_nobody_pays_ends_when_its_link_is_dead(void **state)
{
	static const char none[] = "{\"resultCode\":\"102\",\"resultMessage\":\"\"}";
	struct drive *d = fixture_drive(state);

	ask(d, 200, none);
	assert_verdict(d, ALYM_PENDING);
	d->now = SHOP_NOW + 2 * 86400 - 1;
	ask(d, 200, none);
	assert_verdict(d, ALYM_PENDING);
	d->now = SHOP_NOW + 2 * 86400;
	ask(d, 200, none);
	assert_verdict(d, ALYM_DECLINED);
	assert_true(d->action.verdict.expired);
}

static void what_was_given_back_in_part_is_for_a_person(void **state)
{
	struct drive *d = fixture_drive(state);

	ask(d, 200, PAID("2.22", "REFUND"));
	assert_verdict(d, ALYM_UNKNOWN);
	ask(d, 200, PAID("2.22", "CHARGE")); /* the book compares the sums of a payment */
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 222);
}

static void a_silent_bank_says_nothing(void **state)
{
	struct drive *d = fixture_drive(state);

	for (int failure = ALYM_FAILURE_NOT_SENT; failure <= ALYM_FAILURE_PERHAPS_SENT; failure++) {
		drive_start(d, ALYM_OPERATION_STATUS);
		drive_failure(d, (enum alym_failure)failure);
		assert_verdict(d, ALYM_UNKNOWN);
		begin(d, ALYM_OPERATION_STATUS);
		drive_failure(d, (enum alym_failure)failure);
		assert_verdict(d, ALYM_UNKNOWN);
	}
	drive_start(d, ALYM_OPERATION_STATUS);
	bank_says(d, 401, "");
	assert_verdict(d, ALYM_UNKNOWN);
}

static void no_truncated_status_is_believed(void **state)
{
	static const char body[] = PAID("12.22", "CHARGE");
	struct drive *d = fixture_drive(state);

	for (size_t size = 0; size < sizeof(body) - 1; size++) {
		begin(d, ALYM_OPERATION_STATUS);
		bank_says_bytes(d, 200, (struct text){ body, size });
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_question_names_the_order_and_no_sum),
		FIXTURE_TEST(each_status_has_its_verdict),
		FIXTURE_TEST(amounts_are_read_digit_by_digit),
		FIXTURE_TEST(what_is_not_about_our_order_says_nothing),
		FIXTURE_TEST(code_454_is_not_final),
		FIXTURE_TEST(an_order_that_nobody_pays_ends_when_its_link_is_dead),
		FIXTURE_TEST(what_was_given_back_in_part_is_for_a_person),
		FIXTURE_TEST(a_silent_bank_says_nothing),
		FIXTURE_TEST(no_truncated_status_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
