/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/list.h"

#include <assert.h>

/* The codes of an entry: known, named by the set, and by no entry before. */
static bool list_add_countries(const struct node *n, const struct countries *countries,
	const struct list_entry *entry, struct list *list)
{
	for (size_t i = 0; i < entry->codes.count; i++) {
		struct text code = entry->codes.words[i];
		const struct list_entry *before;

		if (!country_is_known(code)) {
			return node_refuse(n, "countries: %.*s is not a code of ISO 3166-1",
				TEXT_ARGS(code));
		}
		if (country_find(countries, code) == NULL) {
			return node_refuse(n, "countries: no <country> of the set names %.*s",
				TEXT_ARGS(code));
		}
		before = list->of[country_number(code)];
		if (before != NULL) {
			return node_refuse(n, "countries: %.*s is a duplicate, it is \"%.80s\" too",
				TEXT_ARGS(code), before->printed.bytes);
		}
		list->of[country_number(code)] = entry;
	}
	return true;
}

static bool list_read_entry(const struct node *n, const struct countries *countries,
	struct list *list)
{
	struct list_entry *entry = arena_take(n->arena, 1, sizeof(*entry));

	entry->note = TEXT("");
	if (!node_text(n, "printed", NODE_REQUIRED, &entry->printed) ||
		!node_list(n, "countries", NODE_REQUIRED, &entry->codes) ||
		!node_text(n, "note", NODE_OPTIONAL, &entry->note) ||
		!list_add_countries(n, countries, entry, list)) {
		return false;
	}
	list->entries = arena_grow(n->arena, list->entries, list->entry_count,
		&list->entry_capacity, sizeof(struct list_entry *));
	list->entries[list->entry_count++] = entry;
	return true;
}

bool list_read(const struct node *n, const struct acts *acts, const struct countries *countries,
	struct lists *all, const struct row **row)
{
	struct list *list = arena_take(n->arena, 1, sizeof(*list));
	struct node child;

	assert(countries != NULL);
	assert(all != NULL);
	assert(row != NULL);

	if (!row_read(n, acts, &list->row) || !node_texts(n, &list->name)) {
		return false;
	}
	for (bool more = node_first(n, &child); more; more = node_next(&child, &child)) {
		if (node_is(&child, "entry") && !list_read_entry(&child, countries, list)) {
			return false;
		}
	}
	if (list->entry_count == 0) {
		return node_refuse(n, "%s has no entry", list->row.id.bytes);
	}
	if (all->count == LISTS_MAX) {
		return node_refuse(n, "is one more than %d lists", LISTS_MAX);
	}
	all->lists =
		arena_grow(n->arena, all->lists, all->count, &all->capacity, sizeof(struct list *));
	all->lists[all->count++] = list;
	*row = &list->row;
	return true;
}

bool lists_close(const struct lists *all, struct err *err)
{
	assert(all != NULL);

	for (size_t i = 0; i < all->count; i++) {
		if (!all->lists[i]->used) {
			return row_refuse(&all->lists[i]->row, err,
				"is a list that no <eligibility> uses");
		}
	}
	return true;
}

struct list *list_find(const struct lists *all, struct text id)
{
	assert(all != NULL);

	for (size_t i = 0; i < all->count; i++) {
		if (text_equal(all->lists[i]->row.id, id)) {
			return all->lists[i];
		}
	}
	return NULL;
}

bool list_has(const struct list *list, struct text code)
{
	assert(list != NULL);

	return list->of[country_number(code)] != NULL;
}
