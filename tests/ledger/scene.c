/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ledger/scene.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/alym_test.h"

static bool scene_seed_of(void *context, const uint8_t public[NOTE_PUBLIC_SIZE],
	uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	const struct scene *s = context;

	assert_non_null(public);
	memset(seed, s->later_seed, NOTE_SEED_SIZE);
	return s->later_seed != 0 || err_set(err, ERR_INPUT, "the key's file is gone");
}

bool scene_open_book(struct scene *s, struct err *err)
{
	struct book_options options = { .path = s->path,
		.origin = "test/book",
		.seed_of = scene_seed_of,
		.context = s,
		.almaty = s->almaty,
		.now = s->now,
		.keys_window = s->keys_window,
		.cards_max = s->cards_max,
		.head = s->head[0] != '\0' ? s->head : NULL };

	memset(options.seed, 7, sizeof(options.seed));
	for (size_t i = 0; i < sizeof(options.random); i++) {
		options.random[i] = (uint8_t)(i * 5 + 1);
	}
	return book_open(&options, &s->book, err);
}

static void scene_begin(struct scene *s)
{
	struct err err = { 0 };

	if (!scene_open_book(s, &err) || !reader_open(s->path, NULL, &s->reader, &err)) {
		fail_msg("%s", err.message);
	}
}

static void scene_name(struct scene *s, const char *name, bool gateway)
{
	struct job job = { .kind = JOB_NAME,
		.u.name = { .name = text_of(name), .gateway = gateway } };

	assert_int_equal(scene_do(s, &job), JOB_DONE);
}

void scene_open(struct scene *s)
{
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/alym-scene-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(s->path, sizeof(s->path), "%s/book.db", s->folder);
	s->now = SCENE_NOW;
	s->today = SCENE_DAY;
	scene_begin(s);
	scene_name(s, "portal", false);
	scene_name(s, "sandbox", true);
	scene_name(s, "other", true);
}

void scene_reopen(struct scene *s)
{
	reader_close(&s->reader);
	book_close(&s->book);
	scene_begin(s);
}

void scene_close(struct scene *s)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".copy", ".head" };

	reader_close(&s->reader);
	book_close(&s->book);
	for (size_t i = 0; i < COUNT(ends); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(s->folder);
}

int scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	scene_open(s);
	*state = s;
	return 0;
}

int scene_teardown(void **state)
{
	scene_close(*state);
	free(*state);
	return 0;
}

enum job_outcome scene_do(struct scene *s, struct job *job)
{
	struct err err = { 0 };

	job->now = s->now;
	job->today = s->today;
	job->next = NULL;
	if (!book_commit(s->book, job, &err)) {
		print_message("commit: %s\n", err.message);
	}
	return job->outcome;
}

void scene_create_job(struct scene *s, struct job *job, const char *reference, const char *key,
	int64_t due)
{
	struct money money = money_of(due, "KZT");

	*job = (struct job){ .kind = JOB_CREATE };
	job->u.create = (struct job_create){
		.request = { .client = 1, .route = ROUTE_CREATE, .key = text_of(key) },
		.reference = text_of(reference),
		.quote_request = TEXT("{\"service\":\"visa.multiple\"}"),
		.expires_at = s->now + 86400,
		.calculation = { .version = 1,
			.day = s->today,
			.valid_from = SCENE_DAY - 59,
			.valid_until = SCENE_DAY - 59 + 365,
			.gross = money,
			.due = money,
			.relief = money_of(0, "KZT"),
			.service = TEXT("visa.multiple"),
			.kbk = TEXT("108126"),
			.rows = TEXT("mrp-2026") },
	};
	job->u.create.salt[0] = s->salt++;
}

int64_t scene_create(struct scene *s, const char *reference, int64_t due)
{
	struct job job;

	scene_create_job(s, &job, reference, reference, due);
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	return job.payment;
}

int64_t scene_order(struct scene *s, const char *reference, int64_t due, char order[JOB_ORDER_SIZE])
{
	struct payment_view view;
	struct job job;

	scene_create_job(s, &job, reference, reference, due);
	job.u.create.has_order = true;
	job.u.create.order = (struct job_order){ .gateway = 1,
		.rule = { .digits_min = 1, .digits_max = JOB_ORDER_SIZE - 1 },
		.expires_at = s->now + 86400,
		.return_url = TEXT("https://example.kz/"),
		.language = TEXT("kk") };
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, job.payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_int_equal(view.attempt_count, 1);
	memcpy(order, view.attempts[0].order, JOB_ORDER_SIZE);
	payment_view_done(&view);
	return job.payment;
}

enum job_outcome scene_verdict(struct scene *s, struct job *job, const char *order,
	enum attempt_event event)
{
	*job = (struct job){ .kind = JOB_VERDICT,
		.u.verdict = { .gateway = 1,
			.order = text_of(order),
			.event = event,
			.amount = { 0, "KZT" },
			.paid_on = s->today,
			.value_date = s->today } };
	job->u.verdict.salt[0] = s->salt++;
	return scene_do(s, job);
}

