/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/breaker.h"
#include "tests/alym_test.h"

static const int64_t now = 1000000;

static void fail_so_often(struct breaker *b, int count)
{
	for (int i = 0; i < count; i++) {
		(void)breaker_fail(b, now);
	}
}

static void failures_in_a_row_open_it(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	for (int i = 1; i < BREAKER_FAILURES_MAX; i++) {
		assert_false(breaker_fail(&b, now));
		assert_int_equal(breaker_state(&b, now), BREAKER_CLOSED);
	}
	assert_true(breaker_fail(&b, now));
	assert_int_equal(breaker_state(&b, now), BREAKER_OPEN);
}

static void a_success_between_them_begins_the_row_anew(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	fail_so_often(&b, BREAKER_FAILURES_MAX - 1);
	assert_false(breaker_succeed(&b)); /* it was not open */
	fail_so_often(&b, BREAKER_FAILURES_MAX - 1);
	assert_int_equal(breaker_state(&b, now), BREAKER_CLOSED);
}

static void it_rests_and_then_one_order_tries(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	fail_so_often(&b, BREAKER_FAILURES_MAX);
	assert_int_equal(breaker_state(&b, now + 29999), BREAKER_OPEN);
	assert_int_equal(breaker_state(&b, now + 30000), BREAKER_HALF_OPEN);
	breaker_send(&b, now + 30000);
	assert_int_equal(breaker_state(&b, now + 30000), BREAKER_OPEN);
	assert_int_equal(breaker_state(&b, now + 59999), BREAKER_OPEN);
	/* Nobody ever heard what came of that one: another may try. */
	assert_int_equal(breaker_state(&b, now + 60000), BREAKER_HALF_OPEN);
	assert_true(breaker_succeed(&b));
	assert_int_equal(breaker_state(&b, now + 60000), BREAKER_CLOSED);
	fail_so_often(&b, BREAKER_FAILURES_MAX - 1);
	assert_int_equal(breaker_state(&b, now + 60000), BREAKER_CLOSED);
}

static void each_try_that_fails_makes_the_rest_longer(void **state)
{
	static const int64_t rests[] = { 60000, 120000, 240000, 480000, 480000 };
	struct breaker b = { 0 };
	int64_t at = now + 30000;

	(void)state;
	fail_so_often(&b, BREAKER_FAILURES_MAX);
	for (size_t i = 0; i < COUNT(rests); i++) {
		assert_int_equal(breaker_state(&b, at), BREAKER_HALF_OPEN);
		breaker_send(&b, at);
		assert_false(breaker_fail(&b, at)); /* it was open before */
		assert_int_equal(breaker_state(&b, at + rests[i] - 1), BREAKER_OPEN);
		at += rests[i];
	}
}

static void an_order_on_its_way_does_not_move_a_closed_one(void **state)
{
	struct breaker b = { 0 };

	(void)state;
	fail_so_often(&b, BREAKER_FAILURES_MAX - 1);
	breaker_send(&b, now);
	assert_int_equal(breaker_state(&b, now), BREAKER_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_open_it),
		cmocka_unit_test(a_success_between_them_begins_the_row_anew),
		cmocka_unit_test(it_rests_and_then_one_order_tries),
		cmocka_unit_test(each_try_that_fails_makes_the_rest_longer),
		cmocka_unit_test(an_order_on_its_way_does_not_move_a_closed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
