/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/freedompay/bank.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/form.h"
#include "plugins/xmltree.h"

enum { BANK_TEXT_MAX = 1 << 16 };

#define SETTING(name, value)                     \
	{                                        \
		name,                            \
		{                                \
			value, sizeof(value) - 1 \
		}                                \
	}

const struct alym_setting bank_settings[] = {
	SETTING("endpoint", "https://bank.test:8443/api"),
	SETTING("merchant_id", "500235"),
	SETTING("secret_file", BANK_SECRET "\n"),
	SETTING("secret_next_file", BANK_SECRET_NEXT),
};
const size_t bank_setting_count = sizeof(bank_settings) / sizeof(*bank_settings);

const struct bank_field bank_opened[] = {
	{ "pg_status", "ok", NULL },
	{ "pg_payment_id", BANK_ID, NULL },
	{ "pg_redirect_url", "https://bank.test/pay?x=1&amp;y=2", "https://bank.test/pay?x=1&y=2" },
	{ "pg_redirect_url_type", "need data", NULL },
	{ "pg_salt", "bdwLavL9lg6It91b", NULL },
	{ NULL, NULL, NULL },
};

/* docs.freedompay.kz/api-11620963, without the refund and in our sum. */
const struct bank_field bank_taken[] = {
	{ "pg_status", "ok", NULL },
	{ "pg_payment_id", BANK_ID, NULL },
	{ "pg_can_reject", "1", NULL },
	{ "pg_payment_method", "bankcard", NULL },
	{ "pg_amount", "129750.0000", NULL },
	{ "pg_currency", "KZT", NULL },
	{ "pg_payment_status", "success", NULL },
	{ "pg_clearing_amount", "129750", NULL },
	{ "pg_card_pan", "5483-18XX-XXXX-0293", NULL },
	{ "pg_refund_amount", "0", NULL },
	{ "pg_captured", "1", NULL },
	{ "pg_create_date", "2023-05-31 16:24:20", NULL },
	{ "pg_salt", "x", NULL },
	{ NULL, NULL, NULL },
};

const struct bank_field bank_result[] = {
	{ "pg_order_id", BANK_NUMBER, NULL },
	{ "pg_payment_id", BANK_ID, NULL },
	{ "pg_amount", "129750.0000", NULL },
	{ "pg_currency", "KZT", NULL },
	{ "pg_net_amount", "126506.25", NULL },
	{ "pg_ps_amount", "129750", NULL },
	{ "pg_ps_full_amount", "129750.00", NULL },
	{ "pg_ps_currency", "KZT", NULL },
	{ "pg_description", "Виза; 3 day", NULL },
	{ "pg_result", "1", NULL },
	{ "pg_payment_date", "2026-01-01 05:00:00", NULL },
	{ "pg_can_reject", "1", NULL },
	{ "pg_user_phone", "77000000000", NULL },
	{ "pg_need_phone_notification", "0", NULL },
	{ "pg_need_email_notification", "1", NULL },
	{ "pg_testing_mode", "0", NULL },
	{ "pg_payment_method", "bankcard", NULL },
	{ "pg_captured", "1", NULL },
	{ "pg_card_owner", "", NULL },
	{ "pg_salt", "EwdtI8MEP9U2DiZ5", NULL },
	{ NULL, NULL, NULL },
};

struct alym_order bank_order(void)
{
	return (struct alym_order){
		.number = TEXT(BANK_NUMBER),
		.code = TEXT("301234567890"),
		.amount = money_of(12975000, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("Visa; \"multiple\""),
		.language = TEXT("ru"),
		.return_url = TEXT("https://portal.test/back?a=1"),
		.callback_url = TEXT("https://alym.test" BANK_PATH),
		.created_at = BANK_NOW - 60,
		.expires_at = BANK_NOW + 3600,
		.refund = money_of(100000, "KZT"),
		.refund_id = TEXT("r1"),
		.refunded = money_of(0, "KZT"),
	};
}

static int bank_compare(const void *a, const void *b)
{
	return strcmp(((const struct bank_field *)a)->name, ((const struct bank_field *)b)->name);
}

static size_t bank_count(const struct bank_field *fields)
{
	size_t count = 0;

	while (fields[count].name != NULL) {
		count++;
	}
	assert(count < BANK_FIELDS_MAX);
	return count;
}

void bank_sign(const char *secret, const char *script, const struct bank_field *fields,
	char sig[33])
{
	struct bank_field sorted[BANK_FIELDS_MAX];
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t count = bank_count(fields);
	struct buffer b;

	memcpy(sorted, fields, count * sizeof(*fields));
	qsort(sorted, count, sizeof(*sorted), bank_compare);
	buffer_init(&b, BANK_TEXT_MAX);
	buffer_add_string(&b, script);
	for (size_t i = 0; i < count; i++) {
		buffer_add_char(&b, ';');
		buffer_add_string(&b, sorted[i].flat != NULL ? sorted[i].flat : sorted[i].value);
	}
	buffer_add_char(&b, ';');
	buffer_add_string(&b, secret);
	if (EVP_Digest(b.bytes, b.size, digest, NULL, EVP_md5(), NULL) != 1) {
		abort();
	}
	buffer_done(&b);
	text_hex(digest, 16, sig);
}

void bank_change(const struct bank_field *fields, const struct bank_field *changes,
	struct bank_field out[BANK_FIELDS_MAX])
{
	size_t count = 0;

