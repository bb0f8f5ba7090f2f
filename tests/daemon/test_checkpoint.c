/* SPDX-License-Identifier: Apache-2.0 */

/* Checkpoints in time: what was written is signed within a minute, and quiet is not signed again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

/* The engine is called at least once a second, and not on the second. */
enum {
	MINUTE_MS = 60000,
	STEP_MS = 900,
	STEPS = 667,
	STEPS_A_MINUTE = MINUTE_MS / STEP_MS,
	EVERY = 7
};

static int begin(void **state)
{
	struct world *w = world_new(WORLD_NOW);

	w->engine->settings.checkpoint_s = MINUTE_MS / 1000;
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static void a_step(struct world *w)
{
	w->now_ms += STEP_MS;
	w->now = WORLD_NOW + w->now_ms / 1000;
	(void)engine_tick(w->engine);
	world_run(w);
}

static int64_t records(struct world *w)
{
	struct reader_figures figures;

	assert_true(reader_figures(w->reader, &figures, NULL));
	return figures.records;
}

static int64_t signed_records(struct world *w)
{
	char note[NOTE_TEXT_SIZE];
	uint64_t size = 0;

	if (reader_checkpoint(w->reader, UINT64_MAX, note, &size, NULL) != READER_FOUND) {
		return 0;
	}
	return (int64_t)size;
}

static void create(struct world *w, int number)
{
	char body[128];
	char key[16];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"R%d\",\"quote\":{\"service\":\"visa.exit\"}}", number);
	(void)snprintf(key, sizeof(key), "k%d", number);
	assert_int_equal(world_post(w, "/v1/payments", key, body), 201);
}

static void what_is_written_is_signed_within_a_minute(void **state)
{
	struct world *w = *state;
	int64_t written[STEPS]; /* records there were before each step */

	for (int step = 0; step < STEPS; step++) {
		if (step % EVERY == 0) {
			create(w, step);
		}
		written[step] = records(w);
		a_step(w);
		/* After the next step these would be more than a minute old. */
		if (step + 1 >= STEPS_A_MINUTE) {
			assert_true(signed_records(w) >= written[step + 1 - STEPS_A_MINUTE]);
		}
	}
}

static void where_nothing_is_written_nothing_is_signed(void **state)
{
	struct world *w = *state;
	int64_t all;

	create(w, 1);
	for (int step = 0; step < 2 * STEPS_A_MINUTE; step++) {
		a_step(w);
	}
	all = records(w);
	assert_int_equal(signed_records(w), all - 1); /* but for its own record */
	for (int step = 0; step < STEPS; step++) {
		a_step(w);
	}
	assert_int_equal(records(w), all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_signed_within_a_minute),
		TEST(where_nothing_is_written_nothing_is_signed),
	};

	return cmocka_run_group_tests_name("daemon/checkpoint", tests, NULL, NULL);
}
