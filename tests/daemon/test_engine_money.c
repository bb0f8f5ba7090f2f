/* SPDX-License-Identifier: Apache-2.0 */

/* The engine and money that does not fit: late, short, too much, twice, of another day, or
 * only held. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { EXIT_2025 = 196600, EXIT_2026 = 216250 };

/* 2025-12-31 23:00 in Almaty: an hour before another index counts. */
static const int64_t before_the_year = INT64_C(1767204000);
/* 2026-12-31 23:00 in Almaty: an hour before no index is known. */
static const int64_t before_the_end = INT64_C(1798740000);

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int begin_2025(void **state)
{
	*state = stage_new(before_the_year);
	return 0;
}

static int begin_2026_end(void **state)
{
	*state = stage_new(before_the_end);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_check(s);
	stage_free(&s);
	return 0;
}

/* The bank takes that much by the payment's code, at that time, and says so. */
static int pay_code(struct stage *s, struct stage_payment *p, int64_t amount, int64_t at,
	struct stage_call *c)
{
	char operation[32];
	int status;

	(void)bank_take(&s->bank, amount, operation);
	status = stage_message(s, c, "paid code %s %s %" PRId64 " KZT %" PRId64, p->code, operation,
		amount, at);
	assert_memory_equal(c->body, "booked ", 7);
	stage_look(s, p);
	return status;
}

static void money_after_a_cancellation_pays(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(stage_cancel(s, &p, "a-c"), 200);
	assert_string_equal(p.state, "cancelled");
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_memory_equal(c.body, "closed ", 7);
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), 0);
}

static void money_after_the_end_pays(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	stage_sleep(s, INT64_C(4) * 86400);
	stage_look(s, &p);
	assert_string_equal(p.state, "expired");
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
}

static void what_is_short_waits_for_the_rest(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(pay_code(s, &p, 200000, s->now, &c), 200);
	assert_string_equal(p.state, "partly_paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -200000);
	assert_false(stage_logged(s, "suspense.booked"));
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_string_equal(c.body, "payable 0 0 16250 KZT visa.exit");
	assert_int_equal(pay_code(s, &p, 16250, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), 0);
}

static void what_is_too_much_pays_and_the_excess_is_a_task(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(pay_code(s, &p, EXIT_2026 + 50, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -50);
	assert_true(stage_logged(s, "suspense.booked"));
	assert_int_equal(engine_counts(s->engine)->suspense, 1);
}

static void a_second_payment_is_a_task(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -EXIT_2026);
	assert_true(stage_logged(s, "suspense.booked"));
}

static void money_for_an_unknown_code_is_kept(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	char operation[32];

	assert_int_equal(stage_message(s, &c, "check code 300000000001"), 200);
	assert_memory_equal(c.body, "unknown ", 8);
	(void)bank_take(&s->bank, 777, operation);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(stage_message(s, &c, "paid code 300000000001 %s 777 KZT %" PRId64,
					 operation, s->now),
			200);
		assert_memory_equal(c.body, "booked ", 7);
	}
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -777);
	(void)bank_take(&s->bank, 5, operation);
	assert_int_equal(stage_message(s, &c, "paid order 99999999 %s 5 KZT %" PRId64, operation,
				 s->now),
		200);
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -782);
}

static void another_currency_is_kept_whole(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(stage_message(s, &c, "paid code %s usd-1 216250 USD %" PRId64, p.code,
				 s->now),
		200);
	assert_memory_equal(c.body, "booked ", 7);
	stage_look(s, &p);
	assert_string_equal(p.state, "open");
	assert_int_equal(stage_balance(s, "suspense:kassa", "USD"), -216250);
	assert_int_equal(stage_balance(s, "clearing:kassa", "USD"), 216250);
}

static void what_can_be_refused_is_refused_and_not_booked(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	int64_t records;

	stage_create(s, "a", "visa.exit", NULL, &p);
	records = stage_records(s);
	assert_int_equal(stage_message(s, &c, "paid code %s op-x 1 KZT %" PRId64 " refusable",
				 p.code, s->now),
		200);
	assert_string_equal(c.body, "wrong 0 0 216250 KZT visa.exit");
	assert_int_equal(stage_message(s, &c,
				 "paid code 300000000001 op-x 1 KZT %" PRId64 " refusable", s->now),
		200);
	assert_memory_equal(c.body, "unknown ", 8);
	assert_int_equal(stage_records(s), records);
	assert_int_equal(stage_cancel(s, &p, "a-c"), 200);
	assert_int_equal(stage_message(s, &c, "paid code %s op-x 216250 KZT %" PRId64 " refusable",
				 p.code, s->now),
		200);
	assert_memory_equal(c.body, "closed ", 7);
	assert_int_equal(s->bank.taken, 0);
}

