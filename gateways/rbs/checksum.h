/* SPDX-License-Identifier: Apache-2.0 */

/*
 * checksum - whether the bank sent a callback: README.md section 5.
 *
 * Signed are all its parameters but `checksum` and `sign_alias`, sorted by name, as `name;value;`
 * one after another: by HMAC-SHA256 with a shared key, or by RSA (PKCS#1 v1.5).  Of each kind two
 * keys are active, while both sides change over.
 */
#ifndef ALYM_GATEWAYS_RBS_CHECKSUM_H
#define ALYM_GATEWAYS_RBS_CHECKSUM_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "plugins/form.h"
#include "plugins/mac.h"
#include "plugins/settings.h"

enum { CHECKSUM_KEYS = 2 };

struct checksum {
	struct mac mac;
	bool has_mac;
	EVP_PKEY *keys[CHECKSUM_KEYS]; /* NULL: there is none */
	EVP_MD *digest;
};

/* Reads the settings `callback_*`; NULL, or what is wrong with them.  Done either way. */
const char *checksum_init(struct checksum *checksum, const struct settings *settings) MUST_USE;
void checksum_done(struct checksum *checksum);

/*
 * What is signed comes apart in one way only as long as there is no semicolon in it, and means one
 * thing only as long as no name is there twice.
 */
bool checksum_is_plain(const struct form *form);

/* Of a plain form: whether `theirs` is its checksum, by any of our keys. */
bool checksum_matches(const struct checksum *checksum, const struct form *form, struct text theirs);

#endif
