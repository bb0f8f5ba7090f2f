/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/quotes.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

struct shop {
	struct fixture fixture;
	struct tariff *tariff;
	struct quotes *quotes;
};

static int begin(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));

	assert_non_null(shop);
	fixture_open(ALYM_TARIFF_DATA, &shop->fixture);
	shop->tariff = fixture_load(&shop->fixture, NULL);
	shop->quotes = quotes_new();
	*state = shop;
	return shop->tariff != NULL ? 0 : -1;
}

static int end(void **state)
{
	struct shop *shop = *state;

	quotes_free(&shop->quotes);
	tariff_free(&shop->tariff);
	fixture_close(&shop->fixture);
	free(shop);
	return 0;
}

static struct quoted *make(struct shop *shop, const char *service, int64_t quantity,
	const char *date)
{
	struct quotes_key key = { .tariff = shop->tariff, .version = QUOTE_VERSION };
	struct quote_request request = fixture_request(service);
	struct quote_refusal refusal = { 0 };
	struct quoted *quoted = NULL;
	struct buffer canonical;
	struct json_writer w;
	enum quote_result result;

	request.quantity = quantity;
	key.day = fixture_day(date);
	buffer_init(&canonical, QUOTE_REQUEST_SIZE_MAX);
	json_writer_init(&w, &canonical);
	quote_request_write(&request, &w, NULL);
	key.request = buffer_text(&canonical);
	result = quotes_make(shop->quotes, &key, &request, &quoted, &refusal);
	assert_int_equal(result == QUOTE_DONE, quoted != NULL);
	buffer_done(&canonical);
	return quoted;
}

static void the_same_question_has_the_same_quote(void **state)
{
	struct shop *shop = *state;
	struct quoted *first = make(shop, "visa.exit", 1, "2026-03-02");
	struct quoted *again = make(shop, "visa.exit", 1, "2026-03-02");
	struct quoted *other = make(shop, "visa.exit", 2, "2026-03-02");
	struct quoted *earlier = make(shop, "visa.exit", 1, "2025-03-02");

	assert_ptr_equal(first, again);
	assert_int_equal(first->quote.due.minor, 216250);
	assert_int_equal(other->quote.due.minor, 432500);
	assert_int_equal(earlier->quote.due.minor, 196600);
	quotes_drop(shop->quotes, &first);
	assert_null(first);
	assert_int_equal(again->quote.due.minor, 216250);
	quotes_drop(shop->quotes, &again);
	quotes_drop(shop->quotes, &other);
	quotes_drop(shop->quotes, &earlier);
	quotes_drop(shop->quotes, &earlier);
}

static void a_refusal_is_not_kept(void **state)
{
	struct shop *shop = *state;

	assert_null(make(shop, "visa.none", 1, "2026-03-02"));
	assert_null(make(shop, "visa.none", 1, "2026-03-02"));
	assert_null(make(shop, "visa.exit", 1, "2027-03-02"));
}

static void a_quote_is_found_by_the_hash_of_its_bytes(void **state)
{
	struct shop *shop = *state;
	struct quoted *first = make(shop, "visa.exit", 1, "2026-03-02");
	struct quoted *found;
	uint8_t digest[JOB_DIGEST_SIZE];

	if (first == NULL) {
		fail();
		return;
	}
	found = quotes_find(shop->quotes, first->digest);
	assert_ptr_equal(found, first);
	memcpy(digest, first->digest, sizeof(digest));
	digest[31] ^= 1;
	assert_null(quotes_find(shop->quotes, digest));
	quotes_drop(shop->quotes, &found);
	quotes_drop(shop->quotes, &first);
}

static void who_fell_out_is_made_again_with_the_same_bytes(void **state)
{
	struct shop *shop = *state;
	struct quoted *held = make(shop, "invitation", 7, "2026-03-02");
	struct quoted *again;

	for (int64_t i = 1; i <= QUOTE_QUANTITY_MAX; i++) {
		for (int k = 0; k < 5; k++) {
			static const char *const dates[] = { "2021-02-03", "2022-02-03",
				"2023-02-03", "2025-02-03", "2026-02-03" };
			struct quoted *quoted = make(shop, "visa.exit", i, dates[k]);

			quotes_drop(shop->quotes, &quoted);
		}
	}
	again = make(shop, "invitation", 7, "2026-03-02");
	assert_true(text_equal(held->bytes, again->bytes));
	quotes_drop(shop->quotes, &held);
	quotes_drop(shop->quotes, &again);
}

static void *hammer(void *argument)
{
	struct shop *shop = argument;

	for (int i = 0; i < 3000; i++) {
		struct quoted *quoted = make(shop, "visa.exit", 1 + i % 97, "2026-03-02");
		struct quoted *found = quotes_find(shop->quotes, quoted->digest);

		assert_int_equal(quoted->quote.due.minor, 216250 * (1 + i % 97));
		quotes_drop(shop->quotes, &quoted);
		quotes_drop(shop->quotes, &found);
	}
	return NULL;
}

static void threads_share_it(void **state)
{
	pthread_t threads[3];

	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, *state), 0);
	}
	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_question_has_the_same_quote),
		TEST(a_refusal_is_not_kept),
		TEST(a_quote_is_found_by_the_hash_of_its_bytes),
		TEST(who_fell_out_is_made_again_with_the_same_bytes),
		TEST(threads_share_it),
	};

	return cmocka_run_group_tests_name("daemon/quotes", tests, NULL, NULL);
}
