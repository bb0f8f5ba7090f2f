/* SPDX-License-Identifier: Apache-2.0 */

/* The engine end to end: orders to gateways, and what comes back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { MULTIPLE_2026 = 12975000, DUPLICATES = 50 };

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_check(s);
	stage_free(&s);
	return 0;
}

/* The payer pays at the bank, and the bank says so: the status of the answer. */
static int pay(struct stage *s, struct stage_payment *p, struct stage_call *c)
{
	struct bank_order *order = bank_find(&s->bank, p->order);
	int status;

	bank_pay(&s->bank, order);
	status = stage_message(s, c, "paid order %s %s %" PRId64 " KZT %" PRId64, p->order,
		order->operation, order->amount, order->paid_at);
	stage_look(s, p);
	return status;
}

static void a_page_is_led_to_and_a_message_pays(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char path[64];

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "pending");
	assert_int_equal(p.due, MULTIPLE_2026);
	(void)snprintf(path, sizeof(path), "/pay/%s", p.token);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", path, ""), 303);
	assert_non_null(strstr(c.location, p.order));
	assert_int_equal(pay(s, &p, &c), 200);
	assert_memory_equal(c.body, "booked ", 7);
	assert_string_equal(c.content_type, "text/plain");
	assert_string_equal(p.state, "paid");
	assert_string_equal(p.attempt, "captured");
	assert_int_equal(stage_balance(s, "clearing:kassa", "KZT"), MULTIPLE_2026);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", path, ""), 200);
	assert_non_null(strstr(c.body, "The payment was received"));
	assert_int_equal(engine_counts(s->engine)->captures, 1);
}

static void a_code_is_asked_for_and_paid(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char operation[32];

	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(p.attempts, 0);
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_string_equal(c.body, "payable 0 0 216250 KZT visa.exit");
	(void)bank_take(&s->bank, 216250, operation);
	assert_int_equal(stage_message(s, &c, "paid code %s %s 216250 KZT %" PRId64 " refusable",
				 p.code, operation, s->now),
		200);
	assert_memory_equal(c.body, "booked ", 7);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	assert_memory_equal(c.body, "paid ", 5);
}

static void a_duplicate_gets_the_same_bytes_and_changes_nothing(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call first;
	struct stage_call c;
	const struct bank_order *order;
	int64_t records;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(pay(s, &p, &first), 200);
	order = bank_find(&s->bank, p.order);
	records = stage_records(s);
	for (int i = 0; i < DUPLICATES; i++) {
		s->now++;
		assert_int_equal(stage_message(s, &c, "paid order %s %s %" PRId64 " KZT %" PRId64,
					 p.order, order->operation, order->amount, order->paid_at),
			200);
		assert_string_equal(c.body, first.body);
	}
	assert_int_equal(stage_records(s), records);
	assert_true(stage_logged(s, "callback.duplicate"));
}

static void what_arrives_in_the_wrong_order_changes_nothing(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(pay(s, &p, &c), 200);
	assert_int_equal(stage_message(s, &c, "pending order %s", p.order), 200);
	assert_int_equal(stage_message(s, &c, "declined order %s", p.order), 200);
	assert_memory_equal(c.body, "noted ", 6);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "captured");
	assert_string_equal(p.state, "paid");
}

static void money_after_a_refusal_is_money(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(stage_message(s, &c, "declined order %s", p.order), 200);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "declined");
	assert_int_equal(pay(s, &p, &c), 200);
	assert_string_equal(p.state, "paid");
}

static void another_gateway_is_tried_after_a_refusal(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(stage_attempt(s, &p, "a-2", "other"), 409);
	assert_int_equal(stage_message(s, &c, "declined order %s", p.order), 200);
	assert_int_equal(stage_attempt(s, &p, "a-3", "other"), 201);
	assert_int_equal(p.attempts, 2);
	assert_string_equal(p.attempt, "pending");
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "clearing:other", "KZT"), MULTIPLE_2026);
}

static void a_bank_that_is_away_was_not_attempted(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_AWAY;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "not_attempted");
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 7200);
	assert_int_equal(s->bank.status_requests, 0);
	assert_int_equal(stage_attempt(s, &p, "a-2", "kassa"), 201);
	assert_string_equal(p.attempt, "pending");
}

