/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/osmp/request.h"

#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "plugins/incoming.h"

enum {
	REQUEST_SIZE_MAX = 128 * 1024, /* more than alymd lets in */
	REQUEST_DATE_DIGITS = 14,
	REQUEST_DECIMALS_MAX = 2,
};

bool request_open(const struct alym_message *message, struct form *form)
{
	struct buffer all;
	bool read;

	assert(message != NULL);
	assert(form != NULL);

	buffer_init(&all, REQUEST_SIZE_MAX);
	buffer_add(&all, incoming_query(message));
	buffer_add_char(&all, '&');
	buffer_add(&all, message->body);
	read = !all.overflowed && form_parse(buffer_text(&all), form);
	buffer_done(&all);
	return read;
}

bool request_knows_secret(const struct alym_gateway_state *state, const struct form *form)
{
	struct text said = TEXT("");
	bool knows = false;

	assert(state != NULL);
	assert(form != NULL);

	if (state->secrets[0].size == 0) {
		return true;
	}
	if (!form_find(form, state->secret_name, &said)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(state->secrets) / sizeof(*state->secrets); i++) {
		const struct osmp_secret *secret = &state->secrets[i];

		if (secret->size > 0 && secret->size == said.size) {
			knows |= mem_same(secret->bytes, said.bytes, said.size) != 0;
		}
	}
	return knows;
}

/* The parameter's value, empty when it is not there; false: it is there twice. */
static bool request_take(const struct form *form, const char *name, struct text *value)
{
	*value = TEXT("");
	return form_times(form, name) == 0 || form_find(form, name, value);
}

static enum osmp_result request_read_command(const struct form *form, struct osmp_session *session)
{
	struct text command;

	if (!request_take(form, "command", &command)) {
		return OSMP_BAD_REQUEST;
	}
	if (text_is(command, "check")) {
		session->command = OSMP_CHECK;
	} else if (text_is(command, "pay")) {
		session->command = OSMP_PAY;
	} else if (text_is(command, "getInfo")) {
		session->command = OSMP_GET_INFO;
	}
	return session->command != OSMP_NOTHING ? OSMP_ACCEPTED : OSMP_BAD_REQUEST;
}

static enum osmp_result request_read_txn(const struct alym_gateway_state *state,
	const struct form *form, struct osmp_session *session)
{
	size_t digits_max = osmp_is_kaspi(state) ? OSMP_TXN_DIGITS_KASPI : OSMP_TXN_DIGITS_MAX;
	struct text txn_id;

	if (!request_take(form, "txn_id", &txn_id)) {
		return OSMP_BAD_REQUEST;
	}
	if (txn_id.size == 0 && session->command == OSMP_GET_INFO) {
		return OSMP_ACCEPTED;
	}
	if (!text_is_digits(txn_id) || txn_id.size > digits_max ||
		!text_copy(txn_id, session->txn_id, sizeof(session->txn_id))) {
		return OSMP_BAD_REQUEST;
	}
	return OSMP_ACCEPTED;
}

/* Spaces and hyphens are what people type, and mean nothing. */
static enum osmp_result request_read_account(const struct form *form, struct osmp_session *session)
{
	struct text account;
	size_t size = 0;

	if (!request_take(form, "account", &account) || account.size == 0) {
		return OSMP_BAD_REQUEST;
	}
	for (size_t i = 0; i < account.size; i++) {
		char c = account.bytes[i];

		if (c == ' ' || c == '-') {
			continue;
		}
		if (c < '0' || c > '9' || size == OSMP_CODE_DIGITS_MAX) {
			return OSMP_BAD_ACCOUNT;
		}
		session->code[size++] = c;
	}
	session->code[size] = '\0';
	return size >= OSMP_CODE_DIGITS_MIN ? OSMP_ACCEPTED : OSMP_BAD_ACCOUNT;
}

