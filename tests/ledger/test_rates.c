/* SPDX-License-Identifier: Apache-2.0 */

/* Exchange rates in the book, and fees that were converted by them. */
#include <sqlite3.h>
#include <string.h>

#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

/* 499 x 473.59 = 500 x 473.59 - 473.59 = 236795.00 - 473.59 */
enum { DOLLARS = 49900, TENGE = 23632141, ROWS_MAX = 8 };

#define USD_473_59 "[{\"currency\":\"USD\",\"quant\":\"1\",\"rate\":\"473.59\"}]"
#define USD_474    "[{\"currency\":\"USD\",\"quant\":\"1\",\"rate\":\"474\"}]"

/* Rates of the scene's day; the first byte of the digest tells lists apart. */
static enum job_outcome use_rates(struct scene *s, struct job *job, uint8_t list, const char *rates,
	bool replace)
{
	*job = (struct job){ .kind = JOB_RATES,
		.u.rates = { .day = SCENE_DAY,
			.digest = { list },
			.feed = TEXT("<rates/>"),
			.rates = text_of(rates),
			.source = TEXT("imported"),
			.reason = TEXT("the day's list"),
			.replace = replace } };
	return scene_do(s, job);
}

static size_t read_rates(struct scene *s, struct rates_row rows[ROWS_MAX])
{
	struct reader_page page = { .limit = ROWS_MAX };
	struct err err = { 0 };

	if (!reader_rates(s->reader, &page, rows, &err)) {
		fail_msg("%s", err.message);
	}
	return page.count;
}

static void assert_leaf(struct scene *s, int64_t record, const char *wanted)
{
	struct buffer leaf;

	buffer_init(&leaf, 16384);
	assert_int_equal(reader_record(s->reader, record, &leaf, NULL), READER_FOUND);
	if (strstr(leaf.bytes, wanted) == NULL) {
		fail_msg("%s is not in %s", wanted, leaf.bytes);
	}
	buffer_done(&leaf);
}

static void rates_are_kept_with_their_list(void **state)
{
	struct scene *s = *state;
	struct rates_row row;
	struct job job;
	sqlite3 *db;
	sqlite3_stmt *feed;

	assert_int_equal(reader_rates_of_day(s->reader, SCENE_DAY, &row, NULL), READER_ABSENT);
	assert_int_equal(use_rates(s, &job, 0xA1, USD_473_59, false), JOB_DONE);
	scene_reopen(s);
	assert_int_equal(reader_rates_of_day(s->reader, SCENE_DAY, &row, NULL), READER_FOUND);
	assert_int_equal(row.record, job.record);
	assert_int_equal(row.day, SCENE_DAY);
	assert_int_equal(row.replaces, 0);
	assert_int_equal(row.digest[0], 0xA1);
	assert_string_equal(row.rates, USD_473_59);
	assert_string_equal(row.source, "imported");
	assert_string_equal(row.reason, "the day's list");
	assert_int_equal(row.booked_at, SCENE_NOW);
	assert_int_equal(reader_rates_of_day(s->reader, SCENE_DAY + 1, &row, NULL), READER_ABSENT);
	assert_leaf(s, job.record,
		"\"body\":{\"day\":\"2026-03-01\",\"rates\":" USD_473_59
		",\"reason\":\"the day's list\",\"sha256\":\"a100");
	assert_leaf(s, job.record, ",\"source\":\"imported\"},\"kind\":\"rates\"");

	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT feed FROM rates", -1, &feed, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(feed), SQLITE_ROW);
	assert_int_equal(sqlite3_column_bytes(feed, 0), 8);
	assert_memory_equal(sqlite3_column_blob(feed, 0), "<rates/>", 8);
	(void)sqlite3_finalize(feed);
	(void)sqlite3_close(db);
}

static void the_same_rates_again_are_a_repetition(void **state)
{
	struct scene *s = *state;
	struct rates_row rows[ROWS_MAX];
	struct job first;
	struct job job;

	assert_int_equal(use_rates(s, &first, 1, USD_473_59, false), JOB_DONE);
	/* the same list; another that says the same; either though it may replace */
	assert_int_equal(use_rates(s, &job, 1, USD_473_59, false), JOB_REPEATED);
	assert_int_equal(job.record, first.record);
	assert_int_equal(use_rates(s, &job, 2, USD_473_59, false), JOB_REPEATED);
	assert_int_equal(job.record, first.record);
	assert_int_equal(use_rates(s, &job, 2, USD_473_59, true), JOB_REPEATED);
	scene_reopen(s);
	assert_int_equal(use_rates(s, &job, 2, USD_473_59, true), JOB_REPEATED);
	assert_int_equal(read_rates(s, rows), 1);
}

