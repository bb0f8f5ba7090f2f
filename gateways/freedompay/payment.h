/* SPDX-License-Identifier: Apache-2.0 */

/* payment - what get_status3.php says of a payment: README.md section 4.2. */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_PAYMENT_H
#define ALYM_GATEWAYS_FREEDOMPAY_PAYMENT_H

#include "gateways/freedompay/reply.h"

enum payment_state {
	PAYMENT_ODD, /* contradicts itself, or says what we do not understand */
	PAYMENT_PENDING,
	PAYMENT_HELD,
	PAYMENT_TAKEN,  /* perhaps some of it was given back */
	PAYMENT_FAILED, /* no money moved; a hold is over */
	PAYMENT_RETURNED,
};

struct payment {
	enum payment_state state;
	struct text id;       /* of the reply */
	struct money ordered; /* what the order was made for, in the order's currency */
	struct money taken;   /* TAKEN, RETURNED: how much */
	int64_t refunded;     /* minor units that were given back */
	int64_t refunding;    /* that are about to be */
	struct text paid;     /* "YYYY-MM-DD HH:MM:SS", or empty */
};

/*
 * A decimal as the bank writes them: "10", "0.5", "1.0000", "-10".  False when there is more than
 * a tiyn's hundredth in it, or anything else.
 */
bool payment_parse_amount(struct text decimal, int64_t *minor) MUST_USE;

/* Of an answer that is REPLY_OK to a question about that order; borrows from it. */
void payment_read(const struct reply *reply, const struct alym_gateway_state *state,
	struct text order_number, struct payment *payment);

#endif
