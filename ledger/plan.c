/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/plan.h"

#include <assert.h>
#include <string.h>

static enum job_outcome plan_target(struct book *b, const struct job_verdict *v, struct plan *p)
{
	int32_t generation;
	int64_t number;

	assert(v->gateway > 0 && v->gateway <= b->gateways.count);

	if (v->unknown) {
		return v->event == ATTEMPT_DONE && v->operation.size > 0 ? JOB_DONE : JOB_NOT_FOUND;
	}
	if (v->order.size > 0) {
		p->attempt_number = order_find(b, v->gateway, v->order);
		p->card = cards_find(b->cards, b->store, attempt_payment(p->attempt_number));
		if (p->card != NULL) {
			p->attempt = card_attempt(p->card, p->attempt_number);
		}
		return p->attempt != NULL ? JOB_DONE : JOB_NOT_FOUND;
	}
	/* By code there is only money: nothing else happens to a payment there. */
	if (v->event != ATTEMPT_DONE || v->operation.size == 0 ||
		!code_parse(b->codes, v->code, &generation, &number)) {
		return JOB_NOT_FOUND;
	}
	p->card = cards_find(b->cards, b->store, number);
	return p->card != NULL && p->card->generation == generation ? JOB_DONE : JOB_NOT_FOUND;
}

/*
 * Whether what was booked under the operation's id is what is said now: the same sum, and no other
 * payment.  (First booked as unknown, and known by now, is the same money.)
 */
static bool plan_is_repeat(struct book *b, const struct job_verdict *v, struct plan *p)
{
	bool same = false;

	assert(p->repeated_entry > 0);

	store_begin_rows(b->store, SQL_SELECT_ENTRY_TAKEN,
		(struct store_value[]){ STORE_OF_INT(p->repeated_entry) }, 1);
	if (store_row(b->store)) {
		int64_t payment = store_int(b->store, 1);

		p->repeated_record = store_int(b->store, 0);
		same = store_int(b->store, 2) == v->amount.minor &&
		       text_is(store_text(b->store, 3), v->amount.currency) &&
		       (payment == 0 || p->card == NULL || payment == p->card->number);
	} else {
		store_damaged(b->store, "entry", p->repeated_entry, "is missing");
	}
	store_end_rows(b->store);
	return same;
}

/* The record of the entry that first brought the attempt to that total. */
static int64_t plan_total_first(struct book *b, const struct plan *p, int64_t total)
{
	int64_t record = 0;

	assert(total > 0);
	assert(total <= p->attempt->captured);

	store_begin_rows(b->store, SQL_SELECT_TOTAL_FIRST,
		(struct store_value[]){ STORE_OF_INT(p->attempt_number), STORE_OF_INT(total) }, 2);
	if (store_row(b->store) && !store_is_null(b->store, 0)) {
		record = store_int(b->store, 0);
	} else {
		store_damaged(b->store, "attempt", p->attempt_number, "no step reached the total");
	}
	store_end_rows(b->store);
	return record;
}

/* How much of it is new: zero when all was booked before.  False: what was taken in all is said in
 * another currency than before. */
static bool plan_amount(struct book *b, const struct job_verdict *v, struct plan *p)
{
	struct entry *e = &p->entry;

	assert(v->event == ATTEMPT_DONE);

	p->amount = v->amount.minor;
	if (v->operation.size > 0 && !v->cumulative) {
		e->operation = v->operation;
		e->operation_key = seal_operation(&b->seal, v->gateway, v->operation);
		e->has_operation = true;
		p->repeated =
			book_key_used(b, b->operations, &e->operation_key, &p->repeated_entry);
	} else if (p->attempt != NULL && p->attempt->captured > 0 &&
		   strcmp(p->attempt->currency, v->amount.currency) != 0) {
		return false;
	} else if (p->attempt != NULL) {
		/* No operation to tell repeats by: the sum of all that was taken tells them. */
		p->amount = v->amount.minor - p->attempt->captured;
		p->repeated = p->amount <= 0;
		if (p->repeated) {
			p->repeated_record = plan_total_first(b, p, v->amount.minor);
		}
	}
	return true;
}

static bool plan_is_settled(enum payment_state state)
{
	return state == PAYMENT_PAID || state == PAYMENT_EXEMPT;
}

/* The due at paid_on decides; which calculation says it? */
static enum job_outcome plan_calculation(struct job *job, struct plan *p)
{
	const struct job_verdict *v = &job->u.verdict;
	const struct job_calculation *c = &v->calculation;

	assert(!plan_is_settled(p->card->state));

	if (card_covers(p->card, v->paid_on)) {
		return JOB_DONE;
	}
	if (v->has_calculation && v->paid_on >= c->valid_from && v->paid_on < c->valid_until) {
		p->calculation = c;
		return JOB_DONE;
	}
	book_tell(job, p->card);
	job->day = v->paid_on;
	return JOB_STALE;
}

/* Nobody will speak of that money again: it came by code, or for an attempt that is final, which no
 * gateway is asked about. */
