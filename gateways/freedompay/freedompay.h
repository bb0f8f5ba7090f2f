/* SPDX-License-Identifier: Apache-2.0 */

/*
 * freedompay - what the parts of the gateway share: its settings and its session.
 *
 * pgsig.c signs, request.c writes what we ask, reply.c reads an answer and payment.c what it says
 * of a payment; operation.c leads an operation (README.md section 4), callback.c a message
 * (section 5).
 */
#ifndef ALYM_GATEWAYS_FREEDOMPAY_FREEDOMPAY_H
#define ALYM_GATEWAYS_FREEDOMPAY_FREEDOMPAY_H

#include "gateways/freedompay/pgsig.h"
#include "plugins/endpoint.h"
#include "plugins/gateway.h"

enum {
	FREEDOMPAY_MERCHANT_MAX = 15, /* digits */
	FREEDOMPAY_NUMBER_MAX = 15,   /* of an order */
	FREEDOMPAY_ID_MAX = 19,       /* of a payment at the bank */
	FREEDOMPAY_LANGUAGE_MAX = 8,
	FREEDOMPAY_SCRIPT_MAX = 255,
};

struct alym_gateway_state {
	struct pgsig pgsig;
	struct endpoint endpoint;
	char merchant[FREEDOMPAY_MERCHANT_MAX + 1];
	char language_kk[FREEDOMPAY_LANGUAGE_MAX + 1]; /* pg_language for Kazakh; empty: not sent */
	bool testing;
	bool two_step;
	bool check; /* ask to be asked before a payer is debited */
};

/* What was sent, hence whose answer is awaited. */
enum freedompay_stage {
	FREEDOMPAY_NOTHING,
	FREEDOMPAY_INIT,   /* init_payment.php */
	FREEDOMPAY_LOOK,   /* get_status3.php, before anything is moved; all there is of STATUS */
	FREEDOMPAY_MOVE,   /* do_capture.php, cancel.php, revoke.php */
	FREEDOMPAY_REVIEW, /* get_status3.php, to see what the movement came to */
};

/* What the bank said to a movement. */
enum freedompay_said {
	FREEDOMPAY_SILENT,   /* no answer, or none that can be believed */
	FREEDOMPAY_ACCEPTED, /* done or under way */
	FREEDOMPAY_REFUSED,  /* for good */
	FREEDOMPAY_NOT_NOW,  /* refused in words that say nothing about this payment */
};

struct freedompay_session {
	enum freedompay_stage stage;
	enum freedompay_said said;
	char id[FREEDOMPAY_ID_MAX + 1]; /* the payment's at the bank, once it is known */

	/* of a message */
	bool check;       /* it asks whether; else it tells that */
	bool can_reject;  /* it takes a no */
	bool secret_next; /* signed with our second secret; so is the answer */
	char script[FREEDOMPAY_SCRIPT_MAX + 1]; /* the last segment of our address */
	struct money amount;
};

/* Exactly `1` or `0`. */
bool freedompay_read_flag(struct text t, bool *flag) MUST_USE;

#endif
