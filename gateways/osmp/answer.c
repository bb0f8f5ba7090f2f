/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/osmp/answer.h"

#include <assert.h>
#include <inttypes.h>

#include "base/json.h"
#include "plugins/scratch.h"

enum { ANSWER_SIZE_MAX = 4096, ANSWER_FIELDS_MAX = 2 };

/* ---- what is said ---- */

/* The numbers of the two families, and a word for the person who reads the bank's log. */
static const struct answer_result {
	int osmp;
	int kaspi;
	const char *comment;
} answer_results[OSMP_RESULT_COUNT] = {
	[OSMP_ACCEPTED] = { 0, 0, "ОК" },
	[OSMP_BUSY] = { 1, 4, "Повторите запрос позже" },
	[OSMP_BAD_ACCOUNT] = { 4, 1, "Код платежа состоит из 12-15 цифр" },
	[OSMP_NOT_FOUND] = { 5, 1, "Платеж с таким кодом не найден" },
	[OSMP_CLOSED] = { 79, 2, "Платеж отменен или просрочен" },
	[OSMP_PAID] = { 79, 3, "Уже оплачено" },
	[OSMP_TOO_LITTLE] = { 241, 5, "Сумма меньше суммы к оплате" },
	[OSMP_TOO_MUCH] = { 242, 5, "Сумма больше суммы к оплате" },
	[OSMP_BAD_CURRENCY] = { 7, 5, "Этот платеж не в этой валюте" },
	[OSMP_BAD_REQUEST] = { 300, 5, "Запрос не по протоколу" },
};

struct answer_field {
	const char *name;
	struct text value;
};

/* What every form has to write, in its own order. */
struct answer {
	struct text txn_id; /* empty: left out, so too the others */
	int64_t result;
	const char *comment;
	int64_t record;
	struct text sum;
	struct answer_field fields[ANSWER_FIELDS_MAX];
	bool has_fields;
	char sum_text[MONEY_TEXT_SIZE];
	char due_text[MONEY_TEXT_SIZE];
};

static int64_t answer_number(const struct alym_gateway_state *state,
	const struct osmp_session *session, enum osmp_result result)
{
	const struct answer_result *row = &answer_results[result];

	if (!osmp_is_kaspi(state)) {
		return row->osmp;
	}
	/* "In processing" is said of a payment; of a question there is only the general no. */
	return result == OSMP_BUSY && session->command != OSMP_PAY
		       ? answer_results[OSMP_BAD_REQUEST].kaspi
		       : row->kaspi;
}

static void answer_fill(struct answer *a, const struct osmp_session *session,
	enum osmp_result result, const struct alym_decision *decision)
{
	a->txn_id = text_of(session->txn_id);
	a->comment = answer_results[result].comment;
	if (result != OSMP_ACCEPTED) {
		return;
	}
	assert(decision != NULL);
	if (session->command == OSMP_PAY) {
		a->record = decision->record;
		a->sum = text_of(money_format_amount(session->sum, a->sum_text));
		return;
	}
	a->fields[0] = (struct answer_field){ "service", decision->service };
	a->fields[1] = (struct answer_field){ "due",
		text_of(money_format_amount(decision->due, a->due_text)) };
	a->has_fields = true;
}

/* ---- XML ---- */

/* What stands for a byte that may not stand for itself, in text or in an attribute; NULL: it may.
 */
static const char *answer_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return (unsigned char)c < ' ' ? "?" : NULL; /* XML has no place for it */
	}
}

static void answer_escape(struct buffer *b, struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		const char *entity = answer_entity(t.bytes[i]);

		if (entity != NULL) {
			buffer_add_string(b, entity);
		} else {
			buffer_add_char(b, t.bytes[i]);
		}
	}
}

static void answer_element(struct buffer *b, const char *name, struct text value)
{
	buffer_printf(b, "<%s>", name);
	answer_escape(b, value);
	buffer_printf(b, "</%s>", name);
}

static void answer_said(struct buffer *b, const char *name, struct text value)
{
	if (value.size > 0) {
		answer_element(b, name, value);
	}
}

static void answer_integer(struct buffer *b, const char *name, int64_t value)
{
	buffer_printf(b, "<%s>%" PRId64 "</%s>", name, value, name);
}

