/* SPDX-License-Identifier: Apache-2.0 */

/* A client's own events: numbered without gaps, replayable, waited for. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

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

static void create(struct world *w, const char *client, const char *reference)
{
	char body[128];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"visa.exit\"}}", reference);
	world_end(&w->last);
	world_begin(w, &w->last, "POST", "/v1/payments", reference, body);
	w->last.call.client = text_of(client);
	engine_call(w->engine, &w->last.call);
	world_run(w);
	assert_int_equal(w->last.status, 201);
}

static void poll(struct world *w, struct world_call *c, const char *client, const char *target)
{
	world_begin(w, c, "GET", target, NULL, NULL);
	c->call.client = text_of(client);
	engine_call(w->engine, &c->call);
	world_run(w);
}

static const char *next_of(const struct world_call *c)
{
	return json_string_value(json_object_get(c->json, "next"));
}

static size_t items_of(const struct world_call *c)
{
	return json_array_size(json_object_get(c->json, "items"));
}

static void every_client_counts_its_own(void **state)
{
	struct world *w = *state;

	create(w, "portal", "a");
	create(w, "eta", "a");
	create(w, "portal", "b");
	assert_int_equal(world_get(w, "/v1/events"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_string_equal(world_text(w, "items.0.id"), "e1-1");
	assert_string_equal(world_text(w, "items.1.id"), "e1-2");
	assert_string_equal(world_text(w, "items.1.sequence"), "2");
	assert_string_equal(world_text(w, "items.1.specversion"), "1.0");
	assert_string_equal(world_text(w, "items.1.type"), "payment.created");
	assert_string_equal(world_text(w, "items.1.subject"), "p1-3");
	assert_string_equal(world_text(w, "items.1.time"), "2026-03-02T05:00:00Z");
	assert_string_equal(world_text(w, "items.1.data.reference"), "b");
	assert_string_equal(world_text(w, "items.1.data.state"), "open");
	assert_string_equal(world_text(w, "next"), "e1-2");
	assert_int_equal(world_as(w, WORLD_SERVICE, "eta", "/v1/events"), 200);
	assert_int_equal(world_count(w, "items"), 1);
}

static void an_event_shows_the_payment_as_it_was(void **state)
{
	struct world *w = *state;

	create(w, "portal", "a");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k", ""), 200);
	assert_int_equal(world_get(w, "/v1/events"), 200);
	assert_string_equal(world_text(w, "items.0.data.state"), "open");
	assert_string_equal(world_text(w, "items.1.type"), "payment.cancelled");
	assert_string_equal(world_text(w, "items.1.data.state"), "cancelled");
}

static void events_are_read_from_any_of_them_on(void **state)
{
	struct world *w = *state;

	create(w, "portal", "a");
	create(w, "portal", "b");
	create(w, "portal", "c");
	assert_int_equal(world_get(w, "/v1/events?limit=2"), 200);
	assert_int_equal(world_count(w, "items"), 2);
	assert_string_equal(world_text(w, "next"), "e1-2");
	assert_int_equal(world_get(w, "/v1/events?after=e1-2"), 200);
	assert_string_equal(world_text(w, "items.0.id"), "e1-3");
	assert_int_equal(world_get(w, "/v1/events?after=0&limit=1"), 200);
	assert_string_equal(world_text(w, "items.0.id"), "e1-1");
	assert_int_equal(world_get(w, "/v1/events?after=3"), 200);
	assert_int_equal(world_count(w, "items"), 0);
	assert_string_equal(world_text(w, "next"), "e1-3");
}

static void a_position_that_is_not_there_is_an_error(void **state)
{
	static const char *const targets[] = { "/v1/events?after=2", "/v1/events?after=e1-2&wait=9",
		"/v1/events?after=e2-1", "/v1/events?after=e2-0" };
	struct world *w = *state;

	create(w, "portal", "a");
	for (size_t i = 0; i < COUNT(targets); i++) {
		assert_int_equal(world_get(w, targets[i]), 409);
		assert_string_equal(world_text(w, "code"), "position_unknown");
		assert_string_equal(world_text(w, "field"), "after");
	}
}

static void a_poll_waits_for_an_event_of_its_client(void **state)
{
	struct world *w = *state;
	struct world_call held;

	poll(w, &held, "portal", "/v1/events?wait=30");
	assert_false(held.answered);
	create(w, "eta", "a");
	assert_false(held.answered);
	create(w, "portal", "a");
	assert_true(held.answered);
	assert_int_equal(held.status, 200);
	assert_int_equal(items_of(&held), 1);
	assert_string_equal(next_of(&held), "e1-1");
	world_end(&held);
	/* What is there already is not waited for. */
	poll(w, &held, "portal", "/v1/events?wait=30");
	assert_true(held.answered);
	world_end(&held);
}

