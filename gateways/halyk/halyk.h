/* SPDX-License-Identifier: Apache-2.0 */

/*
 * halyk - what the parts of the gateway share: its settings, its session, how it writes an amount.
 *
 * request.c writes what is sent, transaction.c reads what the bank says of a payment, operation.c
 * leads an operation from one to the other, callback.c looks at postLinks.  Sources: README.md.
 */
#ifndef ALYM_GATEWAYS_HALYK_HALYK_H
#define ALYM_GATEWAYS_HALYK_HALYK_H

#include "plugins/endpoint.h"
#include "plugins/gateway.h"
#include "plugins/mac.h"

enum {
	HALYK_NUMBER_MIN = 6, /* digits of an invoiceID */
	HALYK_NUMBER_MAX = 15,
	HALYK_NAME_MAX = 128, /* bytes of an id, a name, a password */
	HALYK_SCOPE_MAX = 256,
	HALYK_CODE_MAX = 8,
	HALYK_ID_MAX = 40,    /* of a transaction: a UUID has 36 */
	HALYK_HASH_SIZE = 32, /* bytes of a secret_hash */
};

struct alym_gateway_state {
	struct mac mac; /* of secret_hash */
	struct endpoint api;
	struct endpoint oauth;
	char client_id[HALYK_NAME_MAX + 1];
	char client_secret[HALYK_NAME_MAX + 1];
	char terminal[HALYK_NAME_MAX + 1];
	char shop_id[HALYK_NAME_MAX + 1];
	char username[HALYK_NAME_MAX + 1]; /* empty: the client itself asks for the link */
	char password[HALYK_NAME_MAX + 1];
	char contact[HALYK_NAME_MAX + 1]; /* or empty */
	char scope[HALYK_SCOPE_MAX + 1];
	char none_code[HALYK_CODE_MAX + 1]; /* resultCode of "no such transaction", or empty */
	int64_t link_days;
};

/* What was sent, and what a token was asked for. */
enum halyk_stage {
	HALYK_NOTHING,
	HALYK_TOKEN,
	HALYK_INVOICE,
	HALYK_STATUS,
	HALYK_MOVEMENT,
};

struct halyk_session {
	enum halyk_stage stage;
	enum halyk_stage wanted; /* behind HALYK_TOKEN */
	bool again;
	char id[HALYK_ID_MAX + 1]; /* the transaction that is to be moved */
};

#endif
