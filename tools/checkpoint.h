/* SPDX-License-Identifier: Apache-2.0 */

/*
 * checkpoint - reading what the book signed: a C2SP tlog-checkpoint, with the verifier key of
 * whoever should have signed it.
 *
 * Like proof.h it is the doubter's own and shares nothing with the ledger's.
 */
#ifndef ALYM_TOOLS_CHECKPOINT_H
#define ALYM_TOOLS_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "tools/proof.h"

enum {
	CHECKPOINT_NAME_SIZE = 256, /* of an origin or key and its NUL */
	CHECKPOINT_KEY_SIZE = 32,
	CHECKPOINT_ID_SIZE = 4,
	CHECKPOINT_KEYS_MAX = 8, /* that somebody may give */
	CHECKPOINT_NOTE_MAX = 65536,
};

/* An Ed25519 public key under a name. */
struct checkpoint_key {
	char name[CHECKPOINT_NAME_SIZE];
	uint8_t id[CHECKPOINT_ID_SIZE];
	uint8_t bytes[CHECKPOINT_KEY_SIZE];
};

struct checkpoint {
	char origin[CHECKPOINT_NAME_SIZE];
	uint64_t size; /* records it covers */
	struct proof_hash root;
};

/* "<name>+<8 hex digits>+<base64 of 0x01 and the key>"; the digits must follow from the rest. */
bool checkpoint_key_read(struct text verifier, struct checkpoint_key *key, struct err *err)
	MUST_USE;

/* Verifies before it believes: a signature by one of the keys must be there, each one by them must
 * hold, and the origin must be the name of the key that signed. */
bool checkpoint_read(struct text note, const struct checkpoint_key *keys, size_t count,
	struct checkpoint *checkpoint, struct err *err) MUST_USE;

#endif
