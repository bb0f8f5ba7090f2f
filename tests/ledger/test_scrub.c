/* SPDX-License-Identifier: Apache-2.0 */

/* The power goes while something is erased: after the next start it is gone from file and log. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/alym_test.h"
#include "tests/ledger/scene.h"
#include "tests/sim/disk.h"

enum { CUTS_MAX = 200 };

#define PATH   "book.db"
#define SECRET "the payer's secret"

static const char vfs_name[] = "scrub";

static void start(struct scene *s)
{
	struct book_options options = { .path = PATH,
		.vfs = vfs_name,
		.origin = "test/book",
		.now = s->now };
	struct err err = { 0 };

	memset(options.seed, 7, sizeof(options.seed));
	memset(options.random, 5, sizeof(options.random));
	if (!book_open(&options, &s->book, &err)) {
		fail_msg("%s", err.message);
	}
}

/* A payment by somebody that came to nothing, in a book of one client. */
static int64_t create(struct scene *s)
{
	int64_t payment;
	struct job job = { .kind = JOB_NAME, .u.name.name = TEXT("portal") };

	assert_int_equal(scene_do(s, &job), JOB_DONE);
	scene_create_job(s, &job, "R-1", "create", 1000);
	job.u.create.payer = TEXT("{\"name\":\"" SECRET "\"}");
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	payment = job.payment;
	job = (struct job){ .kind = JOB_CANCEL, .payment = payment };
	job.u.cancel.request = (struct job_request){
		.client = 1,
		.route = ROUTE_CANCEL,
		.key = TEXT("cancel"),
	};
	assert_int_equal(scene_do(s, &job), JOB_DONE);
	return payment;
}

static enum job_outcome erase(struct scene *s, int64_t payment)
{
	struct job job = { .kind = JOB_ERASE, .payment = payment };

	job.u.erase = (struct job_erase){
		.request = { .client = 1, .route = ROUTE_ERASE, .key = TEXT("erase") },
		.reason = TEXT("asked for by the payer"),
		.order = TEXT("court order 1"),
		.actor = { .uid = 1000, .client = 1 },
		.force = true,
	};
	job.now = s->now;
	job.today = s->today;
	return book_commit(s->book, &job, NULL) ? job.outcome : JOB_FAILED;
}

/* Whether the bytes stand in a file of the disk; one that is not there has none. */
static bool stands(const char *path, int kind, const char *bytes)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	sqlite3_file *file = mem_new(1, (size_t)vfs->szOsFile);
	sqlite3_int64 size = 0;
	bool found = false;
	int there = 0;
	int flags = 0;

	assert_int_equal(vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &there), SQLITE_OK);
	if (there != 0) {
		char *all;

		assert_int_equal(vfs->xOpen(vfs, path, file, kind | SQLITE_OPEN_READONLY, &flags),
			SQLITE_OK);
		assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
		all = mem_new(1, (size_t)size + 1);
		assert_int_equal(file->pMethods->xRead(file, all, (int)size, 0), SQLITE_OK);
		for (size_t at = 0; at + strlen(bytes) <= (size_t)size && !found; at++) {
			found = memcmp(all + at, bytes, strlen(bytes)) == 0;
		}
		assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
		free(all);
	}
	free(file);
	return found;
}

static bool secret_stands(void)
{
	return stands(PATH, SQLITE_OPEN_MAIN_DB, SECRET) ||
	       stands(PATH "-wal", SQLITE_OPEN_WAL, SECRET);
}

struct tally {
	int erased; /* found committed by the next start */
	int kept;
};

/* Cut at the n-th write, sync or truncation from the erasure on; false: it came through. */
static bool cut(int64_t n, bool killed, struct tally *tally)
{
	struct disk *disk = disk_new(vfs_name, (uint64_t)n);
	struct scene s = { .now = SCENE_NOW, .today = SCENE_DAY };
	int64_t payment;
	enum job_outcome outcome;
	bool stood;
	bool dead;

	start(&s);
	payment = create(&s);
	assert_true(secret_stands()); /* or there is nothing to be erased */
	disk_fault(disk, DISK_CUT, n);
	(void)erase(&s, payment);
	dead = disk_is_dead(disk);
	disk_die(disk);
	book_close(&s.book);
	if (killed) {
		disk_revive(disk);
	} else {
		disk_crash(disk);
	}
	start(&s);
	stood = secret_stands();
	outcome = erase(&s, payment);
	if (outcome == JOB_REPEATED) {
		assert_false(stood);
		tally->erased++;
	} else {
		assert_int_equal(outcome, JOB_DONE);
		assert_true(stood); /* nothing goes without a record of it */
		tally->kept++;
	}
	assert_false(secret_stands());
	book_close(&s.book);
	assert_false(secret_stands());
	disk_free(&disk);
	return dead;
}

/* Every third place, which keeps it short; they begin at different ones. */
static void cut_everywhere(bool killed)
{
	struct tally tally = { 0 };
	int64_t n = killed ? 1 : 2;

	while (cut(n, killed, &tally)) {
		n += 3;
		assert_true(n < CUTS_MAX);
	}
	assert_true(tally.kept > 0);
	assert_true(tally.erased > 2); /* also between the commit and the end of the scrub */
}

static void killed_anywhere_an_erasure_leaves_nothing(void **state)
{
	(void)state;
	cut_everywhere(true);
}

static void without_power_anywhere_an_erasure_leaves_nothing(void **state)
{
	(void)state;
	cut_everywhere(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_anywhere_an_erasure_leaves_nothing),
		cmocka_unit_test(without_power_anywhere_an_erasure_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
