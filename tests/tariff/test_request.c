/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/zone.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

static int open_zone(void **state)
{
	*state = almaty_zone();
	return 0;
}

static int close_zone(void **state)
{
	struct zone *zone = *state;

	zone_free(&zone);
	return 0;
}

static int32_t day_of(void *context, int64_t seconds)
{
	return zone_day(context, seconds);
}

/* A request read from JSON; `json` keeps its texts alive. */
struct reading {
	struct json_value *json;
	struct json_problem problem;
	struct quote_request request;
	int32_t day;
	bool fine;
};

static void read_request(const char *json, bool dates, void *zone, struct reading *r)
{
	struct json_reader reader;
	struct err err = { 0 };

	*r = (struct reading){ .day = DATE_NONE };
	r->json = json_parse(text_of(json), &err);
	if (r->json == NULL) {
		fail_msg("%s: %s", json, err.message);
	}
	json_reader_init(&reader, r->json, "", &r->problem);
	quote_read(&reader, dates, day_of, zone, &r->request, &r->day);
	r->fine = json_reader_end(&reader);
}

static void everything_that_can_be_stated_is_read(void **state)
{
	struct reading r;

	read_request(
		"{\"service\":\"visa.multiple\",\"action\":\"extend\",\"date\":\"2026-03-01\","
		"\"quantity\":7,\"applicant\":{\"nationality\":\"IN\",\"birth_date\":"
		"\"1990-04-01\"},\"claims\":[{\"ground\":\"investor\",\"document\":\"note\"},"
		"{\"ground\":\"funeral\"}],\"category\":\"B9-1\",\"currency\":\"KZT\","
		"\"activation_date\":\"2026-03-05\",\"travel_date\":\"2026-04-01\",\"place\":\"750000000\",\"mission\":\"Madrid\","
		"\"years\":5}",
		true, *state, &r);
	assert_true(r.fine);
	assert_int_equal(r.day, fixture_day("2026-03-01"));
	assert_true(text_is(r.request.service, "visa.multiple"));
	assert_true(text_is(r.request.action, "extend"));
	assert_int_equal(r.request.quantity, 7);
	assert_true(text_is(r.request.nationality, "IN"));
	assert_int_equal(r.request.birth_date, fixture_day("1990-04-01"));
	assert_int_equal(r.request.claim_count, 2);
	assert_true(text_is(r.request.claims[0].document, "note"));
	assert_true(text_is(r.request.claims[1].ground, "funeral"));
	assert_int_equal(r.request.claims[1].document.size, 0);
	assert_true(text_is(r.request.category, "B9-1"));
	assert_true(text_is(r.request.currency, "KZT"));
	assert_int_equal(r.request.activation_date, fixture_day("2026-03-05"));
	assert_int_equal(r.request.travel_date, fixture_day("2026-04-01"));
	assert_true(text_is(r.request.place, "750000000"));
	assert_true(text_is(r.request.mission, "Madrid"));
	assert_int_equal(r.request.years, 5);
	json_free(&r.json);
}

static void what_is_not_stated_stays_out(void **state)
{
	struct reading r;

	read_request("{\"service\":\"eta\"}", true, *state, &r);
	assert_true(r.fine);
	assert_int_equal(r.day, DATE_NONE); /* the caller's own day stays */
	assert_int_equal(r.request.action.size, 0);
	assert_int_equal(r.request.quantity, 0);
	assert_int_equal(r.request.birth_date, DATE_NONE);
	assert_int_equal(r.request.activation_date, DATE_NONE);
	assert_int_equal(r.request.travel_date, DATE_NONE);
	assert_int_equal(r.request.claim_count, 0);
	json_free(&r.json);
}

