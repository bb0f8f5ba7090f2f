/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/epay1/sign.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

/* ---- keys ---- */

/* OpenSSL's own way to a passphrase is to ask at the terminal. */
static int sign_passphrase(char *out, int size, int writing, void *context)
{
	const struct text *passphrase = context;

	(void)writing;
	if (size < 0 || passphrase->size > (size_t)size) {
		return 0;
	}
	memcpy(out, passphrase->bytes, passphrase->size);
	return (int)passphrase->size;
}

static BIO *sign_file(struct text pem)
{
	BIO *file = pem.size <= INT_MAX ? BIO_new_mem_buf(pem.bytes, (int)pem.size) : NULL;

	assert(file != NULL);
	return file;
}

/* NULL unless it is an RSA key of a size we have room for. */
static EVP_PKEY *sign_rsa(EVP_PKEY *key)
{
	if (key != NULL && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_size(key) > 0 &&
		EVP_PKEY_get_size(key) <= SIGN_KEY_BYTES_MAX) {
		return key;
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	return NULL;
}

static EVP_PKEY *sign_private(struct text pem, struct text passphrase)
{
	BIO *file = sign_file(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, sign_passphrase, &passphrase);

	BIO_free(file);
	return sign_rsa(key);
}

static EVP_PKEY *sign_public(struct text pem)
{
	BIO *file = sign_file(pem);
	X509 *certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	if (certificate != NULL) {
		key = X509_get_pubkey(certificate);
		X509_free(certificate);
	} else {
		BIO_free(file);
		file = sign_file(pem);
		key = PEM_read_bio_PUBKEY(file, NULL, NULL, NULL);
	}
	BIO_free(file);
	return sign_rsa(key);
}

const char *sign_init(struct sign *sign, struct text key, struct text passphrase, struct text bank,
	struct text next)
{
	char warm[SIGN_TEXT_SIZE];
	const char *complaint = NULL;

	assert(sign != NULL);

	*sign = (struct sign){ .ours = sign_private(key, passphrase) };
	if (sign->ours == NULL) {
		return "key_file is no RSA key, or passphrase_file does not open it";
	}
	sign->bank = sign_public(bank);
	sign->bank_next = next.size > 0 ? sign_public(next) : NULL;
	if (sign->bank == NULL) {
		complaint = "bank_key_file holds no certificate or RSA key";
	} else if (next.size > 0 && sign->bank_next == NULL) {
		complaint = "bank_key_next_file holds no certificate or RSA key";
	}
	if (complaint != NULL) {
		sign_done(sign);
		return complaint;
	}
	/* What OpenSSL reads lazily is read now. */
	sign_make(sign, TEXT("0"), warm);
	(void)sign_is_banks(sign, TEXT("0"), text_of(warm));
	return NULL;
}

void sign_done(struct sign *sign)
{
	assert(sign != NULL);

	EVP_PKEY_free(sign->ours);
	EVP_PKEY_free(sign->bank);
	EVP_PKEY_free(sign->bank_next);
	*sign = (struct sign){ 0 };
}

/* ---- signatures ---- */

static void sign_reverse(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		unsigned char b = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = b;
	}
}

/* Signing fails only for want of memory, and that ends the process. */
void sign_make(const struct sign *sign, struct text bytes, char out[SIGN_TEXT_SIZE])
{
	unsigned char signature[SIGN_KEY_BYTES_MAX];
	size_t size = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int done = context != NULL;

	assert(sign != NULL);
	assert(out != NULL);

	done = done && EVP_DigestSignInit(context, NULL, EVP_sha1(), NULL, sign->ours) == 1;
	done = done && EVP_DigestSign(context, signature, &size, (const unsigned char *)bytes.bytes,
			       bytes.size) == 1;
	assert(done);
	EVP_MD_CTX_free(context);
	sign_reverse(signature, size);
	(void)EVP_EncodeBlock((unsigned char *)out, signature, (int)size);
}

/* Exactly one text for each row of bytes: what OpenSSL forgives is not forgiven. */
static bool sign_decode(struct text t, unsigned char out[SIGN_KEY_BYTES_MAX + 2], size_t *size)
{
	char again[SIGN_TEXT_SIZE];
	int decoded;

	if (t.size == 0 || t.size % 4 != 0 || t.size >= SIGN_TEXT_SIZE) {
		return false;
	}
	decoded = EVP_DecodeBlock(out, (const unsigned char *)t.bytes, (int)t.size);
	if (decoded <= 0) {
		return false;
	}
	*size = (size_t)decoded;
	for (size_t i = 1; i <= 2 && t.bytes[t.size - i] == '='; i++) {
		(*size)--;
	}
	(void)EVP_EncodeBlock((unsigned char *)again, out, (int)*size);
	return text_equal(t, text_of(again));
}

static bool sign_verify(EVP_PKEY *key, struct text bytes, const unsigned char *signature,
	size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	assert(context != NULL);

	good = size == (size_t)EVP_PKEY_get_size(key) &&
	       EVP_DigestVerifyInit(context, NULL, EVP_sha1(), NULL, key) == 1 &&
	       EVP_DigestVerify(context, signature, size, (const unsigned char *)bytes.bytes,
		       bytes.size) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return good;
}

bool sign_is_banks(const struct sign *sign, struct text bytes, struct text signature)
{
	unsigned char reversed[SIGN_KEY_BYTES_MAX + 2];
	size_t size = 0;

	assert(sign != NULL);

	if (!sign_decode(signature, reversed, &size)) {
		return false;
	}
	sign_reverse(reversed, size);
	return sign_verify(sign->bank, bytes, reversed, size) ||
	       (sign->bank_next != NULL && sign_verify(sign->bank_next, bytes, reversed, size));
}
