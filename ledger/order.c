/* SPDX-License-Identifier: Apache-2.0 */

/*
 * order - attempts, and the order numbers they go by at a gateway.
 *
 * Without a daily rule an order number is the attempt's number * 100 + generation: reversible, no
 * index.  Where the last six digits must be unique within a day, it is five digits of the day, two
 * of the generation and a serial modulo a million; a serial is not used again while the order that
 * had the same last six is of yesterday or today, because nobody says by whose clock the day goes.
 *
 * A resumed book does not know which serials were used after its copy was made.  Each generation
 * begins a quarter of a million further on than the last order that is known, and for two days
 * serials that the book never saw are not free.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "ledger/book_parts.h"

enum {
	ORDER_SERIAL_WRAP = 1000000,
	ORDER_SERIAL_LEAP = 250000,
	ORDER_DAILY_DIGITS = 13,
	ORDER_SEND_GRACE_S = 60
};

static struct book_name *order_gateway(struct book *b, int32_t gateway)
{
	assert(gateway > 0);
	assert(gateway <= b->gateways.count);

	return &b->gateways.names[gateway - 1];
}

static int64_t order_serial_last(struct book *b, int32_t gateway)
{
	static const struct store_column columns[] = { { "serial", STORE_INT, 1, INT64_MAX / 2 },
		{ "number", STORE_INT, 1, INT64_MAX } };
	struct book_name *name = order_gateway(b, gateway);

	if (name->order_serial < 0) {
		name->order_serial = 0;
		store_begin_rows(b->store, SQL_SELECT_ORDER_SERIAL,
			(struct store_value[]){ STORE_OF_INT(gateway) }, 1);
		if (store_row(b->store) &&
			store_row_is(b->store, "attempt_order", gateway, columns, 2)) {
			int64_t generation = store_int(b->store, 1) / ORDER_SERIAL_WRAP % 100;

			name->order_serial = store_int(b->store, 0) +
					     (b->generation - generation) * ORDER_SERIAL_LEAP;
		}
		store_end_rows(b->store);
	}
	assert(name->order_serial >= 0);
	return name->order_serial;
}

/* The serial is free: whoever had the same last digits is older than yesterday. */
static bool order_serial_is_free(struct book *b, int32_t gateway, int64_t serial, int32_t today)
{
	int32_t day = INT32_MIN;

	assert(serial > 0);

	if (serial > ORDER_SERIAL_WRAP) {
		day = b->resumed_on; /* if the book never saw it */
		store_begin_rows(b->store, SQL_SELECT_ORDER_DAY,
			(struct store_value[]){ STORE_OF_INT(gateway),
				STORE_OF_INT(serial - ORDER_SERIAL_WRAP) },
			2);
		if (store_row(b->store)) {
			day = (int32_t)store_int(b->store, 0);
		}
		store_end_rows(b->store);
	}
	return day < today - 1;
}

static bool order_rule_fits(const struct job_order_rule *rule, int64_t number)
{
	int digits = snprintf(NULL, 0, "%" PRId64, number);

	assert(rule->digits_max <= JOB_ORDER_SIZE - 1);

	return digits <= rule->digits_max;
}

enum job_outcome order_decide(const struct card *card, const struct job_order *order)
{
	int64_t number;

	assert(order->rule.digits_min <= order->rule.digits_max);

	if (card->attempt_count == ATTEMPT_COUNT_MAX) {
		return JOB_EXHAUSTED;
	}
	number = attempt_number(card->number, card->attempt_count) * 100 + ID_GENERATION_MAX;
	if (order->rule.suffix_daily == 0) {
		return order_rule_fits(&order->rule, number) ? JOB_DONE : JOB_EXHAUSTED;
	}
	return order->rule.digits_max >= ORDER_DAILY_DIGITS ? JOB_DONE : JOB_EXHAUSTED;
}

