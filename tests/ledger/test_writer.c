/* SPDX-License-Identifier: Apache-2.0 */
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/book.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum {
	QUERIES = 3,
	SLICES = 3,
	KEPT = 3 * BOOK_BATCH_MAX, /* three commits at least */
	KEPT_SIZE = 4096           /* a page each, and some */
};

struct stand {
	struct scene scene;
	struct writer *writer;
	sem_t woken;
	sem_t go; /* a long query waits for it before its first slice */
	char order[64];
	size_t order_size;
	atomic_int slices;
	int kept;
};

struct question {
	struct query query; /* first */
	struct stand *stand;
	int slices_left;
	char name;
	bool begun;
	bool done;
	bool unfinished;
};

static void stand_wake(void *context)
{
	struct stand *st = context;

	(void)sem_post(&st->woken);
}

static void stand_open(struct stand *st)
{
	struct err err = { 0 };

	memset(st, 0, sizeof(*st));
	scene_open(&st->scene);
	reader_close(&st->scene.reader);
	(void)sem_init(&st->woken, 0, 0);
	(void)sem_init(&st->go, 0, 0);
	assert_true(
		writer_start(&st->scene.book, st->scene.path, stand_wake, st, &st->writer, &err));
}

static void stand_close(struct stand *st)
{
	writer_stop(&st->writer);
	scene_close(&st->scene);
	(void)sem_destroy(&st->woken);
	(void)sem_destroy(&st->go);
}

static void stand_await(struct stand *st, const bool *done)
{
	struct err err = { 0 };

	while (!*done) {
		(void)sem_wait(&st->woken);
		assert_true(writer_collect(st->writer, &err));
	}
}

static void question_run(struct reader *reader, struct query *query)
{
	struct question *q = (struct question *)(void *)query;

	(void)reader;
	if (query->is_long && !q->begun) {
		(void)sem_wait(&q->stand->go);
	}
	q->begun = true;
	if (query->is_long) { /* only one thread runs these */
		q->stand->order[q->stand->order_size++ % sizeof(q->stand->order)] = q->name;
	}
	query->again = q->slices_left > 0 && --q->slices_left > 0;
}

static void question_run_for_ever(struct reader *reader, struct query *query)
{
	struct question *q = (struct question *)(void *)query;

	(void)reader;
	if (!q->begun) {
		(void)sem_post(&q->stand->go);
	}
	q->begun = true;
	query->again = true;
}

static void question_done(struct query *query)
{
	struct question *q = (struct question *)(void *)query;

	q->done = true;
	q->unfinished = query->again;
}

static void question_ask(struct stand *st, struct question *q, char name, bool is_long)
{
	*q = (struct question){
		.query = { .run = question_run, .done = question_done, .is_long = is_long },
		.stand = st,
		.name = name,
		.slices_left = is_long ? SLICES : 1
	};
	writer_query(st->writer, &q->query);
}

/* Stuck ones are what a very slow disk makes of a report: as many as there are threads, and one. */
static void a_short_query_is_answered_while_long_ones_are_stuck(void **state)
{
	struct question slow[WRITER_READERS + WRITER_LONG_READERS + 1];
	struct question quick;
	struct stand st;

	(void)state;
	stand_open(&st);
	for (size_t i = 0; i < COUNT(slow); i++) {
		question_ask(&st, &slow[i], 's', true);
	}
	question_ask(&st, &quick, 'q', false);
	stand_await(&st, &quick.done);
	for (size_t i = 0; i < COUNT(slow); i++) {
		assert_false(slow[i].done);
		(void)sem_post(&st.go);
	}
	for (size_t i = 0; i < COUNT(slow); i++) {
		stand_await(&st, &slow[i].done);
		assert_false(slow[i].unfinished);
	}
	stand_close(&st);
}

static void long_queries_take_turns(void **state)
{
	struct question questions[QUERIES];
	struct stand st;

	(void)state;
	stand_open(&st);
	for (size_t i = 0; i < QUERIES; i++) {
		question_ask(&st, &questions[i], (char)('a' + i), true);
	}
	for (size_t i = 0; i < QUERIES; i++) {
		(void)sem_post(&st.go);
	}
	for (size_t i = 0; i < QUERIES; i++) {
		stand_await(&st, &questions[i].done);
	}
	assert_string_equal(st.order, "abcabcabc");
	stand_close(&st);
}

