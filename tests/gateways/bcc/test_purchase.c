/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/bcc/fixture.h"

static void assert_posted(const struct drive *d, const char *name, const char *value)
{
	assert_string_equal(bank_posted(d, name), value);
}

static void the_published_form_is_made(void **state)
{
	struct fixture *f = *state;
	static char bytes[ALYM_SCRATCH_SIZE];
	static struct alym_scratch scratch;

	scratch = (struct alym_scratch){ .bytes = bytes };
	fixture_set(f, "merchant", "merchantname");
	assert_true(fixture_open(f));
	fixture_vector(f, ALYM_OPERATION_PAY, &scratch, &f->drive.action);
	assert_verdict(&f->drive, ALYM_PENDING);
	assert_posted(&f->drive, "TIMESTAMP", "20200224073921");
	assert_posted(&f->drive, "NONCE", "F2B2DD7E603A7AAF5E1BC35DEE1F6C9A");
	assert_posted(&f->drive, "P_SIGN", "9B1C58714CFF6E4BCC6E97B4D503275838F4ED68");
}

static void the_browser_posts_all_that_the_bank_wants(void **state)
{
	struct drive *d = fixture_drive(state);
	const char *id;

	d->order.payer_address = TEXT("192.0.2.7");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_PENDING);
	assert_text(d->action.verdict.form_url, BANK_URL);
	assert_posted(d, "AMOUNT", "350.00");
	assert_posted(d, "CURRENCY", "398");
	assert_posted(d, "ORDER", BANK_ORDER);
	assert_posted(d, "DESC", "Visa \"multiple\"");
	assert_posted(d, "MERCHANT", "00000001");
	assert_posted(d, "MERCH_NAME", "00000001");
	assert_posted(d, "TERMINAL", "88888881");
	assert_posted(d, "MERCH_GMT", "0");
	assert_posted(d, "TRTYPE", "1");
	assert_posted(d, "BACKREF", "https://portal.test/back");
	assert_posted(d, "LANG", "ru");
	assert_posted(d, "NOTIFY_URL", "https://alym.test:443/callbacks/bcc");
	assert_posted(d, "CLIENT_IP", "192.0.2.7");
	assert_posted(d, "M_INFO", "e30=");
	id = bank_posted(d, "MERCH_RN_ID");
	assert_int_equal(strlen(id), 16);
	assert_non_null(strpbrk(id, "0123456789"));
	assert_int_equal(d->action.verdict.field_count, 18);
}

static void nobody_s_address_is_not_told(void **state)
{
	struct drive *d = fixture_drive(state);

	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_PENDING);
	assert_int_equal(d->action.verdict.field_count, 17);
	assert_posted(d, "CLIENT_IP", "");
}

/* The bank has a guard time: a form is only good fresh. */
static void each_browser_gets_a_fresh_form(void **state)
{
	struct drive *d = fixture_drive(state);
	char sign[BANK_SIGN_SIZE];

	drive_start(d, ALYM_OPERATION_PAY);
	assert_posted(d, "TIMESTAMP", "20200224073921");
	assert_true(text_copy(text_of(bank_posted(d, "P_SIGN")), sign, sizeof(sign)));
	d->again = true;
	d->now += 3600;
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_PENDING);
	assert_posted(d, "TIMESTAMP", "20200224083921");
	assert_string_not_equal(bank_posted(d, "P_SIGN"), sign);
}

static void the_form_s_sign_is_the_bank_s(void **state)
{
	static const char *const trtypes[] = { "1", "0", "12" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(trtypes); i++) {
		struct bank_note note = bank_note();
		char nonce[64];

		fixture_set(f, "trtype", trtypes[i]);
		assert_true(fixture_open(f));
		drive_start(&f->drive, ALYM_OPERATION_PAY);
		assert_verdict(&f->drive, ALYM_PENDING);
		assert_posted(&f->drive, "TRTYPE", trtypes[i]);
		assert_true(
			text_copy(text_of(bank_posted(&f->drive, "NONCE")), nonce, sizeof(nonce)));
		assert_int_equal(strlen(nonce), 32);
		bank_set(&note, "NONCE", nonce);
		bank_set(&note, "TRTYPE", trtypes[i]);
		bank_set(&note, "TIMESTAMP", "20200224073921");
		bank_seal(&note, BANK_KEY);
		assert_posted(&f->drive, "P_SIGN", note.sign);
	}
}

static void what_is_set_is_said(void **state)
{
	struct fixture *f = *state;

	fixture_set(f, "page_endpoint", "https://page.test/webview");
	fixture_set(f, "merchant_name", "Көші-қон \"Астана\"");
	fixture_set(f, "m_info", "{\"a\":1}");
	assert_true(fixture_open(f));
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_PENDING);
	assert_text(f->drive.action.verdict.form_url, "https://page.test/webview");
	assert_posted(&f->drive, "MERCH_NAME", "Көші-қон \"Астана\"");
	assert_posted(&f->drive, "M_INFO", "eyJhIjoxfQ==");
}

static void the_notification_s_address_spells_its_port(void **state)
{
	static const struct {
		const char *ours;
		const char *told;
	} cases[] = {
		{ "https://a.test/callbacks/bcc", "https://a.test:443/callbacks/bcc" },
		{ "https://a.test:8443/callbacks/bcc", "https://a.test:8443/callbacks/bcc" },
		{ "https://a.test:443/x", "https://a.test:443/x" },
		{ "https://a.test/x:1", "https://a.test:443/x:1" },
		{ "https://[2001:db8::1]/x", "https://[2001:db8::1]:443/x" },
		{ "https://[2001:db8::1]:9/x", "https://[2001:db8::1]:9/x" },
		{ "https://a.test", "https://a.test:443" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		d->order.callback_url = text_of(cases[i].ours);
		drive_start(d, ALYM_OPERATION_PAY);
		assert_posted(d, "NOTIFY_URL", cases[i].told);
	}
}

static void less_than_the_bank_takes_is_not_attempted(void **state)
{
	struct fixture *f = *state;

	f->drive.order.amount = money_of(3000, "KZT");
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_PENDING);
	f->drive.order.amount = money_of(2999, "KZT");
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_NOT_ATTEMPTED);
	assert_reason(&f->drive, "amount_min");

	fixture_set(f, "amount_min", "355");
	assert_true(fixture_open(f));
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_NOT_ATTEMPTED);
	f->drive.order.amount = money_of(35500, "KZT");
	drive_start(&f->drive, ALYM_OPERATION_PAY);
	assert_verdict(&f->drive, ALYM_PENDING);
}

static void only_tenge_is_taken(void **state)
{
	struct drive *d = fixture_drive(state);

	d->order.amount = money_of(35000, "USD");
	drive_start(d, ALYM_OPERATION_PAY);
	assert_verdict(d, ALYM_NOT_ATTEMPTED);
	assert_int_equal(d->action.verdict.field_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_published_form_is_made),
		FIXTURE_TEST(the_browser_posts_all_that_the_bank_wants),
		FIXTURE_TEST(nobody_s_address_is_not_told),
		FIXTURE_TEST(each_browser_gets_a_fresh_form),
		FIXTURE_TEST(the_form_s_sign_is_the_bank_s),
		FIXTURE_TEST(what_is_set_is_said),
		FIXTURE_TEST(the_notification_s_address_spells_its_port),
		FIXTURE_TEST(less_than_the_bank_takes_is_not_attempted),
		FIXTURE_TEST(only_tenge_is_taken),
	};

	return cmocka_run_group_tests_name("gateways/bcc/purchase", tests, NULL, NULL);
}
