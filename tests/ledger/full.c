/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ledger/full.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/digest.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"

enum { FULL_CROWD = 230, FULL_DUE = 1000 };

#define FULL_RATES "[{\"currency\":\"USD\",\"quant\":\"1\",\"rate\":\"473.59\"}]"
#define FULL_OTHER "[{\"currency\":\"USD\",\"quant\":\"1\",\"rate\":\"474\"}]"

void full_copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb");
	FILE *out = fopen(to, "wb");
	char chunk[4096];
	size_t size;

	assert_non_null(in);
	assert_non_null(out);
	while ((size = fread(chunk, 1, sizeof(chunk), in)) > 0) {
		assert_int_equal(fwrite(chunk, 1, size, out), size);
	}
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

static void full_done(struct scene *s, struct job *job)
{
	job->now = s->now;
	assert_int_equal(scene_do(s, job), JOB_DONE);
}

/* ---- what is taken into use ---- */

static void full_tariff(struct scene *s, const char *bytes)
{
	const struct job_tariff_file files[] = {
		{ .name = "mrp.xml", .bytes = text_of(bytes) },
		{ .name = "visa.xml", .bytes = TEXT("<visa/>") },
	};
	const struct job_actor actor = { .uid = 1000, .client = 1 };
	struct job job = { .kind = JOB_TARIFF,
		.u.tariff = { .files = files,
			.count = COUNT(files),
			.reason = TEXT("a \"change\" of law\n"),
			.activated_by = &actor,
			.proposed_by = &actor,
			.proposal = TEXT("because") } };
	struct digest *digest = digest_new();
	struct text parts[3 * COUNT(files)];
	char sizes[COUNT(files)][24];

	for (size_t i = 0; i < COUNT(files); i++) {
		int n = snprintf(sizes[i], sizeof(sizes[i]), "%zu", files[i].bytes.size);

		parts[3 * i] = (struct text){ files[i].name, strlen(files[i].name) + 1 };
		parts[3 * i + 1] = (struct text){ sizes[i], (size_t)n + 1 };
		parts[3 * i + 2] = files[i].bytes;
	}
	digest_of(digest, parts, COUNT(parts), job.u.tariff.digest);
	digest_free(&digest);
	full_done(s, &job);
}

static void full_rates(struct scene *s, const char *rates, struct text feed,
	uint8_t digest[DIGEST_SIZE])
{
	struct job job = { .kind = JOB_RATES,
		.u.rates = { .day = s->today,
			.feed = feed,
			.rates = text_of(rates),
			.source = TEXT("imported"),
			.reason = TEXT("the day's list"),
			.replace = true } };
	struct digest *hash = digest_new();

	digest_of(hash, &feed, 1, job.u.rates.digest);
	memcpy(digest, job.u.rates.digest, DIGEST_SIZE);
	digest_free(&hash);
	full_done(s, &job);
}

static int64_t full_entry_last(struct scene *s)
{
	struct entry_filter filter = { .day_from = DATE_NONE,
		.day_until = DATE_NONE,
		.as_of = READER_LATEST };
	struct reader_page page = { .limit = 100 };
	int64_t numbers[100];

	assert_int_equal(reader_entries(s->reader, &filter, &page, numbers, NULL), READER_FOUND);
	return numbers[page.count - 1];
}

/* ---- payments ---- */

/* What is private of them names the quote's hash: so that it can be looked at. */
static int64_t full_create(struct scene *s, const char *reference, int64_t gross, int64_t relief)
{
	struct job job;
	char key[32];

	(void)snprintf(key, sizeof(key), "%s/%d", reference, s->salt);
	scene_create_job(s, &job, reference, key, gross);
	job.u.create.payer = TEXT("{\"iin\":\"900401300018\"}");
	job.u.create.calculation.relief = money_of(relief, "KZT");
	job.u.create.calculation.due = money_of(gross - relief, "KZT");
	job.u.create.calculation.ground = relief > 0 ? TEXT("investor") : TEXT("");
	job.u.create.calculation.quote[3] = s->salt;
	full_done(s, &job);
	return job.payment;
}

static void full_money(struct scene *s, int64_t payment, int64_t amount, const char *operation,
	int32_t gateway)
{
	struct job job = { .u.verdict.gateway = gateway };

	assert_int_equal(scene_money(s, &job, payment, amount, operation), JOB_DONE);
}

