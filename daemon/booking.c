/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/booking.h"

#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "daemon/requote.h"

enum {
	BOOKING_MAGIC = 0x7E4D1C70,
	BOOKING_ROUNDS_MAX = 4, /* quoted anew, or sent to suspense, so often at most */
};

static const char *const booking_names[] = {
	[ALYM_DONE] = "done",
	[ALYM_PENDING] = "pending",
	[ALYM_DECLINED] = "declined",
	[ALYM_NOT_ATTEMPTED] = "not_attempted",
	[ALYM_UNKNOWN] = "unknown",
};

static const char *const booking_outcomes[] = {
	[JOB_DONE] = "done",
	[JOB_REPEATED] = "repeated",
	[JOB_MISMATCH] = "mismatch",
	[JOB_NOT_FOUND] = "not_found",
	[JOB_TAKEN] = "taken",
	[JOB_ILLEGAL] = "illegal",
	[JOB_BLOCKED] = "blocked",
	[JOB_STALE] = "stale",
	[JOB_WRONG_AMOUNT] = "wrong_amount",
	[JOB_EXHAUSTED] = "exhausted",
	[JOB_OVERFLOW] = "overflow",
	[JOB_RESTORED] = "restored",
	[JOB_FAILED] = "failed",
};

_Static_assert(sizeof(booking_outcomes) / sizeof(*booking_outcomes) == JOB_FAILED + 1,
	"every outcome has a name");

static enum attempt_event booking_event_done(enum alym_operation operation)
{
	return operation == ALYM_OPERATION_RELEASE ? ATTEMPT_RELEASE : ATTEMPT_DONE;
}

/* Whether the order was refused, or only what we wanted done with money that is held. */
static enum attempt_event booking_event_declined(enum alym_operation operation, bool expired)
{
	if (operation == ALYM_OPERATION_RELEASE) {
		return ATTEMPT_LOSE;
	}
	return expired ? ATTEMPT_EXPIRE : ATTEMPT_DECLINE;
}

enum attempt_event booking_event(enum alym_operation operation, const struct alym_verdict *said)
{
	bool held = operation == ALYM_OPERATION_CAPTURE || operation == ALYM_OPERATION_RELEASE;

	assert(said != NULL);

	switch (said->kind) {
	case ALYM_DONE:
		return booking_event_done(operation);
	case ALYM_PENDING:
		return said->authorized ? ATTEMPT_AUTHORIZE : ATTEMPT_PEND;
	case ALYM_DECLINED:
		return booking_event_declined(operation, said->expired);
	case ALYM_NOT_ATTEMPTED: /* a capture that never left leaves the money held */
		return held ? ATTEMPT_AUTHORIZE : ATTEMPT_MISS;
	case ALYM_UNKNOWN:
		break;
	}
	return ATTEMPT_LOSE;
}

/* The gateway's own time as an instant; false: it did not say, or said nonsense. */
static bool booking_instant(const struct engine_gateway *gateway, const struct alym_verdict *said,
	int32_t today, int64_t *instant)
{
	if (said->paid == ALYM_PAID_INSTANT) {
		*instant = said->paid_at;
		return true;
	}
	if (said->paid != ALYM_PAID_LOCAL || said->paid_day < 1 || said->paid_day > today + 2) {
		return false;
	}
	*instant = zone_instant(gateway->zone, said->paid_day, said->paid_second);
	return true;
}

int32_t booking_paid_on(const struct engine *engine, const struct engine_gateway *gateway,
	const struct alym_verdict *said, int64_t at)
{
	int32_t today = zone_day(engine->almaty, at);
	int64_t instant;

	assert(gateway->zone != NULL);

	if (!booking_instant(gateway, said, today, &instant) || instant < at - gateway->window_s ||
		instant > at + BOOKING_AHEAD_S) {
		return today;
	}
	return zone_day(engine->almaty, instant);
}

/* Where the payer is to go.  A form's fields are not kept: they are made anew for each browser. */
static struct text booking_page(struct carry *carry, const struct alym_verdict *said)
{
	struct json_writer w;
	struct buffer out;
	struct text page;

	if (said->pay_url.size == 0 && said->form_url.size == 0) {
		return TEXT("");
	}
	buffer_init(&out, JOB_PAGE_MAX);
	json_writer_init(&w, &out);
	json_open_object(&w, NULL);
	if (said->pay_url.size > 0) {
		json_text(&w, "url", said->pay_url);
	} else {
		json_open_array(&w, "fields");
		json_close_array(&w);
		json_text(&w, "form_url", said->form_url);
	}
	json_close_object(&w);
	assert(!out.overflowed);
	page = carry_text(carry, buffer_text(&out));
	buffer_done(&out);
	return page;
}

static void booking_log(struct booking *v)
{
	const struct job *job = &v->job;
	char attempt[ENGINE_NUMBER_SIZE];
	char record[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(v->gateway->name) },
		{ "verdict", text_of(booking_names[v->kind]) },
		{ "outcome", text_of(booking_outcomes[job->outcome]) },
		{ "order", job->u.verdict.order },
		{ "attempt", engine_number(job->attempt, attempt) },
		{ "record", engine_number(job->record, record) },
		{ "reason", job->u.verdict.reason },
	};

	engine_log(v->engine, PORTS_INFO, "gateway.verdict", fields,
		sizeof(fields) / sizeof(*fields));
}

