/* SPDX-License-Identifier: Apache-2.0 */

/* ledger - accounts, balance, entries, report: what auditors ask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/table.h"

/* ---- balance ---- */

static void ledger_show_as_of(struct session *session, const json_t *answer)
{
	(void)fputc('\n', session->out);
	session_pair(session, "As of record", answer, "as_of_record");
	session_pair(session, "Final", answer, "final");
}

static void ledger_show_balances(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Account", TABLE_LEFT, 0 },
		{ "Balance", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "account", "balance" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
	ledger_show_as_of(session, answer);
}

/* The balances of one account, out of all of them. */
struct ledger_choice {
	const char *account;
	json_t *found; /* like the daemon's answer, with its items only */
};

static void ledger_choose(struct session *session, json_t *page, struct text bytes, void *context)
{
	struct ledger_choice *choice = context;
	json_t *found = member_array(choice->found, "items");
	json_t *items = member_array(page, "items");

	(void)session;
	(void)bytes;
	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);

		if (text_is(member_string(item, "account"), choice->account)) {
			(void)json_array_append(found, item);
		}
	}
	(void)json_object_set(choice->found, "as_of_record", json_object_get(page, "as_of_record"));
}

/* The daemon has no such filter: what is not of the account is left out here. */
static enum session_exit ledger_balance_of(struct session *session, const struct buffer *path,
	const char *account)
{
	struct ledger_choice choice = {
		.account = account,
		.found = json_pack("{s:[], s:n}", "items", "next"),
	};
	enum session_exit code = session_take_pages(session, path, NULL, ledger_choose, &choice);
	char *bytes;

	if (code == SESSION_DONE && json_array_size(member_array(choice.found, "items")) == 0) {
		code = session_complain(session, SESSION_REFUSED,
			"the book has no account %s that anything was posted to", account);
	} else if (code == SESSION_DONE && session->json) {
		bytes = json_dumps(choice.found, JSON_COMPACT | JSON_SORT_KEYS);
		(void)fprintf(session->out, "%s\n", bytes);
		free(bytes);
	} else if (code == SESSION_DONE) {
		ledger_show_balances(session, choice.found);
	}
	json_decref(choice.found);
	return code;
}

enum session_exit ledger_balance(struct session *session, const struct arguments *arguments)
{
	const char *account = arguments_word(arguments, 0);
	struct buffer path;
	enum session_exit code;

	session_be_patient(session);
	session_path_init(&path, "/v1/ledger/balances");
	session_add_query(&path, "as_of", arguments_value(arguments, OPTION_AS_OF));
	session_add_query(&path, "axis", arguments_value(arguments, OPTION_AXIS));
	session_add_query(&path, "as_of_record", arguments_value(arguments, OPTION_AS_OF_RECORD));
	if (account == NULL) {
		code = session_show_list(session, &path, arguments, ledger_show_balances);
	} else if (arguments_has(arguments, OPTION_LIMIT) ||
		   arguments_has(arguments, OPTION_CURSOR)) {
		code = session_complain(session, SESSION_MISUSED,
			"one account is no list: --limit and --cursor have nothing to do");
	} else {
		code = ledger_balance_of(session, &path, account);
	}
	buffer_done(&path);
	return code;
}

/* ---- accounts ---- */

