/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The Idempotency-Key of a call and the fingerprint it is bound to.
 *
 * The header is the structured-field string of the IETF draft ("abc", with backslash escapes) or
 * the same word bare; both spellings are one key.  The fingerprint is taken over method, path and
 * the canonical body, so that white space and the order of members do not make another request.
 */
#include <assert.h>

#include "daemon/api.h"
#include "ledger/digest.h"

_Static_assert((int)JOB_FINGERPRINT_SIZE == (int)DIGEST_SIZE, "a fingerprint is a SHA-256");

static const char api_key_header[] = "Idempotency-Key";

/* Takes one character of a string or a word off the front; false when it may not stand there. */
static bool api_key_take_char(struct text *rest, bool quoted, char *c)
{
	bool escaped = quoted && rest->bytes[0] == '\\';
	size_t used = escaped ? 2 : 1;

	if (rest->size < used) {
		return false;
	}
	*c = rest->bytes[used - 1];
	rest->bytes += used;
	rest->size -= used;
	if (escaped) {
		return *c == '"' || *c == '\\';
	}
	return *c != '"' && *c <= '~' && *c >= (quoted ? ' ' : '!');
}

/* Unquotes; false when it is neither a string nor a word, or too long. */
static bool api_key_read(struct text raw, struct api_key *key, size_t *size)
{
	bool quoted = raw.size >= 2 && raw.bytes[0] == '"' && raw.bytes[raw.size - 1] == '"';

	if (quoted) {
		raw = (struct text){ raw.bytes + 1, raw.size - 2 };
	}
	*size = 0;
	while (raw.size > 0) {
		if (*size >= JOB_KEY_MAX || !api_key_take_char(&raw, quoted, &key->bytes[*size])) {
			return false;
		}
		(*size)++;
	}
	key->bytes[*size] = '\0';
	return *size > 0;
}

bool api_key_take(const struct api_request *r, enum job_route route, struct api_key *key,
	struct job_request *request, struct problem *problem)
{
	size_t count;
	size_t size;
	struct text raw = call_header(r->call, api_key_header, &count);

	assert(key != NULL);
	assert(request != NULL);

	if (count == 0) {
		problem_set(problem, PROBLEM_IDEMPOTENCY_KEY_MISSING, api_key_header,
			"send a key of your own, the same with every repetition of this request");
		return false;
	}
	if (count > 1 || !api_key_read(raw, key, &size)) {
		problem_set(problem, PROBLEM_INVALID_FIELD, api_key_header,
			"%s must be given once, 1 to %d visible ASCII characters", api_key_header,
			JOB_KEY_MAX);
		return false;
	}
	request->client = r->client;
	request->route = route;
	request->key = (struct text){ key->bytes, size };
	return true;
}

void api_key_body_init(struct api_key_body *body)
{
	assert(body != NULL);

	buffer_init(&body->bytes, CALL_BODY_MAX);
	json_writer_init(&body->w, &body->bytes);
	json_open_object(&body->w, NULL);
}

void api_key_bind(const struct api_request *r, struct api_key_body *body,
	struct job_request *request)
{
	struct text parts[] = { r->call->method, TEXT(" "), r->call->path, TEXT("\n"), TEXT("") };
	const size_t count = sizeof(parts) / sizeof(*parts);

	json_close_object(&body->w);
	assert(!body->bytes.overflowed); /* every text in it has a bound */

	parts[count - 1] = buffer_text(&body->bytes);
	digest_of(r->engine->digest, parts, count, request->fingerprint);
	buffer_done(&body->bytes);
}
