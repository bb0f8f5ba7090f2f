/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/osmp/fixture.h"

#define CHECK "command=check&txn_id=1234567&account=" FIXTURE_CODE "&sum=200.00"
#define PAY   "command=pay&txn_id=7654321&txn_date=20260501153045&account=" FIXTURE_CODE "&sum=500.00"

static const char *const dialects[] = { "osmp-xml", "kaspi-xml", "kaspi-json" };

/* ---- what is understood ---- */

static void a_check_asks_the_book(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, CHECK);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	assert_text(d->action.about_code, FIXTURE_CODE);
	assert_text(d->action.about_order, "");
	assert_int_equal(d->action.about_amount.minor, 20000);
	assert_string_equal(d->action.about_amount.currency, "KZT");
}

/* Kaspi's check has a fictitious sum: whatever it is, nobody looks at it. */
static void the_sum_of_a_kaspi_check_is_not_looked_at(void **state)
{
	static const char *const sums[] = { "&sum=200.00", "&sum=-1", "&sum=x", "&sum=", "",
		"&sum=1&sum=2" };

	for (size_t i = 1; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);

		for (size_t k = 0; k < COUNT(sums); k++) {
			char query[256];

			(void)snprintf(query, sizeof(query),
				"command=check&txn_id=1&account=" FIXTURE_CODE "%s", sums[k]);
			fixture_get(d, query);
			assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
			assert_int_equal(d->action.about_amount.minor, 0);
		}
	}
}

static void a_pay_is_a_verdict_that_may_be_refused(void **state)
{
	for (size_t i = 0; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);
		const struct alym_verdict *verdict = &d->action.verdict;

		fixture_get(d, PAY);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_int_equal(verdict->kind, ALYM_DONE);
		assert_text(verdict->code, FIXTURE_CODE);
		assert_text(verdict->order, "");
		assert_text(verdict->operation, "7654321");
		assert_int_equal(verdict->amount.minor, 50000);
		assert_string_equal(verdict->amount.currency, "KZT");
		assert_true(verdict->refusable);
		assert_false(verdict->cumulative);
		/* Days from 1970-01-01 to 2026-05-01: 56 years with 14 leap days, and 120 days. */
		assert_int_equal(verdict->paid, ALYM_PAID_LOCAL);
		assert_int_equal(verdict->paid_day, 56 * 365 + 14 + 120);
		assert_int_equal(verdict->paid_second, 15 * 3600 + 30 * 60 + 45);
	}
}

/* getInfo has neither a transaction nor, always, a sum. */
static void get_info_asks_as_a_check_does(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, "command=getInfo&account=" FIXTURE_CODE "&ccy=KZT");
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	assert_text(d->action.about_code, FIXTURE_CODE);
	assert_int_equal(d->action.about_amount.minor, 0);
	fixture_get(d, "command=getInfo&account=" FIXTURE_CODE "&ccy=KZT&sum=1.00&prv_id=7");
	assert_int_equal(d->action.about_amount.minor, 100);
}

static void a_form_is_read_as_a_query_is(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");

	fixture_post(d, "/callbacks/bank", TEXT(PAY));
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_text(d->action.verdict.operation, "7654321");
	/* Some banks have an address for each command. */
	fixture_post(d, "/callbacks/bank?command=check",
		TEXT("txn_id=1&account=" FIXTURE_CODE "&sum=1"));
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	fixture_post(d, "/callbacks/bank?command=check", TEXT(PAY));
	assert_result(d, "5");
}

static void what_we_do_not_know_is_passed_over(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, PAY "&prv_id=12&data1=a&data2=b&service_id=9&name=%D0%90%D0%BB&x=1&x=2");
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
}

static void an_account_may_be_typed_in_groups(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");

	fixture_get(d, "command=check&txn_id=1&account=3012+3456-78%2090&sum=1");
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	assert_text(d->action.about_code, FIXTURE_CODE);
}

