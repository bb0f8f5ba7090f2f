/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/daemon/kassa.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/scratch.h"

enum { KASSA_WORDS_MAX = 10, KASSA_WORD_SIZE = 64 };

struct kassa_words {
	char word[KASSA_WORDS_MAX][KASSA_WORD_SIZE];
	size_t count;
};

static void kassa_split(struct text t, struct kassa_words *words)
{
	memset(words, 0, sizeof(*words));
	for (size_t i = 0; i < t.size && words->count < KASSA_WORDS_MAX;) {
		char *word = words->word[words->count];
		size_t size = 0;

		while (i < t.size && t.bytes[i] != ' ' && size + 1 < KASSA_WORD_SIZE) {
			word[size++] = t.bytes[i++];
		}
		words->count++;
		i++;
	}
}

static bool kassa_is(const struct kassa_words *words, size_t i, const char *word)
{
	return strcmp(words->word[i], word) == 0;
}

static int64_t kassa_number(const struct kassa_words *words, size_t i)
{
	int64_t number = 0;

	return text_parse_integer(text_of(words->word[i]), &number) ? number : 0;
}

/* ---- operations ---- */

static void kassa_send(const struct alym_event *event, struct alym_action *action, const char *what)
{
	bool get = strcmp(what, "status") == 0;

	action->kind = ALYM_ACTION_SEND;
	action->request.method = get ? TEXT("GET") : TEXT("POST");
	action->request.url = scratch_printf(action->scratch, "https://bank.test/%s/%.*s", what,
		TEXT_ARGS(event->order->number));
	if (!get) {
		action->request.body =
			scratch_printf(action->scratch, "%" PRId64, event->order->amount.minor);
	}
}

static void kassa_form(const struct alym_event *event, struct alym_action *action)
{
	struct alym_form_field *fields = action->scratch->fields;

	action->kind = ALYM_ACTION_VERDICT;
	action->verdict.kind = ALYM_PENDING;
	action->verdict.form_url = TEXT("https://bank.test/form?a=1&b=\"2\"");
	fields[0] = (struct alym_form_field){ TEXT("ORDER"), event->order->number };
	fields[1] = (struct alym_form_field){ TEXT("WHO"), TEXT("<b>\"O'Hara\" & \xD0\x96</b>") };
	fields[2] = (struct alym_form_field){ TEXT("IP"), event->order->payer_address };
	fields[3] = (struct alym_form_field){ TEXT("AT"),
		scratch_printf(action->scratch, "%" PRId64, event->now) };
	action->verdict.fields = fields;
	action->verdict.field_count = 4;
}

static void kassa_start(const struct kassa_settings *settings, const struct alym_event *event,
	struct alym_action *action)
{
	switch (event->operation) {
	case ALYM_OPERATION_PAY:
		if (settings->form) {
			kassa_form(event, action);
		} else {
			kassa_send(event, action, event->again ? "status" : "register");
		}
		return;
	case ALYM_OPERATION_CAPTURE:
		kassa_send(event, action, event->again ? "recapture" : "capture");
		return;
	case ALYM_OPERATION_RELEASE:
		kassa_send(event, action, "release");
		return;
	case ALYM_OPERATION_STATUS:
	case ALYM_OPERATION_REFUND:
	case ALYM_OPERATION_LIST: /* it does not list */
	default:
		kassa_send(event, action, "status");
	}
}

static void kassa_paid(const struct kassa_words *words, size_t first, struct alym_verdict *v,
	struct alym_scratch *scratch)
{
	v->kind = ALYM_DONE;
	v->operation = scratch_copy(scratch, text_of(words->word[first]));
	v->amount.minor = kassa_number(words, first + 1);
	(void)snprintf(v->amount.currency, sizeof(v->amount.currency), "%.3s",
		words->word[first + 2]);
	v->paid = ALYM_PAID_INSTANT;
	v->paid_at = kassa_number(words, first + 3);
	v->refusable = kassa_is(words, first + 4, "refusable");
}

