/* SPDX-License-Identifier: Apache-2.0 */

/* A book that was damaged is refused by table and row, and stays as it was found. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { RECORDS_PER_TILE = 256, DUE = 1000 };

/* A file without the schema's rules: what somebody does who can write to the disk. */
#define LOOSE(table)                                                            \
	"CREATE TABLE loose AS SELECT * FROM " table "; DROP TABLE " table "; " \
	"ALTER TABLE loose RENAME TO " table "; "

struct damage {
	const char *sql;
	const char *found; /* in the message */
};

/* Two clients' worth of money: entries 1 to 3, an exempt one, a checkpoint, a tariff. */
static int open_used_scene(void **state)
{
	static const struct job_tariff_file file = { .name = "mrp.xml", .bytes = { "<mrp/>", 6 } };
	struct scene *s = calloc(1, sizeof(*s));
	struct job tariff = { .kind = JOB_TARIFF,
		.u.tariff = { .files = &file, .count = 1, .reason = TEXT("start") } };
	struct job checkpoint = { .kind = JOB_CHECKPOINT };
	const char *const names[] = { "op-1", "op-2", "op-3" };
	char order[JOB_ORDER_SIZE];

	scene_open(s);
	assert_int_equal(scene_do(s, &tariff), JOB_DONE);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct job job = { 0 };

		assert_int_equal(scene_money(s, &job, scene_create(s, names[i], DUE),
					 DUE + (int64_t)i, names[i]),
			JOB_DONE);
	}
	(void)scene_order(s, "A-4", DUE, order);
	assert_int_equal(scene_do(s, &checkpoint), JOB_DONE);
	*state = s;
	return 0;
}

/* Every trigger goes, whatever it guarded. */
static void drop_triggers(sqlite3 *db)
{
	char sql[8192] = "";
	size_t size = 0;
	sqlite3_stmt *rows;

	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT name FROM sqlite_master WHERE type = 'trigger'", -1, &rows,
				 NULL),
		SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		size += (size_t)snprintf(sql + size, sizeof(sql) - size, "DROP TRIGGER %s; ",
			(const char *)sqlite3_column_text(rows, 0));
		assert_true(size < sizeof(sql));
	}
	(void)sqlite3_finalize(rows);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void damage(const char *path, const char *sql)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	drop_triggers(db);
	if (sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL) !=
			SQLITE_OK ||
		sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", sql, why);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static char *whole_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *bytes;
	long end;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	end = ftell(file);
	assert_true(end >= 0);
	rewind(file);
	bytes = malloc((size_t)end + 1);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)end, file);
	assert_int_equal(*size, end);
	(void)fclose(file);
	return bytes;
}

static bool scene_try(struct scene *s, const char *path, struct err *err)
{
	struct book_options options = { .path = path,
		.origin = "test/book",
		.now = s->now,
		.keys_window = s->keys_window };
	struct book *book = NULL;
	bool opened = book_open(&options, &book, err);

	book_close(&book);
	return opened;
}

static void expect_refused(struct scene *s, const char *path, const char *found)
{
	struct err err = { 0 };
	size_t before_size;
	size_t after_size;
	char *before = whole_file(path, &before_size);
	char *after;

	assert_false(scene_try(s, path, &err));
	if (strstr(err.message, found) == NULL) {
		fail_msg("\"%s\" is not in \"%s\"", found, err.message);
	}
	after = whole_file(path, &after_size);
	assert_int_equal(before_size, after_size);
	assert_memory_equal(before, after, after_size);
	free(before);
	free(after);
}

static void copy_file(const char *from, const char *to)
{
	size_t size;
	char *bytes = whole_file(from, &size);
	FILE *file = fopen(to, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	free(bytes);
}

/* Does the damage to a copy of the book as it lies there. */
static void expect_damage(struct scene *s, const struct damage *d)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/damaged.db", s->folder);
	copy_file(s->path, path);
	damage(path, d->sql);
	expect_refused(s, path, d->found);
	(void)remove(path);
}

static void expect_damages(struct scene *s, const struct damage *damages, size_t count)
{
	reader_close(&s->reader);
	book_close(&s->book);
	for (size_t i = 0; i < count; i++) {
		expect_damage(s, &damages[i]);
	}
	scene_reopen(s); /* the book itself is as it was */
}

