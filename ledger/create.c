/* SPDX-License-Identifier: Apache-2.0 */

/* create - a payment with its calculation, and calculations for another day. */
#include <assert.h>
#include <string.h>

#include "ledger/book_parts.h"

enum { CREATE_REFERENCES_MAX = 256 };

static bool create_calculation_is_sane(const struct job_calculation *c)
{
	int64_t due;

	assert(c != NULL);

	return c->gross.minor >= 0 && c->relief.minor >= 0 && c->gross.minor <= MONEY_API_MAX &&
	       money_same_currency(c->gross, c->due) && money_same_currency(c->relief, c->due) &&
	       !__builtin_sub_overflow(c->gross.minor, c->relief.minor, &due) &&
	       due == c->due.minor && due >= 0 && c->valid_from < c->valid_until &&
	       c->service.size > 0 && c->service.size < CARD_SERVICE_SIZE &&
	       c->ground.size < CARD_GROUND_SIZE && c->kbk.size < CARD_KBK_SIZE;
}

/* What was converted was in foreign money before, and came out of a list of rates. */
static bool create_conversion_is_sane(const struct job_calculation *c)
{
	const struct job_conversion *v = &c->conversion;

	assert(v->quant >= 0);

	return v->quant == 0 || (v->gross.minor >= 0 && !money_same_currency(v->gross, c->gross) &&
					v->rate[0] != '\0');
}

static bool create_is_live(enum payment_state state)
{
	assert(state < PAYMENT_STATE_COUNT);

	return state != PAYMENT_CANCELLED && state != PAYMENT_EXPIRED;
}

/* The newest live payment of that client with that reference: its number, or 0; -1: the chain is
 * too long. */
static int64_t create_reference_taken(struct book *b, int64_t newest)
{
	const struct card *card = cards_find(b->cards, b->store, newest);

	assert(b != NULL);

	for (int i = 0; card != NULL && i < CREATE_REFERENCES_MAX; i++) {
		if (create_is_live(card->state)) {
			return card->number;
		}
		card = cards_find(b->cards, b->store, card->reference_prev);
	}
	return card == NULL ? 0 : -1;
}

/* True, with the outcome set, when the client may not use that reference (now). */
static bool create_reference_refused(struct book *b, struct job *job)
{
	const struct job_create *c = &job->u.create;
	struct keyset_key key = book_reference_key(b, c->request.client, c->reference);
	int64_t newest = 0;
	int64_t taken = 0;

	assert(c->reference.size > 0);

	if (book_key_used(b, b->references, &key, &newest)) {
		taken = create_reference_taken(b, newest);
	}
	if (taken > 0) {
		job->outcome = JOB_TAKEN;
		book_tell(job, cards_find(b->cards, b->store, taken));
	} else if (taken < 0) {
		job->outcome = JOB_EXHAUSTED;
	}
	return taken != 0;
}

/* What an exempt payment would book fits. */
static bool create_fits(const struct book *b, const struct job *job)
{
	const struct job_calculation *c = &job->u.create.calculation;
	struct card card = { .number = b->payment_last + 1 };
	struct entry entry;

	assert(c->gross.minor >= c->due.minor);

	if (c->due.minor > 0 || c->gross.minor == 0) {
		return true;
	}
	card_calculate(&card, c);
	entry_exempt(&entry, &card, job->today);
	return entry_fits(b, &entry);
}

void create_decide(struct book *b, struct job *job)
{
	const struct job_create *c = &job->u.create;

	assert(create_calculation_is_sane(&c->calculation));
	assert(create_conversion_is_sane(&c->calculation));
	assert(c->request.client > 0 && c->request.client <= b->clients.count);

	if (book_request_seen(b, job, &c->request) || create_reference_refused(b, job)) {
		return;
	}
	if (b->payment_last >= ID_NUMBER_MAX) {
		job->outcome = JOB_EXHAUSTED;
	} else if (!create_fits(b, job)) {
		job->outcome = JOB_OVERFLOW;
	}
}

/* What a payment's leaf commits to: who pays, what was asked, the quote's hash. */
static void create_private(const struct job_create *c, struct buffer *out)
{
	struct json_writer w;

	buffer_init(out, JOB_PRIVATE_MAX + 1024);
	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	if (c->payer.size > 0) {
		json_raw(&w, "payer", c->payer);
	}
	json_hex(&w, "quote", c->calculation.quote, sizeof(c->calculation.quote));
	json_raw(&w, "quote_request", c->quote_request);
	json_text(&w, "reference", c->reference);
	json_close_object(&w);
	assert(!out->overflowed);
}

