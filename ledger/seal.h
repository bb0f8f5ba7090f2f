/* SPDX-License-Identifier: Apache-2.0 */

/*
 * seal - what the book knows a text by, and leaves commit to it by, without publishing it.
 *
 * The first 16 bytes of SHA-256 over a secret of the book, what it is, and its parts, each behind
 * its length: the same for the same parts in one book, and nothing to who has the leaves and
 * guesses. One thread at a time.
 */
#ifndef ALYM_LEDGER_SEAL_H
#define ALYM_LEDGER_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/text.h"
#include "ledger/code.h"
#include "ledger/digest.h"
#include "ledger/job.h"
#include "ledger/keyset.h"

enum { SEAL_PARTS_MAX = 3 };

struct seal {
	struct digest *digest; /* borrowed */
	uint8_t secret[DIGEST_SIZE];
};

/* The secret comes from that of the payers' codes. */
void seal_init(struct seal *seal, struct digest *digest, const uint8_t code_key[CODE_KEY_SIZE]);

struct keyset_key seal_of(const struct seal *seal, const char *what, const struct text *parts,
	size_t count);

/* What tells repetitions: a request's key and what it asked, a client's reference, a gateway's
 * operation.  None is of an empty text. */
struct keyset_key seal_request(const struct seal *seal, const struct job_request *request);
struct keyset_key seal_fingerprint(const struct seal *seal, const struct job_request *request);
struct keyset_key seal_reference(const struct seal *seal, int32_t client, struct text reference);
struct keyset_key seal_operation(const struct seal *seal, int32_t gateway, struct text operation);

/* A leaf's member for a text that is not published; none where it is empty. */
void seal_write(const struct seal *seal, struct json_writer *w, const char *name,
	struct text value);

#endif
