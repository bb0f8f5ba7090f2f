/* SPDX-License-Identifier: Apache-2.0 */

/*
 * golden - quotes of every version of the calculation over a set kept for it, byte for byte.
 *
 * The set is tariff/data as it was when the version was made; the answers were read by a person
 * before they were kept.  A difference is a broken promise, not a file to be renewed: a calculation
 * that must change gets the next version number and golden files of its own.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { GOLDEN_JSON_MAX = 1 << 20 };

static const struct edition {
	int version;
	const char *set;
	const char *quotes;
	size_t count;
} editions[] = {
	{ 1, TARIFF_TESTS "/golden/set-1", TARIFF_TESTS "/golden/v1", 9 },
	{ 2, TARIFF_TESTS "/golden/set-2", TARIFF_TESTS "/golden/v2", 15 },
};

/* The National Bank's rate of the dollar, as its list for that day prints it. */
static struct exchange_day rates_of_first_august(void)
{
	struct exchange_day exchange = { .day = fixture_day("2026-08-01"), .count = 1 };
	struct exchange_rate *dollar = &exchange.rates[0];

	(void)snprintf(dollar->currency, sizeof(dollar->currency), "USD");
	(void)snprintf(dollar->written, sizeof(dollar->written), "473.59");
	assert_true(rational_parse(TEXT("473.59"), &dollar->value));
	dollar->quant = 1;
	return exchange;
}

static int32_t day_of(void *context, int64_t seconds)
{
	(void)context;
	(void)seconds;
	fail_msg("a golden request states its day");
	return 0;
}

static void golden_quote(const struct quote_basis *wanted, struct text request_json,
	struct buffer *out)
{
	struct exchange_day exchange = rates_of_first_august();
	struct json_problem problem = { 0 };
	struct quote_refusal refusal = { 0 };
	struct quote_request request;
	struct json_reader r;
	struct json_writer w;
	struct quote_basis basis = *wanted;
	struct quote quote;
	struct json_value *json = json_parse(request_json, NULL);

	assert_non_null(json);
	json_reader_init(&r, json, "", &problem);
	quote_read(&r, true, day_of, NULL, &request, &basis.day);
	assert_true(json_reader_end(&r));
	basis.exchange = basis.day == exchange.day ? &exchange : NULL;
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	json_writer_init(&w, out);
	quote_write(&basis, &request, &quote, &w, NULL);
	json_free(&json);
}

/* Of NAME.quote.json and NAME.request.json, in that order. */
static void compare(const struct quote_basis *basis, const struct tariff_file *kept,
	const struct tariff_file *request)
{
	size_t stem = strcspn(kept->name, ".");
	struct buffer b;
	size_t same = 0;

	assert_true(strncmp(kept->name, request->name, stem + 1) == 0);
	assert_string_equal(kept->name + stem, ".quote.json");
	assert_string_equal(request->name + stem, ".request.json");
	buffer_init(&b, GOLDEN_JSON_MAX);
	golden_quote(basis, request->bytes, &b);
	buffer_add_char(&b, '\n'); /* as every text file ends */
	while (same < b.size && same < kept->bytes.size &&
		b.bytes[same] == kept->bytes.bytes[same]) {
		same++;
	}
	if (b.size != kept->bytes.size || same != kept->bytes.size) {
		fail_msg("%d: %s: byte %zu: %.60s", basis->version, kept->name, same,
			b.bytes + same);
	}
	buffer_done(&b);
}

static void the_same_inputs_give_the_same_bytes_for_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(editions); i++) {
		const struct edition *e = &editions[i];
		struct quote_basis basis = { .version = e->version };
		struct fixture set;
		struct fixture golden;
		struct tariff *tariff;
		struct err err = { 0 };

		fixture_open_whole(e->set, &set);
		fixture_open_whole(e->quotes, &golden);
		assert_int_equal(golden.count, 2 * e->count);
		tariff = fixture_load(&set, &err);
		if (tariff == NULL) {
			fail_msg("%s", err.message);
		}
		basis.tariff = tariff;
		for (size_t j = 0; j < golden.count; j += 2) {
			compare(&basis, &golden.files[j], &golden.files[j + 1]);
		}
		tariff_free(&tariff);
		fixture_close(&set);
		fixture_close(&golden);
	}
}

/* Every version there is has golden quotes. */
static void no_version_is_without_them(void **state)
{
	(void)state;
	assert_int_equal(COUNT(editions), QUOTE_VERSION);
	for (size_t i = 0; i < COUNT(editions); i++) {
		assert_int_equal(editions[i].version, i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_inputs_give_the_same_bytes_for_ever),
		cmocka_unit_test(no_version_is_without_them),
	};

	return cmocka_run_group_tests_name("tariff/golden", tests, NULL, NULL);
}
