/* SPDX-License-Identifier: Apache-2.0 */

/*
 * examination - the book of a daemon that runs, verified on a copy of it (ledger/verify.h).
 *
 * The copy is of one moment, so that what is written meanwhile is neither seen nor hindered; its
 * own thread verifies it, at low priority, and the file goes when that is done.  What is found is
 * taken on the loop as it comes.
 */
#ifndef ALYM_DAEMON_EXAMINATION_H
#define ALYM_DAEMON_EXAMINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"
#include "ledger/copy.h"
#include "ledger/verify.h"

/* What came of it. */
struct examination_result {
	int64_t records;
	int64_t rows;
	int64_t faults;
	struct verify_signed signatures;
};

struct examination;

/* `quick`: of the quick level.  The zone outlives it. */
struct examination *examination_new(const struct zone *almaty, bool quick);
void examination_free(struct examination **examination); /* the copy is free, or there is none */

/* Adds the keys that have a file in the folder, and those that the book in that file names; on the
 * copy's thread. */
typedef bool examination_keys_fn(const char *folder, const char *book, struct keyring *own,
	struct keyring *named, struct err *err);

/* Has the copy, which nobody makes yet, used to verify the book by those keys. */
void examination_use(struct examination *examination, struct copy *copy, examination_keys_fn *keys,
	const char *folder);

/* Takes a fault that was found since, as its line; false: there is none yet. */
bool examination_take(struct examination *examination, char fault[VERIFY_FAULT_SIZE]);

/* Of one whose copy is READY. */
const struct examination_result *examination_result(const struct examination *examination);

#endif
