/* SPDX-License-Identifier: Apache-2.0 */

/*
 * head - the newest checkpoint that was ever signed here, in a small file beside the book.
 *
 * A book that was put back from a copy does not know how far it had come; this file does.  It is
 * replaced whole, after the checkpoint is in the book and before anybody sees it.
 */
#ifndef ALYM_LEDGER_HEAD_H
#define ALYM_LEDGER_HEAD_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "ledger/note.h"

enum head_result { HEAD_READ, HEAD_ABSENT, HEAD_BROKEN };

/* What a checkpoint says, whoever signed it. */
struct head {
	char book[NOTE_NAME_SIZE]; /* the origin's last part but one: the book's name */
	int32_t generation;        /* the origin's last part */
	uint64_t size;
	struct tree_hash root;
};

/* Of a note's text; no signature is looked at.  False: it is no checkpoint of a book. */
bool head_of(struct text note, struct head *head) MUST_USE;

enum head_result head_read(const char *path, struct head *head);

/* On disk when it returns. */
bool head_write(const char *path, struct text note, struct err *err) MUST_USE;

#endif
