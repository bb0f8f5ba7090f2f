/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/halyk/fixture.h"

#define SCOPE \
	"webapi%20usermanagement%20email_send%20verification%20statement%20statistics%20payment"
#define LINK                                                                              \
	"{\"id\":\"498331aa-b69f-41ec-b9f5-8e1c3d6b5db1\",\"amount\":12.22,\"currency\":" \
	"\"KZT\",\"invoice_id\":\"205218074\",\"invoice_url\":\"https://bank.test/l/1\"}"

/* Fields by "token request" of the payment page's documentation, section by section. */
static void a_link_is_asked_for_with_a_token_of_its_own(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_text(d->action.request.method, "POST");
	assert_text(d->action.request.url, "https://token.test/epay2/oauth2/token");
	assert_text(drive_header(d, "Content-Type"), "application/x-www-form-urlencoded");
	assert_text(drive_header(d, "Authorization"), "");
	assert_text(d->action.request.body,
		"grant_type=client_credentials&scope=" SCOPE
		"&client_id=test&client_secret=" SHOP_SECRET
		"&invoiceID=205218074&secret_hash=" SHOP_HASH
		"&amount=12.22&currency=KZT&terminal=" SHOP_TERMINAL
		"&postLink=https%3A%2F%2Falym.test%2Fcallbacks%2Fhalyk"
		"&failurePostLink=https%3A%2F%2Falym.test%2Fcallbacks%2Fhalyk");
	bank_says(d, 200, TOKEN);
	assert_text(d->action.request.method, "POST");
	assert_text(d->action.request.url, "https://bank.test:8443/api/invoice");
	assert_text(drive_header(d, "Authorization"), "Bearer DCEB8O_ZM5U7SO_T_U5EJQ");
	assert_text(drive_header(d, "Content-Type"), "application/json");
	assert_text(d->action.request.body,
		"{\"account_id\":\"301234567890\",\"amount\":12.22,\"back_link\":"
		"\"https://portal.test/back?a=1&b=2\",\"currency\":\"KZT\",\"description\":"
		"\"visa.exit, 301234567890\",\"expire_period\":\"1d\",\"failure_back_link\":"
		"\"https://portal.test/back?a=1&b=2\",\"failure_post_link\":"
		"\"https://alym.test/callbacks/halyk\",\"invoice_id\":\"205218074\",\"language\":"
		"\"kaz\",\"post_link\":\"https://alym.test/callbacks/halyk\",\"shop_id\":\"" SHOP_ID
		"\"}");
	bank_says(d, 200, LINK);
	assert_verdict(d, ALYM_PENDING);
	assert_text(d->action.verdict.pay_url, "https://bank.test/l/1");
	assert_false(d->action.verdict.authorized);
}

static void whole_tenge_are_written_without_a_point(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.amount = money_of(12975000, "KZT");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_holds(d->action.request.body, "&amount=129750&");
	bank_says(d, 200, TOKEN);
	assert_holds(d->action.request.body, "\"amount\":129750,");
}

static void who_asked_before_asks_how_it_stands(void **state)
{
	struct drive *d = fixture_drive(state);

	d->again = true;
	begin(d, ALYM_OPERATION_PAY);
	assert_text(d->action.request.method, "GET");
	bank_says(d, 200, PAID("12.22", "CHARGE"));
	assert_verdict(d, ALYM_DONE);
}

/* No token, no link; a link that was refused; one that may have been made. */
static void without_a_link_nobody_can_pay(void **state)
{
	static const struct {
		const char *token_body;
		const char *invoice_body;
		int token;
		int invoice;
		enum alym_verdict_kind kind;
	} cases[] = {
		{ "", "", 401, 0, ALYM_NOT_ATTEMPTED },
		{ TOKEN, "", 500, 0, ALYM_NOT_ATTEMPTED },
		{ "", "", 200, 0, ALYM_NOT_ATTEMPTED },
		{ "[]", "", 200, 0, ALYM_NOT_ATTEMPTED },
		{ "{\"access_token\":\"\"}", "", 200, 0, ALYM_NOT_ATTEMPTED },
		{ "{\"access_token\":17}", "", 200, 0, ALYM_NOT_ATTEMPTED },
		{ "{\"access_token\":\"a\\r\\nX: b\"}", "", 200, 0, ALYM_NOT_ATTEMPTED },
		{ "{\"access_token\":\"a\",\"access_token\":\"b\"}", "", 200, 0,
			ALYM_NOT_ATTEMPTED },
		{ TOKEN, "{\"code\":1079,\"message\":\"\"}", 200, 400, ALYM_DECLINED },
		{ TOKEN, "", 200, 403, ALYM_DECLINED },
		{ TOKEN, "", 200, 429, ALYM_UNKNOWN },
		{ TOKEN, "", 200, 500, ALYM_UNKNOWN },
		{ TOKEN, LINK, 200, 302, ALYM_UNKNOWN },
		{ TOKEN, "", 200, 200, ALYM_UNKNOWN },
		{ TOKEN, "{\"invoice_url\":\"https://bank.test/l/1\"}", 200, 200, ALYM_UNKNOWN },
		{ TOKEN,
			"{\"amount\":12.22,\"invoice_id\":\"205218075\",\"invoice_url\":"
			"\"https://bank.test/l/1\"}",
			200, 200, ALYM_UNKNOWN },
		{ TOKEN,
			"{\"amount\":12.23,\"invoice_id\":\"205218074\",\"invoice_url\":"
			"\"https://bank.test/l/1\"}",
			200, 200, ALYM_UNKNOWN },
		{ TOKEN,
			"{\"amount\":12.22,\"invoice_id\":\"205218074\",\"invoice_url\":"
			"\"http://bank.test/l/1\"}",
			200, 200, ALYM_UNKNOWN },
		{ TOKEN,
			"{\"amount\":12.22,\"invoice_id\":\"205218074\",\"invoice_url\":"
			"\"https://bank.test/l 1\"}",
			200, 200, ALYM_UNKNOWN },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		drive_start(d, ALYM_OPERATION_PAY);
		bank_says(d, cases[i].token, cases[i].token_body);
		if (cases[i].invoice != 0) {
			assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
			bank_says(d, cases[i].invoice, cases[i].invoice_body);
		}
		assert_verdict(d, cases[i].kind);
		assert_int_equal(d->action.verdict.pay_url.size, 0);
	}
}

static void a_silent_bank_is_told_by_what_was_sent(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT); /* a token alone buys nothing */
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	begin(d, ALYM_OPERATION_PAY);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	begin(d, ALYM_OPERATION_PAY);
	drive_failure(d, ALYM_FAILURE_PERHAPS_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
	d->again = true;
	drive_start(d, ALYM_OPERATION_PAY);
	drive_failure(d, ALYM_FAILURE_NOT_SENT);
	assert_verdict(d, ALYM_UNKNOWN);
}

static void no_truncated_link_is_followed(void **state)
{
	static const char link[] = LINK;
	struct drive *d = fixture_drive(state);

	for (size_t size = 0; size < sizeof(link) - 1; size++) {
		begin(d, ALYM_OPERATION_PAY);
		bank_says_bytes(d, 200, (struct text){ link, size });
		assert_verdict(d, ALYM_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_link_is_asked_for_with_a_token_of_its_own),
		FIXTURE_TEST(whole_tenge_are_written_without_a_point),
		FIXTURE_TEST(who_asked_before_asks_how_it_stands),
		FIXTURE_TEST(without_a_link_nobody_can_pay),
		FIXTURE_TEST(a_silent_bank_is_told_by_what_was_sent),
		FIXTURE_TEST(no_truncated_link_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
