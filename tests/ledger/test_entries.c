/* SPDX-License-Identifier: Apache-2.0 */

/* Walks of entries by every combination of filters, against a table of what was booked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "ledger/reader.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { ENTRIES = 24, DUE = 1000 };

static const char *const gateways[] = { "sandbox", "other" };
static const char *const services[] = { "visa.multiple", "visa.exit" };

/* What was booked, by what was asked for. */
static struct fact {
	int64_t record;
	int64_t payment; /* 0: money without a home */
	int32_t booked;
	int32_t value;
	size_t gateway;
	size_t service;
	bool pays; /* the fee is booked, else all goes to suspense */
} facts[ENTRIES];

static int64_t head;

static void book(struct scene *s, size_t i)
{
	struct fact *f = &facts[i];
	char name[16];
	struct job job;

	(void)snprintf(name, sizeof(name), "n-%zu", i);
	*f = (struct fact){ .booked = SCENE_DAY + (int32_t)(i / 5),
		.value = SCENE_DAY + (int32_t)(i * 7 % 5),
		.gateway = i % 3 == 0,
		.service = i % 2,
		.pays = i % 4 != 3 };
	s->today = f->booked;
	s->now = SCENE_NOW + (f->booked - SCENE_DAY) * DATE_DAY_S;
	if (i % 6 != 5) {
		scene_create_job(s, &job, name, name, DUE);
		job.u.create.calculation.service = text_of(services[f->service]);
		assert_int_equal(scene_do(s, &job), JOB_DONE);
		f->payment = job.payment;
	} else {
		f->pays = false;
	}
	job = (struct job){ .kind = JOB_VERDICT };
	job.u.verdict = (struct job_verdict){ .gateway = (int32_t)f->gateway + 1,
		.unknown = f->payment == 0,
		.event = ATTEMPT_DONE,
		.operation = text_of(name),
		.amount = money_of(f->pays ? DUE : 1, "KZT"),
		.paid_on = s->today,
		.value_date = f->value };
	if (f->payment != 0) {
		assert_int_equal(scene_money(s, &job, f->payment, 0, name), JOB_DONE);
	} else {
		assert_int_equal(scene_do(s, &job), JOB_DONE);
	}
	f->record = job.record;
	head = job.record;
}

static int begin(void **state)
{
	struct scene *s = malloc(sizeof(*s));

	*s = (struct scene){ 0 };
	scene_open(s);
	for (size_t i = 0; i < ENTRIES; i++) {
		book(s, i);
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

static bool touches(const struct fact *f, const char *account)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "clearing:%s", gateways[f->gateway]);
	if (strcmp(name, account) == 0) {
		return true;
	}
	(void)snprintf(name, sizeof(name), "suspense:%s", gateways[f->gateway]);
	if (strcmp(name, account) == 0) {
		return !f->pays;
	}
	(void)snprintf(name, sizeof(name), "fee:%s:108126", services[f->service]);
	return f->pays && strcmp(name, account) == 0;
}

static bool takes(const struct entry_filter *f, const struct fact *fact)
{
	int32_t day = f->axis == READER_VALUE ? fact->value : fact->booked;

	return fact->record <= f->as_of &&
	       (f->account.size == 0 || touches(fact, f->account.bytes)) &&
	       (f->gateway.size == 0 || text_is(f->gateway, gateways[fact->gateway])) &&
	       (f->service.size == 0 ||
		       (fact->payment != 0 && text_is(f->service, services[fact->service]))) &&
	       (f->payment == 0 || f->payment == fact->payment) &&
	       (f->day_from == DATE_NONE || day >= f->day_from) &&
	       (f->day_until == DATE_NONE || day <= f->day_until);
}

static void check(struct scene *s, const struct entry_filter *f)
{
	struct reader_page page = { .limit = 2 };
	int64_t numbers[2];
	size_t i = 0;

	do {
		assert_int_equal(reader_entries(s->reader, f, &page, numbers, NULL), READER_FOUND);
		assert_true(page.next == 0 || page.next > page.after);
		for (size_t k = 0; k < page.count; k++) {
			while (i < ENTRIES && !takes(f, &facts[i])) {
				i++;
			}
			assert_int_equal(numbers[k], i + 1); /* entries are numbered 1, 2, 3 */
			i++;
		}
		page.after = page.next;
	} while (page.next != 0);
	while (i < ENTRIES) {
		assert_false(takes(f, &facts[i]));
		i++;
	}
}

