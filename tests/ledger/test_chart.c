/* SPDX-License-Identifier: Apache-2.0 */

/* Many accounts: each keeps its own sum, also when the chart has grown and is read again. */
#include <stdio.h>

#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { ACCOUNTS = 300, ROUNDS = 2 };

static void pay_all(struct scene *s, int round)
{
	for (int i = 0; i < ACCOUNTS; i++) {
		char reference[32];
		char service[32];
		struct job job;

		(void)snprintf(reference, sizeof(reference), "R%d-%d", round, i);
		(void)snprintf(service, sizeof(service), "service.%d", i);
		scene_create_job(s, &job, reference, reference, 100 + i);
		job.u.create.calculation.service = text_of(service);
		assert_int_equal(scene_do(s, &job), JOB_DONE);
		job = (struct job){ .payment = job.payment };
		assert_int_equal(scene_money(s, &job, job.payment, 100 + i, reference), JOB_DONE);
	}
}

static void each_account_keeps_its_own_sum(void **state)
{
	struct scene s = { .salt = 0 };

	(void)state;
	scene_open(&s);
	for (int round = 0; round < ROUNDS; round++) {
		pay_all(&s, round);
		scene_reopen(&s);
	}
	for (int i = 0; i < ACCOUNTS; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "fee:service.%d:108126", i);
		assert_int_equal(scene_balance(&s, name), -ROUNDS * (100 + i));
	}
	/* 300 times 100, and 0 + 1 + ... + 299 = 44,850; twice. */
	assert_int_equal(scene_balance(&s, "clearing:sandbox"), 2 * (30000 + 44850));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_account_keeps_its_own_sum),
	};

	return cmocka_run_group_tests_name("ledger/chart", tests, NULL, NULL);
}
