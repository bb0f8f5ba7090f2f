/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/halyk/transaction.h"

#include <assert.h>

static const struct {
	const char *name;
	enum transaction_state state;
} transaction_names[] = {
	{ "NEW", TRANSACTION_OPEN },
	{ "FINGERPRINT", TRANSACTION_OPEN },
	{ "3D", TRANSACTION_OPEN },
	{ "VERIFIED", TRANSACTION_VERIFIED },
	{ "AUTH", TRANSACTION_HELD },
	{ "CHARGE", TRANSACTION_TAKEN },
	{ "REFUND", TRANSACTION_RETURNED },
	{ "CANCEL", TRANSACTION_GIVEN_UP },
	{ "CANCEL_OLD", TRANSACTION_GIVEN_UP },
	{ "REJECT", TRANSACTION_REFUSED },
	{ "FAILED", TRANSACTION_REFUSED },
};

bool transaction_is_doubtful(struct text code)
{
	return text_is(code, "454");
}

/* The bank's error codes; the same refusal is worth other words to who looks into the log. */
static const char *transaction_reason(struct text code)
{
	int64_t number;

	if (!text_parse_integer(code, &number)) {
		return "the bank refused";
	}
	switch (number) {
	case 476:
		return "refused: code 476, may be tried again after half an hour";
	case 478:
	case 485:
		return "refused: the card has expired";
	case 484:
		return "refused: not enough money on the card";
	case 2660:
		return "refused: code 2660, for no stated reason";
	default:
		return number >= 455 && number <= 490 ? "refused by the card's bank"
						      : "the bank refused";
	}
}

bool transaction_amount(const struct json_value *value, int64_t *minor)
{
	return value != NULL &&
	       (value->kind == JSON_KIND_INTEGER || value->kind == JSON_KIND_REAL) &&
	       money_parse_amount(value->text, minor) && *minor > 0 && *minor <= MONEY_API_MAX;
}

struct text transaction_code(const struct json_value *value)
{
	if (value == NULL || (value->kind != JSON_KIND_TEXT && value->kind != JSON_KIND_INTEGER)) {
		return TEXT("");
	}
	return value->text;
}

static struct text transaction_text(const struct json_value *object, const char *name)
{
	const struct json_value *value = json_find(object, name);

	return value != NULL && value->kind == JSON_KIND_TEXT ? value->text : TEXT("");
}

static bool transaction_read_money(const struct json_value *object, struct money *amount)
{
	struct text currency = transaction_text(object, "currency");
	char code[MONEY_CURRENCY_SIZE];
	int64_t minor;

	if (!transaction_amount(json_find(object, "amount"), &minor) ||
		!money_currency_is_known(currency) || !text_copy(currency, code, sizeof(code))) {
		return false;
	}
	*amount = money_of(minor, code);
	return true;
}

/* Ours: its number, our terminal, an id that can stand in an address. */
static bool transaction_is_ours(const struct alym_gateway_state *state,
	const struct json_value *object, struct text number, struct transaction *transaction)
{
	transaction->id = transaction_text(object, "id");
	return text_equal(transaction_text(object, "invoiceID"), number) &&
	       text_is(transaction_text(object, "terminalID"), state->terminal) &&
	       text_is_made_of(transaction->id, "-") && transaction->id.size <= HALYK_ID_MAX;
}

static void transaction_read_state(const struct json_value *object, struct transaction *transaction)
{
	struct text name = transaction_text(object, "statusName");
	struct text code = transaction_code(json_find(object, "reasonCode"));

	for (size_t i = 0; i < sizeof(transaction_names) / sizeof(*transaction_names); i++) {
		if (text_is(name, transaction_names[i].name)) {
			transaction->state = transaction_names[i].state;
		}
	}
	if (transaction->state == TRANSACTION_STRANGE) {
		transaction->reason = "the bank gave a status that we do not know";
	}
	if (transaction->state == TRANSACTION_REFUSED) {
		transaction->reason = transaction_reason(code);
		if (transaction_is_doubtful(code)) {
			transaction->state = TRANSACTION_IN_DOUBT;
			transaction->reason = "the bank does not know yet: code 454";
		}
	}
}

void transaction_read(const struct alym_gateway_state *state, const struct json_value *root,
	struct text number, struct transaction *transaction)
{
	const struct json_value *object = json_find(root, "transaction");
	struct text result = transaction_code(json_find(root, "resultCode"));

	assert(state != NULL);
	assert(transaction != NULL);

	*transaction = (struct transaction){ .state = TRANSACTION_STRANGE, .reason = "" };
	if (state->none_code[0] != '\0' && text_is(result, state->none_code)) {
		transaction->state = TRANSACTION_NONE;
		return;
	}
	if (!text_is(result, "100")) {
		transaction->reason = "the bank did not find out: resultCode is not 100";
	} else if (!transaction_is_ours(state, object, number, transaction)) {
		transaction->reason = "the answer is about another order or terminal";
	} else if (!transaction_read_money(object, &transaction->amount)) {
		transaction->reason = "the answer has no amount that can be read";
	} else {
		transaction_read_state(object, transaction);
	}
}
