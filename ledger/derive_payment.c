/* SPDX-License-Identifier: Apache-2.0 */

/* The lives of payments and their attempts. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/derive_parts.h"

enum {
	DERIVE_CALCULATION_COLUMNS = 14,
	DERIVE_ORDER_FACTOR = 100,
	DERIVE_SERIAL_WRAP = 1000000,
	DERIVE_SERIAL_LEAP = 250000, /* where a generation begins */
};

#define DERIVE_DAY_FACTOR INT64_C(100000000) /* of a daily order number, below its day */

/* ---- what every change leaves ---- */

static void derive_event(struct derive *d, const struct derive_card *card, enum kind_event event)
{
	if (event == KIND_EVENT_NONE || card->client < 1 || card->client > d->client_count) {
		return;
	}
	derive_row(d, SHAPE_EVENT,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(card->client),
			SHAPE_OF_NUMBER(++d->events[card->client]), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_NUMBER(card->number), SHAPE_OF_NUMBER(event) });
}

void derive_step(struct derive *d, struct derive_card *card, enum kind_event event)
{
	card->record = d->record;
	if (card->state != PAYMENT_PARTLY_PAID && card->state != PAYMENT_PAID) {
		card->before = card->state;
	}
	derive_row(d, SHAPE_PAYMENT_CHANGE,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(card->number), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_NUMBER(card->state), SHAPE_OF_NUMBER(card->fulfilled),
			SHAPE_OF_MONEY(card->due, card->currency),
			SHAPE_OF_MONEY(card->paid, card->currency),
			SHAPE_OF_MONEY(card->held, card->currency) });
	derive_event(d, card, event);
}

static struct shape_cell derive_sealed(const struct derive *d, const char *what, bool has,
	const uint8_t *seal)
{
	struct shape_cell cell = { .kind = SHAPE_SEALED_TEXT, .what = what };

	if (!has) {
		return SHAPE_OF_TEXT(TEXT(""));
	}
	if (d->seal == NULL) {
		return SHAPE_OF_KIND(SHAPE_OWN_TEXT);
	}
	cell.text = (struct text){ (const char *)seal, KEYSET_KEY_SIZE };
	return cell;
}

void derive_attempt_step(struct derive *d, int64_t number, const struct derive_attempt *a,
	struct text reason)
{
	derive_row(d, SHAPE_ATTEMPT_STEP,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(number), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_NUMBER(a->state), SHAPE_OF_MONEY(a->captured, a->currency),
			SHAPE_OF_TEXT(text_of(a->currency)),
			a->paid_on == DATE_NONE ? SHAPE_OF_KIND(SHAPE_NULL)
						: SHAPE_OF_DAY(a->paid_on),
			SHAPE_OF_TEXT(text_of(a->operation)),
			derive_sealed(d, "handle", a->has_handle, a->handle), SHAPE_OF_TEXT(reason),
			derive_sealed(d, "page", a->has_page, a->page) });
}

void derive_said(struct derive *d, const char *name, uint8_t seal[KEYSET_KEY_SIZE], bool *has)
{
	if (leaf_hex_if(&d->leaf, name, seal, KEYSET_KEY_SIZE)) {
		*has = true;
	}
}

bool derive_read_request(struct derive *d, uint8_t key[KEYSET_KEY_SIZE],
	uint8_t fingerprint[KEYSET_KEY_SIZE])
{
	struct leaf *l = &d->leaf;

	if (!leaf_has(l, "request")) {
		return false;
	}
	leaf_object(l);
	leaf_need(l, "fingerprint");
	leaf_hex(l, fingerprint, KEYSET_KEY_SIZE);
	leaf_need(l, "key");
	leaf_hex(l, key, KEYSET_KEY_SIZE);
	leaf_end(l);
	return !l->bad;
}

void derive_act(struct derive *d, int64_t client)
{
	uint8_t fingerprint[KEYSET_KEY_SIZE];
	uint8_t key[KEYSET_KEY_SIZE];

	if (derive_read_request(d, key, fingerprint)) {
		derive_row(d, SHAPE_ACT,
			(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record), SHAPE_OF_NUMBER(client),
				SHAPE_OF_BLOB(key, sizeof(key)),
				SHAPE_OF_BLOB(fingerprint, sizeof(fingerprint)) });
	}
}

