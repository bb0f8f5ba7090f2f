/* SPDX-License-Identifier: Apache-2.0 */

/* The auditors' reads: accounts, balances, entries, records. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/view.h"
#include "ledger/sums.h"
#include "tariff/tariff.h"

enum { API_SLICES_MAX = 16 }; /* of a page that finds little, before it says where to go on */

struct api_ledger {
	struct api_query query; /* first */
	struct api_page page;
	struct sums sums;
	bool accounts; /* of the sums: what accounts there are */
	char account[READER_ACCOUNT_SIZE];
	char gateway[JOB_NAME_MAX + 1];
	char service[TARIFF_SERVICE_SIZE];
	struct entry_filter filter;
	struct reader_page found; /* entries */
	int64_t numbers[API_LIMIT_MAX];
	size_t count;
	int slices;
	int64_t number; /* of an entry or a record */
	bool leaf;      /* the record's exact bytes */
};

static struct api_ledger *api_ledger_of(struct api_query *query)
{
	return (struct api_ledger *)(void *)query;
}

static struct api_ledger *api_ledger_new(struct api_request *r, api_run_fn *run)
{
	return api_query_new(r, sizeof(struct api_ledger), run);
}

/* Starts the query, or says what is wrong with the parameters. */
static void api_ledger_go(struct api_ledger *l, struct parameters *p)
{
	if (parameters_end(p)) {
		api_query_start(&l->query);
	} else {
		api_query_answer(&l->query);
	}
}

/* ---- accounts and balances ---- */

enum reader_axis api_axis_take(struct parameters *p)
{
	char axis[JOB_NAME_MAX] = "booked";

	(void)parameters_text(p, "axis", axis, sizeof(axis));
	if (strcmp(axis, "booked") != 0 && strcmp(axis, "value") != 0 &&
		p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "axis",
			"axis must be booked or value");
	}
	return strcmp(axis, "value") == 0 ? READER_VALUE : READER_BOOKED;
}

struct money api_account_balance(const struct account_row *row)
{
	struct money balance = money_of(0, row->currency);
	bool fits = money_subtract(money_of(row->debit, row->currency),
		money_of(row->credit, row->currency), &balance);

	assert(fits); /* both are sums of positive amounts */
	return balance;
}

struct api_days api_days_take(struct parameters *p)
{
	struct api_days days = { .from = DATE_NONE, .to = DATE_NONE };

	(void)parameters_day(p, "from", &days.from);
	(void)parameters_day(p, "to", &days.to);
	if (days.from != DATE_NONE && days.to != DATE_NONE && days.from > days.to &&
		p->problem->code == PROBLEM_NONE) {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "from", "from is later than to");
	}
	return days;
}

/* `now`: its last entry too, which nothing keeps as of a record. */
static void api_account_write(struct json_writer *w, const struct account_row *row, bool now)
{
	json_open_object(w, NULL);
	json_cstring(w, "account", row->name);
	json_cstring(w, "currency", row->currency);
	if (now) {
		json_number(w, "last_entry", row->entries_last);
	}
	json_cstring(w, "type", row->type);
	json_close_object(w);
}

static void api_accounts_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);
	struct reader_page page = { .after = l->page.after, .limit = (size_t)l->page.limit };
	struct account_row *rows = mem_new(API_LIMIT_MAX, sizeof(*rows));
	struct json_writer w;

	if (!reader_accounts(reader, &page, rows, &query->err)) {
		api_query_fail(query);
		free(rows);
		return;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_number(&w, "as_of_record", page.as_of);
	json_open_array(&w, "items");
	for (size_t i = 0; i < page.count; i++) {
		api_account_write(&w, &rows[i], true);
	}
	api_page_close(&w, &l->page, page.count == page.limit ? rows[page.count - 1].account : 0);
	free(rows);
}

