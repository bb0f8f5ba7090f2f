/* SPDX-License-Identifier: Apache-2.0 */

/* What a gateway's words mean to an attempt, and which day the payer paid on. */
#include "base/date.h"
#include "daemon/booking.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { DAY = 86400, HOUR = 3600 };

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
		enum alym_operation operation;
		struct alym_verdict said;
		enum attempt_event event;
	} cases[] = {
		{ ALYM_OPERATION_PAY, { .kind = ALYM_DONE }, ATTEMPT_DONE },
		{ ALYM_OPERATION_STATUS, { .kind = ALYM_DONE }, ATTEMPT_DONE },
		{ ALYM_OPERATION_CAPTURE, { .kind = ALYM_DONE }, ATTEMPT_DONE },
		{ ALYM_OPERATION_RELEASE, { .kind = ALYM_DONE }, ATTEMPT_RELEASE },
		{ ALYM_OPERATION_PAY, { .kind = ALYM_PENDING }, ATTEMPT_PEND },
		{ ALYM_OPERATION_STATUS, { .kind = ALYM_PENDING, .authorized = true },
			ATTEMPT_AUTHORIZE },
		{ ALYM_OPERATION_PAY, { .kind = ALYM_DECLINED }, ATTEMPT_DECLINE },
		{ ALYM_OPERATION_STATUS, { .kind = ALYM_DECLINED, .expired = true },
			ATTEMPT_EXPIRE },
		{ ALYM_OPERATION_RELEASE, { .kind = ALYM_DECLINED }, ATTEMPT_LOSE },
		{ ALYM_OPERATION_PAY, { .kind = ALYM_NOT_ATTEMPTED }, ATTEMPT_MISS },
		{ ALYM_OPERATION_STATUS, { .kind = ALYM_NOT_ATTEMPTED }, ATTEMPT_MISS },
		{ ALYM_OPERATION_CAPTURE, { .kind = ALYM_NOT_ATTEMPTED }, ATTEMPT_AUTHORIZE },
		{ ALYM_OPERATION_RELEASE, { .kind = ALYM_NOT_ATTEMPTED }, ATTEMPT_AUTHORIZE },
		{ ALYM_OPERATION_PAY, { .kind = ALYM_UNKNOWN }, ATTEMPT_LOSE },
		{ ALYM_OPERATION_CAPTURE, { .kind = ALYM_UNKNOWN }, ATTEMPT_LOSE },
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
		int32_t day;
	} cases[] = {
		{ HOUR, STAGE_NOW, today },
		{ 2 * DAY, STAGE_NOW - DAY, today - 1 },
		{ 2 * DAY, STAGE_NOW - 10 * HOUR, today },         /* midnight */
		{ 2 * DAY, STAGE_NOW - 10 * HOUR - 1, today - 1 }, /* just before */
		{ DAY, STAGE_NOW - DAY, today - 1 },               /* the window's edge */
		{ DAY, STAGE_NOW - DAY - 1, today },               /* outside */
		{ HOUR, STAGE_NOW + BOOKING_AHEAD_S, today },
		{ HOUR, STAGE_NOW + 20 * HOUR, today }, /* a clock that is wrong */
		{ HOUR, INT64_MAX, today },
		{ HOUR, 1, today },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_verdict said = { .paid = ALYM_PAID_INSTANT,
			.paid_at = cases[i].paid_at };

		g->window_s = cases[i].window_s;
		assert_int_equal(booking_paid_on(s->engine, g, &said, STAGE_NOW), cases[i].day);
	}
}

static void a_local_time_is_read_in_the_gateways_zone(void **state)
{
	struct stage *s = *state;
	struct engine_gateway *g = &s->engine->settings.gateways[0];
	int32_t today = zone_day(s->almaty, STAGE_NOW);
	const struct {
		int32_t day;
		int32_t second;
		int32_t paid_on;
	} cases[] = {
		{ today, 9 * HOUR + 1, today },
		{ today - 1, 23 * HOUR, today - 1 },
		{ today - 400, 0, today },
		{ today + 2, 0, today },
		{ INT32_MAX, 0, today },
		{ 0, 0, today },
		{ -5, 0, today },
	};

	g->window_s = 2 * DAY;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct alym_verdict said = { .paid = ALYM_PAID_LOCAL,
			.paid_day = cases[i].day,
			.paid_second = cases[i].second };

		assert_int_equal(booking_paid_on(s->engine, g, &said, STAGE_NOW), cases[i].paid_on);
	}
}

static void what_is_unstated_is_our_day(void **state)
{
	struct stage *s = *state;
	const struct alym_verdict said = { .paid = ALYM_PAID_UNSTATED };

	assert_int_equal(booking_paid_on(s->engine, &s->engine->settings.gateways[0], &said,
				 STAGE_NOW - DAY),
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
