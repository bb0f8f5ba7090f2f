/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/bcc/bank.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "plugins/form.h"

enum { BANK_KEY_BYTES = 16, BANK_FOUND_SIZE = 4096 };

const struct alym_setting bank_settings[BANK_SETTINGS] = {
	{ "endpoint", { BANK_URL, sizeof(BANK_URL) - 1 } },
	{ "merchant", { "00000001", 8 } },
	{ "terminal", { "88888881", 8 } },
	{ "key_file", { BANK_KEY "\n", sizeof(BANK_KEY) } },
	{ "key_next_file", { BANK_KEY_NEXT, sizeof(BANK_KEY_NEXT) - 1 } },
	{ "notify_user", { "bcc", 3 } },
	{ "notify_password_file", { "notify-1\n", 9 } },
	{ "notify_password_next_file", { "notify-2", 8 } },
};

struct alym_order bank_order(void)
{
	return (struct alym_order){
		.number = TEXT(BANK_ORDER),
		.code = TEXT("301234567890"),
		.amount = money_of(35000, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("Visa \"multiple\""),
		.language = TEXT("ru"),
		.return_url = TEXT("https://portal.test/back"),
		.callback_url = TEXT("https://alym.test/callbacks/bcc"),
		.created_at = BANK_NOW,
		.expires_at = BANK_NOW + 1200,
		.refund = money_of(10000, "KZT"),
		.refund_id = TEXT("7"),
		.refunded = money_of(0, "KZT"),
	};
}

void bank_sign(const char *key_hex, const char *const *values, size_t count,
	char sign[BANK_SIGN_SIZE])
{
	unsigned char key[BANK_KEY_BYTES];
	unsigned char mac[EVP_MAX_MD_SIZE];
	char source[BANK_BODY_SIZE] = "";
	size_t size = 0;
	unsigned mac_size = 0;
	bool known = text_unhex(text_of(key_hex), key, sizeof(key));

	assert(known);
	for (size_t i = 0; i < count; i++) {
		size += (size_t)snprintf(source + size, sizeof(source) - size, "%zu%s",
			strlen(values[i]), values[i]);
		assert(size < sizeof(source));
	}
	(void)HMAC(EVP_sha1(), key, sizeof(key), (const unsigned char *)source, size, mac,
		&mac_size);
	assert(mac_size == 20);
	for (size_t i = 0; i < mac_size; i++) {
		(void)snprintf(sign + 2 * i, 3, "%02X", mac[i]);
	}
}

struct bank_note bank_note(void)
{
	static const struct bank_field paid[] = {
		{ "ACTION", "0" },
		{ "RC", "00" },
		{ "TERMINAL", "88888881" },
		{ "TRTYPE", "1" },
		{ "AMOUNT", "350.00" },
		{ "CURRENCY", "398" },
		{ "ORDER", BANK_ORDER },
		{ "RRN", "821185120045" },
		{ "MERCHANT", "00000001" },
		{ "TIMESTAMP", "20200224074000" },
		{ "INT_REF", "9C2176F638FDC05C" },
		{ "MERCH_GMT", "0" },
		{ "NONCE", "DCFB8FB63ABE2C80A1C1ED436ABB4591" },
	};
	struct bank_note note = { .count = sizeof(paid) / sizeof(*paid), .basic = BANK_BASIC };

	memcpy(note.fields, paid, sizeof(paid));
	return note;
}

void bank_set(struct bank_note *note, const char *name, const char *value)
{
	size_t i = 0;

	while (i < note->count && strcmp(note->fields[i].name, name) != 0) {
		i++;
	}
	if (value != NULL) {
		assert(i < BANK_FIELDS_MAX);
		note->fields[i] = (struct bank_field){ name, value };
		note->count += i == note->count;
	} else if (i < note->count) {
		note->count--;
		memmove(&note->fields[i], &note->fields[i + 1],
			(note->count - i) * sizeof(*note->fields));
	}
}

const char *bank_get(const struct bank_note *note, const char *name)
{
	for (size_t i = 0; i < note->count; i++) {
		if (strcmp(note->fields[i].name, name) == 0) {
			return note->fields[i].value;
		}
	}
	return NULL;
}

void bank_seal(struct bank_note *note, const char *key_hex)
{
	static const char *const names[] = { "AMOUNT", "CURRENCY", "ORDER", "MERCHANT", "TERMINAL",
		"MERCH_GMT", "TIMESTAMP", "TRTYPE", "NONCE" };
	const char *values[sizeof(names) / sizeof(*names)];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		values[i] = bank_get(note, names[i]);
		values[i] = values[i] == NULL ? "" : values[i];
	}
	bank_sign(key_hex, values, sizeof(names) / sizeof(*names), note->sign);
	bank_set(note, "P_SIGN", note->sign);
}

