/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mac - HMACs (RFC 2104) of texts, made with one key and checked with up to two: the one in use,
 * and the next while both sides change over.
 *
 * Linked by gateways that ask for alym_mac.  Read-only once made, so that one serves all sessions;
 * a failure to make one is want of memory, and that ends the process.
 */
#ifndef ALYM_PLUGINS_MAC_H
#define ALYM_PLUGINS_MAC_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "base/text.h"

enum { MAC_SIZE_MAX = 64 };

struct mac {
	EVP_MAC_CTX *first;
	EVP_MAC_CTX *next; /* NULL when there is one key only */
	size_t size;       /* of what it makes, bytes */
};

/* `digest` is "SHA1", "SHA256" or "SHA512"; `next` is empty when there is none.  Keys are of any
 * size but empty, and not kept. */
void mac_init(struct mac *mac, const char *digest, struct text first, struct text next);
void mac_done(struct mac *mac);

/* Of the parts one after another, by the first key; `out` has mac->size bytes. */
void mac_make(const struct mac *mac, const struct text *parts, size_t count, unsigned char *out);

/*
 * Whether either key made `theirs`, mac->size bytes.  Both are always tried and all bytes compared,
 * so that the time says nothing.
 */
bool mac_matches(const struct mac *mac, const struct text *parts, size_t count,
	const unsigned char *theirs);

#endif
