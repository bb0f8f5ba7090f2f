/* SPDX-License-Identifier: Apache-2.0 */

/*
 * evidence - the message that a record rests on, as readers see it.
 *
 * The record's leaf says SHA-256(salt || message) for ever; the message and its salt lie beside it
 * until the law has them erased.
 */
#ifndef ALYM_LEDGER_EVIDENCE_H
#define ALYM_LEDGER_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "ledger/job.h"
#include "ledger/reader.h"

enum evidence_state {
	EVIDENCE_NONE, /* the record rests on no message */
	EVIDENCE_KEPT,
	EVIDENCE_ERASED,  /* by the record `erasure` */
	EVIDENCE_MISSING, /* the leaf commits to one, the book has none and no record that says why
			   */
};

struct evidence_view {
	enum evidence_state state;
	char commitment[2 * JOB_DIGEST_SIZE + 1]; /* as the leaf says it, hexadecimal */
	uint8_t salt[JOB_SALT_SIZE];              /* of what is kept */
	struct text data;                         /* the same; in the arena */
	int64_t erasure;
	struct buffer arena;
};

void evidence_init(struct evidence_view *view);
void evidence_done(struct evidence_view *view);

/* `leaf`: the record's. */
bool evidence_read(struct reader *reader, int64_t record, struct text leaf,
	struct evidence_view *view, struct err *err) MUST_USE;

const char *evidence_state_name(enum evidence_state state); /* "kept" */

#endif
