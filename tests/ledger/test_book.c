/* SPDX-License-Identifier: Apache-2.0 */

/* The promises of the book, each as a test. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

/* A window of 8 keys and 4 cards: everything is soon out of memory. */
static int open_tight_scene(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->keys_window = 8;
	s->cards_max = 4;
	scene_open(s);
	*state = s;
	return 0;
}

static void a_key_belongs_to_one_request(void **state)
{
	struct scene *s = *state;
	struct job first;
	struct job job;

	scene_create_job(s, &first, "A-1", "k-1", 1000);
	assert_int_equal(scene_do(s, &first), JOB_DONE);
	scene_create_job(s, &job, "A-1", "k-1", 1000);
	assert_int_equal(scene_do(s, &job), JOB_REPEATED);
	assert_int_equal(job.payment, first.payment);
	assert_int_equal(job.record, first.record);
	job.u.create.request.fingerprint[0] = 1;
	assert_int_equal(scene_do(s, &job), JOB_MISMATCH);
	scene_create_job(s, &job, "A-1", "k-2", 1000);
	assert_int_equal(scene_do(s, &job), JOB_TAKEN);
	assert_int_equal(job.payment, first.payment);
	/* The refusal left the key free. */
	scene_create_job(s, &job, "A-2", "k-2", 1000);
	assert_int_equal(scene_do(s, &job), JOB_DONE);
}

static void keys_are_known_after_they_left_the_window_and_after_a_restart(void **state)
{
	struct scene *s = *state;
	char name[16];
	struct job job;

	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "R-%d", i);
		(void)scene_create(s, name, 1000);
		if (i == 60) {
			scene_reopen(s);
		}
	}
	scene_reopen(s);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "R-%d", i);
		scene_create_job(s, &job, name, name, 1000);
		assert_int_equal(scene_do(s, &job), JOB_REPEATED);
		assert_int_equal(job.payment, i + 1);
		scene_create_job(s, &job, name, "another", 1000);
		assert_int_equal(scene_do(s, &job), JOB_TAKEN);
	}
}

static void operations_are_known_after_they_left_the_window(void **state)
{
	struct scene *s = *state;
	char name[16];

	for (int i = 0; i < 40; i++) {
		struct job job = { 0 };

		(void)snprintf(name, sizeof(name), "R-%d", i);
		assert_int_equal(scene_money(s, &job, scene_create(s, name, 1000), 1000, name),
			JOB_DONE);
	}
	scene_reopen(s);
	for (int i = 0; i < 40; i++) {
		struct job job = { 0 };

		(void)snprintf(name, sizeof(name), "R-%d", i);
		assert_int_equal(scene_money(s, &job, i + 1, 1000, name), JOB_REPEATED);
	}
	assert_int_equal(scene_balance(s, "clearing:sandbox"), 40000);
}

static void a_batch_sees_its_own_earlier_jobs(void **state)
{
	struct scene *s = *state;
	struct job first;
	struct job second;
	struct job third;

	scene_create_job(s, &first, "A-1", "k-1", 1000);
	scene_create_job(s, &second, "A-1", "k-1", 1000);
	scene_create_job(s, &third, "A-1", "k-2", 1000);
	first.now = second.now = third.now = s->now;
	first.today = second.today = third.today = s->today;
	first.next = &second;
	second.next = &third;
	assert_true(book_commit(s->book, &first, NULL));
	assert_int_equal(first.outcome, JOB_DONE);
	assert_int_equal(second.outcome, JOB_REPEATED);
	assert_int_equal(second.record, first.record);
	assert_int_equal(third.outcome, JOB_TAKEN);
}

static void expect_refused(sqlite3 *db, const char *sql, const char *why)
{
	assert_int_not_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	if (strstr(sqlite3_errmsg(db), why) == NULL) {
		fail_msg("refused with: %s", sqlite3_errmsg(db));
	}
}

