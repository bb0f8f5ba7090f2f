/* SPDX-License-Identifier: Apache-2.0 */

/* Months are closed, in order, once, and nothing is booked into them afterwards. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/period.h"
#include "ledger/sums.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum {
	MARCH = 202603,
	APRIL = 202604,
	MAY = 202605,
	MARCH_END = SCENE_DAY + 30,
	APRIL_BEGIN = SCENE_DAY + 31,
	MAY_BEGIN = SCENE_DAY + 61,
	JUNE_BEGIN = SCENE_DAY + 92,
	ROWS_MAX = 8,
};

/* SHA-256 by sha256sum of the lists written by hand:
 * [{"account":"clearing:sandbox","credit":"0","currency":"KZT","debit":"1000"},
 *  {"account":"fee:visa.multiple:108126","credit":"1000","currency":"KZT","debit":"0"}]
 * and with clearing:other 70, 1500 instead of 1000, suspense:other 70; without the line breaks. */
#define MARCH_SHA256 "1dd9143e68c2ed5cba27557bbce326780b5f725de5ae4340ce704c9466164986"
#define APRIL_SHA256 "1ac1e0738d2347b2700a4f0af5761103d5ab2a121e478bb7a36d45c277528292"

static void go_to(struct scene *s, int32_t day)
{
	s->today = day;
	s->now = SCENE_NOW + (int64_t)(day - SCENE_DAY) * 86400;
}

static int64_t pay(struct scene *s, const char *name, int64_t amount)
{
	struct job job = { 0 };

	assert_int_equal(scene_money(s, &job, scene_create(s, name, amount), amount, name),
		JOB_DONE);
	return job.record;
}

static struct job close_job(int32_t month, const char *key)
{
	return (struct job){ .kind = JOB_CLOSE,
		.u.close = { .request = { .client = 1,
				     .route = ROUTE_CLOSE,
				     .key = text_of(key),
				     .fingerprint = { (uint8_t)month } },
			.actor = { .uid = 1000, .client = 1 },
			.reason = TEXT("all is reconciled"),
			.month = month } };
}

static enum job_outcome close_month(struct scene *s, int32_t month, struct job *job)
{
	char key[16];

	(void)snprintf(key, sizeof(key), "%d", (int)month);
	*job = close_job(month, "");
	job->u.close.request.key = text_of(key);
	return scene_do(s, job);
}

static void expect_digest(struct scene *s, int32_t month, const char *digest)
{
	struct period_row row;
	char text[2 * JOB_DIGEST_SIZE + 1];

	assert_int_equal(period_read(s->reader, month, &row, NULL), READER_FOUND);
	text_hex(row.digest, sizeof(row.digest), text);
	assert_string_equal(text, digest);
}

/* Debit less credit of clearing:sandbox at the end of March. */
static int64_t at_the_end_of_march(struct scene *s, enum reader_axis axis)
{
	struct sums sums;
	int64_t balance;
	bool more = true;

	sums_init(&sums, MARCH_END, axis, READER_LATEST);
	while (more) {
		assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_FOUND);
	}
	assert_string_equal(sums.rows[0].name, "clearing:sandbox");
	balance = sums.rows[0].debit - sums.rows[0].credit;
	sums_done(&sums);
	return balance;
}

static void a_month_is_closed_with_its_balances(void **state)
{
	struct scene *s = *state;
	struct period_row row;
	struct buffer leaf;
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	(void)pay(s, "A-2", 500);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	expect_digest(s, MARCH, MARCH_SHA256);
	assert_int_equal(period_read(s->reader, MARCH, &row, NULL), READER_FOUND);
	assert_int_equal(row.record, job.record);
	assert_int_equal(row.last_entry, 1);
	assert_int_equal(row.accounts, 2);
	assert_int_equal(row.actor.uid, 1000);
	assert_int_equal(row.actor.client, 1);
	assert_string_equal(row.reason, "all is reconciled");
	assert_int_equal(row.total_count, 1);
	assert_string_equal(row.totals[0].currency, "KZT");
	assert_int_equal(row.totals[0].debit, 1000);
	assert_int_equal(row.totals[0].credit, 1000);
	buffer_init_whole(&leaf, 16384);
	assert_int_equal(reader_record(s->reader, job.record, &leaf, NULL), READER_FOUND);
	buffer_add_char(&leaf, '\0');
	assert_non_null(strstr(leaf.bytes, "\"kind\":\"close\""));
	assert_non_null(strstr(leaf.bytes,
		"{\"accounts\":\"2\",\"closed_by\":{\"client\":\"1\",\"uid\":\"1000\"},"
		"\"last_entry\":\"1\",\"month\":\"2026-03\",\"reason\":\"all is reconciled\","
		"\"request\":{\"fingerprint\":\""));
	assert_non_null(strstr(leaf.bytes,
		"\"},\"sha256\":\"" MARCH_SHA256 "\",\"totals\":[{\"credit\":\"1000\","
		"\"currency\":\"KZT\",\"debit\":\"1000\"}]}"));
	buffer_done(&leaf);
}

