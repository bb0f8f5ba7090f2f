/* SPDX-License-Identifier: Apache-2.0 */

/*
 * osmp - what the parts of the gateway share: its dialects, its settings, its session.
 *
 * osmp.c is the step machine, request.c reads what the bank asks, answer.c writes what it is told.
 */
#ifndef ALYM_GATEWAYS_OSMP_OSMP_H
#define ALYM_GATEWAYS_OSMP_OSMP_H

#include "plugins/gateway.h"

enum {
	OSMP_SECRET_MIN = 16,
	OSMP_SECRET_MAX = 128,
	OSMP_SECRET_NAME_SIZE = 7,  /* "data99" and its NUL */
	OSMP_TXN_DIGITS_MAX = 20,   /* of the bank's number of its transaction */
	OSMP_TXN_DIGITS_KASPI = 18, /* there it fits 64 bits */
	OSMP_CODE_DIGITS_MIN = 12,
	OSMP_CODE_DIGITS_MAX = 15,
};

enum osmp_dialect { OSMP_XML, KASPI_XML, KASPI_JSON };

/* How a record's number is called in an answer. */
enum osmp_prv_name { OSMP_PRV_TXN = 1, OSMP_PRV_TXN_ID = 2, OSMP_PRV_BOTH = 3 };

struct osmp_secret {
	uint8_t bytes[OSMP_SECRET_MAX];
	size_t size; /* 0: there is none */
};

struct alym_gateway_state {
	enum osmp_dialect dialect;
	enum osmp_prv_name prv_name;
	bool busy_is_503; /* else a result that says so */
	char secret_name[OSMP_SECRET_NAME_SIZE];
	struct osmp_secret secrets[2]; /* none: whoever may call is the bank */
};

enum osmp_command { OSMP_NOTHING, OSMP_CHECK, OSMP_GET_INFO, OSMP_PAY };

/* What was asked.  Nothing else outlives a step. */
struct osmp_session {
	enum osmp_command command;
	char txn_id[OSMP_TXN_DIGITS_MAX + 1]; /* as it came; "": not stated */
	char code[OSMP_CODE_DIGITS_MAX + 1];  /* the protocol's `account` */
	struct money sum;                     /* minor 0: not stated, or nobody looks at it */
	int32_t paid_day;                     /* `txn_date`, by the bank's clock */
	int32_t paid_second;
};

/* All that we ever answer; what number that has is the dialect's. */
enum osmp_result {
	OSMP_ACCEPTED,
	OSMP_BUSY,
	OSMP_BAD_ACCOUNT,
	OSMP_NOT_FOUND,
	OSMP_CLOSED,
	OSMP_PAID,
	OSMP_TOO_LITTLE,
	OSMP_TOO_MUCH,
	OSMP_BAD_CURRENCY,
	OSMP_BAD_REQUEST,
	OSMP_RESULT_COUNT,
};

static inline bool osmp_is_kaspi(const struct alym_gateway_state *state)
{
	return state->dialect != OSMP_XML;
}

#endif
