/* SPDX-License-Identifier: Apache-2.0 */

/* What lies beside the journal goes when its time is over, and only then. */
#include <stdlib.h>

#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

#define DAY INT64_C(86400)
/* More than the slices a pass is made of: 200 rows each. */
#define PAYMENTS 401

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

/* A payment that is complete at once: nothing is due. */
static void create(struct world *w, int number)
{
	char body[128];
	char key[16];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"R%d\",\"quote\":{\"service\":\"eta\",\"travel_date\":"
		"\"2026-06-01\"}}",
		number);
	(void)snprintf(key, sizeof(key), "k%d", number);
	assert_int_equal(world_post(w, "/v1/payments", key, body), 201);
}

/* An hour goes by, and what was due is done. */
static void an_hour(struct world *w)
{
	w->now += 3600;
	w->now_ms += 3600000;
	(void)engine_tick(w->engine);
	world_run(w);
}

static int64_t left(struct world *w)
{
	struct reader_page page = { .limit = 500 };
	struct job_erased rows[500];

	assert_true(reader_retention(w->reader, JOB_SOURCE_PRIVATE, INT64_MAX, &page, rows, NULL));
	return (int64_t)page.count;
}

static void nothing_goes_unless_it_is_said(void **state)
{
	struct world *w = *state;

	create(w, 1);
	w->now += 10000 * DAY;
	an_hour(w);
	assert_int_equal(left(w), 1);
	assert_int_equal(w->engine->counts.erased, 0);
}

static void what_is_past_its_days_goes_slice_by_slice(void **state)
{
	struct world *w = *state;

	for (int i = 1; i <= PAYMENTS; i++) {
		create(w, i);
	}
	w->engine->settings.private_days = 30;
	w->now += 30 * DAY - 3600;
	create(w, PAYMENTS + 1);
	an_hour(w); /* 30 days to the second: not yet past */
	assert_int_equal(left(w), PAYMENTS + 1);
	an_hour(w);
	assert_int_equal(left(w), 1);
	assert_int_equal(w->engine->counts.erased, PAYMENTS);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(world_text(w, "flags.0"), "erased");
	assert_int_equal(world_get(w, "/v1/payments/p1-402"), 200);
	assert_string_equal(world_text(w, "reference"), "R402");
	assert_int_equal(w->errors, 0);
}

static void evidence_has_days_of_its_own(void **state)
{
	struct world *w = *state;
	struct job job = { .kind = JOB_KEEP, .now = w->now, .today = 20514 };
	int64_t inbox;

	create(w, 1);
	job.u.keep = (struct job_keep){ .gateway = 1,
		.peer = TEXT("192.0.2.1"),
		.head = TEXT("POST /"),
		.body = TEXT("register 4711") };
	assert_true(book_commit(w->book, &job, NULL));
	inbox = job.u.keep.inbox;
	job.kind = JOB_EVIDENCE;
	job.u.evidence = (struct job_evidence){ .gateway = 1,
		.inbox = inbox,
		.what = TEXT("register 4711") };
	assert_true(book_commit(w->book, &job, NULL));
	assert_int_equal(job.outcome, JOB_DONE);
	w->engine->settings.evidence_days = 1;
	w->now += DAY;
	an_hour(w);
	assert_int_equal(w->engine->counts.erased, 1);
	assert_int_equal(left(w), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_goes_unless_it_is_said, begin, end),
		cmocka_unit_test_setup_teardown(what_is_past_its_days_goes_slice_by_slice, begin,
			end),
		cmocka_unit_test_setup_teardown(evidence_has_days_of_its_own, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
