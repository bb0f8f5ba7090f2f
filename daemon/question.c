/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/question.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/requote.h"

enum {
	QUESTION_MAGIC = 0x10E5710A,
	QUESTION_ROUNDS_MAX = 3, /* it is requoted so often at most: the day may turn meanwhile */
};

/* Whether it was written or not, the book is asked again and says how it stands. */
static void question_changed(struct job *job)
{
	struct question *q = job->context;

	assert(q->magic == QUESTION_MAGIC);

	engine_job_done(q->engine, job);
	question_start(q);
}

static void question_requoted(struct requote *requote)
{
	struct question *q = requote->context;

	assert(q->magic == QUESTION_MAGIC);

	if (!requote->succeeded) {
		q->done(q); /* stale as it is */
		return;
	}
	q->change = (struct job){
		.kind = JOB_REQUOTE,
		.done = question_changed,
		.context = q,
		.payment = q->job.payment,
		.u.requote.calculation = requote->calculation,
	};
	engine_submit(q->engine, &q->change);
}

static void question_asked(struct job *job)
{
	struct question *q = job->context;

	assert(q->magic == QUESTION_MAGIC);

	engine_job_done(q->engine, job);
	if (job->outcome != JOB_STALE || q->as_it_stands || q->rounds == QUESTION_ROUNDS_MAX) {
		q->done(q);
		return;
	}
	q->rounds++;
	requote_free(&q->requote);
	q->requote = requote_new(q->engine, job->payment, job->day, question_requoted, q);
	requote_start(q->requote);
}

struct question *question_new(struct engine *engine, const struct engine_gateway *gateway)
{
	struct question *q = mem_new(1, sizeof(*q));

	assert(engine != NULL);
	assert(gateway != NULL);

	q->magic = QUESTION_MAGIC;
	q->engine = engine;
	q->gateway = gateway;
	return q;
}

void question_start(struct question *q)
{
	assert(q->magic == QUESTION_MAGIC);
	assert(q->done != NULL);
	assert((q->order.size > 0) != (q->code.size > 0));

	q->job = (struct job){ .kind = JOB_ASK, .done = question_asked, .context = q };
	q->job.u.ask.code = q->code;
	q->job.u.ask.order = q->order;
	q->job.u.ask.gateway = q->gateway->number;
	engine_submit(q->engine, &q->job);
}

void question_free(struct question **question)
{
	assert(question != NULL);

	if (*question != NULL) {
		assert((*question)->magic == QUESTION_MAGIC);
		(*question)->magic = 0;
		requote_free(&(*question)->requote);
		free(*question);
		*question = NULL;
	}
}
