/* SPDX-License-Identifier: Apache-2.0 */

/*
 * note - checkpoints of the book as C2SP tlog-checkpoint signed notes (Ed25519).
 *
 *     alym/0f3a9c21/1
 *     4711
 *     <base64 of the root>
 *
 *     — alym/0f3a9c21/1 <base64 of key id and signature>
 *
 * Formats: C2SP signed-note and tlog-checkpoint v1.  The tools of the transparency-log world verify
 * them with the verifier key: "<name>+<8 hex digits>+<base64 of 0x01 and the public key>".
 */
#ifndef ALYM_LEDGER_NOTE_H
#define ALYM_LEDGER_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "ledger/tree.h"

enum {
	NOTE_NAME_SIZE = 64,      /* of the origin, which is also the key's name, and its NUL */
	NOTE_TEXT_SIZE = 512,     /* of a whole signed note and its NUL */
	NOTE_VERIFIER_SIZE = 160, /* of a verifier key and its NUL */
	NOTE_SEED_SIZE = 32,      /* an Ed25519 private key, RFC 8032 */
	NOTE_PUBLIC_SIZE = 32,    /* and its public half */
	NOTE_SIZE_MAX = 16384,    /* of a note we open, with the lines of its witnesses */
};

struct note_key; /* a private key and the name it signs for */

/*
 * `seed` is the private key's 32 bytes; `name` has no spaces and no plus.  To be freed with
 * note_key_free().
 */
bool note_key_new(const uint8_t seed[NOTE_SEED_SIZE], const char *name, struct note_key **key,
	struct err *err) MUST_USE;
void note_key_free(struct note_key **key); /* wipes */

/* Borrowed. */
const uint8_t *note_key_public(const struct note_key *key); /* NOTE_PUBLIC_SIZE bytes */
const char *note_key_name(const struct note_key *key);

/* The same private key under another name. */
bool note_key_named(const struct note_key *key, const char *name, struct note_key **named,
	struct err *err) MUST_USE;

/* The C2SP verifier key; returns `out`. */
const char *note_key_verifier(const struct note_key *key, char out[NOTE_VERIFIER_SIZE]);

/* The signed checkpoint of that tree, under the key's name as origin. */
bool note_sign(const struct note_key *key, uint64_t size, const struct tree_hash *root,
	char out[NOTE_TEXT_SIZE], struct err *err) MUST_USE;

/* Signs it by a second key of the same name: NOTE_TEXT_SIZE has room for two. */
bool note_cosign(const struct note_key *key, char note[NOTE_TEXT_SIZE], struct err *err) MUST_USE;

/* The C2SP verifier key of a public key under that name; false: no key can have the name. */
bool note_verifier_write(const uint8_t public[NOTE_PUBLIC_SIZE], struct text name,
	char out[NOTE_VERIFIER_SIZE], struct err *err) MUST_USE;

/* The key that a verifier key has; false: it is none. */
bool note_verifier_public(struct text verifier, uint8_t out[NOTE_PUBLIC_SIZE]) MUST_USE;

/* Verifies a note by a verifier key (the origin must be the key's name) and gives what it says. */
bool note_open(struct text note, struct text verifier, uint64_t *size, struct tree_hash *root,
	struct err *err) MUST_USE;

/* What a note says, whoever signed it; `origin` points into it.  False: it is no checkpoint. */
bool note_parse(struct text note, struct text *origin, uint64_t *size, struct tree_hash *root)
	MUST_USE;

#endif
