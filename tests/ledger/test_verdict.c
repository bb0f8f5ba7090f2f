/* SPDX-License-Identifier: Apache-2.0 */

/* The worked entries of docs/LEDGER.md, and money that does not fit. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

static void the_exact_due_pays(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 12975000);
	struct job job = { 0 };

	assert_int_equal(scene_money(s, &job, payment, 12975000, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 1),
		"clearing:sandbox 12975000; fee:visa.multiple:108126 -12975000");
	assert_string_equal(scene_state(s, payment), "paid");
}

static void an_exempt_payment_books_the_fee_against_the_relief(void **state)
{
	struct scene *s = *state;
	struct job job;

	scene_create_job(s, &job, "A-1", "k", 12975000);
	job.u.create.calculation.relief = money_of(12975000, "KZT");
	job.u.create.calculation.due = money_of(0, "KZT");
	job.u.create.calculation.ground = TEXT("investor");
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(job.state, PAYMENT_EXEMPT);
	assert_string_equal(scene_entry(s, 1),
		"relief:investor 12975000; fee:visa.multiple:108126 -12975000");
}

static void a_fee_of_nothing_is_complete_without_an_entry(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 0);

	assert_string_equal(scene_state(s, payment), "exempt");
	assert_string_equal(scene_entry(s, 1), "none");
}

static void more_pays_and_the_excess_is_suspended(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { 0 };

	assert_int_equal(scene_money(s, &job, payment, 1500, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 1),
		"clearing:sandbox 1500; fee:visa.multiple:108126 -1000; suspense:sandbox -500");
	assert_string_equal(scene_state(s, payment), "paid");
	assert_int_equal(job.u.verdict.excess.minor, 500);
}

static void less_is_held_until_the_rest_comes_from_another_gateway(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job first = { 0 };
	struct job second = { .u.verdict.gateway = 2 };

	assert_int_equal(scene_money(s, &first, payment, 400, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 1), "clearing:sandbox 400; suspense:sandbox -400");
	assert_string_equal(scene_state(s, payment), "partly_paid");
	assert_int_equal(scene_money(s, &second, payment, 700, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 2),
		"clearing:other 700; suspense:sandbox 400; fee:visa.multiple:108126 -1000; suspense:other -100");
	assert_string_equal(scene_state(s, payment), "paid");
	assert_int_equal(scene_balance(s, "suspense:sandbox"), 0);
}

/* One entry has sixteen postings: clearing, relief, fee, excess, and twelve gateways' parts. */
static void parts_of_more_gateways_than_an_entry_holds_stay_held(void **state)
{
	enum { GATEWAYS = 14 };
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", INT64_C(100) * GATEWAYS);
	struct job attempt = { .kind = JOB_ATTEMPT,
		.payment = payment,
		.u.attempt = { .request = { .client = 1 },
			.order = { .gateway = 1, .rule = { .digits_max = JOB_ORDER_SIZE - 1 } } } };

	for (int32_t i = 1; i <= GATEWAYS; i++) {
		struct job money = { .u.verdict.gateway = i };
		char text[16];
		struct job name = { .kind = JOB_NAME, .u.name = { .gateway = true } };

		(void)snprintf(text, sizeof(text), "bank-%d", i);
		name.u.name.name = text_of(text);
		assert_true(i <= 2 || scene_do(s, &name) == JOB_DONE);
		assert_int_equal(scene_money(s, &money, payment, 100, "op-1"), JOB_DONE);
		assert_string_equal(scene_state(s, payment), "partly_paid");
	}
	/* An operator settles it: there is nothing left to be ordered. */
	assert_int_equal(scene_do(s, &attempt), JOB_ILLEGAL);
	assert_int_equal(attempt.due.minor, 0);
}

static void a_second_payment_goes_to_suspense_whole(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job first = { 0 };
	struct job second = { 0 };

	assert_int_equal(scene_money(s, &first, payment, 1000, "op-1"), JOB_DONE);
	assert_int_equal(scene_money(s, &second, payment, 1000, "op-2"), JOB_DONE);
	assert_string_equal(scene_entry(s, 2), "clearing:sandbox 1000; suspense:sandbox -1000");
	assert_string_equal(scene_state(s, payment), "paid");
}

