/* SPDX-License-Identifier: Apache-2.0 */

/*
 * medium - files in memory as a machine has them: what programs see, and what would survive.
 *
 * Reads see every write.  A sync makes the writes so far durable.  When the power goes, what
 * survives is that, plus, of the writes since, any subset in any order, each perhaps torn at
 * 512-byte sectors.  A sync that fails is as bad as on a real kernel: of the writes it was to make
 * durable some are, the others never will be, and later syncs do not speak of them again - yet
 * programs still see them.  A file never synced may vanish, a removed one may come back.
 */
#ifndef ALYM_TESTS_SIM_MEDIUM_H
#define ALYM_TESTS_SIM_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/random.h"

enum { MEDIUM_SECTOR = 512, MEDIUM_FILES_MAX = 32, MEDIUM_NAME_SIZE = 128 };
enum { MEDIUM_REGIONS_MAX = 64 };

struct medium_bytes {
	unsigned char *bytes;
	size_t size;
	size_t capacity;
};

/* A write, or with no bytes a truncation to `offset`, that was not synced yet. */
struct medium_change {
	size_t offset;
	size_t size;
	unsigned char *bytes;
};

struct medium_file {
	char name[MEDIUM_NAME_SIZE];
	bool used;
	bool kept; /* it was synced once: its name survives */
	bool gone; /* removed, but the folder was not synced */
	struct medium_bytes seen;
	struct medium_bytes durable;
	struct medium_change *changes;
	size_t change_count;
	size_t change_capacity;
	void *regions[MEDIUM_REGIONS_MAX]; /* shared memory of the WAL's index */
	int region_users;
	int shared; /* handles that hold a lock of any kind */
};

struct medium {
	struct random *random;
	struct medium_file files[MEDIUM_FILES_MAX];
	int64_t lost; /* writes that did not survive, or only in part */
};

void medium_done(struct medium *medium);

/* NULL: there is none; there is no room for one more. */
struct medium_file *medium_find(struct medium *medium, const char *name);
struct medium_file *medium_create(struct medium *medium, const char *name);
void medium_remove(struct medium_file *file, bool durable);

/* How many of the bytes there are. */
size_t medium_read(const struct medium_file *file, void *out, size_t size, size_t offset);
void medium_write(struct medium_file *file, const void *bytes, size_t size, size_t offset);
void medium_truncate(struct medium_file *file, size_t size);
/* The first of a file syncs its folder too, as SQLite does for journals: what is removed is. */
void medium_sync(struct medium *medium, struct medium_file *file);
void medium_sync_fails(struct medium *medium, struct medium_file *file);

/* The shared memory dies with the last program that had it. */
void medium_forget_regions(struct medium_file *file);

/* The power goes and comes back. */
void medium_crash(struct medium *medium);

#endif
