/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pgsig - the signature pg_sig of README.md section 2: what is signed, made and checked.
 *
 * Knows the secrets and the order of fields; knows nothing of what the messages say.
 */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_PGSIG_H
#define ALYM_GATEWAYS_FREEDOMPAY_PGSIG_H

#include <openssl/evp.h>

#include "plugins/form.h"
#include "plugins/xmltree.h"

enum {
	PGSIG_SECRETS = 2,
	PGSIG_SECRET_MIN = 8,
	PGSIG_SECRET_MAX = 128,
	PGSIG_FIELDS_MAX = 256,
	PGSIG_KEYS_MAX = 1 << 16, /* bytes of all names together */
	PGSIG_TEXT_SIZE = 33,     /* hexadecimal, and its NUL */
};

/* Read-only once made. */
struct pgsig {
	EVP_MD *md5;
	char secrets[PGSIG_SECRETS][PGSIG_SECRET_MAX + 1];
	size_t secret_count; /* the first signs, all are accepted */
};

struct pgsig_field {
	struct text key;   /* by which it is sorted */
	struct text value; /* borrowed from the message */
};

/* What of a message is signed: every field but pg_sig. */
struct pgsig_fields {
	struct pgsig_field items[PGSIG_FIELDS_MAX];
	size_t count;
	struct buffer keys;
};

/* False when there is no MD5 here.  `next` is empty when there is no second secret. */
bool pgsig_init(struct pgsig *pgsig, struct text secret, struct text next) MUST_USE;
void pgsig_done(struct pgsig *pgsig);

/* The last segment of an address or a path, without the query: the script that is signed. */
struct text pgsig_script(struct text address);

/* Both give fields that are to be freed, and false when there are too many. */
bool pgsig_of_form(const struct form *form, struct pgsig_fields *fields) MUST_USE;
bool pgsig_of_tree(const struct xmltree_node *root, struct pgsig_fields *fields) MUST_USE;
void pgsig_free(struct pgsig_fields *fields);

/* Signs with the secret of that number; sorts the fields. */
void pgsig_make(const struct pgsig *pgsig, size_t secret, struct text script,
	struct pgsig_fields *fields, char sig[PGSIG_TEXT_SIZE]);

/*
 * Whether a secret of ours made `sig`, and which.  Fields may be sorted by name or by Platron's
 * flat names: senders differ.  All are tried and all bytes compared, so that the time says nothing.
 */
bool pgsig_matches(const struct pgsig *pgsig, struct text script, struct pgsig_fields *fields,
	struct text sig, size_t *secret) MUST_USE;

#endif