static void another_currency_goes_to_suspense_whole(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { .u.verdict.amount = { 1000, "USD" } };

	assert_int_equal(scene_money(s, &job, payment, 0, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 1), "clearing:sandbox 1000; suspense:sandbox -1000");
	assert_string_equal(scene_state(s, payment), "open");
}

/* What an attempt has captured, as the API shows it. */
static struct money captured(struct scene *s, int64_t payment)
{
	struct payment_view view;
	struct money money;

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	money = view.attempts[0].captured;
	payment_view_done(&view);
	return money;
}

static enum job_outcome take(struct scene *s, struct job *job, const char *order,
	const char *operation, struct money amount)
{
	*job = (struct job){ .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = ATTEMPT_DONE,
			.amount = amount,
			.operation = text_of(operation),
			.cumulative = operation[0] == '\0',
			.paid_on = s->today,
			.value_date = s->today } };
	job->u.verdict.salt[0] = s->salt++;
	return scene_do(s, job);
}

static void what_was_captured_is_in_the_currency_it_was_taken_in(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct job job;

	assert_true(money_same_currency(captured(s, payment), money_of(0, "KZT")));
	assert_int_equal(take(s, &job, order, "op-1", money_of(7, "USD")), JOB_DONE);
	scene_reopen(s);
	assert_int_equal(captured(s, payment).minor, 7);
	assert_string_equal(captured(s, payment).currency, "USD");
	/* Of a second currency only the entries tell: no sum is of both. */
	assert_int_equal(take(s, &job, order, "op-2", money_of(1000, "KZT")), JOB_DONE);
	assert_int_equal(captured(s, payment).minor, 7);
	assert_string_equal(captured(s, payment).currency, "USD");
	assert_string_equal(scene_state(s, payment), "paid");
	assert_int_equal(take(s, &job, order, "op-3", money_of(3, "USD")), JOB_DONE);
	assert_int_equal(captured(s, payment).minor, 10);
}

static void a_total_is_compared_in_its_own_currency(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct job job;

	assert_int_equal(take(s, &job, order, "", money_of(7, "USD")), JOB_DONE);
	assert_int_equal(take(s, &job, order, "", money_of(7, "USD")), JOB_REPEATED);
	assert_int_equal(take(s, &job, order, "", money_of(9, "USD")), JOB_DONE);
	assert_int_equal(captured(s, payment).minor, 9);
	assert_int_equal(scene_balance(s, "suspense:sandbox"), -9);
	/* A bank that counts in another currency all at once contradicts itself. */
	assert_int_equal(take(s, &job, order, "", money_of(1000, "KZT")), JOB_MISMATCH);
	assert_string_equal(scene_state(s, payment), "open");
}

static void a_repeated_total_is_answered_as_it_was_the_first_time(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	const struct money totals[] = { money_of(400, "KZT"), money_of(1000, "KZT") };
	struct job first[COUNT(totals)];
	struct job job;
	struct job fulfil = { .kind = JOB_FULFIL,
		.payment = payment,
		.u.fulfil = { .request = { .client = 1, .route = ROUTE_FULFIL, .key = TEXT("f") },
			.document = TEXT("visa 7") } };

	for (size_t i = 0; i < COUNT(totals); i++) {
		s->now += 60;
		assert_int_equal(take(s, &first[i], order, "", totals[i]), JOB_DONE);
	}
	s->now += 60;
	assert_int_equal(scene_do(s, &fulfil), JOB_DONE);
	for (size_t i = 0; i < COUNT(totals); i++) {
		s->now += 60;
		assert_int_equal(take(s, &job, order, "", totals[i]), JOB_REPEATED);
		assert_int_equal(job.record, first[i].record);
		assert_int_equal(job.booked_at, first[i].booked_at);
		assert_true(job.u.verdict.repeated_money);
	}
	/* Less than was ever told: the entry that went past it. */
	assert_int_equal(take(s, &job, order, "", money_of(500, "KZT")), JOB_REPEATED);
	assert_int_equal(job.record, first[1].record);
}