static void kassa_response(const struct alym_event *event, struct alym_action *action)
{
	struct alym_verdict *v = &action->verdict;
	struct kassa_words words;

	kassa_split(event->message->body, &words);
	action->kind = ALYM_ACTION_VERDICT;
	v->kind = ALYM_UNKNOWN;
	v->reason = TEXT("not understood");
	if (event->message->status == 404) {
		v->kind = ALYM_NOT_ATTEMPTED;
		v->reason = TEXT("never had it");
	} else if (kassa_is(&words, 0, "pending")) {
		v->kind = ALYM_PENDING;
		v->reason = TEXT("");
		v->pay_url = scratch_printf(action->scratch, "https://bank.test/page/%.*s",
			TEXT_ARGS(event->order->number));
	} else if (kassa_is(&words, 0, "authorized")) {
		v->kind = ALYM_PENDING;
		v->authorized = true;
	} else if (kassa_is(&words, 0, "paid")) {
		kassa_paid(&words, 1, v, action->scratch);
	} else if (kassa_is(&words, 0, "declined") || kassa_is(&words, 0, "expired")) {
		v->kind = ALYM_DECLINED;
		v->expired = kassa_is(&words, 0, "expired");
	}
}

static void kassa_failure(const struct alym_event *event, struct alym_action *action)
{
	bool start = event->operation == ALYM_OPERATION_PAY ||
		     event->operation == ALYM_OPERATION_CAPTURE;

	action->kind = ALYM_ACTION_VERDICT;
	action->verdict.kind = event->failure == ALYM_FAILURE_NOT_SENT && start ? ALYM_NOT_ATTEMPTED
										: ALYM_UNKNOWN;
	action->verdict.reason = TEXT("no answer");
}

/* ---- messages ---- */

static void kassa_answer(struct alym_action *action, int status, struct text body)
{
	action->kind = ALYM_ACTION_ANSWER;
	action->answer.status = status;
	action->answer.body = body;
	action->scratch->headers[0] =
		(struct alym_header){ TEXT("Content-Type"), TEXT("text/plain") };
	action->scratch->headers[1] = (struct alym_header){ TEXT("X-Kassa"), TEXT("yes") };
	action->answer.headers = action->scratch->headers;
	action->answer.header_count = 2;
}

static void kassa_verdict(const struct kassa_words *words, struct alym_action *action)
{
	struct alym_verdict *v = &action->verdict;
	struct text name = scratch_copy(action->scratch, text_of(words->word[2]));

	action->kind = ALYM_ACTION_VERDICT;
	if (kassa_is(words, 1, "order")) {
		v->order = name;
	} else {
		v->code = name;
	}
	if (kassa_is(words, 0, "paid")) {
		kassa_paid(words, 3, v, action->scratch);
	} else {
		v->kind = kassa_is(words, 0, "pending") ? ALYM_PENDING : ALYM_DECLINED;
		v->expired = kassa_is(words, 0, "expired");
	}
}

static void kassa_about(const struct kassa_words *words, enum alym_action_kind kind,
	struct alym_action *action)
{
	struct text name = scratch_copy(action->scratch, text_of(words->word[2]));

	action->kind = kind;
	if (kassa_is(words, 1, "order")) {
		action->about_order = name;
	} else {
		action->about_code = name;
	}
}

static void kassa_message(const struct alym_event *event, char *first, struct alym_action *action)
{
	struct kassa_words words;

	kassa_split(event->message->body, &words);
	(void)snprintf(first, KASSA_WORD_SIZE, "%s", words.word[0]);
	if (kassa_is(&words, 0, "paid") || kassa_is(&words, 0, "declined") ||
		kassa_is(&words, 0, "expired") || kassa_is(&words, 0, "pending")) {
		kassa_verdict(&words, action);
	} else if (kassa_is(&words, 0, "check")) {
		kassa_about(&words, ALYM_ACTION_ASK, action);
	} else if (kassa_is(&words, 0, "hint") || kassa_is(&words, 0, "mute")) {
		kassa_about(&words, ALYM_ACTION_CHECK, action);
	} else if (kassa_is(&words, 0, "register")) {
		action->kind = ALYM_ACTION_KEEP;
		action->keep = TEXT("register 1 part 1");
	} else {
		kassa_answer(action, 401, TEXT("who are you"));
	}
}

static void kassa_decision(const struct alym_event *event, const char *first,
	struct alym_action *action)
{
	static const char *const kinds[] = { "booked", "noted", "payable", "unknown", "paid",
		"closed", "wrong", "busy" };
	const struct alym_decision *d = event->decision;

