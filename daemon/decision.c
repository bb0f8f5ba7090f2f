/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/decision.h"

#include <assert.h>

#define DECISION_GENERATION INT64_C(10000000000000)

struct alym_decision decision_of(enum alym_answer_kind kind)
{
	return (struct alym_decision){
		.kind = kind,
		.due = money_of(0, "KZT"),
		.service = TEXT(""),
	};
}

/* Why it may not be paid (any more). */
static enum alym_answer_kind decision_closed(enum payment_state state)
{
	return state == PAYMENT_PAID || state == PAYMENT_EXEMPT ? ALYM_ANSWER_PAID
								: ALYM_ANSWER_CLOSED;
}

/* A record's number goes out with the generation before it: a restored book counts on from its
 * copy.  The first generation's is left out. */
static int64_t decision_number(const struct job *job)
{
	assert(job->record > 0 && job->record < DECISION_GENERATION);
	assert(job->written_by > 0);

	return (job->written_by - 1) * DECISION_GENERATION + job->record;
}

static struct alym_decision decision_booked(const struct job *job)
{
	struct alym_decision decision = decision_of(ALYM_ANSWER_NOTED);

	if (job->u.verdict.event == ATTEMPT_DONE) {
		decision.kind = ALYM_ANSWER_BOOKED;
		decision.record = decision_number(job);
		decision.booked_at = job->booked_at;
	}
	return decision;
}

struct alym_decision decision_of_verdict(const struct job *job)
{
	struct alym_decision decision;

	assert(job->kind == JOB_VERDICT);

	switch (job->outcome) {
	case JOB_DONE:
	case JOB_REPEATED:
		decision = decision_booked(job);
		break;
	case JOB_NOT_FOUND:
		return decision_of(ALYM_ANSWER_UNKNOWN);
	case JOB_ILLEGAL:
		decision = decision_of(decision_closed(job->state));
		break;
	case JOB_WRONG_AMOUNT:
		decision = decision_of(ALYM_ANSWER_WRONG_AMOUNT);
		decision.due = job->due;
		break;
	case JOB_MISMATCH:
	case JOB_TAKEN:
	case JOB_BLOCKED:
	case JOB_STALE:
	case JOB_EXHAUSTED:
	case JOB_OVERFLOW:
	case JOB_RESTORED:
	case JOB_FAILED:
	default:
		return decision_of(ALYM_ANSWER_BUSY);
	}
	decision.service = text_of(job->service);
	return decision;
}

struct alym_decision decision_of_ask(const struct job *job)
{
	struct alym_decision decision;
	bool open = job->state == PAYMENT_OPEN || job->state == PAYMENT_PARTLY_PAID;

	assert(job->kind == JOB_ASK);

	if (job->outcome == JOB_NOT_FOUND) {
		return decision_of(ALYM_ANSWER_UNKNOWN);
	}
	if (job->outcome != JOB_DONE && job->outcome != JOB_ILLEGAL) {
		return decision_of(ALYM_ANSWER_BUSY);
	}
	decision = decision_of(ALYM_ANSWER_PAYABLE);
	decision.service = text_of(job->service);
	if (job->outcome == JOB_DONE && open) {
		decision.due = job->due;
	} else {
		decision.kind = decision_closed(job->state);
	}
	return decision;
}
