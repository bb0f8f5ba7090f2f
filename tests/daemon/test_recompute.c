/* SPDX-License-Identifier: Apache-2.0 */

/* Payments are calculated again by what the book has, and nothing that is remembered. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "daemon/api.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

enum { MULTIPLE_2025 = 11796000, MULTIPLE_2026 = 12975000, PAYMENTS = 5 };

#define QUOTE "\"quote\":{\"service\":\"visa.multiple\"}"
#define INVESTOR                                                                         \
	"\"quote\":{\"service\":\"visa.multiple\",\"claims\":[{\"ground\":\"investor\"," \
	"\"document\":\"MFA 11-5/123\"}]}"
#define ORDER "{\"gateway\":\"bank\",\"return_url\":\"https://visa.example/back\"}"
#define ALL   "/v1/payments/recompute"

static int begin(void **state)
{
	*state = world_new(WORLD_NOW);
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static void create(struct world *w, int number, const char *quote)
{
	char body[512];
	char key[16];

	(void)snprintf(body, sizeof(body), "{\"reference\":\"r%d\",%s}", number, quote);
	(void)snprintf(key, sizeof(key), "k%d", number);
	assert_int_equal(world_post(w, "/v1/payments", key, body), 201);
}

static int all(struct world *w, const char *target)
{
	return world_as(w, WORLD_AUDITOR, "nobody", target);
}

/* Of true and false world_text() and world_number() know nothing. */
static bool is_true(const struct world *w, const char *name)
{
	return json_is_true(json_object_get(w->last.json, name));
}

static void what_was_not_touched_is_the_same(void **state)
{
	struct world *w = *state;
	char quote[128];

	create(w, 1, INVESTOR);
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_string_equal(world_text(w, "id"), "p1-1");
	assert_true(is_true(w, "same"));
	assert_false(is_true(w, "erased"));
	assert_int_equal(world_count(w, "calculations"), 1);
	assert_int_equal(world_count(w, "calculations.0.differs"), 0);
	assert_string_equal(world_text(w, "calculations.0.day"), "2026-03-02");
	assert_int_equal(world_number(w, "calculations.0.version"), QUOTE_VERSION);
	assert_int_equal(world_number(w, "calculations.0.stored.due.amount"), 0);
	assert_int_equal(world_number(w, "calculations.0.derived.due.amount"), 0);
	assert_int_equal(world_number(w, "calculations.0.derived.gross.amount"), MULTIPLE_2026);
	assert_string_equal(world_text(w, "calculations.0.derived.ground"), "investor");
	(void)snprintf(quote, sizeof(quote), "%s", world_text(w, "calculations.0.stored.quote"));
	assert_memory_equal(quote, "sha256:", 7);
	assert_string_equal(world_text(w, "calculations.0.derived.quote"), quote);
}

static void each_calculation_of_a_payment_is_made_again(void **state)
{
	struct world *w = *state;

	assert_true(date_time_parse(TEXT("2025-12-31T10:00:00Z"), &w->now));
	world_restart(w);
	create(w, 1, QUOTE);
	w->now += 86400;
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "a", ORDER), 201);
	assert_int_equal(world_number(w, "due.amount"), MULTIPLE_2026);
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_true(is_true(w, "same"));
	assert_int_equal(world_count(w, "calculations"), 2);
	assert_int_equal(world_number(w, "calculations.0.derived.due.amount"), MULTIPLE_2025);
	assert_int_equal(world_number(w, "calculations.1.derived.due.amount"), MULTIPLE_2026);
	assert_int_equal(all(w, ALL), 200);
	assert_int_equal(world_number(w, "payments"), 1);
	assert_int_equal(world_number(w, "calculations"), 2);
	assert_int_equal(world_number(w, "same"), 2);
}

static void a_digest_that_was_damaged_is_found(void **state)
{
	struct world *w = *state;

	for (int i = 1; i <= 3; i++) {
		create(w, i, QUOTE);
	}
	world_execute(w, "DROP TRIGGER payment_stays;"
			 "UPDATE payment SET quote = zeroblob(32) WHERE number = 2");
	assert_int_equal(world_get(w, "/v1/payments/p1-2/recompute"), 200);
	assert_false(is_true(w, "same"));
	assert_int_equal(world_count(w, "calculations.0.differs"), 1);
	assert_string_equal(world_text(w, "calculations.0.differs.0"), "quote");
	assert_string_equal(world_text(w, "calculations.0.stored.quote"),
		"sha256:0000000000000000000000000000000000000000000000000000000000000000");
	assert_int_equal(all(w, ALL), 200);
	assert_int_equal(world_number(w, "payments"), 3);
	assert_int_equal(world_number(w, "same"), 2);
	assert_int_equal(world_count(w, "items"), 1);
	assert_string_equal(world_text(w, "items.0.id"), "p1-2");
	assert_int_equal(w->errors, 0);
}

/* The quote is still remembered, under the digest that the book has. */
static void what_is_remembered_is_not_believed(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	world_execute(w,
		"DROP TRIGGER private_stays; UPDATE private SET data = CAST(replace(CAST(data AS TEXT), "
		"'visa.multiple', 'visa.exit') AS BLOB)");
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_false(is_true(w, "same"));
	assert_int_equal(world_number(w, "calculations.0.stored.due.amount"), MULTIPLE_2026);
	assert_int_equal(world_number(w, "calculations.0.derived.due.amount"), 216250);
}

