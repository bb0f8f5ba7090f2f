/* SPDX-License-Identifier: Apache-2.0 */

/* Entries are taken back: the worked entries of docs/LEDGER.md, and what stands in the way. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "ledger/sums.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { APRIL_BEGIN = SCENE_DAY + 31, MARCH_END = SCENE_DAY + 30, MARCH = 202603, ROWS_MAX = 16 };

static enum job_outcome reverse_by(struct scene *s, int64_t entry, struct job *job, const char *key)
{
	*job = (struct job){ .kind = JOB_REVERSE,
		.u.reverse = { .request = { .client = 1,
				       .route = ROUTE_REVERSE,
				       .key = text_of(key),
				       .fingerprint = { (uint8_t)entry } },
			.actor = { .uid = 1000, .client = 1 },
			.reason = TEXT("booked by mistake"),
			.entry = entry } };
	return scene_do(s, job);
}

/* Takes the entry back; gives the number of the new one. */
static int64_t reverse(struct scene *s, int64_t entry)
{
	struct job job;
	char key[16];

	(void)snprintf(key, sizeof(key), "r%lld", (long long)entry);
	assert_int_equal(reverse_by(s, entry, &job, key), JOB_DONE);
	return job.u.reverse.by;
}

static void expect_refused(struct scene *s, int64_t entry, enum job_reverse_why why, int64_t by)
{
	struct job job;

	assert_int_equal(reverse_by(s, entry, &job, "refused"), JOB_ILLEGAL);
	assert_int_equal(job.u.reverse.why, why);
	assert_int_equal(job.u.reverse.by, by);
	assert_int_equal(job.record, 0);
}

static void pay(struct scene *s, int64_t payment, int64_t amount, const char *operation)
{
	struct job job = { 0 };

	assert_int_equal(scene_money(s, &job, payment, amount, operation), JOB_DONE);
}

static void view(struct scene *s, int64_t payment, struct payment_view *v)
{
	payment_view_init(v);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, v, NULL), READER_FOUND);
}

/* Its state, what is booked as fee, and what is held. */
static void expect_payment(struct scene *s, int64_t payment, const char *state, int64_t paid,
	int64_t held)
{
	struct payment_view v;

	view(s, payment, &v);
	assert_string_equal(payment_state_name(v.state), state);
	assert_int_equal(v.paid.minor, paid);
	assert_int_equal(v.held.minor, held);
	payment_view_done(&v);
}

static void expect_last_event(struct scene *s, const char *type, int64_t payment)
{
	struct event_row rows[ROWS_MAX];
	struct reader_page page = { .limit = ROWS_MAX };

	assert_true(reader_events(s->reader, 1, &page, rows, NULL));
	assert_string_equal(rows[page.count - 1].type, type);
	assert_int_equal(rows[page.count - 1].payment, payment);
}

static int64_t open_suspense(struct scene *s)
{
	struct reader_figures figures;

	assert_true(reader_figures(s->reader, &figures, NULL));
	return figures.suspense;
}

static bool is_waited_for(struct scene *s, int64_t payment)
{
	struct reader_page page = { .limit = ROWS_MAX };
	int64_t numbers[ROWS_MAX];
	bool found = false;

	assert_true(reader_overdue(s->reader, s->now + INT64_C(400) * 86400, &page, numbers, NULL));
	for (size_t i = 0; i < page.count; i++) {
		found = found || numbers[i] == payment;
	}
	return found;
}

static void a_capture_is_taken_back_and_the_payment_with_it(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct entry_row row;

	pay(s, payment, 1000, "op-1");
	assert_false(is_waited_for(s, payment));
	assert_int_equal(reverse(s, 1), 2);
	assert_string_equal(scene_entry(s, 2),
		"clearing:sandbox -1000; fee:visa.multiple:108126 1000");
	expect_payment(s, payment, "open", 0, 0);
	expect_last_event(s, "payment.reversed", payment);
	assert_int_equal(scene_balance(s, "clearing:sandbox"), 0);
	assert_int_equal(scene_balance(s, "fee:visa.multiple:108126"), 0);
	assert_true(is_waited_for(s, payment));
	for (int64_t number = 1; number <= 2; number++) {
		assert_int_equal(reader_entry(s->reader, number, &row, NULL), READER_FOUND);
		assert_string_equal(row.cause, number == 1 ? "capture" : "reversal");
		assert_int_equal(row.payment, payment);
		assert_int_equal(row.reversal.entry, 2);
		assert_int_equal(row.reversal.reverses, 1);
		assert_int_equal(row.reversal.actor.uid, 1000);
		assert_string_equal(row.reversal.reason, "booked by mistake");
	}
	/* The bank's repetition books nothing; money of another operation pays it. */
	scene_reopen(s);
	assert_int_equal(scene_money(s, &(struct job){ 0 }, payment, 1000, "op-1"), JOB_REPEATED);
	expect_payment(s, payment, "open", 0, 0);
	pay(s, payment, 1000, "op-2");
	expect_payment(s, payment, "paid", 1000, 0);
	assert_int_equal(reader_entry(s->reader, 3, &row, NULL), READER_FOUND);
	assert_int_equal(row.reversal.entry, 0);
}