static void an_unknown_code_goes_to_suspense_and_a_refusable_one_is_refused(void **state)
{
	struct scene *s = *state;
	struct job job = { .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.code = TEXT("000000000000"),
			.event = ATTEMPT_DONE,
			.amount = { 700, "KZT" },
			.operation = TEXT("op-1"),
			.paid_on = SCENE_DAY,
			.value_date = SCENE_DAY } };

	assert_int_equal(scene_do(s, &job), JOB_NOT_FOUND);
	assert_string_equal(scene_entry(s, 1), "none");
	job.u.verdict.unknown = true;
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_string_equal(scene_entry(s, 1), "clearing:sandbox 700; suspense:sandbox -700");
}

static void cancelled_and_expired_payments_are_paid_by_late_money(void **state)
{
	struct scene *s = *state;
	int64_t cancelled = scene_create(s, "A-1", 1000);
	int64_t expired = scene_create(s, "A-2", 1000);
	struct job cancel = { .kind = JOB_CANCEL,
		.payment = cancelled,
		.u.cancel.request = { .client = 1, .route = ROUTE_CANCEL, .key = TEXT("c") } };
	struct job expire = { .kind = JOB_EXPIRE, .payment = expired };
	struct job money = { 0 };

	assert_int_equal(scene_do(s, &cancel), JOB_DONE);
	assert_int_equal(scene_do(s, &expire), JOB_ILLEGAL); /* not yet */
	s->now += INT64_C(2) * 86400;
	s->today += 2;
	assert_int_equal(scene_do(s, &expire), JOB_DONE);
	assert_string_equal(scene_state(s, cancelled), "cancelled");
	assert_string_equal(scene_state(s, expired), "expired");
	assert_int_equal(scene_money(s, &money, cancelled, 1000, "op-1"), JOB_DONE);
	assert_int_equal(scene_money(s, &money, expired, 1000, "op-2"), JOB_DONE);
	assert_string_equal(scene_state(s, cancelled), "paid");
	assert_string_equal(scene_state(s, expired), "paid");
}

static void the_day_it_was_paid_on_decides_the_due(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { .u.verdict = { .paid_on = SCENE_DAY + 365,
				   .value_date = SCENE_DAY + 365 } };

	/* The next year's due is not known to the book: it asks for it and writes nothing. */
	assert_int_equal(scene_money(s, &job, payment, 1200, "op-1"), JOB_STALE);
	assert_int_equal(job.day, SCENE_DAY + 365);
	assert_string_equal(scene_entry(s, 1), "none");
	job.u.verdict.has_calculation = true;
	job.u.verdict.calculation = (struct job_calculation){ .version = 1,
		.day = SCENE_DAY + 365,
		.valid_from = SCENE_DAY - 59 + 365,
		.valid_until = SCENE_DAY - 59 + 730,
		.gross = { 1200, "KZT" },
		.relief = { 0, "KZT" },
		.due = { 1200, "KZT" },
		.service = TEXT("visa.multiple"),
		.kbk = TEXT("108126") };
	assert_int_equal(scene_money(s, &job, payment, 1200, "op-1"), JOB_DONE);
	assert_string_equal(scene_entry(s, 1),
		"clearing:sandbox 1200; fee:visa.multiple:108126 -1200");
}

/* A DONE for an order, by its number, on a day that no calculation covers. */
static enum job_outcome late_order(struct scene *s, struct job *job, const char *order,
	const char *operation, bool unquoted)
{
	*job = (struct job){ .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = ATTEMPT_DONE,
			.amount = { 1000, "KZT" },
			.operation = text_of(operation),
			.cumulative = operation[0] == '\0',
			.unquoted = unquoted,
			.paid_on = SCENE_DAY + 365,
			.value_date = SCENE_DAY + 365 } };
	return scene_do(s, job);
}

