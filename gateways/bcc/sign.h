/* SPDX-License-Identifier: Apache-2.0 */

/* sign - P_SIGN: README.md section 2. */
#ifndef ALYM_GATEWAYS_BCC_SIGN_H
#define ALYM_GATEWAYS_BCC_SIGN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"
#include "plugins/mac.h"

enum {
	SIGN_FIELDS_MAX = 10,
	SIGN_SIZE = 41, /* HMAC-SHA1 in hexadecimal and its NUL */
};

/* The names of what is signed in a message of that TRTYPE, in order, ended by NULL; NULL when
 * none is known. */
const char *const *sign_fields(struct text trtype);

/* Of the values of these fields, in that order. */
void sign_make(const struct mac *mac, const struct text *values, size_t count, char out[SIGN_SIZE]);

/* Whether either key made `theirs`, in upper-case hexadecimal as the bank writes it. */
bool sign_matches(const struct mac *mac, const struct text *values, size_t count,
	struct text theirs) MUST_USE;

#endif
