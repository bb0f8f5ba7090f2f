/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/rbs/rbs_bank.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { RBS_BANK_TEXT_SIZE = 8192 };

#define RBS_BANK_CERTIFICATE                                                             \
	"-----BEGIN CERTIFICATE-----\n"                                                  \
	"MIICcTCCAdqgAwIBAgIGAWAnZt3aMA0GCSqGSIb3DQEBCwUAMHwxIDAeBgkqhkiG9w0BCQEWEWt6\n" \
	"bnRlc3RAeWFuZGV4LnJ1MQswCQYDVQQGEwJSVTESMBAGA1UECBMJVGF0YXJzdGFuMQ4wDAYDVQQH\n" \
	"EwVLYXphbjEMMAoGA1UEChMDUkJTMQswCQYDVQQLEwJRQTEMMAoGA1UEAxMDUkJTMB4XDTE3MTIw\n" \
	"NTE2MDEyMFoXDTE4MTIwNTE2MDExOVowfDEgMB4GCSqGSIb3DQEJARYRa3pudGVzdEB5YW5kZXgu\n" \
	"cnUxCzAJBgNVBAYTAlJVMRIwEAYDVQQIEwlUYXRhcnN0YW4xDjAMBgNVBAcTBUthemFuMQwwCgYD\n" \
	"VQQKEwNSQlMxCzAJBgNVBAsTAlFBMQwwCgYDVQQDEwNSQlMwgZ8wDQYJKoZIhvcNAQEBBQADgY0A\n" \
	"MIGJAoGBAJNgxgtWRFe8zhF6FE1C8s1t/dnnC8qzNN+uuUOQ3hBx1CHKQTEtZFTiCbNLMNkgWtJ/\n" \
	"CRBBiFXQbyza0/Ks7FRgSD52qFYUV05zRjLLoEyzG6LAfihJwTEPddNxBNvCxqdBeVdDThG81zC0\n" \
	"DiAhMeSwvcPCtejaDDSEYcQBLLhDAgMBAAEwDQYJKoZIhvcNAQELBQADgYEAfRP54xwuGLW/Cg08\n" \
	"ar6YqhdFNGq5TgXMBvQGQfRvL7W6oH67PcvzgvzN8XCL56dcpB7S8ek6NGYfPQ4K2zhgxhxpFEDH\n" \
	"PcgU4vswnhhWbGVMoVgmTA0hEkwq86CA5ZXJkJm6f3E/J6lYoPQaKatKF24706T6iH2htG4Bkjre\n" \
	"gUA=\n"                                                                         \
	"-----END CERTIFICATE-----\n"

/* As TEXT(), where only a constant may stand. */
#define RBS_BANK_TEXT(literal)                                  \
	{                                                       \
		.bytes = (literal), .size = sizeof(literal) - 1 \
	}

const struct alym_setting rbs_bank_settings[RBS_BANK_SETTINGS] = {
	{ "endpoint", RBS_BANK_TEXT("https://bank.test:8443/payment/rest") },
	{ "user", RBS_BANK_TEXT("alym-api") },
	{ "password_file", RBS_BANK_TEXT("p&ss w\xC3\xB6rd\n") },
	{ "callback_key_file", RBS_BANK_TEXT(RBS_BANK_KEY "\n") },
	{ "callback_key_next_file", RBS_BANK_TEXT(RBS_BANK_KEY_NEXT) },
	{ "callback_certificate_file", RBS_BANK_TEXT(RBS_BANK_CERTIFICATE) },
};

struct alym_order rbs_bank_order(void)
{
	return (struct alym_order){
		.number = TEXT("12345678"),
		.code = TEXT("301234567890"),
		.amount = money_of(12975000, "KZT"),
		.captured = money_of(0, "KZT"),
		.refunded = money_of(0, "KZT"),
		.description = TEXT("Visa \"multiple\""),
		.language = TEXT("ru"),
		.return_url = TEXT("https://portal.test/back"),
		.callback_url = TEXT("https://alym.test/callbacks/rbs"),
		.created_at = RBS_BANK_NOW,
		.expires_at = RBS_BANK_NOW + 3600,
	};
}

void rbs_bank_sign(const char *key, const char *signed_text, char checksum[RBS_BANK_CHECKSUM_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	(void)HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)signed_text,
		strlen(signed_text), mac, &size);
	for (unsigned int i = 0; i < size; i++) {
		(void)snprintf(checksum + (size_t)i * 2, 3, "%02X", mac[i]);
	}
}

void rbs_bank_call(struct drive *d, const char *method, const char *parameters)
{
	char path[RBS_BANK_TEXT_SIZE] = "/callbacks/rbs";
	struct alym_message m = { .method = text_of(method) };

	if (strcmp(method, "POST") == 0) {
		m.body = text_of(parameters);
	} else {
		int size = snprintf(path, sizeof(path), "/callbacks/rbs?%s", parameters);

		assert(size > 0 && (size_t)size < sizeof(path));
	}
	m.path = text_of(path);
	drive_callback(d, &m);
}

void rbs_bank_call_signed(struct drive *d, const char *method, const char *parameters,
	const char *signed_text)
{
	char whole[RBS_BANK_TEXT_SIZE];
	char checksum[RBS_BANK_CHECKSUM_SIZE];
	int size;

	rbs_bank_sign(RBS_BANK_KEY, signed_text, checksum);
	size = snprintf(whole, sizeof(whole), "%s&checksum=%s", parameters, checksum);
	assert(size > 0 && (size_t)size < sizeof(whole));
	rbs_bank_call(d, method, whole);
}

void rbs_bank_answer(struct drive *d, int status, const char *body)
{
	struct alym_message m = { .status = status, .body = text_of(body) };

	drive_response(d, &m);
}
