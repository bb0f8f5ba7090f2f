/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/seal.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/core_names.h>
#include <string.h>

#include "base/mem.h"
#include "plugins/scratch.h"

enum { SEAL_PARTS_MAX = 4, SEAL_TIMESTAMP_DIGITS_MAX = 11 };

/* What is signed: some parts with dots between them. */
struct seal_parts {
	struct text part[SEAL_PARTS_MAX];
	size_t count;
};

/* Making an HMAC-SHA256 fails only for want of memory, and that ends the process. */
static EVP_MAC_CTX *seal_key(struct text secret)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	int done;

	assert(secret.size >= SEAL_SECRET_MIN);
	assert(secret.size <= SEAL_SECRET_MAX);
	assert(context != NULL);

	done = EVP_MAC_init(context, (const unsigned char *)secret.bytes, secret.size, params);
	assert(done == 1);
	EVP_MAC_free(mac); /* the context holds on to it */
	return context;
}

void seal_init(struct seal *seal, struct text secret, struct text next, int64_t window_s)
{
	assert(seal != NULL);
	assert(window_s > 0);

	*seal = (struct seal){ .first = seal_key(secret), .window_s = window_s };
	if (next.size > 0) {
		seal->next = seal_key(next);
	}
}

void seal_done(struct seal *seal)
{
	assert(seal != NULL);

	EVP_MAC_CTX_free(seal->first);
	EVP_MAC_CTX_free(seal->next);
	*seal = (struct seal){ 0 };
}

static void seal_mac(const EVP_MAC_CTX *key, const struct seal_parts *parts,
	unsigned char mac[SEAL_MAC_SIZE])
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(key);
	size_t size = 0;
	int done = context != NULL;

	assert(parts->count > 0);
	assert(parts->count <= SEAL_PARTS_MAX);

	for (size_t i = 0; done && i < parts->count; i++) {
		struct text part = parts->part[i];

		if (i > 0) {
			done = EVP_MAC_update(context, (const unsigned char *)".", 1);
		}
		if (done && part.size > 0) {
			done = EVP_MAC_update(context, (const unsigned char *)part.bytes,
				part.size);
		}
	}
	done = done && EVP_MAC_final(context, mac, &size, SEAL_MAC_SIZE);
	assert(done);
	assert(size == SEAL_MAC_SIZE);
	EVP_MAC_CTX_free(context);
}

static void seal_sign(const struct seal *seal, const struct seal_parts *parts,
	char signature[SEAL_SIGNATURE_SIZE])
{
	unsigned char mac[SEAL_MAC_SIZE];

	seal_mac(seal->first, parts, mac);
	text_hex(mac, sizeof(mac), signature);
}

/* Both secrets are always tried, so that the time says nothing about which one it was. */
static bool seal_matches(const struct seal *seal, const struct seal_parts *parts,
	struct text signature)
{
	unsigned char theirs[SEAL_MAC_SIZE];
	unsigned char ours[SEAL_MAC_SIZE];
	bool matches;

	if (!text_unhex(signature, theirs, sizeof(theirs))) {
		return false;
	}
	seal_mac(seal->first, parts, ours);
	matches = mem_same(theirs, ours, sizeof(ours));
	if (seal->next != NULL) {
		seal_mac(seal->next, parts, ours);
		matches |= mem_same(theirs, ours, sizeof(ours));
	}
	return matches;
}

/* The value of a header that is there exactly once, else empty. */
static struct text seal_header(const struct alym_message *message, const char *name)
{
	struct text value = TEXT("");
	size_t found = 0;

	for (size_t i = 0; i < message->header_count; i++) {
		if (text_is_any_case(message->headers[i].name, name)) {
			value = message->headers[i].value;
			found++;
		}
	}
	return found == 1 ? value : TEXT("");
}

static bool seal_is_timestamp(struct text t)
{
	return text_is_digits(t) && t.size <= SEAL_TIMESTAMP_DIGITS_MAX && t.bytes[0] != '0';
}

static bool seal_is_signature(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
			return false;
		}
	}
	return t.size == SEAL_SIGNATURE_SIZE - 1;
}

/* parts->part[0] is set here: it is the timestamp. */
static enum seal_check seal_check(const struct seal *seal, const struct alym_message *message,
	struct seal_parts *parts, int64_t now)
{
	struct text timestamp = seal_header(message, "X-Sandbox-Timestamp");
	struct text signature = seal_header(message, "X-Sandbox-Signature");
	int64_t at = 0;

