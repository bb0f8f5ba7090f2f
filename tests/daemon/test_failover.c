/* SPDX-License-Identifier: Apache-2.0 */

/* Payments that name a method: kassa comes first, other takes what kassa can not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/errand.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { MULTIPLE_2026 = 12975000, CRASHES_MAX = 80 };

#define BY_CARD "method=card"

static int begin(void **state)
{
	struct stage *s = stage_new(STAGE_NOW);

	s->bank.fault_is_kassas = true;
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_check(s);
	stage_free(&s);
	return 0;
}

static int look_at(struct stage *s, const struct stage_payment *p, struct stage_call *c)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/v1/payments/%s", p->id);
	return stage_call(s, c, CALL_SOCKET, "GET", path, "");
}

/* Of the address that the payer was told at first. */
static void first_token(struct stage *s, const struct stage_payment *p, char token[CODE_TOKEN_SIZE])
{
	struct payment_view view;
	struct err err = { 0 };

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, p->number, READER_LATEST, &view, &err),
		READER_FOUND);
	(void)reader_attempt_token(s->reader, &view.attempts[0], token);
	payment_view_done(&view);
}

static int64_t session_end(struct stage *s, const struct stage_payment *p, size_t attempt)
{
	struct payment_view view;
	struct err err = { 0 };
	int64_t at;

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, p->number, READER_LATEST, &view, &err),
		READER_FOUND);
	at = view.attempts[attempt].expires_at;
	payment_view_done(&view);
	return at;
}

static size_t live_attempts(struct stage *s, const struct stage_payment *p)
{
	struct payment_view view;
	struct err err = { 0 };
	size_t live = 0;

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, p->number, READER_LATEST, &view, &err),
		READER_FOUND);
	for (size_t i = 0; i < view.attempt_count; i++) {
		live += attempt_is_final(view.attempts[i].state) ? 0 : 1;
	}
	payment_view_done(&view);
	return live;
}

/* The payer comes to the page of that token: where he is led to. */
static const char *visit(struct stage *s, const char *token, struct stage_call *c)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/pay/%s", token);
	return stage_call(s, c, CALL_HTTPS, "GET", path, "") == 303 ? c->location : "";
}

static int post_payment(struct stage *s, struct stage_call *c, const char *key, const char *method)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
		"{\"reference\":\"%s\",\"quote\":{\"service\":\"visa.multiple\"},\"method\":\"%s\","
		"\"return_url\":\"https://portal.kz/back\"}",
		key, method);
	return stage_post(s, c, "/v1/payments", key, body);
}

static void a_method_goes_to_the_first_of_its_gateways(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", BY_CARD, &p);
	assert_string_equal(p.attempt, "pending");
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "\"gateway\":\"kassa\""));
	assert_non_null(strstr(c.body, "\"route\":{\"method\":\"card\",\"skipped\":[]}"));
	stage_create(s, "b", "visa.multiple", "kassa", &p);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "\"route\":null"));
}

static void what_was_not_attempted_goes_on_at_the_next_gateway(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char first[CODE_TOKEN_SIZE];

	s->bank.fault = BANK_AWAY;
	stage_create(s, "a", "visa.multiple", BY_CARD, &p);
	assert_int_equal(p.attempts, 2);
	assert_string_equal(p.attempt, "pending");
	assert_int_equal(s->bank.registrations, 1);
	assert_int_equal(engine_counts(s->engine)->failovers, 1);
	assert_int_equal(stage_logged(s, "attempt.failed_over"), 1);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body,
		"\"route\":{\"method\":\"card\",\"skipped\":[{\"gateway\":\"kassa\",\"why\":\"tried\"}]}"));
	/* He who was told the first address is led to the page of the second order. */
	first_token(s, &p, first);
	assert_string_not_equal(first, p.token);
	assert_int_equal(session_end(s, &p, 1), session_end(s, &p, 0));
	assert_non_null(strstr(visit(s, first, &c), p.order));
	bank_pay(&s->bank, bank_find(&s->bank, p.order));
	stage_sleep(s, 60);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_int_equal(stage_balance(s, "clearing:other", "KZT"), MULTIPLE_2026);
	assert_int_equal(stage_balance(s, "clearing:kassa", "KZT"), 0);
	/* The service was told of each step. */
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/v1/events", ""), 200);
	assert_non_null(strstr(c.body, "\"type\":\"attempt.not_attempted\""));
	assert_non_null(strstr(c.body, "\"type\":\"attempt.created\""));
}

static void it_goes_on_once_to_each_and_then_no_further(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault_is_kassas = false;
	s->bank.fault = BANK_AWAY;
	stage_create(s, "a", "visa.multiple", BY_CARD, &p);
	assert_int_equal(p.attempts, 2);
	assert_string_equal(p.attempt, "not_attempted");
	assert_string_equal(p.state, "open");
	stage_sleep(s, 7200);
	stage_look(s, &p);
	assert_int_equal(p.attempts, 2);
}

