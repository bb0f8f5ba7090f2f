/* SPDX-License-Identifier: Apache-2.0 */

/* Exchange rates: taken into use by an operator, and what services are then told and charged. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "daemon/api.h"
#include "daemon/rates.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

enum { MANY_DAYS = 250 };

#define ITEM(code, value, quant)                                                         \
	"<item><title>" code "</title><description>" value "</description><quant>" quant \
	"</quant></item>"
#define FEED(day, items) "<rates><title>USD</title><date>" day "</date>\\n" items "</rates>"
#define LIST(day, items) "{\"feed\":\"" FEED(day, items) "\",\"reason\":\"the day's list\"}"
#define REPLACE(day, items) \
	"{\"feed\":\"" FEED(day, items) "\",\"reason\":\"corrected\",\"replace\":true}"
#define TODAY     "02.03.2026"
#define USD       ITEM("USD", "473.59", "1")
#define OTHER_USD ITEM("USD", "474", "1")
#define EURO      ITEM("EUR", "540.5", "1")
#define QUOTE     "{\"service\":\"eresidency\",\"currency\":\"KZT\"}"

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

static int take(struct world *w, const char *body)
{
	return world_order(w, WORLD_OPERATOR, "/v1/rates", body);
}

static int read_day(struct world *w, const char *target)
{
	return world_as(w, WORLD_AUDITOR, "nobody", target);
}

static int quote(struct world *w, const char *body)
{
	return world_post(w, "/v1/quotes", NULL, body);
}

/* 499 x 473.59 = 236795 - 473.59 */
static void a_fee_in_dollars_can_be_paid_in_tenge(void **state)
{
	struct world *w = *state;

	assert_int_equal(quote(w, QUOTE), 422);
	assert_string_equal(world_text(w, "code"), "rate_missing");
	assert_string_equal(world_text(w, "field"), "currency");
	assert_string_equal(world_text(w, "detail"),
		"no official exchange rate of USD is known for 2026-03-02");
	assert_int_equal(take(w, LIST(TODAY, EURO USD)), 201);
	assert_int_equal(world_number(w, "count"), 2);
	assert_string_equal(world_text(w, "day"), "2026-03-02");
	assert_string_equal(world_text(w, "outcome"), "taken");
	assert_string_equal(world_text(w, "rates.0.currency"), "EUR");
	assert_string_equal(world_text(w, "rates.1.rate"), "473.59");
	assert_int_equal(quote(w, QUOTE), 200);
	assert_int_equal(world_number(w, "due.amount"), 23632141);
	assert_string_equal(world_text(w, "due.currency"), "KZT");
	assert_string_equal(world_text(w, "lines.0.exchange.rate"), "473.59");
	assert_string_equal(world_text(w, "lines.0.exchange.date"), "2026-03-02");
	assert_string_equal(world_text(w, "valid_until"), "2026-03-03");
	/* of another day none are known */
	assert_int_equal(quote(w, "{\"service\":\"eresidency\",\"currency\":\"KZT\","
				  "\"date\":\"2026-03-03\"}"),
		422);
	assert_string_equal(world_text(w, "code"), "rate_missing");
}

static void rates_are_read_back(void **state)
{
	struct world *w = *state;

	assert_int_equal(read_day(w, "/v1/rates"), 404);
	assert_string_equal(world_text(w, "detail"), "there are no rates for 2026-03-02");
	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	assert_int_equal(read_day(w, "/v1/rates"), 200);
	assert_string_equal(world_text(w, "day"), "2026-03-02");
	assert_string_equal(world_text(w, "rates.0.currency"), "USD");
	assert_string_equal(world_text(w, "rates.0.quant"), "1");
	assert_string_equal(world_text(w, "reason"), "the day's list");
	assert_string_equal(world_text(w, "source"), "imported");
	assert_int_equal(read_day(w, "/v1/rates?date=2026-03-02"), 200);
	assert_int_equal(read_day(w, "/v1/rates?date=2026-03-01"), 404);
	assert_int_equal(read_day(w, "/v1/rates?date=yesterday"), 400);
	assert_int_equal(read_day(w, "/v1/rates?day=2026-03-02"), 400);
}

static void what_a_list_says_again_is_a_repetition(void **state)
{
	struct world *w = *state;
	int64_t record;
	char digest[2 * EXCHANGE_DIGEST_SIZE + 1];

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	(void)snprintf(digest, sizeof(digest), "%s", world_text(w, "sha256"));
	record = world_number(w, "record");
	assert_int_equal(take(w, LIST(TODAY, USD)), 200);
	assert_string_equal(world_text(w, "outcome"), "repeated");
	assert_int_equal(world_number(w, "record"), record);
	/* the same rate, spelt otherwise, in another list */
	assert_int_equal(take(w, LIST(TODAY,
					 ITEM("KRW", "34.12", "100") ITEM("USD", "473.590", "1"))),
		200);
	assert_string_equal(world_text(w, "outcome"), "repeated");
	assert_string_equal(world_text(w, "sha256"), digest); /* of the list that the book has */
	assert_int_equal(take(w, REPLACE(TODAY, USD)), 200);
	assert_string_equal(world_text(w, "outcome"), "repeated");
}

