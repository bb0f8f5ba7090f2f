/* SPDX-License-Identifier: Apache-2.0 */

/* The key of checkpoints is another one, and for a time both sign. */
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "ledger/copy.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { LATER = 11, LAST = 12, OVERLAP_S = 3600 };

/* Made with Python's cryptography: the verifier keys of 32 bytes of 7, of 11 and of 12. */
#define NAME    "test/book/01060b10/1"
#define FIRST_V NAME "+c7a4b28e+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
#define LATER_V NAME "+260fdfbe+AWa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6"
#define LAST_V  NAME "+a2b00e11+AQtROtm0kkAVygkC7QeQRNOsXb7CMG8GlIwQ2o62458t"

static enum job_outcome rotate(struct scene *s, uint8_t seed, int64_t overlap_s)
{
	struct job job = { .kind = JOB_ROTATE,
		.u.rotate = { .overlap_s = overlap_s,
			.reason = TEXT("the year is over"),
			.actor = { .uid = 1002, .client = 1 } } };
	enum job_outcome outcome;

	memset(job.u.rotate.seed, seed, sizeof(job.u.rotate.seed));
	outcome = scene_do(s, &job);
	if (outcome == JOB_DONE) {
		s->later_seed = seed;
		assert_true(job.record > 0);
	}
	return outcome;
}

static bool opens(const char *note, const char *verifier)
{
	struct tree_hash root;
	uint64_t size;

	return note_open(text_of(note), text_of(verifier), &size, &root, NULL);
}

/* A new checkpoint is signed by these and nobody else. */
static void signed_by(struct scene *s, const char *newest, const char *before)
{
	static int number;
	struct job job = { .kind = JOB_CHECKPOINT };
	const char *const all[] = { FIRST_V, LATER_V, LAST_V };
	struct job_keys keys;
	char name[16];

	(void)snprintf(name, sizeof(name), "S-%d", number++);
	(void)scene_create(s, name, 1000); /* there is something new */
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	for (size_t i = 0; i < COUNT(all); i++) {
		bool signs = strcmp(all[i], newest) == 0 || strcmp(all[i], before) == 0;

		assert_int_equal(opens(job.u.checkpoint.note, all[i]), signs);
	}
	book_keys(s->book, &keys);
	assert_string_equal(keys.verifier, newest);
	assert_string_equal(keys.before, before);
	assert_int_equal(keys.until > 0, before[0] != '\0');
}

static void both_keys_sign_for_a_time_and_then_the_new_one(void **state)
{
	struct scene *s = *state;

	signed_by(s, FIRST_V, "");
	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	signed_by(s, LATER_V, FIRST_V);
	s->now += OVERLAP_S - 1;
	signed_by(s, LATER_V, FIRST_V);
	s->now++;
	signed_by(s, LATER_V, "");
}

static void a_start_knows_who_signs(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	s->now += OVERLAP_S - 1;
	scene_reopen(s);
	signed_by(s, LATER_V, FIRST_V);
	s->now++;
	scene_reopen(s);
	signed_by(s, LATER_V, "");
	s->now -= OVERLAP_S; /* the clock went back; the book's time does not */
	scene_reopen(s);
	signed_by(s, LATER_V, "");
}

static void what_was_promised_to_auditors_is_kept_but_in_need(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	assert_int_equal(rotate(s, LAST, 1), JOB_ILLEGAL);
	signed_by(s, LATER_V, FIRST_V);
	assert_int_equal(rotate(s, LAST, 0), JOB_DONE);
	signed_by(s, LAST_V, "");
	scene_reopen(s);
	signed_by(s, LAST_V, "");
}

static void keys_follow_one_another(void **state)
{
	struct scene *s = *state;

	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	s->now += OVERLAP_S;
	assert_int_equal(rotate(s, LAST, OVERLAP_S), JOB_DONE);
	signed_by(s, LAST_V, LATER_V);
}

static void the_record_names_keys_person_reason_and_time(void **state)
{
	static const char wanted[] =
		"{\"at\":\"2026-03-01T06:00:00Z\",\"body\":{\"before\":\"" FIRST_V
		"\",\"reason\":\"the year is over\",\"rotated_by\":{\"client\":\"1\",\"uid\":\"1002\"},"
		"\"until\":\"2026-03-01T07:00:00Z\",\"verifier\":\"" LATER_V
		"\"},\"kind\":\"key\",\"number\":\"5\",\"v\":\"1\"}";
	struct scene *s = *state;
	struct buffer leaf;

	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	buffer_init(&leaf, JOB_PRIVATE_MAX);
	assert_int_equal(reader_record(s->reader, 5, &leaf, NULL), READER_FOUND);
	assert_string_equal(leaf.bytes, wanted);
	buffer_done(&leaf);
}