static void a_complaint_names_the_member(void **state)
{
	static const struct {
		const char *json;
		const char *path;
	} cases[] = {
		{ "{}", "service" },
		{ "{\"service\":5}", "service" },
		{ "{\"service\":\"\"}", "service" },
		{ "{\"service\":\"eta\",\"quantity\":0}", "quantity" },
		{ "{\"service\":\"eta\",\"quantity\":-3}", "quantity" },
		{ "{\"service\":\"eta\",\"quantity\":1001}", "quantity" },
		{ "{\"service\":\"eta\",\"quantity\":9223372036854775807}", "quantity" },
		{ "{\"service\":\"eta\",\"quantity\":1.0}", "quantity" },
		{ "{\"service\":\"eta\",\"quantity\":\"1\"}", "quantity" },
		{ "{\"service\":\"eta\",\"date\":\"2025-02-29\"}", "date" },
		{ "{\"service\":\"eta\",\"date\":\"2025-13-01\"}", "date" },
		{ "{\"service\":\"eta\",\"date\":20250101}", "date" },
		{ "{\"service\":\"eta\",\"time\":\"2025-01-01\"}", "time" },
		{ "{\"service\":\"eta\",\"date\":\"2026-01-01\",\"time\":\"2026-01-01T00:00:00Z\"}",
			"time" },
		{ "{\"service\":\"eta\",\"colour\":\"red\"}", "colour" },
		{ "{\"service\":\"eta\",\"applicant\":[]}", "applicant" },
		{ "{\"service\":\"eta\",\"applicant\":{\"nationality\":\"KAZ\"}}",
			"applicant.nationality" },
		{ "{\"service\":\"eta\",\"applicant\":{\"birth_date\":\"yesterday\"}}",
			"applicant.birth_date" },
		{ "{\"service\":\"eta\",\"applicant\":{\"name\":\"X\"}}", "applicant.name" },
		{ "{\"service\":\"eta\",\"claims\":{}}", "claims" },
		{ "{\"service\":\"eta\",\"claims\":[5]}", "claims[0]" },
		{ "{\"service\":\"eta\",\"claims\":[{}]}", "claims[0].ground" },
		{ "{\"service\":\"eta\",\"claims\":[{\"ground\":\"a\"},{\"ground\":1}]}",
			"claims[1].ground" },
		{ "{\"service\":\"eta\",\"claims\":[{\"ground\":\"a\",\"proof\":\"b\"}]}",
			"claims[0].proof" },
		{ "{\"service\":\"eta\",\"claims\":[1,2,3,4,5,6,7,8,9]}", "claims" },
		{ "{\"service\":\"eta\",\"currency\":\"TENGE\"}", "currency" },
		{ "{\"service\":\"eta\",\"place\":\"Almaty\"}", "place" },
		{ "{\"service\":\"eta\",\"place\":\"75000000\"}", "place" },
		{ "{\"service\":\"eta\",\"years\":0}", "years" },
		{ "{\"service\":\"eta\",\"category\":\"tourist visa\"}", "category" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading r;

		read_request(cases[i].json, true, *state, &r);
		assert_false(r.fine);
		assert_string_equal(r.problem.path, cases[i].path);
		json_free(&r.json);
	}
}

static void a_payment_takes_no_date(void **state)
{
	static const char *const members[] = { "\"date\":\"2026-01-01\"",
		"\"time\":\"2026-01-01T00:00:00Z\"" };

	for (size_t i = 0; i < COUNT(members); i++) {
		struct reading r;
		char json[128];

		(void)snprintf(json, sizeof(json), "{\"service\":\"eta\",%s}", members[i]);
		read_request(json, false, *state, &r);
		assert_false(r.fine);
		assert_int_equal(r.problem.fault, JSON_UNKNOWN);
		assert_int_equal(r.day, DATE_NONE);
		json_free(&r.json);
	}
}

static void the_year_turns_at_midnight_in_almaty(void **state)
{
	static const struct {
		const char *time;
		const char *day;
		int64_t due_minor; /* of visa.multiple */
	} cases[] = {
		{ "2025-12-31T18:59:59Z", "2025-12-31", 11796000 },
		{ "2025-12-31T19:00:00Z", "2026-01-01", 12975000 },
		{ "2025-12-31T23:59:59+05:00", "2025-12-31", 11796000 },
		{ "2026-01-01T00:00:00+05:00", "2026-01-01", 12975000 },
		/* Until 1 March 2024 the clocks stood at +06:00. */
		{ "2023-12-31T17:59:59Z", "2023-12-31", 10350000 }, /* 30 x 3450 */
		{ "2023-12-31T18:00:00Z", "2024-01-01", 11076000 }, /* 30 x 3692 */
	};
	struct fixture f;
	struct tariff *tariff;

	fixture_open(TARIFF_DATA, &f);
	tariff = fixture_load(&f, NULL);
	assert_non_null(tariff);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading r;
		struct quote quote;
		struct quote_refusal refusal;
		char json[128];

		(void)snprintf(json, sizeof(json),
			"{\"service\":\"visa.multiple\",\"time\":\"%s\"}", cases[i].time);
		read_request(json, true, *state, &r);
		assert_true(r.fine);
		assert_int_equal(r.day, fixture_day(cases[i].day));
		assert_int_equal(fixture_quote(tariff, &r.request, r.day, &quote, &refusal),
			QUOTE_DONE);
		assert_int_equal(quote.due.minor, cases[i].due_minor);
		json_free(&r.json);
	}
	tariff_free(&tariff);
	fixture_close(&f);
}

