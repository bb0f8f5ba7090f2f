/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store_log - the log of a store: as it was left behind, and put on disk.
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

struct store_log;

/*
 * The log of a store that is open, as a file of its own: the kernel tells each open file once what
 * it could not write, so who syncs on a thread of his own must not share the engine's, or one of
 * the two would not hear of it.
 */
bool store_log_open(const char *path, const char *vfs, struct store_log **log, struct err *err)
	MUST_USE;
void store_log_close(struct store_log **log);

/* On any thread, one at a time. */
bool store_log_sync(struct store_log *log, struct err *err) MUST_USE;

/* Whether one of them did not succeed; after the last. */
bool store_log_failed(const struct store_log *log);

#endif