/* The fee before it was converted, if it was. */
static void create_write_conversion(struct json_writer *w, const struct job_conversion *v)
{
	assert(w != NULL);

	if (v->quant == 0) {
		return;
	}
	json_open_object(w, "exchange");
	json_cstring(w, "currency", v->gross.currency);
	json_decimal(w, "gross", v->gross.minor);
	json_decimal(w, "quant", v->quant);
	json_cstring(w, "rate", v->rate);
	json_hex(w, "rates", v->rates, sizeof(v->rates));
	json_close_object(w);
}

/* Members "currency" to "version" of a record that carries a calculation. */
static void create_write_calculation(struct json_writer *w, const struct job_calculation *c)
{
	assert(w != NULL);
	assert(create_calculation_is_sane(c));

	json_open_object(w, "calculation");
	json_cstring(w, "currency", c->due.currency);
	json_day(w, "day", c->day);
	json_decimal(w, "due", c->due.minor);
	create_write_conversion(w, &c->conversion);
	json_decimal(w, "gross", c->gross.minor);
	json_text_said(w, "ground", c->ground);
	json_text(w, "kbk", c->kbk);
	json_decimal(w, "relief", c->relief.minor);
	json_text(w, "rows", c->rows);
	json_text(w, "service", c->service);
	json_hex(w, "tariff", c->tariff, sizeof(c->tariff));
	json_day(w, "valid_from", c->valid_from);
	json_day(w, "valid_until", c->valid_until);
	json_decimal(w, "version", c->version);
	json_close_object(w);
}

static void create_put_calculation(struct book *b, int64_t payment, int64_t record,
	const struct job_calculation *c)
{
	assert(payment > 0);
	assert(record > 0);

	store_put(b->store, SQL_INSERT_CALCULATION,
		(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(record),
			STORE_OF_INT(c->version), STORE_OF_INT(c->day), STORE_OF_INT(c->valid_from),
			STORE_OF_INT(c->valid_until), STORE_OF_TEXT(text_of(c->due.currency)),
			STORE_OF_INT(c->gross.minor), STORE_OF_INT(c->relief.minor),
			STORE_OF_INT(c->due.minor), STORE_OF_TEXT(c->service),
			STORE_OF_TEXT(c->ground), STORE_OF_TEXT(c->kbk), STORE_OF_TEXT(c->rows),
			STORE_OF_BLOB(c->tariff, sizeof(c->tariff)),
			STORE_OF_BLOB(c->quote, sizeof(c->quote)) },
		16);
	if (c->conversion.quant > 0) {
		const struct job_conversion *v = &c->conversion;

		store_put(b->store, SQL_INSERT_CONVERSION,
			(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(record),
				STORE_OF_BLOB(v->rates, sizeof(v->rates)),
				STORE_OF_TEXT(text_of(v->gross.currency)),
				STORE_OF_INT(v->gross.minor), STORE_OF_TEXT(text_of(v->rate)),
				STORE_OF_INT(v->quant) },
			7);
	}
}

/* The idempotency of a record: which request wrote it. */
static void create_write_request(struct book *b, struct json_writer *w, const struct job_request *r)
{
	struct keyset_key key;

	assert(w != NULL);

	if (r->key.size == 0) {
		return;
	}
	key = book_request_key(b, r);
	json_open_object(w, "request");
	json_hex(w, "fingerprint", r->fingerprint, sizeof(r->fingerprint));
	json_hex(w, "key", key.bytes, sizeof(key.bytes));
	json_close_object(w);
}

static int64_t create_record(struct book *b, const struct job *job, const struct card *card)
{
	const struct job_create *c = &job->u.create;
	uint8_t commitment[32];
	struct buffer data;
	struct json_writer *w;
	int64_t record;

	create_private(c, &data);
	book_commitment(b, c->salt, buffer_text(&data), commitment);
	w = journal_begin(b->journal, KIND_PAYMENT, job->now);
	create_write_calculation(w, &c->calculation);
	json_decimal(w, "client", card->client);
	json_time(w, "expires_at", c->expires_at);
	json_decimal(w, "generation", card->generation);
	json_decimal(w, "payment", card->number);
	json_hex(w, "private", commitment, sizeof(commitment));
	create_write_request(b, w, &c->request);
	record = journal_end(b->journal);
	book_put_private(b, record, c->salt, buffer_text(&data));
	buffer_done(&data);
	return record;
}