static const char *const accounts[] = { "", "clearing:sandbox", "clearing:other", "suspense:other",
	"fee:visa.exit:108126" };
static const char *const some_gateways[] = { "", "other" };
static const char *const some_services[] = { "", "visa.exit" };
static const int32_t days[][2] = { { DATE_NONE, DATE_NONE }, { SCENE_DAY + 1, SCENE_DAY + 2 },
	{ SCENE_DAY + 3, DATE_NONE }, { DATE_NONE, SCENE_DAY } };

static void check_days(struct scene *s, struct entry_filter *f)
{
	for (size_t i = 0; i < COUNT(days); i++) {
		f->day_from = days[i][0];
		f->day_until = days[i][1];
		f->axis = READER_BOOKED;
		check(s, f);
		f->axis = READER_VALUE;
		check(s, f);
	}
}

/* By `prev` where the slice lets it go back far enough, else by ranges. */
static void any_combination_of_filters_finds_what_was_booked(void **state)
{
	static const int64_t slices[] = { 0, 3 };
	size_t combinations =
		COUNT(accounts) * COUNT(some_gateways) * COUNT(some_services) * COUNT(slices);

	for (size_t c = 0; c < combinations; c++) {
		size_t rest = c;
		struct entry_filter f = { .as_of = head };

		f.account = text_of(accounts[rest % COUNT(accounts)]);
		rest /= COUNT(accounts);
		f.gateway = text_of(some_gateways[rest % COUNT(some_gateways)]);
		rest /= COUNT(some_gateways);
		f.service = text_of(some_services[rest % COUNT(some_services)]);
		f.slice = slices[rest / COUNT(some_services)];
		check_days(*state, &f);
		f.as_of = facts[ENTRIES / 2].record;
		check_days(*state, &f);
		f.payment = facts[4].payment;
		check_days(*state, &f);
	}
}

static void a_slice_looks_at_no_more_than_it_may(void **state)
{
	struct scene *s = *state;
	struct entry_filter f = { .service = TEXT("border-certificate"),
		.day_from = DATE_NONE,
		.day_until = DATE_NONE,
		.as_of = READER_LATEST,
		.slice = 10 };
	struct reader_page page = { .limit = 2 };
	int64_t numbers[2];

	for (int64_t expected = 10; expected <= 20; expected += 10) {
		assert_int_equal(reader_entries(s->reader, &f, &page, numbers, NULL), READER_FOUND);
		assert_int_equal(page.count, 0);
		assert_int_equal(page.next, expected);
		page.after = page.next;
	}
	assert_int_equal(reader_entries(s->reader, &f, &page, numbers, NULL), READER_FOUND);
	assert_int_equal(page.next, 0);
}

static void a_record_that_is_yet_to_come_is_absent(void **state)
{
	struct scene *s = *state;
	struct entry_filter f = { .day_from = DATE_NONE,
		.day_until = DATE_NONE,
		.as_of = head + 1 };
	struct reader_page page = { .limit = 2 };
	int64_t numbers[2];

	assert_int_equal(reader_entries(s->reader, &f, &page, numbers, NULL), READER_ABSENT);
}

static void names_are_known_or_not(void **state)
{
	struct scene *s = *state;
	bool has;

	assert_true(reader_has_account(s->reader, TEXT("clearing:other"), &has, NULL) && has);
	assert_true(reader_has_account(s->reader, TEXT("clearing:othe"), &has, NULL) && !has);
	assert_true(reader_has_gateway(s->reader, TEXT("other"), &has, NULL) && has);
	assert_true(reader_has_gateway(s->reader, TEXT("nobody"), &has, NULL) && !has);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_combination_of_filters_finds_what_was_booked),
		cmocka_unit_test(a_slice_looks_at_no_more_than_it_may),
		cmocka_unit_test(a_record_that_is_yet_to_come_is_absent),
		cmocka_unit_test(names_are_known_or_not),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
