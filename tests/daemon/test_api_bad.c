/* SPDX-License-Identifier: Apache-2.0 */

/* What bad input gets: a problem that names the field, and nothing written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/problem.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

#define Q "\"quote\":{\"service\":\"visa.exit\"}"

struct bad {
	const char *body;
	int status;
	const char *code;
	const char *field;
};

static int begin(void **state)
{
	*state = world_new(WORLD_NOW);
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static int64_t records_of(struct world *w)
{
	struct reader_figures figures;

	assert_true(reader_figures(w->reader, &figures, NULL));
	return figures.records;
}

static void check(struct world *w, const char *target, const char *key, const struct bad *bad)
{
	int64_t records = records_of(w);
	int status = world_post(w, target, key, bad->body);

	if (status != bad->status || strcmp(world_text(w, "code"), bad->code) != 0 ||
		strcmp(world_text(w, "field"), bad->field) != 0) {
		fail_msg("%s %s: %d %s", target, bad->body, status, w->last.body.bytes);
	}
	assert_string_equal(w->last.content_type, "application/problem+json");
	assert_int_equal(world_number(w, "status"), status);
	assert_int_equal(records_of(w), records);
}

static const struct bad bad_quotes[] = {
	{ "", 400, "invalid_json", "" },
	{ "{", 400, "invalid_json", "" },
	{ "[]", 400, "invalid_json", "" },
	{ "null", 400, "invalid_json", "" },
	{ "{\"service\":\"visa.exit\"} x", 400, "invalid_json", "" },
	{ "{\"service\":\"a\",\"service\":\"b\"}", 400, "invalid_json", "" },
	{ "{\"service\":\"\xff\"}", 400, "invalid_json", "" },
	{ "{\"service\":\"\\ud800\"}", 400, "invalid_json", "" },
	{ "{\"service\":\"a\\u0000\"}", 400, "invalid_json", "" },
	{ "{\"service\":1,\"quantity\":99999999999999999999}", 400, "invalid_json", "" },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]", 400, "invalid_json", "" },
	{ "{}", 400, "invalid_field", "service" },
	{ "{\"service\":7}", 400, "invalid_field", "service" },
	{ "{\"service\":\"\"}", 400, "invalid_field", "service" },
	{ "{\"service\":\"a\\nb\"}", 400, "invalid_field", "service" },
	{ "{\"service\":\"visa.none\"}", 422, "unknown_service", "service" },
	{ "{\"service\":\"visa.exit\",\"action\":\"dance\"}", 400, "invalid_field", "action" },
	{ "{\"service\":\"visa.exit\",\"quantity\":0}", 400, "invalid_field", "quantity" },
	{ "{\"service\":\"visa.exit\",\"quantity\":-1}", 400, "invalid_field", "quantity" },
	{ "{\"service\":\"visa.exit\",\"quantity\":1001}", 400, "invalid_field", "quantity" },
	{ "{\"service\":\"visa.exit\",\"quantity\":1.0}", 400, "invalid_field", "quantity" },
	{ "{\"service\":\"visa.exit\",\"quantity\":\"1\"}", 400, "invalid_field", "quantity" },
	{ "{\"service\":\"visa.exit\",\"quantity\":9223372036854775807}", 400, "invalid_field",
		"quantity" },
	{ "{\"service\":\"visa.exit\",\"date\":\"2025-02-29\"}", 400, "invalid_field", "date" },
	{ "{\"service\":\"visa.exit\",\"date\":\"2025-13-01\"}", 400, "invalid_field", "date" },
	{ "{\"service\":\"visa.exit\",\"date\":20250101}", 400, "invalid_field", "date" },
	{ "{\"service\":\"visa.exit\",\"time\":\"2025-01-01\"}", 400, "invalid_field", "time" },
	{ "{\"service\":\"visa.exit\",\"time\":\"2025-01-01T00:00:00Z\","
	  "\"date\":\"2025-01-01\"}",
		400, "invalid_field", "time" },
	{ "{\"service\":\"visa.exit\",\"date\":\"2027-01-01\"}", 422, "tariff_missing", "date" },
	{ "{\"service\":\"visa.exit\",\"date\":\"1950-01-01\"}", 422, "tariff_missing", "date" },
	{ "{\"service\":\"visa.exit\",\"currency\":\"ABC\"}", 400, "invalid_field", "currency" },
	{ "{\"service\":\"visa.exit\",\"currency\":\"TENGE\"}", 400, "invalid_field", "currency" },
	{ "{\"service\":\"visa.exit\",\"colour\":\"red\"}", 400, "unknown_field", "colour" },
	{ "{\"service\":\"visa.exit\",\"applicant\":7}", 400, "invalid_field", "applicant" },
	{ "{\"service\":\"visa.exit\",\"applicant\":{\"name\":\"A\"}}", 400, "unknown_field",
		"applicant.name" },
	{ "{\"service\":\"visa.exit\",\"applicant\":{\"nationality\":\"india\"}}", 400,
		"invalid_field", "applicant.nationality" },
	{ "{\"service\":\"visa.exit\",\"applicant\":{\"nationality\":\"XX\"}}", 400,
		"invalid_field", "applicant.nationality" },
	{ "{\"service\":\"visa.exit\",\"applicant\":{\"birth_date\":\"1990-02-30\"}}", 400,
		"invalid_field", "applicant.birth_date" },
	{ "{\"service\":\"visa.exit\",\"claims\":{}}", 400, "invalid_field", "claims" },
	{ "{\"service\":\"visa.exit\",\"claims\":[1]}", 400, "invalid_field", "claims[0]" },
	{ "{\"service\":\"visa.exit\",\"claims\":[{}]}", 400, "invalid_field", "claims[0].ground" },
	{ "{\"service\":\"visa.exit\",\"claims\":[{\"ground\":\"charm\"}]}", 400, "invalid_field",
		"claims[0].ground" },
	{ "{\"service\":\"visa.exit\",\"claims\":[{\"ground\":\"investor\"},"
	  "{\"ground\":\"investor\",\"x\":1}]}",
		400, "unknown_field", "claims[1].x" },
	{ "{\"service\":\"visa.exit\",\"claims\":[1,2,3,4,5,6,7,8,9]}", 400, "invalid_field",
		"claims" },
	{ "{\"service\":\"visa.exit\",\"place\":\"Almaty\"}", 400, "invalid_field", "place" },
	{ "{\"service\":\"visa.exit\",\"years\":0}", 400, "invalid_field", "years" },
	{ "{\"service\":\"eresidency\",\"applicant\":{\"birth_date\":\"2010-01-01\"}}", 422,
		"not_eligible", "applicant.birth_date" },
};

static void bad_quotes_name_the_field(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(bad_quotes); i++) {
		check(w, "/v1/quotes", NULL, &bad_quotes[i]);
	}
}

static const struct bad bad_payments[] = {
	{ "{" Q "}", 400, "invalid_field", "reference" },
	{ "{\"reference\":\"\"," Q "}", 400, "invalid_field", "reference" },
	{ "{\"reference\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "a\"," Q "}",
		400, "invalid_field", "reference" },
	{ "{\"reference\":\"a\"}", 400, "invalid_field", "quote" },
	{ "{\"reference\":\"a\",\"quote\":\"visa.exit\"}", 400, "invalid_field", "quote" },
	{ "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.exit\","
	  "\"date\":\"2025-01-01\"}}",
		400, "unknown_field", "quote.date" },
	{ "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.exit\","
	  "\"time\":\"2025-01-01T00:00:00Z\"}}",
		400, "unknown_field", "quote.time" },
	{ "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.none\"}}", 422, "unknown_service",
		"quote.service" },
	{ "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.exit\",\"quantity\":-5}}", 400,
		"invalid_field", "quote.quantity" },
	{ "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.exit\","
	  "\"applicant\":{\"nationality\":\"XX\"}}}",
		400, "invalid_field", "quote.applicant.nationality" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":5}", 400, "invalid_field", "expect" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":5}}", 400, "invalid_field",
		"expect.currency" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":-5,\"currency\":\"KZT\"}}", 400,
		"invalid_field", "expect.amount" },
	{ "{\"reference\":\"a\"," Q
	  ",\"expect\":{\"amount\":9007199254740992,\"currency\":\"KZT\"}}",
		400, "invalid_field", "expect.amount" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":1e3,\"currency\":\"KZT\"}}", 400,
		"invalid_field", "expect.amount" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":5,\"currency\":\"XAU\"}}", 400,
		"invalid_field", "expect.currency" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":5,\"currency\":\"KZT\"}}", 409,
		"amount_changed", "expect" },
	{ "{\"reference\":\"a\"," Q ",\"expect\":{\"amount\":216250,\"currency\":\"USD\"}}", 409,
		"amount_changed", "expect" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":\"me\"}", 400, "invalid_field", "payer" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{}}", 400, "invalid_field", "payer" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"name\":\"A\"}}", 400, "invalid_field", "payer" },
	{ "{\"reference\":\"a\"," Q
	  ",\"payer\":{\"iin\":\"900401300018\",\"bin\":\"900401300018\"}}",
		400, "invalid_field", "payer" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"iin\":\"90040130001\"}}", 400, "invalid_field",
		"payer.iin" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"iin\":\"90040130001x\"}}", 400, "invalid_field",
		"payer.iin" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"iin\":\"900401300017\"}}", 400, "invalid_field",
		"payer.iin" }, /* its check digit is 8 */
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"bin\":\"090404004151\"}}", 400, "invalid_field",
		"payer.bin" }, /* 090440004151 with two digits exchanged */
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"bin\":\"9004013000180\"}}", 400, "invalid_field",
		"payer.bin" },
	{ "{\"reference\":\"a\"," Q ",\"payer\":{\"iin\":\"900401300018\",\"age\":1}}", 400,
		"unknown_field", "payer.age" },
	{ "{\"reference\":\"a\"," Q ",\"gateway\":\"bank\"}", 400, "invalid_field", "return_url" },
	{ "{\"reference\":\"a\"," Q ",\"return_url\":\"https://a.kz/\"}", 400, "invalid_field",
		"return_url" },
	{ "{\"reference\":\"a\"," Q ",\"gateway\":\"none\",\"return_url\":\"https://a.kz/\"}", 400,
		"invalid_field", "gateway" },
	{ "{\"reference\":\"a\"," Q ",\"gateway\":\"bank\",\"return_url\":\"http://a.kz/\"}", 400,
		"invalid_field", "return_url" },
	{ "{\"reference\":\"a\"," Q ",\"gateway\":\"bank\",\"return_url\":\"https://\"}", 400,
		"invalid_field", "return_url" },
	{ "{\"reference\":\"a\"," Q
	  ",\"gateway\":\"bank\",\"return_url\":\"https://a.kz@evil.example/\"}",
		400, "invalid_field", "return_url" },
	{ "{\"reference\":\"a\"," Q ",\"gateway\":\"bank\",\"return_url\":\"https://a.kz/ b\"}",
		400, "invalid_field", "return_url" },
	{ "{\"reference\":\"a\"," Q ",\"amount\":5}", 400, "unknown_field", "amount" },
};

