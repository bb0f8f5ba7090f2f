/* SPDX-License-Identifier: Apache-2.0 */

/*
 * phrase - the sentences an explanation is made of, in every language, with {placeholders}.
 *
 * Which phrases there are and what may be put into each is this module's; the words are the set's.
 * All languages of a phrase name the same placeholders, so that none says less than another.
 */
#ifndef ALYM_TARIFF_PHRASE_H
#define ALYM_TARIFF_PHRASE_H

#include "tariff/node.h"

enum phrase_code {
	PHRASE_ACT_NUMBERED,
	PHRASE_AGE_NOT_STATED,
	PHRASE_BENEFICIARY,
	PHRASE_BENEFICIARY_INCOMPLETE,
	PHRASE_BENEFICIARY_UNKNOWN,
	PHRASE_BENEFICIARY_UNVERIFIED,
	PHRASE_BUDGET,
	PHRASE_BUDGET_UNVERIFIED,
	PHRASE_CITE_ARTICLE,
	PHRASE_CITE_ITEM,
	PHRASE_DUE,
	PHRASE_ELIGIBLE,
	PHRASE_EXCHANGE,
	PHRASE_LINE_MONEY,
	PHRASE_LINE_MRP,
	PHRASE_LINE_MRP_PERCENT,
	PHRASE_LINE_ZERO,
	PHRASE_QUANTITY,
	PHRASE_RATE_ABROAD,
	PHRASE_RATE_KAZAKHSTAN,
	PHRASE_RATE_YEARS,
	PHRASE_REASON_ACCEPTED,
	PHRASE_REASON_ALSO_APPLIES,
	PHRASE_REASON_BIRTH_DATE_MISSING,
	PHRASE_REASON_NATIONALITY_MISSING,
	PHRASE_REASON_NO_DOCUMENT,
	PHRASE_REASON_NO_RECIPROCITY,
	PHRASE_REASON_NO_TREATY,
	PHRASE_REASON_NOT_CLAIMED,
	PHRASE_REASON_NOT_IN_LIST,
	PHRASE_REASON_ONE_PERSON_ONLY,
	PHRASE_REASON_TOO_OLD,
	PHRASE_REFUND_IF_NOT_PERFORMED,
	PHRASE_REFUND_NEVER,
	PHRASE_REFUND_NOTHING_DUE,
	PHRASE_REFUND_UNKNOWN,
	PHRASE_REFUND_UNVERIFIED,
	PHRASE_REFUSED,
	PHRASE_RELIEF,
	PHRASE_ROUNDED,
	PHRASE_TERM,
	PHRASE_TERM_ASSUMED,
	PHRASE_TERM_SUSPENDED,
	PHRASE_TERM_UNKNOWN,
	PHRASE_TRAVEL_BEYOND_VALIDITY,
	PHRASE_UNVERIFIED,
	PHRASE_COUNT,
};

enum { PHRASE_HOLES_MAX = 8 };

/* What is put into the placeholder of that name. */
struct phrase_value {
	const char *name;
	struct text value;
};

struct phrases {
	struct texts texts[PHRASE_COUNT];
	struct origin origins[PHRASE_COUNT]; /* of those there are */
	int version; /* the newest calculation all of whose phrases there are */
};

bool phrase_read(const struct node *n, struct phrases *phrases) MUST_USE;

/* Every phrase of the first calculation is there; sets older than this program may lack newer. */
bool phrases_close(struct phrases *phrases, struct err *err) MUST_USE;

/* Every phrase of that version of the calculation is there. */
bool phrases_serve(const struct phrases *phrases, int version, struct err *err) MUST_USE;

/* The phrase in every language as JSON, if it has no placeholders; else empty. */
struct text phrase_fixed(const struct phrases *phrases, enum phrase_code code);

/* Adds the phrase with its placeholders filled; `values` has every one the phrase may name. */
void phrase_write(const struct phrases *phrases, enum phrase_code code, enum language language,
	const struct phrase_value *values, size_t count, struct buffer *out);

#endif
