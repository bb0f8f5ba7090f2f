/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alymd - the daemon put together: configuration, book, engine, faces, transport, on one loop.
 *
 * It starts in an order in which every failure leaves nothing behind, drains on SIGTERM and SIGINT,
 * takes configuration, certificate and tariff over on SIGHUP - all or nothing - and ends when the
 * book fails: what is in memory then is not believed.
 */
#ifndef ALYM_DAEMON_ALYMD_H
#define ALYM_DAEMON_ALYMD_H

#include "daemon/config.h"

/* As in sysexits.h. */
enum alymd_status {
	ALYMD_STOPPED = 0,
	ALYMD_USAGE = 64,   /* the command line */
	ALYMD_UNSOUND = 65, /* a book was verified, and has faults */
	ALYMD_BOOK = 70,    /* the book can not be opened, or failed */
	ALYMD_SYSTEM = 71,  /* the system refused something: a socket, a thread, a folder */
	ALYMD_TAKEN = 75,   /* another daemon has the state_dir */
	ALYMD_CONFIG = 78,  /* the configuration, or a file it names */
};

/* Runs until it is told to stop.  Takes the configuration over; `path` is where it came from, NULL
 * for none. */
enum alymd_status alymd_run(struct config *config, const char *path);

/* Opens and closes everything the configuration names; complaints go to stderr. */
enum alymd_status alymd_check(const struct config *config);

#endif
