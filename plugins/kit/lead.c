/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/lead.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LEAD_AMOUNT = 12975000, LEAD_REFUND = 100000, LEAD_HOUR_S = 3600 };

#define LEAD_CODE     "301234567890"
#define LEAD_MOVEMENT "604711000815"

/* ---- faults ---- */

bool lead_failed(const struct lead *l)
{
	return l->fault[0] != '\0';
}

void lead_fail(struct lead *l, const char *format, ...)
{
	va_list arguments;

	if (lead_failed(l)) {
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(l->fault, sizeof(l->fault), format, arguments);
	va_end(arguments);
}

static const char *const lead_operations[] = { "PAY", "STATUS", "CAPTURE", "RELEASE", "REFUND",
	"LIST" };
static const char *const lead_verdicts[] = { "done", "pending", "declined", "not attempted",
	"unknown" };
static const char *const lead_actions[] = { "SEND", "ASK", "CHECK", "KEEP", "VERDICT", "ANSWER",
	"WAIT", "LISTED" };

const char *lead_operation_name(enum alym_operation operation)
{
	return lead_operations[operation];
}

void lead_describe(const struct lead *l, char *out, size_t out_size)
{
	const struct lead_end *end = &l->end;

	if (end->first != ALYM_ACTION_VERDICT) {
		(void)snprintf(out, out_size, "%s", lead_actions[end->first]);
		return;
	}
	(void)snprintf(out, out_size, "%s%s %" PRId64 " %s of %s by '%s'", lead_verdicts[end->kind],
		end->authorized ? ", authorized" : "", end->amount.minor, end->amount.currency,
		end->whose[0] != '\0' ? end->whose : "the order", end->operation);
}

bool lead_can(const struct lead *l, enum alym_operation operation)
{
	return operation == ALYM_OPERATION_PAY || operation == ALYM_OPERATION_STATUS ||
	       (l->bank->operations & KIT_CAN(operation)) != 0;
}

/* ---- the gateway, its order and its bank ---- */

bool lead_open(struct lead *l, const struct kit_bank *bank)
{
	struct err err = { 0 };

	assert(l != NULL);
	assert(bank != NULL);

	*l = (struct lead){ .bank = bank };
	buffer_init(&l->answer, KIT_MESSAGE_MAX);
	buffer_init(&l->trace, KIT_MESSAGE_MAX);
	kit_message_init(&l->message);
	kit_message_init(&l->plain);
	kit_message_init(&l->other);
	if (!loader_open(bank->gateway, &l->plugin, &err) ||
		!loader_configure(&l->plugin, bank->settings, bank->setting_count, &l->state,
			&err)) {
		lead_fail(l, "%s", err.message);
		return false;
	}
	drive_init(&l->drive, l->plugin.gateway, l->state, bank->now);
	return true;
}

void lead_close(struct lead *l)
{
	if (l->state != NULL) {
		drive_done(&l->drive);
		l->plugin.gateway->close(l->state);
	}
	loader_close(&l->plugin);
	buffer_done(&l->answer);
	buffer_done(&l->trace);
	kit_message_done(&l->message);
	kit_message_done(&l->plain);
	kit_message_done(&l->other);
}

/* Two numbers that the gateway's rule allows and that differ in their last digits. */
static void lead_number(struct lead *l)
{
	int digits = l->plugin.gateway->order.digits_max;
	int least = l->plugin.gateway->order.digits_min;
	int size = least > 8 ? least : digits < 8 ? digits : 8;

	(void)snprintf(l->number, sizeof(l->number), "%0*d", size,
		12345678 % (digits < 8 ? 10 : 100000000));
	memcpy(l->other_number, l->number, sizeof(l->number));
	l->other_number[size - 1] = '9';
	if (size > 1) {
		l->other_number[size - 2] = '3';
	}
}

void lead_say(struct lead *l, enum kit_outcome outcome)
{
	l->word = (struct kit_word){
		.outcome = outcome,
		.number = text_of(l->number),
		.code = TEXT(LEAD_CODE),
		.amount = l->drive.order.amount,
		.movement = TEXT(LEAD_MOVEMENT),
		.paid_at = l->bank->now,
		.now = l->drive.now,
	};
	l->truth = l->word;
}

void lead_begin(struct lead *l, enum kit_outcome outcome)
{
	int64_t now = l->bank->now;

	lead_number(l);
	l->handle[0] = '\0';
	l->drive.now = now;
	l->drive.again = false;
	l->drive.order = (struct alym_order){
		.number = text_of(l->number),
		.code = TEXT(LEAD_CODE),
		.amount = money_of(LEAD_AMOUNT, "KZT"),
		.captured = money_of(0, "KZT"),
		.description = TEXT("Visa \"multiple\" <\xD0\xB6&;>"),
		.language = TEXT("ru"),
		.return_url = TEXT("https://portal.test/back?a=1&b=2"),
		.payer_address = TEXT("192.0.2.7"),
		.callback_url = TEXT("https://alym.test/callbacks/bank"),
		.created_at = now,
		.expires_at = now + LEAD_HOUR_S,
		.refund = money_of(LEAD_REFUND, "KZT"),
		.refund_id = TEXT("r1"),
		.refunded = money_of(0, "KZT"),
	};
	kit_book_init(&l->book, &l->drive.order);
	l->meddle = (struct lead_meddle){ .how = LEAD_NOTHING };
	l->decision = NULL;
	l->repeat = false;
	l->moves = 0;
	lead_say(l, outcome);
}

/* ---- what is booked ---- */

/* What the bank did, as far as the operation is about it. */
static struct money lead_true_amount(const struct lead *l, enum alym_operation operation)
{
	return operation == ALYM_OPERATION_REFUND ? l->drive.order.refund : l->truth.amount;
}

static bool lead_is_true(const struct lead *l, const struct alym_verdict *v,
	enum alym_operation operation)
{
	struct money truth = lead_true_amount(l, operation);

	if (l->truth.outcome != KIT_PAID || l->truth.another_merchant) {
		return false;
	}
	if (v->order.size > 0 && !text_equal(v->order, l->truth.number)) {
		return false;
	}
	if (v->code.size > 0 && !text_equal(v->code, l->truth.code)) {
		return false;
	}
	if (v->order.size == 0 && v->code.size == 0 &&
		!text_equal(l->drive.order.number, l->truth.number)) {
		return false;
	}
	return v->amount.minor == truth.minor &&
	       memcmp(v->amount.currency, truth.currency, sizeof(truth.currency)) == 0;
}

static void lead_keep_verdict(struct lead *l, const struct alym_verdict *v)
{
	struct text whose = v->order.size > 0 ? v->order : v->code;

	l->end.kind = v->kind;
	l->end.authorized = v->authorized;
	l->end.refusable = v->refusable;
	l->end.way = v->pay_url.size > 0 || v->form_url.size > 0;
	l->end.amount = v->amount;
	if (!text_copy(whose, l->end.whose, sizeof(l->end.whose)) ||
		!text_copy(v->operation, l->end.operation, sizeof(l->end.operation))) {
		lead_fail(l, "gives a verdict that does not fit");
	}
}

/* Judges a verdict and has it booked; `call` says that it is about one. */
static struct alym_decision lead_book(struct lead *l, enum alym_operation operation, bool call)
{
	const struct alym_verdict *v = &l->drive.action.verdict;
	bool money = operation != ALYM_OPERATION_RELEASE;
	char what[256];

	lead_keep_verdict(l, v);
	l->end.first = ALYM_ACTION_VERDICT;
	lead_describe(l, what, sizeof(what));
	buffer_printf(&l->trace, "%s %.*s %.*s\n", what, TEXT_ARGS(v->handle),
		TEXT_ARGS(v->pay_url.size > 0 ? v->pay_url : v->form_url));
	if (call && !l->bank->proves) {
		lead_fail(l, "believes a call whose signature proves nothing: %s", what);
	}
	if (v->kind == ALYM_DONE && money && !lead_is_true(l, v, operation)) {
		lead_fail(l, "would book what the bank did not do: %s", what);
	}
	if (v->kind == ALYM_DONE && !money &&
		(l->truth.outcome != KIT_PAID || l->truth.another_merchant)) {
		lead_fail(l, "says released what is held: %s", what);
	}
	if (v->handle.size > 0) {
		struct text handle = v->handle;

		if (!text_copy(handle, l->handle, sizeof(l->handle))) {
			lead_fail(l, "gives a handle that does not fit");
		}
	}
	return kit_book_take(&l->book, v, operation, l->drive.now);
}

static void lead_check_fault(struct lead *l)
{
	if (l->drive.fault != NULL) {
		lead_fail(l, "breaks the ABI: it %s", l->drive.fault);
	}
}

/* ---- operations ---- */

static void lead_seal(struct lead *l, enum kit_key key, const struct alym_request *asked)
{
	if (l->bank->seal != NULL) {
		l->bank->seal(key, &l->word, asked, &l->message);
	}
}

/* The same message with another outcome: what contradicts it. */
static void lead_write_other(struct lead *l, const struct alym_request *asked, kit_call *call)
{
	struct kit_word word = l->word;

	word.outcome = word.outcome == KIT_DECLINED ? KIT_PAID : KIT_DECLINED;
	kit_message_reset(&l->other);
	if (asked != NULL) {
		l->bank->answer(&word, asked, &l->other);
	} else {
		call(&word, &l->other);
	}
}

/* Whether signing added anything. */
static bool lead_is_sealed(const struct lead *l)
{
	return l->message.header_count != l->plain.header_count ||
	       !text_equal(buffer_text(&l->message.path), buffer_text(&l->plain.path)) ||
	       !text_equal(buffer_text(&l->message.body), buffer_text(&l->plain.body));
}

static bool lead_is_framed(struct kit_message *m)
{
	size_t begin = 0;
	const struct buffer *said = kit_message_said(m, &begin);

	return said->size > begin && strchr("{[<", said->bytes[begin]) != NULL;
}

/* Signs l->message, spoilt in the way of the day. */
static void lead_finish(struct lead *l, const struct alym_request *asked, kit_call *call,
	bool spoilt)
{
	struct kit_spoil_with with = { .plain = &l->plain, .other = &l->other };
	struct lead_meddle *meddle = &l->meddle;

	kit_message_copy(&l->plain, &l->message);
	if (spoilt && meddle->how == LEAD_BEFORE) {
		lead_write_other(l, asked, call);
		meddle->over = !meddle->spoil(&l->message, &with, meddle->n);
	}
	if (!spoilt || meddle->how != LEAD_UNSIGNED) {
		lead_seal(l, spoilt || asked == NULL ? meddle->key : KIT_KEY_OURS, asked);
	}
	if (asked == NULL || l->end.sends - 1 == meddle->at) {
		l->end.sealed = lead_is_sealed(l);
		l->end.framed = lead_is_framed(&l->plain);
	}
	if (spoilt && (meddle->how == LEAD_AFTER || meddle->how == LEAD_UNSIGNED) &&
		meddle->spoil != NULL) {
		meddle->over = !meddle->spoil(&l->message, &with, meddle->n);
	}
}

/* The bank hears what was sent, and perhaps its answer comes back. */
static void lead_exchange(struct lead *l, enum alym_operation operation)
{
	struct alym_request asked = l->drive.action.request;
	struct alym_header headers[KIT_MESSAGE_HEADERS_MAX];
	struct alym_message answer;
	bool reached =
		l->meddle.how != LEAD_NOTHING &&
		(l->end.sends == l->meddle.at || (l->meddle.on && l->end.sends > l->meddle.at));
	bool failed = reached && l->meddle.how == LEAD_FAIL;
	bool heard = !failed || l->meddle.failure != ALYM_FAILURE_NOT_SENT;

	l->end.sends++;
	buffer_printf(&l->trace, "%.*s %.*s\n%.*s\n", TEXT_ARGS(asked.method), TEXT_ARGS(asked.url),
		TEXT_ARGS(asked.body));
	if (l->bank->answer == NULL) {
		lead_fail(l, "sends, though its bank has no answers");
		drive_failure(&l->drive, ALYM_FAILURE_NOT_SENT);
		return;
	}
	l->word.operation = operation;
	l->word.done = l->repeat;
	kit_message_reset(&l->message);
	l->bank->answer(&l->word, &asked, &l->message);
	if (heard && l->message.moves) {
		l->end.moved = true;
		l->moves += operation == ALYM_OPERATION_PAY ? 0 : 1;
	}
	if (failed) {
		drive_failure(&l->drive, l->meddle.failure);
		return;
	}
	lead_finish(l, &asked, NULL, reached);
	answer = kit_message_lend(&l->message, headers);
	drive_response(&l->drive, &answer);
}

void lead_operate(struct lead *l, enum alym_operation operation)
{
	bool booked;

	assert(l != NULL);

	l->drive.order.handle = text_of(l->handle);
	l->drive.order.captured = money_of(l->book.credited, "KZT");
	l->end = (struct lead_end){ .sends = 0 };
	l->meddle.over = false;
	drive_start(&l->drive, operation);
	while (!l->drive.over) {
		if (l->drive.action.kind == ALYM_ACTION_SEND) {
			lead_exchange(l, operation);
		} else {
			assert(l->drive.action.kind == ALYM_ACTION_WAIT);
			drive_time(&l->drive);
		}
	}
	lead_check_fault(l);
	booked = l->drive.fault == NULL && l->drive.action.kind == ALYM_ACTION_VERDICT;
	if (booked) {
		(void)lead_book(l, operation, false);
	}
}

/* ---- calls ---- */

void lead_write(struct lead *l, kit_call *call, enum kit_key key)
{
	enum kit_key before = l->meddle.key;

	assert(l != NULL);
	assert(call != NULL);

	l->word.operation = ALYM_OPERATION_PAY;
	l->word.done = false;
	kit_message_reset(&l->message);
	call(&l->word, &l->message);
	l->meddle.key = key;
	lead_finish(l, NULL, call, l->meddle.how != LEAD_NOTHING);
	l->meddle.key = before;
}

/* What the book says to what the gateway made of the call. */
static struct alym_decision lead_decide(struct lead *l)
{
	const struct alym_action *action = &l->drive.action;

	if (action->kind == ALYM_ACTION_VERDICT) {
		return lead_book(l, ALYM_OPERATION_PAY, true);
	}
	if (action->kind == ALYM_ACTION_ASK) {
		return kit_book_ask(&l->book, action, l->drive.now);
	}
	return (struct alym_decision){ .kind = ALYM_ANSWER_NOTED, .booked_at = l->drive.now };
}

static void lead_keep_about(struct lead *l)
{
	const struct alym_action *action = &l->drive.action;
	struct text about = action->about_order.size > 0 ? action->about_order : action->about_code;
	bool fits = text_copy(about, l->end.about, sizeof(l->end.about));

	assert(fits); /* or it breaks the ABI */
}

void lead_deliver(struct lead *l)
{
	struct alym_header headers[KIT_MESSAGE_HEADERS_MAX];
	struct alym_message message = kit_message_lend(&l->message, headers);
	struct alym_decision decision;

	l->end = (struct lead_end){ .sealed = l->end.sealed, .framed = l->end.framed };
	buffer_reset(&l->answer);
	drive_callback(&l->drive, &message);
	lead_check_fault(l);
	l->end.first = l->drive.action.kind;
	if (l->drive.fault == NULL && !l->drive.over) {
		lead_keep_about(l);
		decision = lead_decide(l);
		if (l->decision != NULL) {
			decision = *l->decision;
		}
		l->end.decision = decision.kind;
		drive_decision(&l->drive, &decision);
		lead_check_fault(l);
	}
	if (l->drive.fault == NULL) {
		assert(l->drive.action.kind == ALYM_ACTION_ANSWER);
		kit_message_print(&l->drive.action.answer, &l->answer);
		buffer_add(&l->trace, buffer_text(&l->answer));
	}
}

void lead_call(struct lead *l, kit_call *call)
{
	l->meddle.over = false;
	lead_write(l, call, l->meddle.key);
	if (!l->meddle.over) {
		lead_deliver(l);
	}
}
