/* SPDX-License-Identifier: Apache-2.0 */

/* What is not final is asked about on schedule, whatever happens to the daemon meanwhile. */
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { DAY_S = 86400, CROWD = 80 };

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_check(s);
	stage_free(&s);
	return 0;
}

/* Nothing is asked for so long and less a second, and then once. */
static void is_asked_after(struct stage *s, int64_t seconds)
{
	int asked = s->bank.status_requests;

	stage_sleep(s, seconds - 1);
	assert_int_equal(s->bank.status_requests, asked);
	stage_sleep(s, 1);
	assert_int_equal(s->bank.status_requests, asked + 1);
}

static void restart(struct stage *s)
{
	stage_crash(s);
	stage_run(s);
}

static void the_unknown_is_asked_about_on_schedule_across_restarts(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_LOSES_ANSWER;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "unknown");
	restart(s);
	is_asked_after(s, 60);
	is_asked_after(s, 300);
	stage_sleep(s, 400);
	restart(s);
	is_asked_after(s, 500); /* of its 900 */
	restart(s);
	is_asked_after(s, 3600);
	restart(s);
	is_asked_after(s, 21600);
	is_asked_after(s, DAY_S);
	restart(s);
	is_asked_after(s, DAY_S);
	s->bank.fault = BANK_WELL;
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	is_asked_after(s, DAY_S);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	stage_sleep(s, INT64_C(3) * DAY_S); /* it is final: nobody asks any more */
	assert_int_equal(s->bank.status_requests, 8);
}

static void the_pending_is_asked_about_on_schedule_across_restarts(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "pending");
	is_asked_after(s, 60);
	restart(s);
	is_asked_after(s, 300);
	restart(s);
	is_asked_after(s, 900);
	bank_find(&s->bank, p.order)->state = BANK_EXPIRED;
	restart(s);
	is_asked_after(s, 3600);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "expired");
}

static void what_became_due_while_nobody_ran_is_asked_about_at_once(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	s->now += INT64_C(3) * DAY_S;
	restart(s);
	assert_int_equal(s->bank.status_requests, 1);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
}

/* A day passes, with a restart in it, and every one that is not final was asked about. */
static void all_that_is_not_final_is_asked_about_every_day(void **state)
{
	struct stage *s = *state;
	int asked;

	for (int i = 0; i < CROWD; i++) {
		struct stage_payment p;
		char key[16];

		s->bank.fault = i % 2 == 0 ? BANK_WELL : BANK_LOSES_ANSWER;
		(void)snprintf(key, sizeof(key), "a-%d", i);
		stage_create(s, key, "visa.exit", i % 3 == 0 ? "other" : "kassa", &p);
		assert_string_equal(p.attempt, i % 2 == 0 ? "pending" : "unknown");
	}
	s->bank.fault = BANK_LOSES_ANSWER; /* so that it stays like that */
	stage_sleep(s, INT64_C(3) * DAY_S);
	for (int day = 0; day < 2; day++) {
		asked = s->bank.status_requests;
		stage_sleep(s, DAY_S / 2);
		restart(s);
		stage_sleep(s, DAY_S / 2);
		assert_int_equal(s->bank.status_requests - asked, CROWD);
	}
	for (size_t i = 0; i < s->bank.order_count; i++) {
		bank_pay(&s->bank, &s->bank.orders[i]);
	}
	s->bank.fault = BANK_WELL;
	stage_sleep(s, DAY_S);
	assert_int_equal(engine_counts(s->engine)->captures, CROWD);
}

/* ---- what is held ---- */

/* The payer's money is held, and what is told about it is lost as the test says. */
static void hold(struct stage *s, struct stage_payment *p, enum bank_fault fault)
{
	s->bank.first = BANK_AUTHORIZED;
	s->bank.fault = fault;
	s->bank.fault_what = "capture";
	stage_create(s, "a", "visa.multiple", "kassa", p);
}

static void a_capture_whose_answer_is_lost_is_begun_again(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	hold(s, &p, BANK_LOSES_ORDER);
	assert_string_equal(p.attempt, "unknown");
	assert_int_equal(s->bank.captures, 0); /* it was lost on the way */
	stage_sleep(s, 60); /* the status says it is still held: captured again, and so it says */
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.captures, 1);
	assert_int_equal(s->bank.captures_again, 1);
	assert_int_equal(s->bank.status_requests, 1);
}

static void a_capture_that_certainly_never_left_is_begun_for_the_first_time(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	hold(s, &p, BANK_AWAY);
	assert_string_equal(p.attempt, "authorized");
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 300);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.captures, 1);
	assert_int_equal(s->bank.captures_again, 0);
}

static void after_a_restart_nobody_knows_whether_a_capture_was_begun(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	hold(s, &p, BANK_AWAY);
	assert_string_equal(p.attempt, "authorized");
	s->bank.fault = BANK_WELL;
	restart(s);
	stage_sleep(s, 300);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.captures_again, 1);
}

static void a_capture_that_was_made_and_not_heard_of_is_booked_once(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	hold(s, &p, BANK_LOSES_ANSWER);
	assert_string_equal(p.attempt, "unknown");
	restart(s);
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.captures, 1);
}

/* The bank's rules say how long it holds; it says when that is over. */
static void a_hold_that_lapses_ends_the_attempt_and_another_may_begin(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	hold(s, &p, BANK_LOSES_ORDER);
	assert_int_equal(stage_attempt(s, &p, "a-2", "other"), 409);
	bank_find(&s->bank, p.order)->state = BANK_EXPIRED;
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "expired");
	assert_string_equal(p.state, "open");
	assert_int_equal(s->bank.captures, 0);
	s->bank.fault = BANK_WELL;
	assert_int_equal(stage_attempt(s, &p, "a-3", "other"), 201);
	assert_string_equal(p.state, "paid");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_unknown_is_asked_about_on_schedule_across_restarts),
		TEST(the_pending_is_asked_about_on_schedule_across_restarts),
		TEST(what_became_due_while_nobody_ran_is_asked_about_at_once),
		TEST(all_that_is_not_final_is_asked_about_every_day),
		TEST(a_capture_whose_answer_is_lost_is_begun_again),
		TEST(a_capture_that_certainly_never_left_is_begun_for_the_first_time),
		TEST(after_a_restart_nobody_knows_whether_a_capture_was_begun),
		TEST(a_capture_that_was_made_and_not_heard_of_is_booked_once),
		TEST(a_hold_that_lapses_ends_the_attempt_and_another_may_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