/* One number of the bank's is one operation, however it is written. */
static void zeros_in_front_of_a_transaction_make_no_other(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-json");
	const struct {
		const char *txn_id;
		const char *operation;
	} cases[] = {
		{ "7", "7" },
		{ "007", "7" },
		{ "0", "0" },
		{ "000", "0" },
		{ "70", "70" },
		{ "999999999999999999", "999999999999999999" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char query[256];

		(void)snprintf(query, sizeof(query),
			"command=pay&txn_id=%s&txn_date=20260501153045&account=" FIXTURE_CODE
			"&sum=1",
			cases[i].txn_id);
		fixture_get(d, query);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
		assert_text(d->action.verdict.operation, cases[i].operation);
	}
}

/* ---- sums, currencies, dates ---- */

static void sums_are_decimals_with_a_point(void **state)
{
	const struct {
		const char *sum;
		int64_t minor;      /* 0: it is refused, */
		const char *result; /* in osmp-xml with this */
	} cases[] = {
		{ "10.45", 1045, "" },
		{ "200.00", 20000, "" },
		{ "200", 20000, "" },
		{ "200.5", 20050, "" },
		{ "0.01", 1, "" },
		{ "00200.00", 20000, "" },
		{ "90071992547409.91", INT64_C(9007199254740991), "" },
		{ "90071992547409.92", 0, "242" },
		{ "92233720368547758.08", 0, "242" },
		{ "99999999999999999999999999999999", 0, "242" },
		{ "0", 0, "241" },
		{ "0.00", 0, "241" },
		{ "-200.00", 0, "300" },
		{ "-0.00", 0, "300" },
		{ "%2B200.00", 0, "300" },
		{ "200,00", 0, "300" },
		{ "1,200.00", 0, "300" },
		{ "1+200.00", 0, "300" },
		{ "200.", 0, "300" },
		{ ".50", 0, "300" },
		{ "200.000", 0, "300" },
		{ "200.00.00", 0, "300" },
		{ "2e3", 0, "300" },
		{ "0x10", 0, "300" },
		{ "NaN", 0, "300" },
		{ "%D9%A1", 0, "300" }, /* an Arabic one */
		{ "", 0, "300" },
	};

	for (size_t i = 0; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);

		for (size_t k = 0; k < COUNT(cases); k++) {
			char query[256];

			(void)snprintf(query, sizeof(query),
				"command=pay&txn_id=1&txn_date=20260501153045"
				"&account=" FIXTURE_CODE "&sum=%s",
				cases[k].sum);
			fixture_get(d, query);
			if (cases[k].minor > 0) {
				assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
				assert_int_equal(d->action.verdict.amount.minor, cases[k].minor);
			} else {
				assert_result(d, i == 0 ? cases[k].result : "5");
			}
		}
	}
}