	parts->part[0] = timestamp;
	if (!seal_is_timestamp(timestamp) || !seal_is_signature(signature) ||
		!text_parse_integer(timestamp, &at) || !seal_matches(seal, parts, signature)) {
		return SEAL_FORGED;
	}
	if (at < now - seal->window_s || at > now + seal->window_s) {
		return SEAL_STALE;
	}
	return SEAL_GOOD;
}

enum seal_check seal_check_request(const struct seal *seal, const struct alym_message *message,
	int64_t now)
{
	struct seal_parts parts = { .count = 4 };

	assert(seal != NULL);
	assert(message != NULL);

	parts.part[1] = message->method;
	parts.part[2] = message->path;
	parts.part[3] = message->body;
	return seal_check(seal, message, &parts, now);
}

enum seal_check seal_check_answer(const struct seal *seal, const struct alym_message *message,
	const char *signature, int64_t now)
{
	struct seal_parts parts = { .count = 4 };
	char status[] = "000";

	assert(seal != NULL);
	assert(message != NULL);
	assert(signature != NULL);

	if (message->status < 100 || message->status > 999) {
		return SEAL_FORGED;
	}
	status[0] = (char)('0' + message->status / 100);
	status[1] = (char)('0' + message->status / 10 % 10);
	status[2] = (char)('0' + message->status % 10);
	parts.part[1] = TEXT(status);
	parts.part[2] = message->body;
	parts.part[3] = text_of(signature);
	return seal_check(seal, message, &parts, now);
}

void seal_read(const struct alym_message *message, char signature[SEAL_SIGNATURE_SIZE])
{
	bool fits;

	assert(message != NULL);

	fits = text_copy(seal_header(message, "X-Sandbox-Signature"), signature,
		SEAL_SIGNATURE_SIZE);
	assert(fits); /* seal_check() saw that it has exactly that size */
}

/* The three headers of every message that has a body; a request without one needs the first two. */
static const struct alym_header *seal_headers(struct alym_scratch *scratch, struct text timestamp,
	const char *signature)
{
	struct alym_header *header = scratch->headers;

	header[0] = (struct alym_header){ TEXT("X-Sandbox-Timestamp"), timestamp };
	header[1] = (struct alym_header){ TEXT("X-Sandbox-Signature"),
		scratch_copy(scratch, text_of(signature)) };
	header[2] = (struct alym_header){ TEXT("Content-Type"), TEXT("application/json") };
	return header;
}

void seal_request(const struct seal *seal, int64_t now, size_t origin_size,
	struct alym_action *action, char signature[SEAL_SIGNATURE_SIZE])
{
	struct alym_request *request = &action->request;
	struct seal_parts parts = { .count = 4 };

	assert(seal != NULL);
	assert(action != NULL);
	assert(scratch_overflowed(action->scratch) || origin_size < request->url.size);

	if (scratch_overflowed(action->scratch)) {
		return;
	}
	parts.part[0] = scratch_printf(action->scratch, "%" PRId64, now);
	parts.part[1] = request->method;
	parts.part[2] = (struct text){ .bytes = request->url.bytes + origin_size,
		.size = request->url.size - origin_size };
	parts.part[3] = request->body;
	seal_sign(seal, &parts, signature);
	request->headers = seal_headers(action->scratch, parts.part[0], signature);
	request->header_count = request->body.size > 0 ? 3 : 2;
}

void seal_answer(const struct seal *seal, int64_t now, const char *signature,
	struct alym_action *action)
{
	struct alym_reply *answer = &action->answer;
	struct seal_parts parts = { .count = 4 };
	char ours[SEAL_SIGNATURE_SIZE];

	assert(seal != NULL);
	assert(action != NULL);

	if (signature == NULL) {
		action->scratch->headers[0] =
			(struct alym_header){ TEXT("Content-Type"), TEXT("application/json") };
		answer->headers = action->scratch->headers;
		answer->header_count = 1;
		return;
	}
	parts.part[0] = scratch_printf(action->scratch, "%" PRId64, now);
	parts.part[1] = scratch_printf(action->scratch, "%d", answer->status);
	parts.part[2] = answer->body;
	parts.part[3] = text_of(signature);
	seal_sign(seal, &parts, ours);
	answer->headers = seal_headers(action->scratch, parts.part[0], ours);
	answer->header_count = 3;
}
