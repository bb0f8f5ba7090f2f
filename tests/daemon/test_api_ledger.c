/* SPDX-License-Identifier: Apache-2.0 */

/* What auditors read: accounts, balances, entries, records, checkpoints, proofs, the trial balance.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

static int begin(void **state)
{
	struct world *w = world_new(WORLD_NOW);

	*state = w;
	/* Two exempt payments on two days: gross fee against relief. */
	for (int i = 1; i <= 2; i++) {
		char body[256];

		(void)snprintf(body, sizeof(body),
			"{\"reference\":\"r%d\",\"quote\":{\"service\":\"visa.multiple\","
			"\"claims\":[{\"ground\":\"investor\",\"document\":\"MFA 11\"}]}}",
			i);
		if (world_post(w, "/v1/payments", i == 1 ? "k-1" : "k-2", body) != 201) {
			return -1;
		}
		w->now += 86400;
		w->now_ms += 86400000;
	}
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static int audit(struct world *w, const char *target)
{
	return world_as(w, WORLD_AUDITOR, "nobody", target);
}

static int64_t balance_of(const struct world *w, const char *account, const char *member)
{
	for (size_t i = 0; i < world_count(w, "items"); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "items.%zu.account", i);
		if (strncmp(world_text(w, path), account, strlen(account)) == 0) {
			(void)snprintf(path, sizeof(path), "items.%zu.%s.amount", i, member);
			return world_number(w, path);
		}
	}
	return INT64_MIN;
}