static void damaged_money_is_refused(void **state)
{
	static const struct damage damages[] = {
		{ "UPDATE posting SET account = 99 WHERE entry = 2 AND line = 1",
			"table posting, row 2: account 99 is unknown" },
		{ "INSERT INTO posting VALUES (4, 1, 1, 5, 3)",
			"table posting, row 4: no entry seals it" },
		{ "DELETE FROM posting WHERE entry = 2 AND line = 2",
			"table entry, row 2: lines are missing" },
		{ "UPDATE posting SET prev = 3 WHERE entry = 3 AND line = 1",
			"table posting, row 3: prev is not an entry before it" },
		{ LOOSE("posting") "UPDATE posting SET amount = 'much' WHERE entry = 3",
			"table posting, row 3: amount is not what it must be" },
		{ "UPDATE entry SET record = (SELECT record FROM entry WHERE number = 3) WHERE number = 1",
			"table entry, row 1: its record is out of order" },
		{ "UPDATE entry SET record = 1 WHERE number = 2",
			"table entry, row 2: its record's kind is not what it must be" },
		{ "DELETE FROM entry WHERE number = 1", "table entry, row 1: is missing" },
		{ "DELETE FROM entry WHERE number = 2", "table entry, row 2: is missing" },
		{ "UPDATE entry SET booked_day = 4000000000 WHERE number = 3",
			"the last entry's booked_day is not what it must be" },
		{ "UPDATE balance SET debit = 9223372036854775807 WHERE account IN (1, 2)",
			"table balance, row 1: from here on the sums of KZT do not cancel out, or overflow" },
		{ "UPDATE balance SET credit = credit + 1 WHERE account = 2", "do not cancel out" },
		{ "UPDATE balance SET debit = -1 WHERE account = 1",
			"table account, row 1: balance.debit is not what it must be" },
		{ LOOSE("balance") "UPDATE balance SET debit = 'many' WHERE account = 2",
			"table account, row 2: balance.debit is not what it must be" },
		{ "DELETE FROM balance WHERE account = 2",
			"table account, row 2: balance.debit is not what it must be" },
		{ "INSERT INTO balance VALUES (77, 0, 0, 1)",
			"table balance, row 77: its account is unknown" },
		{ "UPDATE balance SET last_entry = 50 WHERE account = 1",
			"table balance, row 1: last_entry is past the last entry" },
		{ "DELETE FROM account WHERE number = 1", "its account is unknown" },
		{ "DELETE FROM account WHERE number = 1; DELETE FROM balance WHERE account = 1",
			"table account, row 1: is missing" },
		{ "UPDATE account SET type = 44 WHERE number = 2",
			"table account, row 2: type is not what it must be" },
	};

	expect_damages(*state, damages, COUNT(damages));
}

static void damaged_records_are_refused(void **state)
{
	static const struct damage damages[] = {
		{ "DELETE FROM record", "table record, row 1: is missing" },
		{ "DELETE FROM record WHERE number = 5", "table record, row 5: is missing" },
		{ "DELETE FROM record WHERE number = 1", "table record, row 1: is missing" },
		{ "DELETE FROM record WHERE number = (SELECT max(number) FROM record)",
			"table checkpoint, row " },
		{ "DELETE FROM checkpoint; DELETE FROM attempt; DELETE FROM record WHERE number >= "
		  "(SELECT max(record) FROM payment)",
			"table payment, row 4: its record is missing" },
		{ LOOSE("record") "UPDATE record SET booked_at = 'yesterday'",
			"booked_at is not what it must be" },
		{ "DELETE FROM book", "table book, row 1: is missing" },
		{ "UPDATE book SET code_key = x'00'",
			"table book, row 1: code_key is not what it must be" },
		{ "UPDATE book SET generation = 100", "table book, row 1: generation is not" },
		{ "UPDATE tariff_use SET digest = x'00'", "digest is not what it must be" },
		{ "UPDATE checkpoint SET note = CAST(zeroblob(4096) AS TEXT)",
			"note is not what it must be" },
	};

	expect_damages(*state, damages, COUNT(damages));
}