/* Writes the order's number into `text`, and its row where the gateway's rule needs one. */
static bool order_number(struct book *b, const struct job *job, const struct job_order *order,
	int64_t attempt, char text[JOB_ORDER_SIZE])
{
	int64_t number = attempt * 100 + b->generation;
	int n;

	assert(attempt > 0);

	if (order->rule.suffix_daily > 0) {
		int64_t serial = order_serial_last(b, order->gateway) + 1;

		if (!order_serial_is_free(b, order->gateway, serial, job->today)) {
			return false;
		}
		number = ((int64_t)job->today * 100 + b->generation) * ORDER_SERIAL_WRAP +
			 serial % ORDER_SERIAL_WRAP;
		order_gateway(b, order->gateway)->order_serial = serial;
		store_put(b->store, SQL_INSERT_ATTEMPT_ORDER,
			(struct store_value[]){ STORE_OF_INT(order->gateway), STORE_OF_INT(serial),
				STORE_OF_INT(job->today), STORE_OF_INT(number),
				STORE_OF_INT(attempt) },
			5);
	}
	n = snprintf(text, JOB_ORDER_SIZE, "%0*" PRId64, order->rule.digits_min, number);
	assert(n > 0 && n < JOB_ORDER_SIZE);
	return true;
}

static bool order_parse(struct text order, int64_t *number)
{
	return order.size < JOB_ORDER_SIZE && text_is_digits(order) &&
	       text_parse_integer(order, number);
}

int64_t order_find(struct book *b, int32_t gateway, struct text order)
{
	int64_t number;
	int64_t attempt = 0;
	struct card *card;
	const struct card_attempt *a;

	assert(b != NULL);

	if (gateway <= 0 || gateway > b->gateways.count || !order_parse(order, &number)) {
		return 0;
	}
	if (order_serial_last(b, gateway) > 0) {
		store_begin_rows(b->store, SQL_SELECT_ORDER_ATTEMPT,
			(struct store_value[]){ STORE_OF_INT(gateway), STORE_OF_INT(number) }, 2);
		attempt = store_row(b->store) ? store_int(b->store, 0) : 0;
		store_end_rows(b->store);
	}
	if (attempt == 0) {
		attempt = number / 100;
	}
	card = cards_find(b->cards, b->store, attempt_payment(attempt));
	a = card != NULL ? card_attempt(card, attempt) : NULL;
	if (a != NULL && attempt == number / 100 && a->generation != number % 100) {
		return 0;
	}
	/* Another gateway's order is not this gateway's business. */
	return a != NULL && a->gateway == gateway ? attempt : 0;
}

void attempt_wait(struct book *b, const struct attempt_note *n, int32_t gateway)
{
	const struct store_value values[] = { STORE_OF_INT(n->attempt), STORE_OF_INT(gateway),
		STORE_OF_INT(n->state), STORE_OF_INT(n->next_at) };
	bool final = attempt_is_final(n->state);

	assert(n->attempt > 0);
	assert(gateway > 0);

	store_put(b->store, final ? SQL_DELETE_ATTEMPT_OPEN : SQL_PUT_ATTEMPT_OPEN, values,
		final ? 1 : 4);
}

void attempt_note(struct book *b, const struct card *card, int64_t record,
	const struct attempt_note *n)
{
	const struct card_attempt *a = &card->attempts[attempt_index(n->attempt)];

	assert(attempt_payment(n->attempt) == card->number);
	assert(a->state == n->state);

	store_put(b->store, SQL_INSERT_ATTEMPT_STEP,
		(struct store_value[]){ STORE_OF_INT(n->attempt), STORE_OF_INT(record),
			STORE_OF_INT(n->state), STORE_OF_INT(a->captured),
			STORE_OF_TEXT(text_of(a->currency)),
			n->paid_on == DATE_NONE ? STORE_OF_NULL : STORE_OF_INT(n->paid_on),
			STORE_OF_TEXT(n->operation), STORE_OF_TEXT(n->handle),
			STORE_OF_TEXT(n->reason), STORE_OF_TEXT(n->page) },
		10);
	attempt_wait(b, n, a->gateway);
}

