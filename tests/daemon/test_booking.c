/* SPDX-License-Identifier: Apache-2.0 */

/* What a gateway's words mean to an attempt, and which day the payer paid on. */
#include "base/date.h"
#include "daemon/booking.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { HOUR_S = 3600 };

static const int64_t hour = HOUR_S;
static const int64_t day = 86400;

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_free(&s);
	return 0;
}

static void a_verdict_is_an_event_of_its_operation(void **state)
{
	static const struct {
		struct alym_verdict said;
		enum alym_operation operation;
		enum attempt_event event;
	} cases[] = {
		{ { .kind = ALYM_DONE }, ALYM_OPERATION_PAY, ATTEMPT_DONE },
		{ { .kind = ALYM_DONE }, ALYM_OPERATION_STATUS, ATTEMPT_DONE },
		{ { .kind = ALYM_DONE }, ALYM_OPERATION_CAPTURE, ATTEMPT_DONE },
		{ { .kind = ALYM_DONE }, ALYM_OPERATION_RELEASE, ATTEMPT_RELEASE },
		{ { .kind = ALYM_PENDING }, ALYM_OPERATION_PAY, ATTEMPT_PEND },
		{ { .kind = ALYM_PENDING, .authorized = true }, ALYM_OPERATION_STATUS,
			ATTEMPT_AUTHORIZE },
		{ { .kind = ALYM_DECLINED }, ALYM_OPERATION_PAY, ATTEMPT_DECLINE },
		{ { .kind = ALYM_DECLINED, .expired = true }, ALYM_OPERATION_STATUS,
			ATTEMPT_EXPIRE },
		{ { .kind = ALYM_DECLINED }, ALYM_OPERATION_RELEASE, ATTEMPT_LOSE },
		{ { .kind = ALYM_NOT_ATTEMPTED }, ALYM_OPERATION_PAY, ATTEMPT_MISS },
		{ { .kind = ALYM_NOT_ATTEMPTED }, ALYM_OPERATION_STATUS, ATTEMPT_MISS },
		{ { .kind = ALYM_NOT_ATTEMPTED }, ALYM_OPERATION_CAPTURE, ATTEMPT_AUTHORIZE },
		{ { .kind = ALYM_NOT_ATTEMPTED }, ALYM_OPERATION_RELEASE, ATTEMPT_AUTHORIZE },
		{ { .kind = ALYM_UNKNOWN }, ALYM_OPERATION_PAY, ATTEMPT_LOSE },
		{ { .kind = ALYM_UNKNOWN }, ALYM_OPERATION_CAPTURE, ATTEMPT_LOSE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(booking_event(cases[i].operation, &cases[i].said), cases[i].event);
	}
}

/* All times are relative to 2026-03-02 10:00 in Almaty; the window reaches an hour back. */
static void the_gateways_time_counts_within_its_window(void **state)
{
	struct stage *s = *state;
	struct engine_gateway *g = &s->engine->settings.gateways[0];
	int32_t today = zone_day(s->almaty, STAGE_NOW);
	const struct {
		int64_t window_s;
		int64_t paid_at;
		int32_t paid_on;
	} cases[] = {
		{ hour, STAGE_NOW, today },
		{ 2 * day, STAGE_NOW - day, today - 1 },
		{ 2 * day, STAGE_NOW - 10 * hour, today },         /* midnight */
		{ 2 * day, STAGE_NOW - 10 * hour - 1, today - 1 }, /* just before */
		{ day, STAGE_NOW - day, today - 1 },               /* the window's edge */
		{ day, STAGE_NOW - day - 1, today },               /* outside */
		{ hour, STAGE_NOW + BOOKING_AHEAD_S, today },
		{ hour, STAGE_NOW + 20 * hour, today }, /* a clock that is wrong */
		{ hour, INT64_MAX, today },
		{ hour, 1, today },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_verdict said = { .paid = ALYM_PAID_INSTANT,
			.paid_at = cases[i].paid_at };

		g->window_s = cases[i].window_s;
		assert_int_equal(booking_paid_on(s->engine, g, &said, STAGE_NOW), cases[i].paid_on);
	}
}

static void a_local_time_is_read_in_the_gateways_zone(void **state)
{
	struct stage *s = *state;
	struct engine_gateway *g = &s->engine->settings.gateways[0];
	int32_t today = zone_day(s->almaty, STAGE_NOW);
	const struct {
		int32_t paid_day;
		int32_t second;
		int32_t paid_on;
	} cases[] = {
		{ today, 9 * HOUR_S + 1, today },
		{ today - 1, 23 * HOUR_S, today - 1 },
		{ today - 400, 0, today },
		{ today + 2, 0, today },
		{ INT32_MAX, 0, today },
		{ 0, 0, today },
		{ -5, 0, today },
	};

	g->window_s = 2 * day;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_verdict said = { .paid = ALYM_PAID_LOCAL,
			.paid_day = cases[i].paid_day,
			.paid_second = cases[i].second };

		assert_int_equal(booking_paid_on(s->engine, g, &said, STAGE_NOW), cases[i].paid_on);
	}
}

static void what_is_unstated_is_our_day(void **state)
{
	struct stage *s = *state;
	const struct alym_verdict said = { .paid = ALYM_PAID_UNSTATED };

	assert_int_equal(booking_paid_on(s->engine, &s->engine->settings.gateways[0], &said,
				 STAGE_NOW - day),
		zone_day(s->almaty, STAGE_NOW) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verdict_is_an_event_of_its_operation),
		TEST(the_gateways_time_counts_within_its_window),
		TEST(a_local_time_is_read_in_the_gateways_zone),
		TEST(what_is_unstated_is_our_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