static void an_entry_is_reversed_once_and_a_reversal_never(void **state)
{
	struct scene *s = *state;
	struct job job;
	struct job again;

	pay(s, scene_create(s, "A-1", 1000), 1000, "op-1");
	assert_int_equal(reverse_by(s, 2, &job, "k"), JOB_NOT_FOUND);
	assert_int_equal(reverse_by(s, 1, &job, "k"), JOB_DONE);
	assert_int_equal(reverse_by(s, 1, &again, "k"), JOB_REPEATED);
	assert_int_equal(again.record, job.record);
	assert_int_equal(again.u.reverse.by, 2);
	assert_int_equal(reverse_by(s, 2, &again, "k"), JOB_MISMATCH);
	scene_reopen(s);
	assert_int_equal(reverse_by(s, 1, &again, "k"), JOB_REPEATED);
	assert_int_equal(again.u.reverse.by, 2);
	expect_refused(s, 1, REVERSE_REVERSED, 2);
	expect_refused(s, 2, REVERSE_IS_REVERSAL, 0);
	assert_string_equal(scene_entry(s, 3), "none");
}

/* What the order of an attempt has captured goes back, too. */
static void an_attempt_gives_back_what_it_captured(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct payment_view v;

	for (int i = 0; i < 2; i++) {
		struct job job = { .kind = JOB_VERDICT,
			.u.verdict = { .gateway = 1,
				.order = text_of(order),
				.event = ATTEMPT_DONE,
				.amount = money_of(i == 0 ? 400 : 700, "KZT"),
				.operation = i == 0 ? TEXT("op-1") : TEXT("op-2"),
				.paid_on = s->today,
				.value_date = s->today } };

		assert_int_equal(scene_do(s, &job), JOB_DONE);
	}
	assert_string_equal(scene_entry(s, 2),
		"clearing:sandbox 700; suspense:sandbox 400; fee:visa.multiple:108126 -1000; "
		"suspense:sandbox -100");
	assert_int_equal(reverse(s, 2), 3);
	assert_string_equal(scene_entry(s, 3),
		"clearing:sandbox -700; suspense:sandbox -400; fee:visa.multiple:108126 1000; "
		"suspense:sandbox 100");
	expect_payment(s, payment, "partly_paid", 0, 400);
	view(s, payment, &v);
	assert_int_equal(v.attempts[0].captured.minor, 400);
	assert_int_equal(v.attempts[0].state, ATTEMPT_CAPTURED);
	payment_view_done(&v);
	assert_int_equal(reverse(s, 1), 4);
	expect_payment(s, payment, "open", 0, 0);
	scene_reopen(s);
	view(s, payment, &v);
	assert_int_equal(v.attempts[0].captured.minor, 0);
	assert_int_equal(v.attempts[0].state, ATTEMPT_RELEASED);
	payment_view_done(&v);
	assert_int_equal(open_suspense(s), 0);
	assert_int_equal(scene_balance(s, "suspense:sandbox"), 0);
	assert_int_equal(scene_balance(s, "clearing:sandbox"), 0);
}

static void take(struct scene *s, const char *order, struct money amount, const char *operation)
{
	struct job job = { .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = ATTEMPT_DONE,
			.amount = amount,
			.operation = text_of(operation),
			.paid_on = s->today,
			.value_date = s->today } };

	assert_int_equal(scene_do(s, &job), JOB_DONE);
}

