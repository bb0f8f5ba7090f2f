/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/schedule.h"
#include "tests/alym_test.h"

enum { MANY = 5000 };

/* A permutation of 0..MANY-1: MANY and the factor have no common divisor. */
static int64_t shuffled(int64_t i)
{
	return i * 2741 % MANY;
}

static void what_is_due_first_comes_first(void **state)
{
	struct schedule *s = schedule_new();

	(void)state;
	assert_null(schedule_first(s));
	for (int64_t i = 0; i < MANY; i++) {
		(void)schedule_add(s, 17 + shuffled(i), 1000 + shuffled(i) / 2, false);
	}
	for (int64_t i = 0; i < MANY; i++) {
		struct schedule_entry *entry = schedule_first(s);

		assert_int_equal(entry->attempt, 17 + i);
		assert_int_equal(entry->due, 1000 + i / 2);
		schedule_take(s, entry);
		assert_ptr_equal(schedule_find(s, 17 + i), entry);
		schedule_drop(s, entry);
		assert_null(schedule_find(s, 17 + i));
	}
	assert_null(schedule_first(s));
	schedule_free(&s);
	assert_null(s);
}

static void a_taken_entry_comes_back_when_it_is_put(void **state)
{
	struct schedule *s = schedule_new();
	struct schedule_entry *a = schedule_add(s, 1, 10, false);
	struct schedule_entry *b = schedule_add(s, 2, 20, false);

	(void)state;
	schedule_take(s, a);
	assert_ptr_equal(schedule_first(s), b);
	schedule_put(s, a, 30);
	assert_ptr_equal(schedule_first(s), b);
	schedule_put(s, a, 5); /* sooner than was planned */
	assert_ptr_equal(schedule_first(s), a);
	schedule_put(s, a, 50); /* later */
	assert_ptr_equal(schedule_first(s), b);
	schedule_drop(s, b);
	assert_ptr_equal(schedule_first(s), a);
	schedule_free(&s);
}

static void entries_are_found_whatever_was_dropped(void **state)
{
	struct schedule *s = schedule_new();

	(void)state;
	for (int64_t i = 0; i < MANY; i++) {
		(void)schedule_add(s, shuffled(i) * 16 + 1, i, false);
	}
	for (int64_t i = 0; i < MANY; i += 3) {
		schedule_drop(s, schedule_find(s, shuffled(i) * 16 + 1));
	}
	for (int64_t i = 0; i < MANY; i++) {
		const struct schedule_entry *entry = schedule_find(s, shuffled(i) * 16 + 1);

		assert_int_equal(entry == NULL, i % 3 == 0);
		assert_true(entry == NULL || entry->due == i);
	}
	schedule_free(&s);
}

static void an_order_goes_before_every_question(void **state)
{
	struct schedule *s = schedule_new();
	struct schedule_entry *entry;

	(void)state;
	(void)schedule_add(s, 1, 10, false);
	entry = schedule_add(s, 2, 90, true);
	(void)schedule_add(s, 3, 5, false);
	assert_ptr_equal(schedule_first(s), entry);
	schedule_take(s, entry);
	entry->send = false;
	schedule_put(s, entry, 90);
	assert_int_equal(schedule_first(s)->attempt, 3);
	schedule_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_first_comes_first),
		cmocka_unit_test(a_taken_entry_comes_back_when_it_is_put),
		cmocka_unit_test(an_order_goes_before_every_question),
		cmocka_unit_test(entries_are_found_whatever_was_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
