/* SPDX-License-Identifier: Apache-2.0 */

/* A sync takes its time, or fails: what the writer does meanwhile, and what nobody may hear of. */
#include <errno.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/book.h"
#include "ledger/writer.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"

enum { KEPT = BOOK_BATCH_MAX + 1 }; /* two batches at least */

struct stand {
	struct scene scene;
	struct writer *writer;
	sem_t woken;
	struct job *jobs;
	int64_t before; /* jobs done before the last KEPT were submitted */
	int done;
	int failed;
};

struct question {
	struct query query; /* first */
	atomic_bool ran;
	bool done;
	bool unfinished;
};

/* ---- the disk ---- */

enum { DISK_SLOW_MS = 1 }; /* so slow that the syncer is called for */

/* Each sync of the syncer waits for disk_go, and says that it does. */
static atomic_bool disk_holds;
static atomic_bool disk_fails;
static sem_t disk_waits;
static sem_t disk_go;

static void stand_pause(int ms)
{
	struct timespec pause = { .tv_nsec = ms * 1000000L };

	(void)nanosleep(&pause, NULL);
}

static bool disk_is_the_syncers(void)
{
	char name[16] = "";

	(void)prctl(PR_GET_NAME, name);
	return strcmp(name, "alym-sync") == 0;
}

/* SQLite calls this one, not the C library's. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the C library's is odd */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
	if (atomic_load(&disk_holds) && disk_is_the_syncers()) {
		(void)sem_post(&disk_waits);
		(void)sem_wait(&disk_go);
	} else if (atomic_load(&disk_holds)) {
		stand_pause(DISK_SLOW_MS);
	}
	if (atomic_load(&disk_fails)) {
		errno = EIO;
		return -1;
	}
	return fsync(fd); /* no less */
}

/* ---- a stand ---- */

static void stand_wake(void *context)
{
	struct stand *st = context;

	(void)sem_post(&st->woken);
}

static void stand_done(struct job *job)
{
	struct stand *st = job->context;

	st->done += job->outcome == JOB_DONE;
	st->failed += job->outcome == JOB_FAILED;
}

