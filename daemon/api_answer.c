/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A payment as the answer to a call, viewed as of a record.
 *
 * The first answer to a request and its repetition are both derived here, from the record that the
 * request wrote: that is what makes them the same bytes.  (Of a payment just created, without an
 * order, all is known at once: daemon/api_create.c writes those bytes itself.)
 */
#include <assert.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/quotes.h"
#include "daemon/view.h"

void api_payment_prefer(struct api_query *q)
{
	q->minimal = call_prefers(q->call, "return=minimal");
}

static void api_payment_write(struct reader *reader, struct api_payment *p,
	const struct payment_view *view)
{
	struct engine *engine = p->query.engine;
	const struct text nothing = TEXT("null");
	struct quoted *quoted = NULL;
	struct json_writer w;
	char url[VIEW_URL_MAX];

	/* Nobody knows any more what was quoted, even where the answer would still be in memory. */
	if (!view->erased && !p->query.minimal &&
		!quoting_derive(engine, reader, view, &quoted, &p->query.err)) {
		problem_set(&p->query.problem, PROBLEM_INTERNAL, "quote",
			"the quote can not be derived again");
		return;
	}
	json_writer_init(&w, &p->query.out);
	view_payment(&w, NULL, view, view_pay_url(engine->settings.public_url, reader, view, url),
		quoted != NULL ? quoted->parts : &nothing,
		p->query.minimal ? 0 : (quoted != NULL ? quoted->part_count : 1));
	quotes_drop(engine->quotes, &quoted);
}

bool api_payment_is_theirs(const struct api_payment *p, const struct payment_view *view)
{
	return (p->generation == 0 || p->generation == view->generation) &&
	       (p->client == 0 || p->client == view->client);
}

void api_payment_run(struct reader *reader, struct api_query *query)
{
	struct api_payment *p = (struct api_payment *)(void *)query;
	struct payment_view view;
	enum reader_result result;

	payment_view_init(&view);
	result = reader_payment(reader, p->number, p->as_of, &view, &query->err);
	if (result == READER_FOUND && !api_payment_is_theirs(p, &view)) {
		result = READER_ABSENT;
	}
	if (api_query_found(query, result, "payment")) {
		api_payment_write(reader, p, &view);
	}
	payment_view_done(&view);
}

void api_payment_of_job(struct api_payment *p, const struct job *job)
{
	assert(job->outcome == JOB_DONE || job->outcome == JOB_REPEATED);
	assert(job->payment > 0);
	assert(job->record > 0);

	p->query.run = api_payment_run;
	p->query.then = NULL;
	p->query.replayed = job->outcome == JOB_REPEATED;
	api_payment_prefer(&p->query);
	p->number = job->payment;
	p->as_of = job->record;
	api_query_start(&p->query);
}

static void api_problem_id(const struct job *job, enum id_kind kind, int64_t number,
	char out[ID_SIZE])
{
	if (number > 0 && job->generation > 0) {
		(void)id_format((struct id){ .kind = kind,
					.generation = job->generation,
					.number = number },
			out);
	}
}

void api_problem_of_job(const struct job *job, struct problem *problem)
{
	static const struct {
		enum problem_code code;
		const char *field;
		const char *detail;
	} rows[JOB_FAILED + 1] = {
		[JOB_MISMATCH] = { PROBLEM_IDEMPOTENCY_MISMATCH, "Idempotency-Key",
			"this key came before with another path or body" },
		[JOB_NOT_FOUND] = { PROBLEM_NOT_FOUND, "", "there is no such payment" },
		[JOB_TAKEN] = { PROBLEM_REFERENCE_TAKEN, "reference",
			"the reference has an open or paid payment" },
		[JOB_ILLEGAL] = { PROBLEM_ILLEGAL_STATE, "",
			"the payment's state does not allow it" },
		[JOB_BLOCKED] = { PROBLEM_ATTEMPT_LIVE, "",
			"an attempt is live, or its outcome is unknown" },
		[JOB_STALE] = { PROBLEM_UNAVAILABLE, "", "the day is turning" },
		[JOB_WRONG_AMOUNT] = { PROBLEM_AMOUNT_CHANGED, "", "another amount is due" },
		[JOB_EXHAUSTED] = { PROBLEM_LIMIT_REACHED, "",
			"no more attempts, or order numbers, are left" },
		[JOB_OVERFLOW] = { PROBLEM_OUT_OF_RANGE, "", "a sum would be too large" },
		[JOB_RESTORED] = { PROBLEM_BOOK_RESTORED, "",
			"the book was restored; alymctl book resume lets it go on" },
		[JOB_FAILED] = { PROBLEM_UNAVAILABLE, "", "nothing was written" },
	};

	assert(job->outcome <= JOB_FAILED);
	assert(rows[job->outcome].detail != NULL);

	problem_set(problem, rows[job->outcome].code, rows[job->outcome].field, "%s",
		rows[job->outcome].detail);
	if (job->outcome == JOB_TAKEN) {
		api_problem_id(job, ID_PAYMENT, job->payment, problem->payment);
	} else if (job->outcome == JOB_BLOCKED) {
		api_problem_id(job, ID_ATTEMPT, job->attempt, problem->attempt);
	} else if (job->outcome == JOB_ILLEGAL) {
		problem->state = payment_state_name(job->state);
	} else if (job->outcome == JOB_WRONG_AMOUNT) {
		problem->due = job->due;
	}
}

bool api_payment_named(const struct api_request *r, struct api_payment *p, struct problem *problem)
{
	struct id id;

	assert(r != NULL);
	assert(p != NULL);

	if (!id_parse(text_of(r->name), ID_PAYMENT, &id)) {
		problem_set(problem, PROBLEM_NOT_FOUND, "id", "there is no such payment");
		return false;
	}
	p->number = id.number;
	p->generation = id.generation;
	return true;
}

void api_probe(struct job *job, const struct job_request *request)
{
	struct job_cancel probe = { .request = *request };

	assert(request->key.size > 0);

	/* The book looks at the key first, and there is no payment 0 to be cancelled. */
	memset(&job->u, 0, sizeof(job->u));
	job->u.cancel = probe;
	job->kind = JOB_CANCEL;
	job->payment = 0;
}

void api_probe_answer(struct api_payment *p, const struct job *job, const struct problem *refusal)
{
	assert(job->outcome != JOB_DONE);
	assert(refusal->code != PROBLEM_NONE);

	if (job->outcome == JOB_REPEATED) {
		api_payment_of_job(p, job);
		return;
	}
	if (job->outcome == JOB_NOT_FOUND) {
		p->query.problem = *refusal;
	} else {
		api_problem_of_job(job, &p->query.problem);
	}
	api_query_answer(&p->query);
}
