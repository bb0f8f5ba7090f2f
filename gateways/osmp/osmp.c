/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/osmp/osmp.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gateways/osmp/answer.h"
#include "gateways/osmp/request.h"
#include "plugins/settings.h"

static const struct alym_key osmp_keys[] = {
	{ "dialect", true, "osmp-xml, kaspi-xml or kaspi-json" },
	{ "prv_name", false,
		"how the kaspi dialects call our number: prv_txn, prv_txn_id or both" },
	{ "busy", false,
		"what a kaspi dialect hears when the book is busy: result (4 or 5) or 503" },
	{ "secret_name", false, "data1 to data99: which parameter brings the constant (data1)" },
	{ "secret_file", false, "file with the constant agreed upon" },
	{ "secret_next_file", false, "file with a second constant that is accepted as well" },
	{ 0 },
};

/* ---- settings ---- */

static const char *osmp_read_dialect(struct alym_gateway_state *state, struct text dialect)
{
	static const char *const names[] = {
		[OSMP_XML] = "osmp-xml",
		[KASPI_XML] = "kaspi-xml",
		[KASPI_JSON] = "kaspi-json",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (text_is(dialect, names[i])) {
			state->dialect = (enum osmp_dialect)i;
			return NULL;
		}
	}
	return "dialect must be osmp-xml, kaspi-xml or kaspi-json";
}

static const char *osmp_read_prv_name(struct alym_gateway_state *state, struct text name)
{
	state->prv_name = state->dialect == KASPI_JSON ? OSMP_PRV_BOTH : OSMP_PRV_TXN;
	if (name.size == 0) {
		return NULL;
	}
	if (!osmp_is_kaspi(state)) {
		return "prv_name is of the kaspi dialects";
	}
	if (text_is(name, "prv_txn")) {
		state->prv_name = OSMP_PRV_TXN;
	} else if (text_is(name, "prv_txn_id")) {
		state->prv_name = OSMP_PRV_TXN_ID;
	} else if (text_is(name, "both")) {
		state->prv_name = OSMP_PRV_BOTH;
	} else {
		return "prv_name must be prv_txn, prv_txn_id or both";
	}
	return NULL;
}

static const char *osmp_read_busy(struct alym_gateway_state *state, struct text busy)
{
	state->busy_is_503 = text_is(busy, "503");
	if (busy.size > 0 && !osmp_is_kaspi(state)) {
		return "busy is of the kaspi dialects: osmp-xml has a result for it";
	}
	if (busy.size > 0 && !state->busy_is_503 && !text_is(busy, "result")) {
		return "busy must be result or 503";
	}
	return NULL;
}

static bool osmp_read_secret(struct osmp_secret *secret, struct text line)
{
	if (line.size < OSMP_SECRET_MIN || line.size > OSMP_SECRET_MAX) {
		return false;
	}
	memcpy(secret->bytes, line.bytes, line.size);
	secret->size = line.size;
	return true;
}

static bool osmp_is_data_name(struct text name)
{
	struct text data = TEXT("data");
	struct text number;

	if (!text_starts(name, data)) {
		return false;
	}
	number = (struct text){ name.bytes + data.size, name.size - data.size };
	return number.size <= 2 && text_is_digits(number) && number.bytes[0] != '0';
}

static const char *osmp_read_secrets(struct alym_gateway_state *state,
	const struct settings *settings)
{
	struct text name = settings_find(settings, "secret_name");
	struct text secret = settings_find_line(settings, "secret_file");
	struct text next = settings_find_line(settings, "secret_next_file");

	if (settings_find(settings, "secret_file").size == 0) {
		return name.size == 0 && settings_find(settings, "secret_next_file").size == 0
			       ? NULL
			       : "secret_file is missing, or empty";
	}
	if (!osmp_read_secret(&state->secrets[0], secret)) {
		return "secret_file must hold 16 to 128 bytes";
	}
	if (settings_find(settings, "secret_next_file").size > 0 &&
		!osmp_read_secret(&state->secrets[1], next)) {
		return "secret_next_file must hold 16 to 128 bytes";
	}
	if (name.size == 0) {
		name = TEXT("data1");
	}
	if (!osmp_is_data_name(name) ||
		!text_copy(name, state->secret_name, sizeof(state->secret_name))) {
		return "secret_name must be data1 to data99";
	}
	return NULL;
}

static const char *osmp_read_settings(struct alym_gateway_state *state,
	const struct settings *settings)
{
	const char *complaint = osmp_read_dialect(state, settings_find(settings, "dialect"));

	if (complaint == NULL) {
		complaint = osmp_read_prv_name(state, settings_find(settings, "prv_name"));
	}
	if (complaint == NULL) {
		complaint = osmp_read_busy(state, settings_find(settings, "busy"));
	}
	return complaint == NULL ? osmp_read_secrets(state, settings) : complaint;
}

static void osmp_close(struct alym_gateway_state *state)
{
	if (state != NULL) {
		mem_wipe(state->secrets, sizeof(state->secrets));
		free(state);
	}
}

static struct alym_gateway_state *osmp_open(const struct alym_setting *items, size_t count,
	char *why, size_t why_size)
{
	const struct settings settings = { .items = items, .count = count };
	struct alym_gateway_state *state = mem_new(1, sizeof(*state));
	const char *complaint = osmp_read_settings(state, &settings);

	assert(why != NULL);
	assert(why_size > 0);

	if (complaint != NULL) {
		(void)snprintf(why, why_size, "%s", complaint);
		osmp_close(state);
		return NULL;
	}
	return state;
}

