/* SPDX-License-Identifier: Apache-2.0 */

/* Quotes, services, creating, repeating, reading and listing payments; who may do what. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

#define MULTIPLE                                                         \
	"\"quote\":{\"service\":\"visa.multiple\",\"action\":\"issue\"," \
	"\"applicant\":{\"nationality\":\"IN\",\"birth_date\":\"1990-04-01\"}}"
#define BY_CODE(reference) "{\"reference\":\"" reference "\"," MULTIPLE "}"
#define BY_BANK(reference)                                                           \
	"{\"reference\":\"" reference "\"," MULTIPLE                                 \
	",\"payer\":{\"iin\":\"900401300018\",\"name\":\"A\"},\"gateway\":\"bank\"," \
	"\"return_url\":\"https://visa.example/back\","                              \
	"\"expect\":{\"amount\":12975000,\"currency\":\"KZT\"}}"

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

/* ---- quotes and services ---- */

static void a_quote_says_what_is_due_on_its_day(void **state)
{
	static const struct {
		const char *body;
		int64_t due;
	} cases[] = {
		{ "{\"service\":\"visa.multiple\"}", 12975000 },
		{ "{\"service\":\"visa.multiple\",\"date\":\"2025-06-01\"}", 11796000 },
		{ "{\"service\":\"invitation\",\"quantity\":3,\"date\":\"2026-06-01\"}", 648750 },
		/* The year turns at midnight in Almaty. */
		{ "{\"service\":\"visa.exit\",\"time\":\"2025-12-31T18:59:59Z\"}", 196600 },
		{ "{\"service\":\"visa.exit\",\"time\":\"2025-12-31T19:00:00Z\"}", 216250 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(world_post(w, "/v1/quotes", NULL, cases[i].body), 200);
		assert_int_equal(world_number(w, "due.amount"), cases[i].due);
	}
}

static void services_are_listed_and_told_one_by_one(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_get(w, "/v1/services"), 200);
	assert_true(world_count(w, "items") >= 6);
	assert_int_equal(world_get(w, "/v1/services/visa.multiple"), 200);
	assert_int_equal(world_get(w, "/v1/services/visa%2Emultiple"), 200);
	assert_int_equal(world_get(w, "/v1/services/visa.none"), 404);
	assert_string_equal(world_text(w, "code"), "not_found");
	assert_string_equal(world_text(w, "field"), "code");
}

static void what_the_configuration_refuses_is_refused(void **state)
{
	struct world *w = *state;

	w->engine->settings.refuse_beneficiary = true;
	assert_int_equal(world_post(w, "/v1/quotes", NULL, "{\"service\":\"visa.multiple\"}"), 422);
	assert_string_equal(world_text(w, "code"), "beneficiary_unknown");
	assert_non_null(strstr(world_text(w, "detail"), "or to which account"));
	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("a")), 422);
	assert_string_equal(world_text(w, "code"), "beneficiary_unknown");
}

/* ---- creating ---- */

static void a_payment_by_code_waits_to_be_paid(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("VMP-1")), 201);
	assert_string_equal(w->last.content_type, "application/json");
	assert_string_equal(world_text(w, "id"), "p1-1");
	assert_string_equal(world_text(w, "state"), "open");
	assert_string_equal(world_text(w, "reference"), "VMP-1");
	assert_string_equal(world_text(w, "service"), "visa.multiple");
	assert_int_equal(strlen(world_text(w, "code")), 12);
	assert_int_equal(world_number(w, "due.amount"), 12975000);
	assert_int_equal(world_number(w, "quote.due.amount"), 12975000);
	assert_int_equal(world_number(w, "paid.amount"), 0);
	assert_int_equal(world_count(w, "attempts"), 0);
	assert_string_equal(world_text(w, "expires_at"), "2026-04-01T05:00:00Z");
	assert_string_equal(w->last.replayed, "");
}

