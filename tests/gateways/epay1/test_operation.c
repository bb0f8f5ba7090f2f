/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "plugins/form.h"
#include "tests/gateways/epay1/fixture.h"

#define STATUS_OF(shop, order, rest)                                                                \
	"<bank name=\"B\"><merchant id=\"" shop "\"><order id=\"" order                             \
	"\"/></merchant><merchant_sign type=\"RSA\" cert_id=\"c\">x</merchant_sign><response " rest \
	"/></bank>"
#define STATUS(rest) STATUS_OF("92061101", "064085", rest)
#define PAID(status, amount)                                                          \
	STATUS("payment=\"true\" status=\"" status "\" result=\"0\" amount=\"" amount \
	       "\" currencycode=\"398\" reference=\"180418115914\" approval_code=\"115914\"")
#define ECHO_OF(shop, type, reference, order, amount, code)                                  \
	"<bank name=\"B\"><merchant id=\"" shop "\"><command type=\"" type                   \
	"\"/><payment reference=\"" reference "\" approval_code=\"115914\" orderid=\"" order \
	"\" amount=\"" amount "\" currency_code=\"398\"/></merchant><merchant_sign "         \
	"type=\"RSA\">x</merchant_sign><response code=\"" code "\" message=\"m\"/></bank>"
#define ECHO(type, amount, code) ECHO_OF("92061101", type, "180418115914", "064085", amount, code)

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

/* Page and the first bytes of the document behind it; the whole is in test_vectors.c. */
static void assert_asks(const struct drive *d, const char *page, const char *document)
{
	char expected[512];
	struct buffer b;

	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	assert_text(d->action.request.method, "GET");
	buffer_init(&b, sizeof(expected));
	buffer_printf(&b, "https://bank.test:8443/jsp/remote/%s?", page);
	form_encode(&b, text_of(document));
	assert_true(text_starts(d->action.request.url, buffer_text(&b)));
	buffer_done(&b);
}

static void ask(struct drive *d, const char *slice)
{
	drive_start(d, ALYM_OPERATION_STATUS);
	assert_asks(d, "checkOrdern.jsp",
		"<document><merchant id=\"92061101\"><order id=\"064085\"/></merchant>");
	bank_answer(d, 200, bank_letter(text_of(slice)));
}

static void the_browser_is_given_the_banks_form(void **state)
{
	static const char *const fields[][2] = {
		{ "Signed_Order_B64", NULL },
		{ "BackLink", "https://portal.test/back" },
		{ "FailureBackLink", "https://portal.test/back" },
		{ "PostLink", "https://alym.test/callbacks/epay1" },
		{ "FailurePostLink", "https://alym.test/callbacks/epay1" },
		{ "Language", "kaz" },
	};
	struct drive *d = fixture_drive(state);

	for (int again = 0; again < 2; again++) { /* for each browser the same */
		d->again = again == 1;
		drive_start(d, ALYM_OPERATION_PAY);
		assert_verdict(d, ALYM_PENDING);
		assert_text(d->action.verdict.form_url,
			"https://bank.test:8443/jsp/process/logon.jsp");
		assert_int_equal(d->action.verdict.field_count, COUNT(fields));
		for (size_t i = 0; i < COUNT(fields); i++) {
			assert_text(d->action.verdict.fields[i].name, fields[i][0]);
			if (fields[i][1] != NULL) {
				assert_text(d->action.verdict.fields[i].value, fields[i][1]);
			}
		}
		assert_true(d->action.verdict.fields[0].value.size > 100);
	}
}

static void a_currency_that_the_bank_does_not_take_is_not_attempted(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.amount = money_of(1000, "CHF");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	d->order.amount = money_of(1000, "EUR");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_PENDING);
}

static void the_banks_own_status_is_a_hold(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_STATUS);
	bank_answer(d, 200, TEXT(VECTOR_STATUS));
	assert_verdict(d, ALYM_PENDING);
	assert_true(d->action.verdict.authorized);
	assert_int_equal(d->action.verdict.amount.minor, 100000);
	assert_text(d->action.verdict.handle, "180418115914 115914");
}