enum job_outcome scene_money(struct scene *s, struct job *job, int64_t payment, int64_t amount,
	const char *operation)
{
	struct payment_view view;
	enum job_outcome outcome;

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	job->kind = JOB_VERDICT;
	job->u.verdict.gateway = job->u.verdict.gateway == 0 ? 1 : job->u.verdict.gateway;
	job->u.verdict.code = text_of(view.code);
	job->u.verdict.event = ATTEMPT_DONE;
	if (job->u.verdict.amount.currency[0] == '\0') {
		job->u.verdict.amount = money_of(amount, "KZT");
	}
	job->u.verdict.operation = text_of(operation);
	if (job->u.verdict.paid_on == 0) {
		job->u.verdict.paid_on = s->today;
		job->u.verdict.value_date = s->today;
	}
	job->u.verdict.evidence = TEXT("signed bytes");
	job->u.verdict.salt[0] = s->salt++;
	outcome = scene_do(s, job);
	payment_view_done(&view);
	return outcome;
}

const char *scene_entry(struct scene *s, int64_t number)
{
	static char text[1024];
	struct entry_row row;
	size_t size = 0;

	text[0] = '\0';
	if (reader_entry(s->reader, number, &row, NULL) != READER_FOUND) {
		return "none";
	}
	for (size_t i = 0; i < row.posting_count; i++) {
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%s %lld",
			i > 0 ? "; " : "", row.postings[i].account,
			(long long)row.postings[i].amount.minor);
	}
	return text;
}

const char *scene_state(struct scene *s, int64_t payment)
{
	struct payment_view view;
	const char *name;

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	name = payment_state_name(view.state);
	payment_view_done(&view);
	return name;
}

int64_t scene_balance(struct scene *s, const char *account)
{
	struct account_row rows[64];
	struct reader_page page = { .limit = COUNT(rows) };

	do {
		assert_true(reader_accounts(s->reader, &page, rows, NULL));
		for (size_t i = 0; i < page.count; i++) {
			if (strcmp(rows[i].name, account) == 0) {
				return rows[i].debit - rows[i].credit;
			}
			page.after = rows[i].account;
		}
	} while (page.count == COUNT(rows));
	return 0;
}

void scene_retire(struct scene *s)
{
	book_close(&s->book);
}

static void scene_sql(sqlite3 *db, const char *format, ...)
{
	va_list values;
	char *sql;

	va_start(values, format);
	sql = sqlite3_vmprintf(format, values);
	va_end(values);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fail_msg("%s: %s", sqlite3_errmsg(db), sql);
	}
	sqlite3_free(sql);
}

static void scene_post(sqlite3 *db, int line, const struct scene_posting *p, const int32_t days[2])
{
	int64_t debit = p->amount > 0 ? p->amount : 0;
	int64_t credit = p->amount < 0 ? -p->amount : 0;

	scene_sql(db,
		"INSERT INTO account (number, name, type, currency)"
		" SELECT (SELECT coalesce(max(number), 0) + 1 FROM account), %Q, 0, 'KZT'"
		" WHERE NOT EXISTS (SELECT 1 FROM account WHERE name = %Q)",
		p->account, p->account);
	scene_sql(db,
		"INSERT INTO posting (entry, line, account, amount, prev)"
		" SELECT (SELECT coalesce(max(number), 0) + 1 FROM entry), %d, number, %lld,"
		" coalesce((SELECT last_entry FROM balance WHERE account = number), 0)"
		" FROM account WHERE name = %Q AND currency = 'KZT'",
		line, (long long)p->amount, p->account);
	for (int axis = 0; axis < 2; axis++) {
		scene_sql(db,
			"INSERT INTO day_sum (account, axis, day, debit, credit)"
			" SELECT number, %d, %d, %lld, %lld FROM account"
			" WHERE name = %Q AND currency = 'KZT'"
			" ON CONFLICT DO UPDATE SET debit = debit + excluded.debit,"
			" credit = credit + excluded.credit",
			axis, (int)days[axis], (long long)debit, (long long)credit, p->account);
	}
	scene_sql(db,
		"INSERT INTO balance (account, debit, credit, last_entry)"
		" SELECT number, %lld, %lld, (SELECT coalesce(max(number), 0) + 1 FROM entry)"
		" FROM account WHERE name = %Q AND currency = 'KZT'"
		" ON CONFLICT DO UPDATE SET debit = debit + excluded.debit,"
		" credit = credit + excluded.credit, last_entry = excluded.last_entry",
		(long long)debit, (long long)credit, p->account);
}

int64_t scene_inscribe(struct scene *s, int64_t payment, int32_t value_date,
	const struct scene_posting *postings)
{
	const int32_t days[2] = { s->today, value_date };
	struct reader_figures figures;
	int lines = 0;
	sqlite3 *db;

	assert_null(s->book);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	scene_sql(db, "BEGIN");
	scene_sql(db,
		"INSERT INTO record (number, kind, booked_at, leaf)"
		" SELECT max(number) + 1, 8, %lld, x'7b7d' FROM record",
		(long long)s->now);
	for (; postings[lines].amount != 0; lines++) {
		scene_post(db, lines + 1, &postings[lines], days);
	}
	scene_sql(db,
		"INSERT INTO entry (number, record, payment, attempt, cause, gateway, operation,"
		" operation_key, booked_at, booked_day, value_date, paid_on, lines)"
		" SELECT (SELECT coalesce(max(number), 0) + 1 FROM entry), max(number), %lld, 0, 1,"
		" 0, '', x'', %lld, %d, %d, %d, %d FROM record",
		(long long)payment, (long long)s->now, (int)s->today, (int)value_date,
		(int)value_date, lines);
	scene_sql(db, "COMMIT");
	(void)sqlite3_close(db);
	assert_true(reader_figures(s->reader, &figures, NULL));
	return figures.records;
}
