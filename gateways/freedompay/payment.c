/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/payment.h"

#include <assert.h>

enum { PAYMENT_DECIMALS = 2 };

bool payment_parse_amount(struct text decimal, int64_t *minor)
{
	bool negative = text_starts(decimal, TEXT("-"));
	size_t point = 0;
	int64_t read;

	assert(minor != NULL);

	if (negative) {
		decimal.bytes++;
		decimal.size--;
	}
	while (point < decimal.size && decimal.bytes[point] != '.') {
		point++;
	}
	while (decimal.size > point + 1 + PAYMENT_DECIMALS &&
		decimal.bytes[decimal.size - 1] == '0') {
		decimal.size--;
	}
	if (!money_parse_amount(decimal, &read)) {
		return false;
	}
	*minor = negative ? -read : read;
	return true;
}

/* An amount that is above nothing and that the book can hold; absent: zero. */
static bool payment_find_amount(const struct reply *reply, const char *name, int64_t *minor)
{
	struct text decimal = reply_find(reply, name);

	*minor = 0;
	return decimal.size == 0 ||
	       (payment_parse_amount(decimal, minor) && *minor >= 0 && *minor <= MONEY_API_MAX);
}

/* ---- refunds ---- */

/* Sums are negative in answers; one that is not is read alike. */
static bool payment_read_sum(struct text decimal, int64_t *minor)
{
	if (!payment_parse_amount(decimal, minor) || *minor < -MONEY_API_MAX ||
		*minor > MONEY_API_MAX) {
		return false;
	}
	*minor = *minor < 0 ? -*minor : *minor;
	return true;
}

static struct text payment_child(const struct xmltree_node *node, const char *name)
{
	const struct xmltree_node *child = xmltree_child(node, name);

	return child != NULL && child->first == NULL ? child->text : TEXT("");
}

static bool payment_add_refund(const struct xmltree_node *refund, struct payment *payment)
{
	struct text status = payment_child(refund, "pg_payment_status");
	int64_t *sum = NULL;
	int64_t minor;

	if (!text_is(refund->name, "pg_refund_payment") ||
		!payment_read_sum(payment_child(refund, "pg_amount"), &minor)) {
		return false;
	}
	if (text_is(status, "success") || text_is(status, "ok")) {
		sum = &payment->refunded;
	} else if (text_is(status, "new") || text_is(status, "pending")) {
		sum = &payment->refunding;
	} else {
		return text_is(status, "error") || text_is(status, "failed");
	}
	return !__builtin_add_overflow(*sum, minor, sum) && *sum <= MONEY_API_MAX;
}

/* The list, and the sum of it that the bank states beside: where both are there they must agree. */
static bool payment_read_refunds(const struct reply *reply, struct payment *payment)
{
	const struct xmltree_node *root = xmltree_root(reply->tree);
	const struct xmltree_node *list = xmltree_child(root, "pg_refund_payments");
	struct text stated = reply_find(reply, "pg_refund_amount");
	int64_t sum = 0;

	if (stated.size > 0 && !payment_read_sum(stated, &sum)) {
		return false;
	}
	for (const struct xmltree_node *refund = list != NULL ? list->first : NULL; refund != NULL;
		refund = refund->next) {
		if (!payment_add_refund(refund, payment)) {
			return false;
		}
	}
	if (list == NULL || list->first == NULL) {
		payment->refunded = sum;
	}
	return stated.size == 0 || sum == payment->refunded ||
	       sum == payment->refunded + payment->refunding;
}

/* ---- its state ---- */

enum payment_word {
	PAYMENT_WORD_NONE, /* none that we know */
	PAYMENT_WORD_PENDING,
	PAYMENT_WORD_SUCCESS,
	PAYMENT_WORD_PARTIAL,
	PAYMENT_WORD_FAILED,
	PAYMENT_WORD_RETURNED,
};

