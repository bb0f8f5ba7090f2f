/* SPDX-License-Identifier: Apache-2.0 */

/* service - services: what can be paid for. */
#include "tools/command.h"
#include "tools/law.h"
#include "tools/member.h"
#include "tools/table.h"

/* The codes of its actions, with commas between. */
static struct text service_actions(struct session *session, json_t *service)
{
	json_t *actions = member_array(service, "actions");
	struct buffer *out = &session->scratch;

	buffer_reset(out);
	for (size_t i = 0; i < json_array_size(actions); i++) {
		json_t *action = json_array_get(actions, i);

		buffer_add_string(out, i > 0 ? ", " : "");
		buffer_add(out, member_string(action, "code"));
	}
	return buffer_text(out);
}

/* From when to when what rests on that law acts. */
static void service_add_days(struct table *table, const json_t *law)
{
	table_add(table, member_string(law, "from"));
	table_add(table, member_string(law, "last"));
}

static void service_show_list(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Service", TABLE_LEFT, 0 },
		{ "What", TABLE_PROSE, 0 },
		{ "Actions", TABLE_PROSE, 0 },
		{ "Regime", TABLE_LEFT, 0 },
	};
	json_t *items = member_array(answer, "items");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *service = json_array_get(items, i);

		table_add(table, member_string(service, "code"));
		table_add(table,
			member_words(service, "name", session->language, &session->scratch));
		table_add(table, service_actions(session, service));
		table_add(table, member_string(service, "regime"));
	}
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
}

/* Every rate of every action, by date. */
static void service_show_rates(struct session *session, json_t *service)
{
	static const struct table_column columns[] = {
		{ "Action", TABLE_LEFT, 0 },
		{ "From", TABLE_LEFT, 0 },
		{ "To", TABLE_LEFT, 0 },
		{ "Rate", TABLE_RIGHT, 0 },
		{ "Unit", TABLE_LEFT, 0 },
		{ "Law", TABLE_PROSE, 0 },
	};
	json_t *actions = member_array(service, "actions");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(actions); i++) {
		json_t *action = json_array_get(actions, i);
		json_t *rates = member_array(action, "rates");

		for (size_t j = 0; j < json_array_size(rates); j++) {
			json_t *rate = json_array_get(rates, j);

			table_add(table, member_string(action, "code"));
			service_add_days(table, json_object_get(rate, "law"));
			table_add(table, member_string(rate, "value"));
			table_add(table, member_string(rate, "unit"));
			table_add(table, law_words(session, json_object_get(rate, "law")));
		}
	}
	(void)fputc('\n', session->out);
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
}

static void service_show_exemptions(struct session *session, json_t *exemptions)
{
	static const struct table_column columns[] = {
		{ "Exemption", TABLE_LEFT, 0 },
		{ "From", TABLE_LEFT, 0 },
		{ "To", TABLE_LEFT, 0 },
		{ "Who", TABLE_PROSE, 0 },
		{ "Law", TABLE_PROSE, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(exemptions); i++) {
		json_t *exemption = json_array_get(exemptions, i);

		table_add(table, member_string(exemption, "ground"));
		service_add_days(table, json_object_get(exemption, "law"));
		table_add(table,
			member_words(exemption, "name", session->language, &session->scratch));
		table_add(table, law_words(session, json_object_get(exemption, "law")));
	}
	if (table_rows(table) > 0) {
		(void)fputc('\n', session->out);
		table_write(table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&table);
}

/* Which list decides each category, by date. */
static void service_show_categories(struct session *session, json_t *categories)
{
	static const struct table_column columns[] = {
		{ "Category", TABLE_LEFT, 0 },
		{ "From", TABLE_LEFT, 0 },
		{ "To", TABLE_LEFT, 0 },
		{ "List", TABLE_LEFT, 0 },
		{ "What", TABLE_PROSE, 0 },
		{ "Law", TABLE_PROSE, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(categories); i++) {
		json_t *category = json_array_get(categories, i);
		json_t *rows = member_array(category, "eligibility");

		for (size_t j = 0; j < json_array_size(rows); j++) {
			json_t *row = json_array_get(rows, j);

			table_add(table, member_string(category, "code"));
			service_add_days(table, json_object_get(row, "law"));
			table_add(table, member_string(row, "list"));
			table_add(table, member_words(category, "name", session->language,
						 &session->scratch));
			table_add(table, law_words(session, json_object_get(row, "law")));
		}
	}
	if (table_rows(table) > 0) {
		(void)fputc('\n', session->out);
		table_write(table, TABLE_HEADED, session->width, session->out);
	}
	table_free(&table);
}

/* "Algeria (DZ), Angola (AO)". */
static void service_add_countries(const struct session *session, const json_t *entry,
	struct buffer *out)
{
	json_t *countries = member_array(entry, "countries");

	for (size_t i = 0; i < json_array_size(countries); i++) {
		const json_t *country = json_array_get(countries, i);

		buffer_add_string(out, out->size > 0 ? ", " : "");
		member_add_words(json_object_get(country, "name"), session->language, out);
		buffer_add_string(out, " (");
		buffer_add(out, member_string(country, "code"));
		buffer_add_char(out, ')');
	}
}

/* What the list is, who stands on it, and how a doubtful entry was read. */
static void service_show_countries(struct session *session, const json_t *list)
{
	json_t *entries = member_array(list, "entries");
	struct buffer *out = &session->scratch;

	(void)fputc('\n', session->out);
	session_pair(session, "List", list, "id");
	session_pair(session, "What", list, "name");
	session_pair(session, "From", json_object_get(list, "law"), "from");
	session_pair(session, "To", json_object_get(list, "law"), "last");
	law_pair(session, "Law", json_object_get(list, "law"));
	session_pair(session, "Source", json_object_get(list, "law"), "source");
	session_pair(session, "Note", json_object_get(list, "law"), "note");
	buffer_reset(out);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		service_add_countries(session, json_array_get(entries, i), out);
	}
	table_write_pair("Countries", SESSION_LABEL_WIDTH, buffer_text(out), session->width,
		session->out);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);

		if (member_string(entry, "note").size > 0) {
			buffer_reset(out);
			buffer_add(out, member_string(entry, "printed"));
			buffer_add_string(out, ": ");
			buffer_add(out, member_string(entry, "note"));
			table_write_pair("Read as", SESSION_LABEL_WIDTH, buffer_text(out),
				session->width, session->out);
		}
	}
}

static void service_show(struct session *session, json_t *service)
{
	json_t *rules = member_array(service, "rules");
	json_t *lists = member_array(service, "lists");

	session_pair(session, "Service", service, "code");
	session_pair(session, "What", service, "name");
	session_pair(session, "Regime", service, "regime");
	session_pair(session, "Channels", service, "channels");
	for (size_t i = 0; i < json_array_size(rules); i++) {
		json_t *rule = json_array_get(rules, i);

		session_pair(session, "Rule", rule, "text");
	}
	service_show_rates(session, service);
	service_show_categories(session, member_array(service, "categories"));
	service_show_exemptions(session, member_array(service, "exemptions"));
	for (size_t i = 0; i < json_array_size(lists); i++) {
		service_show_countries(session, json_array_get(lists, i));
	}
}

enum session_exit service_run(struct session *session, const struct arguments *arguments)
{
	const char *code = arguments_word(arguments, 0);
	enum session_exit result;
	struct buffer path;

	session_path_init(&path, "/v1/services");
	if (code != NULL) {
		session_add_part(&path, code);
	}
	result = session_show_path(session, &path, code != NULL ? service_show : service_show_list);
	buffer_done(&path);
	return result;
}
