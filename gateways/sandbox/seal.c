/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/seal.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "plugins/incoming.h"
#include "plugins/scratch.h"

enum { SEAL_PARTS = 4, SEAL_PIECES = 2 * SEAL_PARTS - 1, SEAL_TIMESTAMP_DIGITS_MAX = 11 };

/* What is signed: these with dots between them. */
struct seal_parts {
	struct text part[SEAL_PARTS];
};

void seal_init(struct seal *seal, struct text secret, struct text next, int64_t window_s)
{
	assert(seal != NULL);
	assert(secret.size >= SEAL_SECRET_MIN && secret.size <= SEAL_SECRET_MAX);
	assert(window_s > 0);

	seal->window_s = window_s;
	mac_init(&seal->mac, "SHA256", secret, next);
	assert(seal->mac.size == SEAL_MAC_SIZE);
}

void seal_done(struct seal *seal)
{
	assert(seal != NULL);

	mac_done(&seal->mac);
}

static void seal_dot(const struct seal_parts *parts, struct text pieces[SEAL_PIECES])
{
	for (size_t i = 0; i < SEAL_PIECES; i++) {
		pieces[i] = i % 2 == 0 ? parts->part[i / 2] : TEXT(".");
	}
}

static void seal_sign(const struct seal *seal, const struct seal_parts *parts,
	char signature[SEAL_SIGNATURE_SIZE])
{
	struct text pieces[SEAL_PIECES];
	unsigned char mac[SEAL_MAC_SIZE];

	seal_dot(parts, pieces);
	mac_make(&seal->mac, pieces, SEAL_PIECES, mac);
	text_hex(mac, sizeof(mac), signature);
}

static bool seal_matches(const struct seal *seal, const struct seal_parts *parts,
	struct text signature)
{
	struct text pieces[SEAL_PIECES];
	unsigned char theirs[SEAL_MAC_SIZE];

	seal_dot(parts, pieces);
	return text_unhex(signature, theirs, sizeof(theirs)) &&
	       mac_matches(&seal->mac, pieces, SEAL_PIECES, theirs);
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
	struct text timestamp = incoming_header(message, "X-Sandbox-Timestamp");
	struct text signature = incoming_header(message, "X-Sandbox-Signature");
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
	struct seal_parts parts;

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
	struct seal_parts parts;
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

	fits = text_copy(incoming_header(message, "X-Sandbox-Signature"), signature,
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
	struct seal_parts parts;

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
	struct seal_parts parts;
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