static void a_check_after_the_turn_of_the_year_requotes(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(p.due, EXIT_2025);
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_string_equal(c.body, "payable 0 0 196600 KZT visa.exit");
	stage_sleep(s, 3600);
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_string_equal(c.body, "payable 0 0 216250 KZT visa.exit");
	stage_look(s, &p);
	assert_int_equal(p.due, EXIT_2026);
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_string_equal(p.state, "paid");
}

static void the_day_the_payer_paid_decides(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_payment q;
	struct stage_call c;
	int64_t before = s->now;

	stage_create(s, "a", "visa.exit", NULL, &p);
	stage_create(s, "b", "visa.exit", NULL, &q);
	stage_sleep(s, 3900);
	/* Said after midnight of what was paid before it: last year's due. */
	assert_int_equal(pay_code(s, &p, EXIT_2025, before + 600, &c), 200);
	assert_string_equal(p.state, "paid");
	/* Outside the window our own day counts, and last year's due is short. */
	assert_int_equal(pay_code(s, &q, EXIT_2025, before - 86400, &c), 200);
	assert_string_equal(q.state, "partly_paid");
	assert_int_equal(q.due, EXIT_2026);
}

static void without_a_tariff_a_code_is_kept_and_an_order_waits(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_payment q;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", NULL, &p);
	stage_create(s, "b", "visa.exit", "kassa", &q);
	bank_pay(&s->bank, bank_find(&s->bank, q.order));
	bank_find(&s->bank, q.order)->paid_at = s->now + 7200;
	s->bank.fault = BANK_AWAY;
	stage_sleep(s, 7200);
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 503);
	assert_memory_equal(c.body, "busy ", 5);
	assert_int_equal(pay_code(s, &p, EXIT_2026, s->now, &c), 200);
	assert_string_equal(p.state, "open");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -EXIT_2026);
	assert_int_equal(stage_message(s, &c, "paid order %s op-1 216250 KZT %" PRId64, q.order,
				 s->now),
		503);
	assert_true(stage_logged(s, "payment.requote_failed"));
	assert_true(stage_logged(s, "gateway.money_not_booked"));
	/* The law is known at last. */
	fixture_replace(&s->fixture, "mrp.xml", "(the republican budget for 2026-2028)\"/>",
		"the budget\"/><mrp id=\"mrp-2027\" value=\"4325\" purposes=\"benefit duty fine\" "
		"year=\"2027\" from=\"2027-01-01\" entered=\"2027-01-01\" act=\"budget-2026\" "
		"status=\"confirmed\" source=\"test\"/>");
	stage_crash(s);
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 86400);
	stage_look(s, &q);
	assert_string_equal(q.state, "paid");
}

static void without_a_tariff_money_for_an_order_that_ended_is_kept(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char operation[32];

	stage_create(s, "a", "visa.exit", "kassa", &p);
	bank_find(&s->bank, p.order)->state = BANK_EXPIRED;
	assert_int_equal(stage_message(s, &c, "expired order %s", p.order), 200);
	stage_sleep(s, 7200);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "expired");
	(void)bank_take(&s->bank, EXIT_2026, operation);
	/* Nobody asks about a final attempt: this is the last that is heard of the money. */
	assert_int_equal(stage_message(s, &c, "paid order %s %s 216250 KZT %" PRId64, p.order,
				 operation, s->now),
		200);
	assert_memory_equal(c.body, "booked ", 7);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "captured");
	assert_string_equal(p.state, "open");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -EXIT_2026);
	assert_true(stage_logged(s, "suspense.booked"));
	assert_false(stage_logged(s, "gateway.money_not_booked"));
}

/* ---- dollars in tenge ---- */

static void take_rates(struct stage *s, const char *day, const char *rate)
{
	struct stage_call c;
	char body[256];

	(void)snprintf(body, sizeof(body),
		"{\"feed\":\"<rates><date>%s</date><item><title>USD</title><description>%s"
		"</description><quant>1</quant></item></rates>\",\"reason\":\"test\"}",
		day, rate);
	stage_begin(s, &c, CALL_SOCKET, "POST", "/v1/rates", body);
	c.call.roles = CALL_ROLE_OPERATOR;
	engine_call(s->engine, &c.call);
	stage_run(s);
	assert_int_equal(c.status, 201);
}

