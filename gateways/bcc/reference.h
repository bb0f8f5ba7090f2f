/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reference - RRN and INT_REF, by which the bank finds a payment again: kept in the order's handle
 * as "RRN INT_REF", and of a hold as "RRN INT_REF 12": whatever the settings say by the time it is
 * taken, it is one.
 */
#ifndef ALYM_GATEWAYS_BCC_REFERENCE_H
#define ALYM_GATEWAYS_BCC_REFERENCE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"

enum { REFERENCE_MAX = 24 }; /* bytes of each; the bank's have 12 and 16 */

struct reference {
	struct text rrn;
	struct text int_ref;
	struct text hold; /* its TRTYPE, "0" or "12"; empty: it was taken at once */
};

/* RRN and INT_REF are 1 to REFERENCE_MAX letters and digits each. */
bool reference_is_fine(const struct reference *reference);

/* False when nothing of that form was remembered. */
bool reference_parse(struct text handle, struct reference *reference) MUST_USE;

#endif