static void answer_records(struct buffer *b, enum osmp_prv_name name, int64_t record)
{
	if (record > 0 && (name & OSMP_PRV_TXN) != 0) {
		answer_integer(b, "prv_txn", record);
	}
	if (record > 0 && (name & OSMP_PRV_TXN_ID) != 0) {
		answer_integer(b, "prv_txn_id", record);
	}
}

static void answer_fields(struct buffer *b, const struct answer *a)
{
	if (!a->has_fields) {
		return;
	}
	buffer_add_string(b, "<fields>");
	for (size_t i = 0; i < ANSWER_FIELDS_MAX; i++) {
		buffer_printf(b, "<field%zu name=\"%s\">", i + 1, a->fields[i].name);
		answer_escape(b, a->fields[i].value);
		buffer_printf(b, "</field%zu>", i + 1);
	}
	buffer_add_string(b, "</fields>");
}

/* In the order of each protocol's own examples. */
static void answer_xml(const struct alym_gateway_state *state, const struct answer *a,
	struct buffer *b)
{
	bool kaspi = osmp_is_kaspi(state);

	buffer_add_string(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>");
	answer_said(b, kaspi ? "txn_id" : "osmp_txn_id", a->txn_id);
	if (kaspi) {
		answer_integer(b, "result", a->result);
		answer_element(b, "comment", text_of(a->comment));
	}
	answer_records(b, state->prv_name, a->record);
	answer_said(b, "sum", a->sum);
	if (!kaspi) {
		answer_integer(b, "result", a->result);
		answer_element(b, "comment", text_of(a->comment));
	}
	answer_fields(b, a);
	buffer_add_string(b, "</response>\n");
}

/* ---- JSON ---- */

static void answer_json_fields(struct json_writer *w, const struct answer *a)
{
	static const char *const names[ANSWER_FIELDS_MAX] = { "field1", "field2" };

	if (!a->has_fields) {
		return;
	}
	json_open_object(w, "fields");
	for (size_t i = 0; i < ANSWER_FIELDS_MAX; i++) {
		json_open_object(w, names[i]);
		json_text(w, "#text", a->fields[i].value);
		json_cstring(w, "@name", a->fields[i].name);
		json_close_object(w);
	}
	json_close_object(w);
}

static void answer_json(const struct alym_gateway_state *state, const struct answer *a,
	struct buffer *b)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_open_object(&w, NULL);
	json_cstring(&w, "comment", a->comment);
	answer_json_fields(&w, a);
	if (a->record > 0 && (state->prv_name & OSMP_PRV_TXN) != 0) {
		json_decimal(&w, "prv_txn", a->record);
	}
	if (a->record > 0 && (state->prv_name & OSMP_PRV_TXN_ID) != 0) {
		json_decimal(&w, "prv_txn_id", a->record);
	}
	json_number(&w, "result", a->result);
	json_text_said(&w, "sum", a->sum);
	json_text_said(&w, "txn_id", a->txn_id);
	json_close_object(&w);
}

/* ---- the whole ---- */

void answer_say(const struct alym_gateway_state *state, const struct osmp_session *session,
	enum osmp_result result, const struct alym_decision *decision, struct alym_action *action)
{
	struct answer a = { 0 };
	struct buffer body;
	bool json = state->dialect == KASPI_JSON;

	assert(result < OSMP_RESULT_COUNT);

	a.result = answer_number(state, session, result);
	answer_fill(&a, session, result, decision);
	buffer_init(&body, ANSWER_SIZE_MAX);
	if (json) {
		answer_json(state, &a, &body);
	} else {
		answer_xml(state, &a, &body);
	}
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = result == OSMP_BUSY && state->busy_is_503 ? 503 : 200;
	action->scratch->headers[0] = (struct alym_header){ TEXT("Content-Type"),
		json ? TEXT("application/json; charset=UTF-8") : TEXT("text/xml; charset=UTF-8") };
	action->answer.headers = action->scratch->headers;
	action->answer.header_count = 1;
	action->answer.body = scratch_take(action->scratch, &body);
}

void answer_refuse(struct alym_action *action)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = 403;
}