static void a_payment_at_a_gateway_has_an_address_to_pay_at(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("VMP-1")), 201);
	assert_int_equal(world_count(w, "attempts"), 1);
	assert_string_equal(world_text(w, "attempts.0.state"), "created");
	assert_string_equal(world_text(w, "attempts.0.gateway"), "bank");
	assert_string_equal(world_text(w, "attempts.0.id"), "a1-17");
	assert_string_equal(world_text(w, "attempts.0.expires_at"), "2026-03-02T05:20:00Z");
	assert_memory_equal(world_text(w, "pay_url"), "https://pay.example.kz/pay/", 27);
	assert_int_equal(strlen(world_text(w, "pay_url")), 27 + 32);
}

static void a_session_never_outlives_the_tariff(void **state)
{
	struct world *w = *state;

	/* 2026-12-31 23:50 in Almaty: ten minutes are left of this year's MRP. */
	w->now = INT64_C(1798743000);
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("VMP-1")), 201);
	assert_string_equal(world_text(w, "attempts.0.expires_at"), "2026-12-31T19:00:00Z");
}

static void an_exempt_payment_is_complete_at_once(void **state)
{
	static const char body[] =
		"{\"reference\":\"E-1\",\"gateway\":\"bank\",\"return_url\":\"https://a.kz/\","
		"\"quote\":{\"service\":\"visa.multiple\",\"claims\":[{\"ground\":\"investor\","
		"\"document\":\"MFA note 11-5/123\"}]}}";
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", body), 201);
	assert_string_equal(world_text(w, "state"), "exempt");
	assert_int_equal(world_number(w, "due.amount"), 0);
	assert_int_equal(world_number(w, "quote.gross.amount"), 12975000);
	assert_int_equal(world_count(w, "attempts"), 0);
	assert_int_equal(world_post(w, "/v1/payments", "k-2",
				 "{\"reference\":\"E-2\",\"quote\":{\"service\":\"eta\","
				 "\"travel_date\":\"2026-04-01\"}}"),
		201);
	assert_string_equal(world_text(w, "state"), "exempt");
}

static void another_amount_than_expected_is_refused(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1",
				 "{\"reference\":\"a\"," MULTIPLE
				 ",\"expect\":{\"amount\":11796000,\"currency\":\"KZT\"}}"),
		409);
	assert_string_equal(world_text(w, "code"), "amount_changed");
	assert_int_equal(world_number(w, "due.amount"), 12975000);
	/* The refusal leaves the key free. */
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
}

static void a_reference_has_one_live_payment(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("a")), 201);
	assert_int_equal(world_post(w, "/v1/payments", "k-2", BY_CODE("a")), 409);
	assert_string_equal(world_text(w, "code"), "reference_taken");
	assert_string_equal(world_text(w, "payment"), "p1-1");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-3", ""), 200);
	assert_int_equal(world_post(w, "/v1/payments", "k-2", BY_CODE("a")), 201);
}

/* ---- repeating ---- */

static char *body_of(const struct world *w)
{
	return mem_copy(w->last.body.bytes, w->last.body.size + 1);
}

static void a_repetition_gets_the_same_bytes(void **state)
{
	struct world *w = *state;
	char *first;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	first = body_of(w);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(world_text(w, "attempts.0.state"), "pending");

	/* Another spelling of key and body, a day and a restart later. */
	w->now += 86400;
	world_restart(w);
	assert_int_equal(world_post(w, "/v1/payments", "\"k-1\"",
				 "{ \"gateway\":\"bank\", \"reference\":\"\\u0061\",\n" MULTIPLE
				 ",\"return_url\":\"https://visa.example/back\","
				 "\"payer\":{\"name\":\"A\",\"iin\":\"900401300018\"},"
				 "\"expect\":{\"currency\":\"KZT\",\"amount\":12975000}}"),
		201);
	assert_string_equal(w->last.replayed, "true");
	assert_string_equal(w->last.body.bytes, first);
	free(first);
	assert_int_equal(world_get(w, "/v1/payments"), 200);
	assert_int_equal(world_count(w, "items"), 1);
}