	if (strcmp(first, "mute") == 0) {
		return; /* a zeroed action: SEND, out of turn */
	}
	kassa_answer(action, d->kind == ALYM_ANSWER_BUSY ? 503 : 200,
		scratch_printf(action->scratch, "%s %" PRId64 " %" PRId64 " %" PRId64 " %s %.*s",
			kinds[d->kind], d->record, d->booked_at, d->due.minor, d->due.currency,
			TEXT_ARGS(d->service)));
}

static void kassa_step(const struct alym_gateway_state *state, void *session,
	const struct alym_event *event, struct alym_action *action)
{
	switch (event->kind) {
	case ALYM_EVENT_START:
		kassa_start((const struct kassa_settings *)(const void *)state, event, action);
		break;
	case ALYM_EVENT_RESPONSE:
		kassa_response(event, action);
		break;
	case ALYM_EVENT_FAILURE:
		kassa_failure(event, action);
		break;
	case ALYM_EVENT_CALLBACK:
		kassa_message(event, session, action);
		break;
	case ALYM_EVENT_DECISION:
		kassa_decision(event, session, action);
		break;
	case ALYM_EVENT_TIME:
	default:
		assert(false);
	}
}

static struct alym_gateway_state *kassa_open(const struct alym_setting *settings, size_t count,
	char *why, size_t why_size)
{
	(void)settings;
	(void)count;
	(void)snprintf(why, why_size, "kassa has its state from the test");
	return NULL;
}

static void kassa_close(struct alym_gateway_state *state)
{
	(void)state;
}

static const struct alym_key kassa_keys[] = { { 0 } };

const struct alym_gateway kassa_gateway = {
	.abi = ALYM_GATEWAY_ABI,
	.size = sizeof(struct alym_gateway),
	.name = "kassa",
	.keys = kassa_keys,
	.order = { .digits_min = 8, .digits_max = 15, .suffix_daily = 0 },
	.session_size = KASSA_WORD_SIZE,
	.open = kassa_open,
	.close = kassa_close,
	.step = kassa_step,
};

struct alym_gateway_state *kassa_state(struct kassa_settings *settings)
{
	return (struct alym_gateway_state *)(void *)settings;
}

/* ---- the bank ---- */

struct bank_order *bank_find(struct bank *bank, const char *number)
{
	for (size_t i = 0; i < bank->order_count; i++) {
		if (strcmp(bank->orders[i].number, number) == 0) {
			return &bank->orders[i];
		}
	}
	return NULL;
}

const char *bank_take(struct bank *bank, int64_t amount, char operation[32])
{
	bank->taken += amount;
	(void)snprintf(operation, 32, "op-%d", ++bank->operations);
	return operation;
}

void bank_pay(struct bank *bank, struct bank_order *order)
{
	assert(order != NULL);
	assert(order->state != BANK_PAID);

	order->state = BANK_PAID;
	order->paid_at = bank->now;
	(void)bank_take(bank, order->amount, order->operation);
}

/* The order comes into being. */
static struct bank_order *bank_register(struct bank *bank, const char *number, int64_t amount)
{
	struct bank_order *order = &bank->orders[bank->order_count++];

	assert(bank->order_count <= KASSA_ORDERS_MAX);
	*order = (struct bank_order){ .amount = amount, .state = bank->first };
	(void)snprintf(order->number, sizeof(order->number), "%s", number);
	if (order->state == BANK_PAID) {
		order->state = BANK_PENDING;
		bank_pay(bank, order);
	}
	return order;
}

static void bank_tell(const struct bank_order *order, char answer[KASSA_ANSWER_SIZE])
{
	static const char *const names[] = { "pending", "authorized", "paid", "declined",
		"expired" };

	(void)snprintf(answer, KASSA_ANSWER_SIZE, "%s %s %" PRId64 " KZT %" PRId64,
		names[order->state], order->operation[0] != '\0' ? order->operation : "-",
		order->amount, order->paid_at);
}

/* False: declined. */
static bool bank_capture(struct bank *bank, struct bank_order *order)
{
	if (order == NULL || order->state != BANK_AUTHORIZED) {
		return bank->hold != BANK_HOLD_TAKEN;
	}
	if (bank->hold == BANK_HOLD_FITS || bank->hold == BANK_HOLD_TAKEN) {
		bank_pay(bank, order);
	}
	return bank->hold == BANK_HOLD_FITS;
}