static void without_a_quote_only_an_order_that_is_asked_about_waits(void **state)
{
	static const char *const operations[] = { "op-1", "" };
	struct scene *s = *state;

	for (size_t i = 0; i < COUNT(operations); i++) {
		char order[JOB_ORDER_SIZE];
		struct job job;
		int64_t payment = scene_order(s, i == 0 ? "A-1" : "A-2", 1000, order);
		int64_t suspense = scene_balance(s, "suspense:sandbox");

		assert_int_equal(late_order(s, &job, order, operations[i], false), JOB_STALE);
		assert_int_equal(late_order(s, &job, order, operations[i], true), JOB_STALE);
		assert_int_equal(scene_verdict(s, &job, order, ATTEMPT_MISS), JOB_DONE);
		assert_int_equal(late_order(s, &job, order, operations[i], false), JOB_STALE);
		assert_int_equal(late_order(s, &job, order, operations[i], true), JOB_DONE);
		assert_int_equal(job.attempt_state, ATTEMPT_CAPTURED);
		assert_int_equal(job.payment, payment);
		assert_int_equal(job.u.verdict.excess.minor, 1000);
		assert_string_equal(scene_state(s, payment), "open");
		assert_int_equal(scene_balance(s, "suspense:sandbox"), suspense - 1000);
		/* It is booked, so a repeat finds it, quoted or not. */
		assert_int_equal(late_order(s, &job, order, operations[i], false), JOB_REPEATED);
	}
}

static void without_a_quote_money_by_code_is_suspended_under_its_payment(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { .u.verdict = { .unquoted = true,
				   .paid_on = SCENE_DAY + 365,
				   .value_date = SCENE_DAY + 365 } };

	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	assert_int_equal(job.payment, payment);
	assert_string_equal(scene_entry(s, 1), "clearing:sandbox 1000; suspense:sandbox -1000");
	assert_string_equal(scene_state(s, payment), "open");
	/* What can be refused is, rather. */
	job = (struct job){ .u.verdict = { .unquoted = true,
				    .refusable = true,
				    .paid_on = SCENE_DAY + 365,
				    .value_date = SCENE_DAY + 365 } };
	assert_int_equal(scene_money(s, &job, payment, 1000, "op-2"), JOB_STALE);
}

static void where_refusing_is_possible_a_wrong_sum_books_nothing(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { .u.verdict.refusable = true };
	struct job exact = { .u.verdict.refusable = true };
	struct job again = { .u.verdict.refusable = true };

	assert_int_equal(scene_money(s, &job, payment, 999, "op-1"), JOB_WRONG_AMOUNT);
	assert_int_equal(job.due.minor, 1000);
	assert_string_equal(scene_entry(s, 1), "none");
	assert_int_equal(scene_money(s, &exact, payment, 1000, "op-2"), JOB_DONE);
	assert_int_equal(scene_money(s, &again, payment, 1000, "op-3"), JOB_ILLEGAL);
	assert_string_equal(scene_entry(s, 2), "none");
	/* The bank's retry of what it did is no new payment. */
	assert_int_equal(scene_money(s, &exact, payment, 1000, "op-2"), JOB_REPEATED);
}

static void a_repeat_gets_the_first_record_and_books_nothing(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { 0 };
	int64_t record;

	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	record = job.record;
	for (int i = 0; i < 50; i++) {
		job = (struct job){ 0 };
		assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_REPEATED);
		assert_int_equal(job.record, record);
		assert_true(job.u.verdict.repeated_money);
	}
	assert_string_equal(scene_entry(s, 2), "none");
	assert_int_equal(scene_balance(s, "clearing:sandbox"), 1000);
}

/* Walks a payment's entries one a page; gives how many there were. */
static size_t walk_entries(struct scene *s, struct entry_filter *filter, int64_t *last)
{
	struct reader_page page = { .limit = 1 };
	size_t count = 0;

	do {
		assert_int_equal(reader_entries(s->reader, filter, &page, last, NULL),
			READER_FOUND);
		assert_true(count == 0 || page.count == 0 || *last > page.after);
		count += page.count;
		page.after = page.next;
	} while (page.next != 0);
	return count;
}