/* It is where the payer has to go now. */
static void a_repetition_leads_to_where_the_pages_are_now(void **state)
{
	struct world *w = *state;
	const char *old = "https://pay.example.kz";
	char *first;
	char *at;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	first = body_of(w);
	w->engine->settings.public_url = "https://pay.example.ru";
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	assert_string_equal(w->last.replayed, "true");
	assert_string_not_equal(w->last.body.bytes, first);
	at = strstr(first, old);
	assert_non_null(at);
	at[strlen(old) - 2] = 'r';
	at[strlen(old) - 1] = 'u';
	assert_string_equal(w->last.body.bytes, first);
	free(first);
}

/* The first of these answers is written without reading the book. */
static void a_repetition_of_what_has_no_order_gets_the_same_bytes(void **state)
{
	static const char *const bodies[] = {
		"{\"reference\":\"open\"," MULTIPLE "}",
		"{\"reference\":\"\\\\ \\\"ә\",\"payer\":{\"iin\":\"900401300018\"}," MULTIPLE "}",
		("{\"reference\":\"exempt\",\"quote\":{\"service\":\"visa.multiple\",\"claims\":"
		 "[{\"ground\":\"investor\",\"document\":\"MFA 11-5/123\"}]}}"),
		"{\"reference\":\"nothing due\",\"quote\":{\"service\":\"eta\"}}",
	};
	struct world *w = *state;
	char key[] = "k-0";
	char *first;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		key[2] = (char)('1' + i);
		assert_int_equal(world_post(w, "/v1/payments", key, bodies[i]), 201);
		assert_string_equal(w->last.replayed, "");
		first = body_of(w);
		w->now += 86400;
		world_restart(w);
		assert_int_equal(world_post(w, "/v1/payments", key, bodies[i]), 201);
		assert_string_equal(w->last.replayed, "true");
		assert_string_equal(w->last.body.bytes, first);
		free(first);
	}
}

static void a_repetition_is_known_though_it_could_not_be_granted_any_more(void **state)
{
	struct world *w = *state;
	char *first;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	first = body_of(w);
	w->disk_free = 0;
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	assert_string_equal(w->last.body.bytes, first);
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("b")), 422);
	assert_string_equal(world_text(w, "code"), "idempotency_mismatch");
	assert_int_equal(world_post(w, "/v1/payments", "k-2", BY_BANK("b")), 503);
	assert_string_equal(world_text(w, "code"), "overloaded");
	assert_string_not_equal(w->last.retry_after, "");
	w->disk_free = 1 << 20;

	/* 2027: no tariff is known, and another amount would be due. */
	w->now += INT64_C(330) * 86400;
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	assert_string_equal(w->last.body.bytes, first);
	assert_int_equal(world_post(w, "/v1/payments", "k-2", BY_BANK("b")), 422);
	assert_string_equal(world_text(w, "code"), "tariff_missing");
	w->engine->settings.gateways[0].name[0] = 'x';
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_BANK("a")), 201);
	assert_string_equal(w->last.body.bytes, first);
	free(first);
}

static void a_key_is_for_one_request(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("a")), 201);
	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("b")), 422);
	assert_string_equal(world_text(w, "code"), "idempotency_mismatch");
	assert_string_equal(world_text(w, "field"), "Idempotency-Key");
	assert_int_equal(world_post(w, "/v1/payments", NULL, BY_CODE("b")), 400);
	assert_string_equal(world_text(w, "code"), "idempotency_key_missing");
	/* Of another route it is another key. */
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-1", "{}"), 200);
}

static void a_quote_that_is_not_what_was_stored_is_an_error(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("a")), 201);
	world_execute(w, "DROP TRIGGER payment_stays;"
			 "UPDATE payment SET quote = zeroblob(32)");
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 500);
	assert_string_equal(world_text(w, "code"), "internal");
	assert_string_equal(world_text(w, "field"), "quote");
	assert_int_equal(w->errors, 1);
	assert_int_equal(world_get(w, "/v1/payments"), 200);
}