/* Those that something was posted to as of then: their balances, or what they are. */
static void api_sums_write(struct reader *reader, struct api_ledger *l)
{
	const struct sums *sums = &l->sums;
	const struct movements asked = { .to = sums->day, .axis = sums->axis };
	struct json_writer w;
	int64_t count = 0;
	int64_t next = 0;

	l->page.as_of = sums->as_of;
	json_writer_init(&w, &l->query.out);
	json_open_object(&w, NULL);
	json_number(&w, "as_of_record", sums->as_of);
	if (!l->accounts) {
		api_final_write(reader, &l->query, &w, &asked, sums->as_of);
	}
	json_open_array(&w, "items");
	for (size_t i = (size_t)l->page.after; i < sums->count && next == 0; i++) {
		const struct account_row *row = &sums->rows[i];

		if (row->debit == 0 && row->credit == 0) {
			continue;
		}
		if (l->accounts) {
			api_account_write(&w, row, false);
		} else {
			json_open_object(&w, NULL);
			json_cstring(&w, "account", row->name);
			view_money(&w, "balance", api_account_balance(row));
			json_close_object(&w);
		}
		next = ++count == l->page.limit ? row->account : 0;
	}
	api_page_close(&w, &l->page, next);
}

static void api_sums_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);
	bool more = false;

	if (!api_as_of_found(query, sums_step(reader, &l->sums, &more, &query->err))) {
		return;
	}
	query->query.again = more;
	if (!more) {
		api_sums_write(reader, l);
	}
}

static void api_sums_release(struct api_query *query)
{
	sums_done(&api_ledger_of(query)->sums);
}

void api_accounts_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_accounts_run);
	struct parameters p;

	parameters_init(&p, r->call, &l->query.problem);
	(void)snprintf(l->page.list, sizeof(l->page.list), "accounts");
	api_page_take(&p, &l->page);
	api_page_take_as_of(&p, &l->page);
	if (l->page.as_of == READER_LATEST) {
		l->page.as_of = 0; /* and the pages that follow are as of then */
	} else {
		l->accounts = true;
		l->query.run = api_sums_run;
		l->query.query.is_long = true;
		l->query.release = api_sums_release;
		sums_init(&l->sums, DATE_NONE, READER_BOOKED, l->page.as_of);
	}
	api_ledger_go(l, &p);
}

void api_balances_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_sums_run);
	int32_t day = DATE_NONE;
	enum reader_axis axis;
	struct parameters p;

	l->query.query.is_long = true;
	l->query.release = api_sums_release;
	parameters_init(&p, r->call, &l->query.problem);
	(void)parameters_day(&p, "as_of", &day);
	axis = api_axis_take(&p);
	(void)snprintf(l->page.list, sizeof(l->page.list), "balances %" PRId32 " %d", day,
		(int)axis);
	api_page_take(&p, &l->page);
	api_page_take_as_of(&p, &l->page);
	sums_init(&l->sums, day, axis, l->page.as_of);
	api_ledger_go(l, &p);
}

/* ---- entries ---- */

static void api_entry_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);
	struct entry_row entry;
	struct json_writer w;

	if (api_query_found(query, reader_entry(reader, l->number, &entry, &query->err), "entry")) {
		json_writer_init(&w, &query->out);
		view_entry(&w, NULL, &entry);
	}
}

static void api_entries_write(struct reader *reader, struct api_ledger *l)
{
	struct api_query *query = &l->query;
	struct json_writer w;

	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_number(&w, "as_of_record", l->page.as_of);
	json_open_array(&w, "items");
	for (size_t i = 0; i < l->count; i++) {
		struct entry_row entry;

		if (!api_query_found(query,
			    reader_entry(reader, l->numbers[i], &entry, &query->err), "entry")) {
			return;
		}
		if (entry.reversal.record > l->page.as_of) {
			entry.reversal.entry = 0; /* nobody knew of it by then */
		}
		view_entry(&w, NULL, &entry);
	}
	api_page_close(&w, &l->page, l->found.next);
}

/* A name that nothing bears would give an empty list, which says something else. */
static bool api_entries_named(struct reader *reader, struct api_ledger *l)
{
	struct api_query *query = &l->query;
	bool has_account = true;
	bool has_gateway = true;

	if ((l->filter.account.size > 0 &&
		    !reader_has_account(reader, l->filter.account, &has_account, &query->err)) ||
		(l->filter.gateway.size > 0 && !reader_has_gateway(reader, l->filter.gateway,
						       &has_gateway, &query->err))) {
		api_query_fail(query);
	} else if (!has_account) {
		problem_set(&query->problem, PROBLEM_INVALID_FIELD, "account",
			"nothing was ever posted to that account; /v1/ledger/accounts lists those "
			"there are");
	} else if (!has_gateway) {
		problem_set(&query->problem, PROBLEM_INVALID_FIELD, "gateway",
			"the book knows no gateway of that name");
	}
	return query->problem.code == PROBLEM_NONE;
}

