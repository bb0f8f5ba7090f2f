/* SPDX-License-Identifier: Apache-2.0 */

/* catalogue - a service of the set as GET /v1/services tells it: tariff_write_service(). */
#include <assert.h>

#include "tariff/cite.h"
#include "tariff/set.h"

static void catalogue_rate(const struct chain_link *link, struct json_writer *w)
{
	const struct rate *rate = (const struct rate *)link->row;

	json_open_object(w, NULL);
	json_text_said(w, "fixed_in", rate->condition.fixed_in);
	cite_row(w, "law", &rate->row, link->days);
	cite_rate(w, rate);
	json_close_object(w);
}

static void catalogue_action(const struct service_action *action, struct json_writer *w)
{
	json_open_object(w, NULL);
	json_text(w, "code", action->code);
	cite_texts(w, "name", &action->name);
	json_open_array(w, "rates");
	for (size_t i = 0; i < action->variants.count; i++) {
		const struct chain *rates = &action->variants.variants[i].rates;

		for (size_t j = 0; j < rates->count; j++) {
			catalogue_rate(&rates->links[j], w);
		}
	}
	json_close_array(w);
	json_close_object(w);
}

static void catalogue_exemptions(const struct service *service, struct json_writer *w)
{
	json_open_array(w, "exemptions");
	for (size_t i = 0; i < service->exemption_count; i++) {
		const struct exemption *e = service->exemptions[i];

		json_open_object(w, NULL);
		json_text(w, "ground", e->ground->code);
		cite_row(w, "law", &e->row, row_days(&e->row));
		cite_texts(w, "name", &e->ground->name);
		if (e->where != RATE_ANYWHERE) {
			json_cstring(w, "where", rate_place_name(e->where));
		}
		json_close_object(w);
	}
	json_close_array(w);
}

/* The categories, and by which list each may be had from when. */
static void catalogue_categories(const struct service *service, struct json_writer *w)
{
	const struct eligibilities *e = &service->eligibilities;

	json_open_array(w, "categories");
	for (size_t i = 0; i < e->category_count; i++) {
		const struct category *category = &e->categories[i];

		json_open_object(w, NULL);
		json_text(w, "code", category->code);
		json_open_array(w, "eligibility");
		for (size_t j = 0; j < category->rows.count; j++) {
			const struct chain_link *link = &category->rows.links[j];
			const struct eligibility *row = (const struct eligibility *)link->row;

			json_open_object(w, NULL);
			cite_row(w, "law", &row->row, link->days);
			json_text(w, "list", row->list->row.id);
			json_close_object(w);
		}
		json_close_array(w);
		cite_texts(w, "name", &category->name);
		json_close_object(w);
	}
	json_close_array(w);
}

/* What an entry prints, and the countries it means. */
static void catalogue_entry(const struct tariff *tariff, const struct list_entry *entry,
	struct json_writer *w)
{
	json_open_object(w, NULL);
	json_open_array(w, "countries");
	for (size_t i = 0; i < entry->codes.count; i++) {
		const struct country *country =
			country_find(&tariff->countries, entry->codes.words[i]);

		json_open_object(w, NULL);
		json_text(w, "code", country->code);
		cite_texts(w, "name", &country->name);
		json_close_object(w);
	}
	json_close_array(w);
	json_text_said(w, "note", entry->note);
	json_text(w, "printed", entry->printed);
	json_close_object(w);
}

/* Each list that a row names, once. */
static void catalogue_lists(const struct tariff *tariff, const struct service *service,
	struct json_writer *w)
{
	json_open_array(w, "lists");
	for (size_t i = 0; i < tariff->lists.count; i++) {
		const struct list *list = tariff->lists.lists[i];

		if (!eligibilities_name(&service->eligibilities, list)) {
			continue;
		}
		json_open_object(w, NULL);
		json_open_array(w, "entries");
		for (size_t j = 0; j < list->entry_count; j++) {
			catalogue_entry(tariff, list->entries[j], w);
		}
		json_close_array(w);
		json_text(w, "id", list->row.id);
		cite_row(w, "law", &list->row, row_days(&list->row));
		cite_texts(w, "name", &list->name);
		json_close_object(w);
	}
	json_close_array(w);
}

static void catalogue_rules(const struct service *service, struct json_writer *w)
{
	json_open_array(w, "rules");
	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		for (size_t j = 0; j < service->rules[i].count; j++) {
			const struct chain_link *link = &service->rules[i].links[j];

			cite_rule(w, (const struct rule *)link->row, &link->days);
		}
	}
	json_close_array(w);
}

void tariff_write_service(const struct tariff *tariff, struct text code, struct json_writer *w,
	const char *name)
{
	const struct service *service = set_service(tariff, code);

	assert(service != NULL);
	assert(w != NULL);

	json_open_object(w, name);
	json_open_array(w, "actions");
	for (size_t i = 0; i < service->action_count; i++) {
		catalogue_action(&service->actions[i], w);
	}
	json_close_array(w);
	catalogue_categories(service, w);
	json_open_array(w, "channels");
	for (size_t i = 0; i < service->channels.count; i++) {
		json_text(w, NULL, service->channels.words[i]);
	}
	json_close_array(w);
	json_text(w, "code", service->code);
	catalogue_exemptions(service, w);
	catalogue_lists(tariff, service, w);
	cite_texts(w, "name", &service->name);
	json_cstring(w, "regime", service_regime_name(service->regime));
	catalogue_rules(service, w);
	json_close_object(w);
}
