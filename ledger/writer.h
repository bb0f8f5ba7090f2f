/* SPDX-License-Identifier: Apache-2.0 */

/*
 * writer - the threads of the book: one that writes, one that syncs, some that read.
 *
 * Jobs submitted are taken, all that wait at once, by the writer thread, written together and done
 * when they are on disk, as are queries that may have seen them.  Queries run on reader threads
 * with connections of their own: those that payments ask on some, long ones on another, slice after
 * slice, so that none of the first ever waits for one of the second.  What is finished is handed
 * back by writer_collect() on the caller's thread; `wake` (called from any thread) says that there
 * is something.
 */
#ifndef ALYM_LEDGER_WRITER_H
#define ALYM_LEDGER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/book.h"
#include "ledger/copy.h"
#include "ledger/reader.h"

struct writer;

typedef void writer_wake_fn(void *context);

enum {
	WRITER_READERS = 2,
	WRITER_LONG_READERS = 1, /* of long queries; at low priority */
};

/* Takes the book over; it is closed by writer_stop(). */
bool writer_start(struct book **book, const char *path, writer_wake_fn *wake, void *context,
	struct writer **writer, struct err *err) MUST_USE;

/* Finishes what was submitted, joins the threads, hands back what is finished, closes the book.  A
 * long query gets one slice more: if that was not its last, `again` still says so in done(). */
void writer_stop(struct writer **writer);

void writer_submit(struct writer *writer, struct job *job);
/* Has the writer make the copy between batches; not while it is at another (copy_is_free()). */
void writer_copy(struct writer *writer, struct copy *copy);

void writer_query(struct writer *writer, struct query *query);

/* Runs `done` of everything finished.  False: the book failed; err says why, and every job from now
 * on gets JOB_FAILED. */
bool writer_collect(struct writer *writer, struct err *err) MUST_USE;

#endif
