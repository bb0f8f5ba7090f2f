/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/payments/{id}/recompute and /v1/payments/recompute: is what was stored what the law of
 * that day still comes to?
 *
 * Each calculation of a payment is made again from its stored request, set and version, by nothing
 * that is remembered, and compared with what the book has.  The list walks all payments and shows
 * the calculations that differ; every payment is read by itself, so that no read transaction lasts.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/api.h"
#include "daemon/view.h"

/* One calculation, as stored and as made again. */
struct api_recomputed {
	int64_t record;
	struct payment_view view; /* as of that record */
	struct quote quote;       /* what the texts of `derived` point into */
	struct job_calculation derived;
	bool is_derived; /* else `err` says why not */
	bool is_same;
	struct err err;
};

struct api_recompute_counts {
	int64_t payments;
	int64_t calculations;
	int64_t same;
	int64_t erased; /* payments whose request the law had erased: nothing to compare */
};

struct api_recompute {
	struct api_payment payment; /* first; its query is ours */
	bool all;
	struct api_page page;
	struct api_recompute_counts counts;
	struct api_recomputed one;
};

static struct api_recompute *api_recompute_of(struct api_query *query)
{
	return (struct api_recompute *)(void *)query;
}

/* ---- comparing ---- */

static bool api_recompute_same_money(struct money a, struct money b)
{
	return a.minor == b.minor && strcmp(a.currency, b.currency) == 0;
}

static bool api_recompute_same_conversion(const struct job_conversion *a,
	const struct job_conversion *b)
{
	return a->quant == b->quant &&
	       (a->quant == 0 || (api_recompute_same_money(a->gross, b->gross) &&
					 strcmp(a->rate, b->rate) == 0 &&
					 memcmp(a->rates, b->rates, sizeof(a->rates)) == 0));
}

/* The names of what differs go into `w`, where there is one; true when nothing does. */
static bool api_recompute_compare(const struct job_calculation *a, const struct job_calculation *b,
	struct json_writer *w)
{
	const struct {
		const char *name;
		bool same;
	} figures[] = {
		{ "quote", memcmp(a->quote, b->quote, sizeof(a->quote)) == 0 },
		{ "gross", api_recompute_same_money(a->gross, b->gross) },
		{ "relief", api_recompute_same_money(a->relief, b->relief) },
		{ "due", api_recompute_same_money(a->due, b->due) },
		{ "service", text_equal(a->service, b->service) },
		{ "ground", text_equal(a->ground, b->ground) },
		{ "kbk", text_equal(a->kbk, b->kbk) },
		{ "rows", text_equal(a->rows, b->rows) },
		{ "exchange", api_recompute_same_conversion(&a->conversion, &b->conversion) },
		{ "valid_from", a->valid_from == b->valid_from },
		{ "valid_until", a->valid_until == b->valid_until },
	};
	bool same = true;

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		same = same && figures[i].same;
		if (!figures[i].same && w != NULL) {
			json_cstring(w, NULL, figures[i].name);
		}
	}
	return same;
}

/* ---- writing ---- */

static void api_recompute_write_side(struct json_writer *w, const char *name,
	const struct job_calculation *c)
{
	json_open_object(w, name);
	json_money(w, "due", c->due);
	view_exchange(w, &c->conversion);
	json_money(w, "gross", c->gross);
	json_text_said(w, "ground", c->ground);
	json_text_said(w, "kbk", c->kbk);
	view_sha256(w, "quote", c->quote);
	json_money(w, "relief", c->relief);
	json_text(w, "rows", c->rows);
	json_text(w, "service", c->service);
	json_day(w, "valid_from", c->valid_from);
	json_day(w, "valid_until", c->valid_until);
	json_close_object(w);
}

/* `id`: whose it is, in the list of all. */
static void api_recompute_write(struct json_writer *w, const struct api_recomputed *one,
	const char *id)
{
	const struct job_calculation *stored = &one->view.calculation;

	json_open_object(w, NULL);
	json_day(w, "day", stored->day);
	if (one->is_derived) {
		api_recompute_write_side(w, "derived", &one->derived);
	} else {
		json_nothing(w, "derived");
	}
	json_open_array(w, "differs");
	if (one->is_derived) {
		(void)api_recompute_compare(stored, &one->derived, w);
	}
	json_close_array(w);
	if (id != NULL) {
		json_cstring(w, "id", id);
	}
	json_number(w, "record", one->record);
	json_true_or_false(w, "same", one->is_same);
	api_recompute_write_side(w, "stored", stored);
	view_sha256(w, "tariff", stored->tariff);
	json_number(w, "version", stored->version);
	if (!one->is_derived) {
		json_cstring(w, "why", one->err.message);
	}
	json_close_object(w);
}

static void api_recompute_id(const struct payment_view *view, char out[ID_SIZE])
{
	(void)id_format((struct id){ .kind = ID_PAYMENT,
				.generation = view->generation,
				.number = view->number },
		out);
}

/* ---- one payment ---- */

/* False, and the query has failed, when the book can not be read. */
static bool api_recompute_calculation(struct api_recompute *r, struct reader *reader,
	int64_t payment, int64_t record, struct json_writer *w)
{
	struct api_query *q = &r->payment.query;
	struct api_recomputed *one = &r->one;
	char id[ID_SIZE];

	one->record = record;
	one->err = (struct err){ 0 };
	if (reader_payment(reader, payment, record, &one->view, &q->err) != READER_FOUND) {
		api_query_fail(q);
		return false;
	}
	if (one->view.erased) {
		return true;
	}
	one->is_derived = quoting_recompute(q->engine, reader, &one->view, &one->quote,
		&one->derived, &one->err);
	one->is_same = one->is_derived &&
		       api_recompute_compare(&one->view.calculation, &one->derived, NULL);
	r->counts.calculations++;
	r->counts.same += one->is_same ? 1 : 0;
	api_recompute_id(&one->view, id);
	if (!r->all || !one->is_same) {
		api_recompute_write(w, one, r->all ? id : NULL);
	}
	return true;
}

