/* SPDX-License-Identifier: Apache-2.0 */

/* Copies, books that were put back, and how they go on. */
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/check.h"
#include "ledger/copy.h"
#include "ledger/verify.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"
#include "tests/ledger/full.h"
#include "tests/ledger/scene.h"

enum { FILE_MAX = 8 << 20, DUE = 1000, TOLD_MAX = 1 << 16 };

static int open_scene(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	scene_open(s);
	(void)snprintf(s->head, sizeof(s->head), "%s.head", s->path);
	scene_reopen(s);
	*state = s;
	return 0;
}

static void copy_path(const struct scene *s, char path[128])
{
	(void)snprintf(path, 128, "%s.copy", s->path);
}

static enum job_outcome checkpoint(struct scene *s, char note[NOTE_TEXT_SIZE])
{
	struct job job = { .kind = JOB_CHECKPOINT };
	enum job_outcome outcome = scene_do(s, &job);

	if (note != NULL) {
		memcpy(note, job.u.checkpoint.note, NOTE_TEXT_SIZE);
	}
	return outcome;
}

static void keep_bytes(const char *from, const char *to)
{
	char *bytes = malloc(FILE_MAX);
	FILE *file = fopen(from, "rb");
	size_t size = fread(bytes, 1, FILE_MAX, file);

	assert_true(size > 0 && size < FILE_MAX);
	(void)fclose(file);
	file = fopen(to, "wb");
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	(void)fclose(file);
	free(bytes);
}

/* Copies the book as the writer's thread would; `between` writes while it does. */
static void back_up(struct scene *s, struct copy_progress *progress, int between)
{
	char kept[128];
	char made[160];
	struct copy *copy;
	int slices = 0;

	copy_path(s, kept);
	(void)snprintf(made, sizeof(made), "%s.made", kept);
	(void)checkpoint(s, NULL); /* the newest may be there already */
	copy = copy_new(made, s->now);
	while (book_copy(s->book, copy)) {
		char reference[16];

		(void)snprintf(reference, sizeof(reference), "B-%d", slices);
		if (slices++ < between) {
			(void)scene_create(s, reference, DUE);
		}
	}
	while (!copy_is_free(copy)) {
		(void)sched_yield();
	}
	copy_progress(copy, progress);
	if (progress->state == COPY_READY) {
		keep_bytes(made, kept);
	}
	copy_free(&copy);
	assert_int_not_equal(access(made, F_OK), 0);
}

static void put_back(struct scene *s, const char *from)
{
	static const char *const ends[] = { "-wal", "-shm" };
	char path[128];

	reader_close(&s->reader);
	book_close(&s->book);
	for (size_t i = 0; i < COUNT(ends); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		(void)unlink(path);
	}
	keep_bytes(from, s->path);
	scene_reopen(s);
}

static void restore(struct scene *s)
{
	char path[128];

	copy_path(s, path);
	put_back(s, path);
}

static enum book_standing standing(struct scene *s)
{
	char why[BOOK_WHY_SIZE];

	return book_standing(s->book, why);
}

static enum job_outcome resume(struct scene *s, struct job *job, const char *note)
{
	*job = (struct job){ .kind = JOB_RESUME };
	job->u.resume.reason = TEXT("the disk died");
	job->u.resume.note = text_of(note);
	return scene_do(s, job);
}

static void view_of(struct scene *s, int64_t payment, struct payment_view *view)
{
	payment_view_init(view);
	assert_int_equal(reader_payment(s->reader, payment, READER_LATEST, view, NULL),
		READER_FOUND);
}

/* ---- copies ---- */

