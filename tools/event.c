/* SPDX-License-Identifier: Apache-2.0 */

/* event - events: what happened to the caller's payments, up to now and as it happens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tools/command.h"
#include "tools/member.h"

/* How long the daemon may hold a poll when there is nothing new. */
#define EVENT_WAIT_S 20
#define EVENT_WAIT   "20"

_Static_assert(EVENT_WAIT_S < CLIENT_TIMEOUT_S, "the daemon answers before we give up");

/* Where a reading of the events is. */
struct event_reading {
	char *after; /* the position of the last one seen, or NULL */
	bool wait;
	size_t shown; /* pages */
	size_t count; /* events of the last page */
};

static void event_show(struct session *session, json_t *items, enum table_head head)
{
	static const struct table_column columns[] = {
		{ "Event", TABLE_LEFT, sizeof("e1-9999") - 1 },
		{ "Time", TABLE_LEFT, sizeof("2026-01-01T00:00:00Z") - 1 },
		{ "What", TABLE_LEFT, sizeof("payment.partly_paid") - 1 },
		{ "Payment", TABLE_LEFT, sizeof("p1-9999") - 1 },
		{ "State", TABLE_LEFT, sizeof("partly_paid") - 1 },
	};
	static const char *const names[] = { "id", "time", "type", "subject" };
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *event = json_array_get(items, i);

		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			table_add(table, member_string(event, names[k]));
		}
		table_add(table, member_string(json_object_get(event, "data"), "state"));
	}
	table_write(table, head, session->width, session->out);
	table_free(&table);
}

/* A page without events says nothing, unless it is the only one. */
static void event_show_page(struct session *session, const struct client_answer *answer,
	json_t *page, struct event_reading *reading)
{
	json_t *items = member_array(page, "items");

	reading->count = json_array_size(items);
	if (reading->count == 0 && (reading->shown > 0 || reading->wait)) {
		return;
	}
	if (session->json) {
		session_pass_through(session, buffer_text(&answer->body));
	} else {
		event_show(session, items, reading->shown > 0 ? TABLE_CONTINUED : TABLE_HEADED);
	}
	reading->shown++;
}

/* Takes the page after reading->after, and goes on behind it. */
static enum session_exit event_take_page(struct session *session, const struct arguments *arguments,
	struct event_reading *reading)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;
	json_t *page = NULL;
	const char *next;

	client_answer_init(&answer);
	session_path_init(&path, "/v1/events");
	session_add_query(&path, "after", reading->after);
	session_add_query(&path, "limit", arguments_value(arguments, OPTION_LIMIT));
	session_add_query(&path, "wait", reading->wait ? EVENT_WAIT : NULL);
	code = session_get(session, &path, &answer);
	if (code != SESSION_DONE) {
		goto out;
	}
	page = session_parse(session, &answer);
	if (page == NULL) {
		code = SESSION_UNREACHED;
		goto out;
	}
	event_show_page(session, &answer, page, reading);
	next = json_string_value(json_object_get(page, "next"));
	if (next != NULL) {
		free(reading->after);
		reading->after = mem_copy(next, strlen(next) + 1);
	}
out:
	json_decref(page);
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

enum session_exit event_run(struct session *session, const struct arguments *arguments)
{
	const char *after = arguments_value(arguments, OPTION_AFTER);
	struct event_reading reading = {
		.after = after != NULL ? mem_copy(after, strlen(after) + 1) : NULL,
		.wait = arguments_has(arguments, OPTION_FOLLOW),
	};
	bool once = arguments_has(arguments, OPTION_LIMIT) && !reading.wait;
	enum session_exit code;

	do {
		code = event_take_page(session, arguments, &reading);
		if (code == SESSION_DONE && !session_is_read(session)) {
			code = SESSION_UNWRITTEN;
		}
	} while (code == SESSION_DONE && !once && (reading.wait || reading.count > 0));
	free(reading.after);
	return code;
}