static int64_t order_record(struct book *b, const struct job *job, const struct card *card,
	const char *number, const struct job_order *order, const struct job_request *request)
{
	const struct card_attempt *a = &card->attempts[card->attempt_count - 1];
	struct json_writer *w = journal_begin(b->journal, KIND_ATTEMPT, job->now);

	assert(a->state == ATTEMPT_CREATED);

	json_decimal(w, "amount", a->amount);
	json_decimal(w, "attempt", attempt_number(card->number, card->attempt_count - 1));
	json_time(w, "expires_at", a->expires_at);
	json_decimal(w, "gateway", a->gateway);
	json_text_said(w, "language", order->language);
	json_cstring(w, "order", number);
	json_decimal(w, "payment", card->number);
	if (request != NULL) {
		book_write_request(b, w, request);
	}
	seal_write(&b->seal, w, "return_url", order->return_url);
	json_text_said(w, "route", order->route);
	json_cstring(w, "state", attempt_state_name(a->state));
	return journal_end(b->journal);
}

int64_t order_open(struct book *b, struct job *job, struct card *card,
	const struct job_order *order, const struct job_request *request)
{
	int64_t attempt = attempt_number(card->number, card->attempt_count);
	struct card_attempt *a = &card->attempts[card->attempt_count];
	char number[JOB_ORDER_SIZE];
	struct attempt_note note;
	int64_t record;

	assert(card->attempt_count < ATTEMPT_COUNT_MAX);
	assert(card_rest(card) > 0);

	if (!order_number(b, job, order, attempt, number)) {
		return card->record; /* the day's numbers are used up: not attempted */
	}
	*a = (struct card_attempt){ .state = ATTEMPT_CREATED,
		.generation = b->generation,
		.gateway = order->gateway,
		.amount = card_rest(card),
		.expires_at = order->expires_at };
	memcpy(a->currency, card->currency, sizeof(a->currency));
	card->attempt_count++;
	record = order_record(b, job, card, number, order, request);
	store_put(b->store, SQL_INSERT_ATTEMPT,
		(struct store_value[]){ STORE_OF_INT(attempt), STORE_OF_INT(record),
			STORE_OF_INT(order->gateway), STORE_OF_TEXT(text_of(number)),
			STORE_OF_TEXT(text_of(card->currency)), STORE_OF_INT(a->amount),
			STORE_OF_INT(job->booked_at), STORE_OF_INT(order->expires_at),
			STORE_OF_TEXT(order->return_url), STORE_OF_TEXT(order->language),
			STORE_OF_TEXT(order->route) },
		11);
	note = (struct attempt_note){ .attempt = attempt,
		.state = ATTEMPT_CREATED,
		.paid_on = DATE_NONE,
		.next_at = job->now };
	attempt_note(b, card, record, &note);
	book_step(b, card, record, request != NULL ? KIND_EVENT_ATTEMPT_CREATED : KIND_EVENT_NONE);
	job->attempt = attempt;
	job->attempt_state = ATTEMPT_CREATED;
	return record;
}

/* The record and rows of an attempt that leaves the outbox. */
static int64_t order_leave(struct book *b, struct job *job, struct card *card,
	const struct attempt_note *note, enum kind_event event)
{
	struct json_writer *w = journal_begin(b->journal, KIND_ATTEMPT, job->now);
	int64_t record;

	json_decimal(w, "attempt", note->attempt);
	json_decimal(w, "payment", card->number);
	json_text_said(w, "reason", note->reason);
	json_cstring(w, "state", attempt_state_name(note->state));
	record = journal_end(b->journal);
	attempt_note(b, card, record, note);
	book_step(b, card, record, event);
	return record;
}

void order_suspect(struct book *b, struct job *job, int64_t attempt)
{
	struct card *card = cards_find(b->cards, b->store, attempt_payment(attempt));
	struct card_attempt *a = card != NULL ? card_attempt(card, attempt) : NULL;
	struct attempt_note note = { .attempt = attempt,
		.paid_on = DATE_NONE,
		.next_at = job->now,
		.state = ATTEMPT_SENT };

	if (a == NULL || a->state != ATTEMPT_CREATED) {
		store_damaged(b->store, "attempt_open", attempt, "is not in the outbox");
		return;
	}
	a->state = ATTEMPT_SENT;
	/* The job has a record of its own. */
	(void)order_leave(b, job, card, &note, KIND_EVENT_NONE);
}