static void full_converted(struct scene *s, const uint8_t rates[DIGEST_SIZE])
{
	struct job job;

	scene_create_job(s, &job, "D-1", "D-1", FULL_DUE);
	job.u.create.calculation.conversion =
		(struct job_conversion){ .gross = money_of(499, "USD"),
			.rate = "473.59",
			.quant = 1 };
	memcpy(job.u.create.calculation.conversion.rates, rates, DIGEST_SIZE);
	full_done(s, &job);
	/* Another day, another due. */
	job = (struct job){ .kind = JOB_REQUOTE,
		.payment = job.payment,
		.u.requote.calculation = job.u.create.calculation };
	job.u.requote.calculation.due = money_of(FULL_DUE + 5, "KZT");
	job.u.requote.calculation.gross = money_of(FULL_DUE + 5, "KZT");
	job.u.requote.calculation.quote[5] = 1;
	full_done(s, &job);
}

static void full_reverse(struct scene *s, int64_t entry)
{
	struct job job = { .kind = JOB_REVERSE };
	char key[16];

	(void)snprintf(key, sizeof(key), "r-%d", (int)entry);
	job.u.reverse = (struct job_reverse){
		.request = { .client = 1, .route = ROUTE_REVERSE, .key = text_of(key) },
		.actor = { .uid = 1000, .client = 1 },
		.reason = TEXT("booked by mistake"),
		.entry = entry,
	};
	full_done(s, &job);
}

/* An order that is paid at the bank's page, with all that a bank says. */
static void full_ordered(struct scene *s)
{
	char order[JOB_ORDER_SIZE];
	int64_t payment = scene_order(s, "O-1", FULL_DUE, order);
	struct job job = { .kind = JOB_SEND, .attempt = payment * 16 + 1 };

	full_done(s, &job);
	job = (struct job){ .kind = JOB_VERDICT };
	job.u.verdict = (struct job_verdict){ .gateway = 1,
		.order = text_of(order),
		.event = ATTEMPT_PEND,
		.amount = { 0, "KZT" },
		.handle = TEXT("session-4711"),
		.page = TEXT("{\"url\":\"https://bank.example/pay\"}"),
		.evidence = TEXT("HTTP/1.1 200"),
		.paid_on = s->today,
		.value_date = s->today };
	full_done(s, &job);
	job.u.verdict.event = ATTEMPT_DONE;
	job.u.verdict.amount = money_of(FULL_DUE, "KZT");
	job.u.verdict.operation = TEXT("bank-1");
	job.u.verdict.reason = TEXT("approved");
	job.u.verdict.handle = TEXT("session-4712");
	job.u.verdict.page = TEXT("");
	full_done(s, &job);
	full_reverse(s, full_entry_last(s)); /* and the attempt is released */
}

/* Orders whose numbers say the day; the last stays open. */
static void full_daily(struct scene *s, const char *letter)
{
	for (int i = 0; i < 2; i++) {
		struct job job;
		char reference[8];

		(void)snprintf(reference, sizeof(reference), "%s-%d", letter, i);
		scene_create_job(s, &job, reference, reference, FULL_DUE);
		job.u.create.has_order = true;
		job.u.create.order = (struct job_order){ .gateway = 2,
			.rule = { .digits_min = 1, .digits_max = 15, .suffix_daily = 6 },
			.expires_at = s->now + 86400,
			.return_url = TEXT("https://visa.example/back"),
			.language = TEXT("ru") };
		full_done(s, &job);
	}
}

static void full_change(struct scene *s, enum job_kind kind, int64_t payment, const char *key)
{
	struct job job = { .kind = kind, .payment = payment };
	struct job_request request = { .client = 1, .key = text_of(key) };

	if (kind == JOB_CANCEL) {
		request.route = ROUTE_CANCEL;
		job.u.cancel = (struct job_cancel){ .request = request,
			.reason = TEXT("changed their mind") };
	} else if (kind == JOB_FULFIL) {
		request.route = ROUTE_FULFIL;
		job.u.fulfil = (struct job_fulfil){ .request = request,
			.performed = true,
			.document = TEXT("visa 17") };
	} else if (kind == JOB_ERASE) {
		request.route = ROUTE_ERASE;
		job.u.erase = (struct job_erase){ .request = request,
			.reason = TEXT("asked for"),
			.order = TEXT("court order 1"),
			.actor = { .uid = 1000, .client = 1 },
			.force = true };
	}
	full_done(s, &job);
}

static void full_evidence(struct scene *s)
{
	struct job job = { .kind = JOB_KEEP };

	job.u.keep = (struct job_keep){ .gateway = 1,
		.peer = TEXT("192.0.2.1"),
		.head = TEXT("POST /"),
		.body = TEXT("register 4711") };
	full_done(s, &job);
	job = (struct job){ .kind = JOB_EVIDENCE,
		.u.evidence = { .gateway = 1,
			.inbox = job.u.keep.inbox,
			.what = TEXT("register 4711") } };
	full_done(s, &job);
	job = (struct job){ .kind = JOB_KEEP };
	job.u.keep = (struct job_keep){ .gateway = 1, .head = TEXT("GET /"), .body = TEXT("x") };
	full_done(s, &job);
}