static void damaged_names_and_keys_are_refused(void **state)
{
	static const struct damage damages[] = {
		{ "DELETE FROM gateway WHERE number = 1", "table gateway, row 1: is missing" },
		{ "UPDATE client SET name = CAST(zeroblob(65) AS TEXT)",
			"table client, row 1: name is not what it must be" },
		{ "UPDATE gateway SET record = 9999 WHERE number = 2",
			"table gateway, row 2: its record is missing" },
		{ "UPDATE payment SET request_key = x'11' WHERE number = 1",
			"table payment, row 1: its key is not what it must be" },
		{ "INSERT INTO request VALUES (2, 1, 1, x'11', zeroblob(16))",
			"table request, row 2: its key is not what it must be" },
		{ "UPDATE payment SET reference_key = zeroblob(17) WHERE number = 3",
			"table payment, row 3: its key is not what it must be" },
		{ "UPDATE payment SET record = 5 WHERE number < 3", "is out of order" },
		{ "INSERT INTO keyset_segment VALUES (1, 1, 9999, zeroblob(64))",
			"table keyset_segment, row 1: covers records that are missing" },
		{ "INSERT INTO keyset_segment VALUES (2, 1, 0, zeroblob(63))",
			"table keyset_segment, row 1 of set 2" },
	};

	expect_damages(*state, damages, COUNT(damages));
}

static void a_damaged_tree_is_refused(void **state)
{
	static const struct damage damages[] = {
		{ "DELETE FROM tile", "table tile, row 0: of level 0 is missing" },
		{ "DELETE FROM record WHERE number = 257", "table record, row 257: is missing" },
	};
	struct scene *s = *state;
	char name[16];

	for (int i = 0; i < RECORDS_PER_TILE; i++) {
		(void)snprintf(name, sizeof(name), "R-%d", i);
		(void)scene_create(s, name, DUE);
	}
	expect_damages(s, damages, COUNT(damages));
}

/* ---- what is not looked at when the book is opened is looked at when it is needed ---- */

enum touch { TOUCH_ASK, TOUCH_PAY, TOUCH_REPEAT, TOUCH_VIEW, TOUCH_ENTRY, TOUCH_EVENTS };

struct later_damage {
	enum touch touch;
	const char *sql;
	const char *found;
};

/* One job about payment 4, of which 400 are held. */
static void touch_by_job(struct scene *s, enum touch touch, const char *code, struct err *err)
{
	struct job job = { .kind = JOB_ASK, .payment = 4 };

	if (touch == TOUCH_REPEAT) {
		scene_create_job(s, &job, "A-4", "A-4", DUE);
	} else if (touch == TOUCH_PAY) {
		job.kind = JOB_VERDICT;
		job.u.verdict = (struct job_verdict){ .gateway = 1,
			.code = text_of(code),
			.event = ATTEMPT_DONE,
			.amount = money_of(DUE - 400, "KZT"),
			.operation = TEXT("op-rest"),
			.paid_on = s->today,
			.value_date = s->today };
	}
	job.now = s->now;
	job.today = s->today;
	assert_false(book_commit(s->book, &job, err));
	assert_int_equal(job.outcome, JOB_FAILED);
}

/* A reader says what is wrong, and answers the next question. */
static void touch_by_reader(struct scene *s, enum touch touch, struct err *err)
{
	struct payment_view view;
	struct entry_row entry;
	struct event_row events[64];
	struct account_row accounts[64];
	struct reader_page page = { .limit = COUNT(events) };
	int64_t number;

	payment_view_init(&view);
	if (touch == TOUCH_VIEW) {
		assert_int_equal(reader_payment(s->reader, 4, READER_LATEST, &view, err),
			READER_FAILED);
	} else if (touch == TOUCH_ENTRY) {
		assert_int_equal(reader_entry(s->reader, 2, &entry, err), READER_FAILED);
	} else if (touch == TOUCH_EVENTS) {
		assert_false(reader_events(s->reader, 1, &page, events, err));
	}
	payment_view_done(&view);
	page.after = 0;
	assert_true(reader_overdue(s->reader, s->now, &page, &number, NULL));
	assert_true(reader_accounts(s->reader, &page, accounts, NULL));
}

