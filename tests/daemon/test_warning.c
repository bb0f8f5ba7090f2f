/* SPDX-License-Identifier: Apache-2.0 */

/* Warnings are told by /readyz, /metrics and, once a day, by the log; the daemon stays ready. */
#include <string.h>

#include "base/date.h"
#include "daemon/warning.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

enum { HOUR_S = 3600 };

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

static void set_time(struct stage *s, const char *utc)
{
	assert_true(date_time_parse(text_of(utc), &s->now));
	stage_run(s);
}

static bool body_has(const struct stage_call *c, const char *words)
{
	return strstr(c->body, words) != NULL;
}

/* tariff/data ends with the MRP of 2026. */
static const struct {
	const char *utc; /* Almaty is five hours ahead */
	bool missing;
	bool next_missing;
} warning_days[] = {
	{ "2026-01-01T07:00:00Z", false, false },
	{ "2026-11-30T07:00:00Z", false, false },
	{ "2026-12-09T07:00:00Z", false, false },
	{ "2026-12-10T07:00:00Z", false, false },
	{ "2026-12-10T18:59:59Z", false, false },
	{ "2026-12-10T19:00:00Z", false, true },
	{ "2026-12-11T07:00:00Z", false, true },
	{ "2026-12-31T18:59:59Z", false, true },
	{ "2026-12-31T19:00:00Z", true, false },
	{ "2027-01-01T07:00:00Z", true, false },
	{ "2027-12-11T07:00:00Z", true, true },
};

static void the_mrp_is_missed_from_the_day_on(void **state)
{
	struct stage *s = *state;
	struct stage_call c;

	for (size_t i = 0; i < sizeof(warning_days) / sizeof(*warning_days); i++) {
		bool quiet = !warning_days[i].missing && !warning_days[i].next_missing;

		set_time(s, warning_days[i].utc);
		assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/readyz", ""), 200);
		assert_true(body_has(&c, "{\"status\":\"ready\",\"warnings\":["));
		assert_int_equal(body_has(&c, "\"warnings\":[]"), quiet);
		assert_int_equal(body_has(&c, "\"mrp_missing\""), warning_days[i].missing);
		assert_int_equal(body_has(&c, "\"mrp_next_missing\""),
			warning_days[i].next_missing);
		assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/metrics", ""), 200);
		assert_true(body_has(&c, warning_days[i].missing
						 ? "alym_warning{code=\"mrp_missing\"} 1\n"
						 : "alym_warning{code=\"mrp_missing\"} 0\n"));
		assert_true(body_has(&c, warning_days[i].next_missing
						 ? "alym_warning{code=\"mrp_next_missing\"} 1\n"
						 : "alym_warning{code=\"mrp_next_missing\"} 0\n"));
	}
}

static void what_is_missed_is_named_by_its_year(void **state)
{
	struct stage *s = *state;
	struct stage_call c;

	set_time(s, "2026-12-11T07:00:00Z");
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/readyz", ""), 200);
	assert_true(body_has(&c, "the MRP for duties of 2027 is missing"));
	set_time(s, "2027-01-01T07:00:00Z");
	assert_int_equal(stage_call(s, &c, CALL_SOCKET, "GET", "/readyz", ""), 200);
	assert_true(body_has(&c, "no MRP for duties is known for 2027"));
}

static void the_log_says_it_once_a_day(void **state)
{
	struct stage *s = *state;

	set_time(s, "2026-12-10T07:00:00Z");
	assert_int_equal(stage_logged(s, "warning.mrp_next_missing"), 0);
	set_time(s, "2026-12-11T07:00:00Z");
	assert_int_equal(stage_logged(s, "warning.mrp_next_missing"), 1);
	for (int hour = 0; hour < 3; hour++) {
		stage_sleep(s, HOUR_S + 60);
	}
	assert_int_equal(stage_logged(s, "warning.mrp_next_missing"), 1);
	set_time(s, "2026-12-12T07:00:00Z");
	assert_int_equal(stage_logged(s, "warning.mrp_next_missing"), 2);
	assert_int_equal(stage_logged(s, "warning.mrp_missing"), 0);
	set_time(s, "2026-12-31T20:00:00Z");
	assert_int_equal(stage_logged(s, "warning.mrp_next_missing"), 2);
	assert_int_equal(stage_logged(s, "warning.mrp_missing"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_mrp_is_missed_from_the_day_on, begin, end),
		cmocka_unit_test_setup_teardown(what_is_missed_is_named_by_its_year, begin, end),
		cmocka_unit_test_setup_teardown(the_log_says_it_once_a_day, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
