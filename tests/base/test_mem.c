/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/alym_test.h"

static void what_is_new_is_zero(void **state)
{
	unsigned char *memory = mem_new(100, 3);

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(memory[i], 0);
	}
	free(memory);
}

static void what_grows_keeps_its_contents(void **state)
{
	char *memory = mem_grow(NULL, 4, 1);

	(void)state;
	memcpy(memory, "abc", 4);
	memory = mem_grow(memory, 100000, 1);
	assert_string_equal(memory, "abc");
	free(memory);
}

static void a_copy_of_nothing_can_be_freed(void **state)
{
	char *copy = mem_copy("abc", 4);
	char *nothing = mem_copy(NULL, 0);

	(void)state;
	assert_string_equal(copy, "abc");
	assert_non_null(nothing);
	free(copy);
	free(nothing);
}

static void a_wiped_secret_is_gone_and_nothing_else(void **state)
{
	char secret[] = "[secret]";

	(void)state;
	mem_wipe(secret + 1, 6);
	assert_memory_equal(secret, "[\0\0\0\0\0\0]", sizeof(secret));
	mem_wipe(NULL, 0);
}

static void any_bit_of_difference_is_seen(void **state)
{
	unsigned char a[33];
	unsigned char b[33];

	(void)state;
	memset(a, 0x5A, sizeof(a));
	memset(b, 0x5A, sizeof(b));
	assert_true(mem_same(a, b, sizeof(a)));
	assert_true(mem_same(a, NULL, 0));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] = (unsigned char)(b[bit / 8] ^ (1U << (bit % 8)));
		assert_false(mem_same(a, b, sizeof(a)));
		assert_true(mem_same(a, b, bit / 8));
		b[bit / 8] = a[bit / 8];
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_is_zero),
		cmocka_unit_test(what_grows_keeps_its_contents),
		cmocka_unit_test(a_copy_of_nothing_can_be_freed),
		cmocka_unit_test(a_wiped_secret_is_gone_and_nothing_else),
		cmocka_unit_test(any_bit_of_difference_is_seen),
	};

	return cmocka_run_group_tests_name("base/mem", tests, NULL, NULL);
}
