/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Whether Linux was asked for huge pages there. */
static bool is_huge(const void *memory)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	uintptr_t at = (uintptr_t)memory;
	char line[512];
	bool here = false;
	bool huge = false;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		char *rest = NULL;
		uintptr_t first = (uintptr_t)strtoull(line, &rest, 16);

		if (*rest == '-') { /* "first-end ...": a mapping begins */
			here = at >= first && at < (uintptr_t)strtoull(rest + 1, NULL, 16);
		} else if (here && strncmp(line, "VmFlags:", 8) == 0) {
			huge = strstr(line, " hg") != NULL;
		}
	}
	assert_int_equal(fclose(maps), 0);
	return huge;
}

/* Zero, and ours to write. */
static void assert_fresh(unsigned char *memory, size_t size)
{
	size_t byte = 0;

	while (byte < size && memory[byte] == 0) {
		memory[byte++] = 1;
	}
	assert_int_equal(byte, size);
	free(memory);
}

static void what_is_vast_is_zero(void **state)
{
	(void)state;
	assert_fresh(mem_new_vast(1, 1), 1);
	assert_fresh(mem_new_vast(3, 4096), (size_t)3 * 4096);
	assert_fresh(mem_new_vast(1, (1 << 21) - 1), (1 << 21) - 1);
	assert_fresh(mem_new_vast(2, 1 << 21), 2 << 21);
	assert_fresh(mem_new_vast(9, 1 << 21), 9 << 21);
}

static void what_is_vast_lies_in_huge_pages(void **state)
{
	unsigned char *vast;
	unsigned char *usual;

	(void)state;
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
		skip();
	}
	vast = mem_new_vast(9, 1 << 21);
	usual = mem_new(9, 1 << 21);
	assert_true(is_huge(vast + (4 << 21)));
	assert_false(is_huge(usual + (4 << 21)));
	free(vast);
	free(usual);
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
		cmocka_unit_test(what_is_vast_is_zero),
		cmocka_unit_test(what_is_vast_lies_in_huge_pages),
		cmocka_unit_test(what_grows_keeps_its_contents),
		cmocka_unit_test(a_copy_of_nothing_can_be_freed),
		cmocka_unit_test(a_wiped_secret_is_gone_and_nothing_else),
		cmocka_unit_test(any_bit_of_difference_is_seen),
	};

	return cmocka_run_group_tests_name("base/mem", tests, NULL, NULL);
}
