/* SPDX-License-Identifier: Apache-2.0 */

/*
 * epay1 - what the parts of the gateway share: its settings and its session.
 *
 * sign.c makes and checks signatures, document.c writes what we sign, letter.c reads what the bank
 * signed, operation.c asks and callback.c is told.  Sources: README.md.
 */
#ifndef ALYM_GATEWAYS_EPAY1_EPAY1_H
#define ALYM_GATEWAYS_EPAY1_EPAY1_H

#include "gateways/epay1/sign.h"
#include "plugins/endpoint.h"
#include "plugins/gateway.h"

enum {
	EPAY1_NUMBER_MIN = 6, /* digits of an order_id */
	EPAY1_NUMBER_MAX = 15,
	EPAY1_NAME_MAX = 64, /* bytes of a name, a reference, a code */
};

struct alym_gateway_state {
	struct sign sign;
	struct endpoint endpoint;
	char merchant_id[EPAY1_NAME_MAX + 1];
	char merchant_name[EPAY1_NAME_MAX + 1];
	char cert_id[EPAY1_NAME_MAX + 1];
	char email[EPAY1_NAME_MAX + 1];        /* or empty */
	char taken_status[EPAY1_NAME_MAX + 1]; /* `status` that means completed, or empty */
};

/* What was sent. */
enum epay1_stage { EPAY1_NOTHING, EPAY1_STATUS, EPAY1_COMMAND };

struct epay1_session {
	enum epay1_stage stage;
	bool again;
	char reference[EPAY1_NAME_MAX + 1]; /* of the payment that is to be moved */
	char approval[EPAY1_NAME_MAX + 1];
};

#endif
