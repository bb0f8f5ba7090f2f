/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ledger/book.h"
#include "tests/alym_test.h"
#include "tests/sim/disk.h"

#define NOW INT64_C(1772344800) /* 2026-03-01T06:00:00Z */

enum { SEEDS = 20 };

static const char vfs_name[] = "store";

static struct book *open_book(void)
{
	struct book_options options = { .path = "book.db",
		.vfs = vfs_name,
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
		struct book *book = open_book();

		assert_int_equal(register_client(book, "first"), JOB_DONE);
		disk_fault(disk, DISK_SYNC_FAILS, 1);
		assert_int_equal(register_client(book, "second"), JOB_FAILED);
		disk_die(disk);
		book_close(&book);
		disk_revive(disk);

		book = open_book();
		assert_int_equal(register_client(book, "second"), JOB_REPEATED);
		disk_die(disk);
		book_close(&book);
		disk_crash(disk);

		book = open_book();
		assert_int_equal(register_client(book, "second"), JOB_REPEATED);
		book_close(&book);
		disk_free(&disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_killed_process_did_not_sync_is_synced_before_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
