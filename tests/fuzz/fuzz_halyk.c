/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a bank, or anybody who calls himself one, may say to the halyk gateway.  Checks that it
 * always keeps to the ABI, asks about no order whose hash nobody knew, and takes no money that was
 * not said to be taken.
 *
 * Input: which answer the bytes are, three digits (its status; with a letter for the first it is
 * not asked for the first time, B for 2), a newline, and the bytes: "2200\n{...}".
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gateways/halyk/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum { FUZZ_HEAD = 5, FUZZ_STEPS = 4, FUZZ_WHY_SIZE = 256 };

static const struct alym_gateway_state *fuzz_state(void)
{
	static struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";

	if (state == NULL) {
		state = alym_gateway.open(shop_settings,
			sizeof(shop_settings) / sizeof(*shop_settings), why, sizeof(why));
	}
	assert(state != NULL);
	return state;
}

static void fuzz_answer(struct drive *d, int status, struct text body)
{
	const struct alym_message m = { .status = status, .body = body };

	assert(d->fault == NULL);
	if (!d->over) {
		assert(d->action.kind == ALYM_ACTION_SEND);
		drive_response(d, &m);
		assert(d->fault == NULL);
	}
}

/* The fuzzed answer, for whatever is still asked but another token. */
static void fuzz_rest(struct drive *d, int status, struct text bytes)
{
	fuzz_answer(d, status, bytes);
	for (int i = 0; i < FUZZ_STEPS && !d->over; i++) {
		bool token =
			text_is(d->action.request.url, "https://token.test/epay2/oauth2/token");

		fuzz_answer(d, token ? 200 : status, token ? TEXT(TOKEN) : bytes);
	}
}

/* The answers before the fuzzed one, then that one. */
static void fuzz_operation(struct drive *d, enum alym_operation operation,
	const char *const answers[FUZZ_STEPS], int status, struct text bytes)
{
	bool said = text_is_utf8(bytes); /* JSON is UTF-8 */

	drive_start(d, operation);
	for (int i = 0; i < FUZZ_STEPS && answers[i] != NULL; i++) {
		fuzz_answer(d, 200, text_of(answers[i]));
	}
	fuzz_rest(d, status, bytes);
	assert(d->action.kind == ALYM_ACTION_VERDICT);
	if (operation == ALYM_OPERATION_PAY || operation == ALYM_OPERATION_STATUS) {
		assert(said || (d->action.verdict.kind != ALYM_DONE &&
				       d->action.verdict.kind != ALYM_PENDING));
		assert(status == 200 || d->action.verdict.kind != ALYM_DONE);
	}
}

static void fuzz_postlink(struct drive *d, struct text body)
{
	const struct alym_message m = {
		.method = TEXT("POST"),
		.path = TEXT("/callbacks/halyk"),
		.body = body,
		.peer = TEXT("127.0.0.1"),
	};

	const struct alym_decision noted = { .kind = ALYM_ANSWER_NOTED };

	drive_callback(d, &m);
	assert(d->fault == NULL);
	assert(d->action.kind == ALYM_ACTION_CHECK || d->action.kind == ALYM_ACTION_ANSWER);
	assert(d->action.kind != ALYM_ACTION_CHECK ||
		text_is(d->action.about_order, SHOP_NUMBER)); /* no other hash is known here */
	if (!d->over) {
		drive_decision(d, &noted);
		assert(d->fault == NULL);
		assert(d->action.answer.status == 200);
	}
}

/* The bytes as a setting; whatever is accepted must make requests that can be sent. */
static void fuzz_setting(size_t which, struct text value)
{
	struct alym_setting settings[sizeof(shop_settings) / sizeof(*shop_settings)];
	size_t count = sizeof(settings) / sizeof(*settings);
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	memcpy(settings, shop_settings, sizeof(settings));
	settings[which % count].value = value;
	state = alym_gateway.open(settings, count, why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, SHOP_NOW);
	d.order = shop_order();
	drive_start(&d, ALYM_OPERATION_PAY);
	fuzz_answer(&d, 200, TEXT(TOKEN));
	assert(d.action.kind == ALYM_ACTION_SEND);
	drive_done(&d);
	alym_gateway.close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		enum alym_operation operation;
		const char *answers[FUZZ_STEPS];
	} operations[] = {
		{ ALYM_OPERATION_PAY, { NULL } },
		{ ALYM_OPERATION_PAY, { TOKEN } },
		{ ALYM_OPERATION_STATUS, { TOKEN } },
		{ ALYM_OPERATION_CAPTURE, { TOKEN } },
		{ ALYM_OPERATION_RELEASE, { TOKEN } },
		{ ALYM_OPERATION_REFUND, { TOKEN } },
	};
	size_t count = sizeof(operations) / sizeof(*operations);
	struct drive d;
	struct text bytes;
	size_t which;
	int status;

	if (size < FUZZ_HEAD) {
		return 0;
	}
	bytes = (struct text){ (const char *)data + FUZZ_HEAD, size - FUZZ_HEAD };
	status = data[1] % 16 * 100 + data[2] % 16 * 10 + data[3] % 16;
	which = data[0] % 8;
	drive_init(&d, &alym_gateway, (struct alym_gateway_state *)(uintptr_t)fuzz_state(),
		SHOP_NOW);
	d.order = shop_order();
	d.again = data[1] >= 'A';
	if (which < count) {
		fuzz_operation(&d, operations[which].operation, operations[which].answers, status,
			bytes);
	} else if (which == count) {
		fuzz_postlink(&d, bytes);
	} else {
		fuzz_setting((size_t)status, bytes);
	}
	drive_done(&d);
	return 0;
}
