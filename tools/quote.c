/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/quote.h"

#include <assert.h>
#include <string.h>

#include "tools/command.h"
#include "tools/law.h"
#include "tools/member.h"
#include "tools/table.h"

/* ---- asking ---- */

/* Integers are written as such; what they may be, the daemon knows. */
static bool quote_add_integer(struct session *session, json_t *request, const char *name,
	const struct arguments *arguments, enum option option)
{
	struct err err = { 0 };
	int64_t value = 0;

	if (!arguments_integer(arguments, option, 0, INT32_MAX, &value, &err)) {
		(void)session_complain(session, SESSION_MISUSED, "%s", err.message);
		return false;
	}
	return !arguments_has(arguments, option) ||
	       json_object_set_new(request, name, json_integer(value)) == 0;
}

static bool quote_add_applicant(struct session *session, json_t *request,
	const struct arguments *arguments)
{
	json_t *applicant = json_object();
	bool fine =
		session_add_option(session, applicant, "nationality", arguments,
			OPTION_NATIONALITY) &&
		session_add_option(session, applicant, "birth_date", arguments, OPTION_BIRTH_DATE);

	if (fine && json_object_size(applicant) > 0) {
		(void)json_object_set(request, "applicant", applicant);
	}
	json_decref(applicant);
	return fine;
}

/* "GROUND" or "GROUND:DOCUMENT". */
static bool quote_add_claims(struct session *session, json_t *request,
	const struct arguments *arguments)
{
	size_t count = arguments->options[OPTION_CLAIM].count;
	json_t *claims = json_array();
	bool fine = true;

	for (size_t i = 0; i < count && fine; i++) {
		const char *typed = arguments->options[OPTION_CLAIM].values[i];
		size_t size = strcspn(typed, ":");
		json_t *claim = json_object();

		fine = json_object_set_new(claim, "ground", json_stringn(typed, size)) == 0 &&
		       session_add_member(claim, "document",
			       typed[size] == ':' ? typed + size + 1 : NULL);
		(void)json_array_append_new(claims, claim);
	}
	if (!fine) {
		(void)session_complain(session, SESSION_MISUSED, "--claim is not UTF-8");
	} else if (count > 0) {
		(void)json_object_set(request, "claims", claims);
	}
	json_decref(claims);
	return fine;
}

json_t *quote_request(struct session *session, const struct arguments *arguments)
{
	static const struct {
		enum option option;
		const char *name;
	} texts[] = {
		{ OPTION_ACTION, "action" },
		{ OPTION_ACTIVATION_DATE, "activation_date" },
		{ OPTION_CATEGORY, "category" },
		{ OPTION_CURRENCY, "currency" },
		{ OPTION_TRAVEL_DATE, "travel_date" },
		{ OPTION_PLACE, "place" },
		{ OPTION_MISSION, "mission" },
		{ OPTION_DATE, "date" },
		{ OPTION_TIME, "time" },
	};
	json_t *request = json_object();
	bool fine = session_add_member(request, "service", arguments_word(arguments, 0));

	if (!fine) {
		(void)session_complain(session, SESSION_MISUSED, "the service is not UTF-8");
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && fine; i++) {
		fine = session_add_option(session, request, texts[i].name, arguments,
			texts[i].option);
	}
	if (!fine || !quote_add_integer(session, request, "quantity", arguments, OPTION_QUANTITY) ||
		!quote_add_integer(session, request, "years", arguments, OPTION_YEARS) ||
		!quote_add_applicant(session, request, arguments) ||
		!quote_add_claims(session, request, arguments)) {
		json_decref(request);
		return NULL;
	}
	return request;
}

/* ---- showing ---- */

/* "30 MRP", "MRP 4 325.00 KZT": a member and the one that says what it is of. */
static void quote_pair_of_two(struct session *session, const char *label, const json_t *object,
	const char *first, const char *second)
{
	struct buffer words;

	buffer_init(&words, MEMBER_MAX);
	member_add_words(json_object_get(object, first), session->language, &words);
	if (words.size > 0) {
		buffer_add_char(&words, ' ');
		member_add_words(json_object_get(object, second), session->language, &words);
		session_pair_text(session, label, buffer_text(&words));
	}
	buffer_done(&words);
}