/* No sign, no comma, a point only with one or two digits behind it. */
static bool request_is_decimal(struct text t)
{
	const char *point = t.size > 0 ? memchr(t.bytes, '.', t.size) : NULL;
	struct text rest;

	if (point == NULL) {
		return text_is_digits(t);
	}
	rest.bytes = point + 1;
	rest.size = t.size - (size_t)(rest.bytes - t.bytes);
	return text_is_digits((struct text){ t.bytes, (size_t)(point - t.bytes) }) &&
	       text_is_digits(rest) && rest.size <= REQUEST_DECIMALS_MAX;
}

static enum osmp_result request_read_currency(const struct form *form, struct money *sum)
{
	struct text ccy;

	if (!request_take(form, "ccy", &ccy)) {
		return OSMP_BAD_REQUEST;
	}
	if (ccy.size == 0 || text_is(ccy, "398")) {
		ccy = TEXT("KZT");
	}
	if (!money_currency_is_known(ccy) || !text_copy(ccy, sum->currency, MONEY_CURRENCY_SIZE)) {
		return OSMP_BAD_CURRENCY;
	}
	return OSMP_ACCEPTED;
}

static enum osmp_result request_read_sum(const struct alym_gateway_state *state,
	const struct form *form, struct osmp_session *session)
{
	enum osmp_result result = request_read_currency(form, &session->sum);
	bool needed = session->command != OSMP_GET_INFO;
	struct text sum;

	if (result != OSMP_ACCEPTED) {
		return result;
	}
	if (osmp_is_kaspi(state) && session->command != OSMP_PAY) {
		return OSMP_ACCEPTED; /* fictitious there */
	}
	if (!request_take(form, "sum", &sum)) {
		return OSMP_BAD_REQUEST;
	}
	if (sum.size == 0 && !needed) {
		return OSMP_ACCEPTED;
	}
	if (!request_is_decimal(sum)) {
		return OSMP_BAD_REQUEST;
	}
	if (!money_parse_amount(sum, &session->sum.minor) || session->sum.minor > MONEY_API_MAX) {
		return OSMP_TOO_MUCH;
	}
	return session->sum.minor > 0 ? OSMP_ACCEPTED : OSMP_TOO_LITTLE;
}

static int request_digits(struct text date, size_t begin, size_t count)
{
	int value = 0;

	assert(begin + count <= date.size);

	for (size_t i = begin; i < begin + count; i++) {
		value = value * 10 + (date.bytes[i] - '0');
	}
	return value;
}

/* YYYYMMDDHHMMSS */
static enum osmp_result request_read_date(const struct form *form, struct osmp_session *session)
{
	struct date_civil civil;
	struct text date;
	int hour;
	int minute;
	int second;

	if (!request_take(form, "txn_date", &date) || date.size != REQUEST_DATE_DIGITS ||
		!text_is_digits(date)) {
		return OSMP_BAD_REQUEST;
	}
	civil = (struct date_civil){ .year = request_digits(date, 0, 4),
		.month = request_digits(date, 4, 2),
		.day = request_digits(date, 6, 2) };
	hour = request_digits(date, 8, 2);
	minute = request_digits(date, 10, 2);
	second = request_digits(date, 12, 2);
	if (!date_from_civil(civil, &session->paid_day) || session->paid_day <= 0 || hour > 23 ||
		minute > 59 || second > 59) {
		return OSMP_BAD_REQUEST;
	}
	session->paid_second = (hour * 60 + minute) * 60 + second;
	return OSMP_ACCEPTED;
}

enum osmp_result request_read(const struct alym_gateway_state *state, const struct form *form,
	struct osmp_session *session)
{
	enum osmp_result result = request_read_command(form, session);

	assert(state != NULL);
	assert(session != NULL);

	if (result == OSMP_ACCEPTED) {
		result = request_read_txn(state, form, session);
	}
	if (result == OSMP_ACCEPTED) {
		result = request_read_account(form, session);
	}
	if (result == OSMP_ACCEPTED) {
		result = request_read_sum(state, form, session);
	}
	if (result == OSMP_ACCEPTED && session->command == OSMP_PAY) {
		result = request_read_date(form, session);
	}
	return result;
}