static void an_unknown_order_is_asked_about_on_schedule(void **state)
{
	static const int64_t delays[] = { 60, 300, 900, 3600, 21600, 86400, 86400 };
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_LOSES_ANSWER;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "unknown");
	assert_int_equal(stage_attempt(s, &p, "a-2", "other"), 409);
	for (size_t i = 0; i < COUNT(delays); i++) {
		stage_sleep(s, delays[i] - 1);
		assert_int_equal(s->bank.status_requests, (int)i);
		stage_sleep(s, 1);
		assert_int_equal(s->bank.status_requests, (int)i + 1);
	}
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 86400);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "captured");
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.registrations, 1);
}

static void an_order_that_never_arrived_is_not_attempted(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_LOSES_ORDER;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "unknown");
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "not_attempted");
	assert_int_equal(s->bank.registrations, 0);
}

static void garbage_is_unknown(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_GARBAGE;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_string_equal(p.attempt, "unknown");
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "pending");
}

static void a_hint_is_followed_but_not_a_swarm_of_them(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	s->now += 10;
	for (int i = 0; i < DUPLICATES; i++) {
		assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 200);
		assert_memory_equal(c.body, "noted ", 6);
	}
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(s->bank.status_requests, 1);
	assert_int_equal(stage_message(s, &c, "hint code %s", p.code), 200);
	assert_int_equal(stage_message(s, &c, "hint order 99999999"), 200);
	assert_memory_equal(c.body, "unknown ", 8);
}

static void a_hint_about_a_final_attempt_is_followed(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(stage_message(s, &c, "expired order %s", p.order), 200);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "expired");
	stage_sleep(s, 3600);
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	s->bank.fault = BANK_LOSES_ANSWER;
	assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 200);
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 900);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
}

static void strangers_are_refused_and_nothing_is_kept(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	int64_t records = stage_records(s);

	assert_int_equal(stage_message(s, &c, "open sesame"), 401);
	assert_string_equal(c.body, "who are you");
	assert_int_equal(stage_message(s, &c, "mute code 300000000001"), 500);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "POST", "/callbacks/nobody", "x"), 404);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "DELETE", "/callbacks/kassa", "x"), 405);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/v1/services", ""), 404);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/livez", ""), 404);
	assert_int_equal(stage_records(s), records);
	assert_int_equal(engine_counts(s->engine)->callbacks_refused, 4);
}

static void a_proven_register_becomes_evidence(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	int64_t records = stage_records(s);
	struct kept_message kept;
	struct buffer arena;
	struct err err = { 0 };

	assert_int_equal(stage_message(s, &c, "register 1"), 200);
	assert_memory_equal(c.body, "noted ", 6);
	assert_int_equal(stage_records(s), records + 1);
	buffer_init(&arena, JOB_EVIDENCE_MAX);
	assert_int_equal(reader_kept(s->reader, 0, &kept, &arena, &err), READER_ABSENT);
	buffer_done(&arena);
}

static void other_networks_are_refused(void **state)
{
	struct stage *s = *state;
	struct stage_call c;

	s->engine->settings.gateways[0].allow_count = 1;
	s->engine->settings.gateways[0].allow[0] = (struct engine_network){ .bits = 128 };
	assert_int_equal(stage_message(s, &c, "check code 300000000001"), 403);
	assert_true(stage_logged(s, "callback.refused"));
}

static void begin_create(struct stage *s, struct stage_call *c, size_t i)
{
	char body[256];
	char key[16];

	(void)snprintf(key, sizeof(key), "k%zu", i);
	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"visa.exit\"},"
		"\"return_url\":\"https://portal.kz/b\",\"gateway\":\"kassa\"}",
		key);
	stage_begin(s, c, CALL_SOCKET, "POST", "/v1/payments", body);
	(void)snprintf(c->key, sizeof(c->key), "%s", key);
	c->headers[c->call.header_count++] =
		(struct call_header){ TEXT("Idempotency-Key"), text_of(c->key) };
	engine_call(s->engine, &c->call);
}

/* Orders leave before questions, and neither floods the bank. */
static void few_conversations_run_at_once(void **state)
{
	struct stage *s = *state;
	struct stage_call calls[80];

	s->bank.fault = BANK_LOSES_ANSWER;
	for (size_t i = 0; i < COUNT(calls); i++) {
		begin_create(s, &calls[i], i);
	}
	stage_run(s);
	assert_int_equal(s->bank.registrations, COUNT(calls));
	assert_int_equal(s->exchanges_max, 64);
	for (size_t i = 0; i < COUNT(calls); i++) {
		assert_int_equal(calls[i].status, 201);
	}
	s->exchanges_max = 0;
	stage_sleep(s, 60);
	assert_int_equal(s->bank.status_requests, COUNT(calls));
	assert_int_equal(s->exchanges_max, 48);
}

