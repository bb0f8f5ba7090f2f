/* SPDX-License-Identifier: Apache-2.0 */

/* What a legal order, or time, takes out of the book; and what stays. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

#define DAY       INT64_C(86400)
#define SECRET    "the payer's secret"
#define REFERENCE "R-SECRET"

/* ---- what is done ---- */

static struct job erase_job(int64_t payment, const char *key)
{
	struct job job = { .kind = JOB_ERASE, .payment = payment };

	job.u.erase = (struct job_erase){
		.request = { .client = 1, .route = ROUTE_ERASE, .key = text_of(key) },
		.reason = TEXT("asked for by the payer"),
		.order = TEXT("court order 2-1234/2026"),
		.actor = { .uid = 1000, .client = 1 },
	};
	return job;
}

static enum job_outcome erase(struct scene *s, struct job *job, int64_t payment, const char *key)
{
	*job = erase_job(payment, key);
	return scene_do(s, job);
}

static enum job_outcome fulfil(struct scene *s, int64_t payment, bool performed)
{
	struct job job = { .kind = JOB_FULFIL, .payment = payment };

	job.u.fulfil = (struct job_fulfil){
		.request = { .client = 1, .route = ROUTE_FULFIL, .key = TEXT("fulfil") },
		.performed = performed,
		.document = TEXT("passport of " SECRET),
	};
	return scene_do(s, &job);
}

/* A payment of somebody, paid with evidence that names them. */
static int64_t pay(struct scene *s)
{
	struct job job;
	int64_t payment;

	scene_create_job(s, &job, REFERENCE, "create", 1000);
	job.u.create.payer = TEXT("{\"name\":\"" SECRET "\"}");
	memset(job.u.create.salt, 'S', sizeof(job.u.create.salt));
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	payment = job.payment;
	job = (struct job){ .kind = JOB_VERDICT };
	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	return payment;
}

/* ---- what is there ---- */

static int64_t number(struct scene *s, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	int64_t found;

	assert_int_equal(sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	found = sqlite3_column_int64(row, 0);
	assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return found;
}

static void refused(struct scene *s, const char *sql, const char *expected)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_CONSTRAINT);
	assert_string_equal(why, expected);
	sqlite3_free(why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Whether the bytes stand anywhere in the book's file or its log. */
static bool stands(struct scene *s, const char *bytes)
{
	static const char *const ends[] = { "", "-wal" };
	bool found = false;

	for (size_t i = 0; i < COUNT(ends); i++) {
		char path[128];
		struct text file;
		FILE *f;
		long size;
		char *all;

		(void)snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		f = fopen(path, "rb");
		assert_non_null(f);
		assert_int_equal(fseek(f, 0, SEEK_END), 0);
		size = ftell(f);
		rewind(f);
		all = mem_new(1, (size_t)size + 1);
		assert_int_equal(fread(all, 1, (size_t)size, f), (size_t)size);
		(void)fclose(f);
		file = (struct text){ all, (size_t)size };
		for (size_t at = 0; at + strlen(bytes) <= file.size && !found; at++) {
			found = memcmp(all + at, bytes, strlen(bytes)) == 0;
		}
		free(all);
	}
	return found;
}

/* ---- by an order ---- */

static void what_was_private_is_gone_and_what_was_booked_stays(void **state)
{
	struct scene *s = *state;
	int64_t payment = pay(s);
	struct payment_view view;
	struct buffer leaf;
	struct job job;

	assert_int_equal(fulfil(s, payment, true), JOB_DONE);
	assert_true(stands(s, SECRET));
	assert_true(stands(s, "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"));
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
	/* The payment's and the fulfilment's private data, and the money's evidence. */
	assert_int_equal(job.u.erase.rows, 3);
	assert_int_equal(number(s, "SELECT count(*) FROM private"), 0);
	assert_int_equal(number(s, "SELECT count(*) FROM evidence"), 0);
	assert_false(stands(s, SECRET));
	assert_false(stands(s, REFERENCE));
	assert_false(stands(s, "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"));
	assert_false(stands(s, "signed bytes"));

	payment_view_init(&view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, &view, NULL),
		READER_FOUND);
	assert_true(view.erased);
	assert_int_equal(view.reference.size, 0);
	assert_int_equal(view.paid.minor, 1000);
	payment_view_done(&view);

	buffer_init(&leaf, 16384);
	assert_int_equal(reader_record(s->reader, job.record, &leaf, NULL), READER_FOUND);
	assert_non_null(strstr(leaf.bytes,
		"\"body\":{\"erased_by\":{\"client\":\"1\",\"uid\":\"1000\"},\"evidence\":[\"6\"],"
		"\"order\":\"court order 2-1234/2026\",\"payment\":\"1\",\"private\":[\"5\",\"7\"],"
		"\"reason\":\"asked for by the payer\""));
	buffer_done(&leaf);
	/* It is erased still after a restart. */
	scene_reopen(s);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_REPEATED);
	assert_int_equal(erase(s, &job, payment, "e-2"), JOB_ILLEGAL);
	assert_int_equal(job.u.erase.refusal, ERASE_GONE);
}

