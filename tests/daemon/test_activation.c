/* SPDX-License-Identifier: Apache-2.0 */

/* Who takes a changed law into use, and what the book keeps of it. */
#include <stdio.h>
#include <string.h>

#include "daemon/api.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

enum { ANN = 1001, BEN = 1002, OLD_DUE = 216250, NEW_DUE = 250000, OTHER_DUE = 300000 };

#define ACTIVATE "/v1/tariff/activate"
#define EXIT     "{\"service\":\"visa.exit\"}"
#define BECAUSE  "{\"reason\":\"the budget law of 2027\"}"
#define ZEROS    "0000000000000000000000000000000000000000000000000000000000000000"

static int begin_with(void **state, enum engine_activation activation)
{
	struct world *w = world_new(WORLD_NOW);

	w->activation = activation;
	world_restart(w); /* the book knows a set already: that of the first start */
	w->errors = 0;
	*state = w;
	return 0;
}

static int begin_by_reload(void **state)
{
	return begin_with(state, ENGINE_BY_RELOAD);
}

static int begin_by_operator(void **state)
{
	return begin_with(state, ENGINE_BY_OPERATOR);
}

static int begin_by_two(void **state)
{
	return begin_with(state, ENGINE_BY_TWO);
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

/* The folder has another MRP of 2026: 0.5 of it is due. */
static void change_folder(struct world *w, const char *mrp)
{
	w->tariff_edit[0] = "mrp.xml";
	w->tariff_edit[1] = "value=\"4325\"";
	w->tariff_edit[2] = mrp;
}

static int64_t due(struct world *w)
{
	assert_int_equal(world_post(w, "/v1/quotes", NULL, EXIT), 200);
	return world_number(w, "due.amount");
}

static bool is_warned(struct world *w)
{
	assert_int_equal(world_get(w, "/readyz"), 200);
	return strstr(w->last.body.bytes, "\"tariff_waits\"") != NULL;
}

static bool is_true(const struct world *w, const char *name)
{
	return json_is_true(json_object_get(w->last.json, name));
}

/* The leaf of the record that the last answer names. */
static const char *leaf(struct world *w)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/v1/ledger/records/%lld?form=leaf",
		(long long)world_number(w, "record"));
	assert_int_equal(world_as(w, WORLD_AUDITOR, "nobody", path), 200);
	return w->last.body.bytes;
}

static void an_operator_takes_it_with_a_reason(void **state)
{
	struct world *w = *state;
	char digest[65];

	assert_int_equal(due(w), OLD_DUE);
	assert_false(is_warned(w));
	change_folder(w, "value=\"5000\"");
	assert_int_equal(due(w), OLD_DUE);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_string_equal(world_text(w, "state"), "in_use");
	assert_true(is_true(w, "changed"));
	assert_int_equal(world_number(w, "activated_by.uid"), ANN);
	assert_int_equal(world_number(w, "activated_by.client"), 0);
	(void)snprintf(digest, sizeof(digest), "%s", world_text(w, "sha256"));
	assert_non_null(strstr(leaf(w),
		"\"body\":{\"activated_by\":{\"client\":\"0\",\"uid\":\"1001\"},\"files\":["));
	assert_non_null(strstr(w->last.body.bytes, "\"reason\":\"the budget law of 2027\""));
	assert_non_null(strstr(w->last.body.bytes, digest));
	assert_null(strstr(w->last.body.bytes, "proposed_by"));
	assert_int_equal(due(w), NEW_DUE);
	assert_false(is_warned(w));
	/* Once more: nothing is written. */
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_false(is_true(w, "changed"));
	assert_string_equal(world_text(w, "sha256"), digest);
	assert_int_equal(world_number(w, "record"), -1);
}

static void a_start_takes_the_books_set_and_not_the_folders(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"5000\"");
	world_restart(w);
	assert_int_equal(due(w), OLD_DUE);
	assert_true(is_warned(w));
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), NEW_DUE);
	assert_false(is_warned(w));
	change_folder(w, "value=\"6000\"");
	assert_false(is_warned(w)); /* nobody has looked */
	engine_look_at_tariff(w->engine);
	assert_true(is_warned(w));
	world_restart(w);
	assert_int_equal(due(w), NEW_DUE);
	assert_true(is_warned(w));
}

static void a_folder_that_is_broken_or_gone_stops_nothing(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"x\"");
	world_restart(w);
	assert_int_equal(due(w), OLD_DUE);
	assert_true(is_warned(w));
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 422);
	assert_string_equal(world_text(w, "code"), "tariff_refused");
	assert_non_null(strstr(world_text(w, "detail"), "mrp.xml:"));
	w->folder_fails = "open /law: No such file or directory";
	world_restart(w);
	assert_int_equal(due(w), OLD_DUE);
	assert_true(is_warned(w));
	assert_non_null(strstr(w->last.body.bytes, "No such file"));
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 422);
	assert_int_equal(due(w), OLD_DUE);
}

