/* SPDX-License-Identifier: Apache-2.0 */

/*
 * book - the journal of records and all that is derived from it, on SQLite.
 *
 * One thread calls it (ledger/writer.h), but for book_sync(), and owns the only writing connection
 * (WAL; the log is synced by us: ledger/store.h).  The decisions are made from memory - balances,
 * cards of payments, keys used - which is rebuilt from the tables at open.  After a failed batch
 * nothing in memory is believed: the book only closes.
 */
#ifndef ALYM_LEDGER_BOOK_H
#define ALYM_LEDGER_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/zone.h"
#include "ledger/job.h"
#include "ledger/note.h"

struct book;
struct copy;

struct book_options {
	const char *path;
	const char *vfs;    /* SQLite's, or NULL for the default */
	const char *origin; /* the checkpoints' name without generation: "alym.example.kz/book" */
	uint8_t seed[NOTE_SEED_SIZE]; /* of the first checkpoint key */
	/* Of a later one, by its public half; NULL: there are none. */
	bool (*seed_of)(void *context, const uint8_t public[NOTE_PUBLIC_SIZE],
		uint8_t seed[NOTE_SEED_SIZE], struct err *err);
	void *context;
	uint8_t random[64];        /* fresh: the keys of a new book are made of it */
	const struct zone *almaty; /* or NULL: the last record's day is not looked at */
	int64_t now;               /* Unix seconds */
	int64_t keys_window;       /* keys of each kind in memory; 0: BOOK_KEYS_WINDOW */
	int64_t cards_max;         /* payments in memory; 0: BOOK_CARDS_MAX */
	const char *head; /* where the newest checkpoint signed is kept (ledger/head.h); or NULL */
};

/* Whether the book may be written. */
enum book_standing {
	BOOK_WRITES,
	BOOK_COPY,  /* it says that it is a copy */
	BOOK_OLDER, /* it is behind what was signed here */
	BOOK_OTHER, /* it is not what was signed here */
};

enum { BOOK_WHY_SIZE = 200 };

enum { BOOK_KEYS_WINDOW = 1 << 20, BOOK_CARDS_MAX = 1 << 18, BOOK_BATCH_MAX = 4096 };

enum { BOOK_INBOX_MAX = 1 << 20 }; /* messages kept; then JOB_KEEP is JOB_EXHAUSTED */

/* Makes the book if the file is not there; rebuilds the memory if it is. */
bool book_open(const struct book_options *options, struct book **book, struct err *err) MUST_USE;
void book_close(struct book **book);

/*
 * A list of jobs is taken in one transaction, in three steps.  False, from any of them: the book is
 * good for book_close() only; but for book_sync(), which has none, every job has JOB_FAILED.
 *
 * Each job has its outcome.
 */
bool book_write(struct book *book, struct job *first, struct err *err) MUST_USE;

/* Readers see what was written. */
bool book_end(struct book *book, struct job *first, struct err *err) MUST_USE;

/* All that ended before this began is on disk, and only now somebody may hear of it.  On any
 * thread, one at a time, while the book's own writes on; false: also what ended since the last one
 * that succeeded has failed. */
bool book_sync(struct book *book, struct err *err) MUST_USE;

/* Of these, written or not, nothing is believed: each has JOB_FAILED. */
void book_fail_jobs(struct job *first);

/* All three. */
bool book_commit(struct book *book, struct job *first, struct err *err) MUST_USE;

/* Whether who reads much had better pause, so that no commit has to wait for him. */
bool book_log_is_long(const struct book *book);

/* A slice of a copy: copy_slice(). */
bool book_copy(struct book *book, struct copy *copy);

/* It is good for book_close() only, but for a book_sync() that said so itself; `err` says why,
 * where the store knows. */
bool book_has_failed(const struct book *book, struct err *err);

int32_t book_generation(const struct book *book);

/* Who signs checkpoints now. */
void book_keys(const struct book *book, struct job_keys *keys);

/* Anything but BOOK_WRITES: every job that would write is JOB_RESTORED, until JOB_RESUME. */
enum book_standing book_standing(const struct book *book, char why[BOOK_WHY_SIZE]);

#endif