static void a_currency_is_ours_or_refused(void **state)
{
	struct drive *d = fixture_dialect(state, "osmp-xml");
	const struct {
		const char *ccy;
		const char *currency; /* NULL: refused */
	} cases[] = {
		{ "&ccy=KZT", "KZT" },
		{ "&ccy=398", "KZT" },
		{ "&ccy=", "KZT" },
		{ "&ccy=USD", "USD" },
		{ "&ccy=RUB", NULL },
		{ "&ccy=643", NULL },
		{ "&ccy=kzt", NULL },
		{ "&ccy=KZTT", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char query[256];

		(void)snprintf(query, sizeof(query), PAY "%s", cases[i].ccy);
		fixture_get(d, query);
		if (cases[i].currency != NULL) {
			assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
			assert_string_equal(d->action.verdict.amount.currency, cases[i].currency);
		} else {
			assert_result(d, "7");
		}
	}
}

static void a_date_is_one_that_exists(void **state)
{
	static const char *const broken[] = { "", "2026050115304", "202605011530455",
		"20260501T53045", "20260229120000", "20261301120000", "20260500120000",
		"20260501240000", "20260501126000", "20260501120060", "19691231235959",
		"19700101000000", "00000000000000", "-2026050115304" };
	static const char *const good[] = { "20240229000000", "20260501235959", "99991231235959" };
	struct drive *d = fixture_dialect(state, "kaspi-xml");
	char query[256];

	for (size_t i = 0; i < COUNT(broken); i++) {
		(void)snprintf(query, sizeof(query),
			"command=pay&txn_id=1&account=" FIXTURE_CODE "&sum=1&txn_date=%s",
			broken[i]);
		fixture_get(d, query);
		assert_result(d, "5");
	}
	for (size_t i = 0; i < COUNT(good); i++) {
		(void)snprintf(query, sizeof(query),
			"command=pay&txn_id=1&account=" FIXTURE_CODE "&sum=1&txn_date=%s", good[i]);
		fixture_get(d, query);
		assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	}
}

/* ---- what is refused, without the book being asked ---- */

static void what_is_not_the_protocol_is_refused_in_its_words(void **state)
{
	const struct {
		const char *query;
		const char *results[COUNT(dialects)];
	} cases[] = {
		{ "", { "300", "5", "5" } },
		{ "command=", { "300", "5", "5" } },
		{ "command=CHECK&txn_id=1&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		/* Of private variants only. */
		{ "command=cancel&txn_id=1&prv_txn=2016", { "300", "5", "5" } },
		{ "command=check&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=12a&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=-1&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=123456789012345678901&account=" FIXTURE_CODE "&sum=1",
			{ "300", "5", "5" } },
		{ "command=check&txn_id=1&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=1&account=&sum=1", { "300", "5", "5" } },
		{ "command=check&txn_id=1&account=30123456789&sum=1", { "4", "1", "1" } },
		{ "command=check&txn_id=1&account=3012345678901234&sum=1", { "4", "1", "1" } },
		{ "command=check&txn_id=1&account=30123456789A&sum=1", { "4", "1", "1" } },
		{ "command=check&txn_id=1&account=%27+or+1%3D1+--&sum=1", { "4", "1", "1" } },
		{ "command=check&txn_id=1&account=----&sum=1", { "4", "1", "1" } },
		{ "command=pay&txn_id=1&account=" FIXTURE_CODE "&sum=1", { "300", "5", "5" } },
		{ "command=pay&command=check&txn_id=1&account=" FIXTURE_CODE "&sum=1",
			{ "300", "5", "5" } },
		{ PAY "&txn_id=7654322", { "300", "5", "5" } },
		{ PAY "&sum=1.00", { "300", "5", "5" } },
		{ PAY "&account=301234567891", { "300", "5", "5" } },
		{ PAY "&txn_date=20260501153046", { "300", "5", "5" } },
		{ PAY "&ccy=KZT&ccy=USD", { "300", "5", "5" } },
		{ PAY "&x=%", { "300", "5", "5" } },
		{ PAY "&x=%ff", { "300", "5", "5" } },
		{ PAY "&x=%00", { "300", "5", "5" } },
		{ PAY "\xd0", { "300", "5", "5" } },
	};

	for (size_t i = 0; i < COUNT(dialects); i++) {
		struct drive *d = fixture_dialect(state, dialects[i]);

		for (size_t k = 0; k < COUNT(cases); k++) {
			fixture_get(d, cases[k].query);
			assert_result(d, cases[k].results[i]);
		}
	}
}

/* 18 digits there, 20 here. */
static void a_transaction_has_as_many_digits_as_its_dialect_says(void **state)
{
	struct drive *d = fixture_dialect(state, "kaspi-xml");

	fixture_get(d, "command=check&txn_id=123456789012345678&account=" FIXTURE_CODE);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
	fixture_get(d, "command=check&txn_id=1234567890123456789&account=" FIXTURE_CODE);
	assert_result(d, "5");
	d = fixture_dialect(state, "osmp-xml");
	fixture_get(d, "command=check&txn_id=12345678901234567890&sum=1&account=" FIXTURE_CODE);
	assert_int_equal(d->action.kind, ALYM_ACTION_ASK);
}

/* Shorter by a byte each time, it never is another payment. */
static void a_truncated_pay_is_never_another_one(void **state)
{
	const char whole[] = "sum=500.00&account=" FIXTURE_CODE
			     "&txn_id=7654321&command=pay&txn_date=20260501153045";
	struct drive *d = fixture_dialect(state, "kaspi-json");

	for (size_t size = 0; size + 1 < sizeof(whole); size++) {
		fixture_post(d, "/callbacks/bank", (struct text){ whole, size });
		assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
		assert_result(d, "5");
	}
	fixture_post(d, "/callbacks/bank", TEXT(whole));
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
}

static void an_oversized_message_is_refused(void **state)
{
	static char body[65536];
	struct drive *d = fixture_dialect(state, "osmp-xml");

	memset(body, '&', sizeof(body));
	memcpy(body, PAY, sizeof(PAY) - 1);
	fixture_post(d, "/callbacks/bank", (struct text){ body, sizeof(body) });
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT); /* all that alymd lets in */
	for (size_t i = sizeof(PAY); i < sizeof(body); i++) {
		body[i] = "a=1&"[i % 4];
	}
	fixture_post(d, "/callbacks/bank", (struct text){ body, sizeof(body) });
	assert_result(d, "300");
}

/* ---- the banks' own examples ---- */

/*
 * Sources: dev.qiwi.com/explain/en/qd-qiwi-provider-protocol/payment (the first two), and the
 * Kaspi requests that its partners print.  Their accounts are not our codes.
 */
static void the_banks_examples_are_understood(void **state)
{
	const struct {
		const char *dialect;
		const char *query;
		const char *result;
	} cases[] = {
		{ "osmp-xml", "command=check&txn_id=1234567&account=4957835959&sum=10.45", "4" },
		{ "osmp-xml",
			"command=pay&txn_id=1234567&txn_date=20090815120133&account=4957835959"
			"&sum=10.45",
			"4" },
		{ "kaspi-xml", "command=check&txn_id=1234567&account=4957835959&sum=200.00", "1" },
		{ "kaspi-xml",
			"command=pay&txn_id=1234567&account=4957835959&sum=200.00"
			"&txn_date=20260501153045",
			"1" },
		{ "kaspi-json", "command=check&txn_id=1234567&account=ABC&sum=200.00", "1" },
		{ "kaspi-json",
			"command=pay&txn_id=7654321&txn_date=20110101120005&account=ABC&sum=500.00",
			"1" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct drive *d = fixture_dialect(state, cases[i].dialect);

		fixture_get(d, cases[i].query);
		assert_result(d, cases[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_check_asks_the_book),
		FIXTURE_TEST(the_sum_of_a_kaspi_check_is_not_looked_at),
		FIXTURE_TEST(a_pay_is_a_verdict_that_may_be_refused),
		FIXTURE_TEST(get_info_asks_as_a_check_does),
		FIXTURE_TEST(a_form_is_read_as_a_query_is),
		FIXTURE_TEST(what_we_do_not_know_is_passed_over),
		FIXTURE_TEST(an_account_may_be_typed_in_groups),
		FIXTURE_TEST(zeros_in_front_of_a_transaction_make_no_other),
		FIXTURE_TEST(sums_are_decimals_with_a_point),
		FIXTURE_TEST(a_currency_is_ours_or_refused),
		FIXTURE_TEST(a_date_is_one_that_exists),
		FIXTURE_TEST(what_is_not_the_protocol_is_refused_in_its_words),
		FIXTURE_TEST(a_transaction_has_as_many_digits_as_its_dialect_says),
		FIXTURE_TEST(a_truncated_pay_is_never_another_one),
		FIXTURE_TEST(an_oversized_message_is_refused),
		FIXTURE_TEST(the_banks_examples_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
