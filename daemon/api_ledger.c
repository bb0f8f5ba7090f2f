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

struct api_ledger {
	struct api_query query; /* first */
	struct api_page page;
	int32_t day; /* of balances; DATE_NONE: now */
	enum reader_axis axis;
	char account[READER_ACCOUNT_SIZE];
	struct entry_filter filter;
	int64_t number; /* of an entry or a record */
	bool leaf;      /* the record's exact bytes */
};

static struct api_ledger *api_ledger_of(struct api_query *query)
{
	return (struct api_ledger *)(void *)query;
}

static struct api_ledger *api_ledger_new(struct api_request *r, api_run_fn *run)
{
	struct api_ledger *l = api_query_new(r, sizeof(*l), run);

	l->day = DATE_NONE;
	l->filter.day_from = DATE_NONE;
	l->filter.day_until = DATE_NONE;
	return l;
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

/* Reads one page of accounts. */
static bool api_accounts_read(struct reader *reader, struct api_ledger *l, struct account_row *rows,
	size_t *count, int64_t *as_of_record)
{
	struct reader_page page = { .after = l->page.after, .limit = (size_t)l->page.limit };

	if (reader_accounts(reader, l->day, l->axis, &page, rows, &l->query.err)) {
		*count = page.count;
		*as_of_record = page.as_of;
		return true;
	}
	api_query_fail(&l->query);
	return false;
}

static int64_t api_accounts_next(const struct api_ledger *l, const struct account_row *rows,
	size_t count)
{
	return count == (size_t)l->page.limit ? rows[count - 1].account : 0;
}

/* Lists a page of accounts, each as an object of `write_members` besides its name. */
static void api_accounts_list(struct reader *reader, struct api_query *query,
	void (*write_members)(struct json_writer *w, const struct account_row *row))
{
	struct api_ledger *l = api_ledger_of(query);
	struct account_row *rows = mem_new(API_LIMIT_MAX, sizeof(*rows));
	int64_t as_of_record = 0;
	struct json_writer w;
	size_t count = 0;

	if (api_accounts_read(reader, l, rows, &count, &as_of_record)) {
		json_writer_init(&w, &query->out);
		json_open_object(&w, NULL);
		json_number(&w, "as_of_record", as_of_record);
		json_open_array(&w, "items");
		for (size_t i = 0; i < count; i++) {
			json_open_object(&w, NULL);
			json_cstring(&w, "account", rows[i].name);
			write_members(&w, &rows[i]);
			json_close_object(&w);
		}
		api_page_close(&w, &l->page, api_accounts_next(l, rows, count));
	}
	free(rows);
}

static void api_account_write(struct json_writer *w, const struct account_row *row)
{
	json_cstring(w, "currency", row->currency);
	json_number(w, "last_entry", row->entries_last);
	json_cstring(w, "type", row->type);
}

static void api_accounts_run(struct reader *reader, struct api_query *query)
{
	api_accounts_list(reader, query, api_account_write);
}

static void api_balance_write(struct json_writer *w, const struct account_row *row)
{
	view_money(w, "balance", api_account_balance(row));
}

static void api_balances_run(struct reader *reader, struct api_query *query)
{
	api_accounts_list(reader, query, api_balance_write);
}

void api_accounts_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_accounts_run);
	struct parameters p;

	parameters_init(&p, r->call, &l->query.problem);
	(void)snprintf(l->page.list, sizeof(l->page.list), "accounts");
	api_page_take(&p, &l->page);
	api_ledger_go(l, &p);
}

void api_balances_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_balances_run);
	struct parameters p;

	parameters_init(&p, r->call, &l->query.problem);
	(void)parameters_day(&p, "as_of", &l->day);
	l->axis = api_axis_take(&p);
	(void)snprintf(l->page.list, sizeof(l->page.list), "balances %" PRId32 " %d", l->day,
		(int)l->axis);
	api_page_take(&p, &l->page);
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

static void api_entries_run(struct reader *reader, struct api_query *query)
{
	struct api_ledger *l = api_ledger_of(query);
	int64_t numbers[API_LIMIT_MAX];
	struct reader_page page = { .after = l->page.after, .limit = (size_t)l->page.limit };
	struct json_writer w;

	l->filter.account = text_of(l->account);
	if (!reader_entries(reader, &l->filter, &page, numbers, &query->err)) {
		api_query_fail(query);
		return;
	}
	json_writer_init(&w, &query->out);
	json_open_object(&w, NULL);
	json_open_array(&w, "items");
	for (size_t i = 0; i < page.count; i++) {
		struct entry_row entry;

		if (!api_query_found(query, reader_entry(reader, numbers[i], &entry, &query->err),
			    "entry")) {
			return;
		}
		view_entry(&w, NULL, &entry);
	}
	api_page_close(&w, &l->page, page.next);
}

void api_entries_get(struct api_request *r)
{
	struct api_ledger *l = api_ledger_new(r, api_entries_run);
	char payment[ID_SIZE];
	struct parameters p;
	struct id id;

	parameters_init(&p, r->call, &l->query.problem);
	(void)parameters_text(&p, "account", l->account, sizeof(l->account));
	(void)parameters_day(&p, "from", &l->filter.day_from);
	(void)parameters_day(&p, "to", &l->filter.day_until);
	if (parameters_text(&p, "payment", payment, sizeof(payment))) {
		if (id_parse(text_of(payment), ID_PAYMENT, &id)) {
			l->filter.payment = id.number;
		} else {
			problem_set(p.problem, PROBLEM_INVALID_FIELD, "payment",
				"payment must be a payment's id");
		}
	}
	(void)snprintf(l->page.list, sizeof(l->page.list),
		"entries %s %" PRId32 " %" PRId32 " %" PRId64, l->account, l->filter.day_from,
		l->filter.day_until, l->filter.payment);
	api_page_take(&p, &l->page);
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