/* ---- JOB_ATTEMPT ---- */

void attempt_decide(struct book *b, struct job *job)
{
	const struct job_attempt *a = &job->u.attempt;
	const struct card *card;
	int64_t rest;
	bool stale;

	assert(a->order.gateway > 0);

	if (book_request_seen(b, job, &a->request)) {
		return;
	}
	card = book_own_card(b, job, a->request.client);
	if (card == NULL) {
		return;
	}
	book_tell(job, card);
	stale = !card_covers(card, job->today);
	rest = stale && a->has_calculation ? a->calculation.due.minor - card->held
					   : card_rest(card);
	/* There is no rest where all is held, because the parts are more than one entry takes. */
	if (payment_step(card->state, PAYMENT_ATTEMPT).verdict != PAYMENT_MOVE ||
		(rest <= 0 && (!stale || a->has_calculation))) {
		job->outcome = JOB_ILLEGAL;
	} else if (card_live_attempt(card) != 0) {
		job->attempt = card_live_attempt(card);
		job->generation = card->attempts[attempt_index(job->attempt)].generation;
		job->outcome = JOB_BLOCKED;
	} else if (stale && !a->has_calculation) {
		job->day = job->today;
		job->outcome = JOB_STALE;
	} else {
		job->outcome = order_decide(card, &a->order);
	}
}

void attempt_apply(struct book *b, struct job *job)
{
	const struct job_attempt *a = &job->u.attempt;
	struct card *card = cards_find(b->cards, b->store, job->payment);

	assert(card != NULL);

	if (!card_covers(card, job->today)) {
		requote_write(b, job, card, &a->calculation);
	}
	job->attempt = 0;
	job->record = order_open(b, job, card, &a->order, &a->request);
	if (job->attempt == 0) {
		job->outcome = JOB_EXHAUSTED;
		return;
	}
	book_tell(job, card);
	book_request_keep(b, job, &a->request);
}

/* ---- JOB_SEND ---- */

void send_decide(struct book *b, struct job *job)
{
	struct card *card = cards_find(b->cards, b->store, attempt_payment(job->attempt));
	struct card_attempt *a = card != NULL ? card_attempt(card, job->attempt) : NULL;

	if (a == NULL) {
		job->outcome = JOB_NOT_FOUND;
		return;
	}
	book_tell(job, card);
	job->attempt_state = a->state;
	if (attempt_step(a->state, ATTEMPT_SEND).verdict != ATTEMPT_MOVE) {
		job->outcome = JOB_ILLEGAL;
	}
}

/* A payment that is no longer to be paid, or a session past its end, is not sent at all. */
void send_apply(struct book *b, struct job *job)
{
	struct card *card = cards_find(b->cards, b->store, attempt_payment(job->attempt));
	struct card_attempt *a = card_attempt(card, job->attempt);
	bool wanted = payment_step(card->state, PAYMENT_ATTEMPT).verdict == PAYMENT_MOVE &&
		      a->expires_at > job->now;
	struct attempt_note note = { .attempt = job->attempt, .paid_on = DATE_NONE };

	assert(a->state == ATTEMPT_CREATED);

	a->state = attempt_step(a->state, wanted ? ATTEMPT_SEND : ATTEMPT_MISS).next;
	if (!wanted) {
		note.reason = TEXT("the payment is no longer to be paid, or the session has ended");
	}
	note.state = a->state;
	note.next_at = job->now + ORDER_SEND_GRACE_S;
	job->record = order_leave(b, job, card, &note,
		wanted ? KIND_EVENT_NONE : KIND_EVENT_ATTEMPT_NOT_ATTEMPTED);
	job->attempt_state = a->state;
	book_tell(job, card);
}
