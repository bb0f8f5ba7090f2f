/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bcc - what the parts of the gateway share: its settings and its session.
 *
 * purchase.c makes the payer's form, status.c and operation.c ask the bank, answer.c reads what it
 * says, callback.c hears its notifications; sections of README.md.
 */
#ifndef ALYM_GATEWAYS_BCC_BCC_H
#define ALYM_GATEWAYS_BCC_BCC_H

#include "gateways/bcc/sign.h"
#include "plugins/endpoint.h"
#include "plugins/gateway.h"

enum {
	BCC_NAME_SIZE = 33, /* of MERCHANT or TERMINAL, and its NUL */
	BCC_TITLE_SIZE = 129,
	BCC_INFO_SIZE = 2733, /* 2048 bytes in base64, and its NUL */
	BCC_BASIC_SIZE = 513,
	BCC_BASICS = 2,     /* the password in use, and the next */
	BCC_ABSENT_MAX = 8, /* RCs that say "no such order" */
	BCC_RC_SIZE = 9,
};

#define BCC_CURRENCY      "KZT" /* the only one the bank's documentation has */
#define BCC_CURRENCY_CODE "398"

struct alym_gateway_state {
	struct mac mac;
	struct endpoint endpoint;
	struct endpoint page; /* where the payer's browser posts */
	char merchant[BCC_NAME_SIZE];
	char merchant_name[BCC_TITLE_SIZE];
	char terminal[BCC_NAME_SIZE];
	const char *trtype; /* of a purchase: "1", or "0" or "12" with a capture to follow */
	char info[BCC_INFO_SIZE];
	int64_t amount_min;
	char basic[BCC_BASICS][BCC_BASIC_SIZE]; /* header values; empty: none */
	char absent[BCC_ABSENT_MAX][BCC_RC_SIZE];
	size_t absent_count;
};

struct bcc_session {
	size_t question; /* of those about a status: the one that was asked */
};

static inline void bcc_end(struct alym_action *action, enum alym_verdict_kind kind,
	struct text reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = kind, .reason = reason };
}

#endif
