/* SPDX-License-Identifier: Apache-2.0 */

/* Exchange rates are fetched from 16:00 in Almaty, asked for again with patience, and missed. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "daemon/rates.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { MINUTE_S = 60, HOUR_S = 3600, SECOND_OF_MARCH = 20514 };

#define URL BANK_RATES "get_rates.cfm?fdate={date}&x=1"
#define ITEM(code, value) \
	"<item><title>" code "</title><description>" value "</description><quant>1</quant></item>"
#define PART(day, items) "<rates><date>" day "</date>" items "</rates>"
#define LIST(day)        PART(day, ITEM("USD", "473.59") ITEM("EUR", "540.5"))
#define EMPTY(day)       "<rates><date>" day "</date><info>\xD0\xBD\xD0\xB5\xD1\x82</info></rates>"

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_free(&s);
	return 0;
}

/* A source that answers so from now on. */
static void answer(struct stage *s, const char *feed)
{
	s->bank.rates.result = EXCHANGE_ANSWERED;
	s->bank.rates.status = 200;
	s->bank.rates.answer = feed;
}

/* Almaty is five hours ahead. */
static void set_time(struct stage *s, const char *utc)
{
	assert_true(date_time_parse(text_of(utc), &s->now));
	stage_run(s);
}

/* A daemon that fetches, started on 2 March 2026 at 09:00 in Almaty, today's rates being there. */
static void start(struct stage *s)
{
	answer(s, LIST("02.03.2026"));
	s->rates_url = URL;
	assert_true(date_time_parse(TEXT("2026-03-02T04:00:00Z"), &s->now));
	stage_crash(s);
	stage_run(s);
	assert_int_equal(s->bank.rates.asked, 1);
	assert_string_equal(s->bank.rates.url,
		"https://rates.test/get_rates.cfm?fdate=02.03.2026&x=1");
	assert_non_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH));
	s->bank.rates.asked = 0;
}

static bool warns(struct stage *s, const char *code)
{
	struct stage_call c;
	char words[64];
	bool ready;
	bool metric;

	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/readyz", ""), 200);
	(void)snprintf(words, sizeof(words), "\"code\":\"%s\"", code);
	ready = strstr(c.body, words) != NULL;
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/metrics", ""), 200);
	(void)snprintf(words, sizeof(words), "alym_warning{code=\"%s\"} 1\n", code);
	metric = strstr(c.body, words) != NULL;
	assert_int_equal(ready, metric);
	return ready;
}

static void nothing_is_fetched_unless_it_is_said(void **state)
{
	struct stage *s = *state;

	answer(s, LIST("02.03.2026"));
	set_time(s, "2026-03-01T12:00:00Z");
	stage_sleep(s, INT64_C(8) * HOUR_S);
	assert_int_equal(s->bank.rates.asked, 0);
	assert_false(warns(s, "rates_missing"));
	assert_false(warns(s, "rates_next_missing"));
}

static void tomorrows_are_fetched_from_four_oclock(void **state)
{
	struct stage *s = *state;
	struct stage_call c;

	start(s);
	answer(s, LIST("03.03.2026"));
	set_time(s, "2026-03-02T10:59:00Z");
	assert_int_equal(s->bank.rates.asked, 0);
	set_time(s, "2026-03-02T11:00:00Z");
	assert_int_equal(s->bank.rates.asked, 1);
	assert_string_equal(s->bank.rates.url,
		"https://rates.test/get_rates.cfm?fdate=03.03.2026&x=1");
	assert_int_equal(stage_logged(s, "rates.in_use"), 2);
	assert_non_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH + 1));
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/metrics", ""), 200);
	/* 2026-03-03T00:00:00Z */
	assert_non_null(strstr(c.body, "\nalym_rates_last_day_timestamp_seconds 1772496000\n"));
	/* had: nothing more is asked */
	stage_sleep(s, INT64_C(4) * HOUR_S);
	assert_int_equal(s->bank.rates.asked, 1);
	assert_false(warns(s, "rates_next_missing"));
	/* until the next day's four o'clock; today's are there already */
	answer(s, LIST("04.03.2026"));
	set_time(s, "2026-03-03T10:59:00Z");
	assert_int_equal(s->bank.rates.asked, 1);
	set_time(s, "2026-03-03T11:00:00Z");
	assert_int_equal(s->bank.rates.asked, 2);
}

static void what_was_fetched_stays_after_a_crash(void **state)
{
	struct stage *s = *state;

	start(s);
	stage_crash(s);
	stage_run(s);
	assert_int_equal(s->bank.rates.asked, 0);
	assert_non_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH));
}