static void create_put_payment(struct book *b, struct job *job, const struct card *card,
	int64_t record)
{
	struct keyset_key key = book_reference_key(b, card->client, job->u.create.reference);

	assert(record > 0);
	assert(card->number == b->payment_last);

	store_put(b->store, SQL_INSERT_PAYMENT,
		(struct store_value[]){ STORE_OF_INT(card->number), STORE_OF_INT(record),
			STORE_OF_INT(card->generation), STORE_OF_INT(card->client),
			STORE_OF_INT(job->booked_at), STORE_OF_INT(card->expires_at),
			STORE_OF_BLOB(key.bytes, sizeof(key.bytes)),
			STORE_OF_INT(card->reference_prev) },
		8);
	keyset_put(b->references, &key, card->number, record);
	create_put_calculation(b, card->number, record, &job->u.create.calculation);
}

static struct card *create_card(struct book *b, const struct job *job)
{
	const struct job_create *c = &job->u.create;
	struct keyset_key key = book_reference_key(b, c->request.client, c->reference);
	struct card *card = cards_add(b->cards, ++b->payment_last);

	card->generation = b->generation;
	card->client = c->request.client;
	card->expires_at = c->expires_at;
	card_calculate(card, &c->calculation);
	card->state = card->due == 0 ? PAYMENT_EXEMPT : PAYMENT_OPEN;
	if (!book_key_used(b, b->references, &key, &card->reference_prev)) {
		card->reference_prev = 0;
	}
	return card;
}

void create_apply(struct book *b, struct job *job)
{
	const struct job_create *c = &job->u.create;
	struct card *card = create_card(b, job);
	int64_t record = create_record(b, job, card);

	create_put_payment(b, job, card, record);
	if (card->state == PAYMENT_EXEMPT && card->gross > 0) {
		struct entry entry;

		book_step(b, card, record, KIND_EVENT_CREATED);
		entry_exempt(&entry, card, job->today);
		record = entry_write(b, job, &entry);
		book_step(b, card, record, KIND_EVENT_EXEMPT);
	} else {
		book_step(b, card, record,
			card->state == PAYMENT_EXEMPT ? KIND_EVENT_EXEMPT : KIND_EVENT_CREATED);
	}
	if (card->state == PAYMENT_OPEN) {
		store_put(b->store, SQL_PUT_PAYMENT_OPEN,
			(struct store_value[]){ STORE_OF_INT(card->expires_at),
				STORE_OF_INT(card->number) },
			2);
		if (c->has_order && order_decide(card, &c->order) == JOB_DONE) {
			record = order_open(b, job, card, &c->order, false);
		}
	}
	job->record = record;
	book_tell(job, card);
	(void)code_format(b->codes, card->generation, card->number, job->code);
	book_request_keep(b, job, &c->request);
}

void requote_write(struct book *b, struct job *job, struct card *card,
	const struct job_calculation *c)
{
	struct json_writer *w = journal_begin(b->journal, KIND_REQUOTE, job->now);
	int64_t record;

	assert(card->paid == 0);
	assert(create_conversion_is_sane(c));

	create_write_calculation(w, c);
	json_decimal(w, "payment", card->number);
	record = journal_end(b->journal);
	create_put_calculation(b, card->number, record, c);
	card_calculate(card, c);
	book_step(b, card, record, KIND_EVENT_REQUOTED);
	job->record = record;
}

/* A due of nothing, or of what is held already, is not reached by a requote: money or a new payment
 * settles it. */
void requote_decide(struct book *b, struct job *job)
{
	const struct card *card = book_own_card(b, job, 0);
	const struct job_calculation *c = &job->u.requote.calculation;

	assert(create_calculation_is_sane(c));

	if (card == NULL) {
		return;
	}
	book_tell(job, card);
	if (payment_step(card->state, PAYMENT_REQUOTE).verdict != PAYMENT_MOVE ||
		c->due.minor <= card->held || strcmp(c->due.currency, card->currency) != 0) {
		job->outcome = JOB_ILLEGAL;
	} else if (card->valid_from == c->valid_from && card->valid_until == c->valid_until &&
		   card->due == c->due.minor) {
		job->outcome = JOB_REPEATED;
		job->record = card->record;
	}
}

void requote_apply(struct book *b, struct job *job)
{
	struct card *card = cards_find(b->cards, b->store, job->payment);

	assert(card != NULL);

	requote_write(b, job, card, &job->u.requote.calculation);
	book_tell(job, card);
}
