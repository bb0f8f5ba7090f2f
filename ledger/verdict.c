/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verdict - what a gateway said becomes what the book says: the attempt moves, money finds its
 * place.
 *
 * decide and apply make the same plan from the same memory; decide only looks whether it can be
 * done. Money that was taken is never dropped: what fits nowhere goes to suspense (docs/LEDGER.md).
 */
#include <assert.h>

#include "base/date.h"
#include "ledger/plan.h"

void verdict_decide(struct book *b, struct job *job)
{
	struct plan p = { 0 };

	assert(job->kind == JOB_VERDICT);

	job->outcome = plan_make(b, job, &p);
	job->attempt = p.attempt_number;
}

static enum kind_event verdict_attempt_event(enum attempt_state state)
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

	assert(state < ATTEMPT_STATE_COUNT);
	assert(events[state] != KIND_EVENT_NONE);

	return events[state];
}

static void verdict_move_attempt(struct book *b, struct job *job, struct plan *p, int64_t record)
{
	const struct job_verdict *v = &job->u.verdict;
	struct attempt_note note = { .attempt = p->attempt_number,
		.state = p->next,
		.paid_on = v->event == ATTEMPT_DONE ? v->paid_on : DATE_NONE,
		.next_at = v->next_at,
		.operation = v->event == ATTEMPT_DONE ? v->operation : TEXT(""),
		.handle = v->handle,
		.reason = v->reason,
		.page = v->page };

	assert(p->attempt != NULL);

	p->attempt->state = p->next;
	if (v->event == ATTEMPT_DONE) {
		card_capture(p->attempt, money_of(p->amount, v->amount.currency));
	}
	p->attempt->has_page = p->attempt->has_page || v->page.size > 0;
	attempt_note(b, p->card, record, &note);
	job->attempt_state = p->next;
}

/* A verdict without money: the attempt's own record. */
static int64_t verdict_write_attempt(struct book *b, const struct job *job, const struct plan *p,
	const uint8_t *evidence)
{
	const struct job_verdict *v = &job->u.verdict;
	struct json_writer *w = journal_begin(b->journal, KIND_ATTEMPT, job->now);

	assert(p->attempt != NULL);
	assert(v->reason.size <= JOB_REASON_MAX);

	json_decimal(w, "attempt", p->attempt_number);
	if (evidence != NULL) {
		json_hex(w, "evidence", evidence, 32);
	}
	seal_write(&b->seal, w, "handle", v->handle);
	seal_write(&b->seal, w, "page", v->page);
	json_decimal(w, "payment", p->card->number);
	json_text_said(w, "reason", v->reason);
	json_cstring(w, "state", attempt_state_name(p->next));
	return journal_end(b->journal);
}

/* Of the money, what has no home. */
static int64_t verdict_homeless(const struct plan *p)
{
	assert(p->excess >= 0);

	return p->place == PAYMENT_ENTRY_PAY ? p->excess : p->amount;
}

static void verdict_suspend(struct book *b, const struct plan *p)
{
	const struct entry *e = &p->entry;
	int64_t amount = verdict_homeless(p);

	assert(e->count > 0);

	if (p->place == PAYMENT_ENTRY_PAY && p->card->held > 0) {
		store_put(b->store, SQL_CLOSE_SUSPENSE,
			(struct store_value[]){ STORE_OF_INT(p->card->number),
				STORE_OF_INT(b->entry_last) },
			2);
	}
	if (amount > 0) {
		/* The suspense posting is the entry's last. */
		store_put(b->store, SQL_INSERT_SUSPENSE,
			(struct store_value[]){ STORE_OF_INT(++b->suspense_last),
				STORE_OF_INT(b->entry_last), STORE_OF_INT(e->payment),
				STORE_OF_INT(
					chart_find(b->chart, &e->postings[e->count - 1].account)),
				STORE_OF_INT(amount), STORE_OF_INT(p->reason) },
			6);
	}
}

static void verdict_move_payment(struct book *b, struct plan *p, int64_t record)
{
	static const enum kind_event events[] = {
		[PAYMENT_ENTRY_HOLD] = KIND_EVENT_PARTLY_PAID,
		[PAYMENT_ENTRY_PAY] = KIND_EVENT_PAID,
		[PAYMENT_ENTRY_SUSPEND] = KIND_EVENT_EXCESS,
	};
	struct card *card = p->card;
	enum payment_state before = card->state;

	assert(p->place != PAYMENT_ENTRY_NONE);

	card->state = p->state;
	if (p->place == PAYMENT_ENTRY_PAY) {
		card->paid = card->due;
		card->held = 0;
	} else if (p->place == PAYMENT_ENTRY_HOLD) {
		card->held += p->amount;
	}
	if (before == PAYMENT_OPEN && card->state != PAYMENT_OPEN) {
		store_put(b->store, SQL_DELETE_PAYMENT_OPEN,
			(struct store_value[]){ STORE_OF_INT(card->expires_at),
				STORE_OF_INT(card->number) },
			2);
	}
	book_step(b, card, record, events[p->place]);
}