static void expect_later(struct scene *s, const struct later_damage *d, const char *code)
{
	static const char *const ends[] = { "-wal", "-shm" };
	struct err err = { 0 };
	char path[128];

	reader_close(&s->reader);
	book_close(&s->book);
	(void)snprintf(path, sizeof(path), "%s/whole.db", s->folder);
	copy_file(s->path, path);
	damage(s->path, d->sql);
	scene_reopen(s);
	if (d->touch < TOUCH_VIEW) {
		touch_by_job(s, d->touch, code, &err);
	} else {
		touch_by_reader(s, d->touch, &err);
	}
	if (strstr(err.message, d->found) == NULL) {
		fail_msg("%s: \"%s\" is not in \"%s\"", d->sql, d->found, err.message);
	}
	reader_close(&s->reader);
	book_close(&s->book);
	copy_file(path, s->path);
	(void)remove(path);
	for (size_t i = 0; i < COUNT(ends); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		(void)remove(path);
	}
	scene_reopen(s);
}

static void expect_later_all(struct scene *s, const struct later_damage *damages, size_t count)
{
	struct job part = { 0 };
	struct payment_view view;

	assert_int_equal(scene_money(s, &part, 4, 400, "op-part"), JOB_DONE);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, 4, READER_LATEST, &view, NULL), READER_FOUND);
	for (size_t i = 0; i < count; i++) {
		expect_later(s, &damages[i], view.code);
	}
	payment_view_done(&view);
}

#define LAST_STEP " WHERE record = (SELECT max(record) FROM payment_change WHERE payment = 4)"

static void a_damaged_payment_fails_the_batch(void **state)
{
	static const struct later_damage damages[] = {
		{ TOUCH_ASK, "UPDATE attempt SET number = 66; UPDATE attempt_step SET attempt = 66",
			"table attempt, row 65: is missing" },
		{ TOUCH_ASK, "DELETE FROM attempt_step",
			"table attempt, row 65: its last step's state is not what it must be" },
		{ TOUCH_ASK, "UPDATE attempt SET gateway = 3",
			"table attempt, row 65: gateway is not what it must be" },
		{ TOUCH_ASK, "UPDATE attempt_step SET captured = 9223372036854775807",
			"table attempt, row 65: its last step's captured is not what it must be" },
		{ TOUCH_ASK, "UPDATE payment_change SET state = 9" LAST_STEP,
			"table payment, row 4: its last step's state is not what it must be" },
		{ TOUCH_ASK, "UPDATE payment_change SET paid = 5" LAST_STEP,
			"table payment, row 4: its last step's paid is not what its state says" },
		{ TOUCH_ASK, "UPDATE payment_change SET state = 2" LAST_STEP,
			"table payment, row 4: its last step's paid is not what its state says" },
		{ TOUCH_ASK, "UPDATE payment_change SET record = 99999" LAST_STEP,
			"table payment, row 4: its last step's record is not what it must be" },
		{ TOUCH_ASK, "UPDATE payment SET client = 900 WHERE number = 4",
			"table payment, row 4: client is not what it must be" },
		{ TOUCH_ASK, "UPDATE payment SET client = 2000000000 WHERE number = 4",
			"table payment, row 4: client is not what it must be" },
		{ TOUCH_ASK,
			"UPDATE payment SET service = CAST(zeroblob(48) AS TEXT) WHERE number = 4",
			"table payment, row 4: its calculation's service is not what it must be" },
		{ TOUCH_ASK, "UPDATE payment SET currency = 'KZX' WHERE number = 4",
			"table payment, row 4: its calculation's currency is unknown" },
		{ TOUCH_ASK, "UPDATE payment SET gross = gross + 1 WHERE number = 4",
			"table payment, row 4: its calculation's due is not gross less relief" },
		{ TOUCH_ASK, "UPDATE payment SET valid_until = valid_from WHERE number = 4",
			"table payment, row 4: its calculation's days end before they begin" },
		{ TOUCH_REPEAT, "UPDATE payment SET fingerprint = x'00'",
			"fingerprint is not what it must be" },
	};

	expect_later_all(*state, damages, COUNT(damages));
}

static void damaged_parts_fail_the_batch(void **state)
{
	static const struct later_damage damages[] = {
		{ TOUCH_PAY, "UPDATE payment_change SET held = 401" LAST_STEP,
			"table payment, row 4: held is more than its parts" },
		{ TOUCH_PAY, "UPDATE suspense SET amount = amount + 1 WHERE payment = 4",
			"table payment, row 4: held is less than its parts" },
		{ TOUCH_PAY, "DELETE FROM suspense WHERE payment = 4",
			"table payment, row 4: held is more than its parts" },
		{ TOUCH_PAY,
			"INSERT INTO suspense SELECT 90, entry, 4, account, 9223372036854775807, 1, 0 "
			"FROM suspense WHERE payment = 4",
			"integer overflow" },
		{ TOUCH_PAY, "UPDATE suspense SET amount = -400 WHERE payment = 4",
			": amount is not what it must be" },
		{ TOUCH_PAY, "UPDATE suspense SET account = 99 WHERE payment = 4",
			": account 99 is unknown" },
	};

	expect_later_all(*state, damages, COUNT(damages));
}

