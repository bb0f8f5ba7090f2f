/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sandbox - what the parts of the gateway share: its settings, its session, its verdicts.
 *
 * operation.c speaks README.md section 4, callback.c section 5, seal.c section 2.
 */
#ifndef ALYM_GATEWAYS_SANDBOX_SANDBOX_H
#define ALYM_GATEWAYS_SANDBOX_SANDBOX_H

#include "base/json.h"
#include "gateways/sandbox/seal.h"
#include "plugins/endpoint.h"
#include "plugins/gateway.h"

enum {
	SANDBOX_MERCHANT_MAX = 32,
	SANDBOX_NUMBER_MAX = 15, /* digits of an order number or a code */
};

struct alym_gateway_state {
	struct seal seal;
	struct endpoint endpoint;
	char merchant[SANDBOX_MERCHANT_MAX + 1];
};

/* What was sent, or what came: which answer we are waiting for. */
enum sandbox_stage {
	SANDBOX_NOTHING,
	SANDBOX_ORDER,    /* 4.1 was sent */
	SANDBOX_STATUS,   /* 4.2 was sent */
	SANDBOX_MOVEMENT, /* 4.3 was sent */
	SANDBOX_PAYMENT,  /* 5.1 came */
	SANDBOX_CHECK,    /* 5.2 came */
	SANDBOX_HINT,     /* 5.3 came */
};

struct sandbox_session {
	enum sandbox_stage stage;
	bool again;    /* the operation was perhaps sent before this session */
	bool conflict; /* 4.1 was answered: the order exists */
	char signature[SEAL_SIGNATURE_SIZE]; /* of the request: ours, or the one that came */
};

/* Reads members `amount` and `currency`. */
void sandbox_take_money(struct json_reader *r, enum json_need need, struct money *money);

/* Reads a member of at most SANDBOX_NUMBER_MAX and at least `digits_min` digits. */
void sandbox_take_number(struct json_reader *r, const char *name, enum json_need need,
	size_t digits_min, struct text *number);

/* Reads `paid_at`, an instant after 1970, into a verdict. */
void sandbox_take_paid(struct json_reader *r, struct alym_verdict *verdict);

#endif
