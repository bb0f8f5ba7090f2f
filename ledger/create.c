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
	int64_t newest = 0;
	int64_t taken = 0;

	assert(c->reference.size > 0);

	b->asked.reference = seal_reference(&b->seal, c->request.client, c->reference);
	if (book_key_used(b, b->references, &b->asked.reference, &newest)) {
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

/* What an exempt payment books, into book->exempt; false: it does not fit. */
static bool create_plan(struct book *b, const struct job *job)
{
	const struct job_calculation *c = &job->u.create.calculation;
	struct card card = { .number = b->payment_last + 1 };

	assert(c->gross.minor >= c->due.minor);

	b->exempt.count = 0;
	if (c->due.minor > 0 || c->gross.minor == 0) {
		return true;
	}
	card_calculate(&card, c);
	entry_exempt(&b->exempt, &card, job->today);
	return entry_fits(b, &b->exempt);
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
	} else if (!create_plan(b, job)) {
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

/* Number and record of the payment, and the calculation's columns. */
enum { CREATE_CALCULATION_COLUMNS = 16, CREATE_PAYMENT_COLUMNS = 24 };

static void create_fill_calculation(struct store_value *values, int64_t payment, int64_t record,
	const struct job_calculation *c)
{
	assert(payment > 0);
	assert(record > 0);

	values[0] = STORE_OF_INT(payment);
	values[1] = STORE_OF_INT(record);
	values[2] = STORE_OF_INT(c->version);
	values[3] = STORE_OF_INT(c->day);
	values[4] = STORE_OF_INT(c->valid_from);
	values[5] = STORE_OF_INT(c->valid_until);
	values[6] = STORE_OF_TEXT(text_of(c->due.currency));
	values[7] = STORE_OF_INT(c->gross.minor);
	values[8] = STORE_OF_INT(c->relief.minor);
	values[9] = STORE_OF_INT(c->due.minor);
	values[10] = STORE_OF_TEXT(c->service);
	values[11] = STORE_OF_TEXT(c->ground);
	values[12] = STORE_OF_TEXT(c->kbk);
	values[13] = STORE_OF_TEXT(c->rows);
	values[14] = STORE_OF_BLOB(c->tariff, sizeof(c->tariff));
	values[15] = STORE_OF_BLOB(c->quote, sizeof(c->quote));
}

static void create_put_conversion(struct book *b, int64_t payment, int64_t record,
	const struct job_conversion *v)
{
	assert(payment > 0);

	if (v->quant == 0) {
		return;
	}
	store_put(b->store, SQL_INSERT_CONVERSION,
		(struct store_value[]){ STORE_OF_INT(payment), STORE_OF_INT(record),
			STORE_OF_BLOB(v->rates, sizeof(v->rates)),
			STORE_OF_TEXT(text_of(v->gross.currency)), STORE_OF_INT(v->gross.minor),
			STORE_OF_TEXT(text_of(v->rate)), STORE_OF_INT(v->quant) },
		7);
}

/* What an exempt payment books is part of its record. */
static int64_t create_record(struct book *b, const struct job *job, const struct card *card)
{
	const struct job_create *c = &job->u.create;
	const struct keyset_key *reference = &b->asked.reference;
	uint8_t commitment[32];
	struct buffer data;
	struct json_writer *w;
	int64_t record;

	create_private(c, &data);
	book_commitment(b, c->salt, buffer_text(&data), commitment);
	w = journal_begin(b->journal, KIND_PAYMENT, job->now);
	create_write_calculation(w, &c->calculation);
	json_decimal(w, "client", card->client);
	if (b->exempt.count > 0) {
		json_open_object(w, "entry");
		entry_write_members(b, w, &b->exempt);
		json_close_object(w);
	}
	json_time(w, "expires_at", c->expires_at);
	json_decimal(w, "generation", card->generation);
	json_decimal(w, "payment", card->number);
	json_hex(w, "private", commitment, sizeof(commitment));
	json_hex(w, "reference", reference->bytes, sizeof(reference->bytes));
	book_write_request(b, w, &c->request);
	record = journal_end(b->journal);
	book_put_private(b, record, c->salt, buffer_text(&data));
	buffer_done(&data);
	return record;
}

static void create_put_payment(struct book *b, const struct job *job, const struct card *card)
{
	const struct job_create *c = &job->u.create;
	const struct book_request *asked = &b->asked;
	size_t sealed = c->request.key.size > 0 ? KEYSET_KEY_SIZE : 0;
	struct store_value values[CREATE_PAYMENT_COLUMNS];
	struct store_value *own = values + CREATE_CALCULATION_COLUMNS;

	assert(card->record > 0);
	assert(card->number == b->payment_last);

	create_fill_calculation(values, card->number, card->record, &c->calculation);
	own[0] = STORE_OF_INT(card->generation);
	own[1] = STORE_OF_INT(card->client);
	own[2] = STORE_OF_INT(job->booked_at);
	own[3] = STORE_OF_INT(card->expires_at);
	own[4] = STORE_OF_BLOB(asked->reference.bytes, sizeof(asked->reference.bytes));
	own[5] = STORE_OF_INT(card->reference_prev);
	own[6] = STORE_OF_BLOB(asked->key.bytes, sealed);
	own[7] = STORE_OF_BLOB(asked->fingerprint.bytes, sealed);
	store_put(b->store, SQL_INSERT_PAYMENT, values, CREATE_PAYMENT_COLUMNS);
	create_put_conversion(b, card->number, card->record, &c->calculation.conversion);
	keyset_put(b->references, &asked->reference, card->number, card->record);
	if (sealed > 0) {
		keyset_put(b->creations, &asked->key, card->number, card->record);
	}
}

static struct card *create_card(struct book *b, const struct job *job)
{
	const struct job_create *c = &job->u.create;
	struct card *card = cards_add(b->cards, ++b->payment_last);

	card->generation = b->generation;
	card->client = c->request.client;
	card->expires_at = c->expires_at;
	card_calculate(card, &c->calculation);
	card->state = card->due == 0 ? PAYMENT_EXEMPT : PAYMENT_OPEN;
	if (!book_key_used(b, b->references, &b->asked.reference, &card->reference_prev)) {
		card->reference_prev = 0;
	}
	return card;
}

void create_apply(struct book *b, struct job *job)
{
	const struct job_create *c = &job->u.create;
	struct card *card = create_card(b, job);
	int64_t record = create_record(b, job, card);

	assert(b->exempt.count == 0 || b->exempt.payment == card->number);

	card->record = record;
	create_put_payment(b, job, card);
	if (b->exempt.count > 0) {
		entry_put(b, job, &b->exempt, record);
	}
	book_event(b, card, record,
		card->state == PAYMENT_EXEMPT ? KIND_EVENT_EXEMPT : KIND_EVENT_CREATED);
	if (card->state == PAYMENT_OPEN) {
		store_put(b->store, SQL_PUT_PAYMENT_OPEN,
			(struct store_value[]){ STORE_OF_INT(card->expires_at),
				STORE_OF_INT(card->number) },
			2);
		if (c->has_order && order_decide(card, &c->order) == JOB_DONE) {
			record = order_open(b, job, card, &c->order, NULL);
		}
	}
	job->record = record;
	book_tell(job, card);
	(void)code_format(b->codes, card->generation, card->number, job->code);
}

void requote_write(struct book *b, struct job *job, struct card *card,
	const struct job_calculation *c)
{
	struct json_writer *w = journal_begin(b->journal, KIND_REQUOTE, job->now);
	struct store_value values[CREATE_CALCULATION_COLUMNS];
	int64_t record;

	assert(card->paid == 0);
	assert(create_conversion_is_sane(c));

	create_write_calculation(w, c);
	json_decimal(w, "payment", card->number);
	seal_write(&b->seal, w, "quote", (struct text){ (const char *)c->quote, sizeof(c->quote) });
	record = journal_end(b->journal);
	create_fill_calculation(values, card->number, record, c);
	store_put(b->store, SQL_INSERT_REQUOTE, values, CREATE_CALCULATION_COLUMNS);
	create_put_conversion(b, card->number, record, &c->conversion);
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
