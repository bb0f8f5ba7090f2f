/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ledger/book.h"
#include "ledger/reader.h"
#include "ledger/store.h"
#include "tests/alym_test.h"
#include "tests/sim/disk.h"

#define NOW INT64_C(1772344800) /* 2026-03-01T06:00:00Z */

enum { SEEDS = 20, READERS = 2, READ_NS = 2000000, LOG_SIZE_MAX = 20 << 20 };

static const char vfs_name[] = "store";

static struct book *open_book(const char *path, const char *vfs)
{
	struct book_options options = { .path = path,
		.vfs = vfs,
		.origin = "test/book",
		.now = NOW };
	struct book *book = NULL;
	struct err err = { 0 };

	memset(options.seed, 7, sizeof(options.seed));
	memset(options.random, 5, sizeof(options.random));
	if (!book_open(&options, &book, &err)) {
		fail_msg("%s", err.message);
	}
	return book;
}

static enum job_outcome register_client(struct book *book, const char *name)
{
	struct job job = { .kind = JOB_NAME, .now = NOW, .today = 20513 };
	struct err err = { 0 };

	job.u.name.name = text_of(name);
	if (!book_commit(book, &job, &err)) {
		print_message("commit: %s\n", err.message);
	}
	return job.outcome;
}

/*
 * A process killed between the write and the sync leaves a whole commit that only the page cache
 * has.  The next one reads it, and says "repeated" without writing anything: by then it must be on
 * disk, or the power may take back what was acknowledged.
 */
static void what_a_killed_process_did_not_sync_is_synced_before_it_is_told(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct disk *disk = disk_new(vfs_name, seed);
		struct book *book = open_book("book.db", vfs_name);

		assert_int_equal(register_client(book, "first"), JOB_DONE);
		disk_fault(disk, DISK_SYNC_FAILS, 1);
		assert_int_equal(register_client(book, "second"), JOB_FAILED);
		disk_die(disk);
		book_close(&book);
		disk_revive(disk);

		book = open_book("book.db", vfs_name);
		assert_int_equal(register_client(book, "second"), JOB_REPEATED);
		disk_die(disk);
		book_close(&book);
		disk_crash(disk);

		book = open_book("book.db", vfs_name);
		assert_int_equal(register_client(book, "second"), JOB_REPEATED);
		book_close(&book);
		disk_free(&disk);
	}
}

/* ---- readers that never pause ---- */

/* Reads without a pause: the next transaction begins before the last one ends. */
struct crowd {
	const char *path;
	atomic_bool over;
	int64_t turns;
	bool failed; /* asserted by who joins the thread */
};

static sqlite3 *read_begin(struct crowd *crowd)
{
	sqlite3 *db;

	crowd->failed |= sqlite3_open_v2(crowd->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK;
	crowd->failed |=
		sqlite3_exec(db, "PRAGMA wal_autocheckpoint = 0", NULL, NULL, NULL) != SQLITE_OK;
	return db;
}

static void *read_on(void *context)
{
	struct crowd *crowd = context;
	sqlite3 *readers[READERS] = { read_begin(crowd), read_begin(crowd) };
	bool reads[READERS] = { false, false };
	struct timespec pause = { .tv_nsec = READ_NS };

	for (; !atomic_load(&crowd->over); crowd->turns++) {
		size_t turn = (size_t)(crowd->turns % READERS);

		crowd->failed |= sqlite3_exec(readers[turn], "BEGIN; SELECT count(*) FROM record",
					 NULL, NULL, NULL) != SQLITE_OK;
		reads[turn] = true;
		if (reads[1 - turn]) {
			(void)sqlite3_exec(readers[1 - turn], "COMMIT", NULL, NULL, NULL);
		}
		reads[1 - turn] = false;
		(void)nanosleep(&pause, NULL);
	}
	for (size_t i = 0; i < READERS; i++) {
		(void)sqlite3_exec(readers[i], "COMMIT", NULL, NULL, NULL);
		crowd->failed |= sqlite3_close(readers[i]) != SQLITE_OK;
	}
	return NULL;
}

static int64_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}

/* Fills the inbox: some five pages a message. */
static void keep(struct book *book, const char *body)
{
	struct job job = { .kind = JOB_KEEP, .now = NOW, .today = 20513 };
	struct err err = { 0 };

	job.u.keep.gateway = 1;
	job.u.keep.body = text_of(body);
	if (!book_commit(book, &job, &err)) {
		fail_msg("%s", err.message);
	}
}

static void the_log_stays_bounded_while_readers_never_pause(void **state)
{
	char folder[] = "/tmp/alym-store-XXXXXX";
	char path[64];
	char log[80];
	char body[16384];
	struct book *book;
	struct reader *reader;
	struct reader_figures figures;
	struct job name = { .kind = JOB_NAME, .now = NOW, .today = 20513 };
	struct crowd crowd = { .path = path };
	pthread_t thread;
	int64_t largest = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/book.db", folder);
	(void)snprintf(log, sizeof(log), "%s-wal", path);
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	book = open_book(path, NULL);
	name.u.name.name = TEXT("bank");
	name.u.name.gateway = true;
	assert_true(book_commit(book, &name, NULL));
	assert_int_equal(pthread_create(&thread, NULL, read_on, &crowd), 0);
	for (int i = 0; i < 3 * STORE_LOG_PAGES_MAX / 5; i++) {
		keep(book, body);
		largest = file_size(log) > largest ? file_size(log) : largest;
	}
	assert_true(reader_open(path, NULL, &reader, NULL));
	assert_true(reader_figures(reader, &figures, NULL));
	assert_int_equal(figures.log_bytes, file_size(log));
	reader_close(&reader);
	atomic_store(&crowd.over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	print_message("%" PRId64 " bytes at most, read %" PRId64 " times\n", largest, crowd.turns);
	assert_false(crowd.failed);
	assert_true(crowd.turns > 100);
	assert_true(largest < LOG_SIZE_MAX); /* docs/OPERATIONS.md says 16 MiB, and some */
	book_close(&book);
	(void)remove(path);
	(void)remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_stays_bounded_while_readers_never_pause),
		cmocka_unit_test(what_a_killed_process_did_not_sync_is_synced_before_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
