/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { SERVICE_JSON_MAX = 1 << 18 };

static int load_set(void **state)
{
	*state = fixture_tariff(TARIFF_DATA, NULL, NULL);
	return 0;
}

static int free_set(void **state)
{
	struct tariff *tariff = *state;

	tariff_free(&tariff);
	assert_null(tariff);
	tariff_free(&tariff); /* NULL is taken */
	return 0;
}

static void services_stand_in_the_order_of_their_codes(void **state)
{
	static const char *const codes[] = { "border-certificate", "consular.legalization",
		"consular.note", "consular.visa-support.multiple", "consular.visa-support.single",
		"consular.visa.multiple", "consular.visa.single", "consular.visa.tourist",
		"consular.visa.tourist-multiple", "consular.visa.transit",
		"consular.visa.transit-multiple", "eresidency", "eta", "evisa", "invitation",
		"stay-registration", "visa.entry-exit", "visa.exit", "visa.multiple" };

	assert_int_equal(tariff_service_count(*state), COUNT(codes));
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_string_equal(tariff_service_code(*state, i), codes[i]);
		assert_true(tariff_has_service(*state, text_of(codes[i])));
	}
	assert_false(tariff_has_service(*state, TEXT("")));
	assert_false(tariff_has_service(*state, TEXT("visa")));
	assert_false(tariff_has_service(*state, TEXT("visa.exits")));
}

static void the_digest_is_carried(void **state)
{
	uint8_t digest[TARIFF_DIGEST_SIZE];

	fixture_digest(digest);
	assert_memory_equal(tariff_digest(*state), digest, sizeof(digest));
}

static void files_are_ordered_by_name(void **state)
{
	struct tariff_file files[] = { { "b.xml", { 0 } }, { "B.xml", { 0 } }, { "a.xml", { 0 } },
		{ "aa.xml", { 0 } }, { "a", { 0 } } };
	static const char *const names[] = { "B.xml", "a", "a.xml", "aa.xml", "b.xml" };

	(void)state;
	tariff_order_files(files, COUNT(files));
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_string_equal(files[i].name, names[i]);
	}
	tariff_order_files(NULL, 0);
}

static const json_t *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL) {
		fail_msg("there is no member %s", name);
	}
	return value;
}

static void every_service_tells_what_it_is(void **state)
{
	for (size_t i = 0; i < tariff_service_count(*state); i++) {
		const char *code = tariff_service_code(*state, i);
		struct json_writer w;
		struct buffer b;
		json_t *json;

		buffer_init(&b, SERVICE_JSON_MAX);
		json_writer_init(&w, &b);
		tariff_write_service(*state, text_of(code), &w, NULL);
		json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_string_equal(json_string_value(member(json, "code")), code);
		assert_int_equal(json_object_size(member(json, "name")), 3);
		assert_true(json_array_size(member(json, "actions")) > 0);
		for (size_t j = 0; j < json_array_size(member(json, "actions")); j++) {
			const json_t *action = json_array_get(member(json, "actions"), j);

			assert_true(json_array_size(member(action, "rates")) > 0);
		}
		json_decref(json);
		buffer_done(&b);
	}
}

/* The law of one set, its files in any order and its elements in any file, is one law. */
static void the_order_of_files_does_not_matter(void **state)
{
	struct fixture f;
	struct tariff_file first;
	struct tariff *tariff;

	fixture_open(TARIFF_DATA, &f);
	first = f.files[0];
	memmove(f.files, f.files + 1, (f.count - 1) * sizeof(first));
	f.files[f.count - 1] = first;
	tariff = fixture_load(&f, NULL);
	assert_non_null(tariff);
	assert_int_equal(tariff_service_count(tariff), tariff_service_count(*state));
	tariff_free(&tariff);
	fixture_close(&f);
}

