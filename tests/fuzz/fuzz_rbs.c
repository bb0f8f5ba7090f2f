/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a bank may say to the rbs gateway, and others in its name.  A callback's parts are signed
 * here, so that they get past the checksum; it is also tried as it comes.  Checks that the gateway
 * always keeps to the ABI, takes no callback that was not signed, and books nothing of one.
 *
 * Input: which session, a newline, and the bytes: "2\n{...}".  Of an operation that goes on, all
 * questions after the first get the same answer.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "plugins/form.h"
#include "tests/gateways/rbs/rbs_bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum { FUZZ_HEAD = 2, FUZZ_STEPS = 8, FUZZ_WHY_SIZE = 256, FUZZ_TEXT_MAX = 65536, FUZZ_PARTS = 4 };

static void fuzz_answer(struct drive *d, int status, struct text body)
{
	struct alym_message m = { .status = status, .body = body };

	drive_response(d, &m);
	assert(d->fault == NULL);
}

/* `first`, if any, answers the first question. */
static void fuzz_operation(struct drive *d, enum alym_operation operation, const char *first,
	struct text body)
{
	drive_start(d, operation);
	assert(d->fault == NULL);
	if (d->over) {
		assert(d->action.verdict.kind == ALYM_DECLINED);
		return;
	}
	if (first != NULL) {
		fuzz_answer(d, 200, text_of(first));
	}
	for (int step = 0; step < FUZZ_STEPS && !d->over; step++) {
		assert(d->action.kind == ALYM_ACTION_SEND);
		fuzz_answer(d, 200, body);
	}
	assert(d->over);
	assert(d->action.kind == ALYM_ACTION_VERDICT);
	drive_start(d, operation);
	fuzz_answer(d, 500, body);
	assert(d->action.verdict.kind == ALYM_UNKNOWN);
	drive_start(d, operation);
	drive_failure(d, body.size % 2 == 0 ? ALYM_FAILURE_NOT_SENT : ALYM_FAILURE_PERHAPS_SENT);
	assert(d->fault == NULL);
}

static void fuzz_call(struct drive *d, bool post, struct text bytes)
{
	struct buffer path;
	struct alym_message m = { .method = post ? TEXT("POST") : TEXT("GET") };

	buffer_init(&path, FUZZ_TEXT_MAX);
	buffer_add_string(&path, "/callbacks/rbs");
	if (post) {
		m.body = bytes;
	} else {
		buffer_add_char(&path, '?');
		buffer_add(&path, bytes);
	}
	m.path = buffer_text(&path);
	drive_callback(d, &m);
	buffer_done(&path);
	assert(d->fault == NULL);
}

/* What was taken for a callback gets one of the book's decisions. */
static void fuzz_decide(struct drive *d, size_t number)
{
	const struct alym_decision decision = { .kind = number % 2 == 0 ? ALYM_ANSWER_NOTED
									: ALYM_ANSWER_BUSY };

	if (!d->over) {
		drive_decision(d, &decision);
		assert(d->fault == NULL);
		assert(d->action.kind == ALYM_ACTION_ANSWER);
	}
}

/* Only the published samples, which the corpus has, are signed by anybody we know. */
static void fuzz_forgery(struct drive *d, bool post, struct text bytes)
{
	fuzz_call(d, post, bytes);
	assert(d->action.kind == ALYM_ACTION_ANSWER || d->action.kind == ALYM_ACTION_CHECK ||
		d->action.kind == ALYM_ACTION_KEEP);
	assert(d->action.kind != ALYM_ACTION_CHECK || text_is(d->action.about_order, "2003"));
	assert(d->action.kind != ALYM_ACTION_ANSWER || d->action.answer.status >= 400);
	fuzz_decide(d, bytes.size);
}