/* One slice of the walk: what it finds is kept until there is a page of it. */
static void api_entries_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);

	if (l->slices == 0 && !api_entries_named(reader, l)) {
		return;
	}
	l->filter.as_of = l->page.as_of;
	l->found.after = l->slices == 0 ? l->page.after : l->found.next;
	l->found.limit = (size_t)l->page.limit - l->count;
	if (!api_as_of_found(query, reader_entries(reader, &l->filter, &l->found,
					    l->numbers + l->count, &query->err))) {
		return;
	}
	l->page.as_of = l->found.as_of;
	l->count += l->found.count;
	l->slices++;
	query->query.again = l->found.next != 0 && l->count < (size_t)l->page.limit &&
			     l->slices < API_SLICES_MAX;
	if (!query->query.again) {
		api_entries_write(reader, l);
	}
}

static void api_entries_take_payment(struct parameters *p, struct api_ledger *l)
{
	char payment[ID_SIZE];
	struct id id;

	if (!parameters_text(p, "payment", payment, sizeof(payment))) {
		return;
	}
	if (id_parse(text_of(payment), ID_PAYMENT, &id)) {
		l->filter.payment = id.number;
	} else {
		problem_set(p->problem, PROBLEM_INVALID_FIELD, "payment",
			"payment must be a payment's id");
	}
}

void api_entries_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_entries_run);
	struct api_days days;
	struct parameters p;

	l->query.query.is_long = true;
	parameters_init(&p, r->call, &l->query.problem);
	(void)parameters_text(&p, "account", l->account, sizeof(l->account));
	(void)parameters_text(&p, "gateway", l->gateway, sizeof(l->gateway));
	(void)parameters_text(&p, "service", l->service, sizeof(l->service));
	days = api_days_take(&p);
	api_entries_take_payment(&p, l);
	l->filter.account = text_of(l->account);
	l->filter.gateway = text_of(l->gateway);
	l->filter.service = text_of(l->service);
	l->filter.day_from = days.from;
	l->filter.day_until = days.to;
	l->filter.axis = api_axis_take(&p);
	(void)snprintf(l->page.list, sizeof(l->page.list),
		"entries %s %s %s %" PRId32 " %" PRId32 " %" PRId64 " %d", l->account, l->gateway,
		l->service, days.from, days.to, l->filter.payment, (int)l->filter.axis);
	api_page_take(&p, &l->page);
	api_page_take_as_of(&p, &l->page);
	api_ledger_go(l, &p);
}

/* The number a path names; false when it is none. */
static bool api_ledger_named(struct api_request *r, struct api_ledger *l, const char *what)
{
	if (text_parse_integer(text_of(r->name), &l->number) && l->number > 0) {
		return true;
	}
	problem_set(&l->query.problem, PROBLEM_NOT_FOUND, "number", "there is no such %s", what);
	api_query_answer(&l->query);
	return false;
}

void api_entry_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_entry_run);
	struct parameters p;

	if (api_ledger_named(r, l, "entry")) {
		parameters_init(&p, r->call, &l->query.problem);
		api_ledger_go(l, &p);
	}
}

/* ---- records ---- */

static void api_record_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree_hash hash;
	struct json_writer w;
	struct buffer leaf;

	buffer_init(&leaf, CALL_ANSWER_MAX / 2);
	if (!api_query_found(query, reader_record(reader, l->number, &leaf, &query->err),
		    "record")) {
		goto out;
	}
	if (l->leaf) {
		buffer_add(&query->out, buffer_text(&leaf));
		goto out;
	}
	hash = tree_leaf(hasher, buffer_text(&leaf));
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_raw(&w, "leaf", buffer_text(&leaf));
	json_hex(&w, "leaf_hash", hash.bytes, sizeof(hash.bytes));
	json_number(&w, "number", l->number);
	json_close_object(&w);
out:
	buffer_done(&leaf);
	tree_hasher_free(&hasher);
}

void api_record_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_record_run);
	struct parameters p;
	char form[JOB_NAME_MAX];

	if (!api_ledger_named(r, l, "record")) {
		return;
	}
	parameters_init(&p, r->call, &l->query.problem);
	if (parameters_text(&p, "form", form, sizeof(form))) {
		l->leaf = strcmp(form, "leaf") == 0;
		if (!l->leaf) {
			problem_set(p.problem, PROBLEM_INVALID_FIELD, "form", "form must be leaf");
		}
	}
	api_ledger_go(l, &p);
}
