/* SPDX-License-Identifier: Apache-2.0 */

/* Attempts, cancelling, fulfilment: each once, each with the payment as its answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/alym_test.h"
#include "tests/daemon/api_world.h"

#define CREATE "{\"reference\":\"a\",\"quote\":{\"service\":\"visa.multiple\"}}"
#define ORDER  "{\"gateway\":\"bank\",\"return_url\":\"https://visa.example/back\"}"

static int begin(void **state)
{
	struct world *w = world_new(WORLD_NOW);

	*state = w;
	return world_post(w, "/v1/payments", "create", CREATE) == 201 ? 0 : -1;
}

static int end(void **state)
{
	struct world *world = *state;

	world_free(&world);
	return 0;
}

/* What a gateway would say of the first attempt. */
static void tell(struct world *w, enum attempt_event event, int64_t minor)
{
	struct job *job = mem_new(1, sizeof(*job));
	struct payment_view view;
	struct err err = { 0 };

	payment_view_init(&view);
	assert_int_equal(reader_payment(w->reader, 1, READER_LATEST, &view, &err), READER_FOUND);
	job->kind = JOB_VERDICT;
	job->now = w->now;
	job->today = zone_day(w->almaty, w->now);
	job->u.verdict.gateway = 1;
	job->u.verdict.order = text_of(view.attempts[view.attempt_count - 1].order);
	job->u.verdict.event = event;
	job->u.verdict.amount = money_of(minor, "KZT");
	job->u.verdict.operation = event == ATTEMPT_DONE ? TEXT("op-1") : TEXT("");
	job->u.verdict.paid_on = job->today;
	job->u.verdict.value_date = job->today;
	assert_true(book_commit(w->book, job, &err));
	assert_int_equal(job->outcome, JOB_DONE);
	payment_view_done(&view);
	free(job);
}

static void a_payment_by_code_may_go_to_a_gateway_later(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	assert_int_equal(world_count(w, "attempts"), 1);
	assert_string_equal(world_text(w, "attempts.0.state"), "created");
	assert_string_not_equal(world_text(w, "pay_url"), "");
	assert_int_equal(world_number(w, "attempts.0.amount.amount"), 12975000);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(world_text(w, "attempts.0.state"), "pending");
}

static void a_live_attempt_blocks_another(void **state)
{
	struct world *w = *state;
	char *first;

	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	first = mem_copy(w->last.body.bytes, w->last.body.size + 1);
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-2", ORDER), 409);
	assert_string_equal(world_text(w, "code"), "attempt_live");
	assert_string_equal(world_text(w, "attempt"), "a1-17");
	tell(w, ATTEMPT_DECLINE, 0);
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-2", ORDER), 201);
	assert_int_equal(world_count(w, "attempts"), 2);
	assert_string_equal(world_text(w, "attempts.0.state"), "declined");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	assert_string_equal(w->last.replayed, "true");
	assert_string_equal(w->last.body.bytes, first);
	free(first);
}

static void attempts_are_limited(void **state)
{
	struct world *w = *state;
	char key[16];

	for (int i = 0; i < ATTEMPT_COUNT_MAX; i++) {
		(void)snprintf(key, sizeof(key), "k-%d", i);
		assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", key, ORDER), 201);
		tell(w, ATTEMPT_DECLINE, 0);
	}
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k", ORDER), 409);
	assert_string_equal(world_text(w, "code"), "limit_reached");
}

static void an_attempt_on_another_day_is_by_that_days_tariff(void **state)
{
	/* 2025-12-31 12:00 in Almaty, then the next day. */
	struct world *w = world_new(INT64_C(1767164400));
	struct world *old = *state;

	world_free(&old);
	*state = w;
	assert_int_equal(world_post(w, "/v1/payments", "create", CREATE), 201);
	assert_int_equal(world_number(w, "due.amount"), 11796000);
	w->now += 86400;
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	assert_int_equal(world_number(w, "due.amount"), 12975000);
	assert_int_equal(world_number(w, "quote.due.amount"), 12975000);
	assert_int_equal(world_number(w, "attempts.0.amount.amount"), 12975000);
	tell(w, ATTEMPT_DECLINE, 0);
	/* A day that has no tariff: refused, unless it was granted before. */
	w->now += INT64_C(365) * 86400;
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-2", ORDER), 422);
	assert_string_equal(world_text(w, "code"), "tariff_missing");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	assert_string_equal(w->last.replayed, "true");
}