static bool bank_release(const struct bank *bank, struct bank_order *order)
{
	if (bank->hold == BANK_HOLD_STUCK || bank->hold == BANK_HOLD_TAKEN) {
		return false;
	}
	if (order != NULL && order->state == BANK_AUTHORIZED) {
		order->state = BANK_DECLINED;
	}
	return true;
}

/* What the request does at the bank.  Gives the HTTP status. */
static int bank_do(struct bank *bank, const char *what, const char *number, int64_t amount,
	char answer[KASSA_ANSWER_SIZE])
{
	struct bank_order *order = bank_find(bank, number);
	bool agreed = true;

	if (strcmp(what, "register") == 0) {
		bank->registrations++;
		assert(order == NULL); /* an order is never registered twice */
		order = bank_register(bank, number, amount);
	} else if (strcmp(what, "status") == 0) {
		bank->status_requests++;
	} else if (strstr(what, "capture") != NULL) {
		bank->captures++;
		bank->captures_again += strcmp(what, "recapture") == 0 ? 1 : 0;
		agreed = bank_capture(bank, order);
	} else if (strcmp(what, "release") == 0) {
		bank->releases++;
		agreed = bank_release(bank, order);
	}
	if (!agreed) {
		(void)snprintf(answer, KASSA_ANSWER_SIZE, "declined");
		return 200;
	}
	if (order == NULL) {
		(void)snprintf(answer, KASSA_ANSWER_SIZE, "no such order");
		return 404;
	}
	bank_tell(order, answer);
	if (strcmp(what, "release") == 0) {
		(void)snprintf(answer, KASSA_ANSWER_SIZE, "paid - %" PRId64 " KZT 1",
			order->amount);
	}
	return 200;
}

/* The National Bank, where exchange rates are fetched from. */
static void bank_serve_rates(struct bank *bank, struct exchange *x)
{
	struct bank_rates *rates = &bank->rates;
	bool fits = text_copy(x->url, rates->url, sizeof(rates->url));

	assert(fits);
	assert(text_is(x->method, "GET"));
	rates->asked++;
	x->result = rates->result;
	x->status = rates->status;
	x->answer = text_of(rates->answer);
	(void)snprintf(x->why, sizeof(x->why), "the test says so");
}

void bank_serve(struct bank *bank, struct exchange *x, char answer[KASSA_ANSWER_SIZE])
{
	char what[16] = "";
	char number[JOB_ORDER_SIZE] = "";
	char url[128];
	int64_t amount = 0;
	enum bank_fault fault = bank->fault_is_kassas && x->gateway > 0 ? BANK_WELL : bank->fault;
	bool fits;

	if (text_starts(x->url, TEXT(BANK_RATES))) {
		bank_serve_rates(bank, x);
		return;
	}
	fits = text_copy(x->url, url, sizeof(url)) &&
	       sscanf(url, "https://bank.test/%15[a-z]/%15[0-9]", what, number) == 2;
	assert(fits);
	if (!text_parse_integer(x->body, &amount)) {
		amount = 0; /* of a question */
	}
	(void)snprintf(bank->last_path, sizeof(bank->last_path), "%s/%s", what, number);
	if (bank->fault_what != NULL && strcmp(what, bank->fault_what) != 0) {
		fault = BANK_WELL;
	}
	answer[0] = '\0';
	x->result = EXCHANGE_PERHAPS_SENT;
	if (fault == BANK_AWAY) {
		x->result = EXCHANGE_NOT_SENT;
	} else if (fault != BANK_LOSES_ORDER) {
		x->status = bank_do(bank, what, number, amount, answer);
		x->result = fault == BANK_LOSES_ANSWER ? EXCHANGE_PERHAPS_SENT : EXCHANGE_ANSWERED;
	}
	if (fault == BANK_GARBAGE) {
		(void)snprintf(answer, KASSA_ANSWER_SIZE, "<html>%c", 1);
	}
	if (x->result != EXCHANGE_ANSWERED) {
		(void)snprintf(x->why, sizeof(x->why), "the test says so");
		answer[0] = '\0';
	}
	x->answer = text_of(answer);
}