/* 499 dollars at 473.59 on 2 March, at 474 on 3 March; of 4 March no rate is known. */
static void dollars_cost_what_the_day_they_are_paid_on_says(void **state)
{
	static const char in_tenge[] = "eresidency\",\"currency\":\"KZT";
	struct stage *s = *state;
	struct stage_payment first;
	struct stage_payment second;
	struct stage_payment third;
	struct stage_call c;
	int64_t now = s->now;

	take_rates(s, "02.03.2026", "473.59");
	take_rates(s, "03.03.2026", "474");
	stage_create(s, "a", in_tenge, NULL, &first);
	stage_create(s, "b", in_tenge, NULL, &second);
	stage_create(s, "c", in_tenge, NULL, &third);
	assert_int_equal(stage_message(s, &c, "check code %s", first.code), 200);
	assert_string_equal(c.body, "payable 0 0 23632141 KZT eresidency");
	stage_sleep(s, INT64_C(14) * 3600 + 600); /* ten minutes after midnight */
	assert_int_equal(stage_message(s, &c, "check code %s", first.code), 200);
	assert_string_equal(c.body, "payable 0 0 23652600 KZT eresidency");
	assert_int_equal(pay_code(s, &first, 23652600, s->now, &c), 200);
	assert_string_equal(first.state, "paid");
	/* told after midnight of what was paid before it */
	assert_int_equal(pay_code(s, &second, 23632141, now + INT64_C(14) * 3600 - 60, &c), 200);
	assert_string_equal(second.state, "paid");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), 0);
	stage_sleep(s, 86400);
	assert_int_equal(stage_message(s, &c, "check code %s", third.code), 503);
	assert_int_equal(pay_code(s, &third, 23652600, s->now, &c), 200);
	assert_string_equal(third.state, "open");
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), -23652600);
	assert_true(stage_logged(s, "suspense.booked"));
	assert_int_equal(stage_balance(s, "fee:eresidency:unassigned", "KZT"), -47284741);
}

/* Ten minutes before midnight: the session is cut to the day whose rate the fee was converted by.
 */
static void a_session_ends_with_the_rate_it_was_quoted_by(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct payment_view view;
	struct err err = { 0 };
	const int64_t midnight = s->now + INT64_C(14) * 3600; /* it is ten in the morning */

	take_rates(s, "02.03.2026", "473.59");
	stage_sleep(s, INT64_C(14) * 3600 - 600);
	stage_create(s, "a", "eresidency\",\"currency\":\"KZT", "kassa", &p);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, p.number, READER_LATEST, &view, &err),
		READER_FOUND);
	assert_int_equal(view.attempts[0].expires_at, midnight);
	payment_view_done(&view);
}

/* ---- money that is held ---- */

static void held_money_is_taken_at_once(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.first = BANK_AUTHORIZED;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.captures, 1);
}

static void a_capture_that_never_left_is_tried_again(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	bank_find(&s->bank, p.order)->state = BANK_AUTHORIZED;
	assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 200);
	s->bank.fault = BANK_AWAY;
	stage_sleep(s, 5);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "pending");
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 600);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
}

static void held_money_nobody_wants_is_released(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char operation[32];

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	(void)bank_take(&s->bank, p.due, operation);
	assert_int_equal(stage_message(s, &c, "paid code %s %s %" PRId64 " KZT %" PRId64, p.code,
				 operation, p.due, s->now),
		200);
	bank_find(&s->bank, p.order)->state = BANK_AUTHORIZED;
	stage_sleep(s, 120);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_string_equal(p.attempt, "released");
	assert_int_equal(s->bank.releases, 1);
	assert_int_equal(s->bank.captures, 0);
}

static void a_hold_that_does_not_fit_is_given_up(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.first = BANK_AUTHORIZED;
	s->bank.hold = BANK_HOLD_MISFIT;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(s->bank.captures, 1);
	assert_int_equal(s->bank.releases, 1);
	assert_int_equal(bank_find(&s->bank, p.order)->state, BANK_DECLINED); /* nothing is held */
	assert_string_equal(p.attempt, "released");
	assert_string_equal(p.state, "open");
	assert_true(stage_logged(s, "gateway.capture_declined"));
	/* The payer may try again, somewhere else. */
	s->bank.hold = BANK_HOLD_FITS;
	assert_int_equal(stage_attempt(s, &p, "a-2", "kassa"), 201);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
}