/* What was taken in another currency than the first was not counted, and is not taken off. */
static void an_attempt_of_two_currencies_gives_back_what_it_counted(void **state)
{
	static const struct {
		int64_t amount;
		const char *currency;
		const char *operation;
	} taken[] = { { 5, "USD", "op-1" }, { 1000, "KZT", "op-2" }, { 300, "KZT", "op-3" } };
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct payment_view v;

	for (size_t i = 0; i < COUNT(taken); i++) {
		take(s, order, money_of(taken[i].amount, taken[i].currency), taken[i].operation);
		if (i == 1) {
			assert_int_equal(reverse(s, 1), 3);
		}
	}
	assert_int_equal(reverse(s, 2), 5); /* 1000 of it, where 300 are counted */
	expect_payment(s, payment, "open", 0, 0);
	view(s, payment, &v);
	assert_int_equal(v.attempts[0].captured.minor, 300);
	assert_int_equal(v.attempts[0].state, ATTEMPT_CAPTURED);
	payment_view_done(&v);
}

/* The posting's amount in words: "clearing:sandbox -5 USD". */
static void expect_posting(struct scene *s, int64_t entry, size_t line, const char *account,
	int64_t amount, const char *currency)
{
	struct entry_row row;

	assert_int_equal(reader_entry(s->reader, entry, &row, NULL), READER_FOUND);
	assert_true(line < row.posting_count);
	assert_string_equal(row.postings[line].account, account);
	assert_int_equal(row.postings[line].amount.minor, amount);
	assert_string_equal(row.postings[line].amount.currency, currency);
}

/* One card, two currencies: each goes back in its own, out of the accounts it went into. */
static void money_of_two_currencies_goes_back_in_its_own(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct sums sums;
	bool more = true;

	take(s, order, money_of(5, "USD"), "op-1");
	take(s, order, money_of(1000, "KZT"), "op-2");
	expect_payment(s, payment, "paid", 1000, 0);
	assert_int_equal(open_suspense(s), 1);
	assert_int_equal(reverse(s, 2), 3);
	expect_posting(s, 3, 0, "clearing:sandbox", -1000, "KZT");
	expect_posting(s, 3, 1, "fee:visa.multiple:108126", 1000, "KZT");
	expect_payment(s, payment, "open", 0, 0);
	assert_int_equal(open_suspense(s), 1); /* the dollars stay */
	assert_int_equal(reverse(s, 1), 4);
	expect_posting(s, 4, 0, "clearing:sandbox", -5, "USD");
	expect_posting(s, 4, 1, "suspense:sandbox", 5, "USD");
	assert_int_equal(open_suspense(s), 0);
	sums_init(&sums, DATE_NONE, READER_BOOKED, READER_LATEST);
	while (more) {
		assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_FOUND);
	}
	assert_int_equal(sums.count, 4);
	for (size_t i = 0; i < sums.count; i++) {
		assert_int_equal(sums.rows[i].debit, sums.rows[i].credit);
		assert_int_equal(sums.rows[i].debit,
			strcmp(sums.rows[i].currency, "USD") == 0 ? 5 : 1000);
	}
	sums_done(&sums);
}

static void a_part_that_went_into_a_capture_goes_back_after_it(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);

	pay(s, payment, 400, "op-1");
	pay(s, payment, 300, "op-2");
	pay(s, payment, 300, "op-3");
	expect_payment(s, payment, "paid", 1000, 0);
	expect_refused(s, 1, REVERSE_MOVED, 3);
	assert_int_equal(reverse(s, 3), 4);
	expect_payment(s, payment, "partly_paid", 0, 700);
	assert_int_equal(open_suspense(s), 2);
	scene_reopen(s);
	assert_int_equal(reverse(s, 1), 5);
	expect_payment(s, payment, "partly_paid", 0, 300);
	assert_int_equal(open_suspense(s), 1);
	/* The part that is left counts on. */
	pay(s, payment, 700, "op-4");
	assert_string_equal(scene_entry(s, 6),
		"clearing:sandbox 700; suspense:sandbox 300; fee:visa.multiple:108126 -1000");
	expect_payment(s, payment, "paid", 1000, 0);
	assert_int_equal(scene_balance(s, "clearing:sandbox"), 1000);
	assert_int_equal(scene_balance(s, "suspense:sandbox"), 0);
}

static void what_was_too_much_leaves_suspense_with_its_capture(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);

	pay(s, payment, 1500, "op-1");
	assert_int_equal(open_suspense(s), 1);
	assert_int_equal(reverse(s, 1), 2);
	assert_string_equal(scene_entry(s, 2),
		"clearing:sandbox -1500; fee:visa.multiple:108126 1000; suspense:sandbox 500");
	expect_payment(s, payment, "open", 0, 0);
	assert_int_equal(open_suspense(s), 0);
}

