/* SPDX-License-Identifier: Apache-2.0 */

/* recompute - payment recompute: whether what was stored is what it still comes to. */
#include <string.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/progress.h"
#include "tools/table.h"

struct recompute {
	struct progress progress;
	int64_t payments;
	int64_t calculations;
	int64_t same;
	int64_t erased;
	size_t shown; /* tables */
};

/* ---- showing ---- */

/* A row for each calculation; `id` of all, or NULL: each says its own. */
static void recompute_show_items(struct session *session, json_t *items, struct text id,
	enum table_head head)
{
	static const struct table_column columns[] = {
		{ "Payment", TABLE_LEFT, 8 },
		{ "Record", TABLE_RIGHT, 6 },
		{ "Day", TABLE_LEFT, 10 },
		{ "Version", TABLE_RIGHT, 0 },
		{ "Stored", TABLE_RIGHT, 14 },
		{ "Derived", TABLE_RIGHT, 14 },
		{ "Same", TABLE_LEFT, 4 },
		{ "Differs", TABLE_PROSE, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	struct buffer *scratch = &session->scratch;

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);
		const json_t *derived = json_object_get(item, "derived");
		const char *why = json_is_null(derived) ? "why" : "differs";

		table_add(table, id.size > 0 ? id : member_string(item, "id"));
		table_add(table, member_words(item, "record", session->language, scratch));
		table_add(table, member_string(item, "day"));
		table_add(table, member_words(item, "version", session->language, scratch));
		table_add(table, member_words(json_object_get(item, "stored"), "due",
					 session->language, scratch));
		table_add(table, member_words(derived, "due", session->language, scratch));
		table_add(table, member_words(item, "same", session->language, scratch));
		table_add(table, member_words(item, why, session->language, scratch));
	}
	table_write(table, head, session->width, session->out);
	table_free(&table);
}

static void recompute_show_one(struct session *session, json_t *answer)
{
	recompute_show_items(session, member_array(answer, "calculations"),
		member_string(answer, "id"), TABLE_HEADED);
	if (json_is_true(json_object_get(answer, "erased"))) {
		(void)fputs("The law had its request erased: there is nothing to compare.\n",
			session->out);
	}
}

static void recompute_count(struct session *session, const char *label, int64_t count)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)count);
	session_pair_text(session, label, text_of(number));
}

static void recompute_show_counts(struct session *session, const struct recompute *r)
{
	if (r->shown > 0) {
		(void)fputc('\n', session->out);
	}
	recompute_count(session, "Payments", r->payments);
	recompute_count(session, "Calculated", r->calculations);
	recompute_count(session, "Same", r->same);
	recompute_count(session, "Differ", r->calculations - r->same);
	recompute_count(session, "Erased", r->erased);
}

/* ---- asking ---- */

static void recompute_take(struct session *session, json_t *page, struct text bytes, void *context)
{
	struct recompute *r = context;
	json_t *items = member_array(page, "items");

	r->payments += member_integer(page, "payments");
	r->calculations += member_integer(page, "calculations");
	r->same += member_integer(page, "same");
	r->erased += member_integer(page, "erased");
	if (session->json) {
		session_pass_through(session, bytes);
	} else if (json_array_size(items) > 0) {
		progress_done(&r->progress);
		recompute_show_items(session, items, TEXT(""),
			r->shown++ == 0 ? TABLE_HEADED : TABLE_CONTINUED);
	}
	progress_set(&r->progress, r->payments, member_integer(page, "last"));
}

static enum session_exit recompute_all(struct session *session, const struct arguments *arguments)
{
	struct recompute r = { 0 };
	const char *limit = arguments_value(arguments, OPTION_LIMIT);
	enum session_exit code;
	struct buffer path;

	progress_init(&r.progress, "payments", session->complaints);
	session_path_init(&path, "/v1/payments/recompute");
	session_add_query(&path, "limit", limit != NULL ? limit : "500");
	code = session_take_pages(session, &path, arguments_value(arguments, OPTION_CURSOR),
		recompute_take, &r);
	progress_done(&r.progress);
	if (code == SESSION_DONE && !session->json) {
		recompute_show_counts(session, &r);
	}
	if (code == SESSION_DONE && r.same != r.calculations) {
		code = SESSION_DISPROVED;
	}
	buffer_done(&path);
	return code;
}

static enum session_exit recompute_one(struct session *session, const char *id)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;
	json_t *value = NULL;

	client_answer_init(&answer);
	session_path_init(&path, "/v1/payments");
	session_add_part(&path, id);
	buffer_add_string(&path, "/recompute");
	code = session_get(session, &path, &answer);
	if (code != SESSION_DONE) {
		goto out;
	}
	value = session_parse(session, &answer);
	code = value != NULL ? session_show(session, &answer, recompute_show_one)
			     : SESSION_UNREACHED;
	if (code == SESSION_DONE && !json_is_true(json_object_get(value, "same"))) {
		code = SESSION_DISPROVED;
	}
out:
	json_decref(value);
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

enum session_exit payment_recompute(struct session *session, const struct arguments *arguments)
{
	const char *id = arguments_word(arguments, 1);
	bool all = arguments_has(arguments, OPTION_ALL);

	if (all == (id != NULL)) {
		return session_complain(session, SESSION_MISUSED,
			"payment recompute takes an ID, or --all");
	}
	return all ? recompute_all(session, arguments) : recompute_one(session, id);
}
