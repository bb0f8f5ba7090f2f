/* SPDX-License-Identifier: Apache-2.0 */

/* A session, driven with the gateway `steps`, which takes every step there is, forbidden ones too.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/origin.h"
#include "daemon/session.h"
#include "plugins/loader.h"
#include "tests/alym_test.h"

enum { START_MS = 1000, EVIDENCE_MAX = 70000 };

static const int64_t now = INT64_C(1772427600);

/* What a session came to, and the world it lives in. */
struct world {
	struct loader_plugin plugin;
	struct engine_settings settings;
	struct engine *engine;
	struct zone *zone;
	struct session *session;
	int64_t now_ms;
	struct exchange *exchange; /* being sent */
	int exchanges;
	int faults;
	int failures;
	/* the last action */
	int acts;
	bool operation; /* it is about one; else about a message */
	bool broke;
	enum alym_action_kind kind;
	enum alym_verdict_kind verdict;
	int status;
	char text[256];  /* reason or body */
	char where[256]; /* pay_url or form_url */
	size_t fields;
	struct buffer evidence;
	bool has_evidence;
};

static int64_t world_now(void *context)
{
	(void)context;
	return now;
}

static int64_t world_now_ms(void *context)
{
	return ((struct world *)context)->now_ms;
}

static void world_random(void *context, void *bytes, size_t size)
{
	(void)context;
	memset(bytes, 0x5A, size);
}

static void world_exchange(void *context, struct exchange *exchange)
{
	struct world *w = context;

	assert_null(w->exchange);
	w->exchange = exchange;
	w->exchanges++;
}

static void world_log(void *context, enum ports_level level, const char *event,
	const struct ports_field *fields, size_t count)
{
	struct world *w = context;

	(void)level;
	(void)fields;
	(void)count;
	w->faults += strcmp(event, "gateway.fault") == 0;
	w->failures += strcmp(event, "gateway.exchange_failed") == 0;
}

static struct zone *utc(void)
{
	static const char bytes[] =
		"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0"
		"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0\nUTC0\n";
	struct zone *zone = NULL;
	struct err err = { 0 };

	if (!zone_new((struct text){ bytes, sizeof(bytes) - 1 }, &zone, &err)) {
		fail_msg("%s", err.message);
	}
	return zone;
}

static int begin(void **state)
{
	struct world *w = mem_new(1, sizeof(*w));
	const struct alym_setting settings[] = { { "endpoint", TEXT("https://bank.example") },
		{ "key", TEXT("7") } };
	struct engine_gateway *gateway = &w->settings.gateways[0];
	const struct ports ports = {
		.world = w,
		.now = world_now,
		.now_ms = world_now_ms,
		.random = world_random,
		.exchange = world_exchange,
		.log = world_log,
	};
	struct err err = { 0 };

	*state = w;
	w->now_ms = START_MS;
	w->zone = utc();
	assert_true(loader_open(TEST_GATEWAY, &w->plugin, &err));
	assert_true(loader_configure(&w->plugin, settings, COUNT(settings), &gateway->state, &err));
	(void)snprintf(gateway->name, sizeof(gateway->name), "steps");
	gateway->plugin = w->plugin.gateway;
	gateway->zone = w->zone;
	gateway->timeout_ms = 5000;
	assert_true(origin_add(gateway, TEXT("https://bank.example")));
	w->settings.gateway_count = 1;
	w->engine = engine_new(&ports, &w->settings, w->zone);
	buffer_init(&w->evidence, EVIDENCE_MAX);
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	assert_null(w->session);
	assert_int_equal(w->engine->under_way, 0);
	engine_free(&w->engine);
	w->plugin.gateway->close(w->settings.gateways[0].state);
	loader_close(&w->plugin);
	zone_free(&w->zone);
	buffer_done(&w->evidence);
	free(w);
	return 0;
}

static void keep(struct text t, char *out, size_t size)
{
	assert_true(text_copy(t, out, size));
}