static void other_rates_replace_only_when_that_is_said(void **state)
{
	struct scene *s = *state;
	struct rates_row rows[ROWS_MAX];
	struct rates_row row;
	struct job first;
	struct job second;
	struct job job;

	assert_int_equal(use_rates(s, &first, 1, USD_473_59, false), JOB_DONE);
	assert_int_equal(use_rates(s, &job, 2, USD_474, false), JOB_TAKEN);
	assert_int_equal(job.record, first.record);
	assert_int_equal(read_rates(s, rows), 1);
	assert_int_equal(use_rates(s, &second, 2, USD_474, true), JOB_DONE);
	assert_int_equal(reader_rates_of_day(s->reader, SCENE_DAY, &row, NULL), READER_FOUND);
	assert_int_equal(row.record, second.record);
	assert_string_equal(row.rates, USD_474);
	assert_leaf(s, second.record, "\"replaces\":\"5\"");
	/* back to the first: a third record, since nothing is ever undone */
	assert_int_equal(use_rates(s, &job, 1, USD_473_59, true), JOB_DONE);
	assert_int_equal(read_rates(s, rows), 3);
	assert_int_equal(rows[0].record, first.record);
	assert_int_equal(rows[0].replaces, 0);
	assert_int_equal(rows[1].replaces, first.record);
	assert_int_equal(rows[2].record, job.record);
	assert_int_equal(rows[2].replaces, second.record);
}

static void another_day_has_its_own(void **state)
{
	struct scene *s = *state;
	struct rates_row row;
	struct job job;

	assert_int_equal(use_rates(s, &job, 1, USD_473_59, false), JOB_DONE);
	job.u.rates.day = SCENE_DAY - 1;
	job.u.rates.digest[0] = 3;
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(reader_rates_of_day(s->reader, SCENE_DAY - 1, &row, NULL), READER_FOUND);
	assert_int_equal(row.record, job.record);
	assert_int_equal(row.replaces, 0);
}

/* ---- converted fees ---- */

static void convert(struct job_calculation *c, uint8_t list, int64_t tenge)
{
	c->service = TEXT("eresidency");
	c->kbk = TEXT("");
	c->valid_from = c->day;
	c->valid_until = c->day + 1;
	c->gross = c->due = money_of(tenge, "KZT");
	c->conversion = (struct job_conversion){ .rates = { list },
		.gross = money_of(DOLLARS, "USD"),
		.rate = "473.59",
		.quant = 1 };
}

static int64_t create_converted(struct scene *s, const char *reference)
{
	struct job job;

	scene_create_job(s, &job, reference, reference, 0);
	convert(&job.u.create.calculation, 1, TENGE);
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	return job.payment;
}

static void assert_converted(struct scene *s, int64_t payment, uint8_t list, int64_t tenge)
{
	const struct job_conversion *v;
	struct payment_view view;
	struct err err = { 0 };

	payment_view_init(&view);
	if (reader_payment(s->reader, payment, READER_LATEST, &view, &err) != READER_FOUND) {
		fail_msg("%s", err.message);
	}
	v = &view.calculation.conversion;
	assert_int_equal(view.due.minor, tenge);
	assert_string_equal(view.due.currency, "KZT");
	assert_int_equal(v->rates[0], list);
	assert_int_equal(v->gross.minor, DOLLARS);
	assert_string_equal(v->gross.currency, "USD");
	assert_string_equal(v->rate, "473.59");
	assert_int_equal(v->quant, 1);
	payment_view_done(&view);
}

static void a_calculation_keeps_what_it_converted(void **state)
{
	struct scene *s = *state;
	int64_t payment = create_converted(s, "D-1");
	int64_t plain = scene_create(s, "D-2", 1000);
	struct payment_view view;

	scene_reopen(s);
	assert_converted(s, payment, 1, TENGE);
	assert_leaf(s, 5,
		"\"due\":\"23632141\",\"exchange\":{\"currency\":\"USD\",\"gross\":\"49900\","
		"\"quant\":\"1\",\"rate\":\"473.59\",\"rates\":\"0100");
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, plain, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_int_equal(view.calculation.conversion.quant, 0);
	payment_view_done(&view);
}

/* docs/LEDGER.md: the entry is in tenge; dollars and rate are on the record. */
static void a_dollar_fee_paid_in_tenge_is_tenge(void **state)
{
	struct scene *s = *state;
	struct job job = { 0 };
	int64_t payment = create_converted(s, "D-1");

	assert_int_equal(scene_money(s, &job, payment, TENGE, "op-1"), JOB_DONE);
	assert_string_equal(scene_state(s, payment), "paid");
	assert_string_equal(scene_entry(s, 1),
		"clearing:sandbox 23632141; fee:eresidency:unassigned -23632141");
	assert_int_equal(scene_balance(s, "clearing:sandbox"), TENGE);
	assert_int_equal(scene_balance(s, "fee:eresidency:unassigned"), -TENGE);
}

