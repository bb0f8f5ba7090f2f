/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tariff/quote.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

static struct quote quote_of(const struct tariff *tariff, const struct quote_request *request,
	const char *date)
{
	struct quote_refusal refusal = { 0 };
	struct quote quote;

	if (fixture_quote(tariff, request, fixture_day(date), &quote, &refusal) != QUOTE_DONE) {
		fail_msg("%s: %s", refusal.field, refusal.detail);
	}
	return quote;
}

static void a_quote_says_which_rows_it_rests_on(void **state)
{
	struct quote_request request = fixture_request("visa.multiple");
	struct quote quote = quote_of(*state, &request, "2026-03-01");

	assert_int_equal(quote.version, 2);
	assert_int_equal(quote.day, fixture_day("2026-03-01"));
	assert_string_equal(quote.service, "visa.multiple");
	assert_string_equal(quote.kbk, "108126");
	assert_string_equal(quote.ground, "");
	assert_string_equal(quote.rows, "visa.multiple-2025-code,mrp-2026,visa.multiple-rounding,"
					"visa.multiple-budget");
	assert_false(quote.unverified);
	assert_true(quote.beneficiary_unknown);
	request.claims[0] = (struct quote_claim){ TEXT("investor"), TEXT("note") };
	request.claim_count = 1;
	quote = quote_of(*state, &request, "2026-03-01");
	assert_string_equal(quote.ground, "investor");
	assert_int_equal(quote.relief.minor, 12975000);
	assert_string_equal(quote.rows, "visa.multiple-2025-code,mrp-2026,visa.multiple-rounding,"
					"visa.multiple-budget,visa-investor-2026");
	assert_false(quote.unverified);
	assert_false(quote.beneficiary_unknown); /* there is nothing to send to anybody */
}

static void a_quantity_is_one_to_a_thousand(void **state)
{
	static const struct {
		int64_t quantity;
		enum quote_result result;
	} quantities[] = {
		{ -1, QUOTE_INVALID_FIELD },
		{ 0, QUOTE_DONE }, /* not stated */
		{ 1, QUOTE_DONE },
		{ 1000, QUOTE_DONE },
		{ 1001, QUOTE_INVALID_FIELD },
	};

	for (size_t i = 0; i < COUNT(quantities); i++) {
		struct quote_request request = fixture_request("visa.exit");
		struct quote_refusal refusal = { 0 };
		struct quote quote;
		enum quote_result result;

		request.quantity = quantities[i].quantity;
		result = fixture_quote(*state, &request, fixture_day("2026-03-01"), &quote,
			&refusal);
		assert_int_equal(result, quantities[i].result);
		assert_string_equal(refusal.field, result == QUOTE_DONE ? "" : "quantity");
	}
}

static void what_no_source_confirms_is_unverified(void **state)
{
	struct quote_request request = fixture_request("eresidency");
	struct quote quote = quote_of(*state, &request, "2026-03-01");

	assert_true(quote.unverified);
	assert_string_equal(quote.kbk, "");
	request = fixture_request("visa.exit");
	request.claims[0] = (struct quote_claim){ TEXT("investor"), TEXT("note") };
	request.claim_count = 1;
	assert_true(quote_of(*state, &request, "2025-03-01").unverified);
	request.claim_count = 0;
	assert_false(quote_of(*state, &request, "2025-03-01").unverified);
}