/* ---- messages ---- */

/* One transaction, however many zeros the bank writes in front of its number. */
static struct text osmp_operation(const struct osmp_session *session)
{
	struct text txn_id = text_of(session->txn_id);

	while (txn_id.size > 1 && txn_id.bytes[0] == '0') {
		txn_id.bytes++;
		txn_id.size--;
	}
	return txn_id;
}

static void osmp_ask(const struct osmp_session *session, struct alym_action *action)
{
	action->kind = ALYM_ACTION_ASK;
	action->about_code = text_of(session->code);
	action->about_amount = session->sum;
}

static void osmp_pay(const struct osmp_session *session, struct alym_action *action)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){
		.kind = ALYM_DONE,
		.code = text_of(session->code),
		.refusable = true,
		.amount = session->sum,
		.operation = osmp_operation(session),
		.paid = ALYM_PAID_LOCAL,
		.paid_day = session->paid_day,
		.paid_second = session->paid_second,
	};
}

static void osmp_arrived(const struct alym_gateway_state *state, struct osmp_session *session,
	const struct alym_message *message, struct alym_action *action)
{
	struct form form = { .count = 0 };
	enum osmp_result result = OSMP_BAD_REQUEST;
	bool readable;
	bool bank;

	assert(message != NULL);

	readable = request_open(message, &form);
	bank = request_knows_secret(state, &form);
	if (readable && bank) {
		result = request_read(state, &form, session);
	}
	form_free(&form);
	if (!bank) {
		answer_refuse(action);
	} else if (result != OSMP_ACCEPTED) {
		answer_say(state, session, result, NULL, action);
	} else if (session->command == OSMP_PAY) {
		osmp_pay(session, action);
	} else {
		osmp_ask(session, action);
	}
}

/* ---- decisions ---- */

/* What is wrong with the sum, if anything; a sum that was not stated fits. */
static enum osmp_result osmp_compare(const struct osmp_session *session, struct money due)
{
	if (!money_same_currency(session->sum, due)) {
		return OSMP_BAD_CURRENCY;
	}
	if (session->sum.minor == 0 || session->sum.minor == due.minor) {
		return OSMP_ACCEPTED;
	}
	return session->sum.minor < due.minor ? OSMP_TOO_LITTLE : OSMP_TOO_MUCH;
}

/* A decision that does not belong to the command is answered as if the book could not be asked. */
static enum osmp_result osmp_result_of(const struct osmp_session *session,
	const struct alym_decision *decision)
{
	bool pay = session->command == OSMP_PAY;
	enum osmp_result compared;

	switch (decision->kind) {
	case ALYM_ANSWER_BOOKED:
		return pay ? OSMP_ACCEPTED : OSMP_BUSY;
	case ALYM_ANSWER_PAYABLE:
		return pay ? OSMP_BUSY : osmp_compare(session, decision->due);
	case ALYM_ANSWER_UNKNOWN:
		return OSMP_NOT_FOUND;
	case ALYM_ANSWER_PAID:
		return OSMP_PAID;
	case ALYM_ANSWER_CLOSED:
		return OSMP_CLOSED;
	case ALYM_ANSWER_WRONG_AMOUNT:
		compared = osmp_compare(session, decision->due);
		return compared == OSMP_ACCEPTED ? OSMP_BUSY : compared;
	case ALYM_ANSWER_NOTED:
	case ALYM_ANSWER_BUSY:
		break;
	}
	return OSMP_BUSY;
}

/* ---- operations ---- */

/* Nothing is ever asked of the bank: money comes by its `pay` or not at all. */
static void osmp_operate(const struct alym_event *event, struct alym_verdict *verdict)
{
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		verdict->kind = ALYM_PENDING;
		break;
	case ALYM_OPERATION_STATUS:
		verdict->expired = event->now >= event->order->expires_at;
		verdict->kind = verdict->expired ? ALYM_DECLINED : ALYM_PENDING;
		break;
	case ALYM_OPERATION_CAPTURE:
	case ALYM_OPERATION_RELEASE:
		verdict->kind = ALYM_DECLINED;
		verdict->reason = TEXT("the protocol holds no money");
		break;
	case ALYM_OPERATION_REFUND:
		verdict->kind = ALYM_DECLINED;
		verdict->reason = TEXT("refunds are made in the bank's cabinet");
		break;
	case ALYM_OPERATION_LIST:
		verdict->kind = ALYM_UNKNOWN;
		break;
	}
}

static void osmp_step(const struct alym_gateway_state *state, void *memory,
	const struct alym_event *event, struct alym_action *action)
{
	struct osmp_session *session = memory;

	assert(state != NULL);
	assert(session != NULL);

	if (event->order != NULL) {
		action->kind = ALYM_ACTION_VERDICT;
		osmp_operate(event, &action->verdict);
	} else if (event->kind == ALYM_EVENT_CALLBACK) {
		osmp_arrived(state, session, event->message, action);
	} else if (event->kind == ALYM_EVENT_DECISION) {
		answer_say(state, session, osmp_result_of(session, event->decision),
			event->decision, action);
	} else {
		answer_say(state, session, OSMP_BUSY, NULL, action);
	}
}

ALYM_GATEWAY(.name = "osmp", .keys = osmp_keys, .order = { .digits_min = 12, .digits_max = 15 },
	.session_size = sizeof(struct osmp_session), .open = osmp_open, .close = osmp_close,
	.step = osmp_step);
