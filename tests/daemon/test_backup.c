/* SPDX-License-Identifier: Apache-2.0 */

/* A backup while the disk fills up, slice by slice. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/copy.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

enum { TICK_MS = 1000, PATH_SIZE = 300 };

static struct copy *made;

static void path_of(const struct world *w, const char *end, char path[PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/backup%s", w->folder, end);
}

static struct copy *make_copy(void *world)
{
	struct world *w = world;
	char path[PATH_SIZE];

	path_of(w, "", path);
	made = copy_new(path, w->now);
	return made;
}

/* A book of many slices. */
static int begin(void **state)
{
	struct world *w = world_new(WORLD_NOW);

	world_execute(w, "INSERT INTO inbox (gateway, received_at, peer, head, body) "
			 "VALUES (1, 1, '', x'', zeroblob(8000000))");
	w->engine->ports.copy = make_copy;
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

static bool is_there(const struct world *w, const char *suffix)
{
	char path[PATH_SIZE];

	path_of(w, suffix, path);
	return access(path, F_OK) == 0;
}

static void tick(struct world *w)
{
	w->now_ms += TICK_MS;
	(void)engine_tick(w->engine);
	world_run(w);
}

static int create(struct world *w, const char *reference)
{
	char body[128];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"visa.multiple\"}}", reference);
	return world_post(w, "/v1/payments", reference, body);
}

static void a_disk_that_fills_up_ends_the_backup_and_nothing_else(void **state)
{
	struct world *w = *state;
	const int64_t room = w->disk_free = 1 << 30;
	char target[64];

	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 201);
	(void)snprintf(target, sizeof(target), "/v1/book/backup?id=%s", world_text(w, "id"));
	assert_true(book_copy(w->book, made));
	tick(w);
	assert_int_equal(world_as(w, WORLD_OPERATOR, "", target), 200);
	assert_string_equal(world_text(w, "state"), "copying");
	assert_true(is_there(w, ".part"));
	/* What is left to copy does not fit above the reserve, though the reserve is there. */
	w->disk_free = w->settings.disk_reserve + 4096;
	tick(w);
	assert_int_equal(world_as(w, WORLD_OPERATOR, "", target), 200);
	assert_string_equal(world_text(w, "state"), "failed");
	assert_non_null(strstr(world_text(w, "why"), "make room"));
	assert_int_equal(create(w, "during"), 201);
	assert_false(book_copy(w->book, made)); /* the writer lets go */
	tick(w);
	assert_false(is_there(w, ".part"));
	assert_false(is_there(w, ""));
	assert_int_equal(world_as(w, WORLD_OPERATOR, "", target), 200);
	assert_non_null(strstr(world_text(w, "why"), "make room"));
	assert_int_equal(create(w, "after"), 201);
	w->disk_free = room;
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 201);
	assert_false(copy_is_free(made));
	copy_give_up(made);
}

/* The file can be written no further: the one that waits hears why, and it is gone. */
static void a_copy_that_can_not_be_written_is_removed(void **state)
{
	struct world *w = *state;
	char target[64];

	w->disk_free = 1 << 30;
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 201);
	(void)snprintf(target, sizeof(target), "/v1/book/backup?id=%s", world_text(w, "id"));
	assert_true(book_copy(w->book, made));
	copy_give_up(made);
	tick(w);
	assert_int_equal(world_as(w, WORLD_OPERATOR, "", target), 200);
	assert_string_equal(world_text(w, "state"), "failed");
	assert_string_equal(world_text(w, "why"), "alymd stops");
	assert_false(is_there(w, ".part"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_disk_that_fills_up_ends_the_backup_and_nothing_else, begin, end),
		cmocka_unit_test_setup_teardown(a_copy_that_can_not_be_written_is_removed, begin,
			end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
