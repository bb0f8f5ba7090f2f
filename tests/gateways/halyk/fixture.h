/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fixture - the gateway under the drive, as the shop that the bank publishes for tests.
 *
 * Names, secret, terminal and shop: epayment.kz/docs, "Платежная страница" and "invoice link API".
 */
#ifndef ALYM_TESTS_GATEWAYS_HALYK_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_HALYK_FIXTURE_H

#include <string.h>

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/drive.h"

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

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
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

static inline int fixture_begin(void **state)
{
	static struct fixture f;
	struct err err = { 0 };

	f = (struct fixture){ 0 };
	if (!loader_open(TEST_GATEWAY, &f.plugin, &err) ||
		!loader_configure(&f.plugin, shop_settings, COUNT(shop_settings), &f.state, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	drive_init(&f.drive, f.plugin.gateway, f.state, SHOP_NOW);
	f.drive.order = shop_order();
	*state = &f;
	return 0;
}

static inline int fixture_end(void **state)
{
	struct fixture *f = *state;

	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	loader_close(&f->plugin);
	return 0;
}

static inline struct drive *fixture_drive(void **state)
{
	return &((struct fixture *)*state)->drive;
}

static inline void assert_text(struct text t, const char *expected)
{
	struct text e = text_of(expected);

	if (!text_equal(t, e)) {
		print_error("expected %s\n     got %.*s\n", expected, TEXT_ARGS(t));
	}
	assert_true(text_equal(t, e));
}

static inline void bank_says_bytes(struct drive *d, int status, struct text body)
{
	const struct alym_message message = { .status = status, .body = body };

	drive_response(d, &message);
}

static inline void bank_says(struct drive *d, int status, const char *body)
{
	bank_says_bytes(d, status, text_of(body));
}

/* Begins an operation and gives it its first token. */
static inline void begin(struct drive *d, enum alym_operation operation)
{
	drive_start(d, operation);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	bank_says(d, 200, TOKEN);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

static inline void assert_verdict(const struct drive *d, enum alym_verdict_kind kind)
{
	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	if (d->action.verdict.kind != kind) {
		print_error("reason: %.*s\n", TEXT_ARGS(d->action.verdict.reason));
	}
	assert_int_equal(d->action.verdict.kind, kind);
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
