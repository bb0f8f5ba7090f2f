/* SPDX-License-Identifier: Apache-2.0 */

/*
 * replacement - one book's file put in the place of another, which is kept beside under its name
 * and the time.
 *
 * A process killed at any moment leaves the old file, or none and a daemon that will not start
 * without one, or the new one.  Nothing is deleted but the old one's index (-shm).
 */
#ifndef ALYM_DAEMON_REPLACEMENT_H
#define ALYM_DAEMON_REPLACEMENT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

enum { REPLACEMENT_PATH_SIZE = 4096 };

/*
 * `fresh` becomes `book`, in the same folder; on disk when it returns.  `kept` is where the file
 * that was there is then, with its log, or empty: there was none.  Nobody has either open.
 */
bool replacement_make(const char *fresh, const char *book, char kept[REPLACEMENT_PATH_SIZE],
	struct err *err) MUST_USE;

#endif
