/* SPDX-License-Identifier: Apache-2.0 */

/*
 * shop - the one that the bank publishes for tests, an order of it, and messages about that order.
 *
 * Names, secret, terminal and shop: epayment.kz/docs, "Платежная страница" and "invoice link API".
 */
#ifndef ALYM_TESTS_GATEWAYS_HALYK_SHOP_H
#define ALYM_TESTS_GATEWAYS_HALYK_SHOP_H

#include "plugins/kit/drive.h"

#define SHOP_TERMINAL "67e34d63-102f-4bd1-898e-370781d0074d"
#define SHOP_ID       "04f25a4b-d2bd-4dd8-b3a7-9390be4774c4"
#define SHOP_SECRET   "yF587AV9Ms94qN2QShFzVR3vFnWkhjbAK3sG"
#define SHOP_NEXT     "next-secret-of-the-shop"
#define SHOP_NUMBER   "205218074"
#define SHOP_NOW      1767225600 /* 2026-01-01T00:00:00Z */
#define PAID_ID       "af2089fe-43b1-47eb-a61f-c78dd196e18d"
#define TOKEN         "{\"access_token\":\"DCEB8O_ZM5U7SO_T_U5EJQ\",\"token_type\":\"Bearer\"}"

/* printf %s 205218074 | openssl dgst -sha256 -hmac SECRET -r: with the secret, with the next one */
#define SHOP_HASH      "531b63f5c0f8229a26e8cb38deb3eb1023c6c6bae1e4b3b7ae8e940f1573c4da"
#define SHOP_HASH_NEXT "8cbe19078262818eccd4f10fbc095952751a9706ddca4c9f3681074b0706df88"
/* ... with the secret of another shop; of order 205218075 */
#define OTHER_HASH    "8a32534cb66a5d3d95970aa973f0783c9c01e47a80764df83625eeeb228a3d48"
#define OTHER_HASH_75 "4f7a20e7612701fc1ff8f3e59c4ae7c716a7fb41381ecdecf0f5e88ea1588d2c"

/* A transaction as check-status shows it, with other members than ours too. */
#define TRANSACTION(number, terminal, amount, status, rest)                                            \
	"{\"resultCode\":\"100\",\"resultMessage\":\"SUCCESS\",\"transaction\":{\"id\":\"" PAID_ID     \
	"\",\"invoiceID\":\"" number "\",\"amount\":" amount                                           \
	",\"amountBonus\":0,\"currency\":\"KZT\",\"terminal\":\"98120001\",\"terminalID\":\"" terminal \
	"\",\"statusName\":\"" status "\"" rest "}}"
#define PAID(amount, status) TRANSACTION(SHOP_NUMBER, SHOP_TERMINAL, amount, status, "")

/* A text in a constant table. */
#define VALUE(literal)                         \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

static const struct alym_setting shop_settings[] = {
	{ "endpoint", VALUE("https://bank.test:8443/api") },
	{ "token_endpoint", VALUE("https://token.test/epay2") },
	{ "client_id", VALUE("test") },
	{ "client_secret_file", VALUE(SHOP_SECRET "\n") },
	{ "client_secret_next_file", VALUE(SHOP_NEXT) },
	{ "terminal", VALUE(SHOP_TERMINAL) },
	{ "shop_id", VALUE(SHOP_ID) },
	{ "none_code", VALUE("102") },
};

static inline struct alym_order shop_order(void)
{
	return (struct alym_order){
		.number = TEXT(SHOP_NUMBER),
		.code = TEXT("301234567890"),
		.amount = money_of(1222, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("visa.exit, 301234567890"),
		.language = TEXT("kk"),
		.return_url = TEXT("https://portal.test/back?a=1&b=2"),
		.payer_address = TEXT(""),
		.callback_url = TEXT("https://alym.test/callbacks/halyk"),
		.handle = TEXT(""),
		.created_at = SHOP_NOW,
		.expires_at = SHOP_NOW + 3600,
		.refund = money_of(1222, "KZT"),
		.refund_id = TEXT("r7"),
		.refunded = money_of(0, "KZT"),
	};
}

#endif
