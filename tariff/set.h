/* SPDX-License-Identifier: Apache-2.0 */

/* set - what is inside a `struct tariff`: everything of all its files, sorted and linked. */
#ifndef ALYM_TARIFF_SET_H
#define ALYM_TARIFF_SET_H

#include "tariff/act.h"
#include "tariff/arena.h"
#include "tariff/beneficiary.h"
#include "tariff/country.h"
#include "tariff/exemption.h"
#include "tariff/list.h"
#include "tariff/mrp.h"
#include "tariff/phrase.h"
#include "tariff/service.h"
#include "tariff/tariff.h"

enum { SET_SERVICES_MAX = 1000, SET_ROWS_MAX = 100000 };

struct tariff {
	uint8_t digest[TARIFF_DIGEST_SIZE];
	struct arena *arena; /* holds all that follows */
	struct acts acts;
	struct countries countries;
	struct lists lists;
	struct mrps mrps;
	struct phrases phrases;
	struct exemptions exemptions;
	struct beneficiaries beneficiaries;
	struct service **services; /* sorted by code */
	size_t service_count;
	size_t service_capacity;
	const struct row **rows; /* every row, sorted by id */
	size_t row_count;
	size_t row_capacity;
};

/* Whose documents they are, and who frees them, is the caller's business. */
struct set_documents {
	xmlDoc *documents[TARIFF_FILES_MAX];
	const char *names[TARIFF_FILES_MAX];
	size_t count;
};

/* tariff_load(), once the files are read: gives the set they come to, to be freed with
 * tariff_free(). */
bool set_make(const struct set_documents *documents, const uint8_t digest[TARIFF_DIGEST_SIZE],
	struct tariff **tariff, struct err *err) MUST_USE;

/* NULL when there is none. */
const struct service *set_service(const struct tariff *tariff, struct text code);

#endif
