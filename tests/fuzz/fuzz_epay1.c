/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a bank, or anybody who calls himself one, may say to the epay1 gateway.  Slices are signed
 * here, so that they get past the signature; documents are also tried as they come.  Checks that
 * the gateway always keeps to the ABI, and believes nothing that was not signed.
 *
 * Input: what the bytes are, and the bytes: "1<bank ...>...</bank>".
 */
#include <assert.h>
#include <string.h>

#include "tests/gateways/epay1/bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum { FUZZ_WHY_SIZE = 256, FUZZ_SIZE_MAX = 20000 };

static const struct alym_gateway_state *fuzz_state(void)
{
	static struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";

	if (state == NULL) {
		state = alym_gateway.open(bank_settings, bank_setting_count, why, sizeof(why));
	}
	assert(state != NULL);
	return state;
}

static void fuzz_message(struct drive *d, struct text body)
{
	const struct alym_message m = {
		.method = TEXT("POST"),
		.path = TEXT("/callbacks/epay1"),
		.body = body,
		.peer = TEXT("127.0.0.1"),
	};

	drive_callback(d, &m);
	assert(d->fault == NULL);
}

/* The same, and what the book says of it. */
static void fuzz_letter(struct drive *d, struct text body, enum alym_answer_kind kind)
{
	const struct alym_decision decision = { .kind = kind };

	fuzz_message(d, body);
	if (!d->over) {
		drive_decision(d, &decision);
		assert(d->fault == NULL);
	}
	assert(d->action.kind == ALYM_ACTION_ANSWER);
}

/* Nobody here knows the bank's key, but the published letters may be among the bytes. */
static void fuzz_forgery(struct drive *d, struct text body)
{
	fuzz_message(d, body);
	if (d->action.kind == ALYM_ACTION_VERDICT) {
		assert(text_is(d->action.verdict.order, "064085"));
		assert(text_is(d->action.verdict.handle, "180418115914 115914"));
	}
}

static void fuzz_operation(struct drive *d, enum alym_operation operation, bool again,
	struct text body)
{
	d->again = again;
	drive_start(d, operation);
	for (int i = 0; i < 2 && !d->over; i++) {
		assert(d->action.kind == ALYM_ACTION_SEND);
		bank_answer(d, 200, body);
		assert(d->fault == NULL);
	}
	assert(d->action.kind == ALYM_ACTION_VERDICT);
}

static void fuzz_unsigned(struct drive *d, struct text body)
{
	fuzz_operation(d, ALYM_OPERATION_STATUS, false, body);
	assert(d->action.verdict.kind == ALYM_UNKNOWN ||
		text_is(d->action.verdict.handle, "180418115914 115914"));
}

/* The bytes as a setting; whatever is accepted must make a form that can be posted. */
static void fuzz_setting(size_t which, struct text value)
{
	struct alym_setting settings[16];
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	assert(bank_setting_count <= sizeof(settings) / sizeof(*settings));
	memcpy(settings, bank_settings, bank_setting_count * sizeof(*settings));
	settings[which % bank_setting_count].value = value;
	state = alym_gateway.open(settings, bank_setting_count, why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	drive_start(&d, ALYM_OPERATION_PAY);
	assert(d.fault == NULL);
	drive_start(&d, ALYM_OPERATION_CAPTURE);
	assert(d.fault == NULL);
	drive_done(&d);
	alym_gateway.close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drive d;
	struct text bytes;

	if (size == 0 || size > FUZZ_SIZE_MAX) {
		return 0;
	}
	bytes = (struct text){ (const char *)data + 1, size - 1 };
	drive_init(&d, &alym_gateway, (struct alym_gateway_state *)(uintptr_t)fuzz_state(),
		BANK_NOW);
	d.order = bank_order();
	switch ((data[0] + 2) % 10) {
	case 0:
		fuzz_forgery(&d, bytes);
		break;
	case 1:
		fuzz_forgery(&d, bank_postlink(bytes));
		break;
	case 2:
		fuzz_letter(&d, bank_postlink(bank_letter(bytes)), ALYM_ANSWER_NOTED);
		break;
	case 3:
		fuzz_operation(&d, ALYM_OPERATION_STATUS, false, bank_letter(bytes));
		break;
	case 4:
		fuzz_operation(&d, ALYM_OPERATION_CAPTURE, false, bank_letter(bytes));
		break;
	case 5:
		fuzz_operation(&d, ALYM_OPERATION_RELEASE, true, bank_letter(bytes));
		break;
	case 6:
		fuzz_unsigned(&d, bytes);
		break;
	case 8:
		fuzz_operation(&d, ALYM_OPERATION_REFUND, bytes.size % 2 == 1, bank_letter(bytes));
		break;
	case 9:
		fuzz_letter(&d, bytes, ALYM_ANSWER_BUSY);
		break;
	default:
		fuzz_setting(bytes.size > 0 ? (unsigned char)bytes.bytes[0] : 0, bytes);
		break;
	}
	drive_done(&d);
	return 0;
}