/* Each in a transaction of its own, on a book with one payment that is paid. */
static void expect_all_refused(struct scene *s, const char *const cases[][2], size_t count)
{
	struct job job = { 0 };
	sqlite3 *db = NULL;

	assert_int_equal(scene_money(s, &job, scene_create(s, "A-1", 1000), 1000, "op-1"),
		JOB_DONE);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	for (size_t i = 0; i < count; i++) {
		expect_refused(db, cases[i][0], cases[i][1]);
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void the_schema_lets_no_row_be_replaced(void **state)
{
	static const char *const cases[][2] = {
		{ "REPLACE INTO record SELECT * FROM record WHERE number = 2", "not the next" },
		{ "REPLACE INTO payment SELECT * FROM payment", "not the next" },
		{ "REPLACE INTO posting SELECT * FROM posting", "sealed" },
		{ "REPLACE INTO entry SELECT * FROM entry", "not the next" },
		{ "REPLACE INTO client VALUES (1, 1, 'other')", "rows are never replaced" },
		{ "REPLACE INTO client VALUES (9, 1, 'portal')", "rows are never replaced" },
		{ "REPLACE INTO gateway VALUES (1, 1, 'third')", "rows are never replaced" },
		{ "REPLACE INTO gateway VALUES (9, 1, 'other')", "rows are never replaced" },
		{ "REPLACE INTO account VALUES (1, 'fee:other', 1, 'KZT')",
			"rows are never replaced" },
		{ "REPLACE INTO account VALUES (9, 'clearing:sandbox', 1, 'KZT')",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO requote SELECT * FROM calculation; REPLACE INTO requote SELECT * FROM calculation",
			"rows are never replaced" },
		{ "REPLACE INTO payment_change SELECT payment, record, 4, 0, due, 0, 0 FROM payment_change",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO attempt VALUES (17, 1, 1, '1701', 'KZT', 5, 0, 0, '', '', ''); "
		  "REPLACE INTO attempt VALUES (17, 1, 1, '1701', 'KZT', 6, 0, 0, '', '', '')",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO attempt_step VALUES (17, 1, 5, 5, 'KZT', NULL, '', '', '', ''); "
		  "REPLACE INTO attempt_step VALUES (17, 1, 5, 6, 'KZT', NULL, '', '', '', '')",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO attempt_order VALUES (1, 1, 5, 9, 17); "
		  "REPLACE INTO attempt_order VALUES (1, 1, 5, 8, 17)",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO attempt_order VALUES (1, 1, 5, 9, 17); "
		  "REPLACE INTO attempt_order VALUES (1, 2, 5, 9, 18)",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO request VALUES (1, 1, 1, zeroblob(16), zeroblob(16)); "
		  "REPLACE INTO request VALUES (1, 2, 1, zeroblob(16), zeroblob(16))",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO fulfilment VALUES (1, 1, 1); REPLACE INTO fulfilment VALUES (1, 1, 0)",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO tariff_use VALUES (1, zeroblob(32), ''); "
		  "REPLACE INTO tariff_use VALUES (1, zeroblob(32), 'other')",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO tariff_file VALUES (zeroblob(32), 0, 'a', x'00'); "
		  "REPLACE INTO tariff_file VALUES (zeroblob(32), 0, 'a', x'01')",
			"rows are never replaced" },
		{ "BEGIN; INSERT INTO checkpoint VALUES (2, 1, 'a'); REPLACE INTO checkpoint VALUES (2, 1, 'b')",
			"rows are never replaced" },
	};

	expect_all_refused(*state, cases, COUNT(cases));
}

static void the_schema_refuses_what_the_book_never_does(void **state)
{
	static const char *const cases[][2] = {
		{ "UPDATE record SET booked_at = 0 WHERE number = 1", "rows never change" },
		{ "DELETE FROM record WHERE number = 1", "rows are never deleted" },
		{ "INSERT INTO record VALUES (99, 1, 9999999999, CAST('{}' AS BLOB))",
			"not the next" },
		{ "INSERT INTO record VALUES ((SELECT max(number) + 1 FROM record), 1, 5, CAST('{}' AS BLOB))",
			"runs backwards" },
		{ "UPDATE entry SET booked_day = 0", "rows never change" },
		{ "DELETE FROM entry", "rows are never deleted" },
		{ "UPDATE posting SET amount = amount + 1", "rows never change" },
		{ "DELETE FROM posting", "rows are never deleted" },
		{ "INSERT INTO posting VALUES (1, 9, 1, 100, 0)", "sealed" },
		{ "UPDATE payment SET client = 1", "rows never change" },
		{ "UPDATE payment SET due = 0, gross = 0", "rows never change" },
		{ "UPDATE payment_change SET state = 2", "rows never change" },
		{ "DELETE FROM payment_change", "rows are never deleted" },
		{ "BEGIN; INSERT INTO posting VALUES (2, 1, 1, 100, 0); INSERT INTO posting VALUES (2, 2, 2, -99, 0);"
		  "INSERT INTO entry VALUES (2, 1, 0, 0, 1, 1, '', x'', 2000000000, 20600, 0, 0, 2)",
			"does not balance" },
		{ "BEGIN; INSERT INTO posting VALUES (2, 1, 1, 100, 0); INSERT INTO posting VALUES (2, 2, 2, -100, 0);"
		  "INSERT INTO entry VALUES (2, 1, 0, 0, 1, 1, '', x'', 2000000000, 20600, 0, 0, 3)",
			"lines are missing" },
		{ "BEGIN; INSERT INTO posting VALUES (2, 1, 1, 100, 0); INSERT INTO posting VALUES (2, 2, 2, -100, 0);"
		  "INSERT INTO period_balance SELECT 202603, account, account, debit, credit FROM balance;"
		  "INSERT INTO period VALUES (202603, 1, 20543, 1, 2, zeroblob(32), 0, 0, 'r');"
		  "INSERT INTO entry VALUES (2, 1, 0, 0, 1, 1, '', x'', 2000000000, 20543, 0, 0, 2)",
			"period is closed" },
		{ "INSERT INTO entry VALUES (2, 1, 0, 0, 1, 1, '', x'', 2000000000, 20512, 0, 0, 2)",
			"runs backwards" },
		{ "INSERT INTO entry VALUES (7, 1, 0, 0, 1, 1, '', x'', 0, 0, 0, 0, 2)",
			"entry: " },
	};

	expect_all_refused(*state, cases, COUNT(cases));
}

static void a_failed_commit_is_believed_by_nobody(void **state)
{
	struct scene *s = *state;
	struct job job;
	sqlite3 *db = NULL;
	struct err err = { 0 };

	/* Somebody holds the file: the batch can not begin. */
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TEMP TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
	/* A trigger of his makes the insert fail in the middle. */
	assert_int_equal(
		sqlite3_exec(db,
			"CREATE TRIGGER evil BEFORE INSERT ON payment BEGIN SELECT RAISE(ABORT, 'evil'); END",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_create_job(s, &job, "A-1", "k-1", 1000);
	job.now = s->now;
	job.today = s->today;
	assert_false(book_commit(s->book, &job, &err));
	assert_int_equal(job.outcome, JOB_FAILED);
	assert_non_null(strstr(err.message, "evil"));
	/* Nothing of it is on disk. */
	scene_reopen(s);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TRIGGER evil", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_create_job(s, &job, "A-1", "k-1", 1000);
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(job.payment, 1);
}

static void open_attempt(struct scene *s, struct job *create, const char *reference)
{
	scene_create_job(s, create, reference, reference, 1000);
	create->u.create.has_order = true;
	create->u.create.order = (struct job_order){ .gateway = 1,
		.rule = { .digits_min = 6, .digits_max = 15 },
		.expires_at = s->now + 1200,
		.return_url = TEXT("https://portal/back"),
		.language = TEXT("kk") };
	assert_int_equal(scene_do(s, create), JOB_DONE);
	assert_int_equal(create->attempt, attempt_number(create->payment, 0));
}

static void an_attempt_is_sent_once_and_asked_for_afterwards(void **state)
{
	struct scene *s = *state;
	struct job create;
	struct job send = { .kind = JOB_SEND };
	struct waiting_attempt waiting[4];
	struct reader_page page = { .limit = COUNT(waiting) };

	open_attempt(s, &create, "A-1");
	assert_true(reader_waiting(s->reader, &page, waiting, NULL));
	assert_int_equal(page.count, 1);
	assert_int_equal(waiting[0].state, ATTEMPT_CREATED);
	send.attempt = create.attempt;
	assert_int_equal(scene_do(s, &send), JOB_DONE);
	assert_int_equal(send.attempt_state, ATTEMPT_SENT);
	scene_reopen(s);
	assert_int_equal(scene_do(s, &send), JOB_ILLEGAL);
	assert_true(reader_waiting(s->reader, &page, waiting, NULL));
	assert_int_equal(waiting[0].state, ATTEMPT_SENT);
}

static void verdict(struct scene *s, int64_t attempt, enum attempt_event event,
	enum job_outcome expected)
{
	char order[24];
	struct job job = { .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.event = event,
			.amount = { event == ATTEMPT_DONE ? 1000 : 0, "KZT" },
			.operation = event == ATTEMPT_DONE ? TEXT("op") : TEXT(""),
			.paid_on = SCENE_DAY,
			.value_date = SCENE_DAY,
			.next_at = s->now + 60 } };

	(void)snprintf(order, sizeof(order), "%lld", (long long)attempt * 100 + 1);
	job.u.verdict.order = text_of(order);
	assert_int_equal(scene_do(s, &job), expected);
}

static void unknown_blocks_another_gateway_and_declined_does_not(void **state)
{
	struct scene *s = *state;
	struct job create;
	struct job send = { .kind = JOB_SEND };
	struct job another = { .kind = JOB_ATTEMPT,
		.u.attempt = { .request = { .client = 1, .route = ROUTE_ATTEMPT, .key = TEXT("k") },
			.order = { .gateway = 2,
				.rule = { 6, 15, 0 },
				.expires_at = SCENE_NOW + 1200 } } };
	struct job cancel = { .kind = JOB_CANCEL,
		.u.cancel.request = { .client = 1, .key = TEXT("c") } };

	open_attempt(s, &create, "A-1");
	send.attempt = create.attempt;
	another.payment = cancel.payment = create.payment;
	assert_int_equal(scene_do(s, &send), JOB_DONE);
	verdict(s, create.attempt, ATTEMPT_LOSE, JOB_DONE);
	assert_int_equal(scene_do(s, &another), JOB_BLOCKED);
	assert_int_equal(scene_do(s, &cancel), JOB_BLOCKED);
	verdict(s, create.attempt, ATTEMPT_DECLINE, JOB_DONE);
	verdict(s, create.attempt, ATTEMPT_DECLINE, JOB_REPEATED);
	assert_int_equal(scene_do(s, &another), JOB_DONE);
	assert_int_equal(another.attempt, create.attempt + 1);
	/* The first one captured after all: money wins, and the second attempt is now one too many.
	 */
	verdict(s, create.attempt, ATTEMPT_DONE, JOB_DONE);
	assert_string_equal(scene_state(s, create.payment), "paid");
}

static void a_duty_is_used_once(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job money = { 0 };
	struct job use = { .kind = JOB_FULFIL,
		.payment = payment,
		.u.fulfil = { .request = { .client = 1, .route = ROUTE_FULFIL, .key = TEXT("f") },
			.performed = true,
			.document = TEXT("visa 123") } };

	assert_int_equal(scene_do(s, &use), JOB_ILLEGAL);
	assert_int_equal(scene_money(s, &money, payment, 1000, "op"), JOB_DONE);
	assert_int_equal(scene_do(s, &use), JOB_DONE);
	assert_int_equal(scene_do(s, &use), JOB_REPEATED);
	use.u.fulfil.request.key = TEXT("g");
	assert_int_equal(scene_do(s, &use), JOB_ILLEGAL);
}

static void time_and_day_of_what_is_booked_never_run_backwards(void **state)
{
	struct scene *s = *state;
	struct job first = { 0 };
	struct job second = { 0 };
	struct entry_row row;

	assert_int_equal(scene_money(s, &first, scene_create(s, "A-1", 1000), 1000, "op-1"),
		JOB_DONE);
	scene_reopen(s);
	s->now -= 100000;
	s->today -= 2;
	assert_int_equal(scene_money(s, &second, scene_create(s, "A-2", 1000), 1000, "op-2"),
		JOB_DONE);
	assert_int_equal(second.booked_at, first.booked_at);
	assert_int_equal(reader_entry(s->reader, 2, &row, NULL), READER_FOUND);
	assert_int_equal(row.booked_at, SCENE_NOW);
}

static void every_record_is_in_the_checkpoint(void **state)
{
	struct scene *s = *state;
	struct job_keys keys;
	struct job checkpoint = { .kind = JOB_CHECKPOINT };
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree_hash signed_root;
	uint64_t size;
	char name[16];

	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "R-%d", i);
		(void)scene_create(s, name, 1000);
	}
	scene_reopen(s); /* the edge is rebuilt from tiles and leaves */
	assert_int_equal(scene_do(s, &checkpoint), JOB_DONE);
	assert_int_equal(scene_do(s, &checkpoint), JOB_REPEATED);
	book_keys(s->book, &keys);
	assert_true(note_open(text_of(checkpoint.u.checkpoint.note), text_of(keys.verifier), &size,
		&signed_root, NULL));
	assert_int_equal(size, 304);
	for (int64_t record = 1; record <= (int64_t)size; record++) {
		struct buffer leaf;
		struct tree_proof proof;
		struct tree_hash root;
		struct tree_hash hash;

		buffer_init(&leaf, 16384);
		assert_int_equal(reader_record(s->reader, record, &leaf, NULL), READER_FOUND);
		assert_int_equal(reader_inclusion(s->reader, record, size, &root, &proof, NULL),
			READER_FOUND);
		hash = tree_leaf(hasher, buffer_text(&leaf));
		assert_true(tree_inclusion_holds(hasher, (uint64_t)record - 1, size, &hash, &proof,
			&signed_root));
		buffer_done(&leaf);
	}
	tree_hasher_free(&hasher);
}

static void events_are_numbered_by_client_without_gaps(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job first = { 0 };
	struct job second = { 0 };
	struct event_row rows[8];
	struct reader_page page = { .limit = COUNT(rows) };

	assert_int_equal(scene_money(s, &first, payment, 400, "op-1"), JOB_DONE);
	assert_int_equal(scene_money(s, &second, payment, 600, "op-2"), JOB_DONE);
	scene_reopen(s);
	(void)scene_create(s, "A-2", 1000);
	assert_true(reader_events(s->reader, 1, &page, rows, NULL));
	assert_int_equal(page.as_of, 4);
	assert_int_equal(page.count, 4);
	assert_string_equal(rows[0].type, "payment.created");
	assert_string_equal(rows[1].type, "payment.partly_paid");
	assert_string_equal(rows[2].type, "payment.paid");
	assert_int_equal(rows[3].number, 4);
}

static void a_view_as_of_a_record_never_changes(void **state)
{
	struct scene *s = *state;
	struct payment_view view;
	struct job create;
	struct job money = { 0 };

	scene_create_job(s, &create, "A-1", "k", 1000);
	assert_int_equal(scene_do(s, &create), JOB_DONE);
	assert_int_equal(scene_money(s, &money, create.payment, 1000, "op"), JOB_DONE);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, create.payment, create.record, &view, NULL),
		READER_FOUND);
	assert_int_equal(view.state, PAYMENT_OPEN);
	assert_int_equal(view.paid.minor, 0);
	assert_string_equal(view.reference.bytes, "A-1");
	assert_int_equal(reader_payment(s->reader, create.payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_int_equal(view.state, PAYMENT_PAID);
	assert_int_equal(view.paid.minor, 1000);
	payment_view_done(&view);
}

static void what_was_kept_becomes_evidence_and_leaves_the_inbox(void **state)
{
	struct scene *s = *state;
	struct job keep = { .kind = JOB_KEEP,
		.u.keep = { .gateway = 1,
			.peer = TEXT("127.0.0.1"),
			.head = TEXT("POST /x"),
			.body = TEXT("{}") } };
	struct job money = { 0 };
	struct kept_message message;
	struct buffer arena = { 0 };
	int64_t payment = scene_create(s, "A-1", 1000);

	assert_int_equal(scene_do(s, &keep), JOB_DONE);
	assert_int_equal(reader_kept(s->reader, 0, &message, &arena, NULL), READER_FOUND);
	assert_true(text_is(message.body, "{}"));
	money.u.verdict.inbox = keep.u.keep.inbox;
	assert_int_equal(scene_money(s, &money, payment, 1000, "op"), JOB_DONE);
	assert_int_equal(reader_kept(s->reader, 0, &message, &arena, NULL), READER_ABSENT);
	buffer_done(&arena);
}

static void a_register_becomes_evidence_once(void **state)
{
	struct scene *s = *state;
	struct job keep = { .kind = JOB_KEEP,
		.u.keep = { .gateway = 1,
			.peer = TEXT("127.0.0.1"),
			.head = TEXT("POST /"),
			.body = TEXT("<register/>") } };
	struct job prove = { .kind = JOB_EVIDENCE,
		.u.evidence = { .gateway = 1, .what = TEXT("register 4711") } };
	struct reader_figures figures;
	struct buffer leaf;

	assert_int_equal(scene_do(s, &keep), JOB_DONE);
	prove.u.evidence.inbox = keep.u.keep.inbox;
	assert_int_equal(scene_do(s, &prove), JOB_DONE);
	buffer_init_whole(&leaf, 16384);
	assert_int_equal(reader_record(s->reader, prove.record, &leaf, NULL), READER_FOUND);
	buffer_add_char(&leaf, '\0');
	assert_non_null(strstr(leaf.bytes, "\"what\":\"register 4711\""));
	assert_non_null(strstr(leaf.bytes, "\"evidence\":\""));
	buffer_done(&leaf);
	assert_true(reader_figures(s->reader, &figures, NULL));
	assert_int_equal(figures.inbox, 0);
	assert_int_equal(scene_do(s, &prove), JOB_NOT_FOUND);
}

static void order_numbers_of_a_day_end_in_different_digits(void **state)
{
	struct scene *s = *state;
	struct job create;
	struct payment_view view;

	scene_create_job(s, &create, "A-1", "A-1", 1000);
	create.u.create.has_order = true;
	create.u.create.order = (struct job_order){ .gateway = 2,
		.rule = { .digits_min = 6, .digits_max = 15, .suffix_daily = 6 },
		.expires_at = s->now + 60 };
	assert_int_equal(scene_do(s, &create), JOB_DONE);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, create.payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_string_equal(view.attempts[0].order,
		"2051301000001"); /* day 20513, generation 01, serial 1 */
	payment_view_done(&view);
}

/* Two statements read a payment and its attempts; a commit may come between them. */
static void a_view_is_of_one_record_whatever_is_written_meanwhile(void **state)
{
	struct scene *s = *state;
	struct payment_view view;
	struct job create;
	sqlite3 *db = NULL;

	open_attempt(s, &create, "A-1");
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"INSERT INTO attempt_step SELECT attempt, record + 1, 5, 1000, 'KZT', 20513, "
			"'op', '', '', '' FROM attempt_step",
			NULL, NULL, NULL),
		SQLITE_OK);
	(void)sqlite3_close(db);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, create.payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_int_equal(view.state, PAYMENT_OPEN);
	assert_int_equal(view.attempts[0].state, ATTEMPT_CREATED);
	payment_view_done(&view);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
