/* SPDX-License-Identifier: Apache-2.0 */

/* service - services: what can be paid for. */
#include "tools/command.h"
#include "tools/law.h"
#include "tools/member.h"
#include "tools/table.h"

/* The codes of its actions, with commas between. */
static struct text service_actions(struct session *session, json_t *service)
{
	struct buffer *out = &session->scratch;
	json_t *action;
	size_t i;

	buffer_reset(out);
	json_array_foreach(member_array(service, "actions"), i, action)
	{
		buffer_add_string(out, i > 0 ? ", " : "");
		buffer_add(out, member_string(action, "code"));
	}
	return buffer_text(out);
}

static void service_show_list(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Service", TABLE_LEFT, 0 },
		{ "What", TABLE_LEFT, 0 },
		{ "Actions", TABLE_LEFT, 0 },
		{ "Regime", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	json_t *service;
	size_t i;

	json_array_foreach(member_array(answer, "items"), i, service)
	{
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
		{ "Before", TABLE_LEFT, 0 },
		{ "Rate", TABLE_RIGHT, 0 },
		{ "Unit", TABLE_LEFT, 0 },
		{ "Law", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	json_t *action;
	json_t *rate;
	size_t i;
	size_t j;

	json_array_foreach(member_array(service, "actions"), i, action){
		json_array_foreach(member_array(action, "rates"), j, rate){
			table_add(table, member_string(action, "code"));
	table_add(table, member_string(rate, "valid_from"));
	table_add(table, member_string(rate, "valid_until"));
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
		{ "Who", TABLE_LEFT, 0 },
		{ "Law", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	json_t *exemption;
	size_t i;

	json_array_foreach(exemptions, i, exemption)
	{
		table_add(table, member_string(exemption, "ground"));
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

static void service_show(struct session *session, json_t *service)
{
	json_t *rule;
	size_t i;

	session_pair(session, "Service", service, "code");
	session_pair(session, "What", service, "name");
	session_pair(session, "Regime", service, "regime");
	session_pair(session, "Channels", service, "channels");
	json_array_foreach(member_array(service, "rules"), i, rule)
	{
		session_pair(session, "Rule", rule, "text");
	}
	service_show_rates(session, service);
	service_show_exemptions(session, member_array(service, "exemptions"));
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