void derive_request(struct derive *d, int64_t payment, int64_t client)
{
	uint8_t fingerprint[KEYSET_KEY_SIZE];
	uint8_t key[KEYSET_KEY_SIZE];

	if (derive_read_request(d, key, fingerprint)) {
		derive_row(d, SHAPE_REQUEST,
			(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record), SHAPE_OF_NUMBER(payment),
				SHAPE_OF_NUMBER(client), SHAPE_OF_BLOB(key, sizeof(key)),
				SHAPE_OF_BLOB(fingerprint, sizeof(fingerprint)) });
	}
}

/* ---- calculations ---- */

struct derive_calculation {
	struct text currency;
	int32_t day;
	int64_t due;
	bool converted;
	struct text fee_currency;
	int64_t fee_gross;
	int64_t quant;
	struct text rate;
	uint8_t rates[DIGEST_SIZE];
	int64_t gross;
	struct text ground;
	struct text kbk;
	int64_t relief;
	struct text rows;
	struct text service;
	uint8_t tariff[DIGEST_SIZE];
	int32_t valid_from;
	int32_t valid_until;
	int64_t version;
	char money[4]; /* the currency, for what is shown */
	char fee_money[4];
};

static void derive_calculation_read(struct derive *d, struct derive_calculation *c)
{
	struct leaf *l = &d->leaf;

	leaf_need(l, "calculation");
	leaf_object(l);
	c->currency = leaf_text_of(l, "currency");
	c->day = leaf_day_of(l, "day");
	c->due = leaf_decimal_of(l, "due");
	c->converted = leaf_has(l, "exchange");
	if (c->converted) {
		leaf_object(l);
		c->fee_currency = leaf_text_of(l, "currency");
		c->fee_gross = leaf_decimal_of(l, "gross");
		c->quant = leaf_decimal_of(l, "quant");
		c->rate = leaf_text_of(l, "rate");
		leaf_need(l, "rates");
		leaf_hex(l, c->rates, sizeof(c->rates));
		leaf_end(l);
	}
	c->gross = leaf_decimal_of(l, "gross");
	c->ground = leaf_text_if(l, "ground");
	c->kbk = leaf_text_of(l, "kbk");
	c->relief = leaf_decimal_of(l, "relief");
	c->rows = leaf_text_of(l, "rows");
	c->service = leaf_text_of(l, "service");
	leaf_need(l, "tariff");
	leaf_hex(l, c->tariff, sizeof(c->tariff));
	c->valid_from = leaf_day_of(l, "valid_from");
	c->valid_until = leaf_day_of(l, "valid_until");
	c->version = leaf_decimal_of(l, "version");
	leaf_end(l);
	if (!text_copy(c->currency, c->money, sizeof(c->money)) ||
		!text_copy(c->converted ? c->fee_currency : TEXT(""), c->fee_money,
			sizeof(c->fee_money))) {
		leaf_blame(l, "is in no currency");
	}
}

static void derive_calculation_fill(const struct derive_calculation *c, struct shape_cell *cells)
{
	size_t i = 0;

	cells[i++] = SHAPE_OF_NUMBER(c->version);
	cells[i++] = SHAPE_OF_DAY(c->day);
	cells[i++] = SHAPE_OF_DAY(c->valid_from);
	cells[i++] = SHAPE_OF_DAY(c->valid_until);
	cells[i++] = SHAPE_OF_TEXT(c->currency);
	cells[i++] = SHAPE_OF_MONEY(c->gross, c->money);
	cells[i++] = SHAPE_OF_MONEY(c->relief, c->money);
	cells[i++] = SHAPE_OF_MONEY(c->due, c->money);
	cells[i++] = SHAPE_OF_TEXT(c->service);
	cells[i++] = SHAPE_OF_TEXT(c->ground);
	cells[i++] = SHAPE_OF_TEXT(c->kbk);
	cells[i++] = SHAPE_OF_TEXT(c->rows);
	cells[i++] = SHAPE_OF_BLOB(c->tariff, sizeof(c->tariff));
	cells[i++] = SHAPE_OF_KIND(SHAPE_OWN_BLOB); /* the quote: the caller's */
	assert(i == DERIVE_CALCULATION_COLUMNS);
}

static void derive_conversion(struct derive *d, int64_t payment, const struct derive_calculation *c)
{
	if (c->converted) {
		derive_row(d, SHAPE_CONVERSION,
			(struct shape_cell[]){ SHAPE_OF_NUMBER(payment), SHAPE_OF_NUMBER(d->record),
				SHAPE_OF_BLOB(c->rates, sizeof(c->rates)),
				SHAPE_OF_TEXT(c->fee_currency),
				SHAPE_OF_MONEY(c->fee_gross, c->fee_money), SHAPE_OF_TEXT(c->rate),
				SHAPE_OF_NUMBER(c->quant) });
	}
}

