/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/epay1/bank.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define VALUE(literal)                         \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

const struct alym_setting bank_settings[] = {
	{ "endpoint", VALUE("https://bank.test:8443") },
	{ "merchant_id", VALUE("92061101") },
	{ "merchant_name", VALUE("Test shop") },
	{ "cert_id", VALUE("00C182B189") },
	{ "key_file", VALUE(VECTOR_KEY) },
	{ "passphrase_file", VALUE(VECTOR_PASSPHRASE "\n") },
	{ "bank_key_file", VALUE(VECTOR_BANK) },
	{ "bank_key_next_file", VALUE(VECTOR_OURS) },
	{ "taken_status", VALUE("2") },
};
const size_t bank_setting_count = sizeof(bank_settings) / sizeof(*bank_settings);

struct alym_order bank_order(void)
{
	return (struct alym_order){
		.number = TEXT("064085"),
		.code = TEXT("301234567890"),
		.amount = money_of(100000, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("visa.exit, 301234567890"),
		.language = TEXT("kk"),
		.return_url = TEXT("https://portal.test/back"),
		.payer_address = TEXT(""),
		.callback_url = TEXT("https://alym.test/callbacks/epay1"),
		.handle = TEXT("180418115914 115914"),
		.created_at = BANK_NOW,
		.expires_at = BANK_NOW + 3600,
		.refund = money_of(50000, "KZT"),
		.refund_id = TEXT("r7"),
		.refunded = money_of(0, "KZT"),
	};
}

/* Read once: a fuzzer signs some thousand times a second. */
static EVP_PKEY *bank_key(void)
{
	static char passphrase[] = VECTOR_PASSPHRASE;
	static EVP_PKEY *key;

	if (key == NULL) {
		BIO *file = BIO_new_mem_buf(VECTOR_KEY, -1);

		key = PEM_read_bio_PrivateKey(file, NULL, NULL, passphrase);
		BIO_free(file);
	}
	assert(key != NULL);
	return key;
}

/* Base64 of the reversed bytes, by README.md's words and not by the gateway's code. */
static void bank_sign(struct text slice, char out[128])
{
	unsigned char made[64];
	unsigned char turned[64];
	size_t size = sizeof(made);
	EVP_PKEY *key = bank_key();
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int done = EVP_DigestSignInit(context, NULL, EVP_sha1(), NULL, key) == 1 &&
		   EVP_DigestSign(context, made, &size, (const unsigned char *)slice.bytes,
			   slice.size) == 1;

	assert(done);
	assert(size == sizeof(made));
	for (size_t i = 0; i < sizeof(made); i++) {
		turned[i] = made[sizeof(made) - 1 - i];
	}
	(void)EVP_EncodeBlock((unsigned char *)out, turned, (int)sizeof(turned));
	EVP_MD_CTX_free(context);
}

static void bank_add(char *letter, size_t *at, struct text t)
{
	assert(*at + t.size <= BANK_LETTER_MAX);
	memcpy(letter + *at, t.bytes, t.size);
	*at += t.size;
}

struct text bank_letter(struct text slice)
{
	static char letter[BANK_LETTER_MAX];
	char signature[128];
	size_t at = 0;

	bank_sign(slice, signature);
	bank_add(letter, &at, TEXT("<document>"));
	bank_add(letter, &at, slice);
	bank_add(letter, &at, TEXT("<bank_sign cert_id=\"00c183d690\" type=\"SHA/RSA\">"));
	bank_add(letter, &at, text_of(signature));
	bank_add(letter, &at, TEXT("</bank_sign></document>"));
	return (struct text){ letter, at };
}

struct text bank_postlink(struct text document)
{
	static const char digits[] = "0123456789ABCDEF";
	static char body[3 * BANK_LETTER_MAX + 16];
	size_t at = sizeof("response=") - 1;

	assert(document.size <= BANK_LETTER_MAX);
	memcpy(body, "response=", at);
	for (size_t i = 0; i < document.size; i++) {
		unsigned char c = (unsigned char)document.bytes[i];

		body[at++] = '%';
		body[at++] = digits[c >> 4];
		body[at++] = digits[c & 15];
	}
	return (struct text){ body, at };
}

void bank_answer(struct drive *d, int status, struct text body)
{
	const struct alym_message message = { .status = status, .body = body };

	drive_response(d, &message);
}
