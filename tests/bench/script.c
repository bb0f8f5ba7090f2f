/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/script.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/identifier.h"

enum { SCRIPT_BODY_SIZE = 1024, SCRIPT_SIGNED_SIZE = 1536, SCRIPT_DIGEST_SIZE = 32 };

/* Foreigners from these, born in these years, ask for exit visas: hardly two requests are alike. */
static const char script_countries[][3] = { "AE", "CN", "DE", "EG", "FR", "GB", "IN", "IT", "JP",
	"KR", "PK", "TR", "US", "VN" };
enum {
	SCRIPT_COUNTRIES = sizeof(script_countries) / sizeof(*script_countries),
	SCRIPT_BORN_FROM = 1950,
	SCRIPT_BORN_YEARS = 50,
	SCRIPT_NOTES = 1000000,
};

/* Each frees of each, so that there are as many accounts as both tables have rows. */
static const char *const script_duties[] = { "visa.exit", "visa.entry-exit", "visa.multiple",
	"invitation" };
static const char *const script_grounds[] = { "investor", "official-delegation", "state-invitation",
	"humanitarian-aid", "ethnic-kazakh" };
enum {
	SCRIPT_DUTIES = sizeof(script_duties) / sizeof(*script_duties),
	SCRIPT_GROUNDS = sizeof(script_grounds) / sizeof(*script_grounds),
};

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

/* Some number below `below`. */
static unsigned script_pick(struct script *script, unsigned below)
{
	return (unsigned)(script_random(script) >> 32) % below;
}

/* What somebody asks a quote for, as a member of an object or alone. */
static void script_write_quote(struct script *script, bool exempt, struct buffer *body)
{
	buffer_printf(body,
		"{\"action\":\"issue\",\"applicant\":{\"birth_date\":\"%u-%02u-%02u\","
		"\"nationality\":\"%s\"},",
		SCRIPT_BORN_FROM + script_pick(script, SCRIPT_BORN_YEARS),
		1 + script_pick(script, 12), 1 + script_pick(script, 28),
		script_countries[script_pick(script, SCRIPT_COUNTRIES)]);
	if (exempt) {
		buffer_printf(body,
			"\"claims\":[{\"document\":\"MFA note 11-5/%u\","
			"\"ground\":\"%s\"}],",
			script_pick(script, SCRIPT_NOTES),
			script_grounds[script->spread ? script_pick(script, SCRIPT_GROUNDS) : 0]);
	}
	buffer_printf(body, "\"quantity\":1,\"service\":\"%s\"}",
		script_duties[script->spread ? script_pick(script, SCRIPT_DUTIES) : 0]);
}

/* An IIN with its check digit right: of eleven random digits nearly all have one. */
static struct text script_iin(struct script *script, char out[IDENTIFIER_REGISTER_SIZE + 1])
{
	struct text iin = { out, IDENTIFIER_REGISTER_SIZE };

	for (;;) {
		(void)snprintf(out, IDENTIFIER_REGISTER_SIZE + 1, "%011" PRIu64 "0",
			script_random(script) % 100000000000U);
		for (size_t i = 0; i < 10; i++) {
			out[IDENTIFIER_REGISTER_SIZE - 1] = "0123456789"[i];
			if (identifier_is_register(iin)) {
				return iin;
			}
		}
	}
}

static void script_write_payment(struct script *script, struct buffer *body)
{
	char iin[IDENTIFIER_REGISTER_SIZE + 1];

	script->count++;
	buffer_add_string(body, "{\"payer\":{\"iin\":\"");
	buffer_add(body, script_iin(script, iin));
	buffer_add_string(body, "\",\"name\":\"whoever pays in this bench\"},\"quote\":");
	script_write_quote(script, script->mode == SCRIPT_EXEMPT, body);
	buffer_printf(body, ",\"reference\":\"VMP-%016" PRIx64 "-%" PRIu64 "\"}", script->run,
		script->count);
}

void script_ask(struct script *script, struct buffer *out)
{
	struct buffer body;

	assert(script->mode < SCRIPT_MODE_COUNT);

	buffer_init_whole(&body, SCRIPT_BODY_SIZE);
	if (script->mode == SCRIPT_QUOTE) {
		script_write_quote(script, true, &body);
		buffer_add_string(out, "POST /v1/quotes HTTP/1.1\r\nHost: alymd\r\n");
	} else {
		script_write_payment(script, &body);
		buffer_printf(out,
			"POST /v1/payments HTTP/1.1\r\n"
			"Host: alymd\r\n"
			"Idempotency-Key: %016" PRIx64 "%016" PRIx64 "\r\n",
			script_random(script), script_random(script));
	}
	if (script->minimal) {
		buffer_add_string(out, "Prefer: return=minimal\r\n");
	}
	buffer_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		body.size);
	buffer_add(out, buffer_text(&body));
	assert(!body.overflowed);
	buffer_done(&body);
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