/* The law may order it: what remains is the money, and the proof. */
static void a_payment_whose_data_was_erased_is_shown_without_it(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	tell(w, ATTEMPT_DECLINE, 0);
	world_execute(w, "DROP TRIGGER private_remains; DELETE FROM private");
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_true(json_is_null(json_object_get(w->last.json, "quote")));
	assert_true(json_is_null(json_object_get(w->last.json, "reference")));
	assert_string_equal(world_text(w, "flags.0"), "erased");
	assert_int_equal(world_number(w, "due.amount"), 12975000);
	assert_int_equal(world_get(w, "/v1/payments"), 200);
	assert_string_equal(world_text(w, "items.0.flags.0"), "erased");
	assert_string_equal(world_text(w, "items.0.reference"), "");
	assert_int_equal(world_get(w, "/v1/payments?reference=a"), 200);
	assert_int_equal(world_count(w, "items"), 1);
	assert_int_equal(world_get(w, "/v1/events"), 200);
	assert_string_equal(world_text(w, "items.0.data.flags.0"), "erased");
	assert_int_equal(world_post(w, "/v1/payments", "create", CREATE), 201);
	assert_string_equal(w->last.replayed, "true");
	assert_true(json_is_null(json_object_get(w->last.json, "quote")));
	/* It is still paid and acted on, but not by another tariff: nobody knows for what. */
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-2", ORDER), 201);
	tell(w, ATTEMPT_DECLINE, 0);
	w->now += INT64_C(365) * 86400;
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-3", ORDER), 409);
	assert_string_equal(world_text(w, "code"), "illegal_state");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-4", ""), 200);
	assert_string_equal(world_text(w, "state"), "cancelled");
	assert_string_equal(world_text(w, "flags.0"), "erased");
}

static void a_payment_is_cancelled_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-1",
				 "{\"reason\":\"the applicant withdrew\"}"),
		200);
	assert_string_equal(world_text(w, "state"), "cancelled");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-1",
				 "{\"reason\":\"the applicant withdrew\"}"),
		200);
	assert_string_equal(w->last.replayed, "true");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-2", "{}"), 409);
	assert_string_equal(world_text(w, "code"), "illegal_state");
	assert_string_equal(world_text(w, "state"), "cancelled");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-3", ORDER), 409);
	assert_string_equal(world_text(w, "state"), "cancelled");
}

static void what_was_paid_is_fulfilled_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_post(w, "/v1/payments/p1-1/attempts", "k-1", ORDER), 201);
	tell(w, ATTEMPT_DONE, 12975000);
	assert_int_equal(world_get(w, "/v1/payments/p1-1"), 200);
	assert_string_equal(world_text(w, "state"), "paid");
	assert_int_equal(world_number(w, "paid.amount"), 12975000);
	assert_string_equal(world_text(w, "pay_url"), "");
	assert_string_equal(world_text(w, "attempts.0.operation"), "op-1");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/cancel", "k-2", ""), 409);
	assert_string_equal(world_text(w, "state"), "paid");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/fulfilment", "k-3",
				 "{\"outcome\":\"performed\",\"document\":\"visa 123\"}"),
		200);
	assert_string_equal(world_text(w, "flags.0"), "fulfilled");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/fulfilment", "k-3",
				 "{\"document\":\"visa 123\",\"outcome\":\"performed\"}"),
		200);
	assert_string_equal(w->last.replayed, "true");
	assert_int_equal(world_post(w, "/v1/payments/p1-1/fulfilment", "k-4",
				 "{\"outcome\":\"not_performed\"}"),
		409);
}