static void ledger_show_accounts(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Account", TABLE_LEFT, 0 },
		{ "Type", TABLE_LEFT, 0 },
		{ "Currency", TABLE_LEFT, 0 },
		{ "Last entry", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "account", "type", "currency", "last_entry" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
	(void)fputc('\n', session->out);
	session_pair(session, "As of record", answer, "as_of_record");
}

enum session_exit ledger_accounts(struct session *session, const struct arguments *arguments)
{
	struct buffer path;
	enum session_exit code;

	session_be_patient(session);
	session_path_init(&path, "/v1/ledger/accounts");
	session_add_query(&path, "as_of_record", arguments_value(arguments, OPTION_AS_OF_RECORD));
	code = session_show_list(session, &path, arguments, ledger_show_accounts);
	buffer_done(&path);
	return code;
}

/* ---- entries ---- */

/* Of which days, on which axis, as of which record. */
static void ledger_add_period(struct buffer *path, const struct arguments *arguments)
{
	session_add_query(path, "from", arguments_value(arguments, OPTION_FROM));
	session_add_query(path, "to", arguments_value(arguments, OPTION_TO));
	session_add_query(path, "axis", arguments_value(arguments, OPTION_AXIS));
	session_add_query(path, "as_of_record", arguments_value(arguments, OPTION_AS_OF_RECORD));
}

/* The posting's amount in words in the debit or the credit cell, without its sign. */
static void ledger_add_sides(struct table *table, const json_t *money)
{
	struct buffer words;
	int64_t minor;
	bool credit;

	buffer_init(&words, MEMBER_MAX);
	if (!member_minor(money, &minor)) {
		minor = 0;
	} else {
		member_add_amount(minor, &words);
		buffer_add_char(&words, ' ');
		buffer_add(&words, member_string(money, "currency"));
	}
	credit = minor < 0;
	if (credit) { /* the sign is the side */
		table_add(table, TEXT(""));
		table_add(table, (struct text){ words.bytes + 1, words.size - 1 });
	} else {
		table_add(table, buffer_text(&words));
		table_add(table, TEXT(""));
	}
	buffer_done(&words);
}

/* Each posting with what it belongs to, so that every row can be found and read by itself. */
static void ledger_show_entries(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Entry", TABLE_RIGHT, 0 },
		{ "Booked", TABLE_LEFT, 0 },
		{ "Value", TABLE_LEFT, 0 },
		{ "Cause", TABLE_LEFT, 0 },
		{ "Payment", TABLE_LEFT, 0 },
		{ "Account", TABLE_LEFT, 0 },
		{ "Debit", TABLE_RIGHT, 0 },
		{ "Credit", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "number", "booked_at", "value_date", "cause",
		"payment" };
	json_t *items = member_array(answer, "items");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *entry = json_array_get(items, i);
		json_t *postings = member_array(entry, "postings");

		for (size_t j = 0; j < json_array_size(postings); j++) {
			json_t *posting = json_array_get(postings, j);

			for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
				table_add(table, member_words(entry, names[k], session->language,
							 &session->scratch));
			}
			table_add(table, member_string(posting, "account"));
			ledger_add_sides(table, json_object_get(posting, "amount"));
		}
	}
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
}

static void ledger_show_entry(struct session *session, json_t *entry)
{
	static const struct table_column columns[] = {
		{ "Account", TABLE_LEFT, 0 },
		{ "Debit", TABLE_RIGHT, 0 },
		{ "Credit", TABLE_RIGHT, 0 },
	};
	json_t *postings = member_array(entry, "postings");
	const json_t *reversal = json_object_get(entry, "reversal");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	session_pair(session, "Entry", entry, "number");
	session_pair(session, "Record", entry, "record");
	session_pair(session, "Cause", entry, "cause");
	session_pair(session, "Payment", entry, "payment");
	session_pair(session, "Gateway", entry, "gateway");
	session_pair(session, "Operation", entry, "operation");
	session_pair(session, "Booked", entry, "booked_at");
	session_pair(session, "Value date", entry, "value_date");
	session_pair(session, "Paid on", entry, "paid_on");
	if (text_is(member_string(entry, "cause"), "reversal")) {
		session_pair(session, "Reverses", reversal, "reverses");
	} else {
		session_pair(session, "Reversed by", reversal, "entry");
	}
	session_pair(session, "Reason", reversal, "reason");
	for (size_t i = 0; i < json_array_size(postings); i++) {
		json_t *posting = json_array_get(postings, i);

		table_add(table, member_string(posting, "account"));
		ledger_add_sides(table, json_object_get(posting, "amount"));
	}
	(void)fputc('\n', session->out);
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
}

/* Line by line; what a terminal would obey is shown as a dot. */
static void ledger_show_message(struct session *session, struct text data)
{
	(void)fputc('\n', session->out);
	for (size_t i = 0; i < data.size; i++) {
		unsigned char c = (unsigned char)data.bytes[i];
		bool is_control = (c < ' ' && c != '\n' && c != '\t') || c == 0x7F;

		if (c != '\r') {
			(void)fputc(is_control ? '.' : c, session->out);
		}
	}
	(void)fputc('\n', session->out);
}

static void ledger_show_law(struct session *session, json_t *calculation)
{
	static const struct table_column columns[] = {
		{ "Row", TABLE_LEFT, 0 },
		{ "Act", TABLE_LEFT, 0 },
		{ "Article", TABLE_LEFT, 0 },
		{ "From", TABLE_LEFT, 0 },
		{ "Status", TABLE_LEFT, 0 },
	};
	static const char *const names[] = { "row", "act", "article", "from", "status" };

	(void)fputc('\n', session->out);
	session_pair(session, "Service", calculation, "service");
	session_pair(session, "Gross", calculation, "gross");
	session_pair(session, "Ground", calculation, "ground");
	session_pair(session, "Due", calculation, "due");
	session_pair(session, "Tariff", calculation, "tariff");
	(void)fputc('\n', session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(calculation, "law"));
}

