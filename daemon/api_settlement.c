/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/reports/settlement: what each gateway took, settled and still has, day by day.
 * GET /v1/reports/commission: what each gateway kept of what it took, month by month.
 */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "daemon/api.h"
#include "daemon/view.h"
#include "ledger/settlement.h"

enum { API_MONTH_SIZE = sizeof("2026-03") };

struct api_settlement {
	struct api_query query; /* first */
	struct movements asked;
	enum settlement_by by;
	struct settlement *settlement;
};

static struct api_settlement *api_settlement_of(struct api_query *query)
{
	return (struct api_settlement *)(void *)query;
}

/* A row's members, in the order of their names; `is_total`: of no day or month. */
typedef void api_settlement_write_fn(struct json_writer *w, const struct settlement_lane *lane,
	const struct settlement_row *row, bool is_total);

static void api_settlement_write_row(struct json_writer *w, const struct settlement_lane *lane,
	const struct settlement_row *row, bool is_total)
{
	json_open_object(w, NULL);
	if (!is_total) {
		json_day(w, "day", row->period);
	}
	json_number(w, "entries", row->entries);
	json_cstring(w, "gateway", lane->gateway);
	view_money(w, "settled", money_of(row->settled, lane->currency));
	view_money(w, "suspense", money_of(row->suspense, lane->currency));
	view_money(w, "taken", money_of(row->taken, lane->currency));
	view_money(w, "unsettled", money_of(row->unsettled, lane->currency));
	json_close_object(w);
}

static void api_commission_write_row(struct json_writer *w, const struct settlement_lane *lane,
	const struct settlement_row *row, bool is_total)
{
	char day[DATE_TEXT_SIZE];
	char rate[SETTLEMENT_RATE_SIZE];

	json_open_object(w, NULL);
	view_money(w, "commission", money_of(row->commission, lane->currency));
	json_number(w, "entries", row->entries);
	json_cstring(w, "gateway", lane->gateway);
	if (!is_total) {
		(void)date_format(row->period, day);
		json_text(w, "month", (struct text){ day, API_MONTH_SIZE - 1 });
	}
	json_text_or_nothing(w, "rate",
		settlement_rate(row->commission, row->taken, rate) ? text_of(rate) : TEXT(""));
	view_money(w, "taken", money_of(row->taken, lane->currency));
	json_close_object(w);
}

static void api_settlement_write(struct reader *reader, struct api_settlement *a,
	api_settlement_write_fn *write)
{
	struct json_writer w;
	size_t count;
	const struct settlement_lane *lanes = settlement_lanes(a->settlement, &count);

	json_writer_init(&w, &a->query.out);
	api_report_open(reader, &a->query, &w, &a->asked, settlement_as_of(a->settlement));
	json_open_array(&w, "items");
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lanes[i].count; k++) {
			write(&w, &lanes[i], &lanes[i].rows[k], false);
		}
	}
	json_close_array(&w);
	api_report_write_day(&w, "to", a->asked.to);
	json_open_array(&w, "totals");
	for (size_t i = 0; i < count; i++) {
		write(&w, &lanes[i], &lanes[i].total, true);
	}
	json_close_array(&w);
	json_close_object(&w);
}

static void api_settlement_run(struct reader *reader, struct api_query *query)
{
	struct api_settlement *a = api_settlement_of(query);
	bool more = false;

	if (!api_report_found(query, settlement_step(reader, a->settlement, &more, &query->err))) {
		return;
	}
	query->query.again = more;
	if (!more) {
		api_settlement_write(reader, a,
			a->by == SETTLEMENT_BY_DAY ? api_settlement_write_row
						   : api_commission_write_row);
	}
}

static void api_settlement_release(struct api_query *query)
{
	settlement_free(&api_settlement_of(query)->settlement);
}

static void api_settlement_start(struct api_request *r, enum settlement_by by)
{
	struct api_settlement *a = api_query_new(r, sizeof(*a), api_settlement_run);
	bool fine = api_report_take(r, &a->query, &a->asked);

	a->by = by;
	a->query.release = api_settlement_release;
	a->settlement = settlement_new(&a->asked, by);
	if (fine) {
		api_query_start(&a->query);
	} else {
		api_query_answer(&a->query);
	}
}

void api_settlement_get(struct api_request *r)
{
	api_settlement_start(r, SETTLEMENT_BY_DAY);
}

void api_commission_get(struct api_request *r)
{
	api_settlement_start(r, SETTLEMENT_BY_MONTH);
}
