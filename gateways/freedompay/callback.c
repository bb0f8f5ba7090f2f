/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/callback.h"

#include <assert.h>

#include "gateways/freedompay/payment.h"
#include "plugins/incoming.h"
#include "plugins/scratch.h"

enum { CALLBACK_ANSWER_MAX = 1024, CALLBACK_SALT_BYTES = 16, CALLBACK_SALT_SIZE = 33 };

/* ---- answers ---- */

/* To what was not signed nothing is signed. */
static void callback_refuse(int status, struct alym_action *action)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer = (struct alym_reply){ .status = status };
}

static void callback_write(struct buffer *b, const struct form *form)
{
	buffer_add_string(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>");
	for (size_t i = 0; i < form->count; i++) { /* of our own words: nothing to escape */
		struct text name = form->fields[i].name;

		buffer_printf(b, "<%.*s>%.*s</%.*s>", TEXT_ARGS(name),
			TEXT_ARGS(form->fields[i].value), TEXT_ARGS(name));
	}
	buffer_add_string(b, "</response>\n");
}

struct callback_words {
	const char *status; /* NULL: no, as far as the bank takes a no */
	const char *description;
	bool busy;
};

static void callback_say(const struct alym_gateway_state *state,
	const struct freedompay_session *session, struct callback_words words,
	const struct alym_event *event, struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;
	const char *no = session->can_reject ? "rejected" : "error";
	const char *status = words.status != NULL ? words.status : no;
	struct form form = { .count = 3 };
	struct pgsig_fields fields;
	struct buffer body;
	char salt[CALLBACK_SALT_SIZE];
	char sig[PGSIG_TEXT_SIZE];

	text_hex(event->random, CALLBACK_SALT_BYTES, salt);
	form.fields[0] = (struct form_field){ TEXT("pg_status"), text_of(status) };
	form.fields[1] = (struct form_field){ TEXT("pg_description"), text_of(words.description) };
	form.fields[2] = (struct form_field){ TEXT("pg_salt"), text_of(salt) };
	if (!pgsig_of_form(&form, &fields)) {
		callback_refuse(500, action); /* never: they are three */
		return;
	}
	pgsig_make(&state->pgsig, session->secret_next ? 1 : 0, text_of(session->script), &fields,
		sig);
	pgsig_free(&fields);
	form.fields[form.count++] = (struct form_field){ TEXT("pg_sig"), text_of(sig) };

	buffer_init(&body, CALLBACK_ANSWER_MAX);
	callback_write(&body, &form);
	scratch->headers[0] =
		(struct alym_header){ TEXT("Content-Type"), TEXT("text/xml; charset=utf-8") };
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = words.busy ? 503 : 200;
	action->answer.headers = scratch->headers;
	action->answer.header_count = 1;
	action->answer.body = scratch_take(scratch, &body);
}

/* What we say to each decision of the book, to a result and to a check. */
static const struct callback_words callback_words[2][ALYM_ANSWER_BUSY + 1] = {
	{
		[ALYM_ANSWER_BOOKED] = { "ok", "thank you", false },
		[ALYM_ANSWER_NOTED] = { "ok", "thank you", false },
		[ALYM_ANSWER_PAYABLE] = { "error", "busy", true },
		[ALYM_ANSWER_UNKNOWN] = { NULL, "no such order", false },
		[ALYM_ANSWER_PAID] = { "ok", "thank you", false },
		[ALYM_ANSWER_CLOSED] = { "ok", "thank you", false },
		[ALYM_ANSWER_WRONG_AMOUNT] = { "error", "busy", true },
		[ALYM_ANSWER_BUSY] = { "error", "busy", true },
	},
	{
		[ALYM_ANSWER_BOOKED] = { "error", "busy", true },
		[ALYM_ANSWER_NOTED] = { "error", "busy", true },
		[ALYM_ANSWER_PAYABLE] = { "ok", "it may be paid", false },
		[ALYM_ANSWER_UNKNOWN] = { NULL, "no such order", false },
		[ALYM_ANSWER_PAID] = { NULL, "it is paid already", false },
		[ALYM_ANSWER_CLOSED] = { NULL, "it can not be paid any more", false },
		[ALYM_ANSWER_WRONG_AMOUNT] = { NULL, "another sum is due", false },
		[ALYM_ANSWER_BUSY] = { "error", "busy", true },
	},
};

static void callback_decided(const struct alym_gateway_state *state,
	const struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_decision *decision = event->decision;
	enum alym_answer_kind kind;

	assert(decision != NULL);
	assert(decision->kind <= ALYM_ANSWER_BUSY);

	kind = decision->kind;
	if (kind == ALYM_ANSWER_PAYABLE && session->check &&
		(!money_same_currency(decision->due, session->amount) ||
			decision->due.minor != session->amount.minor)) {
		kind = ALYM_ANSWER_WRONG_AMOUNT;
	}
	callback_say(state, session, callback_words[session->check][kind], event, action);
}

/* ---- messages ---- */

/* A flag that may be left out; false when it is neither 0 nor 1. */
static bool callback_take_flag(const struct form *form, const char *name, bool *flag)
{
	struct text value;

	return !form_find(form, name, &value) || freedompay_read_flag(value, flag);
}

static bool callback_take_money(const struct form *form, struct money *amount)
{
	struct text decimal;
	struct text currency;
	char code[MONEY_CURRENCY_SIZE];
	int64_t minor;

	if (!form_find(form, "pg_amount", &decimal) || !payment_parse_amount(decimal, &minor) ||
		minor <= 0 || minor > MONEY_API_MAX || !form_find(form, "pg_currency", &currency) ||
		!money_currency_is_known(currency) || !text_copy(currency, code, sizeof(code))) {
		return false;
	}
	*amount = money_of(minor, code);
	return true;
}

/* What is wrong with a message that is signed, or NULL. */
static const char *callback_read(const struct alym_gateway_state *state, const struct form *form,
	struct freedompay_session *session, struct text *order)
{
	struct text merchant;
	struct text result;
	bool testing = false;

	session->check = form_times(form, "pg_result") == 0;
	session->can_reject = session->check; /* before the payer is debited anybody may refuse */
	if (!callback_take_flag(form, "pg_can_reject", &session->can_reject) ||
		!callback_take_flag(form, "pg_testing_mode", &testing) ||
		(!session->check &&
			(!form_find(form, "pg_result", &result) || !text_is_digits(result)))) {
		return "malformed";
	}
	if (testing && !state->testing) {
		return "a test, and this is not";
	}
	if (form_find(form, "pg_merchant_id", &merchant) && !text_is(merchant, state->merchant)) {
		return "another merchant";
	}
	if (!form_find(form, "pg_order_id", order) || !text_is_digits(*order) ||
		order->size > FREEDOMPAY_NUMBER_MAX) {
		return "no such order";
	}
	return callback_take_money(form, &session->amount) ? NULL : "malformed";
}

static bool callback_has_doubles(const struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		for (size_t k = i + 1; k < form->count; k++) {
			if (text_equal(form->fields[i].name, form->fields[k].name)) {
				return true;
			}
		}
	}
	return false;
}

