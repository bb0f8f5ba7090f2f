/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/reports/relief: duty that was not collected, by legal ground, service and budget code,
 * with the law that says so.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/api.h"
#include "daemon/view.h"
#include "ledger/relief.h"
#include "tariff/tariff.h"

enum { API_LAW_MAX = 4096 }; /* bytes of the law of one row; it is a row of the tariff or two */

struct api_relief {
	struct api_query query; /* first */
	struct movements asked;
	struct relief *relief;
};

static struct api_relief *api_relief_of(struct api_query *query)
{
	return (struct api_relief *)(void *)query;
}

/* The acts and articles of the ground, as a JSON array. */
static bool api_relief_law(struct reader *reader, struct api_query *query,
	const struct relief_row *row, struct buffer *law)
{
	const struct tariff *tariff;
	struct json_writer w;

	buffer_reset(law);
	json_writer_init(&w, law);
	if (row->law[0] == '\0') { /* of no payment */
		json_open_array(&w, NULL);
		json_close_array(&w);
		return true;
	}
	tariff = tariffs_find(query->engine->tariffs, reader, row->tariff, &query->err);
	if (tariff == NULL) {
		api_query_fail(query);
		return false;
	}
	tariff_write_exemption(tariff, text_of(row->law), text_of(row->ground), &w, NULL);
	return true;
}

static void api_relief_write_row(struct json_writer *w, const struct relief_row *row,
	struct text law)
{
	json_open_object(w, NULL);
	json_number(w, "count", row->count);
	view_money(w, "gross", row->gross);
	json_cstring(w, "ground", row->ground);
	json_text_or_nothing(w, "kbk", text_of(row->kbk));
	json_raw(w, "law", law);
	view_money(w, "relief", row->relief);
	json_text_or_nothing(w, "service", text_of(row->service));
	json_close_object(w);
}

static bool api_relief_is_same(const struct relief_row *a, const struct relief_row *b)
{
	return strcmp(a->ground, b->ground) == 0 && strcmp(a->service, b->service) == 0 &&
	       strcmp(a->kbk, b->kbk) == 0 && money_same_currency(a->relief, b->relief);
}

static bool api_relief_add(struct relief_row *sum, const struct relief_row *row)
{
	sum->count += row->count;
	return money_add(sum->gross, row->gross, &sum->gross) &&
	       money_add(sum->relief, row->relief, &sum->relief);
}

/* Rows of one ground, service and code differ by tariff rows; where their law is the same, they are
 * one. */
static bool api_relief_write_rows(struct reader *reader, struct api_relief *a,
	struct json_writer *w, struct buffer laws[2])
{
	size_t count;
	const struct relief_row *rows = relief_rows(a->relief, &count);
	bool fine = true;
	size_t i = 0;

	while (fine && i < count) {
		struct relief_row sum = rows[i];

		fine = api_relief_law(reader, &a->query, &rows[i], &laws[0]);
		for (i++; fine && i < count && api_relief_is_same(&sum, &rows[i]); i++) {
			fine = api_relief_law(reader, &a->query, &rows[i], &laws[1]);
			if (!text_equal(buffer_text(&laws[0]), buffer_text(&laws[1]))) {
				break;
			}
			fine = fine && api_relief_add(&sum, &rows[i]);
		}
		if (fine) {
			api_relief_write_row(w, &sum, buffer_text(&laws[0]));
		}
	}
	return fine;
}

/* By ground and currency; the rows are in that order. */
static bool api_relief_write_totals(const struct api_relief *a, struct json_writer *w)
{
	size_t count;
	const struct relief_row *rows = relief_rows(a->relief, &count);
	bool fine = true;

	json_open_array(w, "totals");
	for (size_t first = 0; fine && first < count; first++) {
		struct relief_row sum = rows[first];
		bool is_first = true;

		for (size_t i = 0; i < count; i++) {
			if (strcmp(rows[i].ground, sum.ground) != 0 ||
				!money_same_currency(rows[i].relief, sum.relief)) {
				continue;
			}
			is_first = is_first && i >= first;
			fine = fine && (i <= first || api_relief_add(&sum, &rows[i]));
		}
		if (fine && is_first) {
			json_open_object(w, NULL);
			json_number(w, "count", sum.count);
			view_money(w, "gross", sum.gross);
			json_cstring(w, "ground", sum.ground);
			view_money(w, "relief", sum.relief);
			json_close_object(w);
		}
	}
	json_close_array(w);
	return fine;
}

static void api_relief_write(struct reader *reader, struct api_relief *a)
{
	struct buffer laws[2];
	struct json_writer w;
	bool fine;

	buffer_init(&laws[0], API_LAW_MAX);
	buffer_init(&laws[1], API_LAW_MAX);
	json_writer_init(&w, &a->query.out);
	api_report_open(reader, &a->query, &w, &a->asked, relief_as_of(a->relief));
	json_open_array(&w, "items");
	fine = api_relief_write_rows(reader, a, &w, laws);
	json_close_array(&w);
	api_report_write_day(&w, "to", a->asked.to);
	fine = fine && api_relief_write_totals(a, &w);
	json_close_object(&w);
	if (!fine && a->query.problem.code == PROBLEM_NONE) {
		problem_set(&a->query.problem, PROBLEM_OUT_OF_RANGE, "",
			"a total is too large to be written");
	}
	buffer_done(&laws[0]);
	buffer_done(&laws[1]);
}

static void api_relief_run(struct reader *reader, struct api_query *query)
{
	struct api_relief *a = api_relief_of(query);
	bool more = false;

	if (!api_report_found(query, relief_step(reader, a->relief, &more, &query->err))) {
		return;
	}
	query->query.again = more;
	if (!more) {
		api_relief_write(reader, a);
	}
}

static void api_relief_release(struct api_query *query)
{
	relief_free(&api_relief_of(query)->relief);
}

void api_relief_get(struct api_request *r)
{
	struct api_relief *a = api_query_new(r, sizeof(*a), api_relief_run);
	bool fine = api_report_take(r, &a->query, &a->asked);

	a->query.release = api_relief_release;
	a->relief = relief_new(&a->asked);
	if (fine) {
		api_query_start(&a->query);
	} else {
		api_query_answer(&a->query);
	}
}
