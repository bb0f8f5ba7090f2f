/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
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

static enum quote_result ask(struct shop *shop, const char *service, int64_t quantity,
	const char *date, struct quoted **quoted)
{
	struct quote_basis basis = fixture_basis(shop->tariff, fixture_day(date));
	struct quote_request request = fixture_request(service);
	struct quote_refusal refusal = { 0 };

	request.quantity = quantity;
	return quotes_make(shop->quotes, &basis, &request, quoted, &refusal);
}

static struct quoted *make(struct shop *shop, const char *service, int64_t quantity,
	const char *date)
{
	struct quoted *quoted = NULL;
	enum quote_result result = ask(shop, service, quantity, date, &quoted);

	assert_int_equal(result == QUOTE_DONE, quoted != NULL);
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
	assert_int_equal(held->part_count, 1);
	assert_ptr_not_equal(held, again);
	assert_true(text_equal(held->parts[0], again->parts[0]));
	quotes_drop(shop->quotes, &held);
	quotes_drop(shop->quotes, &again);
}

/* The quote itself, as the tariff writes it; the caller frees. */
static struct buffer written(struct shop *shop, const struct quote_request *request, int32_t day)
{
	struct quote_basis basis = fixture_basis(shop->tariff, day);
	struct quote_refusal refusal = { 0 };
	struct buffer out;
	struct json_writer w;
	struct quote quote;

	assert_int_equal(quote_compute(&basis, request, &quote, &refusal), QUOTE_DONE);
	buffer_init(&out, 1 << 20);
	json_writer_init(&w, &out);
	quote_write(&basis, request, &quote, &w, NULL);
	return out;
}

/* Made, and byte for byte what the tariff writes; to be dropped. */
static struct quoted *made(struct shop *shop, const struct quote_request *request, const char *date)
{
	struct quote_basis basis = fixture_basis(shop->tariff, fixture_day(date));
	struct quote_refusal refusal = { 0 };
	struct quoted *quoted = NULL;
	struct buffer expected;
	struct buffer bytes;
	uint8_t digest[SHA256_DIGEST_LENGTH];

	expected = written(shop, request, basis.day);
	assert_int_equal(quotes_make(shop->quotes, &basis, request, &quoted, &refusal), QUOTE_DONE);
	buffer_init(&bytes, 1 << 20);
	quotes_write(quoted, &bytes);
	assert_true(text_equal(buffer_text(&bytes), buffer_text(&expected)));
	assert_int_equal(quoted->size, expected.size);
	buffer_done(&bytes);
	(void)SHA256((const uint8_t *)expected.bytes, expected.size, digest);
	assert_memory_equal(quoted->digest, digest, sizeof(digest));
	buffer_done(&expected);
	return quoted;
}

/* Documents end in what JSON escapes, in what a mark is spelt with, in letters of all sizes. */
static void every_document_and_applicant_gets_the_bytes_of_the_law(void **state)
{
	static const char *const services[] = { "invitation", "visa.exit", "visa.entry-exit",
		"visa.multiple" };
	static const char *const documents[] = { "", "a", "No \"7\"", "\\u000e", "u000e\\", "\\\\",
		"\xD0\x90\xE2\x82\xB8\xF0\x9F\x98\x80", "MFA note 11-5/123" };
	static const char *const grounds[] = { "investor", "child-under-16", "mutual-waiver",
		"ethnic-kazakh", "official-error", "humanitarian-aid", "state-invitation" };
	static const char *const countries[] = { "", "IN", "DE", "MN" };
	static const char *const births[] = { NULL, "1990-04-01", "2015-04-01" };

	for (unsigned i = 0; i < 2000; i++) {
		struct quote_request request = fixture_request(services[i % COUNT(services)]);
		struct quoted *quoted;

		request.nationality = text_of(countries[i % COUNT(countries)]);
		request.birth_date =
			i % 3 == 0 ? DATE_NONE : fixture_day(births[i % COUNT(births)]);
		request.claim_count = i / 7 % 4;
		for (size_t k = 0; k < request.claim_count; k++) {
			request.claims[k].ground = text_of(grounds[(i + k) % COUNT(grounds)]);
			request.claims[k].document =
				text_of(documents[(i / 5 + 3 * k) % COUNT(documents)]);
		}
		quoted = made(*state, &request, i % 2 == 0 ? "2026-03-02" : "2025-03-02");
		quotes_drop(((struct shop *)*state)->quotes, &quoted);
	}
}

