/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reverse - an entry that was wrong is taken back by a new one, and what it moved moves back.
 *
 * The new entry has the postings of the old one negated and its value date, and is booked today.
 * It is refused where something was built on the old one: a duty that was used, money in suspense
 * that went on from there.  decide and apply read the same; decide only looks.
 */
#include <assert.h>

#include "base/date.h"
#include "ledger/act.h"
#include "ledger/entry.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* What is to be taken back, and with what. */
struct reversal {
	enum kind_cause cause;        /* of the entry that is reversed */
	struct card *card;            /* NULL: the money had no payment */
	struct card_attempt *attempt; /* NULL: none */
	struct money taken;           /* by the gateway; 0: nothing was */
	int64_t parts;                /* that lie in suspense again */
	struct entry entry;
	struct entry_reversal said;
};

/* The old entry's row; false: there is none. */
static bool reverse_read_entry(struct book *b, int64_t number, struct reversal *r)
{
	static const struct store_column columns[] = {
		{ "cause", STORE_INT, KIND_CAPTURE, KIND_CAUSE_END - 1 },
		{ "payment", STORE_INT, 0, ID_NUMBER_MAX },
		{ "attempt", STORE_INT, 0, INT64_MAX },
		{ "gateway", STORE_INT, 0, BOOK_NAMES_MAX },
		{ "value_date", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
		{ "paid_on", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
	};
	bool found;

	store_begin_rows(b->store, SQL_SELECT_ENTRY, (struct store_value[]){ STORE_OF_INT(number) },
		1);
	found = store_row(b->store) &&
		store_row_is(b->store, "entry", number, columns, COUNT(columns));
	if (found) {
		r->cause = (enum kind_cause)store_int(b->store, 0);
		r->entry = (struct entry){ .cause = KIND_REVERSAL,
			.payment = store_int(b->store, 1),
			.attempt = store_int(b->store, 2),
			.gateway = (int32_t)store_int(b->store, 3),
			.value_date = (int32_t)store_int(b->store, 4),
			.paid_on = (int32_t)store_int(b->store, 5) };
	}
	store_end_rows(b->store);
	return found;
}

/* Takes the posting over, negated, and notes what it was. */
static void reverse_take_posting(struct book *b, int64_t number, struct reversal *r)
{
	static const struct store_column columns[] = {
		{ "account", STORE_INT, 1, CHART_ACCOUNTS_MAX },
		{ "amount", STORE_INT, -INT64_MAX, INT64_MAX },
	};
	const struct chart_account *account = chart_at(b->chart, store_int(b->store, 0));
	struct entry *e = &r->entry;
	int64_t amount = store_int(b->store, 1);

	if (!store_row_is(b->store, "posting", number, columns, COUNT(columns))) {
		return;
	}
	if (account == NULL || amount == 0 || e->count == ENTRY_POSTINGS_MAX) {
		store_damaged(b->store, "posting", number, "it is not one the book wrote");
		return;
	}
	if (account->type == KIND_ASSET && amount > 0) {
		r->taken = money_of(amount, account->currency);
	}
	if (account->type == KIND_LIABILITY && amount > 0) {
		r->parts += amount;
	}
	e->postings[e->count].account = *account;
	e->postings[e->count].amount = -amount;
	e->count++;
}

static void reverse_read_postings(struct book *b, int64_t number, struct reversal *r)
{
	store_begin_rows(b->store, SQL_SELECT_POSTINGS,
		(struct store_value[]){ STORE_OF_INT(number) }, 1);
	while (!store_failed(b->store) && store_row(b->store)) {
		reverse_take_posting(b, number, r);
	}
	store_end_rows(b->store);
	if (r->entry.count < 2 && !store_failed(b->store)) {
		store_damaged(b->store, "entry", number, "lines are missing");
	}
}

/* The number of the entry that a question tells, or 0. */
static int64_t reverse_ask(struct book *b, enum sql sql, int64_t number)
{
	static const struct store_column columns[] = { { "entry", STORE_INT, 1, INT64_MAX } };
	int64_t found = 0;

	store_begin_rows(b->store, sql, (struct store_value[]){ STORE_OF_INT(number) }, 1);
	if (store_row(b->store) && store_row_is(b->store, "reversal", number, columns, 1)) {
		found = store_int(b->store, 0);
	}
	store_end_rows(b->store);
	return found;
}

/* What stands on the entry and would fall with it. */
static enum job_reverse_why reverse_why(struct book *b, const struct reversal *r, int64_t number,
	int64_t *by)
{
	bool booked = r->cause == KIND_CAPTURE || r->cause == KIND_EXEMPT;

	*by = reverse_ask(b, SQL_SELECT_REVERSAL, number);
	if (*by > 0) {
		return REVERSE_REVERSED;
	}
	if (r->cause == KIND_REVERSAL) {
		return REVERSE_IS_REVERSAL;
	}
	if (booked && r->card != NULL && r->card->fulfilled) {
		return REVERSE_FULFILLED;
	}
	*by = reverse_ask(b, SQL_SELECT_SUSPENSE_MOVED, number);
	return *by > 0 ? REVERSE_MOVED : REVERSE_FINE;
}

/* The payment and attempt it moved; what they can not be is damage. */
static void reverse_find(struct book *b, int64_t number, struct reversal *r)
{
	const struct entry *e = &r->entry;

	if (e->payment > 0) {
		r->card = cards_find(b->cards, b->store, e->payment);
		if (r->card == NULL && !store_failed(b->store)) {
			store_damaged(b->store, "entry", number, "its payment is missing");
		}
	}
	if (r->card != NULL && e->attempt > 0) {
		r->attempt = attempt_payment(e->attempt) == e->payment
				     ? card_attempt(r->card, e->attempt)
				     : NULL;
		if (r->attempt == NULL) {
			store_damaged(b->store, "entry", number, "its attempt is missing");
		}
	}
}

/* The payment stands as the entry left it: nothing else moves it on from there. */
static bool reverse_fits(const struct reversal *r)
{
	const struct card *card = r->card;

	switch (r->cause) {
	case KIND_CAPTURE:
		return card != NULL && card->state == PAYMENT_PAID;
	case KIND_EXEMPT:
		return card != NULL && card->state == PAYMENT_EXEMPT;
	case KIND_HOLD:
		return card != NULL && card->state == PAYMENT_PARTLY_PAID &&
		       card->held >= r->taken.minor;
	case KIND_SUSPEND:
	case KIND_REVERSAL:
	case KIND_CAUSE_END:
		break;
	}
	return true;
}

/* False: there is no such entry. */
static bool reverse_read(struct book *b, const struct job *job, struct reversal *r)
{
	int64_t number = job->u.reverse.entry;

	if (number <= 0 || number > b->entry_last || !reverse_read_entry(b, number, r)) {
		return false;
	}
	reverse_find(b, number, r);
	reverse_read_postings(b, number, r);
	return true;
}

void reverse_decide(struct book *b, struct job *job)
{
	struct job_reverse *reverse = &job->u.reverse;
	struct reversal r = { .card = NULL };

	assert(reverse->reason.size > 0 && reverse->reason.size <= JOB_REASON_MAX);

	reverse->why = REVERSE_FINE;
	if (act_seen(b, job, &reverse->request)) {
		reverse->by = reverse_ask(b, SQL_SELECT_REVERSAL, reverse->entry);
		return;
	}
	if (!reverse_read(b, job, &r)) {
		job->outcome = JOB_NOT_FOUND;
		return;
	}
	if (r.card != NULL) {
		book_tell(job, r.card);
	}
	reverse->why = reverse_why(b, &r, reverse->entry, &reverse->by);
	if (reverse->why != REVERSE_FINE) {
		job->outcome = JOB_ILLEGAL;
	} else if (!store_failed(b->store) && !reverse_fits(&r)) {
		store_damaged(b->store, "payment", r.entry.payment,
			"it does not stand as entry %lld left it", (long long)reverse->entry);
	} else if (!store_failed(b->store) && !entry_fits(b, &r.entry)) {
		job->outcome = JOB_OVERFLOW;
	}
}

/* What the payment was before any money came. */
static enum payment_state reverse_state_before(struct book *b, const struct card *card)
{
	static const struct store_column columns[] = {
		{ "state", STORE_INT, 0, PAYMENT_STATE_COUNT - 1 },
	};
	enum payment_state state = PAYMENT_OPEN;

	store_begin_rows(b->store, SQL_SELECT_STATE_BEFORE_MONEY,
		(struct store_value[]){ STORE_OF_INT(card->number) }, 1);
	if (store_row(b->store) &&
		store_row_is(b->store, "payment_step", card->number, columns, 1)) {
		state = (enum payment_state)store_int(b->store, 0);
	}
	store_end_rows(b->store);
	return state;
}

/* Where the payment goes, with what it still holds. */
static void reverse_move_payment(struct book *b, const struct reversal *r)
{
	struct card *card = r->card;
	struct payment_step step;

	if (r->cause == KIND_CAPTURE) {
		card->paid = 0;
		card->held = r->parts;
	} else if (r->cause == KIND_HOLD) {
		assert(card->held >= r->taken.minor);
		card->held -= r->taken.minor;
	} else if (r->cause == KIND_SUSPEND) {
		return; /* it was never the payment's */
	}
	step = payment_step(card->state,
		card->held > 0 ? PAYMENT_REVERSE_PART : PAYMENT_REVERSE_FULL);
	assert(step.verdict == PAYMENT_MOVE);
	card->state = step.next;
	if (step.next == PAYMENT_OPEN) {
		card->state = reverse_state_before(b, card);
	}
	if (card->state == PAYMENT_OPEN) {
		store_put(b->store, SQL_PUT_PAYMENT_OPEN,
			(struct store_value[]){ STORE_OF_INT(card->expires_at),
				STORE_OF_INT(card->number) },
			2);
	}
}

/* Before the entry is written, which says the state. */
static void reverse_move_attempt(struct reversal *r)
{
	if (r->attempt == NULL || r->taken.minor == 0) {
		return;
	}
	if (card_release(r->attempt, r->taken)) {
		r->attempt->state = attempt_step(r->attempt->state, ATTEMPT_REVERSE).next;
	}
	r->said.has_state = true;
	r->said.state = r->attempt->state;
}

static void reverse_note_attempt(struct book *b, const struct job *job, const struct reversal *r)
{
	const struct attempt_note note = { .attempt = r->entry.attempt,
		.state = r->attempt->state,
		.paid_on = r->entry.paid_on,
		.reason = job->u.reverse.reason };

	attempt_note(b, r->card, job->record, &note);
}

void reverse_apply(struct book *b, struct job *job)
{
	struct job_reverse *reverse = &job->u.reverse;
	struct reversal r = { .card = NULL };
	const struct store_value moved[] = { STORE_OF_INT(reverse->entry),
		STORE_OF_INT(b->entry_last + 1) };

	if (!reverse_read(b, job, &r) || store_failed(b->store)) {
		assert(store_failed(b->store)); /* it was there a moment ago */
		return;
	}
	r.said = (struct entry_reversal){ .reverses = reverse->entry,
		.actor = &reverse->actor,
		.request = &reverse->request,
		.reason = reverse->reason };
	r.entry.reversal = &r.said;
	reverse_move_attempt(&r);
	job->record = entry_write(b, job, &r.entry);
	reverse->by = b->entry_last;
	job->attempt = r.entry.attempt;
	store_put(b->store, SQL_CLOSE_SUSPENSE_ENTRY, moved, 2);
	store_put(b->store, SQL_OPEN_SUSPENSE, moved, 1);
	if (r.attempt != NULL) {
		reverse_note_attempt(b, job, &r);
	}
	if (r.card != NULL) {
		reverse_move_payment(b, &r);
		book_step(b, r.card, job->record, KIND_EVENT_REVERSED);
		book_tell(job, r.card);
	}
	act_keep(b, job, &reverse->request);
}
