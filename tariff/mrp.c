/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/mrp.h"

#include <assert.h>

#include "base/date.h"

const char *const mrp_purpose_names[MRP_PURPOSE_COUNT] = {
	[MRP_BENEFIT] = "benefit",
	[MRP_DUTY] = "duty",
	[MRP_FINE] = "fine",
};

static bool mrp_add(const struct node *n, const struct mrp *mrp, struct text purpose,
	struct mrps *mrps)
{
	for (size_t i = 0; i < MRP_PURPOSE_COUNT; i++) {
		if (text_is(purpose, mrp_purpose_names[i])) {
			chain_add(&mrps->chains[i], n->arena, &mrp->row);
			return true;
		}
	}
	return node_refuse(n, "purposes: %.*s is not known", TEXT_ARGS(purpose));
}

bool mrp_read(const struct node *n, const struct acts *acts, struct mrps *mrps,
	const struct row **row)
{
	struct mrp *mrp = arena_take(n->arena, 1, sizeof(*mrp));
	struct node_list purposes;
	int32_t year_end = 0;

	assert(mrps != NULL);
	assert(row != NULL);

	if (!row_read(n, acts, &mrp->row) ||
		!node_integer(n, "value", 1, MRP_VALUE_MAX, &mrp->value) ||
		!node_integer(n, "year", 1994, 9999, &mrp->year) ||
		!node_list(n, "purposes", NODE_REQUIRED, &purposes)) {
		return false;
	}
	if (mrp->row.last != DATE_NONE) {
		return node_refuse(n, "has last=; an MRP lasts to the end of its year");
	}
	if (date_to_civil(mrp->row.from).year != (int)mrp->year ||
		!date_from_civil((struct date_civil){ (int)mrp->year, 12, 31 }, &year_end)) {
		return node_refuse(n, "begins outside its budget year");
	}
	mrp->row.last = year_end;
	for (size_t i = 0; i < purposes.count; i++) {
		if (!mrp_add(n, mrp, purposes.words[i], mrps)) {
			return false;
		}
	}
	*row = &mrp->row;
	return true;
}

bool mrps_close(struct mrps *mrps, struct err *err)
{
	assert(mrps != NULL);

	for (size_t i = 0; i < MRP_PURPOSE_COUNT; i++) {
		if (!chain_close(&mrps->chains[i], CHAIN_YEARLY, "the MRP", err)) {
			return false;
		}
	}
	return true;
}