static void ledger_show_evidence(struct session *session, json_t *answer)
{
	json_t *evidence = json_object_get(answer, "evidence");
	json_t *calculation = json_object_get(answer, "calculation");

	ledger_show_entry(session, json_object_get(answer, "entry"));
	(void)fputc('\n', session->out);
	session_pair(session, "Leaf hash", json_object_get(answer, "record"), "leaf_hash");
	if (json_is_object(calculation)) {
		ledger_show_law(session, calculation);
	}
	(void)fputc('\n', session->out);
	if (!json_is_object(evidence)) {
		(void)fputs("It rests on no message.\n", session->out);
		return;
	}
	session_pair(session, "Message", evidence, "state");
	session_pair(session, "Erased by", evidence, "erased_by");
	session_pair(session, "Commitment", evidence, "commitment");
	session_pair(session, "Salt", evidence, "salt");
	session_pair(session, "Encoding", evidence, "encoding");
	ledger_show_message(session, member_string(evidence, "data"));
}

enum session_exit ledger_entries(struct session *session, const struct arguments *arguments)
{
	const char *number = arguments_word(arguments, 0);
	struct buffer path;
	enum session_exit code;

	session_be_patient(session);
	session_path_init(&path, "/v1/ledger/entries");
	if (number != NULL && arguments_has(arguments, OPTION_EVIDENCE)) {
		session_add_part(&path, number);
		session_add_part(&path, "evidence");
		code = session_show_path(session, &path, ledger_show_evidence);
	} else if (number != NULL) {
		session_add_part(&path, number);
		code = session_show_path(session, &path, ledger_show_entry);
	} else if (arguments_has(arguments, OPTION_EVIDENCE)) {
		code = session_complain(session, SESSION_MISUSED,
			"--evidence is of one entry: name its number");
	} else {
		session_add_query(&path, "account", arguments_value(arguments, OPTION_ACCOUNT));
		session_add_query(&path, "gateway", arguments_value(arguments, OPTION_GATEWAY));
		session_add_query(&path, "service", arguments_value(arguments, OPTION_SERVICE));
		session_add_query(&path, "payment", arguments_value(arguments, OPTION_PAYMENT));
		ledger_add_period(&path, arguments);
		code = session_show_list(session, &path, arguments, ledger_show_entries);
	}
	buffer_done(&path);
	return code;
}

enum session_exit ledger_reverse(struct session *session, const struct arguments *arguments)
{
	json_t *body = json_object();
	struct client_answer answer;
	enum session_exit code;
	struct buffer path;

	session_path_init(&path, "/v1/ledger/entries");
	session_add_part(&path, arguments_word(arguments, 0));
	buffer_add_string(&path, "/reverse");
	client_answer_init(&answer);
	if (!session_add_option(session, body, "reason", arguments, OPTION_REASON)) {
		json_decref(body);
		code = SESSION_MISUSED;
	} else {
		code = session_post(session, &path, arguments, body, &answer);
	}
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, ledger_show_entry);
	}
	client_answer_done(&answer);
	buffer_done(&path);
	return code;
}

/* ---- report ---- */

static void ledger_show_period(struct session *session, json_t *answer)
{
	(void)fputc('\n', session->out);
	session_pair(session, "From", answer, "from");
	session_pair(session, "To", answer, "to");
	session_pair(session, "Axis", answer, "axis");
	session_pair(session, "As of record", answer, "as_of_record");
	session_pair(session, "Final", answer, "final");
}

