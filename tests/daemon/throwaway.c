/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/daemon/throwaway.h"

#include <assert.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THROWAWAY_DAY_S = 86400 };

static const char *const throwaway_files[] = { "ca.pem", "stranger_ca.pem", "server.pem",
	"server.key", "other.pem", "other.key", "expired.pem", "expired.key", "stranger.pem",
	"stranger.key" };

struct throwaway_signer {
	EVP_PKEY *key;
	X509 *certificate;
};

const char *throwaway_path(const struct throwaway *throwaway, const char *name,
	char path[THROWAWAY_PATH_SIZE])
{
	int size = snprintf(path, THROWAWAY_PATH_SIZE, "%s/%s", throwaway->folder, name);

	assert(size > 0 && size < THROWAWAY_PATH_SIZE);
	return path;
}

static FILE *throwaway_file(const struct throwaway *t, const char *name, const char *end)
{
	char file[48];
	char path[THROWAWAY_PATH_SIZE];
	FILE *out;

	(void)snprintf(file, sizeof(file), "%s%s", name, end);
	out = fopen(throwaway_path(t, file, path), "w");
	assert(out != NULL);
	return out;
}

static void throwaway_extend(X509 *certificate, X509 *issuer, int what, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	int rc;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
	assert(extension != NULL);
	rc = X509_add_ext(certificate, extension, -1);
	assert(rc == 1);
	X509_EXTENSION_free(extension);
}

static X509 *throwaway_certificate(const char *name, EVP_PKEY *key, long from_s, long until_s)
{
	X509 *certificate = X509_new();
	X509_NAME *subject;
	unsigned char serial[3];
	int rc;

	assert(certificate != NULL);
	rc = X509_set_version(certificate, 2);
	assert(rc == 1);
	rc = RAND_bytes(serial, sizeof(serial));
	assert(rc == 1);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate),
		1 + serial[0] + 256L * serial[1] + 65536L * serial[2]);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
	rc = X509_set_pubkey(certificate, key);
	assert(rc == 1);
	subject = X509_get_subject_name(certificate);
	rc = X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
		-1, -1, 0);
	assert(rc == 1);
	return certificate;
}

static void throwaway_sign(X509 *certificate, const struct throwaway_signer *signer)
{
	int rc = X509_set_issuer_name(certificate, X509_get_subject_name(signer->certificate));

	assert(rc == 1);
	rc = X509_sign(certificate, signer->key, EVP_sha256());
	assert(rc > 0);
}

static struct throwaway_signer throwaway_ca(const struct throwaway *t, const char *name)
{
	struct throwaway_signer ca = { .key = EVP_EC_gen("P-256") };
	FILE *out = throwaway_file(t, name, ".pem");

	assert(ca.key != NULL);
	ca.certificate = throwaway_certificate(name, ca.key, -THROWAWAY_DAY_S, THROWAWAY_DAY_S);
	throwaway_extend(ca.certificate, ca.certificate, NID_basic_constraints, "critical,CA:TRUE");
	throwaway_extend(ca.certificate, ca.certificate, NID_key_usage, "critical,keyCertSign");
	throwaway_sign(ca.certificate, &ca);
	PEM_write_X509(out, ca.certificate);
	(void)fclose(out);
	return ca;
}

static void throwaway_leaf(const struct throwaway *t, const struct throwaway_signer *ca,
	const char *name, const char *hosts, long until_s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate;
	FILE *out = throwaway_file(t, name, ".pem");

	assert(key != NULL);
	certificate = throwaway_certificate(name, key, -2L * THROWAWAY_DAY_S, until_s);
	throwaway_extend(certificate, ca->certificate, NID_subject_alt_name, hosts);
	throwaway_sign(certificate, ca);
	PEM_write_X509(out, certificate);
	(void)fclose(out);
	out = throwaway_file(t, name, ".key");
	PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	(void)fclose(out);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void throwaway_signer_done(struct throwaway_signer *signer)
{
	X509_free(signer->certificate);
	EVP_PKEY_free(signer->key);
}

void throwaway_open(struct throwaway *throwaway)
{
	struct throwaway_signer ca;
	struct throwaway_signer stranger;
	mode_t mask = umask(077);

	(void)snprintf(throwaway->folder, sizeof(throwaway->folder), "/tmp/alym_tls_XXXXXX");
	if (mkdtemp(throwaway->folder) == NULL) {
		abort();
	}
	ca = throwaway_ca(throwaway, "ca");
	stranger = throwaway_ca(throwaway, "stranger_ca");
	throwaway_leaf(throwaway, &ca, "server", "IP:127.0.0.1,DNS:localhost", THROWAWAY_DAY_S);
	throwaway_leaf(throwaway, &ca, "other", "DNS:other.example", THROWAWAY_DAY_S);
	throwaway_leaf(throwaway, &ca, "expired", "IP:127.0.0.1,DNS:localhost", -THROWAWAY_DAY_S);
	throwaway_leaf(throwaway, &stranger, "stranger", "IP:127.0.0.1", THROWAWAY_DAY_S);
	throwaway_signer_done(&ca);
	throwaway_signer_done(&stranger);
	(void)umask(mask);
}

void throwaway_close(struct throwaway *throwaway)
{
	char path[THROWAWAY_PATH_SIZE];

	for (size_t i = 0; i < sizeof(throwaway_files) / sizeof(*throwaway_files); i++) {
		(void)unlink(throwaway_path(throwaway, throwaway_files[i], path));
	}
	(void)rmdir(throwaway->folder);
}