static bool plan_is_last_word(const struct job_verdict *v, const struct plan *p)
{
	assert(v->event == ATTEMPT_DONE);

	return !v->refusable && (p->attempt == NULL || attempt_is_final(p->attempt->state));
}

/* One account's parts: of an account that is known, in the card's currency, and no more than `rest`
 * of what the card holds. */
static bool plan_part_is(struct book *b, const struct card *card, int64_t rest)
{
	static const struct store_column columns[] = {
		{ "account", STORE_INT, 1, CHART_ACCOUNTS_MAX },
		{ "amount", STORE_INT, 1, INT64_MAX },
		{ "number", STORE_INT, 1, INT64_MAX },
	};
	int64_t row = store_int(b->store, 2);
	const struct chart_account *account = chart_at(b->chart, store_int(b->store, 0));

	assert(card->held > 0);

	if (!store_row_is(b->store, "suspense", row, columns, sizeof(columns) / sizeof(*columns))) {
		return false;
	}
	if (account == NULL) {
		store_damaged(b->store, "suspense", row, "account %lld is unknown",
			(long long)store_int(b->store, 0));
	} else if (strcmp(account->currency, card->currency) != 0) {
		store_damaged(b->store, "suspense", row, "it is not in the payment's currency");
	} else if (store_int(b->store, 1) > rest) {
		store_damaged(b->store, "payment", card->number, "held is less than its parts");
	}
	return !store_failed(b->store);
}

/* Clearing, relief, fee and excess take four postings; the parts may take the rest. */
static bool plan_parts_fit(struct book *b, const struct card *card)
{
	int64_t rest = card->held;
	size_t parts = 0;

	assert(card->held >= 0);

	if (card->held == 0) {
		return true;
	}
	store_begin_rows(b->store, SQL_SELECT_PARTS,
		(struct store_value[]){ STORE_OF_INT(card->number) }, 1);
	while (store_row(b->store) && plan_part_is(b, card, rest)) {
		rest -= store_int(b->store, 1);
		parts++;
	}
	store_end_rows(b->store);
	if (rest > 0) {
		store_damaged(b->store, "payment", card->number, "held is more than its parts");
	}
	return parts + 4 <= ENTRY_POSTINGS_MAX;
}

/* What was due on the day it was paid. */
static enum job_outcome plan_due(struct job *job, struct plan *p, struct money *due)
{
	enum job_outcome outcome = JOB_DONE;

	*due = money_of(p->card->due, p->card->currency);
	if (!plan_is_settled(p->card->state)) {
		outcome = plan_calculation(job, p);
	}
	if (p->calculation != NULL) {
		*due = p->calculation->due;
	}
	return outcome;
}

/* Where the money goes, and to which state that brings the payment. */
static enum job_outcome plan_place(struct book *b, struct job *job, struct plan *p)
{
	const struct job_verdict *v = &job->u.verdict;
	enum job_outcome outcome;
	struct money due;
	int64_t have;
	struct payment_step step;

	p->place = PAYMENT_ENTRY_SUSPEND;
	p->reason = KIND_REASON_UNKNOWN;
	if (p->card == NULL) {
		return JOB_DONE;
	}
	p->state = p->card->state;
	p->reason = KIND_REASON_SECOND;
	outcome = plan_due(job, p, &due);
	if (outcome == JOB_STALE && v->unquoted && plan_is_last_word(v, p)) {
		p->reason = KIND_REASON_UNQUOTED;
		return JOB_DONE;
	}
	if (outcome != JOB_DONE) {
		return outcome;
	}
	if (!money_same_currency(v->amount, due) || strcmp(due.currency, p->card->currency) != 0) {
		p->reason = KIND_REASON_CURRENCY;
		p->calculation = NULL;
		return JOB_DONE;
	}
	if (p->card->state == PAYMENT_CANCELLED && due.minor == 0) {
		/* Its exemption was taken back: it is not granted again, and nothing is owed. */
		p->reason = KIND_REASON_EXCESS;
		p->calculation = NULL;
		return JOB_DONE;
	}
	if (__builtin_add_overflow(p->card->held, p->amount, &have)) {
		return JOB_OVERFLOW;
	}
	step = payment_step(p->card->state, have >= due.minor ? PAYMENT_FULL : PAYMENT_PART);
	assert(step.verdict ==
		PAYMENT_MOVE); /* money is never refused here: the table's columns are full */
	if (step.entry == PAYMENT_ENTRY_PAY && !plan_parts_fit(b, p->card)) {
		/* Parts from more gateways than one entry holds: all is held, and an operator
		 * settles it. */
		step = (struct payment_step){ PAYMENT_MOVE, PAYMENT_PARTLY_PAID,
			PAYMENT_ENTRY_HOLD };
	}
	p->place = step.entry;
	p->state = step.next;
	p->excess = step.entry == PAYMENT_ENTRY_PAY ? have - due.minor : 0;
	return JOB_DONE;
}

/* Where a refusal is possible, anything but the exact due is refused and nothing is booked. */
static enum job_outcome plan_refuse(struct job *job, const struct plan *p)
{
	assert(job->u.verdict.refusable);
	assert(p->card != NULL);

