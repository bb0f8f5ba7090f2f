/* SPDX-License-Identifier: Apache-2.0 */

/* So many a second and no more, whoever else comes, and in memory that does not grow. */
#include <string.h>

#include "daemon/bucket.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { START_MS = 5, SEED = 7 };

static int taken(struct bucket *bucket, int64_t per_second, int64_t now_ms, int tries)
{
	int count = 0;

	for (int i = 0; i < tries; i++) {
		count += bucket_take(bucket, per_second, now_ms) ? 1 : 0;
	}
	return count;
}

static bool table_takes(struct bucket_table *table, const char *address, int64_t now_ms)
{
	uint8_t bytes[NETWORK_ADDRESS_SIZE];

	network_read_address(text_of(address), bytes);
	return bucket_table_take(table, bytes, 1, now_ms);
}

static void a_burst_is_taken_and_then_the_rate(void **state)
{
	static const int64_t rates[] = { 1, 3, 500, 999, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct bucket bucket = { 0 };
		int burst = (int)rates[i] * BUCKET_BURST_S;

		assert_int_equal(taken(&bucket, rates[i], START_MS, burst + 10), burst);
		for (int second = 1; second <= 3; second++) {
			int64_t now_ms = START_MS + second * INT64_C(1000);

			assert_int_equal(taken(&bucket, rates[i], now_ms, burst + 10), rates[i]);
		}
	}
}

static void millisecond_by_millisecond_it_is_the_rate_too(void **state)
{
	struct bucket bucket = { 0 };
	int count = taken(&bucket, 7, START_MS, 100);

	(void)state;
	for (int64_t ms = 1; ms <= 10000; ms++) {
		count += taken(&bucket, 7, START_MS + ms, 2);
	}
	assert_int_equal(count, 7 * (10 + BUCKET_BURST_S));
}

static void after_a_rest_there_is_one_burst_and_not_two(void **state)
{
	struct bucket bucket = { 0 };

	(void)state;
	assert_int_equal(taken(&bucket, 5, START_MS, 100), 5 * BUCKET_BURST_S);
	assert_int_equal(taken(&bucket, 5, INT64_MAX / 2, 100), 5 * BUCKET_BURST_S);
	assert_int_equal(taken(&bucket, BUCKET_PER_SECOND_MAX, INT64_MAX - 1, 100), 100);
}

static void no_limit_takes_all(void **state)
{
	struct bucket bucket = { 0 };

	(void)state;
	assert_int_equal(taken(&bucket, 0, START_MS, 10000), 10000);
}

static void addresses_do_not_pay_for_each_other(void **state)
{
	struct bucket_table *table = bucket_table_new(SEED);

	(void)state;
	for (int i = 0; i < BUCKET_BURST_S; i++) {
		assert_true(table_takes(table, "192.0.2.1", START_MS));
	}
	assert_false(table_takes(table, "192.0.2.1", START_MS));
	assert_false(table_takes(table, "::ffff:192.0.2.1", START_MS));
	assert_true(table_takes(table, "192.0.2.2", START_MS));
	assert_true(table_takes(table, "192.0.2.1", START_MS + 1000));
	assert_false(table_takes(table, "192.0.2.1", START_MS + 1000));
	bucket_table_free(&table);
}

static void a_household_is_one_address(void **state)
{
	struct bucket_table *table = bucket_table_new(SEED);

	(void)state;
	assert_true(table_takes(table, "2001:db8:0:1::1", START_MS));
	assert_true(table_takes(table, "2001:db8:0:1:ffff::2", START_MS));
	assert_false(table_takes(table, "2001:db8:0:1:1:2:3:4", START_MS));
	assert_true(table_takes(table, "2001:db8:0:2::1", START_MS));
	bucket_table_free(&table);
}

static void what_is_no_address_shares_one_bucket(void **state)
{
	struct bucket_table *table = bucket_table_new(SEED);

	(void)state;
	assert_true(table_takes(table, "", START_MS));
	assert_true(table_takes(table, "nowhere", START_MS));
	assert_false(table_takes(table, "", START_MS));
	bucket_table_free(&table);
}

