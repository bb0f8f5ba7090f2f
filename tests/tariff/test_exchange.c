/* SPDX-License-Identifier: Apache-2.0 */

/* exchange - a fee in dollars, paid in tenge at the official rate of the day of payment. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tariff/exchange.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { EXCHANGE_JSON_MAX = 1 << 20 };

#define ROUNDING_ROW                                                                            \
	"<rounding id=\"eresidency-rounding\" rule=\"exact\" per=\"person\" step-minor=\"1\"\n" \
	"\t\t\tconverted=\"half-up\" converted-step-minor=\"1\""

static struct rational decimal(const char *written)
{
	struct rational value;

	assert_true(rational_parse(text_of(written), &value));
	return value;
}

static struct exchange_day rates_of(const char *date, const char *currency, const char *written,
	int64_t quant)
{
	struct exchange_day exchange = { .day = fixture_day(date), .count = 1 };

	memset(exchange.digest, 0xAB, sizeof(exchange.digest));
	(void)snprintf(exchange.rates[0].currency, MONEY_CURRENCY_SIZE, "%s", currency);
	(void)snprintf(exchange.rates[0].written, EXCHANGE_WRITTEN_SIZE, "%s", written);
	exchange.rates[0].value = decimal(written);
	exchange.rates[0].quant = quant;
	return exchange;
}

static struct quote_request eresidency(const char *currency, int64_t quantity)
{
	struct quote_request request = fixture_request("eresidency");

	request.currency = text_of(currency);
	request.quantity = quantity;
	return request;
}

/* The set of tariff/data; with `rounding`, those attributes for all of eResidency's. */
static struct tariff *load(const char *rounding)
{
	struct fixture f;
	struct tariff *tariff;
	struct err err = { 0 };

