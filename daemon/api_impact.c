/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/tariff/impact: what would requests cost by another set?
 *
 * Compared with the set in use on a reader's thread, and thrown away (daemon/api_draft.h).
 */
#include "daemon/api_draft.h"
#include "tariff/impact.h"

enum { API_IMPACT_LISTED = 1000 }; /* samples that are listed; all are counted */

struct api_impact {
	struct api_draft call; /* first */
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
	json_hex(w, "new", tariff_digest(a->call.draft.tariff), TARIFF_DIGEST_SIZE);
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
	if (!draft_load(&a->call.draft, &err) ||
		!impact_make(a->in_use, a->call.draft.tariff, a->day, a->call.draft.cases, &impact,
			&err)) {
		draft_write_refusal(&err, &w);
		return;
	}
	api_impact_write(&w, impact, a);
	impact_free(&impact);
}

/* ---- the call ---- */

static void api_impact_read(struct api_draft *draft, struct json_reader *body)
{
	struct api_impact *a = api_impact_of(&draft->query);

	draft_read(body, "samples", &draft->draft);
	json_take_date(body, "date", JSON_OPTIONAL, &a->day);
	if (a->in_use == NULL) {
		problem_set(&draft->query.problem, PROBLEM_UNAVAILABLE, "", "no tariff is in use");
	}
}

void api_impact_post(struct api_request *r)
{
	struct api_impact *a = api_query_new(r, sizeof(*a), api_impact_run);

	a->in_use = tariffs_current(r->engine->tariffs);
	a->day = engine_today(r->engine);
	api_draft_post(r, &a->call, api_impact_read);
}
