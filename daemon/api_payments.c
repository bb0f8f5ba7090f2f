/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/payments and /v1/payments/{id}.
 *
 * A list shows payments without their quotes: five hundred arguments about the law would not fit an
 * answer.  By reference or by code at most one payment is listed.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/view.h"

/* ---- one ---- */

/* Whose payments this caller may see: one client's, or (0) everybody's. */
static int32_t api_payments_owner(const struct api_request *r)
{
	return r->sees_all ? 0 : r->client;
}

void api_payment_get(struct api_request *r)
{
	struct api_payment *p = api_query_new(r, sizeof(*p), api_payment_run);
	struct problem *problem = &p->query.problem;
	struct parameters parameters;

	p->as_of = READER_LATEST;
	p->client = api_payments_owner(r);
	api_payment_prefer(&p->query);
	parameters_init(&parameters, r->call, problem);
	if (!parameters_end(&parameters) || !api_payment_named(r, p, problem)) {
		api_query_answer(&p->query);
		return;
	}
	api_query_start(&p->query);
}

/* ---- many ---- */

struct api_payments {
	struct api_query query; /* first */
	struct job job;         /* by reference: the book is asked */
	char reference[JOB_REFERENCE_MAX + 1];
	char code[2 * CODE_SIZE]; /* people type spaces and hyphens */
	int32_t generation;       /* of the code's payment; 0: whichever */
	struct reader_filter filter;
	struct api_page page;
	size_t count;
	int64_t next;
	int64_t numbers[API_LIMIT_MAX];
};

_Static_assert((int)API_LIMIT_MAX == (int)READER_ROWS_MAX, "a page is what a reader gives at once");

static struct api_payments *api_payments_of(struct api_query *query)
{
	return (struct api_payments *)(void *)query;
}

/* Takes a state by its name. */
static void api_payments_take_state(struct parameters *p, struct reader_filter *filter)
{
	char name[JOB_NAME_MAX];

	if (!parameters_text(p, "state", name, sizeof(name))) {
		return;
	}
	for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
		if (strcmp(name, payment_state_name((enum payment_state)i)) == 0) {
			filter->has_state = true;
			filter->state = (enum payment_state)i;
			return;
		}
	}
	problem_set(p->problem, PROBLEM_INVALID_FIELD, "state", "state is not a payment's state");
}

/* Days of Almaty, both inclusive, become instants. */
static void api_payments_take_days(struct parameters *p, const struct zone *almaty,
	struct reader_filter *filter)
{
	int32_t from;
	int32_t to;

	if (parameters_day(p, "from", &from)) {
		filter->created_from = zone_day_start(almaty, from);
	}
	if (parameters_day(p, "to", &to)) {
		filter->created_until = zone_day_start(almaty, to + 1);
	}
}

/* A payment named by reference or code is not filtered further. */
static void api_payments_check_alone(struct parameters *p, const struct api_payments *list)
{
	bool named = list->reference[0] != '\0' || list->code[0] != '\0';
	bool filtered = list->filter.has_state || list->filter.created_from != 0 ||
			list->filter.created_until != 0 || list->page.after != 0 ||
			(list->reference[0] != '\0' && list->code[0] != '\0');

	if (named && filtered && p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD,
			list->reference[0] != '\0' ? "reference" : "code",
			"a reference, or a code, stands alone");
	}
}

static bool api_payments_read(const struct api_request *r, struct api_payments *list)
{
	struct parameters p;
	int size;

	parameters_init(&p, r->call, &list->query.problem);
	(void)parameters_text(&p, "reference", list->reference, sizeof(list->reference));
	(void)parameters_text(&p, "code", list->code, sizeof(list->code));
	api_payments_take_state(&p, &list->filter);
	api_payments_take_days(&p, r->engine->almaty, &list->filter);
	size = snprintf(list->page.list, sizeof(list->page.list),
		"payments %" PRId32 " %d %" PRId64 " %" PRId64, list->filter.client,
		list->filter.has_state ? (int)list->filter.state : -1, list->filter.created_from,
		list->filter.created_until);
	assert(size > 0 && (size_t)size < sizeof(list->page.list));
	api_page_take(&p, &list->page);
	api_payments_check_alone(&p, list);
	return parameters_end(&p);
}

/* Which numbers: the one that is named, or a page of those that match. */
static bool api_payments_find(struct reader *reader, struct api_payments *list)
{
	struct reader_page page = { .after = list->page.after, .limit = (size_t)list->page.limit };

	if (list->reference[0] != '\0') {
		return true;
	}
	if (list->code[0] != '\0') {
		list->count = reader_code(reader, text_of(list->code), &list->generation,
				      &list->numbers[0])
				      ? 1
				      : 0;
		return true;
	}
	if (!reader_payments(reader, &list->filter, &page, list->numbers, &list->query.err)) {
		api_query_fail(&list->query);
		return false;
	}
	list->count = page.count;
	list->next = page.next;
	assert(list->count <= API_LIMIT_MAX);
	return true;
}

static bool api_payments_write_one(struct reader *reader, struct api_payments *list, int64_t number,
	struct json_writer *w)
{
	const char *public_url = list->query.engine->settings.public_url;
	struct payment_view view;
	enum reader_result result;
	char url[VIEW_URL_MAX];

	payment_view_init(&view);
	result = reader_payment(reader, number, READER_LATEST, &view, &list->query.err);
	if (result == READER_FOUND &&
		(list->generation == 0 || view.generation == list->generation) &&
		(list->filter.client == 0 || view.client == list->filter.client)) {
		view_payment(w, NULL, &view, view_pay_url(public_url, reader, &view, url), NULL, 0);
	}
	payment_view_done(&view);
	if (result == READER_FAILED) {
		api_query_fail(&list->query);
	}
	return result != READER_FAILED;
}

static void api_payments_run(struct reader *reader, struct api_query *query)
{
	struct api_payments *list = api_payments_of(query);
	struct json_writer w;
	bool ok = api_payments_find(reader, list);

	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_open_array(&w, "items");
	for (size_t i = 0; ok && i < list->count; i++) {
		ok = api_payments_write_one(reader, list, list->numbers[i], &w);
	}
	api_page_close(&w, &list->page, list->next);
}

static void api_payments_asked(struct job *job)
{
	struct api_payments *list = job->context;

	engine_job_done(list->query.engine, job);
	if (job->outcome != JOB_DONE && job->outcome != JOB_NOT_FOUND) {
		api_problem_of_job(job, &list->query.problem);
		api_query_answer(&list->query);
		return;
	}
	list->count = job->outcome == JOB_DONE ? 1 : 0;
	list->numbers[0] = job->payment;
	api_query_start(&list->query);
}

void api_payments_get(struct api_request *r)
{
	struct api_payments *list = api_query_new(r, sizeof(*list), api_payments_run);

	list->filter.client = api_payments_owner(r);
	if (!api_payments_read(r, list)) {
		api_query_answer(&list->query);
		return;
	}
	if (list->reference[0] == '\0') {
		api_query_start(&list->query);
		return;
	}
	if (r->client == 0) {
		problem_set(&list->query.problem, PROBLEM_INVALID_FIELD, "reference",
			"a reference is a client's own; the caller is none");
		api_query_answer(&list->query);
		return;
	}
	list->job.kind = JOB_ASK;
	list->job.context = list;
	list->job.done = api_payments_asked;
	list->job.u.ask.client = r->client;
	list->job.u.ask.reference = text_of(list->reference);
	engine_submit(r->engine, &list->job);
}
