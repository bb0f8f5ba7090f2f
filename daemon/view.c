/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/view.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/id.h"

enum { VIEW_PAYMENT_SIZE = 1024 }; /* of a payment with an attempt, more or less */

void view_money(struct json_writer *w, const char *name, struct money money)
{
	if (money.minor >= -MONEY_API_MAX && money.minor <= MONEY_API_MAX) {
		json_money(w, name, money);
		return;
	}
	json_open_object(w, name);
	json_decimal(w, "amount", money.minor);
	json_cstring(w, "currency", money.currency);
	json_close_object(w);
}

void view_sha256(struct json_writer *w, const char *name, const uint8_t digest[JOB_DIGEST_SIZE])
{
	char text[sizeof("sha256:") + (size_t)2 * JOB_DIGEST_SIZE] = "sha256:";

	text_hex(digest, JOB_DIGEST_SIZE, text + strlen(text));
	json_cstring(w, name, text);
}

void view_exchange(struct json_writer *w, const struct job_conversion *conversion)
{
	assert(w != NULL);

	if (conversion->quant == 0) {
		return;
	}
	json_open_object(w, "exchange");
	view_money(w, "gross", conversion->gross);
	json_number(w, "quant", conversion->quant);
	json_cstring(w, "rate", conversion->rate);
	view_sha256(w, "rates", conversion->rates);
	json_close_object(w);
}

static void view_id(struct json_writer *w, const char *name, enum id_kind kind, int32_t generation,
	int64_t number)
{
	char out[ID_SIZE];

	json_cstring(w, name,
		id_format((struct id){ .kind = kind, .generation = generation, .number = number },
			out));
}

static void view_day(struct json_writer *w, const char *name, int32_t day)
{
	if (day != DATE_NONE) {
		json_day(w, name, day);
	} else {
		json_nothing(w, name);
	}
}

/* The latest attempt the payer can still pay by, or NULL. */
static const struct attempt_view *view_payable_attempt(const struct payment_view *payment)
{
	assert(payment != NULL);
	assert(payment->attempt_count <= ATTEMPT_COUNT_MAX);

	for (size_t i = payment->attempt_count; i > 0; i--) {
		if (!attempt_is_final(payment->attempts[i - 1].state)) {
			return &payment->attempts[i - 1];
		}
	}
	return NULL;
}

/* Takes the next word of a route. */
static bool view_route_word(struct text *rest, struct text *word)
{
	const char *space = rest->size > 0 ? memchr(rest->bytes, ' ', rest->size) : NULL;
	size_t taken;

	*word = *rest;
	if (space != NULL) {
		word->size = (size_t)(space - rest->bytes);
	}
	taken = word->size + (space != NULL ? 1 : 0);
	*rest = (struct text){ rest->bytes + taken, rest->size - taken };
	return word->size > 0;
}

/* How the gateway was chosen, and which were passed over; null where it was named. */
static void view_route(struct json_writer *w, struct text route)
{
	struct text word;

	if (!view_route_word(&route, &word)) {
		json_nothing(w, "route");
		return;
	}
	json_open_object(w, "route");
	json_text(w, "method", word);
	json_open_array(w, "skipped");
	while (view_route_word(&route, &word)) {
		const char *colon = memchr(word.bytes, ':', word.size);
		size_t name = colon != NULL ? (size_t)(colon - word.bytes) : word.size;
		size_t why = name < word.size ? name + 1 : word.size;

		json_open_object(w, NULL);
		json_text(w, "gateway", (struct text){ word.bytes, name });
		json_text(w, "why", (struct text){ word.bytes + why, word.size - why });
		json_close_object(w);
	}
	json_close_array(w);
	json_close_object(w);
}

static void view_attempt(struct json_writer *w, const struct attempt_view *a)
{
	json_open_object(w, NULL);
	view_money(w, "amount", a->amount);
	view_money(w, "captured", a->captured);
	json_time(w, "created_at", a->created_at);
	json_time(w, "expires_at", a->expires_at);
	json_text(w, "gateway", a->gateway);
	view_id(w, "id", ID_ATTEMPT, a->generation, a->number);
	json_text_or_nothing(w, "operation", a->operation);
	json_cstring(w, "order", a->order);
	view_day(w, "paid_on", a->paid_on);
	json_text_or_nothing(w, "reason", a->reason);
	view_route(w, a->route);
	json_cstring(w, "state", attempt_state_name(a->state));
	json_close_object(w);
}

