/* SPDX-License-Identifier: Apache-2.0 */

/* payment - pay, payment, attempt, cancel, fulfil. */
#include <assert.h>
#include <string.h>

#include "base/money.h"
#include "tools/command.h"
#include "tools/member.h"
#include "tools/quote.h"
#include "tools/table.h"

enum { PAYMENT_EXPECT_MAX = 64 };

/* ---- showing ---- */

static void payment_show_attempts(struct session *session, json_t *attempts)
{
	static const struct table_column columns[] = {
		{ "Attempt", TABLE_LEFT, 0 },
		{ "Gateway", TABLE_LEFT, 0 },
		{ "Order", TABLE_LEFT, 0 },
		{ "State", TABLE_LEFT, 0 },
		{ "Amount", TABLE_RIGHT, 0 },
		{ "Captured", TABLE_RIGHT, 0 },
		{ "Paid on", TABLE_LEFT, 0 },
		{ "Reason", TABLE_PROSE, 0 },
	};
	static const char *const names[] = { "id", "gateway", "order", "state", "amount",
		"captured", "paid_on", "reason" };

	if (json_array_size(attempts) > 0) {
		(void)fputc('\n', session->out);
		session_table(session, columns, names, sizeof(names) / sizeof(*names), attempts);
	}
}

static void payment_show(struct session *session, json_t *payment)
{
	session_pair(session, "Payment", payment, "id");
	session_pair(session, "Code", payment, "code");
	session_pair(session, "State", payment, "state");
	session_pair(session, "Flags", payment, "flags");
	session_pair(session, "Service", payment, "service");
	session_pair(session, "Due", payment, "due");
	session_pair(session, "Paid", payment, "paid");
	session_pair(session, "Held", payment, "held");
	session_pair(session, "Refunded", payment, "refunded");
	session_pair(session, "Reference", payment, "reference");
	session_pair(session, "Created", payment, "created_at");
	session_pair(session, "Expires", payment, "expires_at");
	session_pair(session, "Pay at", payment, "pay_url");
	session_pair(session, "Why", json_object_get(payment, "quote"), "explanation");
	payment_show_attempts(session, member_array(payment, "attempts"));
}

static void payment_show_list(struct session *session, json_t *answer)
{
	static const struct table_column columns[] = {
		{ "Payment", TABLE_LEFT, 0 },
		{ "Code", TABLE_LEFT, 0 },
		{ "State", TABLE_LEFT, 0 },
		{ "Flags", TABLE_LEFT, 0 },
		{ "Service", TABLE_LEFT, 0 },
		{ "Due", TABLE_RIGHT, 0 },
		{ "Paid", TABLE_RIGHT, 0 },
		{ "Reference", TABLE_LEFT, 0 },
		{ "Created", TABLE_LEFT, 0 },
	};
	static const char *const names[] = { "id", "code", "state", "flags", "service", "due",
		"paid", "reference", "created_at" };

	session_table(session, columns, names, sizeof(names) / sizeof(*names),
		member_array(answer, "items"));
}

/* ---- asking ---- */

enum session_exit payment_run(struct session *session, const struct arguments *arguments)
{
	static const struct {
		enum option option;
		const char *name;
	} filters[] = {
		{ OPTION_REFERENCE, "reference" },
		{ OPTION_CODE, "code" },
		{ OPTION_STATE, "state" },
		{ OPTION_FROM, "from" },
		{ OPTION_TO, "to" },
	};
	const char *id = arguments_word(arguments, 0);
	struct buffer path;
	enum session_exit code;

	if (id != NULL && strcmp(id, "recompute") == 0) {
		return payment_recompute(session, arguments);
	}
	if (id != NULL && strcmp(id, "erase") == 0) {
		return payment_erase(session, arguments);
	}
	if (arguments_word(arguments, 1) != NULL) {
		return session_complain(session, SESSION_MISUSED, "one word too many: \"%s\"",
			arguments_word(arguments, 1));
	}
	session_path_init(&path, "/v1/payments");
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		const char *value = arguments_value(arguments, filters[i].option);

		if (id != NULL && value != NULL) {
			code = session_complain(session, SESSION_MISUSED,
				"an ID names one payment: --%s has nothing to choose",
				option_row(filters[i].option)->name);
			goto out;
		}
		session_add_query(&path, filters[i].name, value);
	}
	if (id == NULL) {
		code = session_show_list(session, &path, arguments, payment_show_list);
	} else {
		session_add_part(&path, id);
		code = session_show_path(session, &path, payment_show);
	}
out:
	buffer_done(&path);
	return code;
}

/* ---- moving ---- */

/* POSTs `body` to /v1/payments[/ID/verb] and shows the payment.  Takes `body` over. */
static enum session_exit payment_post(struct session *session, const struct arguments *arguments,
	const char *id, const char *verb, json_t *body)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;

	client_answer_init(&answer);
	session_path_init(&path, "/v1/payments");
	if (id != NULL) {
		session_add_part(&path, id);
		session_add_part(&path, verb);
	}
	code = session_post(session, &path, arguments, body, &answer);
	if (code == SESSION_DONE) {
		code = session_show(session, &answer, payment_show);
	}
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

/*
 * "129750.00", "129 750.00 KZT" or "499USD" as {"amount":..,"currency":..}: what alymctl prints can
 * be given back to it.  NULL when it is none of these.
 */
