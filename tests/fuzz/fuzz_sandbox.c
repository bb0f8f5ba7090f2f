/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a bank may say to the sandbox gateway.  Bodies are signed here, so that they get past the
 * signature; headers are also tried as they come.  Checks that the gateway always keeps to the
 * ABI, signs what it should, and takes nothing that was not signed.
 *
 * Input: which session, three digits (an answer's status, or the book's decision), a newline, and
 * the bytes: "0201\n{...}".
 */
#include <assert.h>
#include <string.h>

#include "tests/gateways/sandbox/bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum { FUZZ_HEAD = 5, FUZZ_STEPS = 4, FUZZ_WHY_SIZE = 256 };

static struct alym_gateway_state *fuzz_open(void)
{
	char why[FUZZ_WHY_SIZE] = "";

	return alym_gateway.open(bank_settings, bank_setting_count, why, sizeof(why));
}

/* A signed message, and the book's decision about it. */
static void fuzz_message(struct drive *d, int number, struct text body)
{
	const struct alym_decision decision = {
		.kind = (enum alym_answer_kind)(number % (ALYM_ANSWER_BUSY + 1)),
		.record = number,
		.due = money_of(number, "KZT"),
		.service = TEXT("visa.exit"),
	};
	struct bank_message m = {
		.message = { .method = TEXT("POST"), .path = TEXT(BANK_PATH), .body = body }
	};

	bank_sign_request(number % 2 == 0 ? BANK_SECRET : BANK_SECRET_NEXT, d->now, &m);
	drive_callback(d, &m.message);
	assert(d->fault == NULL);
	if (!d->over) {
		drive_decision(d, &decision);
		assert(d->fault == NULL);
	}
	assert(bank_believes(d, text_of(m.signature)));
}

/* An operation whose every request gets this answer, signed. */
static void fuzz_operation(struct drive *d, enum alym_operation operation, bool conflict,
	int status, struct text body)
{
	drive_start(d, operation);
	if (conflict) {
		bank_answer(d, 409, TEXT(""));
	}
	for (int step = 0; step < FUZZ_STEPS && !d->over; step++) {
		assert(d->action.kind == ALYM_ACTION_SEND);
		bank_answer(d, status, body);
		assert(d->fault == NULL);
	}
	assert(d->action.kind == ALYM_ACTION_VERDICT);
	assert(status < 500 || d->action.verdict.kind == ALYM_UNKNOWN);
}

/* Lines of the bytes are the headers' values, then the body: nobody here knows the secret. */
static void fuzz_forgery(struct drive *d, int status, struct text bytes)
{
	struct alym_header headers[] = {
		{ TEXT("X-Sandbox-Timestamp"), TEXT("1767225600") },
		{ TEXT("X-Sandbox-Signature"), TEXT("") },
	};
	struct alym_message m = { .status = status,
		.method = TEXT("POST"),
		.path = TEXT(BANK_PATH),
		.headers = headers,
		.header_count = 2 };

	for (size_t i = 0; i < 2; i++) {
		const char *end = bytes.size > 0 ? memchr(bytes.bytes, '\n', bytes.size) : NULL;

		if (end != NULL) {
			size_t line = (size_t)(end - bytes.bytes);

			headers[i].value = (struct text){ bytes.bytes, line };
			bytes.bytes += line + 1;
			bytes.size -= line + 1;
		}
	}
	m.body = bytes;
	drive_callback(d, &m);
	assert(d->fault == NULL);
	assert(d->action.kind == ALYM_ACTION_ANSWER);
	assert(d->action.answer.status == 401);
	assert(drive_header(d, "X-Sandbox-Signature").size == 0);
	drive_start(d, ALYM_OPERATION_STATUS);
	drive_response(d, &m);
	assert(d->fault == NULL);
	assert(d->action.verdict.kind == ALYM_UNKNOWN);
}

/* The bytes as a setting; whatever is accepted must make requests that can be sent. */
static void fuzz_setting(size_t which, struct text value)
{
	struct alym_setting settings[] = { bank_settings[0], bank_settings[1], bank_settings[2],
		{ "window_s", TEXT("300") } };
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	settings[which % (sizeof(settings) / sizeof(*settings))].value = value;
	state = alym_gateway.open(settings, sizeof(settings) / sizeof(*settings), why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	drive_start(&d, ALYM_OPERATION_STATUS);
	assert(d.fault == NULL);
	drive_done(&d);
	alym_gateway.close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alym_gateway_state *state;
	struct drive d;
	struct text bytes;
	int status;

	if (size < FUZZ_HEAD) {
		return 0;
	}
	bytes = (struct text){ (const char *)data + FUZZ_HEAD, size - FUZZ_HEAD };
	status = data[1] % 16 * 100 + data[2] % 16 * 10 + data[3] % 16;
	state = fuzz_open();
	assert(state != NULL);
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	switch (data[0] % 8) {
	case 0:
		fuzz_message(&d, status, bytes);
		break;
	case 1:
		fuzz_operation(&d, ALYM_OPERATION_PAY, false, status, bytes);
		break;
	case 2:
		fuzz_operation(&d, ALYM_OPERATION_PAY, true, status, bytes);
		break;
	case 3:
		fuzz_operation(&d, ALYM_OPERATION_STATUS, false, status, bytes);
		break;
	case 4:
		fuzz_operation(&d, ALYM_OPERATION_RELEASE, false, status, bytes);
		break;
	case 5:
		fuzz_operation(&d, ALYM_OPERATION_REFUND, false, status, bytes);
		break;
	case 6:
		fuzz_forgery(&d, status, bytes);
		break;
	default:
		fuzz_setting((size_t)status, bytes);
		break;
	}
	drive_done(&d);
	alym_gateway.close(state);
	return 0;
}