struct text bank_encode(const struct bank_note *note, char *out)
{
	struct buffer b;
	bool fits;

	buffer_init(&b, BANK_BODY_SIZE - 1);
	for (size_t i = 0; i < note->count; i++) {
		form_add(&b, note->fields[i].name, text_of(note->fields[i].value));
	}
	fits = !b.overflowed && text_copy(buffer_text(&b), out, BANK_BODY_SIZE);
	assert(fits);
	buffer_done(&b);
	return text_of(out);
}

struct text bank_write(const struct bank_note *note, enum bank_form form, char *out)
{
	struct buffer b;
	bool fits;

	buffer_init(&b, BANK_BODY_SIZE - 1);
	buffer_add_string(&b, form == BANK_JSON ? "{" : "<html><body><form method=\"post\">");
	for (size_t i = 0; i < note->count; i++) {
		if (form == BANK_JSON) {
			buffer_printf(&b, "%s\"%s\":\"%s\"", i == 0 ? "" : ",",
				note->fields[i].name, note->fields[i].value);
		} else {
			buffer_printf(&b, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n",
				note->fields[i].name, note->fields[i].value);
		}
	}
	buffer_add_string(&b, form == BANK_JSON ? "}" : "</form></body></html>");
	fits = !b.overflowed && text_copy(buffer_text(&b), out, BANK_BODY_SIZE);
	assert(fits);
	buffer_done(&b);
	return text_of(out);
}

void bank_call_with(struct drive *d, const char *method, const char *basic, struct text body)
{
	struct alym_header headers[] = {
		{ TEXT("Content-Type"), TEXT("application/x-www-form-urlencoded") },
		{ TEXT("authorization"), text_of(basic) },
	};
	struct alym_message message = {
		.method = text_of(method),
		.path = TEXT("/callbacks/bcc"),
		.headers = headers,
		.header_count = basic != NULL ? 2 : 1,
		.body = body,
	};

	drive_callback(d, &message);
}

void bank_call(struct drive *d, const struct bank_note *note)
{
	char body[BANK_BODY_SIZE];

	bank_call_with(d, "POST", note->basic, bank_encode(note, body));
}

void bank_answer(struct drive *d, int status, struct text body)
{
	struct alym_message message = { .status = status, .body = body };

	drive_response(d, &message);
}

void bank_answer_note(struct drive *d, const struct bank_note *note, enum bank_form form)
{
	char body[BANK_BODY_SIZE];

	bank_answer(d, 200, bank_write(note, form, body));
}

const char *bank_sent(const struct drive *d, const char *name)
{
	static char found[BANK_FOUND_SIZE];
	struct text value = TEXT("");
	struct form form;

	found[0] = '\0';
	if (d->action.kind == ALYM_ACTION_SEND && form_parse(d->action.request.body, &form)) {
		bool fits =
			!form_find(&form, name, &value) || text_copy(value, found, sizeof(found));

		assert(fits);
		form_free(&form);
	}
	return found;
}

const char *bank_posted(const struct drive *d, const char *name)
{
	static char found[BANK_FOUND_SIZE];
	const struct alym_verdict *said = &d->action.verdict;
	int times = 0;

	found[0] = '\0';
	for (size_t i = 0; i < said->field_count; i++) {
		if (text_is(said->fields[i].name, name)) {
			bool fits = text_copy(said->fields[i].value, found, sizeof(found));

			assert(fits);
			times++;
		}
	}
	assert(times <= 1);
	return found;
}