/* Verdicts and answers end a session; the rest is left for the test to decide. */
static void act(struct session *session, const struct alym_action *action, void *context)
{
	struct world *w = context;

	assert_ptr_equal(session, w->session);
	w->acts++;
	w->broke = action == NULL;
	if (action != NULL) {
		w->kind = action->kind;
		w->verdict = action->verdict.kind;
		w->status = action->answer.status;
		w->fields = action->verdict.field_count;
		keep(action->kind == ALYM_ACTION_ANSWER ? action->answer.body
							: action->verdict.reason,
			w->text, sizeof(w->text));
		keep(action->verdict.pay_url.size > 0 ? action->verdict.pay_url
						      : action->verdict.form_url,
			w->where, sizeof(w->where));
	}
	buffer_reset(&w->evidence);
	w->has_evidence = session_evidence(session, &w->evidence);
	if (action == NULL || action->kind == ALYM_ACTION_ANSWER ||
		(action->kind == ALYM_ACTION_VERDICT && w->operation)) {
		session_free(&w->session);
	}
}

static void start(struct world *w, const char *word, enum alym_operation operation, bool again)
{
	char description[32];
	const struct alym_order order = {
		.number = TEXT("12345678"),
		.code = TEXT("300000000001"),
		.amount = money_of(100, "KZT"),
		.description = { description, strlen(word) },
		.language = TEXT("ru"),
		.payer_address = TEXT("192.0.2.7"),
	};
	const struct session_plan plan = {
		.gateway = &w->engine->settings.gateways[0],
		.order = &order,
		.operation = operation,
		.again = again,
		.act = act,
		.context = w,
	};

	(void)snprintf(description, sizeof(description), "%s", word);
	w->operation = true;
	w->session = session_new(w->engine, &plan);
	memset(description, 'x', sizeof(description)); /* it has copies of its own */
	session_start(w->session);
}

static void answer(struct world *w, int status, struct text body)
{
	struct exchange *x = w->exchange;

	assert(x != NULL);
	w->exchange = NULL;
	x->result = EXCHANGE_ANSWERED;
	x->status = status;
	x->answer_headers[0] = (struct alym_header){ TEXT("X-Sign"), TEXT("abc") };
	x->answer_header_count = 1;
	x->answer = body;
	x->done(x);
}

static void no_answer(struct world *w, enum exchange_result result)
{
	struct exchange *x = w->exchange;

	assert(x != NULL);
	w->exchange = NULL;
	x->result = result;
	(void)snprintf(x->why, sizeof(x->why), "connection refused");
	x->done(x);
}

static void pass_ms(struct world *w, int64_t ms)
{
	w->now_ms += ms;
	(void)engine_tick(w->engine);
}

static void a_verdict_ends_an_operation(void **state)
{
	static const struct {
		const char *word;
		enum alym_verdict_kind verdict;
	} cases[] = {
		{ "done", ALYM_DONE },
		{ "declined", ALYM_DECLINED },
		{ "expired", ALYM_DECLINED },
		{ "not-attempted", ALYM_NOT_ATTEMPTED },
		{ "unknown", ALYM_UNKNOWN },
		{ "authorized", ALYM_PENDING },
		{ "redirect", ALYM_PENDING },
		{ "form", ALYM_PENDING },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		start(w, cases[i].word, ALYM_OPERATION_PAY, false);
		assert_int_equal(w->acts, (int)i + 1);
		assert_int_equal(w->kind, ALYM_ACTION_VERDICT);
		assert_int_equal(w->verdict, cases[i].verdict);
	}
	assert_string_equal(w->where, "https://bank.example/form");
	assert_int_equal(w->fields, 5);
	assert_int_equal(w->faults, 0);
	start(w, "unknown", ALYM_OPERATION_STATUS, false);
	assert_int_equal(w->verdict, ALYM_DONE);
}