static void a_checkpoint_covers_it_at_once(void **state)
{
	struct scene *s = *state;
	struct job_keys keys;
	char note[NOTE_TEXT_SIZE];
	struct tree_hash root;
	struct tree_hash told;
	struct tree_proof proof;
	struct period_row row;
	uint64_t size;
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	assert_int_equal(period_read(s->reader, MARCH, &row, NULL), READER_FOUND);
	assert_int_equal(row.checkpoint_size, job.record);
	assert_int_equal(row.checkpoint, job.record + 1);
	assert_int_equal(reader_checkpoint(s->reader, (uint64_t)row.checkpoint_size, note, &size,
				 NULL),
		READER_FOUND);
	book_keys(s->book, &keys);
	assert_true(note_open(text_of(note), text_of(keys.verifier), &size, &root, NULL));
	assert_int_equal(size, job.record);
	assert_int_equal(reader_inclusion(s->reader, job.record, size, &told, &proof, NULL),
		READER_FOUND);
	assert_memory_equal(told.bytes, root.bytes, sizeof(root.bytes));
}

static void months_are_closed_in_order_and_once(void **state)
{
	struct scene *s = *state;
	struct job job;
	struct job again;

	assert_int_equal(close_month(s, MARCH - 1, &job), JOB_NOT_FOUND); /* nothing was booked */
	(void)pay(s, "A-1", 1000);
	assert_int_equal(close_month(s, MARCH - 1, &job), JOB_NOT_FOUND);
	assert_int_equal(close_month(s, MARCH, &job), JOB_ILLEGAL);
	go_to(s, MARCH_END);
	assert_int_equal(close_month(s, MARCH, &job), JOB_ILLEGAL);
	assert_int_equal(close_month(s, APRIL, &job), JOB_ILLEGAL);
	go_to(s, MAY_BEGIN);
	assert_int_equal(close_month(s, APRIL, &job), JOB_BLOCKED);
	assert_int_equal(job.day, SCENE_DAY);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	assert_int_equal(close_month(s, MARCH, &again), JOB_REPEATED);
	assert_int_equal(again.record, job.record);
	again = close_job(MARCH, "another key");
	assert_int_equal(scene_do(s, &again), JOB_TAKEN);
	assert_int_equal(again.day, MARCH_END);
	scene_reopen(s);
	assert_int_equal(close_month(s, MARCH, &again), JOB_REPEATED);
	again = close_job(APRIL, "202603");
	assert_int_equal(scene_do(s, &again), JOB_MISMATCH);
	again = close_job(MARCH, "another key");
	assert_int_equal(scene_do(s, &again), JOB_TAKEN);
	/* Of a month without entries the balances are those before it. */
	assert_int_equal(close_month(s, APRIL, &job), JOB_DONE);
	expect_digest(s, APRIL, MARCH_SHA256);
}

static void a_month_without_entries_may_be_skipped(void **state)
{
	struct scene *s = *state;
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, MAY_BEGIN);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	(void)pay(s, "A-2", 500);
	go_to(s, JUNE_BEGIN);
	assert_int_equal(close_month(s, MAY, &job), JOB_DONE);
	assert_int_equal(close_month(s, APRIL, &job), JOB_TAKEN);
}

static void the_next_month_goes_on_from_the_one_before(void **state)
{
	struct scene *s = *state;
	struct account_row rows[ROWS_MAX];
	struct reader_page page = { .limit = ROWS_MAX };
	struct job other = { .u.verdict = { .gateway = 2, .unknown = true } };
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	(void)pay(s, "A-2", 500);
	assert_int_equal(scene_money(s, &other, 1, 70, "op-7"), JOB_DONE);
	go_to(s, MAY_BEGIN);
	(void)pay(s, "A-3", 9);
	assert_int_equal(close_month(s, APRIL, &job), JOB_DONE);
	expect_digest(s, APRIL, APRIL_SHA256);
	/* What is not settled, or has no home. */
	assert_true(period_unsettled(s->reader, APRIL, &page, rows, NULL));
	assert_int_equal(page.count, 3);
	assert_string_equal(rows[0].name, "clearing:other");
	assert_int_equal(rows[1].debit, 1500);
	assert_string_equal(rows[2].name, "suspense:other");
	assert_int_equal(rows[2].credit, 70);
	page = (struct reader_page){ .after = 1, .limit = 2 };
	assert_true(period_balances(s->reader, APRIL, &page, rows, NULL));
	assert_int_equal(page.count, 2);
	assert_string_equal(rows[1].name, "fee:visa.multiple:108126");
	assert_int_equal(page.next, 3);
}

