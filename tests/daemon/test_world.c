/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "daemon/world.h"
#include "tests/alym_test.h"

enum { SALT_SIZE = 32, SALTS = 10000 };

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, SALT_SIZE);
}

/* However many are asked for at a time, nobody gets what another was given. */
static void random_bytes_are_given_once(void **state)
{
	static uint8_t salts[SALTS][SALT_SIZE];
	static const size_t sizes[] = { 1, SALT_SIZE, 33, 4095, 4096, 10000 };
	struct world world = { 0 };
	struct ports ports;
	uint8_t *at = salts[0];
	size_t left = sizeof(salts);

	(void)state;
	world_fill(&world, &ports);
	for (size_t i = 0; left > 0; i++) {
		size_t size = sizes[i % COUNT(sizes)] < left ? sizes[i % COUNT(sizes)] : left;

		ports.random(ports.world, at, size);
		at += size;
		left -= size;
	}
	qsort(salts, SALTS, SALT_SIZE, by_bytes);
	for (size_t i = 1; i < SALTS; i++) {
		assert_true(memcmp(salts[i - 1], salts[i], SALT_SIZE) < 0);
	}
}

static void what_was_given_is_not_kept(void **state)
{
	static const uint8_t nothing[SALT_SIZE] = { 0 };
	struct world world = { 0 };
	struct ports ports;
	uint8_t salt[SALT_SIZE] = { 0 };

	(void)state;
	world_fill(&world, &ports);
	ports.random(ports.world, salt, sizeof(salt));
	assert_memory_not_equal(salt, nothing, sizeof(salt));
	assert_memory_equal(world.random, nothing, sizeof(salt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_are_given_once),
		cmocka_unit_test(what_was_given_is_not_kept),
	};

	return cmocka_run_group_tests_name("daemon/world", tests, NULL, NULL);
}
