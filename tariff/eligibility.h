/* SPDX-License-Identifier: Apache-2.0 */

/*
 * eligibility - who may have what a service is paid for, so that nobody pays in vain.
 *
 * A service that is given by category (of visa) says for each category and day on which list of
 * countries the applicant's must stand.  A service without categories is given to anybody.
 */
#ifndef ALYM_TARIFF_ELIGIBILITY_H
#define ALYM_TARIFF_ELIGIBILITY_H

#include "tariff/list.h"
#include "tariff/quote.h"
#include "tariff/row.h"

enum { ELIGIBILITY_CATEGORIES_MAX = 24, ELIGIBILITY_CATEGORY_MAX = 8 /* bytes of a code */ };

/* The countries of the list may have those categories. */
struct eligibility {
	struct row row;
	struct text list_id;
	const struct list *list; /* once closed */
	struct node_list categories;
};

struct category {
	struct text code;
	struct texts name;
	struct chain rows; /* of struct eligibility, once closed */
	struct origin origin;
};

/* What a service says of eligibility. */
struct eligibilities {
	struct category categories[ELIGIBILITY_CATEGORIES_MAX]; /* in the order of the file */
	size_t category_count;
	struct eligibility **rows;
	size_t row_count;
	size_t row_capacity;
};

bool category_read(const struct node *n, struct eligibilities *e) MUST_USE;
bool eligibility_read(const struct node *n, const struct acts *acts, struct eligibilities *e,
	const struct row **row) MUST_USE;

/* Gives each category its rows, and each row its list; `service` is said in complaints. */
bool eligibilities_close(struct eligibilities *e, const struct lists *lists, struct text service,
	struct arena *arena, struct err *err) MUST_USE;

/* Some row names the list; once closed. */
bool eligibilities_name(const struct eligibilities *e, const struct list *list);

/*
 * Whether the request says what must be known: QUOTE_DONE and the category (NULL: the service has
 * none), or QUOTE_INVALID_FIELD.
 */
enum quote_result eligibility_ask(const struct eligibilities *e,
	const struct quote_request *request, const struct category **category,
	struct quote_refusal *refusal) MUST_USE;

/*
 * QUOTE_DONE and the row by which the applicant may have the category on that day, `valid`
 * narrowed to the row's days; or QUOTE_NOT_ELIGIBLE.
 */
enum quote_result eligibility_decide(const struct category *category,
	const struct quote_request *request, int32_t day, const struct eligibility **row,
	struct span *valid, struct quote_refusal *refusal) MUST_USE;

#endif