static void a_copy_made_while_the_book_is_written_is_whole(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;

	for (int i = 0; i < 40; i++) {
		char reference[16];

		(void)snprintf(reference, sizeof(reference), "A-%d", i);
		(void)scene_create(s, reference, DUE);
	}
	back_up(s, &progress, 3);
	assert_string_equal(progress.why, "");
	assert_int_equal(progress.state, COPY_READY);
	assert_int_equal(standing(s), BOOK_WRITES);
	restore(s);
	assert_int_equal(standing(s), BOOK_COPY);
	/* Names, 40 payments and the checkpoint at least; what came between the slices is in it. */
	assert_true(progress.result.records >= 1 + 3 + 40 + 1);
	assert_int_equal(progress.result.head.size, 1 + 3 + 40);
	assert_string_equal(scene_state(s, 40), "open");
}

static void a_copy_that_was_tampered_with_is_none(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct note_key *key = NULL;
	struct check_result result;
	uint8_t seed[NOTE_SEED_SIZE];
	struct err err = { 0 };
	struct keyring keys = { .count = 0 };
	struct check_options options = { .keys = &keys, .pages = true };
	char path[128];
	sqlite3 *db;

	back_up(s, &progress, 0);
	copy_path(s, path);
	memset(seed, 7, sizeof(seed));
	assert_true(note_key_new(seed, "any", &key, &err));
	options.path = path;
	keyring_add(&keys, note_key_public(key));
	assert_true(check_file(&options, &result, &err));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "DROP TRIGGER record_stays; UPDATE record SET leaf = "
				 "CAST(replace(CAST(leaf AS TEXT), 'portal', 'portil') AS BLOB) "
				 "WHERE number = 2",
				 NULL, NULL, NULL),
		SQLITE_OK);
	(void)sqlite3_close(db);
	assert_false(check_file(&options, &result, &err));
	assert_non_null(strstr(err.message, "is not what the checkpoint in the file says"));
	note_key_free(&key);
	memset(seed, 8, sizeof(seed));
	assert_true(note_key_new(seed, "any", &key, &err));
	keyring_done(&keys);
	keyring_add(&keys, note_key_public(key));
	assert_false(check_file(&options, &result, &err));
	assert_non_null(strstr(err.message, "not signed by this key"));
	keyring_done(&keys);
	note_key_free(&key);
}

static void a_copy_that_nobody_wants_ends(void **state)
{
	struct scene *s = *state;
	char path[160];
	struct copy_progress progress;
	struct copy *copy;

	(void)snprintf(path, sizeof(path), "%s.copy", s->path);
	copy = copy_new(path, s->now);
	copy_stop(copy);
	assert_false(book_copy(s->book, copy));
	assert_true(copy_is_free(copy));
	copy_progress(copy, &progress);
	assert_int_equal(progress.state, COPY_FAILED);
	copy_free(&copy);
	assert_int_not_equal(access(path, F_OK), 0);
	(void)scene_create(s, "A-1", DUE);
}

/* ---- what is read-only ---- */

static void a_copy_repeats_and_writes_nothing(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct job job;
	int64_t payment = scene_create(s, "A-1", DUE);

	back_up(s, &progress, 0);
	restore(s);
	scene_create_job(s, &job, "A-1", "A-1", DUE);
	assert_int_equal(scene_do(s, &job), JOB_REPEATED);
	assert_int_equal(job.payment, payment);
	scene_create_job(s, &job, "A-2", "A-2", DUE);
	assert_int_equal(scene_do(s, &job), JOB_RESTORED);
	job = (struct job){ 0 };
	assert_int_equal(scene_money(s, &job, payment, DUE, "op-1"), JOB_RESTORED);
	assert_int_equal(checkpoint(s, NULL),
		JOB_REPEATED); /* the copy's own: no other is signed */
	job = (struct job){ .kind = JOB_CANCEL, .payment = payment };
	job.u.cancel.request.client = 1;
	assert_int_equal(scene_do(s, &job), JOB_RESTORED);
	scene_reopen(s);
	assert_int_equal(standing(s), BOOK_COPY);
	assert_string_equal(scene_state(s, payment), "open");
}

