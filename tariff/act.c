/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/act.h"

#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "tariff/document.h"
#include "tariff/order.h"

static const char *const act_kind_names[ACT_KIND_COUNT] = {
	[ACT_CODE] = "code",
	[ACT_LAW] = "law",
	[ACT_ORDER] = "order",
	[ACT_TERMS] = "terms",
};

const char *act_kind_name(enum act_kind kind)
{
	assert(kind < ACT_KIND_COUNT);

	return act_kind_names[kind];
}

bool act_read(const struct node *n, struct acts *acts)
{
	struct act *act = arena_take(n->arena, 1, sizeof(*act));
	size_t kind = 0;

	assert(acts != NULL);

	act->date = act->from = act->last = DATE_NONE;
	act->number = TEXT("");
	act->origin = n->origin;
	if (!node_word(n, "id", NODE_REQUIRED, &act->id) ||
		!node_choice(n, "kind", act_kind_names, ACT_KIND_COUNT, &kind) ||
		!node_text(n, "number", NODE_OPTIONAL, &act->number) ||
		!node_day(n, "date", NODE_OPTIONAL, &act->date) ||
		!node_day(n, "from", NODE_OPTIONAL, &act->from) ||
		!node_day(n, "last", NODE_OPTIONAL, &act->last) ||
		!node_text(n, "source", NODE_REQUIRED, &act->source) ||
		!node_texts(n, &act->title)) {
		return false;
	}
	if (act->last != DATE_NONE && act->from != DATE_NONE && act->last < act->from) {
		return node_refuse(n, "ends before it begins");
	}
	act->kind = (enum act_kind)kind;
	acts->acts = arena_grow(n->arena, acts->acts, acts->count, &acts->capacity,
		sizeof(struct act *));
	acts->acts[acts->count++] = act;
	return true;
}

static int act_compare(const void *a, const void *b)
{
	const struct act *const *left = a;
	const struct act *const *right = b;

	return order_texts((*left)->id, (*right)->id);
}

bool acts_close(struct acts *acts, struct err *err)
{
	assert(acts != NULL);

	if (acts->count > 0) {
		qsort(acts->acts, acts->count, sizeof(struct act *), act_compare);
	}
	for (size_t i = 1; i < acts->count; i++) {
		const struct act *act = acts->acts[i];
		const struct act *before = acts->acts[i - 1];

		if (text_equal(act->id, before->id)) {
			return document_refuse(act->origin.file, act->origin.line, err,
				"act %s is a duplicate: %.60s:%ld has it already", act->id.bytes,
				before->origin.file, before->origin.line);
		}
	}
	return true;
}

const struct act *acts_find(const struct acts *acts, struct text id)
{
	size_t low = 0;
	size_t high = acts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = order_texts(acts->acts[middle]->id, id);

		if (order == 0) {
			return acts->acts[middle];
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}