static void full_lives(struct scene *s)
{
	int64_t payment = full_create(s, "P-1", FULL_DUE, 0);

	full_money(s, payment, FULL_DUE, "op-1", 1);
	full_change(s, JOB_FULFIL, payment, "f-1");
	full_money(s, payment, FULL_DUE, "op-2", 1); /* a second time */
	payment = full_create(s, "P-2", FULL_DUE, 0);
	full_money(s, payment, 400, "op-3", 1);
	full_money(s, payment, 700, "op-4", 2); /* the rest, and more */
	payment = full_create(s, "P-3", FULL_DUE, 0);
	full_money(s, payment, 300, "op-5", 1); /* a part that stays */
	(void)full_create(s, "P-4", FULL_DUE, FULL_DUE);
	payment = full_create(s, "P-5", FULL_DUE, 0);
	full_change(s, JOB_CANCEL, payment, "c-1");
	(void)full_create(s, "P-5", FULL_DUE, 0); /* its reference again */
	payment = full_create(s, "P-6", FULL_DUE, 0);
	full_money(s, payment, FULL_DUE, "op-6", 1);
	full_change(s, JOB_ERASE, payment, "e-1");
	full_reverse(s, 2); /* the second payment of the first */
	full_reverse(s, 4); /* a capture that had taken a part out of suspense */
	full_reverse(s, 5); /* a part */
	full_reverse(s, 6); /* an exemption */
	full_ordered(s);
	full_daily(s, "T");
	full_evidence(s);
}

static void full_close(struct scene *s)
{
	struct job job = { .kind = JOB_CLOSE };

	job.u.close = (struct job_close){
		.request = { .client = 1, .route = ROUTE_CLOSE, .key = TEXT("close-1") },
		.actor = { .uid = 1000, .client = 1 },
		.reason = TEXT("all is reconciled"),
		.month = 202603,
	};
	full_done(s, &job);
}

/* Another key signs, and the first one with it for a while. */
static void full_rotate(struct scene *s)
{
	struct job job = { .kind = JOB_ROTATE };

	s->later_seed = FULL_LATER_BYTE;
	memset(job.u.rotate.seed, s->later_seed, sizeof(job.u.rotate.seed));
	job.u.rotate.reason = TEXT("a year is over");
	job.u.rotate.actor = (struct job_actor){ .uid = 1000, .client = 1 };
	job.u.rotate.overlap_s = 86400;
	full_done(s, &job);
}

/* The book is a copy that was put back. */
static void full_resume(struct scene *s)
{
	struct job job = { .kind = JOB_RESUME };
	sqlite3 *db = NULL;

	reader_close(&s->reader);
	book_close(&s->book);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO standing VALUES (1, 1)", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	scene_reopen(s);
	job.u.resume.reason = TEXT("the disk died");
	full_done(s, &job);
}

void full_crowd(struct scene *s, char letter, int count)
{
	char reference[16];

	for (int i = 0; i < count; i++) {
		(void)snprintf(reference, sizeof(reference), "%c-%d", letter, i);
		(void)full_create(s, reference, FULL_DUE, FULL_DUE);
	}
}

void full_build(struct scene *s)
{
	struct job checkpoint = { .kind = JOB_CHECKPOINT };
	struct job expire = { .kind = JOB_EXPIRE };
	struct job_forget forget = { .reason = TEXT("time"), .count = 1 };
	struct job forgotten = { .kind = JOB_FORGET, .u.forget = &forget };
	uint8_t rates[DIGEST_SIZE];

	full_tariff(s, "<mrp/>");
	full_rates(s, FULL_OTHER, TEXT("<rates>474</rates>"), rates);
	full_rates(s, FULL_RATES, TEXT("<rates>473.59</rates>"), rates);
	full_lives(s);
	full_converted(s, rates);
	full_tariff(s, "<mrp year=\"2026\"/>");
	full_done(s, &checkpoint);
	expire.payment = full_create(s, "X-1", FULL_DUE, 0);
	full_crowd(s, 'C', FULL_CROWD);
	s->now += INT64_C(32) * 86400;
	s->today += 32;
	full_done(s, &expire);
	full_close(s);
	full_money(s, full_create(s, "P-7", FULL_DUE, 0), FULL_DUE, "op-7", 1);
	full_rotate(s);
	/* The first payment's private data. */
	forget.rows[0] = (struct job_erased){ JOB_SOURCE_PRIVATE, 8 };
	full_done(s, &forgotten);
	full_resume(s);
	full_daily(s, "U");
	full_done(s, &checkpoint);
}