/* All calculations of a payment that there is. */
static bool api_recompute_payment(struct api_recompute *r, struct reader *reader, int64_t payment,
	struct json_writer *w)
{
	struct api_query *q = &r->payment.query;
	struct reader_page page = { .limit = READER_ROWS_MAX };
	int64_t records[READER_ROWS_MAX];

	r->one.view.erased = false;
	do {
		if (!reader_calculations(reader, payment, &page, records, &q->err)) {
			api_query_fail(q);
			return false;
		}
		for (size_t i = 0; i < page.count; i++) {
			if (!api_recompute_calculation(r, reader, payment, records[i], w)) {
				return false;
			}
		}
		page.after = page.next;
	} while (page.next != 0);
	r->counts.payments++;
	r->counts.erased += r->one.view.erased ? 1 : 0;
	return true;
}

static void api_recompute_run(struct reader *reader, struct api_query *query)
{
	struct api_recompute *r = api_recompute_of(query);
	struct payment_view *view = &r->one.view;
	enum reader_result result;
	struct json_writer w;
	char id[ID_SIZE];

	result = reader_payment(reader, r->payment.number, READER_LATEST, view, &query->err);
	if (result == READER_FOUND && !api_payment_is_theirs(&r->payment, view)) {
		result = READER_ABSENT;
	}
	if (!api_query_found(query, result, "payment")) {
		return;
	}
	api_recompute_id(view, id);
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_open_array(&w, "calculations");
	if (!api_recompute_payment(r, reader, r->payment.number, &w)) {
		return;
	}
	json_close_array(&w);
	json_true_or_false(&w, "erased", r->counts.erased != 0);
	json_cstring(&w, "id", id);
	json_true_or_false(&w, "same", r->counts.same == r->counts.calculations);
	json_close_object(&w);
}

/* ---- all payments ---- */

/* "last" is the number of the last payment there is: how far the walk has to go. */
static void api_recompute_write_all(struct api_recompute *r, struct text items, int64_t last,
	int64_t next)
{
	struct json_writer w;

	json_writer_init(&w, &r->payment.query.out);
	json_open_object(&w, NULL);
	json_number(&w, "calculations", r->counts.calculations);
	json_number(&w, "erased", r->counts.erased);
	json_raw(&w, "items", items);
	json_number(&w, "last", last);
	api_page_next(&w, &r->page, next);
	json_number(&w, "payments", r->counts.payments);
	json_number(&w, "same", r->counts.same);
	json_close_object(&w);
}

static void api_recompute_all_run(struct reader *reader, struct api_query *query)
{
	struct api_recompute *r = api_recompute_of(query);
	struct reader_page page = { .after = r->page.after, .limit = (size_t)r->page.limit };
	const struct reader_filter everybody = { 0 };
	int64_t numbers[API_LIMIT_MAX];
	int64_t last = 0;
	struct json_writer w;
	struct buffer items;
	bool ok;

	buffer_init(&items, CALL_ANSWER_MAX);
	json_writer_init(&w, &items);
	json_open_array(&w, NULL);
	ok = reader_payments(reader, &everybody, &page, numbers, &query->err) &&
	     reader_payment_last(reader, &last, &query->err);
	if (!ok) {
		api_query_fail(query);
	}
	for (size_t i = 0; ok && i < page.count; i++) {
		ok = api_recompute_payment(r, reader, numbers[i], &w);
	}
	json_close_array(&w);
	if (ok) {
		api_recompute_write_all(r, buffer_text(&items), last, page.next);
		query->out.overflowed = query->out.overflowed || items.overflowed;
	}
	buffer_done(&items);
}

/* ---- the calls ---- */

static void api_recompute_release(struct api_query *query)
{
	payment_view_done(&api_recompute_of(query)->one.view);
}

static struct api_recompute *api_recompute_new(const struct api_request *r, api_run_fn *run)
{
	struct api_recompute *recompute = api_query_new(r, sizeof(*recompute), run);

	payment_view_init(&recompute->one.view);
	recompute->payment.query.release = api_recompute_release;
	return recompute;
}

void api_recompute_get(struct api_request *r)
{
	struct api_recompute *recompute = api_recompute_new(r, api_recompute_run);
	struct api_query *q = &recompute->payment.query;
	struct parameters parameters;

	recompute->payment.client = r->sees_all ? 0 : r->client;
	parameters_init(&parameters, r->call, &q->problem);
	if (!parameters_end(&parameters) ||
		!api_payment_named(r, &recompute->payment, &q->problem)) {
		api_query_answer(q);
		return;
	}
	api_query_start(q);
}

void api_recompute_all_get(struct api_request *r)
{
	struct api_recompute *recompute = api_recompute_new(r, api_recompute_all_run);
	struct api_query *q = &recompute->payment.query;
	struct parameters parameters;
	bool fits = text_copy(TEXT("recompute"), recompute->page.list, API_LIST_SIZE);

	assert(fits);
	(void)fits;
	recompute->all = true;
	parameters_init(&parameters, r->call, &q->problem);
	api_page_take(&parameters, &recompute->page);
	if (!parameters_end(&parameters)) {
		api_query_answer(q);
		return;
	}
	api_query_start(q);
}
