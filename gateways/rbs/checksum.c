/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/checksum.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHECKSUM_MAC_SIZE = 32,
	CHECKSUM_RSA_BITS_MIN = 1024, /* as the banks' published keys have */
	CHECKSUM_RSA_SIZE_MAX = 1024, /* bytes */
	CHECKSUM_PARTS_MAX = 4 * FORM_FIELDS_MAX,
};

/* What is signed, part by part, in the bank's order. */
struct checksum_signed {
	struct text parts[CHECKSUM_PARTS_MAX];
	size_t count;
};

/* ---- settings ---- */

/* OpenSSL fetches what it verifies with when it first does, and later no file can be opened. */
static bool checksum_warm(const EVP_MD *digest, EVP_PKEY *key)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok;

	assert(context != NULL);

	ok = EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1;
	EVP_MD_CTX_free(context);
	return ok;
}

/* A certificate's key or a public key of its own, from PEM; NULL when it is neither. */
static EVP_PKEY *checksum_read_key(struct text pem)
{
	static char nothing[] = ""; /* the passphrase nobody is to be asked for */
	BIO *bio = BIO_new_mem_buf(pem.bytes, (int)pem.size);
	X509 *certificate = NULL;
	EVP_PKEY *key = NULL;

	assert(bio != NULL);

	certificate = PEM_read_bio_X509(bio, NULL, NULL, nothing);
	if (certificate != NULL) {
		key = X509_get_pubkey(certificate);
		X509_free(certificate);
	} else if (BIO_reset(bio) == 1) {
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, nothing);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (key != NULL && (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
				   EVP_PKEY_get_bits(key) < CHECKSUM_RSA_BITS_MIN ||
				   EVP_PKEY_get_size(key) > CHECKSUM_RSA_SIZE_MAX)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static const char *checksum_read_certificates(struct checksum *c, const struct settings *settings)
{
	static const char *const names[CHECKSUM_KEYS] = { "callback_certificate_file",
		"callback_certificate_next_file" };
	struct text digest = settings_find(settings, "callback_digest");

	if (digest.size > 0 && !text_is(digest, "sha512") && !text_is(digest, "sha256")) {
		return "callback_digest must be sha512 or sha256";
	}
	c->digest = EVP_MD_fetch(NULL, text_is(digest, "sha256") ? "SHA256" : "SHA512", NULL);
	assert(c->digest != NULL);
	for (size_t i = 0; i < CHECKSUM_KEYS; i++) {
		struct text pem = settings_find(settings, names[i]);

		if (pem.size > 0) {
			c->keys[i] = checksum_read_key(pem);
			if (c->keys[i] == NULL || !checksum_warm(c->digest, c->keys[i])) {
				return "callback_certificate_file and callback_certificate_next_file "
				       "must hold an RSA certificate or public key in PEM";
			}
		}
	}
	return NULL;
}

const char *checksum_init(struct checksum *checksum, const struct settings *settings)
{
	struct text first = settings_find_line(settings, "callback_key_file");
	struct text next = settings_find_line(settings, "callback_key_next_file");
	const char *complaint;

	assert(checksum != NULL);

	*checksum = (struct checksum){ 0 };
	complaint = checksum_read_certificates(checksum, settings);
	if (complaint != NULL) {
		return complaint;
	}
	if (first.size == 0 && next.size > 0) {
		return "callback_key_next_file needs a callback_key_file beside it";
	}
	if (first.size > 0) {
		mac_init(&checksum->mac, "SHA256", first, next);
		checksum->has_mac = true;
		assert(checksum->mac.size == CHECKSUM_MAC_SIZE);
	}
	if (first.size == 0 && checksum->keys[0] == NULL) {
		return "callback_key_file or callback_certificate_file must be there, and not empty";
	}
	return NULL;
}

void checksum_done(struct checksum *checksum)
{
	assert(checksum != NULL);

	if (checksum->has_mac) {
		mac_done(&checksum->mac);
	}
	for (size_t i = 0; i < CHECKSUM_KEYS; i++) {
		EVP_PKEY_free(checksum->keys[i]);
	}
	EVP_MD_free(checksum->digest);
	*checksum = (struct checksum){ 0 };
}

/* ---- messages ---- */

static bool checksum_has_semicolon(struct text t)
{
	return t.size > 0 && memchr(t.bytes, ';', t.size) != NULL;
}

static int checksum_compare(const void *left, const void *right)
{
	const struct form_field *a = left;
	const struct form_field *b = right;
	size_t size = a->name.size < b->name.size ? a->name.size : b->name.size;
	int order = memcmp(a->name.bytes, b->name.bytes, size);

	if (order != 0) {
		return order;
	}
	return (a->name.size > b->name.size) - (a->name.size < b->name.size);
}

bool checksum_is_plain(const struct form *form)
{
	struct form_field sorted[FORM_FIELDS_MAX];

	assert(form != NULL);
	assert(form->count <= FORM_FIELDS_MAX);

	memcpy(sorted, form->fields, form->count * sizeof(*sorted));
	qsort(sorted, form->count, sizeof(*sorted), checksum_compare);
	for (size_t i = 0; i < form->count; i++) {
		if (checksum_has_semicolon(sorted[i].name) ||
			checksum_has_semicolon(sorted[i].value) ||
			(i > 0 && text_equal(sorted[i].name, sorted[i - 1].name))) {
			return false;
		}
	}
	return true;
}

static void checksum_lay_out(const struct form *form, struct checksum_signed *s)
{
	struct form_field sorted[FORM_FIELDS_MAX];

	memcpy(sorted, form->fields, form->count * sizeof(*sorted));
	qsort(sorted, form->count, sizeof(*sorted), checksum_compare);
	s->count = 0;
	for (size_t i = 0; i < form->count; i++) {
		if (!text_is(sorted[i].name, "checksum") &&
			!text_is(sorted[i].name, "sign_alias")) {
			s->parts[s->count++] = sorted[i].name;
			s->parts[s->count++] = TEXT(";");
			s->parts[s->count++] = sorted[i].value;
			s->parts[s->count++] = TEXT(";");
		}
	}
}

/* The banks write upper case, and nothing else is taken: one message has one checksum. */
static bool checksum_unhex(struct text hex, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < hex.size; i++) {
		if (hex.bytes[i] >= 'a' && hex.bytes[i] <= 'f') {
			return false;
		}
	}
	return text_unhex(hex, bytes, size);
}

static bool checksum_is_signed_by(const struct checksum *c, EVP_PKEY *key,
	const struct checksum_signed *s, struct text theirs)
{
	unsigned char signature[CHECKSUM_RSA_SIZE_MAX];
	size_t size = (size_t)EVP_PKEY_get_size(key);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok;

	assert(context != NULL);
	assert(size <= sizeof(signature));

	ok = checksum_unhex(theirs, signature, size) &&
	     EVP_DigestVerifyInit(context, NULL, c->digest, NULL, key) == 1;
	for (size_t i = 0; ok && i < s->count; i++) {
		ok = EVP_DigestVerifyUpdate(context, s->parts[i].bytes, s->parts[i].size) == 1;
	}
	ok = ok && EVP_DigestVerifyFinal(context, signature, size) == 1;
	EVP_MD_CTX_free(context);
	return ok;
}

bool checksum_matches(const struct checksum *checksum, const struct form *form, struct text theirs)
{
	const struct checksum *c = checksum;
	unsigned char code[CHECKSUM_MAC_SIZE];
	struct checksum_signed s;

	assert(c != NULL);
	assert(checksum_is_plain(form));

	checksum_lay_out(form, &s);
	if (c->has_mac && checksum_unhex(theirs, code, sizeof(code)) &&
		mac_matches(&c->mac, s.parts, s.count, code)) {
		return true;
	}
	for (size_t i = 0; i < CHECKSUM_KEYS; i++) {
		if (c->keys[i] != NULL && checksum_is_signed_by(c, c->keys[i], &s, theirs)) {
			return true;
		}
	}
	return false;
}