static void a_book_behind_what_was_signed_is_read_only(void **state)
{
	struct scene *s = *state;
	char why[BOOK_WHY_SIZE];
	char old[128];

	copy_path(s, old);
	(void)scene_create(s, "A-1", DUE);
	reader_close(&s->reader);
	book_close(&s->book); /* the log is in the file now */
	keep_bytes(s->path, old);
	scene_reopen(s);
	assert_int_equal(standing(s), BOOK_WRITES);
	(void)scene_create(s, "A-2", DUE);
	assert_int_equal(checkpoint(s, NULL), JOB_DONE);
	put_back(s, old);
	assert_int_equal(book_standing(s->book, why), BOOK_OLDER);
	assert_string_equal(why, "it has 5 records, and a checkpoint of 6 was signed here");
}

static void another_book_in_its_place_is_read_only(void **state)
{
	struct scene *s = *state;
	char old[128];

	copy_path(s, old);
	reader_close(&s->reader);
	book_close(&s->book);
	keep_bytes(s->path, old);
	scene_reopen(s);
	(void)scene_create(s, "A-1", DUE);
	assert_int_equal(checkpoint(s, NULL), JOB_DONE);
	/* The old file goes another way, where no checkpoint is kept, and is longer in the end. */
	s->head[0] = '\0';
	put_back(s, old);
	(void)scene_create(s, "B-1", DUE);
	(void)scene_create(s, "B-2", DUE);
	(void)scene_create(s, "B-3", DUE);
	(void)snprintf(s->head, sizeof(s->head), "%s.head", s->path);
	scene_reopen(s);
	assert_int_equal(standing(s), BOOK_OTHER);
}

/* ---- going on ---- */

static void a_resumed_book_issues_nothing_twice(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct payment_view lost;
	struct payment_view fresh;
	char token[CODE_TOKEN_SIZE];
	char lost_token[CODE_TOKEN_SIZE];
	char lost_order[JOB_ORDER_SIZE];
	char order[JOB_ORDER_SIZE];
	char note[NOTE_TEXT_SIZE];
	struct job job;
	int64_t number;

	(void)scene_create(s, "A-1", DUE);
	back_up(s, &progress, 0);
	number = scene_order(s, "A-2", DUE, lost_order);
	view_of(s, number, &lost);
	(void)reader_attempt_token(s->reader, &lost.attempts[0], lost_token);
	assert_int_equal(checkpoint(s, note), JOB_DONE);
	restore(s);
	assert_int_equal(resume(s, &job, note), JOB_DONE);
	assert_int_equal(job.u.resume.generation, 2);
	/* The payment and its order: they are what the note has more than the copy. */
	assert_int_equal(job.u.resume.lost, 2);
	assert_int_equal(book_generation(s->book), 2);
	assert_int_equal(resume(s, &job, ""), JOB_ILLEGAL);

	assert_int_equal(scene_order(s, "A-2", DUE, order), number);
	view_of(s, number, &fresh);
	(void)reader_attempt_token(s->reader, &fresh.attempts[0], token);
	assert_int_equal(fresh.generation, 2);
	assert_int_equal(fresh.attempts[0].generation, 2);
	assert_string_not_equal(fresh.code, lost.code);
	assert_string_not_equal(order, lost_order);
	assert_string_not_equal(token, lost_token);
	payment_view_done(&lost);
	payment_view_done(&fresh);

	/* The old order is nobody's, and its money finds no payment. */
	assert_int_equal(scene_verdict(s, &job, lost_order, ATTEMPT_PEND), JOB_NOT_FOUND);
	assert_int_equal(scene_verdict(s, &job, order, ATTEMPT_PEND), JOB_ILLEGAL);
	assert_int_equal(checkpoint(s, note), JOB_DONE);
	assert_non_null(strstr(note, "/2\n"));
	scene_reopen(s);
	assert_int_equal(standing(s), BOOK_WRITES);
	assert_int_equal(book_generation(s->book), 2);
}

