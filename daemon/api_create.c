/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/payments.
 *
 * A request that can not be granted today - another amount is due, the tariff or the gateway is
 * gone - may still be the repetition of one that was: before such a refusal the book is asked by
 * the key alone.  What is malformed is refused without asking.
 */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "base/identifier.h"
#include "daemon/api.h"
#include "daemon/api_order.h"
#include "daemon/quotes.h"
#include "daemon/view.h"

enum {
	API_CREATE_PAYER_MAX = 2048,
	API_CREATE_NAME_MAX = 200,    /* bytes of a payer's name */
	API_CREATE_DOCUMENT_MAX = 64, /* bytes of a payer's document */
};

_Static_assert((int)API_CREATE_PAYER_MAX + (int)QUOTE_REQUEST_SIZE_MAX <= (int)JOB_PRIVATE_MAX,
	"what was read can be kept");

struct api_create {
	struct api_payment answer; /* first */
	struct job job;
	struct api_key key;
	struct json_value *body;
	struct api_quote quote;
	struct buffer texts; /* payer, then the quote's request: canonical */
	struct money expect; /* or no currency: not stated */
	struct api_order order;
	struct problem refusal; /* what to say unless it is a repetition */
};

static struct api_create *api_create_of(struct job *job)
{
	return job->context;
}

static void api_create_release(struct api_query *query)
{
	struct api_create *c = (struct api_create *)(void *)query;

	json_free(&c->body);
	quotes_drop(query->engine->quotes, &c->quote.quoted);
	buffer_done(&c->texts);
}

/* ---- reading the body ---- */

static void api_create_take_register(struct json_reader *payer, const char *name,
	struct text *number)
{
	json_take_text(payer, name, JSON_OPTIONAL, IDENTIFIER_REGISTER_SIZE, number);
	if (number->size == 0) {
		return;
	}
	if (number->size != IDENTIFIER_REGISTER_SIZE || !text_is_digits(*number)) {
		json_complain(payer, JSON_WRONG, name, "must be %d digits",
			IDENTIFIER_REGISTER_SIZE);
	} else if (!identifier_is_register(*number)) {
		json_complain(payer, JSON_WRONG, name,
			"has a wrong check digit: a digit was mistyped, or two were exchanged");
	}
}

/* Writes who pays as canonical JSON; nothing when the body does not say. */
static void api_create_read_payer(struct json_reader *body, struct buffer *out)
{
	enum { BIN, DOCUMENT, IIN, NAME, COUNT };
	static const char *const names[COUNT] = { "bin", "document", "iin", "name" };
	struct text texts[COUNT] = { { NULL, 0 } };
	struct json_reader payer;
	struct json_writer w;
	int identities = 0;

	json_take_object(body, "payer", JSON_OPTIONAL, &payer);
	api_create_take_register(&payer, names[BIN], &texts[BIN]);
	json_take_text(&payer, names[DOCUMENT], JSON_OPTIONAL, API_CREATE_DOCUMENT_MAX,
		&texts[DOCUMENT]);
	api_create_take_register(&payer, names[IIN], &texts[IIN]);
	json_take_text(&payer, names[NAME], JSON_OPTIONAL, API_CREATE_NAME_MAX, &texts[NAME]);
	if (payer.object == NULL || !json_reader_end(&payer)) {
		return;
	}
	for (int i = 0; i < NAME; i++) {
		identities += texts[i].size > 0 ? 1 : 0;
	}
	if (identities != 1) {
		json_complain(&payer, JSON_WRONG, "", "must have one of iin, bin, document");
		return;
	}
	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	for (int i = 0; i < COUNT; i++) {
		json_text_said(&w, names[i], texts[i]);
	}
	json_close_object(&w);
}

static void api_create_read_quote(struct json_reader *body, struct quote_request *request)
{
	struct json_reader quote;
	int32_t day = DATE_NONE;

	json_take_object(body, "quote", JSON_REQUIRED, &quote);
	quote_read(&quote, false, NULL, NULL, request, &day);
	if (!json_reader_end(&quote)) {
		return; /* the complaint sticks in the body's problem */
	}
}

static bool api_create_read(struct api_create *c, struct problem *problem)
{
	struct json_problem complaint = { 0 };
	struct json_reader body;
	struct json_writer w;
	struct job_create *create = &c->job.u.create;
	size_t payer_size;

	json_reader_init(&body, c->body, "", &complaint);
	json_take_text(&body, "reference", JSON_REQUIRED, JOB_REFERENCE_MAX, &create->reference);
	json_take_money(&body, "expect", JSON_OPTIONAL, &c->expect);
	api_create_read_payer(&body, &c->texts);
	api_create_read_quote(&body, &c->quote.request);
	api_order_read(&body, JSON_OPTIONAL, &c->order);
	if (!json_reader_end(&body)) {
		problem_of_json(problem, &complaint);
		return false;
	}
	payer_size = c->texts.size;
	json_writer_init(&w, &c->texts);
	quote_request_write(&c->quote.request, &w, NULL);
	assert(!c->texts.overflowed);
	create->payer = (struct text){ c->texts.bytes, payer_size };
	create->quote_request =
		(struct text){ c->texts.bytes + payer_size, c->texts.size - payer_size };
	return true;
}