/* A million addresses that come once do not set one free that comes all the time. */
static void a_crowd_does_not_wash_away_who_comes_too_often(void **state)
{
	struct bucket_table *table = bucket_table_new(SEED);
	uint8_t busy[NETWORK_ADDRESS_SIZE] = { 0x20, 0x01 };
	uint8_t other[NETWORK_ADDRESS_SIZE] = { 0x20, 0x02 };
	int count = 0;

	(void)state;
	for (int32_t i = 0; i < 1000000; i++) {
		memcpy(other + 2, &i, sizeof(i));
		assert_true(bucket_table_take(table, other, 1, START_MS));
		count += bucket_table_take(table, busy, 1, START_MS) ? 1 : 0;
	}
	assert_int_equal(count, BUCKET_BURST_S);
	bucket_table_free(&table);
}

/* ---- at the engine's door ---- */

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

/* The bank comes again, so that nothing is lost but its patience. */
static void a_gateway_that_says_too_much_is_refused_and_nothing_is_kept(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	int64_t records = stage_records(s);
	int64_t kept;

	s->engine->settings.gateways[0].calls_per_second = 1;
	for (int i = 0; i < BUCKET_BURST_S; i++) {
		assert_int_equal(stage_message(s, &c, "open sesame"), 401);
	}
	kept = engine_counts(s->engine)->callbacks_refused;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(stage_message(s, &c, "register 1"), 429);
	}
	assert_string_equal(c.retry_after, "5");
	assert_non_null(strstr(c.body, "too_many_requests"));
	assert_int_equal(stage_records(s), records);
	assert_int_equal(engine_counts(s->engine)->callbacks_refused, kept + 100);
	assert_int_equal(engine_counts(s->engine)->limited, 100);
	stage_sleep(s, 1);
	assert_int_equal(stage_message(s, &c, "register 1"), 200);
	assert_int_equal(stage_message(s, &c, "register 2"), 429);
	assert_int_equal(stage_logged(s, "https.limited"), 1);
	stage_sleep(s, 60);
	assert_int_equal(stage_message(s, &c, "register 2"), 200);
}

/* Else anybody could keep the bank out. */
static void who_may_not_call_does_not_fill_the_bucket(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	struct engine_gateway *kassa = &s->engine->settings.gateways[0];

	kassa->calls_per_second = 1;
	kassa->allow_count = 1;
	kassa->allow[0] = (struct engine_network){ .bits = 128 };
	for (int i = 0; i < 10; i++) {
		assert_int_equal(stage_message(s, &c, "register 1"), 403);
	}
	kassa->allow_count = 0;
	assert_int_equal(stage_message(s, &c, "register 1"), 200);
}

static void an_address_that_comes_too_often_is_refused_everywhere(void **state)
{
	static const char *const paths[] = { "/callbacks/kassa", "/callbacks/other",
		"/v1/nothing" };
	struct stage *s = *state;
	struct stage_call c;

	s->engine->settings.peer_calls_per_second = 1;
	for (int i = 0; i < BUCKET_BURST_S; i++) {
		assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/nobody", ""), 404);
	}
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_int_equal(stage_call(s, &c, CALL_HTTPS, "POST", paths[i], "x"), 429);
		assert_string_equal(c.content_type, "application/problem+json");
		assert_string_equal(c.retry_after, "5");
	}
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/nobody", ""), 429);
	assert_string_equal(c.content_type, "text/html; charset=utf-8");
	assert_string_equal(c.retry_after, "5");
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/livez", ""), 200);
	assert_int_equal(engine_counts(s->engine)->limited, 4);
	assert_int_equal(stage_logged(s, "https.limited"), 1);
	stage_sleep(s, 60);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/nobody", ""), 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_taken_and_then_the_rate),
		cmocka_unit_test(millisecond_by_millisecond_it_is_the_rate_too),
		cmocka_unit_test(after_a_rest_there_is_one_burst_and_not_two),
		cmocka_unit_test(no_limit_takes_all),
		cmocka_unit_test(addresses_do_not_pay_for_each_other),
		cmocka_unit_test(a_household_is_one_address),
		cmocka_unit_test(what_is_no_address_shares_one_bucket),
		cmocka_unit_test(a_crowd_does_not_wash_away_who_comes_too_often),
		TEST(a_gateway_that_says_too_much_is_refused_and_nothing_is_kept),
		TEST(who_may_not_call_does_not_fill_the_bucket),
		TEST(an_address_that_comes_too_often_is_refused_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
