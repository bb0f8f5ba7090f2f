/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/member.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"

enum { MEMBER_GROUP = 3 }; /* digits between spaces */

json_t *member_parse(struct text bytes)
{
	return json_loadb(bytes.size > 0 ? bytes.bytes : "", bytes.size, JSON_REJECT_DUPLICATES,
		NULL);
}

static struct text member_text_of(const json_t *value)
{
	if (!json_is_string(value)) {
		return TEXT("");
	}
	return (struct text){ json_string_value(value), json_string_length(value) };
}

struct text member_string(const json_t *object, const char *name)
{
	return member_text_of(json_object_get(object, name));
}

int64_t member_integer(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

json_t *member_array(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return json_is_array(value) ? value : NULL;
}

void member_add_amount(int64_t minor, struct buffer *out)
{
	char plain[MONEY_TEXT_SIZE];
	const char *digits;
	size_t whole;

	(void)money_format_amount((struct money){ .minor = minor }, plain);
	digits = plain;
	if (*digits == '-') {
		buffer_add_char(out, *digits++);
	}
	whole = strcspn(digits, ".");
	for (size_t i = 0; digits[i] != '\0'; i++) {
		if (i > 0 && i < whole && (whole - i) % MEMBER_GROUP == 0) {
			buffer_add_char(out, ' ');
		}
		buffer_add_char(out, digits[i]);
	}
}

bool member_minor(const json_t *money, int64_t *minor)
{
	const json_t *amount = json_object_get(money, "amount");
	struct text digits = member_text_of(amount);
	bool negative = text_starts(digits, TEXT("-"));

	if (json_is_integer(amount)) {
		*minor = json_integer_value(amount);
		return true;
	}
	if (negative) {
		digits.bytes++;
		digits.size--;
	}
	if (!text_parse_integer(digits, minor)) {
		return false;
	}
	*minor = negative ? -*minor : *minor;
	return true;
}

/* {"amount": 12975000, "currency": "KZT"}: every currency the tariff knows has two decimals. */
static bool member_add_money(const json_t *value, struct buffer *out)
{
	struct text currency = member_string(value, "currency");
	int64_t minor;

	if (json_object_size(value) != 2 || currency.size == 0 || !member_minor(value, &minor)) {
		return false;
	}
	if (money_currency_is_known(currency)) {
		member_add_amount(minor, out);
		buffer_add_char(out, ' ');
		buffer_add(out, currency);
	} else { /* how many decimals it has is not ours to guess */
		buffer_printf(out, "%" PRId64 " minor units of %.*s", minor, TEXT_ARGS(currency));
	}
	return true;
}

/* A text that the daemon gives in every language. */
static bool member_add_translation(const json_t *value, const char *language, struct buffer *out)
{
	struct text translation = member_string(value, language);

	if (member_string(value, "kk").size == 0 || member_string(value, "ru").size == 0 ||
		member_string(value, "en").size == 0) {
		return false;
	}
	buffer_add(out, translation);
	return true;
}

static void member_add_scalar(const json_t *value, struct buffer *out)
{
	if (json_is_string(value)) {
		buffer_add(out, member_text_of(value));
	} else if (json_is_integer(value)) {
		buffer_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_boolean(value)) {
		buffer_add_string(out, json_is_true(value) ? "yes" : "no");
	} else if (json_is_real(value)) {
		buffer_printf(out, "%.17g", json_real_value(value));
	}
}

/* What lies deeper than words can carry stands as JSON. */
static void member_add_json(const json_t *value, struct buffer *out)
{
	char *bytes = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	buffer_add(out, text_of(bytes));
	free(bytes);
}

static void member_add_flat(const json_t *value, const char *language, struct buffer *out)
{
	if (!json_is_object(value) && !json_is_array(value)) {
		member_add_scalar(value, out);
	} else if (!member_add_money(value, out) && !member_add_translation(value, language, out)) {
		member_add_json(value, out);
	}
}

static void member_add_pairs(json_t *object, const char *language, struct buffer *out)
{
	bool first = true;

	for (void *at = json_object_iter(object); at != NULL;
		at = json_object_iter_next(object, at)) {
		json_t *value = json_object_iter_value(at);

		if (json_is_null(value)) {
			continue;
		}
		buffer_add_string(out, first ? "" : ", ");
		buffer_add_string(out, json_object_iter_key(at));
		buffer_add_char(out, ' ');
		member_add_flat(value, language, out);
		first = false;
	}
}

void member_add_words(json_t *value, const char *language, struct buffer *out)
{
	assert(language != NULL);
	assert(out != NULL);

	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			buffer_add_string(out, i > 0 ? ", " : "");
			member_add_flat(json_array_get(value, i), language, out);
		}
	} else if (!json_is_object(value)) {
		member_add_scalar(value, out);
	} else if (!member_add_money(value, out) && !member_add_translation(value, language, out)) {
		member_add_pairs(value, language, out);
	}
}

struct text member_words(const json_t *object, const char *name, const char *language,
	struct buffer *out)
{
	assert(name != NULL);

	buffer_reset(out);
	member_add_words(json_object_get(object, name), language, out);
	return buffer_text(out);
}