/* Without the file nobody signs: a start says so, and changes nothing. */
static void a_book_whose_key_is_gone_or_another_does_not_open(void **state)
{
	static const uint8_t files[] = { 0, LAST };
	struct scene *s = *state;

	assert_int_equal(rotate(s, LATER, 0), JOB_DONE);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct err err = { 0 };

		reader_close(&s->reader);
		book_close(&s->book);
		s->later_seed = files[i];
		assert_false(scene_open_book(s, &err));
		assert_non_null(strstr(err.message, "key"));
		s->later_seed = LATER;
		assert_true(scene_open_book(s, &err));
		signed_by(s, LATER_V, "");
	}
}

static void a_key_can_neither_be_changed_nor_taken_out(void **state)
{
	static const char *const deeds[] = {
		"UPDATE checkpoint_key SET until = until + 1",
		"DELETE FROM checkpoint_key",
		"INSERT OR REPLACE INTO checkpoint_key SELECT * FROM checkpoint_key",
		"INSERT INTO checkpoint_key SELECT record - 1, zeroblob(32), 0, 0, 0, 'x' FROM checkpoint_key",
	};
	struct scene *s = *state;
	sqlite3 *db = NULL;

	assert_int_equal(rotate(s, LATER, OVERLAP_S), JOB_DONE);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	for (size_t i = 0; i < COUNT(deeds); i++) {
		assert_int_equal(sqlite3_exec(db, deeds[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
		assert_non_null(strstr(sqlite3_errmsg(db), "checkpoint_key: "));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The newest checkpoint of the copy is signed by a key that it did not begin with. */
static void a_copy_outlives_a_rotation(void **state)
{
	struct scene *s = *state;
	struct copy_progress progress;
	struct copy *copy;
	char path[160];

	(void)snprintf(path, sizeof(path), "%s.copy", s->path);
	signed_by(s, FIRST_V, "");
	for (int i = 0; i < 500; i++) { /* more than a slice of the copy */
		char name[16];

		(void)snprintf(name, sizeof(name), "C-%d", i);
		(void)scene_create(s, name, 1000);
	}
	copy = copy_new(path, s->now);
	assert_true(book_copy(s->book, copy));
	assert_int_equal(rotate(s, LATER, 0), JOB_DONE);
	signed_by(s, LATER_V, "");
	assert_int_equal(rotate(s, LAST, 0), JOB_DONE);
	while (book_copy(s->book, copy)) {
	}
	while (!copy_is_free(copy)) {
		(void)sched_yield();
	}
	copy_progress(copy, &progress);
	assert_string_equal(progress.why, "");
	assert_int_equal(progress.state, COPY_READY);
	assert_true(opens(progress.result.note, LATER_V));
	copy_free(&copy);
}

/* Put back from a copy, it goes on by a checkpoint that any of its keys signed. */
static void a_checkpoint_by_an_old_key_is_the_books(void **state)
{
	struct scene *s = *state;
	struct job notes[] = { { .kind = JOB_CHECKPOINT }, { .kind = JOB_CHECKPOINT } };
	struct job job = { .kind = JOB_RESUME };
	sqlite3 *db = NULL;

	(void)scene_create(s, "A", 1000);
	assert_int_equal(scene_do(s, &notes[0]), JOB_DONE);
	assert_int_equal(rotate(s, LATER, 0), JOB_DONE);
	assert_int_equal(scene_do(s, &notes[1]), JOB_DONE);
	assert_int_equal(rotate(s, LAST, 0), JOB_DONE);
	for (size_t i = 0; i < COUNT(notes); i++) {
		reader_close(&s->reader);
		book_close(&s->book);
		assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, "INSERT INTO standing VALUES (1, 1000)", NULL,
					 NULL, NULL),
			SQLITE_OK);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		scene_reopen(s);
		job.u.resume.reason = TEXT("the disk died");
		job.u.resume.note = text_of(notes[i].u.checkpoint.note);
		assert_int_equal(scene_do(s, &job), JOB_DONE);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_keys_sign_for_a_time_and_then_the_new_one),
		TEST(a_start_knows_who_signs),
		TEST(what_was_promised_to_auditors_is_kept_but_in_need),
		TEST(keys_follow_one_another),
		TEST(the_record_names_keys_person_reason_and_time),
		TEST(a_book_whose_key_is_gone_or_another_does_not_open),
		TEST(a_copy_outlives_a_rotation),
		TEST(a_checkpoint_by_an_old_key_is_the_books),
		TEST(a_key_can_neither_be_changed_nor_taken_out),
	};

	return cmocka_run_group_tests_name("ledger/rotate", tests, NULL, NULL);
}
