/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sums as of every record and day of a small book, against sets: entry i is of 2^i, so that a sum
 * says which entries are in it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "ledger/sums.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { ENTRIES = 14, SLICE = 3 };

/* Money without a home: each is an entry of clearing against suspense. */
static const struct {
	int32_t booked; /* days after SCENE_DAY */
	int32_t value;
	int32_t gateway;
} entries[ENTRIES] = {
	{ 0, 0, 1 },
	{ 0, -3, 1 },
	{ 0, 2, 2 }, /* valued later than booked */
	{ 1, 1, 1 },
	{ 1, 0, 2 },
	{ 1, 1, 2 },
	{ 1, -3, 1 },
	{ 1, 1, 1 },
	{ 1, 4, 1 },
	{ 3, 3, 2 },
	{ 3, 0, 2 },
	{ 4, 4, 1 },
	{ 4, 3, 1 },
	{ 4, 4, 2 },
};

static int64_t records[ENTRIES]; /* of the entries */
static int64_t head;

static int begin(void **state)
{
	struct scene *s = malloc(sizeof(*s));

	*s = (struct scene){ 0 };
	scene_open(s);
	for (size_t i = 0; i < ENTRIES; i++) {
		char operation[16];
		struct job job = { .kind = JOB_VERDICT };

		(void)snprintf(operation, sizeof(operation), "op-%zu", i);
		s->today = SCENE_DAY + entries[i].booked;
		s->now = SCENE_NOW + entries[i].booked * DATE_DAY_S;
		job.u.verdict = (struct job_verdict){ .gateway = entries[i].gateway,
			.unknown = true,
			.event = ATTEMPT_DONE,
			.amount = money_of(INT64_C(1) << i, "KZT"),
			.operation = text_of(operation),
			.paid_on = s->today,
			.value_date = SCENE_DAY + entries[i].value };
		if (scene_do(s, &job) != JOB_DONE) {
			return -1;
		}
		records[i] = job.record;
		(void)scene_create(s, operation, 1000); /* a record that is no entry */
	}
	head = records[ENTRIES - 1] + 1;
	*state = s;
	return 0;
}

static int end(void **state)
{
	scene_close(*state);
	free(*state);
	return 0;
}

/* The entries of a gateway up to that record and day, as a sum. */
static int64_t expect(int32_t gateway, int32_t day, enum reader_axis axis, int64_t as_of)
{
	int64_t sum = 0;

	for (size_t i = 0; i < ENTRIES; i++) {
		int32_t its =
			SCENE_DAY + (axis == READER_VALUE ? entries[i].value : entries[i].booked);

		if (entries[i].gateway == gateway && records[i] <= as_of &&
			(day == DATE_NONE || its <= day)) {
			sum += INT64_C(1) << i;
		}
	}
	return sum;
}

static void check_row(const struct sums *sums, const char *account, bool debit, int64_t expected)
{
	for (size_t i = 0; i < sums->count; i++) {
		const struct account_row *row = &sums->rows[i];

		if (text_is(text_of(account), row->name)) {
			assert_int_equal(row->debit, debit ? expected : 0);
			assert_int_equal(row->credit, debit ? 0 : expected);
			return;
		}
	}
	assert_int_equal(expected, 0);
}

static void check(struct scene *s, int32_t day, enum reader_axis axis, int64_t as_of)
{
	struct sums sums;
	bool more = true;

	sums_init(&sums, day, axis, as_of);
	sums.slice = SLICE;
	while (more) {
		assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_FOUND);
	}
	as_of = as_of == READER_LATEST ? head : as_of;
	assert_int_equal(sums.as_of, as_of);
	check_row(&sums, "clearing:sandbox", true, expect(1, day, axis, as_of));
	check_row(&sums, "suspense:sandbox", false, expect(1, day, axis, as_of));
	check_row(&sums, "clearing:other", true, expect(2, day, axis, as_of));
	check_row(&sums, "suspense:other", false, expect(2, day, axis, as_of));
	sums_done(&sums);
}

static void sums_are_right_as_of_every_record_and_day(void **state)
{
	static const enum reader_axis axes[] = { READER_BOOKED, READER_VALUE };

	for (int64_t as_of = 1; as_of <= head; as_of++) {
		for (size_t i = 0; i < COUNT(axes); i++) {
			check(*state, DATE_NONE, axes[i], as_of);
			for (int32_t day = SCENE_DAY - 4; day <= SCENE_DAY + 5; day++) {
				check(*state, day, axes[i], as_of);
			}
		}
	}
}

static void without_a_record_they_are_as_of_the_last(void **state)
{
	check(*state, DATE_NONE, READER_BOOKED, READER_LATEST);
	check(*state, SCENE_DAY + 3, READER_BOOKED, READER_LATEST);
	check(*state, SCENE_DAY + 3, READER_VALUE, READER_LATEST);
}

static void a_record_that_is_yet_to_come_is_absent(void **state)
{
	struct scene *s = *state;
	struct sums sums;
	bool more;

	sums_init(&sums, DATE_NONE, READER_BOOKED, head + 1);
	assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_ABSENT);
	sums_done(&sums);
}

/* Between the steps the writer goes on: a batch, an account that was not there. */
static void what_is_booked_meanwhile_is_not_in_them(void **state)
{
	static const enum reader_axis axes[] = { READER_BOOKED, READER_VALUE };
	struct scene *s = *state;
	int32_t day = SCENE_DAY + 4;

	for (size_t i = 0; i < COUNT(axes); i++) {
		int64_t as_of = records[ENTRIES - 2];
		struct sums sums;
		bool more = true;

		sums_init(&sums, day, axes[i], as_of);
		sums.slice = 1;
		for (int step = 0; more; step++) {
			struct job job = { .kind = JOB_VERDICT };
			char operation[32];

			(void)snprintf(operation, sizeof(operation), "meanwhile-%zu-%d", i, step);
			job.u.verdict = (struct job_verdict){ .gateway = 1,
				.unknown = true,
				.event = ATTEMPT_DONE,
				.amount = money_of(1, step == 0 && i == 0 ? "EUR" : "KZT"),
				.operation = text_of(operation),
				.paid_on = s->today,
				.value_date = SCENE_DAY };
			assert_int_equal(scene_do(s, &job), JOB_DONE);
			assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_FOUND);
			assert_in_range(step, 0, 100);
		}
		check_row(&sums, "clearing:sandbox", true, expect(1, day, axes[i], as_of));
		sums_done(&sums);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_right_as_of_every_record_and_day),
		cmocka_unit_test(without_a_record_they_are_as_of_the_last),
		cmocka_unit_test(a_record_that_is_yet_to_come_is_absent),
		cmocka_unit_test(what_is_booked_meanwhile_is_not_in_them),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
