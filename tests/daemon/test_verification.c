/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/ledger/verification: one at a time, for as long as somebody listens. */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "daemon/examination.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

enum { TOLD_MAX = 1 << 20, SEED_BYTE = 7 /* of the world's book */ };

static struct world *w;
static struct copy *made; /* the one that was begun last */

/* ---- the world's ---- */

static bool keys_of(const char *folder, const char *book, struct keyring *own,
	struct keyring *named, struct err *err)
{
	uint8_t seed[NOTE_SEED_SIZE];
	struct note_key *key = NULL;

	assert_string_equal(folder, "keys");
	memset(seed, SEED_BYTE, sizeof(seed));
	assert_true(note_key_new(seed, "any", &key, NULL));
	keyring_add(own, note_key_public(key));
	note_key_free(&key);
	return keyring_add_named_in(named, book, err);
}

static struct copy *examine(void *world, struct examination *examination)
{
	char path[WORLD_PATH_SIZE + 8];

	assert_ptr_equal(world, w);
	(void)snprintf(path, sizeof(path), "%s.copy", w->path);
	made = copy_new(path, w->now);
	examination_use(examination, made, keys_of, "keys");
	return made;
}

static void tick(void)
{
	w->now_ms += 1000;
	(void)engine_tick(w->engine);
	world_run(w);
}

/* The writer's part, to its end, and the copy's own. */
static void make(void)
{
	while (book_copy(w->book, made)) {
	}
	while (!copy_is_free(made)) {
		(void)sched_yield();
	}
}

/* ---- who listens ---- */

struct listener {
	struct world_call call; /* first */
	struct buffer told;
	bool begun;
	bool ended;
	bool whole;
};

static void listener_begin(struct call *call, int status, const char *content_type,
	const struct call_header *headers, size_t header_count)
{
	struct listener *l = (struct listener *)(void *)call;

	(void)headers;
	assert_int_equal(header_count, 0);
	assert_int_equal(status, 200);
	assert_string_equal(content_type, "application/x-ndjson");
	l->begun = true;
}

static void listener_piece(struct call *call, struct text piece)
{
	struct listener *l = (struct listener *)(void *)call;

	assert_true(l->begun && !l->ended);
	buffer_add(&l->told, piece);
}

static void listener_end(struct call *call, bool whole)
{
	struct listener *l = (struct listener *)(void *)call;

	assert_false(l->ended);
	l->ended = true;
	l->whole = whole;
}

static const struct call_pieces listener_pieces = { listener_begin, listener_piece, listener_end };

static void listen(struct listener *l)
{
	*l = (struct listener){ .begun = false };
	world_begin(w, &l->call, "GET", "/v1/ledger/verification", NULL, NULL);
	l->call.call.roles = WORLD_AUDITOR;
	l->call.call.pieces = &listener_pieces;
	buffer_init(&l->told, TOLD_MAX);
	engine_call(w->engine, &l->call.call);
	world_run(w);
	assert_true(l->begun);
	l->call.call.ready(&l->call.call); /* the first piece leaves */
}

static void listener_done(struct listener *l)
{
	buffer_done(&l->told);
	world_end(&l->call);
}

static bool was_told(const struct listener *l, const char *words)
{
	return strstr(l->told.bytes, words) != NULL;
}

static int setup(void **state)
{
	(void)state;
	w = world_new(WORLD_NOW);
	w->engine->ports.examine = examine;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

/* ---- what must hold ---- */

static void a_book_is_verified_while_it_is_written(void **state)
{
	struct listener l;

	(void)state;
	listen(&l);
	assert_true(was_told(&l, "\"state\":\"copying\""));
	assert_int_equal(world_post(w, "/v1/payments", "K1",
				 "{\"reference\":\"A\",\"quote\":{\"service\":\"eta\"}}"),
		201);
	make();
	tick();
	assert_false(l.ended);
	l.call.call.ready(&l.call.call);
	assert_true(l.ended && l.whole);
	/* The book's founding, two clients, a gateway, the tariff; and the payment made meanwhile.
	 */
	assert_true(was_told(&l, "{\"faults\":0,\"level\":\"full\",\"records\":6,"));
	assert_true(was_told(&l, "\"state\":\"verified\"}\n"));
	assert_null(w->engine->verification);
	listener_done(&l);
}

static void there_is_one_at_a_time(void **state)
{
	struct listener l;

	(void)state;
	listen(&l);
	assert_int_equal(world_as(w, WORLD_AUDITOR, "portal", "/v1/ledger/verification"), 409);
	assert_string_equal(world_text(w, "code"), "illegal_state");
	assert_int_equal(world_as(w, WORLD_SERVICE, "portal", "/v1/ledger/verification"), 403);
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 409);
	assert_non_null(strstr(world_text(w, "detail"), "a verification is under way"));
	make();
	tick();
	l.call.call.ready(&l.call.call);
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 201);
	listener_done(&l);
}

/* Nobody listens: the copy is given up, and when the writer has let go of it there is room again.
 */
static void it_ends_with_whoever_asked(void **state)
{
	struct listener l;
	struct listener next;

	(void)state;
	listen(&l);
	l.call.call.gone = true;
	tick();
	assert_true(l.ended && !l.whole);
	assert_int_equal(world_order(w, WORLD_OPERATOR, "/v1/book/backup", "{}"), 409);
	assert_false(book_copy(w->book, made));
	tick();
	assert_null(w->engine->verification);
	listen(&next);
	engine_fail(w->engine, "the disk");
	assert_true(next.ended && !next.whole);
	assert_false(book_copy(w->book, made));
	listener_done(&l);
	listener_done(&next);
}

static void the_disk_keeps_its_reserve(void **state)
{
	struct listener l;

	(void)state;
	w->disk_free = w->settings.disk_reserve - 1;
	(void)world_as(w, WORLD_AUDITOR, "portal", "/v1/ledger/verification");
	assert_string_equal(world_text(w, "code"), "limit_reached");
	(void)world_as(w, WORLD_AUDITOR, "portal", "/v1/ledger/verification?level=half");
	assert_string_equal(world_text(w, "field"), "level");
	w->disk_free = w->settings.disk_reserve;
	listen(&l);
	w->disk_free--;
	tick();
	l.call.call.ready(&l.call.call);
	assert_false(book_copy(w->book, made));
	tick();
	assert_true(was_told(&l, "\"state\":\"failed\",\"why\":\"the disk has no room"));
	l.call.call.ready(&l.call.call);
	assert_true(l.ended && l.whole);
	listener_done(&l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_book_is_verified_while_it_is_written),
		TEST(there_is_one_at_a_time),
		TEST(it_ends_with_whoever_asked),
		TEST(the_disk_keeps_its_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