static void bad_payments_name_the_field(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(bad_payments); i++) {
		check(w, "/v1/payments", "key", &bad_payments[i]);
	}
}

static void bad_keys_are_refused(void **state)
{
	static const char body[] = "{\"reference\":\"a\"," Q "}";
	static const struct {
		const char *key;
		bool fine;
	} cases[] = {
		{ "\"\"", false },
		{ "\"a", false },
		{ "a\"", false },
		{ "a b", false },
		{ "\"a\\b\"", false },
		{ "\"a\\\"", false },
		{ "\xD2\x9B", false },
		{ "a\tb", false },
		{ "\"a b\\\\\\\"\"", true },
		{ "!~", true },
	};
	const struct bad bad = { body, 400, "invalid_field", "Idempotency-Key" };
	struct world *w = *state;
	char longest[258];

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!cases[i].fine) {
			check(w, "/v1/payments", cases[i].key, &bad);
		}
	}
	memset(longest, 'k', sizeof(longest));
	longest[256] = '\0';
	check(w, "/v1/payments", longest, &bad);
	longest[255] = '\0';
	assert_int_equal(world_post(w, "/v1/payments", longest, body), 201);
	assert_int_equal(world_post(w, "/v1/payments", "\"a b\\\\\\\"\"", body), 409);
	assert_int_equal(world_post(w, "/v1/payments", "!~", body), 409);
	assert_int_equal(world_post(w, "/v1/payments", NULL, body), 400);
	assert_string_equal(world_text(w, "code"), "idempotency_key_missing");
}