static void each_status_has_its_verdict(void **state)
{
	static const struct {
		const char *slice;
		enum alym_verdict_kind kind;
		bool authorized;
	} cases[] = {
		{ PAID("0", "1000"), ALYM_PENDING, true },
		{ PAID("2", "1000"), ALYM_DONE, false }, /* taken_status = 2 */
		{ PAID("1", "1000"), ALYM_UNKNOWN, false },
		{ PAID("", "1000"), ALYM_UNKNOWN, false },
		{ PAID("2", "0"), ALYM_UNKNOWN, false },
		{ PAID("2", "10.005"), ALYM_UNKNOWN, false },
		{ STATUS("payment=\"false\""), ALYM_PENDING, false },
		{ STATUS("payment=\"true\" status=\"2\" result=\"0\""), ALYM_UNKNOWN, false },
		{ STATUS("payment=\"true\" status=\"2\" result=\"7\" amount=\"1000\" "
			 "currencycode=\"398\" reference=\"1\" approval_code=\"1\""),
			ALYM_UNKNOWN, false },
		{ STATUS("payment=\"yes\""), ALYM_UNKNOWN, false },
		{ STATUS("status=\"2\""), ALYM_UNKNOWN, false },
		{ STATUS_OF("92061103", "064085", "payment=\"false\""), ALYM_UNKNOWN, false },
		{ STATUS_OF("92061101", "064086", "payment=\"false\""), ALYM_UNKNOWN, false },
		{ STATUS_OF("92061101", "064085", "payment=\"false\" OrderID=\"064086\""),
			ALYM_UNKNOWN, false },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(d, cases[i].slice);
		assert_verdict(d, cases[i].kind);
		assert_int_equal(d->action.verdict.authorized, cases[i].authorized);
		assert_text(d->action.verdict.operation,
			cases[i].kind == ALYM_DONE ? "180418115914" : "");
	}
	d->now = d->order.expires_at;
	ask(d, STATUS("payment=\"false\""));
	assert_verdict(d, ALYM_DECLINED);
	assert_true(d->action.verdict.expired);
}

static void what_nobody_signed_says_nothing(void **state)
{
	static const char good[] = VECTOR_STATUS;
	struct drive *d = fixture_drive(state);

	for (size_t size = 0; size < sizeof(good) - 1; size += 7) {
		drive_start(d, ALYM_OPERATION_STATUS);
		bank_answer(d, 200, (struct text){ good, size });
		assert_verdict(d, ALYM_UNKNOWN);
	}
	drive_start(d, ALYM_OPERATION_STATUS);
	bank_answer(d, 500, TEXT(VECTOR_STATUS));
	assert_verdict(d, ALYM_UNKNOWN);
	drive_start(d, ALYM_OPERATION_STATUS);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
}

/* The published answer to a completion, of the order it is about. */
static void the_banks_own_completion_is_done(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.number = TEXT("0202171211");
	d->order.amount = money_of(1000, "KZT");
	d->order.handle = TEXT("170202171303 171303");
	drive_start(d, ALYM_OPERATION_CAPTURE);
	bank_answer(d, 200, TEXT(VECTOR_COMMAND));
	assert_verdict(d, ALYM_DONE);
	assert_int_equal(d->action.verdict.amount.minor, 1000);
	assert_text(d->action.verdict.operation, "170202171303");
}

static void each_command_is_believed_when_the_bank_repeats_it(void **state)
{
	static const struct {
		const char *slice;
		const char *id;
		enum alym_operation operation;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ ECHO("complete", "1000", "00"), "180418115914", ALYM_OPERATION_CAPTURE,
			ALYM_DONE },
		{ ECHO("reverse", "1000", "00"), "180418115914", ALYM_OPERATION_RELEASE,
			ALYM_DONE },
		{ ECHO("refund", "500", "00"), "180418115914:r7", ALYM_OPERATION_REFUND,
			ALYM_DONE },
		{ ECHO("complete", "1000", "05"), "", ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ ECHO("reverse", "1000", "05"), "", ALYM_OPERATION_RELEASE, ALYM_UNKNOWN },
		{ ECHO("refund", "500", "05"), "", ALYM_OPERATION_REFUND, ALYM_DECLINED },
		{ ECHO("reverse", "1000", "00"), "", ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ ECHO("complete", "999", "00"), "", ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ ECHO_OF("92061103", "complete", "180418115914", "064085", "1000", "00"), "",
			ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ ECHO_OF("92061101", "complete", "180418115915", "064085", "1000", "00"), "",
			ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
		{ ECHO_OF("92061101", "complete", "180418115914", "064086", "1000", "00"), "",
			ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN },
	};
	static const char *const types[] = { [ALYM_OPERATION_CAPTURE] = "complete",
		[ALYM_OPERATION_RELEASE] = "reverse",
		[ALYM_OPERATION_REFUND] = "refund" };
	struct drive *d = fixture_drive(state);
	char document[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, cases[i].operation);
		(void)snprintf(document, sizeof(document),
			"<document><merchant id=\"92061101\"><command type=\"%s\"/><payment "
			"reference=\"180418115914\" approval_code=\"115914\" orderid=\"064085\" "
			"amount=\"%s\" currency_code=\"398\"/>",
			types[cases[i].operation],
			cases[i].operation == ALYM_OPERATION_REFUND ? "500" : "1000");
		assert_asks(d, "control.jsp", document);
		bank_answer(d, 200, bank_letter(text_of(cases[i].slice)));
		assert_verdict(d, cases[i].kind);
		assert_text(d->action.verdict.operation, cases[i].id);
	}
}