/* Each ground there is, its decision, and why. */
static void quote_show_exemptions(struct session *session, json_t *exemptions)
{
	static const struct table_column columns[] = {
		{ "Exemption", TABLE_LEFT, 0 },
		{ "Decision", TABLE_LEFT, 0 },
		{ "Why", TABLE_PROSE, 0 },
		{ "Document", TABLE_PROSE, 0 },
		{ "Law", TABLE_PROSE, 0 },
	};
	static const char *const names[] = { "ground", "decision", "text", "document" };
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(exemptions); i++) {
		json_t *exemption = json_array_get(exemptions, i);

		for (size_t column = 0; column < sizeof(names) / sizeof(*names); column++) {
			table_add(table, member_words(exemption, names[column], session->language,
						 &session->scratch));
		}
		table_add(table, law_words(session, json_object_get(exemption, "law")));
	}
	if (table_rows(table) > 0) {
		(void)fputc('\n', session->out);
		table_write(table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&table);
}

static void quote_show_rules(struct session *session, json_t *rules)
{
	for (size_t i = 0; i < json_array_size(rules); i++) {
		json_t *rule = json_array_get(rules, i);

		session_pair(session, "Rule", rule, "text");
	}
}

/* The list by which the applicant may have the category. */
static void quote_show_eligibility(struct session *session, const json_t *eligibility)
{
	const json_t *list = json_object_get(eligibility, "list");

	quote_pair_of_two(session, "Category", eligibility, "category", "category_name");
	quote_pair_of_two(session, "Country", json_object_get(eligibility, "country"), "code",
		"name");
	session_pair(session, "List", list, "name");
	law_pair(session, "List's law", json_object_get(list, "law"));
}

static void quote_show_line(struct session *session, json_t *line)
{
	const json_t *index = json_object_get(line, "index");
	const json_t *beneficiary = json_object_get(line, "beneficiary");
	const json_t *exchange = json_object_get(line, "exchange");

	(void)fputc('\n', session->out);
	quote_pair_of_two(session, "Line", line, "service", "action");
	session_pair(session, "What", line, "name");
	session_pair(session, "Action", line, "action_name");
	quote_show_eligibility(session, json_object_get(line, "eligibility"));
	quote_pair_of_two(session, "Rate", json_object_get(line, "rate"), "value", "unit");
	law_pair(session, "Law", json_object_get(line, "law"));
	quote_pair_of_two(session, "Index", index, "name", "value");
	law_pair(session, "Index's law", json_object_get(index, "law"));
	session_pair(session, "Fee", exchange, "unit_amount");
	quote_pair_of_two(session, "Quant", exchange, "quant", "currency");
	session_pair(session, "Tenge for it", exchange, "rate");
	session_pair(session, "Rate of", exchange, "date");
	session_pair(session, "Each", line, "unit_amount");
	session_pair(session, "Quantity", line, "quantity");
	session_pair(session, "Gross", line, "gross");
	session_pair(session, "Relief", line, "relief");
	session_pair(session, "Net", line, "net");
	session_pair(session, "Regime", line, "regime");
	session_pair(session, "KBK", line, "kbk");
	session_pair(session, "KNP", line, "knp");
	session_pair(session, "Beneficiary", beneficiary, "name");
	session_pair(session, "BIN", beneficiary, "bin");
	session_pair(session, "IBAN", beneficiary, "iban");
	session_pair(session, "Refund", json_object_get(line, "refund"), "rule");
	law_pair(session, "Refund law", json_object_get(json_object_get(line, "refund"), "law"));
	session_pair(session, "Runs until", json_object_get(line, "term"), "until");
	quote_show_rules(session, member_array(line, "rules"));
	quote_show_exemptions(session, member_array(line, "exemptions"));
}

static void quote_show(struct session *session, json_t *quote)
{
	struct text explanation;
	json_t *lines = member_array(quote, "lines");

	session_pair(session, "Due", quote, "due");
	session_pair(session, "Gross", quote, "gross");
	session_pair(session, "Relief", quote, "relief");
	session_pair(session, "Day", quote, "date");
	session_pair(session, "Valid from", quote, "valid_from");
	session_pair(session, "Valid before", quote, "valid_until");
	session_pair(session, "Channels", quote, "channels");
	session_pair(session, "Warnings", quote, "warnings");
	session_pair(session, "Tariff", quote, "tariff");
	explanation = member_words(quote, "explanation", session->language, &session->scratch);
	if (explanation.size > 0) {
		(void)fputc('\n', session->out);
		table_write_paragraph(explanation, 0, session->width, session->out);
	}
	for (size_t i = 0; i < json_array_size(lines); i++) {
		json_t *line = json_array_get(lines, i);

		quote_show_line(session, line);
	}
}

enum session_exit quote_run(struct session *session, const struct arguments *arguments)
{
	struct client_answer answer;
	struct buffer path;
	json_t *request = quote_request(session, arguments);
	enum session_exit code;

	if (request == NULL) {
		return SESSION_MISUSED;
	}
	client_answer_init(&answer);
	session_path_init(&path, "/v1/quotes");
	code = session_ask(session, &path, request, &answer);
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, quote_show);
	}
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}