static void bad_acts_name_the_field(void **state)
{
	static const struct {
		const char *target;
		struct bad bad;
	} cases[] = {
		{ "/v1/payments/p1-1/cancel", { "{\"why\":1}", 400, "unknown_field", "why" } },
		{ "/v1/payments/p1-1/cancel",
			{ "{\"reason\":1}", 400, "invalid_field", "reason" } },
		{ "/v1/payments/p1-1/cancel?x=1", { "{}", 400, "unknown_field", "x" } },
		{ "/v1/payments/p1-2/cancel", { "{}", 404, "not_found", "" } },
		{ "/v1/payments/p2-1/cancel", { "{}", 404, "not_found", "" } },
		{ "/v1/payments/a1-1/cancel", { "{}", 404, "not_found", "id" } },
		{ "/v1/payments/p1-01/cancel", { "{}", 404, "not_found", "id" } },
		{ "/v1/payments/p1-99999999999999/cancel", { "{}", 404, "not_found", "id" } },
		{ "/v1/payments/p1-1/fulfilment", { "{}", 400, "invalid_field", "outcome" } },
		{ "/v1/payments/p1-1/fulfilment",
			{ "{\"outcome\":\"yes\"}", 400, "invalid_field", "outcome" } },
		{ "/v1/payments/p1-1/fulfilment",
			{ "{\"outcome\":\"performed\"}", 409, "illegal_state", "" } },
		{ "/v1/payments/p1-1/attempts", { "{}", 400, "invalid_field", "gateway" } },
		{ "/v1/payments/p1-1/attempts",
			{ "{\"gateway\":\"bank\"}", 400, "invalid_field", "return_url" } },
		{ "/v1/payments/p1-1/attempts",
			{ "{\"gateway\":\"x\",\"return_url\":\"https://a.kz\"}", 400,
				"invalid_field", "gateway" } },
		{ "/v1/payments/p1-9/attempts",
			{ "{\"gateway\":\"bank\",\"return_url\":\"https://a.kz\"}", 404,
				"not_found", "" } },
	};
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k", "{\"reference\":\"a\"," Q "}"), 201);
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(w, cases[i].target, "key", &cases[i].bad);
	}
}

