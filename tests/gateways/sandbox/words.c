/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/gateways/sandbox/words.h"

#include <inttypes.h>
#include <string.h>

#include "tests/gateways/sandbox/bank.h"

static const char *words_merchant(const struct kit_word *word)
{
	return word->another_merchant ? "other" : "shop";
}

static const char *words_paid_at(const struct kit_word *word, char out[DATE_TIME_TEXT_SIZE])
{
	return date_time_format(word->paid_at, out);
}

static const char *const words_statuses[] = {
	[KIT_PAID] = "paid",
	[KIT_DECLINED] = "declined",
	[KIT_PENDING] = "pending",
	[KIT_HELD] = "authorized",
};

/* 4.2 */
static void words_answer_status(const struct kit_word *word, struct kit_message *m)
{
	char time[DATE_TIME_TEXT_SIZE];

	if (word->outcome == KIT_ABSENT) {
		m->status = 404;
		buffer_add_string(&m->body, "{\"reason\":\"no such order\"}");
		return;
	}
	buffer_printf(&m->body, "{\"amount\":%" PRId64 ",\"currency\":\"%s\",\"order\":\"%.*s\",",
		word->amount.minor, word->amount.currency, TEXT_ARGS(word->number));
	if (word->outcome == KIT_PAID) {
		buffer_printf(&m->body, "\"operation\":\"%.*s\",\"paid_at\":\"%s\",",
			TEXT_ARGS(word->movement), words_paid_at(word, time));
	}
	buffer_printf(&m->body, "\"status\":\"%s\"}", words_statuses[word->outcome]);
}

/* 4.1 */
static void words_answer_order(const struct kit_word *word, struct kit_message *m)
{
	if (word->outcome == KIT_DECLINED) {
		m->status = 422;
		buffer_add_string(&m->body, "{\"reason\":\"too much\"}");
		return;
	}
	m->status = 201;
	m->moves = true;
	buffer_printf(&m->body,
		"{\"order\":\"%.*s\",\"pay_url\":\"https://bank.test/p/1\",\"session\":\"s1\","
		"\"status\":\"pending\"}",
		TEXT_ARGS(word->number));
}

static bool words_has(struct text t, const char *part)
{
	size_t size = strlen(part);

	for (size_t i = 0; i + size <= t.size; i++) {
		if (memcmp(t.bytes + i, part, size) == 0) {
			return true;
		}
	}
	return false;
}

/* 4.3: a repeat is answered with what became of the first; a refund is known by its number. */
static void words_answer_movement(const struct kit_word *word, const struct alym_request *asked,
	struct kit_message *m)
{
	bool refund = word->operation == ALYM_OPERATION_REFUND;
	bool known = word->done && (!refund || words_has(asked->body, "\"refund_id\":\"r1\""));

	m->moves = word->outcome == KIT_PAID && !known;
	buffer_printf(&m->body, "{\"operation\":\"%s%.*s\",\"status\":\"%s\"}", refund ? "r-" : "",
		TEXT_ARGS(word->movement), word->outcome == KIT_PAID ? "done" : "declined");
}

static void words_answer(const struct kit_word *word, const struct alym_request *asked,
	struct kit_message *m)
{
	if (text_is(asked->method, "GET")) {
		words_answer_status(word, m);
	} else if (word->operation == ALYM_OPERATION_PAY) {
		words_answer_order(word, m);
	} else {
		words_answer_movement(word, asked, m);
	}
}

/* 5.1 */
static void words_call(const struct kit_word *word, struct kit_message *m)
{
	char time[DATE_TIME_TEXT_SIZE];

	buffer_add_string(&m->path, BANK_PATH);
	buffer_printf(&m->body,
		"{\"amount\":%" PRId64 ",\"currency\":\"%s\",\"kind\":\"payment\","
		"\"merchant\":\"%s\",\"order\":\"%.*s\",",
		word->amount.minor, word->amount.currency, words_merchant(word),
		TEXT_ARGS(word->number));
	if (word->outcome == KIT_PAID) {
		buffer_printf(&m->body, "\"operation\":\"%.*s\",\"paid_at\":\"%s\",",
			TEXT_ARGS(word->movement), words_paid_at(word, time));
	}
	buffer_printf(&m->body, "\"status\":\"%s\"}", words_statuses[word->outcome]);
}

/* 5.2 */
static void words_ask(const struct kit_word *word, struct kit_message *m)
{
	buffer_add_string(&m->path, BANK_PATH);
	buffer_printf(&m->body,
		"{\"amount\":%" PRId64 ",\"code\":\"%.*s\",\"currency\":\"%s\",\"kind\":\"check\","
		"\"merchant\":\"%s\"}",
		word->amount.minor, TEXT_ARGS(word->code), word->amount.currency,
		words_merchant(word));
}

static struct text words_signature_of(const struct alym_request *asked)
{
	for (size_t i = 0; i < asked->header_count; i++) {
		if (text_is(asked->headers[i].name, "X-Sandbox-Signature")) {
			return asked->headers[i].value;
		}
	}
	return TEXT("");
}

/* 2 */
static void words_seal(enum kit_key key, const struct kit_word *word,
	const struct alym_request *asked, struct kit_message *m)
{
	const char *secret = key == KIT_KEY_OURS ? BANK_SECRET : "0123456789abcdeg";
	struct alym_header headers[KIT_MESSAGE_HEADERS_MAX];
	struct bank_message signed_message = { .message = kit_message_lend(m, headers) };

	if (asked != NULL) {
		bank_sign_answer(secret, word->now, words_signature_of(asked), &signed_message);
	} else {
		bank_sign_request(secret, word->now, &signed_message);
	}
	kit_message_header(m, "X-Sandbox-Timestamp", text_of(signed_message.timestamp));
	kit_message_header(m, "X-Sandbox-Signature", text_of(signed_message.signature));
}

struct kit_bank sandbox_words(const char *gateway)
{
	return (struct kit_bank){
		.gateway = gateway,
		.settings = bank_settings,
		.setting_count = bank_setting_count,
		.now = BANK_NOW,
		.operations = KIT_CAN(ALYM_OPERATION_CAPTURE) | KIT_CAN(ALYM_OPERATION_RELEASE) |
			      KIT_CAN(ALYM_OPERATION_REFUND),
		.proves = true,
		.answer = words_answer,
		.call = words_call,
		.ask = words_ask,
		.seal = words_seal,
	};
}