static void a_long_query_comes_back_unfinished_when_the_readers_stop(void **state)
{
	struct question endless = { 0 };
	struct stand st;

	(void)state;
	stand_open(&st);
	endless = (struct question){
		.query = { .run = question_run_for_ever, .done = question_done, .is_long = true },
		.stand = &st
	};
	writer_query(st.writer, &endless.query);
	(void)sem_wait(&st.go);
	assert_false(endless.done);
	writer_stop(&st.writer);
	assert_true(endless.done);
	assert_true(endless.unfinished);
	stand_close(&st);
}

static void question_count(struct reader *reader, struct query *query)
{
	struct question *q = (struct question *)(void *)query;

	(void)reader;
	(void)atomic_fetch_add(&q->stand->slices, 1);
	query->again = true;
}

static void kept_done(struct job *job)
{
	struct stand *st = job->context;

	assert_int_equal(job->outcome, JOB_DONE);
	st->kept++;
}

/* How many slices of a long query began between two commits after which the log was long, while
 * others waited to be committed. */
static int slices_while_busy(struct stand *st, struct job *jobs, const char *body)
{
	struct err err = { 0 };
	int before;
	int after;
	int kept;

	do {
		st->kept = 0;
		for (int i = 0; i < KEPT; i++) {
			jobs[i] = (struct job){ .kind = JOB_KEEP,
				.now = SCENE_NOW,
				.today = SCENE_DAY };
			jobs[i].done = kept_done;
			jobs[i].context = st;
			jobs[i].u.keep.gateway = 1;
			jobs[i].u.keep.body = text_of(body);
			writer_submit(st->writer, &jobs[i]);
		}
		while (st->kept < STORE_LOG_PAGES_LONG) {
			(void)sem_wait(&st->woken);
			assert_true(writer_collect(st->writer, &err));
		}
		before = atomic_load(&st->slices);
		kept = st->kept;
		while (st->kept < KEPT && st->kept == kept) {
			(void)sem_wait(&st->woken);
			assert_true(writer_collect(st->writer, &err));
		}
		after = atomic_load(&st->slices);
		assert_true(writer_collect(st->writer, &err));
		kept = st->kept;
		while (st->kept < KEPT) {
			(void)sem_wait(&st->woken);
			assert_true(writer_collect(st->writer, &err));
		}
	} while (kept == KEPT); /* we came too late: the writer may have been idle */
	return after - before;
}

/* Else a commit waits for their transactions, and payments with it. */
static void long_queries_pause_while_the_log_is_long(void **state)
{
	struct job *jobs = mem_new(KEPT, sizeof(*jobs));
	char *body = mem_new(1, KEPT_SIZE + 1);
	struct question endless = { 0 };
	struct stand st;
	sqlite3 *old = NULL;
	int idle;

	(void)state;
	memset(body, 'x', KEPT_SIZE);
	stand_open(&st);
	endless.query =
		(struct query){ .run = question_count, .done = question_done, .is_long = true };
	endless.stand = &st;
	writer_query(st.writer, &endless.query);
	/* Somebody who reads an old state keeps the log from beginning anew. */
	assert_int_equal(sqlite3_open(st.scene.path, &old), SQLITE_OK);
	assert_int_equal(sqlite3_exec(old, "BEGIN; SELECT count(*) FROM record", NULL, NULL, NULL),
		0);

	assert_true(slices_while_busy(&st, jobs, body) <= 1); /* the one that was under way */
	idle = atomic_load(&st.slices);
	while (atomic_load(&st.slices) < idle + SLICES) {
		/* When nobody has anything to commit, it goes on, however long the log is. */
	}
	assert_int_equal(sqlite3_close(old), SQLITE_OK);
	stand_close(&st);
	free(body);
	free(jobs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_query_is_answered_while_long_ones_are_stuck),
		cmocka_unit_test(long_queries_take_turns),
		cmocka_unit_test(a_long_query_comes_back_unfinished_when_the_readers_stop),
		cmocka_unit_test(long_queries_pause_while_the_log_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
