/* SPDX-License-Identifier: Apache-2.0 */

/*
 * digest - SHA-256 over several texts, with the algorithm looked up once instead of every time.
 *
 * One thread at a time.  An OpenSSL without SHA-256 ends the process.
 */
#ifndef ALYM_LEDGER_DIGEST_H
#define ALYM_LEDGER_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { DIGEST_SIZE = 32 };

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest **digest);

/* Of the texts one after the other. */
void digest_of(struct digest *digest, const struct text *parts, size_t count,
	uint8_t out[DIGEST_SIZE]);

#endif