static void the_entries_of_a_payment_are_walked_to_the_last(void **state)
{
	static const char *const operations[] = { "op-1", "op-2", "op-3" };
	struct scene *s = *state;
	int64_t other = scene_create(s, "A-1", 1000);
	int64_t payment = scene_create(s, "A-2", 1000);
	struct entry_filter filter = { .payment = payment,
		.day_from = INT32_MIN,
		.day_until = INT32_MIN,
		.as_of = READER_LATEST };
	int64_t last = 0;

	for (size_t i = 0; i < COUNT(operations); i++) {
		struct job job = { 0 };

		assert_int_equal(scene_money(s, &job, payment, 500, operations[i]), JOB_DONE);
		job = (struct job){ 0 };
		assert_int_equal(scene_money(s, &job, other, 10, operations[i] + 1), JOB_DONE);
	}
	assert_int_equal(walk_entries(s, &filter, &last), 3);
	assert_int_equal(last, 5);
	filter.account = TEXT("fee:visa.multiple:108126");
	assert_int_equal(walk_entries(s, &filter, &last), 1);
	assert_int_equal(last, 3);
	filter.day_until = SCENE_DAY - 1;
	assert_int_equal(walk_entries(s, &filter, &last), 0);
}

/* Entries are walked from an account's last posting to its first by prev: an entry that posts to an
 * account twice (its part leaves, the excess comes) is one step of that walk. */
static void an_account_is_walked_by_prev(void **state)
{
	static const struct {
		int64_t entry;
		int64_t line;
		int64_t prev;
	} expected[] = { { 1, 2, 0 }, { 2, 2, 1 }, { 2, 4, 1 }, { 3, 2, 2 } };
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	const int64_t sums[] = { 400, 700, 5 };
	const char *const operations[] = { "op-1", "op-2", "op-3" };
	sqlite3 *db;
	sqlite3_stmt *rows;

	for (size_t i = 0; i < COUNT(sums); i++) {
		struct job job = { 0 };

		assert_int_equal(scene_money(s, &job, payment, sums[i], operations[i]), JOB_DONE);
	}
	assert_string_equal(scene_entry(s, 2),
		"clearing:sandbox 700; suspense:sandbox 400; fee:visa.multiple:108126 -1000; suspense:sandbox -100");
	assert_int_equal(sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT entry, line, prev FROM posting JOIN account ON number = account "
			"WHERE name = 'suspense:sandbox' ORDER BY entry, line",
			-1, &rows, NULL),
		SQLITE_OK);
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int64(rows, 0), expected[i].entry);
		assert_int_equal(sqlite3_column_int64(rows, 1), expected[i].line);
		assert_int_equal(sqlite3_column_int64(rows, 2), expected[i].prev);
	}
	assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
	(void)sqlite3_finalize(rows);
	(void)sqlite3_close(db);
}

/* What "sandbox" says of an order, with another order to go on with. */
static void say_and_go_on(struct scene *s, struct job *job, const char *order,
	enum attempt_event event, int64_t expires_at)
{
	*job = (struct job){ .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = event,
			.amount = { 0, "KZT" },
			.paid_on = s->today,
			.value_date = s->today,
			.has_next = true,
			.next = { .gateway = 1,
				.rule = { .digits_min = 1, .digits_max = JOB_ORDER_SIZE - 1 },
				.expires_at = expires_at,
				.route = TEXT("card sandbox:tried") } } };
	(void)scene_do(s, job);
}