	fixture_open(TARIFF_DATA, &f);
	if (rounding != NULL) {
		fixture_replace(&f, "programmes.xml", ROUNDING_ROW, rounding);
	}
	tariff = fixture_load(&f, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	fixture_close(&f);
	return tariff;
}

static void a_rate_is_for_its_quant(void **state)
{
	static const struct {
		const char *written;
		int64_t quant;
		int64_t cents;
		struct rational tiyn;
	} cases[] = {
		{ "473.59", 1, 49900, { 23632141, 1 } }, { "473.59", 1, 0, { 0, 1 } },
		{ "34.12", 100, 5000, { 1706, 1 } },   /* 50 units of a hundred: 17.06 */
		{ "0.11", 10000, 100, { 11, 10000 } }, /* a thousandth of a tiyn and less */
		{ "585", 10, 33, { 3861, 2 } },        /* 0.33 x 58.5 = 19.305 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct exchange_rate rate = { .quant = cases[i].quant,
			.value = decimal(cases[i].written) };
		struct rational tiyn;

		assert_true(exchange_convert(&rate, cases[i].cents, &tiyn));
		assert_int_equal(tiyn.numerator, cases[i].tiyn.numerator);
		assert_int_equal(tiyn.denominator, cases[i].tiyn.denominator);
	}
}

static void what_does_not_fit_is_not_converted(void **state)
{
	struct exchange_rate rate = { .quant = 1, .value = decimal("999999.99") };
	struct rational tiyn = { 7, 1 };

	(void)state;
	assert_false(exchange_convert(&rate, INT64_MAX, &tiyn));
	assert_int_equal(tiyn.numerator, 7);
}

static void the_due_holds_for_the_rates_day_only(void **state)
{
	struct exchange_day exchange = rates_of("2026-08-01", "USD", "473.59", 1);
	struct quote_request request = eresidency("KZT", 2);
	struct tariff *tariff = load(NULL);
	struct quote_basis basis = fixture_basis(tariff, exchange.day);
	struct quote_refusal refusal;
	struct quote quote;

	(void)state;
	basis.exchange = &exchange;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	assert_int_equal(quote.due.minor, 47264282); /* 2 x 236321.41 */
	assert_string_equal(quote.due.currency, "KZT");
	assert_int_equal(quote.gross.minor, 47264282);
	assert_int_equal(quote.own_gross.minor, 99800);
	assert_string_equal(quote.own_gross.currency, "USD");
	assert_string_equal(quote.rate.written, "473.59");
	assert_int_equal(quote.rate.quant, 1);
	assert_int_equal(quote.valid_from, exchange.day);
	assert_int_equal(quote.valid_until, exchange.day + 1);
	/* in dollars nothing depends on a rate */
	request.currency = TEXT("");
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	assert_int_equal(quote.due.minor, 99800);
	assert_string_equal(quote.due.currency, "USD");
	assert_int_equal(quote.rate.quant, 0);
	assert_int_equal(quote.valid_until, TARIFF_NO_END);
	tariff_free(&tariff);
}

static void without_a_rate_of_the_day_nothing_is_converted(void **state)
{
	struct exchange_day euro = rates_of("2026-08-01", "EUR", "540.5", 1);
	const struct {
		int version;
		const struct exchange_day *exchange;
	} cases[] = { { 2, NULL }, { 2, &euro }, { 1, NULL } };
	struct quote_request request = eresidency("KZT", 1);
	struct tariff *tariff = load(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_basis basis = fixture_basis(tariff, euro.day);
		struct quote_refusal refusal;
		struct quote quote;

		basis.version = cases[i].version;
		basis.exchange = cases[i].exchange;
		assert_int_equal(quote_compute(&basis, &request, &quote, &refusal),
			QUOTE_RATE_MISSING);
		assert_string_equal(refusal.field, "currency");
		assert_string_equal(refusal.detail,
			"no official exchange rate of USD is known for 2026-08-01");
	}
	tariff_free(&tariff);
}

/* The first version of the calculation knew no rates, and knows none now. */
static void an_older_calculation_does_not_convert(void **state)
{
	struct exchange_day exchange = rates_of("2026-08-01", "USD", "473.59", 1);
	struct quote_request request = eresidency("KZT", 1);
	struct tariff *tariff = load(NULL);
	struct quote_basis basis = fixture_basis(tariff, exchange.day);
	struct quote_refusal refusal;
	struct quote quote;

	(void)state;
	basis.version = 1;
	basis.exchange = &exchange;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_RATE_MISSING);
	tariff_free(&tariff);
}

static void rounding_of_what_is_converted_has_a_policy(void **state)
{
	static const struct {
		const char *rounding;
		int64_t quantity;
		int64_t due_minor; /* of 499 dollars at 47359.5 for 100: 236323.905 a person */
	} cases[] = {
		{ NULL, 1, 23632391 },
		{ NULL, 3, 70897173 },
		{ "rule=\"exact\" per=\"line\" step-minor=\"1\"", 3, 70897172 }, /* 708971.715 */
		{ "rule=\"exact\" per=\"person\" step-minor=\"1\" converted=\"down\"", 3,
			70897170 },
		{ "rule=\"exact\" per=\"person\" step-minor=\"1\" converted=\"half-even\"", 1,
			23632390 },
		{ "rule=\"exact\" per=\"person\" step-minor=\"1\" converted=\"up\""
		  " converted-step-minor=\"100\"",
			1, 23632400 },
		{ "rule=\"exact\" per=\"person\" step-minor=\"1\" converted-step-minor=\"100\"", 3,
			70897200 },
		{ "rule=\"exact\" per=\"line\" step-minor=\"1\" converted=\"down\""
		  " converted-step-minor=\"100\"",
			3, 70897100 },
	};
	struct exchange_day exchange = rates_of("2026-08-01", "USD", "47359.5", 100);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = eresidency("KZT", cases[i].quantity);
		char row[256];
		struct tariff *tariff;
		struct quote_basis basis;
		struct quote_refusal refusal;
		struct quote quote;

		(void)snprintf(row, sizeof(row), "<rounding id=\"eresidency-rounding\" %s",
			cases[i].rounding != NULL ? cases[i].rounding : "");
		tariff = load(cases[i].rounding != NULL ? row : NULL);
		basis = fixture_basis(tariff, exchange.day);
		basis.exchange = &exchange;
		assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
		assert_int_equal(quote.due.minor, cases[i].due_minor);
		tariff_free(&tariff);
	}
}

/* ---- what a quote says of it ---- */

