/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/freedompay/fixture.h"

#define REFUNDS(entries, flat)                      \
	{                                           \
		"pg_refund_payments", entries, flat \
	}
#define ENTRY(status, amount)                                                           \
	"<pg_refund_payment><pg_payment_id>9</pg_payment_id><pg_payment_status>" status \
	"</pg_payment_status><pg_amount>" amount "</pg_amount></pg_refund_payment>"

/* As an answer to the status. */
static void answer_status(struct drive *d, const struct bank_field *changes)
{
	struct bank_field fields[BANK_FIELDS_MAX];

	bank_change(bank_taken, changes, fields);
	bank_answer(d, fields);
}

static void answer_error(struct drive *d, const char *code)
{
	bank_answer(d, F({ "pg_status", "error", NULL }, { "pg_error_code", code, NULL },
			       { "pg_error_description", "no", NULL }, { "pg_salt", "s", NULL }));
}

#define HELD                                    \
	{ "pg_captured", "0", NULL },           \
	{                                       \
		"pg_clearing_amount", "0", NULL \
	}

static void has(const struct drive *d, const char *name, const char *value)
{
	const char *field = bank_asked_field(d, name);

	if (value == NULL) {
		assert_null(field);
		return;
	}
	assert_non_null(field);
	assert_string_equal(field, value);
}

/* ---- PAY ---- */

/* pg_sig: printf %s 'init_payment.php;129750.00;https://alym.test/callbacks/freedom;KZT;Visa,
 * "multiple";https://portal.test/back?a=1;ru;3600;500235;12345678;POST;
 * https://alym.test/callbacks/freedom;SALT;https://portal.test/back?a=1;mypasskey' | md5sum */
static void an_order_is_opened(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	assert_text(d->action.request.method, "POST");
	assert_text(drive_header(d, "Content-Type"), "application/x-www-form-urlencoded");
	has(d, "pg_merchant_id", "500235");
	has(d, "pg_order_id", BANK_NUMBER);
	has(d, "pg_amount", "129750.00");
	has(d, "pg_currency", "KZT");
	has(d, "pg_description", "Visa, \"multiple\"");
	has(d, "pg_lifetime", "3600");
	has(d, "pg_language", "ru");
	has(d, "pg_result_url", "https://alym.test" BANK_PATH);
	has(d, "pg_check_url", "https://alym.test" BANK_PATH);
	has(d, "pg_request_method", "POST");
	has(d, "pg_success_url", "https://portal.test/back?a=1");
	has(d, "pg_failure_url", "https://portal.test/back?a=1");
	has(d, "pg_postpone_payment", NULL);
	has(d, "pg_testing_mode", NULL);
	has(d, "pg_salt", "000102030405060708090a0b0c0d0e0f");
	has(d, "pg_sig", "6ec94ef94fcafdb73c983403d415cfb9");
	bank_answer(d, bank_opened);
	assert_verdict(d, ALYM_PENDING);
	assert_text(d->action.verdict.pay_url, "https://bank.test/pay?x=1&y=2");
	assert_text(d->action.verdict.handle, BANK_ID);
}

static void what_an_order_does_not_have_is_left_out(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.description = TEXT("");
	d->order.return_url = TEXT("");
	d->order.language = TEXT("kk"); /* what the bank calls it is not written anywhere */
	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "init_payment.php");
	has(d, "pg_description", BANK_NUMBER);
	has(d, "pg_success_url", NULL);
	has(d, "pg_language", NULL);
}

static void an_address_with_a_semicolon_is_not_sent(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.return_url = TEXT("https://portal.test/a;b");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	d->order = bank_order();
	d->order.expires_at = BANK_NOW;
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
}

static void an_opening_is_refused(void **state)
{
	static const struct {
		const char *code;
		enum alym_verdict_kind first;
		enum alym_verdict_kind again;
	} cases[] = {
		{ "110", ALYM_DECLINED, ALYM_DECLINED },
		{ "130", ALYM_DECLINED, ALYM_DECLINED },
		{ "200", ALYM_DECLINED, ALYM_DECLINED },
		{ "101", ALYM_NOT_ATTEMPTED, ALYM_UNKNOWN },
		{ "350", ALYM_UNKNOWN, ALYM_UNKNOWN },
		{ "600", ALYM_UNKNOWN, ALYM_UNKNOWN },
		{ "1000", ALYM_UNKNOWN, ALYM_UNKNOWN },
		{ "", ALYM_UNKNOWN, ALYM_UNKNOWN },
		{ "99999999999999999999", ALYM_UNKNOWN, ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int again = 0; again < 2; again++) {
			d->again = again == 1;
			drive_start(d, ALYM_OPERATION_PAY);
			if (again == 1) {
				assert_asked(d, "get_status3.php");
				has(d, "pg_order_id", BANK_NUMBER);
				answer_error(d, "340");
			}
			assert_asked(d, "init_payment.php");
			answer_error(d, cases[i].code);
			assert_verdict(d, again ? cases[i].again : cases[i].first);
		}
	}
}