static void a_poll_ends_when_its_time_is_over(void **state)
{
	struct world *w = *state;
	struct world_call held;

	poll(w, &held, "portal", "/v1/events?wait=30");
	w->now_ms += 29500;
	assert_in_range(events_tick(w->engine), 1, 500);
	assert_false(held.answered);
	w->now_ms += 500;
	(void)events_tick(w->engine);
	assert_true(held.answered);
	assert_int_equal(held.status, 200);
	assert_int_equal(items_of(&held), 0);
	assert_string_equal(next_of(&held), "e1-0");
	world_end(&held);
}

static void an_event_between_reading_and_holding_is_not_missed(void **state)
{
	struct world *w = *state;
	struct world_call held;
	struct world_call made;

	w->hold = true;
	poll(w, &held, "portal", "/v1/events?wait=30"); /* has read, and found nothing */
	world_begin(w, &made, "POST", "/v1/payments", "k",
		"{\"reference\":\"a\",\"quote\":{\"service\":\"visa.exit\"}}");
	engine_call(w->engine, &made.call);
	w->hold = false;
	world_run(w);
	assert_true(made.answered);
	assert_true(held.answered);
	assert_int_equal(items_of(&held), 1);
	world_end(&made);
	world_end(&held);
}

static void held_polls_are_limited(void **state)
{
	struct world *w = *state;
	struct world_call held[17];

	for (size_t i = 0; i < COUNT(held); i++) {
		poll(w, &held[i], "portal", "/v1/events?wait=30");
		assert_int_equal(held[i].answered, i == 16);
	}
	assert_int_equal(held[16].status, 503);
	assert_string_not_equal(held[16].retry_after, "");
	/* Others still may wait, and who does not wait is always served. */
	assert_int_equal(world_get(w, "/v1/events"), 200);
	create(w, "portal", "a");
	for (size_t i = 0; i < COUNT(held); i++) {
		assert_true(held[i].answered);
		world_end(&held[i]);
	}
}

static void who_has_gone_is_not_waited_for(void **state)
{
	struct world *w = *state;
	struct world_call held;

	poll(w, &held, "portal", "/v1/events?wait=30");
	held.call.gone = true;
	(void)events_tick(w->engine);
	assert_true(held.answered);
	world_end(&held);
}

static void stopping_answers_who_waits(void **state)
{
	struct world *w = *state;
	struct world_call held;

	poll(w, &held, "portal", "/v1/events?wait=30");
	(void)engine_drain(w->engine);
	world_run(w);
	assert_true(held.answered);
	assert_int_equal(held.status, 200);
	world_end(&held);
}

static void a_failed_book_answers_who_waits(void **state)
{
	struct world *w = *state;
	struct world_call held;

	poll(w, &held, "portal", "/v1/events?wait=30");
	engine_fail(w->engine, "a test");
	world_run(w);
	assert_true(held.answered);
	assert_int_equal(held.status, 503);
	world_end(&held);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_client_counts_its_own),
		TEST(an_event_shows_the_payment_as_it_was),
		TEST(events_are_read_from_any_of_them_on),
		TEST(a_position_that_is_not_there_is_an_error),
		TEST(a_poll_waits_for_an_event_of_its_client),
		TEST(a_poll_ends_when_its_time_is_over),
		TEST(an_event_between_reading_and_holding_is_not_missed),
		TEST(held_polls_are_limited),
		TEST(who_has_gone_is_not_waited_for),
		TEST(stopping_answers_who_waits),
		TEST(a_failed_book_answers_who_waits),
	};

	return cmocka_run_group_tests_name("daemon/events", tests, NULL, NULL);
}
