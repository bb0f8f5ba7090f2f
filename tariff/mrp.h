/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mrp - the monthly calculation index (МРП, АЕК), by the purpose it serves.
 *
 * An index is set by the law on the budget of one year and acts to the end of that year, unless
 * that year's law is amended; it never acts in a year whose law is not known: such a year is left
 * out whole.
 */
#ifndef ALYM_TARIFF_MRP_H
#define ALYM_TARIFF_MRP_H

#include "tariff/row.h"

enum mrp_purpose { MRP_BENEFIT, MRP_DUTY, MRP_FINE, MRP_PURPOSE_COUNT };

extern const char *const mrp_purpose_names[MRP_PURPOSE_COUNT];

enum { MRP_VALUE_MAX = 100000000 }; /* tenge */

struct mrp {
	struct row row; /* first: chains point at it */
	int64_t value;  /* tenge */
	int64_t year;
};

struct mrps {
	struct chain chains[MRP_PURPOSE_COUNT];
};

/* Gives the row read, for the register of ids. */
bool mrp_read(const struct node *n, const struct acts *acts, struct mrps *mrps,
	const struct row **row) MUST_USE;
bool mrps_close(struct mrps *mrps, struct err *err) MUST_USE;

#endif