static void a_hold_is_given_up_whatever_fails_on_the_way(void **state)
{
	static const enum bank_fault faults[] = { BANK_AWAY, BANK_LOSES_ORDER, BANK_LOSES_ANSWER,
		BANK_GARBAGE };
	struct stage *s = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		char key[8];
		struct stage_payment p;
		struct stage_call c;

		s->bank.hold = BANK_HOLD_MISFIT;
		(void)snprintf(key, sizeof(key), "a%zu", i);
		stage_create(s, key, "visa.multiple", "kassa", &p);
		bank_find(&s->bank, p.order)->state = BANK_AUTHORIZED;
		assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 200);
		s->bank.fault = faults[i];
		stage_sleep(s, 120);
		s->bank.fault = BANK_WELL;
		stage_sleep(s, 7200);
		stage_look(s, &p);
		assert_int_equal(bank_find(&s->bank, p.order)->state, BANK_DECLINED);
		assert_true(
			strcmp(p.attempt, "released") == 0 || strcmp(p.attempt, "declined") == 0);
		assert_string_equal(p.state, "open");
	}
}

static void a_hold_that_was_taken_without_us_is_booked(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.first = BANK_AUTHORIZED;
	s->bank.hold = BANK_HOLD_TAKEN;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(s->bank.captures, 1);
	assert_int_equal(s->bank.releases, 1);
	assert_string_equal(p.attempt, "unknown"); /* the bank declined both: that proves nothing */
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_int_equal(s->bank.status_requests, 1);
	assert_string_equal(p.attempt, "captured");
	assert_string_equal(p.state, "paid");
	stage_check(s);
}

static void a_hold_that_is_stuck_is_asked_about_less_and_less(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.first = BANK_AUTHORIZED;
	s->bank.hold = BANK_HOLD_STUCK;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	stage_sleep(s, 86400);
	stage_look(s, &p);
	assert_int_equal(s->bank.captures, 1);
	assert_in_range(s->bank.releases, 5, 8);
	assert_int_equal(stage_logged(s, "gateway.release_declined"), s->bank.releases);
	assert_string_equal(p.attempt, "unknown");
	assert_int_equal(stage_attempt(s, &p, "a-2", "kassa"), 409); /* it may still be taken */
	bank_find(&s->bank, p.order)->state = BANK_DECLINED;         /* it lapses */
	stage_sleep(s, 86400);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "declined");
	assert_string_equal(p.state, "open");
}

#define TEST(name)      cmocka_unit_test_setup_teardown(name, begin, end)
#define TEST_2025(name) cmocka_unit_test_setup_teardown(name, begin_2025, end)
#define TEST_END(name)  cmocka_unit_test_setup_teardown(name, begin_2026_end, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(money_after_a_cancellation_pays),
		TEST(money_after_the_end_pays),
		TEST(what_is_short_waits_for_the_rest),
		TEST(what_is_too_much_pays_and_the_excess_is_a_task),
		TEST(a_second_payment_is_a_task),
		TEST(money_for_an_unknown_code_is_kept),
		TEST(another_currency_is_kept_whole),
		TEST(what_can_be_refused_is_refused_and_not_booked),
		TEST_2025(a_check_after_the_turn_of_the_year_requotes),
		TEST_2025(the_day_the_payer_paid_decides),
		TEST_END(without_a_tariff_money_for_an_order_that_ended_is_kept),
		TEST_END(without_a_tariff_a_code_is_kept_and_an_order_waits),
		TEST(dollars_cost_what_the_day_they_are_paid_on_says),
		TEST(a_session_ends_with_the_rate_it_was_quoted_by),
		TEST(held_money_is_taken_at_once),
		TEST(a_capture_that_never_left_is_tried_again),
		TEST(held_money_nobody_wants_is_released),
		TEST(a_hold_that_does_not_fit_is_given_up),
		TEST(a_hold_is_given_up_whatever_fails_on_the_way),
		TEST(a_hold_that_was_taken_without_us_is_booked),
		TEST(a_hold_that_is_stuck_is_asked_about_less_and_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
