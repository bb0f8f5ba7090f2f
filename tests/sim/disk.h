/* SPDX-License-Identifier: Apache-2.0 */

/*
 * disk - an SQLite VFS over a medium that forgets, fails, and loses power, when it is told to.
 *
 * Single-threaded: several connections, never two calls at once, so locks always succeed.  All
 * chance comes from the disk's own generator, so that a seed replays exactly.
 */
#ifndef ALYM_TESTS_SIM_DISK_H
#define ALYM_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk;

/* Registers the VFS under `name` (not the default). */
struct disk *disk_new(const char *name, uint64_t seed);

/* Databases made from now on have pages of that size: small ones, many writes. */
void disk_set_page_size(struct disk *disk, int size);
void disk_free(struct disk **disk);

/* From now on every call fails: nothing the process still does reaches the disk. */
void disk_die(struct disk *disk);
bool disk_is_dead(const struct disk *disk);

/* All connections must be closed.  The process was killed: files are what was written.  Or the
 * power was cut: files are what survived. */
void disk_revive(struct disk *disk);
void disk_crash(struct disk *disk);

enum disk_fault {
	DISK_FAULTLESS,
	DISK_READ_FAILS,
	DISK_WRITE_FAILS, /* perhaps after a part was written */
	DISK_IS_FULL,
	DISK_SYNC_FAILS,
	DISK_CUT, /* the power goes during it: written whole, in part or not at all, and dead */
	/* The same of the database's own file in the hands of who may write it: a checkpoint, or
	 * what the writer has not yet in memory. */
	DISK_FILE_READ_FAILS,
	DISK_FILE_WRITE_FAILS,
	DISK_FILE_SYNC_FAILS,
	DISK_FILE_CUT,
};

/* The n-th call of that kind from now fails, once; cuts count writes, truncations, removals and
 * syncs.  One fault at a time. */
void disk_fault(struct disk *disk, enum disk_fault fault, int64_t n);

/* Held, it does not count and does not fail: for the eyes of the checkers. */
void disk_hold(struct disk *disk, bool held);

struct disk_figures {
	int64_t writes;
	int64_t syncs;
	int64_t faults;    /* that happened */
	int64_t unwritten; /* of them: writes and syncs */
	int64_t lost;      /* writes that did not survive a crash, or only in part */
};
struct disk_figures disk_figures(const struct disk *disk);

#endif