static void money_without_a_home_leaves_suspense(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job unknown = { .u.verdict = { .gateway = 2, .unknown = true } };

	pay(s, payment, 1000, "op-1");
	pay(s, payment, 1000, "op-2");
	assert_int_equal(scene_money(s, &unknown, payment, 7, "op-3"), JOB_DONE);
	assert_int_equal(open_suspense(s), 2);
	assert_int_equal(reverse(s, 2), 4);
	assert_string_equal(scene_entry(s, 4), "clearing:sandbox -1000; suspense:sandbox 1000");
	expect_payment(s, payment, "paid", 1000, 0); /* it was the first money that paid */
	expect_last_event(s, "payment.reversed", payment);
	assert_int_equal(reverse(s, 3), 5);
	assert_string_equal(scene_entry(s, 5), "clearing:other -7; suspense:other 7");
	assert_int_equal(open_suspense(s), 0);
}

static void a_duty_that_was_used_stays_booked(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job use = { .kind = JOB_FULFIL,
		.payment = payment,
		.u.fulfil = { .request = { .client = 1, .route = ROUTE_FULFIL, .key = TEXT("f") },
			.performed = true,
			.document = TEXT("visa 123") } };

	pay(s, payment, 1000, "op-1");
	pay(s, payment, 5, "op-2");
	assert_int_equal(scene_do(s, &use), JOB_DONE);
	expect_refused(s, 1, REVERSE_FULFILLED, 0);
	/* What is not the duty's can go. */
	assert_int_equal(reverse(s, 2), 3);
	expect_payment(s, payment, "paid", 1000, 0);
}

static void an_exemption_that_is_taken_back_cancels_the_payment(void **state)
{
	struct scene *s = *state;
	struct job job;

	scene_create_job(s, &job, "A-1", "k", 0);
	job.u.create.calculation.gross = money_of(1000, "KZT");
	job.u.create.calculation.relief = money_of(1000, "KZT");
	job.u.create.calculation.ground = TEXT("investor");
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	expect_payment(s, job.payment, "exempt", 0, 0);
	assert_int_equal(reverse(s, 1), 2);
	assert_string_equal(scene_entry(s, 2),
		"relief:investor -1000; fee:visa.multiple:108126 1000");
	expect_payment(s, job.payment, "cancelled", 0, 0);
	/* Money that comes all the same does not grant it again. */
	pay(s, job.payment, 1000, "op-1");
	assert_string_equal(scene_entry(s, 3), "clearing:sandbox 1000; suspense:sandbox -1000");
	expect_payment(s, job.payment, "cancelled", 0, 0);
	assert_int_equal(scene_balance(s, "relief:investor"), 0);
	/* The reference is free for a payment of the whole fee. */
	assert_int_equal(scene_create(s, "A-1", 1000), job.payment + 1);
}

static void late_money_taken_back_leaves_the_payment_as_it_was(void **state)
{
	struct scene *s = *state;
	int64_t expired = scene_create(s, "A-1", 1000);
	int64_t cancelled = scene_create(s, "A-2", 1000);
	struct job expire = { .kind = JOB_EXPIRE, .payment = expired };
	struct job cancel = { .kind = JOB_CANCEL,
		.payment = cancelled,
		.u.cancel.request = { .client = 1, .key = TEXT("c") } };

	assert_int_equal(scene_do(s, &cancel), JOB_DONE);
	s->now += INT64_C(2) * 86400;
	s->today += 2;
	assert_int_equal(scene_do(s, &expire), JOB_DONE);
	pay(s, expired, 1000, "op-1");
	pay(s, cancelled, 400, "op-2");
	pay(s, cancelled, 600, "op-3");
	(void)reverse(s, 1);
	expect_payment(s, expired, "expired", 0, 0);
	assert_false(is_waited_for(s, expired));
	(void)reverse(s, 3);
	expect_payment(s, cancelled, "partly_paid", 0, 400);
	(void)reverse(s, 2);
	expect_payment(s, cancelled, "cancelled", 0, 0);
}

static void an_entry_of_a_closed_month_is_reversed_in_the_open_one(void **state)
{
	struct scene *s = *state;
	struct job job = { .kind = JOB_CLOSE,
		.u.close = { .actor = { .uid = 1 }, .reason = TEXT("over"), .month = MARCH } };

	pay(s, scene_create(s, "A-1", 1000), 1000, "op-1");
	s->today = APRIL_BEGIN;
	s->now += (int64_t)31 * 86400;
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(reverse(s, 1), 2);
	for (enum reader_axis axis = READER_BOOKED; axis <= READER_VALUE; axis++) {
		struct sums sums;
		bool more = true;

		sums_init(&sums, MARCH_END, axis, READER_LATEST);
		while (more) {
			assert_int_equal(sums_step(s->reader, &sums, &more, NULL), READER_FOUND);
		}
		assert_string_equal(sums.rows[0].name, "clearing:sandbox");
		/* On the bank's axis it never was. */
		assert_int_equal(sums.rows[0].debit - sums.rows[0].credit,
			axis == READER_BOOKED ? 1000 : 0);
		sums_done(&sums);
	}
}