static void the_proof_of_an_erased_record_still_holds(void **state)
{
	struct scene *s = *state;
	int64_t payment = pay(s);
	int64_t record = 5; /* the payment's: a generation, a client and two gateways came before */
	struct tree_hash root[2];
	struct tree_proof proof;
	struct tree_proof after;
	struct job job;
	uint64_t size;

	assert_int_equal(number(s, "SELECT record FROM payment WHERE number = 1"), record);
	assert_int_equal(fulfil(s, payment, true), JOB_DONE);
	size = (uint64_t)number(s, "SELECT max(number) FROM record");
	assert_int_equal(reader_inclusion(s->reader, record, size, &root[0], &proof, NULL),
		READER_FOUND);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
	assert_int_equal(reader_inclusion(s->reader, record, size, &root[1], &after, NULL),
		READER_FOUND);
	assert_memory_equal(&root[0], &root[1], sizeof(root[0]));
	assert_int_equal(proof.count, after.count);
	assert_memory_equal(proof.hashes, after.hashes, proof.count * sizeof(*proof.hashes));
}

static void a_payment_that_can_still_be_paid_is_not_erased(void **state)
{
	struct scene *s = *state;
	int64_t payment = scene_create(s, "A-1", 1000);
	struct job job = { 0 };

	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_ILLEGAL);
	assert_int_equal(job.u.erase.refusal, ERASE_OPEN);
	job = (struct job){ 0 };
	assert_int_equal(scene_money(s, &job, payment, 400, "op-1"), JOB_DONE);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_ILLEGAL);
	assert_int_equal(job.u.erase.refusal, ERASE_OPEN);
	job = erase_job(payment, "e-1");
	job.u.erase.force = true;
	assert_int_equal(scene_do(s, &job), JOB_ILLEGAL);
	assert_int_equal(erase(s, &job, payment + 1, "e-1"), JOB_NOT_FOUND);
	assert_int_equal(number(s, "SELECT count(*) FROM private"), 1);
	assert_int_equal(number(s, "SELECT count(*) FROM erasure"), 0);
}

static void an_attempt_that_may_bring_money_is_waited_for(void **state)
{
	struct scene *s = *state;
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "A-1", 1000, order);
	struct job job = { .kind = JOB_VERDICT };

	assert_int_equal(scene_money(s, &job, payment, 1000, "op-1"), JOB_DONE);
	assert_int_equal(fulfil(s, payment, true), JOB_DONE);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_ILLEGAL);
	assert_int_equal(job.u.erase.refusal, ERASE_LIVE);
	job = (struct job){ .kind = JOB_SEND, .attempt = payment * 16 + 1 };
	/* It is paid already, so nothing is sent: the attempt is over. */
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(job.attempt_state, ATTEMPT_NOT_ATTEMPTED);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
}

/* Three years of 365 days and a leap day: 1096 days. */
static void a_duty_that_can_be_claimed_back_is_erased_by_force_only(void **state)
{
	struct scene *s = *state;
	int64_t payment = pay(s);
	struct job job;

	assert_int_equal(fulfil(s, payment, false), JOB_DONE);
	s->now += 1096 * DAY - 1;
	s->today += 1095;
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_ILLEGAL);
	assert_int_equal(job.u.erase.refusal, ERASE_REFUNDABLE);
	job = erase_job(payment, "e-1");
	job.u.erase.force = true;
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(number(s, "SELECT count(*) FROM private"), 0);
}

static void after_three_years_no_force_is_needed(void **state)
{
	struct scene *s = *state;
	int64_t payment = pay(s);
	struct job job;

	s->now += 1096 * DAY;
	s->today += 1096;
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
}

static void other_peoples_data_stays(void **state)
{
	struct scene *s = *state;
	int64_t payment = pay(s);
	struct job job = { 0 };
	int64_t other = scene_create(s, "OTHER", 500);

	assert_int_equal(scene_money(s, &job, other, 500, "op-2"), JOB_DONE);
	assert_int_equal(fulfil(s, payment, true), JOB_DONE);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
	assert_int_equal(number(s, "SELECT count(*) FROM private"), 1);
	assert_int_equal(number(s, "SELECT count(*) FROM evidence"), 1);
	assert_true(stands(s, "OTHER"));
}