	book_tell(job, p->card);
	if (payment_step(p->card->state, PAYMENT_REQUOTE).verdict != PAYMENT_MOVE) {
		return JOB_ILLEGAL;
	}
	if (p->calculation != NULL) {
		job->due = money_of(p->calculation->due.minor - p->card->held, p->card->currency);
	}
	return p->place == PAYMENT_ENTRY_PAY && p->excess == 0 ? JOB_DONE : JOB_WRONG_AMOUNT;
}

/* The parts held so far leave suspense; plan_parts_fit() has looked at them. */
static void plan_take_parts(struct book *b, struct plan *p)
{
	assert(p->card->held > 0);
	assert(p->place == PAYMENT_ENTRY_PAY);

	store_begin_rows(b->store, SQL_SELECT_PARTS,
		(struct store_value[]){ STORE_OF_INT(p->card->number) }, 1);
	while (store_row(b->store)) {
		struct entry *e = &p->entry;

		assert(e->count < ENTRY_POSTINGS_MAX - 3);
		e->postings[e->count].account = *chart_at(b->chart, store_int(b->store, 0));
		e->postings[e->count].amount = store_int(b->store, 1);
		e->count++;
	}
	store_end_rows(b->store);
}

static void plan_entry(struct book *b, const struct job_verdict *v, struct plan *p)
{
	struct entry *e = &p->entry;
	struct text gateway = text_of(b->gateways.names[v->gateway - 1].name);
	const char *currency = v->amount.currency;
	int64_t suspended = p->place == PAYMENT_ENTRY_PAY ? p->excess : p->amount;

	assert(p->amount > 0);
	assert(p->place != PAYMENT_ENTRY_NONE);

	e->payment = p->card != NULL ? p->card->number : 0;
	e->attempt = p->attempt_number;
	e->gateway = v->gateway;
	e->value_date = v->value_date;
	e->paid_on = v->paid_on;
	e->cause = p->place == PAYMENT_ENTRY_PAY    ? KIND_CAPTURE
		   : p->place == PAYMENT_ENTRY_HOLD ? KIND_HOLD
						    : KIND_SUSPEND;
	entry_add(e, KIND_ASSET, "clearing", gateway, currency, p->amount);
	if (p->place == PAYMENT_ENTRY_PAY) {
		struct card card = *p->card;

		if (p->calculation != NULL) {
			card_calculate(&card, p->calculation);
		}
		if (card.held > 0) {
			plan_take_parts(b, p);
		}
		entry_add_fee(e, &card);
		p->reason = KIND_REASON_EXCESS;
	} else if (p->place == PAYMENT_ENTRY_HOLD) {
		p->reason = KIND_REASON_PART;
	}
	entry_add(e, KIND_LIABILITY, "suspense", gateway, currency, -suspended);
}

static enum job_outcome plan_money(struct book *b, struct job *job, struct plan *p)
{
	const struct job_verdict *v = &job->u.verdict;
	enum job_outcome outcome;

	assert(v->event == ATTEMPT_DONE);

	if (v->amount.minor <= 0 || v->amount.minor > MONEY_API_MAX) {
		return JOB_WRONG_AMOUNT;
	}
	if (!plan_amount(b, v, p)) {
		return JOB_MISMATCH;
	}
	if (p->repeated) {
		return !p->entry.has_operation || plan_is_repeat(b, v, p) ? JOB_DONE : JOB_MISMATCH;
	}
	if (!p->entry.has_operation && p->attempt == NULL) {
		return JOB_NOT_FOUND;
	}
	outcome = plan_place(b, job, p);
	if (outcome == JOB_DONE && v->refusable && p->card != NULL) {
		outcome = plan_refuse(job, p);
	}
	if (outcome != JOB_DONE) {
		return outcome;
	}
	plan_entry(b, v, p);
	return entry_fits(b, &p->entry) ? JOB_DONE : JOB_OVERFLOW;
}

enum job_outcome plan_make(struct book *b, struct job *job, struct plan *p)
{
	const struct job_verdict *v = &job->u.verdict;
	enum job_outcome outcome = plan_target(b, v, p);
	struct attempt_step step = { ATTEMPT_MOVE, ATTEMPT_CAPTURED };

	if (outcome != JOB_DONE) {
		return outcome;
	}
	if (p->attempt != NULL) {
		step = attempt_step(p->attempt->state, v->event);
	}
	p->next = step.next;
	if (step.verdict == ATTEMPT_REFUSE) {
		book_tell(job, p->card);
		job->attempt_state = p->attempt->state;
		return JOB_ILLEGAL;
	}
	if (v->event == ATTEMPT_DONE) {
		return plan_money(b, job, p);
	}
	/* A page that was not known before is news even if the state is not. */
	p->repeated =
		step.verdict == ATTEMPT_REPEAT &&
		(v->page.size == 0 || p->attempt->has_page || attempt_is_final(p->attempt->state));
	p->repeated_record = p->card->record;
	return JOB_DONE;
}