static void a_payment_keeps_the_tariff_it_was_made_by(void **state)
{
	struct world *w = *state;
	char *first;

	assert_int_equal(world_post(w, "/v1/payments", "k-1", BY_CODE("a")), 201);
	first = body_of(w);
	/* Another set is in use; the old one is in the book only. */
	w->tariff_edit[0] = "mrp.xml";
	w->tariff_edit[1] = "4325";
	w->tariff_edit[2] = "5000";
	world_restart(w);
	assert_int_equal(world_post(w, "/v1/quotes", NULL, "{\"service\":\"visa.multiple\"}"), 200);
	assert_int_equal(world_number(w, "due.amount"), 15000000);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(w->last.body.bytes, first);
	assert_int_equal(world_number(w, "quote.due.amount"), 12975000);
	assert_int_equal(w->errors, 1); /* the test's own: the book failed */
	free(first);
}

/* ---- listing ---- */

static void lists_go_on_by_cursor_and_are_filtered(void **state)
{
	struct world *w = *state;
	char body[512];
	char target[256];

	for (int i = 1; i <= 5; i++) {
		(void)snprintf(body, sizeof(body), BY_CODE("r%d"), i);
		(void)snprintf(target, sizeof(target), "key-%d", i);
		assert_int_equal(world_post(w, "/v1/payments", target, body), 201);
	}
	assert_int_equal(world_post(w, "/v1/payments/p1-2/cancel", "c", ""), 200);
	assert_int_equal(world_get(w, "/v1/payments?limit=3"), 200);
	assert_int_equal(world_count(w, "items"), 3);
	assert_string_equal(world_text(w, "items.2.id"), "p1-3");
	(void)snprintf(target, sizeof(target), "/v1/payments?limit=3&cursor=%s",
		world_text(w, "next"));
	assert_int_equal(world_get(w, target), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_string_equal(world_text(w, "items.0.id"), "p1-4");
	assert_string_equal(world_text(w, "next"), "");
	(void)snprintf(target + strlen(target), sizeof(target) - strlen(target), "&state=open");
	assert_int_equal(world_get(w, target), 400);
	assert_string_equal(world_text(w, "field"), "cursor");
	assert_int_equal(world_get(w, "/v1/payments?state=cancelled"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_int_equal(world_get(w, "/v1/payments?from=2026-03-02&to=2026-03-02"), 200);
	assert_int_equal(world_count(w, "items"), 5);
	assert_int_equal(world_get(w, "/v1/payments?to=2026-03-01"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(world_get(w, "/v1/payments?from=2026-03-03"), 200);
	assert_int_equal(world_count(w, "items"), 0);
}

static void a_payment_is_found_by_reference_and_by_code(void **state)
{
	struct world *w = *state;
	char target[128];

	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("A \xD2\x9B/1")), 201);
	(void)snprintf(target, sizeof(target), "/v1/payments?code=%s", world_text(w, "code"));
	assert_int_equal(world_get(w, target), 200);
	assert_string_equal(world_text(w, "items.0.id"), "p1-1");
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", target), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(world_get(w, "/v1/payments?reference=A+%D2%9B%2F1"), 200);
	assert_string_equal(world_text(w, "items.0.id"), "p1-1");
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", "/v1/payments?reference=A+%D2%9B%2F1"),
		200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(world_get(w, "/v1/payments?reference=none"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(world_get(w, "/v1/payments?code=123456789012"), 200);
	assert_int_equal(world_count(w, "items"), 0);
}

/* ---- who may ---- */

static void a_service_sees_its_own_payments_only(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("a")), 201);
	assert_int_equal(world_as(w, WORLD_SERVICE, "portal", "/v1/payments/p1-1"), 200);
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", "/v1/payments/p1-1"), 404);
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", "/v1/payments"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "eta", "/v1/payments/p1-1"), 200);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "eta", "/v1/payments"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	/* Another generation's payment of that number is another payment. */
	assert_int_equal(world_get(w, "/v1/payments/p2-1"), 404);
}

static void a_role_opens_its_routes_only(void **state)
{
	struct world *w = *state;
	const struct api_route *routes;
	size_t count;

	routes = api_routes(&count);
	for (size_t i = 0; i < count; i++) {
		static const unsigned roles[] = { 0, CALL_ROLE_SERVICE, CALL_ROLE_AUDITOR,
			CALL_ROLE_OPERATOR };

		for (size_t k = 0; k < COUNT(roles); k++) {
			bool open = routes[i].roles == 0 || (routes[i].roles & roles[k]) != 0;

			world_end(&w->last);
			world_begin(w, &w->last, routes[i].method, routes[i].path, NULL, "");
			w->last.call.roles = roles[k];
			engine_call(w->engine, &w->last.call);
			world_run(w);
			assert_int_equal(w->last.status == 403, !open);
		}
	}
}

static void a_stranger_is_no_client(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_as(w, WORLD_SERVICE, "nobody", "/v1/payments"), 403);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "nobody", "/v1/payments"), 200);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "nobody", "/v1/payments?reference=a"), 400);
	assert_int_equal(world_as(w, WORLD_AUDITOR | WORLD_SERVICE, "nobody", "/v1/events"), 403);
}