static json_t *told(const struct quote_basis *basis, const struct quote_request *request)
{
	struct quote_refusal refusal;
	struct quote quote;
	struct json_writer w;
	struct buffer b;
	json_t *json;

	assert_int_equal(quote_compute(basis, request, &quote, &refusal), QUOTE_DONE);
	buffer_init(&b, EXCHANGE_JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(basis, request, &quote, &w, NULL);
	assert_false(b.overflowed);
	json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buffer_done(&b);
	return json;
}

static void assert_json(const json_t *json, const char *wanted)
{
	char *said = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(said, wanted);
	free(said);
}

static void a_quote_tells_rate_quant_and_day(void **state)
{
	struct exchange_day exchange = rates_of("2026-08-01", "USD", "47359.5", 100);
	struct quote_request request = eresidency("KZT", 3);
	struct tariff *tariff = load(NULL);
	struct quote_basis basis = fixture_basis(tariff, exchange.day);
	const json_t *line;
	const char *said;
	json_t *json;

	(void)state;
	basis.exchange = &exchange;
	json = told(&basis, &request);
	line = json_array_get(json_object_get(json, "lines"), 0);
	assert_json(json_object_get(line, "exchange"),
		"{\"currency\":\"USD\",\"date\":\"2026-08-01\",\"exact_minor\":\"49900\","
		"\"gross\":{\"amount\":149700,\"currency\":\"USD\"},\"quant\":100,\"rate\":\"47359.5\","
		"\"sha256\":\"abababababababababababababababababababababababababababababababab\","
		"\"unit_amount\":{\"amount\":49900,\"currency\":\"USD\"}}");
	assert_json(json_object_get(line, "exact_minor"), "\"47264781/2\"");
	assert_json(json_object_get(line, "unit_amount"),
		"{\"amount\":23632391,\"currency\":\"KZT\"}");
	assert_json(json_object_get(line, "gross"), "{\"amount\":70897173,\"currency\":\"KZT\"}");
	assert_json(json_object_get(line, "rounding"),
		"{\"converted\":\"half-up\",\"converted_step_minor\":1,\"per\":\"person\","
		"\"row\":\"eresidency-rounding\",\"rule\":\"exact\",\"step_minor\":1}");
	assert_json(json_object_get(json, "valid_from"), "\"2026-08-01\"");
	assert_json(json_object_get(json, "valid_until"), "\"2026-08-02\"");
	said = json_string_value(json_object_get(json_object_get(json, "explanation"), "en"));
	assert_non_null(strstr(said, ": 499.00 USD for one person or document; "));
	assert_non_null(strstr(said,
		" Paid in tenge at the official rate of the day of payment: the National Bank's "
		"rate for 2026-08-01 is 47359.5 tenge for 100 USD; 499.00 USD is 236323.91 KZT. "
		"The exact sum is 47264781/2 tiyn (cents) for one person or document; by the rounding policy of "
		"the tariff it is 236323.91 KZT. 3 \xC3\x97 236323.91 KZT = 708971.73 KZT."));
	json_decref(json);
	tariff_free(&tariff);
}

static void a_quote_in_dollars_tells_nothing_of_rates(void **state)
{
	struct exchange_day exchange = rates_of("2026-08-01", "USD", "473.59", 1);
	struct quote_request request = eresidency("", 1);
	struct tariff *tariff = load(NULL);
	struct quote_basis basis = fixture_basis(tariff, exchange.day);
	json_t *json;

	(void)state;
	basis.exchange = &exchange;
	json = told(&basis, &request);
	assert_null(json_object_get(json_array_get(json_object_get(json, "lines"), 0), "exchange"));
	json_decref(json);
	tariff_free(&tariff);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_for_its_quant),
		cmocka_unit_test(what_does_not_fit_is_not_converted),
		cmocka_unit_test(the_due_holds_for_the_rates_day_only),
		cmocka_unit_test(without_a_rate_of_the_day_nothing_is_converted),
		cmocka_unit_test(an_older_calculation_does_not_convert),
		cmocka_unit_test(rounding_of_what_is_converted_has_a_policy),
		cmocka_unit_test(a_quote_tells_rate_quant_and_day),
		cmocka_unit_test(a_quote_in_dollars_tells_nothing_of_rates),
	};

	return cmocka_run_group_tests_name("tariff/exchange", tests, NULL, NULL);
}
