/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon dies before any step, and starts again on what is on disk. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum {
	CRASH_STEPS_MAX = 600,  /* more than the story has */
	CRASH_ROUNDS_MAX = 40,  /* of a story's loop */
	CRASH_EVERY_FIRST = 30, /* steps: a start takes fewer */
	CRASH_EVERY_STRIDE = 7,
	CRASH_EVERY_LAST = 100,
};

static const char *const answers[] = { "booked ", "noted ", "payable ", "paid " };

/* The bank repeats what was not answered as it likes it. */
static void tell(struct stage *s, const char *message)
{
	struct stage_call c;
	int tries = 0;

	do {
		assert_true(++tries < CRASH_ROUNDS_MAX);
		(void)stage_message(s, &c, "%s", message);
	} while (c.status != 200);
	for (size_t i = 0; i < COUNT(answers); i++) {
		if (strncmp(c.body, answers[i], strlen(answers[i])) == 0) {
			return;
		}
	}
	fail_msg("%s: %s", message, c.body);
}

/* What a client does when the attempt came to nothing: it makes another. */
static void try_again(struct stage *s, struct stage_payment *p, int round)
{
	char key[64];

	if (strcmp(p->attempt, "not_attempted") == 0 || strcmp(p->attempt, "declined") == 0) {
		(void)snprintf(key, sizeof(key), "%s-%d", p->id, round);
		(void)stage_attempt(s, p, key, "kassa");
	}
}

/* An order is paid at the bank's page, whatever it takes; the bank says so, or nobody does. */
static void pay_order(struct stage *s, const char *key, bool say)
{
	struct stage_payment p;
	struct bank_order *order;
	char message[256];

	stage_create(s, key, "visa.exit", "kassa", &p);
	for (int round = 0; strcmp(p.state, "paid") != 0; round++) {
		assert_true(round < CRASH_ROUNDS_MAX);
		stage_look(s, &p);
		try_again(s, &p, round);
		order = bank_find(&s->bank, p.order);
		if (order != NULL && order->state == BANK_PENDING) {
			bank_pay(&s->bank, order);
		}
		if (order != NULL && order->state == BANK_PAID && say) {
			(void)snprintf(message, sizeof(message),
				"paid order %s %s %" PRId64 " KZT %" PRId64, p.order,
				order->operation, order->amount, order->paid_at);
			tell(s, message);
		}
		stage_look(s, &p);
		if (strcmp(p.state, "paid") != 0) {
			stage_sleep(s, 300);
		}
	}
	assert_string_equal(p.attempt, "captured");
}

static void pay_by_code(struct stage *s, const char *key)
{
	struct stage_payment p;
	char operation[32];
	char message[256];

	stage_create(s, key, "visa.exit", NULL, &p);
	(void)snprintf(message, sizeof(message), "check code %s", p.code);
	tell(s, message);
	for (int part = 0; part < 2; part++) {
		(void)bank_take(&s->bank, p.due / 2, operation);
		(void)snprintf(message, sizeof(message), "paid code %s %s %" PRId64 " KZT %" PRId64,
			p.code, operation, p.due / 2, s->now);
		tell(s, message);
	}
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
}

/* A year's worth of trouble in a few steps. */
static void story(struct stage *s)
{
	struct stage_payment p;

	pay_order(s, "said", true);
	s->bank.fault = BANK_LOSES_ANSWER;
	stage_create(s, "lost", "visa.exit", "kassa", &p);
	s->bank.fault = BANK_WELL;
	pay_order(s, "unsaid", false);
	pay_by_code(s, "code");
	s->bank.first = BANK_AUTHORIZED;
	pay_order(s, "held", false);
	s->bank.first = BANK_PENDING;
	stage_sleep(s, 1800);
	stage_look(s, &p);
	assert_true(strcmp(p.attempt, "pending") == 0 || strcmp(p.attempt, "not_attempted") == 0);
	stage_check(s);
	assert_int_equal(stage_balance(s, "suspense:kassa", "KZT"), 0);
	assert_int_equal(stage_balance(s, "clearing:kassa", "KZT"), 4 * p.due);
}

static void a_crash_before_any_step_loses_nothing(void **state)
{
	(void)state;
	for (int64_t at = 1; at <= CRASH_STEPS_MAX; at++) {
		struct stage *s = stage_new(STAGE_NOW);
		int64_t begun = s->steps;
		int crashes;

		s->crash_at = begun + at;
		story(s);
		crashes = s->crashes;
		stage_free(&s);
		if (crashes == 0) {
			assert_true(at > 100); /* the story was that long, and was cut everywhere */
			return;
		}
	}
	fail_msg("the story does not end");
}

static void crash_after_crash_loses_nothing(void **state)
{
	(void)state;
	for (int64_t every = CRASH_EVERY_FIRST; every < CRASH_EVERY_LAST;
		every += CRASH_EVERY_STRIDE) {
		struct stage *s = stage_new(STAGE_NOW);

		s->crash_every = every;
		s->crash_at = s->steps + every;
		story(s);
		assert_true(s->crashes > 0);
		stage_free(&s);
	}
}