static void nobody_acts_on_anothers_payment(void **state)
{
	static const char *const targets[][2] = {
		{ "/v1/payments/p1-1/attempts", ORDER },
		{ "/v1/payments/p1-1/cancel", "{}" },
		{ "/v1/payments/p1-1/fulfilment", "{\"outcome\":\"performed\"}" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(targets); i++) {
		world_end(&w->last);
		world_begin(w, &w->last, "POST", targets[i][0], "k", targets[i][1]);
		w->last.call.client = TEXT("eta");
		engine_call(w->engine, &w->last.call);
		world_run(w);
		assert_int_equal(w->last.status, 404);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* ---- the key is bound to all that was said ---- */

#define PAID_BY(payer) \
	"{\"reference\":\"r\",\"payer\":" payer ",\"quote\":{\"service\":\"visa.exit\"}}"
#define QUOTED(quote) "{\"reference\":\"r\",\"quote\":{\"service\":\"visa.exit\"," quote "}}"
#define PLAIN         "{\"reference\":\"r\",\"quote\":{\"service\":\"visa.exit\"}}"
#define SENT(gateway, url)                                                                  \
	"{\"reference\":\"r\",\"quote\":{\"service\":\"visa.exit\"},\"gateway\":\"" gateway \
	"\",\"return_url\":\"https://" url "\"}"
#define EXEMPT(document)                                                                        \
	"{\"reference\":\"free\",\"quote\":{\"service\":\"visa.exit\",\"claims\":[{\"ground\":" \
	"\"investor\",\"document\":\"" document "\"}]}}"

static void every_member_is_bound_to_the_key(void **state)
{
	static const struct {
		const char *target;
		const char *said;
		const char *other;
	} rows[] = {
		{ "/v1/payments", PLAIN,
			"{\"reference\":\"q\",\"quote\":{\"service\":\"visa.exit\"}}" },
		{ "/v1/payments", PLAIN,
			"{\"reference\":\"r\",\"quote\":{\"service\":\"visa.multiple\"}}" },
		{ "/v1/payments", PLAIN, QUOTED("\"quantity\":1") },
		{ "/v1/payments", QUOTED("\"quantity\":1"), QUOTED("\"quantity\":2") },
		{ "/v1/payments", QUOTED("\"action\":\"issue\""), QUOTED("\"action\":\"extend\"") },
		{ "/v1/payments", QUOTED("\"applicant\":{\"nationality\":\"IN\"}"),
			QUOTED("\"applicant\":{\"nationality\":\"CN\"}") },
		{ "/v1/payments", QUOTED("\"applicant\":{\"birth_date\":\"1990-04-01\"}"),
			QUOTED("\"applicant\":{\"birth_date\":\"1990-04-02\"}") },
		{ "/v1/payments", EXEMPT("note 1"), EXEMPT("note 2") },
		{ "/v1/payments", PLAIN, PAID_BY("{\"iin\":\"900401300127\"}") },
		{ "/v1/payments", PAID_BY("{\"iin\":\"900401300127\"}"),
			PAID_BY("{\"iin\":\"900401300018\"}") },
		{ "/v1/payments", PAID_BY("{\"document\":\"N1\"}"),
			PAID_BY("{\"document\":\"N2\"}") },
		{ "/v1/payments", PAID_BY("{\"bin\":\"900401300127\"}"),
			PAID_BY("{\"iin\":\"900401300127\"}") },
		{ "/v1/payments", PAID_BY("{\"document\":\"N1\",\"name\":\"A\"}"),
			PAID_BY("{\"document\":\"N1\",\"name\":\"B\"}") },
		{ "/v1/payments", SENT("bank", "a.example/"), PLAIN },
		{ "/v1/payments", SENT("bank", "a.example/"), SENT("bank", "b.example/") },
		{ "/v1/payments", SENT("bank", "a.example/"), SENT("other", "a.example/") },
		{ "/v1/payments/p1-1/attempts", ORDER,
			"{\"gateway\":\"bank\",\"return_url\":\"https://visa.example/\"}" },
		{ "/v1/payments/p1-1/attempts", ORDER,
			"{\"gateway\":\"other\",\"return_url\":\"https://visa.example/back\"}" },
		{ "/v1/payments/p1-1/cancel", "{\"reason\":\"a\"}", "{\"reason\":\"b\"}" },
		{ "/v1/payments/p1-1/cancel", "{}", "{\"reason\":\"b\"}" },
		{ "/v1/payments/p1-2/fulfilment", "{\"outcome\":\"performed\"}",
			"{\"outcome\":\"not_performed\"}" },
		{ "/v1/payments/p1-2/fulfilment", "{\"outcome\":\"performed\",\"document\":\"1\"}",
			"{\"outcome\":\"performed\",\"document\":\"2\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *w;

		(void)end(state);
		assert_int_equal(begin(state), 0);
		w = *state;
		if (strstr(rows[i].target, "p1-2") != NULL) {
			assert_int_equal(world_post(w, "/v1/payments", "free", EXEMPT("note")),
				201);
		}
		assert_int_equal(world_post(w, rows[i].target, "k", rows[i].said) / 100, 2);
		assert_int_equal(world_post(w, rows[i].target, "k", rows[i].other), 422);
		assert_string_equal(world_text(w, "code"), "idempotency_mismatch");
		assert_int_equal(world_post(w, rows[i].target, "k", rows[i].said) / 100, 2);
		assert_string_equal(w->last.replayed, "true");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_payment_by_code_may_go_to_a_gateway_later),
		TEST(a_live_attempt_blocks_another),
		TEST(attempts_are_limited),
		TEST(an_attempt_on_another_day_is_by_that_days_tariff),
		TEST(a_payment_whose_data_was_erased_is_shown_without_it),
		TEST(a_payment_is_cancelled_once),
		TEST(what_was_paid_is_fulfilled_once),
		TEST(nobody_acts_on_anothers_payment),
		TEST(every_member_is_bound_to_the_key),
	};

	return cmocka_run_group_tests_name("daemon/api_acts", tests, NULL, NULL);
}