static void view_flags(struct json_writer *w, const struct payment_view *p)
{
	const struct {
		const char *name;
		bool set;
	} flags[] = {
		{ "unknown", p->unknown },
		{ "fulfilled", p->fulfilled },
		{ "erased", p->erased },
	};

	json_open_array(w, "flags");
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (flags[i].set) {
			json_cstring(w, NULL, flags[i].name);
		}
	}
	json_close_array(w);
}

void view_payment(struct json_writer *w, const char *name, const struct payment_view *p,
	struct text pay_url, const struct text *quote, size_t quote_parts)
{
	size_t size = VIEW_PAYMENT_SIZE;

	assert(w != NULL);
	assert(p != NULL);
	assert(quote != NULL || quote_parts == 0);

	for (size_t i = 0; i < quote_parts; i++) {
		size += quote[i].size;
	}
	buffer_expect(w->out, size);
	json_open_object(w, name);
	json_open_array(w, "attempts");
	for (size_t i = 0; i < p->attempt_count; i++) {
		view_attempt(w, &p->attempts[i]);
	}
	json_close_array(w);
	json_cstring(w, "code", p->code);
	json_time(w, "created_at", p->created_at);
	view_money(w, "due", p->due);
	json_time(w, "expires_at", p->expires_at);
	view_flags(w, p);
	view_money(w, "held", p->held);
	view_id(w, "id", ID_PAYMENT, p->generation, p->number);
	view_money(w, "paid", p->paid);
	json_text_or_nothing(w, "pay_url", pay_url);
	if (quote_parts > 0) {
		json_raw_parts(w, "quote", quote, quote_parts);
	}
	json_text_or_nothing(w, "reference", p->reference);
	view_money(w, "refunded", money_of(0, p->due.currency)); /* nothing ever is yet */
	json_text(w, "service", p->calculation.service);
	json_cstring(w, "state", payment_state_name(p->state));
	json_close_object(w);
}

struct text view_pay_url(const char *public_url, struct reader *reader,
	const struct payment_view *payment, char out[VIEW_URL_MAX])
{
	const struct attempt_view *attempt = view_payable_attempt(payment);
	char token[CODE_TOKEN_SIZE];
	int size;

	if (public_url == NULL || attempt == NULL) {
		return TEXT("");
	}
	size = snprintf(out, VIEW_URL_MAX, "%s/pay/%s", public_url,
		reader_attempt_token(reader, attempt, token));
	assert(size > 0 && size < VIEW_URL_MAX); /* the engine bounds the address */
	return (struct text){ out, (size_t)size };
}

/* In the entry that takes back and in the one that is taken back. */
static void view_reversal(struct json_writer *w, const struct entry_row *e)
{
	if (e->reversal.entry == 0) {
		json_nothing(w, "reversal");
		return;
	}
	json_open_object(w, "reversal");
	json_number(w, "entry", e->reversal.entry);
	json_cstring(w, "reason", e->reversal.reason);
	json_open_object(w, "reversed_by");
	json_number(w, "client", e->reversal.actor.client);
	json_number(w, "uid", e->reversal.actor.uid);
	json_close_object(w);
	json_number(w, "reverses", e->reversal.reverses);
	json_close_object(w);
}

void view_entry(struct json_writer *w, const char *name, const struct entry_row *e)
{
	assert(e != NULL);
	assert(e->posting_count <= READER_POSTINGS_MAX);

	json_open_object(w, name);
	json_time(w, "booked_at", e->booked_at);
	json_cstring(w, "cause", e->cause);
	json_text_or_nothing(w, "gateway", text_of(e->gateway));
	json_number(w, "number", e->number);
	json_text_or_nothing(w, "operation", text_of(e->operation));
	view_day(w, "paid_on", e->paid_on);
	if (e->payment > 0) {
		view_id(w, "payment", ID_PAYMENT, e->generation, e->payment);
	} else {
		json_nothing(w, "payment");
	}
	json_open_array(w, "postings");
	for (size_t i = 0; i < e->posting_count; i++) {
		json_open_object(w, NULL);
		json_cstring(w, "account", e->postings[i].account);
		view_money(w, "amount", e->postings[i].amount);
		json_close_object(w);
	}
	json_close_array(w);
	json_number(w, "record", e->record);
	view_reversal(w, e);
	view_day(w, "value_date", e->value_date);
	json_close_object(w);
}