static void a_book_without_a_set_waits_for_an_operator(void **state)
{
	struct world *w = *state;

	world_execute(w, "DROP TRIGGER tariff_use_remains; DELETE FROM tariff_use");
	world_restart(w);
	assert_int_equal(world_post(w, "/v1/quotes", NULL, EXIT), 503);
	assert_true(is_warned(w));
	assert_non_null(strstr(w->last.body.bytes, "no tariff is in use"));
	assert_null(strstr(w->last.body.bytes, "no MRP")); /* for all that is known */
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), OLD_DUE);
	assert_false(is_warned(w));
}

static void only_the_set_that_was_checked_is_taken(void **state)
{
	struct world *w = *state;
	char body[256];
	char digest[65];

	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE,
				 "{\"reason\":\"r\",\"sha256\":\"" ZEROS "\"}"),
		409);
	assert_string_equal(world_text(w, "code"), "tariff_differs");
	assert_int_equal(due(w), OLD_DUE);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	(void)snprintf(digest, sizeof(digest), "%s", world_text(w, "sha256"));
	(void)snprintf(body, sizeof(body), "{\"reason\":\"r\",\"sha256\":\"%s\"}", digest);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, body), 200);
	(void)snprintf(body, sizeof(body), "{\"reason\":\"r\",\"sha256\":\"sha256:%s\"}", digest);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, body), 200);
}

static void what_is_no_order_is_a_problem(void **state)
{
	static const struct {
		const char *body;
		const char *field;
	} rows[] = {
		{ "{}", "reason" },
		{ "{\"reason\":\"\"}", "reason" },
		{ "{\"reason\":\"r\",\"sha256\":\"00\"}", "sha256" },
		{ "{\"reason\":\"r\",\"sha256\":\"sha256:00\"}", "sha256" },
		{ "{\"reason\":\"r\",\"files\":[]}", "files" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(world_operate(w, ANN, ACTIVATE, rows[i].body), 400);
		assert_string_equal(world_text(w, "field"), rows[i].field);
	}
	assert_int_equal(world_operate(w, CALL_NO_UID, ACTIVATE, BECAUSE), 403);
	assert_int_equal(world_post(w, ACTIVATE, NULL, BECAUSE), 403);
}

static void reloading_takes_it_without_anybody(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"5000\"");
	world_restart(w);
	assert_int_equal(due(w), NEW_DUE);
	assert_false(is_warned(w));
	change_folder(w, "value=\"4325\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), OLD_DUE);
}

static void two_persons_are_two(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 202);
	assert_string_equal(world_text(w, "state"), "proposed");
	assert_string_equal(world_text(w, "reason"), "the budget law of 2027");
	assert_string_equal(world_text(w, "kept_until"), "the daemon ends");
	assert_int_equal(world_number(w, "proposed_by.uid"), ANN);
	assert_string_equal(world_text(w, "voided"), "");
	assert_int_equal(due(w), OLD_DUE);
	assert_true(is_warned(w));
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 403);
	assert_string_equal(world_text(w, "code"), "not_permitted");
	assert_int_equal(due(w), OLD_DUE);
	assert_int_equal(world_operate(w, BEN, ACTIVATE, "{\"reason\":\"checked\"}"), 200);
	assert_int_equal(world_number(w, "activated_by.uid"), BEN);
	assert_int_equal(world_number(w, "proposed_by.uid"), ANN);
	assert_non_null(strstr(leaf(w), "\"activated_by\":{\"client\":\"0\",\"uid\":\"1002\"}"));
	assert_non_null(strstr(w->last.body.bytes,
		"\"proposed_by\":{\"client\":\"0\",\"reason\":\"the budget law of 2027\","
		"\"uid\":\"1001\"},\"reason\":\"checked\""));
	assert_int_equal(due(w), NEW_DUE);
	assert_false(is_warned(w));
	/* The proposal is used up: the way back wants two persons again. */
	change_folder(w, "value=\"4325\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_int_equal(due(w), NEW_DUE);
}