/* What docs/TARIFF.md tells the operator to do every December. */
static void next_years_mrp_is_two_elements(void **state)
{
	struct fixture f;
	struct tariff *tariff;
	struct quote_request request = fixture_request("visa.multiple");
	struct quote_refusal refusal;
	struct quote quote;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	fixture_add_string(&f, "2027.xml",
		"<tariff><act id='budget-next' kind='law' from='2027-01-01' source='test'>"
		"<kk>заң</kk><ru>закон</ru><en>law</en></act>"
		"<mrp id='mrp-next' value='5000' purposes='benefit duty fine' year='2027'"
		" from='2027-01-01' entered='2026-12-10' act='budget-next' status='confirmed'"
		" source='test'/></tariff>");
	tariff = fixture_load(&f, NULL);
	assert_non_null(tariff);
	assert_int_equal(fixture_quote(tariff, &request, fixture_day("2027-01-01"), &quote,
				 &refusal),
		QUOTE_DONE);
	assert_int_equal(quote.due.minor, 15000000); /* 30 x 5000.00 */
	assert_int_equal(tariff_mrp_until(tariff), fixture_day("2027-12-31"));
	tariff_free(&tariff);
	fixture_close(&f);
}

/* Rounding to whole tenge, should a law ever say so: per person, before multiplying. */
static void a_rounding_policy_has_its_day(void **state)
{
	static const struct {
		const char *per;
		const char *date;
		int64_t due_minor; /* of three invitations at 2162.50 */
	} cases[] = {
		{ "person", "2026-05-31", 648750 },
		{ "person", "2026-06-01", 648900 }, /* 3 x 2163 */
		{ "line", "2026-06-01", 648800 },   /* 6487.50 -> 6488 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quote_request request = fixture_request("invitation");
		struct quote_refusal refusal;
		struct quote quote;
		struct fixture f;
		struct tariff *tariff;
		char row[512];

		(void)snprintf(row, sizeof(row),
			"<rounding id=\"whole\" rule=\"half-up\" per=\"%s\" step-minor=\"100\""
			" from=\"2026-06-01\" entered=\"2026-11-21\" act=\"rounding-policy\""
			" status=\"confirmed\" source=\"test\"/><budget id=\"invitation-budget\"",
			cases[i].per);
		fixture_open(TARIFF_DATA, &f);
		fixture_replace(&f, "duties.xml", "<budget id=\"invitation-budget\"", row);
		tariff = fixture_load(&f, NULL);
		assert_non_null(tariff);
		request.quantity = 3;
		assert_int_equal(fixture_quote(tariff, &request, fixture_day(cases[i].date), &quote,
					 &refusal),
			QUOTE_DONE);
		assert_int_equal(quote.due.minor, cases[i].due_minor);
		tariff_free(&tariff);
		fixture_close(&f);
	}
}

/* 20 % of the MRP of 2024 is 738.40 tenge (the Ministry's order); no service has it yet. */
static void a_share_of_the_mrp_is_a_unit(void **state)
{
	struct quote_request request = fixture_request("visa.exit");
	struct quote_refusal refusal;
	struct quote quote;
	struct fixture f;
	struct tariff *tariff;

	(void)state;
	fixture_open(TARIFF_DATA, &f);
	fixture_replace(&f, "duties.xml",
		"<rate id=\"visa.exit-2017-code\" value=\"0.5\" unit=\"MRP\"",
		"<rate id=\"visa.exit-2017-code\" value=\"20\" unit=\"percent-of-MRP\"");
	tariff = fixture_load(&f, NULL);
	assert_non_null(tariff);
	assert_int_equal(fixture_quote(tariff, &request, fixture_day("2024-06-01"), &quote,
				 &refusal),
		QUOTE_DONE);
	assert_int_equal(quote.due.minor, 73840);
	tariff_free(&tariff);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_stand_in_the_order_of_their_codes),
		cmocka_unit_test(the_digest_is_carried),
		cmocka_unit_test(files_are_ordered_by_name),
		cmocka_unit_test(every_service_tells_what_it_is),
		cmocka_unit_test(the_order_of_files_does_not_matter),
		cmocka_unit_test(next_years_mrp_is_two_elements),
		cmocka_unit_test(a_rounding_policy_has_its_day),
		cmocka_unit_test(a_share_of_the_mrp_is_a_unit),
	};

	return cmocka_run_group_tests_name("tariff/set", tests, load_set, free_set);
}
