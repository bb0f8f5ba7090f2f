/* SPDX-License-Identifier: Apache-2.0 */

/* What gateways took, settled and kept: entries by hand, sums by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "ledger/settlement.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { APRIL_2 = SCENE_DAY + 32, LAST = SCENE_DAY + 40 };

/* In the order they are booked. */
static const struct {
	int32_t booked; /* days after SCENE_DAY, 1 March */
	int32_t value;
	struct scene_posting postings[4];
} entries[] = {
	{ 0, 0, { { "clearing:sandbox", 1000 }, { "fee:visa.exit:108126", -1000 } } },
	{ 0, 0, { { "clearing:sandbox", 500 }, { "suspense:sandbox", -500 } } },
	{ 1, 0,
		{ { "treasury:halyk", 985 }, { "commission:sandbox", 15 },
			{ "clearing:sandbox", -1000 } } },
	{ 1, 1, { { "clearing:other", 70 }, { "fee:visa.exit:108126", -70 } } },
	/* The second one is taken back: nothing was settled by that. */
	{ 2, 2, { { "clearing:sandbox", -500 }, { "suspense:sandbox", 500 } } },
	{ 2, 0, { { "relief:investor", 300 }, { "fee:visa.exit:108126", -300 } } },
	{ 32, 31, { { "clearing:sandbox", 200 }, { "fee:visa.exit:108126", -200 } } },
	{ 32, 32, { { "clearing:sandbox", 40 }, { "suspense:sandbox", -40 } } },
	/* And the settlement: it never happened. */
	{ 32, 32,
		{ { "treasury:halyk", -985 }, { "commission:sandbox", -15 },
			{ "clearing:sandbox", 1000 } } },
};

static int64_t records[COUNT(entries)];

struct expected {
	const char *gateway;
	struct settlement_row row;
};

static int begin(void **state)
{
	struct scene *s = malloc(sizeof(*s));

	*s = (struct scene){ 0 };
	scene_open(s);
	scene_retire(s);
	for (size_t i = 0; i < COUNT(entries); i++) {
		s->today = SCENE_DAY + entries[i].booked;
		s->now = SCENE_NOW + entries[i].booked * DATE_DAY_S;
		records[i] =
			scene_inscribe(s, 0, SCENE_DAY + entries[i].value, entries[i].postings);
	}
	*state = s;
	return 0;
}

static int end(void **state)
{
	scene_close(*state);
	free(*state);
	return 0;
}

static struct settlement *make(struct scene *s, struct movements asked, enum settlement_by by)
{
	struct settlement *made;
	bool more = true;

	asked.slice = 2;
	made = settlement_new(&asked, by);
	while (more) {
		assert_int_equal(settlement_step(s->reader, made, &more, NULL), READER_FOUND);
	}
	return made;
}

static void check_row(const struct settlement_row *row, const struct settlement_row *expected)
{
	assert_int_equal(row->period, expected->period);
	assert_int_equal(row->entries, expected->entries);
	assert_int_equal(row->taken, expected->taken);
	assert_int_equal(row->settled, expected->settled);
	assert_int_equal(row->commission, expected->commission);
	assert_int_equal(row->unsettled, expected->unsettled);
	assert_int_equal(row->suspense, expected->suspense);
}

/* All rows of the lanes, one after another. */
static void check(struct settlement *made, const struct expected *expected, size_t expected_count)
{
	size_t count;
	const struct settlement_lane *lanes = settlement_lanes(made, &count);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lanes[i].count; k++, n++) {
			assert_in_range(n, 0, expected_count - 1);
			assert_string_equal(lanes[i].gateway, expected[n].gateway);
			assert_string_equal(lanes[i].currency, "KZT");
			check_row(&lanes[i].rows[k], &expected[n].row);
		}
	}
	assert_int_equal(n, expected_count);
	settlement_free(&made);
}

static const struct expected nothing[1];

static const struct movements always = { .from = DATE_NONE,
	.to = DATE_NONE,
	.as_of = READER_LATEST };

static void days_are_told_with_what_is_left_at_their_end(void **state)
{
	static const struct expected expected[] = {
		{ "other", { SCENE_DAY + 1, 1, 70, 0, 0, 70, 0 } },
		{ "sandbox", { SCENE_DAY, 2, 1500, 0, 0, 1500, 500 } },
		{ "sandbox", { SCENE_DAY + 1, 1, 0, 1000, 15, 500, 500 } },
		{ "sandbox", { SCENE_DAY + 2, 1, -500, 0, 0, 0, 0 } },
		{ "sandbox", { APRIL_2, 3, 240, -1000, -15, 1240, 40 } },
	};

	check(make(*state, always, SETTLEMENT_BY_DAY), expected, COUNT(expected));
}

