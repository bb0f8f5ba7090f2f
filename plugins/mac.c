/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/mac.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <string.h>

#include "base/mem.h"

static EVP_MAC_CTX *mac_key(const char *digest, struct text key)
{
	char name[16];
	bool fits = text_copy(text_of(digest), name, sizeof(name));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	int done;

	assert(fits);
	assert(key.size > 0);
	assert(context != NULL);

	done = EVP_MAC_init(context, (const unsigned char *)key.bytes, key.size, params);
	assert(done == 1);
	EVP_MAC_free(mac); /* the context holds on to it */
	return context;
}

void mac_init(struct mac *mac, const char *digest, struct text first, struct text next)
{
	assert(mac != NULL);
	assert(digest != NULL);

	*mac = (struct mac){ .first = mac_key(digest, first) };
	mac->size = EVP_MAC_CTX_get_mac_size(mac->first);
	assert(mac->size > 0 && mac->size <= MAC_SIZE_MAX);
	if (next.size > 0) {
		mac->next = mac_key(digest, next);
	}
}

void mac_done(struct mac *mac)
{
	assert(mac != NULL);

	EVP_MAC_CTX_free(mac->first);
	EVP_MAC_CTX_free(mac->next);
	*mac = (struct mac){ 0 };
}

static void mac_compute(const EVP_MAC_CTX *key, const struct text *parts, size_t count,
	unsigned char *out)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(key);
	size_t size = 0;
	int done = context != NULL;

	for (size_t i = 0; done && i < count; i++) {
		if (parts[i].size > 0) {
			done = EVP_MAC_update(context, (const unsigned char *)parts[i].bytes,
				parts[i].size);
		}
	}
	done = done && EVP_MAC_final(context, out, &size, MAC_SIZE_MAX);
	assert(done);
	EVP_MAC_CTX_free(context);
}

void mac_make(const struct mac *mac, const struct text *parts, size_t count, unsigned char *out)
{
	unsigned char made[MAC_SIZE_MAX];

	assert(mac != NULL);
	assert(out != NULL);

	mac_compute(mac->first, parts, count, made);
	memcpy(out, made, mac->size);
}

bool mac_matches(const struct mac *mac, const struct text *parts, size_t count,
	const unsigned char *theirs)
{
	unsigned char ours[MAC_SIZE_MAX];
	bool matches;

	assert(mac != NULL);
	assert(theirs != NULL);

	mac_compute(mac->first, parts, count, ours);
	matches = mem_same(theirs, ours, mac->size);
	if (mac->next != NULL) {
		mac_compute(mac->next, parts, count, ours);
		matches |= mem_same(theirs, ours, mac->size);
	}
	return matches;
}
