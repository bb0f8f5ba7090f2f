/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/action.h"

#include <assert.h>
#include <string.h>

enum { ACTION_NUMBER_DIGITS_MAX = 15, ACTION_SECONDS_OF_DAY = 86400 };

/* What alymd writes itself; a gateway that could would frame messages of its own. */
static const char *const action_headers_reserved[] = { "Connection", "Content-Length", "Expect",
	"Host", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade" };

static bool action_is_token(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];

		if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL) {
			return false;
		}
	}
	return t.size > 0;
}

static bool action_is_printable(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		unsigned char c = (unsigned char)t.bytes[i];

		if (c < ' ' || c == 0x7F) {
			return false;
		}
	}
	return text_is_utf8(t);
}

static bool action_is_reserved(struct text name)
{
	for (size_t i = 0; i < sizeof(action_headers_reserved) / sizeof(*action_headers_reserved);
		i++) {
		if (text_is_any_case(name, action_headers_reserved[i])) {
			return true;
		}
	}
	return false;
}

static const char *action_fault_headers(const struct alym_header *headers, size_t count)
{
	if (count > ALYM_HEADERS_MAX || (headers == NULL && count > 0)) {
		return "sets too many headers";
	}
	for (size_t i = 0; i < count; i++) {
		if (!action_is_token(headers[i].name) || action_is_reserved(headers[i].name)) {
			return "sets a header it may not set";
		}
		if (!action_is_printable(headers[i].value)) {
			return "sets a header to a value that can not be sent";
		}
	}
	return NULL;
}

/* An address a browser or we may be sent to: ASCII without blanks, with a host. */
static bool action_is_https(struct text url)
{
	if (!text_starts(url, TEXT("https://")) || url.size > ALYM_URL_MAX ||
		url.size == sizeof("https://") - 1) {
		return false;
	}
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			return false;
		}
	}
	return true;
}

static const char *action_fault_request(const struct alym_request *request)
{
	bool post = text_is(request->method, "POST");

	if (!post && !text_is(request->method, "GET")) {
		return "sends with a method that is neither GET nor POST";
	}
	if (!post && request->body.size > 0) {
		return "sends a body with GET";
	}
	if (!action_is_https(request->url)) {
		return "sends to an address that is not https";
	}
	return action_fault_headers(request->headers, request->header_count);
}

static const char *action_fault_reply(const struct alym_reply *reply)
{
	if (reply->status < 200 || reply->status > 599) {
		return "answers with an impossible status";
	}
	return action_fault_headers(reply->headers, reply->header_count);
}

static bool action_is_number(struct text t)
{
	return text_is_digits(t) && t.size <= ACTION_NUMBER_DIGITS_MAX;
}

/* Exactly one of the two, and it is a number. */
static bool action_names_one(struct text order, struct text code)
{
	return (order.size == 0) != (code.size == 0) &&
	       action_is_number(order.size > 0 ? order : code);
}

/* Nothing, or an amount of money that the ledger can hold. */
static bool action_money_fits(struct money m)
{
	if (m.minor == 0) {
		return true;
	}
	return m.minor > 0 && m.minor <= MONEY_API_MAX &&
	       memchr(m.currency, '\0', sizeof(m.currency)) != NULL &&
	       money_currency_is_known(text_of(m.currency));
}

static const char *action_fault_about(const struct alym_action *action)
{
	if (!action_names_one(action->about_order, action->about_code)) {
		return "asks about neither one order nor one code";
	}
	if (!action_money_fits(action->about_amount)) {
		return "asks about an impossible amount";
	}
	return NULL;
}

static const char *action_fault_whose(const struct alym_verdict *v, const struct alym_order *order)
{
	if (order == NULL) {
		return action_names_one(v->order, v->code)
			       ? NULL
			       : "speaks of neither one order nor one code";
	}
	if (v->code.size > 0 || (v->order.size > 0 && !text_equal(v->order, order->number))) {
		return "speaks of another order than it was asked about";
	}
	return NULL;
}

/* Where the payer is to go: one place, if any, and only while there is something to pay. */
static const char *action_fault_way(const struct alym_verdict *v)
{
	struct text way = v->pay_url.size > 0 ? v->pay_url : v->form_url;

	if (v->field_count > ALYM_FIELDS_MAX || (v->fields == NULL && v->field_count > 0)) {
		return "has too many form fields";
	}
	if (v->field_count > 0 && v->form_url.size == 0) {
		return "has form fields but no form";
	}
	for (size_t i = 0; i < v->field_count; i++) {
		if (!action_is_token(v->fields[i].name) || !text_is_utf8(v->fields[i].value)) {
			return "has a form field that can not be posted";
		}
	}
	if (way.size == 0) {
		return NULL;
	}
	if (v->kind != ALYM_PENDING || (v->pay_url.size > 0 && v->form_url.size > 0)) {
		return "sends the payer somewhere without need";
	}
	return action_is_https(way) ? NULL : "sends the payer to an address that is not https";
}

static const char *action_fault_paid(const struct alym_verdict *v)
{
	switch (v->paid) {
	case ALYM_PAID_UNSTATED:
		return NULL;
	case ALYM_PAID_INSTANT:
		return v->paid_at > 0 ? NULL : "was paid at an impossible time";
	case ALYM_PAID_LOCAL:
		return v->paid_day > 0 && v->paid_second >= 0 &&
				       v->paid_second < ACTION_SECONDS_OF_DAY
			       ? NULL
			       : "was paid at an impossible time";
	}
	return "was paid at an impossible time";
}