static void what_is_not_there_is_asked_for_again_every_ten_minutes(void **state)
{
	static const struct {
		enum exchange_result result;
		int status;
		const char *answer;
		const char *logged;
	} cases[] = {
		{ EXCHANGE_ANSWERED, 200, EMPTY("03.03.2026"), "rates.not_yet" },
		{ EXCHANGE_ANSWERED, 200, LIST("02.03.2026"), "rates.not_yet" },
		{ EXCHANGE_ANSWERED, 200, "<html>", "rates.refused" },
		{ EXCHANGE_ANSWERED, 200, PART("03.03.2026", ITEM("GBP", "630")), "rates.refused" },
		{ EXCHANGE_ANSWERED, 200, PART("03.03.2026", ITEM("EUR", "540.5")),
			"rates.refused" },
		{ EXCHANGE_ANSWERED, 200, PART("03.03.2026", ITEM("USD", "473.59")),
			"rates.refused" },
		{ EXCHANGE_ANSWERED, 503, LIST("03.03.2026"), "rates.not_fetched" },
		{ EXCHANGE_NOT_SENT, 0, "", "rates.not_fetched" },
		{ EXCHANGE_PERHAPS_SENT, 0, "", "rates.not_fetched" },
	};
	struct stage *s = *state;

	start(s);
	set_time(s, "2026-03-02T10:59:59Z");
	for (size_t i = 0; i < COUNT(cases); i++) {
		int before = stage_logged(s, cases[i].logged);

		s->bank.rates.result = cases[i].result;
		s->bank.rates.status = cases[i].status;
		s->bank.rates.answer = cases[i].answer;
		stage_sleep(s, i == 0 ? 1 : 9 * MINUTE_S + 59);
		assert_int_equal(s->bank.rates.asked, i == 0 ? 1 : (int)i);
		stage_sleep(s, i == 0 ? 0 : 1);
		assert_int_equal(s->bank.rates.asked, (int)i + 1);
		assert_int_equal(stage_logged(s, cases[i].logged), before + 1);
		assert_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH + 1));
	}
	answer(s, LIST("03.03.2026"));
	stage_sleep(s, INT64_C(10) * MINUTE_S);
	assert_int_equal(s->bank.rates.asked, COUNT(cases) + 1);
	assert_non_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH + 1));
}

static void from_eight_oclock_they_are_missed(void **state)
{
	struct stage *s = *state;

	start(s);
	answer(s, EMPTY("03.03.2026"));
	set_time(s, "2026-03-02T14:59:00Z");
	assert_false(warns(s, "rates_next_missing"));
	assert_int_equal(stage_logged(s, "warning.rates_next_missing"), 0);
	set_time(s, "2026-03-02T15:00:00Z");
	assert_true(warns(s, "rates_next_missing"));
	stage_sleep(s, INT64_C(2) * MINUTE_S);
	assert_int_equal(stage_logged(s, "warning.rates_next_missing"), 1);
	stage_sleep(s, INT64_C(2) * HOUR_S);
	assert_int_equal(stage_logged(s, "warning.rates_next_missing"), 1); /* once a day */
	/* midnight: now it is today's that are missed, and asked for */
	set_time(s, "2026-03-02T19:00:00Z");
	stage_sleep(s, INT64_C(2) * MINUTE_S);
	assert_false(warns(s, "rates_next_missing"));
	assert_true(warns(s, "rates_missing"));
	assert_int_equal(stage_logged(s, "warning.rates_missing"), 1);
	answer(s, LIST("03.03.2026"));
	stage_sleep(s, INT64_C(10) * MINUTE_S);
	assert_false(warns(s, "rates_missing"));
}

/* Today's are missing, and there are none: tomorrow's are asked for all the same. */
static void one_day_does_not_hold_up_the_other(void **state)
{
	struct stage *s = *state;

	answer(s, EMPTY("02.03.2026"));
	s->rates_url = URL;
	assert_true(date_time_parse(TEXT("2026-03-02T12:00:00Z"), &s->now));
	stage_crash(s);
	stage_sleep(s, INT64_C(3) * MINUTE_S);
	assert_int_equal(s->bank.rates.asked, 2);
	assert_string_equal(s->bank.rates.url,
		"https://rates.test/get_rates.cfm?fdate=03.03.2026&x=1");
	assert_true(warns(s, "rates_missing"));
}

static void import(struct stage *s, const char *list)
{
	struct stage_call c;
	char body[512];

	(void)snprintf(body, sizeof(body), "{\"feed\":\"%s\",\"reason\":\"by hand\"}", list);
	stage_begin(s, &c, CALL_SOCKET, "POST", "/v1/rates", body);
	c.call.roles = CALL_ROLE_OPERATOR;
	engine_call(s->engine, &c.call);
	stage_run(s);
	assert_int_equal(c.status, 201);
}

/* Nothing is fetched, but lists were imported: who did that is to hear of a day forgotten. */
static void what_is_imported_by_hand_is_missed_too(void **state)
{
	struct stage *s = *state;

	set_time(s, "2026-03-02T04:00:00Z");
	assert_false(warns(s, "rates_missing"));
	import(s, LIST("02.03.2026"));
	assert_false(warns(s, "rates_missing"));
	set_time(s, "2026-03-02T14:59:00Z");
	assert_false(warns(s, "rates_next_missing"));
	set_time(s, "2026-03-02T15:00:00Z");
	assert_true(warns(s, "rates_next_missing"));
	import(s, PART("03.03.2026", ITEM("GBP", "630"))); /* taken as it is */
	assert_non_null(rates_of_day(s->engine->rates, SECOND_OF_MARCH + 1));
	assert_true(warns(s, "rates_next_missing"));
	set_time(s, "2026-03-02T19:00:00Z");
	assert_true(warns(s, "rates_missing"));
	assert_int_equal(s->bank.rates.asked, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_fetched_unless_it_is_said, begin, end),
		cmocka_unit_test_setup_teardown(tomorrows_are_fetched_from_four_oclock, begin, end),
		cmocka_unit_test_setup_teardown(what_was_fetched_stays_after_a_crash, begin, end),
		cmocka_unit_test_setup_teardown(
			what_is_not_there_is_asked_for_again_every_ten_minutes, begin, end),
		cmocka_unit_test_setup_teardown(from_eight_oclock_they_are_missed, begin, end),
		cmocka_unit_test_setup_teardown(one_day_does_not_hold_up_the_other, begin, end),
		cmocka_unit_test_setup_teardown(what_is_imported_by_hand_is_missed_too, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