static void the_days_of_a_quote_are_those_of_its_due(void **state)
{
	static const struct {
		const char *service;
		const char *date;
		const char *from;
		const char *until;
	} cases[] = {
		{ "visa.exit", "2026-03-01", "2026-01-01", "2027-01-01" },
		{ "visa.exit", "2025-12-31", "2025-01-01", "2026-01-01" },
		{ "visa.exit", "2020-02-01", "2020-01-01", "2020-04-01" },
		{ "visa.exit", "2020-04-01", "2020-04-01", "2021-01-01" },
		{ "visa.exit", "2022-05-12", "2022-01-01", "2023-01-01" },
		{ "eresidency", "2026-03-01", "2026-01-01", "9999-12-31" },
		{ "eta", "2026-03-01", "2026-01-01", "9999-12-31" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = fixture_request(cases[i].service);
		struct quote quote = quote_of(*state, &request, cases[i].date);

		assert_int_equal(quote.valid_from, fixture_day(cases[i].from));
		assert_int_equal(quote.valid_until, fixture_day(cases[i].until));
	}
	assert_int_equal(fixture_day("9999-12-31"), TARIFF_NO_END);
	assert_int_equal(tariff_mrp_until(*state), fixture_day("2026-12-31"));
}

static void a_currency_is_the_fees_own_or_refused(void **state)
{
	static const struct {
		const char *service;
		const char *currency;
		enum quote_result result;
	} cases[] = {
		{ "visa.exit", "KZT", QUOTE_DONE },
		{ "visa.exit", "USD", QUOTE_INVALID_FIELD },
		{ "visa.exit", "XYZ", QUOTE_INVALID_FIELD },
		{ "eresidency", "USD", QUOTE_DONE },
		{ "eresidency", "EUR", QUOTE_INVALID_FIELD },
		{ "eresidency", "KZT", QUOTE_RATE_MISSING }, /* no official rate is loaded */
		{ "eta", "KZT", QUOTE_DONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = fixture_request(cases[i].service);
		struct quote_refusal refusal = { 0 };
		struct quote quote;
		enum quote_result result;

		request.currency = text_of(cases[i].currency);
		result = fixture_quote(*state, &request, fixture_day("2026-03-01"), &quote,
			&refusal);
		assert_int_equal(result, cases[i].result);
		assert_string_equal(refusal.field, result == QUOTE_DONE ? "" : "currency");
	}
}

static void an_eta_is_asked_for_three_days_ahead(void **state)
{
	static const struct {
		const char *travel;
		enum quote_result result;
	} cases[] = {
		{ "2026-02-28", QUOTE_INVALID_FIELD },
		{ "2026-03-01", QUOTE_NOT_ELIGIBLE },
		{ "2026-03-03", QUOTE_NOT_ELIGIBLE },
		{ "2026-03-04", QUOTE_DONE },
		{ "2027-03-01", QUOTE_DONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = fixture_request("eta");
		struct quote_refusal refusal = { 0 };
		struct quote quote;
		enum quote_result result;

		request.travel_date = fixture_day(cases[i].travel);
		result = fixture_quote(*state, &request, fixture_day("2026-03-01"), &quote,
			&refusal);
		assert_int_equal(result, cases[i].result);
	}
}

/* Twelve months from activation; the sums of months are worked by hand. */
static void a_status_says_until_when_it_runs(void **state)
{
	static const struct {
		const char *action;
		const char *activated; /* NULL: not stated */
		const char *term;
		const char *said;
	} cases[] = {
		{ "issue", "2026-03-05",
			"\"term\":{\"assumed\":false,\"from\":\"2026-03-05\",\"months\":12,"
			"\"suspended_since\":null,\"until\":\"2027-03-05\"}",
			"runs for 12 months from 2026-03-05, until 2027-03-05" },
		{ "issue", NULL,
			"\"term\":{\"assumed\":true,\"from\":\"2026-03-01\",\"months\":12,"
			"\"suspended_since\":null,\"until\":\"2027-03-01\"}",
			"If the status is activated on 2026-03-01" },
		{ "issue", "2028-02-29",
			"\"term\":{\"assumed\":false,\"from\":\"2028-02-29\",\"months\":12,"
			"\"suspended_since\":null,\"until\":\"2029-02-28\"}",
			"until 2029-02-28" },
		{ "extend", "2025-03-02",
			"\"term\":{\"assumed\":false,\"from\":\"2026-03-02\",\"months\":12,"
			"\"suspended_since\":null,\"until\":\"2027-03-02\"}",
			"from 2026-03-02, until 2027-03-02" },
		{ "extend", "2025-03-01",
			"\"term\":{\"assumed\":false,\"from\":null,\"months\":12,"
			"\"suspended_since\":\"2026-03-01\",\"until\":null}",
			"suspended since 2026-03-01" },
		{ "extend", NULL,
			"\"term\":{\"assumed\":false,\"from\":null,\"months\":12,"
			"\"suspended_since\":null,\"until\":null}",
			"extended by 12 months from the end of the running term" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = fixture_request("eresidency");
		struct quote_basis basis = fixture_basis(*state, fixture_day("2026-03-01"));
		struct quote quote;
		struct json_writer w;
		struct buffer b;

		request.action = text_of(cases[i].action);
		if (cases[i].activated != NULL) {
			request.activation_date = fixture_day(cases[i].activated);
		}
		quote = quote_of(*state, &request, "2026-03-01");
		buffer_init(&b, 1 << 20);
		json_writer_init(&w, &b);
		quote_write(&basis, &request, &quote, &w, NULL);
		buffer_add_char(&b, '\0');
		assert_non_null(strstr(b.bytes, cases[i].term));
		assert_non_null(strstr(b.bytes, cases[i].said));
		buffer_done(&b);
	}
}

static void what_does_not_run_yet_is_not_extended(void **state)
{
	struct quote_request request = fixture_request("eresidency");
	struct quote_refusal refusal = { 0 };
	struct quote quote;

	request.action = TEXT("extend");
	request.activation_date = fixture_day("2026-03-02");
	assert_int_equal(fixture_quote(*state, &request, fixture_day("2026-03-01"), &quote,
				 &refusal),
		QUOTE_INVALID_FIELD);
	assert_string_equal(refusal.field, "activation_date");
}

/* One for five years ended with 2025; two for four years differ by their currency only. */
static void a_refusal_offers_each_rate_of_its_day_once(void **state)
{
	static const char *const days[][2] = {
		{ "2026-03-01", "is required: there is a rate for 1, 2, 3, 4" },
		{ "2025-12-31", "is required: there is a rate for 1, 2, 3, 4, 5" },
		{ "2019-12-31", "is required: there is a rate for 1, 2, 3, 4, 5" }, /* none acts */
	};
	struct quote_request request = fixture_request("consular.visa.multiple");
	struct quote_refusal refusal = { 0 };
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;
	struct quote quote;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	fixture_replace(&f, "consular.xml", "where=\"abroad\" years=\"5\" from=\"2020-01-01\"",
		"where=\"abroad\" years=\"5\" from=\"2020-01-01\" last=\"2025-12-31\"");
	fixture_replace(&f, "consular.xml", "where=\"abroad\" years=\"4\" from=",
		"where=\"abroad\" years=\"4\" fixed-in=\"EUR\" from=");
	fixture_replace(&f, "consular.xml", "<rate id=\"multiple-abroad-4\"",
		"<rate id=\"four-usd\" value=\"700\" unit=\"USD\" where=\"abroad\" years=\"4\""
		" fixed-in=\"USD\" from=\"2020-01-01\" entered=\"2026-11-22\""
		" act=\"order-249-2010\" status=\"unverified\" source=\"x\"/>"
		"<rate id=\"multiple-abroad-4\"");
	tariff = fixture_load(&f, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	request.mission = TEXT("Madrid");
	for (size_t i = 0; i < COUNT(days); i++) {
		assert_int_equal(fixture_quote(tariff, &request, fixture_day(days[i][0]), &quote,
					 &refusal),
			QUOTE_INVALID_FIELD);
		assert_string_equal(refusal.detail, days[i][1]);
	}
	tariff_free(&tariff);
	fixture_close(&f);
}

/* A rate fixed abroad, told with what it depends on. */
static void a_rate_says_what_it_depends_on(void **state)
{
	struct quote_request request = fixture_request("consular.visa.multiple");
	struct quote_basis basis = fixture_basis(*state, fixture_day("2026-03-01"));
	struct quote_refusal refusal = { 0 };
	struct quote quote;
	struct json_writer w;
	struct buffer b;

	request.mission = TEXT("Madrid");
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_INVALID_FIELD);
	assert_string_equal(refusal.field, "years");
	assert_string_equal(refusal.detail, "is required: there is a rate for 1, 2, 3, 4, 5");
	request.years = 6;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_INVALID_FIELD);
	assert_string_equal(refusal.detail,
		"is none the law names: there is a rate for 1, 2, 3, 4, 5");
	request.years = 5;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	assert_int_equal(quote.due.minor, 85000); /* 850 euro */
	buffer_init(&b, 1 << 20);
	json_writer_init(&w, &b);
	quote_write(&basis, &request, &quote, &w, NULL);
	buffer_add_char(&b, '\0');
	assert_non_null(strstr(b.bytes, "\"rate\":{\"row\":\"multiple-abroad-5\",\"unit\":\"EUR\","
					"\"value\":\"850\",\"where\":\"abroad\",\"years\":5}"));
	assert_non_null(strstr(b.bytes, "at the missions of the Republic of Kazakhstan abroad. "
					"Years of validity of the visa: 5."));
	buffer_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantity_is_one_to_a_thousand),
		cmocka_unit_test(a_quote_says_which_rows_it_rests_on),
		cmocka_unit_test(what_no_source_confirms_is_unverified),
		cmocka_unit_test(the_days_of_a_quote_are_those_of_its_due),
		cmocka_unit_test(a_currency_is_the_fees_own_or_refused),
		cmocka_unit_test(an_eta_is_asked_for_three_days_ahead),
		cmocka_unit_test(a_status_says_until_when_it_runs),
		cmocka_unit_test(what_does_not_run_yet_is_not_extended),
		cmocka_unit_test(a_refusal_offers_each_rate_of_its_day_once),
		cmocka_unit_test(a_rate_says_what_it_depends_on),
	};

	return cmocka_run_group_tests_name("tariff/quote", tests, load_set, fixture_free);
}