/* The next day has a rate of its own: the book asks for a calculation by it. */
static void a_rates_day_ends_with_the_day(void **state)
{
	struct scene *s = *state;
	int64_t payment = create_converted(s, "D-1");
	struct job job = { 0 };

	s->today++;
	s->now += 86400;
	assert_int_equal(scene_money(s, &job, payment, TENGE, "op-1"), JOB_STALE);
	assert_int_equal(job.day, SCENE_DAY + 1);
	job = (struct job){ 0 };
	job.u.verdict.has_calculation = true;
	job.u.verdict.calculation = (struct job_calculation){ .version = 2,
		.day = s->today,
		.relief = money_of(0, "KZT") };
	convert(&job.u.verdict.calculation, 2, TENGE + 49900);
	assert_int_equal(scene_money(s, &job, payment, TENGE + 49900, "op-1"), JOB_DONE);
	assert_string_equal(scene_state(s, payment), "paid");
	assert_converted(s, payment, 2, TENGE + 49900);
}

/* ---- the schema ---- */

static void the_schema_refuses_what_the_book_never_does(void **state)
{
	static const char *const cases[][2] = {
		{ "UPDATE rates SET day = 1", "rows never change" },
		{ "DELETE FROM rates", "rows are never deleted" },
		{ "REPLACE INTO rates SELECT * FROM rates", "rows are never replaced" },
		{ "INSERT INTO rates SELECT 2, day, 0, digest, rates, source, reason, feed FROM rates",
			"follow those of their day" },
		{ "UPDATE conversion SET gross = 1", "rows never change" },
		{ "DELETE FROM conversion", "rows are never deleted" },
		{ "REPLACE INTO conversion SELECT * FROM conversion", "rows are never replaced" },
	};
	struct scene *s = *state;
	struct job job;
	sqlite3 *db;

	assert_int_equal(use_rates(s, &job, 1, USD_473_59, false), JOB_DONE);
	(void)create_converted(s, "D-1");
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *why = NULL;

		if (sqlite3_exec(db, cases[i][0], NULL, NULL, &why) == SQLITE_OK ||
			strstr(why, cases[i][1]) == NULL) {
			fail_msg("%s: %s", cases[i][0], why != NULL ? why : "was done");
		}
		sqlite3_free(why);
	}
	(void)sqlite3_close(db);
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
	(void)sqlite3_close(db);
}

static void a_book_of_the_first_schema_is_brought_to_this_one(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { 0 };

	change_file(s,
		"DROP TABLE rates; DROP TABLE conversion; DROP TABLE checkpoint_key; DROP TABLE period; "
		"DROP TABLE generation; DROP TABLE standing; "
		"DROP TABLE period_balance; DROP TABLE act; DROP TABLE erased; "
		"DROP TABLE reversal; DROP INDEX suspense_entry; DROP INDEX suspense_closed; "
		"DROP TABLE erasure; DROP TRIGGER private_stays; DROP TRIGGER private_remains; "
		"DROP TRIGGER private_is_new; DROP TRIGGER evidence_is_new; "
		"DROP TRIGGER evidence_stays; DROP TRIGGER evidence_remains; PRAGMA user_version = 13");
	scene_reopen(s);
	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	assert_int_equal(use_rates(s, &job, 1, USD_473_59, false), JOB_DONE);
	assert_converted(s, create_converted(s, "D-1"), 1, TENGE);
}

static void a_book_of_a_later_schema_or_of_none_released_is_refused(void **state)
{
	static const struct {
		const char *sql;
		const char *why;
	} cases[] = {
		{ "PRAGMA user_version = 99", "the book has schema 99, this alymd knows" },
		{ "PRAGMA user_version = 12",
			"the book has schema 12, of before the first release" },
		{ "PRAGMA user_version = 2", "begin a new book in another state_dir" },
	};
	struct scene *s = *state;
	struct book_options options = { .path = s->path, .origin = "test/book", .now = SCENE_NOW };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = { 0 };
		struct book *book = NULL;

		change_file(s, cases[i].sql);
		assert_false(book_open(&options, &book, &err));
		assert_non_null(strstr(err.message, cases[i].why));
		assert_null(book);
	}
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE_TEST(rates_are_kept_with_their_list),
		SCENE_TEST(the_same_rates_again_are_a_repetition),
		SCENE_TEST(other_rates_replace_only_when_that_is_said),
		SCENE_TEST(another_day_has_its_own),
		SCENE_TEST(a_calculation_keeps_what_it_converted),
		SCENE_TEST(a_dollar_fee_paid_in_tenge_is_tenge),
		SCENE_TEST(a_rates_day_ends_with_the_day),
		SCENE_TEST(the_schema_refuses_what_the_book_never_does),
		SCENE_TEST(a_book_of_the_first_schema_is_brought_to_this_one),
		SCENE_TEST(a_book_of_a_later_schema_or_of_none_released_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
