/* SPDX-License-Identifier: Apache-2.0 */

/*
 * transaction - what the bank says has become of a payment.
 *
 * Of GET check-status/payment/transaction/:invoiceid.  Members that nobody named are not looked at:
 * the bank adds some from time to time.
 */
#ifndef ALYM_GATEWAYS_HALYK_TRANSACTION_H
#define ALYM_GATEWAYS_HALYK_TRANSACTION_H

#include "base/json.h"
#include "gateways/halyk/halyk.h"

enum transaction_state {
	TRANSACTION_STRANGE,  /* nobody can tell from that answer */
	TRANSACTION_NONE,     /* none_code: nobody has begun to pay */
	TRANSACTION_OPEN,     /* NEW, FINGERPRINT, 3D */
	TRANSACTION_VERIFIED, /* VERIFIED: a card was looked at, and no money */
	TRANSACTION_HELD,     /* AUTH */
	TRANSACTION_TAKEN,    /* CHARGE */
	TRANSACTION_RETURNED, /* REFUND: all of it, or some */
	TRANSACTION_GIVEN_UP, /* CANCEL, CANCEL_OLD */
	TRANSACTION_REFUSED,  /* REJECT, FAILED, for good */
	TRANSACTION_IN_DOUBT, /* REJECT, FAILED with code 454: to be asked again */
};

struct transaction {
	enum transaction_state state;
	struct text id; /* of the JSON value; HALYK_ID_MAX bytes of letters, digits and - */
	struct money amount;
	const char *reason; /* for the log */
};

/* Of the answer's root.  STRANGE unless it is about that order and our terminal. */
void transaction_read(const struct alym_gateway_state *state, const struct json_value *root,
	struct text number, struct transaction *transaction);

/* An amount as JSON has it: a number of at most two places, without sign or exponent, read digit by
 * digit. */
bool transaction_amount(const struct json_value *value, int64_t *minor) MUST_USE;

/* The text of a member, or the digits of a number; empty when it is neither. */
struct text transaction_code(const struct json_value *value);

/* What the bank calls not final. */
bool transaction_is_doubtful(struct text code);

#endif