/* A release gives up what nobody took: its amount and its operation are the gateway's to state or
 * not. */
static const char *action_fault_done(const struct alym_verdict *v, const struct alym_event *event)
{
	bool release = event->order != NULL && event->operation == ALYM_OPERATION_RELEASE;

	if (release) {
		return NULL;
	}
	if (v->amount.minor == 0) {
		return "is done without an amount";
	}
	if (v->cumulative != (v->operation.size == 0)) {
		return "is done without saying which operation did it";
	}
	return NULL;
}

static const char *action_fault_flags(const struct alym_verdict *v, const struct alym_event *event)
{
	if (v->authorized && v->kind != ALYM_PENDING) {
		return "is authorized but not pending";
	}
	if (v->expired && v->kind != ALYM_DECLINED) {
		return "is expired but not declined";
	}
	if (v->cumulative && v->kind != ALYM_DONE) {
		return "is cumulative but not done";
	}
	if (v->refusable && (v->kind != ALYM_DONE || event->order != NULL)) {
		return "is refusable but no message about money";
	}
	return NULL;
}

static const char *action_fault_texts(const struct alym_verdict *v)
{
	if (v->operation.size > ALYM_OPERATION_MAX || v->handle.size > ALYM_HANDLE_MAX ||
		v->reason.size > ALYM_REASON_MAX) {
		return "gives a text that is too long";
	}
	if (!action_is_printable(v->operation) || !action_is_printable(v->handle) ||
		!action_is_printable(v->reason)) {
		return "gives a text that can not be kept";
	}
	return NULL;
}

static const char *action_fault_verdict(const struct alym_verdict *v,
	const struct alym_event *event)
{
	const char *faults[] = {
		event->list != NULL && v->kind != ALYM_UNKNOWN ? "gives a verdict on a list" : NULL,
		v->kind > ALYM_UNKNOWN ? "gives no known verdict" : NULL,
		event->list != NULL ? NULL : action_fault_whose(v, event->order),
		action_money_fits(v->amount) ? NULL : "gives an impossible amount",
		action_fault_texts(v),
		action_fault_flags(v, event),
		v->kind == ALYM_DONE ? action_fault_done(v, event) : NULL,
		action_fault_paid(v),
		action_fault_way(v),
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		if (faults[i] != NULL) {
			return faults[i];
		}
	}
	return NULL;
}

static const char *action_fault_listed(const struct alym_action *action)
{
	if (action->listed_count > ALYM_LISTED_MAX ||
		(action->listed == NULL && action->listed_count > 0)) {
		return "lists too much at once";
	}
	if (action->listed_next.size > ALYM_OPERATION_MAX ||
		!action_is_printable(action->listed_next)) {
		return "goes on in a list at an impossible place";
	}
	for (size_t i = 0; i < action->listed_count; i++) {
		const struct alym_listed *l = &action->listed[i];

		if (!action_names_one(l->order, l->code) || !action_money_fits(l->amount) ||
			l->amount.minor == 0 || l->operation.size == 0 ||
			l->operation.size > ALYM_OPERATION_MAX ||
			!action_is_printable(l->operation) || l->paid_at < 0) {
			return "lists what can not be booked";
		}
	}
	return NULL;
}

/* What may come of an event: an operation sends, waits or ends; a message is looked at once, and
 * once the book has spoken it is answered. */
static bool action_is_in_turn(enum alym_action_kind kind, const struct alym_event *event)
{
	if (event->list != NULL) {
		return kind == ALYM_ACTION_SEND || kind == ALYM_ACTION_WAIT ||
		       kind == ALYM_ACTION_VERDICT || kind == ALYM_ACTION_LISTED;
	}
	if (event->order != NULL) {
		return kind == ALYM_ACTION_SEND || kind == ALYM_ACTION_WAIT ||
		       kind == ALYM_ACTION_VERDICT;
	}
	if (event->kind == ALYM_EVENT_DECISION) {
		return kind == ALYM_ACTION_ANSWER;
	}
	return kind != ALYM_ACTION_SEND && kind != ALYM_ACTION_WAIT && kind != ALYM_ACTION_LISTED;
}

const char *action_fault(const struct alym_action *action, const struct alym_event *event)
{
	assert(action != NULL);
	assert(action->scratch != NULL);
	assert(event != NULL);

	if (action->scratch->size > ALYM_SCRATCH_SIZE) {
		return "has texts that do not fit the scratch";
	}
	if (!action_is_in_turn(action->kind, event)) {
		return "is out of turn";
	}
	switch (action->kind) {
	case ALYM_ACTION_SEND:
		return action_fault_request(&action->request);
	case ALYM_ACTION_ASK:
	case ALYM_ACTION_CHECK:
		return action_fault_about(action);
	case ALYM_ACTION_KEEP:
		return action->keep.size > 0 && action->keep.size <= ALYM_REASON_MAX &&
				       action_is_printable(action->keep)
			       ? NULL
			       : "keeps a message without saying what it is";
	case ALYM_ACTION_VERDICT:
		return action_fault_verdict(&action->verdict, event);
	case ALYM_ACTION_LISTED:
		return action_fault_listed(action);
	case ALYM_ACTION_ANSWER:
		return action_fault_reply(&action->answer);
	case ALYM_ACTION_WAIT:
		return action->wait_ms > 0 && action->wait_ms <= ACTION_WAIT_MS_MAX
			       ? NULL
			       : "waits for nothing or too long";
	}
	return "is no known action";
}
