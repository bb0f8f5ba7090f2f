/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/tariff/impact: what would requests cost by another set?
 *
 * Compared with the set in use on a reader's thread, and thrown away (daemon/draft.h).
 */
#include <assert.h>

#include "daemon/api.h"
#include "daemon/draft.h"
#include "tariff/impact.h"

enum { API_IMPACT_LISTED = 1000 }; /* samples that are listed; all are counted */

struct api_impact {
	struct api_query query; /* first */
	struct json_value *body;
	struct draft draft;
	const struct tariff *in_use;
	int32_t day;
};

static struct api_impact *api_impact_of(struct api_query *query)
{
	return (struct api_impact *)(void *)query;
}

/* ---- on a reader's thread ---- */

static void api_impact_write_side(struct json_writer *w, const char *name,
	const struct impact_sample *sample, const struct impact_side *side)
{
	json_open_object(w, name);
	if (side->day != sample->day) {
		json_day(w, "day", side->day);
	}
	if (side->result == QUOTE_DONE) {
		json_money(w, "due", side->due);
	} else {
		json_cstring(w, "refused", side->refused_as);
	}
	json_close_object(w);
}

static void api_impact_write_sample(struct json_writer *w, const struct impact_sample *sample)
{
	bool both = sample->old.result == QUOTE_DONE && sample->new.result == QUOTE_DONE &&
		    sample->kind != IMPACT_CURRENCY;

	json_open_object(w, NULL);
	if (sample->file != NULL) {
		json_open_object(w, "case");
		json_cstring(w, "file", sample->file);
		json_number(w, "line", sample->line);
		json_close_object(w);
	}
	json_day(w, "date", sample->day);
	if (both) {
		json_money(w, "difference", money_of(sample->difference, sample->new.due.currency));
	} else {
		json_nothing(w, "difference");
	}
	json_cstring(w, "kind", impact_kind_name(sample->kind));
	api_impact_write_side(w, "new", sample, &sample->new);
	api_impact_write_side(w, "old", sample, &sample->old);
	quote_request_write(&sample->request, w, "request");
	json_close_object(w);
}

static void api_impact_write_counts(struct json_writer *w, const struct impact_counts *counts)
{
	static const enum impact_kind kinds[] = { IMPACT_CURRENCY, IMPACT_LESS, IMPACT_MORE,
		IMPACT_NEITHER, IMPACT_POSSIBLE, IMPACT_REFUSED, IMPACT_SAME };

	_Static_assert(sizeof(kinds) / sizeof(*kinds) == IMPACT_KIND_COUNT,
		"every kind, in the order of the names");
	for (size_t i = 0; i < IMPACT_KIND_COUNT; i++) {
		json_number(w, impact_kind_name(kinds[i]), (int64_t)counts->count[kinds[i]]);
	}
}

static void api_impact_write(struct json_writer *w, const struct impact *impact,
	const struct api_impact *a)
{
	const struct impact_counts *counts;
	const int32_t *days;
	size_t count;

	json_open_object(w, NULL);
	days = impact_days(impact, &count);
	json_open_array(w, "days");
	for (size_t i = 0; i < count; i++) {
		json_day(w, NULL, days[i]);
	}
	json_close_array(w);
	json_open_array(w, "items");
	for (size_t i = 0; i < impact_count(impact) && i < API_IMPACT_LISTED; i++) {
		api_impact_write_sample(w, impact_sample(impact, i));
	}
	json_close_array(w);
	json_hex(w, "new", tariff_digest(a->draft.tariff), TARIFF_DIGEST_SIZE);
	json_true_or_false(w, "ok", true);
	json_hex(w, "old", tariff_digest(a->in_use), TARIFF_DIGEST_SIZE);
	json_number(w, "samples", (int64_t)impact_count(impact));
	counts = impact_counts(impact, &count);
	json_open_array(w, "services");
	for (size_t i = 1; i < count; i++) {
		json_open_object(w, NULL);
		json_open_object(w, "count");
		api_impact_write_counts(w, &counts[i]);
		json_close_object(w);
		json_cstring(w, "service", counts[i].service);
		json_close_object(w);
	}
	json_close_array(w);
	json_open_object(w, "total");
	api_impact_write_counts(w, &counts[0]);
	json_close_object(w);
	json_close_object(w);
}

static void api_impact_run(struct reader *reader, struct api_query *query)
{
	struct api_impact *a = api_impact_of(query);
	struct impact *impact = NULL;
	struct err err = { 0 };
	struct json_writer w;

	(void)reader;
	json_writer_init(&w, &query->out);
	if (!draft_load(&a->draft, &err) ||
		!impact_make(a->in_use, a->draft.tariff, a->day, a->draft.cases, &impact, &err)) {
		draft_write_refusal(&err, &w);
		return;
	}
	api_impact_write(&w, impact, a);
	impact_free(&impact);
}

/* ---- the call ---- */

static void api_impact_release(struct api_query *query)
{
	struct api_impact *a = api_impact_of(query);

	draft_done(&a->draft);
	json_free(&a->body);
}

static void api_impact_then(struct api_query *query)
{
	api_draft_leave(query->engine);
	api_query_answer(query);
}

static bool api_impact_read(const struct api_request *r, struct api_impact *a)
{
	struct problem *problem = &a->query.problem;
	struct json_problem complaint = { 0 };
	struct json_reader reader;

	a->in_use = tariffs_current(r->engine->tariffs);
	a->day = engine_today(r->engine);
	if (!api_body_read(r, false, &a->body, problem)) {
		return false;
	}
	json_reader_init(&reader, a->body, "", &complaint);
	draft_read(&reader, "samples", &a->draft);
	json_take_date(&reader, "date", JSON_OPTIONAL, &a->day);
	if (!json_reader_end(&reader)) {
		problem_of_json(problem, &complaint);
	} else if (a->in_use == NULL) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "no tariff is in use");
	}
	return problem->code == PROBLEM_NONE;
}

void api_impact_post(struct api_request *r)
{
	struct api_impact *a = api_query_new(r, sizeof(*a), api_impact_run);

	a->query.release = api_impact_release;
	if (!api_draft_enter(r->engine, &a->query.problem)) {
		api_query_answer(&a->query);
		return;
	}
	if (!api_impact_read(r, a)) {
		api_impact_then(&a->query);
		return;
	}
	a->query.then = api_impact_then;
	api_query_start(&a->query);
}
