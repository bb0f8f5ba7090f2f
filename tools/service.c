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
			table_add(table, member_string(json_object_get(rate, "law"), "from"));
			table_add(table, member_string(json_object_get(rate, "law"), "last"));
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
		table_add(table, member_string(json_object_get(exemption, "law"), "from"));
		table_add(table, member_string(json_object_get(exemption, "law"), "last"));
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
	json_t *rules = member_array(service, "rules");

	session_pair(session, "Service", service, "code");
	session_pair(session, "What", service, "name");
	session_pair(session, "Regime", service, "regime");
	session_pair(session, "Channels", service, "channels");
	for (size_t i = 0; i < json_array_size(rules); i++) {
		json_t *rule = json_array_get(rules, i);

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
