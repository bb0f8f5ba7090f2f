/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/script.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"

enum { SCRIPT_BODY_SIZE = 1024, SCRIPT_SIGNED_SIZE = 1536, SCRIPT_DIGEST_SIZE = 32 };

/* What does not differ between the payments: a citizen of India asks for an exit visa. */
#define SCRIPT_APPLICANT                                                       \
	"\"applicant\":{\"birth_date\":\"1990-04-01\",\"nationality\":\"IN\"}" \
	",\"quantity\":1,\"service\":\"visa.exit\""
#define SCRIPT_CLAIM ",\"claims\":[{\"document\":\"MFA note 11-5/123\",\"ground\":\"investor\"}]"

static const char *const script_modes[SCRIPT_MODE_COUNT] = {
	[SCRIPT_CREATE] = "create",
	[SCRIPT_EXEMPT] = "exempt",
	[SCRIPT_PAY] = "pay",
	[SCRIPT_QUOTE] = "quote",
};

enum script_mode script_mode_of(const char *name)
{
	for (int i = 0; i < SCRIPT_MODE_COUNT; i++) {
		if (strcmp(script_modes[i], name) == 0) {
			return (enum script_mode)i;
		}
	}
	return SCRIPT_MODE_COUNT;
}

const char *script_mode_name(enum script_mode mode)
{
	assert(mode < SCRIPT_MODE_COUNT);

	return script_modes[mode];
}

/* splitmix64: keys need not be unguessable here, only spread like those of real clients. */
static uint64_t script_random(struct script *script)
{
	uint64_t z;

	script->state += 0x9e3779b97f4a7c15U;
	z = script->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

void script_init(struct script *script, enum script_mode mode, uint64_t seed)
{
	assert(mode < SCRIPT_MODE_COUNT);

	*script = (struct script){ .mode = mode, .state = seed };
	script->run = script_random(script);
}

static void script_ask_quote(struct buffer *out)
{
	static const char body[] = "{\"action\":\"issue\"," SCRIPT_APPLICANT SCRIPT_CLAIM "}";

	buffer_printf(out,
		"POST /v1/quotes HTTP/1.1\r\n"
		"Host: alymd\r\n"
		"Content-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		sizeof(body) - 1, body);
}

void script_ask(struct script *script, struct buffer *out)
{
	char body[SCRIPT_BODY_SIZE];
	uint64_t high;
	uint64_t low;
	int size;

	assert(script->mode < SCRIPT_MODE_COUNT);

	if (script->mode == SCRIPT_QUOTE) {
		script_ask_quote(out);
		return;
	}
	script->count++;
	high = script_random(script);
	low = script_random(script);
	size = snprintf(body, sizeof(body),
		"{\"payer\":{\"iin\":\"%012" PRIu64 "\",\"name\":\"Asel Nurlanovna Ibraimova\"},"
		"\"quote\":{\"action\":\"issue\"," SCRIPT_APPLICANT "%s},"
		"\"reference\":\"VMP-%016" PRIx64 "-%" PRIu64 "\"}",
		high % 1000000000000U, script->mode == SCRIPT_EXEMPT ? SCRIPT_CLAIM : "",
		script->run, script->count);
	assert(size > 0 && size < SCRIPT_BODY_SIZE);
	buffer_printf(out,
		"POST /v1/payments HTTP/1.1\r\n"
		"Host: alymd\r\n"
		"Content-Type: application/json\r\n"
		"Idempotency-Key: %016" PRIx64 "%016" PRIx64 "\r\n"
		"Content-Length: %d\r\n\r\n%s",
		high, low, size, body);
}

/* What follows the first place where `what` stands; empty when it stands nowhere. */
static struct text script_after(struct text in, struct text what)
{
	const char *found = memmem(in.bytes, in.size, what.bytes, what.size);

	if (found == NULL) {
		return TEXT("");
	}
	found += what.size;
	return (struct text){ found, in.size - (size_t)(found - in.bytes) };
}

static bool script_has(struct text in, struct text what)
{
	return memmem(in.bytes, in.size, what.bytes, what.size) != NULL;
}

/* As many digits as stand at the beginning. */
static struct text script_digits(struct text in)
{
	size_t size = 0;

	while (size < in.size && in.bytes[size] >= '0' && in.bytes[size] <= '9') {
		size++;
	}
	return (struct text){ in.bytes, size };
}

static bool script_read_due(struct text body, struct script_due *due)
{
	struct text code = script_digits(script_after(body, TEXT("\"code\":\"")));
	struct text rest = script_after(body, TEXT("\"due\":{\"amount\":"));
	struct text amount = script_digits(rest);
	struct text currency = script_after(rest, TEXT(",\"currency\":\""));

	if (currency.size < 3) {
		return false;
	}
	currency.size = 3;
	return code.size > 0 && text_copy(code, due->code, sizeof(due->code)) &&
	       text_parse_integer(amount, &due->amount) &&
	       text_copy(currency, due->currency, sizeof(due->currency));
}

bool script_asked(const struct script *script, const struct wire_answer *answer,
	struct script_due *due)
{
	switch (script->mode) {
	case SCRIPT_CREATE:
		return answer->status == 201 &&
		       script_has(answer->body, TEXT("\"state\":\"open\""));
	case SCRIPT_EXEMPT:
		return answer->status == 201 &&
		       script_has(answer->body, TEXT("\"state\":\"exempt\""));
	case SCRIPT_PAY:
		return answer->status == 201 && script_read_due(answer->body, due);
	case SCRIPT_QUOTE:
		return answer->status == 200 &&
		       script_has(answer->body, TEXT("\"due\":{\"amount\":"));
	case SCRIPT_MODE_COUNT:
		break;
	}
	assert(false);
	return false;
}

void script_tell(struct script *script, const struct script_due *due, int64_t now,
	struct buffer *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_size = 0;
	char signature[2 * SCRIPT_DIGEST_SIZE + 1];
	char to_sign[SCRIPT_SIGNED_SIZE];
	char body[SCRIPT_BODY_SIZE];
	char paid_at[DATE_TIME_TEXT_SIZE];
	int size;

	script->count++;
	size = snprintf(body, sizeof(body),
		"{\"amount\":%" PRId64 ",\"code\":\"%s\",\"currency\":\"%s\",\"kind\":\"payment\","
		"\"merchant\":\"%s\",\"operation\":\"op-%016" PRIx64 "-%" PRIu64
		"\",\"paid_at\":\"%s\",\"status\":\"paid\"}",
		due->amount, due->code, due->currency, script->merchant, script->run, script->count,
		date_time_format(now, paid_at));
	assert(size > 0 && size < SCRIPT_BODY_SIZE);
	size = snprintf(to_sign, sizeof(to_sign), "%" PRId64 ".POST.%s.%s", now, script->path,
		body);
	assert(size > 0 && size < SCRIPT_SIGNED_SIZE);
	(void)HMAC(EVP_sha256(), script->secret, (int)strlen(script->secret),
		(const unsigned char *)to_sign, (size_t)size, digest, &digest_size);
	assert(digest_size == SCRIPT_DIGEST_SIZE);
	text_hex(digest, digest_size, signature);
	buffer_printf(out,
		"POST %s HTTP/1.1\r\n"
		"Host: alymd\r\n"
		"Content-Type: application/json\r\n"
		"X-Sandbox-Timestamp: %" PRId64 "\r\n"
		"X-Sandbox-Signature: %s\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		script->path, now, signature, strlen(body), body);
}

bool script_told(const struct wire_answer *answer)
{
	return answer->status == 200 &&
	       script_has(answer->body, TEXT("\"accepted\":true,\"record\":"));
}