/* ---- records ---- */

/* What is private of a payment says the hash of its quote, while it is there. */
static struct shape_cell derive_quote(struct text data, uint8_t quote[DIGEST_SIZE])
{
	struct text hex = json_member(data, "quote");

	if (hex.size == 2 * DIGEST_SIZE + 2 &&
		text_unhex((struct text){ hex.bytes + 1, hex.size - 2 }, quote, DIGEST_SIZE)) {
		return SHAPE_OF_BLOB(quote, DIGEST_SIZE);
	}
	return SHAPE_OF_KIND(SHAPE_OWN_BLOB);
}

static void derive_payment_card(struct derive *d, struct derive_card *card,
	const struct derive_calculation *c)
{
	card->record = d->record;
	card->due = c->due;
	card->state = c->due == 0 ? PAYMENT_EXEMPT : PAYMENT_OPEN;
	card->before = card->state;
	memcpy(card->currency, c->money, sizeof(card->currency));
}

void derive_payment(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct derive_calculation c = { .version = 0 };
	struct derive_card card = { .number = 0 };
	struct shape_cell cells[SHAPE_COLUMNS_MAX];
	uint8_t commitment[DIGEST_SIZE];
	uint8_t quote[DIGEST_SIZE];
	uint8_t reference[KEYSET_KEY_SIZE];
	uint8_t key[KEYSET_KEY_SIZE];
	uint8_t fingerprint[KEYSET_KEY_SIZE];
	bool requested;
	struct text data;

	derive_calculation_read(d, &c);
	card.client = (int32_t)leaf_decimal_of(l, "client");
	derive_payment_card(d, &card, &c);
	card.number = d->payment_last + 1;
	if (leaf_has(l, "entry")) {
		leaf_object(l);
		derive_entry(d, &card);
		leaf_end(l);
	}
	leaf_need(l, "expires_at");
	card.expires_at = leaf_time(l);
	card.generation = (int32_t)leaf_decimal_of(l, "generation");
	if (leaf_decimal_of(l, "payment") != card.number) {
		leaf_blame(l, "is not the next payment");
	}
	leaf_need(l, "private");
	leaf_hex(l, commitment, sizeof(commitment));
	leaf_need(l, "reference");
	leaf_hex(l, reference, sizeof(reference));
	requested = derive_read_request(d, key, fingerprint);
	if (l->bad) {
		return;
	}
	d->payment_last = card.number;
	data = d->sink.committed(d->sink.context, SHAPE_PRIVATE, d->record, commitment);
	cells[0] = SHAPE_OF_NUMBER(card.number);
	cells[1] = SHAPE_OF_NUMBER(d->record);
	cells[2] = SHAPE_OF_NUMBER(card.generation);
	cells[3] = SHAPE_OF_NUMBER(card.client);
	cells[4] = SHAPE_OF_TIME(d->at);
	cells[5] = SHAPE_OF_TIME(card.expires_at);
	cells[6] = SHAPE_OF_BLOB(reference, sizeof(reference));
	cells[7] = SHAPE_OF_NUMBER(derive_reference(d, reference, card.number));
	cells[8] = SHAPE_OF_BLOB(key, requested ? sizeof(key) : 0);
	cells[9] = SHAPE_OF_BLOB(fingerprint, requested ? sizeof(fingerprint) : 0);
	derive_calculation_fill(&c, cells + 10);
	cells[23] = derive_quote(data, quote);
	derive_row(d, SHAPE_PAYMENT, cells);
	derive_conversion(d, card.number, &c);
	derive_event(d, &card, card.due == 0 ? KIND_EVENT_EXEMPT : KIND_EVENT_CREATED);
	(void)derive_card_add(d, &card);
}

void derive_requote(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct derive_calculation c = { .version = 0 };
	struct shape_cell cells[SHAPE_COLUMNS_MAX];
	uint8_t quote[KEYSET_KEY_SIZE];
	struct derive_card *card;
	bool sealed;

	derive_calculation_read(d, &c);
	card = derive_card_of(d, leaf_decimal_of(l, "payment"));
	sealed = leaf_hex_if(l, "quote", quote, sizeof(quote));
	if (l->bad || card == NULL) {
		return;
	}
	cells[0] = SHAPE_OF_NUMBER(card->number);
	cells[1] = SHAPE_OF_NUMBER(d->record);
	derive_calculation_fill(&c, cells + 2);
	if (sealed && d->seal != NULL) {
		cells[2 + DERIVE_CALCULATION_COLUMNS - 1] = (struct shape_cell){
			.kind = SHAPE_SEALED_BLOB,
			.text = { (const char *)quote, sizeof(quote) },
			.what = "quote",
		};
	}
	derive_row(d, SHAPE_REQUOTE, cells);
	derive_conversion(d, card->number, &c);
	card->due = c.due;
	derive_step(d, card, KIND_EVENT_REQUOTED);
}

