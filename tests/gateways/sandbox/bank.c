/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/sandbox/bank.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { BANK_SIGNED_MAX = 1 << 20 };

const struct alym_setting bank_settings[] = {
	{ "endpoint", { "https://bank.test:8443/api", 26 } },
	{ "merchant", { "shop", 4 } },
	{ "secret_file", { BANK_SECRET "\n", sizeof(BANK_SECRET) } },
	{ "secret_next_file", { BANK_SECRET_NEXT, sizeof(BANK_SECRET_NEXT) - 1 } },
};
const size_t bank_setting_count = sizeof(bank_settings) / sizeof(*bank_settings);

struct alym_order bank_order(void)
{
	return (struct alym_order){
		.number = TEXT("12345678"),
		.code = TEXT("301234567890"),
		.amount = money_of(12975000, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("Visa \"multiple\""),
		.language = TEXT("ru"),
		.return_url = TEXT("https://portal.test/back"),
		.callback_url = TEXT("https://alym.test/callbacks/sandbox"),
		.created_at = BANK_NOW,
		.expires_at = BANK_NOW + 3600,
		.refund = money_of(1000, "KZT"),
		.refund_id = TEXT("r1"),
		.refunded = money_of(0, "KZT"),
	};
}

void bank_sign(const char *secret, struct text t, char signature[BANK_SIGNATURE_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	const unsigned char *done = HMAC(EVP_sha256(), secret, (int)strlen(secret),
		(const unsigned char *)t.bytes, t.size, mac, &size);

	assert(done != NULL);
	assert(size == 32);
	text_hex(mac, size, signature);
}

static void bank_set_headers(struct bank_message *m)
{
	m->headers[0] = (struct alym_header){ TEXT("X-Sandbox-Timestamp"), text_of(m->timestamp) };
	m->headers[1] = (struct alym_header){ TEXT("x-sandbox-signature"), text_of(m->signature) };
	m->message.headers = m->headers;
	m->message.header_count = 2;
}

void bank_sign_request(const char *secret, int64_t now, struct bank_message *m)
{
	struct buffer b;

	(void)snprintf(m->timestamp, sizeof(m->timestamp), "%" PRId64, now);
	buffer_init(&b, BANK_SIGNED_MAX);
	buffer_printf(&b, "%s.%.*s.%.*s.", m->timestamp, TEXT_ARGS(m->message.method),
		TEXT_ARGS(m->message.path));
	buffer_add(&b, m->message.body);
	assert(!b.overflowed);
	bank_sign(secret, buffer_text(&b), m->signature);
	buffer_done(&b);
	bank_set_headers(m);
}

void bank_sign_answer(const char *secret, int64_t now, struct text request_signature,
	struct bank_message *m)
{
	struct buffer b;

	(void)snprintf(m->timestamp, sizeof(m->timestamp), "%" PRId64, now);
	buffer_init(&b, BANK_SIGNED_MAX);
	buffer_printf(&b, "%s.%d.", m->timestamp, m->message.status);
	buffer_add(&b, m->message.body);
	buffer_printf(&b, ".%.*s", TEXT_ARGS(request_signature));
	assert(!b.overflowed);
	bank_sign(secret, buffer_text(&b), m->signature);
	buffer_done(&b);
	bank_set_headers(m);
}

void bank_call(struct drive *d, struct text body)
{
	struct bank_message m = {
		.message = { .method = TEXT("POST"), .path = TEXT(BANK_PATH), .body = body }
	};

	bank_sign_request(BANK_SECRET, d->now, &m);
	drive_callback(d, &m.message);
}

void bank_answer(struct drive *d, int status, struct text body)
{
	struct bank_message m = { .message = { .status = status, .body = body } };

	bank_sign_answer(BANK_SECRET, d->now, drive_header(d, "X-Sandbox-Signature"), &m);
	drive_response(d, &m.message);
}

bool bank_believes(const struct drive *d, struct text request_signature)
{
	const struct alym_reply *answer = &d->action.answer;
	struct bank_message expected = { .message = { .status = answer->status,
						 .body = answer->body } };

	assert(d->action.kind == ALYM_ACTION_ANSWER);

	bank_sign_answer(BANK_SECRET, d->now, request_signature, &expected);
	return text_is(drive_header(d, "X-Sandbox-Timestamp"), expected.timestamp) &&
	       text_is(drive_header(d, "X-Sandbox-Signature"), expected.signature) &&
	       text_is(drive_header(d, "Content-Type"), "application/json");
}
