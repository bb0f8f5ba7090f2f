/* SPDX-License-Identifier: Apache-2.0 */

/* Duty that was not collected: payments with relief, and an entry that takes one back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "ledger/relief.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

/* One a day; the rows that named the ground, by the payment's calculation. */
static const struct {
	const char *ground;
	const char *service;
	const char *kbk;
	const char *rows;
	int64_t gross;
	int64_t relief;
} payments[] = {
	{ "investor", "visa.multiple", "108126", "mrp-2026,investor-1", 1000, 1000 },
	{ "investor", "visa.multiple", "108126", "mrp-2026,investor-1", 2000, 2000 },
	{ "", "visa.multiple", "108126", "mrp-2026", 1000, 0 },
	{ "funeral", "visa.exit", "", "mrp-2026,funeral-1", 30, 30 },
	{ "investor", "visa.exit", "108126", "mrp-2026,investor-1", 500, 200 }, /* in part */
	{ "investor", "visa.multiple", "108126", "mrp-2027,investor-1", 4000, 4000 },
};

static int64_t heads[COUNT(payments)]; /* the last record after each */

struct expected {
	const char *ground;
	const char *service;
	const char *kbk;
	const char *law;
	int64_t count;
	int64_t gross;
	int64_t relief;
};

static void book(struct scene *s, size_t i)
{
	struct job job;
	char name[16];

	(void)snprintf(name, sizeof(name), "n-%zu", i);
	s->today = SCENE_DAY + (int32_t)i;
	s->now = SCENE_NOW + (int64_t)i * DATE_DAY_S;
	scene_create_job(s, &job, name, name, payments[i].gross);
	job.u.create.calculation.ground = text_of(payments[i].ground);
	job.u.create.calculation.service = text_of(payments[i].service);
	job.u.create.calculation.kbk = text_of(payments[i].kbk);
	job.u.create.calculation.rows = text_of(payments[i].rows);
	job.u.create.calculation.relief = money_of(payments[i].relief, "KZT");
	job.u.create.calculation.due = money_of(payments[i].gross - payments[i].relief, "KZT");
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	if (payments[i].relief < payments[i].gross) {
		int64_t payment = job.payment;

		job = (struct job){ 0 };
		assert_int_equal(scene_money(s, &job, payment,
					 payments[i].gross - payments[i].relief, name),
			JOB_DONE);
	}
}

static int64_t head_of(struct scene *s)
{
	struct reader_figures figures;

	assert_true(reader_figures(s->reader, &figures, NULL));
	return figures.records;
}

static int begin(void **state)
{
	static const struct scene_posting back[] = { { "relief:investor", -2000 },
		{ "fee:visa.multiple:108126", 2000 }, { NULL, 0 } };
	struct scene *s = malloc(sizeof(*s));

	*s = (struct scene){ 0 };
	scene_open(s);
	for (size_t i = 0; i < COUNT(payments); i++) {
		book(s, i);
		heads[i] = head_of(s);
	}
	scene_retire(s);
	s->today++;
	s->now += DATE_DAY_S;
	(void)scene_inscribe(s, 2, s->today, back); /* of the second payment */
	*state = s;
	return 0;
}

static int end(void **state)
{
	scene_close(*state);
	free(*state);
	return 0;
}

static void check(struct scene *s, struct movements asked, const struct expected *expected,
	size_t expected_count)
{
	struct relief *relief;
	const struct relief_row *rows;
	bool more = true;
	size_t count;

	asked.slice = 2;
	relief = relief_new(&asked);
	while (more) {
		assert_int_equal(relief_step(s->reader, relief, &more, NULL), READER_FOUND);
	}
	assert_int_equal(relief_as_of(relief),
		asked.as_of == READER_LATEST ? head_of(s) : asked.as_of);
	rows = relief_rows(relief, &count);
	assert_int_equal(count, expected_count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(rows[i].ground, expected[i].ground);
		assert_string_equal(rows[i].service, expected[i].service);
		assert_string_equal(rows[i].kbk, expected[i].kbk);
		assert_string_equal(rows[i].law, expected[i].law);
		assert_int_equal(rows[i].count, expected[i].count);
		assert_int_equal(rows[i].gross.minor, expected[i].gross);
		assert_int_equal(rows[i].relief.minor, expected[i].relief);
		assert_string_equal(rows[i].relief.currency, "KZT");
	}
	relief_free(&relief);
}

static const struct expected nothing[1];

static const struct movements always = { .from = DATE_NONE,
	.to = DATE_NONE,
	.as_of = READER_LATEST };

static void relief_is_told_by_ground_service_and_law(void **state)
{
	static const struct expected expected[] = {
		{ "funeral", "visa.exit", "", "mrp-2026,funeral-1", 1, 30, 30 },
		{ "investor", "visa.exit", "108126", "mrp-2026,investor-1", 1, 500, 200 },
		{ "investor", "visa.multiple", "108126", "mrp-2026,investor-1", 1, 1000, 1000 },
		{ "investor", "visa.multiple", "108126", "mrp-2027,investor-1", 1, 4000, 4000 },
	};

	check(*state, always, expected, COUNT(expected));
}

static void relief_is_told_of_a_period_and_as_of_a_record(void **state)
{
	static const struct expected expected[] = {
		{ "funeral", "visa.exit", "", "mrp-2026,funeral-1", 1, 30, 30 },
		{ "investor", "visa.multiple", "108126", "mrp-2026,investor-1", 1, 2000, 2000 },
	};
	struct movements asked = always;

	asked.from = SCENE_DAY + 1;
	asked.to = SCENE_DAY + 4;
	asked.as_of = heads[3];
	check(*state, asked, expected, COUNT(expected));
	asked.axis = READER_VALUE;
	asked.as_of = heads[3];
	check(*state, asked, expected, COUNT(expected));
	asked.from = SCENE_DAY + 100;
	asked.to = DATE_NONE;
	check(*state, asked, nothing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relief_is_told_by_ground_service_and_law),
		cmocka_unit_test(relief_is_told_of_a_period_and_as_of_a_record),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