static void what_the_same_batch_booked_before_is_in_the_balances(void **state)
{
	struct scene *s = *state;
	struct payment_view view;
	struct err err = { 0 };
	struct job money = { .kind = JOB_VERDICT };
	struct job job = close_job(MARCH, "k");
	int64_t payment = scene_create(s, "A-1", 1000);

	go_to(s, MARCH_END);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	money.u.verdict = (struct job_verdict){ .gateway = 1,
		.code = text_of(view.code),
		.event = ATTEMPT_DONE,
		.amount = money_of(1000, "KZT"),
		.operation = TEXT("op-1"),
		.paid_on = s->today,
		.value_date = s->today };
	money.now = s->now;
	money.today = s->today;
	money.next = &job;
	job.now = s->now + 86400;
	job.today = APRIL_BEGIN;
	assert_true(book_commit(s->book, &money, &err));
	assert_int_equal(money.outcome, JOB_DONE);
	assert_int_equal(job.outcome, JOB_DONE);
	expect_digest(s, MARCH, MARCH_SHA256);
	payment_view_done(&view);
}

static void a_late_fact_keeps_its_value_date_and_is_booked_now(void **state)
{
	struct scene *s = *state;
	struct job late = { .u.verdict = { .paid_on = MARCH_END, .value_date = MARCH_END } };
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	assert_int_equal(scene_money(s, &late, scene_create(s, "A-2", 500), 500, "op-2"), JOB_DONE);
	assert_int_equal(at_the_end_of_march(s, READER_BOOKED), 1000);
	assert_int_equal(at_the_end_of_march(s, READER_VALUE), 1500);
	expect_digest(s, MARCH, MARCH_SHA256);
}

static void a_clock_set_back_does_not_lead_into_a_closed_month(void **state)
{
	struct scene *s = *state;
	struct job job;

	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	assert_int_equal(close_month(s, MARCH, &job), JOB_DONE);
	scene_reopen(s);
	go_to(s, MARCH_END);
	(void)pay(s, "A-2", 500);
	assert_int_equal(at_the_end_of_march(s, READER_BOOKED), 1000);
	assert_int_equal(at_the_end_of_march(s, READER_VALUE), 1500);
}

static void a_day_begins_with_whatever_is_written_on_it(void **state)
{
	struct scene *s = *state;
	int64_t late;

	s->almaty = almaty_zone();
	(void)pay(s, "A-1", 1000);
	go_to(s, APRIL_BEGIN);
	late = scene_create(s, "A-2", 500); /* no entry */
	go_to(s, MARCH_END);                /* the clock is set back */
	scene_reopen(s);
	assert_int_equal(scene_money(s, &(struct job){ 0 }, late, 500, "op-2"), JOB_DONE);
	assert_int_equal(at_the_end_of_march(s, READER_BOOKED), 1000);
	zone_free(&s->almaty);
}

static void sql(struct scene *s, const char *statements)
{
	char *why = NULL;
	sqlite3 *db;

	reader_close(&s->reader);
	book_close(&s->book);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, statements, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", statements, why);
	}
	(void)sqlite3_close(db);
	scene_reopen(s);
}

static enum job_outcome unknown_money(struct scene *s, int32_t gateway, int64_t amount)
{
	struct job job = { .u.verdict = { .gateway = gateway, .unknown = true } };
	char operation[32];

	(void)snprintf(operation, sizeof(operation), "op-%d-%lld", (int)gateway, (long long)amount);
	return scene_money(s, &job, 1, amount, operation);
}

/* The sums are derived, so a hand can make them large; what they would overflow by is refused. */
static void a_sum_that_would_leave_64_bits_is_refused(void **state)
{
	struct scene *s = *state;

	(void)scene_create(s, "A-1", 1000);
	assert_int_equal(unknown_money(s, 1, 7), JOB_DONE);
	/* INT64_MAX is ...5807: 807 less. */
	sql(s, "UPDATE balance SET debit = 9223372036854775000 WHERE account = 1;"
	       "UPDATE balance SET credit = 9223372036854775000 WHERE account = 2");
	assert_int_equal(unknown_money(s, 1, 808), JOB_OVERFLOW);
	/* Each account of the other gateway has room; all together have not. */
	assert_int_equal(unknown_money(s, 2, 808), JOB_OVERFLOW);
	assert_string_equal(scene_entry(s, 2), "none");
	assert_int_equal(unknown_money(s, 2, 806), JOB_DONE);
	assert_int_equal(unknown_money(s, 2, 2), JOB_OVERFLOW);
	assert_int_equal(unknown_money(s, 2, 1), JOB_DONE);
	assert_int_equal(unknown_money(s, 1, 1), JOB_OVERFLOW);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_month_is_closed_with_its_balances),
		SCENE_TEST(a_checkpoint_covers_it_at_once),
		SCENE_TEST(months_are_closed_in_order_and_once),
		SCENE_TEST(a_month_without_entries_may_be_skipped),
		SCENE_TEST(the_next_month_goes_on_from_the_one_before),
		SCENE_TEST(what_the_same_batch_booked_before_is_in_the_balances),
		SCENE_TEST(a_late_fact_keeps_its_value_date_and_is_booked_now),
		SCENE_TEST(a_clock_set_back_does_not_lead_into_a_closed_month),
		SCENE_TEST(a_day_begins_with_whatever_is_written_on_it),
		SCENE_TEST(a_sum_that_would_leave_64_bits_is_refused),
	};

	return cmocka_run_group_tests_name("ledger/period", tests, NULL, NULL);
}