static void other_rates_replace_when_that_is_said(void **state)
{
	struct world *w = *state;

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	assert_int_equal(take(w, LIST(TODAY, OTHER_USD)), 409);
	assert_string_equal(world_text(w, "code"), "rates_differ");
	assert_string_equal(world_text(w, "field"), "replace");
	assert_int_equal(quote(w, QUOTE), 200);
	assert_int_equal(world_number(w, "due.amount"), 23632141);
	assert_int_equal(take(w, REPLACE(TODAY, OTHER_USD)), 201);
	assert_string_equal(world_text(w, "outcome"), "replaced");
	assert_string_equal(world_text(w, "rates.0.rate"), "474");
	assert_string_equal(world_text(w, "was.0.rate"), "473.59");
	assert_int_equal(quote(w, QUOTE), 200);
	assert_int_equal(world_number(w, "due.amount"), 23652600); /* 499 x 474 */
	assert_int_equal(read_day(w, "/v1/rates"), 200);
	assert_string_equal(world_text(w, "reason"), "corrected");
	assert_true(world_number(w, "replaces") > 0);
}

static void a_bad_list_changes_nothing(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *code;
		const char *field;
		const char *detail;
	} cases[] = {
		{ LIST(TODAY, ITEM("USD", "473,59", "1")), 400, "invalid_field", "feed",
			"feed:2: <description>: \"473,59\" is not a rate" },
		{ LIST("03.05.2026", "<info>\xD0\xBD\xD0\xB5\xD1\x82</info>"), 422, "rate_missing",
			"feed", "there are no rates for 03.05.2026" },
		{ "{\"feed\":\"<rates/>\"}", 400, "invalid_field", "reason", "" },
		{ "{\"reason\":\"x\"}", 400, "invalid_field", "feed", "" },
		{ "{\"feed\":\"\",\"reason\":\"x\"}", 400, "invalid_field", "feed", "" },
		{ "{\"feed\":\"<rates/>\",\"reason\":\"x\",\"replace\":1}", 400, "invalid_field",
			"replace", "" },
		{ "{\"feed\":\"<rates/>\",\"reason\":\"x\",\"day\":\"2026-03-02\"}", 400,
			"unknown_field", "day", "" },
		{ "{\"feed\":\"a\\u0001b\",\"reason\":\"x\"}", 400, "invalid_field", "feed",
			"feed:1: " },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(take(w, cases[i].body), cases[i].status);
		assert_string_equal(world_text(w, "code"), cases[i].code);
		assert_string_equal(world_text(w, "field"), cases[i].field);
		assert_non_null(strstr(world_text(w, "detail"), cases[i].detail));
	}
	assert_int_equal(read_day(w, "/v1/rates"), 404);
	assert_null(rates_of_day(w->engine->rates, 20514));
}

static void only_operators_take_rates_into_use(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_order(w, WORLD_SERVICE, "/v1/rates", LIST(TODAY, USD)), 403);
	assert_int_equal(world_order(w, WORLD_AUDITOR, "/v1/rates", LIST(TODAY, USD)), 403);
	assert_int_equal(world_as(w, WORLD_SERVICE, "portal", "/v1/rates"), 403);
	assert_int_equal(world_as(w, WORLD_OPERATOR, "desk", "/v1/rates"), 404);
}

static void a_book_that_fails_takes_nothing(void **state)
{
	struct world *w = *state;

	w->fail = true;
	assert_int_equal(take(w, LIST(TODAY, USD)), 503);
	w->fail = false;
}

/* ---- payments ---- */

static void pay(struct world *w, const char *reference, char id[32])
{
	char body[256];

	(void)snprintf(body, sizeof(body), "{\"reference\":\"%s\",\"quote\":" QUOTE "}", reference);
	assert_int_equal(world_post(w, "/v1/payments", reference, body), 201);
	(void)snprintf(id, 32, "%s", world_text(w, "id"));
}

static int look(struct world *w, const char *id)
{
	char target[64];

	(void)snprintf(target, sizeof(target), "/v1/payments/%s", id);
	return world_get(w, target);
}

