/* SPDX-License-Identifier: Apache-2.0 */

/* standing - whether the book is the one that was written here last, and its generations. */
#ifndef ALYM_LEDGER_STANDING_H
#define ALYM_LEDGER_STANDING_H

#include "base/attr.h"
#include "base/err.h"
#include "ledger/job.h"

struct book;

/* Generations, and whether the book may be written; after the checkpoint key and the journal. */
void standing_load(struct book *book, const char *head);
/* The generation that wrote the record. */
int32_t standing_generation(const struct book *book, int64_t record);
/* Puts the newest checkpoint beside the book, if it is not there yet. */
bool standing_keep_head(struct book *book, struct err *err) MUST_USE;
void resume_decide(struct book *book, struct job *job);
void resume_apply(struct book *book, struct job *job);

#endif
