/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verification - a book in a file, derived again from its journal and compared (ledger/verify.h).
 *
 * Every fault is a line of the output.  Only the book of a daemon that runs is refused: a backup is
 * verified instead.
 */
#ifndef ALYM_DAEMON_VERIFICATION_H
#define ALYM_DAEMON_VERIFICATION_H

#include "daemon/maintenance.h"

enum alymd_status verification_run(const struct config *config,
	const struct maintenance_words *words);

/* One with faults is written anew from its journal (ledger/rebuild.h) into a file that takes its
 * place when it has none; the old one is kept beside. */
enum alymd_status verification_rebuild_run(const struct config *config,
	const struct maintenance_words *words);

#endif