static void ledger_show_trial_balance(struct session *session, json_t *answer)
{
	static const struct table_column accounts[] = {
		{ "Account", TABLE_LEFT, 0 },
		{ "Type", TABLE_LEFT, 0 },
		{ "Opening", TABLE_RIGHT, 0 },
		{ "Debit", TABLE_RIGHT, 0 },
		{ "Credit", TABLE_RIGHT, 0 },
		{ "Closing", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "account", "type", "opening", "debit", "credit",
		"closing" };
	static const struct table_column totals[] = {
		{ "Total debit", TABLE_RIGHT, 0 },
		{ "Total credit", TABLE_RIGHT, 0 },
		{ "Balanced", TABLE_LEFT, 0 },
	};
	static const char *const total_names[] = { "debit", "credit", "balanced" };

	session_table(session, accounts, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
	(void)fputc('\n', session->out);
	session_table(session, totals, total_names, sizeof(total_names) / sizeof(*total_names),
		member_array(answer, "totals"));
	ledger_show_period(session, answer);
}

/* "TAX-2025, 666": the act and its article. */
static void ledger_add_law(struct table *table, const json_t *law)
{
	struct buffer words;

	buffer_init(&words, MEMBER_MAX);
	for (size_t i = 0; i < json_array_size(law); i++) {
		const json_t *row = json_array_get(law, i);
		struct text article = member_string(row, "article");

		buffer_add(&words, i > 0 ? TEXT("; ") : TEXT(""));
		buffer_add(&words, member_string(row, "act"));
		if (article.size > 0) {
			buffer_add(&words, TEXT(", "));
			buffer_add(&words, article);
		}
	}
	table_add(table, buffer_text(&words));
	buffer_done(&words);
}

static void ledger_show_relief(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Ground", TABLE_LEFT, 0 },
		{ "Service", TABLE_LEFT, 0 },
		{ "KBK", TABLE_LEFT, 0 },
		{ "Count", TABLE_RIGHT, 0 },
		{ "Gross", TABLE_RIGHT, 0 },
		{ "Relief", TABLE_RIGHT, 0 },
		{ "Law", TABLE_LEFT, 0 },
	};
	static const char *const names[] = { "ground", "service", "kbk", "count", "gross",
		"relief" };
	static const struct table_column totals[] = {
		{ "Ground", TABLE_LEFT, 0 },
		{ "Count", TABLE_RIGHT, 0 },
		{ "Gross", TABLE_RIGHT, 0 },
		{ "Relief", TABLE_RIGHT, 0 },
	};
	static const char *const total_names[] = { "ground", "count", "gross", "relief" };
	json_t *items = member_array(answer, "items");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);

		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			table_add(table,
				member_words(item, names[k], session->language, &session->scratch));
		}
		ledger_add_law(table, member_array(item, "law"));
	}
	table_write(table, TABLE_HEADED, session->width, session->out);
	table_free(&table);
	(void)fputc('\n', session->out);
	session_table(session, totals, total_names, sizeof(total_names) / sizeof(*total_names),
		member_array(answer, "totals"));
	ledger_show_period(session, answer);
}

static void ledger_show_settlement(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Gateway", TABLE_LEFT, 0 },
		{ "Day", TABLE_LEFT, 0 },
		{ "Entries", TABLE_RIGHT, 0 },
		{ "Taken", TABLE_RIGHT, 0 },
		{ "Settled", TABLE_RIGHT, 0 },
		{ "Unsettled", TABLE_RIGHT, 0 },
		{ "Suspense", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "gateway", "day", "entries", "taken", "settled",
		"unsettled", "suspense" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
	(void)fputs("\nIn all\n", session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "totals"));
	ledger_show_period(session, answer);
}

static void ledger_show_commission(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Gateway", TABLE_LEFT, 0 },
		{ "Month", TABLE_LEFT, 0 },
		{ "Entries", TABLE_RIGHT, 0 },
		{ "Taken", TABLE_RIGHT, 0 },
		{ "Commission", TABLE_RIGHT, 0 },
		{ "Rate", TABLE_RIGHT, 0 },
	};
	static const char *const names[] = { "gateway", "month", "entries", "taken", "commission",
		"rate" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
	(void)fputs("\nIn all\n", session->out);
	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "totals"));
	ledger_show_period(session, answer);
}

enum session_exit ledger_report(struct session *session, const struct arguments *arguments)
{
	static const struct {
		const char *name;
		session_show_fn *show;
	} reports[] = {
		{ "trial-balance", ledger_show_trial_balance },
		{ "relief", ledger_show_relief },
		{ "settlement", ledger_show_settlement },
		{ "commission", ledger_show_commission },
	};
	const char *report = arguments_word(arguments, 0);
	struct buffer path;
	enum session_exit code;
	size_t i = 0;

	while (i < sizeof(reports) / sizeof(*reports) && strcmp(report, reports[i].name) != 0) {
		i++;
	}
	if (i == sizeof(reports) / sizeof(*reports)) {
		return session_complain(session, SESSION_MISUSED,
			"there is no report \"%s\": trial-balance, relief, settlement, commission",
			report);
	}
	session_be_patient(session);
	session_path_init(&path, "/v1/reports");
	session_add_part(&path, report);
	ledger_add_period(&path, arguments);
	code = session_show_path(session, &path, reports[i].show);
	buffer_done(&path);
	return code;
}
