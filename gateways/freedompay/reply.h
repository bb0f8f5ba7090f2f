/* SPDX-License-Identifier: Apache-2.0 */

/* reply - an XML answer of the bank: read, and believed or not.  README.md section 3. */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_REPLY_H
#define ALYM_GATEWAYS_FREEDOMPAY_REPLY_H

#include "gateways/freedompay/freedompay.h"

enum reply_status {
	REPLY_UNREADABLE, /* not 200, not XML, a field twice, or signed by nobody we know */
	REPLY_OK,         /* ok or success; signed */
	REPLY_PENDING,    /* signed */
	REPLY_ERROR,      /* signed, or of the few that the bank can not sign */
};

struct reply {
	enum reply_status status;
	int code;             /* of an error: pg_error_code; 0: none that can be read */
	struct xmltree *tree; /* NULL when it is unreadable */
};

/* `script` is what was called.  To be freed. */
void reply_read(const struct alym_gateway_state *state, struct text script,
	const struct alym_message *message, struct reply *reply);
void reply_free(struct reply *reply);

/* The field's text; empty when it is absent or has fields in it. */
struct text reply_find(const struct reply *reply, const char *name);

/* Error codes that say that the request never came to the payment: wrong signature or merchant. */
bool reply_is_stranger(int code);

#endif