static void rows_go_by_an_erasure_only(void **state)
{
	struct scene *s = *state;
	struct job job;
	int64_t payment = pay(s);

	refused(s, "DELETE FROM private", "private: rows go by an erasure only");
	refused(s, "DELETE FROM evidence", "evidence: rows go by an erasure only");
	refused(s, "UPDATE private SET data = x'00'", "private: rows never change");
	refused(s, "UPDATE evidence SET salt = salt", "evidence: rows never change");
	assert_int_equal(fulfil(s, payment, true), JOB_DONE);
	assert_int_equal(erase(s, &job, payment, "e-1"), JOB_DONE);
	refused(s, "DELETE FROM erasure", "erasure: rows are never deleted");
	refused(s, "DELETE FROM erased", "erased: rows are never deleted");
	refused(s, "UPDATE erasure SET reason = 'x'", "erasure: rows never change");
	refused(s, "UPDATE erased SET erasure = 1", "erased: rows never change");
	refused(s, "INSERT OR REPLACE INTO erasure SELECT * FROM erasure",
		"erasure: rows are never replaced");
	refused(s, "INSERT OR REPLACE INTO erased SELECT * FROM erased",
		"erased: rows are never replaced");
}

/* ---- by time ---- */

/* What is over before `until`, erased; so many rows. */
static size_t forget(struct scene *s, enum job_source source, int64_t until)
{
	struct reader_page page = { .limit = 100 };
	struct job_forget forget = { .reason = TEXT("[retention]") };
	struct job job = { .kind = JOB_FORGET, .u.forget = &forget };

	assert_true(reader_retention(s->reader, source, until, &page, forget.rows, NULL));
	assert_int_equal(page.next, 0);
	forget.count = page.count;
	assert_int_equal(scene_do(s, &job), page.count > 0 ? JOB_DONE : JOB_REPEATED);
	assert_int_equal(forget.count, page.count);
	return page.count;
}

static void time_takes_what_ended_before_it(void **state)
{
	struct scene *s = *state;
	int64_t paid_at = s->now;
	struct job job = { 0 };
	int64_t open;

	(void)pay(s);
	open = scene_create(s, "OPEN", 700);
	assert_int_equal(forget(s, JOB_SOURCE_PRIVATE, paid_at), 0);
	assert_int_equal(forget(s, JOB_SOURCE_EVIDENCE, paid_at), 0);
	s->now += 10 * DAY;
	s->today += 10;
	/* The open payment is not over, however old it is. */
	assert_int_equal(forget(s, JOB_SOURCE_PRIVATE, paid_at + 1), 1);
	assert_int_equal(forget(s, JOB_SOURCE_EVIDENCE, paid_at + 1), 1);
	assert_false(stands(s, SECRET));
	assert_false(stands(s, "signed bytes"));
	assert_int_equal(scene_money(s, &job, open, 700, "op-2"), JOB_DONE);
	/* It ended now, though it was made before. */
	assert_int_equal(forget(s, JOB_SOURCE_PRIVATE, paid_at + 1), 0);
	assert_int_equal(forget(s, JOB_SOURCE_PRIVATE, s->now + 1), 1);
	assert_int_equal(number(s, "SELECT count(*) FROM erasure WHERE payment = 0"), 3);
}

static void what_went_meanwhile_does_not_go_again(void **state)
{
	struct scene *s = *state;
	struct job_forget rows = { .reason = TEXT("r"), .count = 2 };
	struct job job = { .kind = JOB_FORGET, .u.forget = &rows };

	(void)pay(s);
	rows.rows[0] = (struct job_erased){ JOB_SOURCE_PRIVATE, 5 };
	rows.rows[1] = (struct job_erased){ JOB_SOURCE_EVIDENCE, 5 };
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(rows.count, 1);
	assert_int_equal(scene_do(s, &job), JOB_REPEATED);
	assert_int_equal(number(s, "SELECT count(*) FROM erased"), 1);
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE_TEST(what_was_private_is_gone_and_what_was_booked_stays),
		SCENE_TEST(the_proof_of_an_erased_record_still_holds),
		SCENE_TEST(a_payment_that_can_still_be_paid_is_not_erased),
		SCENE_TEST(an_attempt_that_may_bring_money_is_waited_for),
		SCENE_TEST(a_duty_that_can_be_claimed_back_is_erased_by_force_only),
		SCENE_TEST(after_three_years_no_force_is_needed),
		SCENE_TEST(other_peoples_data_stays),
		SCENE_TEST(rows_go_by_an_erasure_only),
		SCENE_TEST(time_takes_what_ended_before_it),
		SCENE_TEST(what_went_meanwhile_does_not_go_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