static void api_create_bind(const struct api_request *r, struct api_create *c)
{
	struct job_create *create = &c->job.u.create;
	struct api_key_body said;

	api_key_body_init(&said);
	if (c->expect.currency[0] != '\0') {
		json_money(&said.w, "expect", c->expect);
	}
	json_text_said(&said.w, "gateway", c->order.gateway);
	json_text_said(&said.w, "method", c->order.method);
	if (create->payer.size > 0) {
		json_raw(&said.w, "payer", create->payer);
	}
	json_raw(&said.w, "quote", create->quote_request);
	json_text(&said.w, "reference", create->reference);
	json_text_said(&said.w, "return_url", c->order.return_url);
	api_key_bind(r, &said, &create->request);
}

/* ---- judging it ---- */

static bool api_create_expects(const struct api_create *c, struct problem *problem)
{
	struct money due = c->quote.quoted->quote.due;

	if (c->expect.currency[0] == '\0' ||
		(money_same_currency(c->expect, due) && c->expect.minor == due.minor)) {
		return true;
	}
	problem_set(problem, PROBLEM_AMOUNT_CHANGED, "expect", "the due is another one now");
	problem->due = due;
	return false;
}

/* Everything that may be otherwise tomorrow; fills the rest of the job. */
static bool api_create_weigh(struct engine *engine, struct api_create *c)
{
	struct job_create *create = &c->job.u.create;
	int64_t now = engine_now(engine);
	struct router_payment payment;

	if (engine->ports.disk_free(engine->ports.world) < engine->settings.disk_reserve) {
		problem_set(&c->refusal, PROBLEM_OVERLOADED, "",
			"too little disk is left for new payments");
		return false;
	}
	if (!api_quote_make(engine, engine_today(engine), "quote.", &c->quote, &c->refusal) ||
		!api_create_expects(c, &c->refusal)) {
		return false;
	}
	quoting_calculation(c->quote.quoted, &create->calculation);
	create->expires_at = now + engine->settings.payment_days * DATE_DAY_S;
	create->has_order = api_order_is_wanted(&c->order) && create->calculation.due.minor > 0;
	engine->ports.random(engine->ports.world, create->salt, sizeof(create->salt));
	payment = (struct router_payment){ .client = create->request.client,
		.reference = create->reference,
		.amount = create->calculation.due,
		.service = create->calculation.service };
	return !create->has_order ||
	       api_order_make(engine, &c->order, &payment, create->calculation.valid_until,
		       &create->order, &c->refusal);
}

/* ---- the book's answer ---- */

/*
 * Answers with the payment just made, of which all is known here: the book need not be read.  The
 * same bytes as those that a repetition gets from the book, and a test holds us to that.
 */
static void api_create_answer(struct api_create *c, const struct job *job)
{
	const struct job_create *create = &job->u.create;
	struct payment_view view = { .number = job->payment,
		.generation = job->generation,
		.as_of_record = job->record,
		.client = job->client,
		.state = job->state,
		.due = create->calculation.due,
		.paid = money_of(0, create->calculation.due.currency),
		.held = money_of(0, create->calculation.due.currency),
		.created_at = job->booked_at,
		.expires_at = create->expires_at,
		.calculation = create->calculation,
		.reference = create->reference };
	struct json_writer w;

	assert(job->attempt == 0);
	assert(job->code[0] != '\0');

	memcpy(view.code, job->code, sizeof(view.code));
	json_writer_init(&w, &c->answer.query.out);
	api_payment_prefer(&c->answer.query);
	view_payment(&w, NULL, &view, TEXT(""), c->quote.quoted->parts,
		c->answer.query.minimal ? 0 : c->quote.quoted->part_count);
	api_query_answer(&c->answer.query);
}

static void api_create_done(struct job *job)
{
	struct api_create *c = api_create_of(job);
	struct engine *engine = c->answer.query.engine;

	engine_job_done(engine, job);
	if (job->outcome == JOB_DONE) {
		engine->counts.payments++;
		if (job->attempt > 0) {
			dispatch_send(engine, job->attempt, job->u.create.order.gateway);
		}
	}
	if (job->outcome == JOB_DONE && job->attempt == 0) {
		api_create_answer(c, job);
		return;
	}
	if (job->outcome == JOB_DONE || job->outcome == JOB_REPEATED) {
		api_payment_of_job(&c->answer, job);
		return;
	}
	api_problem_of_job(job, &c->answer.query.problem);
	api_query_answer(&c->answer.query);
}

static void api_create_probed(struct job *job)
{
	struct api_create *c = api_create_of(job);

	engine_job_done(c->answer.query.engine, job);
	api_probe_answer(&c->answer, job, &c->refusal);
}

void api_payments_post(struct api_request *r)
{
	struct api_create *c = api_query_new(r, sizeof(*c), api_payment_run);
	struct problem *problem = &c->answer.query.problem;
	struct job_request *request = &c->job.u.create.request;

	c->answer.query.release = api_create_release;
	c->answer.query.status = 201;
	c->order.language = api_order_language(r->call);
	buffer_init(&c->texts, API_CREATE_PAYER_MAX + QUOTE_REQUEST_SIZE_MAX);
	if (!api_body_read(r, false, &c->body, problem) ||
		!api_key_take(r, ROUTE_CREATE, &c->key, request, problem) ||
		!api_create_read(c, problem)) {
		api_query_answer(&c->answer.query);
		return;
	}
	api_create_bind(r, c);
	c->job.context = c;
	if (api_create_weigh(r->engine, c)) {
		c->job.kind = JOB_CREATE;
		c->job.done = api_create_done;
	} else {
		api_probe(&c->job, request);
		c->job.done = api_create_probed;
	}
	engine_submit(r->engine, &c->job);
}
