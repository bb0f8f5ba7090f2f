/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rebuild - a book written anew from its journal: every table but the records and what leaves only
 * commit to.
 *
 * Records, private data, evidence, files of sets and lists of rates are taken over as they stand,
 * and so are the texts that leaves seal, where they still fit; the rest is derived.  The new file
 * is good only when verify finds no fault in it.
 */
#ifndef ALYM_LEDGER_REBUILD_H
#define ALYM_LEDGER_REBUILD_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/zone.h"

/* Reads `path`, which nobody writes, and makes `fresh`, which is not there.  False: a record is
 * damaged, or something could not be read or written; what was made of `fresh` is the caller's to
 * remove. */
bool rebuild_file(const char *path, const char *fresh, const struct zone *almaty, struct err *err)
	MUST_USE;

#endif