static void a_sum_that_was_changed_is_found(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	world_execute(w, "DROP TRIGGER payment_stays;"
			 "UPDATE payment SET gross = gross - 1, due = due - 1");
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_int_equal(world_count(w, "calculations.0.differs"), 2);
	assert_string_equal(world_text(w, "calculations.0.differs.0"), "gross");
	assert_string_equal(world_text(w, "calculations.0.differs.1"), "due");
	assert_int_equal(world_number(w, "calculations.0.stored.due.amount"), MULTIPLE_2026 - 1);
}

static void what_can_not_be_made_again_says_why(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	world_execute(w, "DROP TRIGGER payment_stays;"
			 "UPDATE payment SET version = 99");
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_false(is_true(w, "same"));
	assert_string_equal(world_text(w, "calculations.0.why"),
		"quote: calculation 99 is not known");
	world_execute(w, "UPDATE payment SET version = 1, tariff = zeroblob(32)");
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_string_equal(world_text(w, "calculations.0.why"),
		"fetch a tariff: it is not in the book");
}

static void what_was_erased_is_counted_and_not_compared(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	create(w, 2, QUOTE);
	world_execute(w, "DROP TRIGGER private_remains; DELETE FROM private WHERE record = "
			 "(SELECT record FROM payment WHERE number = 1)");
	assert_int_equal(world_get(w, "/v1/payments/p1-1/recompute"), 200);
	assert_true(is_true(w, "erased"));
	assert_int_equal(world_count(w, "calculations"), 0);
	assert_int_equal(all(w, ALL), 200);
	assert_int_equal(world_number(w, "payments"), 2);
	assert_int_equal(world_number(w, "erased"), 1);
	assert_int_equal(world_number(w, "calculations"), 1);
	assert_int_equal(world_number(w, "same"), 1);
}

/* Another set is in use; the old one is in the book only. */
static void a_set_that_went_out_of_use_still_serves(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	w->tariff_edit[0] = "mrp.xml";
	w->tariff_edit[1] = "4325";
	w->tariff_edit[2] = "5000";
	world_restart(w);
	create(w, 2, QUOTE);
	assert_int_equal(world_number(w, "due.amount"), 15000000);
	assert_int_equal(all(w, ALL), 200);
	assert_int_equal(world_number(w, "same"), 2);
	assert_int_equal(world_number(w, "calculations"), 2);
}

static void all_are_walked_page_by_page(void **state)
{
	struct world *w = *state;
	char target[256];
	int64_t payments = 0;
	int pages = 0;

	for (int i = 1; i <= PAYMENTS; i++) {
		create(w, i, QUOTE);
	}
	(void)snprintf(target, sizeof(target), ALL "?limit=2");
	for (;;) {
		char next[128];

		assert_int_equal(all(w, target), 200);
		assert_int_equal(world_number(w, "last"), PAYMENTS);
		payments += world_number(w, "payments");
		pages++;
		(void)snprintf(next, sizeof(next), "%s", world_text(w, "next"));
		if (next[0] == '\0') {
			break;
		}
		(void)snprintf(target, sizeof(target), ALL "?limit=2&cursor=%s", next);
	}
	assert_int_equal(payments, PAYMENTS);
	assert_int_equal(pages, 3);
	assert_int_equal(all(w, ALL "?limit=501"), 400);
	assert_int_equal(all(w, ALL "?state=paid"), 400);
	assert_int_equal(world_get(w, "/v1/payments/p1-9/recompute"), 404);
	assert_int_equal(world_get(w, "/v1/payments/p2-1/recompute"), 404);
}

static void only_its_owner_and_auditors_recompute(void **state)
{
	struct world *w = *state;

	create(w, 1, QUOTE);
	assert_int_equal(world_as(w, WORLD_SERVICE, "portal", "/v1/payments/p1-1/recompute"), 200);
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", "/v1/payments/p1-1/recompute"), 404);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "nobody", "/v1/payments/p1-1/recompute"), 200);
	assert_int_equal(world_as(w, CALL_ROLE_OPERATOR, "nobody", "/v1/payments/p1-1/recompute"),
		403);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "nobody", ALL), 200);
	assert_int_equal(world_as(w, WORLD_SERVICE, "portal", ALL), 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_touched_is_the_same, begin, end),
		cmocka_unit_test_setup_teardown(each_calculation_of_a_payment_is_made_again, begin,
			end),
		cmocka_unit_test_setup_teardown(a_digest_that_was_damaged_is_found, begin, end),
		cmocka_unit_test_setup_teardown(what_is_remembered_is_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(a_sum_that_was_changed_is_found, begin, end),
		cmocka_unit_test_setup_teardown(what_can_not_be_made_again_says_why, begin, end),
		cmocka_unit_test_setup_teardown(what_was_erased_is_counted_and_not_compared, begin,
			end),
		cmocka_unit_test_setup_teardown(a_set_that_went_out_of_use_still_serves, begin,
			end),
		cmocka_unit_test_setup_teardown(all_are_walked_page_by_page, begin, end),
		cmocka_unit_test_setup_teardown(only_its_owner_and_auditors_recompute, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
