/* SPDX-License-Identifier: Apache-2.0 */

/*
 * disk - an SQLite VFS in memory that forgets, as a real disk may, what was not synced.
 *
 * Reads see every write.  What survives disk_crash() is what was synced, plus, of the writes after
 * that, any subset in any order, each perhaps torn at 512-byte sectors: drawn from the disk's own
 * generator, so that a seed replays exactly.  A file that was never synced may vanish.
 * Single-threaded: several connections, never two calls at once, so locks always succeed.
 */
#ifndef ALYM_TESTS_SIM_DISK_H
#define ALYM_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk;

/* Registers the VFS under `name` (not the default). */
struct disk *disk_new(const char *name, uint64_t seed);
void disk_free(struct disk **disk);

/* From now on every call fails: the process is dying, nothing it still does reaches the disk. */
void disk_die(struct disk *disk);

/* Another process begins where that one was killed: nothing is lost, and what was not synced is not
 * synced yet.  All connections must be closed. */
void disk_revive(struct disk *disk);

/* The power comes back: files are what survived.  All connections must be closed. */
void disk_crash(struct disk *disk);

/* The n-th write, or sync, from now fails with an I/O error, once; 0: none. */
void disk_fail_write(struct disk *disk, int64_t n);
void disk_fail_sync(struct disk *disk, int64_t n);

struct disk_figures {
	int64_t writes;
	int64_t syncs;
	int64_t lost; /* writes that did not survive a crash, or only in part */
};
struct disk_figures disk_figures(const struct disk *disk);

#endif