/* The bank has the money of a new payment, and begins to say so. */
static void begin_paid(struct stage *s, struct stage_payment *p, struct stage_call *c)
{
	struct bank_order *order = bank_find(&s->bank, p->order);
	char message[256];

	bank_pay(&s->bank, order);
	(void)snprintf(message, sizeof(message), "paid order %s %s %" PRId64 " KZT %" PRId64,
		p->order, order->operation, order->amount, order->paid_at);
	stage_begin(s, c, CALL_HTTPS, "POST", "/callbacks/kassa", message);
	engine_call(s->engine, &c->call);
}

/* Kept, and then the daemon died before it was interpreted. */
static void a_kept_message_is_gone_through_again(void **state)
{
	struct stage *s = stage_new(STAGE_NOW);
	struct stage_payment p;
	struct stage_call c;

	(void)state;
	stage_create(s, "a", "visa.exit", "kassa", &p);
	begin_paid(s, &p, &c);
	assert_true(stage_step(s)); /* JOB_KEEP is committed */
	stage_crash(s);
	assert_int_equal(c.status, 0);
	s->bank.fault = BANK_AWAY;
	stage_run(s);
	stage_look(s, &p);
	assert_string_equal(p.state, "paid");
	assert_true(stage_logged(s, "callback.gone_through_again"));
	stage_check(s);
	stage_free(&s);
}

/* A newer message would hide the older ones from another start, and cleaning would take them. */
static void nobody_is_let_in_before_what_was_kept(void **state)
{
	struct stage *s = stage_new(STAGE_NOW);
	struct stage_payment p[2];
	struct stage_call c[2];

	(void)state;
	stage_create(s, "a", "visa.exit", "kassa", &p[0]);
	stage_create(s, "b", "visa.exit", "kassa", &p[1]);
	begin_paid(s, &p[0], &c[0]);
	begin_paid(s, &p[1], &c[1]);
	for (int i = 0; i < 3; i++) {
		assert_true(stage_step(s)); /* both are committed, and the first is told so */
	}
	stage_crash(s);
	s->now += 7200;
	s->bank.fault = BANK_AWAY;
	while (!s->engine->ready) {
		assert_true(stage_step(s));
	}
	stage_begin(s, &c[0], CALL_HTTPS, "POST", "/callbacks/kassa", "check code 300000000001");
	engine_call(s->engine, &c[0].call);
	assert_int_equal(c[0].status, 503);
	stage_begin(s, &c[0], CALL_SOCKET, "GET", "/readyz", "");
	engine_call(s->engine, &c[0].call);
	assert_int_equal(c[0].status, 503);
	s->engine->settings.inbox_days = 0;
	(void)engine_tick(s->engine);
	stage_run(s);
	for (size_t i = 0; i < 2; i++) {
		stage_look(s, &p[i]);
		assert_string_equal(p[i].state, "paid");
	}
	assert_int_equal(stage_message(s, &c[0], "check code 300000000001"), 200);
	stage_check(s);
	stage_free(&s);
}

/* Who was not answered has taken nothing: what could be refused is not booked behind their back. */
static void a_kept_message_that_could_be_refused_is_left_alone(void **state)
{
	struct stage *s = stage_new(STAGE_NOW);
	struct stage_payment p;
	struct stage_call c;
	char message[256];

	(void)state;
	stage_create(s, "a", "visa.exit", NULL, &p);
	(void)snprintf(message, sizeof(message),
		"paid code %s op-1 %" PRId64 " KZT %" PRId64 " refusable", p.code, p.due, s->now);
	stage_begin(s, &c, CALL_HTTPS, "POST", "/callbacks/kassa", message);
	engine_call(s->engine, &c.call);
	assert_true(stage_step(s));
	stage_crash(s);
	stage_run(s);
	stage_look(s, &p);
	assert_string_equal(p.state, "open");
	stage_check(s);
	stage_free(&s);
}

/* What proved nothing stays for its time, but is not interpreted at every start. */
static void what_is_old_is_not_gone_through_again(void **state)
{
	struct stage *s = stage_new(STAGE_NOW);
	struct stage_payment p;
	struct stage_call c;
	int asked;

	(void)state;
	stage_create(s, "a", "visa.exit", "kassa", &p);
	assert_int_equal(stage_message(s, &c, "expired order %s", p.order), 200);
	assert_int_equal(stage_message(s, &c, "hint order %s", p.order), 200);
	stage_sleep(s, 7200);
	assert_int_equal(stage_message(s, &c, "check code %s", p.code), 200);
	asked = s->bank.status_requests;
	stage_crash(s);
	stage_run(s);
	assert_true(stage_logged(s, "callback.gone_through_again"));
	assert_int_equal(s->bank.status_requests, asked);
	stage_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_before_any_step_loses_nothing),
		cmocka_unit_test(crash_after_crash_loses_nothing),
		cmocka_unit_test(a_kept_message_is_gone_through_again),
		cmocka_unit_test(nobody_is_let_in_before_what_was_kept),
		cmocka_unit_test(a_kept_message_that_could_be_refused_is_left_alone),
		cmocka_unit_test(what_is_old_is_not_gone_through_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