static void a_changed_folder_voids_the_proposal(void **state)
{
	struct world *w = *state;
	char first[65];

	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 202);
	(void)snprintf(first, sizeof(first), "%s", world_text(w, "sha256"));
	change_folder(w, "value=\"6000\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_string_equal(world_text(w, "voided"), first);
	assert_string_not_equal(world_text(w, "sha256"), first);
	assert_int_equal(due(w), OLD_DUE);
	/* Ann's proposal is void also when the folder is what it was. */
	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_int_equal(due(w), OLD_DUE);
	change_folder(w, "value=\"6000\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), OTHER_DUE);
}

static void a_proposal_ends_with_the_daemon(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 202);
	world_restart(w);
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_int_equal(due(w), OLD_DUE);
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), NEW_DUE);
}

static void nothing_broken_is_proposed(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"x\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 422);
	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
}

/* The set in memory is the old one until the book has answered. */
static void nobody_goes_back_alone_while_one_is_under_way(void **state)
{
	struct world *w = *state;
	struct world_call c;

	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 202);
	world_begin(w, &c, "POST", ACTIVATE, NULL, BECAUSE);
	c.call.roles = CALL_ROLE_OPERATOR;
	c.call.client = TEXT("");
	c.call.uid = BEN;
	engine_call(w->engine, &c.call);
	assert_false(c.answered);
	change_folder(w, "value=\"4325\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 409);
	assert_string_equal(world_text(w, "code"), "illegal_state");
	assert_true(c.answered);
	assert_int_equal(c.status, 200);
	world_end(&c);
	assert_int_equal(due(w), NEW_DUE);
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 202);
	assert_int_equal(due(w), NEW_DUE);
	/* What is in use wants nobody, and nothing is written. */
	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, BEN, ACTIVATE, BECAUSE), 200);
	assert_string_equal(world_text(w, "state"), "in_use");
	assert_false(is_true(w, "changed"));
	assert_int_equal(world_number(w, "record"), -1);
}

static void what_is_refused_is_not_kept(void **state)
{
	enum { REFUSALS = 300 };
	struct world *w = *state;
	char value[32];

	for (int i = 0; i < REFUSALS; i++) {
		(void)snprintf(value, sizeof(value), "value=\"%d\"", 6000 + i);
		change_folder(w, value);
		assert_int_equal(world_operate(w, ANN, ACTIVATE,
					 "{\"reason\":\"r\",\"sha256\":\"" ZEROS "\"}"),
			409);
	}
	change_folder(w, "value=\"5000\"");
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 200);
	assert_int_equal(due(w), NEW_DUE);
}

static void a_damaged_set_stops_the_start(void **state)
{
	struct world *w = *state;

	world_execute(w, "DROP TRIGGER tariff_file_stays; UPDATE tariff_file SET bytes = x'00'");
	w->damaged = true;
	world_restart(w);
	assert_true(engine_has_failed(w->engine));
}

static void a_book_that_fails_activates_nothing(void **state)
{
	struct world *w = *state;

	change_folder(w, "value=\"5000\"");
	w->fail = true;
	assert_int_equal(world_operate(w, ANN, ACTIVATE, BECAUSE), 503);
	w->fail = false;
	world_restart(w);
	assert_int_equal(due(w), OLD_DUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_operator_takes_it_with_a_reason,
			begin_by_operator, end),
		cmocka_unit_test_setup_teardown(a_start_takes_the_books_set_and_not_the_folders,
			begin_by_operator, end),
		cmocka_unit_test_setup_teardown(a_folder_that_is_broken_or_gone_stops_nothing,
			begin_by_operator, end),
		cmocka_unit_test_setup_teardown(a_book_without_a_set_waits_for_an_operator,
			begin_by_operator, end),
		cmocka_unit_test_setup_teardown(only_the_set_that_was_checked_is_taken,
			begin_by_operator, end),
		cmocka_unit_test_setup_teardown(what_is_no_order_is_a_problem, begin_by_operator,
			end),
		cmocka_unit_test_setup_teardown(reloading_takes_it_without_anybody, begin_by_reload,
			end),
		cmocka_unit_test_setup_teardown(two_persons_are_two, begin_by_two, end),
		cmocka_unit_test_setup_teardown(a_changed_folder_voids_the_proposal, begin_by_two,
			end),
		cmocka_unit_test_setup_teardown(a_proposal_ends_with_the_daemon, begin_by_two, end),
		cmocka_unit_test_setup_teardown(nothing_broken_is_proposed, begin_by_two, end),
		cmocka_unit_test_setup_teardown(nobody_goes_back_alone_while_one_is_under_way,
			begin_by_two, end),
		cmocka_unit_test_setup_teardown(what_is_refused_is_not_kept, begin_by_operator,
			end),
		cmocka_unit_test_setup_teardown(a_damaged_set_stops_the_start, begin_by_operator,
			end),
		cmocka_unit_test_setup_teardown(a_book_that_fails_activates_nothing,
			begin_by_operator, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
