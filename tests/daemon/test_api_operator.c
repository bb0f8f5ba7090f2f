/* SPDX-License-Identifier: Apache-2.0 */

/* What operators do to the book on the socket: months are closed, entries reversed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

#define REASON "{\"reason\":\"all is reconciled\"}"

enum { MARCH_S = 30 * 86400 }; /* from 2 March to 1 April */

static int begin(void **state)
{
	struct world *w = world_new(WORLD_NOW);

	*state = w;
	return world_post(w, "/v1/payments", "k-1",
		       "{\"reference\":\"r1\",\"quote\":{\"service\":\"visa.multiple\","
		       "\"claims\":[{\"ground\":\"investor\",\"document\":\"MFA 11\"}]}}") == 201
		       ? 0
		       : -1;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static void pass(struct world *w, int64_t seconds)
{
	w->now += seconds;
	w->now_ms += seconds * 1000;
}

/* As an operator of uid 1001 who is no client. */
static int operate(struct world *w, const char *target, const char *key, const char *body)
{
	world_end(&w->last);
	world_begin(w, &w->last, "POST", target, key, body);
	w->last.call.roles = WORLD_OPERATOR;
	w->last.call.client = TEXT("");
	w->last.call.uid = 1001;
	engine_call(w->engine, &w->last.call);
	world_run(w);
	assert_true(w->last.answered);
	return w->last.status;
}

static int audit(struct world *w, const char *target)
{
	return world_as(w, WORLD_AUDITOR, "nobody", target);
}

static void expect_refused(struct world *w, int status, const char *code, const char *detail)
{
	assert_int_equal(w->last.status, status);
	assert_string_equal(world_text(w, "code"), code);
	if (strstr(world_text(w, "detail"), detail) == NULL) {
		fail_msg("%s", world_text(w, "detail"));
	}
}

static void a_month_is_closed_and_told_with_its_balances(void **state)
{
	struct world *w = *state;
	char proof[128];
	char *first;

	pass(w, MARCH_S);
	assert_int_equal(operate(w, "/v1/periods/2026-03/close", "k", REASON), 201);
	assert_string_equal(world_text(w, "month"), "2026-03");
	assert_string_equal(world_text(w, "reason"), "all is reconciled");
	assert_int_equal(world_number(w, "closed_by.uid"), 1001);
	assert_int_equal(world_number(w, "closed_by.client"), 0);
	assert_int_equal(world_number(w, "last_entry"), 1);
	assert_int_equal(world_number(w, "accounts"), 2);
	assert_int_equal(world_number(w, "totals.0.debit.amount"), 12975000);
	assert_int_equal(world_number(w, "totals.0.credit.amount"), 12975000);
	assert_int_equal(world_number(w, "checkpoint.size"), world_number(w, "record"));
	first = strdup(w->last.body.bytes);
	(void)snprintf(proof, sizeof(proof), "%s", world_text(w, "checkpoint.proof"));
	assert_int_equal(audit(w, proof), 200);
	pass(w, 86400);
	assert_int_equal(operate(w, "/v1/periods/2026-03/close", "k", REASON), 201);
	assert_string_equal(w->last.replayed, "true");
	assert_string_equal(w->last.body.bytes, first);
	free(first);
	assert_int_equal(audit(w, "/v1/periods/2026-03?limit=1"), 200);
	assert_string_equal(world_text(w, "items.0.account"), "fee:visa.multiple:108126");
	assert_int_equal(world_number(w, "items.0.balance.amount"), -12975000);
	assert_string_not_equal(world_text(w, "next"), "");
	(void)snprintf(proof, sizeof(proof), "/v1/periods/2026-03?limit=1&cursor=%s",
		world_text(w, "next"));
	assert_int_equal(audit(w, proof), 200);
	assert_string_equal(world_text(w, "items.0.account"), "relief:investor");
	assert_int_equal(audit(w, "/v1/periods"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_string_equal(world_text(w, "items.0.month"), "2026-03");
}

static void what_can_not_be_closed_is_told_why(void **state)
{
	struct world *w = *state;

	(void)operate(w, "/v1/periods/2026-03/close", "k", REASON);
	expect_refused(w, 409, "period_open",
		"2026-03 is not over in Almaty: it can be closed after 2026-03-31");
	(void)operate(w, "/v1/periods/2027-01/close", "k", REASON);
	expect_refused(w, 409, "period_open", "2027-01 is not over");
	(void)operate(w, "/v1/periods/2026-02/close", "k", REASON);
	expect_refused(w, 404, "not_found", "nothing was booked until the end of 2026-02");
	(void)operate(w, "/v1/periods/2026-13/close", "k", REASON);
	expect_refused(w, 400, "invalid_field", "month must be YYYY-MM");
	assert_string_equal(world_text(w, "field"), "month");
	(void)audit(w, "/v1/periods/march");
	expect_refused(w, 400, "invalid_field", "month must be YYYY-MM");
	(void)audit(w, "/v1/periods/2026-03");
	expect_refused(w, 404, "not_found", "2026-03 is not closed");
	pass(w, 2 * MARCH_S + 86400);
	(void)operate(w, "/v1/periods/2026-04/close", "k", REASON);
	expect_refused(w, 409, "period_open", "2026-03 has entries and is open: close it first");
	assert_int_equal(operate(w, "/v1/periods/2026-03/close", "k", REASON), 201);
	(void)operate(w, "/v1/periods/2026-03/close", "l", REASON);
	expect_refused(w, 409, "period_closed", "2026-03 is closed");
	(void)operate(w, "/v1/periods/2026-02/close", "l", REASON);
	expect_refused(w, 409, "period_closed", "2026-03 is closed, and with it all months before");
	(void)operate(w, "/v1/periods/2026-03/close", "k", "{\"reason\":\"another\"}");
	expect_refused(w, 422, "idempotency_mismatch", "another path or body");
}

static void a_close_wants_a_reason_a_key_and_an_operator(void **state)
{
	struct world *w = *state;

	pass(w, MARCH_S);
	(void)operate(w, "/v1/periods/2026-03/close", NULL, REASON);
	expect_refused(w, 400, "idempotency_key_missing", "key");
	(void)operate(w, "/v1/periods/2026-03/close", "k", "{}");
	expect_refused(w, 400, "invalid_field", "reason");
	(void)operate(w, "/v1/periods/2026-03/close", "k", "{\"reason\":\"\"}");
	expect_refused(w, 400, "invalid_field", "reason");
	(void)operate(w, "/v1/periods/2026-03/close", "k", "{\"reason\":\"a\",\"force\":true}");
	expect_refused(w, 400, "unknown_field", "force");
	assert_int_equal(world_order(w, WORLD_AUDITOR, "/v1/periods/2026-03/close", REASON), 403);
	/* Whom the socket does not know can not be kept. */
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/periods/2026-03/close", REASON), 403);
	assert_int_equal(audit(w, "/v1/periods"), 200);
	assert_int_equal(world_count(w, "items"), 0);
}

static void expect_final(struct world *w, const char *target, bool final)
{
	assert_int_equal(audit(w, target), 200);
	if (strstr(w->last.body.bytes, final ? "\"final\":true" : "\"final\":false") == NULL) {
		fail_msg("%s: %s", target, w->last.body.bytes);
	}
}

static void reports_say_what_can_change_no_more(void **state)
{
	struct world *w = *state;
	char target[128];

	pass(w, MARCH_S);
	expect_final(w, "/v1/ledger/balances?as_of=2026-03-31", false);
	assert_int_equal(operate(w, "/v1/periods/2026-03/close", "k", REASON), 201);
	(void)snprintf(target, sizeof(target),
		"/v1/reports/trial-balance?to=2026-03-31&as_of_record=%" PRId64,
		world_number(w, "record") - 1);
	expect_final(w, target, false); /* as of then it was open */
	expect_final(w, "/v1/ledger/balances?as_of=2026-03-31", true);
	expect_final(w, "/v1/ledger/balances?as_of=2026-03-31&axis=value", false);
	expect_final(w, "/v1/ledger/balances?as_of=2026-04-01", false);
	expect_final(w, "/v1/ledger/balances", false);
	expect_final(w, "/v1/reports/trial-balance?to=2026-03-31", true);
	expect_final(w, "/v1/reports/trial-balance?to=2026-03-31&axis=value", false);
	expect_final(w, "/v1/reports/relief?to=2026-03-31", true);
	expect_final(w, "/v1/reports/settlement?to=2026-03-31", true);
	expect_final(w, "/v1/reports/settlement?to=2026-04-01", false);
}

/* ---- an entry that was wrong ---- */

static void an_entry_is_reversed_and_told_from_both_sides(void **state)
{
	struct world *w = *state;
	char target[128];
	char *first;

	assert_int_equal(operate(w, "/v1/ledger/entries/1/reverse", "k", REASON), 201);
	assert_int_equal(world_number(w, "number"), 2);
	assert_string_equal(world_text(w, "cause"), "reversal");
	assert_int_equal(world_number(w, "reversal.reverses"), 1);
	assert_int_equal(world_number(w, "reversal.entry"), 2);
	assert_int_equal(world_number(w, "reversal.reversed_by.uid"), 1001);
	assert_string_equal(world_text(w, "reversal.reason"), "all is reconciled");
	assert_int_equal(world_number(w, "postings.0.amount.amount"), -12975000);
	first = strdup(w->last.body.bytes);
	assert_int_equal(operate(w, "/v1/ledger/entries/1/reverse", "k", REASON), 201);
	assert_string_equal(w->last.replayed, "true");
	assert_string_equal(w->last.body.bytes, first);
	free(first);
	assert_int_equal(audit(w, "/v1/ledger/entries/1"), 200);
	assert_int_equal(world_number(w, "reversal.entry"), 2);
	(void)snprintf(target, sizeof(target), "/v1/ledger/entries?as_of_record=%" PRId64,
		world_number(w, "record"));
	assert_int_equal(audit(w, target), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_int_equal(world_number(w, "items.0.reversal.entry"), -1); /* nobody knew of it */
	assert_int_equal(audit(w, "/v1/ledger/entries"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_int_equal(world_number(w, "items.0.reversal.entry"), 2);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(world_text(w, "state"), "cancelled");
	assert_int_equal(world_get(w, "/v1/events"), 200);
	assert_string_equal(world_text(w, "items.1.type"), "payment.reversed");
	assert_string_equal(world_text(w, "items.1.data.state"), "cancelled");
}

static void what_can_not_be_reversed_is_told_why(void **state)
{
	struct world *w = *state;

	(void)operate(w, "/v1/ledger/entries/2/reverse", "k", REASON);
	expect_refused(w, 404, "not_found", "no such entry");
	(void)operate(w, "/v1/ledger/entries/0/reverse", "k", REASON);
	expect_refused(w, 404, "not_found", "no such entry");
	(void)operate(w, "/v1/ledger/entries/x/reverse", "k", REASON);
	expect_refused(w, 404, "not_found", "no such entry");
	(void)operate(w, "/v1/ledger/entries/1/reverse", "k", "{}");
	expect_refused(w, 400, "invalid_field", "reason");
	(void)operate(w, "/v1/ledger/entries/1/reverse", NULL, REASON);
	expect_refused(w, 400, "idempotency_key_missing", "key");
	assert_int_equal(world_order(w, WORLD_AUDITOR, "/v1/ledger/entries/1/reverse", REASON),
		403);
	assert_int_equal(world_post(w, "/v1/payments/p1-1/fulfilment", "f",
				 "{\"outcome\":\"performed\"}"),
		200);
	(void)operate(w, "/v1/ledger/entries/1/reverse", "k", REASON);
	expect_refused(w, 409, "not_reversible", "its payment is fulfilled");
	assert_int_equal(audit(w, "/v1/ledger/entries"), 200);
	assert_int_equal(world_count(w, "items"), 1);
}

static void an_entry_is_reversed_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(operate(w, "/v1/ledger/entries/1/reverse", "k", REASON), 201);
	(void)operate(w, "/v1/ledger/entries/1/reverse", "l", REASON);
	expect_refused(w, 409, "not_reversible", "entry 2 reversed it already");
	(void)operate(w, "/v1/ledger/entries/2/reverse", "l", REASON);
	expect_refused(w, 409, "not_reversible", "it is a reversal itself");
	(void)operate(w, "/v1/ledger/entries/2/reverse", "k", REASON);
	expect_refused(w, 422, "idempotency_mismatch", "another path or body");
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_month_is_closed_and_told_with_its_balances),
		WORLD_TEST(what_can_not_be_closed_is_told_why),
		WORLD_TEST(a_close_wants_a_reason_a_key_and_an_operator),
		WORLD_TEST(reports_say_what_can_change_no_more),
		WORLD_TEST(an_entry_is_reversed_and_told_from_both_sides),
		WORLD_TEST(what_can_not_be_reversed_is_told_why),
		WORLD_TEST(an_entry_is_reversed_once),
	};

	return cmocka_run_group_tests_name("daemon/api_operator", tests, NULL, NULL);
}
