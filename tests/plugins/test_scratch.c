/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plugins/scratch.h"
#include "tests/alym_test.h"

static int begin(void **state)
{
	struct alym_scratch *scratch = mem_new(1, sizeof(*scratch));

	scratch->bytes = mem_new(ALYM_SCRATCH_SIZE, 1);
	*state = scratch;
	return 0;
}

static int end(void **state)
{
	struct alym_scratch *scratch = *state;

	free(scratch->bytes);
	free(scratch);
	return 0;
}

static void what_is_written_stands_side_by_side(void **state)
{
	struct alym_scratch *scratch = *state;
	struct text one = scratch_copy(scratch, TEXT("one"));
	struct text two = scratch_printf(scratch, "%d-%s", 2, "two");
	struct text none = scratch_copy(scratch, TEXT(""));
	struct text three = scratch_copy(scratch, TEXT("three"));

	assert_true(text_is(one, "one"));
	assert_true(text_is(two, "2-two"));
	assert_true(text_is(none, ""));
	assert_true(text_is(three, "three"));
	assert_ptr_equal(two.bytes, one.bytes + one.size);
	assert_ptr_equal(three.bytes, two.bytes + two.size);
	assert_int_equal(scratch->size, 13);
	assert_false(scratch_overflowed(scratch));
}

static void the_last_byte_can_be_reserved_and_the_next_can_not(void **state)
{
	struct alym_scratch *scratch = *state;

	assert_non_null(scratch_reserve(scratch, ALYM_SCRATCH_SIZE - 1));
	assert_ptr_equal(scratch_reserve(scratch, 1), scratch->bytes + ALYM_SCRATCH_SIZE - 1);
	assert_non_null(scratch_reserve(scratch, 0));
	assert_false(scratch_overflowed(scratch));
	assert_null(scratch_reserve(scratch, 1));
	assert_true(scratch_overflowed(scratch));
	assert_null(scratch_reserve(scratch, 0)); /* and it stays so */
}

static void a_size_that_would_wrap_does_not_fit(void **state)
{
	struct alym_scratch *scratch = *state;

	assert_non_null(scratch_reserve(scratch, 10));
	assert_null(scratch_reserve(scratch, SIZE_MAX - 5));
	assert_true(scratch_overflowed(scratch));
}

static void printing_needs_room_for_its_nul(void **state)
{
	struct alym_scratch *scratch = *state;

	assert_non_null(scratch_reserve(scratch, ALYM_SCRATCH_SIZE - 4));
	assert_true(text_is(scratch_printf(scratch, "%s", "abc"), "abc"));
	assert_false(scratch_overflowed(scratch));
	assert_true(text_is(scratch_printf(scratch, "%s", "d"), ""));
	assert_true(scratch_overflowed(scratch));
}

static void printing_into_a_full_scratch_says_so(void **state)
{
	struct alym_scratch *scratch = *state;

	assert_non_null(scratch_reserve(scratch, ALYM_SCRATCH_SIZE));
	assert_true(text_is(scratch_printf(scratch, "%s", ""), ""));
	assert_true(scratch_overflowed(scratch));
	assert_true(text_is(scratch_copy(scratch, TEXT("x")), ""));
}

static void a_buffer_is_taken_with_its_overflow(void **state)
{
	struct alym_scratch *scratch = *state;
	struct buffer b;

	buffer_init(&b, 5);
	buffer_add_string(&b, "12345");
	assert_true(text_is(scratch_take(scratch, &b), "12345"));
	assert_null(b.bytes);
	assert_false(scratch_overflowed(scratch));

	buffer_init(&b, 5);
	buffer_add_string(&b, "123456");
	assert_true(text_is(scratch_take(scratch, &b), ""));
	assert_true(scratch_overflowed(scratch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_stands_side_by_side, begin, end),
		cmocka_unit_test_setup_teardown(the_last_byte_can_be_reserved_and_the_next_can_not,
			begin, end),
		cmocka_unit_test_setup_teardown(a_size_that_would_wrap_does_not_fit, begin, end),
		cmocka_unit_test_setup_teardown(printing_needs_room_for_its_nul, begin, end),
		cmocka_unit_test_setup_teardown(printing_into_a_full_scratch_says_so, begin, end),
		cmocka_unit_test_setup_teardown(a_buffer_is_taken_with_its_overflow, begin, end),
	};

	return cmocka_run_group_tests_name("plugins/scratch", tests, NULL, NULL);
}