static void only_what_was_not_attempted_goes_on_in_the_same_commit(void **state)
{
	static const struct {
		enum attempt_event event;
		int64_t lasts_s;
		size_t attempts;
	} cases[] = {
		{ ATTEMPT_MISS, 600, 2 },
		{ ATTEMPT_MISS, 0, 1 }, /* its session is over */
		{ ATTEMPT_LOSE, 600, 1 },
		{ ATTEMPT_DECLINE, 600, 1 },
		{ ATTEMPT_EXPIRE, 600, 1 },
		{ ATTEMPT_PEND, 600, 1 },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct payment_view view;
		struct job job;
		char order[JOB_ORDER_SIZE];
		char reference[16];
		int64_t payment;

		(void)snprintf(reference, sizeof(reference), "R-%zu", i);
		payment = scene_order(s, reference, 100, order);
		job = (struct job){ .kind = JOB_SEND, .attempt = attempt_number(payment, 0) };
		assert_int_equal(scene_do(s, &job), JOB_DONE);
		say_and_go_on(s, &job, order, cases[i].event, s->now + cases[i].lasts_s);
		assert_int_equal(job.attempt, attempt_number(payment, 0));
		assert_int_equal(job.u.verdict.next_attempt,
			cases[i].attempts > 1 ? attempt_number(payment, 1) : 0);
		payment_view_init(&view);
		assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
			READER_FOUND);
		assert_int_equal(view.attempt_count, cases[i].attempts);
		if (cases[i].attempts > 1) {
			assert_int_equal(view.attempts[0].state, ATTEMPT_NOT_ATTEMPTED);
			assert_int_equal(view.attempts[1].state, ATTEMPT_CREATED);
			assert_true(text_is(view.attempts[1].route, "card sandbox:tried"));
			assert_int_equal(view.attempts[1].amount.minor, 100);
		}
		payment_view_done(&view);
		/* Said again it is no news, and opens nothing. */
		say_and_go_on(s, &job, order, cases[i].event, s->now + cases[i].lasts_s);
		assert_int_equal(job.u.verdict.next_attempt, 0);
	}
}

static void an_operation_id_used_for_other_money_is_no_repeat(void **state)
{
	struct scene *s = *state;
	int64_t first = scene_create(s, "A-1", 1000);
	int64_t second = scene_create(s, "A-2", 1000);
	struct job paid = { 0 };
	struct job other_sum = { 0 };
	struct job other_payment = { 0 };
	struct job other_currency = { .u.verdict.amount = { 1000, "USD" } };

	assert_int_equal(scene_money(s, &paid, first, 1000, "op-1"), JOB_DONE);
	assert_int_equal(scene_money(s, &other_sum, first, 999, "op-1"), JOB_MISMATCH);
	assert_int_equal(scene_money(s, &other_payment, second, 1000, "op-1"), JOB_MISMATCH);
	assert_int_equal(scene_money(s, &other_currency, first, 0, "op-1"), JOB_MISMATCH);
	assert_string_equal(scene_state(s, second), "open");
	assert_string_equal(scene_entry(s, 2), "none");
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(the_exact_due_pays),
		SCENE_TEST(an_exempt_payment_books_the_fee_against_the_relief),
		SCENE_TEST(a_fee_of_nothing_is_complete_without_an_entry),
		SCENE_TEST(more_pays_and_the_excess_is_suspended),
		SCENE_TEST(less_is_held_until_the_rest_comes_from_another_gateway),
		SCENE_TEST(parts_of_more_gateways_than_an_entry_holds_stay_held),
		SCENE_TEST(a_second_payment_goes_to_suspense_whole),
		SCENE_TEST(another_currency_goes_to_suspense_whole),
		SCENE_TEST(what_was_captured_is_in_the_currency_it_was_taken_in),
		SCENE_TEST(a_total_is_compared_in_its_own_currency),
		SCENE_TEST(a_repeated_total_is_answered_as_it_was_the_first_time),
		SCENE_TEST(an_unknown_code_goes_to_suspense_and_a_refusable_one_is_refused),
		SCENE_TEST(cancelled_and_expired_payments_are_paid_by_late_money),
		SCENE_TEST(the_day_it_was_paid_on_decides_the_due),
		SCENE_TEST(without_a_quote_only_an_order_that_is_asked_about_waits),
		SCENE_TEST(without_a_quote_money_by_code_is_suspended_under_its_payment),
		SCENE_TEST(where_refusing_is_possible_a_wrong_sum_books_nothing),
		SCENE_TEST(a_repeat_gets_the_first_record_and_books_nothing),
		SCENE_TEST(an_operation_id_used_for_other_money_is_no_repeat),
		SCENE_TEST(an_account_is_walked_by_prev),
		SCENE_TEST(the_entries_of_a_payment_are_walked_to_the_last),
		SCENE_TEST(only_what_was_not_attempted_goes_on_in_the_same_commit),
	};

	return cmocka_run_group_tests_name("ledger/verdict", tests, NULL, NULL);
}