/* Nobody knows, so the payer may yet pay there: nothing else is opened, whatever was asked for. */
static void the_unknown_never_goes_on(void **state)
{
	static const enum bank_fault faults[] = { BANK_LOSES_ANSWER, BANK_GARBAGE };
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(faults); i++) {
		struct stage_payment p;
		char key[16];

		(void)snprintf(key, sizeof(key), "a-%zu", i);
		s->bank.fault = faults[i];
		stage_create(s, key, "visa.multiple", BY_CARD, &p);
		assert_string_equal(p.attempt, "unknown");
		stage_sleep(s, 1000);
		(void)snprintf(key, sizeof(key), "b-%zu", i);
		assert_int_equal(stage_attempt(s, &p, key, BY_CARD), 409);
		assert_int_equal(p.attempts, 1);
		s->bank.fault = BANK_WELL;
		stage_sleep(s, 3600);
		stage_look(s, &p);
		assert_string_equal(p.attempt, "pending");
		assert_int_equal(p.attempts, 1);
	}
	assert_int_equal(s->bank.registrations, (int)COUNT(faults));
}

/* As soon as it is known that it never arrived it goes on, if the payer may still be there. */
static void what_turns_out_never_to_have_arrived_goes_on_while_the_session_lasts(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_payment late;

	s->bank.fault = BANK_LOSES_ORDER;
	stage_create(s, "a", "visa.multiple", BY_CARD, &p);
	assert_int_equal(p.attempts, 1);
	stage_create(s, "b", "visa.multiple", BY_CARD, &late);
	stage_sleep(s, 59);
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 1);
	stage_look(s, &p);
	assert_int_equal(p.attempts, 2);
	assert_string_equal(p.attempt, "pending");
	s->bank.fault = BANK_LOSES_ORDER;
	stage_create(s, "c", "visa.multiple", BY_CARD, &late);
	stage_sleep(s, 1200); /* its session is over */
	s->bank.fault = BANK_WELL;
	stage_sleep(s, 3600);
	stage_look(s, &late);
	assert_string_equal(late.attempt, "not_attempted");
	assert_int_equal(late.attempts, 1);
}

/* The payer's bank said no to the payer: where he tries next is asked of the service. */
static void a_refusal_waits_for_the_payer_and_then_goes_elsewhere(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.multiple", BY_CARD, &p);
	assert_int_equal(stage_message(s, &c, "declined order %s", p.order), 200);
	stage_sleep(s, 600);
	stage_look(s, &p);
	assert_string_equal(p.attempt, "declined");
	assert_int_equal(p.attempts, 1);
	assert_int_equal(stage_attempt(s, &p, "a-2", BY_CARD), 201);
	assert_int_equal(p.attempts, 2);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "\"gateway\":\"other\""));
	/* Everywhere once: then from the beginning. */
	bank_find(&s->bank, p.order)->state = BANK_DECLINED;
	stage_sleep(s, 60);
	assert_int_equal(stage_attempt(s, &p, "a-3", BY_CARD), 201);
	assert_int_equal(p.attempts, 3);
}

static void what_the_service_named_goes_nowhere_else(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;

	s->bank.fault = BANK_AWAY;
	stage_create(s, "a", "visa.multiple", "kassa", &p);
	assert_int_equal(p.attempts, 1);
	assert_string_equal(p.attempt, "not_attempted");
}

static void a_gateway_that_takes_no_orders_rests_and_is_still_asked(void **state)
{
	struct stage *s = *state;
	struct stage_payment asked;
	struct stage_payment p;
	struct stage_call c;
	char key[16];

	stage_create(s, "before", "visa.multiple", BY_CARD, &asked);
	s->bank.fault = BANK_AWAY;
	for (int i = 0; i < BREAKER_FAILURES_MAX; i++) {
		(void)snprintf(key, sizeof(key), "a-%d", i);
		stage_create(s, key, "visa.multiple", BY_CARD, &p);
		assert_int_equal(p.attempts, 2);
	}
	assert_int_equal(stage_logged(s, "gateway.breaker_opened"), 1);
	stage_create(s, "b", "visa.multiple", BY_CARD, &p);
	assert_int_equal(p.attempts, 1);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "{\"gateway\":\"kassa\",\"why\":\"resting\"}"));
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/metrics", ""), 200);
	assert_non_null(strstr(c.body, "alym_gateway_breaker{gateway=\"kassa\"} 2\n"));
	assert_non_null(strstr(c.body, "alym_gateway_breaker{gateway=\"other\"} 0\n"));
	assert_non_null(strstr(c.body, "alym_warning{code=\"gateway_resting\"} 1\n"));
	/* Questions go there, rest or not: what was paid before is found. */
	s->bank.fault = BANK_WELL;
	bank_pay(&s->bank, bank_find(&s->bank, asked.order));
	stage_sleep(s, ERRAND_GAP_S);
	assert_int_equal(stage_message(s, &c, "hint order %s", asked.order), 200);
	stage_look(s, &asked);
	assert_string_equal(asked.state, "paid");
	stage_create(s, "c", "visa.multiple", BY_CARD, &p);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "\"gateway\":\"other\""));
	/* It has rested: the next order tries it, and it is well. */
	stage_sleep(s, 30);
	stage_create(s, "d", "visa.multiple", BY_CARD, &p);
	assert_int_equal(p.attempts, 1);
	assert_int_equal(look_at(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "\"gateway\":\"kassa\""));
	assert_int_equal(stage_logged(s, "gateway.breaker_closed"), 1);
}

