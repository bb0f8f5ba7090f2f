/* SPDX-License-Identifier: Apache-2.0 */
#include <semaphore.h>
#include <string.h>

#include "ledger/writer.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { QUERIES = 3, SLICES = 3 };

struct stand {
	struct scene scene;
	struct writer *writer;
	sem_t woken;
	sem_t go; /* a long query waits for it before its first slice */
	char order[64];
	size_t order_size;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_query_is_answered_while_long_ones_are_stuck),
		cmocka_unit_test(long_queries_take_turns),
		cmocka_unit_test(a_long_query_comes_back_unfinished_when_the_readers_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