/* The writer remembers the attempt; its steps say otherwise by now. */
static void a_total_that_no_step_reached_fails_the_batch(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-5", DUE, order);
	struct job job = { .kind = JOB_VERDICT,
		.now = s->now,
		.today = s->today,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = ATTEMPT_DONE,
			.amount = money_of(DUE, "KZT"),
			.cumulative = true,
			.paid_on = s->today,
			.value_date = s->today } };
	struct err err = { 0 };

	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(scene_do(s, &job), JOB_REPEATED);
	damage(s->path, "UPDATE attempt_step SET captured = 0");
	assert_false(book_commit(s->book, &job, &err));
	assert_int_equal(payment, 5);
	assert_non_null(strstr(err.message, "table attempt, row 81: no step reached the total"));
}

static void damaged_rows_fail_the_answer(void **state)
{
	static const struct later_damage damages[] = {
		{ TOUCH_VIEW, "UPDATE payment SET tariff = x'00' WHERE number = 4",
			"table payment, row 4: its calculation's tariff is not what it must be" },
		{ TOUCH_VIEW, "UPDATE payment SET currency = 'KZX' WHERE number = 4",
			"table payment, row 4: its currency is unknown" },
		{ TOUCH_VIEW, "UPDATE payment_change SET state = 6" LAST_STEP,
			"table payment, row 4: its step's state is not what it must be" },
		{ TOUCH_VIEW, "UPDATE payment SET day = 2000000000 WHERE number = 4",
			"table payment, row 4: its calculation's day is not what it must be" },
		{ TOUCH_VIEW, "UPDATE attempt SET currency = 'KZX'",
			"table attempt, row 65: its currency is unknown" },
		{ TOUCH_VIEW, "UPDATE attempt SET order_number = '0123456789012345'",
			"table attempt, row 65: order_number is not what it must be" },
		{ TOUCH_VIEW, "UPDATE attempt_step SET paid_on = 2000000000",
			"table attempt, row 65: its step's paid_on is not what it must be" },
		{ TOUCH_ENTRY, "UPDATE entry SET cause = 9 WHERE number = 2",
			"table entry, row 2: cause is not what it must be" },
		{ TOUCH_ENTRY, "UPDATE entry SET paid_on = 2000000000 WHERE number = 2",
			"table entry, row 2: paid_on is not what it must be" },
		{ TOUCH_EVENTS, "UPDATE event SET type = 30 WHERE number = 2",
			"table event, row 2: type is not what it must be" },
	};

	expect_later_all(*state, damages, COUNT(damages));
}

static void what_is_no_book_is_refused(void **state)
{
	struct scene *s = *state;
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/other.db", s->folder);
	file = fopen(path, "wb");
	assert_non_null(file);
	for (int i = 0; i < RECORDS_PER_TILE; i++) {
		assert_true(fputs("This is a text, and a long one. ", file) >= 0);
	}
	assert_int_equal(fclose(file), 0);
	expect_refused(s, path, "file is not a database");
	(void)remove(path);
	damage(path, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	expect_refused(s, path, "a database, and not a book");
	(void)remove(path);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, open_used_scene, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(damaged_money_is_refused),
		SCENE_TEST(damaged_records_are_refused),
		SCENE_TEST(damaged_names_and_keys_are_refused),
		SCENE_TEST(a_damaged_tree_is_refused),
		SCENE_TEST(a_damaged_payment_fails_the_batch),
		SCENE_TEST(damaged_parts_fail_the_batch),
		SCENE_TEST(a_total_that_no_step_reached_fails_the_batch),
		SCENE_TEST(damaged_rows_fail_the_answer),
		SCENE_TEST(what_is_no_book_is_refused),
	};

	return cmocka_run_group_tests_name("ledger/load", tests, NULL, NULL);
}
