/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store_log - the log of a store, as it was left behind.
 */
#ifndef ALYM_LEDGER_STORE_LOG_H
#define ALYM_LEDGER_STORE_LOG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * A sync that failed leaves bytes that are seen and will never be on disk: the kernel has let go of
 * them, and no later sync speaks of them.  A process killed then leaves its successor a log that
 * looks whole and is not.  So a log that was left behind is written over itself before anything in
 * it is believed, or moved.
 */
bool store_log_renew(const char *path, const char *vfs, struct err *err) MUST_USE;

#endif