#define TIGHT_TEST(f) cmocka_unit_test_setup_teardown(f, open_tight_scene, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_key_belongs_to_one_request),
		TIGHT_TEST(keys_are_known_after_they_left_the_window_and_after_a_restart),
		TIGHT_TEST(operations_are_known_after_they_left_the_window),
		SCENE_TEST(a_batch_sees_its_own_earlier_jobs),
		SCENE_TEST(the_schema_lets_no_row_be_replaced),
		SCENE_TEST(the_schema_refuses_what_the_book_never_does),
		SCENE_TEST(a_failed_commit_is_believed_by_nobody),
		SCENE_TEST(an_attempt_is_sent_once_and_asked_for_afterwards),
		TIGHT_TEST(unknown_blocks_another_gateway_and_declined_does_not),
		SCENE_TEST(a_duty_is_used_once),
		SCENE_TEST(time_and_day_of_what_is_booked_never_run_backwards),
		TIGHT_TEST(every_record_is_in_the_checkpoint),
		TIGHT_TEST(events_are_numbered_by_client_without_gaps),
		SCENE_TEST(a_view_as_of_a_record_never_changes),
		SCENE_TEST(a_view_is_of_one_record_whatever_is_written_meanwhile),
		SCENE_TEST(what_was_kept_becomes_evidence_and_leaves_the_inbox),
		SCENE_TEST(a_register_becomes_evidence_once),
		SCENE_TEST(order_numbers_of_a_day_end_in_different_digits),
	};

	return cmocka_run_group_tests_name("ledger/book", tests, NULL, NULL);
}