enum attempt_state derive_state(struct derive *d, struct text name)
{
	for (int i = 0; i < ATTEMPT_STATE_COUNT; i++) {
		if (text_is(name, attempt_state_name((enum attempt_state)i))) {
			return (enum attempt_state)i;
		}
	}
	leaf_blame(&d->leaf, "has an unknown state");
	return ATTEMPT_CREATED;
}

/* A gateway that wants its last digits unique within a day has numbers that say the day. */
static void derive_order(struct derive *d, int64_t attempt, int32_t gateway, struct text order)
{
	int64_t number = 0;
	int64_t generation;

	if (!text_parse_integer(order, &number) || gateway < 1 || gateway > d->gateway_count) {
		leaf_blame(&d->leaf, "has an order number, or a gateway, that can not be");
		return;
	}
	if (number == attempt * DERIVE_ORDER_FACTOR + d->generation) {
		return;
	}
	generation = number / DERIVE_SERIAL_WRAP % DERIVE_ORDER_FACTOR;
	if (d->orders[gateway].serial > 0) {
		d->orders[gateway].serial +=
			(generation - d->orders[gateway].generation) * DERIVE_SERIAL_LEAP;
	}
	d->orders[gateway].serial++;
	d->orders[gateway].generation = generation;
	derive_row(d, SHAPE_ATTEMPT_ORDER,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(gateway),
			SHAPE_OF_NUMBER(d->orders[gateway].serial),
			SHAPE_OF_DAY(number / DERIVE_DAY_FACTOR), SHAPE_OF_NUMBER(number),
			SHAPE_OF_NUMBER(attempt) });
}

/* An order that was opened: `amount` has been read. */
static void derive_attempt_opened(struct derive *d, int64_t amount)
{
	struct leaf *l = &d->leaf;
	int64_t number = leaf_decimal_of(l, "attempt");
	struct derive_card *card = derive_card_of(d, attempt_payment(number));
	struct derive_attempt a = { .paid_on = DATE_NONE };
	uint8_t url[KEYSET_KEY_SIZE];
	int64_t expires_at;
	struct text language;
	struct text order;
	struct text route;
	int64_t requests = d->counts[SHAPE_REQUEST];
	bool has_url;

	leaf_need(l, "expires_at");
	expires_at = leaf_time(l);
	a.gateway = (int32_t)leaf_decimal_of(l, "gateway");
	language = leaf_text_if(l, "language");
	order = leaf_text_of(l, "order");
	if (card == NULL || leaf_decimal_of(l, "payment") != card->number ||
		attempt_index(number) != card->attempt_count) {
		leaf_blame(l, "is not the payment's next attempt");
		return;
	}
	derive_request(d, card->number, card->client);
	has_url = leaf_hex_if(l, "return_url", url, sizeof(url));
	route = leaf_text_if(l, "route");
	a.state = derive_state(d, leaf_text_of(l, "state"));
	derive_order(d, number, a.gateway, order);
	if (l->bad) {
		return;
	}
	memcpy(a.currency, card->currency, sizeof(a.currency));
	card->attempts = mem_grow(card->attempts, card->attempt_count + 1, sizeof(a));
	card->attempts[card->attempt_count++] = a;
	derive_row(d, SHAPE_ATTEMPT,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(number), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_NUMBER(a.gateway), SHAPE_OF_TEXT(order),
			SHAPE_OF_TEXT(text_of(card->currency)),
			SHAPE_OF_MONEY(amount, card->currency), SHAPE_OF_TIME(d->at),
			SHAPE_OF_TIME(expires_at), derive_sealed(d, "return_url", has_url, url),
			SHAPE_OF_TEXT(language), SHAPE_OF_TEXT(route) });
	derive_attempt_step(d, number, &a, TEXT(""));
	/* The first that nobody asked for came with its payment; a later one follows another. */
	derive_step(d, card,
		d->counts[SHAPE_REQUEST] > requests || attempt_index(number) > 0
			? KIND_EVENT_ATTEMPT_CREATED
			: KIND_EVENT_NONE);
}