static void refusals_open_no_breaker(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	char key[16];

	s->bank.first = BANK_DECLINED;
	for (int i = 0; i <= BREAKER_FAILURES_MAX; i++) {
		(void)snprintf(key, sizeof(key), "a-%d", i);
		stage_create(s, key, "visa.multiple", BY_CARD, &p);
	}
	assert_int_equal(stage_logged(s, "gateway.breaker_opened"), 0);
}

static void where_all_rest_nothing_is_begun_and_a_named_one_is_tried(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	int64_t records;
	char key[16];

	s->bank.fault_is_kassas = false;
	s->bank.fault = BANK_AWAY;
	for (int i = 0; i < BREAKER_FAILURES_MAX; i++) {
		(void)snprintf(key, sizeof(key), "a-%d", i);
		stage_create(s, key, "visa.multiple", BY_CARD, &p);
	}
	assert_int_equal(stage_logged(s, "gateway.breaker_opened"), 2);
	records = stage_records(s);
	assert_int_equal(post_payment(s, &c, "b", "card"), 503);
	assert_non_null(strstr(c.body, "card kassa:resting other:resting"));
	assert_string_equal(c.retry_after, "5");
	assert_int_equal(stage_records(s), records);
	/* What was granted before is granted still. */
	assert_int_equal(post_payment(s, &c, "a-0", "card"), 201);
	assert_int_equal(stage_records(s), records);
	s->bank.fault = BANK_WELL;
	stage_create(s, "c", "visa.multiple", "other", &p);
	assert_string_equal(p.attempt, "pending");
	assert_int_equal(post_payment(s, &c, "b", "card"), 201); /* the key was left free */
}

static void what_no_gateway_takes_is_refused(void **state)
{
	struct stage *s = *state;
	struct stage_call c;
	int64_t records = stage_records(s);

	assert_int_equal(post_payment(s, &c, "a", "bank"), 422);
	assert_non_null(strstr(c.body, "\"code\":\"no_gateway\""));
	assert_int_equal(post_payment(s, &c, "a", "cash"), 400);
	assert_non_null(strstr(c.body, "\"field\":\"method\""));
	assert_int_equal(stage_post(s, &c, "/v1/payments", "a",
				 "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.multiple\"},"
				 "\"method\":\"card\",\"gateway\":\"kassa\","
				 "\"return_url\":\"https://portal.kz/back\"}"),
		400);
	assert_int_equal(stage_post(s, &c, "/v1/payments", "a",
				 "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.multiple\"},"
				 "\"method\":\"card\"}"),
		400);
	assert_non_null(strstr(c.body, "\"field\":\"return_url\""));
	assert_int_equal(stage_records(s), records);
}

/* Died before each step in turn: one order lives, it is where the payer is led, and is paid once.
 */
static void a_crash_on_the_way_leaves_one_live_order(void **state)
{
	struct stage *s = *state;

	for (int64_t step = 1; step <= CRASHES_MAX; step++) {
		struct stage_payment p;
		int registrations = s->bank.registrations;
		char key[16];

		(void)snprintf(key, sizeof(key), "a-%" PRId64, step);
		s->bank.fault = BANK_AWAY;
		s->crash_at = s->steps + step;
		stage_create(s, key, "visa.multiple", BY_CARD, &p);
		s->crash_at = 0;
		s->bank.fault = BANK_WELL;
		stage_sleep(s, 60);
		stage_look(s, &p);
		assert_in_range(p.attempts, 1, 2);
		if (strcmp(p.attempt, "not_attempted") == 0) { /* sent to the last, and died */
			assert_int_equal(p.attempts, 2);
			assert_int_equal(s->bank.registrations, registrations);
			(void)snprintf(key, sizeof(key), "b-%" PRId64, step);
			assert_int_equal(stage_attempt(s, &p, key, BY_CARD), 201);
		}
		assert_string_equal(p.attempt, "pending");
		assert_int_equal(s->bank.registrations, registrations + 1);
		assert_int_equal(live_attempts(s, &p), 1);
	}
	assert_true(s->crashes > 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_method_goes_to_the_first_of_its_gateways),
		TEST(what_was_not_attempted_goes_on_at_the_next_gateway),
		TEST(it_goes_on_once_to_each_and_then_no_further),
		TEST(the_unknown_never_goes_on),
		TEST(what_turns_out_never_to_have_arrived_goes_on_while_the_session_lasts),
		TEST(a_refusal_waits_for_the_payer_and_then_goes_elsewhere),
		TEST(what_the_service_named_goes_nowhere_else),
		TEST(a_gateway_that_takes_no_orders_rests_and_is_still_asked),
		TEST(refusals_open_no_breaker),
		TEST(where_all_rest_nothing_is_begun_and_a_named_one_is_tried),
		TEST(what_no_gateway_takes_is_refused),
		TEST(a_crash_on_the_way_leaves_one_live_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