static void a_token_is_fetched_before_the_request_that_needs_it(void **state)
{
	struct world *w = *state;

	start(w, "token", ALYM_OPERATION_PAY, false);
	assert(w->exchange != NULL);
	assert_true(text_is(w->exchange->url, "https://bank.example/token"));
	assert_true(text_is(w->exchange->method, "GET"));
	assert_int_equal(w->exchange->timeout_ms, 5000);
	assert_int_equal(w->exchange->answer_max, SESSION_ANSWER_MAX);
	answer(w, 200, TEXT("t0k3n"));
	assert(w->exchange != NULL);
	assert_true(text_is(w->exchange->method, "POST"));
	assert_true(text_is(w->exchange->headers[0].value, "Bearer t0k3n"));
	assert_true(text_is(w->exchange->body, "order=12345678"));
	assert_int_equal(w->acts, 0);
	answer(w, 200, TEXT("{}"));
	assert_int_equal(w->verdict, ALYM_DONE);
	assert_true(w->has_evidence);
	assert_string_equal(w->evidence.bytes, "200\nX-Sign: abc\n\n{}");
	assert_int_equal(engine_counts(w->engine)->exchanges, 2);
}

static void a_silent_bank_is_told_to_the_gateway(void **state)
{
	struct world *w = *state;

	start(w, "token", ALYM_OPERATION_PAY, false);
	no_answer(w, EXCHANGE_NOT_SENT);
	assert_int_equal(w->verdict, ALYM_NOT_ATTEMPTED);
	assert_false(w->has_evidence);
	start(w, "token", ALYM_OPERATION_PAY, false);
	answer(w, 200, TEXT("t"));
	no_answer(w, EXCHANGE_PERHAPS_SENT);
	assert_int_equal(w->verdict, ALYM_UNKNOWN);
	assert_false(w->has_evidence);
	assert_int_equal(w->failures, 2);
	assert_int_equal(engine_counts(w->engine)->exchange_failures, 2);
}

static void a_wait_ends_when_its_time_has_come(void **state)
{
	struct world *w = *state;

	start(w, "wait", ALYM_OPERATION_PAY, false);
	assert_int_equal(w->engine->under_way, 1);
	pass_ms(w, 9);
	assert_int_equal(w->acts, 0);
	pass_ms(w, 1);
	assert_int_equal(w->verdict, ALYM_DONE);
}

static void the_memory_of_a_session_lasts(void **state)
{
	struct world *w = *state;

	start(w, "memory", ALYM_OPERATION_PAY, false);
	pass_ms(w, 1);
	assert_int_equal(w->verdict, ALYM_DONE);
}

static void the_seventeenth_step_is_not_taken(void **state)
{
	struct world *w = *state;

	start(w, "endless", ALYM_OPERATION_PAY, false);
	for (int i = 1; i < ALYM_STEPS_MAX; i++) {
		pass_ms(w, 1);
		assert_int_equal(w->acts, 0);
	}
	pass_ms(w, 1);
	assert_int_equal(w->acts, 1);
	assert_int_equal(w->verdict, ALYM_UNKNOWN);
	assert_string_equal(w->text, "takes too many steps");
}

static void a_gateway_that_breaks_the_rules_has_said_unknown(void **state)
{
	static const char *const words[] = { "wait-long", "flood", "plain", "elsewhere",
		"out-of-turn" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(words); i++) {
		start(w, words[i], ALYM_OPERATION_PAY, false);
		assert_int_equal(w->acts, (int)i + 1);
		assert_int_equal(w->verdict, ALYM_UNKNOWN);
	}
	assert_int_equal(w->exchanges, 0);
	assert_int_equal(w->faults, COUNT(words));
}

