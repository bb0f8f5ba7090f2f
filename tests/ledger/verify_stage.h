/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify_stage - a full book that nobody has open, and a copy of it to be tampered with: for tests
 * of verification only.
 */
#ifndef ALYM_TESTS_LEDGER_VERIFY_STAGE_H
#define ALYM_TESTS_LEDGER_VERIFY_STAGE_H

#include "ledger/verify.h"
#include "tests/ledger/full.h"

enum { VERIFY_STAGE_KEYS = 2 };

struct verify_stage {
	struct scene scene; /* closed */
	struct zone *zone;
	char copy[128];
	struct keyring keys; /* those that signed it */
	struct buffer told;  /* the faults, a line each */
};

/* `window`: of the book's keys; 0: as usual. */
struct verify_stage *verify_stage_new(int64_t window);
/* With so many payments more at its end. */
struct verify_stage *verify_stage_new_crowded(int64_t window, int crowd);
void verify_stage_free(struct verify_stage **stage); /* and its files */

/* A verification by the book's keys that tells its faults to `told`, which it empties; `more`: the
 * auditor's own checkpoint and keys, and for how long it is wanted; or NULL.  To be freed. */
struct verify *verify_stage_begin(struct verify_stage *stage, const struct verify_options *more);

/* Removes the copy, and what a reader of it left behind. */
void verify_stage_remove(const struct verify_stage *stage);

/* A fresh copy, without what a reader of the last one left behind. */
void verify_stage_copy(struct verify_stage *stage);

/* A fresh copy, and in it what the file's owner can do: no trigger and no check is in the way.  It
 * has to change something. */
void verify_stage_tamper(struct verify_stage *stage, const char *sql);

/* Bytes that lie somewhere in a file, and the first two of them as they are to be. */
struct verify_stage_bytes {
	const char *bytes;
	size_t size;
	const char *others;
};

/* Puts the others there, in the copy, wherever the bytes lie. */
void verify_stage_patch(const struct verify_stage *stage, const struct verify_stage_bytes *bytes);

/* The last page of the copy that has the text is none any more. */
void verify_stage_break(const struct verify_stage *stage, const char *text);

#endif
