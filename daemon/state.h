/* SPDX-License-Identifier: Apache-2.0 */

/*
 * state - the folder that is the daemon's own: made if need be, locked, with its key.
 *
 *     alymd.lock        held while a daemon runs; its process number is inside
 *     checkpoint.key    32 random bytes, made at the first start: the Ed25519 key of checkpoints
 *     checkpoint-0f3a9c21aabbccdd.key
 *                       one that took its place; the digits begin its public half
 *     book.db           the book, with its -wal and -shm
 *     head              the newest checkpoint that was signed
 */
#ifndef ALYM_DAEMON_STATE_H
#define ALYM_DAEMON_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/keyring.h"

enum { STATE_PATH_SIZE = 224 };

/* Makes the folder, mode 0700, owned by that user (or the caller: (uid_t)-1), if it is not there;
 * one that others may read is closed to them, one that they may write to is refused. */
bool state_make(const char *folder, uid_t uid, gid_t gid, struct err *err) MUST_USE;

enum state_lock {
	STATE_LOCKED, /* *fd holds it until it is closed */
	STATE_TAKEN,  /* another daemon has it; err says which */
	STATE_FAILED,
};

enum state_lock state_lock(const char *folder, int *fd, struct err *err) MUST_USE;

/* Reads the key, after making it when there is neither key nor book. */
bool state_key(const char *folder, uint8_t seed[NOTE_SEED_SIZE], struct err *err) MUST_USE;

/* Makes another key; its file, mode 0600, is on disk when this returns. */
bool state_make_key(const char *folder, uint8_t seed[NOTE_SEED_SIZE], struct err *err) MUST_USE;

/* Reads such a one, by its public half. */
bool state_later_key(const char *folder, const uint8_t public[NOTE_PUBLIC_SIZE],
	uint8_t seed[NOTE_SEED_SIZE], struct err *err) MUST_USE;

/*
 * Adds the public halves of all keys that have a file in the folder to `own`, and to `named` the
 * keys that the records of the book in that file name.  It is an error when the first key has no
 * file, or the newest one named.
 */
bool state_keys(const char *folder, const char *book, struct keyring *own, struct keyring *named,
	struct err *err) MUST_USE;

/* "FOLDER/book.db"; false when that is too long. */
bool state_book(const char *folder, char path[STATE_PATH_SIZE]) MUST_USE;

/* "FOLDER/backup.db", while a copy is made, and "FOLDER/head", the newest checkpoint signed; false
 * when that is too long. */
bool state_copy(const char *folder, char path[STATE_PATH_SIZE]) MUST_USE;
bool state_head(const char *folder, char path[STATE_PATH_SIZE]) MUST_USE;

/* False when a book was founded here and its file is missing or empty: a new one must not take its
 * place. */
bool state_expect_book(const char *folder, struct err *err) MUST_USE;

/* Remembers that there is a book here; to be called once it is open. */
bool state_found_book(const char *folder, struct err *err) MUST_USE;

#endif
