/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/rbs/answer.h"

#include <assert.h>
#include <string.h>

static const struct {
	char code[MONEY_CURRENCY_SIZE];
	int number;
} answer_currencies[] = {
	{ "KZT", 398 },
	{ "USD", 840 },
	{ "EUR", 978 },
	{ "GBP", 826 },
	{ "CHF", 756 },
};

enum { ANSWER_CURRENCIES = sizeof(answer_currencies) / sizeof(*answer_currencies) };

int answer_currency_number(const char *currency)
{
	size_t i = 0;

	while (i < ANSWER_CURRENCIES && strcmp(answer_currencies[i].code, currency) != 0) {
		i++;
	}
	assert(i < ANSWER_CURRENCIES);
	return answer_currencies[i].number;
}

/* A number, written as one or as a text; null is as good as nothing. */
enum answer_presence { ANSWER_ABSENT, ANSWER_PRESENT, ANSWER_WRONG };

static enum answer_presence answer_number(const struct json_value *object, const char *name,
	int64_t *out)
{
	const struct json_value *value = object != NULL ? json_find(object, name) : NULL;
	struct text digits;
	bool negative;

	if (value == NULL || value->kind == JSON_KIND_NULL) {
		return ANSWER_ABSENT;
	}
	if (value->kind == JSON_KIND_INTEGER) {
		*out = value->integer;
		return ANSWER_PRESENT;
	}
	if (value->kind != JSON_KIND_TEXT) {
		return ANSWER_WRONG;
	}
	digits = value->text;
	negative = text_starts(digits, TEXT("-"));
	if (negative) {
		digits.bytes++;
		digits.size--;
	}
	if (!text_parse_integer(digits, out)) {
		return ANSWER_WRONG;
	}
	*out = negative ? -*out : *out;
	return ANSWER_PRESENT;
}

struct answer_place {
	const struct json_value *object;
	const char *name;
};

/* What all the places that say it agree on. */
static enum answer_presence answer_agreed(const struct answer_place *places, size_t count,
	int64_t *out)
{
	enum answer_presence presence = ANSWER_ABSENT;

	for (size_t i = 0; i < count; i++) {
		int64_t value = 0;
		enum answer_presence here = answer_number(places[i].object, places[i].name, &value);

		if (here == ANSWER_WRONG ||
			(here == ANSWER_PRESENT && presence == ANSWER_PRESENT && value != *out)) {
			return ANSWER_WRONG;
		}
		if (here == ANSWER_PRESENT) {
			presence = ANSWER_PRESENT;
			*out = value;
		}
	}
	return presence;
}

bool answer_parse(struct text body, struct answer *answer)
{
	struct json_value *root = text_starts(body, TEXT("{")) ? json_parse(body, NULL) : NULL;
	struct answer_place places[] = { { root, "errorCode" }, { root, "ErrorCode" },
		{ NULL, "code" } };
	enum answer_presence presence;

	assert(answer != NULL);

	if (root == NULL) {
		return false;
	}
	places[2].object = json_find(root, "error");
	*answer = (struct answer){ .root = root, .error = ANSWER_FINE };
	presence = answer_agreed(places, sizeof(places) / sizeof(*places), &answer->error);
	if (presence == ANSWER_WRONG) {
		answer_free(answer);
		return false;
	}
	answer->stated = presence == ANSWER_PRESENT;
	return true;
}

void answer_free(struct answer *answer)
{
	assert(answer != NULL);

	json_free(&answer->root);
}

static struct text answer_text(const struct json_value *object, const char *name)
{
	const struct json_value *value = json_find(object, name);

	return value != NULL && value->kind == JSON_KIND_TEXT ? value->text : TEXT("");
}

static bool answer_is_address(struct text url)
{
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			return false;
		}
	}
	return text_starts(url, TEXT("https://")) && url.size > 8 && url.size <= ALYM_URL_MAX;
}

bool answer_read_page(const struct answer *answer, struct text *md_order, struct text *form_url)
{
	assert(answer->root != NULL);

	*md_order = answer_text(answer->root, "orderId");
	*form_url = answer_text(answer->root, "formUrl");
	return rbs_is_id(*md_order) && answer_is_address(*form_url);
}

/* The attribute mdOrder, which may be missing but is not to be there twice. */
static bool answer_read_id(const struct answer *answer, struct text *md_order)
{
	const struct json_value *attributes = json_find(answer->root, "attributes");
	const struct json_value *item = attributes != NULL && attributes->kind == JSON_KIND_ARRAY
						? attributes->first
						: NULL;

	*md_order = TEXT("");
	for (; item != NULL; item = item->next) {
		if (!text_is(answer_text(item, "name"), "mdOrder")) {
			continue;
		}
		if (md_order->size > 0 || !rbs_is_id(answer_text(item, "value"))) {
			return false;
		}
		*md_order = answer_text(item, "value");
	}
	return true;
}

/* Minor units; ANSWER_NOT_STATED when it is not there. */
static bool answer_read_sum(const struct json_value *object, const char *name, int64_t *out)
{
	*out = ANSWER_NOT_STATED;
	switch (answer_number(object, name, out)) {
	case ANSWER_ABSENT:
		return true;
	case ANSWER_PRESENT:
		return *out >= 0 && *out <= MONEY_API_MAX;
	case ANSWER_WRONG:
		break;
	}
	return false;
}

static bool answer_read_money(const struct json_value *root, struct money *money)
{
	int64_t number = 0;
	int64_t minor = 0;

	if (!answer_read_sum(root, "amount", &minor) || minor <= 0 ||
		answer_number(root, "currency", &number) != ANSWER_PRESENT) {
		return false;
	}
	for (size_t i = 0; i < ANSWER_CURRENCIES; i++) {
		if (answer_currencies[i].number == number) {
			*money = money_of(minor, answer_currencies[i].code);
			return true;
		}
	}
	return false;
}

bool answer_read_status(const struct answer *answer, struct answer_status *status)
{
	const struct json_value *root = answer->root;
	const struct json_value *sums = json_find(root, "paymentAmountInfo");
	const struct answer_place places[] = { { root, "orderStatus" }, { root, "OrderStatus" } };

	assert(answer->error == ANSWER_FINE);

	*status = (struct answer_status){ .number = answer_text(root, "orderNumber") };
	return answer_agreed(places, 2, &status->status) == ANSWER_PRESENT &&
	       answer_number(root, "actionCode", &status->action_code) != ANSWER_WRONG &&
	       answer_read_id(answer, &status->md_order) &&
	       answer_read_money(root, &status->amount) &&
	       answer_read_sum(sums, "approvedAmount", &status->approved) &&
	       answer_read_sum(sums, "depositedAmount", &status->deposited) &&
	       answer_read_sum(sums, "refundedAmount", &status->refunded);
}