/* Lines of the bytes are what a good callback says. */
static void fuzz_signed(struct drive *d, struct text bytes)
{
	static const char *const names[FUZZ_PARTS] = { "mdOrder", "operation", "orderNumber",
		"status" };
	struct buffer form;
	struct buffer text;
	char checksum[RBS_BANK_CHECKSUM_SIZE];
	bool semicolon = bytes.size > 0 && memchr(bytes.bytes, ';', bytes.size) != NULL;

	buffer_init(&form, FUZZ_TEXT_MAX);
	buffer_init(&text, FUZZ_TEXT_MAX);
	for (size_t i = 0; i < FUZZ_PARTS; i++) {
		const char *end = bytes.size > 0 ? memchr(bytes.bytes, '\n', bytes.size) : NULL;
		struct text value = { bytes.bytes,
			end != NULL ? (size_t)(end - bytes.bytes) : bytes.size };

		form_add(&form, names[i], value);
		buffer_add_string(&text, names[i]);
		buffer_add_char(&text, ';');
		buffer_add(&text, value);
		buffer_add_char(&text, ';');
		bytes.bytes += value.size + (end != NULL);
		bytes.size -= value.size + (end != NULL);
	}
	if (!form.overflowed && strlen(text.bytes) == text.size) {
		rbs_bank_sign(RBS_BANK_KEY_NEXT, text.bytes, checksum);
		form_add(&form, "checksum", text_of(checksum));
		fuzz_call(d, true, buffer_text(&form));
		assert(d->action.kind != ALYM_ACTION_VERDICT);
		assert(!semicolon || d->action.kind == ALYM_ACTION_ANSWER || bytes.size > 0);
		fuzz_decide(d, text.size);
	}
	buffer_done(&form);
	buffer_done(&text);
}

/* The bytes as a setting; whatever is accepted must make requests that can be sent. */
static void fuzz_setting(size_t which, struct text value)
{
	static const char *const names[] = { "endpoint", "user", "password_file",
		"callback_key_file", "callback_certificate_file", "utc_offset", "return_url",
		"two_step", "callback_digest", "token_file" };
	size_t count = RBS_BANK_SETTINGS;
	struct alym_setting settings[RBS_BANK_SETTINGS + 1];
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	memcpy(settings, rbs_bank_settings, sizeof(*settings) * count);
	which %= sizeof(names) / sizeof(*names);
	settings[count] = (struct alym_setting){ names[which], value };
	for (size_t i = 0; i < RBS_BANK_SETTINGS; i++) {
		if (strcmp(settings[i].name, names[which]) == 0) {
			settings[i].value = value;
			count--;
		}
	}
	state = alym_gateway.open(settings, count + 1, why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, RBS_BANK_NOW);
	d.order = rbs_bank_order();
	drive_start(&d, ALYM_OPERATION_PAY);
	assert(d.fault == NULL);
	drive_done(&d);
	alym_gateway.close(state);
}

static void fuzz_session(struct drive *d, int which, struct text bytes)
{
	switch (which) {
	case 0:
	case 1:
		fuzz_forgery(d, which == 1, bytes);
		break;
	case 2:
		fuzz_signed(d, bytes);
		break;
	case 3:
		fuzz_operation(d, ALYM_OPERATION_PAY, NULL, bytes);
		break;
	case 4:
		fuzz_operation(d, ALYM_OPERATION_PAY, "{\"errorCode\":\"1\"}", bytes);
		break;
	case 5:
		fuzz_operation(d, ALYM_OPERATION_STATUS, NULL, bytes);
		break;
	case 6:
		fuzz_operation(d, ALYM_OPERATION_STATUS, RBS_BANK_WAITING, bytes);
		break;
	case 7:
		fuzz_operation(d, ALYM_OPERATION_CAPTURE, NULL, bytes);
		break;
	case 8:
		fuzz_operation(d, ALYM_OPERATION_CAPTURE, RBS_BANK_HELD, bytes);
		break;
	case 9:
		fuzz_operation(d, ALYM_OPERATION_RELEASE, RBS_BANK_HELD, bytes);
		break;
	case 10:
	case 11:
		d->order.refunded = money_of(which == 11 ? (int64_t)bytes.size * 100000 : 0, "KZT");
		d->order.handle = TEXT(RBS_BANK_ID);
		d->order.captured = d->order.amount;
		d->order.refund = money_of(1000, "KZT");
		d->order.refund_id = TEXT("r1");
		fuzz_operation(d, ALYM_OPERATION_REFUND, NULL, bytes);
		break;
	default:
		fuzz_setting((size_t)which, bytes);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct alym_gateway_state *state; /* read-only, and slow to make */
	struct drive d;
	char why[FUZZ_WHY_SIZE] = "";

	if (size < FUZZ_HEAD || size > FUZZ_TEXT_MAX / 8) {
		return 0;
	}
	if (state == NULL) {
		state = alym_gateway.open(rbs_bank_settings, RBS_BANK_SETTINGS, why, sizeof(why));
		assert(state != NULL);
	}
	drive_init(&d, &alym_gateway, state, RBS_BANK_NOW);
	d.order = rbs_bank_order();
	fuzz_session(&d, (data[0] - '0') & 31,
		(struct text){ (const char *)data + FUZZ_HEAD, size - FUZZ_HEAD });
	drive_done(&d);
	return 0;
}