static void bad_questions_name_the_parameter(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *code;
		const char *field;
	} cases[] = {
		{ "/v1/payments?limit=0", 400, "invalid_field", "limit" },
		{ "/v1/payments?limit=501", 400, "invalid_field", "limit" },
		{ "/v1/payments?limit=1&limit=2", 400, "invalid_field", "limit" },
		{ "/v1/payments?state=happy", 400, "invalid_field", "state" },
		{ "/v1/payments?from=2026-02-30", 400, "invalid_field", "from" },
		{ "/v1/payments?cursor=abc", 400, "invalid_field", "cursor" },
		{ "/v1/payments?colour=red", 400, "unknown_field", "colour" },
		{ "/v1/payments?reference=%FF", 400, "invalid_field", "reference" },
		{ "/v1/payments?reference=a&state=open", 400, "invalid_field", "reference" },
		{ "/v1/payments?code=1&from=2026-01-01", 400, "invalid_field", "code" },
		{ "/v1/payments/p1-1?x", 400, "unknown_field", "x" },
		{ "/v1/services?x=1", 400, "unknown_field", "x" },
		{ "/v1/ledger/balances?as_of=yesterday", 400, "invalid_field", "as_of" },
		{ "/v1/ledger/balances?axis=z", 400, "invalid_field", "axis" },
		{ "/v1/ledger/entries?payment=7", 400, "invalid_field", "payment" },
		{ "/v1/ledger/entries/0", 404, "not_found", "number" },
		{ "/v1/ledger/entries/x", 404, "not_found", "number" },
		{ "/v1/ledger/entries/99", 404, "not_found", "" },
		{ "/v1/ledger/records/99999999999999999999", 404, "not_found", "number" },
		{ "/v1/ledger/records/1?form=bark", 400, "invalid_field", "form" },
		{ "/v1/ledger/proofs/inclusion", 400, "invalid_field", "record" },
		{ "/v1/ledger/proofs/inclusion?record=0", 400, "invalid_field", "record" },
		{ "/v1/ledger/proofs/inclusion?record=3&size=2", 400, "invalid_field", "record" },
		{ "/v1/ledger/proofs/consistency?first=9&second=8", 400, "invalid_field", "first" },
		{ "/v1/ledger/proofs/consistency?first=1&second=9999", 404, "not_found", "" },
		{ "/v1/reports/trial-balance?from=2026-02-02&to=2026-01-01", 400, "invalid_field",
			"from" },
		{ "/v1/events?wait=61", 400, "invalid_field", "wait" },
		{ "/v1/events?after=x", 400, "invalid_field", "after" },
		{ "/v1/events?after=e1-x", 400, "invalid_field", "after" },
		{ "/", 404, "not_found", "" },
		{ "/v1/payments/", 404, "not_found", "" },
		{ "/v1/payments/p1-1/", 404, "not_found", "" },
		{ "/v1/payments/p1-1/refund", 404, "not_found", "" },
		{ "/v1/payments/%zz", 404, "not_found", "" },
		{ "/v1/payments/p1-1/cancel", 405, "method_not_allowed", "" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int status = world_as(w, WORLD_SERVICE | WORLD_AUDITOR, "portal", cases[i].target);

		if (status != cases[i].status ||
			strcmp(world_text(w, "code"), cases[i].code) != 0 ||
			strcmp(world_text(w, "field"), cases[i].field) != 0) {
			fail_msg("%s: %d %s", cases[i].target, status, w->last.body.bytes);
		}
	}
	assert_string_equal(w->last.allow, "POST");
	assert_int_equal(world_post(w, "/v1/services", NULL, ""), 405);
	assert_string_equal(w->last.allow, "GET");
}