static void months_are_told_too(void **state)
{
	static const struct expected expected[] = {
		{ "other", { SCENE_DAY, 1, 70, 0, 0, 70, 0 } },
		{ "sandbox", { SCENE_DAY, 4, 1000, 1000, 15, 0, 0 } },
		{ "sandbox", { SCENE_DAY + 31, 3, 240, -1000, -15, 1240, 40 } },
	};

	check(make(*state, always, SETTLEMENT_BY_MONTH), expected, COUNT(expected));
}

static void a_period_begins_with_what_was_left_before_it(void **state)
{
	static const struct expected expected[] = {
		{ "other", { SCENE_DAY + 1, 1, 70, 0, 0, 70, 0 } },
		{ "sandbox", { SCENE_DAY + 1, 1, 0, 1000, 15, 500, 500 } },
		{ "sandbox", { SCENE_DAY + 2, 1, -500, 0, 0, 0, 0 } },
	};
	struct movements asked = always;

	asked.from = SCENE_DAY + 1;
	asked.to = SCENE_DAY + 31;
	check(make(*state, asked, SETTLEMENT_BY_DAY), expected, COUNT(expected));
}

static void the_banks_days_are_told_by_value_date(void **state)
{
	static const struct expected expected[] = {
		{ "other", { SCENE_DAY + 1, 1, 70, 0, 0, 70, 0 } },
		{ "sandbox", { SCENE_DAY, 3, 1500, 1000, 15, 500, 500 } },
		{ "sandbox", { SCENE_DAY + 2, 1, -500, 0, 0, 0, 0 } },
		{ "sandbox", { SCENE_DAY + 31, 1, 200, 0, 0, 200, 0 } },
		{ "sandbox", { APRIL_2, 2, 40, -1000, -15, 1240, 40 } },
	};
	struct movements asked = always;

	asked.axis = READER_VALUE;
	check(make(*state, asked, SETTLEMENT_BY_DAY), expected, COUNT(expected));
}

static void what_came_after_the_record_is_not_in_it(void **state)
{
	static const struct expected expected[] = {
		{ "other", { SCENE_DAY + 1, 1, 70, 0, 0, 70, 0 } },
		{ "sandbox", { SCENE_DAY + 1, 1, 0, 1000, 15, 500, 500 } },
	};
	struct movements asked = always;

	asked.from = SCENE_DAY + 1;
	asked.as_of = records[3];
	check(make(*state, asked, SETTLEMENT_BY_DAY), expected, COUNT(expected));
}

/* No rows, and what is left of before all the same. */
static void an_empty_period_is_an_empty_report(void **state)
{
	struct movements asked = always;
	struct settlement *made;
	const struct settlement_lane *lanes;
	size_t count;

	asked.from = LAST;
	made = make(*state, asked, SETTLEMENT_BY_DAY);
	assert_int_equal(settlement_as_of(made), records[COUNT(entries) - 1]);
	lanes = settlement_lanes(made, &count);
	assert_int_equal(count, 2);
	assert_int_equal(lanes[0].total.unsettled, 70);
	assert_int_equal(lanes[1].total.unsettled, 1240);
	assert_int_equal(lanes[1].total.suspense, 40);
	check(made, nothing, 0);
}

static void a_rate_is_exact_to_six_digits(void **state)
{
	static const struct {
		int64_t commission;
		int64_t taken;
		const char *rate; /* NULL: none */
	} cases[] = {
		{ 15, 1000, "0.015000" },
		{ 1, 3, "0.333333" },
		{ 2, 3, "0.666667" },
		{ 1, 2000000, "0.000001" },
		{ 1, 2000001, "0.000000" },
		{ 0, 5, "0.000000" },
		{ 7, 2, "3.500000" },
		{ 9999999, 10000000, "1.000000" },
		{ INT64_MAX / 4, INT64_MAX, "0.250000" },
		{ INT64_MAX, 1, "9223372036854775807.000000" },
		{ 5, 0, NULL },
		{ 5, -10, NULL },
		{ -5, 10, NULL },
	};
	char rate[SETTLEMENT_RATE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool is = settlement_rate(cases[i].commission, cases[i].taken, rate);

		assert_int_equal(is, cases[i].rate != NULL);
		if (is) {
			assert_string_equal(rate, cases[i].rate);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_told_with_what_is_left_at_their_end),
		cmocka_unit_test(months_are_told_too),
		cmocka_unit_test(a_period_begins_with_what_was_left_before_it),
		cmocka_unit_test(the_banks_days_are_told_by_value_date),
		cmocka_unit_test(what_came_after_the_record_is_not_in_it),
		cmocka_unit_test(an_empty_period_is_an_empty_report),
		cmocka_unit_test(a_rate_is_exact_to_six_digits),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
