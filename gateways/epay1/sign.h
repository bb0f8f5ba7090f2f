/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sign - epay1's signatures: base64 of the reversed bytes of RSA-PKCS1-v1_5 with SHA-1.
 *
 * The bank's keys are pinned: certificates are read for the key in them, and no chain, date or name
 * of theirs is looked at.
 */
#ifndef ALYM_GATEWAYS_EPAY1_SIGN_H
#define ALYM_GATEWAYS_EPAY1_SIGN_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	SIGN_KEY_BYTES_MAX = 512,
	SIGN_TEXT_SIZE = (SIGN_KEY_BYTES_MAX + 2) / 3 * 4 + 1, /* base64, and its NUL */
};

/* Read-only once made. */
struct sign {
	EVP_PKEY *ours;
	EVP_PKEY *bank;
	EVP_PKEY *bank_next; /* or NULL: while the bank changes its key */
};

/*
 * PEM files: our private key with its passphrase (empty: it has none), the bank's certificates or
 * public keys (`next` may be empty).  NULL, or what is wrong with them; then nothing is left to
 * free.
 */
const char *sign_init(struct sign *sign, struct text key, struct text passphrase, struct text bank,
	struct text next) MUST_USE;
void sign_done(struct sign *sign);

/* The signature of exactly these bytes, ended by NUL. */
void sign_make(const struct sign *sign, struct text bytes, char out[SIGN_TEXT_SIZE]);

/* Whether one of the bank's keys signed exactly these bytes. */
bool sign_is_banks(const struct sign *sign, struct text bytes, struct text signature);

#endif