static void evidence_is_bounded(void **state)
{
	struct world *w = *state;
	char *large = mem_new(1, SESSION_ANSWER_MAX);

	memset(large, 'x', SESSION_ANSWER_MAX);
	w->evidence.max = SESSION_ANSWER_MAX;
	start(w, "token", ALYM_OPERATION_PAY, false);
	answer(w, 200, TEXT("t"));
	answer(w, 200, (struct text){ large, SESSION_ANSWER_MAX });
	assert_int_equal(w->verdict, ALYM_DONE);
	assert_true(w->has_evidence);
	assert_int_equal(w->evidence.size, SESSION_ANSWER_MAX);
	free(large);
}

static void a_failed_book_ends_what_waits_and_sends_nothing(void **state)
{
	struct world *w = *state;

	start(w, "wait", ALYM_OPERATION_PAY, false);
	engine_fail(w->engine, "gone");
	assert_int_equal(w->acts, 1);
	assert_int_equal(w->verdict, ALYM_UNKNOWN);
	start(w, "token", ALYM_OPERATION_PAY, false);
	assert_int_equal(w->exchanges, 0);
	assert_int_equal(w->verdict, ALYM_UNKNOWN);
}

/* ---- messages ---- */

static void receive(struct world *w, const struct alym_message *message)
{
	const struct session_plan plan = {
		.gateway = &w->engine->settings.gateways[0],
		.message = message,
		.now = now - 5,
		.act = act,
		.context = w,
	};

	w->operation = false;
	w->session = session_new(w->engine, &plan);
	session_start(w->session);
}

static void a_message_is_decided_and_answered(void **state)
{
	static const struct {
		const char *body;
		enum alym_action_kind kind;
	} cases[] = {
		{ "check 12345678", ALYM_ACTION_CHECK },
		{ "ask 300000000001 100", ALYM_ACTION_ASK },
		{ "keep register", ALYM_ACTION_KEEP },
		{ "paid 12345678 100", ALYM_ACTION_VERDICT },
	};
	const struct alym_decision decision = { .kind = ALYM_ANSWER_BOOKED,
		.record = 42,
		.due = money_of(0, "KZT"),
		.service = TEXT("visa.exit") };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_message message = { .method = TEXT("POST"),
			.path = TEXT("/callbacks/steps"),
			.body = text_of(cases[i].body) };

		receive(w, &message);
		assert_int_equal(w->kind, cases[i].kind);
		session_decide(w->session, &decision);
		assert_int_equal(w->kind, ALYM_ACTION_ANSWER);
		assert_int_equal(w->status, 200);
		assert_non_null(strstr(w->text, " 42 "));
	}
}

static void a_message_that_can_not_be_understood_is_answered_at_once(void **state)
{
	const struct alym_message message = { .method = TEXT("POST"),
		.path = TEXT("/callbacks/steps"),
		.body = TEXT("hello") };
	struct world *w = *state;

	receive(w, &message);
	assert_int_equal(w->kind, ALYM_ACTION_ANSWER);
	assert_int_equal(w->status, 404);
}

static void a_message_of_a_broken_gateway_has_no_answer(void **state)
{
	const struct alym_message message = { .method = TEXT("POST"),
		.path = TEXT("/callbacks/steps"),
		.body = TEXT("nobody 12345678 100") };
	struct world *w = *state;

	receive(w, &message);
	assert_true(w->broke);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_verdict_ends_an_operation),
		TEST(a_token_is_fetched_before_the_request_that_needs_it),
		TEST(a_silent_bank_is_told_to_the_gateway),
		TEST(a_wait_ends_when_its_time_has_come),
		TEST(the_memory_of_a_session_lasts),
		TEST(the_seventeenth_step_is_not_taken),
		TEST(a_gateway_that_breaks_the_rules_has_said_unknown),
		TEST(evidence_is_bounded),
		TEST(a_failed_book_ends_what_waits_and_sends_nothing),
		TEST(a_message_is_decided_and_answered),
		TEST(a_message_that_can_not_be_understood_is_answered_at_once),
		TEST(a_message_of_a_broken_gateway_has_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
