/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ledger/keytable.h"
#include "tests/alym_test.h"

/* Spread as a hash would: by the finaliser of splitmix64. */
static struct keyset_key key_of(uint64_t i)
{
	struct keyset_key key = { { 0 } };

	for (size_t part = 0; part < 2; part++) {
		uint64_t x = 2 * i + part + UINT64_C(0x9E3779B97F4A7C15);

		x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
		x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
		x ^= x >> 31;
		memcpy(key.bytes + 8 * part, &x, sizeof(x));
	}
	return key;
}

/* Every key is there, in ascending order and once. */
static void assert_walks(const struct keytable *table, size_t count)
{
	struct keyset_key last = { { 0 } };
	struct keyset_key key;
	size_t cursor = 0;
	size_t walked = 0;
	int64_t value;

	while (keytable_next(table, &cursor, &key, &value)) {
		assert_true(walked == 0 || memcmp(last.bytes, key.bytes, KEYSET_KEY_SIZE) < 0);
		last = key;
		walked++;
	}
	assert_int_equal(walked, count);
	assert_int_equal(keytable_count(table), count);
	assert_false(keytable_next(table, &cursor, &key, &value));
}

static void what_was_put_is_found_and_walked_in_order(void **state)
{
	static const size_t rooms[] = { 0, 1, 100, 3000, 10000 };

	(void)state;
	for (size_t r = 0; r < COUNT(rooms); r++) {
		struct keytable *table = keytable_new(rooms[r]);

		assert_walks(table, 0);
		for (uint64_t i = 0; i < 3000; i++) {
			struct keyset_key key = key_of(i);

			keytable_put(table, &key, (int64_t)i);
		}
		for (uint64_t i = 0; i < 6000; i++) {
			struct keyset_key key = key_of(i);
			int64_t value = -77;

			assert_int_equal(keytable_find(table, &key, &value), i < 3000);
			assert_int_equal(value, i < 3000 ? (int64_t)i : -77);
		}
		assert_walks(table, 3000);
		keytable_free(&table);
		assert_null(table);
		keytable_free(&table); /* NULL is fine */
	}
}

static void the_latest_value_wins(void **state)
{
	struct keytable *table = keytable_new(10);
	struct keyset_key key = key_of(1);
	int64_t value = 0;

	(void)state;
	keytable_put(table, &key, 0);
	keytable_put(table, &key, INT64_MAX - 1);
	assert_true(keytable_find(table, &key, &value));
	assert_true(value == INT64_MAX - 1);
	assert_walks(table, 1);
	keytable_free(&table);
}

/* Keys that all have one home, at either end of the table or in its middle. */
static void keys_that_crowd_are_found_all_the_same(void **state)
{
	static const uint8_t firsts[] = { 0x00, 0x7F, 0xFF };

	(void)state;
	for (size_t f = 0; f < COUNT(firsts); f++) {
		struct keytable *table = keytable_new(4);
		struct keyset_key key;
		int64_t value = 0;

		memset(key.bytes, firsts[f], KEYSET_KEY_SIZE);
		for (int64_t i = 0; i < 2000; i++) {
			key.bytes[14] = (uint8_t)(i * 7 % 2000 >> 8);
			key.bytes[15] = (uint8_t)(i * 7 % 2000 & 0xFF);
			keytable_put(table, &key, i * 7 % 2000);
		}
		for (int64_t i = 0; i < 2000; i++) {
			key.bytes[14] = (uint8_t)(i >> 8);
			key.bytes[15] = (uint8_t)(i & 0xFF);
			assert_true(keytable_find(table, &key, &value));
			assert_int_equal(value, i);
		}
		assert_walks(table, 2000);
		keytable_free(&table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_and_walked_in_order),
		cmocka_unit_test(the_latest_value_wins),
		cmocka_unit_test(keys_that_crowd_are_found_all_the_same),
	};

	return cmocka_run_group_tests_name("ledger/keytable", tests, NULL, NULL);
}