/* github.com/sergiorykov/Platron.Client: the answer to a merchant that is none, not signed. */
static void only_a_stranger_is_refused_without_a_signature(void **state)
{
	static const char *const codes[] = { "101", "100", "9998", "9999", "200" };
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(codes); i++) {
		const struct bank_field error[] = {
			{ "pg_salt", "88a8df6f7c7049c2b248159faf5c9673", NULL },
			{ "pg_status", "error", NULL }, { "pg_error_code", codes[i], NULL },
			{ "pg_error_description", "Incorrect merchant", NULL }, { NULL, NULL, NULL }
		};
		struct buffer body = bank_xml(NULL, NULL, error);
		const struct alym_message m = { .status = 200, .body = buffer_text(&body) };

		drive_start(d, ALYM_OPERATION_PAY);
		drive_response(d, &m);
		assert_verdict(d, strcmp(codes[i], "200") == 0 ? ALYM_UNKNOWN : ALYM_NOT_ATTEMPTED);
		drive_start(d, ALYM_OPERATION_STATUS);
		drive_response(d, &m);
		assert_verdict(d, ALYM_UNKNOWN);
		buffer_done(&body);
	}
}

static void an_opening_that_lacks_something_is_unknown(void **state)
{
	static const struct bank_field changes[] = {
		{ "pg_payment_id", NULL, NULL },
		{ "pg_payment_id", "", NULL },
		{ "pg_payment_id", "12;34", NULL },
		{ "pg_payment_id", "12345678901234567890", NULL },
		{ "pg_redirect_url", NULL, NULL },
		{ "pg_redirect_url", "http://bank.test/pay", NULL },
		{ "pg_redirect_url", "https://", NULL },
		{ "pg_redirect_url", "https://bank.test/ pay", NULL },
		{ "pg_redirect_url", "https://bank.test/\xD2\x9A", NULL },
		{ "pg_status", "maybe", NULL },
		{ "pg_status", NULL, NULL },
		{ "pg_salt", NULL, NULL },
	};
	struct drive *d = fixture_drive(state);
	struct bank_field fields[BANK_FIELDS_MAX];

	for (size_t i = 0; i < COUNT(changes); i++) {
		drive_start(d, ALYM_OPERATION_PAY);
		bank_change(bank_opened, (struct bank_field[]){ changes[i], { NULL, NULL, NULL } },
			fields);
		bank_answer(d, fields);
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

static void failures_are_never_a_refusal(void **state)
{
	static const struct {
		enum alym_operation operation;
		bool again;
		enum alym_failure failure;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ ALYM_OPERATION_PAY, false, ALYM_FAILURE_NOT_SENT, ALYM_NOT_ATTEMPTED },
		{ ALYM_OPERATION_PAY, false, ALYM_FAILURE_PERHAPS_SENT, ALYM_UNKNOWN },
		{ ALYM_OPERATION_PAY, true, ALYM_FAILURE_NOT_SENT, ALYM_UNKNOWN },
		{ ALYM_OPERATION_STATUS, false, ALYM_FAILURE_NOT_SENT, ALYM_UNKNOWN },
		{ ALYM_OPERATION_CAPTURE, false, ALYM_FAILURE_NOT_SENT, ALYM_UNKNOWN },
		{ ALYM_OPERATION_RELEASE, true, ALYM_FAILURE_PERHAPS_SENT, ALYM_UNKNOWN },
		{ ALYM_OPERATION_REFUND, true, ALYM_FAILURE_PERHAPS_SENT, ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->again = cases[i].again;
		drive_start(d, cases[i].operation);
		drive_failure(d, cases[i].failure);
		assert_verdict(d, cases[i].kind);
	}
}

static void a_second_opening_asks_first(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	drive_start(d, ALYM_OPERATION_PAY);
	assert_asked(d, "get_status3.php");
	answer_status(d, F({ "pg_payment_status", "new", NULL }, { "pg_captured", "0", NULL }));
	assert_verdict(d, ALYM_PENDING);
	assert_text(d->action.verdict.handle, BANK_ID);
	drive_start(d, ALYM_OPERATION_PAY);
	answer_status(d, F({ "pg_salt", "y", NULL }));
	assert_verdict(d, ALYM_DONE);
	drive_start(d, ALYM_OPERATION_PAY);
	answer_error(d, "600");
	assert_verdict(d, ALYM_UNKNOWN);
}

/* ---- STATUS ---- */

static const struct {
	struct bank_field changes[3];
	enum alym_verdict_kind kind;
	bool authorized;
	int64_t minor;
} statuses[] = {
	{ { { "pg_payment_status", "new", NULL }, { "pg_captured", "0", NULL } }, ALYM_PENDING,
		false, 0 },
	{ { { "pg_payment_status", "pending", NULL }, { "pg_captured", NULL, NULL } }, ALYM_PENDING,
		false, 0 },
	{ { { "pg_captured", "0", NULL } }, ALYM_PENDING, true, 12975000 },
	{ { { "pg_payment_status", "ok", NULL }, { "pg_captured", "0", NULL } }, ALYM_PENDING, true,
		12975000 },
	{ { { "pg_payment_status", "ok", NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_amount", "129750", NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_amount", "0.5", NULL }, { "pg_clearing_amount", "0.50", NULL },
		  { "pg_currency", "USD", NULL } },
		ALYM_DONE, false, 50 },
	{ { { "pg_ps_currency", "USD", NULL }, { "pg_ps_amount", "1", NULL } }, ALYM_DONE, false,
		12975000 },
	{ { { "pg_clearing_amount", "100.1", NULL } }, ALYM_DONE, false, 10010 },
	{ { { "pg_clearing_amount", NULL, NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_payment_status", "error", NULL }, { "pg_captured", "0", NULL } }, ALYM_DECLINED,
		false, 0 },
	{ { { "pg_payment_status", "failed", NULL }, { "pg_captured", NULL, NULL } }, ALYM_DECLINED,
		false, 0 },
	{ { { "pg_payment_status", "revoked", NULL }, { "pg_captured", "0", NULL } }, ALYM_DECLINED,
		false, 0 },
	{ { { "pg_payment_status", "revoked", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", "refunded", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_refund_amount", "-129750", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_refund_amount", "-10", NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_payment_status", "partial", NULL }, { "pg_refund_amount", "-10", NULL } },
		ALYM_DONE, false, 12975000 },
	{ { { "pg_refund_amount", "-10", NULL },
		  REFUNDS(ENTRY("success", "-10"), "-10;9;success") },
		ALYM_DONE, false, 12975000 },
	{ { { "pg_order_id", BANK_NUMBER, NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_merchant_id", "500235", NULL } }, ALYM_DONE, false, 12975000 },
	{ { { "pg_testing_mode", "0", NULL } }, ALYM_DONE, false, 12975000 },
	/* what can not be, or is not ours */
	{ { { "pg_order_id", "12345679", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_merchant_id", "500236", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_testing_mode", "1", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_id", "4567789", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_id", "0", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_id", NULL, NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_status", "pending", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", "incomplete", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", "SUCCESS", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", NULL, NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", "pending", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_payment_status", "failed", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_captured", NULL, NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_captured", "2", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_captured", "true", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", NULL, NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "0", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "-1", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "129750.001", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "1e5", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "129 750", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_amount", "90071992547410.00", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_clearing_amount", "129751", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_currency", "RUR", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_currency", NULL, NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_refund_amount", "-129751", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_refund_amount", "ten", NULL } }, ALYM_UNKNOWN, false, 0 },
	{ { { "pg_refund_amount", "-11", NULL },
		  REFUNDS(ENTRY("success", "-10"), "-10;9;success") },
		ALYM_UNKNOWN, false, 0 },
	{ { REFUNDS(ENTRY("lost", "-10"), "-10;9;lost"), { "pg_refund_amount", NULL, NULL } },
		ALYM_UNKNOWN, false, 0 },
	{ { REFUNDS("<a><b>1</b></a>", "1") }, ALYM_UNKNOWN, false, 0 },
	{ { HELD, { "pg_refund_amount", "-1", NULL } }, ALYM_UNKNOWN, false, 0 },
};

static void each_status_has_its_verdict(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT(BANK_ID);
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct bank_field changes[4] = { { NULL, NULL, NULL } };

		memcpy(changes, statuses[i].changes, sizeof(statuses[i].changes));
		drive_start(d, ALYM_OPERATION_STATUS);
		assert_asked(d, "get_status3.php");
		has(d, "pg_payment_id", BANK_ID);
		has(d, "pg_order_id", NULL);
		answer_status(d, changes);
		if (d->action.verdict.kind != statuses[i].kind) {
			print_error("case %zu\n", i);
		}
		assert_verdict(d, statuses[i].kind);
		assert_int_equal(d->action.verdict.authorized, statuses[i].authorized);
		assert_int_equal(d->action.verdict.amount.minor, statuses[i].minor);
		if (statuses[i].kind == ALYM_DONE) {
			assert_text(d->action.verdict.operation, BANK_ID);
		}
	}
}

static void the_time_is_the_banks(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	answer_status(d, F({ "pg_payment_date", "2026-01-01 05:06:07", NULL }));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.paid, ALYM_PAID_LOCAL);
	assert_int_equal(d->action.verdict.paid_day, 20454); /* date -ud 2026-01-01 +%s / 86400 */
	assert_int_equal(d->action.verdict.paid_second, 5 * 3600 + 6 * 60 + 7);
	drive_start(d, ALYM_OPERATION_STATUS);
	answer_status(d, F({ "pg_payment_date", "2026-01-01 25:06:07", NULL }));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.paid, ALYM_PAID_UNSTATED);
}

static void an_order_the_bank_never_had(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	has(d, "pg_order_id", BANK_NUMBER);
	answer_error(d, "340");
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	d->order.handle = TEXT(BANK_ID); /* it gave us an id: that it has none now is odd */
	drive_start(d, ALYM_OPERATION_STATUS);
	answer_error(d, "340");
	assert_verdict(d, ALYM_UNKNOWN);
}

static void what_was_booked_and_given_back_is_told_alike(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.captured = d->order.amount;
	drive_start(d, ALYM_OPERATION_STATUS);
	answer_status(d, F({ "pg_payment_status", "revoked", NULL }));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 12975000);
}

/* What is not the bank's word about this order, at every byte of it. */
static void what_is_not_signed_is_unknown(void **state)
{
	struct drive *d = fixture_drive(state);
	struct buffer body = bank_xml(BANK_SECRET_NEXT, "get_status3.php", bank_taken);
	struct alym_message m = { .status = 200, .body = buffer_text(&body) };

	drive_start(d, ALYM_OPERATION_STATUS);
	drive_response(d, &m);
	assert_verdict(d, ALYM_DONE);
	for (size_t i = 0; i + 1 < body.size; i++) { /* the last is a line's end */
		m.body = (struct text){ body.bytes, i };
		drive_start(d, ALYM_OPERATION_STATUS);
		drive_response(d, &m);
		assert_verdict(d, ALYM_UNKNOWN);
	}
	m.body = buffer_text(&body);
	for (size_t i = 0; i < body.size; i++) {
		body.bytes[i] = (char)(body.bytes[i] ^ 1);
		drive_start(d, ALYM_OPERATION_STATUS);
		drive_response(d, &m);
		assert_null(d->fault);
		assert_true(d->action.verdict.kind == ALYM_UNKNOWN ||
			    d->action.verdict.amount.minor == 12975000);
		body.bytes[i] = (char)(body.bytes[i] ^ 1);
	}
	for (int status = 100; status < 600; status++) {
		m.status = status;
		drive_start(d, ALYM_OPERATION_STATUS);
		drive_response(d, &m);
		assert_verdict(d, status == 200 ? ALYM_DONE : ALYM_UNKNOWN);
	}
	buffer_done(&body);
}

static void another_key_script_or_document_is_not_believed(void **state)
{
	static const struct bank_field doubled[] = { { "pg_status", "ok", NULL },
		{ "pg_status", "ok", NULL }, { "pg_salt", "x", NULL }, { NULL, NULL, NULL } };
	struct drive *d = fixture_drive(state);
	struct buffer bodies[] = {
		bank_xml("another key", "get_status3.php", bank_taken),
		bank_xml(BANK_SECRET, "get_status.php", bank_taken),
		bank_xml(BANK_SECRET, "init_payment.php", bank_taken),
		bank_xml(NULL, NULL, bank_taken),
		bank_xml(BANK_SECRET, "get_status3.php", doubled),
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct alym_message m = { .status = 200, .body = buffer_text(&bodies[i]) };

		drive_start(d, ALYM_OPERATION_STATUS);
		drive_response(d, &m);
		assert_verdict(d, ALYM_UNKNOWN);
		buffer_done(&bodies[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_order_is_opened),
		FIXTURE_TEST(what_an_order_does_not_have_is_left_out),
		FIXTURE_TEST(an_address_with_a_semicolon_is_not_sent),
		FIXTURE_TEST(an_opening_is_refused),
		FIXTURE_TEST(only_a_stranger_is_refused_without_a_signature),
		FIXTURE_TEST(an_opening_that_lacks_something_is_unknown),
		FIXTURE_TEST(failures_are_never_a_refusal),
		FIXTURE_TEST(a_second_opening_asks_first),
		FIXTURE_TEST(each_status_has_its_verdict),
		FIXTURE_TEST(the_time_is_the_banks),
		FIXTURE_TEST(an_order_the_bank_never_had),
		FIXTURE_TEST(what_was_booked_and_given_back_is_told_alike),
		FIXTURE_TEST(what_is_not_signed_is_unknown),
		FIXTURE_TEST(another_key_script_or_document_is_not_believed),
	};

	return cmocka_run_group_tests_name("gateways/freedompay/operation", tests, NULL, NULL);
}
