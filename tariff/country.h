/* SPDX-License-Identifier: Apache-2.0 */

/* country - which two letters are a country's by ISO 3166-1, and what a set calls it. */
#ifndef ALYM_TARIFF_COUNTRY_H
#define ALYM_TARIFF_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/text.h"
#include "tariff/node.h"

enum { COUNTRY_NUMBERS = 26 * 26 }; /* two capital letters */

struct country {
	struct text code;
	struct texts name;
	struct origin origin;
};

/* Those that a set names. */
struct countries {
	const struct country *countries[COUNTRY_NUMBERS]; /* by country_number(); or NULL */
};

/* An officially assigned alpha-2 code, in capitals. */
bool country_is_known(struct text code);

/* 0 for AA to COUNTRY_NUMBERS - 1 for ZZ; of known codes only. */
size_t country_number(struct text code);

bool country_read(const struct node *n, struct countries *all) MUST_USE;

/* NULL when the set does not name it; of known codes only. */
const struct country *country_find(const struct countries *all, struct text code);

#endif
