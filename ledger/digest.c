/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct digest {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
	struct digest *d = mem_new(1, sizeof(*d));

	d->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->context = EVP_MD_CTX_new();
	if (d->algorithm == NULL || d->context == NULL) {
		abort();
	}
	return d;
}

void digest_free(struct digest **digest)
{
	struct digest *d;

	assert(digest != NULL);

	d = *digest;
	*digest = NULL;
	if (d == NULL) {
		return;
	}
	EVP_MD_CTX_free(d->context);
	EVP_MD_free(d->algorithm);
	free(d);
}

void digest_of(struct digest *d, const struct text *parts, size_t count, uint8_t out[DIGEST_SIZE])
{
	bool ok;

	assert(d != NULL);
	assert(parts != NULL);

	ok = EVP_DigestInit_ex2(d->context, d->algorithm, NULL) == 1;
	for (size_t i = 0; i < count; i++) {
		ok = ok && EVP_DigestUpdate(d->context, parts[i].bytes, parts[i].size) == 1;
	}
	ok = ok && EVP_DigestFinal_ex(d->context, out, NULL) == 1;
	assert(ok);
}