/* Submits all at once: somebody else holds the book until the last one waits. */
static void stand_submit(struct stand *st)
{
	sqlite3 *other = NULL;

	assert_int_equal(sqlite3_open(st->scene.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < KEPT; i++) {
		st->jobs[i] = (struct job){ .kind = JOB_KEEP,
			.now = SCENE_NOW,
			.today = SCENE_DAY,
			.done = stand_done,
			.context = st };
		st->jobs[i].u.keep.gateway = 1;
		st->jobs[i].u.keep.body = TEXT("paid");
		writer_submit(st->writer, &st->jobs[i]);
	}
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static int64_t stand_rows(struct stand *st)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	int64_t rows;

	assert_int_equal(sqlite3_open(st->scene.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM inbox", -1, &statement, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	rows = sqlite3_column_int64(statement, 0);
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return rows;
}

static void stand_open(struct stand *st)
{
	struct err err = { 0 };

	memset(st, 0, sizeof(*st));
	scene_open(&st->scene);
	reader_close(&st->scene.reader);
	st->jobs = mem_new(KEPT, sizeof(*st->jobs));
	(void)sem_init(&st->woken, 0, 0);
	(void)sem_init(&disk_waits, 0, 0);
	(void)sem_init(&disk_go, 0, 0);
	assert_true(
		writer_start(&st->scene.book, st->scene.path, stand_wake, st, &st->writer, &err));
}

static void stand_close(struct stand *st)
{
	writer_stop(&st->writer);
	scene_close(&st->scene);
	free(st->jobs);
	(void)sem_destroy(&st->woken);
	(void)sem_destroy(&disk_waits);
	(void)sem_destroy(&disk_go);
}

static void question_run(struct reader *reader, struct query *query)
{
	(void)reader;
	atomic_store(&((struct question *)(void *)query)->ran, true);
}

static void question_done(struct query *query)
{
	struct question *q = (struct question *)(void *)query;

	q->done = true;
	q->unfinished = query->again;
}

/* Whether the syncer is at it before the writer has come to the last batch and syncs all itself. */
static bool stand_has_syncer(struct stand *st)
{
	struct err err = { 0 };

	while (sem_trywait(&disk_waits) != 0) {
		assert_true(writer_collect(st->writer, &err));
		if (st->done == KEPT) {
			return false;
		}
		stand_pause(1);
	}
	return true;
}

/* The first batch waits for the disk; all others are written, and a question has seen them. */
static void stand_hold(struct stand *st, struct question *q)
{
	struct err err = { 0 };

	atomic_store(&disk_holds, true);
	stand_submit(st);
	while (!stand_has_syncer(st)) {
		st->before += KEPT;
		st->done = 0;
		stand_submit(st);
	}
	while (stand_rows(st) < st->before + KEPT) {
		stand_pause(1);
	}
	*q = (struct question){ .query = { .run = question_run, .done = question_done } };
	writer_query(st->writer, &q->query);
	while (!atomic_load(&q->ran)) {
		stand_pause(1);
	}
	stand_pause(20); /* a question that is told too early would be by now */
	assert_true(writer_collect(st->writer, &err));
	assert_int_equal(st->done + st->failed, 0);
	assert_false(q->done);
}

/* ---- the tests ---- */

static void others_are_written_while_a_batch_is_synced(void **state)
{
	struct question q;
	struct err err = { 0 };
	struct stand st;

	(void)state;
	stand_open(&st);
	stand_hold(&st, &q);
	/* The first batch is on disk: it is told, and what was seen of the others is not. */
	(void)sem_post(&disk_go);
	(void)sem_wait(&disk_waits);
	assert_true(writer_collect(st.writer, &err));
	assert_in_range(st.done, 1, KEPT - 1);
	assert_false(q.done);
	/* One sync for all that was written meanwhile. */
	atomic_store(&disk_holds, false);
	(void)sem_post(&disk_go);
	while (st.done < KEPT || !q.done) {
		(void)sem_wait(&st.woken);
		assert_true(writer_collect(st.writer, &err));
	}
	assert_int_equal(st.failed, 0);
	assert_false(q.unfinished);
	stand_close(&st);
}

static void nobody_hears_of_what_could_not_be_synced(void **state)
{
	struct question q;
	struct err err = { 0 };
	struct stand st;
	char log[sizeof(st.scene.path) + sizeof("-wal")];

	(void)state;
	stand_open(&st);
	stand_hold(&st, &q);
	atomic_store(&disk_fails, true);
	atomic_store(&disk_holds, false);
	(void)sem_post(&disk_go);
	/* The first wakes may be those of before. */
	while (writer_collect(st.writer, &err) || st.failed < KEPT || !q.done) {
		(void)sem_wait(&st.woken);
	}
	assert_non_null(strstr(err.message, "sync the log"));
	assert_int_equal(st.done, 0);
	assert_true(q.unfinished);
	/* A later sync may succeed, and proves nothing: the log stays for the next start. */
	atomic_store(&disk_fails, false);
	writer_stop(&st.writer);
	(void)snprintf(log, sizeof(log), "%s-wal", st.scene.path);
	assert_int_equal(access(log, F_OK), 0);
	stand_close(&st);
}

static void all_is_synced_before_the_writer_stops(void **state)
{
	struct question q;
	struct stand st;

	(void)state;
	stand_open(&st);
	stand_hold(&st, &q);
	atomic_store(&disk_holds, false);
	(void)sem_post(&disk_go);
	writer_stop(&st.writer);
	assert_int_equal(st.done, KEPT);
	assert_true(q.done && !q.unfinished);
	stand_close(&st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_written_while_a_batch_is_synced),
		cmocka_unit_test(nobody_hears_of_what_could_not_be_synced),
		cmocka_unit_test(all_is_synced_before_the_writer_stops),
	};

	return cmocka_run_group_tests_name("ledger/sync", tests, NULL, NULL);
}
