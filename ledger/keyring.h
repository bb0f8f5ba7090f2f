/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keyring - public keys that checkpoints may be signed by, and opening a checkpoint by one of them.
 *
 * A key counts under any name: which book and generation a checkpoint is of it says itself.  Where
 * the keys come from - files of secrets, an auditor's paper, the book's own records - is for
 * whoever fills the ring.
 */
#ifndef ALYM_LEDGER_KEYRING_H
#define ALYM_LEDGER_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "ledger/head.h"
#include "ledger/note.h"
#include "ledger/store.h"

/* Zeroed, it is empty; keyring_done() lets go of it. */
struct keyring {
	uint8_t (*publics)[NOTE_PUBLIC_SIZE];
	size_t count;
};

void keyring_add(struct keyring *keyring, const uint8_t public[NOTE_PUBLIC_SIZE]); /* once each */
void keyring_join(struct keyring *keyring, const struct keyring *more);
bool keyring_has(const struct keyring *keyring, const uint8_t public[NOTE_PUBLIC_SIZE]);
void keyring_done(struct keyring *keyring);

/* Adds the keys that the book's records of rotations name, the newest first and the one it was
 * founded with last; of a book whose key was never changed, none. */
bool keyring_add_named(struct keyring *keyring, struct store *store, struct err *err) MUST_USE;
bool keyring_add_named_in(struct keyring *keyring, const char *path, struct err *err) MUST_USE;

/* Opens a checkpoint by one of the keys; err says why by the last, or that there is none. */
bool keyring_open(const struct keyring *keyring, struct text note, struct head *head,
	struct err *err) MUST_USE;

#endif
