/* SPDX-License-Identifier: Apache-2.0 */

/*
 * beneficiary - who receives the money of one budget code, at one place, from when.
 *
 * A duty to the local budget goes to the revenue office of the place of the action, one to the
 * republican budget to one office wherever it was.  The table is the operator's to complete; a
 * payment to a wrong BIN counts in law as erroneous, so what is not known is said, never guessed.
 */
#ifndef ALYM_TARIFF_BENEFICIARY_H
#define ALYM_TARIFF_BENEFICIARY_H

#include "tariff/row.h"

struct beneficiary {
	struct row row;
	struct texts name;
	struct text kbk; /* the budget code whose money it receives */
	struct text
		place; /* the KATO code, or its first digits: all of an area; empty: everywhere */
	struct text bin;
	struct text kno;  /* of the revenue office, or empty, as all that follow */
	struct text iban; /* without it nothing can be sent there */
	struct text bic;
	struct text kbe;
};

/* Every beneficiary of a set; sorted by budget code, place and day once closed. */
struct beneficiaries {
	struct beneficiary **rows;
	size_t count;
	size_t capacity;
};

bool beneficiary_read(const struct node *n, const struct acts *acts, struct beneficiaries *all,
	const struct row **row) MUST_USE;

/* Refuses two for one budget code, place and day. */
bool beneficiaries_close(struct beneficiaries *all, struct err *err) MUST_USE;

/*
 * Of the narrowest area that has the place; the place may be empty.  NULL when there is none.
 * `valid`, which has the day, is narrowed to the days on which the same is found.
 */
const struct beneficiary *beneficiary_find(const struct beneficiaries *all, struct text kbk,
	struct text place, int32_t day, struct span *valid);

#endif