static void who_asked_before_looks_how_the_money_stands(void **state)
{
	static const struct {
		const char *slice;
		enum alym_operation operation;
		enum alym_verdict_kind kind;
		bool sends;
	} cases[] = {
		{ PAID("0", "1000"), ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN, true },
		{ PAID("0", "2000"), ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN, true },
		{ PAID("0", "999"), ALYM_OPERATION_CAPTURE, ALYM_DECLINED, false },
		{ PAID("2", "1000"), ALYM_OPERATION_CAPTURE, ALYM_DONE, false },
		{ PAID("1", "1000"), ALYM_OPERATION_CAPTURE, ALYM_UNKNOWN, false },
		{ PAID("0", "999"), ALYM_OPERATION_RELEASE, ALYM_UNKNOWN, true },
		{ PAID("2", "1000"), ALYM_OPERATION_RELEASE, ALYM_UNKNOWN, false },
	};
	struct drive *d = fixture_drive(state);

	d->again = true;
	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, cases[i].operation);
		bank_answer(d, 200, bank_letter(text_of(cases[i].slice)));
		if (cases[i].sends) {
			assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
			drive_failure(d, ALYM_FAILURE_NOT_SENT);
		}
		assert_verdict(d, cases[i].kind);
	}
	drive_start(d, ALYM_OPERATION_REFUND); /* the bank has no key that tells refunds apart */
	assert_verdict(d, ALYM_UNKNOWN);
}

static void a_lost_handle_is_found_by_the_status(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.handle = TEXT("");
	drive_start(d, ALYM_OPERATION_REFUND);
	bank_answer(d, 200, bank_letter(TEXT(PAID("2", "1000"))));
	assert_asks(d, "control.jsp",
		"<document><merchant id=\"92061101\"><command type=\"refund\"/>");
	bank_answer(d, 200, bank_letter(TEXT(ECHO("refund", "500", "00"))));
	assert_verdict(d, ALYM_DONE);
	d->order.handle = TEXT("1 2\"/><x y=\"");
	drive_start(d, ALYM_OPERATION_CAPTURE);
	assert_asks(d, "checkOrdern.jsp", "<document>");
}

static void a_lost_answer_is_unknown_and_what_never_left_is_not(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_REFUND);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	drive_start(d, ALYM_OPERATION_REFUND);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
	d->order.handle = TEXT("");
	drive_start(d, ALYM_OPERATION_CAPTURE);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_browser_is_given_the_banks_form),
		FIXTURE_TEST(a_currency_that_the_bank_does_not_take_is_not_attempted),
		FIXTURE_TEST(the_banks_own_status_is_a_hold),
		FIXTURE_TEST(each_status_has_its_verdict),
		FIXTURE_TEST(what_nobody_signed_says_nothing),
		FIXTURE_TEST(the_banks_own_completion_is_done),
		FIXTURE_TEST(each_command_is_believed_when_the_bank_repeats_it),
		FIXTURE_TEST(who_asked_before_looks_how_the_money_stands),
		FIXTURE_TEST(a_lost_handle_is_found_by_the_status),
		FIXTURE_TEST(a_lost_answer_is_unknown_and_what_never_left_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