static void change_file(struct scene *s, const char *sql)
{
	char *why = NULL;
	sqlite3 *db;

	reader_close(&s->reader);
	book_close(&s->book);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", sql, why);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_reopen(s);
}

static void a_payment_that_does_not_stand_as_it_was_left_is_damage(void **state)
{
	struct scene *s = *state;
	struct job job;

	pay(s, scene_create(s, "A-1", 1000), 400, "op-1");
	change_file(s, "DROP TRIGGER payment_change_stays; UPDATE payment_change SET held = 399");
	assert_int_equal(reverse_by(s, 1, &job, "k"), JOB_FAILED);
	scene_reopen(s);
	assert_string_equal(scene_entry(s, 2), "none");
}

static void a_reversal_that_would_leave_64_bits_is_refused(void **state)
{
	struct scene *s = *state;
	struct job job;

	pay(s, scene_create(s, "A-1", 1000), 1000, "op-1");
	change_file(s,
		"UPDATE balance SET credit = 9223372036854774808 WHERE account = 1;"
		"UPDATE balance SET debit = 9223372036854774808 - 1000, credit = 0 WHERE account = 2");
	assert_int_equal(reverse_by(s, 1, &job, "k"), JOB_OVERFLOW);
	assert_string_equal(scene_entry(s, 2), "none");
}

static void the_leaf_says_who_reversed_what_and_why(void **state)
{
	struct scene *s = *state;
	struct buffer leaf;
	struct job job;

	pay(s, scene_create(s, "A-1", 1000), 1000, "op-1");
	assert_int_equal(reverse_by(s, 1, &job, "k"), JOB_DONE);
	buffer_init_whole(&leaf, 16384);
	assert_int_equal(reader_record(s->reader, job.record, &leaf, NULL), READER_FOUND);
	buffer_add_char(&leaf, '\0');
	assert_non_null(strstr(leaf.bytes,
		"{\"cause\":\"reversal\",\"entry\":\"2\",\"gateway\":\"1\",\"paid_on\":\"2026-03-01\","
		"\"payment\":\"1\",\"postings\":[{\"account\":\"clearing:sandbox\",\"amount\":\"-1000\","
		"\"currency\":\"KZT\"},{\"account\":\"fee:visa.multiple:108126\",\"amount\":\"1000\","
		"\"currency\":\"KZT\"}],\"reason\":\"booked by mistake\",\"request\":{"));
	assert_non_null(strstr(leaf.bytes,
		"},\"reversed_by\":{\"client\":\"1\",\"uid\":\"1000\"},\"reverses\":\"1\","
		"\"value_date\":\"2026-03-01\"}"));
	buffer_done(&leaf);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_capture_is_taken_back_and_the_payment_with_it),
		SCENE_TEST(an_entry_is_reversed_once_and_a_reversal_never),
		SCENE_TEST(an_attempt_gives_back_what_it_captured),
		SCENE_TEST(an_attempt_of_two_currencies_gives_back_what_it_counted),
		SCENE_TEST(money_of_two_currencies_goes_back_in_its_own),
		SCENE_TEST(a_part_that_went_into_a_capture_goes_back_after_it),
		SCENE_TEST(what_was_too_much_leaves_suspense_with_its_capture),
		SCENE_TEST(money_without_a_home_leaves_suspense),
		SCENE_TEST(a_duty_that_was_used_stays_booked),
		SCENE_TEST(an_exemption_that_is_taken_back_cancels_the_payment),
		SCENE_TEST(late_money_taken_back_leaves_the_payment_as_it_was),
		SCENE_TEST(an_entry_of_a_closed_month_is_reversed_in_the_open_one),
		SCENE_TEST(a_payment_that_does_not_stand_as_it_was_left_is_damage),
		SCENE_TEST(a_reversal_that_would_leave_64_bits_is_refused),
		SCENE_TEST(the_leaf_says_who_reversed_what_and_why),
	};

	return cmocka_run_group_tests_name("ledger/reverse", tests, NULL, NULL);
}