/* ---- the daemon's state ---- */

static void an_engine_that_can_not_serve_says_so(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_get(w, "/livez"), 200);
	assert_int_equal(world_get(w, "/readyz"), 200);
	w->engine->ready = false;
	assert_int_equal(world_get(w, "/livez"), 200);
	assert_int_equal(world_get(w, "/readyz"), 503);
	assert_int_equal(world_get(w, "/v1/payments"), 503);
	assert_int_equal(world_get(w, "/metrics"), 200);
	w->engine->ready = true;
	w->engine->draining = true;
	assert_int_equal(world_get(w, "/readyz"), 503);
	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("a")), 503);
	assert_string_not_equal(w->last.retry_after, "");
	w->engine->draining = false;
	w->fail = true;
	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("a")), 503);
	assert_string_equal(world_text(w, "code"), "unavailable");
	assert_int_equal(world_get(w, "/livez"), 503);
	assert_int_equal(world_get(w, "/v1/payments"), 503);
	assert_int_equal(world_get(w, "/metrics"), 200);
}

static void metrics_count(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments", "k", BY_CODE("a")), 201);
	assert_int_equal(world_get(w, "/nothing"), 404);
	assert_int_equal(world_get(w, "/metrics"), 200);
	assert_non_null(strstr(w->last.body.bytes, "\nalym_payments_created_total 1\n"));
	assert_non_null(strstr(w->last.body.bytes, "\nalym_payments 1\n"));
	assert_non_null(strstr(w->last.body.bytes, "\nalym_book_log_bytes "));
	assert_non_null(strstr(w->last.body.bytes, "\nalym_problems_total 1\n"));
	assert_non_null(strstr(w->last.body.bytes, "\nalym_verdicts_total{verdict=\"done\"} 0\n"));
	assert_int_equal(world_get(w, "/openapi.json"), 200);
	assert_string_equal(world_text(w, "openapi"), "3.1.0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_quote_says_what_is_due_on_its_day),
		TEST(services_are_listed_and_told_one_by_one),
		TEST(what_the_configuration_refuses_is_refused),
		TEST(a_payment_by_code_waits_to_be_paid),
		TEST(a_payment_at_a_gateway_has_an_address_to_pay_at),
		TEST(a_session_never_outlives_the_tariff),
		TEST(an_exempt_payment_is_complete_at_once),
		TEST(another_amount_than_expected_is_refused),
		TEST(a_reference_has_one_live_payment),
		TEST(a_repetition_gets_the_same_bytes),
		TEST(a_repetition_leads_to_where_the_pages_are_now),
		TEST(a_repetition_of_what_has_no_order_gets_the_same_bytes),
		TEST(a_repetition_is_known_though_it_could_not_be_granted_any_more),
		TEST(a_key_is_for_one_request),
		TEST(a_quote_that_is_not_what_was_stored_is_an_error),
		TEST(a_payment_keeps_the_tariff_it_was_made_by),
		TEST(lists_go_on_by_cursor_and_are_filtered),
		TEST(a_payment_is_found_by_reference_and_by_code),
		TEST(a_service_sees_its_own_payments_only),
		TEST(a_role_opens_its_routes_only),
		TEST(a_stranger_is_no_client),
		TEST(an_engine_that_can_not_serve_says_so),
		TEST(metrics_count),
	};

	return cmocka_run_group_tests_name("daemon/api", tests, NULL, NULL);
}