/* Money without a home is an operator's task. */
static void booking_log_money(struct booking *v, enum ports_level level, const char *event,
	struct money money)
{
	char amount[MONEY_TEXT_SIZE];
	char record[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(v->gateway->name) },
		{ "order", v->job.u.verdict.order },
		{ "operation", v->job.u.verdict.operation },
		{ "amount", text_of(money_format(money, amount)) },
		{ "record", engine_number(v->job.record, record) },
		{ "outcome", text_of(booking_outcomes[v->job.outcome]) },
	};

	engine_log(v->engine, level, event, fields, sizeof(fields) / sizeof(*fields));
}

static void booking_count_money(struct booking *v)
{
	const struct job_verdict *booked = &v->job.u.verdict;
	bool whole = booked->unknown || booked->entry == PAYMENT_ENTRY_SUSPEND;

	v->engine->counts.captures++;
	if (whole || booked->excess.minor > 0) {
		v->engine->counts.suspense++;
		booking_log_money(v, PORTS_WARNING, "suspense.booked",
			whole ? booked->amount : booked->excess);
	} else if (booked->entry == PAYMENT_ENTRY_HOLD) {
		v->engine->counts.suspense++;
	}
}

static void booking_finish(struct booking *v)
{
	const struct job *job = &v->job;
	bool money = job->u.verdict.event == ATTEMPT_DONE;

	v->engine->counts.verdicts[v->kind]++;
	booking_log(v);
	if (money && job->outcome == JOB_DONE && !job->u.verdict.repeated_money) {
		booking_count_money(v);
	} else if (money && !job->u.verdict.refusable && job->outcome != JOB_DONE &&
		   job->outcome != JOB_REPEATED) {
		booking_log_money(v, PORTS_ERROR, "gateway.money_not_booked",
			job->u.verdict.amount);
	}
	v->done(v);
}

static void booking_requoted(struct requote *requote)
{
	struct booking *v = requote->context;
	struct job_verdict *said;

	assert(v->magic == BOOKING_MAGIC);

	said = &v->job.u.verdict;
	said->has_calculation = requote->succeeded;
	said->calculation = requote->calculation;
	said->unquoted = !requote->succeeded;
	if (requote->unread || v->engine->failed) {
		booking_finish(v); /* nobody knows whether it can be quoted */
	} else {
		booking_submit(v);
	}
}

static void booking_booked(struct job *job)
{
	struct booking *v = job->context;
	struct job_verdict *said;
	bool taken;
	bool again;

	assert(v->magic == BOOKING_MAGIC);

	engine_job_done(v->engine, job);
	said = &job->u.verdict;
	taken = said->event == ATTEMPT_DONE && !said->refusable && !said->unknown;
	again = v->rounds < BOOKING_ROUNDS_MAX;
	if (again && job->outcome == JOB_STALE && !said->unquoted) {
		requote_free(&v->requote);
		v->requote = requote_new(v->engine, job->payment, job->day, booking_requoted, v);
		requote_start(v->requote);
	} else if (again && job->outcome == JOB_NOT_FOUND && taken) {
		/* Money is never dropped: what fits nothing we know goes to suspense whole. */
		said->unknown = true;
		booking_submit(v);
	} else {
		booking_finish(v);
	}
}

static void booking_fill(struct booking *v, enum alym_operation operation,
	const struct alym_verdict *said, int64_t at)
{
	struct job_verdict *job = &v->job.u.verdict;

	job->gateway = v->gateway->number;
	job->order = carry_text(&v->carry, said->order);
	job->code = carry_text(&v->carry, said->code);
	job->event = booking_event(operation, said);
	job->amount = money_of(0, "KZT");
	if (job->event == ATTEMPT_DONE) {
		job->amount = said->amount;
		job->operation = carry_text(&v->carry, said->operation);
	}
	job->cumulative = said->cumulative;
	job->refusable = said->refusable;
	job->paid_on = booking_paid_on(v->engine, v->gateway, said, at);
	job->value_date = job->paid_on;
	job->handle = carry_text(&v->carry, said->handle);
	job->reason = carry_text(&v->carry, said->reason);
	job->page = booking_page(&v->carry, said);
	job->evidence = TEXT("");
}

struct booking *booking_new(struct engine *engine, struct engine_gateway *gateway,
	enum alym_operation operation, const struct alym_verdict *said, int64_t at)
{
	struct booking *v = mem_new(1, sizeof(*v));

	assert(gateway != NULL);
	assert(gateway->number > 0);
	assert(engine != NULL);
	assert(at > DATE_DAY_S);

	v->magic = BOOKING_MAGIC;
	v->engine = engine;
	v->gateway = gateway;
	v->kind = said->kind;
	booking_fill(v, operation, said, at);
	return v;
}

void booking_submit(struct booking *booking)
{
	struct booking *v = booking;

	assert(v->magic == BOOKING_MAGIC);
	assert(v->done != NULL);

	v->rounds++;
	v->job.kind = JOB_VERDICT;
	v->job.done = booking_booked;
	v->job.context = v;
	v->job.payment = 0;
	v->job.attempt = 0;
	v->job.record = 0;
	v->engine->ports.random(v->engine->ports.world, v->job.u.verdict.salt, JOB_SALT_SIZE);
	engine_submit(v->engine, &v->job);
}

void booking_free(struct booking **booking)
{
	assert(booking != NULL);

	if (*booking != NULL) {
		assert((*booking)->magic == BOOKING_MAGIC);
		(*booking)->magic = 0;
		requote_free(&(*booking)->requote);
		carry_done(&(*booking)->carry);
		free(*booking);
		*booking = NULL;
	}
}
