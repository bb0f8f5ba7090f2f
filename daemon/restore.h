/* SPDX-License-Identifier: Apache-2.0 */

/*
 * restore - a backup put in the place of the book, while no daemon runs.
 *
 * The backup is copied into the state_dir, verified there, marked as a copy and only then renamed;
 * a process killed at any moment leaves the old book, or none and a daemon that will not start
 * without one, or the whole new one.  Nothing is ever deleted but what a killed restore left.
 */
#ifndef ALYM_DAEMON_RESTORE_H
#define ALYM_DAEMON_RESTORE_H

#include "daemon/maintenance.h"

enum alymd_status restore_run(const struct config *config, const struct maintenance_words *words);

#endif
