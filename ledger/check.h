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
#include "ledger/keyring.h"

/* Told now and then how many records were read; false: stop. */
typedef bool check_step_fn(void *context, int64_t done, int64_t all);

struct check_options {
	const char *path;
	const struct keyring *keys; /* one of them signed */
	bool pages;                 /* SQLite's own check of the file, too: that takes a while */
	check_step_fn *step;        /* or NULL */
	void *context;
};

struct check_result {
	int64_t records;
	struct head head; /* the newest checkpoint's */
	char note[NOTE_TEXT_SIZE];
};

bool check_file(const struct check_options *options, struct check_result *result, struct err *err)
	MUST_USE;

/* The tree of the first `head->size` records of the file is the head's; it has so many. */
bool check_head(const char *path, const struct head *head, struct err *err) MUST_USE;

#endif