static bool callback_is_signed(const struct alym_gateway_state *state, struct text path,
	const struct form *form, struct freedompay_session *session)
{
	struct text script = pgsig_script(path);
	struct pgsig_fields fields;
	struct text sig;
	size_t secret = 0;
	bool good;

	if (!form_find(form, "pg_sig", &sig) || form_times(form, "pg_salt") != 1 ||
		!text_copy(script, session->script, sizeof(session->script)) ||
		!pgsig_of_form(form, &fields)) {
		return false;
	}
	good = pgsig_matches(&state->pgsig, script, &fields, sig, &secret);
	pgsig_free(&fields);
	session->secret_next = secret == 1;
	return good;
}

static void callback_interpret(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct form *form, const struct alym_event *event,
	struct alym_action *action)
{
	struct text order = TEXT("");
	const char *fault;

	if (callback_has_doubles(form) ||
		!callback_is_signed(state, event->message->path, form, session)) {
		callback_refuse(403, action);
		return;
	}
	fault = callback_read(state, form, session, &order);
	if (fault != NULL) {
		callback_say(state, session, (struct callback_words){ NULL, fault, false }, event,
			action);
		return;
	}
	action->kind = session->check ? ALYM_ACTION_ASK : ALYM_ACTION_CHECK;
	action->about_order = scratch_copy(action->scratch, order);
	if (session->check) {
		action->about_amount = session->amount;
	}
}

static void callback_arrived(const struct alym_gateway_state *state,
	struct freedompay_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	const struct alym_message *message = event->message;
	struct text query = incoming_query(message);
	bool post = text_is(message->method, "POST");
	struct form form;

	if (!post && !text_is(message->method, "GET")) {
		callback_refuse(405, action);
	} else if ((post ? query.size : message->body.size) > 0 ||
		   !form_parse(post ? message->body : query, &form)) {
		callback_refuse(400, action);
	} else {
		callback_interpret(state, session, &form, event, action);
		form_free(&form);
	}
}

void callback_step(const struct alym_gateway_state *state, struct freedompay_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	assert(state != NULL);
	assert(session != NULL);
	assert(event != NULL);
	assert(action != NULL);

	if (event->kind == ALYM_EVENT_CALLBACK) {
		assert(event->message != NULL);
		callback_arrived(state, session, event, action);
	} else if (event->kind == ALYM_EVENT_DECISION) {
		callback_decided(state, session, event, action);
	} else {
		callback_refuse(503, action);
	}
}
