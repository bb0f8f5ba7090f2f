/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What Bank CenterCredit, or somebody in its name, may say to the bcc gateway.  Checks that the
 * gateway keeps to the ABI, that a message is never more than a hint, and that nothing is done but
 * by an answer that names the order and an amount.
 *
 * Input: a digit, which session, a newline, and the bytes: "2\n{...}".
 */
#include <assert.h>
#include <string.h>

#include "tests/gateways/bcc/bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum {
	FUZZ_HEAD = 2,
	FUZZ_STEPS = 4,
	FUZZ_WHY_SIZE = 256,
	FUZZ_VALUE_SIZE = 256,
	FUZZ_LATER_S = 90000
};

static const struct {
	enum alym_operation operation;
	bool held; /* a session of two steps, after the hold */
} fuzz_sessions[] = {
	{ ALYM_OPERATION_STATUS, false },
	{ ALYM_OPERATION_STATUS, true },
	{ ALYM_OPERATION_CAPTURE, true },
	{ ALYM_OPERATION_RELEASE, true },
	{ ALYM_OPERATION_REFUND, false },
};

enum { FUZZ_SESSIONS = sizeof(fuzz_sessions) / sizeof(*fuzz_sessions) };

/* Opened once: a state is read-only, and serves all sessions. */
static struct alym_gateway_state *fuzz_open(bool held)
{
	static struct alym_gateway_state *states[2];
	struct alym_setting settings[BANK_SETTINGS + 2];
	char why[FUZZ_WHY_SIZE] = "";

	if (states[held] != NULL) {
		return states[held];
	}
	memcpy(settings, bank_settings, sizeof(bank_settings));
	settings[BANK_SETTINGS] = (struct alym_setting){ "absent_rc", TEXT("-24 25") };
	settings[BANK_SETTINGS + 1] = (struct alym_setting){ "trtype", text_of(held ? "12" : "1") };
	states[held] = alym_gateway.open(settings, BANK_SETTINGS + 2, why, sizeof(why));
	return states[held];
}

/* A message of a stranger, or of the bank's own hand. */
static void fuzz_heard(struct drive *d)
{
	const struct alym_decision decision = { .kind = ALYM_ANSWER_BUSY };

	assert(d->fault == NULL);
	if (d->action.kind == ALYM_ACTION_CHECK) {
		drive_decision(d, &decision);
		assert(d->fault == NULL);
		assert(d->action.answer.status == 503);
	} else {
		assert(d->action.kind == ALYM_ACTION_ANSWER);
		assert(d->action.answer.status >= 400);
	}
}

/* Each line replaces the value of a field of an honest notification, in their order; then it is
 * signed. */
static void fuzz_signed(struct drive *d, struct text bytes)
{
	static char values[BANK_FIELDS_MAX][FUZZ_VALUE_SIZE];
	struct bank_note note = bank_note();

	for (size_t i = 0; i < note.count && bytes.size > 0; i++) {
		const char *end = memchr(bytes.bytes, '\n', bytes.size);
		size_t line = end == NULL ? bytes.size : (size_t)(end - bytes.bytes);

		if (line > 0 && line < FUZZ_VALUE_SIZE && memchr(bytes.bytes, 0, line) == NULL) {
			memcpy(values[i], bytes.bytes, line);
			values[i][line] = '\0';
			note.fields[i].value = values[i];
		}
		bytes.bytes += end == NULL ? line : line + 1;
		bytes.size -= end == NULL ? line : line + 1;
	}
	bank_seal(&note, BANK_KEY_NEXT);
	bank_call(d, &note);
	fuzz_heard(d);
}

/* An operation whose every request gets this answer. */
static void fuzz_operation(struct drive *d, enum alym_operation operation, struct text body)
{
	drive_start(d, operation);
	for (int step = 0; step < FUZZ_STEPS && !d->over; step++) {
		assert(d->action.kind == ALYM_ACTION_SEND);
		bank_answer(d, 200, body);
		assert(d->fault == NULL);
	}
	assert(d->action.kind == ALYM_ACTION_VERDICT);
	if (d->action.verdict.kind == ALYM_DONE) {
		assert(d->action.verdict.amount.minor > 0);
		assert(body.size > sizeof(BANK_ORDER) && body.size <= 65536);
	}
}

static void fuzz_unanswered(struct drive *d, enum alym_operation operation,
	enum alym_failure failure)
{
	drive_start(d, operation);
	if (!d->over) {
		drive_failure(d, failure);
	}
	assert(d->fault == NULL);
	assert(d->action.verdict.kind == ALYM_UNKNOWN ||
		(d->action.verdict.kind == ALYM_NOT_ATTEMPTED && !d->again));
}

/* The same without an answer, and once more; after a day nothing is asked. */
static void fuzz_silence(struct drive *d, enum alym_operation operation)
{
	for (int i = 0; i < 2; i++) {
		d->again = i == 1;
		fuzz_unanswered(d, operation, ALYM_FAILURE_NOT_SENT);
		fuzz_unanswered(d, operation, ALYM_FAILURE_PERHAPS_SENT);
	}
	d->now += FUZZ_LATER_S;
	drive_start(d, ALYM_OPERATION_STATUS);
	assert(d->over && d->action.verdict.kind == ALYM_UNKNOWN);
}

/* The bytes as a setting; whatever is accepted must make a form that can be posted. */
static void fuzz_setting(struct text value)
{
	static const char *const names[] = { "endpoint", "merchant", "terminal", "key_file",
		"key_next_file", "notify_user", "notify_password_file", "notify_password_next_file",
		"m_info", "absent_rc", "amount_min", "merchant_name" };
	struct alym_setting settings[BANK_SETTINGS + 1];
	size_t which = value.size > 0 ? (unsigned char)value.bytes[0] % 12 : 0;
	bool more = which >= BANK_SETTINGS;
	size_t count = BANK_SETTINGS + (more ? 1 : 0);
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	if (value.size > 0) {
		value.bytes++;
		value.size--;
	}
	memcpy(settings, bank_settings, sizeof(bank_settings));
	settings[more ? BANK_SETTINGS : which] = (struct alym_setting){ names[which], value };
	state = alym_gateway.open(settings, count, why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	drive_start(&d, ALYM_OPERATION_PAY);
	assert(d.fault == NULL);
	drive_done(&d);
	alym_gateway.close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t which = size < FUZZ_HEAD ? 0 : data[0] % 8;
	struct alym_gateway_state *state;
	struct drive d;
	struct text bytes;

	if (size < FUZZ_HEAD) {
		return 0;
	}
	bytes = (struct text){ (const char *)data + FUZZ_HEAD, size - FUZZ_HEAD };
	if (which == 7) {
		fuzz_setting(bytes);
		return 0;
	}
	state = fuzz_open(which < FUZZ_SESSIONS && fuzz_sessions[which].held);
	assert(state != NULL);
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	if (which < FUZZ_SESSIONS) {
		if (fuzz_sessions[which].operation != ALYM_OPERATION_STATUS ||
			fuzz_sessions[which].held) {
			d.order.handle = TEXT(BANK_HELD);
		}
		fuzz_operation(&d, fuzz_sessions[which].operation, bytes);
		fuzz_silence(&d, fuzz_sessions[which].operation);
	} else if (which == 5) {
		fuzz_signed(&d, bytes);
	} else {
		bank_call_with(&d, "POST", BANK_BASIC, bytes);
		fuzz_heard(&d);
		bank_call_with(&d, "POST", BANK_BASIC_ALIEN, bytes);
		assert(d.action.answer.status == 401);
	}
	drive_done(&d);
	return 0;
}