static void who_is_not_looked_at_makes_no_other_quote(void **state)
{
	struct shop *shop = *state;
	struct quote_request first = fixture_request("visa.exit");
	struct quote_request second = fixture_request("visa.exit");
	struct quoted *one;
	struct quoted *two;

	first.nationality = TEXT("IN");
	first.birth_date = fixture_day("1990-04-01");
	one = made(shop, &first, "2026-03-02");
	two = made(shop, &second, "2026-03-02");
	assert_ptr_equal(one, two);
	quotes_drop(shop->quotes, &one);
	quotes_drop(shop->quotes, &two);
	first.claim_count = 1;
	first.claims[0] =
		(struct quote_claim){ TEXT("child-under-16"), TEXT("a birth certificate") };
	second = first;
	second.nationality = TEXT("DE"); /* the refusal names it */
	one = made(shop, &first, "2026-03-02");
	two = made(shop, &second, "2026-03-02");
	assert_ptr_not_equal(one->form, two->form);
	assert_memory_not_equal(one->digest, two->digest, sizeof(one->digest));
	quotes_drop(shop->quotes, &one);
	quotes_drop(shop->quotes, &two);
}

/* NULL, or the shop when something was wrong: only the thread that runs the test may assert. */
static void *hammer(void *argument)
{
	struct shop *shop = argument;
	bool right = true;

	for (int i = 0; i < 3000 && right; i++) {
		int64_t quantity = 1 + i % 97;
		struct quoted *quoted = NULL;
		struct quoted *found = NULL;

		right = ask(shop, "visa.exit", quantity, "2026-03-02", &quoted) == QUOTE_DONE &&
			quoted->quote.due.minor == 216250 * quantity;
		if (right) {
			found = quotes_find(shop->quotes, quoted->digest);
		}
		quotes_drop(shop->quotes, &quoted);
		quotes_drop(shop->quotes, &found);
	}
	return right ? NULL : shop;
}

/* What is found still stands when its form has fallen out, and whoever made it is gone. */
static void what_is_found_outlives_its_form(void **state)
{
	struct shop *shop = *state;
	struct quote_request request = fixture_request("visa.exit");
	struct quoted *quoted;
	struct quoted *found;
	uint8_t digest[JOB_DIGEST_SIZE];
	uint8_t now[SHA256_DIGEST_LENGTH];
	struct buffer bytes;

	request.claim_count = 1;
	request.claims[0] = (struct quote_claim){ TEXT("investor"), TEXT("MFA note 11-5/123") };
	quoted = made(shop, &request, "2026-03-02");
	memcpy(digest, quoted->digest, sizeof(digest));
	quotes_drop(shop->quotes, &quoted);
	found = quotes_find(shop->quotes, digest);
	assert_non_null(found);
	quotes_free(&shop->quotes);
	shop->quotes = quotes_new();
	buffer_init(&bytes, 1 << 20);
	quotes_write(found, &bytes);
	(void)SHA256((const uint8_t *)bytes.bytes, bytes.size, now);
	assert_memory_equal(now, digest, sizeof(digest));
	buffer_done(&bytes);
	quotes_drop(shop->quotes, &found);
}

static void threads_share_it(void **state)
{
	pthread_t threads[3];

	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, *state), 0);
	}
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *wrong;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
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
		TEST(every_document_and_applicant_gets_the_bytes_of_the_law),
		TEST(who_is_not_looked_at_makes_no_other_quote),
		TEST(what_is_found_outlives_its_form),
		TEST(threads_share_it),
	};

	return cmocka_run_group_tests_name("daemon/quotes", tests, NULL, NULL);
}