static void a_payment_keeps_the_rates_it_was_calculated_by(void **state)
{
	struct world *w = *state;
	char first[32];
	char second[32];
	char target[64];

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	pay(w, "r1", first);
	assert_int_equal(world_number(w, "due.amount"), 23632141);
	assert_int_equal(take(w, REPLACE(TODAY, OTHER_USD)), 201);
	pay(w, "r2", second);
	assert_int_equal(world_number(w, "due.amount"), 23652600);
	world_restart(w); /* nothing is remembered: quotes are derived from the book */
	assert_int_equal(look(w, first), 200);
	assert_int_equal(world_number(w, "due.amount"), 23632141);
	assert_string_equal(world_text(w, "quote.lines.0.exchange.rate"), "473.59");
	assert_int_equal(look(w, second), 200);
	assert_string_equal(world_text(w, "quote.lines.0.exchange.rate"), "474");
	(void)snprintf(target, sizeof(target), "/v1/payments/%s/recompute", first);
	assert_int_equal(read_day(w, target), 200);
	assert_string_equal(world_text(w, "calculations.0.stored.exchange.rate"), "473.59");
	assert_string_equal(world_text(w, "calculations.0.derived.exchange.rate"), "473.59");
	assert_int_equal(world_count(w, "calculations.0.differs"), 0);
	assert_int_equal(quote(w, QUOTE), 200);
	assert_int_equal(world_number(w, "due.amount"), 23652600);
}

/* What was converted says nothing of the payment behind it. */
static void payments_in_bulk_are_not_taken_for_one_another(void **state)
{
	struct world *w = *state;
	char paid[32];

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	pay(w, "r1", paid);
	assert_int_equal(world_post(w, "/v1/payments", "k-plain",
				 "{\"reference\":\"plain\",\"quote\":{\"service\":\"visa.exit\"}}"),
		201);
	assert_int_equal(read_day(w, "/v1/payments/recompute"), 200);
	assert_int_equal(world_number(w, "payments"), 2);
	assert_int_equal(world_count(w, "items"), 0);
}

static void all_days_of_the_book_are_there_after_a_start(void **state)
{
	struct world *w = *state;
	int32_t day = 20514;

	for (int i = 0; i < MANY_DAYS; i++) {
		struct date_civil civil = date_to_civil(day - i);
		char body[512];

		(void)snprintf(body, sizeof(body), LIST("%02d.%02d.%04d", ITEM("USD", "%d", "1")),
			civil.day, civil.month, civil.year, 400 + i);
		assert_int_equal(take(w, body), 201);
	}
	world_restart(w);
	assert_int_equal(rates_last_day(w->engine->rates), day);
	for (int i = 0; i < MANY_DAYS; i++) {
		const struct exchange_day *exchange = rates_of_day(w->engine->rates, day - i);

		assert_non_null(exchange);
		assert_int_equal(exchange->day, day - i);
		assert_int_equal(exchange->rates[0].value.numerator, 400 + i);
	}
	assert_null(rates_of_day(w->engine->rates, day + 1));
	assert_null(rates_of_day(w->engine->rates, day - MANY_DAYS));
}

/* A gateway session ends with the day; the next day has a rate of its own, or none. */
static void an_attempt_on_another_day_has_that_days_rate(void **state)
{
	struct world *w = *state;
	char target[64];
	char id[32];
	const char order[] = "{\"gateway\":\"bank\",\"return_url\":\"https://visa.example/back\"}";

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	pay(w, "r1", id);
	(void)snprintf(target, sizeof(target), "/v1/payments/%s/attempts", id);
	w->now += 86400;
	assert_int_equal(world_post(w, target, "a1", order), 422);
	assert_string_equal(world_text(w, "code"), "rate_missing");
	assert_int_equal(take(w, LIST("03.03.2026", OTHER_USD)), 201);
	w->now += 86400 - 36000 - 600; /* 23:50 in Almaty */
	assert_int_equal(world_post(w, target, "a1", order), 201);
	assert_int_equal(world_number(w, "due.amount"), 23652600);
	assert_string_equal(world_text(w, "attempts.0.expires_at"), "2026-03-03T19:00:00Z");
}

static void a_damaged_row_of_rates_stops_the_start(void **state)
{
	struct world *w = *state;

	assert_int_equal(take(w, LIST(TODAY, USD)), 201);
	world_execute(w, "DROP TRIGGER rates_stays; UPDATE rates SET rates = '[{}]'");
	w->damaged = true;
	world_restart(w);
	assert_true(engine_has_failed(w->engine));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fee_in_dollars_can_be_paid_in_tenge, begin, end),
		cmocka_unit_test_setup_teardown(rates_are_read_back, begin, end),
		cmocka_unit_test_setup_teardown(what_a_list_says_again_is_a_repetition, begin, end),
		cmocka_unit_test_setup_teardown(other_rates_replace_when_that_is_said, begin, end),
		cmocka_unit_test_setup_teardown(a_bad_list_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(only_operators_take_rates_into_use, begin, end),
		cmocka_unit_test_setup_teardown(a_book_that_fails_takes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_payment_keeps_the_rates_it_was_calculated_by,
			begin, end),
		cmocka_unit_test_setup_teardown(payments_in_bulk_are_not_taken_for_one_another,
			begin, end),
		cmocka_unit_test_setup_teardown(all_days_of_the_book_are_there_after_a_start, begin,
			end),
		cmocka_unit_test_setup_teardown(an_attempt_on_another_day_has_that_days_rate, begin,
			end),
		cmocka_unit_test_setup_teardown(a_damaged_row_of_rates_stops_the_start, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