static void a_body_has_a_type_and_a_size(void **state)
{
	static const struct {
		const char *type;
		int status;
	} types[] = {
		{ "application/json", 200 },
		{ "Application/JSON; charset=utf-8", 200 },
		{ "text/plain", 415 },
		{ "application/json5", 415 },
		{ "application/x-www-form-urlencoded", 415 },
	};
	struct world *w = *state;
	char *body = mem_new(CALL_BODY_MAX + 2, 1);

	for (size_t i = 0; i < COUNT(types); i++) {
		world_end(&w->last);
		world_begin(w, &w->last, "POST", "/v1/quotes", NULL, "{\"service\":\"visa.exit\"}");
		w->last.headers[0] =
			(struct call_header){ TEXT("content-type"), text_of(types[i].type) };
		w->last.call.header_count = 1;
		engine_call(w->engine, &w->last.call);
		assert_int_equal(w->last.status, types[i].status);
	}
	memset(body, ' ', CALL_BODY_MAX + 1);
	assert_int_equal(world_post(w, "/v1/quotes", NULL, body), 413);
	assert_string_equal(world_text(w, "code"), "too_large");
	memcpy(body, "{\"service\":\"visa.exit\"}", 23);
	body[CALL_BODY_MAX] = '\0';
	assert_int_equal(world_post(w, "/v1/quotes", NULL, body), 200);
	free(body);
}

static void titles_are_in_the_callers_language(void **state)
{
	struct world *w = *state;

	world_end(&w->last);
	world_begin(w, &w->last, "GET", "/v1/payments/p1-1", NULL, NULL);
	w->last.headers[0] = (struct call_header){ TEXT("Accept-Language"), TEXT("kk-KZ, ru") };
	w->last.call.header_count = 1;
	engine_call(w->engine, &w->last.call);
	world_run(w);
	assert_string_equal(world_text(w, "title"), "Табылмады");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_quotes_name_the_field),
		TEST(bad_payments_name_the_field),
		TEST(bad_keys_are_refused),
		TEST(bad_acts_name_the_field),
		TEST(bad_questions_name_the_parameter),
		TEST(a_body_has_a_type_and_a_size),
		TEST(titles_are_in_the_callers_language),
	};

	return cmocka_run_group_tests_name("daemon/api_bad", tests, NULL, NULL);
}