void derive_attempt_record(struct derive *d)
{
	static const enum kind_event events[ATTEMPT_STATE_COUNT] = {
		[ATTEMPT_PENDING] = KIND_EVENT_ATTEMPT_PENDING,
		[ATTEMPT_AUTHORIZED] = KIND_EVENT_ATTEMPT_AUTHORIZED,
		[ATTEMPT_UNKNOWN] = KIND_EVENT_ATTEMPT_UNKNOWN,
		[ATTEMPT_DECLINED] = KIND_EVENT_ATTEMPT_DECLINED,
		[ATTEMPT_NOT_ATTEMPTED] = KIND_EVENT_ATTEMPT_NOT_ATTEMPTED,
		[ATTEMPT_RELEASED] = KIND_EVENT_ATTEMPT_RELEASED,
		[ATTEMPT_EXPIRED] = KIND_EVENT_ATTEMPT_EXPIRED,
	};
	struct leaf *l = &d->leaf;
	uint8_t evidence[DIGEST_SIZE];
	struct derive_attempt *a;
	struct derive_card *card;
	struct text reason;
	int64_t number;
	bool proven;

	if (leaf_has(l, "amount")) {
		derive_attempt_opened(d, leaf_decimal(l));
		return;
	}
	number = leaf_decimal_of(l, "attempt");
	card = derive_card_of(d, attempt_payment(number));
	a = card != NULL ? derive_attempt_of(d, card, number) : NULL;
	if (a == NULL) {
		return;
	}
	proven = leaf_hex_if(l, "evidence", evidence, sizeof(evidence));
	derive_said(d, "handle", a->handle, &a->has_handle);
	derive_said(d, "page", a->page, &a->has_page);
	if (leaf_decimal_of(l, "payment") != card->number) {
		leaf_blame(l, "is about another payment than its attempt's");
	}
	reason = leaf_text_if(l, "reason");
	a->state = derive_state(d, leaf_text_of(l, "state"));
	if (l->bad) {
		return;
	}
	derive_attempt_step(d, number, a, reason);
	derive_step(d, card, events[a->state]);
	if (proven) {
		(void)d->sink.committed(d->sink.context, SHAPE_EVIDENCE, d->record, evidence);
	}
}

void derive_cancellation(struct derive *d, enum kind_record kind)
{
	struct leaf *l = &d->leaf;
	struct derive_card *card = derive_card_of(d, leaf_decimal_of(l, "payment"));

	if (card == NULL) {
		return;
	}
	(void)leaf_text_if(l, "reason");
	derive_request(d, card->number, card->client);
	card->state = kind == KIND_CANCELLATION ? PAYMENT_CANCELLED : PAYMENT_EXPIRED;
	derive_step(d, card, kind == KIND_CANCELLATION ? KIND_EVENT_CANCELLED : KIND_EVENT_EXPIRED);
}

void derive_fulfilment(struct derive *d)
{
	struct leaf *l = &d->leaf;
	uint8_t commitment[DIGEST_SIZE];
	struct derive_card *card = derive_card_of(d, leaf_decimal_of(l, "payment"));
	bool performed;

	leaf_need(l, "performed");
	performed = leaf_boolean(l);
	leaf_need(l, "private");
	leaf_hex(l, commitment, sizeof(commitment));
	if (card == NULL || l->bad) {
		return;
	}
	derive_request(d, card->number, card->client);
	(void)d->sink.committed(d->sink.context, SHAPE_PRIVATE, d->record, commitment);
	derive_row(d, SHAPE_FULFILMENT,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(card->number), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_NUMBER(performed) });
	card->fulfilled = true;
	derive_step(d, card, KIND_EVENT_FULFILLED);
}

void derive_end_payments(struct derive *d)
{
	for (size_t i = 0; i < d->card_slots; i++) {
		const struct derive_card *card = &d->cards[i];

		if (card->number > 0 && card->state == PAYMENT_OPEN) {
			derive_row(d, SHAPE_PAYMENT_OPEN,
				(struct shape_cell[]){ SHAPE_OF_TIME(card->expires_at),
					SHAPE_OF_NUMBER(card->number) });
		}
		for (size_t k = 0; card->number > 0 && k < card->attempt_count; k++) {
			const struct derive_attempt *a = &card->attempts[k];

			if (!attempt_is_final(a->state)) {
				derive_row(d, SHAPE_ATTEMPT_OPEN,
					(struct shape_cell[]){
						SHAPE_OF_NUMBER(attempt_number(card->number, k)),
						SHAPE_OF_NUMBER(a->gateway),
						SHAPE_OF_NUMBER(a->state),
						SHAPE_OF_KIND(SHAPE_OWN_NUMBER),
						SHAPE_OF_KIND(SHAPE_OWN_NUMBER) });
			}
		}
	}
}