static json_t *payment_read_money(const char *typed, const char *currency)
{
	char digits[PAYMENT_EXPECT_MAX];
	char name[MONEY_CURRENCY_SIZE] = "KZT";
	size_t size = 0;
	int64_t minor;
	const char *letter = typed + strcspn(typed, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	for (const char *c = typed; c < letter; c++) {
		if (*c != ' ' && size + 1 < sizeof(digits)) {
			digits[size++] = *c;
		}
	}
	if (*letter != '\0' || currency != NULL) {
		if (!text_copy(text_of(*letter != '\0' ? letter : currency), name, sizeof(name)) ||
			!money_currency_is_known(text_of(name))) {
			return NULL;
		}
	}
	if (!money_parse_amount((struct text){ digits, size }, &minor) || minor > MONEY_API_MAX) {
		return NULL;
	}
	return json_pack("{s:I, s:s}", "amount", (json_int_t)minor, "currency", name);
}

/* "iin:..." and the like as members; false, and told, when they make no sense. */
static bool payment_add_payer(struct session *session, const struct arguments *arguments,
	json_t *body)
{
	json_t *payer = json_object();
	size_t count = arguments->options[OPTION_PAYER].count;
	bool fine = true;

	for (size_t i = 0; i < count && fine; i++) {
		const char *typed = arguments->options[OPTION_PAYER].values[i];
		size_t size = strcspn(typed, ":");
		char name[PAYMENT_EXPECT_MAX];

		fine = typed[size] == ':' &&
		       text_copy((struct text){ typed, size }, name, sizeof(name)) &&
		       json_object_get(payer, name) == NULL &&
		       session_add_member(payer, name, typed + size + 1);
		if (!fine) {
			(void)session_complain(session, SESSION_MISUSED,
				"--payer takes iin:..., bin:..., document:... or name:..., not \"%s\"",
				typed);
		}
	}
	if (fine && count > 0) {
		(void)json_object_set(body, "payer", payer);
	}
	json_decref(payer);
	return fine;
}

/* The members beside the quote; false, and told, when they make no sense. */
static bool payment_add_members(struct session *session, const struct arguments *arguments,
	json_t *body)
{
	const char *expect = arguments_value(arguments, OPTION_EXPECT);
	json_t *money;

	if (!session_add_option(session, body, "reference", arguments, OPTION_REFERENCE) ||
		!session_add_option(session, body, "gateway", arguments, OPTION_GATEWAY) ||
		!session_add_option(session, body, "method", arguments, OPTION_METHOD) ||
		!session_add_option(session, body, "return_url", arguments, OPTION_RETURN_URL) ||
		!payment_add_payer(session, arguments, body)) {
		return false;
	}
	if (expect != NULL) {
		money = payment_read_money(expect, arguments_value(arguments, OPTION_CURRENCY));
		if (money == NULL) {
			(void)session_complain(session, SESSION_MISUSED,
				"--expect takes an amount like 129750.00 or \"499.00 USD\", "
				"not \"%s\"",
				expect);
			return false;
		}
		(void)json_object_set_new(body, "expect", money);
	}
	return true;
}

enum session_exit payment_create(struct session *session, const struct arguments *arguments)
{
	json_t *body = json_object();
	json_t *quote = quote_request(session, arguments);

	if (quote == NULL || !payment_add_members(session, arguments, body)) {
		json_decref(quote);
		json_decref(body);
		return SESSION_MISUSED;
	}
	(void)json_object_set_new(body, "quote", quote);
	return payment_post(session, arguments, NULL, NULL, body);
}

/* A body of the options named, as strings. */
static enum session_exit payment_move(struct session *session, const struct arguments *arguments,
	const char *id, const char *verb, json_t *body)
{
	static const struct {
		enum option option;
		const char *name;
	} members[] = {
		{ OPTION_GATEWAY, "gateway" },
		{ OPTION_METHOD, "method" },
		{ OPTION_RETURN_URL, "return_url" },
		{ OPTION_REASON, "reason" },
		{ OPTION_DOCUMENT, "document" },
		{ OPTION_ORDER, "order" },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (!session_add_option(session, body, members[i].name, arguments,
			    members[i].option)) {
			json_decref(body);
			return SESSION_MISUSED;
		}
	}
	return payment_post(session, arguments, id, verb, body);
}

enum session_exit payment_attempt(struct session *session, const struct arguments *arguments)
{
	return payment_move(session, arguments, arguments_word(arguments, 0), "attempts",
		json_object());
}

enum session_exit payment_cancel(struct session *session, const struct arguments *arguments)
{
	return payment_move(session, arguments, arguments_word(arguments, 0), "cancel",
		json_object());
}

enum session_exit payment_fulfil(struct session *session, const struct arguments *arguments)
{
	const char *outcome = arguments_word(arguments, 1);
	json_t *body;

	if (strcmp(outcome, "performed") != 0 && strcmp(outcome, "not_performed") != 0) {
		return session_complain(session, SESSION_MISUSED,
			"it was performed or not_performed, not \"%s\"", outcome);
	}
	body = json_pack("{s:s}", "outcome", outcome);
	return payment_move(session, arguments, arguments_word(arguments, 0), "fulfilment", body);
}

enum session_exit payment_erase(struct session *session, const struct arguments *arguments)
{
	static const enum option required[] = { OPTION_ORDER, OPTION_REASON };
	const char *id = arguments_word(arguments, 1);
	json_t *body;

	if (id == NULL) {
		return session_complain(session, SESSION_MISUSED, "payment erase takes an ID");
	}
	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		if (!arguments_has(arguments, required[i])) {
			return session_complain(session, SESSION_MISUSED,
				"payment erase wants --%s %s", option_row(required[i])->name,
				option_row(required[i])->value);
		}
	}
	body = json_object();
	if (arguments_has(arguments, OPTION_FORCE)) {
		(void)json_object_set_new(body, "force", json_true());
	}
	return payment_move(session, arguments, id, "erase", body);
}