static enum payment_word payment_word(struct text status)
{
	static const struct {
		const char *status;
		enum payment_word word;
	} words[] = {
		{ "new", PAYMENT_WORD_PENDING },
		{ "pending", PAYMENT_WORD_PENDING },
		{ "success", PAYMENT_WORD_SUCCESS },
		{ "ok", PAYMENT_WORD_SUCCESS },
		{ "partial", PAYMENT_WORD_PARTIAL },
		{ "error", PAYMENT_WORD_FAILED },
		{ "failed", PAYMENT_WORD_FAILED },
		{ "revoked", PAYMENT_WORD_RETURNED },
		{ "refunded", PAYMENT_WORD_RETURNED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_is(status, words[i].status)) {
			return words[i].word;
		}
	}
	return PAYMENT_WORD_NONE;
}

/* [word][captured: not stated, no, yes]; the zero cell is odd. */
static const enum payment_state payment_states[PAYMENT_WORD_RETURNED + 1][3] = {
	[PAYMENT_WORD_PENDING] = { PAYMENT_PENDING, PAYMENT_PENDING, PAYMENT_ODD },
	[PAYMENT_WORD_SUCCESS] = { PAYMENT_ODD, PAYMENT_HELD, PAYMENT_TAKEN },
	[PAYMENT_WORD_PARTIAL] = { PAYMENT_ODD, PAYMENT_ODD, PAYMENT_TAKEN },
	[PAYMENT_WORD_FAILED] = { PAYMENT_FAILED, PAYMENT_FAILED, PAYMENT_ODD },
	[PAYMENT_WORD_RETURNED] = { PAYMENT_RETURNED, PAYMENT_FAILED, PAYMENT_RETURNED },
};

static enum payment_state payment_judge(const struct reply *reply, struct payment *payment)
{
	struct text captured = reply_find(reply, "pg_captured");
	enum payment_state state;
	int64_t refunds;
	bool yes = false;

	if (captured.size > 0 && !freedompay_read_flag(captured, &yes)) {
		return PAYMENT_ODD;
	}
	state = payment_states[payment_word(reply_find(reply, "pg_payment_status"))]
			      [captured.size == 0 ? 0 : 1 + yes];
	refunds = payment->refunded + payment->refunding;
	if (state != PAYMENT_TAKEN && state != PAYMENT_RETURNED) {
		return refunds == 0 ? state : PAYMENT_ODD;
	}
	if (refunds > payment->taken.minor) {
		return PAYMENT_ODD;
	}
	return payment->refunded == payment->taken.minor ? PAYMENT_RETURNED : state;
}

/* Whose it is, by all that the bank says of that. */
static bool payment_is_about(const struct reply *reply, const struct alym_gateway_state *state,
	struct text number)
{
	struct text stated = reply_find(reply, "pg_order_id");
	struct text merchant = reply_find(reply, "pg_merchant_id");
	struct text testing = reply_find(reply, "pg_testing_mode");
	bool test = false;

	return (stated.size == 0 || text_equal(stated, number)) &&
	       (merchant.size == 0 || text_is(merchant, state->merchant)) &&
	       (testing.size == 0 || freedompay_read_flag(testing, &test)) &&
	       (!test || state->testing);
}

void payment_read(const struct reply *reply, const struct alym_gateway_state *state,
	struct text order_number, struct payment *payment)
{
	char currency[MONEY_CURRENCY_SIZE];
	struct text code;
	int64_t ordered;
	int64_t cleared;

	assert(reply != NULL);
	assert(reply->tree != NULL);
	assert(payment != NULL);

	*payment = (struct payment){ .state = PAYMENT_ODD };
	code = reply_find(reply, "pg_currency");
	payment->id = reply_find(reply, "pg_payment_id");
	payment->paid = reply_find(reply, "pg_payment_date");
	if (!payment_is_about(reply, state, order_number) || !text_is_digits(payment->id) ||
		payment->id.size > FREEDOMPAY_ID_MAX || payment->id.bytes[0] == '0' ||
		!money_currency_is_known(code) || !text_copy(code, currency, sizeof(currency)) ||
		!payment_find_amount(reply, "pg_amount", &ordered) || ordered == 0 ||
		!payment_find_amount(reply, "pg_clearing_amount", &cleared) || cleared > ordered ||
		!payment_read_refunds(reply, payment)) {
		return;
	}
	payment->ordered = money_of(ordered, currency);
	payment->taken = money_of(cleared > 0 ? cleared : ordered, currency);
	payment->state = payment_judge(reply, payment);
}