	for (const struct bank_field *f = fields; f->name != NULL; f++) {
		bool kept = true;

		for (const struct bank_field *c = changes; c->name != NULL; c++) {
			kept = kept && strcmp(c->name, f->name) != 0;
		}
		if (kept) {
			out[count++] = *f;
		}
	}
	for (const struct bank_field *c = changes; c->name != NULL; c++) {
		if (c->value != NULL) {
			out[count++] = *c;
		}
	}
	assert(count < BANK_FIELDS_MAX);
	out[count] = (struct bank_field){ NULL, NULL, NULL };
}

struct buffer bank_xml(const char *secret, const char *script, const struct bank_field *fields)
{
	struct buffer b;
	char sig[33];

	buffer_init(&b, BANK_TEXT_MAX);
	buffer_add_string(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n");
	for (const struct bank_field *f = fields; f->name != NULL; f++) {
		buffer_printf(&b, " <%s>%s</%s>\n", f->name, f->value, f->name);
	}
	if (secret != NULL) {
		bank_sign(secret, script, fields, sig);
		buffer_printf(&b, " <pg_sig>%s</pg_sig>\n", sig);
	}
	buffer_add_string(&b, "</response>\n");
	return b;
}

struct buffer bank_form(const char *secret, const char *script, const struct bank_field *fields)
{
	struct buffer b;
	char sig[33];

	buffer_init(&b, BANK_TEXT_MAX);
	for (const struct bank_field *f = fields; f->name != NULL; f++) {
		form_add(&b, f->name, text_of(f->value));
	}
	bank_sign(secret, script, fields, sig);
	form_add(&b, "pg_sig", text_of(sig));
	return b;
}

const char *bank_asked(const struct drive *d)
{
	static const char *const scripts[] = { "init_payment.php", "get_status3.php",
		"do_capture.php", "cancel.php", "revoke.php" };
	static const char address[] = "https://bank.test:8443/api/";
	struct text url = d->action.request.url;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		if (d->action.kind == ALYM_ACTION_SEND &&
			url.size == sizeof(address) - 1 + strlen(scripts[i]) &&
			memcmp(url.bytes, address, sizeof(address) - 1) == 0 &&
			memcmp(url.bytes + sizeof(address) - 1, scripts[i], strlen(scripts[i])) ==
				0) {
			return scripts[i];
		}
	}
	return "";
}

void bank_answer(struct drive *d, const struct bank_field *fields)
{
	struct buffer body = bank_xml(BANK_SECRET, bank_asked(d), fields);
	const struct alym_message answer = { .status = 200, .body = buffer_text(&body) };

	drive_response(d, &answer);
	buffer_done(&body);
}

void bank_call(struct drive *d, const struct bank_field *fields)
{
	struct buffer body = bank_form(BANK_SECRET, BANK_SCRIPT, fields);
	const struct alym_message call = { .method = TEXT("POST"),
		.path = TEXT(BANK_PATH),
		.body = buffer_text(&body) };

	drive_callback(d, &call);
	buffer_done(&body);
}

const char *bank_asked_field(const struct drive *d, const char *name)
{
	static char value[4096];
	struct form form;
	struct text t;
	bool found;

	if (!form_parse(d->action.request.body, &form)) {
		return NULL;
	}
	found = form_find(&form, name, &t) && text_copy(t, value, sizeof(value));
	form_free(&form);
	return found ? value : NULL;
}

bool bank_believes_request(const struct drive *d, const char *secret)
{
	static char names[BANK_FIELDS_MAX][64];
	static char values[BANK_FIELDS_MAX][2048];
	struct bank_field fields[BANK_FIELDS_MAX];
	char sig[33];
	char theirs[33] = "";
	struct form form;
	size_t count = 0;
	bool fine;

	fine = form_parse(d->action.request.body, &form) && form.count < BANK_FIELDS_MAX;
	for (size_t i = 0; fine && i < form.count; i++) {
		struct form_field *f = &form.fields[i];

		if (text_is(f->name, "pg_sig")) {
			fine = text_copy(f->value, theirs, sizeof(theirs));
			continue;
		}
		fine = text_copy(f->name, names[count], sizeof(names[count])) &&
		       text_copy(f->value, values[count], sizeof(values[count]));
		fields[count] = (struct bank_field){ names[count], values[count], NULL };
		count++;
	}
	fields[count] = (struct bank_field){ NULL, NULL, NULL };
	bank_sign(secret, bank_asked(d), fields, sig);
	form_free(&form);
	return fine && strcmp(sig, theirs) == 0;
}

const char *bank_believes_answer(const struct drive *d, const char *secret)
{
	static char values[4][64];
	const char *const names[] = { "pg_status", "pg_description", "pg_salt", "pg_sig" };
	struct xmltree *tree = xmltree_new(d->action.answer.body);
	struct bank_field fields[4] = { { NULL, NULL, NULL } };
	char sig[33];
	bool fine = tree != NULL && text_is(xmltree_root(tree)->name, "response");

	for (size_t i = 0; fine && i < 4; i++) {
		const struct xmltree_node *node = xmltree_child(xmltree_root(tree), names[i]);

		fine = node != NULL && text_copy(node->text, values[i], sizeof(values[i]));
		fields[i] = (struct bank_field){ i < 3 ? names[i] : NULL, values[i], NULL };
	}
	if (fine) {
		bank_sign(secret, BANK_SCRIPT, fields, sig);
		fine = strcmp(sig, values[3]) == 0;
	}
	xmltree_free(&tree);
	return fine ? values[0] : NULL;
}