static void an_attempt_of_an_older_payment_has_its_own_generation(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct payment_view view;
	char first[JOB_ORDER_SIZE];
	struct job job;
	int64_t payment = scene_order(s, "A-1", DUE, first);

	job = (struct job){ .kind = JOB_SEND, .attempt = attempt_number(payment, 0) };
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(scene_verdict(s, &job, first, ATTEMPT_DECLINE), JOB_DONE);
	back_up(s, &progress, 0);
	restore(s);
	assert_int_equal(resume(s, &job, ""), JOB_DONE);
	job = (struct job){ .kind = JOB_ATTEMPT, .payment = payment };
	job.u.attempt = (struct job_attempt){
		.request = { .client = 1, .route = ROUTE_ATTEMPT, .key = TEXT("K-1") },
		.order = { .gateway = 1,
			.rule = { .digits_min = 1, .digits_max = JOB_ORDER_SIZE - 1 },
			.expires_at = s->now + 86400,
			.return_url = TEXT("https://example.kz/"),
			.language = TEXT("kk") }
	};
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	view_of(s, payment, &view);
	assert_int_equal(view.generation, 1);
	assert_int_equal(view.attempts[0].generation, 1);
	assert_int_equal(view.attempts[1].generation, 2);
	assert_string_equal(view.attempts[1].order + strlen(view.attempts[1].order) - 2, "02");
	/* Both are found by the numbers they have, also after a start. */
	scene_reopen(s);
	assert_int_equal(scene_verdict(s, &job, first, ATTEMPT_DECLINE), JOB_REPEATED);
	job = (struct job){ .kind = JOB_SEND, .attempt = view.attempts[1].number };
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	assert_int_equal(scene_verdict(s, &job, view.attempts[1].order, ATTEMPT_PEND), JOB_DONE);
	payment_view_done(&view);
}

static void what_waited_to_be_sent_may_have_been_sent(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct waiting_attempt waiting[4];
	struct reader_page page = { .limit = COUNT(waiting) };
	struct generation_row generation;
	char order[JOB_ORDER_SIZE];
	struct job job;
	int64_t payment = scene_order(s, "A-1", DUE, order);

	back_up(s, &progress, 0);
	restore(s);
	s->now += 7200;
	assert_int_equal(resume(s, &job, ""), JOB_DONE);
	assert_int_equal(reader_generation(s->reader, &generation, NULL), READER_FOUND);
	assert_int_equal(job.record, generation.record);
	assert_true(reader_waiting(s->reader, &page, waiting, NULL));
	assert_int_equal(page.count, 1);
	assert_int_equal(waiting[0].attempt, attempt_number(payment, 0));
	assert_int_equal(waiting[0].state, ATTEMPT_SENT);
	assert_int_equal(waiting[0].next_at, s->now);
}

static void orders_of_a_day_leap_over_those_that_were_lost(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct payment_view view;
	struct job job;

	for (int i = 0; i < 2; i++) {
		scene_create_job(s, &job, i == 0 ? "A-1" : "A-2", i == 0 ? "A-1" : "A-2", DUE);
		job.u.create.has_order = true;
		job.u.create.order = (struct job_order){ .gateway = 1,
			.rule = { .digits_min = 13, .digits_max = 13, .suffix_daily = 6 },
			.expires_at = s->now + 86400,
			.return_url = TEXT("https://example.kz/"),
			.language = TEXT("kk") };
		assert_int_equal(scene_do(s, &job), JOB_DONE);
		view_of(s, job.payment, &view);
		/* Five digits of the day, two of the generation, the serial. */
		assert_string_equal(view.attempts[0].order,
			i == 0 ? "2051301000001" : "2051302250002");
		payment_view_done(&view);
		if (i == 0) {
			back_up(s, &progress, 0);
			restore(s);
			assert_int_equal(resume(s, &job, ""), JOB_DONE);
		}
	}
}

