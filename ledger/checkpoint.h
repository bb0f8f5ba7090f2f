/* SPDX-License-Identifier: Apache-2.0 */

/*
 * checkpoint - the signed notes over all records so far (checkpoint.c), and who signs them
 * (rotate.c).  It is of the book's own files.
 */
#ifndef ALYM_LEDGER_CHECKPOINT_H
#define ALYM_LEDGER_CHECKPOINT_H

#include "ledger/book_parts.h"

void checkpoint_decide(struct book *book, struct job *job);
void checkpoint_apply(struct book *book, struct job *job);
/* In the apply of another job, at its end: nobody knows of that one before it is signed. */
void checkpoint_over(struct book *book, const struct job *job);

void rotate_decide(struct book *book, struct job *job);
void rotate_apply(struct book *book, struct job *job);
/* The key before the newest one signs no more, when its time is over. */
void rotate_retire(struct book *book, int64_t now);
/* The keys that sign, under the book's name; false: err, or the store has failed. */
bool rotate_load(struct book *book, const struct book_options *options, const char *name,
	struct err *err) MUST_USE;

#endif