static void accounts_are_listed(void **state)
{
	struct world *w = *state;
	char target[128];

	assert_int_equal(audit(w, "/v1/ledger/accounts"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_string_equal(world_text(w, "next"), "");
	assert_true(world_number(w, "as_of_record") > 0);
	assert_int_equal(audit(w, "/v1/ledger/accounts?limit=1"), 200);
	(void)snprintf(target, sizeof(target), "/v1/ledger/accounts?limit=1&cursor=%s",
		world_text(w, "next"));
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_count(w, "items"), 1);
}

/* A third payment, by another ground, brings a third account. */
static void accounts_are_listed_as_of_a_record(void **state)
{
	struct world *w = *state;
	char target[256];
	int64_t record;

	assert_int_equal(audit(w, "/v1/ledger/accounts"), 200);
	record = world_number(w, "as_of_record");
	assert_int_equal(world_post(w, "/v1/payments", "k-3",
				 "{\"reference\":\"r3\",\"quote\":{\"service\":\"visa.multiple\","
				 "\"claims\":[{\"ground\":\"official-delegation\","
				 "\"document\":\"MFA 12\"}]}}"),
		201);
	assert_int_equal(audit(w, "/v1/ledger/accounts"), 200);
	assert_int_equal(world_count(w, "items"), 3);
	assert_int_equal(world_number(w, "items.2.last_entry"), 3);
	(void)snprintf(target, sizeof(target), "/v1/ledger/accounts?limit=1&as_of_record=%" PRId64,
		record);
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_number(w, "as_of_record"), record);
	assert_int_equal(world_count(w, "items"), 1);
	assert_int_equal(world_number(w, "items.0.last_entry"), -1);
	(void)snprintf(target, sizeof(target), "/v1/ledger/accounts?limit=5&cursor=%s",
		world_text(w, "next"));
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_number(w, "as_of_record"), record);
	assert_int_equal(world_count(w, "items"), 1);
	assert_string_equal(world_text(w, "next"), "");
	assert_int_equal(audit(w, "/v1/ledger/accounts?as_of_record=1"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(audit(w, "/v1/ledger/accounts?as_of_record=9999"), 400);
	assert_string_equal(world_text(w, "field"), "as_of_record");
}

static void balances_are_told_as_of_any_day(void **state)
{
	struct world *w = *state;

	assert_int_equal(audit(w, "/v1/ledger/balances"), 200);
	assert_int_equal(balance_of(w, "relief:investor", "balance"), 25950000);
	assert_int_equal(balance_of(w, "fee:visa.multiple", "balance"), -25950000);
	assert_int_equal(audit(w, "/v1/ledger/balances?as_of=2026-03-02&axis=value"), 200);
	assert_int_equal(balance_of(w, "relief:investor", "balance"), 12975000);
}

static void entries_are_listed_and_told_one_by_one(void **state)
{
	struct world *w = *state;
	char target[128];

	assert_int_equal(audit(w, "/v1/ledger/entries"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_int_equal(audit(w, "/v1/ledger/entries?payment=p1-2"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_string_equal(world_text(w, "items.0.payment"), "p1-2");
	assert_string_equal(world_text(w, "items.0.cause"), "exempt");
	assert_int_equal(audit(w, "/v1/ledger/entries?account=relief:investor&to=2026-03-02"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_int_equal(audit(w, "/v1/ledger/entries?from=2026-03-04"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(audit(w, "/v1/ledger/entries/1"), 200);
	assert_int_equal(world_count(w, "postings"), 2);
	assert_int_equal(world_number(w, "postings.0.amount.amount") +
				 world_number(w, "postings.1.amount.amount"),
		0);
	(void)snprintf(target, sizeof(target), "/v1/ledger/records/%" PRId64,
		world_number(w, "record"));
	assert_int_equal(audit(w, target), 200);
	assert_string_not_equal(world_text(w, "leaf_hash"), "");
}

/* One payment more, exempt as the others. */
static void book_another(struct world *w, const char *key)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"visa.multiple\","
		"\"claims\":[{\"ground\":\"investor\",\"document\":\"MFA 11\"}]}}",
		key);
	assert_int_equal(world_post(w, "/v1/payments", key, body), 201);
}

static void a_walk_is_of_the_record_it_began_with(void **state)
{
	static const char *const lists[] = { "/v1/ledger/entries", "/v1/ledger/balances" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(lists); i++) {
		char target[160];
		int64_t as_of;

		(void)snprintf(target, sizeof(target), "%s?limit=1", lists[i]);
		assert_int_equal(audit(w, target), 200);
		as_of = world_number(w, "as_of_record");
		(void)snprintf(target, sizeof(target), "%s?limit=1&cursor=%s", lists[i],
			world_text(w, "next"));
		book_another(w, lists[i] + strlen("/v1/ledger/"));
		assert_int_equal(audit(w, target), 200);
		assert_int_equal(world_number(w, "as_of_record"), as_of);
		assert_int_equal(world_count(w, "items"), 1);
		if (i == 0) { /* the second of the two that there were is the last */
			(void)snprintf(target, sizeof(target), "%s?cursor=%s", lists[i],
				world_text(w, "next"));
			assert_int_equal(audit(w, target), 200);
			assert_int_equal(world_count(w, "items"), 0);
		} else {
			assert_int_equal(world_number(w, "items.0.balance.amount"),
				-3 * INT64_C(12975000));
		}
	}
}

static void what_is_read_as_of_a_record_stays_as_it_was(void **state)
{
	struct world *w = *state;
	char target[128];
	int64_t first;

	assert_int_equal(audit(w, "/v1/ledger/entries/1"), 200);
	first = world_number(w, "record");
	(void)snprintf(target, sizeof(target), "/v1/ledger/balances?as_of_record=%" PRId64, first);
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(balance_of(w, "relief:investor", "balance"), 12975000);
	(void)snprintf(target, sizeof(target), "/v1/ledger/balances?as_of_record=%" PRId64,
		first - 1);
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_count(w, "items"), 0);
	(void)snprintf(target, sizeof(target), "/v1/ledger/entries?as_of_record=%" PRId64, first);
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_count(w, "items"), 1);
	(void)snprintf(target, sizeof(target),
		"/v1/reports/trial-balance?from=2026-03-01&as_of_record=%" PRId64, first);
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_number(w, "as_of_record"), first);
	assert_int_equal(balance_of(w, "relief:investor", "closing"), 12975000);
	assert_int_equal(balance_of(w, "relief:investor", "opening"), 0);
}

/* A record that is yet to come, and another one than the list's. */
static void a_wrong_record_is_refused_by_name(void **state)
{
	static const char *const targets[] = { "/v1/ledger/balances?as_of_record=1000000",
		"/v1/ledger/entries?as_of_record=1000000",
		"/v1/reports/trial-balance?as_of_record=1000000",
		"/v1/ledger/entries?as_of_record=0", "/v1/ledger/balances?as_of_record=x" };
	struct world *w = *state;
	char target[160];

	for (size_t i = 0; i < COUNT(targets); i++) {
		assert_int_equal(audit(w, targets[i]), 400);
		assert_string_equal(world_text(w, "field"), "as_of_record");
	}
	assert_int_equal(audit(w, "/v1/ledger/entries?limit=1"), 200);
	(void)snprintf(target, sizeof(target), "/v1/ledger/entries?as_of_record=1&cursor=%s",
		world_text(w, "next"));
	assert_int_equal(audit(w, target), 400);
	assert_string_equal(world_text(w, "field"), "as_of_record");
}

static void a_name_that_nothing_bears_is_refused(void **state)
{
	struct world *w = *state;

	assert_int_equal(audit(w, "/v1/ledger/entries?account=fee:visa.mutliple:108126"), 400);
	assert_string_equal(world_text(w, "field"), "account");
	assert_int_equal(audit(w, "/v1/ledger/entries?gateway=nobody"), 400);
	assert_string_equal(world_text(w, "field"), "gateway");
	assert_int_equal(audit(w, "/v1/ledger/entries?service=eta"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_int_equal(audit(w, "/v1/ledger/entries?service=visa.multiple"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_int_equal(audit(w, "/v1/ledger/entries?from=2026-03-02&to=2026-03-01"), 400);
	assert_string_equal(world_text(w, "field"), "from");
}

static void a_leaf_is_given_to_the_byte(void **state)
{
	struct world *w = *state;
	struct buffer leaf;

	buffer_init(&leaf, CALL_BODY_MAX);
	assert_int_equal(reader_record(w->reader, 1, &leaf, NULL), READER_FOUND);
	assert_int_equal(audit(w, "/v1/ledger/records/1?form=leaf"), 200);
	assert_true(text_equal(buffer_text(&w->last.body), buffer_text(&leaf)));
	buffer_done(&leaf);
}

/* Reads "proof" of the last answer. */
static void proof_of(const struct world *w, struct tree_proof *proof)
{
	proof->count = world_count(w, "proof");
	for (size_t i = 0; i < proof->count; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "proof.%zu", i);
		assert_true(text_unhex(text_of(world_text(w, path)), proof->hashes[i].bytes,
			TREE_HASH_SIZE));
	}
}

/* Opens the last answer as a checkpoint. */
static void open_checkpoint(const struct world *w, uint64_t *size, struct tree_hash *root)
{
	assert_string_equal(w->last.content_type, "text/plain; charset=utf-8");
	assert_true(note_open(buffer_text(&w->last.body), text_of(w->settings.keys.verifier), size,
		root, NULL));
}

static void a_record_is_proven_to_be_in_a_checkpoint(void **state)
{
	struct world *w = *state;
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree_hash leaf;
	struct tree_hash root;
	struct tree_proof proof;
	char target[128];
	uint64_t size;

	assert_int_equal(audit(w, "/v1/ledger/checkpoint"), 200);
	open_checkpoint(w, &size, &root);
	for (uint64_t record = 1; record <= size; record++) {
		(void)snprintf(target, sizeof(target), "/v1/ledger/records/%" PRIu64 "?form=leaf",
			record);
		assert_int_equal(audit(w, target), 200);
		leaf = tree_leaf(hasher, buffer_text(&w->last.body));
		(void)snprintf(target, sizeof(target),
			"/v1/ledger/proofs/inclusion?record=%" PRIu64, record);
		assert_int_equal(audit(w, target), 200);
		assert_int_equal(world_number(w, "size"), size);
		proof_of(w, &proof);
		assert_true(tree_inclusion_holds(hasher, record - 1, size, &leaf, &proof, &root));
	}
	tree_hasher_free(&hasher);
}

static void a_checkpoint_is_proven_to_be_part_of_a_later_one(void **state)
{
	struct world *w = *state;
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree_hash first;
	struct tree_hash second;
	struct tree_proof proof;
	uint64_t first_size;
	uint64_t second_size;
	char target[128];

	assert_int_equal(audit(w, "/v1/ledger/checkpoint"), 200);
	open_checkpoint(w, &first_size, &first);
	assert_int_equal(world_post(w, "/v1/payments", "k",
				 "{\"reference\":\"b\",\"quote\":{\"service\":\"visa.exit\"}}"),
		201);
	/* At most one a second is made on demand. */
	assert_int_equal(audit(w, "/v1/ledger/checkpoint"), 200);
	open_checkpoint(w, &second_size, &second);
	assert_int_equal(second_size, first_size);
	w->now_ms += 1000;
	assert_int_equal(audit(w, "/v1/ledger/checkpoint"), 200);
	open_checkpoint(w, &second_size, &second);
	assert_true(second_size > first_size);
	(void)snprintf(target, sizeof(target),
		"/v1/ledger/proofs/consistency?first=%" PRIu64 "&second=%" PRIu64, first_size,
		second_size);
	assert_int_equal(audit(w, target), 200);
	proof_of(w, &proof);
	assert_true(
		tree_consistency_holds(hasher, first_size, second_size, &first, &proof, &second));
	tree_hasher_free(&hasher);
}

static void the_key_is_told(void **state)
{
	struct world *w = *state;

	assert_int_equal(audit(w, "/v1/ledger/key"), 200);
	assert_int_equal(w->last.body.size, strlen(w->settings.keys.verifier) + 1);
	assert_memory_equal(w->last.body.bytes, w->settings.keys.verifier,
		strlen(w->settings.keys.verifier));
}

static void the_trial_balance_balances(void **state)
{
	struct world *w = *state;

	assert_int_equal(audit(w, "/v1/reports/trial-balance"), 200);
	assert_int_equal(world_count(w, "totals"), 1);
	assert_int_equal(world_number(w, "totals.0.debit.amount"), 25950000);
	assert_int_equal(world_number(w, "totals.0.credit.amount"), 25950000);
	assert_int_equal(audit(w, "/v1/reports/trial-balance?from=2026-03-03&to=2026-03-03"), 200);
	assert_int_equal(world_number(w, "totals.0.debit.amount"), 12975000);
	assert_int_equal(balance_of(w, "relief:investor", "opening"), 12975000);
	assert_int_equal(balance_of(w, "relief:investor", "debit"), 12975000);
	assert_int_equal(balance_of(w, "relief:investor", "closing"), 25950000);
	assert_int_equal(audit(w, "/v1/reports/trial-balance?to=2026-03-02&axis=value"), 200);
	assert_int_equal(balance_of(w, "fee:visa.multiple", "closing"), -12975000);
	assert_int_equal(balance_of(w, "fee:visa.multiple", "opening"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Art. 666 is where the tariff's own file has the investors' exemption
 * (tariff/data/exemptions.xml). */
static void relief_is_told_with_its_law(void **state)
{
	struct world *w = *state;

	assert_int_equal(audit(w, "/v1/reports/relief"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_string_equal(world_text(w, "items.0.ground"), "investor");
	assert_string_equal(world_text(w, "items.0.service"), "visa.multiple");
	assert_string_equal(world_text(w, "items.0.kbk"), "108126");
	assert_int_equal(world_number(w, "items.0.count"), 2);
	assert_int_equal(world_number(w, "items.0.gross.amount"), 25950000);
	assert_int_equal(world_number(w, "items.0.relief.amount"), 25950000);
	assert_int_equal(world_count(w, "items.0.law"), 1);
	assert_string_equal(world_text(w, "items.0.law.0.act"), "tax-code-2025");
	assert_string_equal(world_text(w, "items.0.law.0.article"), "670");
	assert_int_equal(world_count(w, "totals"), 1);
	assert_int_equal(world_number(w, "totals.0.relief.amount"), 25950000);
	assert_int_equal(audit(w, "/v1/reports/relief?to=2026-03-02"), 200);
	assert_int_equal(world_number(w, "items.0.count"), 1);
}

static void an_empty_report_is_no_error(void **state)
{
	static const char *const reports[] = { "trial-balance", "relief", "settlement",
		"commission" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(reports); i++) {
		char target[160];

		(void)snprintf(target, sizeof(target),
			"/v1/reports/%s?from=2020-01-01&to=2020-01-31&axis=value&as_of_record=3",
			reports[i]);
		assert_int_equal(audit(w, target), 200);
		assert_int_equal(world_count(w, "items"), 0);
		assert_int_equal(world_number(w, "as_of_record"), 3);
		assert_string_equal(world_text(w, "axis"), "value");
		assert_string_equal(world_text(w, "from"), "2020-01-01");
		(void)snprintf(target, sizeof(target),
			"/v1/reports/%s?from=2026-02-01&to=2026-01-31", reports[i]);
		assert_int_equal(audit(w, target), 400);
		assert_string_equal(world_text(w, "field"), "from");
		(void)snprintf(target, sizeof(target), "/v1/reports/%s?as_of_record=1000000",
			reports[i]);
		assert_int_equal(audit(w, target), 400);
		assert_string_equal(world_text(w, "field"), "as_of_record");
		(void)snprintf(target, sizeof(target), "/v1/reports/%s", reports[i]);
		assert_int_equal(world_as(w, WORLD_SERVICE, "portal", target), 403);
	}
}

/* ---- a caller who goes ---- */

static struct query *kept_query;

static void keep_query(void *world, struct query *query)
{
	(void)world;
	kept_query = query;
}

/* One slice; then nobody waits for the rest. */
static void a_report_nobody_waits_for_is_given_up(void **state)
{
	struct world *w = *state;
	void (*query)(void *, struct query *) = w->engine->ports.query;

	world_end(&w->last);
	world_begin(w, &w->last, "GET", "/v1/reports/settlement", NULL, NULL);
	w->last.call.roles = WORLD_AUDITOR;
	w->engine->ports.query = keep_query;
	engine_call(w->engine, &w->last.call);
	w->engine->ports.query = query;
	query_run(kept_query, w->reader);
	assert_true(kept_query->again);
	w->last.call.gone = true;
	query_run(kept_query, w->reader);
	assert_false(kept_query->again);
	assert_false(w->last.answered);
	kept_query->done(kept_query);
	assert_int_equal(w->last.status, 503);
	assert_string_equal(world_text(w, "detail"), "the caller has gone");
	assert_int_equal(audit(w, "/v1/reports/settlement"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accounts_are_listed),
		TEST(accounts_are_listed_as_of_a_record),
		TEST(balances_are_told_as_of_any_day),
		TEST(entries_are_listed_and_told_one_by_one),
		TEST(a_walk_is_of_the_record_it_began_with),
		TEST(what_is_read_as_of_a_record_stays_as_it_was),
		TEST(a_wrong_record_is_refused_by_name),
		TEST(a_name_that_nothing_bears_is_refused),
		TEST(a_leaf_is_given_to_the_byte),
		TEST(a_record_is_proven_to_be_in_a_checkpoint),
		TEST(a_checkpoint_is_proven_to_be_part_of_a_later_one),
		TEST(the_key_is_told),
		TEST(the_trial_balance_balances),
		TEST(relief_is_told_with_its_law),
		TEST(an_empty_report_is_no_error),
		TEST(a_report_nobody_waits_for_is_given_up),
	};

	return cmocka_run_group_tests_name("daemon/api_ledger", tests, NULL, NULL);
}
