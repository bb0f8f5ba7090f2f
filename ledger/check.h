/* SPDX-License-Identifier: Apache-2.0 */

/*
 * check - whether a file that nobody writes is a whole book: what a copy must pass to be called
 * one.
 *
 * The tree is made again from every record's leaf and compared with the newest checkpoint in the
 * file, whose signature must be one of the keys'.  What stands beside the records is not looked at.
 */
#ifndef ALYM_LEDGER_CHECK_H
#define ALYM_LEDGER_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/head.h"
#include "ledger/note.h"

/* Told now and then how many records were read; false: stop. */
typedef bool check_step_fn(void *context, int64_t done, int64_t all);

struct check_options {
	const char *path;
	const struct note_key *const *keys; /* under any name; one of them signed */
	size_t key_count;
	bool pages;          /* SQLite's own check of the file, too: that takes a while */
	check_step_fn *step; /* or NULL */
	void *context;
};

struct check_result {
	int64_t records;
	struct head head; /* the newest checkpoint's */
	char note[NOTE_TEXT_SIZE];
};

bool check_file(const struct check_options *options, struct check_result *result, struct err *err)
	MUST_USE;

/* The public halves of the keys that the file says have signed since the first, the newest first;
 * at most `max`. */
bool check_publics(const char *path, uint8_t (*publics)[NOTE_PUBLIC_SIZE], size_t max,
	size_t *count, struct err *err) MUST_USE;

/* Opens a checkpoint by one of the keys, under whatever name it says. */
bool check_open(struct text note, const struct note_key *const *keys, size_t count,
	struct head *head, struct err *err) MUST_USE;

/* The tree of the first `head->size` records of the file is the head's; it has so many. */
bool check_head(const char *path, const struct head *head, struct err *err) MUST_USE;

#endif