static void write_request(const struct quote_request *request, struct buffer *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	quote_request_write(request, &w, NULL);
	assert_false(out->overflowed);
}

static void a_request_is_written_in_one_way_only(void **state)
{
	static const char *const cases[][2] = {
		{ "{ \"service\" : \"eta\" , \"date\" : \"2026-01-01\" }",
			"{\"service\":\"eta\"}" },
		{ "{\"service\":\"eta\",\"applicant\":{},\"claims\":[]}", "{\"service\":\"eta\"}" },
		{ "{\"years\":2,\"travel_date\":\"2026-05-05\",\"service\":\"eta\",\"quantity\":1,"
		  "\"place\":\"750000000\",\"mission\":\"Madrid\",\"currency\":\"KZT\",\"claims\":[{"
		  "\"ground\":\"investor\",\"document\":\"\\u0022a\\u0022\"}],\"category\":\"B2\","
		  "\"applicant\":{\"nationality\":\"IN\",\"birth_date\":\"1990-04-01\"},\"action\":"
		  "\"issue\"}",
			"{\"action\":\"issue\",\"applicant\":{\"birth_date\":\"1990-04-01\","
			"\"nationality\":\"IN\"},\"category\":\"B2\",\"claims\":[{\"document\":"
			"\"\\\"a\\\"\",\"ground\":\"investor\"}],\"currency\":\"KZT\",\"mission\":"
			"\"Madrid\",\"place\":\"750000000\",\"quantity\":1,\"service\":\"eta\","
			"\"travel_date\":\"2026-05-05\",\"years\":2}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading r;
		struct reading again;
		struct buffer written;
		struct buffer rewritten;

		buffer_init(&written, QUOTE_REQUEST_SIZE_MAX);
		buffer_init(&rewritten, QUOTE_REQUEST_SIZE_MAX);
		read_request(cases[i][0], true, *state, &r);
		assert_true(r.fine);
		write_request(&r.request, &written);
		assert_string_equal(written.bytes, cases[i][1]);
		read_request(written.bytes, false, *state, &again);
		assert_true(again.fine);
		write_request(&again.request, &rewritten);
		assert_string_equal(rewritten.bytes, cases[i][1]);
		buffer_done(&written);
		buffer_done(&rewritten);
		json_free(&r.json);
		json_free(&again.json);
	}
}

static void the_longest_request_can_be_written(void **state)
{
	struct quote_request request = fixture_request("");
	char quotes[QUOTE_DOCUMENT_MAX];
	struct text longest = { quotes, 64 };
	struct buffer written;

	(void)state;
	memset(quotes, '"', sizeof(quotes));
	request.service = request.action = request.mission = longest;
	request.category = (struct text){ quotes, 8 };
	request.place = (struct text){ quotes, 9 };
	request.currency = (struct text){ quotes, 3 };
	request.nationality = (struct text){ quotes, 2 };
	request.quantity = QUOTE_QUANTITY_MAX;
	request.years = 10;
	request.birth_date = request.travel_date = fixture_day("9999-12-31");
	request.activation_date = fixture_day("9999-12-31");
	request.claim_count = QUOTE_CLAIMS_MAX;
	for (size_t i = 0; i < QUOTE_CLAIMS_MAX; i++) {
		request.claims[i].ground = longest;
		request.claims[i].document = (struct text){ quotes, QUOTE_DOCUMENT_MAX };
	}
	buffer_init(&written, QUOTE_REQUEST_SIZE_MAX);
	write_request(&request, &written);
	buffer_done(&written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_can_be_stated_is_read),
		cmocka_unit_test(what_is_not_stated_stays_out),
		cmocka_unit_test(a_complaint_names_the_member),
		cmocka_unit_test(a_payment_takes_no_date),
		cmocka_unit_test(the_year_turns_at_midnight_in_almaty),
		cmocka_unit_test(a_request_is_written_in_one_way_only),
		cmocka_unit_test(the_longest_request_can_be_written),
	};

	return cmocka_run_group_tests_name("tariff/request", tests, open_zone, close_zone);
}
