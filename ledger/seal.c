/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/seal.h"

#include <assert.h>
#include <string.h>

void seal_init(struct seal *s, struct digest *digest, const uint8_t code_key[CODE_KEY_SIZE])
{
	const struct text parts[] = { TEXT("seal"), { (const char *)code_key, CODE_KEY_SIZE } };

	assert(digest != NULL);
	assert(code_key != NULL);

	s->digest = digest;
	digest_of(digest, parts, 2, s->secret);
}

struct keyset_key seal_of(const struct seal *s, const char *what, const struct text *parts,
	size_t count)
{
	struct text framed[2 * SEAL_PARTS_MAX + 2];
	uint64_t sizes[SEAL_PARTS_MAX];
	uint8_t digest[DIGEST_SIZE];
	struct keyset_key key;

	assert(s->digest != NULL);
	assert(count <= SEAL_PARTS_MAX);

	framed[0] = (struct text){ (const char *)s->secret, sizeof(s->secret) };
	framed[1] = (struct text){ what, strlen(what) + 1 };
	for (size_t i = 0; i < count; i++) {
		sizes[i] = parts[i].size;
		framed[2 * i + 2] = (struct text){ (const char *)&sizes[i], sizeof(sizes[i]) };
		framed[2 * i + 3] = parts[i];
	}
	digest_of(s->digest, framed, 2 * count + 2, digest);
	memcpy(key.bytes, digest, sizeof(key.bytes));
	return key;
}

struct keyset_key seal_request(const struct seal *s, const struct job_request *r)
{
	const int32_t route = (int32_t)r->route;
	const struct text parts[] = { { (const char *)&r->client, sizeof(r->client) },
		{ (const char *)&route, sizeof(route) }, r->key };

	assert(r->client >= 0); /* an operator may be no client */
	assert(r->key.size > 0);

	return seal_of(s, "request", parts, 3);
}

struct keyset_key seal_fingerprint(const struct seal *s, const struct job_request *r)
{
	const struct text part = { (const char *)r->fingerprint, sizeof(r->fingerprint) };

	assert(r->key.size > 0);

	return seal_of(s, "fingerprint", &part, 1);
}

struct keyset_key seal_reference(const struct seal *s, int32_t client, struct text reference)
{
	const struct text parts[] = { { (const char *)&client, sizeof(client) }, reference };

	assert(client > 0);
	assert(reference.size > 0);

	return seal_of(s, "reference", parts, 2);
}

struct keyset_key seal_operation(const struct seal *s, int32_t gateway, struct text operation)
{
	const struct text parts[] = { { (const char *)&gateway, sizeof(gateway) }, operation };

	assert(gateway > 0);
	assert(operation.size > 0);

	return seal_of(s, "operation", parts, 2);
}

void seal_write(const struct seal *s, struct json_writer *w, const char *name, struct text value)
{
	struct keyset_key seal;

	assert(w != NULL);
	assert(name != NULL);

	if (value.size > 0) {
		seal = seal_of(s, name, &value, 1);
		json_hex(w, name, seal.bytes, sizeof(seal.bytes));
	}
}