static void an_overdue_payment_expires(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_payment blocked;

	stage_create(s, "a", "visa.exit", NULL, &p);
	s->bank.fault = BANK_LOSES_ANSWER;
	stage_create(s, "b", "visa.exit", "kassa", &blocked);
	stage_sleep(s, INT64_C(3) * 86400 - 120);
	stage_look(s, &p);
	assert_string_equal(p.state, "open");
	stage_sleep(s, 240);
	stage_look(s, &p);
	assert_string_equal(p.state, "expired");
	stage_look(s, &blocked);
	assert_string_equal(blocked.state, "open"); /* money may have moved */
	s->bank.fault = BANK_WELL;
	bank_find(&s->bank, blocked.order)->state = BANK_EXPIRED;
	stage_sleep(s, INT64_C(2) * 86400);
	stage_look(s, &blocked);
	assert_string_equal(blocked.state, "expired");
}

static void a_checkpoint_follows_what_was_written(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	char note[NOTE_TEXT_SIZE];
	uint64_t size = 0;
	uint64_t again = 0;
	struct err err = { 0 };

	stage_create(s, "a", "visa.exit", NULL, &p);
	stage_sleep(s, 1200);
	assert_int_equal(reader_checkpoint(s->reader, UINT64_MAX >> 1, note, &size, &err),
		READER_FOUND);
	assert_true((int64_t)size >= 5);
	stage_sleep(s, 7200);
	assert_int_equal(reader_checkpoint(s->reader, UINT64_MAX >> 1, note, &again, &err),
		READER_FOUND);
	assert_int_equal(size, again);
}

static void another_tariff_is_quoted_by_once_it_is_booked(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct err err = { 0 };

	fixture_replace(&s->fixture, "mrp.xml", "value=\"4325\"", "value=\"x\"");
	assert_false(
		engine_use_tariff(s->engine, s->fixture.files, s->fixture.count, "SIGHUP", &err));
	assert_non_null(strstr(err.message, "mrp.xml"));
	stage_create(s, "a", "visa.exit", NULL, &p);
	assert_int_equal(p.due, 216250);
	fixture_replace(&s->fixture, "mrp.xml", "value=\"x\"", "value=\"5000\"");
	assert_true(
		engine_use_tariff(s->engine, s->fixture.files, s->fixture.count, "SIGHUP", &err));
	stage_run(s);
	stage_create(s, "b", "visa.exit", NULL, &p);
	assert_int_equal(p.due, 250000);
}

static void a_drained_engine_has_nothing_under_way(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_true(engine_drain(s->engine));
	assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 503);
	assert_int_equal(s->bank.status_requests, 0);
}

static void a_failed_book_answers_503(void **state)
{
	struct stage *s = *state;
	struct stage_call c;

	engine_fail(s->engine, "the disk is gone");
	assert_true(engine_has_failed(s->engine));
	assert_int_equal(stage_message(s, &c, "register 1"), 503);
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/v1/services", ""), 503);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/x", ""), 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_is_led_to_and_a_message_pays),
		TEST(a_code_is_asked_for_and_paid),
		TEST(a_duplicate_gets_the_same_bytes_and_changes_nothing),
		TEST(what_arrives_in_the_wrong_order_changes_nothing),
		TEST(money_after_a_refusal_is_money),
		TEST(another_gateway_is_tried_after_a_refusal),
		TEST(a_bank_that_is_away_was_not_attempted),
		TEST(an_unknown_order_is_asked_about_on_schedule),
		TEST(an_order_that_never_arrived_is_not_attempted),
		TEST(garbage_is_unknown),
		TEST(a_hint_is_followed_but_not_a_swarm_of_them),
		TEST(a_hint_about_a_final_attempt_is_followed),
		TEST(strangers_are_refused_and_nothing_is_kept),
		TEST(a_proven_register_becomes_evidence),
		TEST(other_networks_are_refused),
		TEST(few_conversations_run_at_once),
		TEST(an_overdue_payment_expires),
		TEST(a_checkpoint_follows_what_was_written),
		TEST(another_tariff_is_quoted_by_once_it_is_booked),
		TEST(a_drained_engine_has_nothing_under_way),
		TEST(a_failed_book_answers_503),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