static void a_second_loss_begins_a_third_generation(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	char note[NOTE_TEXT_SIZE];
	struct job job;

	back_up(s, &progress, 0);
	restore(s);
	assert_int_equal(resume(s, &job, ""), JOB_DONE);
	restore(s); /* the same copy: it knows of one generation, the checkpoint beside it of two */
	assert_int_equal(resume(s, &job, ""), JOB_DONE);
	assert_int_equal(job.u.resume.generation, 3);
	assert_int_equal(checkpoint(s, note), JOB_REPEATED); /* the resumption's own */
	/* Where that was lost, too, somebody outside knows. */
	assert_int_equal(unlink(s->head), 0);
	restore(s);
	assert_int_equal(resume(s, &job, note), JOB_DONE);
	assert_int_equal(job.u.resume.generation, 4);
}

static void a_checkpoint_of_another_history_resumes_nothing(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	char note[NOTE_TEXT_SIZE];
	char *digit;
	struct job job;

	(void)scene_create(s, "A-1", DUE);
	assert_int_equal(checkpoint(s, note), JOB_DONE);
	back_up(s, &progress, 0);
	restore(s);
	assert_int_equal(resume(s, &job, "no note"), JOB_MISMATCH);
	digit = strstr(note, "\n5\n");
	assert_non_null(digit);
	digit[1] = '4';
	assert_int_equal(resume(s, &job, note), JOB_MISMATCH);
	assert_non_null(strstr(job.u.resume.why, "signature"));
	digit[1] = '5';
	assert_int_equal(resume(s, &job, note), JOB_DONE);
	assert_int_equal(job.u.resume.lost, 0);
}

static void tell(void *context, const char *fault)
{
	buffer_add_string(context, fault);
	buffer_add_char(context, '\n');
}

/* All that the book's tables say follows from its records, also across a resumption. */
static void a_resumed_book_is_derived_again(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct zone *zone = almaty_zone();
	const struct verify_options options = { .almaty = zone };
	char order[JOB_ORDER_SIZE];
	struct verify *verify;
	struct buffer told;
	struct job job;
	struct err err = { 0 };

	(void)scene_order(s, "A-1", DUE, order); /* waits to be sent */
	back_up(s, &progress, 0);
	restore(s);
	assert_int_equal(resume(s, &job, ""), JOB_DONE);
	job = (struct job){ 0 };
	assert_int_equal(scene_money(s, &job, scene_order(s, "A-2", DUE, order), DUE, "op-1"),
		JOB_DONE);
	assert_int_equal(checkpoint(s, NULL), JOB_DONE);
	buffer_init(&told, TOLD_MAX);
	verify = verify_new(&options, tell, &told);
	assert_true(verify_file(verify, s->path, NULL, &err));
	if (verify_faults(verify) != 0) {
		fail_msg("%s", told.bytes);
	}
	assert_true(verify_rows(verify) > 10);
	verify_free(&verify);
	buffer_done(&told);
	zone_free(&zone);
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, scene_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE_TEST(a_copy_made_while_the_book_is_written_is_whole),
		SCENE_TEST(a_copy_that_was_tampered_with_is_none),
		SCENE_TEST(a_copy_that_nobody_wants_ends),
		SCENE_TEST(a_copy_repeats_and_writes_nothing),
		SCENE_TEST(a_book_behind_what_was_signed_is_read_only),
		SCENE_TEST(another_book_in_its_place_is_read_only),
		SCENE_TEST(a_resumed_book_issues_nothing_twice),
		SCENE_TEST(an_attempt_of_an_older_payment_has_its_own_generation),
		SCENE_TEST(what_waited_to_be_sent_may_have_been_sent),
		SCENE_TEST(orders_of_a_day_leap_over_those_that_were_lost),
		SCENE_TEST(a_resumed_book_is_derived_again),
		SCENE_TEST(a_second_loss_begins_a_third_generation),
		SCENE_TEST(a_checkpoint_of_another_history_resumes_nothing),
	};

	return cmocka_run_group_tests_name("ledger/standing", tests, NULL, NULL);
}
