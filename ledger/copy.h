/* SPDX-License-Identifier: Apache-2.0 */

/*
 * copy - a copy of the book that is being made while it is written, and read when it is whole.
 *
 * The writer's thread copies some pages between two batches (SQLite's backup interface: what it
 * writes meanwhile goes into the copy too, and it never starts over); a thread of the copy's own
 * then marks the file as a copy, checks it (ledger/check.h) and syncs it.  Only then has it its
 * name.  Or it is used in another way and never kept.  The file is the copy's and goes with it.
 *
 * copy_slice() and copy_give_up() are for the writer's thread, copy_step() for the copy's own,
 * copy_is_wanted(), copy_progress() and copy_read() for any, all others for the owner's.
 */
#ifndef ALYM_LEDGER_COPY_H
#define ALYM_LEDGER_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/check.h"
#include "ledger/store.h"

enum copy_state { COPY_COPYING, COPY_CHECKING, COPY_READY, COPY_FAILED };

struct copy_progress {
	enum copy_state state;
	int64_t done;               /* pages copied, or records checked */
	int64_t all;                /* 0: not known yet */
	int64_t size;               /* bytes of the file, or what they will be; 0: not known yet */
	struct check_result result; /* READY */
	char why[ERR_MESSAGE_SIZE]; /* FAILED */
};

struct copy;

/* Done with the whole file, which nobody writes, by the copy's own thread; to be given up soon
 * after nobody wants it.  False, and err: it has failed. */
typedef bool copy_use_fn(void *context, struct copy *copy, const char *path, struct err *err);

/* Removes what a copy of that path has left, were it in the middle of being made. */
void copy_sweep(const char *path);

/* Says in a file that nobody writes that it is a copy, if it does not; of an older schema, it is
 * brought to this one. */
bool copy_mark_file(const char *path, int64_t now, struct err *err) MUST_USE;

/* The file will be `path`; "PATH.part" until it is whole.  What lies there goes. */
struct copy *copy_new(const char *path, int64_t now);

/* Before the writer has it: the file is used in that way instead of being checked and kept.  READY
 * when that is done. */
void copy_use(struct copy *copy, copy_use_fn *use, void *context);

/* The use's: how many of how many records it has gone through, CHECKING. */
void copy_step(struct copy *copy, int64_t done, int64_t all);

/* False after copy_stop(). */
bool copy_is_wanted(struct copy *copy);

/* On the writer's thread: copies a slice of `source`, whose checkpoints `key` signs.  False: that
 * is all, or it has failed, or nobody wants it; then the writer has let go of it. */
bool copy_slice(struct copy *copy, struct store *source, const struct note_key *key);

/* The writer ends before it has begun, or before it is done. */
void copy_give_up(struct copy *copy);

/* Nobody wants it any more: whoever is at it stops soon. */
void copy_stop(struct copy *copy);

void copy_progress(struct copy *copy, struct copy_progress *progress);

/* READY: up to `size` bytes from `offset` on; gives how many, negative where it can not be read. */
int64_t copy_read(struct copy *copy, int64_t offset, void *bytes, size_t size);

/* Neither the writer nor its own thread is at it: it may be freed. */
bool copy_is_free(struct copy *copy);

/* Waits for its own thread, and removes the file.  The writer has let go of it. */
void copy_free(struct copy **copy);

#endif