/* Nothing new was said: only when to ask again. */
static void verdict_repeat(struct book *b, struct job *job, const struct plan *p)
{
	job->outcome = JOB_REPEATED;
	job->record = p->repeated_record;
	/* A repeat is answered as the first was, to the byte. */
	store_begin_rows(b->store, SQL_SELECT_RECORD_TIME,
		(struct store_value[]){ STORE_OF_INT(job->record) }, 1);
	if (store_row(b->store)) {
		job->booked_at = store_int(b->store, 0);
	}
	store_end_rows(b->store);
	job->u.verdict.repeated_money = job->u.verdict.event == ATTEMPT_DONE;
	if (p->attempt != NULL) {
		const struct attempt_note note = { .attempt = p->attempt_number,
			.state = p->attempt->state,
			.next_at = job->u.verdict.next_at };

		attempt_wait(b, &note, p->attempt->gateway);
		job->attempt_state = p->attempt->state;
	}
}

/* The entry, what of it has no home, and where the money went. */
static int64_t verdict_write_entry(struct book *b, struct job *job, struct plan *p,
	const uint8_t *evidence)
{
	struct job_verdict *v = &job->u.verdict;
	int64_t record;

	assert(v->event == ATTEMPT_DONE);

	p->entry.evidence = evidence;
	p->entry.said = p->attempt != NULL ? v : NULL;
	p->entry.suspended = verdict_homeless(p) > 0 ? p->reason : KIND_REASON_NONE;
	record = entry_write(b, job, &p->entry);
	verdict_suspend(b, p);
	v->entry = p->place;
	v->excess = money_of(p->place == PAYMENT_ENTRY_SUSPEND ? p->amount : p->excess,
		v->amount.currency);
	return record;
}

/* The payment goes on at another gateway in the same commit, so that no crash comes in between. */
static void verdict_go_on(struct book *b, struct job *job, const struct plan *p)
{
	static const struct job_request nobody = { .client = 0 };
	struct job_verdict *v = &job->u.verdict;
	const int64_t attempt = job->attempt;
	const enum attempt_state state = job->attempt_state;

	assert(p->card != NULL);
	assert(v->has_next);

	job->attempt = 0;
	if (payment_step(p->card->state, PAYMENT_ATTEMPT).verdict == PAYMENT_MOVE &&
		card_covers(p->card, job->today) && card_rest(p->card) > 0 &&
		card_live_attempt(p->card) == 0 && v->next.expires_at > job->now &&
		order_decide(p->card, &v->next) == JOB_DONE) {
		(void)order_open(b, job, p->card, &v->next, &nobody);
	}
	v->next_attempt = job->attempt;
	job->attempt = attempt;
	job->attempt_state = state;
}

static void verdict_write(struct book *b, struct job *job, struct plan *p)
{
	struct job_verdict *v = &job->u.verdict;
	uint8_t commitment[32];
	struct buffer data;
	const uint8_t *evidence = evidence_commit(b, v, commitment, &data) ? commitment : NULL;

	assert(!p->repeated);

	if (p->calculation != NULL) {
		requote_write(b, job, p->card, p->calculation);
	}
	if (v->event == ATTEMPT_DONE) {
		job->record = verdict_write_entry(b, job, p, evidence);
	} else {
		job->record = verdict_write_attempt(b, job, p, evidence);
	}
	if (p->attempt != NULL) {
		verdict_move_attempt(b, job, p, job->record);
	}
	if (v->event == ATTEMPT_DONE && p->card != NULL) {
		verdict_move_payment(b, p, job->record);
	} else if (p->card != NULL) {
		book_step(b, p->card, job->record, verdict_attempt_event(p->next));
	}
	evidence_keep(b, v, job->record, &data);
	buffer_done(&data);
	if (v->has_next && p->next == ATTEMPT_NOT_ATTEMPTED) {
		verdict_go_on(b, job, p);
	}
}

void verdict_apply(struct book *b, struct job *job)
{
	struct plan p = { 0 };
	enum job_outcome outcome = plan_make(b, job, &p);

	if (b->failed || store_failed(b->store)) {
		return; /* a look-up failed in between: the batch is lost, and its plan means
			   nothing */
	}
	job->u.verdict.next_attempt = 0;
	assert(outcome == JOB_DONE); /* decided a moment ago, from the same memory */

	if (p.repeated) {
		verdict_repeat(b, job, &p);
	} else {
		verdict_write(b, job, &p);
	}
	if (p.card != NULL) {
		book_tell(job, p.card);
	}
	if (job->u.verdict.inbox != 0) {
		store_put(b->store, SQL_DELETE_INBOX,
			(struct store_value[]){ STORE_OF_INT(job->u.verdict.inbox) }, 1);
		b->inbox_count -= store_changed(b->store);
	}
}
